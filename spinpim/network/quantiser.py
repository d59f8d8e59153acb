"""What the digital unit makes of a sum: normalisation, activation and rounding to the codes handed on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.quantise import BitCoding
from spinpim.network.single_precision import SinglePrecision

LARGEST_FACTOR = 1e100
"""Of a line: a sum times it stays far from the end of the floating-point numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    r"""One line per channel, then rounding and clipping, or no rounding at all.

    .. math:: o = \mathrm{scale}\cdot a + \mathrm{offset}, \qquad
              l = \min(\max(\mathrm{round}(o), l_{min}), l_{max})

    with ties to the even number, in float64 with two roundings. Batch normalisation and bias are in the line,
    a rectifier is in the lower limit. The level l is the code of an unsigned, affine or bipolar coding, and
    the value of a signed one.

    Attributes
    ----------
    scale, offset : array of float64, shape (channels,)
        The line.
    coding : BitCoding or None
        Of the codes; None hands on the real numbers o, clipped.
    lowest, highest : float
        Limits of l; those of the coding unless given, none for real numbers.

    Raises
    ------
    InputError
        If the parts do not fit together.

    Examples
    --------
    >>> step = Affine(np.array([0.5]), np.array([1.0]), BitCoding("unsigned", 2))
    >>> step.codes(np.array([[-9], [1], [3], [99]])).ravel().tolist()
    [0, 2, 2, 3]
    """

    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    coding: BitCoding | None = None
    lowest: float = math.nan
    highest: float = math.nan

    def __post_init__(self) -> None:
        """Check the numbers and fill in the limits."""
        for name in ("scale", "offset"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))
        if self.scale.dtype != np.float64 or self.offset.dtype != np.float64 or self.scale.ndim != 1:
            raise InputError(
                f"scale and offset must be float64, one per channel; got {self.scale.dtype} of shape "
                f"{self.scale.shape} and {self.offset.dtype}."
            )
        if self.offset.shape != self.scale.shape:
            raise InputError(
                f"scale and offset must be as many; got the shapes {self.scale.shape}, {self.offset.shape}."
            )
        largest = np.abs([self.scale, self.offset]).max(initial=0.0)
        if not largest <= LARGEST_FACTOR:
            raise InputError(
                f"scale and offset must be finite and within {LARGEST_FACTOR:g} of zero; found others."
            )
        _check_coding(self.coding, none=True)
        low, high = (-math.inf, math.inf) if self.coding is None else level_limits(self.coding)
        for name, limit in (("lowest", low), ("highest", high)):
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, int | float | np.number):
                raise InputError(f"{name} must be a number; got {given!r:.60}.")
            object.__setattr__(self, name, float(limit if math.isnan(given) else given))
        if (
            not low <= self.lowest <= self.highest <= high
            or self.lowest == math.inf
            or self.highest == -math.inf
        ):
            raise InputError(
                f"limits {self.lowest} and {self.highest} must rise and lie within {low}..{high}."
            )
        if self.coding is not None and not (self.lowest.is_integer() and self.highest.is_integer()):
            raise InputError(f"limits of codes are whole; got {self.lowest} and {self.highest}.")

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.scale.size)

    def reals(self, sums: NDArray[Any]) -> NDArray[np.float64]:
        """Clipped line without rounding, channels on the last axis."""
        line = self.scale * sums + self.offset
        clipped: NDArray[np.float64] = np.clip(line, self.lowest, self.highest)
        return clipped

    def codes(self, sums: NDArray[Any]) -> NDArray[np.uint8]:
        """Codes of sums, channels on the last axis."""
        coding = _coded(self.coding)
        return as_codes(np.clip(np.rint(self.scale * sums + self.offset), self.lowest, self.highest), coding)


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    r"""Codes by comparison of a whole sum with whole thresholds, whatever arithmetic they came from.

    .. math:: l = l_{min} + \#\{j : d\,a \ge t_j\}, \qquad d = \pm 1

    Attributes
    ----------
    thresholds : array of int64, shape (channels, levels - 1)
        t, rising along a channel.
    directions : array of int64, shape (channels,)
        d: -1 where the code falls with the sum.
    coding : BitCoding
        Of the codes.
    lowest : int
        Level below the first threshold.

    Raises
    ------
    InputError
        If the parts do not fit together.

    Examples
    --------
    >>> step = Thresholds(np.array([[0, 5, 5]]), np.array([1]), BitCoding("unsigned", 2))
    >>> step.codes(np.array([[-1], [0], [5]])).ravel().tolist()
    [0, 1, 3]
    """

    thresholds: NDArray[np.int64]
    directions: NDArray[np.int64]
    coding: BitCoding
    lowest: int = 0

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("thresholds", "directions"):
            array = _read_only(getattr(self, name))
            if array.dtype != np.int64:
                raise InputError(f"{name} must be int64; got {array.dtype}.")
            object.__setattr__(self, name, array)
        if self.thresholds.ndim != 2 or self.directions.shape != self.thresholds.shape[:1]:
            raise InputError(
                f"thresholds need the shape (channels, levels - 1) and a direction per channel; got "
                f"{self.thresholds.shape} and {self.directions.shape}."
            )
        if np.any(np.abs(self.directions) != 1):
            raise InputError("directions must be +1 or -1.")
        if np.any(np.diff(self.thresholds, axis=1) < 0):
            raise InputError("the thresholds of a channel must not fall.")
        _check_coding(self.coding, none=False)
        low, high = level_limits(self.coding)
        if isinstance(self.lowest, bool) or not isinstance(self.lowest, int | np.integer):
            raise InputError(f"the lowest level must be a whole number; got {self.lowest!r:.60}.")
        if not low <= self.lowest <= self.lowest + self.thresholds.shape[1] <= high:
            raise InputError(
                f"{self.thresholds.shape[1]} thresholds above level {self.lowest} leave the levels "
                f"{low}..{high} of {self.coding.bits} bit {self.coding.name} codes."
            )

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.directions.size)

    def codes(self, sums: NDArray[Any]) -> NDArray[np.uint8]:
        """Codes of whole sums, channels on the last axis."""
        levels = np.empty(sums.shape, np.int64)
        for channel, (steps, direction) in enumerate(zip(self.thresholds, self.directions, strict=True)):
            levels[..., channel] = np.searchsorted(steps, direction * sums[..., channel], side="right")
        return as_codes(self.lowest + levels, self.coding)


