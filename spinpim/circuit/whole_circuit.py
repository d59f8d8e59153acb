"""A sensed column and its reference as a function of every variable of their cells, solved anew each time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.bitline import strobe_time_s
from spinpim.circuit.cell import Cell
from spinpim.circuit.level_kernel import VARIABLES, Column
from spinpim.circuit.levels import at_reference, levels, states
from spinpim.circuit.placement import placed_reference
from spinpim.circuit.read_path import CellSpread, line_voltage
from spinpim.circuit.reference import Reference, ReferenceScheme
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import sensed_column

FloatArray = NDArray[np.float64]
CELL_VARIABLES = ("resistance", "TMR", "access threshold")
MOST_VARIABLES = 120
"""With more, the cells of the reference columns become one variable: their mean is all but Gaussian."""
NODE = math.sqrt(3.0)
"""Outer node of the three-point Gauss-Hermite rule, of weight 1/6."""
LUMPED = "reference columns"


@dataclass(frozen=True, slots=True, eq=False)
class WholeCircuit:
    """A column at its strobe with its reference, as a function of standard normal variables.

    Their order: three of each cell, those of the reference, the drives of the column, the reference drive.

    Attributes
    ----------
    column : Column
        Cells, line and what is sensed of a settled level.
    supply_V, clamp_V : float
        Supply; voltage of a clamp, 0 without [V].
    states : (cells,) array
        1 for an antiparallel cell; these first.
    side : float
        +1 if the right answer is above the reference, else -1.
    drive_sigmas : tuple of float
        Relative: of the read current, or of clamp voltage and transresistance [1].
    reference : Reference
        As placed.
    lumped : tuple of float or None
        Mean shift and spread by the cells of the reference columns [V], where they are one variable.
    offset_sigma_V : float
        Amplifier offset, or what a trim leaves of it [V].
    """

    column: Column
    supply_V: float
    clamp_V: float
    states: FloatArray
    side: float
    drive_sigmas: tuple[float, ...]
    reference: Reference
    lumped: tuple[float, float] | None
    offset_sigma_V: float

    def reference_names(self) -> list[str]:
        """Names of the variables of the reference, without its drive."""
        if self.lumped is not None:
            return [LUMPED]
        mates = self.reference.mates
        return [
            f"reference {number} at {int(kind.sum())} ones row {row} {variable}"
            for kind in mates.states
            for number in range(1, int(mates.columns) + 1)
            for row in range(1, kind.size + 1)
            for variable in CELL_VARIABLES
        ]

    def drive_names(self) -> list[str]:
        """Names of the drives of the column."""
        return ["read current"] if len(self.drive_sigmas) == 1 else ["clamp voltage", "transresistance"]

    def last_name(self) -> str:
        """Name of the last variable: what of the reference is Gaussian."""
        return "reference drive" if self.reference.mates.weights.size else "reference"

    def margin_V(self, normals: FloatArray) -> FloatArray:
        """Distance of level and reference towards the right side, normals (points, variables)."""
        mates, size = self.reference.mates, VARIABLES * self.states.size
        drives = 1.0 + normals[:, -1 - len(self.drive_sigmas) : -1] * np.array(self.drive_sigmas)
        level = self.level_V(self.states, normals[:, None, :size], drives[:, None])[:, 0]
        reference = self.reference.voltage_V + self.reference.gaussian_sigma_V * normals[:, -1]
        if self.lumped is not None:
            mean, sigma = self.lumped
            reference = reference + mean + sigma * normals[:, size]
        else:
            columns = int(mates.columns)
            for number, weight in enumerate(mates.weights):
                first = size * (1 + number * columns)
                drawn = normals[:, first : first + size * columns].reshape(len(normals), columns, size)
                each = self.level_V(mates.states[number], drawn, np.ones((1, 1, len(self.drive_sigmas))))
                reference = reference + weight * np.sum(each - mates.levels_V[number], axis=1)
        return self.side * (level - reference)

    def level_V(self, cells: FloatArray, normals: FloatArray, drives: FloatArray) -> FloatArray:
        """Level at the strobe, normals (points, columns, variables), relative drives (points, columns, 1)."""
        column = self.column
        drawn = normals.reshape(*normals.shape[:2], cells.size, VARIABLES)
        resistance, magnetoresistance, threshold_V = column.sigmas
        spread = CellSpread(
            np.exp(resistance * drawn[..., 0]),
            np.exp(magnetoresistance * drawn[..., 1]),
            threshold_V * drawn[..., 2],
        )
        if len(self.drive_sigmas) == 1:
            current = np.broadcast_to(column.current_A * drives[..., 0], drawn.shape[:2])
            settled, _ = line_voltage(column.path, cells, current, spread)
            # A larger current into the same resistance gives so much more at any time, but for the bend.
            bent_V = column.drive_bend_V[int(cells.sum())] * (drives[..., 0] - 1.0)
            return np.asarray(drives[..., 0] * self._strobed_V(cells, settled / drives[..., 0]) + bent_V)
        raised_V = self.clamp_V * (drives[..., 0] - 1.0)
        current = np.broadcast_to(column.current_A + column.shunt_S * raised_V, drawn.shape[:2])
        settled, _ = line_voltage(column.path, cells, current, spread, shunt_S=column.shunt_S)
        # A clamp that holds the line so much higher passes the current of a nominal one at so much less.
        sensed = self._strobed_V(cells, settled - raised_V)
        return np.asarray(self.supply_V + drives[..., 1] * (sensed - self.supply_V))

    def _strobed_V(self, cells: FloatArray, settled_V: FloatArray) -> FloatArray:
        """What is sensed of settled levels; those beyond any spread count as the last within."""
        centre, half, *coefficients = self.column.strobe[int(cells.sum())]
        place = np.clip(np.nan_to_num((settled_V - centre) / half, nan=1.0), -1.0, 1.0)
        return np.asarray(np.polynomial.polynomial.polyval(place, coefficients))


def whole_circuit(
    cell: Cell,
    amplifier: SenseAmp,
    rows: int,
    ones: int,
    threshold: int,
    temperature_K: float,
    scheme: ReferenceScheme,
    placement: str | float,
) -> WholeCircuit:
    """Circuit that reads so many ones against the reference just below the level of ``threshold`` ones."""
    amplifier = at_reference(cell, amplifier, rows, threshold, temperature_K)
    clamp = amplifier.clamp
    all_levels = levels(cell, amplifier, rows, temperature_K)
    lower, upper = all_levels[threshold - 1], all_levels[threshold]
    strobe = strobe_time_s(upper.settling, lower.settling, cell.settling_residual)
    column = sensed_column(cell, amplifier, all_levels, strobe, temperature_K)
    reference = placed_reference(
        cell, amplifier, column, (lower, upper), strobe, temperature_K, scheme, placement
    )
    common_mode = 0.5 * (all_levels[ones].settling.value_V(strobe) + reference.voltage_V)
    offset = amplifier.offset_sigma_V(common_mode, temperature_K, cell.supply_V)
    drives: tuple[float, ...] = (
        (cell.read_current_sigma,)
        if clamp is None
        else (clamp.voltage_sigma_V / clamp.voltage_V, clamp.transresistance_sigma)
    )
    trim = reference.trim
    if trim is not None:
        drift = offset - amplifier.offset_sigma_V(common_mode, trim.trimmed_at_K, cell.supply_V)
        offset = math.hypot(trim.residual_sigma_V, drift)
        reference, drives = reference.trimmed(), tuple(0.0 for _ in drives)
    circuit = WholeCircuit(
        column=column,
        supply_V=cell.supply_V,
        clamp_V=0.0 if clamp is None else clamp.voltage_V,
        states=states(rows, ones),
        side=1.0 if ones >= threshold else -1.0,
        drive_sigmas=drives,
        reference=reference,
        lumped=None,
        offset_sigma_V=offset,
    )
    cells = rows * (1 + reference.mates.weights.size * int(reference.mates.columns))
    if VARIABLES * cells <= MOST_VARIABLES:
        return circuit
    return dataclasses.replace(circuit, lumped=_lumped(reference, circuit.level_V, len(drives)))


def _lumped(
    reference: Reference, level_V: Callable[[FloatArray, FloatArray, FloatArray], FloatArray], drives: int
) -> tuple[float, float]:
    """Mean shift and spread of a reference by the cells of its columns [V]."""
    mates = reference.mates
    mean = variance = 0.0
    for weight, cells, nominal in zip(mates.weights, mates.states, mates.levels_V, strict=True):
        nodes = NODE * np.eye(VARIABLES * cells.size)
        shifts = level_V(cells, np.vstack([nodes, -nodes])[:, None], np.ones((1, 1, drives)))[:, 0] - nominal
        up, down = np.split(shifts, 2)
        mean += mates.columns * weight * float(np.sum(up + down)) / 6.0
        each = (up**2 + down**2) / 6.0 - ((up + down) / 6.0) ** 2
        variance += mates.columns * weight**2 * float(np.sum(each))
    return mean, math.sqrt(variance)


def cell_names(pattern: str) -> list[str]:
    """Names of the variables of the sensed cells, in the order of the kernels: antiparallel ones first."""
    order = [row for row, symbol in enumerate(pattern, 1) if symbol == "1"]
    order += [row for row, symbol in enumerate(pattern, 1) if symbol == "0"]
    return [f"row {row} {variable}" for row in order for variable in CELL_VARIABLES]
