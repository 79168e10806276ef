"""One reader a format: each yields chunks of rows as columns of texts."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import ijson
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import python_calamine
from ijson.common import JSONError

from layers.errors import InvalidInput
from layers.importing.quoting import csv_records
from reports.importing.mapping import Column

LONGITUDE, LATITUDE = "@longitude", "@latitude"
"""How the coordinates of a GeoJSON feature's point are named as columns."""
HEADER_SHOWN = 600
EXACT_WHOLE = 2**53
"""Whole numbers below are exact as floats."""


class Unreadable(Exception):
    """Why a file is not what it looks like; reads on after "… is"."""


@dataclass(frozen=True)
class Chunk:
    """Some rows: their numbers, whether each is whole, and the wanted cells by column."""

    rows: Sequence[int] | npt.NDArray[np.integer[Any]]
    is_whole: Sequence[bool] | Any
    cells: Mapping[str, Any]
    """Lists of texts (None for none) or `pyarrow.StringArray`."""
    names: Mapping[Column, str]


@dataclass(frozen=True)
class Wanted:
    """The columns that are wanted of a file; None for all."""

    file: str
    columns: Sequence[Column] | None

    def found(self, there: Sequence[str]) -> dict[Column, str]:
        """Return under which of its names each wanted column is there.

        Raises
        ------
        InvalidInput
            When the file has none of a column's names, or one of them twice.
        """
        if self.columns is None:
            return {(name,): name for name in there}
        names = {}
        for column in self.columns:
            name = next((name for name in column if name in there), "")
            if name and there.count(name) == 1:
                names[column] = name
            elif name or "" not in column:
                raise self._missing(column, name, there)
        return names

    def _missing(self, column: Column, name: str, there: Sequence[str]) -> InvalidInput:
        called = " or ".join(repr(name) for name in column)
        has = f"{there.count(name)} columns {name!r}" if name else f"no column {called}"
        message = (
            f"{self.file} has {has}, which the mapping names. Its header is: "
            f"{', '.join(there)[:HEADER_SHOWN] or 'empty'}."
        )
        return InvalidInput(message, field="mapping")


def csv_rows(
    text: IO[str], want: Wanted, delimiter: str, size: int, *, has_header: bool
) -> Iterator[Chunk]:
    """Yield the rows of a CSV; rows are numbered as a spreadsheet shows them."""
    records = csv_records(text, want.file, delimiter)
    try:
        first = next(records, [])
        header = (
            [name.strip() for name in first]
            if has_header
            else [str(position) for position in range(1, len(first) + 1)]
        )
        names = want.found(header)
        places = {name: header.index(name) for name in dict.fromkeys(names.values())}
        nothing = [""] * len(header)
        number = 2 if has_header else 1
        rows: list[list[str]] = [] if has_header else [first]
        while rows := rows + list(islice(records, size - len(rows))):
            numbers = [n for n, row in enumerate(rows, number) if row]
            number += len(rows)
            filled = [row for row in rows if row]
            is_whole = [len(row) == len(header) for row in filled]
            if not all(is_whole):
                filled = [
                    row if whole else nothing for row, whole in zip(filled, is_whole, strict=True)
                ]
            cells = {name: [row[i] for row in filled] for name, i in places.items()}
            yield Chunk(numbers, is_whole, cells, names)
            rows = []
    except csv.Error as error:
        message = f"no CSV that can be read: {error}"
        raise Unreadable(message) from error


def parquet(raw: BinaryIO, want: Wanted, size: int) -> Iterator[Chunk]:
    """Yield the rows of a Parquet file; typed columns as texts that read back as the same value."""
    try:
        file = pq.ParquetFile(raw)
        there = [f.name for f in file.schema_arrow if not pa.types.is_nested(f.type)]
        names = want.found(there)
        read = list(dict.fromkeys(names.values()))
        number = 1
        for batch in file.iter_batches(size, columns=read):
            rows = np.arange(number, number + len(batch))
            number += len(batch)
            cells = {name: _as_text(batch.column(name)) for name in read}
            yield Chunk(rows, np.ones(len(batch), bool), cells, names)
    except pa.ArrowException as error:
        message = f"no Parquet file that can be read: {error}"
        raise Unreadable(message) from error


def _as_text(values: Any) -> Any:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_binary(values.type):
        return pa.nulls(len(values), pa.string())
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
        # A column of whole numbers becomes one of floats where a row has none.
        if pc.all(pc.equal(pc.floor(values), values)).as_py():
            values = pc.cast(values, pa.int64(), safe=False)
    return pc.cast(values, pa.string())


