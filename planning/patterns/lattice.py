"""The two regular tilings of the plane that a grid is cut from, in whole millimetres.

A lattice is anchored at the origin of the CRS, never at the data: a cell keeps its column and row
whenever the same cell size is used again. Corners stand on whole millimetres, so neighbouring cells
share them exactly and the cell of a point follows from integer arithmetic alone.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

MILLIMETRES = 1000
MAX_COORDINATE_M = 1e8


class Lattice(Protocol):
    """What a grid needs to know of a tiling."""

    @property
    def column_pitch_mm(self) -> int:
        """Distance between neighbouring cells of one row."""

    @property
    def row_pitch_mm(self) -> int:
        """Distance between neighbouring rows."""

    @property
    def steps(self) -> tuple[tuple[int, int], ...]:
        """Differences (column, row) to the neighbours of a cell, in the order of rows, columns."""

    def cell_of(self, x_mm: Integers, y_mm: Integers) -> tuple[Integers, Integers]:
        """Column and row of the one cell that owns each point."""

    def corners_mm(self, column: Integers, row: Integers) -> Integers:
        """Corners of cells, counter-clockwise: shape (cells, corners, 2)."""

    def rows_touching(self, low_mm: int, high_mm: int) -> tuple[int, int]:
        """First and last row that may own a point with y in [low, high]."""

    def row_origin_mm(self, row: Integers) -> Integers:
        """Where column 0 of a row begins on the x axis."""


@dataclass(frozen=True)
class SquareLattice:
    """Squares; a cell owns its left and lower edge: ``[x, x + size)`` by ``[y, y + size)``.

    Examples
    --------
    >>> squares = SquareLattice(250_000)
    >>> column, row = squares.cell_of(np.array([249_999, 250_000]), np.array([0, -1]))
    >>> column.tolist(), row.tolist()
    ([0, 1], [0, -1])
    """

    size_mm: int

    steps: ClassVar[tuple[tuple[int, int], ...]] = (
        (-1, -1), (0, -1), (1, -1),
        (-1, 0), (1, 0),
        (-1, 1), (0, 1), (1, 1),
    )  # fmt: skip

    @property
    def column_pitch_mm(self) -> int:
        """The side of a square."""
        return self.size_mm

    @property
    def row_pitch_mm(self) -> int:
        """The side of a square."""
        return self.size_mm

    def cell_of(self, x_mm: Integers, y_mm: Integers) -> tuple[Integers, Integers]:
        """Column and row of the one square that owns each point."""
        return x_mm // self.size_mm, y_mm // self.size_mm

    def corners_mm(self, column: Integers, row: Integers) -> Integers:
        """Four corners of each square, counter-clockwise from the lower left."""
        shape = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * self.size_mm
        origin = np.column_stack((column, row)) * self.size_mm
        corners: Integers = origin[:, np.newaxis, :] + shape
        return corners

    def rows_touching(self, low_mm: int, high_mm: int) -> tuple[int, int]:
        """First and last row that own a point with y in [low, high]."""
        return low_mm // self.size_mm, high_mm // self.size_mm

    def row_origin_mm(self, row: Integers) -> Integers:
        """Column 0 of every row begins at x = 0."""
        return np.zeros_like(row)


@dataclass(frozen=True)
class HexagonLattice:
    """Hexagons that stand on a corner, in axial coordinates (column, row).

    A point on an edge belongs to the cell above it, on a vertical edge to the cell to its right.
    The size is the distance between the centres of neighbours in a row, an even number of
    millimetres; the other lengths are rounded, so a corner lies within 1 mm of a regular
    hexagon's.

    Examples
    --------
    >>> hexagons = HexagonLattice(500_000)
    >>> column, row = hexagons.cell_of(np.array([250_000, 249_999]), np.array([0, 0]))
    >>> column.tolist(), row.tolist()
    ([0, 0], [0, -1])
    """

    size_mm: int

    steps: ClassVar[tuple[tuple[int, int], ...]] = (
        (0, -1), (1, -1),
        (-1, 0), (1, 0),
        (-1, 1), (0, 1),
    )  # fmt: skip

    @property
    def column_pitch_mm(self) -> int:
        """The distance between the vertical edges of a cell."""
        return self.size_mm

    @property
    def row_pitch_mm(self) -> int:
        """The height of a cell without its upper cap."""
        return round(self.size_mm * math.sqrt(3) / 2)

    @property
    def cap_mm(self) -> int:
        """The height of the triangle under a cell's vertical edges."""
        return round(self.size_mm / (2 * math.sqrt(3)))

    def cell_of(self, x_mm: Integers, y_mm: Integers) -> tuple[Integers, Integers]:
        """Column and row of the one hexagon that owns each point."""
        half = self.size_mm // 2
        row, above = np.divmod(y_mm, self.row_pitch_mm)
        column, right = np.divmod(x_mm - row * half, self.size_mm)
        # Below the two slanted lower edges lie the caps of the row underneath.
        below = half * above < self.cap_mm * np.abs(right - half)
        return column + (below & (right >= half)), row - below

    def corners_mm(self, column: Integers, row: Integers) -> Integers:
        """Six corners of each hexagon, counter-clockwise from the lowest."""
        half, cap, pitch = self.size_mm // 2, self.cap_mm, self.row_pitch_mm
        shape = np.array([
            (half, 0), (self.size_mm, cap), (self.size_mm, pitch),
            (half, pitch + cap), (0, pitch), (0, cap),
        ])  # fmt: skip
        origin = np.column_stack((column * self.size_mm + row * half, row * pitch))
        corners: Integers = origin[:, np.newaxis, :] + shape
        return corners

    def rows_touching(self, low_mm: int, high_mm: int) -> tuple[int, int]:
        """First and last row that may own a point with y in [low, high]."""
        return low_mm // self.row_pitch_mm - 1, high_mm // self.row_pitch_mm

    def row_origin_mm(self, row: Integers) -> Integers:
        """Each row begins half a cell further right than the row below."""
        return row * (self.size_mm // 2)


def millimetres(values: npt.ArrayLike, name: str) -> Integers:
    """Round coordinates in metres to whole millimetres.

    Raises
    ------
    ValueError
        If one is not finite or beyond any metric CRS; the message calls it by ``name``.

    Examples
    --------
    >>> millimetres([1.0004, -2.5], "x").tolist()
    [1000, -2500]
    """
    metres = np.asarray(values, dtype=np.float64)
    unusable = ~(np.abs(metres) <= MAX_COORDINATE_M)
    if unusable.any():
        message = (
            f"{name}: {metres[unusable][0]} is no coordinate in metres; "
            "leave out what has no place and use a metric CRS"
        )
        raise ValueError(message)
    return np.rint(metres * MILLIMETRES).astype(np.int64)
