"""Snap points: which public places stand for a ward's addresses, so that many share each.

Pure: arrays and polygons in, arrays and polygons out.

Candidates are the middles of street segments and their crossings. A ward is divided among them,
each spot to the nearest one (a Voronoi diagram, clipped to the ward). While some catchment holds
fewer than `k` addresses, such candidates are dropped, the emptiest among their neighbours first,
and their ground falls to those that are nearest now. It ends, because each round drops at least
one: with every catchment at `k` or more, or with none, where the ward has fewer addresses than
that.
Large public open space without an address is a catchment of its own, and the only kind that may be
without one.

Nearest is measured on longitude scaled by the cosine of the ward's latitude: a linear map, so that
a straight border of two catchments is straight in EPSG:4326 too, as PostGIS reads it.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Delaunay, QhullError, cKDTree

Points = npt.NDArray[np.float64]
"""Shape (n, 2): longitude and latitude, EPSG:4326."""
Counts = npt.NDArray[np.int64]

METRES_A_DEGREE = 111_320.0
LEAST_OPEN_SPACE_M2 = 2_500.0
"""A smaller green is no place to be lost in; it falls to its neighbours."""


def _no_points() -> Points:
    return np.empty((0, 2))


@dataclass(frozen=True, eq=False)
class Ward:
    """What is known of one ward; geometry in EPSG:4326.

    Attributes
    ----------
    polygon
        Its ground.
    addresses
        One row for each address; several may stand at one spot.
    candidates
        Public places that may stand for others; `names` has a name for each, which may be empty.
    open_spaces
        Parks and waters that meet the ward; `open_names` has a name for each.
    """

    polygon: shapely.Geometry
    addresses: Points
    candidates: Points = field(default_factory=_no_points)
    names: tuple[str, ...] = ()
    open_spaces: tuple[shapely.Geometry, ...] = ()
    open_names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SnapPoint:
    """A public place, the ground that it stands for, and how many addresses that ground holds."""

    point: shapely.Point
    catchment: shapely.MultiPolygon
    name: str
    addresses: int
    is_open_space: bool


def snap_points(ward: Ward, k: int) -> list[SnapPoint]:
    """Divide a ward so that each catchment holds `k` addresses or is open space without one.

    A spot on the border of two catchments belongs to the first. Where nothing of the ward can be
    covered, the list is empty; no part of the ward's ground lies in two catchments.

    Raises
    ------
    ValueError
        When `k` is less than 2: a point of one address is that address.

    Examples
    --------
    A street with four homes at each of its three candidates: at k=4 each stands for its own, at
    k=5 the first falls to the second, and then the last, which is left with too few.

    >>> homes = np.repeat([[0.0010, 0.001], [0.0050, 0.001], [0.0090, 0.001]], 4, axis=0)
    >>> candidates = np.array([[0.001, 0.0], [0.005, 0.0], [0.009, 0.0]])
    >>> ward = Ward(shapely.box(0, -0.002, 0.01, 0.002), homes, candidates, ("A", "B", "C"))
    >>> [(s.name, s.addresses) for s in snap_points(ward, 4)]
    [('A', 4), ('B', 4), ('C', 4)]
    >>> [(s.name, s.addresses) for s in snap_points(ward, 5)]
    [('B', 12)]
    >>> snap_points(ward, 13)
    []
    """
    if k < 2:
        message = f"k={k}: a point must stand for at least 2 addresses"
        raise ValueError(message)
    open_spaces = _open_spaces(ward)
    ground = shapely.difference(ward.polygon, shapely.union_all([s.catchment for s in open_spaces]))
    return [*_among_streets(ward, ground, k), *open_spaces]


def _scale(ward: Ward) -> npt.NDArray[np.float64]:
    """Return what turns degrees into a plane where nearest means nearest."""
    _, south, _, north = shapely.bounds(ward.polygon)
    return np.array([np.cos(np.radians((south + north) / 2)), 1.0])


# ---- open space ----


def _open_spaces(ward: Ward) -> list[SnapPoint]:
    """Return the large pieces of open space without an address, none over another."""
    metres = METRES_A_DEGREE**2 * _scale(ward)[0]
    homes = shapely.points(ward.addresses)
    found: list[SnapPoint] = []
    taken = shapely.MultiPolygon()
    for piece, name in _pieces(ward):
        free = polygonal(shapely.difference(piece, taken))
        if free.area * metres < LEAST_OPEN_SPACE_M2:
            continue
        shapely.prepare(free)
        if shapely.covers(free, homes).any():
            continue
        middle = free.centroid
        point = middle if shapely.covers(free, middle) else shapely.point_on_surface(free)
        found.append(SnapPoint(point, free, name, 0, is_open_space=True))
        taken = shapely.union(taken, free)
    return found


def _pieces(ward: Ward) -> list[tuple[shapely.Geometry, str]]:
    """Return the connected pieces of open space inside the ward, largest first."""
    pieces = [
        (piece, name)
        for space, name in zip(ward.open_spaces, ward.open_names, strict=True)
        for piece in polygonal(shapely.intersection(ward.polygon, space)).geoms
    ]
    return sorted(pieces, key=lambda pair: (-pair[0].area, shapely.to_wkb(pair[0])))


def polygonal(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the areal parts of a geometry."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.MultiPolygon([p for p in parts if p.geom_type == "Polygon" and not p.is_empty])


# ---- streets and crossings ----


def _among_streets(ward: Ward, ground: shapely.Geometry, k: int) -> list[SnapPoint]:
    kept = _usable(ward.candidates, ground)
    scale = _scale(ward)
    while len(kept := _merged(ward.candidates, kept, ward.addresses, k, scale)):
        catchments = _catchments(ward.candidates[kept] * scale, ground, scale)
        count = counted(catchments, ward.addresses)
        # An address on a border may count elsewhere than where it is nearest; reports do likewise.
        if (count >= k).all():
            return [
                SnapPoint(
                    shapely.Point(ward.candidates[i]), catchment, ward.names[i], int(n), False
                )
                for i, catchment, n in zip(kept, catchments, count, strict=True)
            ]
        kept = kept[count >= k]
    return []


def _usable(candidates: Points, ground: shapely.Geometry) -> Counts:
    """Return the positions of the candidates on the ground, one for each spot."""
    if not len(candidates) or ground.is_empty:
        return np.empty(0, dtype=np.int64)
    _, first = np.unique(candidates, axis=0, return_index=True)
    first.sort()
    shapely.prepare(ground)
    covered = shapely.covers(ground, shapely.points(candidates[first]))
    return np.asarray(first[covered], dtype=np.int64)


def _merged(
    candidates: Points, kept: Counts, addresses: Points, k: int, scale: npt.NDArray[np.float64]
) -> Counts:
    """Drop candidates until each that is left is nearest to at least `k` addresses."""
    plane, homes = candidates * scale, addresses * scale
    while len(kept):
        nearest = cKDTree(plane[kept]).query(homes)[1] if len(homes) else np.empty(0, np.int64)
        count = np.bincount(nearest, minlength=len(kept))
        few = count < k
        if not few.any():
            break
        kept = kept[~_emptiest(count, few, _neighbours(plane[kept]))]
    return kept


def _emptiest(
    count: Counts, few: npt.NDArray[np.bool_], neighbours: Counts
) -> npt.NDArray[np.bool_]:
    """Tell which of the `few` have no neighbour among them that is emptier (or equal and earlier).

    No two of them are neighbours, so that dropping them together is as dropping one by one.
    """
    rank = np.empty(len(count), dtype=np.int64)
    rank[np.argsort(count, kind="stable")] = np.arange(len(count))
    first = few.copy()
    one, other = neighbours[:, 0], neighbours[:, 1]
    both = few[one] & few[other]
    one, other = one[both], other[both]
    first[np.where(rank[one] > rank[other], one, other)] = False
    return first


def _neighbours(plane: Points) -> Counts:
    """Return the pairs of points whose cells touch; every pair where they lie in one line."""
    try:
        triangles = Delaunay(plane).simplices
    except (QhullError, ValueError):
        return np.argwhere(np.triu(np.ones((len(plane), len(plane)), dtype=np.bool_), 1))
    sides = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(sides, axis=1), axis=0).astype(np.int64)


def _catchments(
    plane: Points, ground: shapely.Geometry, scale: npt.NDArray[np.float64]
) -> list[shapely.MultiPolygon]:
    """Return the ground that is nearest to each point."""
    if len(plane) == 1:
        return [polygonal(ground)]
    wide = shapely.transform(shapely.envelope(ground), lambda xy: xy * scale)
    cells = shapely.voronoi_polygons(
        shapely.multipoints(plane), extend_to=shapely.buffer(wide, 1.0), ordered=True
    )
    cells = shapely.transform(shapely.get_parts(cells), lambda xy: xy / scale)
    shapely.prepare(ground)
    crossing = ~shapely.contains_properly(ground, cells)
    cells[crossing] = shapely.intersection(cells[crossing], ground)
    return [polygonal(cell) for cell in cells]


def counted(catchments: list[shapely.MultiPolygon], addresses: Points) -> Counts:
    """Return how many addresses each catchment covers; one on a border counts in the first."""
    pairs = shapely.STRtree(catchments).query(shapely.points(addresses), predicate="covered_by")
    first = np.full(len(addresses), len(catchments))
    np.minimum.at(first, pairs[0], pairs[1])
    return np.bincount(first, minlength=len(catchments) + 1)[: len(catchments)]
