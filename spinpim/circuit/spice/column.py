"""A sensed column as a deck: cells, bit line, reference columns, amplifier, measurements, all in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from spinpim.checks import instance, shown, whole
from spinpim.circuit.amplifier_supply import relative_supply
from spinpim.circuit.cell import Cell
from spinpim.circuit.operations import Operation, find_operation
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import check_column
from spinpim.circuit.sensing import Sensing, sense
from spinpim.circuit.spice.access import CARD_MODEL
from spinpim.circuit.spice.cards import HOW_TO_GET, Cards
from spinpim.circuit.spice.column_lines import (
    EDGE_S,
    Timing,
    bit_line,
    check_netlist,
    comparator,
    measurements,
    reference,
    sources,
    span,
    transistor_amplifier,
)
from spinpim.circuit.spice.comparator import comparator_subcircuit
from spinpim.circuit.spice.deck import (
    SHARP_TOLERANCES,
    TRANSISTOR_TOLERANCES,
    Deck,
    include,
    measure,
    number,
    options,
    remark,
)
from spinpim.circuit.spice.sample import ColumnSample, nominal_column
from spinpim.errors import InputError

SEGMENTS = 32
MOST_SEGMENTS = 1000
OTHER_MODEL = "PMOS_VTG"
LONGEST_STEP_S = 1e-12
DECISIONS_WAITED = 3.0
"""How many times the allotted decision the deck waits for the amplifier."""
ICE_POINT_K = 273.15


def column_deck(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    pattern: str,
    operation: str = "AND",
    temperature_K: float | None = None,
    sample: ColumnSample | None = None,
    cards: Cards | None = None,
    netlist: Sequence[str] = (),
    segments: int = SEGMENTS,
    note: str = "",
) -> Deck:
    """Deck of one access of one column.

    The cells are at the far end of the bit line, current source and amplifier at the near one. The reference
    is the weighted mean of two nominal columns at the levels that the operation tells apart, shifted by the
    deviation of the sample. The amplifier follows its law, see `comparator_subcircuit`, or is a netlist of
    transistors, whose reference has the impedance of a bit line.

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
    netlist : sequence of str
        Lines of one subcircuit with the nodes ``plus minus enable out_plus out_minus vdd`` on these cards,
        which takes the place of the amplifier's law; its offset is then in its own thresholds.
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
        ``reference_energy``, the same of both reference columns, without amplifier and word lines;
        of a netlist also ``amplifier_energy``, from the strobe to that time.

    Raises
    ------
    InputError
        If the pattern does not go with the operation, the amplifier senses current, a netlist is given
        without cards or is no subcircuit with these nodes, or what `sense` refuses.

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
    check_column(cell, amplifier)
    if amplifier.clamp is not None:
        raise InputError(
            f"Amplifier {amplifier.name} senses the current of a clamped line, for which no deck is written; "
            "choose one that senses voltage, for example strongarm_45nm."
        )
    if sample is not None:
        instance("sample", sample, ColumnSample, "draw_column(...)")
    if cards is not None:
        instance("cards", cards, Cards, "find_cards()")
    if not isinstance(note, str):
        raise InputError(f"note must be a text; instead received {shown(note)}.")
    if isinstance(netlist, str) or not isinstance(netlist, Sequence):
        raise InputError(f"netlist must be a sequence of lines; instead received {shown(netlist)}.")
    if netlist:
        check_netlist(netlist, cards)
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
    swing = amplifier.output_swing_V * relative_supply(amplifier, cell.supply_V)
    shift = one.reference_deviate * sensing.reference_sigma_V
    lines = [
        *([remark(note)] if note else []),
        *_head(cell, amplifier, asked, pattern, kelvin, one, shift),
        remark("amplifier: transistors" if netlist else f"amplifier: its law, offset {number(offset)} V"),
        *([include(cards.path(CARD_MODEL))] if cards else []),
        *([include(cards.path(OTHER_MODEL))] if cards and netlist else []),
        f".temp {number(kelvin - ICE_POINT_K)}",
        options(TRANSISTOR_TOLERANCES if netlist else SHARP_TOLERANCES),
        *(netlist or comparator_subcircuit(amplifier, kelvin, offset_V=offset, supply_V=cell.supply_V)),
        *sources(cell, timing),
        *(transistor_amplifier(cell.supply_V, netlist, timing) if netlist else comparator(timing)),
        *bit_line(
            cell, "bl", pattern, one, current * one.relative_drive, "vdd", timing, kelvin, cards, segments
        ),
        *bit_line(cell, "low", lower, nominal, current, "vref", timing, kelvin, cards, segments),
        *bit_line(cell, "high", upper, nominal, current, "vref", timing, kelvin, cards, segments),
        # The reference columns carry the input load of their own amplifier, as the sensed one does.
        f"clow low 0 {number(amplifier.input_capacitance_F)}",
        f"chigh high 0 {number(amplifier.input_capacitance_F)}",
        *reference(cell, share, shift, sensing.reference_V, current, segments, ideal=not netlist),
        f".tran {number(LONGEST_STEP_S)} {number(timing.end_s)} 0 {number(LONGEST_STEP_S)}",
        *measurements(swing, timing, asked),
        *([measure("amplifier_energy", span("integ v(amppower)", timing))] if netlist else []),
    ]
    state = "nominal" if sample is None else "sampled"
    title = f"{asked.name} of pattern {pattern} on cell {cell.name}, {state} column"
    return Deck(title, tuple(lines))


def _asked(operation: str, pattern: str) -> Operation:
    if not isinstance(pattern, str) or not pattern or set(pattern) - {"0", "1"}:
        raise InputError(
            f"pattern must be a word of zeros and ones, one for each row, such as 01; instead received "
            f"{shown(pattern)}."
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
        grow_s=strobe + amplifier.intercept_at_s(sensing.temperature_K, cell.supply_V) + extra,
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
    shift: float,
) -> list[str]:
    return [
        remark(
            f"device {cell.device.name}, cell {cell.name}, amplifier {amplifier.name}, {temperature_K:g} K"
        ),
        remark(f"right answer {asked.answer(pattern)}"),
        remark(f"relative resistance of the cells {_listed(one.relative_resistance)}"),
        remark(f"relative magnetoresistance {_listed(one.relative_magnetoresistance)}"),
        remark(f"threshold shift of the read transistors {_listed(one.access_threshold_V)} V"),
        remark(f"relative read current {number(one.relative_drive)}, reference shift {number(shift)} V"),
        remark(f"Transistor cards are named, not held here. {HOW_TO_GET}"),
    ]


def _listed(values: tuple[float, ...]) -> str:
    return " ".join(number(value) for value in values)
