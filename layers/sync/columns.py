"""Fields of other makers as columns of a data set, and their values as the columns' types."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from layers.datasets import OWN_COLUMNS, Column
from layers.sync.spool import Record

LONGEST_NAME = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST_INTEGER = 2**63 - 1
Named = tuple[tuple[str, Column], ...]
"""Each field's own name and our column for it."""


def named(fields: Sequence[tuple[str, str, str]]) -> Named:
    """Give fields (name, title, type) the names of columns: plain, short, no two alike.

    >>> fields = [("Shape.STArea()", "", "number"), ("FID", "", "string")]
    >>> [column.name for _, column in named(fields)]
    ['shape_starea', 'fid_2']
    """
    taken = set(OWN_COLUMNS)
    columns = []
    for name, title, type_ in fields:
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:LONGEST_NAME] or "field"
        if plain[0].isdigit():
            plain = f"n_{plain}"
        own, number = plain, 1
        while own in taken:
            number += 1
            own = f"{plain}_{number}"
        taken.add(own)
        columns.append((name, Column(own, title or name, type_)))
    return tuple(columns)


def guessed(pages: Iterable[Sequence[Record]]) -> Named:
    """Find the fields of features, in the order in which they come, and a type that holds all."""
    types: dict[str, str] = {}
    for page in pages:
        for record in page:
            for name, value in record["properties"].items():
                types[name] = _wider(types.get(name, ""), _type_of(value))
    return named([(name, name, type_ or "string") for name, type_ in types.items()])


def _type_of(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "boolean"
        case int():
            return "integer" if abs(value) <= LARGEST_INTEGER else "number"
        case float():
            return "number"
        case _:
            return "string"


def _wider(one: str, other: str) -> str:
    """Return the type that holds values of both."""
    if not one or not other or one == other:
        return one or other
    return "number" if {one, other} == {"integer", "number"} else "string"


def cell(value: Any, type_: str) -> Any:
    """Return a value as its column's type; what does not fit it is None.

    A number in a column of times counts milliseconds since 1970, as FeatureServers do.

    >>> cell(86_400_000, "datetime"), cell("7", "integer"), cell([1], "string")
    (datetime.datetime(1970, 1, 2, 0, 0, tzinfo=datetime.timezone.utc), 7, '[1]')
    """
    if value is None:
        return None
    try:
        return _READERS[type_](value)
    except (TypeError, ValueError, OverflowError):
        return None


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\0", "")


def _integer(value: Any) -> int | None:
    whole = int(value)
    fits = abs(whole) <= LARGEST_INTEGER and (isinstance(value, str) or whole == value)
    return whole if fits else None


_READERS: Mapping[str, Any] = {
    "string": _text,
    "integer": _integer,
    "number": float,
    "boolean": bool,
    "datetime": lambda value: EPOCH + timedelta(milliseconds=value),
}
