"""The ranges of the parameter files, which hold as well for numbers that a script gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spinpim.checks import finite, is_number
from spinpim.errors import InputError
from spinpim.params.amplifier_file import AmplifierFile
from spinpim.params.cell_file import CellFile
from spinpim.params.number import Expectation

CELL: Mapping[str, Expectation] = CellFile.expectations()
AMPLIFIER: Mapping[str, Expectation] = AmplifierFile.expectations()


def in_range(name: str, value: Any, key: str, expected: Expectation) -> float:
    """Return a number that the file would accept under a key.

    Parameters
    ----------
    name : str
        What the script calls it.
    value : float
        The number [SI].
    key : str
        Section and key of the file.
    expected : Expectation
        What the file expects there.

    Raises
    ------
    InputError
        If it is not a finite number, or outside the range of the file.

    Examples
    --------
    >>> in_range("access_time_s", 1e-10, "read.access_time", CELL["read.access_time"])
    1e-10
    """
    number = finite(name, value)
    if not expected.low <= number <= expected.high:
        raise InputError(f"{name} ({key} of a file) {expected.implausible(number, expected.unit, number)}")
    return number


def settle(
    owner: Any,
    keys: Mapping[str, str],
    ranges: Mapping[str, Expectation],
    *,
    of: str = "",
    absent: Mapping[str, float] | None = None,
) -> None:
    """Make floats of the attributes of a frozen value that are numbers of a file; refuse what no file holds.

    Parameters
    ----------
    owner : frozen dataclass
        The value under construction.
    keys : dict of str to str
        File key of each attribute.
    ranges : dict of str to Expectation
        What the file expects under each key.
    of : str
        What follows the names of the attributes in a sentence, for example " of the clamp".
    absent : dict of str to float, optional
        Numbers that stand for what a file may leave out.

    Raises
    ------
    InputError
        For the first attribute that is no number of a file.
    """
    left_out = absent or {}
    for name, key in keys.items():
        value = getattr(owner, name)
        if not (name in left_out and is_number(value) and value == left_out[name]):
            value = in_range(f"{name}{of}", value, key, ranges[key])
        object.__setattr__(owner, name, float(value))
