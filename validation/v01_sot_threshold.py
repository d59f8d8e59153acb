"""Ramped SOT threshold of a perpendicular macrospin against K.-S. Lee's closed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, STATE_ROWS, advance_block
from spinpim.device.thresholds import sot_critical_field

RAMP_S, STEP_S, WINDOW = 120e-9, 0.15e-12, 0.02
FIELDS, DAMPINGS = (0.05, 0.1, 0.3), (0.02, 0.1, 0.5)


def compare() -> list[Row]:
    """Threshold in units of B_k = 1 T, at zero temperature, ramped slowly through a window around it."""
    return [
        Row(f"h = {h}, damping {damping}", threshold(h, damping), sot_critical_field(1.0, h), 5e-4)
        for h in FIELDS
        for damping in DAMPINGS
    ]


def threshold(h: float, damping: float) -> float:
    """Damping-like field at which m_z changes sign [T].

    A ramp overtakes a saddle-node by a distance that goes as its rate to the power 2/3, so it is confined to
    a window of 0.02 B_k and lasts 120 ns; the lag is then 2e-4 B_k.
    """
    start = sot_critical_field(1.0, h) - 0.6 * WINDOW
    steps = round(RAMP_S / STEP_S)
    settle = np.minimum(np.linspace(0.0, 2.0 * start, 200_001), start)
    m = run(h, settle, 0.5, np.array([h, 0.0, np.sqrt(1.0 - h * h)]), record_every=200_000)[-1]
    path = run(h, np.linspace(start, start + WINDOW, steps + 1), damping, m, record_every=100)
    return float(start + WINDOW * np.argmax(path[:, 2] < 0.0) / (path.shape[0] - 1))


def run(h: float, field: np.ndarray, damping: float, m0: np.ndarray, record_every: int) -> np.ndarray:
    """Path of one macrospin under a damping-like field, without noise: (points, 3)."""
    drive = np.zeros((field.size, DRIVE_COLUMNS))
    drive[:, 0], drive[:, 5], drive[:, 11] = h, 1.0, -field
    state = np.array([[*m0, 0.0]]).T.copy()
    record = np.empty((1, (field.size - 1) // record_every + 1, STATE_ROWS))
    record[0, 0] = state[:, 0]
    scale = GYROMAGNETIC_RATIO * STEP_S / (1.0 + damping**2)
    constants = ((0.0, 0.0, 1.0), 0.0, damping, 1.0, scale, 0.5 * scale)
    generators, noise = np.zeros((4, 1), dtype=np.uint32), np.empty((6, 1))
    no_heat = np.empty((0, DRIVE_COLUMNS)), np.empty((0, 2))
    advance_block(
        state, generators, noise, drive, *no_heat, constants, 0, field.size - 1, record_every, record
    )
    return record[0, :, :3]


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Closed form as a line, simulated thresholds as points."""
    h = np.linspace(0.0, 0.4, 100)
    axes.plot(h, [sot_critical_field(1.0, value) for value in h], color="black", label="closed form")
    for index, damping in enumerate(DAMPINGS):
        axes.plot(FIELDS, [row.ours for row in rows[index::3]], "o", label=f"damping {damping}")
    axes.set(xlabel="field along the current / $B_k$", ylabel="threshold field / $B_k$")
    axes.legend(frameon=False)


if __name__ == "__main__":
    report("v01_sot_threshold", compare, draw)
