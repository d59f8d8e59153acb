"""Settling of a distributed bit line against ladders: 63 % times by circuit simulation, shapes by modes.

The sensed columns against ladders whose cells have their whole characteristic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from nonlinear_ladder import column_V
from rows import Row, report

from spinpim.circuit import Cell, SenseAmp
from spinpim.circuit.bitline import (
    clamp_settling,
    line_settling,
    reset_time_s,
    settling_time_s,
    strobe_time_s,
)
from spinpim.circuit.levels import at_reference, levels
from spinpim.circuit.operations import find_operation
from spinpim.device import Device
from spinpim.errors import InputError

WIRE_F, CELL_OHM, CLAMP_OHM = 30e-15, 3333.0, 1e3
SIMULATED_PS = {100.0: 100.0, 1000.0: 101.9, 5000.0: 126.6}
"""63 % time of 128 segments by wire resistance [ohm], cell at the far end: ngspice 39.3."""
SEGMENTS = 1000
TOLERANCE = {"line": 1e-3, "clamp": 3e-3}
"""Of the settled step, from a tenth of the mean delay on."""
LINES = ((1000.0, 0.0, 1.0), (5000.0, 0.0, 1.0), (1000.0, 20e-15, 1.0), (5000.0, 20e-15, 0.5))
"""Wire resistance [ohm], capacitance at the near end [F], position of the cells."""
DEVICES = (
    "perpendicular_memory_60nm",
    "imec_sot_62nm",
    "beta_w_80nm_a",
    "in_plane_y_memory",
    "in_plane_y_60x40",
)
AMPLIFIERS = ("strongarm_45nm", "current_clamp_45nm")
OPERATIONS = (("READ", 1), ("AND", 2), ("OR", 2), ("MAJ", 3))
STEP_TOLERANCE = 3e-3
"""Of a step between two levels at the strobe."""


def compare() -> list[Row]:
    """63 % times [ps], largest differences of the shapes, the clamped line, and the reset."""
    rows = []
    for wire_ohm, simulated in SIMULATED_PS.items():
        settling = line_settling(1e-5, CELL_OHM, wire_F=WIRE_F, wire_ohm=wire_ohm)
        found = 1e12 * settling_time_s(settling, math.exp(-1.0))
        rows.append(Row(f"63 % time, wire {wire_ohm:.0f} ohm [ps]", found, simulated, 0.01 * simulated))
    for wire_ohm, near_F, position in LINES:
        line = {"wire_F": WIRE_F, "near_F": near_F, "wire_ohm": wire_ohm, "position": position}
        place = f"{wire_ohm:.0f} ohm, {1e15 * near_F:.0f} fF, cells at {position}"
        settlings = {
            "line": line_settling(1e-5, CELL_OHM, **line),
            "clamp": clamp_settling(1.0, -0.3, CELL_OHM, CLAMP_OHM, **line),
        }
        for name, settling in settlings.items():
            times = settling.mean_delay_s * np.linspace(0.1, 5.0, 50)
            clamp_ohm = CLAMP_OHM if name == "clamp" else math.inf
            ladder = ladder_followed(times, clamp_ohm, **line)
            ours = np.array([settling.followed(time) for time in times])
            error = float(np.max(np.abs(ours - ladder)))
            rows.append(Row(f"{name}, {place}: error", error, 0.0, TOLERANCE[name]))
    rows.append(Row("reset to 0.1 %, wire 1000 ohm [ps]", *reset_ps(), 0.01))
    return rows + column_rows()


def column_rows() -> list[Row]:
    """Steps at the strobe of every device [mV]; currents beyond the clamp's mirror are left out."""
    rows = []
    for name in DEVICES:
        cell = Cell.load("2t1r_45nm", device=Device.load(name))
        for amplifier_name in AMPLIFIERS:
            for operation, count in OPERATIONS:
                threshold = find_operation(operation, count).thresholds[0]
                try:
                    amplifier = at_reference(cell, SenseAmp.load(amplifier_name), count, threshold, 300.0)
                except InputError:
                    continue
                lower, upper = levels(cell, amplifier, count, 300.0)[threshold - 1 : threshold + 1]
                strobe = strobe_time_s(upper.settling, lower.settling, cell.settling_residual)
                ours = 1e3 * (upper.settling.value_V(strobe) - lower.settling.value_V(strobe))
                low, high = (
                    column_V(cell, amplifier, count, level.antiparallel, 300.0, strobe)
                    for level in (lower, upper)
                )
                what = f"{operation} step, {name}, {amplifier_name} [mV]"
                rows.append(Row(what, ours, 1e3 * (high - low), STEP_TOLERANCE * ours))
    return rows


