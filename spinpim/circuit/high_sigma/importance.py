"""Importance sampling from a mixture with a defensive part; right for kinks and for several design points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from spinpim.circuit.high_sigma.conditioning import LOG_SQRT_TWO_PI, condition
from spinpim.circuit.high_sigma.design_points import Found
from spinpim.circuit.high_sigma.event import Event
from spinpim.circuit.high_sigma.integral import Integral, log_sum, weighted_mean
from spinpim.circuit.high_sigma.proposals import (
    Gaussian,
    Proposal,
    around_mode,
    around_point,
    beyond,
    widened,
)
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
NORMAL_95 = 1.959964
PILOT = 2_000
"""Points of the first round, which only tells how many the second one needs."""
ROUNDS = 4
MOST_CURVED = 60
"""Number of variables up to which the Hessian, of that number squared evaluations, is worth its price."""
DEFENSIVE_SHARE, NOMINAL_SHARE, NEAR_SHARE = 0.1, 0.02, 0.4
"""Shares of the points drawn around the design points and the nominal point; the latter with it nearby."""
NEAR = 2.5
"""Distance below which a design point is near [sigma]."""
UNEVEN = 2.0
"""Variance of the weights, relative to their mean, from which the mixture is refined."""
REFINED = 5
"""Growth of the number of points in a round that follows a refinement."""
FITTED_SHARE, LEAST_FITTED = 0.6, 4
"""Share of the fitted Gaussians, and effective points per variable to fit one."""
BATCH = 50_000
"""Points that are weighed at once; bounds the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One stratum: points, logarithms of their weights times failure, and moments."""

    points: FloatArray
    log_weights: FloatArray
    first: FloatArray
    second: FloatArray


def integrate_by_importance(
    event: Event,
    found: Sequence[tuple[int, Found]],
    target: float,
    seed: int,
    max_evaluations: int,
) -> Integral:
    r"""Estimate a failure probability by weighted points from a mixture.

    .. math:: P = \frac{1}{N} \sum_j \sum_{u \sim q_j} \frac{\varphi(u) p(u)}{\bar q(u)}, \qquad
              \bar q = \sum_j \frac{N_j}{N} q_j

    The mixture holds, for every design point, the tail behind the quadratic surface there (or the Gaussian
    matched to the mode where Gaussian variables are integrated out), wide Gaussians around each, and the
    nominal distribution.

    Parameters
    ----------
    event : Event
        What fails.
    found : sequence of (int, Found)
        Design points with the state of the event that each belongs to.
    target : float
        Wanted half width of the 95 % interval over the value.
    seed : int
        Address of the random numbers.
    max_evaluations : int
        Evaluations of the margins, after which the last round is taken as it is.

    Returns
    -------
    Integral
        From the last round alone, so that the choice of its size leaves no bias.

    Raises
    ------
    InputError
        If no point fails.

    References
    ----------
    T. Hesterberg, Technometrics 37, 185 (1995).
    """
    proposals, shares = _mixture(event, found)
    rng = np.random.default_rng(seed)
    count, spent = min(PILOT, max(100, max_evaluations // len(event.states))), 0
    for round_ in range(ROUNDS):
        samples = _draw(event, proposals, shares, count, rng)
        spent += count * len(event.states)
        log_value, half_width = _stratified(samples)
        left = (max_evaluations - spent) // len(event.states)
        wanted = 1.15 * count * min((half_width / target) ** 2, 1e6)
        if half_width <= target or left < count or round_ == ROUNDS - 1:
            break
        if count * (half_width / NORMAL_95) ** 2 > UNEVEN and round_ < ROUNDS - 2:
            proposals, shares = _refined(event, found, samples, proposals, shares)
            wanted = min(wanted, REFINED * count)
        count = int(min(max(wanted, count), left))
    reached = half_width <= target
    log_weights = np.concatenate([sample.log_weights for sample in samples])
    return Integral(
        "importance",
        log_value,
        half_width,
        weighted_mean(log_weights, np.concatenate([sample.first for sample in samples])),
        weighted_mean(log_weights, np.concatenate([sample.second for sample in samples])),
        count,
        0.95,
        "target reached" if reached else "evaluations exhausted",
        reached,
    )


def _mixture(event: Event, found: Sequence[tuple[int, Found]]) -> tuple[list[Proposal], FloatArray]:
    matched: list[Proposal] = []
    wide: list[Proposal] = []
    for which, one in found:
        columns = event.columns(which)
        point = np.zeros(event.dimension + event.gaussians)
        point[columns] = one.point
        state = event.states[which]
        if one.converged:
            curved = state.size <= MOST_CURVED
            line = condition(state, one, along_gaussian=event.conditional, curved=curved)
            matched.append(around_mode(line) if event.conditional else beyond(event, which, line))
            wide.append(widened(event, which, line))
        else:
            matched.append(around_point(point[: event.size]))
            wide.append(matched[-1])
    nominal = around_point(np.zeros(event.size))
    tails = log_ndtr(-np.array([one.beta for _, one in found]))
    likely = np.exp(tails - tails.max())
    likely = np.maximum(likely / likely.sum(), 0.1 / len(found))
    likely /= likely.sum()
    near = min(one.beta for _, one in found) < NEAR
    at_nominal = NEAR_SHARE if near else NOMINAL_SHARE
    main = 1.0 - DEFENSIVE_SHARE - at_nominal
    shares = np.concatenate([main * likely, DEFENSIVE_SHARE * likely, [at_nominal]])
    return [*matched, *wide, nominal], shares


def _refined(
    event: Event,
    found: Sequence[tuple[int, Found]],
    samples: Sequence[Sample],
    proposals: Sequence[Proposal],
    shares: FloatArray,
) -> tuple[list[Proposal], FloatArray]:
    """Add a Gaussian with the moments of the failures nearest to each design point."""
    points = np.concatenate([sample.points for sample in samples])
    logs = np.concatenate([sample.log_weights for sample in samples])
    weights = np.exp(logs - logs.max())
    centres = np.zeros((len(found), event.dimension + event.gaussians))
    for row, (which, one) in enumerate(found):
        centres[row, event.columns(which)] = one.point
    centres = centres[:, : event.size]
    nearest = np.argmax(points @ centres.T - 0.5 * np.sum(centres**2, axis=1), axis=1)
    # A factor for each variable: all together they may not spread the points over much more space.
    inflation = 1.0 + 4.0 / (6.0 + event.size)
    fitted: list[Proposal] = []
    parts: list[float] = []
    for row in range(len(found)):
        own = weights * (nearest == row)
        if not own.any():
            continue
        # No point may make a Gaussian of its own.
        own = np.minimum(own, own.sum() / (LEAST_FITTED * event.size))
        part = float(own.sum())
        mean = own @ points / part
        away = (points - mean) * np.sqrt(own / part)[:, None]
        values, vectors = np.linalg.eigh(away.T @ away)
        fitted.append(Gaussian(mean, vectors, inflation * np.sqrt(np.maximum(values, 1e-4))))
        parts.append(part)
    added = FITTED_SHARE * np.array(parts) / sum(parts)
    return [*proposals, *fitted], np.concatenate([(1.0 - FITTED_SHARE) * shares, added])


def _draw(
    event: Event, proposals: Sequence[Proposal], shares: FloatArray, count: int, rng: np.random.Generator
) -> list[Sample]:
    """One stratum per proposal, its size in proportion to its share."""
    sizes = np.maximum(np.round(shares * count).astype(int), 4)
    exact = np.log(sizes / sizes.sum())
    samples = []
    for proposal, size in zip(proposals, sizes, strict=True):
        parts = []
        for begin in range(0, size, BATCH):
            points = proposal.draw(int(min(BATCH, size - begin)), rng)
            densities = np.array([one.log_density(points) for one in proposals]) + exact[:, None]
            nominal = -0.5 * np.sum(points**2, axis=1) - event.size * LOG_SQRT_TWO_PI
            fails, t = event.log_failure(points)
            weights = fails + nominal - np.logaddexp.reduce(densities, axis=0)
            parts.append(Sample(points, weights, *event.moments(points, t)))
        samples.append(
            Sample(
                np.concatenate([part.points for part in parts]),
                np.concatenate([part.log_weights for part in parts]),
                np.concatenate([part.first for part in parts]),
                np.concatenate([part.second for part in parts]),
            )
        )
    return samples


def _stratified(samples: Sequence[Sample]) -> tuple[float, float]:
    """Logarithm of the estimate and half its 95 % interval over it."""
    every = np.concatenate([sample.log_weights for sample in samples])
    total = len(every)
    log_value = log_sum(every) - np.log(total)
    if not np.isfinite(log_value):
        raise InputError(
            f"None of {total} points drawn around the design points fails: the margin changes too quickly "
            "there. Give a smoother margin, or variables in which it is."
        )
    variance = 0.0
    for sample in samples:
        weights = np.exp(sample.log_weights - log_value)
        variance += len(weights) * float(np.var(weights, ddof=1)) / total**2
    return log_value, NORMAL_95 * float(np.sqrt(variance))
