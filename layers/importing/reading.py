"""Reads an opened file in batches: attributes as they stand, geometry in EPSG:4326, memory flat."""

import json
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyarrow import parquet
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from layers.crs import GEOGRAPHIC
from layers.errors import InvalidInput
from layers.importing import attributes, tables
from layers.importing.cleaning import cleaned
from layers.importing.coordinates import Geometries, Plan
from layers.importing.findings import Code, Findings
from layers.importing.formats import KINDS, Format
from layers.importing.limits import limits
from layers.importing.opening import Source

BATCH_ROWS = 20_000
OGR_ERRORS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)


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
    """Latitude stands before longitude."""
    is_inside_only: bool = False
    """Rows that lie far outside the city stay out."""


@dataclass(frozen=True)
class Piece:
    """Some rows of a file as they stand in it, and the number (from 0) of the first."""

    start: int
    attributes: pa.Table
    geometry: Geometries


@dataclass(frozen=True)
class Stream:
    """A layer of a file as it is read: its columns, what it says of its system, its rows."""

    schema: pa.Schema
    said: Any
    pieces: Iterator[Piece]
    is_text: bool = False
    """All values are text, as a CSV has them; `attributes.Guesses` finds their types."""


def layers_of(source: Source) -> list[str]:
    """Return the names of the layers in a file; one that knows none has one of its own name.

    Raises
    ------
    InvalidInput
        When the file cannot be read.
    """
    if not KINDS[source.format].driver:
        return [source.path.stem]
    with _explained(source):
        names = [str(name) for name, _ in pyogrio.list_layers(source.address)]
    return [source.path.stem] if names == [source.place.stem] else names


def chosen_layer(source: Source, options: Options) -> str | None:
    """Return which layer of the file is meant; None is its only one.

    Without a choice it is the one that has rows with places, if there is only one.

    Raises
    ------
    InvalidInput
        When the file has several and none was chosen, or the chosen one is not there.
    """
    present = layers_of(source)
    if not present:
        message = f"{source.name} has no layer that can be read. It is damaged: fetch it again."
        raise InvalidInput(message, field="file")
    if options.layer and options.layer not in present:
        message = (
            f"{source.name} has no layer {options.layer!r}. Its layers are: {', '.join(present)}."
        )
        raise InvalidInput(message, field="layer")
    if len(present) == 1:
        return None
    if options.layer:
        return options.layer
    if len(filled := _filled_layers(source)) == 1:
        return filled[0]
    message = (
        f"{source.name} holds {len(present)} layers ({', '.join(present)}). Choose one, for "
        f"example --layer {(filled or present)[0]!r}."
    )
    raise InvalidInput(message, field="layer")


def _filled_layers(source: Source) -> list[str]:
    """Return the layers that have a geometry and rows."""
    with _explained(source):
        return [
            str(name)
            for name, geometry_type in pyogrio.list_layers(source.address)
            if geometry_type is not None
            and pyogrio.read_info(source.address, layer=name, force_feature_count=True)["features"]
        ]


@contextmanager
def streaming(
    source: Source,
    options: Options,
    columns: Sequence[str] | None = None,
    findings: Findings | None = None,
) -> Iterator[Stream]:
    """Yield a layer of a file, whose rows are read as they are asked for.

    Parameters
    ----------
    source, options
        The opened file and how it is read.
    columns
        Which attributes; None takes all.
    findings
        Where to note what is odd about the columns.

    Raises
    ------
    InvalidInput
        When the file cannot be read, or has no such layer or column.
    """
    noted = Findings() if findings is None else findings
    reader = {Format.CSV: _csv, Format.PARQUET: _parquet}.get(source.format, _ogr)
    with _explained(source), reader(source, options, columns, noted) as stream:
        yield stream


