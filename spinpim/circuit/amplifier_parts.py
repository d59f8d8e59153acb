"""Parts of a sense amplifier, and how they come out of its checked parameter file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spinpim.checks import finite
from spinpim.circuit.changes import Figure, check_kind
from spinpim.circuit.transistor import ROOM_TEMPERATURE_K
from spinpim.errors import InputError
from spinpim.params.amplifier_file import (
    AmplifierFile,
    ClampSection,
    LineDisturbanceSection,
    OffsetCancellationSection,
)

if TYPE_CHECKING:
    from spinpim.circuit.sense_amp import SenseAmp

PAIRS = (
    "input_pair",
    "pass_pair",
    "cross_coupled_p",
    "cross_coupled_n",
    "reset_pair",
    "inverter_n",
    "inverter_p",
)
"""Sections of the file that become ``SenseAmp.pairs``, in this order."""

DEVICES = ("tail", "switch", "clamp_pair", "mirror_pair", "equaliser")
"""Sections of the file that become ``SenseAmp.devices``, in this order."""

FIXED = frozenset({"inverter_n", "inverter_p", "switch", "clamp_pair", "mirror_pair", "equaliser"})
"""What stands before the comparator and keeps its size whatever the area scale."""

SLOPES = ("common_mode_slope", "common_mode_curvature", "temperature_slope", "supply_slope")

TOPOLOGIES = ("strongarm", "latch", "current_mirror", "offset_cancelled")

KEYS = {
    "matching_V_m": "offset.matching",
    "common_mode_reference_V": "offset.common_mode_reference",
    "common_mode_supply": "offset.common_mode_supply",
    "common_mode_minimum_V": "offset.common_mode_minimum",
    "common_mode_maximum_V": "offset.common_mode_maximum",
    "time_constant_s": "decision.time_constant",
    "time_constant_exponent": "decision.temperature_exponent",
    "supply_exponent": "decision.supply_exponent",
    "supply_curvature": "decision.supply_curvature",
    "slowing": "decision.slowing",
    "slowing_scale_V": "decision.slowing_scale",
    "slowing_supply": "decision.slowing_supply",
    "intercept_s": "decision.intercept",
    "intercept_exponent": "decision.intercept_exponent",
    "intercept_supply_slope": "decision.intercept_supply_slope",
    "intercept_supply_curvature": "decision.intercept_supply_curvature",
    "output_swing_V": "decision.output_swing",
    "initial_gain": "decision.initial_gain",
    "resolution_V": "decision.resolution",
    "input_noise_V": "noise.input_noise",
    "supply_V": "energy.supply",
    "fixed_energy_J": "energy.fixed",
    "scaled_energy_J": "energy.per_area_scale",
    "area_scale": "layout.area_scale",
    "unit_area_m2": "layout.unit_area",
    "unit_input_capacitance_F": "layout.unit_input_capacitance",
    "unit_kickback_capacitance_F": "layout.unit_kickback_capacitance",
}
"""File key of each number that is an attribute of the amplifier itself."""

ABOVE_ZERO = (
    "area_scale",
    "time_constant_s",
    "slowing_scale_V",
    "output_swing_V",
    "initial_gain",
    "resolution_V",
    "supply_V",
    "unit_area_m2",
)
FROM_ZERO = (
    "matching_V_m",
    "slowing",
    "intercept_s",
    "input_noise_V",
    "fixed_energy_J",
    "scaled_energy_J",
    "unit_input_capacitance_F",
    "unit_kickback_capacitance_F",
)


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
        """Refuse an impossible size."""
        finite("width_m of a device", self.width_m, above=0.0)
        finite("length_m of a device", self.length_m, above=0.0)


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
        """Refuse an impossible pair."""
        finite("width_m of a pair", self.width_m, above=0.0)
        finite("length_m of a pair", self.length_m, above=0.0)
        finite("weight of a pair", self.weight, 0.0)
        for name in SLOPES:
            finite(f"{name} of a pair", getattr(self, name))

    def weight_at(self, common_mode: float, temperature_K: float, supply: float) -> float:
        """Weight at a common mode from the reference and a supply, both relative to the file's supply [1]."""
        exponent = self.common_mode_slope * common_mode + self.common_mode_curvature * common_mode**2
        exponent += self.temperature_slope * (1.0 - (ROOM_TEMPERATURE_K / temperature_K) ** 2)
        return self.weight * math.exp(exponent + self.supply_slope * math.log(supply))


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
        """Refuse an impossible cycle."""
        finite("residual of the offset cancellation", self.residual, 0.0, 1.0)
        for name in ("noise_V", "extra_time_s", "extra_energy_J", "capacitance_F", "amplify_s"):
            finite(f"{name} of the offset cancellation", getattr(self, name), 0.0)


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
        """Refuse an impossible disturbance."""
        finite("current_A of the line disturbance", self.current_A, 0.0)
        finite("scale_V of the line disturbance", self.scale_V, above=0.0)
        finite("limit_V of the line disturbance", self.limit_V, 0.0)


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
    """

    voltage_V: float
    voltage_sigma_V: float
    transresistance_ohm: float
    transresistance_sigma: float
    input_resistance_ohm: float
    output_capacitance_F: float
    nominal_current_A: float = 0.0
    gate_V: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an impossible clamp."""
        for name in ("voltage_V", "transresistance_ohm", "input_resistance_ohm", "output_capacitance_F"):
            finite(f"{name} of the clamp", getattr(self, name), above=0.0)
        for name in ("voltage_sigma_V", "transresistance_sigma", "nominal_current_A", "gate_V"):
            finite(f"{name} of the clamp", getattr(self, name), 0.0)

    @property
    def short_current_A(self) -> float:
        """Current into a grounded line by the same law, I_0 + V_0/r_in [A]."""
        return self.nominal_current_A + self.voltage_V / self.input_resistance_ohm

    def line_V(self, current_A: float) -> float:
        """Voltage at which the line is held while a current flows, V_0 - r_in (I - I_0) [V]."""
        return self.voltage_V - self.input_resistance_ohm * (current_A - self.nominal_current_A)


