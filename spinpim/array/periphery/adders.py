"""Counting ones and adding counts: full adders, registers, and adders that keep their sum without supply."""

from __future__ import annotations

from typing import NamedTuple

from spinpim.array.counting import count_bits, count_depth, full_adders
from spinpim.array.periphery.gates import (
    Block,
    drain_F,
    gate_F,
    inverter_leakage_W,
    resistance_n_ohm,
    switching_delay,
)
from spinpim.array.periphery.process import Process

_PAIRS = 14
"""Pairs of transistors in a mirror adder with both inverters, and in a flip-flop with its clock inverters."""

_CARRY_LOAD_PAIRS = 4
"""Pairs of gates on the sum or carry of an adder: one input of the next."""

_ACTIVITY = 0.5
"""How often a node of an adder switches per addition of random digits."""


class Adder(NamedTuple):
    """One full adder, or the flip-flop that holds its sum.

    Attributes
    ----------
    area_m2, delay_s, energy_J, leakage_W : float
        Area [m^2]; input to sum or carry [s]; energy per addition of random digits [J]; leakage [W].
    store_J, store_s : float
        To keep sum and carry without supply: energy [J] and time [s]; 0 where they are lost.
    """

    area_m2: float
    delay_s: float
    energy_J: float
    leakage_W: float
    store_J: float = 0.0
    store_s: float = 0.0


def full_adder(cmos: Process) -> Adder:
    """A mirror adder of 28 transistors: two in series for the carry, then an inverter that drives the next.

    References
    ----------
    J. M. Rabaey, A. Chandrakasan, B. Nikolic, Digital Integrated Circuits, 2nd ed. (Pearson, 2003), ch. 11.
    """
    small = cmos.smallest_m
    pair_m = (1.0 + cmos.width_ratio) * small
    height = cmos.gate_height_m
    drains_F = drain_F(cmos, small, height) + drain_F(cmos, cmos.width_ratio * small, height)
    # The carry stage is doubled in width, so that two in series are as strong as one.
    carry_F = 2.0 * drains_F + 2.0 * gate_F(cmos, pair_m)
    output_F = drains_F + _CARRY_LOAD_PAIRS * gate_F(cmos, pair_m)
    ohm = resistance_n_ohm(cmos, small)
    feedback = 1.0 / (ohm * cmos.transconductance_n_S_per_m * small)
    first, ramp = switching_delay(ohm * carry_F, feedback, 0.0)
    second, _ = switching_delay(ohm * output_F, feedback, ramp)
    switched_F = _PAIRS * (drains_F + gate_F(cmos, pair_m))
    leakage = 0.5 * _PAIRS * inverter_leakage_W(cmos, small, cmos.width_ratio * small)
    return Adder(_pairs_area_m2(cmos), first + second, _ACTIVITY * switched_F * cmos.supply_V**2, leakage)


def kept(adder: Adder, *, digit_write_J: float, write_time_s: float, cell_area_m2: float) -> Adder:
    """Give an adder two cells that keep sum and carry without supply.

    Each is written with the energy and in the time of a cell of the memory; both at once.
    """
    return adder._replace(
        area_m2=adder.area_m2 + 2.0 * cell_area_m2,
        store_J=2.0 * digit_write_J,
        store_s=write_time_s,
    )


def counter(cmos: Process, inputs: int, places: int, adder: Adder | None = None) -> Block:
    """Ones counter of so many inputs, and the adder with register that accumulates its counts, shifted.

    Parameters
    ----------
    cmos : Process
        Transistors.
    inputs : int
        Answers of one row operation.
    places : int
        Digits by which counts are shifted; the accumulator has as many more than the count.
    adder : Adder, optional
        Of the accumulator, instead of `full_adder`.

    Returns
    -------
    Block
        A square; ``delay_s`` is that of the counter, while the accumulator works on the last count.
    """
    # A flip-flop has as many transistors as an adder and switches as often.
    bit = full_adder(cmos)
    one = bit if adder is None else adder
    adders, wide = full_adders(inputs), count_bits(inputs) + places
    side = ((adders + wide) * bit.area_m2 + wide * one.area_m2) ** 0.5
    return Block(
        side,
        side,
        count_depth(inputs) * bit.delay_s,
        (adders + wide) * bit.energy_J + wide * one.energy_J,
        (adders + wide) * bit.leakage_W + wide * one.leakage_W,
    )


def _pairs_area_m2(cmos: Process) -> float:
    """A row of gates, each with a contact beside it, as high as a strip of gates [m^2]."""
    pitch = cmos.feature_m + cmos.contact_m + 2.0 * cmos.contact_gate_m
    return _PAIRS * pitch * cmos.gate_height_m
