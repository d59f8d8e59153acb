"""When a line may be sensed: after it has settled, before it has leaked or a cell is at risk."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.checks import finite, is_number
from spinpim.circuit.bitline import Settling, strobe_time_s
from spinpim.errors import InputError


@dataclass(frozen=True, slots=True)
class SensingWindow:
    """Times after the opening of the word line between which a strobe is allowed.

    Attributes
    ----------
    earliest_s, latest_s : float
        The window [s]; the latest is infinite where nothing limits it.
    limit : str
        What ends it: "disturb", "leakage" or "none".
    """

    earliest_s: float
    latest_s: float
    limit: str


def sensing_window(
    upper: Settling,
    lower: Settling,
    residual: float,
    *,
    disturb_rate_per_s: float = 0.0,
    disturb_budget: float = 1.0,
    leakage_A: float = 0.0,
    capacitance_F: float = 0.0,
    droop_V: float = math.inf,
) -> SensingWindow:
    r"""Window of a strobe between two levels.

    .. math::

        t_{disturb} = -\frac{\ln(1 - p)}{\Gamma}, \qquad t_{leakage} = \frac{C\,\Delta V}{I_{leak}}

    Parameters
    ----------
    upper, lower : Settling
        The levels.
    residual : float
        Part of the step that may be missing at the earliest strobe [1], between 0 and 1.
    disturb_rate_per_s, disturb_budget : float
        Escape rate of the worst cell under the read voltage [1/s], and what one access may risk [1].
    leakage_A, capacitance_F, droop_V : float
        Of a line that is held without its current: leakage [A], capacitance [F], and what may be lost [V]. A
        line that keeps its current has a shift instead, the same at all times.

    Returns
    -------
    SensingWindow

    Raises
    ------
    InputError
        If a number is out of range, or the window is empty.

    Examples
    --------
    >>> from spinpim.circuit.bitline import line_settling
    >>> high, low = (line_settling(2e-5, ohm, wire_F=8e-14, wire_ohm=600.0) for ohm in (6e3, 4e3))
    >>> window = sensing_window(high, low, 0.1, disturb_rate_per_s=1e-3, disturb_budget=1e-10)
    >>> window.limit, round(1e9 * window.latest_s)
    ('disturb', 100)
    """
    rate = finite("disturb_rate_per_s", disturb_rate_per_s, 0.0)
    budget = finite("disturb_budget", disturb_budget, 0.0, 1.0)
    leakage = finite("leakage_A", leakage_A, 0.0)
    capacitance = finite("capacitance_F", capacitance_F, 0.0)
    droop = math.inf if is_number(droop_V) and droop_V == math.inf else finite("droop_V", droop_V, 0.0)
    limits = {"none": math.inf}
    if rate > 0.0 and budget < 1.0:
        limits["disturb"] = -math.log1p(-budget) / rate
    if leakage > 0.0 and droop < math.inf:
        limits["leakage"] = capacitance * droop / leakage
    limit = min(limits, key=lambda name: limits[name])
    window = SensingWindow(strobe_time_s(upper, lower, residual), limits[limit], limit)
    if window.latest_s < window.earliest_s:
        raise InputError(
            f"No strobe is possible: the step has settled after {1e9 * window.earliest_s:.4g} ns, but "
            f"{limit} ends the window at {1e9 * window.latest_s:.4g} ns. Allow a larger residual, "
            "or lower the read current or the leakage."
        )
    return window
