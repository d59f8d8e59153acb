"""Counted write errors and escapes of a perpendicular junction under spin-transfer torque.

The Landau-Lifshitz-Gilbert ensemble against numbers that come from the Fokker-Planck equation alone: the
integrator, its noise and its start are all in the difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report

from spinpim import Device, Pulse
from spinpim.constants import VACUUM_PERMEABILITY
from spinpim.device.dynamics.trajectories import count_in_p, prepare, run_block
from spinpim.device.escape.retention import log_passage_time

WRITE_ERRORS = {
    (40.0, 2.0): {2: 4.5045e-1, 4: 1.0015e-2, 6: 1.7572e-4},
    (60.0, 2.0): {2: 5.9492e-1, 4: 1.5269e-2, 6: 2.7258e-4},
    (60.0, 3.0): {1: 8.1805e-1, 2: 3.0428e-2, 3: 5.6562e-4},
}
"""Write error by Delta, i and tau: finite volumes in m_z, Crank-Nicolson; see v04."""

TRIALS = 1 << 20
ESCAPES = ((8.0, 0.0, 160.0), (10.0, 0.0, 400.0), (12.0, 0.0, 1200.0), (10.0, 0.2, 120.0), (12.0, 0.3, 120.0))
"""Delta, i, and how long the escapes are counted in units of tau_D."""

ESCAPE_TRIALS = 1 << 16
ANISOTROPY_FIELD_T = 0.4


def compare() -> list[Row]:
    """Write errors, then escape rates times tau_D; every tolerance is three standard errors."""
    rows = []
    for (stability, overdrive), values in WRITE_ERRORS.items():
        for tau, expected in values.items():
            error = math.sqrt(expected * (1.0 - expected) / TRIALS)
            counted = write_error(stability, overdrive, tau, TRIALS)
            what = f"WER, Delta = {stability:g}, i = {overdrive:g}, tau = {tau}"
            rows.append(Row(what, counted, expected, 3.0 * error))
    for stability, drive, time in ESCAPES:
        rate, error = escape_rate(stability, drive, time, ESCAPE_TRIALS)
        expected = math.exp(-log_passage_time(stability, -drive))
        what = f"escapes times tau_D, Delta = {stability:g}, i = {drive:g}"
        rows.append(Row(what, rate, expected, 3.0 * error))
    return rows


def junction(stability: float, damping: float) -> Device:
    """Perpendicular junction of exactly this Delta on which nothing but STT acts."""
    device = Device.load("perpendicular_memory_60nm")
    magnetisation = device.saturation_magnetisation_A_per_m
    field_T = ANISOTROPY_FIELD_T + VACUUM_PERMEABILITY * magnetisation
    device = device.replace(
        damping=damping,
        demagnetising_factors=(0.0, 0.0, 1.0),
        interfacial_anisotropy_J_per_m2=0.5 * magnetisation * device.thickness_m * field_T,
        vcma_coefficient_J_per_V_m=0.0,
        oersted_factor=0.0,
        stt_field_like_ratio=0.0,
    )
    return device.replace(temperature_K=device.temperature_K * device.thermal_stability / stability)


def write_error(stability: float, overdrive: float, tau: float, trials: int, damping: float = 0.5) -> float:
    """Share of trials still on the P side after a square pulse towards AP of tau damping times.

    At half the default step: a step of precession angle phi makes an instability grow by a share of about
    phi^2 / 2 too fast, which the count of a million trials sees.
    """
    device = junction(stability, damping)
    pulse = Pulse.points(
        [0.0, tau * device.damping_time_s], mtj_voltage_V=-overdrive * device.stt_critical_voltage_V
    )
    default_s = prepare(device, pulse, seed=11).drive.time_s[1]
    return count_in_p(prepare(device, pulse, seed=11, time_step_s=0.5 * default_s), 0, trials) / trials


def escape_rate(
    stability: float, drive: float, tau: float, trials: int, damping: float = 0.5
) -> tuple[float, float]:
    """Rate of first passage out of P under STT, times tau_D, and its standard error.

    From the decay of the survivors after the first tenth of the time, when the start is forgotten. A trial
    counts as lost once it is seen well inside the other hemisphere, from where few return.
    """
    device = junction(stability, damping)
    duration = tau * device.damping_time_s
    pulse = Pulse.points([0.0, duration], mtj_voltage_V=-drive * device.stt_critical_voltage_V)
    job = prepare(device, pulse, seed=12)
    every = max(1, round(0.1 * job.drive.steps / tau))
    lost = np.concatenate([_first_loss(run_block(job, block, every)[1]) for block in range(trials // 256)])
    points = job.drive.steps // every
    first = points // 10
    at_risk, left = int((lost > first).sum()), int((lost > points).sum())
    span = (points - first) * every / job.drive.steps * tau
    events = at_risk - left
    rate = math.log(at_risk / left) / span
    return rate, math.sqrt(events / (at_risk * left)) / span


def _first_loss(record: Any) -> Any:
    """Point at which each recorded trial is first seen in the AP well; one past the last if never."""
    gone = record[:, :, 2] < -0.8
    return np.where(gone.any(axis=1), gone.argmax(axis=1), gone.shape[1])


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Counted over expected, with the tolerances."""
    ratios = [row.ours / row.expected for row in rows]
    axes.errorbar(
        ratios, range(len(rows)), xerr=[row.tolerance / row.expected for row in rows], fmt="o", color="black"
    )
    axes.axvline(1.0, color="0.7")
    axes.set_yticks(range(len(rows)), [row.what for row in rows], fontsize=5)
    axes.set(xlabel="counted / expected (three standard errors)")
    axes.invert_yaxis()


if __name__ == "__main__":
    report("v11_stt_write_error_counting", compare, draw)
