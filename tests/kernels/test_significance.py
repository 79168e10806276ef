import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import stats

from planning.patterns.significance import benjamini_hochberg, confidence_bins, two_sided_p

pytestmark = pytest.mark.kernel

p_values = arrays(np.float64, array_shapes(max_dims=2, max_side=30), elements=st.floats(0, 1))
z_scores = arrays(np.float64, st.integers(1, 60), elements=st.floats(-8, 8))


@given(p_values)
def test_adjusted_values_agree_with_scipy(p):
    expected = stats.false_discovery_control(p.ravel()).reshape(p.shape)

    assert benjamini_hochberg(p).adjusted == pytest.approx(expected, rel=1e-12, abs=0)


@given(p_values, st.sampled_from([0.01, 0.05, 0.1, 0.5]))
def test_the_rejected_are_the_smallest_p_values_up_to_the_threshold(p, alpha):
    found = benjamini_hochberg(p, alpha)

    if found.rejected.any():
        assert p[found.rejected].max() <= found.threshold * (1 + 1e-12)
    if not found.rejected.all():
        assert p[~found.rejected].min() > found.threshold


@given(p_values)
def test_the_order_of_the_tests_is_kept_and_no_value_shrinks(p):
    adjusted = benjamini_hochberg(p).adjusted

    assert (adjusted >= p).all()
    order = np.argsort(p, axis=None)
    assert (np.diff(adjusted.ravel()[order]) >= 0).all()


@given(p_values)
def test_a_stricter_rate_never_rejects_more(p):
    strict, lenient = benjamini_hochberg(p, 0.01), benjamini_hochberg(p, 0.1)

    assert not (strict.rejected & ~lenient.rejected).any()
    assert strict.threshold <= lenient.threshold


def test_without_a_discovery_the_threshold_is_zero():
    found = benjamini_hochberg([0.4, 0.9])

    assert found.threshold == 0
    assert not found.rejected.any()


@given(z_scores)
def test_p_is_twice_the_upper_tail(z):
    assert two_sided_p(z) == pytest.approx(2 * stats.norm.sf(np.abs(z)), rel=1e-12)


@given(z_scores)
def test_classes_carry_the_sign_of_z_and_grow_with_it(z):
    classes = confidence_bins(z, two_sided_p(z))

    assert (classes * z >= 0).all()
    assert (np.diff(np.abs(classes)[np.argsort(np.abs(z))]) >= 0).all()
    for level, alpha in enumerate((0.10, 0.05, 0.01), start=1):
        rejected = benjamini_hochberg(two_sided_p(z), alpha).rejected & (z != 0)
        assert ((np.abs(classes) >= level) == rejected).all()


@pytest.mark.parametrize("alpha", [0, 1, -0.1, float("nan")])
def test_it_rejects_a_rate_outside_zero_and_one(alpha):
    with pytest.raises(ValueError, match=f"alpha={alpha}: give a rate between 0 and 1"):
        benjamini_hochberg([0.5], alpha)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_it_rejects_what_is_no_probability(p):
    with pytest.raises(ValueError, match=f"p: {p} is no probability"):
        benjamini_hochberg([0.5, p])


def test_it_rejects_scores_without_their_p_values():
    with pytest.raises(ValueError, match=r"z and p: shapes \(2,\) and \(1,\)"):
        confidence_bins([1.0, 2.0], [0.5])
