"""Closed forms: torque fields per drive and the zero-temperature instability of a macrospin."""

from __future__ import annotations

import math

from spinpim.constants import ELEMENTARY_CHARGE, REDUCED_PLANCK
from spinpim.errors import InputError


def torque_field_T(
    efficiency: float,
    current_density_A_per_m2: float,
    saturation_magnetisation_A_per_m: float,
    thickness_m: float,
) -> float:
    r"""Damping-like field of a spin current absorbed by a thin film.

    .. math:: B_{DL} = \frac{\hbar\,\theta\,J}{2 e M_s t_F}

    Parameters
    ----------
    efficiency : float
        Spin Hall angle or spin-transfer efficiency [1], signed.
    current_density_A_per_m2 : float
        Charge current density in the channel (SOT) or through the junction (STT) [A/m^2], signed.
    saturation_magnetisation_A_per_m, thickness_m : float
        M_s [A/m] and film thickness [m], > 0.

    Returns
    -------
    float
        B_DL [T]; positive drives m towards +sigma (SOT) or towards the reference (STT).

    Notes
    -----
    An efficiency inferred from a measured threshold is an effective number: nucleation and heat are in it.

    Examples
    --------
    >>> round(1e3 * torque_field_T(0.3, 1e12, 1e6, 1e-9), 2)
    98.73

    References
    ----------
    K.-S. Lee et al., Appl. Phys. Lett. 102, 112410 (2013), arXiv:1210.3442.
    """
    return (
        REDUCED_PLANCK
        * efficiency
        * current_density_A_per_m2
        / (2.0 * ELEMENTARY_CHARGE * saturation_magnetisation_A_per_m * thickness_m)
    )


def sot_critical_field(anisotropy_field_T: float, in_plane_field_T: float) -> float:
    r"""Damping-like field that makes a perpendicular macrospin unstable, quasi-static, zero temperature.

    .. math::

        B_c = \sqrt{1-s^2}\,(B_k s - B_x), \qquad s = \tfrac14\left(h + \sqrt{8+h^2}\right),\ h = B_x/B_k

    Parameters
    ----------
    anisotropy_field_T : float
        Effective anisotropy field mu0 H_k,eff [T], > 0.
    in_plane_field_T : float
        Field along the current [T], 0 <= B_x < B_k.

    Returns
    -------
    float
        Critical damping-like field [T].

    Raises
    ------
    InputError
        If the fields are outside the stated range.

    Notes
    -----
    Current ramped slowly against the damping time; a sudden step switches 2-24 % lower. No field-like torque.

    Examples
    --------
    >>> round(sot_critical_field(1.0, 0.1), 4)
    0.4306

    References
    ----------
    K.-S. Lee et al., Appl. Phys. Lett. 102, 112410 (2013), arXiv:1210.3442.
    """
    if not (anisotropy_field_T > 0.0 and 0.0 <= in_plane_field_T < anisotropy_field_T):
        raise InputError(
            "sot_critical_field needs 0 <= in_plane_field_T < anisotropy_field_T; "
            f"instead received {in_plane_field_T} T and {anisotropy_field_T} T."
        )
    h = in_plane_field_T / anisotropy_field_T
    s = 0.25 * (h + math.sqrt(8.0 + h * h))
    return math.sqrt(1.0 - s * s) * (anisotropy_field_T * s - in_plane_field_T)


def antidamping_critical_field(damping: float, first_stiffness_T: float, second_stiffness_T: float) -> float:
    r"""Damping-like field that makes a state unstable when the polarisation lies along the easy axis.

    .. math:: B_c = \tfrac{\alpha}{2}(B_1 + B_2)

    with the stiffness fields B_1, B_2 against tilting towards the two other axes. For a perpendicular
    junction under STT both are B_k; for an in-plane one (STT, or SOT with sigma along the easy axis) they
    are B_k and B_k + M_eff, the textbook alpha (H_k + M_eff/2).

    Parameters
    ----------
    damping : float
        Gilbert damping [1], > 0.
    first_stiffness_T, second_stiffness_T : float
        Stiffness fields, any field along the easy axis included [T], > 0.

    Returns
    -------
    float
        Critical damping-like field [T], zero temperature, no field-like torque.

    Examples
    --------
    >>> round(antidamping_critical_field(0.01, 0.02, 1.02), 5)
    0.0052

    References
    ----------
    J. Z. Sun, Phys. Rev. B 62, 570 (2000), doi:10.1103/PhysRevB.62.570.
    """
    return 0.5 * damping * (first_stiffness_T + second_stiffness_T)
