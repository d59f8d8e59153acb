"""Recorded power: two columns of text, or HDF5 as recorders of harvesters write it.

A sample holds until the next one, the last for the median of the steps. Nothing is filled in: times that are
missing are refused.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.trace import Trace
from spinpim.checks import choice, finite, shown
from spinpim.errors import InputError

Columns = Literal["s W", "s mW", "ms W", "ms mW", "s V", "ms V"]
COLUMNS: tuple[Columns, ...] = get_args(Columns)

TIMES = {"sec": "s", "s": "s", "seconds": "s", "ms": "ms"}
"""Words of a line of names that tell the unit of times."""

UNITS = {"s": 1.0, "ms": 1e-3, "W": 1.0, "mW": 1e-3, "V": 1.0}
LONGEST_GAP = 10.0
"""Steps of more than so many medians are gaps."""

SIGNATURE = b"\x89HDF\r\n\x1a\n"
"""How HDF5 files begin."""

FloatArray = NDArray[np.float64]


class UnclearColumnsError(InputError):
    """A recording that does not say by itself what its columns are, or on which load."""


# What is too large is told in a sentence of its own.
@np.errstate(over="ignore", invalid="ignore")
def load_trace(
    path: str | os.PathLike[str], *, columns: Columns | None = None, load_ohm: float | None = None
) -> Trace:
    r"""Read recorded power.

    Parameters
    ----------
    path : str or path
        Two columns of text, separated by commas, semicolons, tabs or blanks, with or without a line of names;
        or HDF5 with ``data/time`` and ``data/power``, or ``data/voltage`` and ``data/current``, whose
        attributes ``gain`` and ``offset`` turn numbers into volt and ampere (times in ns, power in W).
    columns : str or None
        What the text holds, for example "s mW" or "ms V"; None: as its line of names says.
    load_ohm : float or None
        For columns of voltages: the load on which they were recorded [ohm]; the power is V^2 over it. It is
        that of this load, not the most that the source could give.

    Returns
    -------
    Trace
        From time 0.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, its columns are not known, or its times do not rise, have gaps,
        or its powers are negative or no numbers; the message has the line, or the number of the sample.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "walk.csv"
    ...     _ = path.write_text("sec,RSSI mW\n0.0,1.0\n0.5,3.0\n")
    ...     trace = load_trace(path)
    >>> trace.duration_s, trace.mean_power_W
    (1.0, 0.002)
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path must be that of a recording; instead received {shown(path)}.")
    file = Path(path)
    try:
        str(file).encode()
    except UnicodeEncodeError:
        raise InputError(f"the name of {shown(str(file))} is no UTF-8; rename the file.") from None
    try:
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if content.startswith(SIGNATURE):
        if columns is not None or load_ohm is not None:
            raise InputError(f"{file} is HDF5, which has its own units; leave out columns and load_ohm.")
        return _from_hdf5(file)
    times, values, found = _text_columns(file, content, columns)
    time_unit, value_unit = found.split()
    if (value_unit == "V") != (load_ohm is not None):
        wanted = "a load_ohm, on which they were recorded" if value_unit == "V" else "no load_ohm"
        raise UnclearColumnsError(f"{file} holds columns of {found}; they need {wanted}.")
    load = None if load_ohm is None else finite("load_ohm", load_ohm, above=0.0)
    values = values * UNITS[value_unit]
    power = values if load is None else values**2 / load
    return _trace(file, times * UNITS[time_unit], power)


