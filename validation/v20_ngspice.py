"""The circuit layer against ngspice: node voltages, clamp, bit line, macrospin, sensed columns.

Where ngspice or the FreePDK45 cards are not installed, the table that was stored with them stands in; only
the sensed columns are then left out. `python3 -c "import v20_ngspice; v20_ngspice.store()"` renews it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from clamped_columns import (
    OPERATIONS,
    TURNING,
    settled_by_law,
    settled_in_ngspice,
    turns_within,
)
from rows import Row, report
from sampled_columns import KELVIN, PATTERNS, STEP_S, high_line_cell, low_line_cell, sampled

from spinpim import Cell, Device, Pulse, SenseAmp, sense
from spinpim.circuit.bitline import line_settling, settling_time_s
from spinpim.circuit.read_path import line_voltage
from spinpim.circuit.spice.access import CARD_MODEL, behavioural_transistor, card_transistor
from spinpim.circuit.spice.cards import Cards, find_cards
from spinpim.circuit.spice.column import column_deck
from spinpim.circuit.spice.deck import (
    SHARP_TOLERANCES,
    Deck,
    include,
    measure,
    number,
    options,
    piecewise_linear,
)
from spinpim.circuit.spice.junction import junction_element
from spinpim.circuit.spice.ladder import ladder
from spinpim.circuit.spice.macrospin import LONGEST_STEP_S, macrospin_subcircuit
from spinpim.circuit.spice.ngspice import ngspice_version, run_ngspice
from spinpim.device.dynamics.deterministic import zero_temperature_path
from spinpim.errors import InputError
from spinpim.storage import replace_path

STORED = Path(__file__).with_suffix(".json")
CURRENT_A = 26e-6
RATIOS = (0.03, 0.3, 1.5)
CELL_OHM, LINE_F, SEGMENTS = 3333.0, 30e-15, 128
START = np.array([0.08, 0.06, math.sqrt(0.99)])
EVERY_TORQUE = {
    "stt_asymmetry": 0.3,
    "stt_field_like_ratio": 0.2,
    "second_order_anisotropy_J_per_m2": 4e-5,
    "demagnetising_off_diagonal": (0.004, 0.002, -0.003),
    "external_field_T": (0.02, -0.005, 0.01),
}
SAMPLES, SEED = 20, 20
CLAMP, CANCELLED = "current_clamp_45nm", "strongarm_cancelled_45nm"
TURNING_SHARE = 0.05
Values = dict[str, float]


def compare() -> list[Row]:
    """Own models against a simulation of this run, or against the stored one."""
    own, cards = own_values(), _installed()
    if cards is None:
        stored = json.loads(STORED.read_text())
        print(f"stored results of ngspice {stored['ngspice']}, cards {stored['cards']}\n")
        return _rows(own, stored["values"])
    print(f"ngspice {ngspice_version()}, cards {cards.sha256}\n")
    return _rows(own, simulated_values(cards)) + column_rows()


def tolerance(what: str, value: float) -> float:
    """Largest difference by the kind of the figure."""
    relative = {"line": 1e-6, "card": 0.01, "ladder": 0.01, "reversal": 1e-3}
    # The clamp's law is fitted in its range of currents; below, READ of a 1 lies 12 mV too low.
    relative |= {"clamp": 0.015, "underrange": 0.06}
    return 1e-3 if what.startswith("final") else relative[what.split(" ")[0]] * abs(value)


def own_values() -> Values:
    """What this package says."""
    values: Values = {}
    cell = low_line_cell()
    for pattern in PATTERNS:
        states = np.array([float(state) for state in pattern])
        level = 1e3 * float(line_voltage(cell.read_path(KELVIN), states, CURRENT_A)[0])
        values[f"line {pattern} [mV]"] = values[f"card {pattern} [mV]"] = level
    for ratio in RATIOS:
        settling = line_settling(1e-6, CELL_OHM, wire_F=LINE_F, wire_ohm=ratio * CELL_OHM)
        values[f"ladder {ratio} [ps]"] = 1e12 * settling_time_s(settling, math.exp(-1.0))
    for name, (device, pulse) in writes().items():
        time = np.linspace(0.0, pulse.duration_s, 40_001)
        values |= _reversal(name, time, zero_temperature_path(device, pulse, time, start=START))
    return values | settled_by_law(cell, SenseAmp.load(CLAMP))


def simulated_values(cards: Cards) -> Values:
    """The same out of ngspice."""
    values: Values = {}
    for pattern in PATTERNS:
        values[f"line {pattern} [mV]"] = _simulated_level_mV(pattern, None)
        values[f"card {pattern} [mV]"] = _simulated_level_mV(pattern, cards)
    for ratio in RATIOS:
        values[f"ladder {ratio} [ps]"] = _simulated_ladder_ps(ratio * CELL_OHM)
    for name, (device, pulse) in writes().items():
        values |= _reversal(name, *_simulated_path(device, pulse))
    return values | settled_in_ngspice(low_line_cell(), SenseAmp.load(CLAMP), cards)


def column_rows() -> list[Row]:
    """Columns by the laws against `sense`, and sampled ones of transistors by the laws; needs ngspice."""
    rows, low = [], low_line_cell()
    for name, operations in (("strongarm_45nm", ("AND",)), (CLAMP, tuple(OPERATIONS)), (CANCELLED, ("AND",))):
        for operation in operations:
            rows += law_rows(low, SenseAmp.load(name), operation)
    latch = SenseAmp.load("latch_45nm").replace(area_scale=1.0)
    rows += law_rows(high_line_cell(), latch, "AND")
    clamped = SenseAmp.load(CLAMP)
    right = turns_within(low, clamped, find_cards(), TURNING_SHARE)
    what = f"{CLAMP}: answers {100 * TURNING_SHARE:g} % before and beyond the turning point of the law"
    rows.append(Row(what, right, 2 * len(TURNING), 0))
    for name in ("strongarm_45nm", CLAMP, CANCELLED):
        rows += transistor_rows(low, SenseAmp.load(name))
    return rows + transistor_rows(high_line_cell(), latch)


def law_rows(cell: Cell, amplifier: SenseAmp, operation: str) -> list[Row]:
    """Nominal columns by the laws against `sense`."""
    rows, patterns = [], OPERATIONS[operation]
    sensing = sense(cell, amplifier, operation=operation, rows=len(patterns[0]))
    cycle = amplifier.cancellation
    stored = 0.0 if cycle is None else cycle.extra_time_s - cycle.amplify_s
    for pattern in patterns:
        deck = column_deck(
            cell, amplifier, pattern=pattern, operation=operation, segments=16, longest_step_s=STEP_S
        )
        found = run_ngspice(deck).values
        ours = 1e3 * (sensing.levels_V[pattern] - sensing.reference_V)
        what = f"{amplifier.name} {operation} {pattern}"
        allowed = 0.003 * abs(ours)
        rows.append(Row(f"{what}: margin [mV]", ours, 1e3 * found["margin"], allowed))
        compared = found.get("stored_margin", found["margin"])
        law = 1e12 * (amplifier.decision_time_s(compared, sensing.temperature_K) - stored)
        rows.append(Row(f"{what}: decision [ps]", law, 1e12 * found["decision"], 0.01 * law))
    return rows


def transistor_rows(cell: Cell, amplifier: SenseAmp) -> list[Row]:
    """Sampled columns whose amplifier and access devices are transistors: answers and decision times."""
    found = sampled(cell, amplifier, SAMPLES, SEED)
    what = f"{amplifier.name}: right answers of {SAMPLES} transistor-level samples, four patterns"
    rows = [Row(what, found.right, found.asked, 0)]
    differences = found.differences
    if amplifier.cancellation is not None:
        # Its law is the mean of both answers, which differ by what its two unequal nodes do to a decision.
        zeros = [pattern for pattern in PATTERNS if pattern != "11"]
        differences = {
            f"{pattern} and 11": 0.5 * (differences[pattern] + differences["11"]) for pattern in zeros
        }
    for pattern, one in differences.items():
        worst = float(one[np.argmax(np.abs(one))])
        what = f"{amplifier.name}: largest difference from the decision law, samples of {pattern} [%]"
        rows.append(Row(what, 100.0 * worst, 0.0, 10.0))
    return rows


def writes() -> dict[str, tuple[Device, Pulse]]:
    """Channel alone with a field along it; channel, junction and every torque."""
    device = Device.load("perpendicular_memory_60nm")
    alone = Pulse.rectangle(
        sot_current_A=300e-6, width_s=0.5e-9, rise_time_s=0.1e-9, fall_time_s=0.1e-9, settle_time_s=2e-9
    )
    return {
        "SOT": (device.replace(external_field_T=(0.05, 0.0, 0.0)), alone),
        "SOT+STT+VCMA": (device.replace(**EVERY_TORQUE), device.write_pulse("AP")),
    }


def store() -> None:
    """Write the table beside this script, with the version of ngspice and the hashes of the cards."""
    cards = find_cards()
    table = {"ngspice": ngspice_version(), "cards": cards.sha256, "values": simulated_values(cards)}
    with replace_path(STORED) as temporary:
        temporary.write_text(json.dumps(table, indent=2) + "\n")


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Difference over tolerance, row by row."""
    shown = [row for row in rows if row.tolerance > 0.0]
    axes.barh(
        [row.what for row in shown], [(row.ours - row.expected) / row.tolerance for row in shown], color="0.5"
    )
    axes.axvline(-1.0, color="0.8")
    axes.axvline(1.0, color="0.8")
    axes.set(xlabel="difference / tolerance")
    axes.tick_params(axis="y", labelsize=5)


