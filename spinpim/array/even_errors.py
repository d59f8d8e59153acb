"""Columns that all err alike, at rates that are chosen instead of derived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite, shown
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
PATTERNS = 4


@dataclass(frozen=True, slots=True)
class EvenErrors:
    """The same rates of wrong ANDs in every column, for ``Faults(columns=...)``.

    Attributes
    ----------
    static : float or four floats
        Share of the pairs of cells that answer wrongly at every access [1], of all patterns or of 00, 01, 10
        and 11 of (weight, activation).
    temporal : float or four floats
        Probability per access that noise turns an answer [1].

    Raises
    ------
    InputError
        If a rate is not in 0..1, or there are neither one nor four.

    Examples
    --------
    >>> fixed, temporal = EvenErrors(static=1e-3).column_errors(np.zeros((2, 3)))
    >>> fixed.shape, float(fixed[1, 3]), float(temporal.max())
    ((2, 4), 0.001, 0.0)
    """

    static: float | tuple[float, ...] = 0.0
    temporal: float | tuple[float, ...] = 0.0

    def __post_init__(self) -> None:
        """Check the rates."""
        for name in ("static", "temporal"):
            object.__setattr__(self, name, _rates(name, getattr(self, name)))

    def column_errors(self, standard_normals: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Fixed and temporal error probabilities (columns, 4), whatever was drawn for the columns."""
        shape = (len(standard_normals), PATTERNS)
        return np.broadcast_to(self.static, shape).copy(), np.broadcast_to(self.temporal, shape).copy()


def _rates(name: str, given: object) -> float | tuple[float, ...]:
    if not isinstance(given, tuple | list):
        return finite(name, given, 0.0, 1.0)
    if len(given) != PATTERNS:
        raise InputError(
            f"{name} must be one rate or four, of the patterns 00, 01, 10 and 11; got {shown(given)}."
        )
    return tuple(finite(name, rate, 0.0, 1.0) for rate in given)
