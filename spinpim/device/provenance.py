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
    "second_order_anisotropy_J_per_m2": "free_layer.second_order_anisotropy",
    "curie_temperature_K": "free_layer.curie_temperature",
    "magnetisation_exponent": "free_layer.magnetisation_exponent",
    "anisotropy_exponent": "free_layer.anisotropy_exponent",
    "resistance_area_product_ohm_m2": "junction.resistance_area_product",
    "tunnel_magnetoresistance": "junction.tunnel_magnetoresistance",
    "half_bias_voltage_V": "junction.half_bias_voltage",
    "barrier_thickness_m": "junction.barrier_thickness",
    "stt_efficiency": "junction.stt_efficiency",
    "stt_field_like_ratio": "junction.stt_field_like_ratio",
    "stt_asymmetry": "junction.stt_asymmetry",
    "electrical_diameter_m": "junction.electrical_diameter",
    "tmr_temperature_coefficient_per_K": "junction.tmr_temperature_coefficient",
    "channel_length_m": "channel.length",
    "channel_width_m": "channel.width",
    "channel_thickness_m": "channel.thickness",
    "channel_resistivity_ohm_m": "channel.resistivity",
    "spin_hall_angle": "channel.spin_hall_angle",
    "field_like_ratio": "channel.field_like_ratio",
    "oersted_factor": "channel.oersted_factor",
    "junction_resistance_K_per_W": "junction.thermal_resistance",
    "junction_time_s": "junction.thermal_time",
    "channel_resistance_K_per_W": "channel.thermal_resistance",
    "channel_time_s": "channel.thermal_time",
    "temperature_K": "environment.temperature",
    "sot_current_A": "write.sot_current",
    "width_s": "write.width",
    "rise_time_s": "write.rise_time",
    "fall_time_s": "write.fall_time",
    "mtj_voltage_V": "write.mtj_voltage",
    "mtj_extra_time_s": "write.mtj_extra_time",
    "settle_time_s": "write.settle_time",
    "mtj_delay_s": "write.mtj_delay",
}
VECTOR_KEYS = {
    "external_field_T": tuple(f"environment.external_field_{axis}" for axis in "xyz"),
    "sot_polarisation": tuple(f"channel.polarisation_{axis}" for axis in "xyz"),
    "demagnetising_factors": tuple(f"free_layer.demagnetising_factor_{axis}" for axis in "xyz"),
    "demagnetising_off_diagonal": tuple(
        f"free_layer.demagnetising_factor_{pair}" for pair in ("xy", "xz", "yz")
    ),
}
GROUPS = ("write", "warming")
NUMBERS_OF_GROUP = {
    "warming": tuple(
        f"{part}.thermal_{kind}" for part in ("junction", "channel") for kind in ("resistance", "time")
    )
}


def changed_records(
    records: tuple[ParameterRecord, ...], changes: Mapping[str, Any]
) -> tuple[ParameterRecord, ...]:
    """Records after attributes were changed: new value, no source, status "assumed", same relative sigma.

    A number that was taken away (None) loses its record.
    """
    values: dict[str, float] = {}
    gone: set[str] = set()
    for name, value in changes.items():
        if value is None:
            gone.update(NUMBERS_OF_GROUP.get(name, ()), {FILE_KEYS.get(name, "")})
        elif name in VECTOR_KEYS:
            values.update(zip(VECTOR_KEYS[name], value, strict=True))
        elif name in GROUPS:
            parts = dataclasses.asdict(value)
            values.update({FILE_KEYS[part]: number for part, number in parts.items()})
        elif name in FILE_KEYS:
            values[FILE_KEYS[name]] = value
    return tuple(
        _changed(record, values[record.key])
        if values.get(record.key, record.value_si) != record.value_si
        else record
        for record in records
        if record.key not in gone
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
        (field.name, _plain(getattr(device, field.name)))
        for field in dataclasses.fields(device)
        if field.name not in ("name", "title", "records")
    ]
    return hashlib.sha256(repr(numbers).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """The same numbers as Python floats: 300, 300.0 and numpy's 300.0 are one temperature."""
    if dataclasses.is_dataclass(value):
        return [(field.name, _plain(getattr(value, field.name))) for field in dataclasses.fields(value)]
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    # Adding zero makes -0.0 the 0.0 that it equals.
    return value if value is None or isinstance(value, str) else float(value) + 0.0
