"""What it takes to keep digits in cells of the memory, and to have them back."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.array.model import ArrayModel
from spinpim.checks import finite, whole
from spinpim.device import retention_s

PLACE_BITS = 48
"""Number of the image and of the operation."""
CHECK_BITS = 32
"""Of a cyclic redundancy check over all that is kept."""
RECORD_BITS = PLACE_BITS + CHECK_BITS


@dataclass(frozen=True, slots=True)
class Keeping:
    """Prices of keeping digits in cells like those of the memory.

    Attributes
    ----------
    write_J, read_J : float
        Of one digit [J].
    select_J : float
        Of choosing a row for a write [J].
    row_write_s, row_read_s : float
        Of a row [s].
    columns : int
        Digits of a row.
    write_error : float
        Probability that a digit is not written [1].
    loss_Hz : float
        Rate at which a cell flips by itself [1/s].
    sums_kept : bool
        Whether the accumulators of the array keep their sums already, at the price of each operation.
    """

    write_J: float
    read_J: float
    select_J: float
    row_write_s: float
    row_read_s: float
    columns: int
    write_error: float
    loss_Hz: float = 0.0
    sums_kept: bool = False

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("write_J", "read_J", "select_J", "row_write_s", "row_read_s", "loss_Hz"):
            finite(name, getattr(self, name), 0.0, 1e12)
        whole("columns", self.columns, 1, 10**9)
        finite("write_error", self.write_error, 0.0, 1.0)

    def rewritten(self, times: int) -> tuple[float, float, float]:
        r"""Writes of a digit, writes of a row, and its readings back, when wrong digits are written again.

        .. math:: \sum_{k=0}^{n} p^k, \qquad 1 + \sum_{k=1}^{n} q_k, \qquad \sum_{k=0}^{n-1} q_k,
                  \qquad q_0 = 1, \; q_k = 1 - (1 - p^k)^C

        Parameters
        ----------
        times : int
            How often a row may be read back and written again, n.

        Examples
        --------
        >>> Keeping(1e-13, 1e-14, 0.0, 1e-9, 1e-9, 100, write_error=1e-3).rewritten(0)
        (1.0, 1.0, 0.0)
        """
        p = self.write_error
        row_wrong = [1.0] + [-math.expm1(self.columns * _log_right(p**k)) for k in range(1, times + 1)]
        return math.fsum(p**k for k in range(times + 1)), math.fsum(row_wrong), math.fsum(row_wrong[:times])

    def wrong_digit(self, times: int) -> float:
        """Probability that a digit is wrong after so many further writes [1]."""
        return float(self.write_error ** (times + 1))

    def save(self, digits: float, rows: float, times: int) -> tuple[float, float]:
        """Energy [J] and time [s] of writing digits, in rows one after the other."""
        digit_writes, row_writes, readings = self.rewritten(times)
        energy_J = digits * (digit_writes * self.write_J + readings * self.read_J)
        energy_J += rows * row_writes * self.select_J
        return energy_J, rows * (row_writes * self.row_write_s + readings * self.row_read_s)

    def restore(self, digits: float) -> tuple[float, float]:
        """Energy [J] and time [s] of reading digits back, row after row."""
        return digits * self.read_J, math.ceil(digits / self.columns) * self.row_read_s


def keeping_of(array: ArrayModel) -> Keeping:
    """Prices of the cells of an array, its write error at the conservative value, and its retention."""
    prices = array.prices()
    kept_s = retention_s(array.cell.device)
    return Keeping(
        write_J=prices.write_energy_J,
        read_J=prices.sense_energy_J,
        select_J=prices.row_write_select_J,
        row_write_s=prices.row_write_s,
        row_read_s=prices.row_cycle_s,
        columns=array.columns,
        write_error=array.write.conservative,
        loss_Hz=0.0 if kept_s == math.inf else 1.0 / kept_s,
        sums_kept=array.technology.counter.sums_kept == "each_addition",
    )


def _log_right(wrong: float) -> float:
    return math.log1p(-wrong) if wrong < 1.0 else -math.inf
