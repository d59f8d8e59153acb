"""Supplies by name: recordings, and laws with their numbers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import cast

from spinpim.array.intermittency import Trace, diurnal, load_trace, log_normal, on_off, square, two_levels
from spinpim.array.intermittency.trace_files import COLUMNS, Columns, UnclearColumnsError
from spinpim.checks import choice, finite
from spinpim.errors import InputError

LAWS: dict[str, Callable[..., Trace]] = {
    "square": square,
    "on_off": on_off,
    "two_levels": two_levels,
    "log_normal": log_normal,
    "diurnal": diurnal,
}


def trace_of(text: str, *, seed: int, columns: str | None = None, load_ohm: float | None = None) -> Trace:
    """Trace of a path, or of a law with its numbers by their names.

    Parameters
    ----------
    text : str
        Path, or for example "square:power_W=1e-3,period_s=0.1,duty=0.5".
    seed : int
        Address of the draws of a law.
    columns, load_ohm
        As in `load_trace`, for recordings that do not say themselves what they hold; others keep to it.

    Raises
    ------
    InputError
        If a number is missing, unknown or out of range, or the recording cannot be read.

    Examples
    --------
    >>> trace_of("square:power_W=1e-3,period_s=0.1,duty=0.5", seed=1).mean_power_W
    0.0005
    """
    if not isinstance(text, str):
        raise InputError(
            f"a trace is named by a path or a law with its numbers; instead received {text!r:.40}."
        )
    known = None if columns is None else cast(Columns, choice("columns", columns, COLUMNS))
    load = None if load_ohm is None else finite("load_ohm", load_ohm, above=0.0)
    name, colon, rest = text.partition(":")
    if name in LAWS:
        return _law(name, rest if colon else "", seed)
    try:
        return load_trace(text)
    except UnclearColumnsError:
        if known is None and load is None:
            raise
    return load_trace(text, columns=known, load_ohm=load)


def _law(name: str, text: str, seed: int) -> Trace:
    law = LAWS[name]
    names = inspect.signature(law).parameters
    needed = [key for key, one in names.items() if one.default is one.empty and key != "seed"]
    form = f"{name}:" + ",".join(f"{key}=..." for key in needed)
    numbers: dict[str, float | int] = {}
    for part in filter(None, text.split(",")):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or key not in names or key in numbers or key == "seed":
            raise InputError(
                f"a trace of the law {name} is written {form}; {part.strip()!r:.40} is none of it."
            )
        numbers[key] = _number(key, value)
    missing = [key for key in needed if key not in numbers]
    if missing:
        raise InputError(f"a trace of the law {name} is written {form}; {', '.join(missing)} is missing.")
    return law(**numbers, **({"seed": seed} if "seed" in names else {}))


def _number(key: str, value: str) -> float | int:
    try:
        if not value.isascii() or "_" in value or len(value) > 30:
            raise ValueError
        return int(value) if value.isdecimal() else float(value)
    except ValueError:
        raise InputError(f"{key} must be a number; instead received {value!r:.40}.") from None
