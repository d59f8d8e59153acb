"""Drive rows of an axially symmetric pulse as stretches and steps of the axial operator."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import finite
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.errors import InputError

Array = NDArray[np.float64]
Stretch = tuple[float, Array, Array]
"""A straight piece of the drive: its duration [s], and the drive at both ends [1/s]."""

ROW_LENGTH = 15
CELLS_PER_WIDTH = 5.0
FEWEST_CELLS = 32
STEPS_TO_SHARE = 100
"""The steps of a mesh are shared out in hundreds, so that a multiple of them multiplies every share."""

OFF_AXIS = 1e-9
"""Part of the largest field that may point off the axis: what rounding leaves."""

SYMMETRIC = 1e-9
"""Asymmetry of the STT below which it is taken as 0: it enters as torque over asymmetry."""


def axial_drives(rows: Array, damping: float, asymmetry: float, reference_z: float) -> Array:
    """Drive rows as (D, D c1, D c2, D c4, D cl) of `spinpim.device.density.axial_operator`: (n, 5) [1/s].

    Raises
    ------
    InputError
        If a row is not symmetric about z, has no thermal weight, or an argument is out of range.
    """
    finite("damping", damping, above=0.0)
    direction = unit_sign(reference_z)
    if not abs(finite("asymmetry", asymmetry)) < 1.0:
        raise InputError(f"asymmetry must lie between -1 and 1; instead received {asymmetry!r}.")
    table = np.asarray(rows, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != ROW_LENGTH or not np.isfinite(table).all():
        raise InputError(f"Drive rows must be finite and of shape (n, 15); instead received {table.shape}.")
    if not is_axial(table):
        raise InputError(
            "The axial Fokker-Planck solver needs fields and torques along z only and equal stiffness along "
            "x and y; use counting or splitting for this drive."
        )
    if not np.all(table[:, 14] > 0.0):
        raise InputError("Column 14 of the drive rows, the thermal weight k_B T/(M_s V), must be positive.")
    gyration = GYROMAGNETIC_RATIO / (1.0 + damping**2)
    torque, bent = gyration * table[:, 13], abs(asymmetry) > SYMMETRIC
    field = gyration * (damping * table[:, 2] + table[:, 12])
    stiffness, second = table[:, 5] - table[:, 3], table[:, 9]
    return np.column_stack(
        [
            gyration * damping * table[:, 14],
            field + (0.0 if bent else direction * torque),
            0.5 * gyration * damping * (stiffness + second),
            -0.25 * gyration * damping * second,
            torque / asymmetry if bent else np.zeros_like(torque),
        ]
    )


def is_axial(rows: Array) -> bool:
    """Whether drive rows (n, 15) are symmetric about z; the reference layer must lie along z for the STT."""
    off_axis = np.column_stack([rows[:, [0, 1, 6, 7, 8, 10, 11]], rows[:, 4] - rows[:, 3]])
    return bool(np.abs(off_axis).max() <= OFF_AXIS * np.abs(rows[:, :14]).max())


def checked_path(
    time_s: ArrayLike, rows: ArrayLike, damping: float, asymmetry: float, reference_z: float
) -> tuple[Array, Array]:
    """Times from 0 on and the drives there, or a refusal."""
    time = np.asarray(time_s, dtype=np.float64)
    drives = axial_drives(np.asarray(rows, dtype=np.float64), damping, asymmetry, reference_z)
    if time.ndim != 1 or time.size != len(drives) or not np.isfinite(time).all():
        raise InputError(f"time_s must hold one finite time per drive row; instead received {time.shape}.")
    if time.size < 2 or np.any(np.diff(time) < 0.0) or time[-1] <= time[0]:
        raise InputError("time_s must never decrease, and end after it began.")
    return time, drives


def unit_sign(reference_z: Any) -> float:
    """Return the direction of the reference layer if it is +1 or -1."""
    if abs(finite("reference_z", reference_z)) != 1.0:
        raise InputError(f"reference_z must be +1 or -1; instead received {reference_z!r}.")
    return float(reference_z)


def straight_stretches(time: Array, drives: Array) -> list[Stretch]:
    """Straight stretches of the drive: duration [s], drive at both ends."""
    keep = [0]
    for i in range(1, time.size - 1):
        before, after = time[i] - time[i - 1], time[i + 1] - time[i]
        straight = before > 0.0 and after > 0.0
        if straight:
            between = (drives[i - 1] * after + drives[i + 1] * before) / (before + after)
            straight = bool(np.all(np.abs(drives[i] - between) <= 1e-12 * np.abs(drives[i]).max()))
        if not straight:
            keep.append(i)
    keep.append(time.size - 1)
    return [
        (float(time[j] - time[i]), drives[i], drives[j])
        for i, j in itertools.pairwise(keep)
        if time[j] > time[i]
    ]


def time_mesh(stretches: list[Stretch], steps: int) -> tuple[Array, Array]:
    """Lengths of the steps [s] and the drive at the end of each; steps grow linearly within a stretch."""
    level = max(1, steps // STEPS_TO_SHARE)
    share = np.sqrt([duration for duration, _, _ in stretches])
    counts = level * np.ceil(steps / level * share / share.sum()).astype(int)
    lengths, ends = [], []
    for (duration, first, last), count in zip(stretches, counts, strict=True):
        when = (np.arange(count + 1) / count) ** 2
        lengths.append(duration * np.diff(when))
        ends.append(first + when[1:, None] * (last - first))
    return np.concatenate(lengths), np.concatenate(ends)


def basic_cells(drives: Array) -> int:
    """Cells, an even number, that resolve the narrowest equilibrium of some drives."""
    steepest = np.abs(drives[:, 1:] / drives[:, :1]) @ np.array([1.0, 2.0, 4.0, 1.0])
    return max(FEWEST_CELLS, 2 * math.ceil(0.5 * CELLS_PER_WIDTH * math.sqrt(float(steepest.max()))))


def extrapolate(values: Sequence[float], fineness: Sequence[float], power: int) -> tuple[float, float]:
    """Limit of values whose errors are powers of 1/fineness^power, and its change by the coarsest value."""
    column, others = list(values), list(values)
    for order in range(1, len(column)):
        others = column
        column = [
            column[j + 1] + (column[j + 1] - column[j]) / ((fineness[j + order] / fineness[j]) ** power - 1.0)
            for j in range(len(column) - 1)
        ]
    return column[0], abs(column[0] - others[-1])
