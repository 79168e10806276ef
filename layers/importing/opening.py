"""Opens a file safely: unpacked, named and checked in a folder of its own; the source stays."""

import codecs
import gzip
import re
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyogrio

from layers.errors import InvalidInput, TooLarge
from layers.importing import archives, documents, elsewhere
from layers.importing.findings import Code, Finding
from layers.importing.formats import KINDS, Format, detect, refused
from layers.importing.limits import Limits, limits

HEAD_BYTES = 200_000
PIECE_BYTES = 4_000_000
GZIP = b"\x1f\x8b"
STEM = "source"
NESTED = "an archive in an archive. Unpack it, and pack its files as .zip"
PACKED = {".zip", ".gz", ".tgz", ".7z", ".rar", ".kmz"}
ELSEWHERE = re.compile(r"^(/vsi\w+/|[a-z][a-z0-9+.-]+://?|[A-Z]\w*:)", re.IGNORECASE)
"""What GDAL would take for a virtual file, an address or a connection."""

# A Shapefile may come without its index: GDAL writes one beside it, here in the folder of the
# context, never in the source's.
pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})


@dataclass(frozen=True)
class Source:
    """A file as it may be read: what it is, and where its checked form lies for now."""

    path: Path
    """As it was given, for messages."""
    format: Format
    place: Path
    """What is opened; inside a folder that goes with the context."""
    encoding: str = ""
    """Of its attributes, where they are no UTF-8; empty: as the file says."""
    lines: int | None = None
    """Of a newline-delimited file: how many rows it should have."""
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
    """Yield a file ready to be read; nothing is ever written beside it.

    Parameters
    ----------
    path
        A file, or the folder of a File Geodatabase.
    encoding
        Of its text, where the file says none or lies; empty: found out.

    Raises
    ------
    InvalidInput
        When the file is none that is read, or not safe to read; says why and what would help.
    TooLarge
        When it is beyond the city's limit.
    """
    check_encoding(encoding)
    with tempfile.TemporaryDirectory(prefix="civicgrid-import-") as folder:
        yield _prepared(path, Path(folder), encoding, limits())


def parts_of(path: Path) -> list[Path]:
    """Return all files that are read when this one is given, sorted."""
    if path.is_dir():
        return sorted(each for each in path.iterdir() if each.is_file())
    for format_, kind in KINDS.items():
        if kind.siblings and path.suffix.lower() == kind.suffix:
            return _parts(path, format_)
    return [path]


def check_encoding(encoding: str) -> None:
    """Raise `InvalidInput` for the name of an encoding that there is not."""
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, ValueError) as error:
        message = f"There is no encoding {encoding!r}. Give one such as cp1252, latin-1 or utf-8."
        raise InvalidInput(message, field="encoding") from error


def _prepared(path: Path, folder: Path, encoding: str, most: Limits) -> Source:
    if ELSEWHERE.match(str(path)):
        message = f"{path} is an address, not a file of this computer. Fetch it first."
        raise InvalidInput(message, field="file")
    if path.is_dir():
        return _geodatabase(path, path, folder)
    check_file(path)
    head = _head(path)
    size = path.stat().st_size
    if size > most.file_bytes:
        message = (
            f"{path.name} has {size:,} bytes; at most {most.file_bytes:,} are taken. Cut it into "
            "parts, or raise CIVICGRID_IMPORT_MOST_BYTES."
        )
        raise TooLarge(message, field="file")
    if head.startswith((archives.ZIP, archives.EMPTY_ZIP)):
        return _archived(path, folder, encoding, most)
    inner = path
    if head.startswith(GZIP):
        inner = _gunzipped(path, folder, most)
        head = _head(inner)
        if head.startswith((archives.ZIP, GZIP)) or head[257:262] == b"ustar":
            raise refused(path, NESTED)
    return _file(path, inner, head, folder, encoding)


