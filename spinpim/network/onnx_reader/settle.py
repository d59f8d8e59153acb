"""Steps on sums made a quantiser: a line where it gives the same codes, else thresholds or the steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinpim.network.quantise import BitCoding
from spinpim.network.quantiser import Affine, Thresholds
from spinpim.network.single_precision import SinglePrecision

MOST_PAIRS = 1 << 24
"""Pairs of codes and kinds of channels of a sum of branches that are tried one by one."""


def settled(
    steps: SinglePrecision, lowest: NDArray[np.int64], highest: NDArray[np.int64]
) -> tuple[Affine | None, Thresholds]:
    """Quantisers of whole sums with the same codes as the steps for every sum from lowest to highest.

    Each step keeps or turns the order of the sums of a channel, so the levels only rise or only fall, and two
    such functions that agree at both ends and on both sides of every jump agree everywhere.

    Parameters
    ----------
    steps : SinglePrecision
        With a coding.
    lowest, highest : array of int64, shape (channels,)
        Least and greatest sum that can occur.

    Returns
    -------
    Affine or None, Thresholds
        The line, if it gives the same codes in float64.
    """
    assert steps.coding is not None
    at_lowest, at_highest = steps.reals(lowest), steps.reals(highest)
    directions = np.where(at_lowest <= at_highest, 1, -1).astype(np.int64)
    bottom = int(min(at_lowest.min(), at_highest.min()))
    top = int(max(at_lowest.max(), at_highest.max()))
    first = np.where(directions > 0, lowest, -highest)
    last = np.where(directions > 0, highest, -lowest)
    wanted = np.arange(bottom + 1, top + 1)[:, np.newaxis]
    # The least sum, in the direction of the channel, that reaches the level; one too many if none does.
    left = np.broadcast_to(first, (len(wanted), steps.channels)).copy()
    right = np.broadcast_to(last + 1, left.shape).copy()
    while np.any(left < right):
        middle = (left + right) // 2
        reached = steps.reals(directions * middle) >= wanted
        right = np.where(reached & (left < right), middle, right)
        left = np.where(~reached & (left < right), middle + 1, left)
    thresholds = Thresholds(np.ascontiguousarray(right.T), directions, steps.coding, bottom)
    line = _line(steps, bottom, top)
    if line is not None:
        sides = np.concatenate([right, right - 1, first[np.newaxis], last[np.newaxis]])
        sums = directions * np.clip(sides, first, last)
        if not np.array_equal(line.codes(sums), steps.codes(sums)):
            line = None
    return line, thresholds


def settled_pairs(
    steps: SinglePrecision,
    scales: tuple[float, float],
    zeros: tuple[int, int],
    codings: tuple[BitCoding, BitCoding],
) -> tuple[tuple[float, float], Affine] | None:
    """Factors and line of the sum of two codes, if they give what the steps give for every pair of codes.

    Parameters
    ----------
    steps : SinglePrecision
        With a coding, on the sum of real numbers.
    scales, zeros : tuple
        What the codes stand for: (value - zero) * scale.
    codings : tuple of BitCoding
        Of both.
    """
    factors = (1.0, scales[1] / scales[0])
    line = _line(steps, *_limits(steps))
    if line is None:
        return None
    moved = line.offset - line.scale * (scales[0] * zeros[0] + scales[1] * zeros[1])
    line = Affine(line.scale * scales[0], moved, line.coding, line.lowest, line.highest)
    values = [coding.decode(np.arange(1 << coding.bits)) for coding in codings]
    one, other = (grid.ravel() for grid in np.meshgrid(*values, indexing="ij"))
    kinds = np.unique(
        np.concatenate([line.scale[np.newaxis], steps.constants.reshape(-1, steps.channels)]),
        axis=1,
        return_index=True,
    )[1]
    if kinds.size * one.size > MOST_PAIRS:
        return None
    engine = [
        ((value - zero) * scale).astype(np.float32).astype(np.float64)
        for value, zero, scale in zip((one, other), zeros, scales, strict=True)
    ]
    expected = steps.codes((engine[0] + engine[1])[:, np.newaxis])[:, kinds]
    found = line.codes((factors[0] * one + factors[1] * other)[:, np.newaxis])[:, kinds]
    return (factors, line) if np.array_equal(expected, found) else None


def _limits(steps: SinglePrecision) -> tuple[int, int]:
    """Lowest and highest level that the steps give to any number."""
    far = np.full(steps.channels, 2.0**40)
    ends = np.stack([steps.reals(far), steps.reals(-far)])
    return int(ends.min()), int(ends.max())


def _line(steps: SinglePrecision, lowest: int, highest: int) -> Affine | None:
    """Line of the steps without their rounding; None if they do not round to the nearest level once."""
    scale, offset = steps.unit.copy(), -steps.unit * steps.shift
    for operation, (first, _) in zip(steps.operations, steps.constants.astype(np.float64), strict=True):
        if operation == "add":
            offset = offset + first
        elif operation == "multiply":
            scale, offset = scale * first, offset * first
        elif operation == "divide":
            scale, offset = scale / first, offset / first
    if steps.operations.count("round") != 1 or {"floor", "ceil", "at_least"} & set(steps.operations):
        return None
    return Affine(scale, offset, steps.coding, lowest, highest)
