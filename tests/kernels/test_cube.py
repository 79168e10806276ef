from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from planning.dynamics.cube import (
    MAX_ENTRIES,
    g_star_by_period,
    month_edges,
    space_time_cube,
)
from planning.patterns.grid import square_grid
from planning.patterns.local import getis_ord_g_star

pytestmark = pytest.mark.kernel

EDGES = month_edges(date(2015, 1, 1), date(2015, 12, 1), ZoneInfo("America/New_York"))
GRID = square_grid((0, 0, 450, 350), 100)
MINUTE = np.timedelta64(1, "m")

reports = st.lists(
    st.tuples(st.integers(-1, len(GRID) - 1), st.integers(-50_000, 600_000)), max_size=60
)


def columns(rows):
    cell = np.array([cell for cell, _ in rows], dtype=np.int64)
    minutes = np.array([minute for _, minute in rows], dtype="timedelta64[m]")
    return cell, EDGES[0] + minutes


@given(reports)
def test_each_report_is_counted_once_or_left_out(rows):
    cell, time = columns(rows)

    cube = space_time_cube(cell, time, cells=len(GRID), edges=EDGES)

    assert cube.counts.sum() + cube.left_out == len(rows)
    for period, (start, end) in enumerate(zip(cube.starts, cube.ends, strict=True)):
        within = (time >= start) & (time < end) & (cell >= 0)
        expected = np.bincount(cell[within], minlength=len(GRID))
        assert (cube.counts[:, period] == expected).all()


@example(date(1981, 1, 1), 31)  # Lord Howe had no midnight on 1 March
@given(st.dates(date(1950, 1, 1), date(2037, 1, 1)), st.integers(0, 400))
@pytest.mark.parametrize("name", ["America/New_York", "Europe/Helsinki", "Australia/Lord_Howe"])
def test_months_begin_with_the_first_moment_of_their_first_day_in_the_city(name, first, days):
    zone = ZoneInfo(name)
    last = date.fromordinal(first.toordinal() + days)

    edges = month_edges(first, last, zone)

    # Where a clock change leaves midnight out, a month begins with the first moment there is.
    begin = [datetime.fromtimestamp(int(e.astype("int64")) // 10**6, UTC) for e in edges]
    local = [each.astimezone(zone) for each in begin]
    assert [each.day for each in local] == [1] * len(edges)
    before = [(each - timedelta(seconds=1)).astimezone(zone) for each in begin]
    assert all(earlier.month != each.month for earlier, each in zip(before, local, strict=True))
    months = [each.year * 12 + each.month for each in local]
    assert months == list(range(months[0], months[0] + len(edges)))
    assert (local[0].year, local[0].month) == (first.year, first.month)
    assert (local[-2].year, local[-2].month) == (last.year, last.month)


def test_a_month_ends_where_the_next_begins():
    cube = space_time_cube([], EDGES[:0], cells=3, edges=EDGES)

    assert (cube.ends[:-1] == cube.starts[1:]).all()
    assert cube.counts.shape == (3, 12)
    assert cube.counts.dtype == np.int32


def test_a_report_at_a_border_belongs_to_the_later_month():
    times = np.array([EDGES[1] - MINUTE, EDGES[1], EDGES[-1]])

    cube = space_time_cube([0, 0, 0], times, cells=1, edges=EDGES)

    assert cube.counts[0, :3].tolist() == [1, 1, 0]
    assert cube.left_out == 1


@given(reports)
def test_each_month_is_a_gi_star_of_its_own(rows):
    cube = space_time_cube(*columns(rows), cells=len(GRID), edges=EDGES)
    neighbours = GRID.neighbours()

    found = g_star_by_period(cube, neighbours)

    for period in range(len(cube.starts)):
        alone = getis_ord_g_star(cube.counts[:, period], neighbours)
        assert (found.z[:, period] == alone.z).all()
        assert (found.p[:, period] == alone.p).all()


def test_the_hot_spots_can_be_cancelled_between_months():
    class CancelledError(Exception):
        pass

    seen = []

    def cancel_at_half(share, what):
        seen.append(what)
        if share >= 0.5:
            raise CancelledError

    cube = space_time_cube([], EDGES[:0], cells=len(GRID), edges=EDGES)
    with pytest.raises(CancelledError):
        g_star_by_period(cube, GRID.neighbours(), cancel_at_half)
    assert seen[0] == "2015-01-01"
    assert len(seen) == 7


def test_it_rejects_months_in_the_wrong_order():
    with pytest.raises(ValueError, match="last=2014-12-31: lies before first=2015-01-01"):
        month_edges(date(2015, 1, 1), date(2014, 12, 31), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("cell", "time", "cells", "words"),
    [
        ([0, 1], EDGES[:1], 2, "cell and time: 2 and 1 values"),
        ([2], EDGES[:1], 2, "cell: 2 is none of 2 cells"),
        ([-2], EDGES[:1], 2, "cell: -2 is none of 2 cells"),
        ([0], [5], 2, "time: int64 of shape"),
        ([0], np.array(["NaT"], dtype="datetime64[us]"), 2, "time: NaT"),
        ([0], EDGES[:1], 0, "cells=0: with 12 periods"),
        ([0], EDGES[:1], MAX_ENTRIES, r"cells=50000000: .* 50,000,000 entries"),
    ],
)
def test_it_rejects_reports_that_do_not_fit_the_cube(cell, time, cells, words):
    with pytest.raises(ValueError, match=words):
        space_time_cube(cell, time, cells=cells, edges=EDGES)


@pytest.mark.parametrize("edges", [EDGES[:1], EDGES[::-1], EDGES[[0, 0, 1]]])
def test_it_rejects_edges_that_do_not_ascend(edges):
    with pytest.raises(ValueError, match="moments that do not ascend"):
        space_time_cube([0], EDGES[:1], cells=1, edges=edges)
