"""Opens a file safely: unpacked, named and checked in a folder of its own; the source stays."""

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from layers.errors import InvalidInput
from layers.importing.findings import Finding
from layers.importing.formats import KINDS, Format, detect

HEAD_BYTES = 1_000_000
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Source:
    """A file as it may be read: what it is, and where its checked form lies for now."""

    path: Path
    """As it was given, for messages."""
    format: Format
    place: Path
    """What is opened; inside a folder that goes with the context."""
    encoding: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """Return how messages name the file."""
        return self.path.name

    @property
    def address(self) -> str:
        """Return what GDAL is handed."""
        return f"{KINDS[self.format].prefix}{self.place}"


@contextmanager
def opened(path: Path, encoding: str = "") -> Iterator[Source]:
    """Yield the file ready to be read; nothing is ever written beside it.

    Raises
    ------
    InvalidInput
        When the file is none that is read, or not safe to read; says why and what would help.
    """
    with tempfile.TemporaryDirectory(prefix="civicgrid-import-") as folder:
        yield _prepared(path, Path(folder), encoding)


def _prepared(path: Path, folder: Path, encoding: str) -> Source:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        message = f"{path} could not be opened: {error.strerror}. Check the path."
        raise InvalidInput(message, field="file") from error
    inner = path
    if head.startswith(GZIP):
        inner = _unpacked(path, folder)
        with inner.open("rb") as file:
            head = file.read(HEAD_BYTES)
    format_ = detect(head, path)
    place = folder / f"source{KINDS[format_].suffix}"
    if inner is path:
        for sibling in path.parent.glob(f"{path.stem}.*"):
            (folder / f"source{sibling.suffix.lower()}").symlink_to(sibling.resolve())
        if not place.exists():
            place.symlink_to(path.resolve())
    else:
        inner.rename(place)
    return Source(path, format_, place, encoding)


def _unpacked(path: Path, folder: Path) -> Path:
    target = folder / "unpacked"
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            while piece := packed.read(HEAD_BYTES):
                plain.write(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path.name} is a damaged gzip file ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    return target
