"""Static errors of `sense` for random designs against importance sampling of the whole circuit.

Every cell of the sensed column and of the reference columns is drawn and its circuit solved, each with
its own settling, bend and drive; only the amplifier's offset, which is Gaussian, is integrated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from rows import Row, draw_against_depth, report
from scipy.special import ndtr

from spinpim.circuit import Cell, SenseAmp, Sensing, sense
from spinpim.circuit.bent_modes import bent_modes
from spinpim.circuit.levels import levels, relative_sigmas, states
from spinpim.circuit.line_modes import unsettled
from spinpim.circuit.operations import find_operation
from spinpim.circuit.read_path import CellSpread, cells_at, line_voltage
from spinpim.circuit.reference import JunctionReference
from spinpim.circuit.strobe_kernel import POINTS
from spinpim.device import Device

Array = NDArray[np.float64]

DESIGNS = 50
SAMPLES = 20_000
LEFT_OUT = 0.01
"""What the quadratic form may leave out of an error, relative."""


@dataclass(frozen=True, slots=True)
class Design:
    """A column, an operation on it, the pattern it reads, and the pairs of its reference columns."""

    cell: Cell
    amplifier: SenseAmp
    operation: str
    rows: int
    pattern: str
    pairs: int

    def sensing(self) -> Sensing:
        """What `sense` says of it."""
        return sense(
            self.cell,
            self.amplifier,
            operation=self.operation,
            rows=self.rows,
            reference=JunctionReference(self.pairs),
        )


def random_design(number: int) -> Design:
    """One of many designs: magnetoresistance, current, mismatch, line, amplifier, operation and pattern."""
    draw = np.random.default_rng(1000 + number)
    device = Device.load("perpendicular_memory_60nm")
    device = device.replace(tunnel_magnetoresistance=draw.uniform(1.0, 2.0))
    cell = Cell.load("2t1r_45nm", device=device).replace(
        read_current_per_row_A=draw.uniform(6e-6, 12e-6),
        read_current_sigma=draw.uniform(0.0, 0.02),
        bit_line_cells=int(draw.choice([64, 128, 256])),
        settling_residual=draw.uniform(0.02, 0.2),
    )
    amplifier = SenseAmp.load("strongarm_45nm").replace(area_scale=math.exp(draw.uniform(0.7, 3.5)))
    choices = (
        ("READ", 1, ("0", "1")),
        ("AND", 2, ("01", "11")),
        ("OR", 2, ("00", "01")),
        ("AND", 3, ("011", "111")),
        ("MAJ", 3, ("001", "011")),
    )
    operation, rows, patterns = choices[number % len(choices)]
    return Design(cell, amplifier, operation, rows, str(draw.choice(patterns)), int(draw.choice([1, 2])))


class Circuit:
    """The circuit of a design as a function of every cell's variables, strobed when `sense` strobes it."""

    def __init__(self, design: Design, sensing: Sensing) -> None:
        self.design = design
        cell, rows = design.cell, design.rows
        self.threshold = find_operation(design.operation, rows).thresholds[0]
        self.ones = design.pattern.count("1")
        self.side = 1.0 if self.ones >= self.threshold else -1.0
        self.current_A = rows * cell.read_current_per_row_A
        strobe = sensing.delay_split_s["settling"]
        nominal = levels(cell, design.amplifier, rows, cell.device.temperature_K)
        self.line = (
            cell.fixed_capacitance_F + design.amplifier.input_capacitance_F,
            cell.bit_line_resistance_ohm,
            cell.bit_line_cells * cell.capacitance_per_cell_F,
            strobe,
        )
        lower, upper = nominal[self.threshold - 1], nominal[self.threshold]
        ends = [level.settling.value_V(strobe) for level in (lower, upper)]
        self.share = (sensing.reference_V - ends[0]) / (ends[1] - ends[0])
        self.gaussian_V = sensing.offset_sigma_V[design.pattern]
        self.size = (3 * rows + 1) * (1 + 2 * design.pairs)

    def level(self, ones: int, normals: Array) -> Array:
        """Level at the strobe of drawn columns, normals (samples, 3 rows + 1): cells, then drive."""
        cell, rows = self.design.cell, self.design.rows
        resistance, magnetoresistance = relative_sigmas(cell.device)
        cells = normals[:, :-1].reshape(-1, rows, 3)
        spread = CellSpread(
            np.exp(resistance * cells[..., 0]),
            np.exp(magnetoresistance * cells[..., 1]),
            cell.read_transistor.threshold_sigma_V * cells[..., 2],
        )
        current_A = self.current_A * (1.0 + cell.read_current_sigma * normals[:, -1])
        path, one = cell.read_path(), states(rows, ones)
        settled, points = line_voltage(path, one, current_A, spread)
        bend = np.zeros((len(normals), POINTS))
        for point in range(1, POINTS - 1):
            part = point / (POINTS - 1.0)
            drawn = np.sum(cells_at(path, one, part * settled[:, None], spread).current_A, axis=1)
            bend[:, point] = (1.0 - drawn / current_A) / (1.0 - part) - 1.0
        bend[:, -1] = np.sum(points.conductance_S, axis=1) * settled / current_A - 1.0
        return strobed_V(settled, current_A, bend, *self.line)

    def margin(self, normals: Array) -> Array:
        """Distance of level and reference towards the right side, normals (samples, variables)."""
        pairs = self.design.pairs
        drawn = normals.reshape(len(normals), 1 + 2 * pairs, 3 * self.design.rows + 1)
        reference = np.zeros(len(normals))
        for pair in range(pairs):
            lower = self.level(self.threshold - 1, drawn[:, 1 + 2 * pair])
            upper = self.level(self.threshold, drawn[:, 2 + 2 * pair])
            reference += ((1.0 - self.share) * lower + self.share * upper) / pairs
        return self.side * (self.level(self.ones, drawn[:, 0]) - reference)

    def error(self, samples: int, seed: int) -> tuple[float, float]:
        """Static error and its standard error, by importance sampling about the most likely failure."""
        point, step = np.zeros(self.size), 1e-3
        moves = np.vstack([np.eye(self.size), -np.eye(self.size)]) * step
        for _ in range(8):
            moved = self.margin(point + moves)
            slopes = (moved[: self.size] - moved[self.size :]) / (2.0 * step)
            value = self.margin(point[None])[0]
            point = (slopes @ point - value) / (slopes @ slopes + self.gaussian_V**2) * slopes
        normals = np.random.default_rng(seed).standard_normal((samples, self.size)) + point
        weights = np.exp(-normals @ point + 0.5 * point @ point)
        values = weights * ndtr(-self.margin(normals) / self.gaussian_V)
        return float(np.mean(values)), float(np.std(values)) / math.sqrt(samples)


