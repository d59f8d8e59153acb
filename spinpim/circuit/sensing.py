"""What a sensed column answers: levels, reference, error by input pattern, delay, energy, disturb."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from spinpim.circuit.bitline import strobe_time_s
from spinpim.circuit.cell import Cell
from spinpim.circuit.column_law import ColumnLaw, towards_zero
from spinpim.circuit.comparison import Comparison, compare
from spinpim.circuit.costs import line_reset_s, read_disturb, sense_energy_J
from spinpim.circuit.level_kernel import Column
from spinpim.circuit.levels import at_reference, levels, states
from spinpim.circuit.operations import Operation, find_operation
from spinpim.circuit.placement import placed_reference
from spinpim.circuit.reference import JunctionReference, Reference, ReferenceScheme
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import checked_temperature_K, driven, sensed_column
from spinpim.circuit.sensing_result import Sensing, united

__all__ = ["Sensing", "sense"]


def sense(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    operation: str = "AND",
    rows: int = 2,
    temperature_K: float | None = None,
    reference: ReferenceScheme | None = None,
    placement: str | float = "equal-z",
) -> Sensing:
    """Sense one column: levels of all input patterns, reference, errors, delay, energy, read disturb.

    Every effect is on: access transistor and channel in the read path, magnetoresistance at the bias of each
    pattern, spread of resistance, magnetoresistance and access threshold, mismatch of the read current,
    amplifier offset at its common mode, spread and noise of the reference, noise of line and amplifier,
    unfinished settling.

    Parameters
    ----------
    cell : Cell
        Cell and column, from ``Cell.load``.
    amplifier : SenseAmp
        Amplifier, from ``SenseAmp.load``; with a clamp it senses current, else voltage.
    operation : str
        "READ" (1 row), "AND", "NAND", "OR", "NOR" (1..3), "XOR", "XNOR" (2 or 3) or "MAJ" (3). A reference
        lies between the two levels that the operation tells apart; XOR has as many as rows, each with an
        amplifier of its own.
    rows : int
        Rows activated together, 1..3.
    temperature_K : float, optional
        Temperature [K], 200..500; the device's own by default.
    reference : JunctionReference, ResistorReference or TrimmedReference, optional
        What the reference is made of; the cell's own reference columns by default.
    placement : str or float
        Where it lies between the two levels: "equal-z" (equally many standard deviations from both),
        "equal-density" (least sum of both errors), or the part of the way from the lower one, above 0 and
        below 1; see also `least_error_placement`.

    Returns
    -------
    Sensing
        Deterministic: closed forms and quadrature over Gaussian variables, no sampling.

    Raises
    ------
    InputError
        If an argument is out of range, the cells cannot carry the read current, or a level leaves the common
        mode range of the amplifier.

    Notes
    -----
    Errors are those of the nonlinear circuit: its margin to second order about the most likely failure, in
    all variables of the cells and of the reference columns, and the exact tail of that form. Against sampling
    of the whole circuit within 1 % from 1e-1 to 1e-12. Spreads of resistance and magnetoresistance are
    log-normal.
    A reference of junctions is placed anew for each temperature: it tracks perfectly. A resistor stays. What
    a trim leaves of its last step counts as normal, which is pessimistic: it is even and has no tail.
    Errors of several references are those of amplifiers that fail independently of each other: two wrong ones
    cancel.
    A level that is not next to the reference, and whose failure lies beyond what the transistors can carry,
    counts to first order.
    An amplifier that has not decided in its time counts as its sign says: about half of the undecided
    accesses are in ``error_static`` and ``error_temporal`` already.
    Margins are those at the strobe: what has not settled by then is lost, in mean and in spread. Lines settle
    with the whole characteristic of their cells; how that spreads is followed along the most likely
    deviations, which leaves the spread by the cells together within 0.1 % and that by the access threshold
    alone, a tenth of it, too large by up to 43 %. How drive and cells bend a line together is left out: near
    the current at which the transistors saturate an error of 1e-11 came out a quarter too small. Each access
    starts from a line at ground, or at the voltage of a clamp, which has to charge it before: some 230 ps
    with the shipped one, not in the delay. What the reset leaves of the last level is not carried over. Left
    out: flicker and telegraph noise, supply noise, strobe jitter, coupling between bit lines, leakage of the
    unselected cells.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> sensing = sense(cell, SenseAmp.load("strongarm_45nm"), operation="AND", rows=2)
    >>> sensing.patterns, sensing.levels_V["01"] < sensing.reference_V < sensing.levels_V["11"]
    (('00', '01', '10', '11'), True)
    """
    asked = find_operation(operation, rows)
    temperature = checked_temperature_K(cell, amplifier, temperature_K)
    scheme = JunctionReference(cell.reference_column_pairs) if reference is None else reference
    one = [
        _one_reference(cell, amplifier, asked, threshold, temperature, scheme, placement)
        for threshold in asked.thresholds
    ]
    return one[0] if len(one) == 1 else united(one, asked.name)


def _one_reference(
    cell: Cell,
    amplifier: SenseAmp,
    asked: Operation,
    threshold: int,
    temperature_K: float,
    scheme: ReferenceScheme,
    placement: str | float,
) -> Sensing:
    """Sensing with the reference just below the level of so many ones."""
    amplifier = at_reference(cell, amplifier, asked.rows, threshold, temperature_K)
    all_levels = levels(cell, amplifier, asked.rows, temperature_K)
    lower, upper = all_levels[threshold - 1], all_levels[threshold]
    strobe = strobe_time_s(upper.settling, lower.settling, cell.settling_residual)
    column = sensed_column(cell, amplifier, all_levels, strobe, temperature_K)
    reference = placed_reference(
        cell, amplifier, column, (lower, upper), strobe, temperature_K, scheme, placement
    )
    by_ones = [
        compare(
            level,
            reference,
            column,
            amplifier,
            strobe,
            temperature_K,
            reads_one=level.antiparallel >= threshold,
            next_to_reference=level in (lower, upper),
            cell=cell,
        )
        for level in all_levels
    ]
    by_pattern = {pattern: by_ones[pattern.count("1")] for pattern in asked.patterns}
    slowest_V = _slowest_common_mode_V(amplifier, by_ones, reference)
    decision = amplifier.decision_time_s(amplifier.resolution_V, temperature_K, cell.supply_V, slowest_V)
    delay = {
        "access": cell.access_time_s,
        "settling": strobe,
        "decision": decision,
        "reset": line_reset_s(cell, amplifier, temperature_K),
    }
    energy = sense_energy_J(cell, amplifier, all_levels, (lower, upper), strobe, strobe + decision)
    return Sensing(
        operation=asked.name,
        rows=asked.rows,
        mode=amplifier.mode,
        temperature_K=temperature_K,
        levels_V={pattern: one.level_V for pattern, one in by_pattern.items()},
        margins_V={pattern: one.margin_V for pattern, one in by_pattern.items()},
        reference_V=reference.voltage_V,
        margin_V=min(one.margin_V for one in by_ones),
        level_sigma_V={pattern: one.level_sigma_V for pattern, one in by_pattern.items()},
        offset_sigma_V={pattern: one.offset_sigma_V for pattern, one in by_pattern.items()},
        reference_sigma_V=reference.trimmed().shared_sigma_V,
        drive_sigma_V=reference.trimmed().drive_sigma_V,
        noise_sigma_V={pattern: one.noise_sigma_V for pattern, one in by_pattern.items()},
        spread_V={pattern: dict(one.spread_V) for pattern, one in by_pattern.items()},
        error_static={pattern: one.static for pattern, one in by_pattern.items()},
        error_without_offset={pattern: one.without_offset for pattern, one in by_pattern.items()},
        untrimmable=max(one.untrimmable for one in by_ones),
        importance={pattern: dict(one.importance) for pattern, one in by_pattern.items()},
        error_temporal={pattern: one.temporal for pattern, one in by_pattern.items()},
        undecided={pattern: one.undecided for pattern, one in by_pattern.items()},
        delay_split_s=delay,
        energy_split_J=energy,
        delay_s=math.fsum(delay.values()),
        energy_J=math.fsum(energy.values()),
        read_disturb_probability=read_disturb(cell.device, all_levels, strobe + decision, temperature_K),
        column_law=_column_law(column, reference, by_ones, threshold),
    )


def _column_law(
    column: Column, reference: Reference, by_ones: Sequence[Comparison], threshold: int
) -> ColumnLaw:
    """What is left to ask about single columns."""
    rows = len(by_ones) - 1
    cells = tuple(states(rows, ones) for ones in range(rows + 1))
    lower, upper = by_ones[threshold - 1].level_V, by_ones[threshold].level_V
    if reference.trim is not None:
        reference, column = reference.trimmed(), driven(column)
    return ColumnLaw(
        column=column,
        reference=reference,
        towards_zero=towards_zero(
            column, (cells[threshold - 1], cells[threshold]), (reference.voltage_V - lower) / (upper - lower)
        ),
        states=cells,
        side=np.where(np.arange(rows + 1) >= threshold, 1.0, -1.0),
        offset_sigma_V=np.array([one.offset_sigma_V for one in by_ones]),
        noise_sigma_V=np.array([one.noise_sigma_V for one in by_ones]),
    )


def _slowest_common_mode_V(
    amplifier: SenseAmp, compared: Sequence[Comparison], reference: Reference
) -> float | None:
    """Highest common mode of the levels next to the reference, where the amplifier is slowest [V].

    None for a clamp: the levels of its nodes are equivalent ones.
    """
    if amplifier.clamp is not None:
        return None
    nearest = sorted(compared, key=lambda one: abs(one.level_V - reference.voltage_V))[:2]
    return 0.5 * (reference.voltage_V + max(one.level_V for one in nearest))
