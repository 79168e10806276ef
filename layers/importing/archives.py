"""Takes files out of a zip archive: only what can be places, nothing outside its folder."""

import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from layers.errors import InvalidInput
from layers.importing.limits import Limits

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
PIECE_BYTES = 1_000_000
NOISE = ("__MACOSX/", ".DS_Store")
ENCRYPTED = 1


def unpack(path: Path, folder: Path, limits: Limits) -> list[Path]:
    """Unpack an archive into a folder; return its files, sorted, relative to the folder.

    Raises
    ------
    InvalidInput
        When it is damaged or locked, holds more than the limits allow, or a name in it leads
        out of the folder.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not _is_noise(m)]
            _check(path, members, limits)
            for member in members:
                _take(path, archive, member, folder, limits)
            return sorted(Path(m.filename) for m in members)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        message = f"{path.name} is a damaged zip archive ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error


def _is_noise(member: zipfile.ZipInfo) -> bool:
    return any(noise in member.filename for noise in NOISE)


def _check(path: Path, members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        message = (
            f"{path.name} holds {len(members):,} files; at most {limits.members:,} are unpacked. "
            "Pack the file of places alone, with what belongs to it."
        )
        raise InvalidInput(message, field="file")
    total = sum(member.file_size for member in members)
    if total > limits.file_bytes:
        message = (
            f"{path.name} would unpack to {total:,} bytes; at most {limits.file_bytes:,} are "
            "taken. Cut it into parts, or raise CIVICGRID_IMPORT_MOST_BYTES."
        )
        raise InvalidInput(message, field="file")
    seen = set()
    folders = {str(p).lower() for m in members for p in PurePosixPath(m.filename).parents}
    for member in members:
        _check_name(path, member)
        if member.filename.lower() in seen:
            message = f"{path.name} holds {member.filename!r} twice. Pack it anew."
            raise InvalidInput(message, field="file")
        if member.filename.lower() in folders:
            message = f"{path.name} holds {member.filename!r} as a file and a folder. Pack it anew."
            raise InvalidInput(message, field="file")
        seen.add(member.filename.lower())
        if member.flag_bits & ENCRYPTED:
            message = f"{path.name} is locked by a password. Unpack it, and pack it without."
            raise InvalidInput(message, field="file")
        if (
            member.file_size > limits.small_bytes
            and member.file_size > limits.ratio * member.compress_size
        ):
            message = (
                f"{path.name} is a bomb: {member.filename!r} would grow from "
                f"{member.compress_size:,} bytes to {member.file_size:,}, more than "
                f"{limits.ratio} times. It is not unpacked."
            )
            raise InvalidInput(message, field="file")


def _check_name(path: Path, member: zipfile.ZipInfo) -> None:
    # The raw name: zipfile cuts one at a zero byte.
    name = member.orig_filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if (
        not parts
        or "\\" in name
        or "\x00" in name
        or name.startswith("/")
        or ":" in parts[0]
        or ".." in parts
    ):
        message = f"{path.name} holds a file named {name!r}, which leads out of it. It is refused."
        raise InvalidInput(message, field="file")
    if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}:
        message = (
            f"{path.name} holds {name!r}, which is a link or a device, not a file. It is refused."
        )
        raise InvalidInput(message, field="file")


def _take(
    path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, limits: Limits
) -> None:
    """Unpack one file, believing nothing that the archive says of its size."""
    target = folder / member.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as packed, target.open("xb") as plain:
        while piece := packed.read(PIECE_BYTES):
            written += len(piece)
            if written > limits.file_bytes:
                message = f"{path.name} unpacks to more than {limits.file_bytes:,} bytes."
                raise InvalidInput(message, field="file")
            plain.write(piece)
