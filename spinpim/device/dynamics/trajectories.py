"""Run blocks of trajectories of a device through a pulse, on any executor."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import seed_address
from spinpim.device.dynamics.deterministic import zero_temperature_path
from spinpim.device.dynamics.drive import PRECISIONS, DriveTable, drive_table
from spinpim.device.dynamics.ensemble import LANES, STATE_ROWS, advance_block, draw_states
from spinpim.device.dynamics.initial_state import Well, boltzmann_well, thermal_weight_per_T
from spinpim.device.dynamics.midpoint import advance_block_midpoint, step_middles
from spinpim.device.dynamics.noise import INITIAL_STATE, THERMAL_FIELD, seed_lanes
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.device.validity import AXES
from spinpim.errors import InputError

CHUNK_BLOCKS = 8
"""Blocks per task: long enough to outweigh the hand-over to a process, short enough to stop early."""

METHODS = ("heun", "implicit_midpoint", "dop853")

T = TypeVar("T")
States = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Everything that a block of trajectories needs, picklable, prepared once per pulse."""

    device: Device
    pulse: Pulse
    drive: DriveTable
    well: Well
    seed: int
    point: int
    precision: str = "float64"
    method: str = "heun"


def prepare(
    device: Device,
    pulse: Pulse,
    *,
    seed: int,
    point: int = 0,
    initial_state: str = "P",
    time_step_s: float | None = None,
    precision: str = "float64",
    method: str = "heun",
) -> Job:
    """Check the arguments and tabulate the drive."""
    if precision not in PRECISIONS:
        raise InputError(f"precision must be 'float64' or 'float32'; instead received {precision!r:.60}.")
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}; instead received {method!r:.60}.")
    if method == "dop853" and precision != "float64":
        raise InputError("method='dop853' works in float64 only; leave precision out.")
    return Job(
        device,
        pulse,
        drive_table(device, pulse, time_step_s),
        boltzmann_well(device, initial_state),
        seed_address(seed),
        point,
        precision,
        method,
    )


def run_block(
    job: Job, block: int, record_every: int = 0
) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Trajectories ``block * LANES`` to ``(block + 1) * LANES - 1``.

    Returns
    -------
    tuple
        Final states (LANES, 4) and recorded states (LANES, points, 4), m and warmth [K]; the first recorded
        is the initial.
    """
    if job.method == "dop853":
        raise InputError("method='dop853' follows single paths; use simulate, or method='heun'.")
    states = initial_block(job, block)
    points = job.drive.steps // record_every + 1 if record_every else 0
    record = np.empty((LANES if record_every else 0, points, STATE_ROWS), dtype=states.dtype)
    if record_every:
        record[:, 0, :] = states.T
    table, rise, heat, constants = job.drive.kernel_arguments(job.precision)
    noise = np.empty((6, LANES), dtype=states.dtype)
    advance = advance_block
    if job.method == "implicit_midpoint":
        advance, table, rise = advance_block_midpoint, step_middles(table), step_middles(rise)
    advance(
        states,
        _generators(job, block, THERMAL_FIELD),
        noise,
        table,
        rise,
        heat,
        constants,
        0,
        job.drive.steps,
        record_every,
        record,
    )
    return states.T.copy(), record


def record_trials(job: Job, trials: int, record_every: int, executor: Executor | None) -> NDArray[np.float64]:
    """Recorded states (trials, points, 4) of the first trials of a job: m, and warmth [K]."""
    blocks = range(math.ceil(trials / LANES))
    if job.method != "dop853":
        same: list[Iterable[Any]] = [itertools.repeat(part, len(blocks)) for part in (job, record_every)]
        results = map_ordered(executor, run_block, same[0], blocks, same[1])
        return np.concatenate([record for _, record in results])[:trials].astype(np.float64)
    starts = np.concatenate([initial_block(job, block)[:3].T for block in blocks])[:trials]
    times = job.drive.time_s[::record_every]
    same = [itertools.repeat(part, trials) for part in (job.device, job.pulse, times)]
    states = np.zeros((trials, times.size, STATE_ROWS))
    for trial, path in enumerate(map_ordered(executor, zero_temperature_path, *same, starts)):
        states[trial, :, :3] = path
    return states


def initial_block(job: Job, block: int) -> States:
    """Thermal states (4, LANES) of a block before its pulse, in the precision of the job."""
    return draw_block(job, block, INITIAL_STATE)


def draw_block(job: Job, block: int, stream: int) -> States:
    """Draw a block of thermal states from a stream of its own."""
    device, well = job.device, job.well
    landscape = device.landscape()
    states = np.empty((STATE_ROWS, LANES))
    draw_states(
        states,
        _generators(job, block, stream),
        well.frame,
        well.sigma,
        well.log_bound,
        well.side,
        well.border,
        thermal_weight_per_T(device),
        landscape.stiffness_T,
        landscape.second_order_T,
        landscape.field_T,
    )
    return states.astype(PRECISIONS[job.precision])


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
