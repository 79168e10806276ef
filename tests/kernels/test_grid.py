import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from planning.patterns.grid import hexagon_grid, square_grid

pytestmark = pytest.mark.kernel

MAKERS = [square_grid, hexagon_grid]
NAMES = ["square", "hexagon"]
both = pytest.mark.parametrize("make", MAKERS, ids=NAMES)

metres = st.integers(-2_000_000, 2_000_000).map(lambda millimetres: millimetres / 1000)
sizes = st.integers(10_000, 40_000).map(lambda centimetres: centimetres / 100)


@st.composite
def bounds(draw):
    low_x, low_y = draw(metres), draw(metres)
    width, height = draw(st.integers(1, 900_000)), draw(st.integers(1, 900_000))
    return (low_x, low_y, low_x + width / 1000, low_y + height / 1000)


@st.composite
def bounds_and_points(draw):
    box = draw(bounds())
    share = st.floats(0, 1, allow_subnormal=False)
    shares = draw(st.lists(st.tuples(share, share), min_size=1, max_size=30))
    # A point on the upper edge must not leave the area by rounding.
    x = [min(box[0] + across * (box[2] - box[0]), box[2]) for across, _ in shares]
    y = [min(box[1] + up * (box[3] - box[1]), box[3]) for _, up in shares]
    return box, np.array(x), np.array(y)


@both
@given(area=bounds_and_points(), cell_m=sizes)
def test_a_point_of_the_area_has_one_cell_whose_polygon_holds_it(make, area, cell_m):
    box, x, y = area
    grid = make(box, cell_m)

    cell = grid.locate(x, y)

    assert (cell >= 0).all()
    distance = shapely.distance(grid.polygons()[cell], shapely.points(x, y))
    assert distance.max() <= 0.001
    # Any other cell that reaches the point only touches it with its border.
    inside = shapely.contains_properly(grid.polygons()[:, None], shapely.points(x, y)[None, :])
    assert (inside.sum(axis=0) <= 1).all()


@both
@given(area=bounds_and_points(), cell_m=sizes)
def test_counts_add_up_to_the_points(make, area, cell_m):
    box, x, y = area

    assert make(box, cell_m).count(x, y).sum() == len(x)


@both
@given(area=bounds_and_points(), cell_m=sizes, right=st.integers(-9, 9), up=st.integers(-9, 9))
def test_moving_everything_by_whole_cells_moves_only_the_columns_and_rows(
    make, area, cell_m, right, up
):
    box, x, y = np.round(area[0], 3), np.round(area[1], 3), np.round(area[2], 3)
    grid = make(tuple(box), cell_m)
    # Two rows of hexagons bring the pattern back to its place.
    step_x = right * grid.lattice.column_pitch_mm / 1000
    step_y = 2 * up * grid.lattice.row_pitch_mm / 1000
    slant = grid.lattice.row_origin_mm(np.array([2]))[0] // grid.lattice.column_pitch_mm

    moved = make((box[0] + step_x, box[1] + step_y, box[2] + step_x, box[3] + step_y), cell_m)

    assert (moved.column == grid.column + right - slant * up).all()
    assert (moved.row == grid.row + 2 * up).all()
    assert (moved.locate(x + step_x, y + step_y) == grid.locate(x, y)).all()


@both
@given(box=bounds(), cell_m=sizes)
def test_neighbours_are_the_cells_whose_polygons_touch(make, box, cell_m):
    grid = make(box, cell_m)
    polygons = grid.polygons()

    linked = grid.neighbours().toarray() > 0

    apart = shapely.distance(polygons[:, None], polygons[None, :])
    assert (linked == ((apart == 0) & ~np.eye(len(grid), dtype=bool))).all()


@both
@given(box=bounds(), cell_m=sizes)
def test_the_cells_tile_without_gap_or_overlap(make, box, cell_m):
    grid = make(box, cell_m)
    polygons = grid.polygons()

    assert shapely.coverage_is_valid(polygons)
    assert shapely.area(polygons) == pytest.approx(grid.cell_area_m2)
    left_out = shapely.difference(shapely.box(*box), shapely.union_all(polygons))
    assert shapely.area(left_out) == pytest.approx(0, abs=1e-6)


@both
@given(box=bounds(), cell_m=sizes)
def test_a_matrix_of_neighbours_is_symmetric_sorted_and_leaves_out_the_cell_itself(
    make, box, cell_m
):
    matrix = make(box, cell_m).neighbours()

    assert (matrix != matrix.T).nnz == 0
    assert not matrix.diagonal().any()
    again = matrix.copy()
    again.has_canonical_format = False
    again.sum_duplicates()
    assert (again.indices == matrix.indices).all()


