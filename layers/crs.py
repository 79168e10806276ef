"""Coordinate reference systems: which one this city measures in."""

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from layers.models import City
from layers.queries import Bounds, city_bounds

GEOGRAPHIC = 4326


def utm_srid(bounds: Bounds) -> int:
    """Return the EPSG code of the UTM zone of the bounds' centre (EPSG:4326).

    >>> utm_srid((-71.19, 42.23, -70.92, 42.40))
    32619
    """
    west, south, east, north = bounds
    zone = math.floor(((west + east) / 2 + 180) / 6) % 60 + 1
    return (32600 if south + north >= 0 else 32700) + zone


def metric_srid(city: City) -> int:
    """Return the EPSG code in which this city's lengths and areas are measured."""
    return city.metric_srid or utm_srid(city_bounds())


def metres_per_unit(srid: int) -> float:
    """Return the length of one unit of a projected CRS in metres (0.3048 for feet)."""
    return float(CRS.from_epsg(srid).axis_info[0].unit_conversion_factor)


def to_metres(geometries: NDArray[np.object_], srid: int) -> NDArray[np.object_]:
    """Project shapely geometries (array, EPSG:4326) to `srid`, scaled to metres."""
    transformer = Transformer.from_crs(GEOGRAPHIC, srid, always_xy=True)
    unit = metres_per_unit(srid)

    def project(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = transformer.transform(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack([x, y]) * unit

    return np.asarray(shapely.transform(geometries, project), dtype=object)


def from_metres(geometries: NDArray[np.object_], srid: int) -> NDArray[np.object_]:
    """Undo `to_metres`: return shapely geometries (array) in EPSG:4326; None stays None."""
    transformer = Transformer.from_crs(srid, GEOGRAPHIC, always_xy=True)
    unit = metres_per_unit(srid)

    def unproject(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(*(coordinates / unit).T))

    return np.asarray(shapely.transform(geometries, unproject), dtype=object)
