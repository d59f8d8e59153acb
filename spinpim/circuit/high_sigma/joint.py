"""How often two margins can fail together at most, from their design points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from spinpim.circuit.high_sigma.tail import TailProbability

FloatArray = NDArray[np.float64]


def joint_bound(parts: Sequence[TailProbability], names: Sequence[str]) -> float:
    """First-order bound of the probability that two margins fail together, over all pairs."""
    points = [
        [
            (point.beta, np.array([point.variables.get(name, 0.0) for name in names]))
            for point in part.design_points
        ]
        for part in parts
    ]
    return sum(
        _half_spaces(*one, *other)
        for first, second in combinations(points, 2)
        for one in first
        for other in second
    )


def _half_spaces(beta: float, point: FloatArray, other_beta: float, other: FloatArray) -> float:
    r"""Upper bound of the probability of two half spaces together.

    For directions of correlation rho > 0 the sum of the probabilities of each limit with what is left of the
    other beyond it, else the smaller of the two (O. Ditlevsen, J. Struct. Mech. 7, 453 (1979)).
    """
    length = max(beta * other_beta, 1e-300)
    correlation = min(max(float(point @ other) / length, -1.0), 1.0)
    rest = math.sqrt(max(1.0 - correlation**2, 1e-12))
    first = float(ndtr(-beta) * ndtr(-(other_beta - correlation * beta) / rest))
    second = float(ndtr(-other_beta) * ndtr(-(beta - correlation * other_beta) / rest))
    return first + second if correlation > 0.0 else min(first, second)
