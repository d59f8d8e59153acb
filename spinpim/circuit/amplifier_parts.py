"""Parts of a sense amplifier: transistor pairs, offset cancellation, clamp, disturbance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from spinpim.checks import finite, shown
from spinpim.circuit.exponential import grown
from spinpim.circuit.file_ranges import AMPLIFIER, settle
from spinpim.circuit.transistor import ROOM_TEMPERATURE_K
from spinpim.errors import InputError

FIXED = frozenset({"inverter_n", "inverter_p", "switch", "clamp_pair", "mirror_pair", "equaliser"})
"""What stands before the comparator and keeps its size whatever the area scale."""

SLOPES = ("common_mode_slope", "common_mode_curvature", "temperature_slope", "supply_slope")
SIZES = {"width_m": "width", "length_m": "length"}
WEIGHTS = {name: name for name in ("weight", *SLOPES)}
CYCLE = {
    "residual": "residual",
    "noise_V": "noise",
    "extra_time_s": "extra_time",
    "extra_energy_J": "extra_energy",
    "capacitance_F": "capacitance",
    "amplify_s": "amplify_time",
}
DISTURBANCE = {"current_A": "current", "scale_V": "scale", "limit_V": "limit"}
CLAMP = {
    "voltage_V": "voltage",
    "transresistance_ohm": "transresistance",
    "input_resistance_ohm": "input_resistance",
    "output_capacitance_F": "output_capacitance",
    "nominal_current_A": "nominal_current",
    "gate_V": "gate_voltage",
    "lowest_current_A": "lowest_current",
    "highest_current_A": "highest_current",
    "linear_current_A": "linear_current",
    "noise_conductance_S": "noise_conductance",
}
"""Attributes of each part and the keys of its section in a file."""


@dataclass(frozen=True, slots=True)
class DeviceSize:
    """A transistor of the circuit whose mismatch does not enter the offset; widths at area scale 1.

    Attributes
    ----------
    name : str
        What it is, a section of the file.
    width_m, length_m : float
        Drawn size [m].
    """

    name: str
    width_m: float
    length_m: float

    def __post_init__(self) -> None:
        """Refuse what no file holds."""
        _settle(self, SIZES, _section(self.name, "tail"))


@dataclass(frozen=True, slots=True)
class DevicePair:
    r"""A pair of transistors that should be equal, and its weight in the offset.

    .. math::

        w = w_0 \exp\Big[a x + b x^2 + \theta\Big(1 - \Big(\frac{300\,K}{T}\Big)^2\Big) + s \ln v\Big]

    with x the common mode from the reference, over the supply of the file, less a share of the rise of the
    supply; and v the supply over that of the file.

    Attributes
    ----------
    width_m, length_m : float
        Drawn size of each at area scale 1 [m].
    weight : float
        Change of the input offset per threshold change of one of them, at the reference point [1].
    name : str
        What it is, a section of the file.
    common_mode_slope, common_mode_curvature, temperature_slope, supply_slope : float
        a, b, theta, s [1].
    """

    width_m: float
    length_m: float
    weight: float
    name: str = ""
    common_mode_slope: float = 0.0
    common_mode_curvature: float = 0.0
    temperature_slope: float = 0.0
    supply_slope: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no file holds."""
        _settle(self, {**SIZES, **WEIGHTS}, _section(self.name, "input_pair"))

    def weight_at(self, common_mode: float, temperature_K: float, supply: float) -> float:
        """Weight at a common mode from the reference and a supply, both relative to the file's supply [1].

        Raises
        ------
        InputError
            If the law runs away at this point.
        """
        exponent = self.common_mode_slope * common_mode + self.common_mode_curvature * common_mode**2
        exponent += self.temperature_slope * (1.0 - (ROOM_TEMPERATURE_K / temperature_K) ** 2)
        exponent += self.supply_slope * math.log(supply)
        return self.weight * grown(f"weight of {self.name or 'a pair'}", exponent)