@contextmanager
def _explained(source: Source) -> Iterator[None]:
    """Say what a reader of files could not do; quieten what it mutters meanwhile."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            yield
    except (*OGR_ERRORS, pa.ArrowException, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # The computer's own, such as a full disk: pyarrow's have no number.
        reason = _reason(error, source)
        kind = "whole GeoJSON" if source.format == Format.GEOJSON else f"whole {source.format}"
        message = f"{source.name} is no {kind}: {reason}. Fetch it again, or save it anew."
        raise InvalidInput(message, field="file") from error


NO_REASON = re.compile(r"; It might help.*|Error occurred in .*|.*not recognized as being in a.*")


def _reason(error: BaseException, source: Source) -> str:
    """Return what a reader says, without what means something to its programmers alone."""
    said = " ".join(str(error).replace(str(source.place), source.name).split())
    return NO_REASON.sub("", said).rstrip(".") or "nothing in it can be read"


def check_columns(source: Source, present: Sequence[str], wanted: Sequence[str]) -> None:
    """Raise `InvalidInput` for a wanted column that the file does not have."""
    for column in wanted:
        if column not in present:
            message = (
                f"{source.name} has no column {column!r}. Its columns are: "
                f"{', '.join(present) or 'none'}."
            )
            raise InvalidInput(message, field="columns")


# ---- what GDAL reads ----


@contextmanager
def _ogr(
    source: Source, options: Options, columns: Sequence[str] | None, findings: Findings
) -> Iterator[Stream]:
    layer = chosen_layer(source, options)
    try:
        info = pyogrio.read_info(
            source.address, layer=layer, encoding=source.encoding or None, **_opening(source)
        )
    except UnboundLocalError as error:  # The reader's own mistake.
        message = "the name of its coordinate system is no UTF-8"
        raise DataSourceError(message) from error
    called = [str(name) for name in info["fields"]]
    present = _each_once(source, called, findings)
    check_columns(source, present, columns or ())
    has_places = info["geometry_type"] is not None
    held = None if has_places else _held(source, options, present)
    wanted = present if columns is None else [c for c in present if c in columns]
    read = {*wanted, *((held.x, held.y, held.wkt) if held else ())} - {""}
    # Columns of one name are read all or none.
    asked = {name for name, title in zip(called, present, strict=True) if title in read}
    names = [title for name, title in zip(called, present, strict=True) if name in asked]
    with pyogrio.raw.open_arrow(
        source.address,
        layer=layer,
        columns=[name for name in called if name in asked],
        encoding=source.encoding or None,
        batch_size=BATCH_ROWS,
        use_pyarrow=True,
        **_opening(source),
    ) as (meta, reader):
        # The geometry comes last; its name may be an attribute's as well.
        last = len(reader.schema) - 1
        names += reader.schema.names[len(names) :]
        schema = pa.schema(
            [field.with_name(name) for field, name in zip(reader.schema, names, strict=True)]
        )
        tables_ = (pa.Table.from_batches([batch]).rename_columns(names) for batch in reader)
        rows = (_Rows.of(table, last if has_places else None) for table in tables_)
        yield _stream(source, schema, rows, wanted, held, meta["crs"], findings)


def _each_once(source: Source, called: Sequence[str], findings: Findings) -> list[str]:
    """Return names that differ: of a Shapefile, long ones may have been cut to the same."""
    if len(set(called) - {""}) == len(called):
        return list(called)
    return tables.unique_names(source.name, called, findings)


def _opening(source: Source) -> dict[str, str]:
    """Return GDAL's options of a format: what keeps it from writing, or from asking elsewhere."""
    match source.format:
        case Format.GEOPACKAGE:
            return {"IMMUTABLE": "YES"}
        case Format.GML:
            return {"DOWNLOAD_SCHEMA": "NO"}
        case _:
            return {}


def _held(source: Source, options: Options, present: Sequence[str]) -> tables.Columns:
    return tables.columns_of(source.name, present, options.longitude, options.latitude, options.wkt)


# ---- what pyarrow reads ----


@contextmanager
def _csv(
    source: Source, options: Options, columns: Sequence[str] | None, findings: Findings
) -> Iterator[Stream]:
    with tables.csv_rows(source, findings) as (schema, rows):
        check_columns(source, schema.names, columns or ())
        held = _held(source, options, schema.names)
        wanted = schema.names if columns is None else [c for c in schema.names if c in columns]
        yield replace(
            _stream(source, schema, map(_Rows, rows), wanted, held, None, findings), is_text=True
        )


GEOGRAPHIC_DEFAULT = "OGC:CRS84"


@contextmanager
def _parquet(
    source: Source, options: Options, columns: Sequence[str] | None, findings: Findings
) -> Iterator[Stream]:
    with parquet.ParquetFile(source.place) as file:
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        if (total := sum(group.total_byte_size for group in groups)) > limits().file_bytes:
            message = (
                f"{source.name} would unpack to {total:,} bytes; at most "
                f"{limits().file_bytes:,} are taken. Cut it into parts."
            )
            raise InvalidInput(message, field="file")
        schema = file.schema_arrow
        geometry, said, covering = _of_geoparquet(source, schema)
        present = [
            name
            for name in schema.names
            if name != geometry and name not in covering and not name.startswith("__index_level_")
        ]
        check_columns(source, present, columns or ())
        held = None if geometry else _held(source, options, present)
        wanted = present if columns is None else [c for c in present if c in columns]
        read = {*wanted, *((held.x, held.y, held.wkt) if held else (geometry,))} - {""}
        batches_ = file.iter_batches(
            BATCH_ROWS, columns=[c for c in schema.names if c in read], use_threads=False
        )
        rows = (
            _Rows.of(table, table.schema.get_field_index(geometry) if geometry else None)
            for table in (pa.Table.from_batches([batch]) for batch in batches_)
        )
        yield _stream(source, schema, rows, wanted, held, said, findings)


