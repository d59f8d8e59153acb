"""One sub-array put together: cells, decoders with word lines, strips at the bit lines, counter."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from spinpim.array.periphery.adders import counter
from spinpim.array.periphery.decoders import Line, decoder
from spinpim.array.periphery.gates import Block, Factors
from spinpim.array.periphery.process import Process
from spinpim.array.periphery.strips import precharge, switches, write_drivers
from spinpim.errors import InputError

AS_MODELLED = Factors()


class Plan(NamedTuple):
    """How a sub-array is organised.

    Attributes
    ----------
    rows, columns : int
        Cells.
    mux : int
        Columns that share an amplifier; one of them is sensed at a time.
    addresses : int
        Rows that are open at once, each from a decoder of its own.
    places : int
        Digits over which counts are shifted; 0: no counter.
    """

    rows: int
    columns: int
    mux: int = 1
    addresses: int = 2
    places: int = 16


class CellLoad(NamedTuple):
    """What a cell hangs on its lines.

    Attributes
    ----------
    row_pitch_m, column_pitch_m : float
        Length along the bit line and along the word line [m].
    read_gate_F, write_gate_F : float
        On the word lines for reading and for writing [F]; 0 where one word line does both.
    drain_F : float
        On the bit line, contacts shared [F].
    low_ohm : float
        Cell in its lower state, access included [ohm].
    read_word_line_V, write_word_line_V : float
        Swings of the word lines [V].
    write_current_A : float
        That write drivers must carry [A]; 0: no write drivers.
    assist_word_line_V : float
        Swing of the read word line in a write with an assist [V]; 0: no assist.
    """

    row_pitch_m: float
    column_pitch_m: float
    read_gate_F: float
    write_gate_F: float
    drain_F: float
    low_ohm: float
    read_word_line_V: float
    write_word_line_V: float
    write_current_A: float
    assist_word_line_V: float


class Sensed(NamedTuple):
    """What sensing takes once the word lines are open.

    Attributes
    ----------
    delay_s : float
        Until the answer [s].
    column_J : float
        Per sensed column: cells, line, amplifier [J].
    line_J : float
        Per column on an open row, sensed or not [J].
    shared_J : float
        Per row operation, reference columns [J].
    amplifier_area_m2, amplifier_leakage_W : float
        One amplifier [m^2], [W].
    amplifier_F : float
        That an amplifier puts on its input [F].
    """

    delay_s: float
    column_J: float
    line_J: float
    shared_J: float
    amplifier_area_m2: float
    amplifier_leakage_W: float
    amplifier_F: float


class Written(NamedTuple):
    """What writing a digit takes, word lines apart: energy [J], time [s]."""

    digit_J: float
    time_s: float


@dataclass(frozen=True, slots=True)
class SubArrayFigures:
    """Figures of one sub-array.

    Attributes
    ----------
    plan : Plan
        Organisation.
    width_m, height_m : float
        Outline [m]; the counter and the predecoders are beside it.
    area_m2 : float
        Whole area [m^2].
    read_delay_s, write_delay_s : float
        Address to answer; address to written [s].
    count_delay_s : float
        Answer to count [s]; a pipelined stage of its own.
    precharge_s : float
        Precharge of the bit lines from its start [s]; between accesses, in no delay.
    read_energy_J, write_energy_J : float
        Per row operation, of columns/mux digits [J]; counting is in the read.
    leakage_W : float
        Leakage [W].
    energy_split_J, area_split_m2, leakage_split_W, delay_split_s : dict of str to float
        The same by part.
    """

    plan: Plan
    width_m: float
    height_m: float
    area_m2: float
    read_delay_s: float
    write_delay_s: float
    count_delay_s: float
    precharge_s: float
    read_energy_J: float
    write_energy_J: float
    leakage_W: float
    energy_split_J: dict[str, float] = field(repr=False)
    area_split_m2: dict[str, float] = field(repr=False)
    leakage_split_W: dict[str, float] = field(repr=False)
    delay_split_s: dict[str, float] = field(repr=False)

    @property
    def digits(self) -> int:
        """Digits of one row operation."""
        return self.plan.columns // self.plan.mux

    @property
    def cycle_s(self) -> float:
        """Time between row operations: reading or counting, whichever is slower [s]."""
        return max(self.read_delay_s, self.count_delay_s)

    @property
    def cell_share(self) -> float:
        """Share of the cells in the area [1]."""
        return self.area_split_m2["cells"] / self.area_m2


class _Parts(NamedTuple):
    """All blocks of a sub-array."""

    predecoder: Block
    read: Block
    write: Block
    precharge: Block
    mux: Block
    drivers: Block
    counter: Block


def checked(plan: Plan) -> Plan:
    """Return a plan that can be built.

    Raises
    ------
    InputError
        If a number is not positive, or the columns cannot be shared out.

    Examples
    --------
    >>> checked(Plan(256, 128, mux=3))
    Traceback (most recent call last):
    ...
    spinpim.errors.InputError: 3 columns per amplifier do not divide 128 columns. ...
    """
    for name in ("rows", "columns", "mux", "addresses"):
        value = getattr(plan, name)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1 << 18:
            raise InputError(
                f"{name} must be a whole number from 1 to {1 << 18}; instead received {value!r:.60}."
            )
    if not isinstance(plan.places, int) or not 0 <= plan.places <= 64:
        raise InputError(f"places must be a whole number from 0 to 64; instead received {plan.places!r:.60}.")
    if plan.mux > plan.columns:
        raise InputError(
            f"{plan.mux} columns per amplifier are more than the {plan.columns} columns there are. "
            "Use a smaller mux or more columns."
        )
    if plan.columns % plan.mux:
        raise InputError(
            f"{plan.mux} columns per amplifier do not divide {plan.columns} columns. "
            "Use a mux that divides the columns."
        )
    if plan.addresses > plan.rows:
        raise InputError(f"{plan.addresses} rows cannot be open at once where there are {plan.rows}.")
    return plan


def sub_array_figures(
    cmos: Process,
    plan: Plan,
    cell: CellLoad,
    sensed: Sensed,
    written: Written,
    factors: Factors = AS_MODELLED,
) -> SubArrayFigures:
    """Area, delays, energies and leakage of a sub-array.

    Parameters
    ----------
    cmos : Process
        Transistors and wires of the periphery.
    plan : Plan
        Organisation, as `checked` returned it.
    cell : CellLoad
        The cell on its lines.
    sensed, written : Sensed, Written
        From the circuit layer, or from the closed forms of `lines`.
    factors : Factors
        On everything around the cells; sensing and writing are as given.

    Notes
    -----
    A decoder taller than the cells is folded to their height. The predecoded lines run along the rows; a
    write word line, where there is one, has a decoder strip of its own behind the same predecoders. The bit
    lines are precharged between accesses. Word lines beyond the supply cost their energy and no time.
    """
    parts = _Parts(*(block.scaled(factors) for block in _parts(cmos, plan, cell, sensed)))
    areas, width, height = _areas(plan, cell, sensed, parts, factors.area)
    energies, read_J, write_J = _energies(plan, cell, sensed, written, parts, cmos, factors.energy)
    leakages = {
        "decoding": plan.addresses * parts.predecoder.leakage_W,
        "word lines": plan.addresses * parts.read.leakage_W + parts.write.leakage_W,
        "precharge": parts.precharge.leakage_W,
        "switches": parts.mux.leakage_W,
        "amplifiers": plan.columns // plan.mux * sensed.amplifier_leakage_W * factors.leakage,
        "write drivers": parts.drivers.leakage_W,
        "counter": parts.counter.leakage_W,
    }
    delays = {
        "decoding": parts.predecoder.delay_s,
        "word lines": parts.read.delay_s,
        "switches": parts.mux.delay_s,
        "sensing": sensed.delay_s,
    }
    opening = parts.write if cell.write_gate_F else parts.read
    return SubArrayFigures(
        plan=plan,
        width_m=width,
        height_m=height,
        area_m2=math.fsum(areas.values()),
        read_delay_s=math.fsum(delays.values()),
        write_delay_s=parts.predecoder.delay_s + opening.delay_s + written.time_s,
        count_delay_s=parts.counter.delay_s,
        precharge_s=parts.precharge.delay_s,
        read_energy_J=read_J,
        write_energy_J=write_J,
        leakage_W=math.fsum(leakages.values()),
        energy_split_J=energies,
        area_split_m2=areas,
        leakage_split_W=leakages,
        delay_split_s=delays,
    )


def line_F(cmos: Process, length_m: float, cells: int, each_F: float) -> float:
    """Local wire with so many loads [F]."""
    return cmos.local.capacitance_F_per_m * length_m + cells * each_F


def _parts(cmos: Process, plan: Plan, cell: CellLoad, sensed: Sensed) -> _Parts:
    along_m, across_m = plan.columns * cell.column_pitch_m, plan.rows * cell.row_pitch_m
    # The predecoders stand in the middle of one side; their lines reach half of both.
    across_F = 0.5 * cmos.local.capacitance_F_per_m * (across_m + along_m)
    line_ohm = cmos.local.resistance_ohm_per_m * along_m
    gates = (cell.read_gate_F, cell.write_gate_F) if cell.write_gate_F else (cell.read_gate_F,)
    kinds = [Line(line_F(cmos, along_m, plan.columns, gate_F), line_ohm) for gate_F in gates]
    rows = decoder(cmos, plan.rows, kinds, across_F=across_F)
    bit_line_F = line_F(cmos, across_m, plan.rows, cell.drain_F)
    bit_line_ohm = cmos.local.resistance_ohm_per_m * across_m
    return _Parts(
        predecoder=rows.predecoder,
        read=rows.drivers[0],
        write=rows.drivers[1] if cell.write_gate_F else Block(),
        precharge=precharge(cmos, plan.columns, cell.column_pitch_m, bit_line_F, bit_line_ohm),
        mux=switches(cmos, plan.columns, plan.mux, cell.low_ohm, sensed.amplifier_F).block,
        drivers=write_drivers(cmos, plan.columns, cell.column_pitch_m, cell.write_current_A)
        if cell.write_current_A
        else Block(),
        counter=counter(cmos, plan.columns // plan.mux, plan.places) if plan.places else Block(),
    )


def _areas(
    plan: Plan, cell: CellLoad, sensed: Sensed, parts: _Parts, factor: float
) -> tuple[dict[str, float], float, float]:
    """Areas by part [m^2], and the outline of cells, strips and decoders [m]."""
    along, across = plan.columns * cell.column_pitch_m, plan.rows * cell.row_pitch_m
    row_strips = (
        factor * plan.addresses * _strip(parts.read, across, turned=True),
        factor * _strip(parts.write, across, turned=True),
    )
    strips = {
        "precharge": _strip(parts.precharge, along),
        "switches": _strip(parts.mux, along),
        "amplifiers": plan.columns // plan.mux * sensed.amplifier_area_m2 / along,
        "write drivers": _strip(parts.drivers, along),
    }
    below = {name: factor * depth for name, depth in strips.items()}
    width, height = along + math.fsum(row_strips), across + math.fsum(below.values())
    areas = {
        "cells": along * across,
        "word lines": math.fsum(row_strips) * across,
        **{name: strip * along for name, strip in below.items()},
        "corner": (width - along) * (height - across),
        "decoding": factor * plan.addresses * parts.predecoder.area_m2,
        "counter": factor * parts.counter.area_m2,
    }
    return areas, width, height


def _strip(block: Block, side_m: float, *, turned: bool = False) -> float:
    """Depth of a strip along a side [m]: that of the block, or more where it has to be folded."""
    long, deep = (block.height_m, block.width_m) if turned else (block.width_m, block.height_m)
    return deep * max(1.0, long / side_m)


def _energies(
    plan: Plan,
    cell: CellLoad,
    sensed: Sensed,
    written: Written,
    parts: _Parts,
    cmos: Process,
    factor: float,
) -> tuple[dict[str, float], float, float]:
    """Energies of a read by part [J]; of a read and of a write [J]."""
    digits = plan.columns // plan.mux
    along_m = plan.columns * cell.column_pitch_m

    def raised(gate_F: float, swing_V: float) -> float:
        """Energy of a swing beyond the supply, which the driver counts [J]."""
        over_V2 = max(0.0, swing_V**2 - cmos.supply_V**2)
        return factor * line_F(cmos, along_m, plan.columns, gate_F) * over_V2

    read_line = parts.read.energy_J + raised(cell.read_gate_F, cell.read_word_line_V)
    energies = {
        "decoding": plan.addresses * parts.predecoder.energy_J,
        "word lines": plan.addresses * read_line,
        "precharge": parts.precharge.energy_J,
        "switches": parts.mux.energy_J,
        "bit lines": plan.columns * sensed.line_J,
        "sensing": digits * sensed.column_J + sensed.shared_J,
        "counting": parts.counter.energy_J,
    }
    write_line = read_line
    if cell.write_gate_F:
        write_line = parts.write.energy_J + raised(cell.write_gate_F, cell.write_word_line_V)
        if cell.assist_word_line_V:
            write_line += parts.read.energy_J + raised(cell.read_gate_F, cell.assist_word_line_V)
    write = parts.predecoder.energy_J + write_line + parts.mux.energy_J + digits * written.digit_J
    return energies, math.fsum(energies.values()), write
