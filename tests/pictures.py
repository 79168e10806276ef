"""Pictures made for tests: photos as cameras write them, with a place in their metadata."""

import io
import struct
import zlib
from functools import cache
from typing import Any

from PIL import Image, ImageCms, ImageDraw
from PIL.TiffImagePlugin import IFDRational

from tests.heic import heic

PLACE = (-71.053403, 42.358472)
TAKEN = "2026-05-04T03:02:01-04:00"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>42,21.5N</exif:GPSLatitude></x:xmpmeta>'
)
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0e\x1c\x02\x5a\0\x09SecretTown"
# What would be left of a photo's metadata, however it were carried over.
TRACES = (
    b"Exif",
    b"MM\0*",
    b"II*\0",
    b"SecretCamera",
    b"secret comment",
    b"xmpmeta",
    b"2026:05:04",
)
TRACES += (b"SecretTown", b"ICC_PROFILE", b"acsp", b"http", b"MPF\0", b"8BIM")
FORMATS = ("jpeg", "png", "webp", "heic")


def exif(orientation: int = 1, gps: dict[int, Any] | None = None) -> Image.Exif:
    """Return metadata with a camera, a time, a place and an orientation."""
    made = Image.Exif()
    made[0x010F] = "SecretCamera"
    made[0x0112] = orientation
    degrees = {1: "N", 2: (42.0, 21.0, 30.5), 3: "W", 4: (71.0, 3.0, IFDRational(1225, 100))}
    made.get_ifd(0x8825).update(degrees if gps is None else gps)
    made.get_ifd(0x8769).update({0x9003: "2026:05:04 03:02:01", 0x9011: "-04:00"})
    return made


@cache
def scene(width: int = 128, height: int = 96) -> Image.Image:
    """Return a picture: its upper left corner is red, its right half blue, the rest white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height), fill=(20, 40, 200))
    draw.rectangle((0, 0, width // 4 - 1, height // 3 - 1), fill=(220, 20, 30))
    return image


def photo(kind: str = "jpeg", image: Image.Image | None = None, **options: Any) -> bytes:
    """Return a file as a camera writes it, full of metadata."""
    image = image or scene()
    if kind == "heic":
        return heic(image, exif().tobytes().removeprefix(b"Exif\0\0"))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    given: dict[str, Any] = {"exif": exif(), "icc_profile": profile, **options}
    if kind == "jpeg":
        given = {"comment": b"secret comment", "xmp": XMP, "quality": 88, **given}
    if kind == "webp":
        given = {"xmp": XMP, **given, "exif": given["exif"].tobytes()}
    written = io.BytesIO()
    image.save(written, kind, **given)
    made = written.getvalue()
    if kind == "jpeg":
        made = made[:2] + b"\xff\xed" + struct.pack(">H", len(IPTC) + 2) + IPTC + made[2:]
    return made


def chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def huge(kind: str) -> bytes:
    """Return a small file that claims to measure 30,000 x 30,000 pixels (a WebP 16,000)."""
    match kind:
        case "png":
            head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
            pixels = zlib.compress(bytes(1000))
            parts = [chunk(b"IHDR", head), chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
            return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
        case "jpeg":
            made = bytearray(photo())
            frame = made.index(b"\xff\xc0")
            made[frame + 5 : frame + 9] = struct.pack(">HH", 30_000, 30_000)
            return bytes(made)
        case "webp":
            made = bytearray(photo("webp"))
            made[24:30] = (15_999).to_bytes(3, "little") * 2
            return bytes(made)
        case _:
            return heic(scene(), b"", size=(30_000, 30_000))
