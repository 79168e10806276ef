"""Every catchment holds enough addresses or is open space; nothing crosses a ward."""

import doctest

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reports import snap_points as module
from reports.snap_points import LEAST_OPEN_SPACE_M2, METRES_A_DEGREE, Ward, counted, snap_points

pytestmark = pytest.mark.kernel

SQUARE = shapely.box(0, 0, 0.02, 0.02)
# A lattice makes equal distances and points in one line likely, where geometry breaks first.
LATTICE = st.integers(0, 20).map(lambda step: step / 1000)


def spots(least: int, most: int):
    return st.integers(least, most).flatmap(
        lambda n: arrays.arrays(np.float64, (n, 2), elements=LATTICE)
    )


def ward(addresses, candidates, polygon=SQUARE, parks=()) -> Ward:
    names = tuple(f"street {i}" for i in range(len(candidates)))
    return Ward(polygon, addresses, candidates, names, tuple(parks), ("Park",) * len(parks))


def test_the_examples_in_the_docstrings_hold():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


WARDS = st.builds(
    ward,
    spots(0, 60),
    spots(0, 25),
    polygon=st.sampled_from([SQUARE, shapely.Polygon([(0, 0), (0.02, 0), (0.004, 0.02)])]),
    parks=st.lists(
        st.tuples(LATTICE, LATTICE, st.sampled_from([0.0001, 0.003, 0.006])).map(
            lambda park: shapely.box(park[0], park[1], park[0] + park[2], park[1] + park[2])
        ),
        max_size=3,
    ),
)


@settings(max_examples=150, deadline=None)
@given(WARDS, st.sampled_from([2, 5, 8]))
def test_each_catchment_holds_k_addresses_or_is_large_open_space_without_one(town, k):
    found = snap_points(town, k)
    held = counted([snap.catchment for snap in found], town.addresses)
    for snap, addresses in zip(found, held, strict=True):
        assert snap.addresses == addresses
        assert addresses == 0 if snap.is_open_space else addresses >= k
        if snap.is_open_space:
            assert snap.catchment.area * METRES_A_DEGREE**2 >= LEAST_OPEN_SPACE_M2
            parks = shapely.union_all(town.open_spaces)
            assert shapely.difference(snap.catchment, parks).area < 1e-15


@settings(max_examples=150, deadline=None)
@given(WARDS, st.sampled_from([2, 8]))
def test_catchments_stay_in_the_ward_and_share_no_ground(town, k):
    found = snap_points(town, k)
    together = shapely.union_all([snap.catchment for snap in found])
    assert shapely.difference(together, town.polygon).area < 1e-15
    assert sum(snap.catchment.area for snap in found) == pytest.approx(together.area, abs=1e-14)
    assert all(shapely.covers(town.polygon, snap.point) for snap in found)
    if any(not snap.is_open_space for snap in found):
        assert together.area == pytest.approx(town.polygon.area, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(WARDS)
def test_the_same_ward_gives_the_same_points(town):
    one, two = snap_points(town, 4), snap_points(town, 4)
    assert [(s.point, s.catchment, s.name) for s in one] == [
        (s.point, s.catchment, s.name) for s in two
    ]


def test_an_address_goes_to_the_point_that_is_nearest():
    chance = np.random.default_rng(7)
    homes, candidates = chance.uniform(0, 0.02, (400, 2)), chance.uniform(0, 0.02, (40, 2))
    found = snap_points(ward(homes, candidates), 8)
    points = shapely.get_coordinates([snap.point for snap in found])
    assert len(found) > 10
    for snap, own in zip(found, points, strict=True):
        inside = homes[shapely.covers(snap.catchment, shapely.points(homes))]
        away = np.linalg.norm(inside[:, None] - points[None], axis=2)
        assert (away.min(axis=1) == np.linalg.norm(inside - own, axis=1)).all()


def test_nearest_is_measured_on_the_ground_and_not_in_degrees():
    """At 60 degrees north a degree of longitude is half as long as one of latitude."""
    polygon = shapely.box(24.9, 60.0, 25.0, 60.1)
    candidates = np.array([[24.93, 60.05], [24.95, 60.07]])
    home = [24.95, 60.055]  # 0.02 degrees east of the one, 0.015 south of the other
    found = snap_points(ward(np.array([home] * 8 + [[24.95, 60.08]] * 8), candidates, polygon), 8)
    assert [(snap.name, snap.addresses) for snap in found] == [("street 0", 8), ("street 1", 8)]


def test_a_park_with_a_home_in_it_is_no_open_space():
    park = shapely.box(0.005, 0.005, 0.015, 0.015)
    empty = ward(np.full((9, 2), 0.002), np.array([[0.001, 0.001]]), parks=[park])
    lived_in = ward(np.full((9, 2), 0.01), np.array([[0.001, 0.001]]), parks=[park])
    assert [snap.is_open_space for snap in snap_points(empty, 8)] == [False, True]
    assert [snap.is_open_space for snap in snap_points(lived_in, 8)] == [False]


def test_a_ward_of_seven_addresses_has_no_point_at_eight():
    homes = np.linspace(0.001, 0.019, 14).reshape(7, 2)
    assert snap_points(ward(homes, homes), 8) == []


def test_addresses_of_one_building_count_each():
    assert len(snap_points(ward(np.full((8, 2), 0.01), np.array([[0.001, 0.001]])), 8)) == 1


def test_it_refuses_a_k_that_hides_nobody():
    with pytest.raises(ValueError, match="k=1"):
        snap_points(ward(np.empty((0, 2)), np.empty((0, 2))), 1)
