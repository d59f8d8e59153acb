"""Errors of given columns against importance sampling of their cells, each circuit solved anew.

Offset, reference and drive of a column are held; only its cells are drawn. The reference that stands for a
deviate is checked by drawing the cells of its columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rows import Row, draw_against_depth, report
from scipy.special import ndtr

from spinpim.circuit import Cell, SenseAmp, Sensing, sense
from spinpim.circuit.levels import states
from spinpim.circuit.operations import find_operation
from spinpim.circuit.reference import JunctionReference
from spinpim.circuit.whole_circuit import WholeCircuit, whole_circuit
from spinpim.device import Device

Array = NDArray[np.float64]
AMPLIFIERS = ("strongarm_45nm", "strongarm_minimum_45nm", "current_clamp_45nm")
OPERATIONS = (("READ", 1), ("AND", 2), ("OR", 2), ("MAJ", 3))
COLUMNS = (
    (0.0, 0.0, 0.0),
    (2.0, 2.0, 2.0),
    (-2.0, -2.0, -2.0),
    (2.0, -2.0, -2.0),
    (5.0, 0.0, 0.0),
    (-5.0, 0.0, 0.0),
    (0.0, 5.0, 0.0),
    (0.0, -5.0, 0.0),
    (0.0, 0.0, 5.0),
    (0.0, 0.0, -5.0),
    (-5.0, 5.0, 5.0),
)
"""Deviates of amplifier offset, reference and drive."""
DEEPEST, SHALLOWEST = 1e-13, 0.5
SAMPLES = 60_000
LEFT_OUT = 0.01
"""What the quadratic form may leave out of an error, relative."""


@dataclass(frozen=True, slots=True)
class Column:
    """A sensed column with one level on it, its offset, reference and drive given."""

    circuit: WholeCircuit
    threshold_V: float
    drives: Array
    noise_V: float

    def margin_V(self, normals: Array) -> Array:
        """Distance from the threshold towards the right side, normals of the cells (samples, variables)."""
        level = self.circuit.level_V(self.circuit.states, normals[:, None], self.drives)[:, 0]
        return self.circuit.side * (level - self.threshold_V)

    def static(self, samples: int, seed: int) -> tuple[float, float]:
        """Static error and its standard error."""
        return self._sampled(0.0, lambda margin: (margin < 0.0).astype(np.float64), samples, seed)

    def temporal(self, samples: int, seed: int) -> tuple[float, float]:
        """Temporal error and its standard error."""
        noise = self.noise_V
        return self._sampled(noise, lambda margin: ndtr(-np.abs(margin) / noise), samples, seed)

    def _sampled(
        self, gaussian_V: float, wrong: Callable[[Array], Array], samples: int, seed: int
    ) -> tuple[float, float]:
        """Mean over the cells, drawn about their part in the most likely failure."""
        size = 3 * self.circuit.states.size
        point, step = np.zeros(size), 1e-3
        moves = np.vstack([np.eye(size), -np.eye(size)]) * step
        for _ in range(12):
            moved = self.margin_V(point + moves)
            slopes = (moved[:size] - moved[size:]) / (2.0 * step)
            value = self.margin_V(point[None])[0]
            point = (slopes @ point - value) / (slopes @ slopes + gaussian_V**2) * slopes
        normals = np.random.default_rng(seed).standard_normal((samples, size)) + point
        values = np.exp(-normals @ point + 0.5 * point @ point) * wrong(self.margin_V(normals))
        return float(np.mean(values)), float(np.std(values)) / math.sqrt(samples)


@dataclass(frozen=True, slots=True)
class Case:
    """One pattern in one column: our errors and the column to sample."""

    what: str
    static: float
    temporal: float
    column: Column


def design(amplifier: str, operation: str, rows: int) -> tuple[Cell, SenseAmp, Sensing]:
    """Cell, amplifier and sensing of the shipped devices."""
    cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    chosen = SenseAmp.load(amplifier)
    return cell, chosen, sense(cell, chosen, operation=operation, rows=rows)


def cases(
    amplifier: str, operation: str, rows: int, columns: Sequence[tuple[float, float, float]] = COLUMNS
) -> Iterator[Case]:
    """Both neighbours of the reference in each column."""
    cell, chosen, sensing = design(amplifier, operation, rows)
    threshold = find_operation(operation, rows).thresholds[0]
    law = sensing.column_law
    assert law is not None
    static, temporal = sensing.column_errors(columns)
    for ones in (threshold - 1, threshold):
        pattern = "0" * (rows - ones) + "1" * ones
        circuit = whole_circuit(
            cell,
            chosen,
            rows,
            ones,
            threshold,
            sensing.temperature_K,
            JunctionReference(cell.reference_column_pairs),
            "equal-z",
        )
        place = sensing.patterns.index(pattern)
        for number, normals in enumerate(columns):
            offset, reference, drive = normals
            threshold_V = sensing.reference_V + offset * sensing.offset_sigma_V[pattern]
            threshold_V += float(law.reference_shift_V(np.array([reference]))[0])
            sigmas = np.array(circuit.drive_sigmas)
            drives = 1.0 + sigmas * (drive * law.towards_zero[: sigmas.size])
            column = Column(circuit, threshold_V, drives[None, None], sensing.noise_sigma_V[pattern])
            deviates = ", ".join(f"{one:g}" for one in normals)
            what = f"{amplifier} {operation} of {rows}, {pattern}, column ({deviates})"
            yield Case(what, float(static[number, place]), float(temporal[number, place]), column)


def reference_tail(amplifier: str, deviate: float, samples: int, seed: int) -> tuple[float, float]:
    """Probability of a reference beyond that of a deviate, and its standard error."""
    cell, chosen, sensing = design(amplifier, "AND", 2)
    law = sensing.column_law
    assert law is not None
    mates = law.reference.mates
    circuit = whole_circuit(
        cell, chosen, 2, 2, 2, sensing.temperature_K, JunctionReference(int(mates.columns)), "equal-z"
    )
    raised_V = float(law.reference_shift_V(np.array([deviate]))[0])
    count, cells, drives = int(mates.columns), 6, len(circuit.drive_sigmas)
    # Directions of all variables towards a higher reference, to first order.
    steepest = np.repeat((mates.weights[:, None] * mates.slopes_V)[:, None], count, axis=1)
    point = steepest * raised_V / np.sum(steepest**2)
    normals = np.random.default_rng(seed).standard_normal((samples, *point.shape)) + point
    raised = np.zeros(samples)
    for kind, weight in enumerate(mates.weights):
        driven = 1.0 + np.array(circuit.drive_sigmas) * normals[:, kind, :, cells : cells + drives]
        level = circuit.level_V(states(2, int(mates.states[kind].sum())), normals[:, kind, :, :cells], driven)
        raised += weight * np.sum(level - mates.levels_V[kind], axis=1)
    weights = np.exp(-np.sum(normals * point, axis=(1, 2, 3)) + 0.5 * np.sum(point**2))
    values = weights * ((raised > raised_V) if deviate > 0.0 else (raised < raised_V))
    return float(np.mean(values)), float(np.std(values)) / math.sqrt(samples)


def compare() -> list[Row]:
    """Ratio of our errors to the sampled ones; three standard errors of the sampling."""
    rows = []
    for amplifier in AMPLIFIERS:
        for deviate in (-5.0, -2.0, 2.0, 5.0):
            truth, error = reference_tail(amplifier, deviate, SAMPLES, seed=26)
            expected = float(ndtr(-abs(deviate)))
            what = f"{amplifier}: references beyond {deviate:g} sigma, {expected:.2e}"
            rows.append(Row(what, expected / truth, 1.0, 3.0 * error / truth + LEFT_OUT))
        for operation, count in OPERATIONS:
            for number, case in enumerate(cases(amplifier, operation, count)):
                for name, ours, sampled in (
                    ("static", case.static, case.column.static),
                    ("temporal", case.temporal, case.column.temporal),
                ):
                    if not DEEPEST < ours < SHALLOWEST:
                        continue
                    truth, error = sampled(SAMPLES, number)
                    what = f"{case.what}, {name} {truth:.2e}"
                    rows.append(Row(what, ours / truth, 1.0, 3.0 * error / truth + LEFT_OUT))
    return rows


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Ratio against depth."""
    draw_against_depth(axes, rows, xlabel="error of the column", ylabel="table over sampled cells")


if __name__ == "__main__":
    report("v26_given_columns", compare, draw)
