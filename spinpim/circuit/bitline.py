"""The bit line: how the sensed end of a distributed RC line follows the cells, and when it may be sensed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.optimize import brentq

from spinpim.checks import finite, instance
from spinpim.circuit.bent_modes import bent_modes
from spinpim.circuit.line_modes import line_modes, unsettled
from spinpim.errors import InputError

LONGEST_WAIT = 60.0
"""Time constants within which a strobe is sought; the smallest residual, 1e-15, is reached after 35."""

Mode = tuple[float, float]
"""Share of the step [1] and rate [1/s]."""

Bend = tuple[float, float, float, float]
"""How far cells are from ohmic at 0, 1/3, 2/3 and all of the way to their level; see `line_settling`."""
OHMIC: Bend = (0.0, 0.0, 0.0, 0.0)


LEAST_OHM, LARGEST_OHM, LARGEST_F, LARGEST_A, LARGEST_S = 1e-6, 1e15, 1e-3, 1.0, 1e6
"""Far beyond any line, so that no product leaves the range of a double."""


@dataclass(frozen=True, slots=True)
class Settling:
    r"""Approach of one level to its settled value.

    .. math:: V(t) = V_0 + \Delta V \Bigl(1 - \sum_k f_k e^{-\lambda_k t}\Bigr), \qquad \sum_k f_k = 1

    Attributes
    ----------
    start_V, swing_V : float
        Voltage at the opening of the word line and total change [V].
    modes : tuple of Mode
        The slowest two modes of the line, one that stands for all faster ones, and overtones of the slowest
        where the cells are not ohmic; see `line_settling`.
    load_time_constant_s : float
        RC load that follows the line, as behind a clamp [s]; 0 without one.
    """

    start_V: float
    swing_V: float
    modes: tuple[Mode, ...]
    load_time_constant_s: float = 0.0

    @property
    def settled_V(self) -> float:
        """Voltage after a long time [V]."""
        return self.start_V + self.swing_V

    @property
    def time_constant_s(self) -> float:
        """Time constant of the last exponential to die away [s]; 0 where the level has settled at once."""
        line = (1.0 / rate for share, rate in self.modes if share)
        return max(self.load_time_constant_s, *line, 0.0)

    @property
    def mean_delay_s(self) -> float:
        """Mean delay of the swing, its missing part integrated over time [s]: the Elmore delay, exact."""
        return self.load_time_constant_s + sum(share / rate for share, rate in self.modes)

    def value_V(self, time_s: float) -> float:
        """Voltage at a time after the opening of the word line [V]."""
        return self.start_V + self.swing_V * self.followed(time_s)

    def _followed(self, time_s: float) -> float:
        return 1.0 - float(unsettled(self.modes, self._load_rate_per_s, time_s))

    def followed(self, time_s: float) -> float:
        """How much of a small change of the drive has arrived at a time [1]."""
        return self._followed(_time(time_s))

    def integral_V_s(self, time_s: float) -> float:
        """Time integral of the voltage since the opening of the word line [V s].

        Times the constant current into the line it is the energy that the line and its cells have taken.
        """
        time_s = _time(time_s)
        missing = sum(share * -math.expm1(-rate * time_s) / rate for share, rate in self.modes)
        if self.load_time_constant_s > 0.0:
            # The load passes on what the line has done, but for what it still lacks itself.
            missing += self.load_time_constant_s * self.followed(time_s)
        return self.start_V * time_s + self.swing_V * (time_s - missing)

    @property
    def _load_rate_per_s(self) -> float:
        return 1.0 / self.load_time_constant_s if self.load_time_constant_s > 0.0 else math.inf


def line_settling(
    current_A: float,
    cell_ohm: float,
    *,
    wire_F: float,
    near_F: float = 0.0,
    wire_ohm: float = 0.0,
    position: float = 1.0,
    bend: Bend = OHMIC,
) -> Settling:
    r"""Near end of a line that a constant current charges from there against the cells.

    .. math::

        \beta c_0 + \tan\alpha = 0, \quad \tan(\alpha - \beta p) = \tan\beta(1 - p) - g/\beta, \qquad
        \lambda = \frac{\beta^2}{R_w C_w}, \quad g = \frac{R_w}{R}, \quad c_0 = \frac{C_0}{C_w}

    for cells at the position p along the wire; at the far end
    :math:`\beta c_0 (\beta + g \tan\beta) = g - \beta\tan\beta`. Each root has the share

    .. math::

        f = \frac{g}{1 + g p}\,\frac{2}{\beta^2 (c_0 + (1 + \beta^2 c_0^2)\,d\alpha/d\beta)}

    Cells that are not ohmic bend the slowest mode; u is the part of the way from the start to the settled
    level at the cells:

    .. math:: i(u) = i_\infty - \frac{v_\infty - v_0}{R} (1 - u)(1 + k(u)), \qquad
              \dot y = -\lambda y \Bigl(1 + \frac{d\ln\lambda}{d\ln g} k\Bigr)

    Parameters
    ----------
    current_A : float
        Current into the near end from time 0 on [A].
    cell_ohm : float
        Cells in parallel [ohm], > 0.
    wire_F, near_F : float
        Capacitance spread along the wire, and that at its near end [F], >= 0.
    wire_ohm : float
        Resistance of the whole wire [ohm], >= 0.
    position : float
        Where the cells are, from 0 (near end) to 1 (far end, the slowest). The near end need not be the
        fastest: the wire behind a cell takes time, too.
    bend : tuple of float
        k at u = 0, 1/3, 2/3 and 1 [1], above -1; 0 for ohmic cells. The resistance is that of the settled
        level. k(0) is 0 where cells without voltage draw nothing.

    Returns
    -------
    Settling
        From 0 to I (R + p R_w).

    Raises
    ------
    InputError
        If a resistance or capacitance is negative, there is no cell, or the position is off the line.

    Notes
    -----
    The two slowest modes are exact; one more stands for all faster ones, with their share and their time
    integral, so that settled value, delay and energy are exact. From a tenth of the mean delay on, the
    voltage is within 0.1 % of the settled one for far cells with up to 1.5 times their resistance in the
    wire, and within 0.3 % for any position and up to 15 times.

    A bend is solved for the slowest mode, with the rate and the amplitude of its tail; the others follow to
    first order. With a bend of 0.1 at the end the voltage is within 0.05 % of a nonlinear ladder from one and
    a half mean delays on, for any position and up to five times the cells' resistance in the wire; with 0.3
    and a short wire within 0.2 % from half the mean delay on.

    The drop of the current in the wire, I p R_w, is part of the level. Reference columns have their cells in
    the same rows and so the same drop: no step between levels contains it, but the common mode that the
    amplifier sees moves with the row, by up to I R_w. Cells of several rows are taken at one position.

    Examples
    --------
    >>> settling = line_settling(1e-5, 3333.0, wire_F=30e-15, wire_ohm=5e3)
    >>> round(1e12 * settling_time_s(settling, math.exp(-1)), 1)  # Elmore: 175
    126.6

    References
    ----------
    Modes of a loaded line, derived here; the mean delay is that of W. C. Elmore, J. Appl. Phys. 19, 55
    (1948), doi:10.1063/1.1697872.
    """
    cell = finite("cell_ohm", cell_ohm, LEAST_OHM, LARGEST_OHM)
    near, wire, spread, place = _wire(near_F, wire_ohm, wire_F, position)
    modes = bent_modes(False, 0.0, near, wire, spread, 1.0 / cell, place, _checked_bend(bend))
    current = finite("current_A", current_A, -LARGEST_A, LARGEST_A)
    return Settling(0.0, current * (cell + place * wire), modes)


def clamp_settling(
    start_V: float,
    swing_V: float,
    cell_ohm: float,
    clamp_ohm: float,
    *,
    wire_F: float,
    near_F: float = 0.0,
    wire_ohm: float = 0.0,
    position: float = 1.0,
    load_time_constant_s: float = 0.0,
    bend: Bend = OHMIC,
) -> Settling:
    """Output of a clamp that holds the near end of a line, after the cells begin to draw their current.

    The line is at the clamp's voltage before; the cells' current reaches the clamp through the wire, which is
    the same modes as in `line_settling` with the clamp's conductance at the near end, and then charges the
    load.

    Parameters
    ----------
    start_V, swing_V : float
        Output before, and its settled change [V].
    cell_ohm, clamp_ohm : float
        Cells in parallel; input resistance of the clamp [ohm], > 0.
    wire_F, near_F, wire_ohm, position, bend
        As in `line_settling`; the way of the cells begins at the voltage at which the clamp holds the line
        without current, where they draw more than at the end.
    load_time_constant_s : float
        Load resistance times capacitance of the output [s], >= 0.

    Returns
    -------
    Settling

    Raises
    ------
    InputError
        If a resistance or capacitance is negative, or the position is off the line.

    Notes
    -----
    The clamp is its input resistance whatever it carries. Two modes and one for the rest are within
    0.05 % of a ladder for a wire of the clamp's resistance, within 0.3 % for five times that.

    Examples
    --------
    >>> settling = clamp_settling(1.0, -0.3, 5e3, 1e3, wire_F=80e-15, wire_ohm=600.0)
    >>> settling_time_s(settling, 0.1) < 5 * 1.3e3 * 80e-15
    True
    """
    cell = finite("cell_ohm", cell_ohm, LEAST_OHM, LARGEST_OHM)
    clamp = finite("clamp_ohm", clamp_ohm, LEAST_OHM, LARGEST_OHM)
    near, wire, spread, place = _wire(near_F, wire_ohm, wire_F, position)
    modes = bent_modes(True, 1.0 / clamp, near, wire, spread, 1.0 / cell, place, _checked_bend(bend))
    load = finite("load_time_constant_s", load_time_constant_s, 0.0)
    return Settling(finite("start_V", start_V), finite("swing_V", swing_V), modes, load)


def reset_time_s(
    reset_ohm: float, wire_F: float, wire_ohm: float, residual: float, near_F: float = 0.0
) -> float:
    """Time to take a whole line to ground between two accesses, but for a residual at its far end.

    Parameters
    ----------
    reset_ohm : float
        Reset transistor at the near end [ohm], > 0.
    wire_F, wire_ohm : float
        Capacitance spread along the wire [F] and resistance of the whole wire [ohm], >= 0.
    residual : float
        Part of the line voltage that is left [1], between 0 and 1.
    near_F : float
        Capacitance at the near end [F], >= 0.

    Returns
    -------
    float
        Time [s].

    Raises
    ------
    InputError
        If a resistance or capacitance is negative, or the residual is not between 0 and 1.

    Notes
    -----
    The cells are shut; the whole line is at one voltage before, and what is left is largest at the far end.
    The transistor is taken at one resistance. With that near ground the time is too short by what a higher
    line saturates it, some 4 % for the shipped line from 0.28 V.

    Examples
    --------
    >>> round(1e12 * reset_time_s(300.0, 100e-15, 0.0, 1e-3), 1)  # ln 1000 times 30 ps
    207.2
    """
    reset = finite("reset_ohm", reset_ohm, LEAST_OHM, LARGEST_OHM)
    near, wire, spread, place = _wire(near_F, wire_ohm, wire_F, 1.0)
    modes, _ = line_modes(True, 1.0 / reset, near, wire, spread, 0.0, place)
    return settling_time_s(Settling(1.0, -1.0, modes), residual)


def settling_time_s(settling: Settling, residual: float) -> float:
    """Time after which a level lacks no more than a residual of its swing.

    Parameters
    ----------
    settling : Settling
        The level.
    residual : float
        Part of the swing that is missing [1], between 0 and 1.

    Returns
    -------
    float
        Time after the opening of the word line [s].

    Raises
    ------
    InputError
        If the residual is not between 0 and 1.
    """
    instance("settling", settling, Settling, "line_settling(...)")
    sought = finite("residual", residual, above=0.0, high=1.0)
    return _time_of(lambda time_s: 1.0 - settling._followed(time_s) - sought, settling.time_constant_s)


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

    Raises
    ------
    InputError
        If the upper level does not settle above the lower one, or the residual is not between 0 and 1.

    Examples
    --------
    >>> high = line_settling(3e-5, 1e4, wire_F=1e-13)
    >>> low = Settling(0.0, 0.2, high.modes)
    >>> round(1e9 * strobe_time_s(high, low, 0.05), 3)  # ln 20
    2.996
    """
    for name, one in (("upper", upper), ("lower", lower)):
        instance(f"{name} level", one, Settling, "line_settling(...)")
    sought = finite("residual", residual, above=0.0, high=1.0)
    step = upper.settled_V - lower.settled_V
    if not step > 0.0:
        raise InputError(
            f"The levels to be told apart settle at {upper.settled_V:.4g} and {lower.settled_V:.4g} V: the "
            "first must lie above the second. Check the order of the levels and the magnetoresistance."
        )

    def missing(time_s: float) -> float:
        high, low = (one.start_V + one.swing_V * one._followed(time_s) for one in (upper, lower))
        return 1.0 - sought - (high - low) / step

    return _time_of(missing, max(upper.time_constant_s, lower.time_constant_s))


