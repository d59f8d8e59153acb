"""Sampled columns of transistors in ngspice: right answers, and decision times against the law."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim import Cell, Device, SenseAmp
from spinpim.circuit.levels import at_reference, levels
from spinpim.circuit.spice.amplifier_bench import Point
from spinpim.circuit.spice.amplifier_measure import offsets_V
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit, transistors
from spinpim.circuit.spice.cards import find_cards
from spinpim.circuit.spice.column import column_deck
from spinpim.circuit.spice.ngspice import run_ngspice
from spinpim.circuit.spice.sample import draw_column, draw_threshold_shifts_V

PATTERNS = ("00", "01", "10", "11")
KELVIN = 300.15
"""27 degC, at which the cards hold."""
SEGMENTS, STEP_S = 4, 5e-12
FloatArray = NDArray[np.float64]


class Sampled(NamedTuple):
    """Right answers out of all, and relative differences of the decision times from their laws by pattern."""

    right: int
    asked: int
    differences: dict[str, FloatArray]


def low_line_cell() -> Cell:
    """The shipped cell."""
    return Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))


def high_line_cell() -> Cell:
    """A cell with lines at 0.65 to 0.95 V, where a latch is not refused; its figures are assumed."""
    device = Device.load("perpendicular_memory_60nm")
    device = device.replace(tunnel_magnetoresistance=1.0, half_bias_voltage_V=1.0)
    cell = Cell.load("2t1r_45nm", device=device)
    return cell.replace(
        read_word_line_V=1.8,
        read_current_per_row_A=62e-6,
        source_headroom_V=0.02,
        read_transistor=dataclasses.replace(cell.read_transistor, width_m=2e-6),
    )


def sampled(
    cell: Cell, amplifier: SenseAmp, samples: int, seed: int, patterns: Sequence[str] = PATTERNS
) -> Sampled:
    """AND of two rows on so many columns of a population, amplifier and read transistors on the cards."""
    cards = find_cards()
    shifts = [draw_threshold_shifts_V(amplifier, seed=seed, sample=sample) for sample in range(samples)]
    right, differences = 0, {}
    known: dict[float, FloatArray] = {}
    for pattern in patterns:
        decks = [
            column_deck(
                cell,
                amplifier,
                pattern=pattern,
                temperature_K=KELVIN,
                sample=draw_column(cell, 2, seed=seed, sample=sample),
                cards=cards,
                netlist=amplifier_subcircuit(amplifier, shifts[sample]),
                segments=SEGMENTS,
                longest_step_s=STEP_S,
            )
            for sample in range(samples)
        ]
        with ThreadPoolExecutor(2) as pool:
            found = [one.values for one in pool.map(run_ngspice, decks)]
        right += sum(one["answer"] == float(pattern == "11") for one in found)
        level = float(np.mean([one["level"] - 0.5 * one["margin"] for one in found]))
        # Nodes behind a clamp are at the level of their bench; 10 mV of other inputs move no offset by 2 %.
        place = 0.0 if amplifier.clamp is not None else round(level, 2)
        if place not in known:
            known[place] = column_offsets_V(cell, amplifier, shifts, place)
        laws = laws_s(amplifier, found, known[place])
        differences[pattern] = np.array([one["decision"] for one in found]) / laws - 1.0
    return Sampled(right, samples * len(patterns), differences)


def laws_s(amplifier: SenseAmp, found: Sequence[dict[str, float]], offset_V: FloatArray) -> FloatArray:
    """Decision times by the law from the inputs and offsets that the transistors of each column have [s]."""
    common = [one["level"] - 0.5 * one["margin"] for one in found]
    inputs = np.array([one.get("stored_margin", one["margin"]) for one in found]) - offset_V
    cycle = amplifier.cancellation
    stored = 0.0 if cycle is None else cycle.extra_time_s - cycle.amplify_s
    times = [
        amplifier.decision_time_s(float(one), KELVIN, common_mode_V=place) - stored
        for one, place in zip(inputs, common, strict=True)
    ]
    return np.array(times)


def column_offsets_V(
    cell: Cell, amplifier: SenseAmp, shifts: Sequence[dict[str, float]], common_mode_V: float
) -> FloatArray:
    """Offsets of amplifiers at the inputs that their margins are measured at [V].

    That of a comparator behind a clamp is taken at its nodes, where the mismatch of clamp and mirror is
    already in the margin. What a cancelled amplifier keeps of its thresholds moves a decision by less than
    a picosecond and is left out.
    """
    if amplifier.cancellation is not None:
        return np.full(len(shifts), amplifier.systematic_offset_V)
    point = Point(common_mode_V, amplifier.supply_V, KELVIN)
    if amplifier.clamp is None:
        return offsets_V(amplifier, shifts, point)
    biased = at_bench_current(cell, amplifier)
    places, pairs = transistors(amplifier), {pair.name for pair in amplifier.pairs}
    own = [{name: shift for name, shift in one.items() if places[name] in pairs} for one in shifts]
    return offsets_V(biased, own, point)


def at_bench_current(cell: Cell, amplifier: SenseAmp, rows: int = 2, threshold: int = 2) -> SenseAmp:
    """Clamped amplifier whose bench draws the current of the reference of an operation."""
    biased = at_reference(cell, amplifier, rows, threshold, KELVIN)
    assert biased.clamp is not None
    neighbours = levels(cell, biased, rows, KELVIN)[threshold - 1 : threshold + 1]
    current = float(np.mean([level.line_current_A for level in neighbours]))
    return amplifier.replace(clamp=dataclasses.replace(biased.clamp, nominal_current_A=current))