def _rows(own: Values, expected: Values) -> list[Row]:
    return [Row(what, own[what], value, tolerance(what, value)) for what, value in expected.items()]


def _installed() -> Cards | None:
    try:
        return find_cards() if ngspice_version() else None
    except InputError:
        return None


def _simulated_level_mV(pattern: str, cards: Cards | None) -> float:
    cell = low_line_cell()
    lines = [f"i1 0 line {number(CURRENT_A)}", f"vw wl 0 {number(cell.read_word_line_V)}"]
    lines += [include(cards.path(CARD_MODEL))] if cards else []
    for row, state in enumerate(pattern):
        place = (f"a{row}", "line", "wl", f"top{row}", cell.read_transistor)
        lines += card_transistor(*place) if cards else behavioural_transistor(*place, KELVIN)
        cosine = "-1.0" if state == "1" else "1.0"
        lines.append(
            junction_element(
                f"j{row}", f"free{row}", f"top{row}", cell.device, cosine=cosine, temperature_K=KELVIN
            )
        )
        lines.append(f"rs{row} free{row} 0 {number(cell.series_resistance_ohm)}")
    lines += [options({**SHARP_TOLERANCES, "gmin": 1e-15}), ".temp 27.0", ".op"]
    found = run_ngspice(Deck(f"level {pattern}", tuple(lines)), columns=("v(line)",))
    return 1e3 * float(found.columns["v(line)"][0])


