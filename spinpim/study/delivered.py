"""Rates of errors that circuits and writes deliver, to set beside those that a network bears."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from spinpim.array import ArrayModel
from spinpim.circuit import Cell, SenseAmp
from spinpim.device import Device, write_error_rate
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.study.chain import MINIMUM_AMPLIFIER

WRITE_TRIALS = 10_000


class Delivered(NamedTuple):
    """Error rates of one cause [1]: the same at every access, and new at each; and of what they are."""

    name: str
    static: float
    temporal: float
    of: str


def arrays_to_compare(device: str, cell: str, amplifier: str) -> list[ArrayModel]:
    """Sub-arrays with the named amplifier, and with the smallest one; nothing is written wrongly in them.

    Raises
    ------
    InputError
        For every mistake in the names and files.

    Examples
    --------
    >>> found = arrays_to_compare("perpendicular_memory_60nm", "2t1r_45nm", "strongarm_45nm")
    >>> [one.amplifier.name for one in found]
    ['strongarm_45nm', 'strongarm_minimum_45nm']
    """
    cells = Cell.load(cell, device=Device.load(device))
    amplifiers = [SenseAmp.load(name) for name in dict.fromkeys((amplifier, MINIMUM_AMPLIFIER))]
    unused = Estimate.from_counts(0, 1)
    return [ArrayModel(cells, one, write=unused) for one in amplifiers]


def delivered_errors(arrays: Sequence[ArrayModel], seed: int) -> list[Delivered]:
    """Errors of the amplifiers of arrays, and of the writes of their device.

    Of an AND that of its worst pattern of digits. A weight that was written wrongly stays so, an activation
    is written at each use: a failed write is static and temporal.
    """
    found = [
        Delivered(
            array.amplifier.name,
            max(array.sensing.error_static.values()),
            max(array.sensing.error_temporal.values()),
            "worst pattern of an AND",
        )
        for array in arrays
    ]
    device = arrays[0].cell.device
    try:
        write = write_error_rate(device, seed=seed, trials=WRITE_TRIALS).conservative
    except InputError:
        # Deeper than a double reaches, or than a grid resolves: not to be seen in a figure either.
        return found
    return [*found, Delivered(f"writes of {device.name}", write, write, "written bits")]
