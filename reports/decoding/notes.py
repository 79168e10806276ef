"""What a camera wrote down beside the pixels (CIPA DC-008, Exif): place, time, which way is up."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image

ORIENTATION = 0x0112
GPS_IFD = 0x8825
EXIF_IFD = 0x8769
LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE = 1, 2, 3, 4
TAKEN, OFFSET = 0x9003, 0x9011
CLOCK = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
ZONE = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")


@dataclass(frozen=True)
class Notes:
    """What is used of a photo's metadata."""

    place: tuple[float, float] | None = None
    """Longitude and latitude (EPSG:4326)."""
    taken: str | None = None
    orientation: int = 1


def notes_of(image: Image.Image) -> Notes:
    """Return what the camera wrote down; nothing where it cannot be read."""
    try:
        exif = image.getexif()
        return Notes(place_of(exif), taken_at(exif), exif.get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - the reader of broken Exif raises anything; the pixels are good
        return Notes()


def place_of(exif: Image.Exif) -> tuple[float, float] | None:
    """Return longitude and latitude (EPSG:4326, to a tenth of a metre), or None.

    None too for what cameras write without a fix: zeros, half a place, a division by zero.
    """
    gps = exif.get_ifd(GPS_IFD)
    lat = _degrees(gps.get(LATITUDE), gps.get(LATITUDE_REF), {"N": 1, "S": -1}, 90)
    lon = _degrees(gps.get(LONGITUDE), gps.get(LONGITUDE_REF), {"E": 1, "W": -1}, 180)
    if lon is None or lat is None or (lon, lat) == (0, 0):
        return None
    return lon, lat


def _degrees(parts: object, reference: object, signs: Mapping[str, int], most: int) -> float | None:
    """Return degrees, minutes and seconds as signed degrees, or None when they are none."""
    sign = signs.get(_text(reference).upper())
    numbers = [_number(part) for part in (parts if isinstance(parts, tuple) else (parts,))]
    if sign is None or not 1 <= len(numbers) <= 3:
        return None
    degrees = sum((n / 60.0**power for power, n in enumerate(numbers)), 0.0)
    if not (math.isfinite(degrees) and min(numbers) >= 0 and degrees <= most):
        return None
    return round(sign * degrees, 6)


def _number(part: Any) -> float:
    try:
        return float(part)
    except (TypeError, ValueError, ZeroDivisionError):
        return math.nan


def _text(value: object) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text.strip("\0 ") if isinstance(text, str) else ""


def taken_at(exif: Image.Exif) -> str | None:
    """Return when it was taken (ISO 8601, with an offset where the camera knew it), or None."""
    details = exif.get_ifd(EXIF_IFD)
    clock = CLOCK.fullmatch(_text(details.get(TAKEN)))
    offset = _text(details.get(OFFSET))
    if clock is None:
        return None
    try:
        moment = datetime.fromisoformat(clock.expand(r"\1-\2-\3T\4"))
    except ValueError:
        return None
    return moment.isoformat() + (offset if ZONE.fullmatch(offset) else "")
