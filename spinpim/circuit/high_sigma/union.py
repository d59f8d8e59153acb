"""Failure of any of several margins: the sum of one-sided probabilities less what they share."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import shown
from spinpim.circuit.high_sigma.design_points import Found, find_design_points
from spinpim.circuit.high_sigma.event import event_of
from spinpim.circuit.high_sigma.failure import (
    MAX_EVALUATIONS,
    check_settings,
    integrates_gaussian,
    solve,
)
from spinpim.circuit.high_sigma.importance import integrate_by_importance
from spinpim.circuit.high_sigma.joint import joint_bound
from spinpim.circuit.high_sigma.limit_state import (
    GAUSSIAN,
    LimitState,
    Margin,
    Tally,
    limit_state,
    variable_names,
)
from spinpim.circuit.high_sigma.tail import DesignPoint, TailProbability, tail_probability
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
SUM = "sum"
NEGLIGIBLE_JOINT = 0.1
"""Part of the wanted error that the shared probability may hold and still be left in the interval."""


@dataclass(frozen=True, slots=True, eq=False)
class UnionFailure:
    """Probability that at least one of several margins is negative.

    Attributes
    ----------
    total : TailProbability
        Of the union; its method is "sum" or "importance".
    parts : tuple of TailProbability
        Of each margin alone; empty where the union was sampled at once because a nominal point fails.
    joint_high : float
        First-order upper bound of the probability that two or more fail together [1].
    """

    total: TailProbability
    parts: tuple[TailProbability, ...]
    joint_high: float


def union_failure(
    margins: Sequence[Margin],
    dimension: int,
    *,
    seed: int,
    gaussian_sigma: float | Sequence[float] = 0.0,
    gradients: Sequence[Margin | None] | None = None,
    target_relative_error: float = 0.01,
    max_evaluations: int = MAX_EVALUATIONS,
    names: Sequence[str] | None = None,
) -> UnionFailure:
    r"""Probability that any of several margins of the same variables is negative.

    .. math:: P = \Pr\Big(\bigcup_i \{m_i(z) + \sigma_i g_i < 0\}\Big)
              = \sum_i P_i - P_{joint}, \qquad 0 \le P_{joint} \le \sum_{i<j} \Pr(i \text{ and } j)

    Parameters
    ----------
    margins : sequence of callables
        At least one; see `margin_failure`.
    dimension : int
        Number of variables z that all margins share.
    seed : int
        Address of the random numbers.
    gaussian_sigma : float or sequence of float
        Standard deviation of the Gaussian variable that is added to each margin. They are independent, as
        are the offsets of two amplifiers; one that several margins share belongs among z.
    gradients : sequence of callables or None, optional
        Gradient of each margin.
    target_relative_error, max_evaluations, names
        See `margin_failure`; the Gaussian variables are "gaussian1", "gaussian2", ... by margin.

    Returns
    -------
    UnionFailure
        Of the union, and of each margin alone.

    Raises
    ------
    InputError
        As `margin_failure`, for any of the margins.

    Notes
    -----
    What the margins share is bounded to first order, by half spaces at their design points. Where it is
    negligible it is left in the interval; else the union is sampled as a whole, with design points of all.

    Examples
    --------
    >>> both = union_failure([lambda z: 6.0 - z[:, 0], lambda z: 6.0 + z[:, 0]], 1, seed=1)
    >>> f"{both.total.value:.4g}", both.total.method
    ('1.973e-09', 'sum')
    """
    begun = time.process_time()
    check_settings(seed, target_relative_error, max_evaluations)
    states = _states(margins, dimension, gaussian_sigma, gradients)
    own = [f"{GAUSSIAN}{i + 1}" if state.gaussian_sigma > 0.0 else "" for i, state in enumerate(states)]
    every = variable_names(names, dimension, [name for name in own if name])
    nominal = [float(state.value(np.zeros((1, state.size)))[0]) for state in states]
    parts: list[TailProbability] = []
    joint = 1.0
    if min(nominal) >= 0.0:
        for state, name in zip(states, own, strict=True):
            part_names = [*every[:dimension], *([name] if name else [])]
            parts.append(solve(state, part_names, "auto", target_relative_error, seed, max_evaluations))
        joint = joint_bound(parts, every)
        if joint <= NEGLIGIBLE_JOINT * target_relative_error * sum(part.value for part in parts):
            total = _summed(parts, every, joint, states[0].tally.total, time.process_time() - begun)
            return UnionFailure(total, tuple(parts), joint)
    total = _sampled(states, every, target_relative_error, seed, max_evaluations, begun)
    return UnionFailure(total, tuple(parts), min(joint, 1.0))


def _states(
    margins: Sequence[Margin],
    dimension: int,
    gaussian_sigma: float | Sequence[float],
    gradients: Sequence[Margin | None] | None,
) -> list[LimitState]:
    if callable(margins) or not _is_sequence(margins) or len(margins) == 0:
        raise InputError("margins must be a sequence of one or more functions of points (n, dimension).")
    count = len(margins)
    if not (gradients is None or _is_sequence(gradients)):
        raise InputError(f"gradients must be a sequence of functions; instead received {shown(gradients)}.")
    sigmas: list[Any] = list(gaussian_sigma) if _is_sequence(gaussian_sigma) else [gaussian_sigma] * count
    slopes = [None] * count if gradients is None else list(gradients)
    if len(sigmas) != count or len(slopes) != count:
        raise InputError(
            f"gaussian_sigma and gradients must hold one entry per margin, {count}; instead received "
            f"{len(sigmas)} and {len(slopes)}."
        )
    tally = Tally()
    made = [
        limit_state(margin, dimension, sigma, slope)
        for margin, sigma, slope in zip(margins, sigmas, slopes, strict=True)
    ]
    return [dataclasses.replace(state, tally=tally) for state in made]


def _is_sequence(given: Any) -> TypeGuard[Sequence[Any]]:
    one = isinstance(given, np.ndarray) and given.ndim == 1
    return one or (isinstance(given, Sequence) and not isinstance(given, str | bytes))


def _summed(
    parts: Sequence[TailProbability], names: Sequence[str], joint: float, evaluations: int, cost_s: float
) -> TailProbability:
    values = np.array([part.value for part in parts])
    value = float(values.sum())
    shares = values / value if value > 0.0 else np.full(len(parts), 1.0 / len(parts))
    nearest = min(parts, key=lambda part: part.beta)
    estimate = dataclasses.replace(
        nearest.estimate,
        value=min(value, 1.0),
        low=max(sum(part.low for part in parts) - joint, 0.0),
        high=min(sum(part.high for part in parts), 1.0),
        method=SUM,
        trials=sum(part.estimate.trials for part in parts),
        stop_reason=", ".join(f"{part.method}: {part.estimate.stop_reason}" for part in parts),
        confidence=min(part.estimate.confidence for part in parts),
        cost_s=cost_s,
    )

    def mean(which: str) -> dict[str, float]:
        found = [getattr(part, which) for part in parts]
        return {
            name: float(sum(share * one.get(name, 0.0) for share, one in zip(shares, found, strict=True)))
            for name in names
        }

    return TailProbability(
        estimate=estimate,
        log_value=float(np.logaddexp.reduce([part.log_value for part in parts])),
        evaluations=evaluations,
        design_points=_merged([point for part in parts for point in part.design_points], names),
        importance={name: nearest.importance.get(name, 0.0) for name in names},
        sigma_sensitivity=mean("sigma_sensitivity"),
        mean_sensitivity=mean("mean_sensitivity"),
    )


def _merged(points: Sequence[DesignPoint], names: Sequence[str]) -> tuple[DesignPoint, ...]:
    """Design points of all margins in all variables, the nearest first."""
    whole = [
        dataclasses.replace(point, variables={name: point.variables.get(name, 0.0) for name in names})
        for point in points
    ]
    return tuple(sorted(whole, key=lambda point: point.beta))


def _sampled(
    states: Sequence[LimitState],
    names: Sequence[str],
    target: float,
    seed: int,
    max_evaluations: int,
    begun: float,
) -> TailProbability:
    found: list[tuple[int, Found]] = []
    points: list[DesignPoint] = []
    conditional = True
    for which, state in enumerate(states):
        nominal_fails = bool(state.value(np.zeros((1, state.size)))[0] < 0.0)
        side = dataclasses.replace(state, sign=-1.0) if nominal_fails else state
        own = find_design_points(side)
        conditional = conditional and integrates_gaussian(state, own)
        points += [_design_point(states, which, one, names, nominal_fails) for one in own]
        # Failures are not rare around a nominal point that fails: they are drawn there.
        found += [(which, _at_nominal(one) if nominal_fails else one) for one in own]
    event = event_of(states, conditional)
    integral = integrate_by_importance(event, found, target, seed, max_evaluations)
    points.sort(key=lambda point: point.beta)
    return tail_probability(
        integral,
        points,
        np.array([points[0].variables[name] for name in names]),
        names,
        evaluations=states[0].tally.total,
        cost_s=time.process_time() - begun,
    )


def _at_nominal(one: Found) -> Found:
    return dataclasses.replace(one, point=np.zeros_like(one.point), converged=False)


def _design_point(
    states: Sequence[LimitState], which: int, one: Found, names: Sequence[str], nominal_fails: bool
) -> DesignPoint:
    point = np.zeros(len(names))
    point[event_of(states, False).columns(which)] = one.point
    if nominal_fails:
        # The search for the opposite event turns the sign of the Gaussian variable.
        point[states[which].dimension :] *= -1.0
    variables = dict(zip(names, point.tolist(), strict=True))
    return DesignPoint(variables, -one.beta if nominal_fails else one.beta, one.converged)
