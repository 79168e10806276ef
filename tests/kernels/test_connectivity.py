import math

import geopandas
import libpysal
import momepy
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from planning.network.connectivity import components, dead_ends, degrees, indices, near_misses
from planning.network.graph import StreetGraph, street_graph

pytestmark = pytest.mark.kernel


def example(file):
    return np.asarray(geopandas.read_file(libpysal.examples.get_path(file)).geometry)


def line(*corners):
    return shapely.LineString(corners)


@st.composite
def graphs(draw):
    """Graphs of any shape, with loops and parallel edges; every node has an edge."""
    pair = st.tuples(st.integers(0, 12), st.integers(0, 12))
    ends = np.array(draw(st.lists(pair, min_size=1, max_size=30)))
    nodes, ends = np.unique(ends, return_inverse=True)
    ends = ends.reshape(-1, 2)
    xy = np.column_stack((nodes, nodes**2)).astype(float)
    lines = shapely.linestrings(xy[ends])
    edges = np.arange(len(ends))
    return StreetGraph(xy, ends[:, 0], ends[:, 1], shapely.length(lines), edges, lines)


def as_networkx(graph):
    peer = nx.MultiGraph()
    peer.add_nodes_from(range(graph.node_count))
    peer.add_edges_from(zip(graph.u.tolist(), graph.v.tolist(), strict=True))
    return peer


@pytest.mark.parametrize("node", [False, True])
def test_it_gives_the_recorded_figures_of_geodanet(node):
    graph = street_graph(example("streets.shp"), node=node)

    figures = indices(graph)

    assert (figures.nodes, figures.edges, figures.components) == (220, 293, 1)
    assert np.bincount(degrees(graph)).tolist() == [0, 3, 113, 59, 45]
    assert figures.dead_ends == 3
    assert figures.cyclomatic == 74
    assert figures.length_m == pytest.approx(104414.092015955, rel=1e-13)
    assert figures.beta == pytest.approx(1.33181818181818, rel=1e-13)
    assert figures.alpha == pytest.approx(0.170114942528736, rel=1e-13)
    assert figures.gamma == pytest.approx(0.448012232415902, rel=1e-13)


def test_the_streets_of_soho_hang_together_only_when_noded():
    streets = example("Soho_Network.shp")

    assert components(street_graph(streets, node=False)).count == 78
    assert components(street_graph(streets, snap_m=1e-6)).count == 9


def test_the_last_gaps_of_soho_are_ends_that_stop_a_hair_short():
    streets = example("Soho_Network.shp")

    gaps = near_misses(street_graph(streets, snap_m=1e-6), 1)

    assert gaps.distance_m.size == 10
    assert gaps.distance_m.max() < 0.0002
    assert components(street_graph(streets)).count == 1


def test_a_connected_graph_has_the_indices_of_momepy():
    graph = street_graph(example("streets.shp"))
    peer = nx.Graph(as_networkx(graph))

    figures = indices(graph)

    assert peer.number_of_edges() == figures.edges
    assert figures.alpha == pytest.approx(momepy.meshedness(peer, radius=None), rel=1e-12)
    assert figures.gamma == pytest.approx(momepy.gamma(peer, radius=None), rel=1e-12)
    assert figures.cyclomatic == momepy.cyclomatic(peer, radius=None)
    assert figures.beta == pytest.approx(momepy.edge_node_ratio(peer, radius=None), rel=1e-12)


@given(graphs())
def test_components_and_degrees_agree_with_networkx(graph):
    peer = as_networkx(graph)

    pieces = components(graph)

    expected = [set(piece) for piece in nx.connected_components(peer)]
    found = [set(np.flatnonzero(pieces.node == each)) for each in range(pieces.count)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))
    assert degrees(graph).tolist() == [peer.degree(node) for node in range(graph.node_count)]
    assert dead_ends(graph).tolist() == [n for n, degree in sorted(peer.degree) if degree == 1]


@given(graphs())
def test_components_come_longest_first_and_share_out_the_length(graph):
    pieces = components(graph)

    assert (np.diff(pieces.length_m) <= 0).all()
    assert pieces.length_m.sum() == pytest.approx(graph.length_m.sum())
    assert (pieces.node[graph.u] == pieces.edge).all()
    assert (pieces.node[graph.v] == pieces.edge).all()


@given(graphs())
def test_the_indices_keep_their_definitions(graph):
    figures = indices(graph)

    # Whatever a spanning forest leaves out closes one circuit.
    forest = nx.minimum_spanning_tree(as_networkx(graph))
    assert figures.cyclomatic == graph.edge_count - forest.number_of_edges()
    assert figures.mean_degree == pytest.approx(degrees(graph).mean())
    assert figures.beta == pytest.approx(figures.mean_degree / 2)


def test_two_copies_apart_keep_their_cyclomatic_ratio():
    block = [line((0, 0), (9, 0)), line((9, 0), (9, 9)), line((9, 9), (0, 9)), line((0, 9), (0, 0))]
    far = list(shapely.transform(np.array(block), lambda xy: xy + 1000))

    one, two = indices(street_graph(block)), indices(street_graph(block + far))

    assert (one.components, two.components) == (1, 2)
    assert (one.cyclomatic, two.cyclomatic) == (1, 2)
    assert two.alpha == pytest.approx(2 / (2 * 8 - 5 * 2))
    assert two.alpha == pytest.approx(one.alpha)
    assert two.gamma == pytest.approx(one.gamma)


def test_a_network_too_small_for_circuits_has_no_alpha_and_no_gamma():
    figures = indices(street_graph([line((0, 0), (9, 0))]))

    assert math.isnan(figures.alpha)
    assert math.isnan(figures.gamma)
    assert (figures.beta, figures.mean_degree, figures.dead_ends) == (0.5, 1.0, 2)


def test_a_near_miss_names_the_end_the_street_and_the_gap():
    main, stub = line((0, 0), (100, 0)), line((30, 3), (30, 80))
    other = line((0, 4), (25, 4))

    found = near_misses(street_graph([main, stub, other]), 4.5)

    graph = street_graph([main, stub, other])
    rows = {tuple(graph.node_xy[node]): row for row, node in enumerate(found.node)}
    assert found.distance_m[rows[30, 3]] == 3
    assert graph.source[found.edge[rows[30, 3]]] == 0
    assert found.distance_m[rows[25, 4]] == 4
    assert (100.0, 0.0) not in rows


def test_a_gap_wider_than_the_tolerance_and_a_joined_street_are_no_near_miss():
    graph = street_graph([line((0, 0), (100, 0)), line((30, 3), (30, 80)), line((0, 0), (0, 1))])

    assert near_misses(graph, 2.9).node.size == 0
    assert near_misses(graph, 3.0).node.size == 1


@pytest.mark.parametrize("tolerance_m", [0, -1, float("nan"), float("inf")])
def test_it_rejects_a_tolerance_that_finds_nothing_or_all(tolerance_m):
    graph = street_graph([line((0, 0), (9, 0))])

    with pytest.raises(ValueError, match=f"tolerance_m={tolerance_m}: give a distance above 0"):
        near_misses(graph, tolerance_m)
