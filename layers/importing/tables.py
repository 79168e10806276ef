"""Tables without a geometry of their own: CSV in pieces, and places made of their columns."""

import csv as csv_module
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyarrow import csv

from layers.errors import InvalidInput
from layers.importing.findings import Code, Findings
from layers.importing.naming import column_name
from layers.importing.opening import Source
from layers.importing.quoting import csv_records

BLOCK_BYTES = 4_000_000
MOST_FIELD_BYTES = 200_000
DELIMITERS = ",;\t|"
LONGITUDES = ("longitude", "lon", "lng", "long", "gps_longitude", "point_longitude")
LATITUDES = ("latitude", "lat", "gps_latitude", "point_latitude")
EASTINGS = ("x", "x_coord", "x_coordinate", "point_x", "easting", "xcoord", "coord_x")
NORTHINGS = ("y", "y_coord", "y_coordinate", "point_y", "northing", "ycoord", "coord_y")
SHAPES = ("wkt", "the_geom", "geom", "geometry", "shape", "wkt_geom", "geometry_wkt", "wkb")
EWKT = re.compile(r"^\s*SRID=(\d+);", re.IGNORECASE)
HEXADECIMAL = re.compile(r"^[0-9A-Fa-f]{10,}$")


@dataclass(frozen=True)
class Columns:
    """Which columns hold the place: two numbers, or one text of WKT (also EWKT, WKB in hex)."""

    x: str = ""
    y: str = ""
    wkt: str = ""
    is_degrees: bool = False
    """The names of the columns say that they are longitude and latitude."""


def columns_of(
    name: str, present: Sequence[str], longitude: str = "", latitude: str = "", wkt: str = ""
) -> Columns:
    """Return which columns of a table hold the places: those given, else those called so.

    Raises
    ------
    InvalidInput
        When a given column is not there, or none is called so.
    """
    for given, field in ((longitude, "longitude"), (latitude, "latitude"), (wkt, "wkt")):
        if given and given not in present:
            message = f"{name} has no column {given!r}. Its columns are: {', '.join(present)}."
            raise InvalidInput(message, field=field)
    if longitude and latitude:
        return Columns(longitude, latitude, is_degrees=True)
    if wkt:
        return Columns(wkt=wkt)
    named = {column_name(column): column for column in reversed(present)}
    for xs, ys, is_degrees in ((LONGITUDES, LATITUDES, True), (EASTINGS, NORTHINGS, False)):
        x = next((named[x] for x in xs if x in named), "")
        y = next((named[y] for y in ys if y in named), "")
        if x and y:
            return Columns(x, y, is_degrees=is_degrees)
    if found := next((named[shape] for shape in SHAPES if shape in named), ""):
        return Columns(wkt=found)
    message = (
        f"{name} does not say which columns hold the places. Name them, for example --longitude "
        f"COLUMN --latitude COLUMN, or --wkt COLUMN. Its columns are: {', '.join(present)}."
    )
    raise InvalidInput(message, field="longitude")


def places(name: str, rows: pa.Table, start: int, columns: Columns, findings: Findings) -> Any:
    """Return the geometry of each row (array of shapely), None where its columns say none."""
    if columns.wkt:
        return _shapes(name, rows.column(columns.wkt), start, findings)
    x = _numbers(name, rows, columns.x, start, findings)
    y = _numbers(name, rows, columns.y, start, findings)
    known = np.isfinite(x) & np.isfinite(y)
    points = np.full(len(x), None, dtype=object)
    points[known] = shapely.points(x[known], y[known])
    return points


def _numbers(
    name: str, rows: pa.Table, column: str, start: int, findings: Findings
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    values = rows.column(column)
    if not pa.types.is_string(values.type):
        return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=float)
    texts = values.to_pylist()
    numbers = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        try:
            numbers[row] = float(text) if text else np.nan
        except ValueError:
            try:
                numbers[row] = float(text.replace(",", "."))
            except ValueError:
                findings.add(
                    Code.BAD_COORDINATE,
                    1,
                    f"{{count}} coordinates of {name} are no numbers, such as {text[:40]!r} in "
                    f"column {column!r} of row {start + row + 1}",
                )
    return numbers


def _shapes(name: str, values: pa.ChunkedArray, start: int, findings: Findings) -> Any:
    shapes = np.full(len(values), None, dtype=object)
    for row, value in enumerate(values.to_pylist()):
        if value is None or not value:
            continue
        shape = _shape(value)
        if shape is None:
            findings.add(
                Code.BAD_COORDINATE,
                1,
                f"{{count}} geometries of {name} are neither WKT nor WKB, such as "
                f"{str(value)[:40]!r} in row {start + row + 1}",
            )
        shapes[row] = shape
    return shapes


def _shape(value: str | bytes) -> shapely.Geometry | None:
    if isinstance(value, bytes):
        return shapely.from_wkb(value, on_invalid="ignore")
    if HEXADECIMAL.match(value):
        return shapely.from_wkb(value, on_invalid="ignore")
    return shapely.from_wkt(EWKT.sub("", value), on_invalid="ignore")


