"""Fluctuations of undriven devices against the Boltzmann law, at the default time step.

Whatever the stiffness tensor, its orientation, the second order or the precision of the arithmetic: the
ensemble must keep the law of its temperature.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from boltzmann import boltzmann_mean
from numpy.typing import NDArray
from rows import Row, report
from scipy.spatial.transform import Rotation
from v11_stt_write_error_counting import junction

from spinpim import Device, Pulse, simulate
from spinpim.device.dynamics.ensemble import LANES, STATE_ROWS, advance_block
from spinpim.device.dynamics.noise import THERMAL_FIELD, seed_lanes
from spinpim.device.dynamics.trajectories import initial_block, prepare

Array = NDArray[np.float64]

DURATION_S = 40e-9
FIRST_POINT = 10
"""Points of the run before which the ensemble could still remember its exact start."""

TRIALS = 16_384
TOLERANCE = 0.005
OBLIQUE = Rotation.align_vectors([[1.0, 1.0, 1.0]], [[0.0, 0.0, 1.0]])[0].as_matrix()
"""Turns the normal into (1, 1, 1)."""


def compare() -> list[Row]:
    """Ratio of the mean of 1 - cos^2, simulated over expected; a ratio r means a temperature of about r T."""
    return [
        Row(f"{name}, {precision} (s.e. {error:.4f})", value, 1.0, TOLERANCE)
        for name, device in devices().items()
        for precision in ("float64", "float32")
        for value, error in [measured(device, TRIALS, precision, turned(name))]
    ]


def devices() -> dict[str, Device]:
    """Devices with all the shapes of a well that the tensor allows."""
    perpendicular = Device.load("perpendicular_memory_60nm")
    in_plane = Device.load("in_plane_y_memory")
    shipped = {name: Device.load(name) for name in ("imec_sot_62nm", "in_plane_y_60x40")}
    return {
        "perpendicular": perpendicular,
        "perpendicular along (1,1,1)": perpendicular,
        "second order": perpendicular.replace(second_order_anisotropy_J_per_m2=6e-5),
        "negative second order": perpendicular.replace(second_order_anisotropy_J_per_m2=-3e-5),
        "in-plane y": in_plane,
        "biaxial with off-diagonals": in_plane.replace(demagnetising_off_diagonal=(0.012, -0.02, 0.05)),
        "soft and strongly damped": junction(8.0, 0.5),
        **shipped,
    }


def turned(name: str) -> Array:
    """Rotation in which a case is run."""
    return OBLIQUE if "(1,1,1)" in name else np.eye(3)


def ratio(device: Device, trials: int) -> float:
    """Simulated over expected mean of 1 - (m . easy axis)^2 [1]."""
    run = simulate(device, Pulse.points([0.0, DURATION_S]), seed=3, trials=trials, save_every_s=0.5e-9)
    transverse = _transverse(device)
    return float(np.mean(transverse(run.magnetisation[:, FIRST_POINT:])) / boltzmann_mean(device, transverse))


def measured(
    device: Device, trials: int, precision: str = "float64", rotation: Array | None = None, seed: int = 3
) -> tuple[float, float]:
    """Ratio and its standard error; the well turned in space by a rotation, as no Device can be.

    The trials are independent, the points of one trial are not: the error is that of the means of trials.
    """
    turn = np.eye(3) if rotation is None else rotation
    transverse = _transverse(device)
    job = prepare(device, Pulse.points([0.0, DURATION_S]), seed=seed, precision=precision)
    job = dataclasses.replace(job, drive=_turned_drive(job.drive, turn))
    means = [
        transverse(states.astype(np.float64) @ turn).mean(axis=1)
        for states in (_recorded(job, block, turn) for block in range(trials // LANES))
    ]
    values = np.concatenate(means) / boltzmann_mean(device, transverse)
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))


def _transverse(device: Device) -> Any:
    easy = "xyz".index(device.easy_axis)
    return lambda m: 1.0 - m[..., easy] ** 2


def _turned_drive(drive: Any, turn: Array) -> Any:
    table = drive.table.copy()
    xx, yy, zz, xy, xz, yz = table[0, 3:9]
    tensor = turn @ np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]) @ turn.T
    table[:, 0:3] = table[:, 0:3] @ turn.T
    table[:, 3:9] = tensor[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]
    return dataclasses.replace(drive, table=table)


def _recorded(job: Any, block: int, turn: Array) -> Any:
    """States (LANES, points, 3) of a block that starts in the turned well."""
    states = initial_block(job, block)
    states[:3] = turn.astype(states.dtype) @ states[:3]
    generators = np.zeros((4, LANES), dtype=np.uint32)
    seed_lanes(generators, job.seed, job.point, block * LANES, THERMAL_FIELD)
    every = max(1, round(0.5e-9 * job.drive.steps / DURATION_S))
    record = np.empty((LANES, job.drive.steps // every + 1, STATE_ROWS), dtype=states.dtype)
    noise = np.empty((6, LANES), dtype=states.dtype)
    table, rise, heat, constants = job.drive.kernel_arguments(job.precision)
    advance_block(
        states, generators, noise, table, rise, heat, constants, 0, job.drive.steps, every, record
    )  # fmt: skip
    return record[:, FIRST_POINT:, :3]


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Ratios with the tolerance band."""
    axes.axvspan(1.0 - TOLERANCE, 1.0 + TOLERANCE, color="0.9")
    names = [row.what.split(" (s.e.")[0] for row in rows]
    axes.plot([row.ours for row in rows], names, "o", color="black", markersize=3)
    axes.set(xlabel="simulated / Boltzmann", xlim=(0.985, 1.015))
    axes.tick_params(axis="y", labelsize=5)
    axes.invert_yaxis()


if __name__ == "__main__":
    report("v02_boltzmann", compare, draw)
