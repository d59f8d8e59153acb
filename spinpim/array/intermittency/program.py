"""What the events work on, as plain numbers and arrays by name."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.columns import NAMES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Supply(NamedTuple):
    """Times [s], one more than powers, and powers between them [W]; at the end it begins anew.

    Nothing is done at once beyond ``until_s``.
    """

    edges_s: FloatArray
    power_W: FloatArray
    until_s: float = math.inf


class Store(NamedTuple):
    """The capacitor: energies at its voltages [J], time of forgetting [s], efficiencies [1].

    ``warning_J`` is where the memory is told that power will fail; with ``off_J`` it is told nothing.
    """

    on_J: float
    off_J: float
    top_J: float
    warning_J: float
    forgetting_s: float
    charging: float
    supplying: float


class Program(NamedTuple):
    """An image as blocks of alike operations, and what keeping it takes; arrays have one number per block.

    Attributes
    ----------
    counts : array of int64
        Operations.
    energy_J, time_s : arrays
        Of one operation, without what it writes for keeping [J], [s].
    through_J, through_s : arrays
        What each operation writes into cells at once, apart from saves [J], [s].
    every : array of int64
        Operations between saves; 0: none in this block.
    save_J, save_s : arrays
        Of one save [J], [s].
    end_J, end_s : arrays
        Of the save that ends the block, where there are saves; for the last block, of that of the image [J],
        [s], whose results are handed on then, and never restored.
    digits : array
        Digits that an operation hands on, on average [1].
    digits_before : array
        Those that all blocks before have handed on [1].
    record_digits : array
        Digits of the record of a save: place, check digits, sums that are not complete [1].
    snapshot_J, snapshot_s : arrays
        Of a save upon a warning, without digits handed on [J], [s].
    restore_J, restore_s : arrays
        Of reading the records of a place in the block [J], [s].
    restore_digit_J, restore_digit_s : float
        What each digit handed on before that place adds to a restore, which checks it [J], [s].
    snapshot_digit_J, snapshot_digit_s : float
        What each digit handed on since the last save adds to a save upon a warning [J], [s].
    end_every : int
        Images after which their results are kept; 0: nothing is ever kept.
    wrong_digit : float
        Probability that a digit lies wrongly in its cell after a save [1].
    loss_Hz : float
        Rate at which a digit in a cell flips by itself [1/s].
    wake_J, wake_s : float
        Of waking up [J], [s].
    """

    counts: IntArray
    energy_J: FloatArray
    time_s: FloatArray
    through_J: FloatArray
    through_s: FloatArray
    every: IntArray
    save_J: FloatArray
    save_s: FloatArray
    end_J: FloatArray
    end_s: FloatArray
    digits: FloatArray
    digits_before: FloatArray
    record_digits: FloatArray
    snapshot_J: FloatArray
    snapshot_s: FloatArray
    restore_J: FloatArray
    restore_s: FloatArray
    restore_digit_J: float
    restore_digit_s: float
    snapshot_digit_J: float
    snapshot_digit_s: float
    end_every: int
    wrong_digit: float
    loss_Hz: float
    wake_J: float
    wake_s: float


class Packed(NamedTuple):
    """A program for compiled code: one table, since each array of an argument costs at each call."""

    table: FloatArray
    restore_digit_J: float
    restore_digit_s: float
    snapshot_digit_J: float
    snapshot_digit_s: float
    end_every: int
    wrong_digit: float
    loss_Hz: float
    wake_J: float
    wake_s: float


def packed(program: Program) -> Packed:
    """One table of a program's arrays, a row for each block, with its single numbers."""
    table = np.stack([np.asarray(getattr(program, name), np.float64) for name in NAMES], axis=1)
    return Packed(table, *(getattr(program, name) for name in Packed._fields[1:]))