Quantiser = Affine | Thresholds | SinglePrecision


def level_limits(coding: BitCoding) -> tuple[int, int]:
    """Lowest and highest level of a coding: its codes, or the values of a signed one."""
    if coding.name == "signed":
        return -(1 << (coding.bits - 1)), (1 << (coding.bits - 1)) - 1
    return 0, (1 << coding.bits) - 1


def as_codes(levels: NDArray[Any], coding: BitCoding) -> NDArray[np.uint8]:
    """Codes of levels that lie within the limits."""
    mask = (1 << coding.bits) - 1
    return (levels.astype(np.int64) & mask).astype(np.uint8)


def _coded(coding: BitCoding | None) -> BitCoding:
    if coding is None:
        raise InputError("this step hands on real numbers, not codes; give it a coding.")
    return coding


def _check_coding(coding: Any, *, none: bool) -> None:
    if not isinstance(coding, BitCoding) and not (none and coding is None):
        wanted = "a BitCoding, or None for real numbers" if none else "a BitCoding"
        raise InputError(f"coding must be {wanted}; got {coding!r:.60}.")


def _read_only(values: Any) -> NDArray[Any]:
    try:
        array = np.array(values)
    except ValueError:
        raise InputError(f"lines of numbers must be arrays of one shape; got {values!r:.60}.") from None
    array.setflags(write=False)
    return array
