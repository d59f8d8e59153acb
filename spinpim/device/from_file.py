"""From a checked parameter file to the fields of a Device; stated figures against derived ones."""

from __future__ import annotations

from typing import Any

from spinpim.device.demagnetisation import elliptic_cylinder_factors
from spinpim.device.material import ANISOTROPY_EXPONENT, MAGNETISATION_EXPONENT
from spinpim.device.pulse import WriteSettings
from spinpim.device.warming import Warming
from spinpim.errors import InputError
from spinpim.params import DeviceFile, Quantity, stated_mismatch


def device_fields(file: DeviceFile) -> dict[str, Any]:
    """Keyword arguments of Device; optional keys get the value that physics gives them."""
    layer, junction, channel, environment = file.free_layer, file.junction, file.channel, file.environment
    size = (layer.diameter_x.si, layer.diameter_y.si, layer.thickness.si)
    stated = (layer.demagnetising_factor_x, layer.demagnetising_factor_y, layer.demagnetising_factor_z)
    if stated[0] is None or stated[1] is None or stated[2] is None:
        factors = elliptic_cylinder_factors(*size)
    else:
        factors = (stated[0].si, stated[1].si, stated[2].si)
    mixed = (layer.demagnetising_factor_xy, layer.demagnetising_factor_xz, layer.demagnetising_factor_yz)
    polarisation = (channel.polarisation_x, channel.polarisation_y, channel.polarisation_z)
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
        "stt_asymmetry": _si(junction.stt_asymmetry, 0.0),
        "electrical_diameter_m": _optional(junction.electrical_diameter),
        "tmr_temperature_coefficient_per_K": _si(junction.tmr_temperature_coefficient, 0.0),
        "channel_length_m": channel.length.si,
        "channel_width_m": channel.width.si,
        "channel_thickness_m": channel.thickness.si,
        "channel_resistivity_ohm_m": channel.resistivity.si,
        "spin_hall_angle": channel.spin_hall_angle.si,
        "field_like_ratio": channel.field_like_ratio.si,
        "sot_polarisation": (0.0, 1.0, 0.0)
        if all(part is None for part in polarisation)
        else tuple(_si(part, 0.0) for part in polarisation),
        "oersted_factor": _si(channel.oersted_factor, 1.0),
        "second_order_anisotropy_J_per_m2": _si(layer.second_order_anisotropy, 0.0),
        "demagnetising_off_diagonal": tuple(_si(part, 0.0) for part in mixed),
        "curie_temperature_K": _optional(layer.curie_temperature),
        "magnetisation_exponent": _si(layer.magnetisation_exponent, MAGNETISATION_EXPONENT),
        "anisotropy_exponent": _si(layer.anisotropy_exponent, ANISOTROPY_EXPONENT),
        "warming": _warming(file),
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
            mtj_delay_s=_si(file.write.mtj_delay, 0.0),
        ),
        "records": file.records(),
    }


def _si(number: Quantity | None, otherwise: float) -> float:
    return otherwise if number is None else number.si


def _optional(number: Quantity | None) -> float | None:
    return None if number is None else number.si


def _warming(file: DeviceFile) -> Warming | None:
    """Thermal paths of a file; one that is absent does not heat."""
    junction, channel = file.junction, file.channel
    if junction.thermal_resistance is None and channel.thermal_resistance is None:
        return None
    return Warming(
        junction_resistance_K_per_W=_si(junction.thermal_resistance, 0.0),
        junction_time_s=_si(junction.thermal_time, 1.0),
        channel_resistance_K_per_W=_si(channel.thermal_resistance, 0.0),
        channel_time_s=_si(channel.thermal_time, 1.0),
    )


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
