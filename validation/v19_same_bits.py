"""Results to the last bit, however they were computed: executor, workers, chunk, batch and width of a block.

Each result is hashed once per way of computing it; there must be one hash. Another seed must give another.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from rows import Row, report

from spinpim import Device, Pulse, characterise, simulate, write_error_rate
from spinpim.device.dynamics import trajectories
from spinpim.device.dynamics.ensemble import LANES, advance_block
from spinpim.device.dynamics.noise import THERMAL_FIELD, seed_lanes
from spinpim.device.measure.loops import field_loop
from spinpim.device.measure.pulse_loops import current_loop

POOLS: dict[str, Callable[[], Executor] | None] = {
    "alone": None,
    "1 thread": lambda: ThreadPoolExecutor(1),
    "2 threads": lambda: ThreadPoolExecutor(2),
    "1 process": lambda: ProcessPoolExecutor(1),
    "2 processes": lambda: ProcessPoolExecutor(2),
}
CHUNKS = (8, 1, 3)
"""Blocks per task, tried with two threads; the first is the default."""

NARROW = 48
TRIALS = 700

Task = Callable[[int, Executor | None], str]


def compare() -> list[Row]:
    """Number of different hashes over all ways, and over two seeds."""
    rows = []
    for name, task in tasks().items():
        found = {_in_pool(task, pool) for pool in POOLS.values()}
        for blocks in CHUNKS[1:]:
            with _chunk_of(blocks):
                found.add(_in_pool(task, POOLS["2 threads"]))
        ways = len(POOLS) + len(CHUNKS) - 1
        rows.append(Row(f"{name}: hashes over {ways} ways", len(found), 1, 0))
        rows.append(Row(f"{name}: hashes over 2 seeds", len({task(1, None), task(2, None)}), 2, 0))
    for precision in ("float64", "float32"):
        for method in ("heun", "implicit_midpoint"):
            found = {first_trials(trials, precision, method) for trials in (3, 256, TRIALS)}
            what = f"first trials of 3, 256 and {TRIALS}, {method}, {precision}: hashes"
            rows.append(Row(what, len(found), 1, 0))
        found = {narrow_block(lanes, precision) for lanes in (NARROW - 1, NARROW, LANES)}
        rows.append(Row(f"{NARROW - 1}, {NARROW} and {LANES} lanes, {precision}: hashes", len(found), 1, 0))
    return rows


def tasks() -> dict[str, Task]:
    """Hash of a result by seed and executor; counting and loops run every trial that is asked for."""
    device, pulse = write()
    axial = device.replace(
        external_field_T=(0.0, 0.0, 0.0), damping=0.1, demagnetising_factors=(0.0, 0.0, 1.0)
    )
    voltage = -0.05 / axial.stt_field_T_per_V
    transfer = Pulse.points([0.0, 0.4e-9], mtj_voltage_V=[voltage, voltage])
    rates: dict[str, Any] = {"to": "AP"}
    counted = {"method": "counting", "target_relative_error": None, "trials": 6000}
    split = {"method": "splitting", "target_relative_error": 0.3}
    grid = {"sot_current_A": [1.8e-4, 2e-4], "width_s": [0.3e-9, 0.6e-9], "trials": 600}
    sweep = {"peak_field_T": 0.25, "sweep_rate_T_per_s": 2e7, "trials": 300, "points": 21}
    levels = {"peak_current_A": 8e-4, "levels": 9, "trials": 5, "pulse_trials": 300}
    agile = device.replace(damping=0.2)

    def path(precision: str, method: str, trials: int) -> Task:
        return lambda seed, pool: digest(
            simulate(
                device,
                pulse,
                seed=seed,
                trials=trials,
                precision=precision,
                method=method,
                executor=pool,
            ).magnetisation
        )

    return {
        "simulate, heun, float64": path("float64", "heun", TRIALS),
        "simulate, heun, float32": path("float32", "heun", TRIALS),
        "simulate, implicit midpoint, float64": path("float64", "implicit_midpoint", TRIALS),
        "simulate, implicit midpoint, float32": path("float32", "implicit_midpoint", TRIALS),
        "simulate, dop853": path("float64", "dop853", 4),
        "write_error_rate, counting": lambda seed, pool: digest(
            write_error_rate(device, pulse, seed=seed, executor=pool, **rates, **counted)
        ),
        "write_error_rate, splitting": lambda seed, pool: digest(
            write_error_rate(axial, transfer, seed=seed, executor=pool, **rates, **split)
        ),
        "characterise": lambda seed, pool: digest(
            characterise(device, seed=seed, executor=pool, **grid).switched
        ),
        "field_loop": lambda seed, pool: digest(
            field_loop(agile, seed=seed, executor=pool, **sweep).resistance_ohm
        ),
        "current_loop": lambda seed, pool: digest(
            current_loop(device, seed=seed, executor=pool, **levels).probability_from_p
        ),
    }


def write() -> tuple[Device, Pulse]:
    """A write that fails sometimes, so that counts carry information."""
    pulse = Pulse.rectangle(sot_current_A=-330e-6, width_s=0.5e-9, mtj_voltage_V=-0.3, settle_time_s=1e-9)
    return Device.load("perpendicular_memory_60nm"), pulse


def digest(result: Any) -> str:
    """Hash of an array's bytes, or of an estimate without the time that it took."""
    if isinstance(result, np.ndarray):
        return hashlib.blake2b(np.ascontiguousarray(result).tobytes()).hexdigest()
    return repr(dataclasses.replace(result, cost_s=0.0))


def first_trials(trials: int, precision: str, method: str) -> str:
    """Hash of the first three trials of a run of so many."""
    device, pulse = write()
    run = simulate(device, pulse, seed=1, trials=trials, precision=precision, method=method)
    return digest(run.magnetisation[:3])


def narrow_block(lanes: int, precision: str) -> str:
    """Hash of the first lanes of a block that is only so wide."""
    job = trajectories.prepare(*write(), seed=1, precision=precision)
    states = np.ascontiguousarray(trajectories.initial_block(job, 0)[:, :lanes])
    generators = np.zeros((4, lanes), dtype=np.uint32)
    seed_lanes(generators, job.seed, job.point, 0, THERMAL_FIELD)
    table, rise, heat, constants = job.drive.kernel_arguments(precision)
    noise = np.empty((6, lanes), dtype=states.dtype)
    record = np.empty((0, 0, len(states)), dtype=states.dtype)
    steps = job.drive.steps
    advance_block(states, generators, noise, table, rise, heat, constants, 0, steps, 0, record)
    return digest(states[:, : NARROW - 1])


def _in_pool(task: Task, pool: Callable[[], Executor] | None) -> str:
    if pool is None:
        return task(1, None)
    with pool() as executor:
        return task(1, executor)


@contextmanager
def _chunk_of(blocks: int) -> Iterator[None]:
    usual = trajectories.CHUNK_BLOCKS
    trajectories.CHUNK_BLOCKS = blocks
    try:
        yield
    finally:
        trajectories.CHUNK_BLOCKS = usual


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Number of different hashes; ways of computing must give one, seeds two."""
    places = range(len(rows))
    axes.plot([row.expected for row in rows], places, "s", color="0.8", markersize=8, label="expected")
    axes.plot([row.ours for row in rows], places, "o", color="black", markersize=3, label="found")
    axes.set_yticks(places, [row.what for row in rows], fontsize=4)
    axes.set(xlabel="different hashes", xlim=(0.0, 3.0))
    axes.legend(frameon=False, fontsize=7)
    axes.invert_yaxis()


if __name__ == "__main__":
    report("v19_same_bits", compare, draw)
