"""Trends of cells over time: Mann-Kendall's test and Sen's slope."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from planning.patterns.significance import Floats, two_sided_p
from planning.progress import Progress, no_progress

FEWEST_PERIODS = 3
MOST_PERIODS = 2_000
_CHUNK_PAIRS = 4_000_000  # pairs of periods held at once: 32 MB


class Direction(StrEnum):
    """What a trend may be called."""

    INCREASING = "increasing"
    DECREASING = "decreasing"
    NO_CLEAR_TREND = "no clear trend"


@dataclass(frozen=True, eq=False)
class Trend:
    """Mann-Kendall's test of each cell.

    Attributes
    ----------
    s : int64 array of shape (cells,)
        Pairs of periods in which the later one is higher, less those in which it is lower.
    variance : float array of shape (cells,)
        Variance of S without a trend, corrected for ties; 0 for a constant series.
    z : float array of shape (cells,)
        Standard score of S with continuity correction; 0 for a constant series.
    p : float array of shape (cells,)
        Two-sided p-value of z, before any correction for many tests.
    slope : float array of shape (cells,)
        Sen's slope: the median change from one period to the next, over all pairs of periods.
    """

    s: npt.NDArray[np.int64]
    variance: Floats
    z: Floats
    p: Floats
    slope: Floats

    def direction(self, alpha: float = 0.05) -> npt.NDArray[np.str_]:
        """Name each cell's trend, "no clear trend" where p is above alpha.

        Raises
        ------
        ValueError
            If alpha is not between 0 and 1.

        Examples
        --------
        >>> mann_kendall([[1, 2, 3, 4, 5], [1, 2, 2, 3, 2]]).direction().tolist()
        ['increasing', 'no clear trend']
        """
        if not 0 < alpha < 1:
            message = f"alpha={alpha}: give a rate between 0 and 1, such as 0.05"
            raise ValueError(message)
        clear = self.p <= alpha
        words = np.where(self.z > 0, Direction.INCREASING.value, Direction.DECREASING.value)
        return np.where(clear, words, Direction.NO_CLEAR_TREND.value)


def mann_kendall(series: npt.ArrayLike, progress: Progress = no_progress) -> Trend:
    """Test each cell's series for a monotonic trend.

    S is the sum of sign(xⱼ − xᵢ) over i < j; its variance is
    (n (n−1) (2n+5) − Σ t (t−1) (2t+5)) / 18 over groups of t equal values; z is
    (S − sign S) / √variance. The normal approximation is good from about 10 periods on. Seasons and
    a memory from month to month make p too small: compare whole years, or the same months.

    Parameters
    ----------
    series : array of shape (cells, periods)
        Counts or rates in periods of equal length, finite.
    progress
        Called with the share of cells done; it may raise to cancel.

    Raises
    ------
    ValueError
        If there are fewer than 3 periods or more than 2,000, or a value is not finite.

    References
    ----------
    H. B. Mann (1945), *Econometrica* 13:245-259; M. G. Kendall (1975), *Rank Correlation Methods*;
    P. K. Sen (1968), *J. Am. Stat. Assoc.* 63:1379-1389.

    Examples
    --------
    >>> trend = mann_kendall([[3, 4, 4, 6, 8, 7, 9, 11]])
    >>> trend.s.item(), round(trend.z.item(), 4), round(trend.p.item(), 6), trend.slope.item()
    (25, 2.9922, 0.00277, 1.0)
    """
    values = _checked(series)
    cells, periods = values.shape
    s = np.zeros(cells, dtype=np.int64)
    slope = np.zeros(cells)
    # A constant series has S and slope 0: most cells of a fine grid never had a report.
    varying = np.flatnonzero(
        values.max(axis=1, initial=-np.inf) > values.min(axis=1, initial=np.inf)
    )
    chunk = max(1, _CHUNK_PAIRS // (periods * (periods - 1) // 2))
    for start in range(0, len(varying), chunk):
        progress(start / len(varying), "trend")
        some = varying[start : start + chunk]
        s[some], slope[some] = _score_and_slope(values[some])
    variance = _variance(values)
    z = np.zeros(cells)
    np.divide(s - np.sign(s), np.sqrt(variance), out=z, where=variance > 0)
    return Trend(s, variance, z, two_sided_p(z), slope)


def _score_and_slope(values: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    earlier, later = np.triu_indices(values.shape[1], k=1)
    change = values[:, later] - values[:, earlier]
    score = np.sign(change).sum(axis=1).astype(np.int64)
    slope: Floats = np.median(change / (later - earlier), axis=1)
    return score, slope


def _variance(values: Floats) -> Floats:
    """Variance of S: groups of equal values are runs of the sorted series."""
    cells, periods = values.shape
    ordered = np.sort(values, axis=1)
    opens = np.ones((cells, periods), dtype=np.bool_)
    opens[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    starts = np.flatnonzero(opens)
    ties = np.diff(starts, append=cells * periods)
    terms = np.bincount(
        starts // periods, weights=ties * (ties - 1) * (2 * ties + 5), minlength=cells
    )
    variance: Floats = (periods * (periods - 1) * (2 * periods + 5) - terms) / 18
    return variance


def _checked(series: npt.ArrayLike) -> Floats:
    values = np.asarray(series, dtype=np.float64)
    if values.ndim != 2 or not FEWEST_PERIODS <= values.shape[1] <= MOST_PERIODS:
        message = (
            f"series: shape {values.shape}; give (cells, periods) "
            f"with {FEWEST_PERIODS} to {MOST_PERIODS:,} periods"
        )
        raise ValueError(message)
    if not np.isfinite(values).all():
        message = f"series: {values[~np.isfinite(values)][0]} is not finite; leave out such cells"
        raise ValueError(message)
    return values
