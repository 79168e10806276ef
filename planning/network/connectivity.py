"""How well a street network hangs together: pieces, dead ends, circuits, gaps."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from planning.network.graph import StreetGraph
from planning.network.noding import Floats, Indices


@dataclass(frozen=True, eq=False)
class Components:
    """The connected pieces of a network, the longest first.

    Attributes
    ----------
    count : int
        Number of pieces.
    node : int64 array of shape (nodes,)
        Piece of each node, from 0.
    edge : int64 array of shape (edges,)
        Piece of each edge.
    length_m : float array of shape (count,)
        Length of the streets of each piece in metres.
    """

    count: int
    node: Indices
    edge: Indices
    length_m: Floats


@dataclass(frozen=True)
class Connectivity:
    """Figures of a whole network with n nodes, m edges and p components.

    Attributes
    ----------
    nodes, edges, components : int
        n, m and p.
    dead_ends : int
        Nodes where one edge ends.
    cyclomatic : int
        Independent circuits, μ = m − n + p.
    alpha : float
        Circuits over those that a planar network could have, μ / (2n − 5p).
    beta : float
        Edges for each node, m / n.
    gamma : float
        Edges over those that a planar network could have, m / (3 (n − 2p)).
    length_m : float
        Length of all edges in metres.
    mean_degree : float
        2m / n.

    Alpha and gamma are NaN for a network too small to have a denominator above 0.
    """

    nodes: int
    edges: int
    components: int
    dead_ends: int
    cyclomatic: int
    alpha: float
    beta: float
    gamma: float
    length_m: float
    mean_degree: float


@dataclass(frozen=True, eq=False)
class NearMisses:
    """Dead ends that stop just short of another piece of the network.

    Attributes
    ----------
    node : int64 array of shape (misses,)
        The dead end.
    edge : int64 array of shape (misses,)
        The nearest edge of another piece.
    distance_m : float array of shape (misses,)
        The gap in metres.
    """

    node: Indices
    edge: Indices
    distance_m: Floats


def degrees(graph: StreetGraph) -> Indices:
    """Count the edge ends at each node; a loop counts twice, parallel edges each.

    Examples
    --------
    >>> from planning.network.graph import street_graph
    >>> degrees(street_graph(shapely.linestrings([[(0, 0), (9, 0)], [(9, 0), (9, 9)]]))).tolist()
    [1, 2, 1]
    """
    return np.bincount(np.append(graph.u, graph.v), minlength=graph.node_count)


def dead_ends(graph: StreetGraph) -> Indices:
    """Find the nodes where exactly one edge ends.

    Streets cut at the border of the data look like dead ends: build the graph with a buffer around
    the area and count inside it.

    Examples
    --------
    >>> from planning.network.graph import street_graph
    >>> dead_ends(street_graph(shapely.linestrings([[(0, 0), (9, 0)], [(9, 0), (9, 9)]]))).tolist()
    [0, 2]
    """
    return np.flatnonzero(degrees(graph) == 1)


def components(graph: StreetGraph) -> Components:
    """Find the pieces of a network that no street joins.

    Examples
    --------
    >>> from planning.network.graph import street_graph
    >>> apart = street_graph(shapely.linestrings([[(0, 0), (9, 0)], [(0, 50), (99, 50)]]))
    >>> pieces = components(apart)
    >>> pieces.count, pieces.edge.tolist(), pieces.length_m.tolist()
    (2, [1, 0], [99.0, 9.0])
    """
    shape = (graph.node_count, graph.node_count)
    links = sparse.csr_matrix((np.ones(graph.edge_count), (graph.u, graph.v)), shape=shape)
    count, label = csgraph.connected_components(links, directed=False)
    length = np.zeros(count)
    np.add.at(length, label[graph.u], graph.length_m)
    longest_first = np.argsort(-length, kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[longest_first] = np.arange(count)
    return Components(count, rank[label], rank[label[graph.u]], length[longest_first])


def indices(graph: StreetGraph) -> Connectivity:
    """Measure a network with the formulas that count its components.

    References
    ----------
    K. J. Kansky (1963), *Structure of Transportation Networks*, University of Chicago.

    Examples
    --------
    >>> from planning.network.graph import street_graph
    >>> block = [(0, 0), (80, 0), (80, 60), (0, 60), (0, 0)]
    >>> sides = [block[side : side + 2] for side in range(4)]
    >>> figures = indices(street_graph(shapely.linestrings([*sides, [(0, 0), (80, 60)]])))
    >>> figures.nodes, figures.edges, figures.cyclomatic, figures.length_m
    (4, 5, 2, 380.0)
    >>> round(figures.alpha, 3), figures.beta, round(figures.gamma, 3), figures.mean_degree
    (0.667, 1.25, 0.833, 2.5)
    """
    n, m, p = graph.node_count, graph.edge_count, components(graph).count
    circuits = m - n + p
    return Connectivity(
        nodes=n,
        edges=m,
        components=p,
        dead_ends=len(dead_ends(graph)),
        cyclomatic=circuits,
        alpha=_ratio(circuits, 2 * n - 5 * p),
        beta=m / n,
        gamma=_ratio(m, 3 * (n - 2 * p)),
        length_m=float(graph.length_m.sum()),
        mean_degree=2 * m / n,
    )


def near_misses(graph: StreetGraph, tolerance_m: float) -> NearMisses:
    """Find dead ends that nearly reach a piece they are not joined to: often gaps in the drawing.

    Parameters
    ----------
    graph
        The network.
    tolerance_m
        Largest gap in metres; one row for each dead end with such a gap, the nearest edge in it.

    Raises
    ------
    ValueError
        If the tolerance is not above 0.

    Examples
    --------
    >>> from planning.network.graph import street_graph
    >>> gap = street_graph(shapely.linestrings([[(0, 0), (99, 0)], [(50, 2), (50, 60)]]))
    >>> found = near_misses(gap, 5)
    >>> gap.node_xy[found.node].tolist(), found.distance_m.tolist()
    ([[50.0, 2.0]], [2.0])
    """
    if not 0 < tolerance_m < math.inf:
        message = f"tolerance_m={tolerance_m}: give a distance above 0 metres"
        raise ValueError(message)
    pieces = components(graph)
    ends = dead_ends(graph)
    points: npt.NDArray[np.object_] = shapely.points(graph.node_xy[ends])
    tree = shapely.STRtree(graph.lines)
    end, edge = tree.query(points, predicate="dwithin", distance=tolerance_m)
    foreign = pieces.node[ends[end]] != pieces.edge[edge]
    end, edge = end[foreign], edge[foreign]
    distance = shapely.distance(points[end], graph.lines[edge])
    order = np.lexsort((edge, distance, end))
    _, nearest = np.unique(end[order], return_index=True)
    chosen = order[nearest]
    return NearMisses(ends[end[chosen]], edge[chosen], distance[chosen])


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole > 0 else math.nan
