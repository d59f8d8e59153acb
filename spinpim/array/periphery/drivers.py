"""Inverters in a chain, each larger than the one before, behind an inverter or a NAND."""

from __future__ import annotations

import math
from typing import NamedTuple

from spinpim.array.periphery.gates import (
    Block,
    drain_F,
    folding_heights,
    gate_F,
    inverter_leakage_W,
    nand_leakage_W,
    outline,
    resistance_n_ohm,
    switching_delay,
)
from spinpim.array.periphery.process import Process

_STAGE_EFFORT = 4.0
"""Effort of a stage near the best of any chain."""


class Inverter(NamedTuple):
    """One inverter: width of its n-channel device [m], capacitance of input and output [F]."""

    width_n_m: float
    input_F: float
    output_F: float


class Driver(NamedTuple):
    """A gate with the chain behind it: input capacitance of one input [F], and what it takes."""

    input_F: float
    block: Block


def driver(
    cmos: Process,
    *,
    inputs: int,
    load_F: float,
    load_ohm: float = 0.0,
    ramp_s: float = 0.0,
) -> Driver:
    """A NAND (2 or 3 inputs) or nothing (1 input), and inverters behind it sized by logical effort.

    The number of inverters is odd: the output follows the AND of the inputs, or inverts the only one.

    Parameters
    ----------
    cmos : Process
        Transistors.
    inputs : int
        1, 2 or 3.
    load_F, load_ohm : float
        Line at the end, its capacitance and resistance distributed [F], [ohm].
    ramp_s : float
        Ramp of the input [s].

    References
    ----------
    I. Sutherland, B. Sproull, D. Harris, Logical Effort (Morgan Kaufmann, 1999).
    """
    ratio, smallest = cmos.width_ratio, cmos.smallest_m
    width_n, width_p = inputs * smallest, ratio * smallest
    input_F = nand_input_F(cmos, inputs)
    chain = _sized(cmos, (inputs + ratio) / (1.0 + ratio), input_F, load_F)
    delay = energy = leakage = width = height = 0.0
    ramp = ramp_s
    if inputs > 1:
        high_n, high_p = folding_heights(cmos, width_n, width_p)
        drains = drain_F(cmos, width_n, high_n, series=inputs) + drain_F(
            cmos, width_p, high_p, parallel=inputs
        )
        node_F = drains + chain[0].input_F
        stacked_ohm = inputs * resistance_n_ohm(cmos, width_n)
        delay, ramp = _stage(cmos, stacked_ohm, node_F, width_n, ramp)
        energy, leakage = node_F * cmos.supply_V**2, nand_leakage_W(cmos, inputs, width_n, width_p)
        width, height = outline(cmos, inputs, width_n, width_p, cmos.gate_height_m)
    following = [*(inverter.input_F for inverter in chain[1:]), load_F]
    for number, (inverter, next_F) in enumerate(zip(chain, following, strict=True), start=1):
        node_F = inverter.output_F + next_F
        line_s = 0.5 * load_ohm * load_F if number == len(chain) else 0.0
        ohm = resistance_n_ohm(cmos, inverter.width_n_m)
        stage_s, ramp = _stage(cmos, ohm, node_F, inverter.width_n_m, ramp, line_s)
        delay += stage_s
        energy += node_F * cmos.supply_V**2
        leakage += inverter_leakage_W(cmos, inverter.width_n_m, ratio * inverter.width_n_m)
        wide, high = outline(cmos, 1, inverter.width_n_m, ratio * inverter.width_n_m, cmos.gate_height_m)
        width, height = width + wide, max(height, high)
    return Driver(
        input_F if inputs > 1 else chain[0].input_F, Block(width, height, delay, energy, leakage, ramp)
    )


def nand_input_F(cmos: Process, inputs: int) -> float:
    """Capacitance of one input of the smallest NAND of 2 or 3 inputs [F]."""
    return gate_F(cmos, (inputs + cmos.width_ratio) * cmos.smallest_m)


def _stage(
    cmos: Process, ohm: float, load_F: float, width_n_m: float, ramp_s: float, line_s: float = 0.0
) -> tuple[float, float]:
    """Delay and ramp of a stage falling through its n-channel device; ``line_s`` is RC/2 of a line [s]."""
    feedback = 1.0 / (ohm * cmos.transconductance_n_S_per_m * width_n_m)
    return switching_delay(ohm * load_F + line_s, feedback, ramp_s)


def _sized(cmos: Process, logical_effort: float, input_F: float, load_F: float) -> list[Inverter]:
    """An odd number of inverters, the last one first in sizing, none outside the widths of the file."""
    path = max(1.0, logical_effort * load_F / input_F)
    count = max(0, round(math.log(path, _STAGE_EFFORT)) - 1)
    count += 1 - count % 2
    effort = path ** (1.0 / (count + 1))
    per_width_F = gate_F(cmos, 1.0 + cmos.width_ratio)
    width = max(cmos.smallest_m, load_F / effort / per_width_F)
    if width > cmos.largest_m:
        # The load is beyond the largest inverter; the stages before are sized to drive that one.
        width = cmos.largest_m
        effort = max(1.0, logical_effort * width * per_width_F / input_F) ** (1.0 / count)
    chain = []
    for _ in range(count):
        high_n, high_p = folding_heights(cmos, width, cmos.width_ratio * width)
        output_F = drain_F(cmos, width, high_n) + drain_F(cmos, cmos.width_ratio * width, high_p)
        chain.append(Inverter(width, width * per_width_F, output_F))
        width = max(cmos.smallest_m, width / effort)
    return chain[::-1]
