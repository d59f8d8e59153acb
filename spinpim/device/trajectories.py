"""Run blocks of trajectories of a device through a pulse, on any executor."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import seed_address
from spinpim.device.drive import DriveTable, drive_table
from spinpim.device.ensemble import LANES, advance_block, draw_states
from spinpim.device.initial_state import Well, boltzmann_well, thermal_weight_per_T
from spinpim.device.mtj import Device
from spinpim.device.noise import INITIAL_STATE, THERMAL_FIELD, seed_lanes
from spinpim.device.pulse import Pulse
from spinpim.device.validity import AXES

CHUNK_BLOCKS = 8
"""Blocks per task: long enough to outweigh the hand-over to a process, short enough to stop early."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Everything that a block of trajectories needs, picklable, prepared once per pulse."""

    device: Device
    drive: DriveTable
    well: Well
    seed: int
    point: int


def prepare(
    device: Device,
    pulse: Pulse,
    *,
    seed: int,
    point: int = 0,
    initial_state: str = "P",
    time_step_s: float | None = None,
) -> Job:
    """Check the arguments and tabulate the drive."""
    return Job(
        device,
        drive_table(device, pulse, time_step_s),
        boltzmann_well(device, initial_state),
        seed_address(seed),
        point,
    )


def run_block(job: Job, block: int, record_every: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Trajectories ``block * LANES`` to ``(block + 1) * LANES - 1``.

    Returns
    -------
    tuple
        Final states (LANES, 3) and recorded states (LANES, points, 3); the first recorded is the initial.
    """
    states = initial_block(job, block)
    device = job.device
    steps = job.drive.table.shape[0] - 1
    points = steps // record_every + 1 if record_every else 0
    record = np.empty((LANES if record_every else 0, points, 3))
    if record_every:
        record[:, 0, :] = states.T
    generators = _generators(job, block, THERMAL_FIELD)
    advance_block(
        states[0],
        states[1],
        states[2],
        generators,
        job.drive.table,
        np.array(device.reference_direction),
        device.damping,
        job.drive.scale_per_T,
        job.drive.thermal_T,
        record_every,
        record,
    )
    return states.T.copy(), record


def initial_block(job: Job, block: int) -> NDArray[np.float64]:
    """Thermal states (3, LANES) of a block before its pulse."""
    device, well = job.device, job.well
    states = np.empty((3, LANES))
    draw_states(
        states[0],
        states[1],
        states[2],
        _generators(job, block, INITIAL_STATE),
        well.frame,
        well.sigma,
        well.log_bound,
        well.side,
        well.border,
        thermal_weight_per_T(device),
        np.array(device.stiffness_tensor_T()),
        np.array(device.external_field_T),
    )
    return states


def _generators(job: Job, block: int, stream: int) -> NDArray[np.uint32]:
    state = np.zeros((4, LANES), dtype=np.uint32)
    seed_lanes(state, job.seed, job.point, block * LANES, stream)
    return state


def count_in_p(job: Job, first_block: int, trials: int) -> int:
    """How many of ``trials`` trajectories, from a block on, end in the P half of the sphere."""
    count = 0
    for block in range(math.ceil(trials / LANES)):
        final, _ = run_block(job, first_block + block)
        component = final[: trials - block * LANES, AXES.index(job.device.easy_axis)]
        count += int(np.count_nonzero(component > 0.0))
    return count


def chunks(trials: int) -> list[tuple[int, int]]:
    """Split trials into (first block, trials) tasks of at most CHUNK_BLOCKS full blocks."""
    size = CHUNK_BLOCKS * LANES
    return [(start // LANES, min(size, trials - start)) for start in range(0, trials, size)]


def map_ordered(
    executor: Executor | None, function: Callable[..., T], *columns: Iterable[Any]
) -> Iterator[T]:
    """Apply a function to columns of arguments, here or on an executor; results come in order."""
    return map(function, *columns) if executor is None else executor.map(function, *columns)
