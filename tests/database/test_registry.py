"""Layers by their slug: who may know of them, and that an import makes one without a restart."""

import geopandas as gpd
import pytest
import shapely

from geo.viewer import viewer_of
from layers import datasets, registry
from layers.access import ANONYMOUS, Viewer
from layers.datasets import Column, NewDataset
from layers.errors import NotFound
from layers.importing.load import load_areas
from layers.models import AreaKind, Dataset
from tests.database.conftest import SOURCE, frame

PLACES = gpd.GeoDataFrame(
    {"name": ["Spot"]}, geometry=[shapely.box(0, 0, 0.01, 0.01)], crs="EPSG:4326"
)


def make_dataset(slug: str, audience: str) -> Dataset:
    """Make a real data set: its row and its typed table."""
    return datasets.create(
        NewDataset(
            slug=slug,
            title=f"The set {slug}",
            origin=Dataset.Origin.RESULTS,
            columns=[Column("name", "Name", "string")],
            geometry_type="polygon",
            audience=audience,
        ),
        PLACES,
    )


def test_the_layers_of_the_code_are_there(small_city):
    slugs = {layer.slug for layer in registry.visible(ANONYMOUS)}
    assert {"reports", "streets", "areas-ward", "areas-zone"} <= slugs
    assert not {"incidents", "addresses"} & slugs


def test_a_new_kind_of_area_is_a_layer_with_its_first_area(small_city):
    parish = AreaKind.objects.create(slug="parish", title="Parish", title_plural="Parishes")
    with pytest.raises(NotFound):
        registry.resolve("areas-parish", ANONYMOUS)
    only = frame(code=["1"], name=["Only"], geometry=[shapely.box(0, 0, 1, 1)])
    load_areas(only, parish, SOURCE)
    assert registry.resolve("areas-parish", ANONYMOUS).title == "Parishes"


def test_a_data_set_is_a_layer_at_once_and_gone_with_its_row(small_city):
    row = make_dataset("hot-spots", Dataset.Audience.PUBLIC)
    layer = registry.resolve("hot-spots", ANONYMOUS)
    assert [field.name for field in layer.fields] == ["name"]
    datasets.drop(row)
    with pytest.raises(NotFound):
        registry.resolve("hot-spots", ANONYMOUS)


@pytest.mark.parametrize(
    ("audience", "allowed"),
    [
        ("public", {"nobody", "citizen", "roads_west", "planner", "administrator"}),
        ("staff", {"roads_west", "planner", "administrator"}),
        ("planners", {"planner", "administrator"}),
    ],
)
def test_each_audience_sees_its_data_sets_alone(people, audience, allowed):
    make_dataset("set", audience)
    who = ("citizen", "roads_west", "planner", "administrator")
    viewers = {"nobody": ANONYMOUS, **{name: people.viewer(name) for name in who}}
    seen = set()
    for name, viewer in viewers.items():
        listed = "set" in {layer.slug for layer in registry.visible(viewer)}
        try:
            registry.resolve("set", viewer)
        except NotFound:
            assert not listed
        else:
            assert listed
            seen.add(name)
    assert seen == allowed


def test_a_hidden_layer_and_a_missing_one_are_told_apart_by_nobody(small_city):
    make_dataset("secret", Dataset.Audience.PLANNERS)
    with pytest.raises(NotFound, match=r"There is no layer called “secret”"):
        registry.resolve("secret", ANONYMOUS)
    with pytest.raises(NotFound, match=r"There is no layer called “other”"):
        registry.resolve("other", ANONYMOUS)


def test_code_comes_before_rows_of_the_same_slug(small_city):
    make_dataset("incidents", Dataset.Audience.PUBLIC)
    crew = Viewer(1, frozenset({"crew", "staff"}))
    assert registry.resolve("incidents", crew).title == "Your incidents"


def test_a_layer_cannot_be_declared_twice(small_city):
    layer = registry.resolve("reports", ANONYMOUS)
    with pytest.raises(ValueError, match="'reports' is declared twice"):
        registry.register(layer)


def test_a_role_alone_makes_staff_and_a_duty_makes_a_crew_member(people):
    assert viewer_of(people.planner).roles == {"planner", "staff"}
    assert viewer_of(people.roads_west).roles == {"crew", "staff"}
    assert viewer_of(people.dispatcher).roles == {"dispatcher", "crew", "staff"}
    assert viewer_of(people.citizen).roles == frozenset()
