"""Checks of single arguments, each told in the same kind of sentence."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

T = TypeVar("T")

LARGEST_SEED = 2**63 - 1
LARGEST = int(sys.float_info.max)
STATES = ("P", "AP")
COLDEST_K, HOTTEST_K = 200.0, 500.0
"""Temperatures at which transistors and junctions of a column are modelled."""


def shown(value: Any) -> str:
    """Return the start of what a value looks like, in one line, for a sentence.

    Examples
    --------
    >>> shown("a  text"), shown(10**5000)
    ("'a text'", 'a huge number')
    """
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        return "a huge number"
    return " ".join(text[:200].split())[:60]


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
        raise InputError(f"{name} must be a whole number {limits}; instead received {shown(value)}.")
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
    number = value if type(value) is float else _as_float(value)
    if (
        math.isfinite(number)
        and (low is None or number >= low)
        and (high is None or number <= high)
        and (above is None or number > above)
    ):
        return number
    wanted = _wanted(low, high, above)
    raise InputError(f"{name} must be a number, {wanted}; instead received {shown(value)}.")


def finite_array(
    name: str, value: Any, low: float | None = None, high: float | None = None, *, above: float | None = None
) -> NDArray[np.float64]:
    """Return an array of finite numbers, one or more; limits as in `finite`.

    Raises
    ------
    InputError
        If it is empty, holds what is no real number, or a number outside the limits.

    Examples
    --------
    >>> finite_array("width_s", [1e-9, 2e-9], above=0.0).shape
    (2,)
    """
    if is_number(value):
        return np.asarray(finite(name, value, low, high, above=above))
    try:
        given = np.asarray(value)
        if given.dtype.kind == "O" and all(is_number(one) for one in given.flat):
            given = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        given = np.empty(0)
    if given.size == 0 or given.dtype.kind not in "iuf":
        raise InputError(
            f"{name} must be one or more numbers, {_wanted(low, high, above)}; instead received "
            f"{shown(value)}."
        )
    numbers = given.astype(np.float64)
    sound = np.isfinite(numbers)
    for bound, inside in ((low, np.greater_equal), (high, np.less_equal), (above, np.greater)):
        if bound is not None:
            sound &= inside(numbers, bound)
    if not np.all(sound):
        raise InputError(
            f"{name} must be one or more numbers, {_wanted(low, high, above)}; instead it holds "
            f"{numbers[~sound].flat[0]}."
        )
    return numbers


def broadcast(arrays: Mapping[str, NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Return arrays of one shape out of arrays by name.

    Raises
    ------
    InputError
        If they do not broadcast against each other.

    Examples
    --------
    >>> [one.shape for one in broadcast({"width_s": np.ones((2, 1)), "current_A": np.ones(3)})]
    [(2, 3), (2, 3)]
    """
    try:
        return list(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InputError(f"The arrays must broadcast against each other; received {shapes}.") from None


def is_number(value: Any) -> bool:
    """Whether a value is a real number, not a bool."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(
        value, bool | np.bool_
    )


def column_temperature_K(value: Any) -> float:
    """Return a temperature at which columns are modelled, 200 to 500 K.

    Raises
    ------
    InputError
        If it is none.
    """
    if not (is_number(value) and COLDEST_K <= value <= HOTTEST_K):
        raise InputError(
            f"temperature_K must be a number in {COLDEST_K:g}..{HOTTEST_K:g} K (27 degC is 300 K); instead "
            f"received {shown(value)}."
        )
    return float(value)


def flag(name: str, value: Any) -> bool:
    """Return True or False.

    Raises
    ------
    InputError
        If it is neither.
    """
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} must be True or False; instead received {shown(value)}.")
    return bool(value)


def choice(name: str, value: Any, accepted: Sequence[str]) -> str:
    """Return a word out of those that are accepted.

    Raises
    ------
    InputError
        If it is another, or no word.
    """
    if not isinstance(value, str) or value not in accepted:
        raise InputError(f"{name} must be one of {', '.join(accepted)}; instead received {shown(value)}.")
    return value


def state(name: str, value: Any) -> str:
    """Return "P" or "AP".

    Raises
    ------
    InputError
        If it is neither.
    """
    if not isinstance(value, str) or value not in STATES:
        raise InputError(f"{name} must be 'P' (data 0) or 'AP' (data 1); instead received {shown(value)}.")
    return value


def instance(name: str, value: Any, kind: type, origin: str) -> None:
    """Refuse an argument of another kind; ``origin`` says where the right one comes from.

    Raises
    ------
    InputError
        If the kind is another.
    """
    if not isinstance(value, kind):
        raise InputError(
            f"{name} must come from {origin}; instead received the {type(value).__name__} {shown(value)}."
        )


def instances(name: str, value: Any, kind: type[T], origin: str) -> list[T]:
    """Return one or more things of a kind, given in any sequence of them.

    Raises
    ------
    InputError
        If it is no sequence, empty, or holds anything else.

    Examples
    --------
    >>> instances("names", ("one", "two"), str, "somewhere")
    ['one', 'two']
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise InputError(
            f"{name} must be a list, each from {origin}; "
            f"instead received the {type(value).__name__} {shown(value)}."
        )
    found = list(value)
    if not found:
        raise InputError(f"{name} is empty; give at least one.")
    for number, one in enumerate(found):
        instance(f"{name}[{number}]", one, kind, origin)
    return found


def _as_float(value: Any) -> float:
    """A real number as a float, NaN for anything else and for what no float reaches."""
    if not is_number(value) or (isinstance(value, int) and abs(value) > LARGEST):
        return math.nan
    return float(value)


def _wanted(low: float | None, high: float | None, above: float | None) -> str:
    limits = [f"at least {low:g}"] if low is not None else []
    limits += [f"above {above:g}"] if above is not None else []
    limits += [f"at most {high:g}"] if high is not None else []
    return " and ".join(["finite", *limits])
