"""What every method of integration returns: logarithm, error, and the means over the failures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Integral:
    """A failure probability in logarithms with its moments.

    Attributes
    ----------
    method : str
        Name of the method.
    log_value : float
        Natural logarithm of the probability.
    relative_half_width : float
        Half the interval over the value [1].
    first, second : (size,) array
        Means of u and u^2 over the failures.
    trials : int
        Points drawn; 0 where nothing is drawn.
    confidence : float
        Coverage of the interval; see `TailProbability`.
    stop_reason : str
        Why the work ended.
    reached : bool
        Whether the wanted error was reached, as far as the method can tell.
    """

    method: str
    log_value: float
    relative_half_width: float
    first: FloatArray
    second: FloatArray
    trials: int
    confidence: float
    stop_reason: str
    reached: bool


def weighted_mean(log_weights: FloatArray, values: FloatArray) -> FloatArray:
    """Mean of rows with weights given by their logarithms; 0 where all weights vanish."""
    top = float(np.max(log_weights))
    if not np.isfinite(top):
        return np.zeros(values.shape[1])
    weights = np.exp(log_weights - top)
    return np.asarray(weights @ values / np.sum(weights))


def log_sum(values: FloatArray) -> float:
    """Logarithm of the sum of exponentials."""
    top = float(np.max(values))
    return top + float(np.log(np.sum(np.exp(values - top)))) if np.isfinite(top) else -np.inf
