"""Changing what was read from a file: the attributes there are, and records that stay true."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from spinpim.checks import shown
from spinpim.errors import InputError
from spinpim.params.schema import ParameterRecord
from spinpim.params.units import written


class Figure(NamedTuple):
    """A number as a parameter file holds it: value and standard deviation in SI, and the SI unit.

    The unit is needed only where the file may have left the number out.
    """

    value: float
    sigma: float = 0.0
    unit: str = ""


Figures = Mapping[str, Figure]
"""Numbers by file key, as an object has them now; a key without a number of its own is absent."""


def check_names(value: Any, changes: Collection[str]) -> None:
    """Refuse changes of attributes that a value does not have.

    Raises
    ------
    InputError
        With the names that are unknown.
    """
    kind = type(value).__name__
    unknown = sorted(set(changes) - {field.name for field in dataclasses.fields(value)})
    if unknown:
        raise InputError(f"{kind} has no attribute {unknown}; see the fields of spinpim.circuit.{kind}.")


def check_labels(value: Any) -> None:
    """Refuse a name, title or records of another kind than those of a file.

    Raises
    ------
    InputError
        For the first that is of another kind.
    """
    kind = type(value).__name__
    for name in ("name", "title"):
        label = getattr(value, name)
        if not isinstance(label, str):
            raise InputError(f"{name} of {kind} must be a text; instead received {shown(label)}.")
    records = value.records
    if not (isinstance(records, tuple) and all(isinstance(one, ParameterRecord) for one in records)):
        raise InputError(
            f"records of {kind} must be a tuple of ParameterRecord; instead received {shown(records)}."
        )


def restated(
    records: tuple[ParameterRecord, ...], before: Figures, after: Figures
) -> tuple[ParameterRecord, ...]:
    """Return the records of a file after some numbers were changed in a script.

    Parameters
    ----------
    records : tuple of ParameterRecord
        The numbers as they were.
    before, after : dict of str to Figure
        The numbers by file key, before and after the change.

    Returns
    -------
    tuple of ParameterRecord
        A changed number is assumed and has no source; one that no longer stands for a single number is left
        out; one that the file had left out is added.

    Examples
    --------
    >>> record = ParameterRecord("bit_line.cells", 256.0, "1", 0.0, "256", "a paper", "table 1", "derived")
    >>> (changed,) = restated((record,), {record.key: Figure(256)}, {record.key: Figure(64)})
    >>> changed.value_si, changed.status, changed.source, changed.where
    (64.0, 'assumed', '', 'changed in a script')
    """
    kept = []
    for record in records:
        now = after.get(record.key)
        if now == before.get(record.key):
            kept.append(record)
        elif now is not None:
            kept.append(_assumed(record.key, now, record.unit_si))
    added = [_assumed(key, now, now.unit) for key, now in after.items() if now.unit and key not in before]
    return (*kept, *added)


def _assumed(key: str, now: Figure, unit: str) -> ParameterRecord:
    value = float(now.value)
    return ParameterRecord(
        key=key,
        value_si=value,
        unit_si=unit,
        sigma_si=float(now.sigma),
        text=written(float(f"{value:.6g}"), unit),
        source="",
        where="changed in a script",
        status="assumed",
    )
