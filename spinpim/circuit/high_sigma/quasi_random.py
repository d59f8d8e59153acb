"""Importance-sampled quasi-random points around the mode of the integrand, repeated for the error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

from spinpim.circuit.high_sigma.conditioning import LOG_SQRT_TWO_PI, Conditioned, defensive_widths
from spinpim.circuit.high_sigma.integral import Integral, log_sum, weighted_mean

FloatArray = NDArray[np.float64]
IntegerArray = NDArray[np.int64]
REPLICATES = 16
STUDENT_95 = 2.1314
"""Two-sided 95 % point of Student's distribution with REPLICATES - 1 degrees of freedom."""
FIRST_POINTS, MOST_POINTS = 16, 2**15
BITS = 30
"""Binary digits of a Sobol point."""
DEFENSIVE_SHARE = 0.12
"""Part of the points that is drawn wider, see `defensive_widths`."""
ROUNDING = 1e-9
"""Least relative error that is stated, as for a quadrature."""
NARROW_MISS = 1.5
"""Half width of the last round over the target, above which the target was not reached."""
LEAST_EFFECTIVE = 0.05
"""Share of points that count, below which the matched Gaussian does not describe the integrand."""


def integrate_quasi_random(
    conditioned: Conditioned, target: float, seed: int, max_evaluations: int
) -> Integral:
    r"""Correct Laplace's approximation by shifted Sobol points drawn from its own Gaussian.

    .. math:: P = L + E_q\left[\frac{n(v) Q(t(v)) - L\, n(v; v^*, H^{-1})}{q(v)}\right], \qquad
              L = |H|^{-1/2} e^{-|v^*|^2/2} Q(t(v^*))

    q is that Gaussian, with mode and Hessian of the integrand, mixed with a wider one. For a plane surface
    nothing is left to correct.

    Parameters
    ----------
    conditioned : Conditioned
        The integrand.
    target : float
        Wanted half width of the 95 % interval over the value.
    seed : int
        Address of the random shifts.
    max_evaluations : int
        Evaluations of the margin after which no more points are added.

    Returns
    -------
    Integral
        Interval by Student's distribution over the replicates.

    Notes
    -----
    The number of points doubles, with fresh shifts, until the target is reached; then once more, and only
    this last round is reported: a round that ended the search would look better than it is.
    """
    rng = np.random.default_rng(seed)
    tally = conditioned.state.tally
    begun, points = tally.total, FIRST_POINTS
    laplace = _laplace(conditioned)
    last = _round(conditioned, laplace, points, rng)
    found = last.half_width <= target
    while 2 * points <= MOST_POINTS and 3 * (tally.total - begun) <= max_evaluations:
        points *= 2
        last, was_found = _round(conditioned, laplace, points, rng), found
        if was_found:
            break
        found = last.half_width <= target
    log_weights = last.log_weights
    first, second = conditioned.moments(last.v, last.t)
    reached = last.half_width <= NARROW_MISS * target
    return Integral(
        "quasi-random",
        last.log_value,
        max(last.half_width, ROUNDING),
        weighted_mean(log_weights, first),
        weighted_mean(log_weights, second),
        REPLICATES * points,
        0.95,
        _stop_reason(last.half_width / target),
        reached and last.effective > LEAST_EFFECTIVE * len(log_weights),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """Points v with distances t and weights, and the estimate from them."""

    v: FloatArray
    t: FloatArray
    log_weights: FloatArray
    log_value: float
    half_width: float
    effective: float


def _round(conditioned: Conditioned, laplace: float, points: int, rng: np.random.Generator) -> Round:
    """One estimate from all replicates, with lines that cross more than once added to its error."""
    v, t, weights, matched = _replicates(conditioned, points, rng)
    corrections = np.mean(np.exp(weights - laplace) - np.exp(matched), axis=1)
    # The mean is above -1 but for an error of its own size, which the half width then tells.
    ratio = max(1.0 + float(np.mean(corrections)), 1e-3)
    half_width = STUDENT_95 * float(np.std(corrections, ddof=1)) / np.sqrt(REPLICATES) / ratio
    logs = weights.ravel()
    folded = ~conditioned.is_single_crossing(v, t)
    if folded.any():
        half_width += float(np.exp(log_sum(logs[folded]) - log_sum(logs)))
    effective = float(np.exp(2.0 * log_sum(logs) - log_sum(2.0 * logs)))
    return Round(v, t, logs, laplace + float(np.log(ratio)), float(half_width), effective)


def _stop_reason(miss: float) -> str:
    if miss <= 1.0:
        return "target reached"
    return "target reached before the last round" if miss <= NARROW_MISS else "points exhausted"


def _laplace(conditioned: Conditioned) -> float:
    """Logarithm of Laplace's approximation."""
    v = conditioned.centre
    t = conditioned.distance(v[None])
    _, log_determinant = np.linalg.slogdet(conditioned.precision)
    return float(log_ndtr(-t[0]) - 0.5 * v @ v - 0.5 * log_determinant)


def _replicates(
    conditioned: Conditioned, points: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Points v, their distances, and logarithms (REPLICATES, points): weights, and the matched Gaussian's."""
    n = conditioned.size
    uniforms = _shifted(n + 1, points, rng).reshape(-1, n + 1)
    wide = uniforms[:, -1] < DEFENSIVE_SHARE
    normals = ndtri(uniforms[:, :-1])
    values, vectors = np.linalg.eigh(conditioned.precision)
    narrow = values**-0.5
    broad = defensive_widths(values)
    local = normals * np.where(wide[:, None], broad, narrow)
    v = conditioned.centre + local @ vectors.T
    matched = _log_normal(local, narrow)
    density = np.logaddexp(
        np.log1p(-DEFENSIVE_SHARE) + matched,
        np.log(DEFENSIVE_SHARE) + _log_normal(local, broad),
    )
    t = conditioned.distance(v)
    weights = log_ndtr(-t) - 0.5 * np.sum(v**2, axis=1) - n * LOG_SQRT_TWO_PI - density
    shape = (REPLICATES, points)
    return v, t, weights.reshape(shape), (matched - density).reshape(shape)


def _log_normal(x: FloatArray, widths: FloatArray) -> FloatArray:
    constant = np.sum(np.log(widths)) + len(widths) * LOG_SQRT_TWO_PI
    return np.asarray(-0.5 * np.sum((x / widths) ** 2, axis=1) - constant)


def _shifted(dimensions: int, points: int, rng: np.random.Generator) -> FloatArray:
    """Sobol points (REPLICATES, points, dimensions) inside (0, 1), each replicate with its own shift."""
    shifts = rng.integers(0, 2**BITS, size=(REPLICATES, 1, dimensions))
    below = rng.random((REPLICATES, points, dimensions))
    uniforms = ((_sobol(dimensions, points) ^ shifts) + below) / 2.0**BITS
    return np.asarray(np.maximum(uniforms, 2.0 ** -(BITS + 23)))


@lru_cache(maxsize=64)
def _sobol(dimensions: int, points: int) -> IntegerArray:
    """First Sobol points as integers of BITS digits; read only."""
    from scipy.stats.qmc import Sobol

    numbers = Sobol(dimensions, scramble=False, bits=BITS).random(points)
    found: IntegerArray = np.rint(numbers * 2.0**BITS).astype(np.int64)
    found.flags.writeable = False
    return found
