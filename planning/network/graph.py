"""The street network as a graph: nodes where streets meet or end, edges between them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from planning.network.noding import Floats, Indices, Lines, Pieces, cut_where_they_meet, uncut

DEFAULT_SNAP_M = 0.01
SMALLEST_SNAP_M = 1e-6  # above the rounding of lengths along a city's streets


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """An undirected graph; parallel edges and loops are kept.

    Attributes
    ----------
    node_xy : float array of shape (nodes, 2)
        Coordinates in metres.
    u, v : int64 arrays of shape (edges,)
        Nodes at the start and at the end of each edge; equal for a loop.
    length_m : float array of shape (edges,)
        Length of the drawn edge in metres.
    source : int64 array of shape (edges,)
        Index of the line that the edge is part of.
    lines : LineString array of shape (edges,)
        The edges as drawn, from u to v.
    """

    node_xy: Floats
    u: Indices
    v: Indices
    length_m: Floats
    source: Indices
    lines: Lines

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.node_xy)

    @property
    def edge_count(self) -> int:
        """Number of edges."""
        return len(self.u)

    def adjacency(self) -> sparse.csr_matrix:
        """Make the symmetric matrix (nodes, nodes) of lengths in metres, for paths.

        Of parallel edges the shortest counts; a loop leads nowhere and is left out.

        Examples
        --------
        >>> straight = shapely.LineString([(0, 0), (3, 4)])
        >>> graph = street_graph([straight, shapely.LineString([(3, 4), (3, 0), (0, 0)])])
        >>> graph.adjacency().toarray().tolist()
        [[0.0, 5.0], [5.0, 0.0]]
        """
        apart = self.u != self.v
        low = np.minimum(self.u, self.v)[apart]
        high = np.maximum(self.u, self.v)[apart]
        length = self.length_m[apart]
        order = np.lexsort((length, high, low))
        low, high, length = low[order], high[order], length[order]
        shortest = np.ones(len(low), dtype=np.bool_)
        shortest[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
        low, high, length = low[shortest], high[shortest], length[shortest]
        shape = (self.node_count, self.node_count)
        entries = (np.append(low, high), np.append(high, low))
        return sparse.csr_matrix((np.append(length, length), entries), shape=shape)


def street_graph(
    lines: npt.ArrayLike,
    *,
    level: npt.ArrayLike | None = None,
    bridge: npt.ArrayLike | None = None,
    tunnel: npt.ArrayLike | None = None,
    node: bool = True,
    snap_m: float = DEFAULT_SNAP_M,
) -> StreetGraph:
    """Build the graph of a street network.

    Streets that cross are joined, drawn with a common point or not. Lines that differ in level,
    bridge or tunnel pass over each other: a bridge is joined at its two ends only.

    Parameters
    ----------
    lines : LineString array of shape (lines,)
        In metres of a metric CRS. Stretches drawn twice become parallel edges.
    level : int array of shape (lines,), optional
        Height order of each line, 0 on the ground; all on one level if left out.
    bridge, tunnel : bool arrays of shape (lines,), optional
        Whether the line is a bridge, or a tunnel.
    node
        Whether to join lines at crossings. Without it lines meet at their ends only, as they do in
        a network that was noded before.
    snap_m
        Ends this close are one node, and an end this close to a line lies on it. Lines no longer
        than this vanish into a node.

    Raises
    ------
    ValueError
        If there is no line long enough, a line is no finite LineString, an attribute has not one
        value for each line, or ``snap_m`` is below ``SMALLEST_SNAP_M``.

    Examples
    --------
    >>> streets = shapely.linestrings([[(0, 50), (100, 50)], [(50, 0), (50, 100)]])
    >>> crossing = street_graph(streets)
    >>> crossing.node_count, crossing.edge_count, crossing.source.tolist()
    (5, 4, [0, 0, 1, 1])
    >>> flyover = street_graph(streets, bridge=[False, True])
    >>> flyover.node_count, flyover.edge_count
    (4, 2)
    """
    drawn = _checked(lines)
    if not SMALLEST_SNAP_M <= snap_m < np.inf:
        message = (
            f"snap_m={snap_m}: give {SMALLEST_SNAP_M} metres or more, such as {DEFAULT_SNAP_M}"
        )
        raise ValueError(message)
    layer = _layers(len(drawn), level=level, bridge=bridge, tunnel=tunnel)
    long_enough = np.flatnonzero(shapely.length(drawn) > snap_m)
    if not long_enough.size:
        message = f"lines: none of {len(drawn)} is longer than snap_m={snap_m}; use a metric CRS"
        raise ValueError(message)
    chosen = drawn[long_enough]
    pieces = cut_where_they_meet(chosen, layer[long_enough], snap_m) if node else uncut(chosen)
    source = long_enough[pieces.source]
    node_xy, u, v = _nodes(pieces, layer[source], snap_m)
    return StreetGraph(node_xy, u, v, shapely.length(pieces.lines), source, pieces.lines)


def _nodes(pieces: Pieces, layer: Indices, snap_m: float) -> tuple[Floats, Indices, Indices]:
    """Join ends within reach of each other; two cuts of different layers stay apart."""
    edges = len(pieces.lines)
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(pieces.lines, place)) for place in (0, -1)]
    )
    layers = np.append(layer, layer)
    is_end = np.append(pieces.starts_line, pieces.ends_line)
    one, other = cKDTree(ends).query_pairs(snap_m, output_type="ndarray").T
    joined = (layers[one] == layers[other]) | is_end[one] | is_end[other]
    links = (np.ones(joined.sum(), dtype=np.int8), (one[joined], other[joined]))
    _, label = csgraph.connected_components(
        sparse.csr_matrix(links, shape=(2 * edges, 2 * edges)), directed=False
    )
    _, first, node = np.unique(label, return_index=True, return_inverse=True)
    return ends[first], node[:edges], node[edges:]


def _checked(lines: npt.ArrayLike) -> Lines:
    drawn = np.asarray(lines, dtype=np.object_)
    if drawn.ndim != 1 or drawn.size == 0:
        message = f"lines: shape {drawn.shape}; give one LineString for each of at least one street"
        raise ValueError(message)
    whole = shapely.get_type_id(drawn) == shapely.GeometryType.LINESTRING
    whole &= ~shapely.is_empty(drawn) & np.isfinite(shapely.bounds(drawn)).all(axis=1)
    if not whole.all():
        position = int(np.flatnonzero(~whole)[0])
        message = f"lines[{position}]: {drawn[position]!r:.60} is no finite LineString"
        raise ValueError(message)
    flat: Lines = shapely.remove_repeated_points(shapely.force_2d(drawn))
    return flat


def _layers(lines: int, **attributes: npt.ArrayLike | None) -> Indices:
    """Give each combination of attributes that occurs a number."""
    given = [np.zeros(lines, dtype=np.int64)]
    for name, values in attributes.items():
        if values is None:
            continue
        column = np.asarray(values)
        if column.shape != (lines,):
            message = f"{name}: shape {column.shape} does not fit {lines} lines"
            raise ValueError(message)
        given.append(column.astype(np.int64))
    _, layer = np.unique(np.column_stack(given), axis=0, return_inverse=True)
    return layer
