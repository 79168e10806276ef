"""What files of reports hold, counted once, for whoever guesses what it means."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from layers.errors import InvalidInput
from reports.importing.source import Reading, batches, head_of

MOST_ROWS = 250_000
MOST_VALUES = 1000
KEPT_TEXTS = 400
DELIMITERS = ",;\t|"
OLD_ENCODING = "cp1252"
NUMBER = re.compile(r"[+-]?\d*\.?\d+")


@dataclass(frozen=True)
class Column:
    """One column of the files."""

    name: str
    filled: int
    """How many rows have a value."""
    counts: tuple[tuple[str, int], ...]
    """Its values with their rows, most frequent first; none where there are too many to mean a
    kind of thing."""
    texts: tuple[str, ...]
    """Some of its values, in the files' order."""
    is_unique: bool
    """Whether every row has a value, and none the same."""


@dataclass(frozen=True)
class Sample:
    """What the first rows of some files hold."""

    name: str
    """Of the first file."""
    reading: Reading
    rows: int
    columns: tuple[Column, ...]
    repeated: tuple["Repeated", ...]
    """Pairs of numbers, in columns side by side or not, at which very many rows stand."""

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Repeated:
    """A pair of values at which many rows stand, and what these rows alone say elsewhere."""

    columns: tuple[str, str]
    values: tuple[str, str]
    rows: int
    marks: tuple[tuple[str, str], ...]
    """Columns and values that all these rows have, and hardly any other."""


def read_sample(files: Sequence[Path], most_rows: int = MOST_ROWS) -> Sample:
    """Read the first rows of some files.

    Raises
    ------
    InvalidInput
        When one of them cannot be read.
    """
    reading = _reading_of(head_of(files[0]))
    try:
        return _sample(files, reading, most_rows)
    except InvalidInput as error:
        if error.field != "encoding":
            raise
        return _sample(files, replace(reading, encoding=OLD_ENCODING), most_rows)


def _reading_of(head: bytes) -> Reading:
    line = head.decode("utf-8-sig", "replace").split("\n", 1)[0].strip("\r")
    delimiter = max(DELIMITERS, key=line.count)
    names = [name.strip().strip('"') for name in line.split(delimiter)]
    is_table = len(names) > 1 and not line.lstrip().startswith(("{", "[", "PAR1", "PK"))
    # A header names its columns: none of them is a number, and none the same as another.
    numbers = [name for name in names if NUMBER.fullmatch(name)]
    has_header = not (is_table and numbers)
    return Reading(delimiter=delimiter if is_table else ",", has_header=has_header)


def _sample(files: Sequence[Path], reading: Reading, most_rows: int) -> Sample:
    cells: dict[str, list[str]] = {}
    rows = 0
    for path in files:
        for batch in batches(path, None, reading, lambda _read: None):
            for name, values in batch.cells.items():
                cells.setdefault(name, [""] * rows).extend(values.to_pylist())
            rows += len(batch.rows)
            for column in cells.values():
                column.extend([""] * (rows - len(column)))
            if rows >= most_rows:
                break
    columns = tuple(_column(name, texts) for name, texts in cells.items() if name)
    return Sample(files[0].name, reading, rows, columns, tuple(_repeated(cells, rows)))


def _column(name: str, texts: Sequence[str]) -> Column:
    counted = Counter(text for text in texts if text)
    filled = sum(counted.values())
    return Column(
        name=name,
        filled=filled,
        counts=tuple(counted.most_common()) if len(counted) <= MOST_VALUES else (),
        texts=tuple(text for text in texts if text)[:: max(1, filled // KEPT_TEXTS)],
        is_unique=bool(texts) and len(counted) == len(texts),
    )


def _repeated(cells: dict[str, list[str]], rows: int) -> list[Repeated]:
    """Find pairs of fractions that one row in a hundred stands at, the most frequent first."""
    least = max(10, rows // 100)
    often = {}
    for name, texts in cells.items():
        value, count = Counter(texts).most_common(1)[0] if texts else ("", 0)
        if count >= least and "." in value and NUMBER.fullmatch(value):
            often[name] = value
    found = []
    for first, second in combinations(often, 2):
        values = often[first], often[second]
        at = [
            i
            for i, pair in enumerate(zip(cells[first], cells[second], strict=True))
            if pair == values
        ]
        if len(at) >= least:
            marks = tuple(_marks(cells, at, {first, second}))
            found.append(Repeated((first, second), values, len(at), marks))
    return sorted(found, key=lambda each: -each.rows)


def _marks(cells: dict[str, list[str]], at: list[int], but: set[str]) -> list[tuple[str, str]]:
    marks = []
    for name, texts in cells.items():
        value = texts[at[0]]
        here = sum(texts[i] == value for i in at)
        if name not in but and value and here == len(at) and texts.count(value) < 1.05 * here:
            marks.append((name, value))
    return marks