def check_amplifier(amplifier: SenseAmp) -> None:
    """Refuse an amplifier that cannot be.

    Raises
    ------
    InputError
        For the first attribute that is impossible.
    """
    for name, kind, least in (("pairs", DevicePair, "one"), ("devices", DeviceSize, "zero")):
        given = getattr(amplifier, name)
        if not isinstance(given, tuple) or (least == "one" and not given):
            raise InputError(
                f"{name} must be a tuple of {least} or more {kind.__name__}; instead received {given!r:.60}."
            )
        if not all(isinstance(one, kind) for one in given):
            raise InputError(
                f"{name} must be a tuple of {least} or more {kind.__name__}; instead received {given!r:.60}."
            )
    if amplifier.topology not in TOPOLOGIES:
        raise InputError(
            f"topology must be one of {', '.join(TOPOLOGIES)}; instead received {amplifier.topology!r:.60}."
        )
    for name in ABOVE_ZERO:
        finite(name, getattr(amplifier, name), above=0.0)
    for name in FROM_ZERO:
        finite(name, getattr(amplifier, name), 0.0)
    for name in KEYS:
        finite(name, getattr(amplifier, name))
    low, high = amplifier.common_mode_minimum_V, amplifier.common_mode_maximum_V
    if low >= high:
        raise InputError(
            f"common_mode_minimum_V must be below common_mode_maximum_V; instead received {low} and {high}."
        )
    for name, part in (
        ("cancellation", OffsetCancellation),
        ("clamp", CurrentClamp),
        ("disturbance", LineDisturbance),
    ):
        if getattr(amplifier, name) is not None:
            check_kind("SenseAmp", name, getattr(amplifier, name), part, "spinpim.circuit.amplifier_parts")


