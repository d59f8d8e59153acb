"""The value that a high-sigma computation returns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.high_sigma.integral import Integral
from spinpim.estimate import Estimate

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DesignPoint:
    """A point where the failure is locally most likely.

    Attributes
    ----------
    variables : dict of str to float
        Standard normal coordinate of every variable, the Gaussian one included [sigma].
    beta : float
        Distance from the nominal point [sigma]; negative where the nominal point fails.
    converged : bool
        Whether the search ended at a point where the limit state is perpendicular to the line from the
        nominal point; it does not at a kink.
    """

    variables: dict[str, float]
    beta: float
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class TailProbability:
    """Probability of a failure, however small, and what it hangs on.

    Attributes
    ----------
    estimate : Estimate
        Probability and interval; ``method`` says how it was obtained. Its ``confidence`` is 1 for
        "quadrature", where the interval is the estimated numerical error, and 0 for "second-order", where it
        spans the approximations and promises nothing.
    log_value : float
        Natural logarithm of the probability, right also where the value underflows.
    evaluations : int
        Evaluations of the margin.
    design_points : tuple of DesignPoint
        Those found, the nearest first.
    importance : dict of str to float
        Squared direction cosine of the nearest design point, by variable; they add to 1 [1].
    sigma_sensitivity : dict of str to float
        Change of the logarithm of the probability per relative change of a standard deviation,
        d ln P / d ln sigma = E[u^2 - 1 | failure] [1]; from sampling with an error of some 0.1 of a unit.
    mean_sensitivity : dict of str to float
        Change of the logarithm of the probability per shift of a mean by its standard deviation,
        E[u | failure] [1].
    """

    estimate: Estimate
    log_value: float
    evaluations: int
    design_points: tuple[DesignPoint, ...]
    importance: dict[str, float]
    sigma_sensitivity: dict[str, float]
    mean_sensitivity: dict[str, float]

    @property
    def value(self) -> float:
        """The probability [1]."""
        return self.estimate.value

    @property
    def low(self) -> float:
        """Lower end of the interval [1]."""
        return self.estimate.low

    @property
    def high(self) -> float:
        """Upper end of the interval [1]."""
        return self.estimate.high

    @property
    def method(self) -> str:
        """How it was obtained."""
        return self.estimate.method

    @property
    def beta(self) -> float:
        """Distance of the nearest design point [sigma]."""
        return self.design_points[0].beta

    @property
    def fails_first(self) -> str:
        """The variable that moves furthest towards the nearest failure."""
        return max(self.importance, key=lambda name: self.importance[name])


def tail_probability(
    integral: Integral,
    points: Sequence[DesignPoint],
    nearest: FloatArray,
    names: Sequence[str],
    *,
    evaluations: int,
    cost_s: float,
    opposite: FloatArray | None = None,
) -> TailProbability:
    """Result of an integral.

    Parameters
    ----------
    integral : Integral
        Probability of the failure, or of its opposite.
    points : sequence of DesignPoint
        The nearest first.
    nearest : (size,) array
        Coordinates of the nearest.
    names : sequence of str
        Of the variables.
    evaluations, cost_s
        Kept in the result.
    opposite : (size,) array, optional
        Given where the integral is that of the opposite event: signs with which its means count.
    """
    value = math.exp(integral.log_value)
    low, high = (
        value * max(0.0, 1.0 - integral.relative_half_width),
        value * (1.0 + integral.relative_half_width),
    )
    log_value, factor, signs = integral.log_value, 1.0, np.ones(len(names))
    if opposite is not None:
        value, low, high = 1.0 - min(value, 1.0), 1.0 - high, 1.0 - low
        log_value = math.log1p(-min(math.exp(integral.log_value), 1.0 - 1e-16))
        factor, signs = -math.exp(integral.log_value - log_value), opposite
    estimate = Estimate(
        value=min(value, 1.0),
        low=max(low, 0.0),
        high=min(high, 1.0),
        method=integral.method,
        trials=integral.trials,
        stop_reason=integral.stop_reason,
        events=0,
        confidence=integral.confidence,
        cost_s=cost_s,
    )
    length = float(nearest @ nearest)
    shares = nearest**2 / length if length > 0.0 else np.full(len(names), 1.0 / len(names))
    return TailProbability(
        estimate=estimate,
        log_value=log_value,
        evaluations=evaluations,
        design_points=tuple(points),
        importance=named(names, shares),
        sigma_sensitivity=named(names, factor * (integral.second - 1.0)),
        mean_sensitivity=named(names, factor * signs * integral.first),
    )


def named(names: Sequence[str], values: FloatArray) -> dict[str, float]:
    """Values by the names of the variables."""
    return dict(zip(names, values.tolist(), strict=True))
