import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_ndtr, ndtri

from spinpim.circuit.quadratic_tail import diagonalise, tail_score

PLACES, WEIGHTS = np.polynomial.legendre.leggauss(2000)


def exact_log_tail(mean, sigma, slope, curvature):
    """ln P(mean + slope z + curvature z^2/2 + sigma g < 0), g integrated out, by quadrature over z."""
    z = 14.0 * PLACES
    exponent = log_ndtr(-(mean + slope * z + 0.5 * curvature * z**2) / sigma) - 0.5 * z**2
    highest = float(exponent.max())
    whole = np.sum(WEIGHTS * np.exp(exponent - highest)) * 14.0 / math.sqrt(2.0 * math.pi)
    return highest + math.log(float(whole))


def score(mean, sigma, slopes, curvatures=None, times=None):
    slopes = np.asarray(slopes, dtype=np.float64)
    curvatures = np.zeros_like(slopes) if curvatures is None else np.asarray(curvatures, dtype=np.float64)
    times = np.ones_like(slopes) if times is None else np.asarray(times, dtype=np.float64)
    return tail_score(float(mean), float(sigma), slopes, curvatures, times)


@settings(max_examples=60, deadline=None)
@given(
    mean=st.floats(-5.0, 30.0),
    sigma=st.floats(0.0, 2.0),
    slopes=st.lists(st.floats(0.1, 2.0), min_size=1, max_size=5),
)
def test_without_curvature_the_score_is_the_distance(mean, sigma, slopes):
    whole = math.hypot(sigma, *slopes)
    assert score(mean, sigma, slopes) == pytest.approx(-mean / whole, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("curvature", [-0.1, -0.03, 0.03, 0.1])
@pytest.mark.parametrize("sigma", [0.3, 1.0])
@pytest.mark.parametrize("depth", [-1.0, 0.0, 1e-5, 1.0, 3.0, 5.0, 8.0])
def test_a_curved_variable_gives_the_integrated_tail(curvature, sigma, depth):
    mean = depth * math.hypot(1.0, sigma)
    exact = exact_log_tail(mean, sigma, 1.0, curvature)
    assert float(log_ndtr(score(mean, sigma, [1.0], [curvature]))) == pytest.approx(exact, abs=2e-3)


def test_many_equal_variables_count_as_their_number():
    single = score(9.0, 0.5, [0.5] * 7, [0.05] * 7)
    assert score(9.0, 0.5, [0.5], [0.05], [7.0]) == pytest.approx(single, rel=1e-12)


def test_a_sum_of_many_squares_is_chi_square():
    from scipy.stats import chi2

    # M = 60 - z1^2/2 - ... - z20^2/2 < 0 is chi-square of 20 degrees beyond 120.
    found = score(60.0, 0.0, [0.0], [-1.0], [20.0])
    assert found == pytest.approx(float(ndtri(chi2.sf(120.0, 20))), rel=1e-4)


def test_nothing_that_varies_has_no_score():
    assert math.isnan(score(1.0, 0.0, [0.0]))


@settings(max_examples=40, deadline=None)
@given(mean=st.floats(0.0, 8.0), more=st.floats(0.01, 3.0), curvature=st.floats(-0.15, 0.15))
def test_a_larger_margin_fails_less(mean, more, curvature):
    assert score(mean + more, 0.5, [1.0], [curvature]) < score(mean, 0.5, [1.0], [curvature])


def test_principal_axes_leave_the_form_as_it_is():
    generator = np.random.default_rng(3)
    hessian = generator.standard_normal((7, 7))
    hessian, gradient = hessian + hessian.T, generator.standard_normal(7)
    matrix, slopes = hessian.copy(), gradient.copy()
    diagonalise(matrix, slopes)
    curvatures = np.diag(matrix)
    assert np.sort(curvatures) == pytest.approx(np.linalg.eigvalsh(hessian), abs=1e-12)
    # The generating function of the form needs no more than this: b^T (1 - t H)^-1 b.
    for t in (-0.05, 0.03):
        inside = gradient @ np.linalg.solve(np.eye(7) - t * hessian, gradient)
        assert np.sum(slopes**2 / (1.0 - t * curvatures)) == pytest.approx(inside, rel=1e-10)
