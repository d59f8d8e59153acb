"""Groups of lines that every column's deck has: sources, wire and cells, amplifier, measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spinpim.circuit.amplifier_supply import relative_supply
from spinpim.circuit.cell import Cell
from spinpim.circuit.operations import INVERTED, Operation
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice import amplifier_bench
from spinpim.circuit.spice.access import behavioural_transistor, card_transistor
from spinpim.circuit.spice.amplifier_netlists import NODES
from spinpim.circuit.spice.cards import Cards
from spinpim.circuit.spice.deck import measure, number, piecewise_linear
from spinpim.circuit.spice.junction import junction_element
from spinpim.circuit.spice.ladder import ladder
from spinpim.circuit.spice.sample import ColumnSample
from spinpim.errors import InputError

EDGE_S = 1e-12
SOONEST_OPEN_S = 2.0 * amplifier_bench.EDGE_S
"""Opening of the word line after the start of a deck: there is always time for its edge."""
INNER_NODES = ("node_plus", "node_minus")
"""Inputs of the comparator behind a clamp of transistors."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of an access [s].

    Attributes
    ----------
    open_s, strobe_s : float
        Opening of the word line; the time of the amplifier begins.
    enable_s, grow_s : float
        Its inputs are taken, later than the strobe where an offset is stored first; its law starts to grow.
    decided_s, end_s : float
        End of the allotted time; end of the deck.
    """

    open_s: float
    strobe_s: float
    enable_s: float
    grow_s: float
    decided_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Access:
    """One access of one column in numbers.

    Attributes
    ----------
    cell, amplifier : Cell, SenseAmp
        The column; a clamp as it is biased at its reference.
    pattern, lower, upper : str
        States of the sensed column and of the two reference columns.
    one : ColumnSample
        How the sensed column differs.
    timing : Timing
        When what happens.
    temperature_K : float
        Temperature [K].
    cards : Cards or None
        Cards of the read transistors, if they are not to follow their law.
    segments : int
        Sections of each line.
    share, shift_V : float
        Where the reference lies between its two columns [1], and its shift [V].
    reference_A, reference_ohm : float
        Current of a line between the two reference columns [A], and resistance of its cells [ohm].
    """

    cell: Cell
    amplifier: SenseAmp
    pattern: str
    lower: str
    upper: str
    one: ColumnSample
    timing: Timing
    temperature_K: float
    cards: Cards | None
    segments: int
    share: float
    shift_V: float
    reference_A: float
    reference_ohm: float

    def mean(self, low: str, high: str) -> str:
        """Expression of the weighted mean of two others."""
        return f"{number(1.0 - self.share)}*{low}+{number(self.share)}*{high}"


def sources(cell: Cell, timing: Timing, cards: Cards | None) -> list[str]:
    """Supplies, word line, and the node that holds the power of the reference columns.

    The word line opens when its access time is over, as in the law: on a slow edge the cells of a clamped
    line would begin to draw before. The gates of transistors would push a sharper one into the line.
    """
    edge_s = EDGE_S if cards is None else amplifier_bench.EDGE_S
    word_line = ((0.0, 0.0), (timing.open_s - edge_s, 0.0), (timing.open_s, cell.read_word_line_V))
    return [
        f"vsupply vdd 0 {number(cell.supply_V)}",
        f"vreference vref 0 {number(cell.supply_V)}",
        f"vword wl 0 {piecewise_linear(word_line)}",
        "brefpower refpower 0 v=-V(vref)*I(vreference)",
    ]


def comparator(timing: Timing, plus: str) -> list[str]:
    """Clocks and instance of the amplifier by its law."""
    return [
        f"venable enable 0 {piecewise_linear(edge(timing.enable_s))}",
        f"vgrow grow 0 {piecewise_linear(edge(timing.grow_s))}",
        f"xamplifier {plus} ref enable grow out amplifier",
    ]


def transistor_amplifier(supply_V: float, netlist: Sequence[str], timing: Timing, plus: str) -> list[str]:
    """Supply, clock and instance of an amplifier of transistors, and its output difference."""
    # Edge and load are those behind the laws. Enable in units of the supply for the measurements, in volts
    # for the transistors.
    title = netlist[0].split()[1]
    return [
        f"vamp vddamp 0 {number(supply_V)}",
        f"venable enable 0 {piecewise_linear(edge(timing.enable_s, duration_s=amplifier_bench.EDGE_S))}",
        f"eclock clock 0 enable 0 {number(supply_V)}",
        f"xamplifier {plus} ref clock out_plus out_minus vddamp {title}",
        f"cload_plus out_plus 0 {number(amplifier_bench.LOAD_F)}",
        f"cload_minus out_minus 0 {number(amplifier_bench.LOAD_F)}",
        "eout out 0 out_plus out_minus 1.0",
        # A linear source: the product of a current and its own supply does not always converge.
        f"hamppower amppower 0 vamp {number(-supply_V)}",
        measure("amplifier_energy", f"integ v(amppower) {_from_strobe(timing)}"),
    ]


def check_netlist(netlist: Sequence[str], cards: Cards | None, clamped: bool) -> None:
    """Refuse a netlist that does not fit its instance or lacks the inner nodes of a clamped amplifier."""
    if cards is None:
        raise InputError("A netlist of transistors needs the cards; give cards=find_cards().")
    first, nodes = netlist[0].split(), list(NODES)
    if first[:1] != [".subckt"] or first[2:] != nodes or not netlist[-1].startswith(".ends"):
        raise InputError(
            f"netlist must go from '.subckt NAME {' '.join(nodes)}' to '.ends'; instead it begins with "
            f"{netlist[0]!r:.80}."
        )
    missing = [node for node in INNER_NODES if node not in " ".join(netlist).split()]
    if clamped and missing:
        raise InputError(
            f"netlist of an amplifier that clamps its lines must have the inner nodes "
            f"{' and '.join(INNER_NODES)}, the inputs of its comparator; {' and '.join(missing)} is missing. "
            "Name them so."
        )


def edge(time_s: float, height: float = 1.0, duration_s: float = EDGE_S) -> list[tuple[float, float]]:
    """Corners of a step at a time."""
    return [(0.0, 0.0), (time_s, 0.0), (time_s + duration_s, height)]


def wire(access: Access, label: str, near: str, far: str, ground: str = "0") -> list[str]:
    """Wire of a bit line with what hangs on its near end, without amplifier."""
    cell = access.cell
    return [
        f"cfixed_{label} {near} {ground} {number(cell.fixed_capacitance_F)}",
        *ladder(
            label,
            near,
            far,
            resistance_ohm=max(cell.bit_line_resistance_ohm, 1e-6),
            capacitance_F=cell.bit_line_cells * cell.capacitance_per_cell_F,
            segments=access.segments,
            ground=ground,
        ),
    ]


def bit_line(access: Access, label: str, states: str, one: ColumnSample) -> list[str]:
    """One bit line with its cells at the far end."""
    far = f"{label}_far"
    lines = wire(access, label, label, far)
    for row, state in enumerate(states):
        lines += _cell(access, label, far, row, state, one)
    return lines


def reference_line(access: Access) -> list[str]:
    """The impedance of a bit line between an ideal ``mean`` and the input ``ref`` of the amplifier.

    With it both inputs give way alike to the charge that a decision pushes into them; an ideal reference
    would turn answers.
    """
    return [
        *wire(access, "ref", "ref", "ref_far", ground="mean"),
        f"rcells_ref ref_far mean {number(access.reference_ohm)}",
    ]


def measurements(access: Access, asked: Operation, plus: str, minus: str) -> list[str]:
    """Measurements of every column, of inputs between two nodes; see `column_deck`."""
    timing = access.timing
    at_strobe, end = f"at={number(timing.strobe_s)}", number(timing.end_s - 0.5 * EDGE_S)
    relative = relative_supply(access.amplifier, access.cell.supply_V)
    swing = number(access.amplifier.output_swing_V * relative)
    decided = number(timing.decided_s)
    lines = [
        "bspeed speed 0 v=abs(V(out))",
        f"bmargin difference 0 v=V({plus})-V({minus})",
        f"banswer said 0 v=(V(out) {'<' if asked.name in INVERTED else '>'} 0.0) ? 1.0 : 0.0",
        measure("level", f"find v({plus}) {at_strobe}"),
        measure("reference_level", f"find v({minus}) {at_strobe}"),
        measure("margin", f"find v(difference) {at_strobe}"),
        measure(
            "decision",
            f"trig v(enable) val=0.5 rise=1 targ v(speed) val={swing} td={number(timing.enable_s)} rise=1",
        ),
        measure("answer", f"find v(said) at={end}"),
        measure("energy", f"integ v(power) from=0 to={decided}"),
        measure("reference_energy", f"integ v(refpower) from=0 to={decided}"),
    ]
    if timing.enable_s > timing.strobe_s:
        lines.append(measure("stored_margin", f"find v(difference) at={number(timing.enable_s)}"))
    return lines


def _from_strobe(timing: Timing) -> str:
    return f"from={number(timing.strobe_s)} to={number(timing.decided_s)}"


def _cell(access: Access, label: str, far: str, row: int, state: str, one: ColumnSample) -> list[str]:
    cell = access.cell
    own, top, free = f"{label}_{row}", f"{label}_top{row}", f"{label}_free{row}"
    place = (own, far, "wl", top, cell.read_transistor)
    shift = one.access_threshold_V[row]
    if access.cards is None:
        lines = behavioural_transistor(*place, access.temperature_K, threshold_shift_V=shift)
    else:
        lines = card_transistor(*place, threshold_shift_V=shift)
    return [
        *lines,
        junction_element(
            f"j{own}",
            free,
            top,
            cell.device,
            cosine="-1.0" if state == "1" else "1.0",
            temperature_K=access.temperature_K,
            relative_resistance=one.relative_resistance[row],
            relative_magnetoresistance=one.relative_magnetoresistance[row],
        ),
        f"rs{own} {free} 0 {number(cell.series_resistance_ohm)}",
    ]
