"""From the column and row of a cell to its index, by arithmetic."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planning.patterns.lattice import Integers


@dataclass(frozen=True, eq=False)
class RowIndex:
    """For each row a stretch of slots from its first to its last column, -1 where a cell lacks.

    Attributes
    ----------
    first_row
        The row that the arrays begin with.
    first_column, width, start : int64 array of shape (rows,)
        Where each row begins, how many slots it has, and its first slot.
    cell : int32 array of shape (slots,)
        Index of the cell in each slot.
    """

    first_row: int
    first_column: Integers
    width: Integers
    start: Integers
    cell: npt.NDArray[np.int32]

    @classmethod
    def of(cls, column: Integers, row: Integers) -> "RowIndex":
        """Index cells that are sorted by row, then column, each of shape (cells,).

        Examples
        --------
        >>> index = RowIndex.of(np.array([0, 2, 1]), np.array([5, 5, 6]))
        >>> index.find(np.array([2, 1, 1]), np.array([5, 5, 6])).tolist()
        [1, -1, 2]
        """
        first_row = int(row[0])
        rows = int(row[-1]) - first_row + 1
        begins = np.searchsorted(row, np.arange(first_row, first_row + rows + 1))
        filled = np.flatnonzero(np.diff(begins))
        first_column, width = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
        first_column[filled] = column[begins[filled]]
        width[filled] = column[begins[filled + 1] - 1] - first_column[filled] + 1
        start = np.cumsum(width) - width
        cell = np.full(int(width.sum()), -1, dtype=np.int32)
        offset = row - first_row
        cell[start[offset] + column - first_column[offset]] = np.arange(len(column))
        return cls(first_row, first_column, width, start, cell)

    def find(self, column: Integers, row: Integers) -> npt.NDArray[np.int32]:
        """Index of each cell, -1 for a cell that is not there."""
        offset = row - self.first_row
        inside = (offset >= 0) & (offset < len(self.width))
        offset = np.where(inside, offset, 0)
        place = column - self.first_column[offset]
        inside &= (place >= 0) & (place < self.width[offset])
        slot = np.where(inside, self.start[offset] + place, 0)
        return np.where(inside, self.cell[slot], np.int32(-1))
