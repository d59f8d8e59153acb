import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import simpson
from scipy.special import erfc, log_ndtr

from spinpim.circuit.error_rates import static_error, temporal_error, undecided_probability


@pytest.mark.parametrize("z", [0.0, 1.0, 6.0, 8.0, 12.0])
def test_static_error_is_the_gaussian_tail_however_deep(z):
    assert static_error(z * 3e-3, 3e-3) == pytest.approx(0.5 * erfc(z / np.sqrt(2.0)), rel=1e-12)


def test_static_error_without_spread_is_certain():
    assert static_error([1e-3, 0.0, -1e-3], 0.0).tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("ratio", [1e-3, 0.1, 1.0, 10.0])
def test_temporal_error_at_zero_margin_is_the_angle_between_the_gaussians(ratio):
    # Two zero-mean Gaussians differ in sign with probability atan(ratio)/pi.
    assert temporal_error(0.0, 1e-3, ratio * 1e-3) == pytest.approx(np.arctan(ratio) / np.pi, rel=1e-12)


@pytest.mark.parametrize("margin_V", [0.0, 1e-3, 0.02, 0.06, 0.09])
@pytest.mark.parametrize(("static_V", "noise_V"), [(1e-2, 1e-3), (5e-4, 3e-3), (7e-3, 7e-5)])
def test_temporal_error_is_its_integral_down_to_the_deepest_tails(margin_V, static_V, noise_V):
    width = static_V * noise_V / np.hypot(static_V, noise_V)
    expected = 0.0
    for side, reach in ((1.0, 60 * width + margin_V * (width / static_V) ** 2), (-1.0, 60 * width)):
        u = side * np.linspace(0.0, reach, 200_001)
        exponent = log_ndtr(-np.abs(u) / noise_V) - 0.5 * ((u - margin_V) / static_V) ** 2
        expected += abs(simpson(np.exp(exponent), x=u)) / (static_V * np.sqrt(2 * np.pi))
    assert temporal_error(margin_V, static_V, noise_V) == pytest.approx(expected, rel=1e-9)


def test_temporal_error_without_static_spread_is_the_tail_of_the_noise():
    assert temporal_error(6e-3, 0.0, 1e-3) == pytest.approx(static_error(6e-3, 1e-3), rel=1e-12)
    assert temporal_error(6e-3, 0.0, 0.0) == 0.0


@settings(max_examples=50, deadline=None)
@given(
    margin_V=st.floats(0.0, 0.05),
    static_V=st.floats(1e-4, 0.02),
    noise_V=st.floats(1e-5, 5e-3),
    factor=st.floats(1.01, 3.0),
)
def test_more_noise_turns_more_answers_and_more_margin_fewer(margin_V, static_V, noise_V, factor):
    here = float(temporal_error(margin_V, static_V, noise_V))
    assert float(temporal_error(margin_V, static_V, factor * noise_V)) >= here * (1 - 1e-9)
    assert float(temporal_error(factor * margin_V + 1e-4, static_V, noise_V)) <= here * (1 + 1e-9)
    assert float(temporal_error(-margin_V, static_V, noise_V)) == here


@settings(max_examples=50, deadline=None)
@given(margin_V=st.floats(0.0, 0.1), sigma_V=st.floats(1e-4, 0.05), factor=st.floats(1.01, 3.0))
def test_static_error_falls_with_margin_and_rises_with_spread(margin_V, sigma_V, factor):
    here = float(static_error(margin_V, sigma_V))
    assert float(static_error(margin_V * factor, sigma_V)) <= here
    assert float(static_error(margin_V, sigma_V * factor)) >= here


def test_undecided_probability_is_density_times_twice_the_resolution():
    density = np.exp(-0.5 * 36.0) / (1e-2 * np.sqrt(2 * np.pi))
    assert undecided_probability(0.06, 1e-2, 1e-6) == pytest.approx(2e-6 * density, rel=1e-6)
