"""Sensing errors with single causes left out, to tell what each of them costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.array.fault_kinds import ColumnErrors, check_sensing
from spinpim.array.protection import Majority
from spinpim.checks import flag
from spinpim.circuit.sensing import Sensing
from spinpim.circuit.voted_errors import voted_errors

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SensingParts:
    """Errors of a sensing by those of its causes that are wanted; for ``Faults(columns=...)``.

    Attributes
    ----------
    sensing : Sensing
        All of them.
    columns : bool
        Whether amplifier, drive and reference differ from column to column; False: all are nominal.
    cells : bool
        Whether pairs of cells of a column differ for good; False: all answer as most pairs of it do. Noise
        keeps the rate that it has with them.
    noise : bool
        Whether accesses are noisy.

    Raises
    ------
    InputError
        If an attribute is of another kind.

    Examples
    --------
    >>> from spinpim.circuit import Cell, SenseAmp, sense
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> sensing = sense(cell, SenseAmp.load("strongarm_minimum_45nm"))
    >>> fixed, temporal = SensingParts(sensing, cells=False).column_errors(np.array([[9.0, 0.0, 0.0]]))
    >>> fixed.tolist(), bool(temporal[0, 3] > 0.0)
    ([[0.0, 0.0, 0.0, 1.0]], True)
    """

    sensing: ColumnErrors
    columns: bool = True
    cells: bool = True
    noise: bool = True

    def __post_init__(self) -> None:
        """Check what was given."""
        check_sensing("sensing", self.sensing)
        for name in ("columns", "cells", "noise"):
            object.__setattr__(self, name, flag(name, getattr(self, name)))

    def column_errors(self, standard_normals: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Fixed and temporal error probabilities (columns, 4), as of ``Sensing.column_errors``."""
        fixed, temporal = self.sensing.column_errors(self._drawn(standard_normals))
        if not self.cells:
            fixed = np.where(np.asarray(fixed) > 0.5, 1.0, 0.0)
        return fixed, temporal if self.noise else np.zeros_like(temporal)

    def voted_errors(self, standard_normals: FloatArray) -> FloatArray:
        """Temporal error probabilities of a vote of three accesses (columns, 4).

        Of a ``Sensing`` with its cells in mind, of anything else as if accesses were independent.
        """
        if self.noise and isinstance(self.sensing, Sensing):
            return voted_errors(self.sensing, self._drawn(standard_normals))
        return Majority().residual(self.column_errors(standard_normals)[1])

    def _drawn(self, standard_normals: FloatArray) -> FloatArray:
        return standard_normals if self.columns else np.zeros_like(standard_normals)
