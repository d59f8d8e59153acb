"""The sub-array out of transistors and wires against NVSim, given its own inputs; and what each responds to.

Both follow the same published methods: agreement says that they are computed alike, not that silicon agrees.

Where the environment variable SPINPIM_NVSIM names the program, it runs in this run; else the table stored
with it stands in. `python3 -c "import v30_nvsim; v30_nvsim.store()"` renews that table.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nvsim import FLAVOURS, Case, program, simulated
from rows import Row, report

from spinpim import Cell, Device, SenseAmp, sense
from spinpim.array.periphery.gates import drain_F, gate_F, resistance_n_ohm
from spinpim.array.periphery.lines import ReadColumn, current_read, voltage_read
from spinpim.array.periphery.process import Process, process
from spinpim.array.periphery.strips import latch, switches
from spinpim.array.periphery.sub_array import CellLoad, Plan, Sensed, Written, checked, sub_array_figures

STORED = Path(__file__).with_suffix(".json")
TOLERANCE = 0.25
ASPECT, CELL_F2, ACCESS_F = 1.34, 69.0, 8.0
READ_POWER_W, WRITE_J, PULSE_S = 30e-6, 0.1e-12, 1e-9
CONVERTER = {
    65: (0.62e-9, 90.0e-15, 25.7e-9),
    45: (0.80e-9, 102.6e-15, 4.41e-9),
    32: (1.07e-9, 125.6e-15, 125.4e-9),
    22: (1.45e-9, 150.0e-15, 150.0e-9),
}
"""NVSim's current-to-voltage converter by node: delay [s], energy [J], leakage [W]."""
CONVERTER_F2 = 50_000.0
"""Area of the converter in F^2."""

CURRENT = {"mode": "current", "read_V": 0.25, "signal_V": 0.025}
CASES = (
    Case(),
    Case(rows=1024, columns=1024),
    Case(rows=256, columns=128),
    Case(mux=8),
    Case(node_nm=65),
    Case(node_nm=32),
    Case(node_nm=22),
    Case(read_V=0.25),
    Case(read_V=0.8),
    Case(low_ohm=1e4, high_ohm=5e4, signal_V=0.02),
    Case(**CURRENT),
    Case(rows=1024, columns=1024, **CURRENT),
    Case(mux=8, **CURRENT),
    Case(flavour="low_operating_power", **CURRENT),
    Case(flavour="low_standby_power", **CURRENT),
)
MAIN = (Case(), Case(**CURRENT))
FEW = ("area", "read delay", "write delay", "read energy", "write energy", "leakage")
PARTS = (
    "decoder delay",
    "bit line delay",
    "amplifier delay",
    "precharge delay",
    "decoder energy",
    "amplifier energy",
    "precharge energy",
)
SCALES = {"area": (1e12, "um2"), "delay": (1e12, "ps"), "energy": (1e12, "pJ"), "leakage": (1e3, "mW")}

REASONS = {
    "area": "no white space beside the predecoders, which NVSim leaves along a whole side",
    "predecoder delay": "lines along the rows and their gates; NVSim's pass all strips, without gates",
    "row decoder delay": "the same chain by logical effort",
    "bit line delay": "the same closed form",
    "amplifier delay": "the same latch, and NVSim's converter",
    "precharge delay": "the ramp of the driver here, that of one more inverter there",
    "predecoder energy": "as its delay; the converters of the current mode make NVSim's lines twice as long",
    "row decoder energy": "one row switches in both",
    "amplifier energy": "the same latch, and NVSim's converter",
    "precharge energy": "the same gates",
    "read delay": "sum of the above",
    "write delay": "decoder and pulse; NVSim takes the switches of a mux instead where they are slower",
    "read energy": "NVSim drives decoders of multiplexers that a mux of 1 does not have",
    "write energy": "the same lines and cell",
    "leakage": "the drivers of the predecoded lines, as their delay",
}
"""Where ours differs, and why."""

SWEEP = {
    "half the resistance": (0.5, 1.0, 1.0),
    "half the magnetoresistance": (1.0, 0.5, 1.0),
    "0.7 of the read voltage or current": (1.0, 1.0, 0.7),
}
"""Factors of resistance, magnetoresistance, and reading voltage or current."""
RESPONSE = 0.015
"""Largest change of read delay or energy that counts as no response."""

Values = dict[str, float]


def compare() -> list[Row]:
    """Every case within a quarter of NVSim; and who responds to the cell."""
    stored = None if program() else json.loads(STORED.read_text())
    print("NVSim of this run\n" if stored is None else "stored results of NVSim\n")

    def theirs(case: Case) -> Values:
        return _with_decoder(simulated(case) if stored is None else stored[case.name])

    rows = []
    for case in CASES:
        mine, other = ours(case), theirs(case)
        for what in (*PARTS, *FEW) if case in MAIN else FEW:
            if other[what] > 0.0:
                scale, unit = SCALES[what.split()[-1]]
                rows.append(_row(f"{_title(case)}: {what} [{unit}]", scale * mine[what], scale * other[what]))
    _print_reasons(theirs)
    return rows + responses(theirs)


