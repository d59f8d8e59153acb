"""What a Device may be, whether it comes from a file or from a script."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from spinpim.checks import finite
from spinpim.device.material import NEAREST_TO_CURIE
from spinpim.device.pulse import WriteSettings
from spinpim.device.warming import Warming
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.device.mtj import Device

AXES = "xyz"

LEAST_TEMPERATURE_K = 1e-9
LEAST_MAGNETISATION_A_PER_M = 1.0
EXPONENTS = (0.1, 10.0)

POSITIVE = (
    "diameter_x_m",
    "diameter_y_m",
    "thickness_m",
    "saturation_magnetisation_A_per_m",
    "damping",
    "resistance_area_product_ohm_m2",
    "half_bias_voltage_V",
    "barrier_thickness_m",
    "channel_length_m",
    "channel_width_m",
    "channel_thickness_m",
    "channel_resistivity_ohm_m",
    "temperature_K",
    "reference_temperature_K",
    "magnetisation_exponent",
    "anisotropy_exponent",
)
SIGNED = (
    "interfacial_anisotropy_J_per_m2",
    "vcma_coefficient_J_per_V_m",
    "stt_field_like_ratio",
    "tmr_temperature_coefficient_per_K",
    "spin_hall_angle",
    "field_like_ratio",
    "second_order_anisotropy_J_per_m2",
)
LARGEST_FIELD_T = 100.0
NOT_NEGATIVE = ("tunnel_magnetoresistance", "stt_efficiency", "oersted_factor")
VECTORS = ("demagnetising_factors", "demagnetising_off_diagonal", "external_field_T", "sot_polarisation")
LARGEST_ASYMMETRY = 0.99
UNIT_TOLERANCE = 1e-6

DEMAGNETISING_TOLERANCE = 1e-3
"""As far as the principal demagnetising factors of rounded numbers may lie outside 0..1."""


def check_device(device: Device) -> None:
    """Refuse numbers that no junction can have.

    Raises
    ------
    InputError
        If a number is not finite or has an impossible sign, or the easy axis is not easy.
    """
    where = f"Device {device.name}:"
    if device.easy_axis not in tuple(AXES):
        raise InputError(f"{where} easy_axis must be 'x', 'y' or 'z'; received {device.easy_axis!r}.")
    for name in POSITIVE:
        finite(f"{where} {name}", getattr(device, name), above=0.0)
    for name in NOT_NEGATIVE:
        finite(f"{where} {name}", getattr(device, name), 0.0)
    for name in SIGNED:
        finite(f"{where} {name}", getattr(device, name))
    if device.electrical_diameter_m is not None:
        finite(f"{where} electrical_diameter_m", device.electrical_diameter_m, above=0.0)
    for name in ("temperature_K", "reference_temperature_K"):
        finite(f"{where} {name}", getattr(device, name), LEAST_TEMPERATURE_K)
    for name in ("magnetisation_exponent", "anisotropy_exponent"):
        finite(f"{where} {name}", getattr(device, name), *EXPONENTS)
    finite(
        f"{where} saturation_magnetisation_A_per_m",
        device.saturation_magnetisation_A_per_m,
        LEAST_MAGNETISATION_A_PER_M,
    )
    finite(f"{where} stt_asymmetry", device.stt_asymmetry, -LARGEST_ASYMMETRY, LARGEST_ASYMMETRY)
    if device.curie_temperature_K is not None:
        finite(
            f"{where} curie_temperature_K",
            device.curie_temperature_K,
            above=max(device.temperature_K, device.reference_temperature_K) / NEAREST_TO_CURIE,
        )
    if device.warming is not None and not isinstance(device.warming, Warming):
        raise InputError(f"{where} warming must be a Warming or None; received {device.warming!r:.60}.")
    for name in VECTORS:
        vector = getattr(device, name)
        if not isinstance(vector, tuple) or len(vector) != 3:
            raise InputError(f"{where} {name} must be a tuple of three numbers; received {vector!r:.60}.")
        for component in vector:
            finite(f"{where} {name}", component, -LARGEST_FIELD_T, LARGEST_FIELD_T)
    if abs(sum(part**2 for part in device.sot_polarisation) - 1.0) > UNIT_TOLERANCE:
        raise InputError(
            f"{where} sot_polarisation must be a unit vector; "
            f"instead received {device.sot_polarisation!r:.60}."
        )
    _check_demagnetising_tensor(device, where)
    if not isinstance(device.write, WriteSettings):
        raise InputError(f"{where} write must be WriteSettings; received {device.write!r:.60}.")
    for field in dataclasses.fields(device.write):
        finite(f"{where} write.{field.name}", getattr(device.write, field.name))
    softest = device.stiffness_fields_T[0]
    if softest <= 0.0:
        raise InputError(
            f"{where} the {device.easy_axis} axis is not easy; the energy falls towards another axis "
            f"(stiffness field {1e3 * softest:.1f} mT). "
            "Check the easy axis, the diameters and the interfacial anisotropy against M_s."
        )


def _check_demagnetising_tensor(device: Device, where: str) -> None:
    """Off-diagonal factors must fit the diagonal ones: a body has principal factors between 0 and 1."""
    if not any(device.demagnetising_off_diagonal):
        return
    xy, xz, yz = device.demagnetising_off_diagonal
    tensor = np.diag(device.demagnetising_factors) + np.array([[0, xy, xz], [xy, 0, yz], [xz, yz, 0]])
    lowest, *_, highest = np.linalg.eigvalsh(tensor)
    if lowest < -DEMAGNETISING_TOLERANCE or highest > 1.0 + DEMAGNETISING_TOLERANCE:
        raise InputError(
            f"{where} demagnetising_off_diagonal {device.demagnetising_off_diagonal!r:.60} makes principal "
            f"factors from {lowest:.3g} to {highest:.3g}, outside 0..1; it is too large for the factors "
            "along x, y and z. Take all six from one turned body."
        )
