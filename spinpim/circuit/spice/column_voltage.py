"""Lines of a column whose voltage is sensed: read currents, two reference columns, their mean."""

from __future__ import annotations

from collections.abc import Sequence

from spinpim.circuit.spice.column_lines import (
    Access,
    bit_line,
    comparator,
    edge,
    reference_line,
    transistor_amplifier,
)
from spinpim.circuit.spice.deck import number, piecewise_linear
from spinpim.circuit.spice.sample import nominal_column

INPUTS = ("bl", "ref")
"""Nodes that are compared."""


def voltage_column(access: Access, netlist: Sequence[str]) -> list[str]:
    """Lines of the three columns and of the amplifier between the sensed one and the reference.

    A law reads the reference through an ideal buffer, transistors through the impedance of a bit line.
    """
    timing = access.timing
    current = len(access.pattern) * access.cell.read_current_per_row_A
    nominal = nominal_column(len(access.pattern))
    columns = (
        ("bl", access.pattern, access.one, "vdd"),
        ("low", access.lower, nominal, "vref"),
        ("high", access.upper, nominal, "vref"),
    )
    lines = []
    for label, states, one, supply in columns:
        driven = piecewise_linear(edge(timing.open_s, current * one.relative_drive))
        lines += [f"iread_{label} {supply} {label} {driven}", *bit_line(access, label, states, one)]
    return [
        "bpower power 0 v=-V(vdd)*I(vsupply)",
        *(
            transistor_amplifier(access.cell.supply_V, netlist, timing, "bl")
            if netlist
            else comparator(timing, "bl")
        ),
        *lines,
        *_reference_load(access, netlist),
        f"breference {'mean' if netlist else 'ref'} 0 "
        f"v={access.mean('V(low)', 'V(high)')}+({number(access.shift_V)})",
        *(reference_line(access) if netlist else ()),
    ]


def _reference_load(access: Access, netlist: Sequence[str]) -> list[str]:
    """The reference columns carry the input load of an amplifier of their own, as the sensed one does."""
    if netlist and access.amplifier.disturbance is not None:
        # What it pushes into a line that still rises has not gone by the strobe.
        return [f"xreference low high 0 low_out high_out vddamp {netlist[0].split()[1]}"]
    load = number(access.amplifier.input_capacitance_F)
    return [f"clow low 0 {load}", f"chigh high 0 {load}"]
