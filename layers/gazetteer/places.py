"""What the search returns, who else may answer it, and how its statements are asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from layers.statements import statement

Point = tuple[float, float]
"""Longitude and latitude, EPSG:4326."""


def is_on_map(lon: float, lat: float) -> bool:
    """Tell whether degrees can be drawn: the map ends where Mercator's square does."""
    return -180 <= lon <= 180 and -85.06 <= lat <= 85.06


def storable(lon: float, lat: float) -> Point:
    """Cut degrees where PostgreSQL would refuse them: it takes no number below 1e-307."""
    return round(lon, 12), round(lat, 12)


@dataclass(frozen=True)
class Place:
    """A place that somebody may mean, in EPSG:4326."""

    kind: str
    """``street``, ``crossing``, ``address``, ``area``, ``asset``, or a kind of a finder's own."""
    label: str
    lon: float
    lat: float
    detail: str = ""
    """What tells it from others of its name, such as its part of the city."""
    bounds: tuple[float, float, float, float] | None = None
    """West, south, east, north."""
    url: str | None = None
    """Its own page, where it has one."""


Finder = Callable[[str], list[Place]]
"""Takes a text, returns what bears exactly this code and everybody may know of."""

_finders: list[Finder] = []


def register(finder: Finder) -> Finder:
    """Let a higher floor's codes be found; from its ``finders.py``."""
    _finders.append(finder)
    return finder


def by_code(text: str) -> list[Place]:
    """Return what bears this code."""
    return [place for finder in _finders for place in finder(text)]


def rows(name: str, **values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of one of the statements of this package."""
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, name), values)
        return list(cursor.fetchall())


def rounded(lon: float, lat: float) -> Point:
    """Cut degrees to a centimetre."""
    return round(lon, 7), round(lat, 7)
