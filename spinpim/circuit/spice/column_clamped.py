"""Lines of a column whose current is sensed: clamps that hold the lines, and the nodes behind them.

By the law each line has a clamp and a load, and the reference is the mean of two nodes. Transistors hold the
lines of the two reference columns by copies of clamp and mirror; the mean of their currents flows out of the
amplifier's second line, which has the impedance of a bit line.

Until the word line is open a source holds every line of transistors at the voltage at which its clamp passes
the current of the reference. The law of the settling asks for such a start: a clamp without current lets its
line drift up to 0.45 V, and neither line nor mirror has come back from there by the strobe.
"""

from __future__ import annotations

from collections.abc import Sequence

from spinpim.circuit.amplifier_parts import CurrentClamp
from spinpim.circuit.spice.column_lines import (
    EDGE_S,
    INNER_NODES,
    Access,
    bit_line,
    comparator,
    reference_line,
    transistor_amplifier,
)
from spinpim.circuit.spice.deck import element, measure, number, piecewise_linear
from spinpim.circuit.spice.sample import nominal_column

INPUTS = ("node_bl", "ref")
"""Nodes that are compared where clamp and load follow their law."""
INNER_INPUTS = tuple(f"xamplifier.{node}" for node in INNER_NODES)
"""Those of an amplifier of transistors."""


def clamped_column(access: Access, netlist: Sequence[str]) -> list[str]:
    """Lines of the three columns, their clamps, and the amplifier."""
    nominal = nominal_column(len(access.pattern))
    at_strobe = f"at={number(access.timing.strobe_s)}"
    lines = [
        *bit_line(access, "bl", access.pattern, access.one),
        *bit_line(access, "low", access.lower, nominal),
        *bit_line(access, "high", access.upper, nominal),
        measure("line", f"find v(bl) {at_strobe}"),
        measure("line_current", f"find v(carried) {at_strobe}"),
        "hcarried carried 0 vclamp_bl 1.0",
        "bpower power 0 v=V(vdd)*V(carried)",
    ]
    return [*lines, *(_by_transistors(access, netlist) if netlist else _by_law(access))]


def _by_law(access: Access) -> list[str]:
    clamp, load_F = _clamp(access), access.amplifier.input_capacitance_F
    one = access.one
    shift = one.clamp_deviate * clamp.voltage_sigma_V
    load = clamp.transresistance_ohm * (1.0 + one.load_deviate * clamp.transresistance_sigma)
    return [
        *comparator(access.timing, "node_bl"),
        *_clamp_and_load(clamp, "bl", "vdd", shift, load),
        *_clamp_and_load(clamp, "low", "vref", 0.0, clamp.transresistance_ohm),
        *_clamp_and_load(clamp, "high", "vref", 0.0, clamp.transresistance_ohm),
        f"clow node_low 0 {number(load_F)}",
        f"chigh node_high 0 {number(load_F)}",
        f"breference ref 0 v={access.mean('V(node_low)', 'V(node_high)')}+({number(access.shift_V)})",
    ]


def _clamp_and_load(
    clamp: CurrentClamp, label: str, supply: str, shift_V: float, load_ohm: float
) -> list[str]:
    """A clamp by its law: input resistance behind a voltage, and the load that its current flows through."""
    return [
        f"rload_{label} {supply} node_{label} {number(load_ohm)}",
        f"cload_{label} node_{label} 0 {number(clamp.output_capacitance_F)}",
        f"vclamp_{label} node_{label} drain_{label} 0.0",
        f"bclamp_{label} drain_{label} {label} "
        f"i=({number(clamp.line_V(0.0) + shift_V)}-V({label}))/{number(clamp.input_resistance_ohm)}",
    ]


def _by_transistors(access: Access, netlist: Sequence[str]) -> list[str]:
    clamp = _clamp(access)
    shift_A = -access.shift_V / clamp.transresistance_ohm
    mean_A = access.mean("I(vclamp_low)", "I(vclamp_high)")
    opened = access.timing.open_s
    released = ((0.0, 1.0), (opened, 1.0), (opened + EDGE_S, 0.0))
    return [
        *transistor_amplifier(access.cell.supply_V, netlist, access.timing, "bl_held"),
        "vclamp_bl bl_held bl 0.0",
        element("vbias", ("bias", "0"), number(clamp.gate_V)),
        *_copy(access, "low"),
        *_copy(access, "high"),
        f"breference mean 0 v={access.mean('V(low)', 'V(high)')}",
        f"bmean ref 0 i={mean_A}+({number(shift_A)})",
        *reference_line(access),
        f"vhold hold 0 {piecewise_linear(released)}",
        *(f"bhold_{line} {line} 0 i=V(hold)*{number(access.reference_A)}" for line in ("bl", "low", "high")),
    ]


def _copy(access: Access, label: str) -> list[str]:
    """Clamp and mirror input of a reference column."""
    sizes = {
        part: dict(zip("wl", access.amplifier.device_size_m(part), strict=True))
        for part in ("clamp_pair", "mirror_pair")
    }
    drain, node = f"drain_{label}", f"node_{label}"
    return [
        element(f"mclamp_{label}", (drain, "bias", label, "0"), "NMOS_VTG", **sizes["clamp_pair"]),
        element(f"mmirror_{label}", (node, node, "vref", "vref"), "PMOS_VTG", **sizes["mirror_pair"]),
        f"vclamp_{label} {node} {drain} 0.0",
    ]


def _clamp(access: Access) -> CurrentClamp:
    assert access.amplifier.clamp is not None
    return access.amplifier.clamp
