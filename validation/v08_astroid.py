"""The switching astroid against Stoner and Wohlfarth, and against slow ramps of the kernel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rows import Row, report
from v09_resonance import free_motion

from spinpim import Device
from spinpim.device.dynamics.ensemble import THERMAL
from spinpim.device.dynamics.linearised import constant_rows, easy_side, equilibrium
from spinpim.device.measure.astroid import astroid

Array = NDArray[np.float64]

DEGREES = (180.0, 165.0, 150.0, 135.0, 100.0)
WINDOW = 0.02
"""Half the range of the field that a ramp covers, about the expected switching field."""

RAMP_S = 2e-7
RAMP_STEP_S = 2e-13
DAMPING = 0.5
"""Of the ramps: heavy, so that the lag of a ramp is small."""


def compare() -> list[Row]:
    """Switching fields over the anisotropy field: this package, closed form; and ramps of the kernel."""
    device = Device.load("perpendicular_memory_60nm")
    angle = np.radians(DEGREES)
    found = astroid(device, angle).switching_field_T / device.anisotropy_field_T
    closed = stoner_wohlfarth(angle)
    rows = [Row(f"{d:.0f} deg", f, c, 1e-6) for d, f, c in zip(DEGREES, found, closed, strict=True)]
    for degrees in (150.0, 100.0):
        angle_rad = math.radians(degrees)
        ramped = ramped_switching_field_T(device, angle_rad) / device.anisotropy_field_T
        expected = float(stoner_wohlfarth(np.array([angle_rad]))[0])
        rows.append(Row(f"ramp at {degrees:.0f} deg", ramped, expected, 2e-3 * expected))
    return rows


def stoner_wohlfarth(angle_rad: Array) -> Array:
    """Switching field over the anisotropy field of uniaxial anisotropy."""
    exponent = 2.0 / 3.0
    along, across = np.abs(np.cos(angle_rad)) ** exponent, np.abs(np.sin(angle_rad)) ** exponent
    values: Array = (along + across) ** -1.5
    return values


def ramped_switching_field_T(device: Device, angle_rad: float) -> float:
    """Field at which P passes the hard plane in a slow ramp of the kernel without thermal field [T]."""
    device = device.replace(damping=DAMPING)
    direction = np.array([math.sin(angle_rad), 0.0, math.cos(angle_rad)])
    expected = float(astroid(device, [angle_rad], state="P").switching_field_T[0])
    steps = round(RAMP_S / RAMP_STEP_S)
    field = expected * np.linspace(1.0 - WINDOW, 1.0 + WINDOW, steps + 1)
    row = constant_rows(device, np.zeros((1, 3)), np.zeros(1), np.zeros(1))
    row[:, THERMAL] = 0.0
    table = np.repeat(row, steps + 1, axis=0)
    table[:, :3] += field[:, None] * direction
    start = equilibrium(device, table[:1], easy_side(device, "P"))[0]
    path = free_motion(
        start, table, RAMP_STEP_S, device.damping, device.reference_direction, device.stt_asymmetry
    )
    return float(field[np.argmax(path[0, :, 2] < 0.0)])


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """The astroid of a perpendicular junction, without and with a channel current."""
    device = Device.load("perpendicular_memory_60nm")
    angle = np.linspace(0.0, 2.0 * math.pi, 181)
    for current, style in ((0.0, "-"), (1e-4, "--")):
        found = astroid(device, angle, sot_current_A=current)
        x, z = (1e3 * found.switching_field_T * found.direction[:, axis] for axis in (0, 2))
        axes.plot(x, z, style, color="black", label=f"{1e6 * current:.0f} uA")
    axes.set(xlabel="field along the current (mT)", ylabel="field along the normal (mT)", aspect="equal")
    axes.legend(loc="lower right")


if __name__ == "__main__":
    report("v08_astroid", compare, draw)
