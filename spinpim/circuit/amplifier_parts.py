"""Parts of a sense amplifier, and how they come out of its checked parameter file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spinpim.checks import finite
from spinpim.circuit.changes import Figure, check_kind
from spinpim.errors import InputError
from spinpim.params.amplifier_file import ClampSection, OffsetCancellationSection, PairSection

if TYPE_CHECKING:
    from spinpim.circuit.sense_amp import SenseAmp

PAIRS = ("input_pair", "cross_coupled_n", "cross_coupled_p")
"""Sections of the file in the order of ``SenseAmp.pairs``."""

KEYS = {
    "matching_V_m": "offset.matching",
    "common_mode_reference_V": "offset.common_mode_reference",
    "common_mode_floor": "offset.common_mode_floor",
    "common_mode_scale_V": "offset.common_mode_scale",
    "common_mode_minimum_V": "offset.common_mode_minimum",
    "common_mode_maximum_V": "offset.common_mode_maximum",
    "temperature_ceiling": "offset.temperature_ceiling",
    "temperature_scale_K": "offset.temperature_scale",
    "time_constant_s": "decision.time_constant",
    "time_constant_exponent": "decision.temperature_exponent",
    "intercept_s": "decision.intercept",
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
}
"""File key of each number that is an attribute of the amplifier itself."""

ABOVE_ZERO = (
    "area_scale",
    "common_mode_scale_V",
    "temperature_ceiling",
    "temperature_scale_K",
    "time_constant_s",
    "output_swing_V",
    "initial_gain",
    "resolution_V",
    "supply_V",
    "unit_area_m2",
)
FROM_ZERO = (
    "matching_V_m",
    "common_mode_floor",
    "intercept_s",
    "input_noise_V",
    "fixed_energy_J",
    "scaled_energy_J",
    "unit_input_capacitance_F",
)


@dataclass(frozen=True, slots=True)
class DevicePair:
    """A pair of transistors that should be equal.

    Attributes
    ----------
    width_m, length_m : float
        Drawn size of each at area scale 1 [m].
    weight : float
        Change of the input offset per threshold change of one of them [1].
    """

    width_m: float
    length_m: float
    weight: float

    def __post_init__(self) -> None:
        """Refuse an impossible pair."""
        finite("width_m of a pair", self.width_m, above=0.0)
        finite("length_m of a pair", self.length_m, above=0.0)
        finite("weight of a pair", self.weight, 0.0)


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
    """

    residual: float
    noise_V: float
    extra_time_s: float
    extra_energy_J: float

    def __post_init__(self) -> None:
        """Refuse an impossible cycle."""
        finite("residual of the offset cancellation", self.residual, 0.0, 1.0)
        for name in ("noise_V", "extra_time_s", "extra_energy_J"):
            finite(f"{name} of the offset cancellation", getattr(self, name), 0.0)


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
    """

    voltage_V: float
    voltage_sigma_V: float
    transresistance_ohm: float
    transresistance_sigma: float
    input_resistance_ohm: float
    output_capacitance_F: float

    def __post_init__(self) -> None:
        """Refuse an impossible clamp."""
        for name in ("voltage_V", "transresistance_ohm", "input_resistance_ohm", "output_capacitance_F"):
            finite(f"{name} of the clamp", getattr(self, name), above=0.0)
        for name in ("voltage_sigma_V", "transresistance_sigma"):
            finite(f"{name} of the clamp", getattr(self, name), 0.0)


def check_amplifier(amplifier: SenseAmp) -> None:
    """Refuse an amplifier that cannot be.

    Raises
    ------
    InputError
        For the first attribute that is impossible.
    """
    pairs = amplifier.pairs
    if not isinstance(pairs, tuple) or not pairs or not all(isinstance(one, DevicePair) for one in pairs):
        raise InputError(f"pairs must be a tuple of one or more DevicePair; instead received {pairs!r:.60}.")
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
    for name, kind in (("cancellation", OffsetCancellation), ("clamp", CurrentClamp)):
        if getattr(amplifier, name) is not None:
            check_kind("SenseAmp", name, getattr(amplifier, name), kind, "spinpim.circuit.amplifier_parts")


def amplifier_figures(amplifier: SenseAmp) -> dict[str, Figure]:
    """Return the numbers of an amplifier by the key that its file has for them."""
    figures = {key: Figure(getattr(amplifier, name)) for name, key in KEYS.items()}
    if len(amplifier.pairs) == len(PAIRS):
        for section, one in zip(PAIRS, amplifier.pairs, strict=True):
            figures[f"{section}.width"] = Figure(one.width_m)
            figures[f"{section}.length"] = Figure(one.length_m)
            figures[f"{section}.weight"] = Figure(one.weight)
    if amplifier.cancellation is not None:
        cycle = amplifier.cancellation
        figures["offset_cancellation.residual"] = Figure(cycle.residual, unit="1")
        figures["offset_cancellation.noise"] = Figure(cycle.noise_V, unit="V")
        figures["offset_cancellation.extra_time"] = Figure(cycle.extra_time_s, unit="s")
        figures["offset_cancellation.extra_energy"] = Figure(cycle.extra_energy_J, unit="J")
    if amplifier.clamp is not None:
        held = amplifier.clamp
        load = held.transresistance_ohm
        figures["clamp.voltage"] = Figure(held.voltage_V, held.voltage_sigma_V, "V")
        figures["clamp.transresistance"] = Figure(load, held.transresistance_sigma * load, "ohm")
        figures["clamp.input_resistance"] = Figure(held.input_resistance_ohm, unit="ohm")
        figures["clamp.output_capacitance"] = Figure(held.output_capacitance_F, unit="F")
    return figures


def pair(section: PairSection) -> DevicePair:
    """Transistor pair of a file."""
    return DevicePair(section.width.si, section.length.si, section.weight.si)


def cancellation(section: OffsetCancellationSection | None) -> OffsetCancellation | None:
    """Offset cancellation of a file, if it has one."""
    if section is None:
        return None
    return OffsetCancellation(
        residual=section.residual.si,
        noise_V=section.noise.si,
        extra_time_s=section.extra_time.si,
        extra_energy_J=section.extra_energy.si,
    )


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
    )