def check_file(path: Path) -> None:
    """Raise `InvalidInput` for what is no file that can be opened, such as a pipe."""
    try:
        is_file = stat.S_ISREG(path.stat().st_mode)
        if is_file:
            path.open("rb").close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{path} could not be opened: {reason}. Check the path."
        raise InvalidInput(message, field="file") from error
    if not is_file:
        message = f"{path} is a folder, a pipe or a device, not a file. Check the path."
        raise InvalidInput(message, field="file")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _gunzipped(path: Path, folder: Path, most: Limits) -> Path:
    target, written, packed_bytes = folder / "unpacked", 0, path.stat().st_size
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            while piece := packed.read(PIECE_BYTES):
                written += len(piece)
                if written > max(most.small_bytes, most.ratio * packed_bytes):
                    message = (
                        f"{path.name} is a bomb: its {packed_bytes:,} bytes grow more than "
                        f"{most.ratio} times. It is not unpacked."
                    )
                    raise InvalidInput(message, field="file")
                if written > most.file_bytes:
                    message = (
                        f"{path.name} unpacks to more than {most.file_bytes:,} bytes. Cut it into "
                        "parts, or raise CIVICGRID_IMPORT_MOST_BYTES."
                    )
                    raise TooLarge(message, field="file")
                plain.write(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path.name} is a damaged gzip file ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    return target


# ---- archives ----


def _archived(path: Path, folder: Path, encoding: str, most: Limits) -> Source:
    inside = folder / "archive"
    members = archives.unpack(path, inside, most)
    geodatabases = {
        parent for m in members for parent in m.parents if parent.suffix.lower() == ".gdb"
    }
    if geodatabases:
        return _geodatabase(path, inside / _only(path, sorted(geodatabases)), folder)
    shapes = [m for m in members if m.suffix.lower() == ".shp"]
    if len(shapes) > 1:
        return _many_shapefiles(path, [inside / m for m in shapes], folder, encoding)
    data = shapes or [m for m in members if m.suffix.lower() in _SUFFIXES]
    if any(m.name == "[Content_Types].xml" for m in members):
        raise refused(path, "an Excel or Word file. Save the sheet as CSV")
    if not data and any(m.suffix.lower() in PACKED for m in members):
        raise refused(path, NESTED)
    if not data:
        found = ", ".join(str(m) for m in members[:5]) or "nothing"
        message = f"{path.name} holds no file of places (it holds {found})."
        raise InvalidInput(message, field="file")
    inner = inside / _only(path, data)
    head = _head(inner)
    if head.startswith((archives.ZIP, GZIP)):
        raise refused(path, NESTED)
    return _file(path, inner, head, folder, encoding)


_SUFFIXES = {kind.suffix for kind in KINDS.values()} | {".tsv", ".ndjson", ".geojsons", ".geojsonl"}


def _only(path: Path, found: Sequence[Path]) -> Path:
    if len(found) > 1:
        message = (
            f"{path.name} holds {len(found)} files of places ({', '.join(map(str, found[:5]))}). "
            "Unpack it and give one."
        )
        raise InvalidInput(message, field="file")
    return found[0]


def _many_shapefiles(path: Path, shapes: list[Path], folder: Path, encoding: str) -> Source:
    """Lay the Shapefiles of an archive into one folder, which GDAL reads as layers."""
    place = folder / "source"
    place.mkdir()
    for shape in shapes:
        if (place / f"{shape.stem}.shp").exists():
            message = f"{path.name} holds {shape.stem}.shp twice. Unpack it and give one."
            raise InvalidInput(message, field="file")
        for part in _parts(shape, Format.SHAPEFILE):
            part.rename(place / f"{shape.stem}{part.suffix.lower()}")
        _recode_system(place / f"{shape.stem}.shp")
    return Source(path, Format.SHAPEFILE, place, encoding)


def _geodatabase(path: Path, inner: Path, folder: Path) -> Source:
    if not any(inner.glob("*.gdbtable")):
        message = f"{path.name} is a folder without a File Geodatabase in it. Give a file."
        raise InvalidInput(message, field="file")
    place = folder / f"{STEM}.gdb"
    place.symlink_to(inner.resolve(), target_is_directory=True)
    return Source(path, Format.FILE_GEODATABASE, place)


