"""Groups of lines of a column's deck: sources, bit lines, amplifier, measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spinpim.circuit.cell import Cell
from spinpim.circuit.operations import INVERTED, Operation
from spinpim.circuit.spice import amplifier_bench
from spinpim.circuit.spice.access import behavioural_transistor, card_transistor
from spinpim.circuit.spice.cards import Cards
from spinpim.circuit.spice.deck import measure, number, piecewise_linear
from spinpim.circuit.spice.junction import junction_element
from spinpim.circuit.spice.ladder import ladder
from spinpim.circuit.spice.sample import ColumnSample
from spinpim.errors import InputError

EDGE_S = 1e-12
AMPLIFIER_NODES = ("plus", "minus", "enable", "out_plus", "out_minus", "vdd")


@dataclass(frozen=True, slots=True)
class Timing:
    """Opening of the word line, strobe, start of the regeneration, end of the allotted time, end [s]."""

    open_s: float
    strobe_s: float
    grow_s: float
    decided_s: float
    end_s: float


def sources(cell: Cell, timing: Timing) -> list[str]:
    """Supplies, word line, and nodes that hold the power drawn."""
    word_line = [(0.0, 0.0), (timing.open_s, cell.read_word_line_V)]
    if timing.open_s == 0.0:
        word_line = [(0.0, cell.read_word_line_V)]
    return [
        f"vsupply vdd 0 {number(cell.supply_V)}",
        f"vreference vref 0 {number(cell.supply_V)}",
        f"vword wl 0 {piecewise_linear(word_line)}",
        "bpower power 0 v=-V(vdd)*I(vsupply)",
        "brefpower refpower 0 v=-V(vref)*I(vreference)",
    ]


def comparator(timing: Timing) -> list[str]:
    """Clocks and instance of the amplifier by its law."""
    return [
        f"venable enable 0 {piecewise_linear(_edge(timing.strobe_s))}",
        f"vgrow grow 0 {piecewise_linear(_edge(timing.grow_s))}",
        "xamplifier bl ref enable grow out amplifier",
    ]


def transistor_amplifier(supply_V: float, netlist: Sequence[str], timing: Timing) -> list[str]:
    """Supply, clock and instance of an amplifier of transistors, and its output difference."""
    # Edge and load are those behind the laws. Enable in units of the supply for the measurements, in volts
    # for the transistors.
    title = netlist[0].split()[1]
    return [
        f"vamp vddamp 0 {number(supply_V)}",
        f"venable enable 0 {piecewise_linear(_edge(timing.strobe_s, duration_s=amplifier_bench.EDGE_S))}",
        f"eclock clock 0 enable 0 {number(supply_V)}",
        f"xamplifier bl ref clock out_plus out_minus vddamp {title}",
        f"cload_plus out_plus 0 {number(amplifier_bench.LOAD_F)}",
        f"cload_minus out_minus 0 {number(amplifier_bench.LOAD_F)}",
        "eout out 0 out_plus out_minus 1.0",
        # A linear source: the product of a current and its own supply does not always converge.
        f"hamppower amppower 0 vamp {number(-supply_V)}",
    ]


def reference(
    cell: Cell, share: float, shift_V: float, level_V: float, current_A: float, segments: int, ideal: bool
) -> list[str]:
    """Reference between the two reference columns, ideal or with the impedance of a bit line.

    With that impedance between an ideal mean and the input of the amplifier, both inputs give way alike to
    the charge that a decision pushes into them; an ideal reference would turn answers.
    """
    node = "ref" if ideal else "mean"
    mean = f"{number(1.0 - share)}*V(low)+{number(share)}*V(high)+({number(shift_V)})"
    lines = [f"breference {node} 0 v={mean}"]
    if ideal:
        return lines
    return [
        *lines,
        f"cfixed_ref ref mean {number(cell.fixed_capacitance_F)}",
        *ladder(
            "ref",
            "ref",
            "ref_far",
            resistance_ohm=max(cell.bit_line_resistance_ohm, 1e-6),
            capacitance_F=cell.bit_line_cells * cell.capacitance_per_cell_F,
            segments=segments,
            ground="mean",
        ),
        f"rcells_ref ref_far mean {number(level_V / current_A)}",
    ]


def check_netlist(netlist: Sequence[str], cards: Cards | None) -> None:
    """Refuse a netlist that does not fit its instance."""
    if cards is None:
        raise InputError("A netlist of transistors needs the cards; give cards=find_cards().")
    first, nodes = netlist[0].split(), list(AMPLIFIER_NODES)
    if first[:1] != [".subckt"] or first[2:] != nodes or not netlist[-1].startswith(".ends"):
        raise InputError(
            f"netlist must go from '.subckt NAME {' '.join(nodes)}' to '.ends'; instead it begins with "
            f"{netlist[0]!r:.80}."
        )


def span(statement: str, timing: Timing) -> str:
    """Integral from the strobe to the end of the allotted time."""
    return f"{statement} from={number(timing.strobe_s)} to={number(timing.decided_s)}"


def _edge(time_s: float, height: float = 1.0, duration_s: float = EDGE_S) -> list[tuple[float, float]]:
    return [(0.0, 0.0), (time_s, 0.0), (time_s + duration_s, height)]


def bit_line(
    cell: Cell,
    label: str,
    states: str,
    one: ColumnSample,
    current_A: float,
    supply: str,
    timing: Timing,
    temperature_K: float,
    cards: Cards | None,
    segments: int,
) -> list[str]:
    """One bit line with its read current at the near end and its cells at the far end."""
    far = f"{label}_far"
    lines = [
        f"iread_{label} {supply} {label} {piecewise_linear(_edge(timing.open_s, current_A))}",
        f"cfixed_{label} {label} 0 {number(cell.fixed_capacitance_F)}",
        *ladder(
            label,
            label,
            far,
            resistance_ohm=max(cell.bit_line_resistance_ohm, 1e-6),
            capacitance_F=cell.bit_line_cells * cell.capacitance_per_cell_F,
            segments=segments,
        ),
    ]
    for row, state in enumerate(states):
        own, top, free = f"{label}_{row}", f"{label}_top{row}", f"{label}_free{row}"
        shift = one.access_threshold_V[row]
        if cards is None:
            lines += behavioural_transistor(
                own, far, "wl", top, cell.read_transistor, temperature_K, threshold_shift_V=shift
            )
        else:
            lines += card_transistor(own, far, "wl", top, cell.read_transistor, threshold_shift_V=shift)
        lines += [
            junction_element(
                f"j{own}",
                free,
                top,
                cell.device,
                cosine="-1.0" if state == "1" else "1.0",
                temperature_K=temperature_K,
                relative_resistance=one.relative_resistance[row],
                relative_magnetoresistance=one.relative_magnetoresistance[row],
            ),
            f"rs{own} {free} 0 {number(cell.series_resistance_ohm)}",
        ]
    return lines


def measurements(swing_V: float, timing: Timing, asked: Operation) -> list[str]:
    """Measurements of every column, with the output swing that counts as decided; see `column_deck`."""
    strobe, end = number(timing.strobe_s), number(timing.end_s - 0.5 * EDGE_S)
    swing = number(swing_V)
    decided = number(timing.decided_s)
    return [
        "bspeed speed 0 v=abs(V(out))",
        "bmargin difference 0 v=V(bl)-V(ref)",
        f"banswer said 0 v=(V(out) {'<' if asked.name in INVERTED else '>'} 0.0) ? 1.0 : 0.0",
        measure("level", f"find v(bl) at={strobe}"),
        measure("reference_level", f"find v(ref) at={strobe}"),
        measure("margin", f"find v(difference) at={strobe}"),
        measure(
            "decision",
            f"trig v(enable) val=0.5 rise=1 targ v(speed) val={swing} td={strobe} rise=1",
        ),
        measure("answer", f"find v(said) at={end}"),
        measure("energy", f"integ v(power) from=0 to={decided}"),
        measure("reference_energy", f"integ v(refpower) from=0 to={decided}"),
    ]
