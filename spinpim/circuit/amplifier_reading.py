"""A sense amplifier out of its checked parameter file: the keyword arguments of `SenseAmp`."""

from __future__ import annotations

import math
from typing import Any

from spinpim.circuit.amplifier_parts import (
    SLOPES,
    CurrentClamp,
    DevicePair,
    DeviceSize,
    LineDisturbance,
    OffsetCancellation,
)
from spinpim.params.amplifier_file import (
    AmplifierFile,
    ClampSection,
    LineDisturbanceSection,
    OffsetCancellationSection,
)

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


def amplifier_arguments(file: AmplifierFile) -> dict[str, Any]:
    """Attributes of the amplifier of a file."""
    offset, decision, layout = file.offset, file.decision, file.layout
    return dict(
        name=file.name,
        title=file.title,
        topology=file.topology,
        pairs=_pairs(file),
        devices=_devices(file),
        matching_V_m=offset.matching.si,
        area_scale=layout.area_scale.si,
        common_mode_reference_V=offset.common_mode_reference.si,
        common_mode_supply=offset.common_mode_supply.si,
        common_mode_minimum_V=offset.common_mode_minimum.si,
        common_mode_maximum_V=offset.common_mode_maximum.si,
        systematic_offset_V=offset.systematic.si,
        time_constant_s=decision.time_constant.si,
        load_share=decision.load_share.si,
        time_constant_exponent=decision.temperature_exponent.si,
        supply_exponent=decision.supply_exponent.si,
        supply_curvature=decision.supply_curvature.si,
        slowing=decision.slowing.si,
        slowing_scale_V=decision.slowing_scale.si,
        slowing_supply=decision.slowing_supply.si,
        intercept_s=decision.intercept.si,
        intercept_exponent=decision.intercept_exponent.si,
        intercept_supply_slope=decision.intercept_supply_slope.si,
        intercept_supply_curvature=decision.intercept_supply_curvature.si,
        output_swing_V=decision.output_swing.si,
        initial_gain=decision.initial_gain.si,
        resolution_V=decision.resolution.si,
        input_noise_V=file.noise.input_noise.si,
        supply_V=file.energy.supply.si,
        fixed_energy_J=file.energy.fixed.si,
        scaled_energy_J=file.energy.per_area_scale.si,
        unit_area_m2=layout.unit_area.si,
        unit_input_capacitance_F=layout.unit_input_capacitance.si,
        unit_kickback_capacitance_F=layout.unit_kickback_capacitance.si,
        cancellation=_cancellation(file.offset_cancellation),
        clamp=_clamp(file.clamp),
        disturbance=_disturbance(file.line_disturbance),
        records=file.records(),
    )


def _pairs(file: AmplifierFile) -> tuple[DevicePair, ...]:
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


def _devices(file: AmplifierFile) -> tuple[DeviceSize, ...]:
    """Other transistors of a file."""
    given = [(name, getattr(file, name)) for name in DEVICES if getattr(file, name) is not None]
    return tuple(DeviceSize(name, section.width.si, section.length.si) for name, section in given)


def _cancellation(section: OffsetCancellationSection | None) -> OffsetCancellation | None:
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


def _disturbance(section: LineDisturbanceSection | None) -> LineDisturbance | None:
    """Line disturbance of a file, if it has one."""
    if section is None:
        return None
    return LineDisturbance(section.current.si, section.scale.si, section.limit.si)


def _clamp(section: ClampSection | None) -> CurrentClamp | None:
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
        lowest_current_A=0.0 if section.lowest_current is None else section.lowest_current.si,
        highest_current_A=math.inf if section.highest_current is None else section.highest_current.si,
        linear_current_A=math.inf if section.linear_current is None else section.linear_current.si,
        noise_conductance_S=1.0 / section.transresistance.si
        if section.noise_conductance is None
        else section.noise_conductance.si,
    )
