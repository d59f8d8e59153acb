"""The reference of a column: where it lies between two levels and how far it strays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

ITERATIONS = 200
"""Bound of the loop; the point converges in some five steps."""
TOLERANCE_V = 1e-15
"""Rounding error of a voltage of about a volt."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One of the two levels next to a reference, at the strobe.

    Attributes
    ----------
    level_V : float
        Mean level [V].
    cell_sigma_V, drive_sigma_V, noise_sigma_V : float
        Spread by the cells and by the column's drive, noise of one access [V].
    """

    level_V: float
    cell_sigma_V: float
    drive_sigma_V: float
    noise_sigma_V: float


@dataclass(frozen=True, slots=True)
class Reference:
    """A placed reference.

    Attributes
    ----------
    voltage_V : float
        Mean [V].
    shared_sigma_V : float
        Spread of the averaged reference columns, the same for all columns that share them [V].
    drive_sigma_V : float
        Drive mismatch of the sensed column, taken at that neighbouring level where it is larger [V].
    noise_sigma_V : float
        Noise of one access [V].
    """

    voltage_V: float
    shared_sigma_V: float
    drive_sigma_V: float
    noise_sigma_V: float

    @property
    def sigma_V(self) -> float:
        """Spread of both causes together, over columns of many chips [V]."""
        return math.hypot(self.shared_sigma_V, self.drive_sigma_V)


def equal_z_point(lower_V: float, lower_sigma_V: float, upper_V: float, upper_sigma_V: float) -> float:
    r"""Point that lies equally many standard deviations from two levels.

    .. math:: r = \frac{\mu_0 \sigma_1 + \mu_1 \sigma_0}{\sigma_0 + \sigma_1}

    Parameters
    ----------
    lower_V, lower_sigma_V : float
        Lower level and its standard deviation [V].
    upper_V, upper_sigma_V : float
        Upper level and its standard deviation [V].

    Returns
    -------
    float
        The point [V]; the middle if neither level spreads.

    Examples
    --------
    >>> round(equal_z_point(0.2, 0.005, 0.3, 0.015), 6)
    0.225
    """
    total = lower_sigma_V + upper_sigma_V
    if total == 0.0:
        return 0.5 * (lower_V + upper_V)
    return (lower_V * upper_sigma_V + upper_V * lower_sigma_V) / total


def place_reference(
    lower: Neighbour, upper: Neighbour, offset_sigma_V: Callable[[float], float], column_pairs: int
) -> Reference:
    """Place a reference made of pairs of columns so that both neighbouring levels err equally often.

    Each pair has one column at the lower and one at the upper level; the reference is their weighted mean,
    averaged over the pairs. The standard deviations in the equal-z point are those of everything static that
    enters the comparison: cells, drive, amplifier offset at its common mode, and the reference itself, which
    is why the point is found by iteration.

    Parameters
    ----------
    lower, upper : Neighbour
        The two levels.
    offset_sigma_V : callable
        Amplifier offset [V] at a common mode [V].
    column_pairs : int
        Number of pairs, >= 1.

    Returns
    -------
    Reference
        Mean, spread and noise.
    """
    point = 0.5 * (lower.level_V + upper.level_V)
    drive = max(lower.drive_sigma_V, upper.drive_sigma_V)
    for _ in range(ITERATIONS):
        sigma = math.hypot(_shared_sigma_V(point, lower, upper, column_pairs), drive)
        totals = [
            math.hypot(sigma, one.cell_sigma_V, offset_sigma_V(0.5 * (point + one.level_V)))
            for one in (lower, upper)
        ]
        before, point = point, equal_z_point(lower.level_V, totals[0], upper.level_V, totals[1])
        if abs(point - before) < TOLERANCE_V:
            break
    share = _upper_share(point, lower, upper)
    noise = math.hypot((1.0 - share) * lower.noise_sigma_V, share * upper.noise_sigma_V)
    shared = _shared_sigma_V(point, lower, upper, column_pairs)
    return Reference(point, shared, drive, noise / math.sqrt(column_pairs))


def _shared_sigma_V(point_V: float, lower: Neighbour, upper: Neighbour, column_pairs: int) -> float:
    share = _upper_share(point_V, lower, upper)
    low = (1.0 - share) * math.hypot(lower.cell_sigma_V, lower.drive_sigma_V)
    high = share * math.hypot(upper.cell_sigma_V, upper.drive_sigma_V)
    return math.hypot(low, high) / math.sqrt(column_pairs)


def _upper_share(point_V: float, lower: Neighbour, upper: Neighbour) -> float:
    return (point_V - lower.level_V) / (upper.level_V - lower.level_V)
