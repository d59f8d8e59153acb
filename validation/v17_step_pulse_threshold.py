"""Threshold of a perpendicular macrospin under a current step of 20 ns, below that of a slow ramp.

The step finds the magnetisation away from its new equilibrium and it overshoots: at low damping a fifth less
current is enough. Without noise the start lies exactly in the minimum of the energy, tilted by the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report
from v01_sot_threshold import STEP_S, run

from spinpim.device.thresholds import sot_critical_field

DURATION_S = 20e-9
FIELDS, DAMPINGS = (0.05, 0.1, 0.3), (0.005, 0.02, 0.05, 0.1, 0.5)
TOLERANCE = 1e-4
REFERENCE = {
    0.05: (0.3725, 0.3763, 0.3837, 0.3952, 0.4510),
    0.1: (0.3425, 0.3462, 0.3533, 0.3644, 0.4179),
    0.3: (0.2341, 0.2370, 0.2426, 0.2514, 0.2931),
}
"""Threshold / B_k by field / B_k along the current, at each damping: an integration by another program."""


def compare() -> list[Row]:
    """Least damping-like field, in units of B_k = 1 T, that ends a step of 20 ns with m_z < 0."""
    return [
        Row(f"h = {h}, damping {damping}", step_threshold(h, damping), expected, TOLERANCE)
        for h in FIELDS
        for damping, expected in zip(DAMPINGS, REFERENCE[h], strict=True)
    ]


def step_threshold(h: float, damping: float, width: float = 5e-5) -> float:
    """Bisect between half of the closed form and the closed form, to ``width`` [T]."""
    high = sot_critical_field(1.0, h)
    low = 0.5 * high
    while high - low > width:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if reversed_by(h, damping, middle) else (middle, high)
    return 0.5 * (low + high)


def reversed_by(h: float, damping: float, field_T: float) -> bool:
    """Whether a step of this damping-like field from equilibrium ends below the plane."""
    steps = round(DURATION_S / STEP_S)
    start = np.array([h, 0.0, np.sqrt(1.0 - h * h)])
    path = run(h, np.full(steps + 1, field_T), damping, start, record_every=steps)
    return bool(path[-1, 2] < 0.0)


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Thresholds of the step as points on the tabulated lines, and the slow ramp dashed."""
    for index, h in enumerate(FIELDS):
        part = slice(index * len(DAMPINGS), (index + 1) * len(DAMPINGS))
        line = axes.plot(DAMPINGS, REFERENCE[h], label=f"step, $B_x$ = {h} $B_k$")[0]
        axes.plot(DAMPINGS, [row.ours for row in rows[part]], "o", color=line.get_color())
        axes.axhline(sot_critical_field(1.0, h), color=line.get_color(), linestyle="--", linewidth=0.8)
    axes.set(xscale="log", xlabel="damping", ylabel="threshold field / $B_k$ (dashed: slow ramp)")
    axes.legend(frameon=False, fontsize=7)


if __name__ == "__main__":
    report("v17_step_pulse_threshold", compare, draw)
