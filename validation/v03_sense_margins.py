"""Steps of two- and three-row sensing against closed forms, and against three recalled figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report

from spinpim import Cell, Device
from spinpim.circuit.read_path import line_voltage

CURRENT_A = 10e-6
READ_STEP_V, TWO_ROWS_V, THREE_ROWS_V = 43.31e-3, 14.62e-3, 4.28e-3
MAGNETORESISTANCE = 1.078
"""The one free number: with it the three recalled steps agree with parallel resistances."""


def compare() -> list[Row]:
    """Shares of the single-cell step, and recalled millivolts; no access resistance, no bias droop."""
    t = MAGNETORESISTANCE
    shares = {
        "AND of two": (2, 2, (1 + t) / (2 * (2 + t))),
        "OR of two": (2, 1, 1 / (2 * (2 + t))),
        "AND of three": (3, 3, (1 + t) / (3 * (3 + t))),
        "majority of three": (3, 2, (1 + t) / ((3 + t) * (3 + 2 * t))),
        "OR of three": (3, 1, 1 / (3 * (3 + 2 * t))),
    }
    read = step(1, 1)
    rows = [Row(f"{name}, share", step(n, k) / read, share, 1e-9) for name, (n, k, share) in shares.items()]
    scale = 1e3 * READ_STEP_V / read
    rows.append(Row("two rows [mV]", scale * step(2, 2), 1e3 * TWO_ROWS_V, 0.01))
    rows.append(Row("three rows [mV]", scale * step(3, 2), 1e3 * THREE_ROWS_V, 0.01))
    return rows


def step(rows: int, ones: int) -> float:
    """Voltage step from ``ones - 1`` to ``ones`` antiparallel cells of ``rows`` at constant current [V]."""
    return level(rows, ones) - level(rows, ones - 1)


def level(rows: int, ones: int) -> float:
    """Bit-line voltage [V]."""
    cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    access = cell.read_transistor.biased(5.0, 300.0)._replace(specific_current_A=6e4, series_ohm=0.0)
    path = cell.read_path(300.0)._replace(
        access=access,
        series_ohm=0.0,
        half_bias_V=np.inf,
        tunnel_magnetoresistance=MAGNETORESISTANCE,
    )
    states = np.array([1.0] * ones + [0.0] * (rows - ones))
    return float(line_voltage(path, states, CURRENT_A)[0])


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Shares of the read step by operation."""
    shares = rows[:5]
    axes.bar([row.what.split(",")[0] for row in shares], [row.ours for row in shares], color="0.5")
    axes.set(ylabel="step / step of a single cell")
    axes.tick_params(axis="x", labelrotation=20)


if __name__ == "__main__":
    report("v03_sense_margins", compare, draw)
