"""The failure probability of one continuous margin, by the method that suits it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from spinpim.checks import choice, finite, seed_address, whole
from spinpim.circuit.high_sigma.conditioning import GAUSSIAN_SHARE, Conditioned, condition
from spinpim.circuit.high_sigma.design_points import Found, find_design_points
from spinpim.circuit.high_sigma.event import event_of
from spinpim.circuit.high_sigma.importance import MOST_CURVED, integrate_by_importance
from spinpim.circuit.high_sigma.integral import Integral
from spinpim.circuit.high_sigma.limit_state import GAUSSIAN, LimitState, Margin, limit_state, variable_names
from spinpim.circuit.high_sigma.quadrature import MOST_DIMENSIONS, integrate_by_quadrature
from spinpim.circuit.high_sigma.quasi_random import integrate_quasi_random
from spinpim.circuit.high_sigma.second_order import second_order_estimate
from spinpim.circuit.high_sigma.tail import DesignPoint, TailProbability, named, tail_probability
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
METHODS = ("auto", "quadrature", "quasi-random", "importance", "second-order")
QUADRATURE_FIRST = 3
"""Number of variables up to which quadrature is tried before quasi-random points."""
ASIDE = 0.01
"""Part of the target that further design points may hold without being counted as such."""
MAX_EVALUATIONS = 2_000_000


def margin_failure(
    margin: Margin,
    dimension: int,
    *,
    seed: int,
    gaussian_sigma: float = 0.0,
    gradient: Margin | None = None,
    method: str = "auto",
    target_relative_error: float = 0.01,
    max_evaluations: int = MAX_EVALUATIONS,
    names: Sequence[str] | None = None,
) -> TailProbability:
    r"""Probability that a margin of Gaussian variables is negative, however rare.

    .. math:: P = \Pr(m(z) + \sigma g < 0) = E_z[Q(m(z)/\sigma)], \qquad z, g \text{ standard normal}

    Parameters
    ----------
    margin : callable
        Continuous margin (n,) of standard normal points (n, dimension), in any unit; positive is right. A
        variable with another distribution is a function of a standard normal one inside it.
    dimension : int
        Number of variables z, 1 to 1000.
    seed : int
        Address of the random numbers; the deterministic methods do not use it.
    gaussian_sigma : float
        Standard deviation, in the unit of the margin, of a Gaussian variable added to it (an amplifier's
        offset); it is integrated out exactly where it matters. 0: none.
    gradient : callable, optional
        Gradient (n, dimension) of the margin; by central differences otherwise.
    method : str
        "quadrature" (Gauss-Hermite at the mode, at most 4 variables), "quasi-random" (importance-sampled
        Sobol points, at most 60), "importance" (sampling from a defensive mixture over all design points),
        "second-order" (from the curvature at the design points alone), or "auto", which takes the first of
        the first three that reaches the target.
    target_relative_error : float
        Wanted half width of the interval over the value [1].
    max_evaluations : int
        Evaluations of the margin at which sampling stops.
    names : sequence of str, optional
        Names of the variables z; z1, z2, ... by default. The Gaussian one is "gaussian".

    Returns
    -------
    TailProbability
        Probability with its interval, design points, importance of every variable, sensitivities.

    Raises
    ------
    InputError
        If an argument is out of range; the margin is constant, pass or fail, or not finite; nothing fails; or
        the method does not suit the margin.

    Notes
    -----
    A region of failure that no start of the search leads to is missed by all methods, as by every importance
    sampling: starts are the nominal point, 3 sigma both ways along the 8 steepest axes, and 6 diagonals.
    Behind its first limit a failure must last for 0.1, 0.5 and 2 sigma to count as lasting for good; one that
    stops and begins anew between these is taken for a single one.
    Where the nominal point fails, the probability of the opposite is computed and taken from 1.

    Examples
    --------
    >>> import numpy as np
    >>> found = margin_failure(lambda z: 6.0 - z[:, 0], 1, seed=1)
    >>> f"{found.value:.4g}", found.method, round(found.beta, 6)
    ('9.866e-10', 'quadrature', 6.0)
    >>> both = margin_failure(lambda z: 6.0 - np.abs(z[:, 0]), 2, seed=1)
    >>> len(both.design_points), both.method, abs(both.value / 1.973e-9 - 1.0) < 0.02
    (2, 'importance', True)
    """
    state = limit_state(margin, dimension, gaussian_sigma, gradient)
    check_settings(seed, target_relative_error, max_evaluations)
    choice("method", method, METHODS)
    gaussians = (GAUSSIAN,) if state.gaussian_sigma > 0.0 else ()
    every = variable_names(names, state.dimension, gaussians)
    return solve(state, every, method, target_relative_error, seed, max_evaluations)


def check_settings(seed: int, target_relative_error: float, max_evaluations: int) -> None:
    """Refuse settings out of range.

    Raises
    ------
    InputError
        If one is.
    """
    seed_address(seed)
    finite("target_relative_error", target_relative_error, 1e-8, 1.0)
    whole("max_evaluations", max_evaluations, 1000)


def solve(
    state: LimitState, names: Sequence[str], method: str, target: float, seed: int, max_evaluations: int
) -> TailProbability:
    """Find the design points of a checked limit state, integrate, and name the results."""
    begun = time.process_time()
    before = state.tally.total
    fails = bool(state.value(np.zeros((1, state.size)))[0] < 0.0)
    if fails:
        state = LimitState(
            state.margin, state.dimension, state.gaussian_sigma, state.gradient, -1.0, state.tally
        )
    found = find_design_points(state)
    integral = _integrate(state, found, method, target, seed, max_evaluations)
    cost_s = time.process_time() - begun
    return tail_probability(
        integral,
        [_design_point(one, names, fails, state) for one in found],
        _turned(found[0].point, fails, state),
        names,
        evaluations=state.tally.total - before,
        cost_s=cost_s,
        opposite=_turned(np.ones(state.size), fails, state) if fails else None,
    )


def _integrate(
    state: LimitState, found: Sequence[Found], method: str, target: float, seed: int, max_evaluations: int
) -> Integral:
    if method == "second-order":
        return second_order_estimate([condition(state, one, along_gaussian=False) for one in found])
    along = integrates_gaussian(state, found)
    if method in ("quadrature", "quasi-random"):
        return _asked(state, found, method, target, seed, max_evaluations, along)
    if method == "auto" and _is_single(found, target) and state.size <= MOST_CURVED:
        conditioned = condition(state, found[0], along_gaussian=along)
        reached = _quick(conditioned, target, seed, max_evaluations)
        if reached is not None:
            return reached
    event = event_of([state], along)
    return integrate_by_importance(event, [(0, one) for one in found], target, seed, max_evaluations)


def _quick(conditioned: Conditioned, target: float, seed: int, max_evaluations: int) -> Integral | None:
    """Quadrature or quasi-random points, if either reaches the target around a single peak."""
    if conditioned.size <= QUADRATURE_FIRST:
        integral = integrate_by_quadrature(conditioned, target)
        if integral.reached:
            return integral
    if conditioned.single_peak:
        integral = integrate_quasi_random(conditioned, target, seed, max_evaluations // 4)
        if integral.reached:
            return integral
    return None


def _asked(
    state: LimitState,
    found: Sequence[Found],
    method: str,
    target: float,
    seed: int,
    max_evaluations: int,
    along: bool,
) -> Integral:
    if not _is_single(found, target):
        raise InputError(
            f"The margin has {len(found)} design points, or one at a kink, but method {method!r} works "
            "around a single smooth one. Use method 'importance' or 'auto'."
        )
    if state.size > MOST_CURVED:
        raise InputError(
            f"Method {method!r} takes at most {MOST_CURVED} variables; instead received {state.size}. Use "
            "method 'importance'."
        )
    conditioned = condition(state, found[0], along_gaussian=along)
    if method == "quasi-random":
        return integrate_quasi_random(conditioned, target, seed, max_evaluations)
    if conditioned.size > MOST_DIMENSIONS:
        raise InputError(
            f"Method 'quadrature' takes at most {MOST_DIMENSIONS} variables beside the one that is "
            f"integrated out; instead received {conditioned.size}. Use method 'quasi-random' or 'auto'."
        )
    return integrate_by_quadrature(conditioned, target)


def integrates_gaussian(state: LimitState, found: Sequence[Found]) -> bool:
    """Whether the Gaussian variable moves far enough at every design point to be the one integrated out."""
    if state.gaussian_sigma == 0.0:
        return False
    return all(float(one.direction[-1]) ** 2 >= GAUSSIAN_SHARE for one in found)


def _is_single(found: Sequence[Found], target: float) -> bool:
    if not found[0].converged:
        return False
    return all(
        float(log_ndtr(-one.beta) - log_ndtr(-found[0].beta)) < math.log(ASIDE * target) for one in found[1:]
    )


def _turned(point: FloatArray, fails: bool, state: LimitState) -> FloatArray:
    """Coordinates of the failure: the Gaussian variable of the opposite event has the other sign."""
    turned = point.copy()
    if fails and state.gaussian_sigma > 0.0:
        turned[-1] = -turned[-1]
    return turned


def _design_point(one: Found, names: Sequence[str], fails: bool, state: LimitState) -> DesignPoint:
    variables = named(names, _turned(one.point, fails, state))
    return DesignPoint(variables, -one.beta if fails else one.beta, one.converged)
