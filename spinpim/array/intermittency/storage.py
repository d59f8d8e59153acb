r"""The capacitor between source and memory.

.. math::

    \frac{dE}{dt} = \eta_c P - \frac{E}{\tau} - \frac{P_{load}}{\eta_s}, \qquad E = \tfrac12 C V^2,
    \qquad \tau = \tfrac12 R C

While source and load are constant,

.. math::

    E(t) = E_\infty + (E_0 - E_\infty) e^{-t/\tau}, \qquad E_\infty = \tau (\eta_c P - P_{load} / \eta_s)

which rises or falls all the time, so that a level is crossed at most once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.checks import finite
from spinpim.errors import InputError

LIMITS = {
    "capacitance_F": (1e-18, 1e6),
    "on_V": (1e-6, 1e6),
    "off_V": (0.0, 1e6),
    "highest_V": (1e-6, 1e6),
    "warning_V": (0.0, 1e6),
}
"""Numbers beyond are mistakes, and would not be held by the arithmetic."""

OPTIONAL = ("highest_V", "warning_V")


@dataclass(frozen=True, slots=True)
class Storage:
    """A capacitor with its thresholds and converters.

    Attributes
    ----------
    capacitance_F : float
        Capacitance [F].
    on_V, off_V : float
        Voltages at which the memory is switched on, rising, and off, falling [V].
    highest_V : float or None
        Voltage at which what arrives is turned away [V]; None: that of ``on_V`` and a tenth.
    warning_V : float or None
        Voltage, falling, at which policies that wait for a warning save [V]; None: the lowest that leaves
        what their costliest save needs.
    leakage_ohm : float
        Resistance through which it discharges itself [ohm]; ``math.inf``: none.
    charging_efficiency, supplying_efficiency : float
        Share of the power of the source that arrives, and share of what leaves that reaches the memory [1].

    Raises
    ------
    InputError
        If a number is out of range, or the voltages do not rise from off to on to highest.

    Examples
    --------
    >>> storage = Storage(1e-6, on_V=2.0, off_V=1.8)
    >>> round(1e6 * storage.burst_J, 2)
    0.38
    """

    capacitance_F: float
    on_V: float
    off_V: float
    highest_V: float | None = None
    warning_V: float | None = None
    leakage_ohm: float = math.inf
    charging_efficiency: float = 1.0
    supplying_efficiency: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name, limits in LIMITS.items():
            given = getattr(self, name)
            if given is not None or name not in OPTIONAL:
                object.__setattr__(self, name, finite(name, given, *limits))
        if not self.off_V < self.on_V <= self.top_V:
            raise InputError(
                f"off_V, on_V and highest_V must rise: the memory is switched off at {self.off_V:g} V, on at "
                f"{self.on_V:g} V, and nothing is stored above {self.top_V:g} V."
            )
        if self.warning_V is not None and not self.off_V < self.warning_V < self.on_V:
            raise InputError(
                f"warning_V must lie between off_V, {self.off_V:g} V, and on_V, {self.on_V:g} V; it is "
                f"{self.warning_V:g} V."
            )
        if not (isinstance(self.leakage_ohm, float) and self.leakage_ohm == math.inf):
            object.__setattr__(self, "leakage_ohm", finite("leakage_ohm", self.leakage_ohm, above=0.0))
        for name in ("charging_efficiency", "supplying_efficiency"):
            object.__setattr__(self, name, finite(name, getattr(self, name), high=1.0, above=0.0))

    @property
    def top_V(self) -> float:
        """Highest voltage [V]."""
        return 1.1 * self.on_V if self.highest_V is None else self.highest_V

    @property
    def burst_J(self) -> float:
        """Energy between on and off, without what arrives meanwhile, at the capacitor [J]."""
        return self.energy_J(self.on_V) - self.energy_J(self.off_V)

    @property
    def forgetting_s(self) -> float:
        """Time in which its energy falls to 1/e by itself [s]."""
        return 0.5 * self.leakage_ohm * self.capacitance_F

    def energy_J(self, voltage_V: float) -> float:
        """Energy at a voltage [J]."""
        return 0.5 * self.capacitance_F * voltage_V**2
