"""Trajectory-steps per second of the device kernel; compare rows of one run only."""

from __future__ import annotations

import numpy as np
import pytest

from spinpim import Device
from spinpim.device.ensemble import LANES
from spinpim.device.trajectories import prepare, run_block


@pytest.mark.parametrize("temperature_K", [300.0, 1e-6], ids=["thermal", "almost cold"])
def test_block_of_trajectories(benchmark, temperature_K):
    device = Device.load("perpendicular_memory_60nm").replace(temperature_K=temperature_K)
    job = prepare(device, device.write_pulse("AP"), seed=1)
    run_block(job, 0)
    benchmark(run_block, job, 0)
    steps = job.drive.table.shape[0] - 1
    benchmark.extra_info["trajectory_steps_per_s"] = LANES * steps / benchmark.stats.stats.min


def test_numpy_form_of_the_same_step(benchmark):
    """Heun over arrays of 4096 lanes, noise from numpy: what a user would write first."""
    rng = np.random.default_rng(1)
    m = np.tile([[0.0], [0.0], [1.0]], (1, 4096))
    scale, damping = 0.01, 0.03

    def slope(m, thermal):
        field = np.stack([-0.1 * m[2], np.zeros_like(m[0]), 0.3 * m[2] + 0.1 * m[0]]) + thermal
        torque = np.cross(m, field, axis=0)
        return -(torque + damping * np.cross(m, torque, axis=0))

    def step():
        thermal = 0.01 * rng.standard_normal(m.shape)
        first = slope(m, thermal)
        moved = m + 0.5 * scale * (first + slope(m + scale * first, thermal))
        return moved / np.linalg.norm(moved, axis=0)

    benchmark(step)
    benchmark.extra_info["trajectory_steps_per_s"] = 4096 / benchmark.stats.stats.min
