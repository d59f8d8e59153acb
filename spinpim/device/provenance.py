"""Which key of the parameter file a Device attribute comes from, and what a change does to its record."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spinpim.params import ParameterRecord

if TYPE_CHECKING:
    from spinpim.device.mtj import Device

FILE_KEYS = {
    "diameter_x_m": "free_layer.diameter_x",
    "diameter_y_m": "free_layer.diameter_y",
    "thickness_m": "free_layer.thickness",
    "saturation_magnetisation_A_per_m": "free_layer.saturation_magnetisation",
    "damping": "free_layer.damping",
    "interfacial_anisotropy_J_per_m2": "free_layer.interfacial_anisotropy",
    "vcma_coefficient_J_per_V_m": "free_layer.vcma_coefficient",
    "resistance_area_product_ohm_m2": "junction.resistance_area_product",
    "tunnel_magnetoresistance": "junction.tunnel_magnetoresistance",
    "half_bias_voltage_V": "junction.half_bias_voltage",
    "barrier_thickness_m": "junction.barrier_thickness",
    "stt_efficiency": "junction.stt_efficiency",
    "stt_field_like_ratio": "junction.stt_field_like_ratio",
    "electrical_diameter_m": "junction.electrical_diameter",
    "tmr_temperature_coefficient_per_K": "junction.tmr_temperature_coefficient",
    "channel_length_m": "channel.length",
    "channel_width_m": "channel.width",
    "channel_thickness_m": "channel.thickness",
    "channel_resistivity_ohm_m": "channel.resistivity",
    "spin_hall_angle": "channel.spin_hall_angle",
    "field_like_ratio": "channel.field_like_ratio",
    "temperature_K": "environment.temperature",
    "sot_current_A": "write.sot_current",
    "width_s": "write.width",
    "rise_time_s": "write.rise_time",
    "fall_time_s": "write.fall_time",
    "mtj_voltage_V": "write.mtj_voltage",
    "mtj_extra_time_s": "write.mtj_extra_time",
    "settle_time_s": "write.settle_time",
}
FIELD_KEYS = tuple(f"environment.external_field_{axis}" for axis in "xyz")


def changed_records(
    records: tuple[ParameterRecord, ...], changes: Mapping[str, Any]
) -> tuple[ParameterRecord, ...]:
    """Records after attributes were changed: new value, no source, status "assumed", same relative sigma."""
    values: dict[str, float] = {}
    for name, value in changes.items():
        if name == "external_field_T":
            values.update(zip(FIELD_KEYS, value, strict=True))
        elif name == "write":
            parts = dataclasses.asdict(value)
            values.update({FILE_KEYS[part]: number for part, number in parts.items()})
        elif name in FILE_KEYS and value is not None:
            values[FILE_KEYS[name]] = value
    return tuple(
        _changed(record, values[record.key])
        if values.get(record.key, record.value_si) != record.value_si
        else record
        for record in records
    )


def _changed(record: ParameterRecord, value: float) -> ParameterRecord:
    scale = abs(value / record.value_si) if record.value_si else 0.0
    return dataclasses.replace(
        record,
        value_si=value,
        sigma_si=record.sigma_si * scale,
        text=f"{value:g} {record.unit_si}".removesuffix(" 1"),
        source="",
        where="changed in a script",
        status="assumed",
    )


def fingerprint(device: Device) -> str:
    """Hash of every number of a device; its name, title and sources do not count."""
    numbers = [
        (field.name, getattr(device, field.name))
        for field in dataclasses.fields(device)
        if field.name not in ("name", "title", "records")
    ]
    return hashlib.sha256(repr(numbers).encode()).hexdigest()[:16]