# ---- single files ----


def _file(path: Path, inner: Path, head: bytes, folder: Path, encoding: str) -> Source:
    """Lay a file, and what belongs to it, into the folder under a plain name."""
    format_ = detect(head, path if inner.parent == folder else inner)
    kind = KINDS[format_]
    place = folder / f"{STEM}{kind.suffix}"
    findings: list[Finding] = []
    lines = None
    if kind.is_text:
        lines, encoding = _text(path, inner, place, format_, encoding, findings)
        return Source(path, format_, place, lines=lines, findings=tuple(findings))
    for part in _parts(inner, format_):
        target = folder / f"{STEM}{part.suffix.lower()}"
        if target.suffix == ".shx":
            shutil.copyfile(part, target)  # GDAL would write a broken one anew, through a link.
        else:
            target.symlink_to(part.resolve())
    if not place.exists():
        place.symlink_to(inner.resolve())
    match format_:
        case Format.GEOPACKAGE | Format.SQLITE:
            elsewhere.check_database(path, inner, place)
        case Format.MAPINFO_TAB:
            elsewhere.check_tab(path, _head(inner))
        case Format.KML | Format.GML | Format.GPX:
            with inner.open("rb") as file:
                documents.check_xml(file, path.name)
        case Format.DXF:
            _check_end(path, inner)
        case Format.SHAPEFILE:
            encoding = _shapefile(path, place, encoding, findings)
    return Source(path, format_, place, encoding, findings=tuple(findings))


def _parts(inner: Path, format_: Format) -> list[Path]:
    """Return a file and those beside it that belong to it, whatever the case of their suffixes."""
    wanted = {KINDS[format_].suffix, *KINDS[format_].siblings}
    if len(wanted) == 1:
        return []
    return [
        each
        for each in sorted(inner.parent.iterdir())
        if each.stem == inner.stem and each.suffix.lower() in wanted and each.is_file()
    ]


def _shapefile(path: Path, place: Path, encoding: str, findings: list[Finding]) -> str:
    """Note what a Shapefile lacks; return the encoding of its attributes."""
    if not place.with_suffix(".shx").exists():
        message = f"{path.name} came without its index (.shx), which was made anew"
        findings.append(Finding(Code.INDEX_RESTORED, 1, message))
    _recode_system(place)
    table = place.with_suffix(".dbf")
    if not table.exists():
        message = f"{path.name} came without its attributes (.dbf): it has places alone"
        findings.append(Finding(Code.SIBLING_MISSING, 1, message))
        return ""
    _check_rows(path, place, table)
    if encoding or place.with_suffix(".cpg").exists():
        return encoding
    with table.open("rb") as file:
        header = file.read(32)
        if header[29:30] not in {b"", b"\x00"}:
            return ""  # The table names its code page itself.
        if (found := _encoding_of(file)) != "utf-8":
            message = f"The texts of {path.name} are in {found}, which it does not say"
            findings.append(Finding(Code.ENCODING, 1, message))
    return found


def _recode_system(place: Path) -> None:
    """Bring the name of a Shapefile's system, such as Gauß-Krüger, to UTF-8."""
    system = place.with_suffix(".prj")
    content = system.read_bytes() if system.exists() else b""
    try:
        content.decode()
    except UnicodeDecodeError:
        system.unlink()  # Here it may be a link to the file that was given.
        system.write_text(content.decode("cp1252", "replace"), encoding="utf-8")


def _check_rows(path: Path, place: Path, table: Path) -> None:
    """Refuse a table that is cut short, or has not as many rows as its Shapefile has places."""
    with table.open("rb") as file:
        header = file.read(12)
    rows = int.from_bytes(header[4:8], "little")
    head_bytes, row_bytes = (int.from_bytes(header[i : i + 2], "little") for i in (8, 10))
    size = table.stat().st_size
    if len(header) < 12 or size < (least := head_bytes + rows * row_bytes):
        wanted = "" if len(header) < 12 else f" of {least:,}"
        message = (
            f"The attributes of {path.name} (.dbf) are cut short: {size:,} bytes{wanted} are "
            "there. Fetch them again, or give the .shp alone."
        )
        raise InvalidInput(message, field="file")
    index = place.with_suffix(".shx")
    places = (index.stat().st_size - 100) // 8 if index.exists() else rows
    if places != rows:
        message = (
            f"{path.name} has {places:,} places, but its attributes (.dbf) have {rows:,} rows, so "
            "they belong to another file. Fetch both again, or give the .shp alone."
        )
        raise InvalidInput(message, field="file")


