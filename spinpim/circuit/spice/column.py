"""A sensed column as a deck: cells, bit line, reference columns, amplifier, measurements, all in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spinpim.checks import finite, instance, shown, whole
from spinpim.circuit.cell import Cell
from spinpim.circuit.levels import at_reference, levels
from spinpim.circuit.operations import Operation, find_operation
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import check_column
from spinpim.circuit.sensing import Sensing, sense
from spinpim.circuit.spice import column_clamped, column_voltage
from spinpim.circuit.spice.access import CARD_MODEL
from spinpim.circuit.spice.cards import HOW_TO_GET, Cards
from spinpim.circuit.spice.column_clamped import clamped_column
from spinpim.circuit.spice.column_lines import (
    EDGE_S,
    SOONEST_OPEN_S,
    Access,
    Timing,
    check_netlist,
    measurements,
    sources,
)
from spinpim.circuit.spice.column_voltage import voltage_column
from spinpim.circuit.spice.comparator import comparator_subcircuit
from spinpim.circuit.spice.deck import (
    SHARP_TOLERANCES,
    TRANSISTOR_TOLERANCES,
    Deck,
    include,
    number,
    options,
    remark,
)
from spinpim.circuit.spice.sample import ColumnSample, nominal_column
from spinpim.errors import InputError

SEGMENTS = 32
MOST_SEGMENTS = 1000
OTHER_MODEL = "PMOS_VTG"
LONGEST_STEP_S, COARSEST_STEP_S = 1e-12, 1e-11
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
    longest_step_s: float = LONGEST_STEP_S,
    note: str = "",
) -> Deck:
    """Deck of one access of one column.

    The cells are at the far end of the bit line, current source or clamp and amplifier at the near one. The
    reference is the weighted mean of two nominal columns at the levels that the operation tells apart,
    shifted by the deviation of the sample. The amplifier follows its law, see `comparator_subcircuit`, or is
    a netlist of transistors, whose reference has the impedance of a bit line and takes up the offset that
    every such amplifier has.

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        The column.
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
        which takes the place of the amplifier's law; its offset is then in its own thresholds. Of a clamped
        amplifier it holds clamp and mirror, too, and the comparator's inputs are its inner nodes
        ``node_plus`` and ``node_minus``.
    segments : int
        Sections of the bit line.
    longest_step_s : float
        Largest step of the analysis [s], up to 10 ps; 5 ps move the decision of transistors by 0.3 %.
    note : str
        A line for people at the head of the deck.

    Returns
    -------
    Deck
        With measurements ``level``, ``reference_level`` and ``margin`` at the strobe [V]; ``decision``, from
        the enable to the output swing that counts as decided [s]; ``answer``, 1 or 0 by the sign of the
        output; ``energy``, drawn by the sensed column until the end of the allotted time [J], and
        ``reference_energy``, the same of both reference columns, without amplifier and word lines;
        of a netlist also ``amplifier_energy``, from the strobe to that time, in a clamped one with the
        currents of its lines. A clamped column also has ``line`` [V] and ``line_current`` [A] at the strobe;
        its level is that of the node behind the clamp. An amplifier that stores its offset does so after
        the strobe, with its enable at the end, and has ``stored_margin``, the inputs at that time [V].

    Raises
    ------
    InputError
        If the pattern does not go with the operation, a netlist is given without cards or is no subcircuit
        with these nodes, or what `sense` refuses: the amplifier does not work on such a line.

    Notes
    -----
    The line is a ladder, the cells follow their whole characteristic: `sense` takes the modes of the line,
    bent by it, instead. Clamps of transistors are held at the voltage of the reference until the word
    line is open; see `column_clamped`. The reference columns of a latch carry a latch of their own, which
    pushes current into them while they rise, as into the sensed one.

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
    step = number(finite("longest_step_s", longest_step_s, above=0.0, high=COARSEST_STEP_S))
    check_column(cell, amplifier)
    if sample is not None:
        instance("sample", sample, ColumnSample, "draw_column(...)")
    if cards is not None:
        instance("cards", cards, Cards, "find_cards()")
    if not isinstance(note, str):
        raise InputError(f"note must be a text; instead received {shown(note)}.")
    if isinstance(netlist, str) or not isinstance(netlist, Sequence):
        raise InputError(f"netlist must be a sequence of lines; instead received {shown(netlist)}.")
    if netlist:
        check_netlist(netlist, cards, clamped=amplifier.clamp is not None)
    sensing = sense(cell, amplifier, operation=asked.name, rows=asked.rows, temperature_K=temperature_K)
    one = nominal_column(asked.rows) if sample is None else sample
    access = _access(cell, amplifier, asked, pattern, sensing, one, cards, segments, bool(netlist))
    offset = one.offset_deviate * sensing.offset_sigma_V[pattern]
    state = "nominal" if sample is None else "sampled"
    law = comparator_subcircuit(amplifier, access.temperature_K, offset_V=offset, supply_V=cell.supply_V)
    lines = [
        *([remark(note)] if note else []),
        *_head(access, asked),
        remark("amplifier: transistors" if netlist else f"amplifier: its law, offset {number(offset)} V"),
        *([include(cards.path(CARD_MODEL))] if cards else []),
        *([include(cards.path(OTHER_MODEL))] if cards and netlist else []),
        f".temp {number(access.temperature_K - ICE_POINT_K)}",
        options(TRANSISTOR_TOLERANCES if netlist else SHARP_TOLERANCES),
        *(netlist or law),
        *sources(cell, access.timing, cards),
        *_column(access, asked, netlist),
        f".tran {step} {number(access.timing.end_s)} 0 {step}",
    ]
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


