r"""The sub-array as wires and gates: area, delays and energies of one row operation, to first order.

Decoder and word line follow the method of logical effort and the delay of a distributed RC line; bit line,
sensing and writing come from the circuit layer. Energies are drawn from the supply, C V^2 per full swing.

References
----------
I. Sutherland, B. Sproull, D. Harris, Logical Effort (Morgan Kaufmann, 1999).
T. Sakurai, IEEE J. Solid-State Circuits 18, 418 (1983), doi:10.1109/JSSC.1983.1051966: distributed RC lines.
X. Dong et al., NVSim, IEEE Trans. CAD 31, 994 (2012), doi:10.1109/TCAD.2012.2185930.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spinpim.params.array_file import ArrayFile

_STAGE_EFFORT = 4.0
"""Effort of each stage, so that a stage takes the fan-out-of-four delay; near the best effort of any path."""

_NAND_EFFORT = 4.0 / 3.0
"""Logical effort of a two-input NAND where a p-channel device takes twice the width of an n-channel one."""

_DISTRIBUTED_RC = 0.38
"""50 % delay of a distributed RC line over its total RC: 0.377 by the diffusion equation, rounded up."""


@dataclass(frozen=True, slots=True)
class SubArray:
    """Figures of one sub-array.

    Attributes
    ----------
    rows, columns : int
        Cells, check columns included.
    cell_area_m2 : float
        Area of the cells [m^2].
    row_periphery_area_m2, column_periphery_area_m2 : float
        Decoder and drivers; write drivers, switches and sense amplifiers [m^2].
    counter_area_m2 : float
        Ones counter, adder and register [m^2].
    decode_delay_s, word_line_delay_s : float
        From address to word-line driver, and along the word line [s].
    decode_energy_J, word_line_energy_J : float
        Per row: choosing it, and swinging its read word line with all gates once [J].
    write_word_line_energy_J : float
        Per row: swinging the wires of the word lines of a write; each written digit pays its gates [J].
    count_delay_s : float
        Counting the ones of one row operation [s].
    leakage_W : float
        Leakage power while the sub-array is on [W].
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
    count_delay_s: float
    leakage_W: float

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
    row_pitch_m: float,
    column_pitch_m: float,
    gate_capacitance_F: float,
    word_line_V: float,
    write_word_line_V: tuple[float, ...],
    amplifier_area_m2: float,
    technology: ArrayFile,
) -> SubArray:
    """Figures of a sub-array with one amplifier per column.

    Parameters
    ----------
    rows, columns : int
        Cells.
    check_columns : int
        Further columns, whose answers are not counted.
    row_pitch_m, column_pitch_m : float
        Length of a cell along the bit line and along the word line [m].
    gate_capacitance_F : float
        Gate that a cell hangs on its word line [F].
    word_line_V : float
        Swing of the read word line [V].
    write_word_line_V : tuple of float
        Swing of each word line that a write raises: that of the write transistor and, with an assist, that of
        the read transistor [V].
    amplifier_area_m2 : float
        Area of a sense amplifier [m^2].
    technology : ArrayFile
        Wires, gates, counters.

    Examples
    --------
    >>> from spinpim.params.array_file import load_array
    >>> figures = sub_array(256, 128, row_pitch_m=4e-7, column_pitch_m=3.5e-7, gate_capacitance_F=3e-16,
    ...                     word_line_V=1.0, write_word_line_V=(1.2,), amplifier_area_m2=5e-12,
    ...                     technology=load_array("array_45nm"))
    >>> 0.3 < figures.cell_share < 0.9
    True
    """
    wires, periphery, counter = technology.technology, technology.periphery, technology.counter
    every = columns + check_columns
    wire_F = every * wires.wire_capacitance.si * column_pitch_m
    line_F = wire_F + every * gate_capacitance_F
    line_ohm = every * wires.wire_resistance.si * column_pitch_m
    decode_s, decode_J = _decoder(rows, row_pitch_m, line_F, technology)
    adders = full_adders(columns)
    places = count_bits(columns) + int(counter.digit_places.si)
    return SubArray(
        rows=rows,
        columns=every,
        cell_area_m2=rows * every * row_pitch_m * column_pitch_m,
        row_periphery_area_m2=rows * periphery.row_area.si,
        column_periphery_area_m2=every * (periphery.column_area.si + amplifier_area_m2),
        counter_area_m2=(adders + places) * counter.full_adder_area.si + places * counter.register_area.si,
        decode_delay_s=decode_s,
        word_line_delay_s=_DISTRIBUTED_RC * line_ohm * line_F,
        decode_energy_J=decode_J,
        word_line_energy_J=line_F * word_line_V**2,
        write_word_line_energy_J=wire_F * math.fsum(swing_V**2 for swing_V in write_word_line_V),
        count_delay_s=count_depth(columns) * counter.full_adder_delay.si,
        leakage_W=rows * periphery.row_leakage.si
        + every * periphery.column_leakage.si
        + (adders + 2 * places) * counter.full_adder_leakage.si,
    )


