"""A sensed column as a deck: cells, bit line, reference columns, amplifier, measurements, all in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from spinpim.checks import whole
from spinpim.circuit.cell import Cell
from spinpim.circuit.operations import INVERTED, Operation, find_operation
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensing import Sensing, sense
from spinpim.circuit.spice.access import CARD_MODEL, behavioural_transistor, card_transistor
from spinpim.circuit.spice.cards import HOW_TO_GET, Cards
from spinpim.circuit.spice.comparator import comparator_subcircuit
from spinpim.circuit.spice.deck import (
    SHARP_TOLERANCES,
    Deck,
    include,
    measure,
    number,
    options,
    piecewise_linear,
    remark,
)
from spinpim.circuit.spice.junction import junction_element
from spinpim.circuit.spice.ladder import ladder
from spinpim.circuit.spice.sample import ColumnSample, nominal_column
from spinpim.errors import InputError

SEGMENTS = 32
MOST_SEGMENTS = 1000
EDGE_S = 1e-12
LONGEST_STEP_S = 1e-12
DECISIONS_WAITED = 3.0
"""How many times the allotted decision the deck waits for the amplifier."""
ICE_POINT_K = 273.15


@dataclass(frozen=True, slots=True)
class Timing:
    """Opening of the word line, strobe, start of the regeneration, end of the allotted time, end [s]."""

    open_s: float
    strobe_s: float
    grow_s: float
    decided_s: float
    end_s: float


def column_deck(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    pattern: str,
    operation: str = "AND",
    temperature_K: float | None = None,
    sample: ColumnSample | None = None,
    cards: Cards | None = None,
    segments: int = SEGMENTS,
    note: str = "",
) -> Deck:
    """Deck of one access of one column.

    The cells are at the far end of the bit line, current source and amplifier at the near one. The reference
    is the weighted mean, through an ideal buffer, of two nominal columns at the levels that the operation
    tells apart, shifted by the deviation of the sample. The amplifier follows its law, see
    `comparator_subcircuit`.

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        The column; the amplifier must sense voltage.
    pattern : str
        States of the cells, "1" antiparallel, first symbol first row; 1 to 3 symbols.
    operation : str
        "READ", "AND", "NAND", "OR", "NOR" or "MAJ".
    temperature_K : float, optional
        Temperature [K]; the device's own by default.
    sample : ColumnSample, optional
        How this column differs; by default it is nominal.
    cards : Cards, optional
        Read transistors on these cards; by default they follow the law of `Transistor`.
    segments : int
        Sections of the bit line.
    note : str
        A line for people at the head of the deck.

    Returns
    -------
    Deck
        With measurements ``level``, ``reference_level`` and ``margin`` at the strobe [V]; ``decision``, from
        the enable to the output swing that counts as decided [s]; ``answer``, 1 or 0 by the sign of the
        output; ``energy``, drawn by the sensed column until the end of the allotted time [J], and
        ``reference_energy``, the same of both reference columns, without amplifier and word lines.

    Raises
    ------
    InputError
        If the pattern does not go with the operation, the amplifier senses current, or what `sense` refuses.

    Notes
    -----
    The line is a ladder, the cells follow their whole characteristic: `sense` takes the modes of the line at
    the settled levels instead.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> deck = column_deck(cell, SenseAmp.load("strongarm_45nm"), pattern="01")
    >>> deck.text.endswith(".end" + chr(10)), "gauss(" in deck.text
    (True, False)
    """
    asked = _asked(operation, pattern)
    whole("segments", segments, 1, MOST_SEGMENTS)
    if amplifier.clamp is not None:
        raise InputError(
            f"Amplifier {amplifier.name} senses the current of a clamped line, for which no deck is written; "
            "choose one that senses voltage, for example strongarm_45nm."
        )
    sensing = sense(cell, amplifier, operation=asked.name, rows=asked.rows, temperature_K=temperature_K)
    kelvin = sensing.temperature_K
    one = nominal_column(asked.rows) if sample is None else sample
    timing = _timing(cell, amplifier, sensing)
    offset = one.offset_deviate * sensing.offset_sigma_V[pattern]
    current = asked.rows * cell.read_current_per_row_A
    threshold = asked.thresholds[0]
    lower, upper = ("1" * ones + "0" * (asked.rows - ones) for ones in (threshold - 1, threshold))
    nominal = nominal_column(asked.rows)
    share = (sensing.reference_V - sensing.levels_V[lower]) / (
        sensing.levels_V[upper] - sensing.levels_V[lower]
    )
    shift = one.reference_deviate * sensing.reference_sigma_V
    lines = [
        *([remark(note)] if note else []),
        *_head(cell, amplifier, asked, pattern, kelvin, one, offset, shift),
        *([include(cards.path(CARD_MODEL))] if cards else []),
        f".temp {number(kelvin - ICE_POINT_K)}",
        options(SHARP_TOLERANCES),
        *comparator_subcircuit(amplifier, kelvin, offset_V=offset),
        *_sources(cell, amplifier, timing),
        *_line(
            cell, "bl", pattern, one, current * one.relative_drive, "vdd", timing, kelvin, cards, segments
        ),
        *_line(cell, "low", lower, nominal, current, "vref", timing, kelvin, cards, segments),
        *_line(cell, "high", upper, nominal, current, "vref", timing, kelvin, cards, segments),
        # The reference columns carry the input load of their own amplifier, as the sensed one does.
        f"clow low 0 {number(amplifier.input_capacitance_F)}",
        f"chigh high 0 {number(amplifier.input_capacitance_F)}",
        f"breference ref 0 v={number(1.0 - share)}*V(low)+{number(share)}*V(high)+({number(shift)})",
        "xamplifier bl ref enable grow out amplifier",
        f".tran {number(LONGEST_STEP_S)} {number(timing.end_s)} 0 {number(LONGEST_STEP_S)}",
        *_measurements(amplifier, timing, asked),
    ]
    state = "nominal" if sample is None else "sampled"
    title = f"{asked.name} of pattern {pattern} on cell {cell.name}, {state} column"
    return Deck(title, tuple(lines))


def _asked(operation: str, pattern: str) -> Operation:
    if not isinstance(pattern, str) or not pattern or set(pattern) - {"0", "1"}:
        raise InputError(
            f"pattern must be a word of zeros and ones, one for each row, such as 01; instead received "
            f"{pattern!r:.60}."
        )
    asked = find_operation(operation, len(pattern))
    if len(asked.thresholds) > 1:
        raise InputError(
            f"{asked.name} takes {len(asked.thresholds)} amplifiers with a reference each, and a deck has "
            "one: export AND and OR with the same sample and seed."
        )
    return asked


def _timing(cell: Cell, amplifier: SenseAmp, sensing: Sensing) -> Timing:
    split = sensing.delay_split_s
    strobe = split["access"] + split["settling"]
    extra = 0.0 if amplifier.cancellation is None else amplifier.cancellation.extra_time_s
    return Timing(
        open_s=cell.access_time_s,
        strobe_s=strobe,
        grow_s=strobe + amplifier.intercept_s + extra,
        decided_s=strobe + split["decision"],
        end_s=strobe + DECISIONS_WAITED * split["decision"] + EDGE_S,
    )


def _head(
    cell: Cell,
    amplifier: SenseAmp,
    asked: Operation,
    pattern: str,
    temperature_K: float,
    one: ColumnSample,
    offset: float,
    shift: float,
) -> list[str]:
    return [
        remark(
            f"device {cell.device.name}, cell {cell.name}, amplifier {amplifier.name}, {temperature_K:g} K"
        ),
        remark(f"right answer {asked.answer(pattern)}; amplifier: its law, not its transistors"),
        remark(f"relative resistance of the cells {_listed(one.relative_resistance)}"),
        remark(f"relative magnetoresistance {_listed(one.relative_magnetoresistance)}"),
        remark(f"threshold shift of the read transistors {_listed(one.access_threshold_V)} V"),
        remark(f"relative read current {number(one.relative_drive)}, reference shift {number(shift)} V"),
        remark(f"amplifier offset {number(offset)} V"),
        remark(f"Transistor cards are named, not held here. {HOW_TO_GET}"),
    ]


def _listed(values: tuple[float, ...]) -> str:
    return " ".join(number(value) for value in values)


def _sources(cell: Cell, amplifier: SenseAmp, timing: Timing) -> list[str]:
    word_line = [(0.0, 0.0), (timing.open_s, cell.read_word_line_V)]
    if timing.open_s == 0.0:
        word_line = [(0.0, cell.read_word_line_V)]
    return [
        f"vsupply vdd 0 {number(cell.supply_V)}",
        f"vreference vref 0 {number(cell.supply_V)}",
        f"vword wl 0 {piecewise_linear(word_line)}",
        f"venable enable 0 {piecewise_linear(_edge(timing.strobe_s))}",
        f"vgrow grow 0 {piecewise_linear(_edge(timing.grow_s))}",
        "bpower power 0 v=-V(vdd)*I(vsupply)",
        "brefpower refpower 0 v=-V(vref)*I(vreference)",
    ]


def _edge(time_s: float, height: float = 1.0) -> list[tuple[float, float]]:
    return [(0.0, 0.0), (time_s, 0.0), (time_s + EDGE_S, height)]


def _line(
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


def _measurements(amplifier: SenseAmp, timing: Timing, asked: Operation) -> list[str]:
    strobe, end = number(timing.strobe_s), number(timing.end_s - 0.5 * EDGE_S)
    swing = number(amplifier.output_swing_V)
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
