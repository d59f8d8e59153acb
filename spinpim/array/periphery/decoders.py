"""From an address to one line of many: predecoders of three bits, NANDs that join them, drivers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from spinpim.array.periphery.drivers import Driver, driver, nand_input_F
from spinpim.array.periphery.gates import Block
from spinpim.array.periphery.process import Process

_GROUP_BITS = 3
"""Address bits that one NAND takes."""

_DIRECT_LINES = 8
"""Lines up to which one predecoder chooses alone."""


class Line(NamedTuple):
    """A line to drive: capacitance [F] and resistance [ohm], distributed."""

    load_F: float
    load_ohm: float


class Decoder(NamedTuple):
    """Predecoders for an address; and for each kind of line the gates with drivers, one to a line."""

    predecoder: Block
    drivers: tuple[Block, ...]


def decoder(cmos: Process, lines: int, kinds: Sequence[Line], *, across_F: float) -> Decoder:
    """Decoder of so many rows, each with a driver for one or more kinds of lines.

    Parameters
    ----------
    cmos : Process
        Transistors.
    lines : int
        Rows to choose one of.
    kinds : sequence of Line
        Lines of a row, for example the word lines for reading and for writing.
    across_F : float
        Wire of a predecoded line along the gates of all rows [F]; their inputs are added.

    Notes
    -----
    The address, which steps, is split in two halves and these in groups of two or three bits. A half whose
    groups are more than one joins them by NANDs before its lines run along the decoder. 2^18 lines at most;
    energy is that of one change of the address in which every group changes its line.
    """
    bits = max(0, lines - 1).bit_length()
    halves = (bits,) if lines <= _DIRECT_LINES else (bits - bits // 2, bits // 2)
    gates_F = len(kinds) * nand_input_F(cmos, len(halves))
    if len(halves) == 1:
        gates_F = sum(driver(cmos, inputs=1, load_F=kind.load_F).input_F for kind in kinds)
    parts = [_half(cmos, half, across_F + lines / 2**half * gates_F) for half in halves]
    ramp = min(part.ramp_s for part in parts)
    ends = [
        driver(cmos, inputs=len(halves), load_F=kind.load_F, load_ohm=kind.load_ohm, ramp_s=ramp)
        for kind in kinds
    ]
    slowest = max(parts, key=lambda part: part.delay_s)
    return Decoder(_beside(parts, slowest), tuple(_repeated(end, lines) for end in ends))


def _half(cmos: Process, bits: int, load_F: float) -> Block:
    """Choose one of 2^bits lines."""
    if bits == 0:
        return Block()
    groups = _groups(bits)
    if len(groups) == 1:
        return _one_group(cmos, bits, load_F)
    joining_F = nand_input_F(cmos, len(groups))
    first = [_one_group(cmos, group, 2 ** (bits - group) * joining_F) for group in groups]
    slowest = max(first, key=lambda part: part.delay_s)
    second = _repeated(driver(cmos, inputs=len(groups), load_F=load_F, ramp_s=slowest.ramp_s), 2**bits)
    return Block(
        max(part.width_m for part in first) + second.width_m,
        max(sum(part.height_m for part in first), second.height_m),
        slowest.delay_s + second.delay_s,
        sum(part.energy_J for part in first) + second.energy_J,
        sum(part.leakage_W for part in first) + second.leakage_W,
        second.ramp_s,
    )


def _groups(bits: int) -> tuple[int, ...]:
    """Bits in groups of three and two, as even as can be.

    Examples
    --------
    >>> _groups(1), _groups(4), _groups(5), _groups(9)
    ((1,), (2, 2), (3, 2), (3, 3, 3))
    """
    count = -(-bits // _GROUP_BITS)
    small, larger = divmod(bits, count)
    return (small + 1,) * larger + (small,) * (count - larger)


def _one_group(cmos: Process, bits: int, load_F: float) -> Block:
    return _repeated(driver(cmos, inputs=bits, load_F=load_F), 2**bits)


def _repeated(gate: Driver, count: int) -> Block:
    """So many gates above each other, of which one switches."""
    one = gate.block
    return Block(
        one.width_m, count * one.height_m, one.delay_s, one.energy_J, count * one.leakage_W, one.ramp_s
    )


def _beside(parts: list[Block], slowest: Block) -> Block:
    """Blocks side by side that work at the same time."""
    return Block(
        sum(part.width_m for part in parts),
        max(part.height_m for part in parts),
        slowest.delay_s,
        sum(part.energy_J for part in parts),
        sum(part.leakage_W for part in parts),
        slowest.ramp_s,
    )