@numba.njit
def strobed_V(settled, current_A, bend, near_F, wire_ohm, wire_F, strobe_s):
    """Near end at the strobe of lines that settle to given voltages, each with a bend of its own."""
    found = np.empty(settled.size)
    for line in range(settled.size):
        chord_S = current_A[line] / settled[line]
        modes = bent_modes(False, 0.0, near_F, wire_ohm, wire_F, chord_S, 1.0, bend[line])
        followed = 1.0 - unsettled(modes, math.inf, strobe_s)
        found[line] = (settled[line] + current_A[line] * wire_ohm) * followed
    return found


def compared(number: int, samples: int = SAMPLES) -> tuple[float, float, float]:
    """Error of a random design by `sense`, that of the sampled circuit, and its standard error."""
    design = random_design(number)
    sensing = design.sensing()
    truth, error = Circuit(design, sensing).error(samples, seed=number)
    return sensing.error_static[design.pattern], truth, error


def compare() -> list[Row]:
    """Ratio of both errors for each design; three standard errors of the sampling."""
    rows = []
    for number in range(DESIGNS):
        ours, truth, error = compared(number)
        design = random_design(number)
        what = f"design {number}: {design.operation} of {design.rows}, {design.pattern}, error {truth:.2e}"
        rows.append(Row(what, ours / truth, 1.0, 3.0 * error / truth + LEFT_OUT))
    return rows


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Ratio against depth."""
    draw_against_depth(axes, rows, xlabel="static error", ylabel="sense over sampled circuit")


if __name__ == "__main__":
    report("v24_sensing_errors", compare, draw)
