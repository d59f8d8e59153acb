"""The same failures by a library of reliability methods, where it is installed (extra ``oracle``)."""

import math

import numpy as np
import pytest
from random_margins import random_design

from spinpim.bench import high_sigma as problems
from spinpim.circuit.high_sigma import margin_failure

openturns = pytest.importorskip("openturns", reason="openturns (extra 'oracle') is not installed")


def second_order(margin, dimension, start):
    """Breitung's form with the library's own design point and curvatures."""
    function = openturns.PythonFunction(dimension, 1, func_sample=lambda u: margin(np.asarray(u))[:, None])
    event = openturns.ThresholdEvent(
        openturns.CompositeRandomVector(function, openturns.RandomVector(openturns.Normal(dimension))),
        openturns.Less(),
        0.0,
    )
    search = openturns.AbdoRackwitz()
    search.setStartingPoint(start)
    search.setMaximumConstraintError(1e-10)
    algorithm = openturns.SORM(search, event)
    algorithm.run()
    result = algorithm.getResult()
    return result.getEventProbabilityBreitung(), result.getHasoferReliabilityIndex()


@pytest.mark.parametrize("number", [1, 3, 4, 7, 9, 13, 16, 21, 28, 36])
def test_second_order_estimates_agree_on_random_designs(number):
    """Hohenbichler's form differs from Breitung's by up to a few per cent."""
    design = random_design(number)
    found = margin_failure(
        design.margin, design.dimension, gaussian_sigma=design.gaussian_sigma, seed=1, method="second-order"
    )
    breitung, beta = second_order(design.joint_margin, design.size, [0.1] * design.size)
    assert found.beta == pytest.approx(beta, rel=1e-4)
    assert found.value == pytest.approx(breitung, rel=0.05)


def test_second_order_estimates_agree_on_the_and():
    def margin(u):
        return problems.and_margin(u[:, :3]) + problems.OFFSET_SIGMA_MV * u[:, 3]

    breitung, _ = second_order(margin, 4, [0.1, 0.1, 0.1, -0.1])
    found = margin_failure(
        problems.and_margin, 3, gaussian_sigma=problems.OFFSET_SIGMA_MV, seed=1, method="second-order"
    )
    assert found.value == pytest.approx(breitung, rel=5e-3)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (problems.high_sigma_and, problems.openturns_and),
        (problems.high_sigma_xor, problems.openturns_xor),
        (problems.high_sigma_two_sided, problems.openturns_two_sided),
    ],
)
def test_what_is_timed_against_each_other_gives_the_same_failure(ours, theirs):
    """Its standard error is 1 %, ours half of it: 5 % is more than four together."""
    openturns.RandomGenerator.SetSeed(1)
    found = ours().call()
    value = getattr(found, "total", found).value
    assert value == pytest.approx(theirs().call(), rel=0.05)
    assert math.isfinite(value)
