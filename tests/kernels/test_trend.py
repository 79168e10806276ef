import numpy as np
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from planning.dynamics.trend import mann_kendall

pytestmark = pytest.mark.kernel

# Few different values: ties everywhere, constant series now and then.
shape = st.tuples(st.integers(1, 6), st.integers(3, 30))
tied = arrays(np.float64, shape, elements=st.integers(0, 4).map(float))
varied = arrays(np.float64, shape, elements=st.floats(-1e6, 1e6, width=32))


@given(tied | varied)
def test_it_agrees_with_pymannkendall(series):
    found = mann_kendall(series)

    for cell, values in enumerate(series):
        if np.ptp(values) == 0:
            continue
        expected = pymannkendall.original_test(values)
        assert found.s[cell] == expected.s
        assert found.variance[cell] == pytest.approx(expected.var_s)
        assert found.z[cell] == pytest.approx(expected.z)
        assert found.p[cell] == pytest.approx(expected.p, abs=1e-12)
        assert found.slope[cell] == pytest.approx(expected.slope)
        word = {"no trend": "no clear trend"}.get(expected.trend, expected.trend)
        assert found.direction()[cell] == word


@given(tied)
def test_time_turned_round_turns_the_trend_round(series):
    forward, back = mann_kendall(series), mann_kendall(series[:, ::-1])

    assert (back.s == -forward.s).all()
    assert back.z == pytest.approx(-forward.z)
    assert back.slope == pytest.approx(-forward.slope)
    assert back.p == pytest.approx(forward.p)


@given(tied, st.integers(1, 50), st.integers(-50, 50))
def test_only_the_order_of_the_values_counts_for_the_test(series, scale, shift):
    plain, changed = mann_kendall(series), mann_kendall(series * scale + shift)

    assert (changed.s == plain.s).all()
    assert changed.p == pytest.approx(plain.p)
    assert changed.slope == pytest.approx(plain.slope * scale)


@given(tied)
def test_each_cell_is_tested_by_itself(series):
    together = mann_kendall(series)

    alone = [mann_kendall(series[cell : cell + 1]) for cell in range(len(series))]

    assert together.z.tolist() == [each.z.item() for each in alone]
    assert together.slope.tolist() == [each.slope.item() for each in alone]


@pytest.mark.parametrize("value", [0.0, 0.1, -7.0])
def test_a_constant_series_has_no_clear_trend(value):
    found = mann_kendall(np.full((2, 12), value))

    assert found.z.tolist() == [0, 0]
    assert found.p.tolist() == [1, 1]
    assert found.variance.tolist() == [0, 0]
    assert found.slope.tolist() == [0, 0]
    assert found.direction().tolist() == ["no clear trend"] * 2


def test_the_words_follow_the_sign_of_the_trend():
    up = np.arange(12)

    found = mann_kendall([up, -up, [0, 1] * 6])

    assert found.direction().tolist() == ["increasing", "decreasing", "no clear trend"]
    assert found.direction(1e-6)[0] == "no clear trend"


def test_many_cells_come_in_parts_that_report_and_can_be_cancelled():
    class CancelledError(Exception):
        pass

    shares = []

    def cancel_half_way(share, what):
        shares.append((share, what))
        if share >= 0.5:
            raise CancelledError

    series = np.random.default_rng(4).poisson(3, (3000, 120))
    with pytest.raises(CancelledError):
        mann_kendall(series, cancel_half_way)
    assert shares[0] == (0.0, "trend")
    assert 0.5 <= shares[-1][0] < 1


def test_no_cells_make_no_trends():
    assert mann_kendall(np.empty((0, 12))).z.shape == (0,)


@pytest.mark.parametrize("shape", [(5,), (4, 2), (1, 2001), (2, 3, 4)])
def test_it_rejects_a_series_too_short_too_long_or_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"series: shape .* with 3 to 2,000 periods"):
        mann_kendall(np.zeros(shape))


def test_it_rejects_values_that_are_not_finite():
    with pytest.raises(ValueError, match="series: nan is not finite"):
        mann_kendall([[1.0, float("nan"), 2.0]])


@pytest.mark.parametrize("alpha", [0, 1, float("nan")])
def test_it_rejects_a_level_outside_zero_and_one(alpha):
    with pytest.raises(ValueError, match=f"alpha={alpha}"):
        mann_kendall([[1, 2, 3]]).direction(alpha)
