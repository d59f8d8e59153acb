"""The compiled step against closed forms without noise, in both precisions, and the signs of the torques.

Precession and relaxation: largest error of any component. Thresholds: logarithmic growth of the tilt at one
per cent below and above, which must change sign. Signs: cosine with the axis that a torque must drive to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rows import Row, report

from spinpim import Device
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, STATE_ROWS, advance_block
from spinpim.device.thresholds import antidamping_critical_field

Array = NDArray[np.float64]

TOLERANCES = {"float64": 1e-6, "float32": 5e-5}
DURATION_S, STEPS = 0.3e-9, 60_000
DAMPINGS = (0.01, 0.1, 1.0)
POLAR_ANGLE = 1.2
THRESHOLD_S, THRESHOLD_STEPS = 0.2e-6, 400_000

SIGNS = (
    ("field +z", {"b": (0.0, 0.0, 0.3)}, (0.9, 0.0, -0.436), (0.0, 0.0, 1.0)),
    ("SOT of +x current to +y", {"d": (0.0, 0.3, 0.0)}, (0.9, -0.2, 0.387), (0.0, 1.0, 0.0)),
    ("SOT of -x current to -y", {"d": (0.0, -0.3, 0.0)}, (0.9, 0.2, 0.387), (0.0, -1.0, 0.0)),
    ("field-like SOT to +y", {"b": (0.0, 0.3, 0.0)}, (0.9, -0.2, 0.387), (0.0, 1.0, 0.0)),
    ("STT to the reference", {"s": 0.3}, (0.9, 0.2, -0.387), (0.0, 0.0, 1.0)),
    ("STT away from the reference", {"s": -0.3}, (0.9, 0.2, 0.387), (0.0, 0.0, -1.0)),
    (
        "+x current, +x field to +z",
        {"b": (0.3, 0.0, 0.0), "d": (0.0, 0.7, 0.0), "c": (0.0, 0.0, 1.0)},
        (0.3, 0.0, -0.954),
        (0.0, 0.0, 1.0),
    ),
    (
        "-x current, +x field to -z",
        {"b": (0.3, 0.0, 0.0), "d": (0.0, -0.7, 0.0), "c": (0.0, 0.0, 1.0)},
        (0.3, 0.0, 0.954),
        (0.0, 0.0, -1.0),
    ),
)
"""Name, drive [T], start and the direction in which the end must lie."""


def compare() -> list[Row]:
    """Motion against closed forms, then thresholds, then signs, each in float64 and float32."""
    rows = []
    for precision, tolerance in TOLERANCES.items():
        for damping in DAMPINGS:
            for name, form in (("damped Larmor", larmor_error), ("uniaxial relaxation", relaxation_error)):
                what = f"{name}, damping {damping}, {precision}"
                rows.append(Row(what, form(damping, precision), 0.0, tolerance))
    for name, growth in (("perpendicular STT", stt_growth), ("in-plane y-type SOT", y_type_growth)):
        for precision in TOLERANCES:
            below, above = growth(0.99, precision), growth(1.01, precision)
            # Growth is linear in the drive near the threshold: where it vanishes, from the two points.
            found = 0.99 + 0.02 * below / (below - above)
            rows.append(Row(f"{name} threshold / closed form, {precision}", found, 1.0, 2e-3))
    for name, fields, start, direction in SIGNS:
        for precision in TOLERANCES:
            end = path(start, row(**fields), 20e-9, 40_000, 0.1, precision, 40_000)[-1]
            rows.append(Row(f"{name}, {precision}", float(np.sign(end @ np.array(direction))), 1.0, 0.0))
    return rows


def row(
    b: Sequence[float] = (0.0, 0.0, 0.0),
    c: Sequence[float] = (0.0, 0.0, 0.0),
    d: Sequence[float] = (0.0, 0.0, 0.0),
    s: float = 0.0,
) -> Array:
    """One drive row from field, diagonal stiffness, damping-like SOT and STT [T]."""
    return np.array([*b, *c, 0.0, 0.0, 0.0, 0.0, *d, s, 0.0])


def path(
    start: Sequence[float],
    drive: Array,
    duration_s: float,
    steps: int,
    damping: float,
    precision: str,
    every: int,
) -> Array:
    """Path (points, 3) of the block kernel in a constant drive without noise."""
    kind = np.dtype(precision).type
    state = np.zeros((STATE_ROWS, 1), dtype=kind)
    state[:3, 0] = np.array(start) / np.linalg.norm(start)
    table = np.tile(drive.astype(kind), (steps + 1, 1))
    record = np.empty((1, steps // every + 1, STATE_ROWS), dtype=kind)
    record[0, 0] = state[:, 0]
    scale = GYROMAGNETIC_RATIO * duration_s / steps / (1.0 + damping**2)
    zero, one = kind(0.0), kind(1.0)
    constants = ((zero, zero, one), zero, kind(damping), one, kind(scale), kind(0.5 * scale))
    no_heat = np.empty((0, DRIVE_COLUMNS), dtype=kind), np.empty((0, 2), dtype=kind)
    generators, noise = np.zeros((4, 1), dtype=np.uint32), np.empty((6, 1), dtype=kind)
    advance_block(state, generators, noise, table, *no_heat, constants, 0, steps, every, record)
    return record[0, :, :3].astype(np.float64)


def _steps(precision: str) -> int:
    # Rounding of float32 adds up over steps; a quarter of them keeps both errors below the tolerance.
    return STEPS if precision == "float64" else STEPS // 4


def larmor_error(damping: float, precision: str, field_T: float = 0.5) -> float:
    """Largest deviation from m_z = tanh(alpha w t + artanh m_z0), phi = w t."""
    steps = _steps(precision)
    start = (math.sin(POLAR_ANGLE), 0.0, math.cos(POLAR_ANGLE))
    found = path(start, row(b=(0.0, 0.0, field_T)), DURATION_S, steps, damping, precision, steps // 100)
    angle = GYROMAGNETIC_RATIO * field_T / (1.0 + damping**2) * np.linspace(0.0, DURATION_S, len(found))
    z = np.tanh(damping * angle + math.atanh(start[2]))
    return _largest(found, z, angle)


def relaxation_error(damping: float, precision: str, anisotropy_T: float = 0.3) -> float:
    """Largest deviation from tan(theta) = tan(theta0) exp(-t/tau), phi = (artanh m_z - artanh m_z0)/alpha."""
    steps = _steps(precision)
    start = (math.sin(POLAR_ANGLE), 0.0, math.cos(POLAR_ANGLE))
    drive = row(c=(0.0, 0.0, anisotropy_T))
    found = path(start, drive, DURATION_S, steps, damping, precision, steps // 100)
    relaxation_s = (1.0 + damping**2) / (damping * GYROMAGNETIC_RATIO * anisotropy_T)
    time_s = np.linspace(0.0, DURATION_S, len(found))
    z = np.cos(np.arctan(math.tan(POLAR_ANGLE) * np.exp(-time_s / relaxation_s)))
    return _largest(found, z, (np.arctanh(z) - math.atanh(start[2])) / damping)


def _largest(found: Array, z: Array, angle: Array) -> float:
    across = np.sqrt(1.0 - z**2)
    expected = np.stack([across * np.cos(angle), across * np.sin(angle), z], axis=1)
    return float(np.abs(found - expected).max())


def stt_growth(factor: float, precision: str) -> float:
    """Logarithmic growth of a tilt from the antiparallel state at a factor times alpha H_k."""
    anisotropy_T, damping = 0.3, 0.02
    drive = row(
        c=(0.0, 0.0, anisotropy_T),
        s=factor * antidamping_critical_field(damping, anisotropy_T, anisotropy_T),
    )
    return _growth((3e-3, 0.0, -1.0), drive, damping, precision, 2)


def y_type_growth(factor: float, precision: str) -> float:
    """The same for an in-plane junction whose easy axis lies along the spins of the channel."""
    device = Device.load("in_plane_y_memory")
    tensor = np.diag(device.landscape().stiffness_T)
    current = -math.copysign(factor * device.sot_critical_current_A, device.spin_hall_angle)
    drive = row(c=tensor - tensor[1], d=(0.0, device.sot_field_T_per_A * current, 0.0))
    return _growth((0.0, 1.0, 3e-3), drive, device.damping, precision, 1)


def _growth(start: Sequence[float], drive: Array, damping: float, precision: str, along: int) -> float:
    found = path(start, drive, THRESHOLD_S, THRESHOLD_STEPS, damping, precision, 40)
    # The small part itself, which rounding does not cancel as it would in 1 - cos^2.
    tilt = np.sum(np.delete(found, along, axis=1) ** 2, axis=1)
    part = tilt.size // 10
    return math.log(tilt[-part:].mean() / tilt[:part].mean())


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Errors of the motion against damping, with the tolerances; thresholds and signs are in the table."""
    for index, (precision, tolerance) in enumerate(TOLERANCES.items()):
        part = rows[6 * index : 6 * (index + 1)]
        line = axes.plot(DAMPINGS, [each.ours for each in part[::2]], "o-", label=f"Larmor, {precision}")[0]
        axes.plot(
            DAMPINGS, [each.ours for each in part[1::2]], "s--", color=line.get_color(), label="relaxation"
        )
        axes.axhline(tolerance, color=line.get_color(), linewidth=0.6, linestyle=":")
    held = sum(each.holds for each in rows[12:])
    axes.set(xscale="log", yscale="log", xlabel="damping", ylabel="largest error of a component of m")
    axes.set_title(f"{held} of {len(rows) - 12} thresholds and signs hold", fontsize=8)
    axes.legend(frameon=False, fontsize=7)


if __name__ == "__main__":
    report("v16_closed_forms", compare, draw)
