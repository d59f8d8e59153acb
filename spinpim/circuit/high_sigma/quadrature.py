"""Gauss-Hermite quadrature centred and scaled at the mode of the integrand; deterministic."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from spinpim.circuit.high_sigma.conditioning import Conditioned
from spinpim.circuit.high_sigma.integral import Integral, log_sum, weighted_mean

FloatArray = NDArray[np.float64]
ORDERS = (5, 7, 9, 12, 16, 22, 30, 40)
MOST_NODES = 60_000
MOST_DIMENSIONS = 4
FAST, SLOW = 0.1, 5.0
"""Fall of a change between orders from one to the next that tells of a smooth integrand, and what a change
counts without it."""
ROUNDING = 1e-9
"""Least relative error that is stated; differences, roots and logarithms leave some 1e-10."""


def integrate_by_quadrature(conditioned: Conditioned, target: float) -> Integral:
    r"""Tensor Gauss-Hermite quadrature of the conditioned tail, order by order until two agree.

    .. math:: P = |L| \sum_i w_i \exp\left(-\tfrac12 |v_i|^2 + \tfrac12 |x_i|^2\right) Q(t(v_i)), \quad
              v_i = v^* + L x_i, \quad L L^T = H^{-1}

    Parameters
    ----------
    conditioned : Conditioned
        The integrand, of at most ``MOST_DIMENSIONS`` variables.
    target : float
        Relative error to stop at.

    Returns
    -------
    Integral
        The stated half width is the last change between orders, or a tenth of the change before if that is
        larger; five times the larger change where it did not fall tenfold; and what lines with more than
        one crossing carry.
    """
    n = conditioned.size
    values: list[float] = []
    half_width, weights = np.inf, np.zeros(0)
    v = t = np.zeros(0)
    for order in ORDERS:
        if n and len(values) > 1 and order**n > MOST_NODES:
            break
        v, weights, t = _nodes_and_weights(conditioned, order)
        values.append(log_sum(weights))
        if len(values) > 1 or n == 0:
            half_width = _stated_error(values)
        if (len(values) > 2 and half_width <= target) or n == 0:
            break
    folded = ~conditioned.is_single_crossing(v, t)
    doubt = float(np.exp(log_sum(weights[folded]) - values[-1])) if folded.any() else 0.0
    half_width = max(half_width + doubt, ROUNDING)
    first, second = conditioned.moments(v, t)
    reached = half_width <= target
    return Integral(
        "quadrature",
        values[-1],
        half_width,
        weighted_mean(weights, first),
        weighted_mean(weights, second),
        0,
        1.0,
        "orders agree" if reached else "orders do not agree",
        reached and conditioned.single_peak,
    )


def _nodes_and_weights(conditioned: Conditioned, order: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    x, log_weights = _tensor(order, conditioned.size)
    scale = np.linalg.inv(np.linalg.cholesky(conditioned.precision)).T
    v = conditioned.centre + x @ scale.T
    t = conditioned.distance(v)
    log_determinant = float(np.sum(np.log(np.diag(scale))))
    exponent = 0.5 * np.sum(x**2, axis=1) - 0.5 * np.sum(v**2, axis=1)
    return v, log_weights + exponent + log_ndtr(-t) + log_determinant, t


def _stated_error(values: list[float]) -> float:
    changes = np.abs(np.expm1(np.diff(values)))
    if len(changes) < 2:
        return float(changes.max(initial=0.0))
    before, last = changes[-2:]
    # A kink slows the orders down, and lets them agree by chance.
    return float(max(last, 0.1 * before) if last <= FAST * before else SLOW * max(last, before))


@lru_cache(maxsize=64)
def _tensor(order: int, dimensions: int) -> tuple[FloatArray, FloatArray]:
    """Nodes (order^dimensions, dimensions) and logarithms of weights that add to 1; read only."""
    if dimensions == 0:
        return np.zeros((1, 0)), np.zeros(1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(order)
    log_weights = np.log(weights / weights.sum())
    grid = np.stack(np.meshgrid(*[nodes] * dimensions, indexing="ij"), axis=-1).reshape(-1, dimensions)
    logs = np.stack(np.meshgrid(*[log_weights] * dimensions, indexing="ij"), axis=-1)
    sums = logs.reshape(-1, dimensions).sum(axis=1)
    for array in (grid, sums):
        array.flags.writeable = False
    return grid, sums
