"""Fifty random margins against counting around the failure; the coverage of the stated intervals."""

import math

import numpy as np
import pytest
from random_margins import counted, random_design, shifted_sampling, tensor_quadrature

from spinpim.circuit.high_sigma import margin_failure

DESIGNS = 50


def solved(design, seed, **arguments):
    return margin_failure(
        design.margin, design.dimension, gaussian_sigma=design.gaussian_sigma, seed=seed, **arguments
    )


def standard_error(found):
    return 0.5 * (found.high - found.low) / 1.96


@pytest.mark.parametrize("number", range(DESIGNS))
def test_a_random_design_fails_as_often_as_shifted_sampling_says(number):
    """Three standard errors: another set of seeds would fail one of the 50 with probability 13 %."""
    design = random_design(number)
    found = solved(design, number)
    expected, error = shifted_sampling(design, 100_000, number)
    assert abs(found.value - expected) <= 3.0 * math.hypot(error, standard_error(found))
    assert found.estimate.relative_error <= 0.016


def test_the_random_designs_reach_from_a_thousandth_to_below_1e_12():
    values = [solved(random_design(number), 1).value for number in range(DESIGNS)]
    assert min(values) < 1e-12
    assert max(values) > 1e-3
    assert {random_design(number).dimension for number in range(DESIGNS)} >= {2, 12}


@pytest.mark.parametrize("number", [0, 10, 20, 30, 40])
def test_counting_agrees_where_it_reaches(number):
    """Four standard errors: false-alarm rate below 4e-4 for the five."""
    design = random_design(number)
    expected, error = counted(design, 1_000_000, number)
    found = solved(design, number)
    assert expected > 0.0
    assert abs(found.value - expected) <= 4.0 * math.hypot(error, standard_error(found))


@pytest.mark.parametrize("number", [15, 31, 3])
def test_quadrature_of_high_order_around_the_nominal_point_agrees(number):
    design = random_design(number)
    found = solved(design, number)
    order = 60 if design.dimension == 2 else 24
    assert found.value == pytest.approx(tensor_quadrature(design, order), rel=5e-3)


@pytest.mark.parametrize(
    ("number", "method"), [(6, "quasi-random"), (35, "quasi-random"), (22, "importance")]
)
def test_intervals_hold_the_failure_as_often_as_they_say(number, method):
    """With 95 % of coverage 100 repeats leave 88..99 % with a false-alarm rate of 2e-3 for each."""
    design = random_design(number)
    truth = solved(design, 12345, method="quasi-random", target_relative_error=5e-4).value
    found = [solved(design, seed, method=method, target_relative_error=0.02) for seed in range(100)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.88 <= held <= 0.995