def said_by(rows: pa.Table, columns: Columns) -> Any:
    """Return what a table says of its system, by its columns' names or its first EWKT."""
    if columns.is_degrees:
        return "EPSG:4326"
    if columns.wkt:
        first = next((v for v in rows.column(columns.wkt).to_pylist() if v), "")
        if isinstance(first, str) and (found := EWKT.match(first)):
            return f"EPSG:{found[1]}"
    return None


# ---- CSV ----


@contextmanager
def csv_rows(source: Source, findings: Findings) -> Iterator[tuple[pa.Schema, Iterator[pa.Table]]]:
    """Yield the columns of a CSV, all as text, and its rows in pieces.

    Raises
    ------
    InvalidInput
        When it has no header, rows of another length than the header, or a quote that does not
        close.
    """
    header, delimiter = _header(source)
    names = unique_names(source.name, header, findings)

    odd: list[csv.InvalidRow] = []

    def note(row: csv.InvalidRow) -> str:
        odd.append(row)
        return "error"

    try:
        reader = csv.open_csv(
            source.place,
            csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
            csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        _check_quotes(source, delimiter)
        raise _unreadable(source, error, odd) from error

    def rows() -> Iterator[pa.Table]:
        has_lines_in_cells = False
        try:
            for batch in reader:
                has_lines_in_cells = has_lines_in_cells or any(map(_has_lines, batch.columns))
                yield pa.Table.from_batches([batch]).rename_columns(names)
        except pa.ArrowInvalid as error:
            _check_quotes(source, delimiter)
            raise _unreadable(source, error, odd) from error
        if has_lines_in_cells or b'"' in _last_line(source):
            _check_quotes(source, delimiter)

    with reader:
        yield pa.schema([(name, pa.string()) for name in names]), rows()


def _has_lines(cells: pa.StringArray) -> bool:
    return bool(pc.any(pc.match_substring(cells, "\n")).as_py())


def _last_line(source: Source) -> bytes:
    with source.place.open("rb") as file:
        file.seek(max(0, source.place.stat().st_size - MOST_FIELD_BYTES))
        return file.read().rstrip().rpartition(b"\n")[2]


def _check_quotes(source: Source, delimiter: str) -> None:
    """Refuse a table in which a quote swallows rows; slow, and needed where cells hold lines."""
    usual = csv_module.field_size_limit(BLOCK_BYTES)
    try:
        with source.place.open(encoding="utf-8", newline="") as file:
            for _ in csv_records(file, source.name, delimiter):
                pass
    except csv_module.Error as error:
        raise _unreadable(source, error) from error
    finally:
        csv_module.field_size_limit(usual)


def _unreadable(
    source: Source, error: Exception, odd: Sequence[csv.InvalidRow] = ()
) -> InvalidInput:
    if odd:
        row = odd[0]
        number = "A row" if row.number is None else f"Row {row.number - 1}"
        return InvalidInput(
            f"{number} of {source.name} has {row.actual_columns} cells where the header names "
            f"{row.expected_columns}: {(row.text or '')[:80]!r}. Mend the row, or save the table "
            "again.",
            field="file",
        )
    return InvalidInput(
        f"{source.name} could not be read as CSV: {error}. Open it in a spreadsheet and save it "
        "again as CSV.",
        field="file",
    )


def _header(source: Source) -> tuple[list[str], str]:
    """Return the names of the columns and what parts them."""
    with source.place.open(encoding="utf-8", newline="") as file:
        first = file.readline(MOST_FIELD_BYTES)
        if "\x00" in first:
            message = f"{source.name} is no text, so it is no CSV."
            raise InvalidInput(message, field="file")
        delimiter = max(DELIMITERS, key=first.count)
        file.seek(0)
        try:
            header = next(csv_module.reader(file, delimiter=delimiter), [])
        except csv_module.Error as error:
            raise _unreadable(source, error) from error
    numbers = [cell for cell in header if re.fullmatch(r"[-+]?\d+([.,]\d+)?", cell.strip())]
    if not header or len(numbers) * 2 > len(header):
        message = (
            f"{source.name} has no header: its first row is {', '.join(header)[:80]!r}. Put the "
            "names of the columns into the first row."
        )
        raise InvalidInput(message, field="file")
    return header, delimiter


def unique_names(name: str, header: Sequence[str], findings: Findings) -> list[str]:
    """Return names that differ, none of them empty."""
    names: list[str] = []
    for place, title in enumerate(header, start=1):
        base = title.strip() or f"column {place}"
        unique, number = base, 1
        while unique in names:
            number += 1
            unique = f"{base} {number}"
        if unique != title:
            findings.add(
                Code.COLUMN_RENAMED,
                1,
                f"{{count}} columns of {name} have no name of their own; column {place} is "
                f"called {unique!r}",
            )
        names.append(unique)
    return names
