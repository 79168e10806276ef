"""Rows of a CSV; a quote that swallows the rows behind it is found and named.

A cell in quotes may hold new lines. Where its end is missing, a reader takes all that follows for
one cell: to the end of the file or to the next quote, where the columns may even fit again.
"""

import csv
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from layers.errors import InvalidInput

CELL = r'(?:^|{0})(?:"(?:[^"]++|"")*+"?)?[^{0}]*+'
SHOWN = 80
LEAST_ALIKE = 3
"""So many lines inside a cell that look like rows of the table are rows of it: more than a few are
no chance. Where the row does not fit the header, one is enough."""
LEAST_WORDS = 4
"""A table of fewer columns, all of them words, has rows that look like any sentence."""
NUMBER = re.compile(r"\s*[-+]?\d[\d.,:/ +-]*\s*")
"""What a number, a date or a time is written with."""


def csv_records(lines: Iterable[str], name: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of a CSV.

    Parameters
    ----------
    lines
        Of the text, with their ends, as a file opened with ``newline=""`` gives them.
    name
        Of the file, for messages.
    delimiter
        What parts the cells.

    Raises
    ------
    InvalidInput
        When a quote opens and does not close, or closes rows later; names the line where it opens.
    csv.Error
        When a cell is longer than `csv.field_size_limit`.
    """
    held = _Held(lines)
    reader = csv.reader(held, delimiter=delimiter)
    columns = 0
    try:
        for row in reader:
            # A row is whole before the next line is asked for, unless it waits for a quote.
            if held.is_over or len(held.record) > 1:
                _check(held, row, columns or len(row), name, delimiter, reader.line_num)
            columns = columns or len(row)
            held.record.clear()
            yield row
    except csv.Error as error:
        if len(held.record) > 1:
            raise _unclosed(held, name, delimiter, reader.line_num) from error
        raise


class _Held(Iterator[str]):
    """Lines of a text, and those that the row is made of which is being read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.record: list[str] = []
        self.is_over = False
        """The row asked for a line beyond the last."""

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.is_over = True
            raise StopIteration
        self.record.append(line)
        return line


def _check(
    held: _Held, row: Sequence[str], columns: int, name: str, delimiter: str, line: int
) -> None:
    if held.is_over:
        raise _unclosed(held, name, delimiter, line)
    if columns > 1 and (
        _holds_rows(held, row, columns, delimiter) or _closes_amid_text(held.record, delimiter)
    ):
        opens, text = _opening(held, delimiter, line, is_open=False)
        message = (
            f"A quote opens in line {opens} of {name} and closes in line {line}, so the rows "
            f"between them are taken for one cell: {text!r}. Close it in its line, or fetch the "
            "file again."
        )
        raise InvalidInput(message, field="file")


def _unclosed(held: _Held, name: str, delimiter: str, line: int) -> InvalidInput:
    opens, text = _opening(held, delimiter, line, is_open=True)
    message = (
        f"A quote opens in line {opens} of {name} and does not close, so all that follows is taken "
        f"for one cell: {text!r}. Close it, or fetch the file again."
    )
    return InvalidInput(message, field="file")


def _holds_rows(held: _Held, row: Sequence[str], columns: int, delimiter: str) -> bool:
    """Tell whether lines inside a cell are rows: as many columns, and numbers where it has some."""
    inner = [_cells(line, delimiter) for line in held.record[1:-1]]
    alike = [cells for cells in inner if len(cells) == columns]
    if len(row) != columns:
        return bool(alike)
    numbers = [place for place, cell in enumerate(row) if NUMBER.fullmatch(cell)]
    if not numbers and columns < LEAST_WORDS:
        return False
    rows = [
        cells
        for cells in alike
        if all(not cells[place] or NUMBER.fullmatch(cells[place]) for place in numbers)
    ]
    return len(rows) >= LEAST_ALIKE


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _closes_amid_text(record: Sequence[str], delimiter: str) -> bool:
    """Tell whether something other than a delimiter follows a closing quote."""
    try:
        next(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def _opening(held: _Held, delimiter: str, line: int, *, is_open: bool) -> tuple[int, str]:
    """Return in which line the cell opens that is not closed, or too late; and how it begins."""
    text = "".join(held.record)
    cells = [
        found
        for found in re.finditer(CELL.format(re.escape(delimiter)), text)
        if is_open or "\n" in found[0].rstrip("\r\n").replace("\r", "\n")
    ]
    begin = cells[-1].start() + 1 if cells[-1][0].startswith(delimiter) else cells[-1].start()
    ends = list(accumulate(map(len, held.record)))
    first = line - len(held.record) + 1
    return first + bisect_right(ends, begin), text[begin : begin + SHOWN].strip()
