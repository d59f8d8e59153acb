"""Access transistors: EKV current in all regions with velocity saturation, and Pelgrom mismatch.

All voltages are against the bulk, which is at ground; n-channel. The kernels take numbers or arrays.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import column_temperature_K, finite
from spinpim.circuit.changes import check_names
from spinpim.circuit.channel import BiasedTransistor, channel_current, drain_current
from spinpim.circuit.file_ranges import CELL, settle
from spinpim.constants import BOLTZMANN, ELEMENTARY_CHARGE
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
ROOM_TEMPERATURE_K = 300.0
SHORTEST_M = 1e-10
"""The size of an atom."""
LEAST_CONDUCTANCE_S = 1e-15
"""Below, a transistor counts as closed; a junction of 1 Mohm has a thousand million times as much."""
HIGHEST_V = 10.0
"""Largest size of a voltage at a transistor, twice the highest supply of a file."""

SIZE_KEYS = {"width_m": "read_transistor.width", "length_m": "read_transistor.length"}
TECHNOLOGY_KEYS = {
    "threshold_voltage_V": "technology.threshold_voltage",
    "slope_factor": "technology.slope_factor",
    "transconductance_A_per_V2": "technology.transconductance",
    "critical_voltage_V": "technology.critical_voltage",
    "series_resistance_ohm_m": "technology.series_resistance",
    "mobility_exponent": "technology.mobility_exponent",
    "series_exponent": "technology.series_exponent",
    "matching_V_m": "technology.matching",
    "gate_capacitance_F_per_m": "technology.gate_capacitance",
}
"""Attributes that all transistors of a cell and its line take from one key."""


@dataclass(frozen=True, slots=True)
class Transistor:
    """An n-channel transistor as drawn, SI floats.

    Attributes
    ----------
    width_m, length_m : float
        Drawn channel [m].
    threshold_voltage_V : float
        Threshold at zero source voltage [V].
    slope_factor : float
        EKV slope factor n [1].
    transconductance_A_per_V2 : float
        mu C_ox of a square [A/V^2] at 300 K; falls as T^-mobility_exponent.
    critical_voltage_V : float
        Channel voltage at which velocity saturation halves the current [V].
    series_resistance_ohm_m : float
        Series resistance times width [ohm m] at 300 K; grows as T^series_exponent.
    mobility_exponent, series_exponent : float
        Temperature exponents [1].
    matching_V_m : float
        Pelgrom coefficient A_VT of a PAIR [V m].
    gate_capacitance_F_per_m : float
        Gate capacitance per width of the conducting device [F/m].
    """

    width_m: float
    length_m: float
    threshold_voltage_V: float
    slope_factor: float
    transconductance_A_per_V2: float
    critical_voltage_V: float
    series_resistance_ohm_m: float
    mobility_exponent: float
    series_exponent: float
    matching_V_m: float
    gate_capacitance_F_per_m: float

    def __post_init__(self) -> None:
        """Refuse numbers that no file holds."""
        settle(self, {**SIZE_KEYS, **TECHNOLOGY_KEYS}, CELL)

    def replace(self, **changes: Any) -> Transistor:
        """Return a copy with some attributes changed.

        Raises
        ------
        InputError
            If an attribute does not exist or its value is impossible.
        """
        check_names(self, changes)
        return dataclasses.replace(self, **changes)

    def refuse_closed(self, gate: str, gate_V: float) -> None:
        """Refuse a gate voltage [V] at which the transistor stays closed; ``gate`` says what it is.

        Raises
        ------
        InputError
            If it is not above the threshold.
        """
        if not gate_V > self.threshold_voltage_V:
            raise InputError(
                f"{gate} is {gate_V:g} V, not above the threshold of {self.threshold_voltage_V:g} V: the "
                "transistor stays closed. Raise it, or lower the threshold."
            )

    @property
    def gate_capacitance_F(self) -> float:
        """Capacitance of the gate [F]: what a word line sees of this device."""
        return self.gate_capacitance_F_per_m * self.width_m

    @property
    def threshold_sigma_V(self) -> float:
        """Standard deviation of this device's threshold [V]; see `threshold_sigma_V`."""
        return threshold_sigma_V(self.matching_V_m, self.width_m, self.length_m)

    def biased(self, gate_V: float, temperature_K: float) -> BiasedTransistor:
        """Return the transistor at a gate voltage [V] and a temperature, 200..500 [K].

        Raises
        ------
        InputError
            If the voltage or the temperature is out of range.
        """
        gate_V = finite("gate_V", gate_V, -HIGHEST_V, HIGHEST_V)
        temperature_K = column_temperature_K(temperature_K)
        thermal = BOLTZMANN * temperature_K / ELEMENTARY_CHARGE
        relative = temperature_K / ROOM_TEMPERATURE_K
        gain = (
            self.transconductance_A_per_V2 * relative**-self.mobility_exponent * self.width_m / self.length_m
        )
        return BiasedTransistor(
            specific_current_A=2.0 * self.slope_factor * gain * thermal**2,
            pinch_off_V=(gate_V - self.threshold_voltage_V) / self.slope_factor,
            thermal_V=thermal,
            critical_V=self.critical_voltage_V,
            series_ohm=self.series_resistance_ohm_m / self.width_m * relative**self.series_exponent,
            slope_factor=self.slope_factor,
        )

    def current_A(self, gate_V: float, source_V: float, drain_V: float, temperature_K: float) -> float:
        r"""Drain current, series resistance included.

        .. math::

            I = I_S \frac{w_f^2 - w_r^2}{1 + \frac{2 U_T}{V_c}(w_f - w_r)}, \quad
            w_{f,r} = \ln(1 + e^{(V_P - V_{S,D})/2U_T}), \quad I_S = 2 n \mu C_{ox} \tfrac{W}{L} U_T^2

        Parameters
        ----------
        gate_V, source_V, drain_V : float
            Voltages against ground [V], drain above or at the source.
        temperature_K : float
            Temperature [K].

        Returns
        -------
        float
            Current into the drain [A].

        Raises
        ------
        InputError
            If a voltage or the temperature is out of range, or the drain is below the source.

        Notes
        -----
        The current stays at its maximum once the carriers run at their saturated velocity; no channel-length
        modulation. The shipped numbers follow the 45 nm cards they were fitted to within 3 % in on-resistance
        at 27 degC (10 % at 0..125 degC, source up to 0.3 V) and 25 % in any current, gates at 1.0..1.2 V.

        Examples
        --------
        >>> access = Transistor(2e-7, 5e-8, 0.35, 1.135, 6e-4, 0.3, 1.47e-4, 1.72, 3.46, 2e-9, 1.5e-9)
        >>> access.current_A(1.0, 0.25, 0.27, 300.0) < access.current_A(1.0, 0.0, 0.02, 300.0)
        True

        References
        ----------
        C. C. Enz, F. Krummenacher, E. A. Vittoz, Analog Integr. Circuits Signal Process. 8, 83 (1995),
        doi:10.1007/BF01239381.
        """
        source_V, drain_V = (
            finite(name, value, -HIGHEST_V, HIGHEST_V)
            for name, value in (("source_V", source_V), ("drain_V", drain_V))
        )
        if not drain_V >= source_V:
            raise InputError(
                f"drain_V must be at or above source_V; instead received {drain_V} and {source_V}."
            )
        return float(drain_current(self.biased(gate_V, temperature_K), source_V, drain_V))

    def on_resistance_ohm(self, gate_V: float, source_V: float, temperature_K: float) -> float:
        """Small-signal resistance between drain and source at zero current [ohm].

        Parameters
        ----------
        gate_V, source_V : float
            Voltages against ground [V]; a raised source weakens the device.
        temperature_K : float
            Temperature [K].

        Returns
        -------
        float
            Resistance, series part included [ohm].

        Raises
        ------
        InputError
            If a voltage or the temperature is out of range, or the gate does not open the transistor.
        """
        device = self.biased(gate_V, temperature_K)
        source = finite("source_V", source_V, -HIGHEST_V, HIGHEST_V)
        conductance = float(channel_current(device, source, source).drain_S)
        if not conductance > LEAST_CONDUCTANCE_S:
            raise InputError(
                f"A transistor with its gate at {gate_V:g} V and its source at {source:g} V is closed: "
                f"the gate must be above the threshold of {self.threshold_voltage_V:g} V. Raise the gate."
            )
        return device.series_ohm + 1.0 / conductance


def threshold_sigma_V(matching_V_m: float, width_m: float, length_m: float) -> float:
    r"""Threshold mismatch of ONE device from the coefficient of a PAIR.

    .. math:: \sigma(V_T) = \frac{A_{VT}}{\sqrt{2 W L}}

    The difference of two such devices then has the standard deviation A_VT/sqrt(W L), as Pelgrom writes it.

    Parameters
    ----------
    matching_V_m : float
        Pair coefficient A_VT [V m]; 1 mV um = 1e-9 V m.
    width_m, length_m : float
        Drawn channel [m].

    Returns
    -------
    float
        Standard deviation [V].

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> round(1e3 * threshold_sigma_V(2e-9, 540e-9, 50e-9), 2)
    8.61

    References
    ----------
    M. J. M. Pelgrom et al., IEEE J. Solid-State Circuits 24, 1433 (1989), doi:10.1109/JSSC.1989.572629.
    """
    matching = finite("matching_V_m", matching_V_m, 0.0, 1.0)
    width, length = finite("width_m", width_m, SHORTEST_M), finite("length_m", length_m, SHORTEST_M)
    return matching / (math.sqrt(2.0) * math.sqrt(width) * math.sqrt(length))
