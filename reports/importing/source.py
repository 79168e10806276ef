"""The rows of CSV files, plain or gzipped, one after another."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from layers.errors import InvalidInput

GZIP = b"\x1f\x8b"
FIRST_DATA_ROW = 2
"""Rows are numbered as a spreadsheet shows them: the header is row 1."""


def rows_of(
    path: Path, columns: Sequence[str], encoding: str, advance: Callable[[int], object]
) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Yield each row's number and its cells of the wanted columns, stripped.

    The cells are None where a row has more or fewer of them than the header. `advance` is told
    how many bytes of the file were read since it was last called.

    Raises
    ------
    InvalidInput
        When the file cannot be read, is in another encoding, or lacks a column.
    """
    with (
        _saying_what_is_wrong(path, encoding),
        path.open("rb") as raw,
        _unpacked(raw) as stream,
        # The codec that knows a byte-order mark reads UTF-8 without one too.
        io.TextIOWrapper(
            stream, "utf-8-sig" if encoding == "utf-8" else encoding, newline=""
        ) as text,
    ):
        reader = csv.reader(text)
        header = [name.strip() for name in next(reader, [])]
        wanted = _positions(path, header, columns)
        read = 0
        for number, cells in enumerate(reader, start=FIRST_DATA_ROW):
            if cells:
                whole = len(cells) == len(header)
                yield number, {c: cells[i].strip() for c, i in wanted.items()} if whole else None
            if (now := raw.tell()) != read:
                advance(now - read)
                read = now


def _unpacked(raw: BinaryIO) -> BinaryIO:
    packed = raw.read(len(GZIP)) == GZIP
    raw.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw


@contextmanager
def _saying_what_is_wrong(path: Path, encoding: str) -> Iterator[None]:
    """Say what keeps a file from being read, by its name and with the remedy."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path.name} is a damaged gzip file ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    except OSError as error:
        message = f"{path} could not be opened: {error.strerror}. Check the path."
        raise InvalidInput(message, field="file") from error
    except UnicodeDecodeError as error:
        message = (
            f"{path.name} is not in {encoding}: {error.reason} at byte {error.start}. Say its "
            "encoding in the mapping, for example cp1252."
        )
        raise InvalidInput(message, field="encoding") from error
    except csv.Error as error:
        message = f"{path.name} is no CSV that can be read: {error}."
        raise InvalidInput(message, field="file") from error


def _positions(path: Path, names: list[str], columns: Sequence[str]) -> dict[str, int]:
    for column in columns:
        if names.count(column) != 1:
            there = f"{names.count(column)} columns" if column in names else "no column"
            message = (
                f"{path.name} has {there} {column!r}, which the mapping names. Its header is: "
                f"{', '.join(names)[:600] or 'empty'}."
            )
            raise InvalidInput(message, field="mapping")
    return {column: names.index(column) for column in columns}
