"""Orders of the integrators along common Brownian paths; the full form is validation/v07."""

from __future__ import annotations

import numpy as np
import pytest
from v07_integrator_orders import METHODS, noiseless_errors, slope, stochastic_errors

PAIRS = 500


@pytest.mark.parametrize("method", METHODS)
def test_strong_order_with_the_noise_of_a_memory_is_one(method):
    # The slope's standard error is 0.05; theory alone guarantees 1/2.
    assert slope(stochastic_errors(PAIRS)[method].strong[:3]) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("method", METHODS)
def test_order_without_noise_is_two(method):
    assert slope(noiseless_errors(method)) == pytest.approx(2.0, abs=0.05)


def test_midpoint_is_nearer_to_the_exact_path_than_heun_at_every_step():
    heun, midpoint = (stochastic_errors(PAIRS)[method].strong for method in METHODS)
    assert np.all(midpoint < heun)


@pytest.mark.parametrize("method", METHODS)
def test_weak_error_falls_faster_than_the_first_order_that_theory_guarantees(method):
    errors = stochastic_errors(PAIRS)[method]
    # From 1.6 ps to 0.4 ps order 1 leaves a quarter; five standard errors, false alarm 6e-7.
    slack = 5.0 * errors.weak_deviation[1]
    assert abs(errors.weak[1]) < abs(errors.weak[3]) / 4.0 + slack
    assert abs(errors.weak[3]) > 3.0 * errors.weak_deviation[3]
