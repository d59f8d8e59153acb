"""The numbers of a sense amplifier: which are possible, and the file key of each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spinpim.checks import choice, instance, shown
from spinpim.circuit.amplifier_parts import (
    CLAMP,
    CYCLE,
    DISTURBANCE,
    SIZES,
    WEIGHTS,
    CurrentClamp,
    DevicePair,
    DeviceSize,
    LineDisturbance,
    OffsetCancellation,
)
from spinpim.circuit.changes import Figure, check_labels
from spinpim.circuit.file_ranges import AMPLIFIER, settle
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
UNTOLD = {
    "offset_cancellation.capacitance": 0.0,
    "offset_cancellation.amplify_time": 0.0,
    "clamp.lowest_current": 0.0,
    "clamp.highest_current": math.inf,
    "clamp.linear_current": math.inf,
    "clamp.noise_conductance": 0.0,
}
"""Numbers that a file may leave out, and what then stands for them."""


def check_amplifier(amplifier: SenseAmp) -> None:
    """Refuse an amplifier that no file could describe, and make plain numbers of its attributes.

    Raises
    ------
    InputError
        For the first attribute that is impossible.
    """
    check_labels(amplifier)
    choice("topology", amplifier.topology, TOPOLOGIES)
    for name, kind, least in (("pairs", DevicePair, "one"), ("devices", DeviceSize, "zero")):
        given = getattr(amplifier, name)
        sound = isinstance(given, tuple) and all(isinstance(one, kind) for one in given)
        if not sound or (least == "one" and not given):
            raise InputError(
                f"{name} must be a tuple of {least} or more {kind.__name__}; instead received {shown(given)}."
            )
    settle(amplifier, KEYS, AMPLIFIER)
    low, high = amplifier.common_mode_minimum_V, amplifier.common_mode_maximum_V
    if low >= high:
        raise InputError(
            f"common_mode_minimum_V must be below common_mode_maximum_V; instead received {low:g} and "
            f"{high:g}."
        )
    for name, part in (
        ("cancellation", OffsetCancellation),
        ("clamp", CurrentClamp),
        ("disturbance", LineDisturbance),
    ):
        if getattr(amplifier, name) is not None:
            instance(f"{name} of the amplifier", getattr(amplifier, name), part, f"{part.__name__}(...)")


def amplifier_figures(amplifier: SenseAmp) -> dict[str, Figure]:
    """Return the numbers of an amplifier by the key that its file has for them."""
    figures = {key: Figure(getattr(amplifier, name)) for name, key in KEYS.items()}
    for parts, keys in ((amplifier.pairs, {**SIZES, **WEIGHTS}), (amplifier.devices, SIZES)):
        figures |= {
            f"{one.name}.{key}": Figure(getattr(one, name)) for one in parts for name, key in keys.items()
        }
    for section, part, keys in (
        ("offset_cancellation", amplifier.cancellation, CYCLE),
        ("line_disturbance", amplifier.disturbance, DISTURBANCE),
        ("clamp", amplifier.clamp, CLAMP),
    ):
        if part is not None:
            own = {f"{section}.{key}": getattr(part, name) for name, key in keys.items()}
            figures |= {
                key: Figure(value, unit=AMPLIFIER[key].unit)
                for key, value in own.items()
                if UNTOLD.get(key) != value
            }
    if amplifier.clamp is not None:
        held = amplifier.clamp
        load = held.transresistance_ohm
        figures["clamp.voltage"] = Figure(held.voltage_V, held.voltage_sigma_V, "V")
        figures["clamp.transresistance"] = Figure(load, held.transresistance_sigma * load, "ohm")
    return figures
