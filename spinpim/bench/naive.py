"""What a user would write first: one trajectory after another in numba, or arrays in numpy.

Both take the same drive table and the same equation as the kernel; only the order of the loops and the
source of the normals are those of a first attempt.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from spinpim.bench.device_kernels import UNIT, prepared
from spinpim.bench.workload import Workload
from spinpim.device.dynamics.ensemble import THERMAL, drive_at
from spinpim.device.dynamics.macrospin import heun_step

TRAJECTORIES = 64
ARRAY_LANES = 4096
ARRAY_STEPS = 100


def naive() -> Workload:
    """One trajectory after another, three calls of numpy.random.normal per step."""
    drive = prepared("float64", warm=False).drive
    table, _, _, constants = drive.kernel_arguments("float64")
    final = np.empty((TRAJECTORIES, 3))
    return Workload(
        "naive_steps_per_s",
        UNIT,
        float(TRAJECTORIES * drive.steps),
        lambda: one_after_another(final, table, constants),
        "Same equation and drive, float64: scalar numba loop, numpy.random.normal per component; one core.",
    )


def numpy_arrays() -> Workload:
    """Arrays of lanes, one numpy call per operation."""
    drive = prepared("float64", warm=False).drive
    table, _, _, constants = drive.kernel_arguments("float64")
    rng = np.random.default_rng(1)

    def call() -> None:
        m = np.zeros((3, ARRAY_LANES))
        m[2] = 1.0
        for step in range(ARRAY_STEPS):
            thermal = table[step, THERMAL] * rng.standard_normal(m.shape)
            m = array_step(m, thermal, table[step], table[step + 1], constants)

    return Workload(
        "numpy_steps_per_s",
        UNIT,
        float(ARRAY_LANES * ARRAY_STEPS),
        call,
        f"Same equation and drive, float64: numpy arrays of {ARRAY_LANES} lanes, standard_normal; one core.",
    )


@njit(cache=True, error_model="numpy")
def one_after_another(final, table, constants):
    """Run each trajectory from m = z to the end of the table; ``final`` (trajectories, 3) is filled."""
    reference, asymmetry, damping, one, scale, half_scale = constants
    equation = (reference, asymmetry, damping, one)
    for trajectory in range(final.shape[0]):
        m = (0.0, 0.0, 1.0)
        for step in range(table.shape[0] - 1):
            sigma = table[step, THERMAL]
            thermal = (
                np.random.normal(0.0, sigma),  # noqa: NPY002 (the first thing that works in numba)
                np.random.normal(0.0, sigma),  # noqa: NPY002
                np.random.normal(0.0, sigma),  # noqa: NPY002
            )
            now, after = drive_at(table, step), drive_at(table, step + 1)
            m = heun_step(m, thermal, now, after, equation, scale, half_scale)
        final[trajectory, 0], final[trajectory, 1], final[trajectory, 2] = m


def array_step(m: Any, thermal: Any, now: Any, after: Any, constants: tuple[Any, ...]) -> Any:
    """One Heun step of lanes m (3, lanes) in the thermal field (3, lanes) between two drive rows."""
    reference, asymmetry, damping, _, scale, half_scale = constants
    first = _array_slope(m, thermal, now, reference, asymmetry, damping)
    second = _array_slope(m + scale * first, thermal, after, reference, asymmetry, damping)
    moved = m + half_scale * (first + second)
    return moved / np.sqrt((moved * moved).sum(axis=0))


def _array_slope(m: Any, thermal: Any, row: Any, reference: Any, asymmetry: Any, damping: Any) -> Any:
    p = np.array(reference)[:, np.newaxis]
    xx, yy, zz, xy, xz, yz = row[3:9]
    mx, my, mz = m
    pull = row[13] / (1.0 + asymmetry * (m * p).sum(axis=0))
    field = thermal + row[0:3, np.newaxis] + _cross(m, row[10:13, np.newaxis] + pull * p)
    field[0] += xx * mx + xy * my + xz * mz
    field[1] += xy * mx + yy * my + yz * mz
    field[2] += xz * mx + yz * my + (zz + row[9] * (1.0 - mz * mz)) * mz
    torque = _cross(m, field)
    return -(torque + damping * _cross(m, torque))


def _cross(a: Any, b: Any) -> Any:
    """By components; numpy.cross takes about twice as long."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])
