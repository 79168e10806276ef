"""Data sets: a typed table and its row, both or neither."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import shapely
from django.db import connection

from layers import datasets, features, registry, tiles
from layers.access import ANONYMOUS, Viewer
from layers.datasets import Column, NewDataset
from layers.errors import Conflict, InvalidInput, NotFound
from layers.models import Dataset
from tests.database.conftest import frame

pytestmark = pytest.mark.django_db

PLANNER = Viewer(roles=frozenset({"planner"}))
COLUMNS = (
    Column("name", "Name", "string"),
    Column("n", "Number", "integer"),
    Column("share", "Share", "number"),
    Column("is_new", "New", "boolean"),
    Column("since", "Since", "datetime"),
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def new(slug: str = "boxes", **changes) -> NewDataset:
    described = {
        "slug": slug,
        "title": "Boxes",
        "origin": Dataset.Origin.RESULTS,
        "columns": COLUMNS,
        "geometry_type": "polygon",
    }
    return NewDataset(**(described | changes))


def boxes(geometry=None):
    return frame(
        name=["tab\there", None],
        n=[7, 8],
        share=[0.25, np.nan],
        is_new=[True, False],
        since=[pd.Timestamp(NOON), pd.NaT],
        geometry=geometry or [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    )


def tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'results'")
        return {name for (name,) in cursor.fetchall()}


def test_values_come_back_with_their_types_and_what_is_missing_stays_missing():
    datasets.create(new(), boxes())
    first, second = features.read(registry.resolve("boxes", PLANNER), PLANNER).to_dict("records")
    assert (first["name"], first["n"], first["share"], first["is_new"]) == (
        "tab\there",
        7,
        0.25,
        True,
    )
    assert first["since"] == NOON
    assert first["geometry"].equals(shapely.box(0, 0, 1, 1))
    assert (second["n"], second["is_new"]) == (8, False)
    assert pd.isna(second["name"])
    assert pd.isna(second["share"])
    assert pd.isna(second["since"])


def test_a_tile_is_cut_from_its_indexed_twin():
    row = datasets.create(new(), boxes())
    layer = registry.resolve("boxes", PLANNER)
    assert b"boxes" in tiles.tile(layer, PLANNER, (0, 0, 0), {})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexdef LIKE %s",
            [row.table_name, "%gist (geometry_3857)%"],
        )
        assert cursor.fetchone() is not None


def test_a_row_without_a_geometry_is_kept_and_on_no_map():
    row = datasets.create(new(), boxes([shapely.box(0, 0, 1, 1), None]))
    read = features.read(registry.resolve("boxes", PLANNER), PLANNER)
    assert row.feature_count == 2
    assert read.geometry.isna().tolist() == [False, True]


def test_the_tables_name_is_no_text_of_a_user():
    row = datasets.create(new('boxes"; DROP TABLE layers_city'), boxes())
    assert tables() == {row.table_name}
    assert row.table_name.isalnum()


def test_a_slug_is_taken_once():
    datasets.create(new(), boxes())
    with pytest.raises(Conflict, match="boxes"):
        datasets.create(new(), boxes())


def test_it_refuses_geometries_of_several_types():
    mixed = boxes([shapely.box(0, 0, 1, 1), shapely.Point(0, 0)])
    with pytest.raises(InvalidInput, match="Point and Polygon"):
        datasets.create(new(), mixed)
    assert tables() == set()


def test_it_refuses_a_column_that_every_data_set_has():
    with pytest.raises(InvalidInput, match="geometry_3857"):
        datasets.create(new(columns=[Column("geometry_3857", "Mine", "string")]), boxes())


def test_nothing_is_left_when_it_is_stopped_half_way(monkeypatch):
    monkeypatch.setattr(datasets, "BATCH", 1)

    def stop(share: float) -> None:
        if share > 0:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        datasets.create(new(), boxes(), stop)
    assert tables() == set()
    assert not Dataset.objects.exists()


def test_dropping_removes_the_table_and_the_layer():
    datasets.drop(datasets.create(new(), boxes()))
    assert tables() == set()
    with pytest.raises(NotFound):
        registry.resolve("boxes", PLANNER)


def test_only_its_audience_finds_it():
    datasets.create(new(), boxes())
    with pytest.raises(NotFound):
        registry.resolve("boxes", ANONYMOUS)
    with pytest.raises(NotFound):
        registry.resolve("boxes", Viewer(roles=frozenset({"staff", "crew"})))
    assert registry.resolve("boxes", Viewer(roles=frozenset({"administrator"}))).title == "Boxes"
