"""Pictures made for tests: photos as cameras write them, with a place in their metadata."""

import io
from functools import cache
from typing import Any

from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import IFDRational

LON, LAT = -71.053403, 42.358472
TAKEN = "2026-05-04T03:02:01-04:00"
SECRETS = (
    b"Exif",
    b"GPS",
    b"CameraMaker",
    b"secret comment",
    b"xmpmeta",
    b"2026:05:04",
    b"ICC_PROFILE",
)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>42,21.5N</exif:GPSLatitude></x:xmpmeta>'
)


def gps_exif(orientation: int = 1) -> Image.Exif:
    """Return metadata with a camera, a time, a place and an orientation."""
    exif = Image.Exif()
    exif[0x010F] = "CameraMaker"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (42.0, 21.0, 30.5), 3: "W", 4: (71.0, 3.0, IFDRational(1225, 100))}
    )
    exif.get_ifd(0x8769).update({0x9003: "2026:05:04 03:02:01", 0x9011: "-04:00"})
    return exif


@cache
def scene(width: int = 400, height: int = 300) -> Image.Image:
    """Return a picture whose upper left corner is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height), fill=(20, 40, 200))
    draw.rectangle((0, 0, width // 4, height // 4), fill=(220, 20, 30))
    return image


def photo(kind: str = "JPEG", image: Image.Image | None = None, **options: Any) -> bytes:
    """Return a file as a camera writes it, full of metadata."""
    image = image or scene()
    given = {"exif": gps_exif(), **options}
    if kind == "JPEG":
        given = {"comment": b"secret comment", "xmp": XMP, "quality": 88, **given}
    written = io.BytesIO()
    image.save(written, kind, **given)
    return written.getvalue()