def _text_columns(file: Path, content: bytes, columns: Columns | None) -> tuple[FloatArray, FloatArray, str]:
    """Times, values, and what they are."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{file} is neither text nor HDF5.") from None
    rows: list[tuple[float, float]] = []
    names = ""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = _row(line)
        if row is None:
            if rows or names:
                raise InputError(
                    f"{file}, line {number}: two numbers are needed; found {line.strip()!r:.60}."
                )
            names = line
        else:
            rows.append(row)
    if not rows:
        raise InputError(
            f"{file} holds no samples; a trace has a time and a power, or a voltage, in each line."
        )
    numbers = np.array(rows)
    return numbers[:, 0], numbers[:, 1], _columns(file, names, columns)


def _row(line: str) -> tuple[float, float] | None:
    parts = line.replace(",", " ").replace(";", " ").split()
    if len(parts) != 2:
        return None
    try:
        return float(parts[0]), float(parts[1])
    except ValueError:
        return None


def _columns(file: Path, names: str, columns: Columns | None) -> str:
    if columns is not None:
        return choice("columns", columns, COLUMNS)
    words = names.replace(",", " ").replace(";", " ").replace("[", " ").replace("]", " ").split()
    times = [unit for word, unit in TIMES.items() if word in words]
    values = [unit for unit in ("mW", "W", "V") if unit in words]
    if times and next(word for word in words if word in (*TIMES, *values)) in values:
        raise InputError(f"{file} has its times in the second column; put them into the first one.")
    if len(set(times)) != 1 or len(values) != 1:
        raise UnclearColumnsError(
            f"{file} does not say what its columns are; give columns (one of {', '.join(COLUMNS)}), such as "
            '"ms V" with a load_ohm.'
        )
    return f"{times[0]} {values[0]}"


def _from_hdf5(file: Path) -> Trace:
    import h5py

    try:
        with h5py.File(file) as stored:
            group = stored["data"]
            times = np.asarray(group["time"], np.float64) * 1e-9
            if "power" in group:
                power = _calibrated(group["power"])
            else:
                power = _calibrated(group["voltage"]) * _calibrated(group["current"])
    except (KeyError, OSError, TypeError, ValueError, MemoryError) as mistake:
        raise InputError(
            f"{file} is no recording of power: data/time with data/power, or with data/voltage and "
            f"data/current, is needed ({mistake})."
        ) from None
    if times.ndim != 1 or power.shape != times.shape or times.size == 0:
        raise InputError(f"{file}: data/time and the power must be columns of the same length, not empty.")
    return _trace(file, times, power)


def _calibrated(dataset: object) -> FloatArray:
    attributes = getattr(dataset, "attrs", {})
    raw = np.asarray(dataset, np.float64)
    return raw * float(attributes.get("gain", 1.0)) + float(attributes.get("offset", 0.0))


def _trace(file: Path, times_s: FloatArray, power_W: FloatArray) -> Trace:
    for name, values in (("time", times_s), ("power", power_W)):
        if not np.all(np.isfinite(values)):
            raise InputError(f"{file}: sample {_first(~np.isfinite(values))} has a {name} that is no number.")
    if np.any(power_W < 0.0):
        worst = _first(power_W < 0.0)
        raise InputError(f"{file}: sample {worst} has the negative power {power_W[worst - 1]:.4g} W.")
    if times_s.size < 2:
        raise InputError(f"{file} holds one sample; how long it holds follows from a second one.")
    steps = np.diff(times_s)
    if np.any(steps <= 0.0):
        raise InputError(
            f"{file}: the time of sample {_first(steps <= 0.0) + 1} is not after the one before."
        )
    usual = float(np.median(steps))
    if np.any(steps > LONGEST_GAP * usual):
        place = _first(steps > LONGEST_GAP * usual)
        raise InputError(
            f"{file}: {steps[place - 1]:.4g} s are missing after sample {place}, at a usual step of "
            f"{usual:.4g} s. Cut the recording there, or fill in what is known."
        )
    edges = np.concatenate((times_s - times_s[0], [times_s[-1] - times_s[0] + usual]))
    try:
        return Trace(file.stem, edges, power_W)
    except InputError as mistake:
        raise InputError(f"{file}: {mistake}") from None


def _first(where: NDArray[np.bool_]) -> int:
    """Number of the first sample, from 1."""
    return int(np.argmax(where)) + 1