def _simulated_ladder_ps(wire_ohm: float) -> float:
    settled = 1e-6 * (CELL_OHM + wire_ohm)
    lines = (
        "i1 0 near PWL(0.0 0.0 1e-15 1e-06)",
        *ladder("line", "near", "far", resistance_ohm=wire_ohm, capacitance_F=LINE_F, segments=SEGMENTS),
        f"rcell far 0 {number(CELL_OHM)}",
        options(),
        ".tran 2e-13 4e-10 0 2e-13",
        measure("rise", f"when v(near)={number((1.0 - math.exp(-1.0)) * settled)} rise=1"),
    )
    return 1e12 * run_ngspice(Deck("ladder", lines)).values["rise"]


def _simulated_path(device: Device, pulse: Pulse) -> tuple[np.ndarray, np.ndarray]:
    along_V = pulse.sot_current_A * device.channel_resistance_ohm
    start = " ".join(f"{key}={number(part)}" for key, part in zip(("x0", "y0", "z0"), START, strict=True))
    lines = (
        *macrospin_subcircuit(device),
        "vchannel plus 0 " + piecewise_linear(zip(pulse.time_s, along_V, strict=True)),
        "vjunction free 0 " + piecewise_linear(zip(pulse.time_s, pulse.mtj_voltage_V, strict=True)),
        f"x1 plus 0 free 0 mx my mz macrospin {start}",
        options(),
        f".tran {number(LONGEST_STEP_S)} {number(pulse.duration_s)} 0 {number(LONGEST_STEP_S)}",
    )
    found = run_ngspice(Deck("write", lines), columns=("v(mx)", "v(my)", "v(mz)")).columns
    return found["time"], np.stack([found["v(mx)"], found["v(my)"], found["v(mz)"]], axis=1)


def _reversal(name: str, time_s: np.ndarray, path: np.ndarray) -> Values:
    """First zero of m_z, and the last direction."""
    at = int(np.flatnonzero(np.diff(np.sign(path[:, 2])))[0])
    share = path[at, 2] / (path[at, 2] - path[at + 1, 2])
    crossing = time_s[at] + share * (time_s[at + 1] - time_s[at])
    final = {f"final {axis} {name}": float(part) for axis, part in zip("xyz", path[-1], strict=True)}
    return {f"reversal {name} [ps]": 1e12 * float(crossing), **final}


if __name__ == "__main__":
    report("v20_ngspice", compare, draw)
