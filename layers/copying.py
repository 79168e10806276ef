"""Rows into a table and columns out of a layer by COPY: one pass, nothing row by row in Python."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from django.db import connection
from psycopg import sql
from pyarrow import csv

from layers.access import Viewer, acting_as
from layers.crs import GEOGRAPHIC
from layers.features import EVERYWHERE
from layers.registry import Layer
from layers.tiles import TRUE

BINARY_HEADER_BYTES = 19
"""Signature (11), flags (4) and length of the extension area (4), which PostgreSQL leaves empty."""
BINARY_TRAILER_BYTES = 2
POSTGRES_EPOCH = np.datetime64("2000-01-01T00:00:00", "us")


def ewkb(geometry: Any) -> list[str]:
    """Return geometries (array, EPSG:4326) as hexadecimal EWKB; None stays None."""
    placed = shapely.set_srid(shapely.force_2d(geometry), GEOGRAPHIC)
    return list(shapely.to_wkb(placed, hex=True, include_srid=True))


def _flat_wkb(geometry: Any) -> Any:
    """Return geometries as hexadecimal WKB without an SRID, which a typed column adds itself."""
    return shapely.to_wkb(np.asarray(geometry, dtype=object), hex=True, output_dimension=2)


def write(table: sql.Composable, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table; generated columns fill themselves."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        table, sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


ARROW_TYPES: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", "UTC"),
}
"""How a column of each type that a data set may have is handed over."""
WITHOUT_HEADER = csv.WriteOptions(include_header=False)


def write_frame(table: sql.Composable, columns: Mapping[str, str], frame: gpd.GeoDataFrame) -> None:
    """Append a frame to a table that has its columns and ``geometry``, as whole columns at once.

    Parameters
    ----------
    table
        Where to.
    columns
        The type (of `ARROW_TYPES`) of each column but the geometry, by name.
    frame
        In EPSG:4326; missing values become NULL.

    Raises
    ------
    pyarrow.ArrowException
        When a value is not of its column's type.
    """
    arrays = [
        pa.array(frame[name], from_pandas=True).cast(ARROW_TYPES[type_])
        for name, type_ in columns.items()
    ]
    rows = pa.table(
        [*arrays, pa.array(_flat_wkb(frame.geometry.array), pa.string())], [*columns, "geometry"]
    )
    text = pa.BufferOutputStream()
    csv.write_csv(rows, text, WITHOUT_HEADER)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        table, sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(text.getvalue().to_pybytes())


def read(
    layer: Layer,
    viewer: Viewer,
    columns: Mapping[str, tuple[sql.Composable, str]],
    filters: Mapping[str, str] | None = None,
) -> npt.NDArray[np.void]:
    """Read columns of fixed width from every feature of a layer that passes the filters.

    Parameters
    ----------
    layer, viewer, filters
        As for `layers.features.read`.
    columns
        By name: SQL over the relation's alias ``t`` that is never NULL, and its big-endian NumPy
        type: ``>f8`` for double precision, ``>i8`` for bigint and (as microseconds since
        `POSTGRES_EPOCH`) for timestamptz, ``?`` for boolean.

    Returns
    -------
    Structured array with one field a column, in no particular order.

    Raises
    ------
    InvalidInput
        When a filter is not understood.
    """
    condition = layer.condition(filters or {}) if layer.condition else TRUE
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT (FORMAT BINARY)").format(
        sql.SQL(", ").join(expression for expression, _ in columns.values()),
        layer.relation(EVERYWHERE),
        condition,
    )
    with acting_as(viewer), connection.cursor() as cursor, cursor.copy(query) as copy:
        received = b"".join(copy)
    # Each row is a count of fields, then for each field its length and its bytes.
    layout: list[tuple[str, str]] = [("field count", ">i2")]
    for name, (_, type_) in columns.items():
        layout += [(f"length of {name}", ">i4"), (name, type_)]
    record = np.dtype(layout)
    body = len(received) - BINARY_HEADER_BYTES - BINARY_TRAILER_BYTES
    rows = np.frombuffer(received, record, body // record.itemsize, BINARY_HEADER_BYTES)
    return rows[list(columns)]
