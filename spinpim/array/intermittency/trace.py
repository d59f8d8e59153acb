"""The power that a source delivers over time, constant between its times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import finite, finite_array
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]


SHORTEST_S, LONGEST_S, STRONGEST_W = 1e-9, 1e10, 1e9
"""Of a piece, of a trace, of its power: numbers beyond are mistakes."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Power over time; at its end it begins anew.

    Attributes
    ----------
    name : str
        For reports.
    edges_s : array, shape (pieces + 1,)
        Times between which the power is constant, from 0, rising [s].
    power_W : array, shape (pieces,)
        Power of the source [W], >= 0.

    Raises
    ------
    InputError
        If the times do not rise from 0, a power is negative, or a number is not finite.

    Examples
    --------
    >>> trace = Trace("half", [0.0, 1.0, 2.0], [1e-3, 0.0])
    >>> trace.mean_power_W, trace.duration_s
    (0.0005, 2.0)
    """

    name: str
    edges_s: FloatArray
    power_W: FloatArray
    _energy_J: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the numbers and keep them from being changed."""
        edges = finite_array("edges_s", self.edges_s, 0.0)
        power = finite_array("power_W", self.power_W, 0.0, STRONGEST_W)
        if edges.ndim != 1 or power.ndim != 1 or power.size < 1 or edges.size != power.size + 1:
            raise InputError(
                f"A trace needs one time more than powers, and at least one power; {edges.size} and "
                f"{power.size} were given."
            )
        if edges[0] != 0.0 or np.any(np.diff(edges) <= 0.0):
            raise InputError("edges_s must rise from 0; sort the times and take each once.")
        if edges[-1] > LONGEST_S or np.diff(edges).min() < SHORTEST_S:
            raise InputError(
                f"a trace has pieces of at least {SHORTEST_S:g} s and lasts at most {LONGEST_S:g} s; this "
                f"one has one of {np.diff(edges).min():.3g} s and lasts {edges[-1]:.3g} s."
            )
        energy = np.concatenate(([0.0], np.cumsum(np.diff(edges) * power)))
        for name, values in (("edges_s", edges), ("power_W", power), ("_energy_J", energy)):
            values.setflags(write=False)
            object.__setattr__(self, name, values)

    @property
    def duration_s(self) -> float:
        """Time until it begins anew [s]."""
        return float(self.edges_s[-1])

    @property
    def energy_J(self) -> float:
        """Energy of one pass [J]."""
        return float(self._energy_J[-1])

    @property
    def mean_power_W(self) -> float:
        """Mean power [W]."""
        return self.energy_J / self.duration_s

    def energy_until_J(self, time_s: ArrayLike) -> FloatArray:
        """Energy delivered from the start until a time, which may be passes later [J]."""
        times = finite_array("time_s", time_s, 0.0)
        passes, within = np.divmod(times, self.duration_s)
        return passes * self.energy_J + np.interp(within, self.edges_s, self._energy_J)

    def cuts(self, threshold_W: float = 0.0) -> int:
        """How often the power of one pass falls to ``threshold_W`` or below; the end leads to the start."""
        level = finite("threshold_W", threshold_W, 0.0)
        below = self.power_W <= level
        return int(np.count_nonzero(below & ~np.roll(below, 1)))

    def scaled(self, factor: float) -> Trace:
        """The same with every power multiplied, as for another distance or antenna."""
        return Trace(self.name, self.edges_s, self.power_W * finite("factor", factor, above=0.0))
