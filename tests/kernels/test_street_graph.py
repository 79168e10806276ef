from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from planning.network.connectivity import components, dead_ends, degrees
from planning.network.graph import street_graph

pytestmark = pytest.mark.kernel

corner = st.tuples(st.integers(0, 8), st.integers(0, 8))
path = (
    st.lists(corner, min_size=2, max_size=5)
    .map(lambda corners: [(10.0 * x, 10.0 * y) for x, y in corners])
    .filter(lambda corners: all(a != b for a, b in pairwise(corners)))
)


@st.composite
def networks(draw):
    lines = [shapely.LineString(each) for each in draw(st.lists(path, min_size=1, max_size=8))]
    # A street that runs back over itself is a fault of the drawing, not a street.
    return np.array([line for line in lines if shapely.node(line).length == line.length])


networks = networks().filter(len)


def line(*corners):
    return shapely.LineString(corners)


def joined(lines, pairs):
    """Number of groups of lines that the pairs join."""
    one, other = pairs
    links = sparse.csr_matrix((np.ones(len(one)), (one, other)), shape=(len(lines), len(lines)))
    return csgraph.connected_components(links, directed=False)[0]


@given(networks)
def test_noding_keeps_every_metre_and_its_source(lines):
    graph = street_graph(lines)

    by_source = np.bincount(graph.source, weights=graph.length_m, minlength=len(lines))
    assert by_source == pytest.approx(shapely.length(lines))


@given(networks)
def test_lines_that_touch_are_one_component(lines):
    touching = shapely.STRtree(lines).query(lines, predicate="intersects")

    assert components(street_graph(lines)).count == joined(lines, touching)


@given(networks)
def test_edges_meet_at_their_ends_only(lines):
    graph = street_graph(lines)

    one, other = shapely.STRtree(graph.lines).query(graph.lines, predicate="intersects")
    for a, b in zip(one, other, strict=True):
        shared = shapely.intersection(graph.lines[a], graph.lines[b])
        if a < b and shared.length == 0:
            ends = graph.node_xy[[graph.u[a], graph.v[a], graph.u[b], graph.v[b]]]
            assert shapely.distance(shared, shapely.MultiPoint(ends)) < 0.02


@given(networks)
def test_each_edge_runs_from_its_first_node_to_its_second(lines):
    graph = street_graph(lines)

    for place, nodes in ((0, graph.u), (-1, graph.v)):
        drawn = shapely.get_coordinates(shapely.get_point(graph.lines, place))
        assert np.abs(drawn - graph.node_xy[nodes]).max() <= 0.02


