"""Local association: where high values gather, and where low ones do."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planning.patterns.significance import Floats, two_sided_p


@dataclass(frozen=True, eq=False)
class LocalG:
    """Gi* of each cell.

    Attributes
    ----------
    z : float array of shape (cells,)
        Standard score: above 0 where the cell and its neighbours hold more than their share.
    p : float array of shape (cells,)
        Two-sided p-value of z under the normal approximation, before any correction for many tests.
    local_sum : float array of shape (cells,)
        Sum of the values of the cell and its neighbours.
    members : int array of shape (cells,)
        Number of cells in that sum, the cell itself included.
    """

    z: Floats
    p: Floats
    local_sum: Floats
    members: npt.NDArray[np.int64]


def getis_ord_g_star(values: npt.ArrayLike, neighbours: sparse.csr_matrix) -> LocalG:
    """Find hot and cold spots: Gi* in closed form with binary weights, the cell itself included.

    z = (Σⱼ wᵢⱼ xⱼ − x̄ Wᵢ) / (s √((n S1ᵢ − Wᵢ²) / (n − 1))) with Wᵢ = Σⱼ wᵢⱼ, S1ᵢ = Σⱼ wᵢⱼ² (equal
    to Wᵢ, weights being 0 or 1) and s the population standard deviation. Where nothing can stand
    out, because all values are equal or a neighbourhood is the whole study area, z is 0 and p is 1.

    Parameters
    ----------
    values : array of shape (cells,)
        Counts or rates, finite.
    neighbours : sparse matrix of shape (cells, cells)
        1 for each pair of neighbours, as `Grid.neighbours` gives them. The cell itself is always a
        member of its neighbourhood, whether or not the diagonal says so.

    Raises
    ------
    ValueError
        If there is no cell, a value is not finite, the shapes differ or a weight is not 1.

    References
    ----------
    J. K. Ord and A. Getis (1995), *Geographical Analysis* 27:286-306.

    Examples
    --------
    >>> from planning.patterns.grid import square_grid
    >>> grid = square_grid((0, 0, 450, 50), 100)
    >>> hot = getis_ord_g_star([9, 8, 1, 0, 2], grid.neighbours())
    >>> hot.z.round(3).tolist()
    [1.964, 1.309, -0.655, -1.964, -1.309]
    >>> hot.members.tolist()
    [2, 3, 3, 3, 2]
    """
    x = np.asarray(values, dtype=np.float64)
    weights = _binary(neighbours, x)
    # Deviations from the mean lose no digits to large values, and leave the numerator as it is.
    mean = x.mean()
    deviation = x - mean
    own = 1.0 - weights.diagonal()
    members = np.diff(weights.indptr) + own.astype(np.int64)
    gathered = weights @ deviation + own * deviation
    z = _standardise(gathered, members, deviation, constant=bool(x.max() == x.min()))
    return LocalG(z, two_sided_p(z), gathered + mean * members, members)


def _standardise(
    gathered: Floats, members: npt.NDArray[np.int64], deviation: Floats, *, constant: bool
) -> Floats:
    n = len(deviation)
    # n S1 - W² = W (n - W) with weights of 1; it is 0 for a neighbourhood of all cells.
    spread = members * (n - members) / max(n - 1, 1)
    scale = np.sqrt(np.mean(deviation**2) * spread)
    z = np.zeros(n)
    if not constant:
        np.divide(gathered, scale, out=z, where=spread > 0)
    return z


def _binary(neighbours: sparse.csr_matrix, x: Floats) -> sparse.csr_matrix:
    if x.ndim != 1 or x.size == 0:
        message = f"values: shape {x.shape}; give one value for each of at least one cell"
        raise ValueError(message)
    if not np.isfinite(x).all():
        message = f"values: {x[~np.isfinite(x)][0]} is not finite; leave out cells without a value"
        raise ValueError(message)
    if neighbours.shape != (x.size, x.size):
        message = f"neighbours: shape {neighbours.shape} does not fit {x.size} values"
        raise ValueError(message)
    weights = sparse.csr_matrix(neighbours)
    if not weights.has_canonical_format:
        weights = weights.copy()
        weights.sum_duplicates()
    if not (weights.data == 1).all():
        other = weights.data[weights.data != 1][0]
        message = f"neighbours: weight {other}; Gi* takes 1 for each pair of neighbours"
        raise ValueError(message)
    return weights
