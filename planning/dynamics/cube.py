"""The space-time cube: how many reports each cell had in each period."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planning.patterns.local import getis_ord_g_star
from planning.patterns.significance import Floats
from planning.progress import Progress, no_progress

Moments = npt.NDArray[np.datetime64]
"""datetime64[us] in UTC."""

MAX_ENTRIES = 50_000_000


@dataclass(frozen=True, eq=False)
class Cube:
    """Counts of cells by periods.

    Attributes
    ----------
    counts : int32 array of shape (cells, periods)
        Reports of each cell in each period.
    starts, ends : datetime64[us] arrays of shape (periods,)
        Each period is half-open, ``[start, end)``, in UTC.
    left_out : int
        Reports outside all cells or all periods.
    """

    counts: npt.NDArray[np.int32]
    starts: Moments
    ends: Moments
    left_out: int


@dataclass(frozen=True, eq=False)
class CubeG:
    """Gi* of each cell within each period.

    Attributes
    ----------
    z, p : float arrays of shape (cells, periods)
        As in `planning.patterns.local.LocalG`, each period standardised by itself.
    """

    z: Floats
    p: Floats


def month_edges(first: date, last: date, zone: ZoneInfo) -> Moments:
    """List the borders of the months from the one of ``first`` to the one of ``last``.

    Parameters
    ----------
    first, last
        Any day of the first and of the last month; both months are included.
    zone
        The city's time zone: a month begins at its midnight, not at that of UTC.

    Returns
    -------
    datetime64[us] array of shape (months + 1,) in UTC.

    Raises
    ------
    ValueError
        If the last month lies before the first.

    Examples
    --------
    >>> edges = month_edges(date(2015, 3, 9), date(2015, 4, 1), ZoneInfo("America/New_York"))
    >>> [str(edge)[:16] for edge in edges]
    ['2015-03-01T05:00', '2015-04-01T04:00', '2015-05-01T04:00']
    """
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    if end < begin:
        message = f"last={last}: lies before first={first}; give the earlier month first"
        raise ValueError(message)
    local = [datetime(m // 12, m % 12 + 1, 1, tzinfo=zone) for m in range(begin, end + 2)]
    microseconds = [round(moment.timestamp()) * 1_000_000 for moment in local]
    return np.array(microseconds, dtype="datetime64[us]")


def space_time_cube(
    cell: npt.ArrayLike, time: npt.ArrayLike, *, cells: int, edges: npt.ArrayLike
) -> Cube:
    """Count reports by cell and period.

    Parameters
    ----------
    cell : int array of shape (reports,)
        Index of the cell of each report, -1 outside, as `Grid.locate` gives it.
    time : datetime64 array of shape (reports,)
        When each report was made, in UTC.
    cells
        Number of cells.
    edges : datetime64 array of shape (periods + 1,)
        Borders of the periods in UTC, ascending. A report at a border belongs to the later period.

    Raises
    ------
    ValueError
        If lengths differ, a time is missing, a cell does not exist, the edges do not ascend or the
        cube would pass ``MAX_ENTRIES`` entries.

    Examples
    --------
    >>> edges = np.array(["2015-01-01", "2015-02-01", "2015-03-01"], dtype="datetime64[us]")
    >>> times = np.array(["2015-01-31T23:59", "2015-02-01", "2015-03-01"], dtype="datetime64[us]")
    >>> cube = space_time_cube([0, 1, 1], times, cells=2, edges=edges)
    >>> cube.counts.tolist(), cube.left_out
    ([[1, 0], [0, 1]], 1)
    """
    borders = _ascending(edges)
    periods = len(borders) - 1
    if cells < 1 or cells * periods > MAX_ENTRIES:
        message = (
            f"cells={cells}: with {periods} periods the cube must have from 1 to {MAX_ENTRIES:,} "
            "entries; choose larger cells or fewer periods"
        )
        raise ValueError(message)
    index, moments = _reports(cell, time, cells)
    period = np.searchsorted(borders, moments, side="right") - 1
    inside = (index >= 0) & (period >= 0) & (period < periods)
    entry = index[inside] * periods + period[inside]
    counts = np.bincount(entry, minlength=cells * periods).reshape(cells, periods)
    left_out = int(len(index) - inside.sum())
    return Cube(counts.astype(np.int32), borders[:-1], borders[1:], left_out)


def g_star_by_period(
    cube: Cube, neighbours: sparse.csr_matrix, progress: Progress = no_progress
) -> CubeG:
    """Find the hot spots of each period by Gi*.

    Parameters
    ----------
    cube
        Counts of cells by periods.
    neighbours : sparse matrix of shape (cells, cells)
        As for `planning.patterns.local.getis_ord_g_star`.
    progress
        Called before each period; it may raise to cancel.

    Raises
    ------
    ValueError
        If the neighbours do not fit the cube's cells.

    Examples
    --------
    >>> from planning.patterns.grid import square_grid
    >>> edges = np.array(["2015-01-01", "2015-02-01", "2015-03-01"], dtype="datetime64[us]")
    >>> times = np.array(["2015-01-09", "2015-02-09"], dtype="datetime64[us]")
    >>> cube = space_time_cube([0, 3], times, cells=4, edges=edges)
    >>> hot = g_star_by_period(cube, square_grid((0, 0, 350, 50), 100).neighbours())
    >>> hot.z.round(2).tolist()
    [[1.0, -1.0], [0.58, -1.73], [-1.73, 0.58], [-1.0, 1.0]]
    """
    periods = len(cube.starts)
    z = np.empty(cube.counts.shape)
    p = np.empty(cube.counts.shape)
    for period, start in enumerate(cube.starts):
        progress(period / periods, f"{start.astype('datetime64[D]')}")
        found = getis_ord_g_star(cube.counts[:, period], neighbours)
        z[:, period], p[:, period] = found.z, found.p
    return CubeG(z, p)


def _ascending(edges: npt.ArrayLike) -> Moments:
    borders = _moments(edges, "edges")
    if borders.size < 2 or (borders[1:] <= borders[:-1]).any():
        message = f"edges: {borders.size} moments that do not ascend; give each period's border"
        raise ValueError(message)
    return borders


def _reports(
    cell: npt.ArrayLike, time: npt.ArrayLike, cells: int
) -> tuple[npt.NDArray[np.int64], Moments]:
    index, moments = np.asarray(cell, dtype=np.int64), _moments(time, "time")
    if index.shape != moments.shape:
        message = f"cell and time: {index.size} and {moments.size} values; give one of each"
        raise ValueError(message)
    unknown = (index < -1) | (index >= cells)
    if unknown.any():
        message = f"cell: {index[unknown][0]} is none of {cells} cells; -1 stands for outside"
        raise ValueError(message)
    return index, moments


def _moments(values: npt.ArrayLike, name: str) -> Moments:
    moments = np.asarray(values)
    if moments.dtype.kind != "M" or moments.ndim != 1:
        message = f"{name}: {moments.dtype} of shape {moments.shape}; give datetime64 in UTC"
        raise ValueError(message)
    if np.isnat(moments).any():
        message = f"{name}: NaT; leave out reports without a time"
        raise ValueError(message)
    return moments.astype("datetime64[us]")
