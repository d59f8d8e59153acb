"""The same parameter file with other numbers: at the bounds that it states, or as a script wants them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, TypeVar, get_args

from spinpim.checks import choice, finite, instance
from spinpim.errors import InputError
from spinpim.params.load import validated
from spinpim.params.schema import BoundedQuantity, ParameterFile, Quantity

Band = Literal["low", "nominal", "high"]
BANDS: tuple[Band, ...] = get_args(Band)

CHANGED = "changed in a script"

File = TypeVar("File", bound=ParameterFile)


def at_band(file: File, band: Band, only: Collection[str] | None = None) -> File:
    """Return the file with its numbers at their lower bound, value or upper bound.

    Parameters
    ----------
    file : ParameterFile
        From one of the loaders.
    band : str
        "low", "nominal" or "high"; numbers without bounds stay.
    only : collection of str or None
        Numbers to move, by section and key; None: all.

    Raises
    ------
    InputError
        If the word is none of those, or a number to move is not in the file.

    Examples
    --------
    >>> from spinpim.params.baseline_file import load_baseline
    >>> isaac = load_baseline("isaac_32nm")
    >>> [round(1e9 * at_band(isaac, band).crossbar.read_time.si) for band in BANDS]
    [100, 100, 200]
    """
    instance("file", file, ParameterFile, "a loader such as load_array(...)")
    choice("band", band, BANDS)
    if only is not None:
        there = {
            f"{section}.{key}" for section, content in file.sections() for key, _, _ in content.quantities()
        }
        unknown = sorted(set(only) - there)
        if unknown:
            raise InputError(
                f"{file.name} has no number {unknown[0]!r:.80}; its numbers are: {', '.join(sorted(there))}."
            )
    if band == "nominal":
        return file
    return file.model_copy(
        update={
            section: content.model_copy(
                update={
                    key: _at_bound(number, band)
                    for key, number, _ in content.quantities()
                    if isinstance(number, BoundedQuantity) and (only is None or f"{section}.{key}" in only)
                }
            )
            for section, content in file.sections()
        }
    )


def with_numbers(file: File, numbers: Mapping[str, float]) -> File:
    """Return the file with some numbers changed; their records say so, and their bounds are gone.

    Parameters
    ----------
    file : ParameterFile
        From one of the loaders.
    numbers : mapping of str to float
        Value by section and key [SI], for example ``{"buffer.capacity": 2e6}``; only numbers that the file
        gives.

    Raises
    ------
    InputError
        If a key is not in the file, or a number is none that the file could hold.

    Notes
    -----
    ``text`` stays that of the file as it was read; ``records()`` tell what is changed.

    Examples
    --------
    >>> from spinpim.params.array_file import load_array
    >>> larger = with_numbers(load_array("array_45nm"), {"buffer.capacity": 2097152})
    >>> larger.buffer.capacity.text, larger.buffer.capacity.where
    ('2097152', 'changed in a script')
    """
    instance("file", file, ParameterFile, "a loader such as load_array(...)")
    instance("numbers", numbers, Mapping, 'a dict such as {"buffer.capacity": 2e6}')
    there = {
        f"{section}.{key}": unit
        for section, content in file.sections()
        for key, _, unit in content.quantities()
    }
    data = file.model_dump(by_alias=True, exclude_none=True)
    for name, value in numbers.items():
        if name not in there:
            raise InputError(f"{file.name} has no number {name!r:.80}; its numbers are: {', '.join(there)}.")
        section, _, key = name.partition(".")
        data[section][key] = {
            "value": finite(name, value),
            "unit": there[name],
            "where": CHANGED,
            "status": "assumed",
        }
    changed = validated(type(file), data, file.name)
    changed._path, changed._text = file.path, file.text
    return changed


def bound_si(number: Quantity, band: Band) -> float:
    """A number at a bound, or itself where it has none [SI].

    Examples
    --------
    >>> from spinpim.params.baseline_file import load_baseline
    >>> bound_si(load_baseline("isaac_32nm").crossbar.tiles, "high")
    168.0
    """
    if band == "nominal" or not isinstance(number, BoundedQuantity):
        return number.si
    return number.low_si if band == "low" else number.high_si


def _at_bound(number: BoundedQuantity, band: Band) -> Quantity:
    bound = number.low if band == "low" else number.high
    if bound is None:
        return number
    moved = number.model_copy(update={"value": bound})
    moved._si = bound_si(number, band)
    return moved
