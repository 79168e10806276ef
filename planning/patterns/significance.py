"""From z-scores to what may be said: two-sided p-values, false discovery rate, classes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

CONFIDENCE_ALPHAS = (0.10, 0.05, 0.01)
"""Rates of false discovery behind the classes 1, 2 and 3: 90, 95 and 99 percent."""


@dataclass(frozen=True, eq=False)
class FalseDiscovery:
    """What remains significant when many tests are read together.

    Attributes
    ----------
    threshold : float
        The largest p-value that is still a discovery; 0 if there is none.
    rejected : bool array, the shape of p
        Where the null hypothesis is rejected. Elsewhere there is no evidence, which is not
        evidence of a quiet place.
    adjusted : float array, the shape of p
        The smallest rate of false discovery at which each test would be rejected.
    """

    threshold: float
    rejected: npt.NDArray[np.bool_]
    adjusted: Floats


def two_sided_p(z: npt.ArrayLike) -> Floats:
    """Probability of a standard normal value at least as far from 0, ``2·sf(abs(z))``.

    Examples
    --------
    >>> two_sided_p([0.0, 1.959963984540054]).round(12)
    array([1.  , 0.05])
    """
    return 2 * special.ndtr(-np.abs(np.asarray(z, dtype=np.float64)))


def benjamini_hochberg(p: npt.ArrayLike, alpha: float = 0.05) -> FalseDiscovery:
    """Control the rate of false discoveries among many tests (Benjamini and Hochberg 1995).

    With the n p-values sorted, the threshold is the largest p(k) with p(k) ≤ alpha·k/n; its upper
    bound ``alpha·k/n`` decides the same tests.

    Parameters
    ----------
    p : array of any shape
        P-values from 0 to 1, all read together.
    alpha
        Accepted share of false ones among the discoveries, between 0 and 1.

    Raises
    ------
    ValueError
        If a p-value or alpha is out of its range.

    References
    ----------
    Y. Benjamini and Y. Hochberg (1995), *J. R. Stat. Soc. B* 57:289-300.

    Examples
    --------
    >>> found = benjamini_hochberg([0.001, 0.04, 0.03, 0.9])
    >>> found.threshold, found.rejected.tolist(), found.adjusted.round(4).tolist()
    (0.0125, [True, False, False, False], [0.004, 0.0533, 0.0533, 0.9])
    """
    values = np.asarray(p, dtype=np.float64)
    if not 0 < alpha < 1:
        message = f"alpha={alpha}: give a rate between 0 and 1, such as 0.05"
        raise ValueError(message)
    unusable = ~((values >= 0) & (values <= 1))
    if unusable.any():
        message = f"p: {values[unusable][0]} is no probability; values run from 0 to 1"
        raise ValueError(message)
    adjusted = _adjusted(values.ravel()).reshape(values.shape)
    rejected = adjusted <= alpha
    discoveries = int(rejected.sum())
    threshold = alpha * discoveries / values.size if discoveries else 0.0
    return FalseDiscovery(threshold, rejected, adjusted)


def _adjusted(p: Floats) -> Floats:
    order = np.argsort(p)
    scaled = p[order] * (len(p) / np.arange(1, len(p) + 1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def confidence_bins(z: npt.ArrayLike, p: npt.ArrayLike) -> npt.NDArray[np.int8]:
    """Class each cell by sign and by the strictest rate of false discovery it passes.

    Parameters
    ----------
    z, p : arrays of one shape
        Scores and their two-sided p-values.

    Returns
    -------
    int8 array: 3, 2, 1 for a hot spot among those of which 1, 5, 10 percent at most are expected to
    be false discoveries, -3 to -1 for a cold spot, 0 for no evidence.

    Raises
    ------
    ValueError
        If the shapes differ or a p-value is out of range.

    Examples
    --------
    >>> z = [4.0, -4.0, 2.6, 1.0]
    >>> confidence_bins(z, two_sided_p(z))
    array([ 3, -3,  2,  0], dtype=int8)
    """
    scores, values = np.asarray(z, dtype=np.float64), np.asarray(p, dtype=np.float64)
    if scores.shape != values.shape:
        message = f"z and p: shapes {scores.shape} and {values.shape}; give one p for each z"
        raise ValueError(message)
    adjusted = benjamini_hochberg(values).adjusted
    level = sum((adjusted <= alpha).astype(np.int8) for alpha in CONFIDENCE_ALPHAS)
    return (np.sign(scores) * level).astype(np.int8)
