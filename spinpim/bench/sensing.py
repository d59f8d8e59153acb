"""Sensing of one column: one design in full, and many in a sweep."""

from __future__ import annotations

import numpy as np

from spinpim.bench.workload import Workload
from spinpim.circuit import Cell, SenseAmp, sense, sense_sweep
from spinpim.device import Device

DESIGNS = 500
SEED = 4


def sense_one() -> Workload:
    """Two-row AND of the default cell, everything that `sense` tells."""
    cell, amplifier = _default()

    def run() -> None:
        sense(cell, amplifier)

    return Workload(
        "sense_designs_per_s", "designs/s", 1.0, run, "Two-row AND of the default cell, all of it."
    )


def sense_many() -> Workload:
    """Static errors of two-row ANDs of different magnetoresistance, current and amplifier."""
    cell, amplifier = _default()
    draw = np.random.default_rng(SEED)

    def run() -> None:
        sense_sweep(
            cell,
            amplifier,
            tunnel_magnetoresistance=draw.uniform(1.0, 2.0, DESIGNS),
            read_current_per_row_A=draw.uniform(8e-6, 12e-6, DESIGNS),
            area_scale=draw.uniform(2.0, 20.0, DESIGNS),
        )

    return Workload(
        "sense_sweep_designs_per_s",
        "designs/s",
        float(DESIGNS),
        run,
        "Static errors of two-row ANDs that differ in magnetoresistance, current and amplifier.",
    )


def _default() -> tuple[Cell, SenseAmp]:
    cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    return cell, SenseAmp.load("strongarm_45nm")
