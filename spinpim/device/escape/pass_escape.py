"""Escape over a pass: Langer's closed form, the bridged passage, and the mode on the sphere."""

from __future__ import annotations

import math

import numpy as np

from spinpim.device.escape.axial_escape import ring_escape, upright_well
from spinpim.device.escape.driven_well import DrivenWell, EscapeRate, escape_result
from spinpim.device.escape.energy_orbits import well_orbits
from spinpim.device.escape.sphere_escape import RELATIVE_TOLERANCE, sphere_escape_rate_per_s
from spinpim.device.escape.transition_rates import (
    Crossing,
    crossing,
    growth_over_frequency,
    lowest_pass,
    walk_flux,
)
from spinpim.errors import InputError

LARGEST_ERROR = 1.0
"""Relative error above which a method refuses to answer."""

LEAST_BARRIER, LEAST_RISE = 5.0, 4.0
"""Of Langer's form, which expands about the pass [k_B T]: barrier, and rise across the pass at a radian."""

TORQUE_ERROR, SECOND_ORDER_ERROR, FLAT_ERROR = 0.2, 1.5, 0.25
"""Measured against eigenvalues: largest error of the bridged rate with a torque, its growth, and the error
of a pass that does not rise across."""


def bridged_escape(cell: DrivenWell) -> EscapeRate:
    """Energy diffusion bridged to Langer's rate; an almost axial junction by the axial passage."""
    cell.check_torque()
    row = cell.row
    upright = upright_well(cell)
    if upright is not None:
        return ring_escape(upright, float(np.hypot(row[0], row[1]) / row[14]))
    found = crossing(
        cell.landscape, cell.torque, cell.side, damping=cell.device.damping, thermal_T=float(row[14])
    )
    if found is None:
        return _nothing_to_escape_to("passage")
    error = bridged_error(found, cell.driven)
    if error > LARGEST_ERROR and found.barrier > 1.0:
        raise InputError(
            f"The torque is too strong for energy diffusion along free precession: the rate would be "
            f"uncertain by a factor of {1.0 + error:.2g}. Lower the drive or the damping."
        )
    sentence = (
        "Any damping, barriers above about 3 k_B T; the torque small against the stiffness at the pass; "
        "below that an inverse mean passage."
    )
    return escape_result(cell.log_gyration + found.log_rate, error, "passage", sentence)


def bridged_error(found: Crossing, driven: bool) -> float:
    """Relative error of a bridged rate [1], as measured against eigenvalues on the sphere."""
    low = 0.04 + 0.25 / max(found.barrier, 0.5) + FLAT_ERROR * max(0.0, 1.0 - found.flatness)
    if not driven:
        return low
    return low + TORQUE_ERROR + math.expm1(min(SECOND_ORDER_ERROR * found.torque * found.barrier, 50.0))


def langer_escape(cell: DrivenWell) -> EscapeRate:
    r"""Langer's rate with the depopulation factor, and :math:`e^{-\Delta_b(1 - V/V_c)}` under a torque."""
    cell.check_torque()
    landscape, thermal = cell.landscape, float(cell.row[14])
    found = lowest_pass(landscape, thermal)
    if found is None:
        return _nothing_to_escape_to("closed_form")
    minimum = landscape.minimum_near(cell.side)
    first, second = landscape.curvatures_T(minimum)[0]
    barrier = (found.height_T - float(landscape.energy_T(minimum))) / thermal
    damping = cell.device.damping
    drive = 2.0 * cell.torque_along_T / (damping * float(first + second))
    if barrier * (1.0 + drive) < LEAST_BARRIER or drive >= 1.0:
        raise InputError(
            f"Langer's form needs a barrier of {LEAST_BARRIER:g} k_B T or more and a torque below the "
            f"threshold; here they are {barrier:.3g} k_B T and {-drive:.2g} of the threshold. "
            "Use method 'passage'."
        )
    turned = growth_over_frequency(damping, found.down_T, found.up_T)
    if found.up_T / thermal < LEAST_RISE:
        raise InputError(
            "Langer's form needs a pass that rises by several k_B T within a radian to both sides; here the "
            "anisotropy is almost axial. Use method 'passage'."
        )
    first_loss, second_loss = (
        damping
        * float(well_orbits(landscape, cell.torque, bottom, found.height_T).dissipation_T[-1])
        / (thermal * found.count)
        for bottom in (minimum, landscape.minimum_near(-cell.side))
    )
    kept = walk_flux((first_loss, second_loss), (1.0, 1.0))
    attempt = math.sqrt(float(first * second)) / (2.0 * math.pi)
    log_value = cell.log_gyration + math.log(found.count * attempt * turned * kept)
    error = 2.0 / barrier + math.expm1(min(0.15 * abs(drive) * barrier, 50.0))
    sentence = (
        "Barriers above 5 k_B T without axial symmetry, any damping; with a torque the exponent is the "
        "low-damping one, taken linear in the voltage."
    )
    return escape_result(log_value - barrier * (1.0 + drive), error, "closed_form", sentence)


def sphere_escape(cell: DrivenWell) -> EscapeRate:
    """Slowest mode on the sphere; refuses what it does not resolve."""
    device = cell.device
    if device.stt_asymmetry != 0.0 and cell.row[13] != 0.0:
        raise InputError("The eigenvalue on the sphere needs a junction torque without asymmetry (chi = 0).")
    if cell.landscape.lowest_saddle() is None:
        return _nothing_to_escape_to("fokker-planck")
    value = sphere_escape_rate_per_s(
        cell.row, damping=device.damping, side=cell.side, reference=device.reference_direction
    )
    sentence = "Any constant drive, barriers up to about 25 k_B T."
    return escape_result(math.log(value), 2.0 * RELATIVE_TOLERANCE, "fokker-planck", sentence)


def _nothing_to_escape_to(method: str) -> EscapeRate:
    return escape_result(-math.inf, 0.0, method, "The landscape has no other state to be lost to.")
