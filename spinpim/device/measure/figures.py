"""Derived figures of a device, each with the parameters it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spinpim.device.energy import write_energy
from spinpim.device.escape.retention import energy_barrier, retention_s
from spinpim.device.mtj import Device

_MAGNETIC = (
    "free_layer.saturation_magnetisation",
    "free_layer.interfacial_anisotropy",
    "free_layer.diameter_x",
    "free_layer.diameter_y",
    "free_layer.thickness",
    "free_layer.second_order_anisotropy",
    *(f"free_layer.demagnetising_factor_{part}" for part in ("x", "y", "z", "xy", "xz", "yz")),
    "free_layer.curie_temperature",
    "free_layer.magnetisation_exponent",
    "free_layer.anisotropy_exponent",
)
_FIELD = ("environment.external_field_x", "environment.external_field_y", "environment.external_field_z")
_CHANNEL = ("channel.spin_hall_angle", "channel.width", "channel.thickness")
_RESISTANCE = (
    "junction.resistance_area_product",
    "junction.electrical_diameter",
    "free_layer.diameter_x",
    "free_layer.diameter_y",
)
_TORQUE = ("free_layer.saturation_magnetisation", "free_layer.thickness")
_JUNCTION = ("junction.stt_efficiency", "junction.resistance_area_product")
_OUT_OF_P = (
    "junction.stt_asymmetry",
    "junction.stt_field_like_ratio",
    "junction.barrier_thickness",
    "free_layer.vcma_coefficient",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One derived figure.

    Attributes
    ----------
    name : str
        What it is, in words.
    value : float
        In SI.
    unit : str
        SI unit.
    keys : tuple of str
        Keys of the parameter file it rests on.
    assumed : tuple of str
        Those of the keys whose status is "assumed".
    """

    name: str
    value: float
    unit: str
    keys: tuple[str, ...]
    assumed: tuple[str, ...]


def derived_figures(device: Device) -> tuple[Figure, ...]:
    """List the figures that characterise a device.

    Parameters
    ----------
    device : Device
        Loaded from a file, so that every figure can name what it rests on.

    Returns
    -------
    tuple of Figure
        Resistances, anisotropy field, stability, barrier with the external field, retention, critical
        current and voltage, torque fields, channel resistance and write energy.

    Examples
    --------
    >>> figures = derived_figures(Device.load("perpendicular_memory_60nm"))
    >>> [figure.name for figure in figures if figure.unit == "T"]
    ['effective anisotropy field']
    """
    records = {record.key: record for record in device.records}
    return tuple(
        Figure(
            name,
            value,
            unit,
            keys=keys,
            assumed=tuple(key for key in keys if records[key].status == "assumed"),
        )
        for name, value, unit, every_key in _figures(device)
        for keys in [tuple(key for key in dict.fromkeys(every_key) if key in records)]
    )


def _figures(device: Device) -> Iterator[tuple[str, float, str, tuple[str, ...]]]:
    temperature = ("environment.temperature",)
    barrier = min(energy_barrier(device, state) for state in ("P", "AP"))
    channel = ("channel.length", "channel.width", "channel.thickness", "channel.resistivity")
    tmr = ("junction.tunnel_magnetoresistance",)
    yield "resistance parallel R_P", device.resistance_p_ohm, "ohm", _RESISTANCE
    yield "resistance antiparallel R_AP", device.resistance_ap_ohm, "ohm", _RESISTANCE + tmr
    yield "effective anisotropy field", device.anisotropy_field_T, "T", _MAGNETIC
    yield "thermal stability", device.thermal_stability, "1", _MAGNETIC + temperature
    yield "barrier in the external field", barrier, "1", _MAGNETIC + temperature + _FIELD
    damped = (*_MAGNETIC, "free_layer.damping", *temperature, *_FIELD)
    yield "retention of one bit", retention_s(device), "s", damped
    if device.sot_critical_current_A is not None:
        keys = _MAGNETIC + _CHANNEL + _FIELD + (() if device.easy_axis == "z" else ("free_layer.damping",))
        yield "SOT critical current (T = 0, slow)", device.sot_critical_current_A, "A", keys
    keys = (*_MAGNETIC, "free_layer.damping", *_JUNCTION)
    yield "STT critical voltage (T = 0)", device.stt_critical_voltage_V, "V", keys
    stt_current = -device.stt_critical_voltage_of("P") / device.resistance_p_ohm
    yield "STT critical current, P state", stt_current, "A", (*keys, *_OUT_OF_P, *_FIELD, *_RESISTANCE)
    yield "damping-like SOT field per mA", 1e-3 * device.sot_field_T_per_A, "T/mA", _CHANNEL + _TORQUE
    yield "STT field per volt", device.stt_field_T_per_V, "T/V", _JUNCTION + _TORQUE
    yield "channel resistance", device.channel_resistance_ohm, "ohm", channel
    drop = device.write.sot_current_A * device.channel_resistance_ohm
    energy = write_energy(device, device.write_pulse("AP"), max(drop, device.write.mtj_voltage_V))
    yield "write energy in the channel", energy.channel_J, "J", (*channel, "write.sot_current", "write.width")
    yield "write energy in the junction", energy.junction_J, "J", (*_RESISTANCE, *tmr, "write.mtj_voltage")