def _check_end(path: Path, inner: Path) -> None:
    with inner.open("rb") as file:
        file.seek(max(0, inner.stat().st_size - 100))
        end = file.read()
    if not end.rstrip().endswith(b"EOF"):
        message = f"{path.name} is cut short: a drawing (DXF) ends with EOF. Fetch it again."
        raise InvalidInput(message, field="file")


# ---- texts ----


def _encoding_of(file: BinaryIO) -> str:
    """Return utf-8 where the rest of a file is that, else cp1252, which reads nearly anything."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(PIECE_BYTES):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _text(
    path: Path, inner: Path, place: Path, format_: Format, encoding: str, findings: list[Finding]
) -> tuple[int | None, str]:
    """Bring a text to UTF-8 without a byte order mark; check it; return its number of lines."""
    with inner.open("rb") as file:
        begin = file.read(4)
        file.seek(0)
        if begin.startswith(documents.UTF8_BOM):
            said = "utf-8-sig"
        elif begin.startswith(documents.UTF16):
            said = "utf-16"
        else:
            said = encoding or _encoding_of(file)
    if said == "utf-8" and not encoding:
        place.symlink_to(inner.resolve())
    else:
        _recode(path, inner, place, said)
        if said == "cp1252" and not encoding:
            message = f"The text of {path.name} is no UTF-8; it was read as cp1252 (Windows)"
            findings.append(Finding(Code.ENCODING, 1, message))
    if format_ not in {Format.GEOJSON, Format.GEOJSON_LINES, Format.TOPOJSON, Format.ESRI_JSON}:
        return None, ""
    lines, is_odd, is_cut = _scan(place)
    if is_cut:
        message = f"{path.name} has texts with a zero byte in them, which end there"
        findings.append(Finding(Code.CONTROL_CHARACTER, 1, message))
    if is_odd:
        with place.open("rb") as file:
            documents.check_crs(file, path.name)
    return (lines if format_ == Format.GEOJSON_LINES else None), ""


def _recode(path: Path, inner: Path, place: Path, encoding: str) -> None:
    # Five bytes have no meaning in cp1252; they become a question mark of their own.
    errors = "replace" if encoding == "cp1252" else "strict"
    try:
        with (
            inner.open(encoding=encoding, errors=errors, newline="") as source,
            place.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(source, target, PIECE_BYTES)
    except UnicodeError as error:
        message = (
            f"{path.name} is cut short, or not in the encoding {encoding} ({error}). Fetch it "
            "again, or give the right one, for example --encoding cp1252."
        )
        raise InvalidInput(message, field="encoding") from error


ZERO = b"\\u0000"


def _scan(place: Path) -> tuple[int, bool, bool]:
    """Look through a JSON text.

    Returns how many lines are not blank, whether its system may be odd, and whether a text in it
    has a zero byte, at which GDAL ends it.
    """
    lines, is_odd, is_cut = 0, False, False
    with place.open("rb") as file:
        for line in _whole_lines(file):
            lines += bool(line.strip(b"\x1e \t\r\n"))
            is_cut = is_cut or ZERO in line
        file.seek(0)
        overlap = b""
        while not is_odd and (piece := file.read(PIECE_BYTES)):
            is_odd = documents.may_have_odd_crs(overlap + piece)
            overlap = piece[-documents.MOST_CRS_BYTES :]
    return lines, is_odd, is_cut


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines, cut where they are longer than a piece."""
    while line := file.readline(PIECE_BYTES):
        yield line
