"""Which cells of a lattice cover an area."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from planning.patterns.lattice import MILLIMETRES, Integers, Lattice, SquareLattice, millimetres

Bounds: TypeAlias = tuple[float, float, float, float]
"""``(min x, min y, max x, max y)`` in metres."""
Area: TypeAlias = Bounds | shapely.Polygon | shapely.MultiPolygon

MAX_CELLS = 10_000_000
ROUNDING_M = 0.001  # a point moves by up to half a millimetre when rounded: its cell stays


def cells_covering(lattice: Lattice, area: Area, cell_m: float) -> tuple[Integers, Integers]:
    """Find the cells that touch an area.

    Parameters
    ----------
    lattice
        The tiling to choose from.
    area
        Bounds or a valid (multi)polygon in metres; its edges belong to it.
    cell_m
        The size that the user gave, for messages.

    Returns
    -------
    Column and row of the cells, sorted by row, then column.

    Raises
    ------
    ValueError
        If the area is empty or invalid, or takes more than ``MAX_CELLS`` cells.

    Examples
    --------
    >>> triangle = shapely.Polygon([(10, 10), (990, 10), (10, 900)])
    >>> column, row = cells_covering(SquareLattice(500_000), triangle, 500)
    >>> list(zip(column.tolist(), row.tolist(), strict=True))
    [(0, 0), (1, 0), (0, 1)]
    """
    polygon, bounds = _polygon_and_bounds(area)
    column, row = _cells_over(lattice, bounds, cell_m)
    if isinstance(lattice, SquareLattice) and not isinstance(area, shapely.Geometry):
        return column, row
    kept = _touching(lattice, column, row, polygon)
    return column[kept], row[kept]


def _touching(
    lattice: Lattice, column: Integers, row: Integers, polygon: shapely.Geometry
) -> npt.NDArray[np.bool_]:
    """Say which cells touch the polygon, drawing only those whose centre does not settle it."""
    shapely.prepare(polygon)
    corners = lattice.corners_mm(column, row) / MILLIMETRES
    centre = corners.mean(axis=1)
    reach = np.hypot(*(corners[0] - centre[0]).T).max()
    touching: npt.NDArray[np.bool_] = shapely.intersects_xy(polygon, centre)
    open_ones = np.flatnonzero(~touching)
    near = shapely.dwithin(shapely.points(centre[open_ones]), polygon, reach + ROUNDING_M)
    open_ones = open_ones[near]
    touching[open_ones] = shapely.dwithin(shapely.polygons(corners[open_ones]), polygon, ROUNDING_M)
    return touching


def _polygon_and_bounds(area: Area) -> tuple[shapely.Geometry, Bounds]:
    polygon = area if isinstance(area, shapely.Geometry) else _box(area)
    if polygon.geom_type not in {"Polygon", "MultiPolygon"} or polygon.is_empty:
        message = f"area: a {polygon.geom_type} has no inside; give bounds or a polygon"
        raise ValueError(message)
    if not polygon.is_valid:
        message = f"area: {shapely.is_valid_reason(polygon)}; repair the polygon first"
        raise ValueError(message)
    return polygon, polygon.bounds


def _box(bounds: Bounds) -> shapely.Polygon:
    millimetres(bounds, "area")
    low_x, low_y, high_x, high_y = bounds
    if not (low_x < high_x and low_y < high_y):
        message = f"area: bounds {bounds} are empty; give (min x, min y, max x, max y) in metres"
        raise ValueError(message)
    return shapely.box(*bounds)


def _cells_over(lattice: Lattice, bounds: Bounds, cell_m: float) -> tuple[Integers, Integers]:
    low_x, low_y, high_x, high_y = (int(value) for value in millimetres(bounds, "area"))
    _refuse_too_many(lattice, high_x - low_x, high_y - low_y, cell_m)
    first_row, last_row = lattice.rows_touching(low_y, high_y)
    rows = np.arange(first_row, last_row + 1)
    origin = lattice.row_origin_mm(rows)
    first = (low_x - origin) // lattice.column_pitch_mm
    width = (high_x - origin) // lattice.column_pitch_mm - first + 1
    start = np.cumsum(width) - width
    column = np.arange(int(width.sum())) + np.repeat(first - start, width)
    return column, np.repeat(rows, width)


def _refuse_too_many(lattice: Lattice, width_mm: int, height_mm: int, cell_m: float) -> None:
    cells = (width_mm // lattice.column_pitch_mm + 1) * (height_mm // lattice.row_pitch_mm + 1)
    if cells > MAX_CELLS:
        enough = cell_m * (cells / MAX_CELLS) ** 0.5
        message = (
            f"cell_m={cell_m}: the area would take about {cells:,} cells and at most "
            f"{MAX_CELLS:,} are allowed; choose cells of {enough:.0f} m or more"
        )
        raise ValueError(message)
