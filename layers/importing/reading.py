"""Reads an opened file in batches: attributes as they stand, geometry in EPSG:4326, memory flat."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from layers.crs import GEOGRAPHIC
from layers.errors import InvalidInput
from layers.importing.coordinates import Geometries, Plan, is_on_earth
from layers.importing.findings import Code, Findings
from layers.importing.formats import KINDS, Format
from layers.importing.opening import Source

BATCH_ROWS = 20_000
MOST_VERTICES = 1_000_000
"""Of one geometry. The coast of a country has fewer; more would stop every map that draws it."""
FORMATS = ", ".join(Format)


@dataclass(frozen=True)
class Options:
    """How a file is to be read, where it does not say or lies."""

    layer: str = ""
    srid: int | None = None
    encoding: str = ""
    longitude: str = ""
    latitude: str = ""
    wkt: str = ""
    is_swapped: bool = False


@dataclass(frozen=True)
class Piece:
    """Some rows of a file as they stand in it, and the number (from 0) of the first."""

    start: int
    attributes: pa.Table
    geometry: Geometries


@dataclass(frozen=True)
class Stream:
    """A layer of a file as it is read: its columns, what it says of itself, its rows."""

    schema: pa.Schema
    said: Any
    pieces: Iterator[Piece]


def layers_of(source: Source) -> list[str]:
    """Return the names of the layers in a file; one that knows none has one of its own name."""
    if not KINDS[source.format].driver:
        return [source.path.stem]
    return [str(name) for name, _ in pyogrio.list_layers(source.address)]


def chosen_layer(source: Source, options: Options) -> str | None:
    """Return which layer of the file is meant.

    Raises
    ------
    InvalidInput
        When the file has several and none was chosen, or the chosen one is not there.
    """
    present = layers_of(source)
    if options.layer and options.layer not in present:
        message = (
            f"{source.name} has no layer {options.layer!r}. Its layers are: {', '.join(present)}."
        )
        raise InvalidInput(message, field="layer")
    if not options.layer and len(present) > 1:
        message = (
            f"{source.name} holds {len(present)} layers ({', '.join(present)}). Choose one, for "
            f"example --layer {present[0]!r}."
        )
        raise InvalidInput(message, field="layer")
    return options.layer or None


@contextmanager
def streaming(
    source: Source, options: Options, columns: Sequence[str] | None = None
) -> Iterator[Stream]:
    """Yield a layer of a file, whose rows are read as they are asked for.

    Parameters
    ----------
    source, options
        The opened file and how it is read.
    columns
        Which attributes; None takes all.

    Raises
    ------
    InvalidInput
        When the file cannot be read, or has no such layer or column.
    """
    try:
        with pyogrio.raw.open_arrow(
            source.address,
            layer=chosen_layer(source, options),
            columns=None if columns is None else sorted(set(columns)),
            encoding=source.encoding or None,
            batch_size=BATCH_ROWS,
            use_pyarrow=True,
        ) as (meta, reader):
            geometry = meta["geometry_name"] or "wkb_geometry"
            schema = pa.schema([f for f in reader.schema if f.name != geometry])
            yield Stream(schema, meta["crs"], _pieces(reader, geometry))
    except (DataSourceError, DataLayerError, pa.ArrowException) as error:
        message = f"{source.name} could not be read: {error}. Open and save it again, as {FORMATS}."
        raise InvalidInput(message, field="file") from error


def _pieces(reader: Any, geometry: str) -> Iterator[Piece]:
    start = 0
    for batch in reader:
        rows = pa.Table.from_batches([batch])
        if geometry in rows.column_names:
            places = shapely.from_wkb(
                rows.column(geometry).to_numpy(zero_copy_only=False), on_invalid="fix"
            )
            rows = rows.drop_columns([geometry])
        else:
            places = np.full(rows.num_rows, None, dtype=object)
        yield Piece(start, rows, places)
        start += rows.num_rows


def batches(
    source: Source, options: Options, plan: Plan, columns: Sequence[str] | None = None
) -> Iterator[gpd.GeoDataFrame]:
    """Yield the rows of a file as frames in EPSG:4326, indexed by their number in it (from 0).

    Geometries are flat and their rings valid; a row without a usable one keeps its attributes.

    Raises
    ------
    InvalidInput
        When the file cannot be read, or a geometry has more than `MOST_VERTICES`.
    """
    with streaming(source, options, columns) as stream:
        for piece in stream.pieces:
            yield frame_of(source, piece, cleaned(source, piece, plan, Findings()))


def frame_of(_source: Source, piece: Piece, geometry: Geometries) -> gpd.GeoDataFrame:
    """Return rows as a frame; columns keep the file's types, missing values stay missing."""
    attributes = piece.attributes.to_pandas(types_mapper=pd.ArrowDtype)
    attributes.index = pd.RangeIndex(piece.start, piece.start + len(attributes))
    return gpd.GeoDataFrame(attributes, geometry=geometry, crs=GEOGRAPHIC)


def cleaned(source: Source, piece: Piece, plan: Plan, findings: Findings) -> Geometries:
    """Return the geometries of some rows as they are stored, counting what had to be done.

    Raises
    ------
    InvalidInput
        When a geometry has more than `MOST_VERTICES`.
    """
    shapes = piece.geometry
    vertices = shapely.get_num_coordinates(shapes)
    if len(vertices) and vertices.max() > MOST_VERTICES:
        row = int(vertices.argmax())
        message = (
            f"Row {piece.start + row + 1} of {source.name} has a geometry of {vertices[row]:,} "
            f"vertices; at most {MOST_VERTICES:,} are taken. Simplify it, or cut it into parts."
        )
        raise InvalidInput(message, field="geometry")
    lifted = shapely.has_z(shapes) | shapely.has_m(shapes)
    findings.add(
        Code.Z_OR_M, int(lifted.sum()), "{count} geometries had heights or measures, left out"
    )
    shapes = plan.placed(shapely.force_2d(shapes))
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    lost = there & ~is_on_earth(shapes)
    findings.add(
        Code.OFF_EARTH,
        int(lost.sum()),
        "{count} rows have coordinates that are on no map and count as without geometry",
    )
    shapes[lost | ~there] = None
    findings.add(Code.NO_GEOMETRY, int((~there).sum()), "{count} rows have no geometry")
    broken = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_valid(shapes))
    shapes[broken] = shapely.make_valid(shapes[broken])
    findings.add(Code.INVALID, len(broken), "{count} had invalid rings, which were mended")
    return shapes
