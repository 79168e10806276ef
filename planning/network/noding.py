"""Cut street lines where they meet, each piece knowing the line that it came from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Lines = npt.NDArray[np.object_]
Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Lines that meet at their ends only.

    Attributes
    ----------
    lines : LineString array of shape (pieces,)
        In order of their source, in each source from its start.
    source : int64 array of shape (pieces,)
        Index of the line that each piece is part of.
    starts_line, ends_line : bool arrays of shape (pieces,)
        Whether the piece's first and last point is an end of its source, not a cut.
    """

    lines: Lines
    source: Indices
    starts_line: npt.NDArray[np.bool_]
    ends_line: npt.NDArray[np.bool_]


def cut_where_they_meet(lines: Lines, layer: Indices, snap_m: float) -> Pieces:
    """Node lines: at crossings within one layer, and at line ends in every layer.

    Parameters
    ----------
    lines : LineString array of shape (lines,)
        In metres, each longer than ``snap_m``.
    layer : int array of shape (lines,)
        Lines of different layers pass over each other, except where one of them ends on the other.
    snap_m
        An end this close to another line lies on it; cuts this close to an end or to another cut
        fall together with it.

    Examples
    --------
    >>> cross = shapely.linestrings([[(0, 5), (10, 5)], [(5, 0), (5, 10)]])
    >>> pieces = cut_where_they_meet(cross, np.array([0, 0]), 0.01)
    >>> pieces.source.tolist(), pieces.lines[0].wkt
    ([0, 0, 1, 1], 'LINESTRING (0 5, 5 5)')
    >>> len(cut_where_they_meet(cross, np.array([0, 1]), 0.01).lines)
    2
    """
    segments = _segments(lines)
    tree = shapely.STRtree(segments.drawn)
    cuts = (_crossings(segments, tree, layer), _ends_on_lines(lines, tree, snap_m))
    segment, points = (np.concatenate(each) for each in zip(*cuts, strict=True))
    line = segments.line[segment]
    along = segments.along[segment] + _distance(points, segments.start[segment])
    inside = (along > snap_m) & (along < shapely.length(lines)[line] - snap_m)
    line, along, points = line[inside], along[inside], points[inside]
    order = np.lexsort((along, line))
    line, along, points = line[order], along[order], points[order]
    new = np.ones(len(line), dtype=np.bool_)
    new[1:] = (np.diff(line) > 0) | (np.diff(along) > snap_m)
    return _pieces(lines, line[new], along[new], points[new])


def uncut(lines: Lines) -> Pieces:
    """Take every line as one piece.

    Examples
    --------
    >>> uncut(shapely.linestrings([[(0, 5), (10, 5)]])).ends_line.tolist()
    [True]
    """
    whole = np.ones(len(lines), dtype=np.bool_)
    return Pieces(lines, np.arange(len(lines)), whole, whole)


@dataclass(frozen=True, eq=False)
class _Segments:
    """The straight parts of lines, in order: each as drawn, its line, its start there in metres."""

    drawn: Lines
    line: Indices
    start: Floats
    along: Floats


def _segments(lines: Lines) -> _Segments:
    vertices, owner = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(np.diff(owner) == 0)
    drawn = shapely.linestrings(np.stack((vertices[first], vertices[first + 1]), axis=1))
    along = _distance_along(vertices, owner)
    return _Segments(drawn, owner[first], vertices[first], along[first])


def _crossings(
    segments: _Segments, tree: shapely.STRtree, layer: Indices
) -> tuple[Indices, Floats]:
    """Points where segments of one layer meet, or begin and end to overlap; and those segments."""
    one, other = tree.query(segments.drawn, predicate="intersects")
    line, other_line = segments.line[one], segments.line[other]
    consecutive = (line == other_line) & (other - one == 1)
    wanted = (one < other) & (layer[line] == layer[other_line]) & ~consecutive
    one, other = one[wanted], other[wanted]
    shared = shapely.intersection(segments.drawn[one], segments.drawn[other])
    points, pair = shapely.get_coordinates(shared, return_index=True)
    return np.append(one[pair], other[pair]), np.concatenate((points, points))


def _ends_on_lines(lines: Lines, tree: shapely.STRtree, snap_m: float) -> tuple[Indices, Floats]:
    """Line ends that lie on a segment, and that segment."""
    ends = np.append(shapely.get_point(lines, 0), shapely.get_point(lines, -1))
    points = np.unique(shapely.get_coordinates(ends), axis=0)
    point, segment = tree.query(shapely.points(points), predicate="dwithin", distance=snap_m)
    return segment, points[point]


def _distance(points: Floats, others: Floats) -> Floats:
    distance: Floats = np.hypot(*(points - others).T)
    return distance


def _pieces(lines: Lines, line: Indices, along: Floats, cuts: Floats) -> Pieces:
    """Weave the cuts into the lines' coordinates and start a new piece at each."""
    vertices, owner = shapely.get_coordinates(lines, return_index=True)
    owner = np.append(owner, line)
    is_cut = np.arange(len(owner)) >= len(vertices)
    order = np.lexsort((is_cut, np.append(_distance_along(vertices, owner), along), owner))
    owner, is_cut = owner[order], is_cut[order]
    # A cut stands twice: it ends one piece and starts the next.
    copies = 1 + is_cut
    coordinates = np.repeat(np.concatenate((vertices, cuts))[order], copies, axis=0)
    opens_line = np.repeat(np.diff(owner, prepend=-1) > 0, copies)
    opens_cut = np.zeros(len(coordinates), dtype=np.bool_)
    opens_cut[(np.cumsum(copies) - 1)[is_cut]] = True
    opens = opens_line | opens_cut
    pieces = shapely.linestrings(coordinates, indices=np.cumsum(opens) - 1)
    source = np.repeat(owner, copies)[opens]
    starts = opens_line[opens]
    ends = np.append(starts[1:], True)
    return Pieces(shapely.remove_repeated_points(pieces), source, starts, ends)


def _distance_along(vertices: Floats, owner: Indices) -> Floats:
    step = np.hypot(*np.diff(vertices, axis=0, prepend=vertices[:1]).T)
    total = np.cumsum(step)
    first = np.searchsorted(owner[: len(vertices)], np.arange(owner[len(vertices) - 1] + 1))
    distance: Floats = total - total[first][owner[: len(vertices)]]
    return distance
