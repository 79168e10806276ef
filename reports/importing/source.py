"""The rows of a source's files, in batches of columns; every cell of every format is a text."""

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layers.errors import InvalidInput
from layers.importing.archives import unpack
from layers.importing.limits import limits
from layers.importing.opening import check_file
from reports.importing import readers
from reports.importing.mapping import Column

# Of more rows, what is written leaves the processor's caches before it is checked.
BATCH = 5_000
PACKED: tuple[tuple[bytes, str, Callable[[BinaryIO], Any]], ...] = (
    (b"\x1f\x8b", "gzip", lambda raw: gzip.GzipFile(fileobj=raw)),
    (b"BZh", "bzip2", bz2.BZ2File),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMAFile),
)
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
HEAD_BYTES = 65_536
FORMATS = "CSV, GeoJSON, JSON lines, Parquet or Excel"


@dataclass(frozen=True)
class Batch:
    """Some rows of one file. Cells are texts without spaces around them, or empty."""

    file: str
    rows: "np.ndarray[Any, np.dtype[np.int64]]"
    """Numbers as the file's users count: a header is row 1, a GeoJSON's first feature too."""
    is_whole: "np.ndarray[Any, np.dtype[np.bool_]]"
    """False where a row has more or fewer cells than the header, or is no object."""
    cells: dict[str, Any]
    """A `pyarrow.StringArray` for each column that was asked for and found."""
    names: dict[Column, str]
    """Under which of its names each column was found; without those that the file lacks."""

    def text(self, column: Column) -> Any:
        """Return the cells of a column (`pyarrow.StringArray`); empty ones where there is none."""
        if name := self.names.get(column):
            return self.cells[name]
        return pa.array([""] * len(self.rows), pa.string())


@dataclass(frozen=True)
class Reading:
    """How a text is read: its encoding, the delimiter of a CSV, and whether it has a header."""

    encoding: str = "utf-8"
    delimiter: str = ","
    has_header: bool = True


def batches(
    path: Path,
    columns: Sequence[Column] | None,
    reading: Reading,
    advance: Callable[[int], object],
    size: int | None = None,
) -> Iterator[Batch]:
    """Yield the rows of a file; those of a zip archive's files one after another.

    Parameters
    ----------
    path
        CSV, GeoJSON (also newline-delimited), JSON lines, Parquet or Excel; CSV and JSON also
        packed by gzip, bzip2, xz or zip.
    columns
        Those that are wanted; None for all that there are.
    reading
        How its text is read.
    advance
        Is told how many bytes of the file were read since it was last called.
    size
        How many rows a batch holds at most; by default `BATCH`.

    Raises
    ------
    InvalidInput
        When the file cannot be read, is in another encoding, or lacks a column.
    """
    check_file(path)
    with _saying_what_is_wrong(path, reading.encoding), ExitStack() as stack:
        if not _is_archive(path):
            yield from _of_file(path, path.name, columns, reading, advance, size or BATCH)
            return
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for member in unpack(path, folder, limits()):
            yield from _of_file(
                folder / member,
                f"{path.name}/{member}",
                columns,
                reading,
                lambda _: None,
                size or BATCH,
            )
        advance(path.stat().st_size)


def head_of(path: Path) -> bytes:
    """Return how a file begins, unpacked; nothing of an archive.

    Raises
    ------
    InvalidInput
        When it cannot be read.
    """
    with _saying_what_is_wrong(path, ""):
        if _is_archive(path):
            return b""
        with path.open("rb") as raw, _unpacked(raw) as stream:
            return stream.peek(HEAD_BYTES)[:HEAD_BYTES]


def _is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        if file.read(len(ZIP)) != ZIP:
            return False
    with zipfile.ZipFile(path) as archive:
        # An Excel file is an archive too.
        return "[Content_Types].xml" not in archive.namelist()


def _of_file(
    path: Path,
    name: str,
    columns: Sequence[Column] | None,
    reading: Reading,
    advance: Callable[[int], object],
    size: int,
) -> Iterator[Batch]:
    told = 0
    with path.open("rb") as raw:
        for chunk in _chunks(path, name, raw, columns, reading, size):
            yield _batch(name, chunk)
            if not raw.closed and (now := raw.tell()) > told:
                advance(now - told)
                told = now
    advance(max(path.stat().st_size - told, 0))


