"""Makes and removes data sets: a typed table and the row that describes it, both or neither."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
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
    "date": "date",
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
    expected: int = 0
    """How many features will come, where that is known: for who shows how far it is."""
    is_multi: bool | None = None
    """Whether one may have several parts; None: lines and polygons may, points may not."""


Watch = Callable[[float, str], None]
"""Called with the share that is done and what is being done; what it raises undoes everything."""


def unwatched(_share: float, _what: str) -> None:
    """Show nobody how far it is."""


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
    described = replace_fields(new, expected=len(frame))
    pieces = (frame[start : start + BATCH] for start in range(0, len(frame), BATCH))
    with transaction.atomic():
        row = _described(described, Dataset())
        _fill(
            row,
            described,
            _geometry_of(new, frame),
            pieces,
            (lambda share, _what: watch(share)) if watch else unwatched,
        )
        row.save()
    return row


def replace(
    new: NewDataset, frames: Iterable[gpd.GeoDataFrame], watch: Watch = unwatched
) -> Dataset:
    """Store features that stream by as a data set, in the place of one of the same slug.

    The new table is filled beside the old one, and the row turns to it when all is there, in one
    transaction: readers see the old or the new, never half. The old table stays for who reads it
    still; `drop_table` removes it.

    Parameters
    ----------
    new
        What describes it. A slug that a study's result has is refused.
    frames
        In EPSG:4326, with the columns that `new` names; single geometries become multiple ones
        where `new` says that there may be several parts.
    watch
        Called between frames.

    Raises
    ------
    Conflict
        When the slug is that of another kind of layer.
    InvalidInput
        When a geometry is of another type than announced, or a value does not fit its column.
    """
    old = Dataset.objects.select_for_update().filter(slug=new.slug)
    with transaction.atomic():
        row = old.first() or Dataset()
        if row.pk and row.origin != new.origin:
            message = (
                f"There is a layer called {new.slug!r} already, which is no import; choose "
                "another name."
            )
            raise Conflict(message, field="slug")
        _described(new, row)
        is_multi = new.geometry_type != "point" if new.is_multi is None else new.is_multi
        _fill(row, new, SQL_GEOMETRIES[new.geometry_type][is_multi], frames, watch)
        row.save()
    return row


def _described(new: NewDataset, row: Dataset) -> Dataset:
    """Bring a row up to what describes the new data set, with a table name of its own."""
    row.slug, row.title, row.description = new.slug, new.title, new.description
    row.origin, row.geometry_type = new.origin, new.geometry_type
    row.table_name = f"d{secrets.token_hex(8)}"
    row.fields = [{"name": c.name, "title": c.title, "type": c.type} for c in new.columns]
    row.style, row.audience = dict(new.style), new.audience
    row.licence, row.attribution = new.licence, new.attribution
    row.owner_id = new.owner_id
    return row


def _fill(
    row: Dataset,
    new: NewDataset,
    geometry: str,
    frames: Iterable[gpd.GeoDataFrame],
    watch: Watch,
) -> None:
    """Make the table of a row and bring the features in; index after they came."""
    table = table_of(row)
    _make_table(table, new.columns, geometry)
    columns = {column.name: column.type for column in new.columns}
    row.feature_count = 0
    for frame in frames:
        watch(row.feature_count / max(new.expected, row.feature_count, 1), "Storing")
        copying.write_frame(table, columns, _promoted(new, geometry, frame))
        row.feature_count += len(frame)
    watch(1.0, "Indexing")
    _index(row)


MULTI: Mapping[str, Callable[..., Any]] = {
    "MultiPoint": shapely.multipoints,
    "MultiLineString": shapely.multilinestrings,
    "MultiPolygon": shapely.multipolygons,
}


def _promoted(new: NewDataset, geometry: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with geometries of the one type that the table holds."""
    found = frame.geom_type
    other = frame[found.notna() & (found != geometry)]
    if other.empty:
        return frame
    single = geometry.removeprefix("Multi")
    if geometry not in MULTI or set(other.geom_type) != {single}:
        message = (
            f"{new.title!r} holds {' and '.join(sorted(set(found.dropna())))}; a layer of type "
            f"{new.geometry_type} takes {geometry} here."
        )
        raise InvalidInput(message, field="geometry")
    shapes = np.array(frame.geometry.array, dtype=object)
    singles = np.flatnonzero(found == single)
    shapes[singles] = MULTI[geometry](shapes[singles], indices=np.arange(len(singles)))
    return frame.set_geometry(shapes, crs=frame.crs)


def drop(row: Dataset) -> None:
    """Remove a data set: its table and its row."""
    with transaction.atomic():
        drop_table(table_of(row))
        row.delete()


def drop_table(table: sql.Identifier) -> None:
    """Remove a table that a data set had."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))


def table_of(row: Dataset) -> sql.Identifier:
    """Return the name of a data set's table, with its schema."""
    return sql.Identifier(row.origin, row.table_name)


def imported_table(name: str) -> sql.Identifier:
    """Return the name of a table that an imported data set had before."""
    return sql.Identifier(Dataset.Origin.IMPORTED, name)


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
        sql.SQL("{} {}, ").format(sql.Identifier(c.name), sql.SQL(SQL_TYPES[c.type]))
        for c in columns
    ]
    statement = sql.SQL(
        "CREATE TABLE {table} (fid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "{columns} geometry geometry({geometry}, 4326), geometry_3857 geometry({geometry}, 3857) "
        "GENERATED ALWAYS AS (ST_Transform(geometry, 3857)) STORED)"
    ).format(table=table, columns=sql.SQL("").join(typed), geometry=sql.SQL(geometry))
    with connection.cursor() as cursor:
        cursor.execute(statement)


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