@both
def test_a_cell_keeps_its_column_and_row_when_the_area_grows(make):
    small, large = make((300, 300, 900, 900), 100), make((0, 0, 5000, 5000), 100)

    def place(grid):
        cell = grid.locate([512.3], [701.9])
        return grid.column[cell].item(), grid.row[cell].item()

    assert place(small) == place(large)


@both
def test_of_a_polygon_only_the_cells_that_touch_it_are_kept(make):
    ring = shapely.Point(0, 0).buffer(1000) - shapely.Point(0, 0).buffer(600)

    grid = make(ring, 100)

    polygons = grid.polygons()
    assert (shapely.distance(polygons, ring) <= 0.001).all()
    assert shapely.area(shapely.difference(ring, shapely.union_all(polygons))) == pytest.approx(0)
    assert grid.locate([0], [0]).tolist() == [-1]


@both
def test_parts_far_apart_make_one_grid(make):
    two = shapely.MultiPolygon([shapely.box(0, 0, 50, 50), shapely.box(9000, 7000, 9050, 7050)])

    grid = make(two, 100)

    assert (grid.locate([25, 9025], [25, 7025]) >= 0).all()
    assert grid.locate([4000], [3000]).tolist() == [-1]
    assert len(grid) < 10


def test_a_square_owns_its_left_and_lower_edge():
    grid = square_grid((0, 0, 250, 250), 100)

    cell = grid.locate([100, 99.999, 100, 50], [50, 50, 100, 100])

    assert list(zip(grid.column[cell], grid.row[cell], strict=True)) == [
        (1, 0),
        (0, 0),
        (1, 1),
        (0, 1),
    ]


def test_a_point_on_a_corner_of_hexagons_has_the_cell_above_it():
    grid = hexagon_grid((0, 0, 1000, 1000), 100)
    lowest = grid.lattice.corners_mm(grid.column, grid.row)[:, 0] / 1000

    assert (grid.locate(lowest[:, 0], lowest[:, 1]) == np.arange(len(grid))).all()


def test_hexagons_are_regular_to_the_millimetre():
    polygon = hexagon_grid((0, 0, 1000, 1000), 500).polygons()[0]
    corners = shapely.get_coordinates(polygon)

    sides = np.hypot(*np.diff(corners, axis=0).T)

    assert sides == pytest.approx(500 / np.sqrt(3), abs=0.001)


def test_an_inner_hexagon_has_six_neighbours_and_an_inner_square_eight():
    box = (0, 0, 1000, 1000)

    assert hexagon_grid(box, 100).neighbours().sum(axis=1).max() == 6
    assert square_grid(box, 100).neighbours().sum(axis=1).max() == 8


@both
def test_the_upper_edges_belong_to_the_area(make):
    assert make((0, 0, 1000, 1000), 100).locate([1000, 1000, 0], [1000, 0, 1000]).min() >= 0


@both
@pytest.mark.parametrize("cell_m", [0, -5, 0.5, 200_000, 33.333, float("nan"), float("inf")])
def test_it_rejects_a_size_that_makes_no_cells(make, cell_m):
    with pytest.raises(ValueError, match=f"cell_m={cell_m}: give a size from 1 to 100000 metres"):
        make((0, 0, 1000, 1000), cell_m)


@both
def test_it_names_the_number_of_cells_and_a_size_that_works(make):
    area = (0, 0, 400_000, 400_000)

    with pytest.raises(ValueError, match=r"about 1,[68].*cells .* choose cells of \d+ m"):
        make(area, 10)


@both
@pytest.mark.parametrize(
    ("area", "words"),
    [
        ((0, 0, 0, 100), "bounds .* are empty"),
        ((0, 0, float("nan"), 100), "nan is no coordinate"),
        ((0, 0, float("inf"), 100), "inf is no coordinate"),
        (shapely.LineString([(0, 0), (1, 1)]), "LineString has no inside"),
        (shapely.Polygon(), "Polygon has no inside"),
        (shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), "Self-intersection"),
    ],
)
def test_it_rejects_an_area_without_an_inside(make, area, words):
    with pytest.raises(ValueError, match=f"area: .*{words}"):
        make(area, 100)


def test_it_rejects_coordinates_that_are_no_place():
    grid = square_grid((0, 0, 1000, 1000), 100)

    with pytest.raises(ValueError, match="x: nan is no coordinate"):
        grid.locate([float("nan")], [0])
    with pytest.raises(ValueError, match="y: 1e\\+300 is no coordinate"):
        grid.locate([0], [1e300])
    with pytest.raises(ValueError, match="x and y: 1 and 2 values"):
        grid.locate([0], [0, 1])