@given(networks, st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_the_place_of_the_network_does_not_matter(lines, right, up):
    moved = street_graph(shapely.transform(lines, lambda xy: xy + np.array([right, up])))
    graph = street_graph(lines)

    assert np.array_equal(moved.source, graph.source)
    assert sorted(degrees(moved)) == sorted(degrees(graph))
    assert moved.length_m == pytest.approx(graph.length_m)


@given(networks)
def test_noding_twice_changes_nothing(lines):
    once = street_graph(lines)

    again = street_graph(once.lines)

    assert again.length_m == pytest.approx(once.length_m)
    assert np.array_equal(again.u, once.u)
    assert np.array_equal(again.v, once.v)


def test_a_bridge_is_joined_at_its_ends_only():
    west, bridge, east = (
        line((0, 0), (40, 0)),
        line((40, 0), (60, 0)),
        line((60, 0), (100, 0)),
    )
    under = line((50, -50), (50, 50))

    graph = street_graph([west, bridge, east, under], bridge=[False, True, False, False])

    assert graph.edge_count == 4
    pieces = components(graph)
    assert pieces.count == 2
    assert pieces.edge[0] == pieces.edge[1] == pieces.edge[2] != pieces.edge[3]


@pytest.mark.parametrize(
    "attributes",
    [{"level": [0, 1]}, {"bridge": [0, 1]}, {"tunnel": [True, False]}],
    ids=["level", "bridge", "tunnel"],
)
def test_lines_of_different_height_do_not_meet_where_they_cross(attributes):
    cross = [line((0, 5), (10, 5)), line((5, 0), (5, 10))]

    assert street_graph(cross, **attributes).edge_count == 2
    assert street_graph(cross, **{name: [1, 1] for name in attributes}).edge_count == 4


def test_crossings_one_above_the_other_stay_apart():
    ground = [line((0, 5), (10, 5)), line((5, 0), (5, 10))]
    above = [line((0, 0), (10, 10)), line((0, 10), (10, 0))]

    graph = street_graph(ground + above, level=[0, 0, 1, 1])

    assert components(graph).count == 2
    assert graph.node_count == 10
    assert sorted(degrees(graph)) == [1] * 8 + [4, 4]


def test_the_end_of_a_bridge_joins_the_street_it_lands_on():
    street, bridge = line((0, 0), (100, 0)), line((50, 0), (50, 80))

    graph = street_graph([street, bridge], bridge=[False, True])

    assert components(graph).count == 1
    assert graph.source.tolist() == [0, 0, 1]


@pytest.mark.parametrize("gap", [-0.009, 0.0, 0.009])
def test_an_end_that_nearly_reaches_a_street_is_joined_to_it(gap):
    graph = street_graph([line((0, 0), (100, 0)), line((50, gap), (50, 60))])

    assert components(graph).count == 1
    assert graph.edge_count == 3
    assert sorted(degrees(graph)) == [1, 1, 1, 3]


def test_an_end_beyond_the_snapping_distance_stays_apart():
    pair = [line((0, 0), (100, 0)), line((50, 0.2), (50, 60))]

    assert components(street_graph(pair)).count == 2
    assert components(street_graph(pair, snap_m=0.5)).count == 1


def test_a_line_no_longer_than_the_snapping_distance_vanishes_into_a_node():
    graph = street_graph(
        [line((0, 0), (50, 0)), line((50, 0), (50, 0.005)), line((50, 0), (90, 0))]
    )

    assert graph.source.tolist() == [0, 2]
    assert graph.node_count == 3


def test_without_noding_streets_meet_at_their_ends_only():
    cross = [line((0, 5), (10, 5)), line((5, 0), (5, 10)), line((10, 5), (20, 5))]

    graph = street_graph(cross, node=False)

    assert graph.edge_count == 3
    assert components(graph).count == 2


def test_a_street_that_crosses_itself_gets_a_node_there():
    loop = line((0, 0), (60, 0), (60, 60), (30, 60), (30, -30))

    graph = street_graph([loop])

    assert graph.source.tolist() == [0, 0, 0]
    assert sorted(degrees(graph)) == [1, 1, 4]


def test_a_street_drawn_twice_becomes_two_parallel_edges():
    graph = street_graph([line((0, 0), (50, 0)), line((0, 0), (50, 0)), line((20, 0), (70, 0))])

    assert graph.length_m.tolist() == [20, 30, 20, 30, 30, 20]
    assert graph.node_count == 4


def test_a_ring_is_a_loop_whose_node_has_degree_two():
    ring = street_graph([line((0, 0), (9, 0), (9, 9), (0, 0))])

    assert (ring.u == ring.v).all()
    assert degrees(ring).tolist() == [2]
    assert dead_ends(ring).size == 0


def test_the_adjacency_takes_the_shorter_of_parallel_edges_and_no_loop():
    straight, detour = line((0, 0), (30, 0)), line((0, 0), (0, 20), (30, 20), (30, 0))
    loop = line((30, 0), (40, 0), (40, 10), (30, 0))

    matrix = street_graph([straight, detour, loop]).adjacency()

    assert matrix.toarray().tolist() == [[0, 30], [30, 0]]


def test_heights_of_the_drawing_are_left_out():
    graph = street_graph([line((0, 0, 7), (3, 4, 19))])

    assert graph.length_m.tolist() == [5]
    assert not shapely.has_z(graph.lines).any()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "at least one street"),
        ([shapely.Point(0, 0)], r"lines\[0\]: <POINT \(0 0\)> is no finite LineString"),
        ([line((0, 0), (1, 1)), None], r"lines\[1\]: None is no finite LineString"),
        ([shapely.MultiLineString([[(0, 0), (1, 1)]])], "is no finite LineString"),
        ([shapely.LineString()], "is no finite LineString"),
        ([line((0, 0), (float("inf"), 1))], "is no finite LineString"),
        ([line((0, 0), (0.001, 0))], "none of 1 is longer than snap_m=0.01"),
    ],
)
def test_it_rejects_what_is_no_street(lines, words):
    with pytest.raises(ValueError, match=words):
        street_graph(lines)


@pytest.mark.parametrize("snap_m", [0, -1, 1e-9, float("nan"), float("inf")])
def test_it_rejects_a_snapping_distance_that_joins_nothing_or_all(snap_m):
    with pytest.raises(ValueError, match=f"snap_m={snap_m}: give 1e-06 metres or more"):
        street_graph([line((0, 0), (1, 1))], snap_m=snap_m)


def test_it_rejects_attributes_that_do_not_fit_the_lines():
    with pytest.raises(ValueError, match=r"bridge: shape \(2,\) does not fit 1 lines"):
        street_graph([line((0, 0), (1, 1))], bridge=[True, False])