def excel(path: Path, want: Wanted, size: int, *, has_header: bool) -> Iterator[Chunk]:
    """Yield the rows of an Excel file's first sheet with any, numbered as the sheet shows them."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
        sheet = next((s for s in sheets if s.total_height), None)
    except (python_calamine.CalamineError, OSError) as error:
        message = f"no Excel file that can be read: {error}"
        raise Unreadable(message) from error
    if sheet is None:
        want.found([])
        return
    top = sheet.start[0] + 1 if sheet.start else 1
    rows = iter(sheet.to_python(skip_empty_area=True))
    first = [_text(cell) for cell in next(rows)] if has_header else []
    header = first if has_header else [str(i) for i in range(1, sheet.width + 1)]
    names = want.found(header)
    number = top + has_header
    while chunk := list(islice(rows, size)):
        filled = [(n, row) for n, row in enumerate(chunk, number) if any(c != "" for c in row)]
        number += len(chunk)
        cells = {
            name: [_text(row[header.index(name)]) for _, row in filled]
            for name in dict.fromkeys(names.values())
        }
        yield Chunk([n for n, _ in filled], [True] * len(filled), cells, names)


def json_rows(stream: Any, head: bytes, want: Wanted, size: int) -> Iterator[Chunk]:
    """Yield the objects of JSON lines, of an array, or the features of GeoJSON."""
    try:
        yield from _of_records(enumerate(_records(stream, head), 1), want, size)
    except JSONError as error:
        said = " ".join(str(error).split())
        message = f"no JSON that can be read: {said}"
        raise Unreadable(message) from error


def _records(stream: Any, head: bytes) -> Iterable[Any]:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _depth(text) > MOST_DEEP:
        message = f"no JSON that can be read: it nests more than {MOST_DEEP} objects or lists"
        raise Unreadable(message)
    if text.startswith(b"["):
        return cast("Iterable[Any]", ijson.items(stream, "item", use_float=True))
    if _is_collection(text):
        return cast("Iterable[Any]", ijson.items(stream, "features.item", use_float=True))
    return _lines(stream)


STRING = re.compile(rb'"(\\.|[^"\\])*"')
MOST_DEEP = 500
"""What `ijson` tells of a place grows with its depth, and its time with the square."""


def _depth(text: bytes) -> int:
    """Return how deep the objects and lists of a text nest."""
    marks = np.frombuffer(STRING.sub(b"", text), np.uint8)
    steps = np.isin(marks, list(b"[{")).astype(int) - np.isin(marks, list(b"]}"))
    return int(steps.cumsum().max(initial=0))


def _is_collection(text: bytes) -> bool:
    """Tell whether the members of the first object are those of a collection of features."""
    line = text.split(b"\n", 1)[0]
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return b'"features"' in text
    return isinstance(first, dict) and isinstance(first.get("features"), list)


def _lines(stream: Any) -> Iterator[Any]:
    for number, line in enumerate(stream, 1):
        if stripped := line.removeprefix(b"\xef\xbb\xbf").strip(b"\x1e \t\r\n"):
            try:
                yield json.loads(stripped)
            except (ValueError, RecursionError) as error:
                message = f"no JSON lines that can be read: line {number}: {error}"
                raise Unreadable(message) from error


def _of_records(records: Iterable[tuple[int, Any]], want: Wanted, size: int) -> Iterator[Chunk]:
    names: dict[Column, str] = {}
    numbered = iter(records)
    while chunk := list(islice(numbered, size)):
        flat = [_flat(record) for _, record in chunk]
        there = list(dict.fromkeys(name for row in flat if row for name in row))
        # A column that no row of this chunk tells may stand in another one.
        names = names or want.found(there)
        if want.columns is None:
            names |= want.found(there)
        cells = {
            name: [row.get(name) if row else None for row in flat]
            for name in dict.fromkeys(names.values())
        }
        yield Chunk([n for n, _ in chunk], [row is not None for row in flat], cells, names)


def _flat(record: Any) -> dict[str, str] | None:
    """Return an object's members as texts, inner ones by their path (``a.b``), and its point."""
    if not isinstance(record, dict):
        return None
    if record.get("type") != "Feature":
        return dict(_members(record, ""))
    row = dict(_members(record.get("properties") or {}, ""))
    if record.get("id") is not None:
        row.setdefault("@id", _text(record["id"]))
    geometry = record.get("geometry")
    row |= {LONGITUDE: "", LATITUDE: ""}
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        place = geometry.get("coordinates")
        if isinstance(place, list) and len(place) > 1:
            row |= {LONGITUDE: _text(place[0]), LATITUDE: _text(place[1])}
    return row


def _members(record: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(record, dict):
        return
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _members(value, f"{path}{name}.")
        else:
            yield f"{path}{name}".strip(), _text(value)


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_WHOLE:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bool | list):
        return json.dumps(value)
    return str(value)