def ladder_followed(
    times: np.ndarray, clamp_ohm: float, wire_F: float, near_F: float, wire_ohm: float, position: float
) -> np.ndarray:
    """Part of the settled voltage at the near end after a step: of a current there, or of the cells'."""
    node = round(position * SEGMENTS)
    rates, modes = ladder_modes(CELL_OHM, clamp_ohm, wire_F, near_F, wire_ohm, node)
    shares = modes[0] * modes[0 if math.isinf(clamp_ohm) else node] / rates
    return 1.0 - np.exp(-np.outer(times, rates)) @ shares / shares.sum()


def ladder_modes(
    cell_ohm: float, near_ohm: float, wire_F: float, near_F: float, wire_ohm: float, node: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rates [1/s] and modes of the ladder, the latter over the root of the capacitances."""
    link = SEGMENTS / wire_ohm
    conductance = np.diag(np.full(SEGMENTS + 1, 2.0 * link))
    conductance[[0, -1], [0, -1]] = link
    conductance -= link * (np.eye(SEGMENTS + 1, k=1) + np.eye(SEGMENTS + 1, k=-1))
    conductance[node, node] += 1.0 / cell_ohm
    conductance[0, 0] += 1.0 / near_ohm
    capacitance = np.full(SEGMENTS + 1, wire_F / SEGMENTS)
    capacitance[[0, -1]] *= 0.5
    capacitance[0] += near_F
    scale = 1.0 / np.sqrt(capacitance)
    rates, modes = np.linalg.eigh(conductance * np.outer(scale, scale))
    return rates, modes * scale[:, None]


def reset_ps() -> tuple[float, float]:
    """Time until the far end of a charged line is at 0.1 %, 300 ohm at the near end: ours, the ladder's."""
    ours = reset_time_s(300.0, WIRE_F, 1000.0, 1e-3, 5e-15)
    rates, modes = ladder_modes(math.inf, 300.0, WIRE_F, 5e-15, 1000.0, SEGMENTS)
    # The line at 1 V is what a step through the near end has settled to: the far end decays as it rose.
    shares = modes[0] * modes[-1] / rates / 300.0
    times = ours * np.linspace(0.9, 1.1, 2001)
    left = np.exp(-np.outer(times, rates)) @ shares
    return 1e12 * ours, 1e12 * float(np.interp(-1e-3, -left, times))


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """The three lines, their simulated 63 % times, and the single exponential of the Elmore delay dashed."""
    times = np.linspace(0.0, 400e-12, 200)
    for wire_ohm, simulated in SIMULATED_PS.items():
        settling = line_settling(1e-5, CELL_OHM, wire_F=WIRE_F, wire_ohm=wire_ohm)
        curve = axes.plot(
            1e12 * times, [settling.followed(time) for time in times], label=f"{wire_ohm:.0f} ohm"
        )
        elmore = 1.0 - np.exp(-times / ((CELL_OHM + 0.5 * wire_ohm) * WIRE_F))
        axes.plot(1e12 * times, elmore, "--", color=curve[0].get_color(), linewidth=0.8)
        axes.plot(simulated, 1.0 - math.exp(-1.0), "o", color=curve[0].get_color())
    axes.set(xlabel="time [ps]", ylabel="settled part (dashed: Elmore, points: ngspice)")
    axes.legend(frameon=False, title="wire")


if __name__ == "__main__":
    report("v23_bit_line", compare, draw)
