"""Second-order estimate from the curvature at the design points alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from spinpim.circuit.high_sigma.conditioning import Conditioned, hazard
from spinpim.circuit.high_sigma.integral import Integral, log_sum, weighted_mean

FloatArray = NDArray[np.float64]
LEAST_FACTOR = 0.1
"""Bound of 1 + h kappa: below it the surface curves like the sphere around the nominal point."""


def second_order_estimate(lines: Sequence[Conditioned]) -> Integral:
    r"""Sum over the design points of Hohenbichler's and Rackwitz's form of the second-order probability.

    .. math:: P \approx \sum_k Q(\beta_k) \prod_i (1 + h(\beta_k) \kappa_{ki})^{-1/2}, \qquad
              h(\beta) = \varphi(\beta)/Q(\beta)

    Parameters
    ----------
    lines : sequence of Conditioned
        The limit state along the direction of each design point.

    Returns
    -------
    Integral
        The half width is the largest distance from the first-order probability and from Breitung's form, in
        which beta stands for h. It is no bound.

    References
    ----------
    K. Breitung, J. Eng. Mech. ASCE 110, 357 (1984); M. Hohenbichler and R. Rackwitz, J. Eng. Mech. ASCE 114,
    2183 (1988).
    """
    beta = np.array([line.start for line in lines])
    h = hazard(beta)
    first_order = log_ndtr(-beta)
    kappa = [np.linalg.eigvalsh(line.curvature) for line in lines]
    factors = [_log_factor(rate, one) for rate, one in zip(h, kappa, strict=True)]
    breitung = [_log_factor(distance, one) for distance, one in zip(beta, kappa, strict=True)]
    terms = first_order + np.array(factors)
    value = log_sum(terms)
    others = [log_sum(first_order), log_sum(first_order + np.array(breitung))]
    moments = [_moments(line, rate) for line, rate in zip(lines, h, strict=True)]
    return Integral(
        "second-order",
        value,
        float(np.max(np.abs(np.expm1(np.array(others) - value)))),
        weighted_mean(terms, np.array([first for first, _ in moments])),
        weighted_mean(terms, np.array([second for _, second in moments])),
        0,
        0.0,
        "closed form",
        True,
    )


def _log_factor(rate: float, kappa: NDArray[np.floating[Any]]) -> float:
    return -0.5 * float(np.sum(np.log(np.maximum(1.0 + rate * kappa, LEAST_FACTOR))))


def _moments(line: Conditioned, rate: float) -> tuple[FloatArray, FloatArray]:
    """Means of u and u^2 over the failures beyond the osculating plane."""
    covariance = line.basis @ np.linalg.inv(line.precision) @ line.basis.T
    first = rate * line.direction
    return first, np.diag(covariance) + line.direction**2 * (1.0 + line.start * rate)
