"""Coverage of the interval of splitting: 200 estimates of a known deep rate, of two mechanisms of writing."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
from rows import Row, report

from spinpim import Device, Pulse
from spinpim.device.dynamics.trajectories import prepare
from spinpim.device.failure.counting import Stop, Write
from spinpim.device.failure.fokker_planck import fokker_planck_failures
from spinpim.device.failure.splitting import (
    SplittingJob,
    failure_estimate,
    guide_of,
    run_populations,
    splitting_job,
)
from spinpim.estimate import Estimate

REPEATS = 200
POOL = 800
"""Populations of the long estimate that stands for the exact rate where there is no symmetry."""

SHORTER_STEP = 0.6
"""Time step over the default one: leaves a bias that is small against the interval."""


def compare() -> list[Row]:
    """Share of the 95 % intervals that hold the rate; mean of all estimates over the rate."""
    rows = []
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        for name, (write, known) in (
            ("STT against Fokker-Planck", axial_case()),
            ("SOT and STT against a pool", spin_orbit_case(executor)),
        ):
            found = repeated(write, REPEATS, executor)
            rows.append(Row(f"{name}: coverage of 95 %", coverage(found, known), 0.945, 0.045))
            mean = float(np.mean([estimate.value for estimate in found])) / known
            rows.append(Row(f"{name}: mean / rate, rate = {known:.2e}", mean, 1.0, 0.03))
    return rows


def axial_case() -> tuple[SplittingJob, float]:
    """Spin-transfer write of a perpendicular junction and its failure probability."""
    device = Device.load("perpendicular_memory_60nm").replace(
        external_field_T=(0.0, 0.0, 0.0),
        damping=0.1,
        demagnetising_factors=(0.0, 0.0, 1.0),
        field_like_ratio=0.0,
        stt_field_like_ratio=0.0,
    )
    voltage = -0.05 / device.stt_field_T_per_V
    pulse = Pulse.points([0.0, 1e-9], mtj_voltage_V=[voltage, voltage])
    return _guided(device, pulse), fokker_planck_failures([_write(device, pulse)]).value


def spin_orbit_case(executor: Executor) -> tuple[SplittingJob, float]:
    """Spin-orbit write with a spin-transfer assist, and its failure probability from many populations."""
    device = Device.load("perpendicular_memory_60nm").replace(
        damping=0.1, external_field_T=(-0.02, 0.0, 0.0), oersted_factor=0.0, spin_hall_angle=0.35
    )
    current, voltage = 0.13 / device.sot_field_T_per_A, -0.02 / device.stt_field_T_per_V
    pulse = Pulse.points(
        [0.0, 0.4e-9, 0.5e-9, 0.9e-9, 1.0e-9],
        sot_current_A=[current, current, 0.0, 0.0, 0.0],
        mtj_voltage_V=[voltage, voltage, voltage, voltage, 0.0],
    )
    write = _guided(device, pulse)
    pool = dataclasses.replace(write, job=dataclasses.replace(write.job, seed=10_000))
    values = executor.map(failure_estimate, [pool] * POOL, range(POOL))
    return write, float(np.mean(list(values)))


def repeated(write: SplittingJob, repeats: int, executor: Executor) -> list[Estimate]:
    """Independent estimates to the default target of a tenth."""
    return [
        run_populations(
            [dataclasses.replace(write, job=dataclasses.replace(write.job, seed=seed))],
            Stop(0.1, None),
            0.95,
            executor,
        )
        for seed in range(repeats)
    ]


def coverage(found: Sequence[Estimate], known: float) -> float:
    """Share of intervals that hold the known value [1]."""
    return float(np.mean([estimate.low <= known <= estimate.high for estimate in found]))


def _write(device: Device, pulse: Pulse) -> Write:
    step = SHORTER_STEP * pulse.duration_s / prepare(device, pulse, seed=0).drive.steps
    return Write(prepare(device, pulse, seed=0, initial_state="P", time_step_s=step), "AP")


def _guided(device: Device, pulse: Pulse) -> SplittingJob:
    write = _write(device, pulse)
    return splitting_job(write.job, guide_of(write), write.to)


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Coverage with the accepted band."""
    shares = [row for row in rows if "coverage" in row.what]
    axes.axhspan(0.90, 0.99, color="0.9")
    axes.axhline(0.95, color="0.6", linewidth=1.0)
    axes.plot([row.what.split(":")[0] for row in shares], [row.ours for row in shares], "o", color="black")
    axes.set(ylabel="intervals that hold the rate", ylim=(0.85, 1.0))


if __name__ == "__main__":
    report("v13_splitting_coverage", compare, draw)
