"""Failure probability of a write from the probability density of m, without random numbers."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import numpy as np

from spinpim.device.density.axial_drive import is_axial
from spinpim.device.density.fokker_planck_axial import axial_failure_probability
from spinpim.device.density.fokker_planck_sphere import sphere_failure_probability
from spinpim.device.dynamics.drive import drive_path, rest_row
from spinpim.device.dynamics.trajectories import Job
from spinpim.device.failure.counting import Write
from spinpim.errors import InputError
from spinpim.estimate import Estimate

FOKKER_PLANCK = "fokker-planck"


def suits_axial(job: Job) -> bool:
    """Whether device and pulse are symmetric about z, so that the density depends on m_z alone."""
    if job.device.easy_axis != "z" or job.drive.heat.size:
        return False
    return is_axial(np.vstack([drive_path(job.device, job.pulse)[1], rest_row(job.device)[None, :]]))


def fokker_planck_failures(writes: Sequence[Write]) -> Estimate:
    """Mean failure probability over writes; the interval bounds the discretisation error.

    Raises
    ------
    InputError
        If the junction heats itself, or the density does not converge.
    """
    started = time.process_time()
    found = [_failure(write) for write in writes]
    value = sum(part for part, _ in found) / len(found)
    error = sum(part for _, part in found) / len(found)
    reason = (
        f"converged to {error / value:.0e} of the value" if value > 0.0 else "below the range of a double"
    )
    # A value below the smallest double is not impossible: what is fed onwards must stay a bound.
    low, high = max(0.0, value - error), min(1.0, max(value + error, sys.float_info.min))
    return Estimate(value, low, high, FOKKER_PLANCK, 0, reason, 0, 1.0, time.process_time() - started)


def _failure(write: Write) -> tuple[float, float]:
    """Failure probability of one write and its absolute error [1]."""
    device, pulse = write.job.device, write.job.pulse
    if write.job.drive.heat.size:
        raise InputError(
            f"Device {device.name} heats itself by an amount that depends on its state, which a density of m "
            "alone cannot hold; use method='splitting' or 'counting'."
        )
    times, rows = drive_path(device, pulse)
    if suits_axial(write.job):
        found = axial_failure_probability(
            times,
            rows,
            rest_row=rest_row(device),
            damping=device.damping,
            target=write.to,
            asymmetry=device.stt_asymmetry,
            reference_z=device.reference_direction[2],
        )
        return found.value, found.value * found.relative_error
    well = write.job.well
    side = tuple(float(part) for part in well.side)
    on_sphere = sphere_failure_probability(
        times,
        rows,
        damping=device.damping,
        reference=device.reference_direction,
        start_row_T=rest_row(device),
        start_direction=(side[0], side[1], side[2]),
        start_border=well.border,
        # Without a junction voltage the asymmetry acts on nothing.
        asymmetry=device.stt_asymmetry if np.any(rows[:, 13]) else 0.0,
    )
    return on_sphere.value, on_sphere.absolute_error
