"""Attributes as a database takes them: simple types, clean texts, times that are moments."""

import json
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from layers.errors import InvalidInput
from layers.importing.findings import Code, Findings

BIG_NUMBER = 2.0**63
LONG_TEXT = 10_000


def is_bytes(type_: pa.DataType) -> bool:
    """Tell whether values are bytes, which no table shows."""
    return bool(
        pa.types.is_binary(type_)
        or pa.types.is_large_binary(type_)
        or pa.types.is_fixed_size_binary(type_)
    )


def is_nested(type_: pa.DataType) -> bool:
    """Tell whether values are lists or objects."""
    return pa.types.is_nested(type_) or isinstance(type_, pa.BaseExtensionType)


def plain_type(type_: pa.DataType) -> pa.DataType:
    """Return the type under which values of this one are handed on."""
    if pa.types.is_dictionary(type_):
        return plain_type(type_.value_type)
    if pa.types.is_boolean(type_) or pa.types.is_timestamp(type_):
        return type_
    if pa.types.is_date(type_):
        return pa.date32()
    if pa.types.is_integer(type_):
        return pa.int64() if type_ != pa.uint64() else pa.float64()
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return pa.float64()
    return pa.string()


def plain(
    file: str, name: str, column: pa.ChunkedArray, start: int, findings: Findings
) -> pa.ChunkedArray:
    """Return a column of a simple type, its texts such as a database takes."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array(
            [chunk.storage for chunk in column.chunks], column.type.storage_type
        )
    if pa.types.is_nested(column.type):
        texts = [None if v is None else json.dumps(v, default=str) for v in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    wanted = plain_type(column.type)
    if column.type != wanted:
        column = column.cast(wanted, safe=False)
    if pa.types.is_string(wanted):
        return _clean_texts(file, name, column, start, findings)
    if pa.types.is_floating(wanted):
        big = pc.sum(pc.greater_equal(pc.abs(column), BIG_NUMBER)).as_py() or 0
        message = f"{{count}} numbers, such as in {name!r}, are too big to keep all their digits"
        findings.add(Code.BIG_NUMBER, big, message)
    return column


def _clean_texts(
    file: str, name: str, column: pa.ChunkedArray, start: int, findings: Findings
) -> pa.ChunkedArray:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        message = (
            f"{file} has texts in column {name!r} after row {start + 1} that are not in "
            "the encoding that it names. Give the right one, for example --encoding cp1252."
        )
        raise InvalidInput(message, field="encoding") from error
    if count := pc.sum(pc.match_substring(column, "\0")).as_py():
        column = pc.replace_substring(column, "\0", "")
        message = f"{{count}} texts, such as in {name!r}, held a zero byte, which was taken out"
        findings.add(Code.CONTROL_CHARACTER, count, message)
    if long := pc.sum(pc.greater(pc.utf8_length(column), LONG_TEXT)).as_py():
        message = f"{{count}} texts, such as in {name!r}, are longer than {LONG_TEXT:,} characters"
        findings.add(Code.LONG_TEXT, long, message)
    return column


# ---- types of a table of texts ----

PATTERNS: Mapping[str, str] = {
    "integer": r"^[+-]?(0|[1-9]\d{0,17})$",
    "number": r"^[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$",
    "boolean": r"^(?i:true|false)$",
    "date": r"^\d{4}-\d\d-\d\d$",
    "datetime": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?$",
    "datetime zoned": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)$",
}
CASTS: Mapping[str, pa.DataType] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "datetime zoned": pa.timestamp("us", "UTC"),
}
BIG_INTEGER = r"^[+-]?[1-9]\d{18,}$"


class Guesses:
    """What type every value of each text column has, as pieces come by."""

    def __init__(self) -> None:
        self._left: dict[str, list[str]] = {}
        self._seen: set[str] = set()

    def add(self, rows: pa.Table, findings: Findings) -> None:
        """Drop the types that a value of these rows does not have."""
        for name in rows.column_names:
            left = self._left.setdefault(name, list(PATTERNS))
            values = pc.drop_null(rows.column(name))
            if not left or not len(values):
                continue
            self._seen.add(name)
            if "integer" in left and (
                big := pc.sum(pc.match_substring_regex(values, BIG_INTEGER)).as_py()
            ):
                message = f"{{count}} numbers, such as in {name!r}, of over 18 digits stay text"
                findings.add(Code.BIG_NUMBER, big, message)
                left.clear()
            self._left[name] = [type_ for type_ in left if _is_all(values, type_)]

    def types(self) -> dict[str, str]:
        """Return the type of each column; the narrowest that fits, else ``string``."""
        return {
            name: left[0] if left and name in self._seen else "string"
            for name, left in self._left.items()
        }


def _is_all(values: pa.ChunkedArray, type_: str) -> bool:
    if not pc.all(pc.match_substring_regex(values, PATTERNS[type_])).as_py():
        return False
    try:
        values.cast(CASTS[type_])
    except pa.ArrowInvalid:
        return False
    return True


def typed(rows: pa.Table, types: Mapping[str, str], zone: str) -> pa.Table:
    """Return rows whose texts have the given types, and whose times are moments.

    Parameters
    ----------
    rows
        Of a file.
    types
        Keys of `CASTS`, or ``string``, by column; a column that is not named stays as it is.
    zone
        In which a time is meant that does not say its own; one that a change of clocks skips or
        repeats is the first moment after the gap, or the earlier of the two.
    """
    columns = []
    for name in rows.column_names:
        column = rows.column(name)
        if (wanted := CASTS.get(types.get(name, ""))) and pa.types.is_string(column.type):
            column = column.cast(wanted)
        if pa.types.is_timestamp(column.type):
            if column.type.tz is None:
                column = pc.assume_timezone(
                    column.cast(pa.timestamp("us"), safe=False),
                    zone,
                    ambiguous="earliest",
                    nonexistent="latest",
                )
            column = column.cast(pa.timestamp("us", "UTC"), safe=False)
        columns.append(column)
    return pa.table(columns, names=rows.column_names)
