"""Cells that keep digits, written row by row while power lasts, and the time that power lasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spinpim.array.intermittency.keeping import Keeping
from spinpim.array.intermittency.replay.records import Digits


class PowerCutError(Exception):
    """Power has failed; everything that is not in cells is gone."""


class PowerWarningError(Exception):
    """Power will fail soon."""


@dataclass(slots=True)
class Power:
    """Time left until power fails, and until the warning of it.

    Attributes
    ----------
    left_s, warned_s : float
        Time left [s].
    """

    left_s: float
    warned_s: float

    def spend(self, time_s: float) -> None:
        """Let time pass.

        Raises
        ------
        PowerCutError
            If power fails meanwhile; ``left_s`` is then minus the time that was missing.
        """
        self.left_s -= time_s
        self.warned_s -= time_s
        if self.left_s < 0.0:
            raise PowerCutError


@dataclass(slots=True, eq=False)
class Cells:
    """Digits in cells, and what happens to them.

    Attributes
    ----------
    keeping : Keeping
        Times of rows and their width.
    power : Power
        While it lasts.
    random : Generator
        Of failing writes, and of digits that were being written when power failed.
    error : float
        Probability that a digit is not written [1].
    rewrites : int
        How often a row may be read back and written again.
    rows_written : int
        So far.
    """

    keeping: Keeping
    power: Power
    random: np.random.Generator
    error: float
    rewrites: int
    rows_written: int = 0

    def write(self, cells: Digits, digits: Digits, *, at_once: bool = False) -> None:
        """Write digits into cells, row after row, or all at once.

        Raises
        ------
        PowerCutError
            If power fails meanwhile: of the digits of that row, each is old or new.
        """
        width = max(1, cells.size) if at_once else self.keeping.columns
        for start in range(0, cells.size, width):
            row = slice(start, start + width)
            self._write_row(cells[row], digits[row])

    def read(self, rows: int) -> None:
        """Let the time of reading rows pass."""
        self.power.spend(rows * self.keeping.row_read_s)

    def _write_row(self, cells: Digits, digits: Digits) -> None:
        due = np.ones(cells.size, bool)
        for time in range(self.rewrites + 1):
            self.rows_written += 1
            try:
                self.power.spend(self.keeping.row_write_s)
            except PowerCutError:
                due &= self.random.random(cells.size) < 0.5
                cells[due] = digits[due]
                raise
            if self.error:
                due &= self.random.random(cells.size) >= self.error
            cells[due] = digits[due]
            if time == self.rewrites:
                return
            self.read(1)
            due = cells != digits
            if not due.any():
                return
