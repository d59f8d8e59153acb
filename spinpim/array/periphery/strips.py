"""What stands at the end of the bit lines, one strip below the other, each as wide as the columns allow."""

from __future__ import annotations

import math
from typing import NamedTuple

from spinpim.array.periphery.drivers import driver
from spinpim.array.periphery.gates import (
    Block,
    drain_F,
    gate_F,
    inverter_leakage_W,
    outline,
    resistance_n_ohm,
    resistance_p_ohm,
    switching_delay,
)
from spinpim.array.periphery.process import Process

_PRECHARGE_WIDTH = 4.0
"""Width of a precharge device over the smallest."""

_LEAST_SWITCH_WIDTH = 6.0
"""Width of a column switch over the smallest, at least."""

_SWITCH_SHARE = 0.2
"""Share of the resistance of a cell that its column switch may have."""

_LATCH_WIDTHS = {"pull_up": 7.5, "pull_down": 3.75, "isolation": 12.5, "enable": 5.0, "switch": 9.0}
"""Widths of a latch amplifier in units of F, as in CACTI 6.5."""

_SETTLING = 2.3
"""Time constants in which a node settles to 10 %."""


class Switches(NamedTuple):
    """Column switches: what they take, and resistance [ohm] and drain [F] of one."""

    block: Block
    ohm: float
    drain_F: float


class Latch(NamedTuple):
    """A latch amplifier: what all take, one input's capacitance [F]."""

    block: Block
    input_F: float


def precharge(cmos: Process, columns: int, column_pitch_m: float, line_F: float, line_ohm: float) -> Block:
    """Precharge and equalisation of every bit line, and the driver of their gates.

    ``delay_s`` is that of the precharge after its start; it happens between accesses. The charge of the lines
    is counted where they move.
    """
    small, wide = cmos.smallest_m, _PRECHARGE_WIDTH * cmos.smallest_m
    small_p, height = cmos.width_ratio * small, cmos.gate_height_m
    inverter_F = gate_F(cmos, small + small_p)
    per_column_F = inverter_F + column_pitch_m * cmos.local.capacitance_F_per_m
    chain = driver(cmos, inputs=1, load_F=columns * per_column_F).block
    gates_F = gate_F(cmos, small + 2.0 * wide) + drain_F(cmos, small, height) + drain_F(cmos, small_p, height)
    ohm = resistance_p_ohm(cmos, wide)
    tau = (
        ohm * (line_F + drain_F(cmos, wide, height) + drain_F(cmos, small, height)) + 0.5 * line_ohm * line_F
    )
    delay, ramp = switching_delay(tau, 1.0 / (ohm * cmos.transconductance_p_S_per_m * wide), chain.ramp_s)
    charger, equaliser = outline(cmos, 1, 0.0, wide, height), outline(cmos, 1, 0.0, small, height)
    inverter = outline(cmos, 1, small, small_p, height)
    leakage = inverter_leakage_W(cmos, small, small_p) + cmos.supply_V * cmos.off_p_A_per_m * wide
    return Block(
        max(columns * max(2.0 * charger[0] + equaliser[0], inverter[0]), chain.width_m),
        max(max(charger[1], equaliser[1]) + inverter[1], chain.height_m),
        delay,
        chain.energy_J + columns * gates_F * cmos.supply_V**2,
        chain.leakage_W + columns * leakage,
        ramp,
    )


def switches(cmos: Process, columns: int, ways: int, cell_ohm: float, amplifier_F: float) -> Switches:
    """Column switches that connect one of ``ways`` bit lines to each amplifier; none for one way.

    Each is as wide as keeps its resistance to a fifth of that of the cell, within the widths of the file.
    """
    if ways == 1:
        return Switches(Block(), 0.0, 0.0)
    wanted = cmos.resistance_n_ohm_m / (_SWITCH_SHARE * cell_ohm)
    width_m = max(min(wanted, cmos.largest_m), _LEAST_SWITCH_WIDTH * cmos.smallest_m)
    one_F, ohm = drain_F(cmos, width_m, cmos.gate_height_m), resistance_n_ohm(cmos, width_m)
    wide, high = outline(cmos, 1, width_m, 0.0, cmos.gate_height_m)
    # A pass gate stops a threshold below the supply; the node behind it moves no further than that.
    energy = columns // ways * (ways * one_F + amplifier_F) * cmos.supply_V**2
    select = driver(cmos, inputs=1, load_F=columns // ways * gate_F(cmos, width_m)).block
    block = Block(
        columns * wide,
        high,
        _SETTLING * ohm * (ways * one_F + amplifier_F),
        energy + select.energy_J,
        ways * select.leakage_W,
    )
    return Switches(block, ohm, one_F)


def latch(cmos: Process, count: int, pitch_m: float, signal_V: float) -> Latch:
    r"""Latch amplifiers of CACTI's sizes: for comparison with models that have no law of their amplifier.

    .. math:: t = \frac{C}{g_m} \ln \frac{V_{dd}}{V_s}
    """
    width = {name: share * cmos.feature_m for name, share in _LATCH_WIDTHS.items()}
    input_F = gate_F(cmos, width["pull_up"] + width["pull_down"]) + math.fsum(
        drain_F(cmos, width[name], pitch_m) for name in ("pull_down", "pull_up", "isolation", "switch")
    )
    gain = (
        cmos.transconductance_n_S_per_m * width["pull_down"]
        + cmos.transconductance_p_S_per_m * width["pull_up"]
    )
    # The devices lie on their side: folded along the pitch, stacked across it.
    stack = 0.0
    widest = 0.0
    for name, number in (("pull_up", 2), ("isolation", 1), ("pull_down", 2), ("enable", 1)):
        across, along = outline(cmos, 1, 0.0, width[name], pitch_m)
        stack, widest = stack + number * across, max(widest, along)
    stack += 4.0 * cmos.active_gap_m + cmos.well_gap_m
    block = Block(
        count * pitch_m,
        stack * widest / pitch_m,
        input_F / gain * math.log(cmos.supply_V / signal_V),
        count * input_F * cmos.supply_V**2,
        count * cmos.supply_V * cmos.off_n_A_per_m * width["enable"],
    )
    return Latch(block, input_F)


def write_drivers(cmos: Process, columns: int, column_pitch_m: float, current_A: float) -> Block:
    """Two-way drivers at both ends of a write line, each wide enough for twice the current.

    Only area and leakage: the energy of a write is that of the cell's write path.
    """
    width_m = 2.0 * current_A / cmos.on_n_A_per_m
    pitch = max(column_pitch_m, 8.0 * cmos.feature_m)
    wide, high = outline(cmos, 1, width_m, cmos.width_ratio * width_m, cmos.gate_height_m)
    leakage = inverter_leakage_W(cmos, width_m, cmos.width_ratio * width_m)
    return Block(columns * column_pitch_m, 2.0 * wide * high / pitch, 0.0, 0.0, 2.0 * columns * leakage)
