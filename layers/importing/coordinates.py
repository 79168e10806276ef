"""Which coordinate system a file's numbers are in: what it says, what was given, what is likely."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import CRSError, ProjError

from layers.crs import GEOGRAPHIC
from layers.errors import InvalidInput
from layers.importing.findings import Code, Finding
from layers.queries import WORLD, Bounds, city, city_bounds

Geometries = NDArray[np.object_]
DEGREES: Bounds = (-180.0, -90.0, 180.0, 90.0)
TURNED_DEGREES: Bounds = (-90.0, -180.0, 90.0, 180.0)


@dataclass(frozen=True)
class Plan:
    """How a file's coordinates become longitudes and latitudes; or why they cannot."""

    system: CRS | None
    said: int | None = None
    used: int | None = None
    is_swapped: bool = False
    problem: Finding | None = None
    proposed: tuple[tuple[int, str], ...] = ()
    """EPSG code and name of the systems that it may be in, where there is a problem."""

    def placed(self, geometries: Geometries) -> Geometries:
        """Return flat geometries in EPSG:4326; None stays None, no result is infinite."""
        if self.system is None:
            return geometries
        geometries = np.asarray(geometries, dtype=object)
        if self.is_swapped:
            geometries = shapely.transform(geometries, lambda pairs: pairs[:, ::-1])
        if self.used == GEOGRAPHIC:
            return geometries
        transformer = Transformer.from_crs(self.system, GEOGRAPHIC, always_xy=True)

        def project(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(transformer.transform(pairs[:, 0], pairs[:, 1]))

        return np.asarray(shapely.transform(geometries, project), dtype=object)


def system_of(srid: int) -> CRS:
    """Return the system of an EPSG code.

    Raises
    ------
    InvalidInput
        When there is none.
    """
    try:
        return CRS.from_epsg(srid)
    except CRSError as error:
        message = f"There is no coordinate system EPSG:{srid}. Look the code up."
        raise InvalidInput(message, field="crs") from error


def plan(
    name: str, said: Any, srid: int | None, geometries: Geometries, *, swapped: bool = False
) -> Plan:
    """Decide how a file's coordinates are read, from what it says and what its first rows hold.

    Parameters
    ----------
    name
        The file's, for messages.
    said
        What the file says of its system (WKT, PROJJSON or an authority's code); None: nothing.
    srid
        EPSG code that was given, which is believed more than the file.
    geometries
        The first rows, as they stand in the file.
    swapped
        The file has latitude before longitude.

    Raises
    ------
    InvalidInput
        When there is no system of the given code.
    """
    file_system = _system_said(said)
    said_code = file_system.to_epsg(min_confidence=70) if file_system else None
    system = system_of(srid) if srid is not None else file_system
    bounds = shapely.total_bounds(geometries)
    if not np.isfinite(bounds).all():
        return Plan(system, said_code, srid if srid is not None else said_code, swapped)
    sample = f"{bounds[0]:.8g}, {bounds[1]:.8g}"
    if system is None:
        message = f"{name} does not say its coordinate system. "
        message += (
            "Its coordinates look like longitude and latitude: if they are, give --crs 4326."
            if _within(bounds, DEGREES)
            else f"Its coordinates are such as {sample}. {_likely(bounds)}"
        )
        proposed = ((GEOGRAPHIC, "WGS 84"),) if _within(bounds, DEGREES) else _proposed(bounds)
        return Plan(None, problem=Finding(Code.NO_CRS, 1, message), proposed=proposed)
    used = srid if srid is not None else said_code
    made = Plan(system, said_code, used, swapped)
    named = f"EPSG:{used}" if used else system.name
    try:
        placed = made.placed(geometries)
    except ProjError:
        message = (
            f"{name} is in a system ({named}) from which nothing leads to longitude and latitude. "
            "Ask its source for the right one, and give its code as --crs."
        )
        problem = Finding(Code.WRONG_CRS, 1, message)
        return Plan(None, said_code, problem=problem, proposed=_proposed(bounds))
    if _share_on_earth(placed) < 0.5:
        code = Code.SWAPPED if _within(bounds, TURNED_DEGREES) else Code.WRONG_CRS
        message = (
            f"{name} has coordinates such as {sample}, which are not in {named}. {_likely(bounds)}"
        )
        problem = Finding(code, 1, message)
        return Plan(None, said_code, problem=problem, proposed=_proposed(bounds))
    if not swapped and system.is_geographic and _is_elsewhere_but_turned(placed):
        message = f"{name} has coordinates such as {sample}, far from the city. {SWAPPED}"
        return Plan(None, said_code, problem=Finding(Code.SWAPPED, 1, message))
    return made


GRIDS = re.compile(r"grids=[^,\s\"]*[/\\\\]", re.IGNORECASE)


def _system_said(said: Any) -> CRS | None:
    """Return the system that a file names by WKT, PROJJSON or an authority's code; else None."""
    text = str(said or "")
    if not said or text.startswith("+") or GRIDS.search(text):
        return None
    try:
        return CRS.from_user_input(said)
    except CRSError:
        return None


def is_on_earth(geometries: Geometries) -> NDArray[np.bool_]:
    """Tell which geometries (EPSG:4326) lie within 180 and 90 degrees; a missing one does not."""
    west, south, east, north = shapely.bounds(geometries).T
    inside = (west >= -180) & (south >= -90) & (east <= 180) & (north <= 90)
    return np.asarray(inside, dtype=bool)


def _share_on_earth(geometries: Geometries) -> float:
    there = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    return float(is_on_earth(geometries[there]).mean()) if there.any() else 1.0


def _within(bounds: NDArray[np.float64], outer: Bounds) -> bool:
    west, south, east, north = bounds
    return bool(west >= outer[0] and south >= outer[1] and east <= outer[2] and north <= outer[3])


SWAPPED = (
    "Latitude and longitude seem to be swapped: longitude comes first. If they are, give --swapped."
)
UNKNOWN_PLACE = (
    "They are probably metres or feet of a projected system (State Plane, UTM). Ask the file's "
    "source which, and give its code as --crs. Once this installation knows where the city is (by "
    "set_city --metric-epsg, or by its areas), the likely system is named here."
)


def _likely(bounds: NDArray[np.float64]) -> str:
    """Say what the coordinates probably are, and what to do about it."""
    if _within(bounds, TURNED_DEGREES):
        return SWAPPED
    ground = _ground()
    if ground is None:
        return UNKNOWN_PLACE
    found = [f"EPSG:{code} ({title})" for code, title in _proposed(bounds)]
    if not found:
        return (
            "No system that is used around this city would place them in it. Ask the file's source "
            "which they are in, and give its code as --crs."
        )
    code = found[0].split()[0].removeprefix("EPSG:")
    others = f" (or {', '.join(found[1:])})" if found[1:] else ""
    return f"They are probably in {found[0]}{others}: if they are, give --crs {code}."


def _proposed(bounds: NDArray[np.float64]) -> tuple[tuple[int, str], ...]:
    """Return the systems that would place coordinates in the city, likeliest first."""
    ground = _ground()
    if ground is None or _within(bounds, TURNED_DEGREES):
        return ()
    return tuple(likely_systems(bounds, ground))


def _ground() -> Bounds | None:
    """Return where the city is: what its areas or streets cover, else where its system is used."""
    if (bounds := city_bounds()) != WORLD:
        return bounds
    if (srid := city().metric_srid) and (use := CRS.from_epsg(srid).area_of_use):
        return use.bounds
    return None


MOST_NAMED = 3
APART_DEGREES = 0.0005
"""Systems that differ by less (some 50 m) are editions of one; the usual one is named."""


def likely_systems(bounds: Any, ground: Bounds) -> list[tuple[int, str]]:
    """Return which projected systems would place coordinates on a ground, likeliest first.

    Parameters
    ----------
    bounds
        Of the coordinates, as they stand in the file (four numbers).
    ground
        Bounds in EPSG:4326 where they should lie.

    >>> boston = (-71.19, 42.22, -70.92, 42.40)
    >>> likely_systems((739594, 2908187, 803687, 2970072), boston)[0]
    (2249, 'NAD83 / Massachusetts Mainland (ftUS)')
    """
    middle = (np.asarray(bounds)[:2] + np.asarray(bounds)[2:]) / 2
    scored: list[tuple[float, int, str, tuple[float, float]]] = []
    for code, title in _systems_around(ground):
        try:
            # Without the shift of datums, some 100 m: a transformer takes 300 times as long.
            lon, lat = Proj(code)(middle[0], middle[1], inverse=True)
        except CRSError:
            continue
        off = _off(lon, lat, ground)
        if off <= 1:
            scored.append((off, code, title, (lon, lat)))
    kept: list[tuple[float, int, str, tuple[float, float]]] = []
    for each in sorted(scored, key=lambda one: (not _is_usual(one[2]), one[1])):
        if all(np.abs(np.subtract(each[3], k[3])).max() > APART_DEGREES for k in kept):
            kept.append(each)
    kept.sort(key=lambda one: (not _is_usual(one[2]), one[0]))
    return [(code, title) for _off_by, code, title, _at in kept[:MOST_NAMED]]


USUAL = ("NAD83 /", "WGS 84 /", "ETRS89 /", "GDA94 /", "GDA2020 /", "OSGB36 /", "RGF93")


def _is_usual(title: str) -> bool:
    """Tell whether a system is of a datum that most files of cities use."""
    return title.startswith(USUAL)


def _off(lon: float, lat: float, ground: Bounds) -> float:
    """Return how far a point lies from the middle of a ground; 1 is its edge."""
    west, south, east, north = ground
    if not np.isfinite([lon, lat]).all():
        return float("inf")
    across = abs(lon - (west + east) / 2) / max((east - west) / 2, 1e-6)
    along = abs(lat - (south + north) / 2) / max((north - south) / 2, 1e-6)
    return float(max(across, along))


def _systems_around(ground: Bounds) -> Iterator[tuple[int, str]]:
    for info in query_crs_info(
        auth_name="EPSG",
        pj_types=[PJType.PROJECTED_CRS],
        area_of_interest=AreaOfInterest(*ground),
        contains=True,
    ):
        yield int(info.code), info.name


def _is_elsewhere_but_turned(placed: Geometries) -> bool:
    """Tell whether places lie off the city, and on it once their axes are turned."""
    ground = city_bounds()
    if ground == WORLD:
        return False
    west, south, east, north = shapely.total_bounds(placed)
    lon, lat = (west + east) / 2, (south + north) / 2
    return _off(lon, lat, ground) > 2 and _off(lat, lon, ground) <= 1
