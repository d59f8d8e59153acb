"""Which organisation of the array takes least energy, time or area, and which no other beats in all three."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from spinpim.array.calibration import Calibrated
from spinpim.array.cell_load import cell_load, closed_width_m, digit_write_J, write_time_s
from spinpim.array.counting import count_bits
from spinpim.array.periphery.bank import bank, grid
from spinpim.array.periphery.process import Process, process
from spinpim.array.periphery.strips import switches
from spinpim.array.periphery.sub_array import (
    CellLoad,
    Plan,
    Sensed,
    SubArrayFigures,
    Written,
    checked,
    sub_array_figures,
)
from spinpim.checks import whole
from spinpim.circuit.cell import Cell
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensing import Sensing, sense
from spinpim.errors import InputError
from spinpim.params.technology_file import FlavourName, WireProjection

Objective = Literal["energy", "delay", "area", "product"]

LARGEST_CAPACITY = 1 << 40


@dataclass(frozen=True, slots=True)
class Organisation:
    """One way to organise an array of a given capacity, with what it takes.

    Attributes
    ----------
    plan : Plan
        Sub-array.
    technology, flavour : str
        Transistors of its periphery.
    down, across : int
        Grid of sub-arrays.
    energy_J : float
        Per sensed pair of digits: row operation, count on its way to the root of the tree, and the leakage of
        the sub-array and its share of the tree during a cycle [J].
    delay_s : float
        Address at the root to count at the root, the line reset [s].
    area_m2 : float
        Whole grid [m^2].
    write_energy_J : float
        Per written digit, its share of the row included [J].
    leakage_W : float
        Whole grid [W].
    error_static, error_temporal : float
        Of the worst input pattern, from `sense` [1].
    sub_array : SubArrayFigures
        One of them, by part.
    """

    plan: Plan
    technology: str
    flavour: str
    down: int
    across: int
    energy_J: float
    delay_s: float
    area_m2: float
    write_energy_J: float
    leakage_W: float
    error_static: float
    error_temporal: float
    sub_array: SubArrayFigures = field(repr=False)

    @property
    def product(self) -> float:
        """Energy times delay times area [J s m^2]."""
        return self.energy_J * self.delay_s * self.area_m2

    def objective(self, name: Objective) -> float:
        """What is to be small: one of ``energy``, ``delay``, ``area``, ``product``."""
        return self.product if name == "product" else float(getattr(self, _ATTRIBUTES[name]))


_ATTRIBUTES = {"energy": "energy_J", "delay": "delay_s", "area": "area_m2"}


@dataclass(frozen=True, slots=True)
class Exploration:
    """What `ArrayModel.optimise` found.

    Attributes
    ----------
    objective : str
        What was to be small.
    best : Organisation
        The one with the smallest.
    front : tuple of Organisation
        Those that no other beats in energy, delay and area at once; by rising energy.
    organisations : tuple of Organisation
        All that were evaluated.
    refused : tuple of str
        Why some could not be: a sentence for each number of rows and columns per amplifier.
    """

    objective: str
    best: Organisation
    front: tuple[Organisation, ...] = field(repr=False)
    organisations: tuple[Organisation, ...] = field(repr=False)
    refused: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen; every combination in which the columns can be shared out is evaluated.

    Attributes
    ----------
    rows, columns, mux : sequence of int
        Of a sub-array; columns per amplifier.
    technologies : sequence of str or path
        Technology files.
    flavours : sequence of str
        Flavours of their transistors.
    wires : str
        Projection of their wires.
    """

    rows: Sequence[int] = (64, 128, 256, 512, 1024)
    columns: Sequence[int] = (64, 128, 256, 512, 1024)
    mux: Sequence[int] = (1, 2, 4, 8)
    technologies: Sequence[str | os.PathLike[str]] = ("cmos_45nm",)
    flavours: Sequence[FlavourName] = ("low_standby_power",)
    wires: WireProjection = "conservative"

    def plans(self, places: int) -> list[Plan]:
        """Every plan that can be built; refuse counts that are none, or lists without any plan."""
        for name, values in (("rows", self.rows), ("columns", self.columns), ("mux", self.mux)):
            for value in values:
                whole(name, value, 1, 1 << 18)
        plans = [
            checked(Plan(int(rows), int(columns), int(mux), places=places))
            for rows, columns, mux in itertools.product(self.rows, self.columns, self.mux)
            if columns % mux == 0
        ]
        if not plans:
            raise InputError(
                f"No organisation can be built of rows {list(self.rows)}, columns {list(self.columns)} and "
                f"mux {list(self.mux)}: a mux must divide the columns. Offer others."
            )
        return plans


def explore(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    objective: Objective,
    capacity: int,
    choices: Choices,
    places: int,
    bus_activity: float,
    factors: Calibrated,
    temperature_K: float,
) -> Exploration:
    """Evaluate every organisation; see `ArrayModel.optimise`."""
    if objective not in get_args(Objective):
        raise InputError(f"objective must be one of {', '.join(get_args(Objective))}; got {objective!r:.60}.")
    whole("capacity", capacity, 1, LARGEST_CAPACITY)
    plans = choices.plans(places)
    column = _Columns(cell, amplifier, factors, temperature_K)
    found = []
    for technology, flavour in itertools.product(choices.technologies, choices.flavours):
        cmos = process(technology, flavour=flavour, temperature_K=temperature_K, wires=choices.wires)
        load = cell_load(cell, cmos, temperature_K)
        found += [
            _organisation(cmos, plan, load, capacity, bus_activity, column, sensing)
            for plan in plans
            for sensing in column.sensings(cmos, plan, load.low_ohm)
        ]
    refused = tuple(column.refused)
    if not found:
        raise InputError(
            "No organisation can be sensed. " + (refused[0] if refused else "Offer some choices.")
        )
    best = min(found, key=lambda one: one.objective(objective))
    return Exploration(objective, best, pareto_front(found), tuple(found), refused)


