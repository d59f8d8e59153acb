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
    Well,
    crossing,
    growth_over_frequency,
    lowest_pass,
    walk_flux,
)
from spinpim.errors import InputError

LARGEST_ERROR = 1.5
"""Relative error above which a method refuses to answer."""

LEAST_BARRIER, LEAST_RISE = 5.0, 4.0
"""Of Langer's form, which expands about the pass [k_B T]: barrier, and rise across the pass at a radian."""

TORQUE_ERROR, SECOND_ORDER_ERROR, FLAT_ERROR = 0.2, 1.5, 0.25
"""Measured against eigenvalues: largest error of the bridged rate with a torque, its growth, and the error
of a pass that does not rise across."""

HELD_ERROR, HELD_FLATNESS = 1.0, 8.0
"""Measured likewise: what a torque that holds the state adds in an almost axial layer, whose trials spend
long above the pass, and curvature across it over b_T up to which it does."""


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
    if error > LARGEST_ERROR:
        raise InputError(
            f"The torque is too strong, or the barrier too low, for energy diffusion along free precession: "
            f"the rate would be uncertain by a factor of {1.0 + error:.2g}. Lower the drive or the damping."
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
    held = min(max(1.0 - found.far_slope, 0.0), 1.0) * min(1.0, HELD_FLATNESS / found.flatness)
    low += HELD_ERROR * held
    return low + TORQUE_ERROR + math.expm1(min(SECOND_ORDER_ERROR * found.torque * found.barrier, 50.0))


def langer_escape(cell: DrivenWell) -> EscapeRate:
    r"""Langer's rate with the depopulation factor; under a torque with its exponent along the orbits.

    That is the largest :math:`\Phi` of `crossing`; the density at the bottom is that of the net damping.
    For a strongly biaxial layer it is about :math:`\Delta_b(1 - V/V_c)`.
    """
    cell.check_torque()
    landscape, thermal = cell.landscape, float(cell.row[14])
    found = lowest_pass(landscape, thermal)
    if found is None:
        return _nothing_to_escape_to("closed_form")
    minimum = landscape.minimum_near(cell.side)
    first, second = landscape.curvatures_T(minimum)[0]
    damping = cell.device.damping
    near, far = (
        Well.of(well_orbits(landscape, cell.torque, bottom, found.height_T), damping, thermal)
        for bottom in (minimum, landscape.minimum_near(-cell.side))
    )
    barrier = float(near.exponent.max())
    drive = 2.0 * cell.torque_along_T / (damping * float(first + second))
    if barrier < LEAST_BARRIER or drive <= -1.0:
        raise InputError(
            f"Langer's form needs a barrier of {LEAST_BARRIER:g} k_B T or more and a torque below the "
            f"threshold; here they are {barrier:.3g} k_B T and {-drive:.2g} of the threshold. "
            "Use method 'passage'."
        )
    if found.up_T / thermal < LEAST_RISE:
        raise InputError(
            "Langer's form needs a pass that rises by several k_B T within a radian to both sides; here the "
            "anisotropy is almost axial. Use method 'passage'."
        )
    rise = (found.height_T - float(landscape.energy_T(minimum))) / thermal
    strength = (cell.torque.size_T(found.place) / found.down_T) ** 2
    error = 2.0 / barrier
    if cell.driven:
        error += TORQUE_ERROR + math.expm1(min(SECOND_ORDER_ERROR * strength * rise, 50.0)) + abs(drive)
        flatness = found.up_T / thermal
        held = min(max(1.0 - far.slope, 0.0), 2.0) * min(1.0, HELD_FLATNESS / flatness)
        error += HELD_ERROR * held
    if error > LARGEST_ERROR:
        raise InputError(
            f"The torque is too strong for Langer's form: the rate would be uncertain by a factor of "
            f"{1.0 + error:.2g}. Use method 'fokker-planck', or lower the drive."
        )
    turned = growth_over_frequency(damping, found.down_T, found.up_T)
    losses = tuple(damping * well.dissipation_T / (thermal * found.count) for well in (near, far))
    kept = walk_flux((losses[0], losses[1]), (1.0, 1.0))
    attempt = math.sqrt(float(first * second)) * (1.0 + drive) / (2.0 * math.pi)
    log_value = cell.log_gyration + math.log(found.count * attempt * turned * kept)
    sentence = (
        "Barriers above 5 k_B T without axial symmetry, any damping; a torque small against the stiffness at "
        "the pass."
    )
    return escape_result(log_value - barrier, error, "closed_form", sentence)


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
