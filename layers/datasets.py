"""Makes and removes data sets: a typed table and the row that describes it, both or neither."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
from django.db import connection, transaction
from psycopg import sql

from layers import copying
from layers.errors import Conflict, InvalidInput
from layers.models import Dataset

SQL_TYPES: Mapping[str, str] = {
    "string": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "datetime": "timestamptz",
}
SQL_GEOMETRIES: Mapping[str, tuple[str, ...]] = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
BATCH = 20_000
OWN_COLUMNS = {"fid", "geometry", "geometry_3857"}


@dataclass(frozen=True)
class Column:
    """A column of a data set: what it is called, how people call it, and its type."""

    name: str
    title: str
    type: str


@dataclass(frozen=True)
class NewDataset:
    """What describes a data set before it is stored."""

    slug: str
    title: str
    origin: str
    columns: Sequence[Column]
    geometry_type: str
    description: str = ""
    style: Mapping[str, Any] = field(default_factory=dict)
    audience: str = Dataset.Audience.PLANNERS
    licence: str = ""
    attribution: str = ""
    owner_id: int | None = None


def create(
    new: NewDataset, frame: gpd.GeoDataFrame, watch: Callable[[float], None] | None = None
) -> Dataset:
    """Store the features of a frame (EPSG:4326) as a typed table and describe it by a row.

    A row may have no geometry; it is then on no map. Missing values become NULL.

    Parameters
    ----------
    new, frame
        The description and the features; the frame has the columns that `new` names.
    watch
        Called with the share of rows written; what it raises undoes everything.

    Raises
    ------
    Conflict
        When there is a data set of this slug already.
    InvalidInput
        When the frame's geometries are of another type than announced, or of several.
    """
    if Dataset.objects.filter(slug=new.slug).exists():
        message = f"There is a data set called {new.slug!r} already; choose another name."
        raise Conflict(message, field="slug")
    with transaction.atomic():
        row = Dataset(
            slug=new.slug,
            title=new.title,
            description=new.description,
            origin=new.origin,
            table_name=f"d{secrets.token_hex(8)}",
            geometry_type=new.geometry_type,
            fields=[{"name": c.name, "title": c.title, "type": c.type} for c in new.columns],
            style=dict(new.style),
            audience=new.audience,
            licence=new.licence,
            attribution=new.attribution,
            feature_count=len(frame),
            owner_id=new.owner_id,
        )
        table = table_of(row)
        _make_table(table, new.columns, _geometry_of(new, frame))
        columns = [*(c.name for c in new.columns), "geometry"]
        for start in range(0, len(frame), BATCH):
            if watch:
                watch(start / len(frame))
            copying.write(table, columns, _rows(frame[start : start + BATCH], new.columns))
        _index(row)
        row.save()
    return row


def drop(row: Dataset) -> None:
    """Remove a data set: its table and its row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE {}").format(table_of(row)))
        row.delete()


def table_of(row: Dataset) -> sql.Identifier:
    """Return the name of a data set's table, with its schema."""
    return sql.Identifier(row.origin, row.table_name)


def _geometry_of(new: NewDataset, frame: gpd.GeoDataFrame) -> str:
    """Return the one geometry type of the frame, as PostGIS names it."""
    allowed = SQL_GEOMETRIES[new.geometry_type]
    found: list[str] = sorted(set(frame.geom_type.dropna())) or [allowed[0]]
    if len(found) > 1 or found[0] not in allowed:
        message = (
            f"{new.title!r} holds {' and '.join(found)}; a layer of type {new.geometry_type} "
            f"takes either {' or '.join(allowed)}."
        )
        raise InvalidInput(message, field="geometry")
    return found[0]


def _make_table(table: sql.Identifier, columns: Sequence[Column], geometry: str) -> None:
    if taken := OWN_COLUMNS & {column.name for column in columns}:
        message = f"The column {min(taken)!r} is every data set's own; rename it."
        raise InvalidInput(message, field=min(taken))
    typed = [
        sql.SQL("{} {}").format(sql.Identifier(c.name), sql.SQL(SQL_TYPES[c.type])) for c in columns
    ]
    statement = sql.SQL(
        "CREATE TABLE {table} (fid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "{columns}, geometry geometry({geometry}, 4326), geometry_3857 geometry({geometry}, 3857) "
        "GENERATED ALWAYS AS (ST_Transform(geometry, 3857)) STORED)"
    ).format(table=table, columns=sql.SQL(", ").join(typed), geometry=sql.SQL(geometry))
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _rows(frame: gpd.GeoDataFrame, columns: Sequence[Column]) -> Iterator[Sequence[Any]]:
    values = [_values(frame[column.name]) for column in columns]
    return zip(*values, copying.ewkb(frame.geometry.array), strict=True)


def _values(series: "pd.Series[Any]") -> list[Any]:
    """Return a column as Python's own values, None for what is missing."""
    return series.astype(object).where(series.notna(), None).tolist()


def _index(row: Dataset) -> None:
    """Index after the rows came, and tell the planner what is there."""
    table = table_of(row)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE INDEX {} ON {} USING gist (geometry_3857)").format(
                sql.Identifier(f"{row.table_name}_3857"), table
            )
        )
        cursor.execute(sql.SQL("ANALYZE {}").format(table))