def amplifier_figures(amplifier: SenseAmp) -> dict[str, Figure]:
    """Return the numbers of an amplifier by the key that its file has for them."""
    figures = {key: Figure(getattr(amplifier, name)) for name, key in KEYS.items()}
    for one in amplifier.pairs:
        figures[f"{one.name}.width"] = Figure(one.width_m)
        figures[f"{one.name}.length"] = Figure(one.length_m)
        for name in ("weight", *SLOPES):
            figures[f"{one.name}.{name}"] = Figure(getattr(one, name))
    for device in amplifier.devices:
        figures[f"{device.name}.width"] = Figure(device.width_m)
        figures[f"{device.name}.length"] = Figure(device.length_m)
    if amplifier.cancellation is not None:
        cycle = amplifier.cancellation
        figures["offset_cancellation.residual"] = Figure(cycle.residual, unit="1")
        figures["offset_cancellation.noise"] = Figure(cycle.noise_V, unit="V")
        figures["offset_cancellation.extra_time"] = Figure(cycle.extra_time_s, unit="s")
        figures["offset_cancellation.extra_energy"] = Figure(cycle.extra_energy_J, unit="J")
        if cycle.capacitance_F:
            figures["offset_cancellation.capacitance"] = Figure(cycle.capacitance_F, unit="F")
        if cycle.amplify_s:
            figures["offset_cancellation.amplify_time"] = Figure(cycle.amplify_s, unit="s")
    if amplifier.disturbance is not None:
        pushed = amplifier.disturbance
        figures["line_disturbance.current"] = Figure(pushed.current_A, unit="A")
        figures["line_disturbance.scale"] = Figure(pushed.scale_V, unit="V")
        figures["line_disturbance.limit"] = Figure(pushed.limit_V, unit="V")
    if amplifier.clamp is not None:
        held = amplifier.clamp
        load = held.transresistance_ohm
        figures["clamp.voltage"] = Figure(held.voltage_V, held.voltage_sigma_V, "V")
        figures["clamp.transresistance"] = Figure(load, held.transresistance_sigma * load, "ohm")
        figures["clamp.input_resistance"] = Figure(held.input_resistance_ohm, unit="ohm")
        figures["clamp.output_capacitance"] = Figure(held.output_capacitance_F, unit="F")
        figures["clamp.nominal_current"] = Figure(held.nominal_current_A, unit="A")
        figures["clamp.gate_voltage"] = Figure(held.gate_V, unit="V")
    return figures


def pairs(file: AmplifierFile) -> tuple[DevicePair, ...]:
    """Matched pairs of a file."""
    given = [(name, getattr(file, name)) for name in PAIRS if getattr(file, name) is not None]
    return tuple(
        DevicePair(
            section.width.si,
            section.length.si,
            section.weight.si,
            name,
            *(getattr(section, slope).si for slope in SLOPES),
        )
        for name, section in given
    )


def devices(file: AmplifierFile) -> tuple[DeviceSize, ...]:
    """Other transistors of a file."""
    given = [(name, getattr(file, name)) for name in DEVICES if getattr(file, name) is not None]
    return tuple(DeviceSize(name, section.width.si, section.length.si) for name, section in given)


def cancellation(section: OffsetCancellationSection | None) -> OffsetCancellation | None:
    """Offset cancellation of a file, if it has one."""
    if section is None:
        return None
    return OffsetCancellation(
        residual=section.residual.si,
        noise_V=section.noise.si,
        extra_time_s=section.extra_time.si,
        extra_energy_J=section.extra_energy.si,
        capacitance_F=0.0 if section.capacitance is None else section.capacitance.si,
        amplify_s=0.0 if section.amplify_time is None else section.amplify_time.si,
    )


def disturbance(section: LineDisturbanceSection | None) -> LineDisturbance | None:
    """Line disturbance of a file, if it has one."""
    if section is None:
        return None
    return LineDisturbance(section.current.si, section.scale.si, section.limit.si)


def clamp(section: ClampSection | None) -> CurrentClamp | None:
    """Current clamp of a file, if it has one."""
    if section is None:
        return None
    return CurrentClamp(
        voltage_V=section.voltage.si,
        voltage_sigma_V=section.voltage.sigma_si,
        transresistance_ohm=section.transresistance.si,
        transresistance_sigma=section.transresistance.relative_sigma,
        input_resistance_ohm=section.input_resistance.si,
        output_capacitance_F=section.output_capacitance.si,
        nominal_current_A=section.nominal_current.si,
        gate_V=section.gate_voltage.si,
    )
