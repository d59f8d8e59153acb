"""Factors of an array file on what the models give."""

from __future__ import annotations

from typing import NamedTuple

from spinpim.array.periphery.gates import Factors
from spinpim.params.array_file import ArrayFile


class Calibrated(NamedTuple):
    """Factors on sensing and writing [1], and on what surrounds the cells."""

    sensing_energy: float = 1.0
    sensing_delay: float = 1.0
    write_energy: float = 1.0
    periphery: Factors = Factors()


def calibrated(technology: ArrayFile) -> Calibrated:
    """Factors of a file; all 1 where it has none.

    Examples
    --------
    >>> from spinpim.params.array_file import load_array
    >>> from spinpim.params.changed_numbers import at_band
    >>> calibrated(at_band(load_array("array_45nm"), "high")).periphery.energy
    1.25
    """
    given = technology.calibration
    if given is None:
        return Calibrated()
    return Calibrated(
        given.sensing_energy.si,
        given.sensing_delay.si,
        given.write_energy.si,
        Factors(
            given.periphery_energy.si,
            given.periphery_delay.si,
            given.periphery_area.si,
            given.periphery_leakage.si,
        ),
    )
