"""Which coordinate system a file's numbers are in: what it says, what was given, what is likely."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from layers.crs import GEOGRAPHIC
from layers.errors import InvalidInput
from layers.importing.findings import Code, Finding
from layers.queries import Bounds

Geometries = NDArray[np.object_]
DEGREES: Bounds = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True)
class Plan:
    """How a file's coordinates become longitudes and latitudes; or why they cannot."""

    system: CRS | None
    said: int | None = None
    used: int | None = None
    is_swapped: bool = False
    problem: Finding | None = None

    def placed(self, geometries: Geometries) -> Geometries:
        """Return flat geometries in EPSG:4326; None stays None, no result is infinite."""
        if self.system is None:
            return geometries
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
    file_system = CRS.from_user_input(said) if said else None
    said_code = file_system.to_epsg(min_confidence=70) if file_system else None
    system = system_of(srid) if srid is not None else file_system
    bounds = shapely.total_bounds(geometries)
    sample = f"{bounds[0]:.6g}, {bounds[1]:.6g}"
    if system is None:
        message = f"{name} does not say its coordinate system. "
        message += (
            "Its coordinates look like longitude and latitude: if they are, give --crs 4326."
            if _within(bounds, DEGREES)
            else f"Its coordinates are such as {sample}. {_likely(bounds)}"
        )
        return Plan(None, problem=Finding(Code.NO_CRS, 1, message))
    used = srid if srid is not None else said_code
    made = Plan(system, said_code, used, swapped)
    if _share_on_earth(made.placed(geometries)) < 0.5:
        message = (
            f"{name} has coordinates such as {sample}, which are not in "
            f"{f'EPSG:{used}' if used else system.name}. {_likely(bounds)}"
        )
        return Plan(None, said_code, problem=Finding(Code.WRONG_CRS, 1, message))
    return made


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


def _likely(bounds: NDArray[np.float64]) -> str:
    if _within(bounds, (-90.0, -180.0, 90.0, 180.0)):
        return (
            "Latitude and longitude seem to be swapped: longitude comes first. If they are, give "
            "--swapped."
        )
    return (
        "They are probably metres or feet of a projected system (State Plane, UTM) that the file "
        "does not name. Ask its source which, and give the code, for example --crs 2249."
    )
