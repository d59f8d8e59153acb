"""Parts of a sense amplifier, and how they come out of its checked parameter file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spinpim.params.amplifier_file import AmplifierFile, ClampSection, OffsetCancellationSection, PairSection


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


def amplifier_fields(file: AmplifierFile) -> dict[str, Any]:
    """Keyword arguments of SenseAmp."""
    offset, decision, layout = file.offset, file.decision, file.layout
    return {
        "name": file.name,
        "title": file.title,
        "pairs": tuple(_pair(one) for one in (file.input_pair, file.cross_coupled_n, file.cross_coupled_p)),
        "matching_V_m": offset.matching.si,
        "area_scale": layout.area_scale.si,
        "common_mode_reference_V": offset.common_mode_reference.si,
        "common_mode_floor": offset.common_mode_floor.si,
        "common_mode_scale_V": offset.common_mode_scale.si,
        "common_mode_minimum_V": offset.common_mode_minimum.si,
        "common_mode_maximum_V": offset.common_mode_maximum.si,
        "temperature_ceiling": offset.temperature_ceiling.si,
        "temperature_scale_K": offset.temperature_scale.si,
        "time_constant_s": decision.time_constant.si,
        "time_constant_exponent": decision.temperature_exponent.si,
        "intercept_s": decision.intercept.si,
        "output_swing_V": decision.output_swing.si,
        "initial_gain": decision.initial_gain.si,
        "resolution_V": decision.resolution.si,
        "input_noise_V": file.noise.input_noise.si,
        "supply_V": file.energy.supply.si,
        "fixed_energy_J": file.energy.fixed.si,
        "scaled_energy_J": file.energy.per_area_scale.si,
        "unit_area_m2": layout.unit_area.si,
        "unit_input_capacitance_F": layout.unit_input_capacitance.si,
        "cancellation": _cancellation(file.offset_cancellation),
        "clamp": _clamp(file.clamp),
        "records": file.records(),
    }


def _pair(section: PairSection) -> DevicePair:
    return DevicePair(section.width.si, section.length.si, section.weight.si)


def _cancellation(section: OffsetCancellationSection | None) -> OffsetCancellation | None:
    if section is None:
        return None
    return OffsetCancellation(
        residual=section.residual.si,
        noise_V=section.noise.si,
        extra_time_s=section.extra_time.si,
        extra_energy_J=section.extra_energy.si,
    )


def _clamp(section: ClampSection | None) -> CurrentClamp | None:
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
