"""What a write transistor passes in each direction: channel current, its spread, and the width it needs."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from spinpim.checks import broadcast, column_temperature_K, finite, finite_array, flag, instance
from spinpim.circuit.file_ranges import CELL, settle
from spinpim.circuit.transistor import Transistor
from spinpim.circuit.write_kernel import series_current, series_currents
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
KEYS = {
    "gate_V": "write_transistor.word_line_voltage",
    "supply_V": "write_transistor.supply",
    "driver_ohm": "write_transistor.driver_resistance",
}
"""File key of each number of a path that a cell file holds."""
LARGEST_OHM = 1e9
"""A channel of this resistance carries no write current from any supply."""


@dataclass(frozen=True, slots=True)
class WritePath:
    """Supply, driver, channel and write transistor in series.

    The transistor joins the +x end of the channel to its write line. A positive current leaves through it:
    its source is at the driver's ground and it has nearly its full gate drive. A negative one enters through
    it: its source sits on top of the channel and follows the gate. Half of the driver resistance lies on
    either side.

    Attributes
    ----------
    transistor : Transistor
        Write transistor.
    gate_V, supply_V : float
        Word line and driver supply [V].
    channel_ohm, driver_ohm : float
        Channel; both drivers and write lines together [ohm].
    temperature_K : float
        Temperature [K]; that of the transistor, the resistances are taken as constant.
    """

    transistor: Transistor
    gate_V: float
    supply_V: float
    channel_ohm: float
    driver_ohm: float
    temperature_K: float

    def __post_init__(self) -> None:
        """Refuse numbers that no path can have."""
        instance("transistor of the write path", self.transistor, Transistor, "cell.write_transistor")
        settle(self, KEYS, CELL, of=" of the write path")
        object.__setattr__(self, "channel_ohm", finite("channel_ohm", self.channel_ohm, 0.0, LARGEST_OHM))
        object.__setattr__(self, "temperature_K", column_temperature_K(self.temperature_K))
        self.transistor.refuse_closed("The write word line", self.gate_V)

    @property
    def lower_ohm(self) -> float:
        """Half of the driver resistance: what lies between the path and either rail [ohm]."""
        return 0.5 * self.driver_ohm


@dataclass(frozen=True, slots=True)
class DeliveredCurrent:
    """What a write path delivers in one direction at full drive.

    Attributes
    ----------
    current_A : float
        Channel current, signed [A].
    follower : bool
        Whether the transistor is a source follower on top of the channel.
    saturated : bool
        Whether its carriers run at their saturated velocity or its channel is pinched off; else triode.
    per_threshold_S, per_supply_S : float
        Slopes of the size of the current against threshold voltage and supply [A/V].
    sigma_A : float
        Standard deviation by the threshold mismatch of the transistor [A].
    """

    current_A: float
    follower: bool
    saturated: bool
    per_threshold_S: float
    per_supply_S: float
    sigma_A: float

    @property
    def relative_sigma(self) -> float:
        """Standard deviation over the current [1]; 0 where no current flows."""
        return self.sigma_A / abs(self.current_A) if self.current_A else 0.0


def path_current(path: WritePath, *, follower: bool) -> DeliveredCurrent:
    r"""Current of a write path in one direction.

    .. math::

        I = I_T\bigl(V_G,\; I R_S,\; V_{dd} - I R_D\bigr), \qquad
        R_S = \begin{cases} R_{drv}/2 & \text{grounded} \\ R_{ch} + R_{drv}/2 & \text{follower} \end{cases}

    and R_D the rest; I_T is the law of `Transistor.current_A`.

    Parameters
    ----------
    path : WritePath
        The path.
    follower : bool
        Direction: whether the transistor is on top of the channel.

    Returns
    -------
    DeliveredCurrent
        Positive for the grounded source, negative for the follower.

    Notes
    -----
    The spread is first order in the threshold; the shift of one standard deviation of a wide write transistor
    is some millivolts.

    Examples
    --------
    >>> transistor = Transistor(1e-6, 5e-8, 0.35, 1.135, 6e-4, 0.3, 1.47e-4, 1.72, 3.46, 2e-9, 1.5e-9)
    >>> path = WritePath(transistor, 1.2, 1.0, 800.0, 300.0, 300.0)
    >>> path_current(path, follower=False).current_A > -path_current(path, follower=True).current_A > 0
    True
    """
    follower = _direction(path, follower)
    device = path.transistor.biased(path.gate_V, path.temperature_K)
    source_ohm = path.lower_ohm + (path.channel_ohm if follower else 0.0)
    drain_ohm = path.channel_ohm + path.driver_ohm - source_ohm
    current, threshold, supply, saturated = series_current(device, source_ohm, drain_ohm, path.supply_V, 0.0)
    return DeliveredCurrent(
        current_A=-current if follower else current,
        follower=follower,
        saturated=saturated > 0.0,
        per_threshold_S=threshold,
        per_supply_S=supply,
        sigma_A=abs(threshold) * path.transistor.threshold_sigma_V,
    )


def path_currents_A(
    path: WritePath,
    *,
    follower: bool,
    width_m: ArrayLike | None = None,
    supply_V: ArrayLike | None = None,
    gate_V: ArrayLike | None = None,
) -> FloatArray:
    """Size of the current of a path for many widths, supplies and word-line voltages.

    Parameters
    ----------
    path : WritePath
        The path; what is not given is its own.
    follower : bool
        Direction, see `path_current`.
    width_m, supply_V, gate_V : array, broadcastable
        Width of the transistor [m], supply and word line [V], within the ranges of a cell file.

    Returns
    -------
    array
        Current [A], of the shape that the arguments broadcast to.

    Raises
    ------
    InputError
        If a value is out of range, or they do not broadcast.

    Examples
    --------
    >>> transistor = Transistor(1e-6, 5e-8, 0.35, 1.135, 6e-4, 0.3, 1.47e-4, 1.72, 3.46, 2e-9, 1.5e-9)
    >>> path = WritePath(transistor, 1.2, 1.0, 800.0, 300.0, 300.0)
    >>> path_currents_A(path, follower=True, width_m=[[5e-7], [1e-6]], supply_V=[0.8, 0.9, 1.0]).shape
    (2, 3)
    """
    follower = _direction(path, follower)
    given = {
        "width_m": (width_m, path.transistor.width_m, CELL["write_transistor.width"]),
        "supply_V": (supply_V, path.supply_V, CELL[KEYS["supply_V"]]),
        "gate_V": (gate_V, path.gate_V, CELL[KEYS["gate_V"]]),
    }
    width, supply, gate = broadcast(
        {
            name: finite_array(name, own if asked is None else asked, range_.low, range_.high)
            for name, (asked, own, range_) in given.items()
        }
    )
    own = path.transistor.biased(0.0, path.temperature_K)
    wider = width / path.transistor.width_m
    source_ohm = path.lower_ohm + (path.channel_ohm if follower else 0.0)
    found = series_currents(
        (own.specific_current_A * wider).ravel(),
        (own.pinch_off_V + gate / own.slope_factor).ravel(),
        (own.series_ohm / wider).ravel(),
        (own.thermal_V, own.critical_V, own.slope_factor),
        np.full(width.size, source_ohm),
        np.full(width.size, path.channel_ohm + path.driver_ohm - source_ohm),
        supply.ravel(),
    )
    currents: FloatArray = found[0].reshape(width.shape)
    return currents


def path_width_m(path: WritePath, current_A: float, *, follower: bool) -> float:
    """Width of the write transistor that delivers a current in one direction.

    Parameters
    ----------
    path : WritePath
        The path; the width of its transistor does not matter.
    current_A : float
        Size of the current [A], > 0.
    follower : bool
        Direction, see `path_current`.

    Returns
    -------
    float
        Width [m].

    Raises
    ------
    InputError
        If an argument is out of range, or no width that a cell file accepts delivers it.

    Examples
    --------
    >>> transistor = Transistor(1e-6, 5e-8, 0.35, 1.135, 6e-4, 0.3, 1.47e-4, 1.72, 3.46, 2e-9, 1.5e-9)
    >>> path = WritePath(transistor, 1.2, 1.0, 800.0, 300.0, 300.0)
    >>> path_width_m(path, 3e-4, follower=False) < path_width_m(path, 3e-4, follower=True)
    True
    """
    wanted = finite("current_A", current_A, above=0.0)
    follower = _direction(path, follower)
    widths = CELL["write_transistor.width"]

    def missing(log_width: float) -> float:
        width = min(max(math.exp(log_width), widths.low), widths.high)
        sized = dataclasses.replace(path, transistor=path.transistor.replace(width_m=width))
        return wanted - abs(path_current(sized, follower=follower).current_A)

    narrow, wide = math.log(widths.low), math.log(widths.high)
    if missing(wide) > 0.0:
        most = 1e6 * (wanted - missing(wide))
        raise InputError(
            f"No width of the write transistor delivers {1e6 * wanted:.4g} uA: at a supply of "
            f"{path.supply_V:g} V and a word line of {path.gate_V:g} V the path carries at most {most:.4g} "
            "uA. Raise the supply or the word line, or lower the channel or driver resistance."
        )
    if missing(narrow) <= 0.0:
        return widths.low
    return math.exp(brentq(missing, narrow, wide, xtol=1e-10))


def _direction(path: WritePath, follower: bool) -> bool:
    """Direction of a current; refuses what is no path."""
    instance("path", path, WritePath, "write_path(...)")
    return flag("follower", follower)
