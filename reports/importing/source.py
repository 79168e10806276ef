"""The rows of CSV files, plain or gzipped, one after another."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

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
    try:
        with path.open("rb") as raw:
            yield from _rows(path, raw, columns, encoding, advance)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path.name} is a damaged gzip file ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    except OSError as error:
        message = f"{path} could not be opened: {error.strerror}. Check the path."
        raise InvalidInput(message, field="file") from error
    except LookupError as error:
        message = f"The mapping's encoding {encoding!r} is unknown; try utf-8 or cp1252."
        raise InvalidInput(message, field="encoding") from error
    except UnicodeDecodeError as error:
        message = (
            f"{path.name} is not in {encoding}: {error.reason} at byte {error.start}. Say its "
            "encoding in the mapping, for example cp1252."
        )
        raise InvalidInput(message, field="encoding") from error
    except csv.Error as error:
        message = f"{path.name} is no CSV that can be read: {error}."
        raise InvalidInput(message, field="file") from error


def _rows(
    path: Path,
    raw: BinaryIO,
    columns: Sequence[str],
    encoding: str,
    advance: Callable[[int], object],
) -> Iterator[tuple[int, dict[str, str] | None]]:
    packed = raw.read(2) == GZIP
    raw.seek(0)
    stream = gzip.GzipFile(fileobj=raw) if packed else raw
    # The codec that knows a byte-order mark reads UTF-8 without one too.
    codec = "utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding
    reader = csv.reader(io.TextIOWrapper(stream, encoding=codec, newline=""))
    header = next(reader, [])
    wanted = _positions(path, header, columns)
    read = 0
    for number, cells in enumerate(reader, start=FIRST_DATA_ROW):
        if not cells:
            continue
        whole = len(cells) == len(header)
        yield number, {name: cells[i].strip() for name, i in wanted.items()} if whole else None
        if (now := raw.tell()) != read:
            advance(now - read)
            read = now


def _positions(path: Path, header: list[str], columns: Sequence[str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    for column in columns:
        if names.count(column) != 1:
            there = f"{names.count(column)} columns" if column in names else "no column"
            message = (
                f"{path.name} has {there} {column!r}, which the mapping names. Its header is: "
                f"{', '.join(names)[:600] or 'empty'}."
            )
            raise InvalidInput(message, field="mapping")
    return {column: names.index(column) for column in columns}
