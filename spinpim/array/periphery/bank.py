"""Many sub-arrays: a bank in a grid, joined by a tree of repeated wires, and a chip of banks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from spinpim.array.periphery.gates import drain_F, gate_F, inverter_leakage_W, resistance_n_ohm
from spinpim.array.periphery.process import Process, Wire
from spinpim.array.periphery.sub_array import SubArrayFigures
from spinpim.checks import finite, whole

_HALF = math.log(2.0)
"""Time constants to half the swing."""

LARGEST_GRID = 4096


class RepeatedWire(NamedTuple):
    """A wire with repeaters: delay [s/m], energy of a full swing [J/m], leakage [W/m]."""

    delay_s_per_m: float
    energy_J_per_m: float
    leakage_W_per_m: float


@dataclass(frozen=True, slots=True)
class Bank:
    """Figures of a grid of equal sub-arrays with the tree that joins them.

    Attributes
    ----------
    sub_array : SubArrayFigures
        Each of them.
    down, across : int
        Sub-arrays below and beside each other.
    width_m, height_m, area_m2 : float
        Outline [m], and area with predecoders and counters [m^2].
    tree_delay_s : float
        From the root to the farthest sub-array, one way [s].
    tree_J_per_bit : float
        A bit that changes, from the root to a sub-array or back [J].
    leakage_W : float
        Sub-arrays and tree [W].
    """

    sub_array: SubArrayFigures
    down: int
    across: int
    width_m: float
    height_m: float
    area_m2: float
    tree_delay_s: float
    tree_J_per_bit: float
    leakage_W: float

    @property
    def read_delay_s(self) -> float:
        """Address at the root to answer at the root [s]."""
        return self.sub_array.read_delay_s + 2.0 * self.tree_delay_s

    @property
    def capacity(self) -> int:
        """Cells."""
        return self.down * self.across * self.sub_array.plan.rows * self.sub_array.plan.columns


def repeated(cmos: Process, wire: Wire) -> RepeatedWire:
    r"""A wire with repeaters of the size and at the distance of least delay.

    .. math::

        h = \sqrt{\frac{R_0 c}{r C_0}}, \qquad l = \sqrt{\frac{2 R_0 (C_0 + C_d)}{r c}}

    with r, c of the wire and the smallest inverter's R_0, C_0, and C_d of its drains.

    References
    ----------
    H. B. Bakoglu, Circuits, Interconnections, and Packaging for VLSI (Addison-Wesley, 1990), ch. 5.
    """
    small = cmos.smallest_m
    small_p = cmos.width_ratio * small
    input_F = gate_F(cmos, small + small_p)
    output_F = drain_F(cmos, small, cmos.gate_height_m) + drain_F(cmos, small_p, cmos.gate_height_m)
    ohm = resistance_n_ohm(cmos, small)
    r, c = wire.resistance_ohm_per_m, wire.capacitance_F_per_m
    size = math.sqrt(ohm * c / (r * input_F))
    length = math.sqrt(2.0 * ohm * (input_F + output_F) / (r * c))
    driving = ohm / size * (c * length + size * (input_F + output_F))
    segment = _HALF * (driving + r * length * (0.5 * c * length + size * input_F))
    per_m = size / length
    return RepeatedWire(
        segment / length,
        (c + per_m * (input_F + output_F)) * cmos.supply_V**2,
        per_m * inverter_leakage_W(cmos, small, small_p),
    )


def bank(
    cmos: Process, sub_array: SubArrayFigures, down: int, across: int, *, bits: int | None = None
) -> Bank:
    """Join sub-arrays by a tree whose wires run above the cells.

    Parameters
    ----------
    cmos : Process
        Transistors; the tree is made of its global wires.
    sub_array : SubArrayFigures
        Each of them.
    down, across : int
        Grid, 1..4096 each.
    bits : int, optional
        Wires of the tree; the digits of a row operation by default.

    Raises
    ------
    InputError
        If a number is not a whole one within its limits.

    Notes
    -----
    A tree of H shape halves the grid at each branch: the way from its root to a sub-array is half of width
    and height less half a sub-array. All branches together are as long as the edges of that tree.
    """
    down, across = whole("down", down, 1, LARGEST_GRID), whole("across", across, 1, LARGEST_GRID)
    wires = sub_array.digits if bits is None else whole("bits", bits, 1, 1 << 20)
    side_m2 = sub_array.area_m2
    # Predecoders and counter fill a strip beside the outline of the cells.
    width = side_m2 / sub_array.height_m
    height = sub_array.height_m
    way_m = 0.5 * ((across - 1) * width + (down - 1) * height)
    line = repeated(cmos, cmos.long)
    branches_m = _branches(across, width) + across * _branches(down, height)
    return Bank(
        sub_array=sub_array,
        down=down,
        across=across,
        width_m=across * width,
        height_m=down * height,
        area_m2=down * across * side_m2,
        tree_delay_s=way_m * line.delay_s_per_m,
        tree_J_per_bit=way_m * line.energy_J_per_m,
        leakage_W=down * across * sub_array.leakage_W + wires * branches_m * line.leakage_W_per_m,
    )


def grid(count: int, width_m: float, height_m: float) -> tuple[int, int]:
    """Down and across of the squarest grid that holds so many rectangles.

    Examples
    --------
    >>> grid(8, 2.0, 1.0)
    (4, 2)
    """
    finite("width_m", width_m, above=0.0)
    finite("height_m", height_m, above=0.0)
    across = max(1, round(math.sqrt(whole("count", count, 1) * height_m / width_m)))
    return -(-count // across), across


def _branches(leaves: int, pitch_m: float) -> float:
    """Length of all branches along one direction [m]: a line through the middles of so many leaves."""
    return (leaves - 1) * pitch_m
