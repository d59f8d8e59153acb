"""Columns held by a clamp in ngspice: what the lines are at, and where the answers turn."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sampled_columns import KELVIN, SEGMENTS, STEP_S

from spinpim import Cell, SenseAmp
from spinpim.circuit.levels import at_reference, levels
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit
from spinpim.circuit.spice.cards import Cards
from spinpim.circuit.spice.column import column_deck
from spinpim.circuit.spice.deck import Deck
from spinpim.circuit.spice.ngspice import run_ngspice
from spinpim.circuit.spice.sample import nominal_column

OPERATIONS = {"AND": ("00", "01", "11"), "READ": ("0", "1"), "MAJ": ("000", "001", "011", "111")}
THRESHOLDS = {"AND": 2, "READ": 1, "MAJ": 2}
TURNING = (("AND", "01"), ("AND", "11"), ("READ", "0"), ("READ", "1"), ("MAJ", "001"), ("MAJ", "011"))
"""Patterns next to a reference."""
ROUNDS, WIDEST = 8, 2.0
Values = dict[str, float]


def settled_by_law(cell: Cell, amplifier: SenseAmp) -> Values:
    """Settled voltage and current of every line, as `sense` has them."""
    values = {}
    for operation, patterns in OPERATIONS.items():
        biased = at_reference(cell, amplifier, len(patterns[0]), THRESHOLDS[operation], KELVIN)
        found = levels(cell, biased, len(patterns[0]), KELVIN)
        for pattern in patterns:
            level = found[pattern.count("1")]
            name = _name(amplifier, operation, pattern, level.line_current_A)
            values[f"{name} line [mV]"] = 1e3 * level.line_V
            values[f"{name} current [uA]"] = 1e6 * level.line_current_A
    return values


def settled_in_ngspice(cell: Cell, amplifier: SenseAmp, cards: Cards) -> Values:
    """The same of transistors, as an operating point."""
    values = {}
    names = iter(settled_by_law(cell, amplifier))
    for operation, patterns in OPERATIONS.items():
        for pattern in patterns:
            deck = column_deck(
                cell,
                amplifier,
                pattern=pattern,
                operation=operation,
                temperature_K=KELVIN,
                cards=cards,
                netlist=amplifier_subcircuit(amplifier),
                segments=1,
            )
            found = run_ngspice(_at_rest(deck, cell), columns=("v(bl)", "v(carried)")).columns
            values[next(names)] = 1e3 * float(found["v(bl)"][0])
            values[next(names)] = 1e6 * float(found["v(carried)"][0])
    return values


def turning_by_law(cell: Cell, amplifier: SenseAmp, operation: str, pattern: str) -> float:
    """Factor on the resistance of every cell at which the law changes its answer, its decision left out."""
    low, high = 1.0 / WIDEST, WIDEST
    for _ in range(ROUNDS):
        middle = (low * high) ** 0.5
        if _answer(cell, amplifier, operation, pattern, middle, None):
            high = middle
        else:
            low = middle
    return float((low * high) ** 0.5)


def turns_within(
    cell: Cell,
    amplifier: SenseAmp,
    cards: Cards,
    share: float,
    patterns: Sequence[tuple[str, str]] = TURNING,
) -> int:
    """How many answers of transistors are on the right side of the law's turning points.

    Two for each pattern: with the logarithm of the resistance of its cells a share short of the turning
    point, and a share beyond it.
    """
    right = 0
    for operation, pattern in patterns:
        turning = turning_by_law(cell, amplifier, operation, pattern)
        before = _answer(cell, amplifier, operation, pattern, turning ** (1.0 - share), cards)
        beyond = _answer(cell, amplifier, operation, pattern, turning ** (1.0 + share), cards)
        right += (before != (turning > 1.0)) + (beyond == (turning > 1.0))
    return right


def _answer(
    cell: Cell, amplifier: SenseAmp, operation: str, pattern: str, resistance: float, cards: Cards | None
) -> bool:
    rows = len(pattern)
    deck = column_deck(
        cell,
        amplifier,
        pattern=pattern,
        operation=operation,
        temperature_K=KELVIN,
        sample=dataclasses.replace(nominal_column(rows), relative_resistance=(resistance,) * rows),
        cards=cards,
        netlist=amplifier_subcircuit(amplifier) if cards else (),
        segments=SEGMENTS,
        longest_step_s=STEP_S,
    )
    # Near the turning point a decision takes longer than the deck: its sign is there, its time is not.
    lines = tuple(line for line in deck.lines if not line.startswith(".meas tran decision"))
    return run_ngspice(Deck(deck.title, lines)).values["answer"] == 1.0


def _at_rest(deck: Deck, cell: Cell) -> Deck:
    """Operating point with the word line open and before the enable."""
    fixed = {"vword": f"vword wl 0 {cell.read_word_line_V}", "vhold": "vhold hold 0 0.0"}
    fixed["venable"] = "venable enable 0 0.0"
    lines = [line for line in deck.lines if not line.startswith((".tran", ".meas"))]
    return Deck(deck.title, (*(fixed.get(line.split()[0], line) for line in lines), ".op"))


def _name(amplifier: SenseAmp, operation: str, pattern: str, current_A: float) -> str:
    """Kind of the figure first: the law of the line is not fitted below the range of the clamp."""
    assert amplifier.clamp is not None
    kind = "clamp" if current_A >= amplifier.clamp.lowest_current_A else "underrange"
    return f"{kind} {operation} {pattern}"