def _time_of(missing: Callable[[float], float], slowest_s: float) -> float:
    """Last time at which what is missing falls through 0."""
    if slowest_s <= 0.0:
        return 0.0
    return float(brentq(missing, 0.0, LONGEST_WAIT * slowest_s, xtol=1e-9 * slowest_s, rtol=1e-12))


def _checked_bend(bend: Bend) -> Bend:
    """Four finite numbers above -1: cells that draw more at a higher voltage."""
    if not isinstance(bend, tuple) or len(bend) != len(OHMIC):
        raise InputError(f"bend must be a tuple of {len(OHMIC)} numbers; instead received {bend!r:.60}.")
    start, third, two_thirds, end = (finite("bend", one, above=-1.0) for one in bend)
    return start, third, two_thirds, end


def _wire(
    near_F: float, wire_ohm: float, wire_F: float, position: float
) -> tuple[float, float, float, float]:
    """Numbers of a wire as `line_modes` takes them."""
    return (
        finite("near_F", near_F, 0.0, LARGEST_F),
        finite("wire_ohm", wire_ohm, 0.0, LARGEST_OHM),
        finite("wire_F", wire_F, 0.0, LARGEST_F),
        finite("position", position, 0.0, 1.0),
    )


def _time(time_s: float) -> float:
    return finite("time_s", time_s, 0.0, LARGEST_S)
