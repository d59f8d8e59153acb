"""What an inference engine makes of a sum: its own steps, each rounded to a number of 32 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.quantise import BitCoding

OPERATIONS = ("add", "multiply", "divide", "clip", "round", "floor", "ceil", "at_least")
MAXIMUM_STEPS = 64
LARGEST_SUM = 2.0**40
FAR = np.float32(1e30)
LARGEST = 3e38
"""Beyond it a number of 32 bits is infinite."""


@dataclass(frozen=True, slots=True, eq=False)
class SinglePrecision:
    r"""Steps on a sum, each rounded to float32 as the engine rounds it that computed the network elsewhere.

    .. math:: v_0 = \mathrm{fl}_{32}(u\,(a - z)), \qquad v_i = \mathrm{fl}_{32}(f_i(v_{i-1}))

    Being computed in float64 and rounded once, each step is what a float32 unit gives. Codes are levels,
    which the last steps must have rounded and clipped.

    Attributes
    ----------
    unit, shift : array of float64, shape (channels,)
        u and z: what one unit of the sum is worth, and the sum that stands for zero.
    operations : tuple of str
        f: "add", "multiply" and "divide" by the first constant, "clip" between both, "round" (ties to even),
        "floor", "ceil", and "at_least" (1 where v is the first constant or more, else 0).
    constants : array of float32, shape (operations, 2, channels)
        Of each step.
    coding : BitCoding or None
        Of the codes; None hands on the real numbers.

    Raises
    ------
    InputError
        If the parts do not fit together, or a sum of 2^40 could overflow.

    Examples
    --------
    >>> tenth = np.full((1, 2, 1), 0.1, np.float32)
    >>> step = SinglePrecision(np.array([0.1]), np.array([0.0]), ("divide",), tenth)
    >>> step.reals(np.array([[3], [4]])).ravel().tolist()
    [3.0, 4.0]
    """

    unit: NDArray[np.float64]
    shift: NDArray[np.float64]
    operations: tuple[str, ...]
    constants: NDArray[np.float32]
    coding: BitCoding | None = None

    def __post_init__(self) -> None:
        """Check the parts."""
        for name, kind in (("unit", np.float64), ("shift", np.float64), ("constants", np.float32)):
            array = np.array(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)
            if array.dtype != kind:
                raise InputError(f"{name} must be {np.dtype(kind)}; got {array.dtype}.")
        if not isinstance(self.operations, tuple) or any(one not in OPERATIONS for one in self.operations):
            raise InputError(f"operations must be of {', '.join(OPERATIONS)}; got {self.operations!r:.60}.")
        shape = (len(self.operations), 2, self.unit.size)
        if self.unit.ndim != 1 or self.shift.shape != self.unit.shape or self.constants.shape != shape:
            raise InputError(
                f"unit, shift and constants need the shapes (channels,), (channels,) and (operations, 2, "
                f"channels); got {self.unit.shape}, {self.shift.shape} and {self.constants.shape}."
            )
        if len(self.operations) > MAXIMUM_STEPS:
            raise InputError(f"at most {MAXIMUM_STEPS} steps are possible; got {len(self.operations)}.")
        if self.coding is not None and not isinstance(self.coding, BitCoding):
            raise InputError(f"coding must be a BitCoding or None; got {self.coding!r:.60}.")
        _check_range(self)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.unit.size)

    def reals(self, sums: NDArray[Any]) -> NDArray[np.float64]:
        """Result of the steps, channels on the last axis."""
        values = (self.unit * (sums - self.shift)).astype(np.float32)
        for operation, (first, second) in zip(self.operations, self.constants, strict=True):
            values = single_step(values, operation, first, second)
        return values.astype(np.float64)

    def codes(self, sums: NDArray[Any]) -> NDArray[np.uint8]:
        """Codes of sums, channels on the last axis."""
        from spinpim.network.quantiser import as_codes

        if self.coding is None:
            raise InputError("these steps hand on real numbers, not codes; give them a coding.")
        return as_codes(self.reals(sums), self.coding)


def single_step(
    values: NDArray[np.float32], operation: str, first: NDArray[np.float32], second: NDArray[np.float32]
) -> NDArray[np.float32]:
    """One step of `SinglePrecision` on values of any shape against which the constants broadcast."""
    result: NDArray[Any]
    if operation == "add":
        result = values + first
    elif operation == "multiply":
        result = values * first
    elif operation == "divide":
        result = values / first
    elif operation == "clip":
        result = np.minimum(np.maximum(values, first), second)
    elif operation == "at_least":
        result = (values >= first).astype(np.float32)
    else:
        rounding: Any = {"round": np.rint, "floor": np.floor, "ceil": np.ceil}[operation]
        result = rounding(values)
    return result


def _check_range(steps: SinglePrecision) -> None:
    """Follow the largest possible magnitude through the steps; the codes must be levels at the end."""
    unusable = np.isnan(steps.constants).any() or not np.isfinite([steps.unit, steps.shift]).all()
    bound = np.abs(steps.unit) * (LARGEST_SUM + np.abs(steps.shift)) if not unusable else np.inf
    for operation, pair in zip(steps.operations, steps.constants.astype(np.float64), strict=True):
        first, second = pair
        if operation == "divide" and np.any(first == 0.0):
            raise InputError("a step divides by zero.")
        if operation == "clip":
            if np.any(first > second):
                raise InputError("the limits of a step fall.")
            bound = np.minimum(bound, np.maximum(np.abs(first), np.abs(second)))
        elif operation == "add":
            bound = bound + np.abs(first)
        elif operation in ("multiply", "divide"):
            bound = bound * np.abs(first) if operation == "multiply" else bound / np.abs(first)
        elif operation == "at_least":
            bound = np.ones_like(bound)
        if not np.all(bound <= LARGEST):
            break
    if unusable or not np.all(bound <= LARGEST):
        raise InputError("a step has a constant that is no number, or could pass the largest of 32 bits.")
    if steps.coding is not None:
        _check_levels(steps, steps.coding)


def _check_levels(steps: SinglePrecision, coding: BitCoding) -> None:
    """Refuse steps that could leave the levels of the coding."""
    from spinpim.network.quantiser import level_limits

    low, high = level_limits(coding)
    found = np.empty((2, steps.channels), np.float32)
    found[0], found[1] = -FAR, FAR
    whole = False
    for operation, (first, second) in zip(steps.operations, steps.constants, strict=True):
        whole_constant = bool(np.all(np.rint(first) == first) and np.all(np.rint(second) == second))
        if operation in ("round", "floor", "ceil", "at_least"):
            whole = True
        elif operation != "clip" or not whole_constant:
            whole = whole and whole_constant and operation == "add"
        with np.errstate(all="ignore"):
            found = np.sort(single_step(found, operation, first, second), axis=0)
    if not whole or not np.all((found >= low) & (found <= high)):
        raise InputError(
            f"steps to codes must round and then clip to the levels {low}..{high} of {coding.bits} bit "
            f"{coding.name} codes."
        )
