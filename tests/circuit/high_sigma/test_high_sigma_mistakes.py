"""Bad margins and arguments: a sentence that says what is wrong, or the right number."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from spinpim.circuit.high_sigma import margin_failure, union_failure
from spinpim.errors import InputError


def plane(z):
    return 4.0 - z[:, 0]


def nan_beyond_two(z):
    return np.where(z[:, 0] > 2.0, np.nan, plane(z))


@pytest.mark.parametrize(
    ("margin", "arguments", "words"),
    [
        (nan_beyond_two, {}, r"margin is nan at the standard normal point \[ ?[2-9]"),
        (lambda z: np.where(z[:, 0] > 2.0, np.inf, plane(z)), {}, "margin is inf at"),
        (lambda z: np.full(len(z), 3.0), {}, "does not depend on its variables"),
        (lambda z: np.where(z[:, 0] > 2.0, -1.0, 1.0), {}, "pass or fail"),
        (lambda z: np.where(z[:, 0] > 2.0, -1.0, 1.0), {"gaussian_sigma": 0.1}, "pass or fail"),
        (lambda z: 1.0 + z[:, 0] ** 2, {}, "No failure was found"),
        (plane, {"gaussian_sigma": -1.0}, "gaussian_sigma must be a number, finite and at least 0"),
        (plane, {"gaussian_sigma": float("nan")}, "gaussian_sigma"),
        (plane, {"dimension": 0}, "dimension must be a whole number"),
        (plane, {"dimension": 2.0}, "dimension must be a whole number"),
        (plane, {"seed": -1}, "seed must be a whole number"),
        (plane, {"method": "subset"}, "method must be one of auto, quadrature"),
        (plane, {"target_relative_error": 0.0}, "target_relative_error"),
        (plane, {"max_evaluations": 10}, "max_evaluations"),
        (plane, {"names": ["only one"]}, "one name per variable, 2"),
        (plane, {"names": ["a", "a"]}, "must differ"),
        (plane, {"names": ["a", "gaussian"], "gaussian_sigma": 1.0}, "must differ"),
        (plane, {"gradient": lambda z: z[:, 0]}, r"gradient must return an array of shape \(11, 2\)"),
        (plane, {"gradient": 3}, "must be functions"),
        (3.0, {}, "must be functions"),
        ("4.0 - z", {}, "must be functions"),
        (
            lambda z: "fails",
            {},
            r"numbers of shape \(1,\) for 1 points; instead it returned the str",
        ),
        (lambda z: None, {}, "instead it returned the NoneType None"),
        (lambda z: ["4.0"] * len(z), {}, "instead it returned the list"),
        (lambda z: [[1.0], [2.0, 3.0]], {}, "instead it returned the list"),
        (lambda z: 4.0 - 1j * z[:, 0], {}, "instead it returned the ndarray"),
        (plane, {"names": 3}, "names must be a sequence of texts"),
        (lambda z: 4.0 - z, {}, r"margin must return an array of shape \(1,\)"),
        (lambda z: 6.0 - np.abs(z[:, 0]), {"method": "quadrature"}, "2 design points"),
        (lambda z: 6.0 - z.sum(axis=1), {"method": "quadrature", "dimension": 6}, "at most 4 variables"),
        (lambda z: 60.0 - z.sum(axis=1), {"method": "quasi-random", "dimension": 100}, "at most 60"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(margin, arguments, words):
    settings = {"dimension": 2, "seed": 1, **arguments}
    with pytest.raises(InputError, match=words) as told:
        margin_failure(margin, **settings)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize(
    ("margins", "arguments", "words"),
    [
        ([], {}, "one or more functions"),
        (plane, {}, "one or more functions"),
        ([plane, plane], {"gaussian_sigma": [1.0]}, "one entry per margin, 2"),
        ([plane, plane], {"gradients": [None]}, "one entry per margin, 2"),
        ([plane, 3.0], {}, "must be functions"),
        ([plane, nan_beyond_two], {}, "margin is nan"),
    ],
)
def test_a_mistake_in_a_union_is_told_in_a_sentence(margins, arguments, words):
    with pytest.raises(InputError, match=words):
        union_failure(margins, 2, seed=1, **arguments)


def test_more_variables_than_a_hessian_is_worth_are_sampled():
    """The half width is 1 %, so that 3 % means six standard errors."""
    found = margin_failure(lambda z: 4.0 - z.sum(axis=1) / 10.0, 100, seed=1)
    assert found.method == "importance"
    assert found.value == pytest.approx(3.167e-5, rel=3e-2)


@pytest.mark.parametrize("half_V", [0.001, 0.005, 0.02, 0.04])
@pytest.mark.parametrize("dimension", [1, 3])
def test_limits_on_both_sides_that_nearly_touch_the_nominal_point_are_two(half_V, dimension):
    """Importance sampling to 1 % at 95 %; 2 % mean four standard errors."""
    found = margin_failure(lambda z: half_V - np.abs(z[:, 0]), dimension, seed=1)
    assert len(found.design_points) == 2
    assert found.value == pytest.approx(2.0 * ndtr(-half_V), rel=0.02)


@pytest.mark.parametrize("gap", [0.01, 0.3])
def test_a_thin_region_of_failure_in_front_of_another_is_not_all_that_lies_behind_it(gap):
    """Fails from 4 to 4 + gap and again from 5.9 sigma; 2 % mean four standard errors."""

    def margin(z):
        x = z[:, 0]
        return np.where(x < 5.0, np.maximum(4.0 - x, x - 4.0 - gap), 5.9 - x)

    expected = ndtr(-4.0) - ndtr(-4.0 - gap) + ndtr(-5.9)
    assert margin_failure(margin, 1, seed=1).value == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(("curvature", "gap"), [(0.5, 0.1), (1.0, 0.1), (0.5, 0.01)])
def test_orders_of_a_quadrature_that_agree_by_chance_across_a_kink_are_not_believed(curvature, gap):
    def inside(y):
        return np.exp(-0.5 * y**2) / np.sqrt(2.0 * np.pi) * ndtr(-min(4.0 + curvature * y**2, 4.0 + gap))

    kink = np.sqrt(gap / curvature)
    expected = 2.0 * sum(quad(inside, *ends, epsabs=0.0)[0] for ends in ((0.0, kink), (kink, 12.0)))
    found = margin_failure(
        lambda z: np.minimum(4.0 - z[:, 0] + curvature * z[:, 1] ** 2, 4.0 + gap - z[:, 0]), 2, seed=1
    )
    assert found.value == pytest.approx(expected, rel=0.006)
