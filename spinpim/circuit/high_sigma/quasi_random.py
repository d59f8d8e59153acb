"""Importance-sampled quasi-random points around the mode of the integrand, repeated for the error."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

from spinpim.circuit.high_sigma.conditioning import LOG_SQRT_TWO_PI, Conditioned
from spinpim.circuit.high_sigma.integral import Integral, log_sum, weighted_mean

FloatArray = NDArray[np.float64]
IntegerArray = NDArray[np.int64]
REPLICATES = 8
STUDENT_95 = 2.3646
"""Two-sided 95 % point of Student's distribution with REPLICATES - 1 degrees of freedom."""
FIRST_POINTS, MOST_POINTS = 32, 2**16
BITS = 30
"""Binary digits of a Sobol point."""
DEFENSIVE_SHARE, DEFENSIVE_WIDTH = 0.1, 1.6
"""A part of the points is drawn wider, which bounds the weights where the integrand has longer tails."""
ROUNDING = 1e-9
"""Least relative error that is stated, as for a quadrature."""
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
    The number of points doubles, with fresh shifts, until the target is reached.
    """
    rng = np.random.default_rng(seed)
    tally = conditioned.state.tally
    begun = tally.total
    points = FIRST_POINTS
    laplace = _laplace(conditioned)
    while True:
        before = tally.total
        v, t, weights, matched = _replicates(conditioned, points, rng)
        corrections = np.mean(np.exp(weights - laplace) - np.exp(matched), axis=1)
        # The mean is positive but for an error of its own size, which the limits then tell.
        ratio = max(1.0 + float(np.mean(corrections)), 1e-3)
        log_value = laplace + float(np.log(ratio))
        half_width = STUDENT_95 * float(np.std(corrections, ddof=1)) / np.sqrt(REPLICATES) / ratio
        effective = float(np.exp(2.0 * log_sum(weights.ravel()) - log_sum(2.0 * weights.ravel())))
        if half_width <= target or 2 * points > MOST_POINTS:
            break
        if tally.total - begun + 2 * (tally.total - before) > max_evaluations:
            break
        points *= 2
    log_weights = weights.ravel()
    folded = ~conditioned.is_single_crossing(v, t)
    doubt = float(np.exp(log_sum(log_weights[folded]) - log_sum(log_weights))) if folded.any() else 0.0
    first, second = conditioned.moments(v, t)
    reached = half_width + doubt <= target
    return Integral(
        "quasi-random",
        log_value,
        max(half_width + doubt, ROUNDING),
        weighted_mean(log_weights, first),
        weighted_mean(log_weights, second),
        REPLICATES * points,
        0.95,
        "target reached" if reached else "points exhausted",
        reached and effective > LEAST_EFFECTIVE * len(log_weights),
    )


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
    broad = DEFENSIVE_WIDTH * np.maximum(narrow, 1.0)
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