def _of_geoparquet(source: Source, schema: pa.Schema) -> tuple[str, Any, set[str]]:
    """Return the geometry column of a Parquet file, its system and the columns that repeat it."""
    try:
        described = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
        geometry = str(described.get("primary_column", ""))
        column = described.get("columns", {}).get(geometry, {})
        encoding, said = column.get("encoding", "WKB"), column.get("crs", GEOGRAPHIC_DEFAULT)
        covering = {
            str(path[0]) for path in column.get("covering", {}).get("bbox", {}).values() if path
        }
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        message = (
            f"{source.name} describes its places (its metadata 'geo') in a way that is no "
            "GeoParquet. Save it again as GeoParquet."
        )
        raise InvalidInput(message, field="file") from error
    if geometry and geometry not in schema.names:
        message = (
            f"{source.name} says that {geometry!r} is its geometry, and has no such column. Its "
            f"columns are: {', '.join(schema.names)}. Save it again as GeoParquet."
        )
        raise InvalidInput(message, field="file")
    if geometry and (encoding != "WKB" or not attributes.is_bytes(_type_in(schema, geometry))):
        message = (
            f"{source.name} keeps its geometry as {encoding} of type {_type_in(schema, geometry)} "
            f"in {geometry!r}; only WKB is read. Save it again with the encoding WKB."
        )
        raise InvalidInput(message, field="file")
    return geometry, said, covering


# ---- rows, the same whoever reads them ----


@dataclass(frozen=True)
class _Rows:
    """Rows as a reader hands them on; `wkb` is None where columns hold the place."""

    attributes: pa.Table
    wkb: pa.ChunkedArray | None = None

    @classmethod
    def of(cls, table: pa.Table, geometry: int | None) -> "_Rows":
        """Split off the column of this number."""
        if geometry is None:
            return cls(table)
        return cls(table.remove_column(geometry), table.column(geometry))


def _stream(
    source: Source,
    schema: pa.Schema,
    rows: Iterator[_Rows],
    wanted: Sequence[str],
    held: tables.Columns | None,
    said: Any,
    findings: Findings,
) -> Stream:
    kept = [name for name in wanted if not attributes.is_bytes(_type_in(schema, name))]
    if dropped := sorted(set(wanted) - set(kept)):
        message = f"{{count}} columns hold bytes, such as {dropped[0]!r}, and stay out"
        findings.add(Code.COLUMN_DROPPED, len(dropped), message)
    nested = [name for name in kept if attributes.is_nested(_type_in(schema, name))]
    if nested:
        message = f"{{count}} columns hold lists or objects, such as {nested[0]!r}: kept as JSON"
        findings.add(Code.NESTED, len(nested), message)
    plain = pa.schema(
        [(_title(name), attributes.plain_type(_type_in(schema, name))) for name in kept]
    )
    first = next(rows, None)
    if held and first is not None:
        said = tables.said_by(first.attributes, held)

    def pieces() -> Iterator[Piece]:
        start = 0
        for each in chain(() if first is None else (first,), rows):
            columns = [
                attributes.plain(source.name, name, each.attributes.column(name), start, findings)
                for name in kept
            ]
            values = pa.table(columns, schema=plain)
            if held:
                shapes = tables.places(source.name, each.attributes, start, held, findings)
            else:
                shapes = _shapes(each.wkb, start, findings)
            yield Piece(start, values, shapes)
            start += len(shapes)

    return Stream(plain, said, pieces())


def _type_in(schema: pa.Schema, name: str) -> pa.DataType:
    return schema.field(schema.get_all_field_indices(name)[0]).type


def _title(name: str) -> str:
    """Return a name that a frame with a geometry may have for an attribute."""
    return "geometry_" if name == "geometry" else name


def _shapes(wkb: pa.ChunkedArray, start: int, findings: Findings) -> Geometries:
    values = wkb.to_numpy(zero_copy_only=False)
    shapes = np.asarray(shapely.from_wkb(values, on_invalid="fix"), dtype=object)
    lost = np.flatnonzero(shapely.is_missing(shapes) & ~pd.isna(values))
    if len(lost):
        message = f"{{count}} geometries cannot be read, such as in row {start + int(lost[0]) + 1}"
        findings.add(Code.BAD_COORDINATE, len(lost), message)
    return shapes


def batches(
    source: Source,
    options: Options,
    plan: Plan,
    columns: Sequence[str] | None = None,
    types: Mapping[str, str] | None = None,
    zone: str = "UTC",
) -> Iterator[gpd.GeoDataFrame]:
    """Yield the rows of a file as frames in EPSG:4326, indexed by their number in it (from 0).

    Geometries are flat and their rings valid; a row without a usable one keeps its attributes.

    Parameters
    ----------
    source, options, columns
        As for `streaming`.
    plan
        How coordinates are placed, from `inspection.survey`.
    types
        Of the columns of a file whose values are all text, from `inspection.survey`.
    zone
        Of times that do not say theirs.

    Raises
    ------
    InvalidInput
        When the file cannot be read, or a geometry has more than `cleaning.MOST_VERTICES`.
    """
    with streaming(source, options, columns) as stream:
        for piece in stream.pieces:
            geometry = cleaned(source.name, piece.start, piece.geometry, plan, Findings())
            values = attributes.typed(piece.attributes, types or {}, zone)
            yield frame_of(values, geometry, piece.start)


def frame_of(values: pa.Table, geometry: Geometries, start: int) -> gpd.GeoDataFrame:
    """Return rows as a frame; columns keep the file's types, missing values stay missing."""
    frame = values.to_pandas(types_mapper=pd.ArrowDtype)
    frame.index = pd.RangeIndex(start, start + len(geometry))
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=GEOGRAPHIC)
