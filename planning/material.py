"""What a method works on: the study area, reports and streets as arrays, in metres."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Ground:
    """Where a study takes place.

    Attributes
    ----------
    srid
        EPSG code that lengths are measured in (scaled to metres).
    area
        The study area in metres; None where the city has no areas yet.
    place_names, places
        The neighbourhoods (else the wards) that a finding names, and their polygons in metres.
    time_zone
        The city's own, in which days and months begin.
    """

    srid: int
    area: shapely.Geometry | None
    place_names: tuple[str, ...]
    places: Geometries
    time_zone: ZoneInfo

    def place_of(self, geometries: Geometries) -> npt.NDArray[np.int64]:
        """Return the position in `place_names` of each geometry's middle, -1 for none."""
        found = np.full(len(geometries), -1, dtype=np.int64)
        if len(self.places) and len(geometries):
            middles = shapely.centroid(geometries)
            place, at = shapely.STRtree(middles).query(self.places, predicate="intersects")
            found[at] = place
        return found

    def place_with_most(self, geometries: Geometries) -> tuple[str, int] | None:
        """Return the place that holds most of the geometries, and how many; None without any."""
        place = self.place_of(geometries)
        counts = np.bincount(place[place >= 0], minlength=len(self.place_names))
        if not counts.any():
            return None
        most = int(counts.argmax())
        return self.place_names[most], int(counts[most])


class Source(Protocol):
    """What every method is given."""

    @property
    def ground(self) -> Ground:
        """Where it is."""

    @property
    def taken(self) -> int:
        """How many features were read and used."""

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many were not, by the reason in words."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the ordered content, in hexadecimal; the same data give the same."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Points:
    """What can be counted in cells, inside the study area: the things of a layer, or reports.

    Attributes
    ----------
    x, y : float arrays of shape (points,)
        Metres in `Ground.srid`.
    subject
        What they are, as a title: "Street lights", "Street light out".
    noun
        What to call them: "Street lights", "Reports"; in a sentence it begins small.
    finest_m
        Twice the median distance, in metres, between an address and the point that masks it, where
        any of the reports is shown by such a point; 0 where none is. A cell or a bandwidth below
        this would draw as a pattern of places what the masks have made.
    """

    x: Floats
    y: Floats
    subject: str
    noun: str
    ground: Ground
    left_out: Mapping[str, int]
    fingerprint: str
    finest_m: float = 0.0

    @property
    def taken(self) -> int:
        """How many were read and used."""
        return len(self.x)


@dataclass(frozen=True, eq=False, kw_only=True)
class Events(Points):
    """Reports as everybody may see them, inside the study area: points with a time.

    Attributes
    ----------
    time : datetime64[us] array of shape (reports,)
        When it was reported, UTC, cut as the report's class asks (to the minute, day or month).
    category : str array of shape (reports,)
        Codes of the categories.
    since, until
        First and last day that were asked for, both included, cut to the time of which there are
        reports of any kind; None where all were.
    """

    noun: str = "Reports"
    time: npt.NDArray[np.datetime64]
    category: npt.NDArray[np.str_]
    since: date | None
    until: date | None


@dataclass(frozen=True, eq=False)
class Streets:
    """The street segments of the city.

    Attributes
    ----------
    lines : LineString array of shape (segments,)
        In metres of `Ground.srid`.
    name, level, bridge, tunnel : arrays of shape (segments,)
        What the source says of each.
    """

    lines: Geometries
    name: npt.NDArray[np.str_]
    level: npt.NDArray[np.int64]
    bridge: npt.NDArray[np.bool_]
    tunnel: npt.NDArray[np.bool_]
    ground: Ground
    fingerprint: str
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """How many segments were read."""
        return len(self.lines)
