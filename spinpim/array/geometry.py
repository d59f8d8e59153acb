"""The sub-array as the ledger prices it: area, delays and energies of one row operation by part.

Everything around the cells is built out of transistors and wires by `spinpim.array.periphery`; bit line,
sensing and writing come from the circuit layer. Energies are drawn from the supply, C V^2 per full swing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from spinpim.array.periphery.adders import Adder, counter, full_adder
from spinpim.array.periphery.gates import Factors
from spinpim.array.periphery.process import Process
from spinpim.array.periphery.sub_array import (
    AS_MODELLED,
    CellLoad,
    Plan,
    Sensed,
    Written,
    checked,
    sub_array_figures,
)

_NOTHING_WRITTEN = Written(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class SubArray:
    """Figures of one sub-array with one amplifier per column, in which two rows are open at once.

    Attributes
    ----------
    rows, columns : int
        Cells, check columns included.
    cell_area_m2 : float
        Area of the cells [m^2].
    row_periphery_area_m2, column_periphery_area_m2 : float
        Decoders and drivers; write drivers, precharge, sense amplifiers, and the corner [m^2].
    counter_area_m2 : float
        Ones counter, adder and register [m^2].
    decode_delay_s, word_line_delay_s : float
        From address to the gates of the rows; these, the drivers, and along the word line [s].
    decode_energy_J, word_line_energy_J : float
        Per row: choosing it, and swinging its read word line with all gates once [J].
    write_word_line_energy_J : float
        Per row: swinging the word lines of a write with all gates once [J].
    precharge_energy_J : float
        Per row operation: gates of the devices that precharge the bit lines [J].
    count_delay_s : float
        Counting the ones of one row operation [s].
    leakage_W : float
        Leakage power while the sub-array is on [W].
    adder : Adder
        One full adder; a bit of a register takes as much.
    """

    rows: int
    columns: int
    cell_area_m2: float
    row_periphery_area_m2: float
    column_periphery_area_m2: float
    counter_area_m2: float
    decode_delay_s: float
    word_line_delay_s: float
    decode_energy_J: float
    word_line_energy_J: float
    write_word_line_energy_J: float
    precharge_energy_J: float
    count_delay_s: float
    leakage_W: float
    adder: Adder = field(repr=False)

    @property
    def area_m2(self) -> float:
        """Whole area [m^2]."""
        return (
            self.cell_area_m2
            + self.row_periphery_area_m2
            + self.column_periphery_area_m2
            + self.counter_area_m2
        )

    @property
    def cell_share(self) -> float:
        """Share of the cells in the area [1]."""
        return self.cell_area_m2 / self.area_m2


def sub_array(
    rows: int,
    columns: int,
    *,
    check_columns: int = 0,
    cmos: Process,
    load: CellLoad,
    amplifier_area_m2: float,
    amplifier_closed_m: float = 0.0,
    digit_places: int = 16,
    adder: Adder | None = None,
    factors: Factors = AS_MODELLED,
) -> SubArray:
    """Figures of a sub-array with one amplifier per column.

    Parameters
    ----------
    rows, columns : int
        Cells.
    check_columns : int
        Further columns, whose answers are not counted.
    cmos : Process
        Transistors and wires around the cells.
    load : CellLoad
        What a cell hangs on its lines; from ``cell_load``.
    amplifier_area_m2, amplifier_closed_m : float
        Area of a sense amplifier [m^2]; width through which it leaks [m].
    digit_places : int
        Digits of weight and activation that the adder shifts over.
    adder : Adder, optional
        Of the accumulator; by default one that keeps nothing without supply.
    factors : Factors
        On everything but the cells.

    Raises
    ------
    InputError
        If rows or columns are none.

    Examples
    --------
    >>> from spinpim.array.periphery.process import process
    >>> load = CellLoad(4e-7, 3.5e-7, 3e-16, 1e-15, 2e-16, 5e3, 1.0, 1.2, 3e-4, 0.0)
    >>> figures = sub_array(256, 128, cmos=process(), load=load, amplifier_area_m2=5e-12)
    >>> 0.3 < figures.cell_share < 0.9
    True
    """
    every = columns + check_columns
    sensed = Sensed(0.0, 0.0, 0.0, 0.0, amplifier_area_m2, _leak_W(cmos, amplifier_closed_m), 0.0)
    plan = checked(Plan(rows, every, mux=1, addresses=2, places=0))
    whole = sub_array_figures(cmos, plan, load, sensed, _NOTHING_WRITTEN, factors)
    one = full_adder(cmos) if adder is None else adder
    counting = counter(cmos, columns, digit_places, one).scaled(factors)
    areas, energies = whole.area_split_m2, whole.energy_split_J
    decode_J = energies["decoding"] / plan.addresses
    row_area = areas["decoding"] + areas["word lines"]
    return SubArray(
        rows=rows,
        columns=every,
        cell_area_m2=areas["cells"],
        row_periphery_area_m2=row_area,
        column_periphery_area_m2=whole.area_m2 - areas["cells"] - row_area,
        counter_area_m2=factors.area * counting.area_m2,
        decode_delay_s=whole.delay_split_s["decoding"],
        word_line_delay_s=whole.delay_split_s["word lines"],
        decode_energy_J=decode_J,
        word_line_energy_J=energies["word lines"] / plan.addresses,
        write_word_line_energy_J=whole.write_energy_J - decode_J,
        precharge_energy_J=energies["precharge"],
        count_delay_s=counting.delay_s,
        leakage_W=whole.leakage_W + counting.leakage_W,
        adder=one._replace(energy_J=factors.energy * one.energy_J),
    )


def _leak_W(cmos: Process, width_m: float) -> float:
    """Leakage of an n-channel device that is closed [W]."""
    return cmos.supply_V * cmos.off_n_A_per_m * width_m
