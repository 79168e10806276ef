"""Esri's JSON geometries as GeoJSON's: rings without nesting become polygons with holes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

GeoJson = dict[str, Any]


def as_geojson(geometry: Mapping[str, Any] | None) -> GeoJson | None:
    """Return a geometry of a FeatureServer's JSON as GeoJSON, without heights and measures.

    Nothing and an empty geometry are None.

    Raises
    ------
    ValueError
        When it has none of the known shapes.

    >>> as_geojson({"paths": [[[0, 0], [1, 1]]]})
    {'type': 'MultiLineString', 'coordinates': [[[0, 0], [1, 1]]]}
    """
    match geometry:
        case None:
            return None
        case {"x": x, "y": y}:
            return _point(x, y)
        case {"points": points}:
            return _multi("MultiPoint", [_flat(point) for point in points])
        case {"paths": paths}:
            return _multi("MultiLineString", [_line(path) for path in paths if len(path) > 1])
        case {"rings": rings}:
            return _multi("MultiPolygon", _polygons([_line(ring) for ring in rings]))
    if not geometry:
        return None
    raise ValueError(f"a geometry with {', '.join(sorted(geometry))} is not known")


def _point(x: Any, y: Any) -> GeoJson | None:
    if x is None or y is None or not (math.isfinite(float(x)) and math.isfinite(float(y))):
        return None
    return {"type": "Point", "coordinates": [x, y]}


def _multi(kind: str, parts: list[Any]) -> GeoJson | None:
    return {"type": kind, "coordinates": parts} if parts else None


def _flat(position: Sequence[float]) -> list[float]:
    return [position[0], position[1]]


def _line(positions: Sequence[Sequence[float]]) -> list[list[float]]:
    return [_flat(position) for position in positions]


def _polygons(rings: list[list[list[float]]]) -> list[list[list[list[float]]]]:
    """Return polygons as lists of rings: a clockwise ring is a shell, the others are holes in it.

    A hole belongs to the smallest shell around it. One that lies in none is a shell whose maker
    went round it the wrong way.
    """
    usable = [ring for ring in rings if len(ring) >= 4]
    shells = [ring for ring in usable if _signed_area(ring) <= 0]
    holes = [ring for ring in usable if _signed_area(ring) > 0]
    if not holes or not shells:
        return [[ring] for ring in usable]
    polygons = [[shell] for shell in shells]
    solid = np.array([shapely.Polygon(shell) for shell in shells], dtype=object)
    sizes = shapely.area(solid)
    for hole in holes:
        inside = shapely.contains(solid, shapely.Point(*_inner(hole)))
        around = np.flatnonzero(inside)
        if around.size:
            polygons[around[np.argmin(sizes[around])]].append(hole)
        else:
            polygons.append([hole])
    return polygons


def _inner(ring: list[list[float]]) -> tuple[float, float]:
    """Return a point within a ring."""
    point = shapely.Polygon(ring).representative_point()
    return point.x, point.y


def _signed_area(ring: list[list[float]]) -> float:
    """Return twice a ring's area: negative where it runs clockwise."""
    xy = np.asarray(ring, dtype=float)
    x, y = (xy - xy[0]).T
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))
