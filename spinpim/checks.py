"""Checks of single arguments, each told in the same kind of sentence."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from spinpim.errors import InputError

LARGEST_SEED = 2**63 - 1
LARGEST = int(sys.float_info.max)
STATES = ("P", "AP")


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Return a whole number within limits.

    Raises
    ------
    InputError
        If it is a bool, not a whole number, or outside ``low`` to ``high``.

    Examples
    --------
    >>> whole("trials", 3, 1)
    3
    """
    sound = isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)
    if not sound or value < low or (high is not None and value > high):
        limits = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise InputError(f"{name} must be a whole number {limits}; instead received {value!r:.60}.")
    return int(value)


def seed_address(seed: Any) -> int:
    """Return the seed if it addresses a stream: a whole number from 0 to 2^63 - 1."""
    return whole("seed", seed, 0, LARGEST_SEED)


def finite(
    name: str, value: Any, low: float | None = None, high: float | None = None, *, above: float | None = None
) -> float:
    """Return a finite number; ``low`` and ``high`` are allowed, ``above`` is not.

    Raises
    ------
    InputError
        If it is not a real number, not finite, or outside the limits.

    Examples
    --------
    >>> finite("width_s", 1e-9, above=0.0)
    1e-09
    """
    sound = isinstance(value, int | float | np.integer | np.floating) and not isinstance(
        value, bool | np.bool_
    )
    if sound:
        # A Python integer may be larger than any float.
        sound = abs(value) <= LARGEST if isinstance(value, int) else math.isfinite(value)
    if sound:
        too_low = (low is not None and value < low) or (above is not None and value <= above)
        sound = not (too_low or (high is not None and value > high))
    if not sound:
        limits = [f"at least {low:g}"] if low is not None else []
        limits += [f"above {above:g}"] if above is not None else []
        limits += [f"at most {high:g}"] if high is not None else []
        wanted = " and ".join(["finite", *limits])
        raise InputError(f"{name} must be a number, {wanted}; instead received {value!r:.60}.")
    return float(value)


def state(name: str, value: Any) -> str:
    """Return "P" or "AP".

    Raises
    ------
    InputError
        If it is neither.
    """
    if value not in STATES:
        raise InputError(f"{name} must be 'P' (data 0) or 'AP' (data 1); instead received {value!r:.60}.")
    return str(value)