def _chunks(
    path: Path,
    name: str,
    raw: BinaryIO,
    columns: Sequence[Column] | None,
    reading: Reading,
    size: int,
) -> Iterator[readers.Chunk]:
    want = readers.Wanted(name, columns)
    with _unpacked(raw) as stream:
        head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
        if head.startswith(b"PAR1"):
            yield from readers.parquet(raw, want, size)
            return
        if head.startswith((ZIP, OLD_EXCEL)):
            yield from readers.excel(path, want, size, has_header=reading.has_header)
            return
        first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if first in {b"{", b"["}:
            yield from readers.json_rows(stream, head, want, size)
            return
        if first == b"<":
            message = (
                f"{name} is a web page or XML, no table of reports. Fetch it again, as {FORMATS}."
            )
            raise InvalidInput(message, field="file")
        # The codec that knows a byte-order mark reads UTF-8 without one too.
        encoding = "utf-8-sig" if reading.encoding == "utf-8" else reading.encoding
        with io.TextIOWrapper(stream, encoding, newline="") as text:
            yield from readers.csv_rows(
                text, want, reading.delimiter, size, has_header=reading.has_header
            )


class _Bounded(io.RawIOBase):
    """What a packed file unpacks to, up to the limit of this installation."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._left = stream, limits().file_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.read(len(buffer))
        buffer[: len(content)] = content
        self._left -= len(content)
        if self._left < 0:
            message = (
                "The file unpacks to more bytes than are taken. Cut it into parts, or raise "
                "CIVICGRID_IMPORT_MOST_BYTES."
            )
            raise InvalidInput(message, field="file")
        return len(content)


def _unpacked(raw: BinaryIO) -> io.BufferedReader:
    head = raw.read(len(PACKED[-1][0]))
    raw.seek(0)
    for magic, _, opened in PACKED:
        if head.startswith(magic):
            return io.BufferedReader(_Bounded(opened(raw)), HEAD_BYTES)
    return io.BufferedReader(cast("Any", raw), HEAD_BYTES)


def _batch(name: str, chunk: readers.Chunk) -> Batch:
    return Batch(
        file=name,
        rows=np.asarray(chunk.rows, np.int64),
        is_whole=np.asarray(chunk.is_whole, np.bool_),
        cells={n: _texts(cells) for n, cells in chunk.cells.items()},
        names=dict(chunk.names),
    )


def _texts(cells: Any) -> Any:
    texts = cells if isinstance(cells, pa.Array) else pa.array(cells, pa.string())
    return pc.utf8_trim_whitespace(pc.fill_null(texts, ""))


@contextmanager
def _saying_what_is_wrong(path: Path, encoding: str) -> Iterator[None]:
    """Say what keeps a file from being read, by its name and with the remedy."""
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        message = f"{path.name} is a damaged {_packing(path)} file ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    except zipfile.BadZipFile as error:
        message = f"{path.name} is a damaged zip archive ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    except UnicodeDecodeError as error:
        message = (
            f"{path.name} is not in {encoding}: {error.reason} at byte {error.start}. Say its "
            "encoding in the mapping, for example cp1252."
        )
        raise InvalidInput(message, field="encoding") from error
    except readers.Unreadable as error:
        reason = str(error).rstrip(".")
        message = f"{path.name} is {reason}. Fetch it again, or save it anew."
        raise InvalidInput(message, field="file") from error
    except OSError as error:
        if error.strerror is None:  # bz2 and gzip say so of damaged content
            message = f"{path.name} is a damaged {_packing(path)} file ({error}). Fetch it again."
        else:
            message = f"{path} could not be opened: {error.strerror}. Check the path."
        raise InvalidInput(message, field="file") from error


def _packing(path: Path) -> str:
    head = path.read_bytes()[:6]
    return next((name for magic, name, _ in PACKED if head.startswith(magic)), "packed")
