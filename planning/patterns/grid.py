"""Square and hexagonal grids over a part of a city: the cells that reports are counted in.

Coordinates are metres of a projected (metric) CRS, never degrees. They are rounded to the
millimetre once, and everything after that is exact: a point has one cell, and the cells tile.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse

from planning.patterns.cover import Area, cells_covering
from planning.patterns.lattice import (
    MILLIMETRES,
    HexagonLattice,
    Integers,
    Lattice,
    SquareLattice,
    millimetres,
)
from planning.patterns.row_index import RowIndex

SIZE_STEP_M = 0.01
SIZE_LIMITS_M = (1.0, 100_000.0)


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of a lattice, row after row from the south, in each row from the west.

    Attributes
    ----------
    lattice
        The tiling that the cells come from, anchored at the origin of the CRS.
    column, row : int64 array of shape (cells,)
        The cell's lasting identity: the same place has the same pair in every grid of that size.
    """

    lattice: Lattice
    column: Integers
    row: Integers

    def __len__(self) -> int:
        return len(self.column)

    @property
    def cell_area_m2(self) -> float:
        """Area of one cell in square metres."""
        return self.lattice.column_pitch_mm * self.lattice.row_pitch_mm / MILLIMETRES**2

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Index of the cell that owns each point, -1 for a point outside the grid.

        Parameters
        ----------
        x, y : array of shape (points,)
            Metres in the grid's CRS.

        Raises
        ------
        ValueError
            If a coordinate is not a finite number of a metric CRS, or the lengths differ.

        Examples
        --------
        >>> grid = square_grid((0, 0, 900, 400), 500)
        >>> grid.locate([0, 499.999, 500, 1000], [0, 0, 0, 0])
        array([ 0,  0,  1, -1], dtype=int32)
        """
        x_mm, y_mm = millimetres(x, "x"), millimetres(y, "y")
        if x_mm.shape != y_mm.shape:
            message = f"x and y: {x_mm.size} and {y_mm.size} values; give one of each for a point"
            raise ValueError(message)
        return self._index_of(*self.lattice.cell_of(x_mm, y_mm))

    def count(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Integers:
        """Count the points in each cell; points outside the grid are left out.

        Examples
        --------
        >>> square_grid((0, 0, 900, 400), 500).count([10, 20, 700, 5000], [1, 1, 1, 1])
        array([2, 1])
        """
        cell = self.locate(x, y)
        return np.bincount(cell[cell >= 0], minlength=len(self))

    def polygons(self) -> npt.NDArray[np.object_]:
        """Draw the cells as shapely polygons in the grid's CRS; they tile without a gap.

        Examples
        --------
        >>> square_grid((0, 0, 900, 400), 500).polygons()[1].bounds
        (500.0, 0.0, 1000.0, 500.0)
        """
        corners = self.lattice.corners_mm(self.column, self.row)
        polygons: npt.NDArray[np.object_] = shapely.polygons(corners / MILLIMETRES)
        return polygons

    def neighbours(self) -> sparse.csr_matrix:
        """Say which cells touch: 1.0 for a cell that shares an edge or a corner, itself excluded.

        Returns
        -------
        Symmetric matrix of shape (cells, cells): up to 8 neighbours of a square, 6 of a hexagon.

        Examples
        --------
        >>> square_grid((0, 0, 1400, 900), 500).neighbours().sum(axis=1).A1
        array([3., 5., 3., 3., 5., 3.])
        """
        steps = self.lattice.steps
        target = np.empty((len(self), len(steps)), dtype=np.int32)
        for position, (columns, rows) in enumerate(steps):
            target[:, position] = self._index_of(self.column + columns, self.row + rows)
        present = target >= 0
        ends = np.zeros(len(self) + 1, dtype=np.int32)
        np.cumsum(present.sum(axis=1), out=ends[1:])
        links = target[present]
        shape = (len(self), len(self))
        matrix = sparse.csr_matrix((np.ones(len(links)), links, ends), shape=shape)
        # The steps follow the order of the cells, so no sorting is needed.
        matrix.has_canonical_format = True
        return matrix

    @cached_property
    def _rows(self) -> RowIndex:
        return RowIndex.of(self.column, self.row)

    def _index_of(self, column: Integers, row: Integers) -> npt.NDArray[np.int32]:
        return self._rows.find(column, row)


def square_grid(area: Area, cell_m: float) -> Grid:
    """Cut an area into squares.

    Parameters
    ----------
    area
        Bounds, or a (multi)polygon, in metres of a metric CRS. Edges belong to the area, so no
        point of it is lost; of a polygon only the cells that touch it are kept.
    cell_m
        Side of a square in metres, in whole centimetres. Cells stand on multiples of it.

    Raises
    ------
    ValueError
        If the size or the area makes no sense, or the grid would pass ``MAX_CELLS`` cells.

    Examples
    --------
    >>> grid = square_grid((10, 10, 990, 990), 250)
    >>> len(grid), grid.cell_area_m2
    (16, 62500.0)
    """
    lattice = SquareLattice(_whole_millimetres(cell_m))
    return Grid(lattice, *cells_covering(lattice, area, cell_m))


def hexagon_grid(area: Area, cell_m: float) -> Grid:
    """Cut an area into hexagons that stand on a corner.

    Parameters
    ----------
    area
        As for `square_grid`.
    cell_m
        Distance between the centres of neighbouring hexagons in metres, in whole centimetres.

    Raises
    ------
    ValueError
        As for `square_grid`.

    Examples
    --------
    >>> grid = hexagon_grid((10, 10, 990, 990), 500)
    >>> len(grid), round(grid.cell_area_m2)
    (10, 216506)
    """
    lattice = HexagonLattice(_whole_millimetres(cell_m))
    return Grid(lattice, *cells_covering(lattice, area, cell_m))


def _whole_millimetres(cell_m: float) -> int:
    smallest, largest = SIZE_LIMITS_M
    in_range = smallest <= cell_m <= largest
    centimetres = round(cell_m / SIZE_STEP_M) if in_range else 0
    if not in_range or abs(centimetres * SIZE_STEP_M - cell_m) > 1e-9:
        message = (
            f"cell_m={cell_m}: give a size from {smallest:.0f} to {largest:.0f} metres "
            "in whole centimetres"
        )
        raise ValueError(message)
    return centimetres * 10
