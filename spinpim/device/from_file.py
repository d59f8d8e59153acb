"""From a checked parameter file to the fields of a Device; stated figures against derived ones."""

from __future__ import annotations

from typing import Any

from spinpim.device.demagnetisation import elliptic_cylinder_factors
from spinpim.device.pulse import WriteSettings
from spinpim.errors import InputError
from spinpim.params import DeviceFile, stated_mismatch


def device_fields(file: DeviceFile) -> dict[str, Any]:
    """Keyword arguments of Device; optional keys get the value that physics gives them."""
    layer, junction, channel, environment = file.free_layer, file.junction, file.channel, file.environment
    size = (layer.diameter_x.si, layer.diameter_y.si, layer.thickness.si)
    stated = (layer.demagnetising_factor_x, layer.demagnetising_factor_y, layer.demagnetising_factor_z)
    if stated[0] is None or stated[1] is None or stated[2] is None:
        factors = elliptic_cylinder_factors(*size)
    else:
        factors = (stated[0].si, stated[1].si, stated[2].si)
    coefficient, electrical = junction.tmr_temperature_coefficient, junction.electrical_diameter
    return {
        "name": file.name,
        "title": file.title,
        "diameter_x_m": size[0],
        "diameter_y_m": size[1],
        "thickness_m": size[2],
        "saturation_magnetisation_A_per_m": layer.saturation_magnetisation.si,
        "damping": layer.damping.si,
        "interfacial_anisotropy_J_per_m2": layer.interfacial_anisotropy.si,
        "vcma_coefficient_J_per_V_m": layer.vcma_coefficient.si,
        "demagnetising_factors": factors,
        "easy_axis": junction.easy_axis,
        "resistance_area_product_ohm_m2": junction.resistance_area_product.si,
        "tunnel_magnetoresistance": junction.tunnel_magnetoresistance.si,
        "half_bias_voltage_V": junction.half_bias_voltage.si,
        "barrier_thickness_m": junction.barrier_thickness.si,
        "stt_efficiency": junction.stt_efficiency.si,
        "stt_field_like_ratio": junction.stt_field_like_ratio.si,
        "electrical_diameter_m": None if electrical is None else electrical.si,
        "tmr_temperature_coefficient_per_K": 0.0 if coefficient is None else coefficient.si,
        "channel_length_m": channel.length.si,
        "channel_width_m": channel.width.si,
        "channel_thickness_m": channel.thickness.si,
        "channel_resistivity_ohm_m": channel.resistivity.si,
        "spin_hall_angle": channel.spin_hall_angle.si,
        "field_like_ratio": channel.field_like_ratio.si,
        "temperature_K": environment.temperature.si,
        "reference_temperature_K": environment.temperature.si,
        "external_field_T": environment.external_field_T,
        "write": WriteSettings(
            sot_current_A=file.write.sot_current.si,
            width_s=file.write.width.si,
            rise_time_s=file.write.rise_time.si,
            fall_time_s=file.write.fall_time.si,
            mtj_voltage_V=file.write.mtj_voltage.si,
            mtj_extra_time_s=file.write.mtj_extra_time.si,
            settle_time_s=file.write.settle_time.si,
        ),
        "records": file.records(),
    }


def check_stated(file: DeviceFile, thermal_stability: float, anisotropy_field_T: float) -> None:
    """Compare the magnetic figures under [stated] with the derived ones.

    Raises
    ------
    InputError
        If one differs by more than three of its standard deviations and by more than 25 %.
    """
    if file.stated is None:
        return
    source = "M_s, anisotropy, demagnetising factors and volume"
    mismatches = (
        stated_mismatch(
            "stated.thermal_stability", file.stated.thermal_stability, thermal_stability, "1", source
        ),
        stated_mismatch(
            "stated.effective_anisotropy_field",
            file.stated.effective_anisotropy_field,
            anisotropy_field_T,
            "T",
            source,
        ),
    )
    for sentence in mismatches:
        if sentence is not None:
            raise InputError(f"{file.path}: {sentence}")
