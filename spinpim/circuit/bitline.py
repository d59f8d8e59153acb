"""The bit line: one capacitance, cells as its resistance, the wire as an Elmore term; how it settles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

FloatArray = NDArray[np.float64]
LONGEST_WAIT = 60.0
"""Time constants within which a strobe is sought; the smallest residual, 1e-15, is reached after 35."""


@dataclass(frozen=True, slots=True)
class Settling:
    """Exponential approach of one level: start + swing (1 - e^(-t/time_constant)).

    Attributes
    ----------
    start_V, swing_V : float
        Voltage at the opening of the word line and total change [V].
    time_constant_s : float
        Time constant [s].
    proportional : float
        Part of the time constant that is proportional to the level itself [1]: 1 for constant current into
        a lumped line, 0 for a clamped line.
    """

    start_V: float
    swing_V: float
    time_constant_s: float
    proportional: float

    def value_V(self, time_s: float) -> float:
        """Voltage at a time after the opening of the word line [V]."""
        return self.start_V - self.swing_V * float(np.expm1(-self._elapsed(time_s)))

    def followed(self, time_s: float) -> float:
        """How much of a small change of the drive has arrived at a time [1]."""
        return -float(np.expm1(-self._elapsed(time_s)))

    def sensitivity(self, time_s: float) -> float:
        r"""How much of a small change of the settled level has arrived at a time [1].

        .. math:: 1 - e^{-x} (1 + p x), \qquad x = t/\tau

        A cell of higher resistance also settles later, which the second term takes back.
        """
        elapsed = self._elapsed(time_s)
        return 1.0 - math.exp(-elapsed) * (1.0 + self.proportional * min(elapsed, 700.0))

    def _elapsed(self, time_s: float) -> float:
        # Settled: e^-708 is the smallest power that a float holds in full.
        return min(time_s / self.time_constant_s, 700.0) if self.time_constant_s > 0.0 else 700.0


def line_time_constant_s(
    resistance_ohm: ArrayLike, capacitance_F: float, wire_ohm: float = 0.0
) -> FloatArray:
    r"""Time constant of a line that a constant current charges against the cells, sensed at the near end.

    .. math:: V(t) = I R (1 - e^{-t/\tau}), \qquad \tau = R C + \tfrac12 R_w C

    Parameters
    ----------
    resistance_ohm : array
        Cells in parallel [ohm].
    capacitance_F : float
        Whole line [F].
    wire_ohm : float
        Resistance of the whole wire [ohm]; the cell is taken at the far end.

    Returns
    -------
    array
        Time constant [s].

    Notes
    -----
    First order. The Elmore delay is an upper bound of the 63 % time of the distributed line: 1 % high for
    R_w/R = 0.03, 13 % for 0.3, 38 % for 1.5. The direct drop of the current in the wire, the same at every
    cell of the far end, is left out, as it is in the reference line.

    Examples
    --------
    >>> round(1e9 * float(line_time_constant_s(7e3, 30e-15, 500.0)), 4)
    0.2175

    References
    ----------
    W. C. Elmore, J. Appl. Phys. 19, 55 (1948), doi:10.1063/1.1697872.
    """
    return (np.asarray(resistance_ohm, dtype=np.float64) + 0.5 * wire_ohm) * capacitance_F


def reset_time_s(reset_ohm: float, capacitance_F: float, wire_ohm: float, residual: float) -> float:
    r"""Time to take a line to ground between two accesses, but for a residual.

    .. math:: t = (R_{on} + \tfrac12 R_w)\, C \ln\frac{1}{r}

    Parameters
    ----------
    reset_ohm : float
        Reset transistor at the near end, at zero current [ohm].
    capacitance_F : float
        Whole line [F].
    wire_ohm : float
        Resistance of the whole wire [ohm].
    residual : float
        Part of the line voltage that is left [1], between 0 and 1.

    Returns
    -------
    float
        Time [s].

    Notes
    -----
    The cells are shut. The transistor is taken at its resistance near ground; that it carries less from a
    higher line is outweighed by the Elmore delay, which counts the wire too high: the shipped line as a
    ladder with the transistor's full characteristic is at a third of the residual by this time.

    Examples
    --------
    >>> round(1e12 * reset_time_s(300.0, 100e-15, 600.0, 1e-3), 1)  # ln 1000 times 60 ps
    414.5
    """
    return (reset_ohm + 0.5 * wire_ohm) * capacitance_F * -math.log(residual)


def strobe_time_s(upper: Settling, lower: Settling, residual: float) -> float:
    """Time at which the step between two levels has settled but for a residual.

    Parameters
    ----------
    upper, lower : Settling
        The two levels that are to be told apart.
    residual : float
        Part of the settled step that is still missing [1], between 0 and 1.

    Returns
    -------
    float
        Time after the opening of the word line [s].

    Examples
    --------
    >>> high, low = Settling(0.0, 0.3, 1e-9, 1.0), Settling(0.0, 0.2, 1e-9, 1.0)
    >>> round(1e9 * strobe_time_s(high, low, 0.05), 3)  # ln 20
    2.996
    """
    settled = upper.start_V + upper.swing_V - lower.start_V - lower.swing_V

    def missing(time_s: float) -> float:
        return (upper.value_V(time_s) - lower.value_V(time_s)) / settled - (1.0 - residual)

    slowest = max(upper.time_constant_s, lower.time_constant_s)
    if slowest == 0.0:
        return 0.0
    return float(brentq(missing, 0.0, LONGEST_WAIT * slowest, xtol=1e-9 * slowest, rtol=1e-12))
