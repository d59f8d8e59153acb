"""Figures that were found at one node, carried to another."""

from __future__ import annotations

from typing import NamedTuple

from spinpim.array.periphery.adders import full_adder
from spinpim.array.periphery.process import Process


class Scale(NamedTuple):
    """Factors on energy, area and leakage of digital circuits [1]."""

    energy: float = 1.0
    area: float = 1.0
    leakage: float = 1.0


def scale(cmos: Process, reference: Process) -> Scale:
    """How digital circuits change from one process to another: as a full adder does.

    Parameters
    ----------
    cmos, reference : Process
        Where figures are wanted, and where they hold.

    Examples
    --------
    >>> from spinpim.array.periphery.process import process
    >>> scale(process("cmos_45nm"), process("cmos_45nm"))
    Scale(energy=1.0, area=1.0, leakage=1.0)
    >>> round(scale(process("cmos_22nm"), process("cmos_45nm")).area, 3)  # (22/45)^2
    0.239
    """
    here, there = full_adder(cmos), full_adder(reference)
    return Scale(
        here.energy_J / there.energy_J, here.area_m2 / there.area_m2, here.leakage_W / there.leakage_W
    )