def count_bits(inputs: int) -> int:
    """Binary places of the largest count of that many inputs.

    Examples
    --------
    >>> [count_bits(n) for n in (1, 3, 4, 128)]
    [1, 2, 3, 8]
    """
    return inputs.bit_length()


def full_adders(inputs: int) -> int:
    r"""Full adders that count the ones of that many inputs.

    Each full adder turns three bits of one weight into two, of weights one and two; a counter of n inputs
    whose result has b places needs

    .. math:: n - b

    full adders when :math:`n = 2^b - 1`, and at most b - 1 half adders more otherwise, counted as full ones.

    Examples
    --------
    >>> full_adders(3), full_adders(7), full_adders(128)
    (1, 4, 127)
    """
    missing = (1 << count_bits(inputs)) - 1 - inputs
    return inputs - count_bits(inputs) + (0 if missing == 0 else count_bits(inputs) - 1)


def count_depth(inputs: int) -> int:
    """Full-adder delays in a counter of that many inputs: a carry-save tree and its final ripple.

    Each level leaves two of three bits, so that the depth of the tree is log(n/2)/log(3/2); the ripple
    passes the places above the first two.

    Examples
    --------
    >>> count_depth(3), count_depth(128)
    (1, 17)
    """
    tree = max(1, math.ceil(math.log(max(inputs, 3) / 2.0, 1.5)))
    return tree + max(0, count_bits(inputs) - 2)


def _decoder(rows: int, row_pitch_m: float, line_F: float, technology: ArrayFile) -> tuple[float, float]:
    """Delay [s] and energy [J] of choosing one row and driving its word line, the line itself excluded."""
    wires = technology.technology
    inverter_F = wires.unit_inverter_capacitance.si
    # Two address bits are decoded into four lines along all rows; each is loaded by a quarter of the gates.
    predecoded_F = rows * (row_pitch_m * wires.wire_capacitance.si + 0.25 * inverter_F)
    drive_effort = _NAND_EFFORT**2 * predecoded_F / inverter_F
    line_effort = _NAND_EFFORT * line_F / inverter_F
    stages = _stages(drive_effort) + _stages(line_effort)
    # Each stage before the last drives a line 1/4 as large: the geometric series 1/4 + 1/16 + ... is 1/3.
    buffers_F = (predecoded_F + line_F) / (_STAGE_EFFORT - 1.0)
    groups = math.ceil(math.log2(max(rows, 2)) / 2.0)
    energy = (groups * predecoded_F + buffers_F) * wires.supply_voltage.si**2
    return stages * wires.fan_out_of_four_delay.si, energy


def _stages(path_effort: float) -> float:
    """Fan-out-of-four stages for a path effort, at least one."""
    return max(1.0, math.log(path_effort, _STAGE_EFFORT))