def ours(case: Case, *, gates_leak: bool = False) -> Values:
    """The same figures of our sub-array, sensed by the closed forms with NVSim's constants.

    NVSim knows no leakage through gates.
    """
    node = f"cmos_{case.node_nm}nm"
    leaky = process(node, flavour=case.flavour, temperature_K=350.0, wires="aggressive")
    cmos = leaky if gates_leak else dataclasses.replace(leaky, gate_leakage_A_per_m=0.0)
    cell, access = _cell(cmos, case), resistance_n_ohm(cmos, ACCESS_F * cmos.feature_m)
    pitch = case.mux * cell.column_pitch_m
    amplifier = latch(cmos, case.columns // case.mux, pitch, case.signal_V)
    mux = switches(cmos, case.columns, case.mux, case.low_ohm, amplifier.input_F)
    line_m = case.rows * cell.row_pitch_m
    line_F = line_m * cmos.local.capacitance_F_per_m + case.rows * cell.drain_F
    ends_F = 2.0 * cell.drain_F + mux.drain_F * (case.mux + 1 if case.mux > 1 else 0)
    column = ReadColumn(
        low_ohm=case.low_ohm + access,
        high_ohm=case.high_ohm + access,
        read_V=case.read_V,
        signal_V=case.signal_V,
        line_F=line_F,
        line_ohm=line_m * cmos.local.resistance_ohm_per_m,
        end_F=ends_F + (amplifier.input_F if case.mux > 1 else 0.0),
        supply_V=cmos.supply_V,
    )
    read = voltage_read(column) if case.mode == "voltage" else current_read(column, mux.ohm)
    count = case.columns // case.mux
    converter = CONVERTER[case.node_nm] if case.mode == "current" else (0.0, 0.0, 0.0)
    converter_m2 = CONVERTER_F2 * cmos.feature_m**2 if case.mode == "current" else 0.0
    amplifier_s = amplifier.block.delay_s + converter[0]
    amplifier_J = amplifier.block.energy_J / count + converter[1]
    sensed = Sensed(
        delay_s=read.delay_s + amplifier_s,
        # In NVSim cell and reference draw current while the amplifier works, not while the line moves.
        column_J=amplifier_J + 2.0 * READ_POWER_W * amplifier_s,
        line_J=read.line_J,
        shared_J=0.0,
        amplifier_area_m2=amplifier.block.area_m2 / count + converter_m2,
        amplifier_leakage_W=amplifier.block.leakage_W / count + converter[2],
        amplifier_F=amplifier.input_F,
    )
    written = Written(WRITE_J + (line_F + ends_F) * cmos.supply_V**2, PULSE_S)
    plan = checked(Plan(case.rows, case.columns, case.mux, addresses=1, places=0))
    one = sub_array_figures(cmos, plan, cell, sensed, written)
    return _with_decoder(
        {
            "area": one.area_m2,
            "predecoder delay": one.delay_split_s["decoding"],
            "row decoder delay": one.delay_split_s["word lines"],
            "bit line delay": read.delay_s,
            "amplifier delay": amplifier_s,
            "precharge delay": one.precharge_s,
            "read delay": one.read_delay_s,
            "write delay": one.write_delay_s,
            "predecoder energy": one.energy_split_J["decoding"],
            "row decoder energy": one.energy_split_J["word lines"],
            "amplifier energy": count * amplifier_J,
            "precharge energy": one.energy_split_J["precharge"],
            "read energy": one.read_energy_J,
            "write energy": one.write_energy_J,
            "leakage": one.leakage_W,
            "cell current while the line moves": count * read.cell_J,
        }
    )


def responses(theirs: Any) -> list[Row]:
    """How read delay and energy change with the cell: ours by ``sense``, NVSim's in both modes."""
    base = {"current": Case(**CURRENT), "voltage": Case(signal_V=0.005)}
    print("| change | ours by sense: delay, energy | NVSim current mode | NVSim voltage mode |")
    print("| --- | --- | --- | --- |")
    responding, unmoved = 0, 0.0
    for what, factors in SWEEP.items():
        mine = _changes(_sensed(1.0, 1.0, 1.0), _sensed(*factors))
        found = {
            mode: _changes(_read(theirs(case)), _read(theirs(_varied(case, *factors))))
            for mode, case in base.items()
        }
        responding += max(map(abs, mine)) > RESPONSE
        unmoved = max(unmoved, *map(abs, found["current"]))
        cells = (mine, found["current"], found["voltage"])
        print(f"| {what} | " + " | ".join(f"{100 * d:+.1f} %, {100 * e:+.1f} %" for d, e in cells) + " |")
    print()
    return [
        Row("changes of the cell to which ours responds", responding, len(SWEEP), 0.0),
        Row("largest response of NVSim's current mode", unmoved, 0.0, RESPONSE),
    ]


def store() -> None:
    """Run NVSim for every case and keep its figures."""
    cases = [*CASES, *(_varied(case, *factors) for case in _bases() for factors in _factors())]
    figures = {case.name: simulated(case) for case in cases}
    STORED.write_text(json.dumps(figures, indent=1) + "\n")


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Ratio of every figure."""
    ratios = [row.ours / row.expected for row in rows if row.expected > 0.0 and row.tolerance > 0.0]
    axes.plot(ratios, "o", ms=3, color="0.3")
    axes.axhspan(1.0 - TOLERANCE, 1.0 + TOLERANCE, color="0.9")
    axes.set(xlabel="figure", ylabel="ours / NVSim")


def _bases() -> tuple[Case, Case]:
    return Case(**CURRENT), Case(signal_V=0.005)


def _factors() -> list[tuple[float, float, float]]:
    return [(1.0, 1.0, 1.0), *SWEEP.values()]


def _cell(cmos: Process, case: Case) -> CellLoad:
    across = (CELL_F2 / ASPECT) ** 0.5 * cmos.feature_m
    width = ACCESS_F * cmos.feature_m
    return CellLoad(
        row_pitch_m=ASPECT * across,
        column_pitch_m=across,
        read_gate_F=gate_F(cmos, width),
        write_gate_F=0.0,
        drain_F=0.5 * drain_F(cmos, width, across),
        low_ohm=case.low_ohm,
        read_word_line_V=cmos.supply_V,
        write_word_line_V=cmos.supply_V,
        write_current_A=0.0,
        assist_word_line_V=0.0,
    )


def _varied(case: Case, resistance: float, ratio: float, voltage: float) -> Case:
    low = resistance * case.low_ohm
    high = low * (1.0 + ratio * (case.high_ohm / case.low_ohm - 1.0))
    return dataclasses.replace(case, low_ohm=low, high_ohm=high, read_V=voltage * case.read_V)


def _sensed(resistance: float, ratio: float, current: float) -> tuple[float, float]:
    device = Device.load("perpendicular_memory_60nm")
    device = device.replace(
        resistance_area_product_ohm_m2=resistance * device.resistance_area_product_ohm_m2,
        tunnel_magnetoresistance=ratio * device.tunnel_magnetoresistance,
    )
    cell = Cell.load("2t1r_45nm", device=device).replace(bit_line_cells=512)
    cell = cell.replace(read_current_per_row_A=current * cell.read_current_per_row_A)
    found = sense(cell, SenseAmp.load("strongarm_45nm"), operation="AND", rows=2)
    return found.delay_s, found.energy_J


def _read(figures: Values) -> tuple[float, float]:
    return figures["read delay"], figures["read energy"]


def _changes(base: tuple[float, float], changed: tuple[float, float]) -> tuple[float, float]:
    delay, energy = (new / old - 1.0 for new, old in zip(changed, base, strict=True))
    return delay, energy


def _row(what: str, mine: float, other: float) -> Row:
    return Row(what, mine, other, TOLERANCE * other)


def _title(case: Case) -> str:
    cell = f", {1e-3 * case.low_ohm:g}/{1e-3 * case.high_ohm:g} kohm" if case.low_ohm != Case.low_ohm else ""
    return (
        f"{case.rows}x{case.columns} mux {case.mux}, {case.node_nm} nm {FLAVOURS[case.flavour]}, "
        f"{case.mode} {case.read_V:g} V{cell}"
    )


def _with_decoder(figures: Values) -> Values:
    """Predecoder and row decoder together."""
    both = {
        f"decoder {of}": figures[f"predecoder {of}"] + figures[f"row decoder {of}"]
        for of in ("delay", "energy")
    }
    return {**figures, **both}


def _print_reasons(theirs: Any) -> None:
    """Where and why the figures differ, part by part, in both modes."""
    voltage, current = ((ours(case), theirs(case)) for case in MAIN)
    print("| ours / NVSim, 512x256 at 45 nm | voltage mode | current mode | why |\n| --- | --- | --- | --- |")
    for what, reason in REASONS.items():
        ratios = [mine[what] / other[what] for mine, other in (voltage, current)]
        print(f"| {what} | {ratios[0]:.3f} | {ratios[1]:.3f} | {reason} |")
    moving = [
        (mine["read energy"] + mine["cell current while the line moves"]) / other["read energy"]
        for mine, other in (voltage, current)
    ]
    print(
        f"| read energy with the cell current while the line moves | {moving[0]:.3f} | {moving[1]:.3f} | "
        "NVSim counts it only while the amplifier works; so do the rows below |"
    )
    for flavour in FLAVOURS:
        case = Case(flavour=flavour, **CURRENT)
        ratio = ours(case, gates_leak=True)["leakage"] / theirs(case)["leakage"]
        print(f"| leakage with that of gates, {flavour.replace('_', ' ')} | | {ratio:.3f} | NVSim has none |")
    print()


if __name__ == "__main__":
    report("v30_nvsim", compare, draw)