def _access(
    cell: Cell,
    amplifier: SenseAmp,
    asked: Operation,
    pattern: str,
    sensing: Sensing,
    one: ColumnSample,
    cards: Cards | None,
    segments: int,
    transistors: bool,
) -> Access:
    threshold, kelvin = asked.thresholds[0], sensing.temperature_K
    lower, upper = ("1" * ones + "0" * (asked.rows - ones) for ones in (threshold - 1, threshold))
    biased = at_reference(cell, amplifier, asked.rows, threshold, kelvin)
    neighbours = levels(cell, biased, asked.rows, kelvin)[threshold - 1 : threshold + 1]
    step = sensing.levels_V[upper] - sensing.levels_V[lower]
    # The laws hold with the systematic offset taken up by the reference; transistors have it.
    taken_up = amplifier.systematic_offset_V if transistors else 0.0
    return Access(
        cell=cell,
        amplifier=biased,
        pattern=pattern,
        lower=lower,
        upper=upper,
        one=one,
        timing=_timing(cell, biased, sensing),
        temperature_K=kelvin,
        cards=cards,
        segments=segments,
        share=(sensing.reference_V - sensing.levels_V[lower]) / step,
        shift_V=one.reference_deviate * sensing.reference_sigma_V - taken_up,
        reference_A=float(np.mean([level.line_current_A for level in neighbours])),
        reference_ohm=float(np.mean([level.cells_V / level.line_current_A for level in neighbours])),
    )


def _column(access: Access, asked: Operation, netlist: Sequence[str]) -> list[str]:
    if access.amplifier.clamp is None:
        return [
            *voltage_column(access, netlist),
            *measurements(access, asked, *column_voltage.INPUTS),
        ]
    inputs = column_clamped.INNER_INPUTS if netlist else column_clamped.INPUTS
    return [*clamped_column(access, netlist), *measurements(access, asked, *inputs)]


def _timing(cell: Cell, amplifier: SenseAmp, sensing: Sensing) -> Timing:
    split, cycle = sensing.delay_split_s, amplifier.cancellation
    opened = max(split["access"], SOONEST_OPEN_S)
    strobe = opened + split["settling"]
    amplify = 0.0 if cycle is None else cycle.amplify_s
    extra = 0.0 if cycle is None else cycle.extra_time_s
    enable = strobe + extra - amplify
    return Timing(
        open_s=opened,
        strobe_s=strobe,
        enable_s=enable,
        grow_s=enable + amplify + amplifier.intercept_at_s(sensing.temperature_K, cell.supply_V),
        decided_s=strobe + split["decision"],
        end_s=strobe + extra + DECISIONS_WAITED * (split["decision"] - extra) + EDGE_S,
    )


def _head(access: Access, asked: Operation) -> list[str]:
    cell, one = access.cell, access.one
    return [
        remark(
            f"device {cell.device.name}, cell {cell.name}, amplifier {access.amplifier.name}, "
            f"{access.temperature_K:g} K"
        ),
        remark(f"right answer {asked.answer(access.pattern)}"),
        remark(f"relative resistance of the cells {_listed(one.relative_resistance)}"),
        remark(f"relative magnetoresistance {_listed(one.relative_magnetoresistance)}"),
        remark(f"threshold shift of the read transistors {_listed(one.access_threshold_V)} V"),
        remark(_drive(access)),
        remark(f"reference shift {number(access.shift_V)} V"),
        remark(f"Transistor cards are named, not held here. {HOW_TO_GET}"),
    ]


def _drive(access: Access) -> str:
    one = access.one
    if access.amplifier.clamp is None:
        return f"relative read current {number(one.relative_drive)}"
    deviates = f"{number(one.clamp_deviate)} and {number(one.load_deviate)}"
    return f"clamp and load by their laws {deviates} standard deviations off"


def _listed(values: tuple[float, ...]) -> str:
    return " ".join(number(value) for value in values)
