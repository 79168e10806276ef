import esda
import geopandas
import libpysal
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from libpysal.graph import Graph
from scipy import sparse

from planning.patterns.grid import hexagon_grid, square_grid
from planning.patterns.local import getis_ord_g_star
from planning.patterns.significance import benjamini_hochberg

pytestmark = pytest.mark.kernel

GRID = square_grid((0, 0, 650, 450), 100)
NEIGHBOURS = GRID.neighbours()
cell_values = arrays(np.float64, len(GRID), elements=st.integers(0, 20).map(float))


def example(file, column):
    frame = geopandas.read_file(libpysal.examples.get_path(file))
    return frame[column].to_numpy(dtype=float), Graph.build_contiguity(frame, rook=False)


@pytest.mark.parametrize(
    ("file", "column"),
    [("columbus.shp", "CRIME"), ("sids2.shp", "SIDR79"), ("G_utm.shp", "PctBach")],
    ids=["columbus", "sids2", "georgia"],
)
def test_it_agrees_with_esda(file, column):
    values, graph = example(file, column)
    expected = esda.G_Local(values, graph, transform="B", star=True, permutations=0)

    found = getis_ord_g_star(values, graph.sparse.tocsr())

    assert np.abs(found.z - expected.Zs).max() < 1e-9
    assert np.abs(found.p - 2 * expected.p_norm).max() < 1e-9


def test_it_gives_the_recorded_figures_of_columbus():
    values, graph = example("columbus.shp", "CRIME")

    found = getis_ord_g_star(values, graph.sparse.tocsr())

    first = [
        -1.4327796539664275,
        -1.3400080974641628,
        -0.7719986809531132,
        -0.131733364490507,
        1.2853627984373426,
    ]
    assert found.z[:5] == pytest.approx(first, rel=1e-12)
    assert found.z.argmax() == 15
    assert found.z.max() == pytest.approx(3.47505135616012, rel=1e-12)
    assert found.z.min() == pytest.approx(-2.85102317657986, rel=1e-12)
    assert (found.z > 1.96).sum() == 11
    assert (found.z < -1.96).sum() == 7
    discoveries = benjamini_hochberg(found.p, 0.05)
    assert discoveries.threshold == pytest.approx(0.00918367346938776, rel=1e-12)
    assert discoveries.rejected.sum() == 9


@given(cell_values, st.randoms(use_true_random=False))
def test_the_order_of_the_cells_does_not_matter(values, random):
    order = np.array(random.sample(range(len(GRID)), len(GRID)))

    shuffled = getis_ord_g_star(values[order], NEIGHBOURS[order][:, order])

    straight = getis_ord_g_star(values, NEIGHBOURS)
    assert shuffled.z == pytest.approx(straight.z[order], abs=1e-9)


@given(cell_values, st.floats(0.01, 100), st.floats(-1000, 1000))
def test_neither_the_unit_nor_the_zero_of_the_values_matters(values, scale, shift):
    changed = getis_ord_g_star(values * scale + shift, NEIGHBOURS)

    if np.ptp(values) > 0:
        assert changed.z == pytest.approx(getis_ord_g_star(values, NEIGHBOURS).z, abs=1e-6)


@given(cell_values)
def test_turning_the_values_over_turns_hot_into_cold(values):
    hot, cold = getis_ord_g_star(values, NEIGHBOURS), getis_ord_g_star(-values, NEIGHBOURS)

    assert cold.z == pytest.approx(-hot.z, abs=1e-12)
    assert cold.p == pytest.approx(hot.p, abs=1e-12)


@given(cell_values)
def test_it_sums_each_cell_with_its_neighbours(values):
    whole = (NEIGHBOURS + sparse.eye_array(len(GRID))).toarray()

    found = getis_ord_g_star(values, NEIGHBOURS)

    assert found.local_sum == pytest.approx(whole @ values, abs=1e-9)
    assert (found.members == whole.sum(axis=1)).all()


@given(cell_values)
def test_a_diagonal_that_is_there_counts_once(values):
    with_self = sparse.csr_matrix(NEIGHBOURS + sparse.eye_array(len(GRID)))

    once, again = getis_ord_g_star(values, NEIGHBOURS), getis_ord_g_star(values, with_self)
    assert again.z == pytest.approx(once.z, abs=1e-12)
    assert (again.members == once.members).all()


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_among_equal_values_nothing_stands_out(value):
    found = getis_ord_g_star(np.full(len(GRID), value), NEIGHBOURS)

    assert (found.z == 0).all()
    assert (found.p == 1).all()


def test_a_neighbourhood_of_the_whole_area_cannot_stand_out():
    star = sparse.csr_matrix(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]))

    found = getis_ord_g_star([5.0, 1.0, 0.0], star)

    assert found.z[0] == 0
    assert found.p[0] == 1
    # The other two: (6 - 2·2) and (5 - 2·2) over s·√(2·(3 - 2)/2), with s² = 14/3.
    assert found.z[1:] == pytest.approx([2 / np.sqrt(14 / 3), 1 / np.sqrt(14 / 3)])


def test_a_planted_hot_spot_is_found_in_its_place():
    grid = hexagon_grid((0, 0, 3000, 3000), 100)
    rng = np.random.default_rng(20)
    x, y = rng.uniform(0, 3000, (2, 4000))
    hot_x, hot_y = rng.normal(2000, 80, (2, 150))

    found = getis_ord_g_star(
        grid.count(np.append(x, hot_x), np.append(y, hot_y)), grid.neighbours()
    )

    significant = np.flatnonzero(benjamini_hochberg(found.p, 0.01).rejected)
    assert grid.locate([2000], [2000])[0] in significant
    centres = grid.lattice.corners_mm(grid.column, grid.row).mean(axis=1) / 1000
    assert np.hypot(*(centres[significant] - 2000).T).max() < 400


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "give one value for each of at least one cell"),
        ([[1.0, 2.0]], r"shape \(1, 2\)"),
        ([1.0, float("nan")], "nan is not finite"),
        ([1.0, float("inf")], "inf is not finite"),
    ],
)
def test_it_rejects_values_that_are_no_measurement(values, words):
    with pytest.raises(ValueError, match=f"values: .*{words}"):
        getis_ord_g_star(values, sparse.csr_matrix((2, 2)))


def test_it_rejects_neighbours_that_do_not_fit():
    with pytest.raises(ValueError, match=r"neighbours: shape \(2, 2\) does not fit 3 values"):
        getis_ord_g_star([1.0, 2.0, 3.0], sparse.csr_matrix((2, 2)))


def test_it_rejects_weights_that_are_not_one():
    halves = sparse.csr_matrix(np.array([[0, 0.5], [0.5, 0]]))

    with pytest.raises(ValueError, match=r"neighbours: weight 0\.5"):
        getis_ord_g_star([1.0, 2.0], halves)
