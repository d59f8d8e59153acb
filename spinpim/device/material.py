"""How the free layer's magnetisation and anisotropy follow temperature, voltage and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.constants import VACUUM_PERMEABILITY
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.device.mtj import Device

Array = NDArray[np.float64]

MAGNETISATION_EXPONENT = 1.5
"""Bloch's law."""

ANISOTROPY_EXPONENT = 2.18
"""K_i over M_s, the value used for CoFeB/MgO in published compact models; assumed. The VCMA coefficient and
the spin-torque efficiencies are held constant over temperature."""

NEAREST_TO_CURIE = 0.95
"""Hottest temperature over the Curie temperature at which a layer still counts as a macrospin."""


def magnetisation_ratio(device: Device, temperature_K: ArrayLike) -> Array:
    r"""M_s(T) over its value at the reference temperature [1].

    .. math:: \frac{M_s(T)}{M_s(T_0)} = \frac{1 - (T/T_C)^e}{1 - (T_0/T_C)^e}

    Bloch's law for e = 3/2; without a Curie temperature the ratio is 1.

    Parameters
    ----------
    device : Device
        The junction.
    temperature_K : array
        Temperatures [K].

    Returns
    -------
    array
        Ratio [1].

    Raises
    ------
    InputError
        If a temperature exceeds 95 % of the Curie temperature.

    References
    ----------
    F. Bloch, Z. Phys. 61, 206 (1930), doi:10.1007/BF01339661.
    """
    temperature = np.asarray(temperature_K, dtype=np.float64)
    curie = device.curie_temperature_K
    if curie is None:
        return np.ones_like(temperature)
    hottest = float(temperature.max())
    if hottest > NEAREST_TO_CURIE * curie:
        raise InputError(
            f"Device {device.name} reaches {hottest:.0f} K, above {100 * NEAREST_TO_CURIE:.0f} % of its "
            f"Curie temperature of {curie:.0f} K, where it is no macrospin any more; shorten or lower the "
            "pulse, or check the thermal resistances."
        )
    exponent = device.magnetisation_exponent
    reference = 1.0 - (device.reference_temperature_K / curie) ** exponent
    ratio: Array = (1.0 - (temperature / curie) ** exponent) / reference
    return ratio


def magnetisation_A_per_m(device: Device, temperature_K: ArrayLike) -> Array:
    """M_s at temperatures [A/m]; see `magnetisation_ratio`."""
    return device.saturation_magnetisation_A_per_m * magnetisation_ratio(device, temperature_K)


def stiffness_T(device: Device, mtj_voltage_V: ArrayLike, temperature_K: ArrayLike) -> Array:
    r"""Tensor of the anisotropy field, (..., 6) as xx, yy, zz, xy, xz, yz [T].

    .. math::

        C_{ij} = -\mu_0 M_s N_{ij} + \delta_{iz}\delta_{jz}\,\frac{2 (K_i + \xi V / t_{ox})}{M_s t_F}, \qquad
        K_i(T) = K_i(T_0) \left(\frac{M_s(T)}{M_s(T_0)}\right)^n

    References
    ----------
    H. B. Callen and E. Callen, J. Phys. Chem. Solids 27, 1271 (1966), doi:10.1016/0022-3697(66)90012-6.
    """
    voltage, temperature = np.broadcast_arrays(
        np.asarray(mtj_voltage_V, dtype=np.float64), np.asarray(temperature_K, dtype=np.float64)
    )
    ratio = magnetisation_ratio(device, temperature)
    magnetisation = device.saturation_magnetisation_A_per_m * ratio
    factors = np.array([*device.demagnetising_factors, *device.demagnetising_off_diagonal])
    tensor: Array = -VACUUM_PERMEABILITY * magnetisation[..., None] * factors
    interface = device.interfacial_anisotropy_J_per_m2 * ratio**device.anisotropy_exponent
    interface = interface + device.vcma_coefficient_J_per_V_m * voltage / device.barrier_thickness_m
    tensor[..., 2] += 2.0 * interface / (magnetisation * device.thickness_m)
    return tensor


def second_order_T(device: Device, temperature_K: ArrayLike) -> Array:
    r"""Field q of the second-order interfacial anisotropy, q m_z (1 - m_z^2) along z [T].

    .. math:: E/A = K_{i2} (1 - m_z^2)^2, \qquad q = \frac{4 K_{i2}}{M_s t_F}

    with the temperature dependence of the first order.
    """
    ratio = magnetisation_ratio(device, temperature_K)
    moment_per_area = device.saturation_magnetisation_A_per_m * device.thickness_m
    q: Array = (
        4.0
        * device.second_order_anisotropy_J_per_m2
        / moment_per_area
        * ratio ** (device.anisotropy_exponent - 1.0)
    )
    return q
