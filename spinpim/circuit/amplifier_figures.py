"""The numbers of a sense amplifier: which are possible, and the file key of each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spinpim.checks import finite
from spinpim.circuit.amplifier_parts import (
    SLOPES,
    CurrentClamp,
    DevicePair,
    DeviceSize,
    LineDisturbance,
    OffsetCancellation,
)
from spinpim.circuit.changes import Figure, check_kind
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.circuit.sense_amp import SenseAmp

TOPOLOGIES = ("strongarm", "latch", "current_mirror", "offset_cancelled")

KEYS = {
    "matching_V_m": "offset.matching",
    "common_mode_reference_V": "offset.common_mode_reference",
    "common_mode_supply": "offset.common_mode_supply",
    "common_mode_minimum_V": "offset.common_mode_minimum",
    "common_mode_maximum_V": "offset.common_mode_maximum",
    "time_constant_s": "decision.time_constant",
    "load_share": "decision.load_share",
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
    "systematic_offset_V": "offset.systematic",
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
    finite("load_share", amplifier.load_share, 0.0, 1.0)
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
        if held.lowest_current_A:
            figures["clamp.lowest_current"] = Figure(held.lowest_current_A, unit="A")
        if math.isfinite(held.highest_current_A):
            figures["clamp.highest_current"] = Figure(held.highest_current_A, unit="A")
        if math.isfinite(held.linear_current_A):
            figures["clamp.linear_current"] = Figure(held.linear_current_A, unit="A")
        figures["clamp.gate_voltage"] = Figure(held.gate_V, unit="V")
    return figures