def pareto_front(organisations: Sequence[Organisation]) -> tuple[Organisation, ...]:
    """Those that no other beats or equals in energy, delay and area with one of the three smaller.

    Parameters
    ----------
    organisations : sequence of Organisation
        Any order.

    Returns
    -------
    tuple of Organisation
        By rising energy, then delay, then area.
    """
    key = [(one.energy_J, one.delay_s, one.area_m2) for one in organisations]
    order = sorted(range(len(key)), key=key.__getitem__)
    kept: list[int] = []
    figures = np.empty((len(key), 2))
    for index in order:
        # Whatever is kept has no more energy; it beats this one if it is no slower and no larger, either.
        _, delay, area = key[index]
        known = figures[: len(kept)]
        if not np.any((known[:, 0] <= delay) & (known[:, 1] <= area)):
            figures[len(kept)] = delay, area
            kept.append(index)
    return tuple(organisations[index] for index in kept)


class _Columns:
    """Sensing of one cell with one amplifier in columns of any length, each computed once."""

    def __init__(self, cell: Cell, amplifier: SenseAmp, factors: Calibrated, temperature_K: float) -> None:
        self.factors = factors
        self.cell, self.amplifier, self.temperature_K = cell, amplifier, temperature_K
        self.refused: list[str] = []
        self._known: dict[tuple[int, int, float], Sensing | None] = {}
        self._write: dict[int, float] = {}
        self.write_s = write_time_s(cell)
        self.closed_m = closed_width_m(amplifier)

    def sensings(self, cmos: Process, plan: Plan, low_ohm: float) -> Iterator[Sensing]:
        """The sensing of a plan, or nothing where it cannot be sensed."""
        block = switches(cmos, plan.columns, plan.mux, low_ohm, self.amplifier.input_capacitance_F)
        # The line ends in its switch; closed, that joins it to the node behind all switches of the amplifier.
        added_F = (plan.mux + 1) * block.drain_F if plan.mux > 1 else 0.0
        key = (plan.rows, plan.columns if self.amplifier.clamp else 0, round(added_F * 1e21) * 1e-21)
        if key not in self._known:
            self._known[key] = self._sensing(plan, added_F)
        sensing = self._known[key]
        if sensing is not None:
            yield sensing

    def _sensing(self, plan: Plan, added_F: float) -> Sensing | None:
        built = self.cell.replace(
            bit_line_cells=plan.rows,
            reference_shared_by=plan.columns if self.amplifier.clamp else self.cell.reference_shared_by,
            fixed_capacitance_F=self.cell.fixed_capacitance_F + added_F,
        )
        try:
            return sense(built, self.amplifier, operation="AND", rows=2, temperature_K=self.temperature_K)
        except InputError as reason:
            self.refused.append(f"{plan.rows} rows, {plan.mux} columns per amplifier: {reason}")
            return None

    def sensed(self, cmos: Process, plan: Plan, sensing: Sensing) -> Sensed:
        """What sensing takes; the reference columns of a sub-array cost as much however many share them."""
        shared = sensing.energy_split_J["reference"]
        sharing = plan.columns if self.amplifier.clamp else self.cell.reference_shared_by
        return Sensed(
            delay_s=self.factors.sensing_delay * sensing.delay_s,
            column_J=self.factors.sensing_energy * (sensing.energy_J - shared),
            line_J=0.0,
            shared_J=self.factors.sensing_energy * shared * sharing,
            amplifier_area_m2=self.amplifier.area_m2,
            amplifier_leakage_W=cmos.supply_V * cmos.off_n_A_per_m * self.closed_m,
            amplifier_F=self.amplifier.input_capacitance_F,
        )

    def written(self, plan: Plan) -> Written:
        """What writing takes, mean of both directions, without the gates, which the word lines charge."""
        if plan.rows not in self._write:
            written_J = digit_write_J(self.cell.replace(bit_line_cells=plan.rows))
            self._write[plan.rows] = self.factors.write_energy * written_J
        return Written(self._write[plan.rows], self.write_s)


def _organisation(
    cmos: Process,
    plan: Plan,
    load: CellLoad,
    capacity: int,
    bus_activity: float,
    column: _Columns,
    sensing: Sensing,
) -> Organisation:
    sensed, written = column.sensed(cmos, plan, sensing), column.written(plan)
    one = sub_array_figures(cmos, plan, load, sensed, written, column.factors.periphery)
    count = -(-capacity // (plan.rows * plan.columns))
    counted = count_bits(one.digits) + plan.places
    whole_grid = bank(cmos, one, *grid(count, one.width_m, one.height_m), bits=counted)
    share_W = whole_grid.leakage_W / (whole_grid.down * whole_grid.across)
    moved = bus_activity * counted * whole_grid.tree_J_per_bit
    return Organisation(
        plan=plan,
        technology=cmos.name,
        flavour=cmos.flavour,
        down=whole_grid.down,
        across=whole_grid.across,
        energy_J=(one.read_energy_J + moved + share_W * one.cycle_s) / one.digits,
        delay_s=whole_grid.read_delay_s + one.count_delay_s,
        area_m2=whole_grid.area_m2,
        write_energy_J=one.write_energy_J / one.digits,
        leakage_W=whole_grid.leakage_W,
        error_static=max(sensing.error_static.values()),
        error_temporal=max(sensing.error_temporal.values()),
        sub_array=one,
    )