@dataclass(frozen=True, slots=True)
class OffsetCancellation:
    """A cycle that stores the offset and subtracts it.

    Attributes
    ----------
    residual : float
        Part of the offset that remains [1].
    noise_V : float
        Noise added by storing it [V].
    extra_time_s, extra_energy_J : float
        What the cycle costs per decision [s], [J].
    capacitance_F : float
        Capacitor that holds the offset [F]; 0 if not told.
    amplify_s : float
        Part of the extra time from the input step to the strobe of the comparator [s].
    """

    residual: float
    noise_V: float
    extra_time_s: float
    extra_energy_J: float
    capacitance_F: float = 0.0
    amplify_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no file holds."""
        _settle(self, CYCLE, "offset_cancellation", {"capacitance_F": 0.0})


@dataclass(frozen=True, slots=True)
class LineDisturbance:
    """What an amplifier without gates at its inputs pushes into them before enable.

    Attributes
    ----------
    current_A : float
        Into each input at the reference common mode and area scale 1 [A].
    scale_V : float
        Fall of the common mode by which it grows e-fold [V].
    limit_V : float
        Shift of an input by this current that is still allowed [V].
    """

    current_A: float
    scale_V: float
    limit_V: float

    def __post_init__(self) -> None:
        """Refuse what no file holds."""
        _settle(self, DISTURBANCE, "line_disturbance")


@dataclass(frozen=True, slots=True)
class CurrentClamp:
    """A clamp that holds the bit line and passes its current to a load: current sensing.

    Attributes
    ----------
    voltage_V, voltage_sigma_V : float
        Held voltage and its mismatch from column to column [V].
    transresistance_ohm, transresistance_sigma : float
        Load [ohm] and its relative mismatch [1].
    input_resistance_ohm : float
        What the bit line sees, 1/g_m [ohm].
    output_capacitance_F : float
        Sensed node without the latch [F].
    nominal_current_A : float
        Column current at which the voltage is held and these figures hold [A].
    gate_V : float
        Gate of the clamp transistors [V].
    lowest_current_A, highest_current_A : float
        Reference currents between which `transresistance_at_ohm` holds [A].
    linear_current_A : float
        Difference from the reference current up to which the nodes follow that transresistance [A].
    noise_conductance_S : float
        Conductance whose thermal noise is that of mirror and equaliser at the node [S]; 0 leaves it out.
    """

    voltage_V: float
    voltage_sigma_V: float
    transresistance_ohm: float
    transresistance_sigma: float
    input_resistance_ohm: float
    output_capacitance_F: float
    nominal_current_A: float = 0.0
    gate_V: float = 0.0
    lowest_current_A: float = 0.0
    highest_current_A: float = math.inf
    linear_current_A: float = math.inf
    noise_conductance_S: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no file holds; an infinite or zero limit stands for none."""
        absent = {"lowest_current_A": 0.0, "highest_current_A": math.inf, "linear_current_A": math.inf}
        absent |= {"nominal_current_A": 0.0, "gate_V": 0.0, "noise_conductance_S": 0.0}
        _settle(self, CLAMP, "clamp", absent)
        # Of a file these are sigma, which is not larger than the value.
        for name, high in (("voltage_sigma_V", self.voltage_V), ("transresistance_sigma", 1.0)):
            sigma = finite(f"{name} of clamp", getattr(self, name), 0.0, high)
            object.__setattr__(self, name, sigma)
        if not self.lowest_current_A < self.highest_current_A:
            raise InputError(
                f"lowest_current_A of clamp must be below highest_current_A; instead received "
                f"{self.lowest_current_A:g} and {self.highest_current_A:g}."
            )

    def line_V(self, current_A: float) -> float:
        """Voltage at which the line is held while a current flows, V_0 - r_in (I - I_0) [V]."""
        drawn = finite("current_A", current_A, -1.0, 1.0) - self.nominal_current_A
        return self.voltage_V - self.input_resistance_ohm * drawn

    def transresistance_at_ohm(self, reference_current_A: float) -> float:
        r"""Small-signal transresistance where both currents equal that of the reference [ohm].

        .. math:: R(I) = R_0 I_0 / I

        A decision is in doubt only near equal currents, so this one and not the large-signal response sets
        the errors. Without a nominal current it is R_0 throughout.

        Raises
        ------
        InputError
            If the current is outside the range in which the mirror follows this law.

        Examples
        --------
        >>> clamp = CurrentClamp(0.2, 0.0, 11.6e3, 0.0, 1.6e3, 1e-14, 27e-6, 0.6, 15e-6, 40e-6, 2e-6)
        >>> round(clamp.transresistance_at_ohm(20e-6))
        15660
        """
        reference_current_A = self.check_current(reference_current_A)
        if not self.nominal_current_A:
            return self.transresistance_ohm
        return self.transresistance_ohm * self.nominal_current_A / reference_current_A

    def check_current(self, reference_current_A: float) -> float:
        """Return a reference current [A]; refuse one at which the mirror does not work.

        Raises
        ------
        InputError
            If the current is outside the range of the clamp.
        """
        reference_current_A = finite("reference_current_A", reference_current_A, above=0.0)
        if not self.lowest_current_A <= reference_current_A <= self.highest_current_A:
            raise InputError(
                f"The reference draws {1e6 * reference_current_A:.4g} uA through the clamp, outside "
                f"{1e6 * self.lowest_current_A:.4g}..{1e6 * self.highest_current_A:.4g} uA where its mirror "
                f"works. Change the number of rows or the resistance-area product, or choose an amplifier "
                f"that senses voltage."
            )
        return reference_current_A


def _section(name: str, usual: str) -> str:
    """Section of a file with the ranges of a transistor or pair of a name; another name has those of all."""
    if not isinstance(name, str):
        raise InputError(f"name of a pair or device must be a text; instead received {shown(name)}.")
    return name if f"{name}.width" in AMPLIFIER else usual


def _settle(
    part: object, keys: Mapping[str, str], section: str, absent: Mapping[str, float] | None = None
) -> None:
    """Hold the attributes of a part to the ranges of its section."""
    named = {name: f"{section}.{key}" for name, key in keys.items()}
    settle(part, named, AMPLIFIER, of=f" of {section}", absent=absent)
