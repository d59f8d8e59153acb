"""The static error of one pattern from the whole nonlinear circuit: a second method beside `sense`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.bitline import strobe_time_s
from spinpim.circuit.cell import Cell
from spinpim.circuit.comparison import neighbour
from spinpim.circuit.high_sigma import TailProbability, margin_failure
from spinpim.circuit.level_kernel import VARIABLES, Column
from spinpim.circuit.levels import levels, states
from spinpim.circuit.operations import Operation, find_operation
from spinpim.circuit.placement import placed_reference
from spinpim.circuit.read_path import CellSpread, line_voltage
from spinpim.circuit.reference import JunctionReference, Reference, ReferenceScheme
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import checked_temperature_K, sensed_column
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
CELL_VARIABLES = ("resistance", "TMR", "access threshold")
MOST_VARIABLES = 120
"""With more, the cells of the reference columns become one variable: their mean is all but Gaussian."""
NODE = math.sqrt(3.0)
"""Outer node of the three-point Gauss-Hermite rule, of weight 1/6."""
LUMPED, OFFSET = "reference columns", "amplifier offset"


def sensing_failure(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    operation: str = "AND",
    rows: int = 2,
    pattern: str,
    seed: int,
    temperature_K: float | None = None,
    reference: ReferenceScheme | None = None,
    placement: str | float = "equal-z",
    method: str = "auto",
    target_relative_error: float = 0.01,
) -> TailProbability:
    r"""Static error of one input pattern, with what fails first and how it follows from every spread.

    .. math:: P = \Pr\left(\pm (V_{level}(z) - V_{ref}(z)) + \sigma_{os} g < 0\right)

    The margin is that of the nonlinear circuit, solved anew for each point: cells, drive, settling at the
    strobe, reference columns.

    Parameters
    ----------
    cell, amplifier, operation, rows, temperature_K, reference, placement
        As in `sense`.
    pattern : str
        States of the cells, first row first, "1" antiparallel.
    seed : int
        Address of the random numbers; the deterministic methods do not use it.
    method, target_relative_error
        As in `margin_failure`.

    Returns
    -------
    TailProbability
        Variables: "row 1 resistance", "row 1 TMR" (both log-normal), "row 1 access threshold", ...; the same
        of the cells of each reference column, "reference 1 at 0 ones row 1 resistance", ...; "read current",
        or "clamp voltage" and "transresistance"; "reference drive"; "amplifier offset". A resistor has one
        variable, "reference"; of a trimmed reference the amplifier offset is what the trim leaves.

    Raises
    ------
    InputError
        As `sense` and `margin_failure`; if the pattern is none of the operation, or the operation has several
        references.

    Notes
    -----
    Lumped: the drives of the reference columns, to first order, in "reference drive". Above
    ``MOST_VARIABLES`` variables the cells of the reference columns too, in "reference columns", with mean and
    spread by a three-point rule in each variable.
    The drive multiplies the level that is read, wire included. `sense` gives it one Gaussian spread, that of
    the neighbouring level where it is larger; without mismatch of the drive the two agree within 1 %, with
    it by a factor of two in the shipped AND at 1e-10.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> amplifier = SenseAmp.load("strongarm_minimum_45nm")
    >>> failure = sensing_failure(cell, amplifier, pattern="11", seed=1)
    >>> failure.fails_first, failure.sigma_sensitivity["amplifier offset"] > 1.0
    ('amplifier offset', True)
    """
    asked = find_operation(operation, rows)
    temperature = checked_temperature_K(cell, amplifier, temperature_K)
    scheme = JunctionReference(cell.reference_column_pairs) if reference is None else reference
    circuit = _circuit(cell, amplifier, asked, _ones(asked, pattern), temperature, scheme, placement)
    names = circuit.names(pattern)
    found = margin_failure(
        circuit.margin_V,
        len(names),
        seed=seed,
        gaussian_sigma=circuit.offset_sigma_V,
        method=method,
        target_relative_error=target_relative_error,
        names=names,
    )
    return _with_named_offset(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Circuit:
    """A column at its strobe with its reference, as a function of standard normal variables."""

    column: Column
    supply_V: float
    clamp_V: float
    states: FloatArray
    side: float
    drive_sigmas: tuple[float, ...]
    reference: Reference
    lumped: tuple[float, float] | None
    offset_sigma_V: float

    def names(self, pattern: str) -> list[str]:
        """Names of the variables in their order; the rows as the pattern has them."""
        # Cells of equal state are equal: the kernels have the antiparallel ones first.
        order = [row for row, symbol in enumerate(pattern, 1) if symbol == "1"]
        order += [row for row, symbol in enumerate(pattern, 1) if symbol == "0"]
        found = [f"row {row} {variable}" for row in order for variable in CELL_VARIABLES]
        mates = self.reference.mates
        if self.lumped is not None:
            found.append(LUMPED)
        else:
            for kind in mates.states:
                for number in range(1, int(mates.columns) + 1):
                    where = f"reference {number} at {int(kind.sum())} ones row"
                    found += [
                        f"{where} {row} {variable}"
                        for row in range(1, kind.size + 1)
                        for variable in CELL_VARIABLES
                    ]
        current = ("read current",) if len(self.drive_sigmas) == 1 else ("clamp voltage", "transresistance")
        return [*found, *current, "reference drive" if mates.weights.size else "reference"]

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
            # The line is linear: a larger current into the same resistance gives so much more at any time.
            return np.asarray(drives[..., 0] * self._strobed_V(settled / drives[..., 0]))
        raised_V = self.clamp_V * (drives[..., 0] - 1.0)
        current = np.broadcast_to(column.current_A + column.shunt_S * raised_V, drawn.shape[:2])
        settled, _ = line_voltage(column.path, cells, current, spread, shunt_S=column.shunt_S)
        # A clamp that holds the line so much higher passes the current of a nominal one at so much less.
        sensed = self._strobed_V(settled - raised_V)
        return np.asarray(self.supply_V + drives[..., 1] * (sensed - self.supply_V))

    def _strobed_V(self, settled_V: FloatArray) -> FloatArray:
        """What is sensed of settled levels; those beyond any spread count as the last within."""
        centre, half, *coefficients = self.column.strobe
        place = np.clip(np.nan_to_num((settled_V - centre) / half, nan=1.0), -1.0, 1.0)
        return np.asarray(np.polynomial.polynomial.polyval(place, coefficients))


def _circuit(
    cell: Cell,
    amplifier: SenseAmp,
    asked: Operation,
    ones: int,
    temperature_K: float,
    scheme: ReferenceScheme,
    placement: str | float,
) -> _Circuit:
    threshold, clamp = asked.thresholds[0], amplifier.clamp
    all_levels = levels(cell, amplifier, asked.rows, temperature_K)
    lower, upper = all_levels[threshold - 1], all_levels[threshold]
    strobe = strobe_time_s(upper.settling, lower.settling, cell.settling_residual)
    column = sensed_column(cell, amplifier, all_levels, strobe, temperature_K)
    reference = placed_reference(
        cell, amplifier, column, (lower, upper), strobe, temperature_K, scheme, placement
    )
    common_mode = 0.5 * (neighbour(all_levels[ones], strobe).level_V + reference.voltage_V)
    offset = amplifier.offset_sigma_V(common_mode, temperature_K)
    drives: tuple[float, ...] = (
        (cell.read_current_sigma,)
        if clamp is None
        else (clamp.voltage_sigma_V / clamp.voltage_V, clamp.transresistance_sigma)
    )
    trim = reference.trim
    if trim is not None:
        drift = offset - amplifier.offset_sigma_V(common_mode, trim.trimmed_at_K)
        offset = math.hypot(trim.residual_sigma_V, drift)
        reference, drives = reference.trimmed(), tuple(0.0 for _ in drives)
    circuit = _Circuit(
        column=column,
        supply_V=cell.supply_V,
        clamp_V=0.0 if clamp is None else clamp.voltage_V,
        states=states(asked.rows, ones),
        side=1.0 if ones >= threshold else -1.0,
        drive_sigmas=drives,
        reference=reference,
        lumped=None,
        offset_sigma_V=offset,
    )
    cells = asked.rows * (1 + reference.mates.weights.size * int(reference.mates.columns))
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


def _ones(asked: Operation, pattern: str) -> int:
    """Ones of a pattern; refuses what the operation does not read with one reference."""
    if len(asked.thresholds) > 1:
        raise InputError(
            f"{asked.name} has {len(asked.thresholds)} references; ask for each by its own operation, such "
            "as OR or AND."
        )
    if pattern not in asked.patterns:
        raise InputError(
            f"pattern must be one of {', '.join(asked.patterns)} for {asked.name} of {asked.rows} rows; "
            f"instead received {pattern!r:.60}."
        )
    return pattern.count("1")


def _with_named_offset(found: TailProbability) -> TailProbability:
    """Return the result with the Gaussian variable called by its name."""

    def named(values: dict[str, float]) -> dict[str, float]:
        return {OFFSET if name == "gaussian" else name: value for name, value in values.items()}

    return dataclasses.replace(
        found,
        design_points=tuple(
            dataclasses.replace(point, variables=named(point.variables)) for point in found.design_points
        ),
        importance=named(found.importance),
        sigma_sensitivity=named(found.sigma_sensitivity),
        mean_sensitivity=named(found.mean_sensitivity),
    )
