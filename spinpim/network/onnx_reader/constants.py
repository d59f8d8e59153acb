"""Operators on constants, computed while the file is read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.onnx_reader.graph import Operator
from spinpim.network.onnx_reader.shapes import axes_of, flattened_sizes, reshaped_sizes
from spinpim.network.onnx_reader.values import Constant, Levels

MOST_NUMBERS = 1 << 27
"""Of a result."""
ARITHMETIC: dict[str, Any] = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}
KINDS = (
    *ARITHMETIC,
    "Cast",
    "Concat",
    "Flatten",
    "Gather",
    "Identity",
    "Neg",
    "Reshape",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
)


def constant_of(operator: Operator) -> Constant:
    """Value of a Constant operator.

    Raises
    ------
    InputError
        If it is no array of numbers.
    """
    for name, kind in (("value", None), ("value_float", np.float32), ("value_floats", np.float32)):
        if name in operator.attributes:
            return Constant(np.asarray(operator.attributes[name], kind))
    for name in ("value_int", "value_ints"):
        if name in operator.attributes:
            return Constant(np.asarray(operator.attributes[name], np.int64))
    raise InputError(f"{operator.where}: holds no numbers.")


def folded(operator: Operator, values: list[Constant | None]) -> Constant:
    """Result of an operator all of whose inputs are constants.

    Raises
    ------
    InputError
        If it is none of those that are known, or its inputs do not fit.
    """
    given = [None if one is None else one.array for one in values]
    first = values[0] if values else None
    if first is None or given[0] is None:
        raise InputError(f"{operator.where}: has no input.")
    try:
        if operator.kind == "Identity":
            return first
        if operator.kind in ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"):
            return _moved(operator, first, given[1] if len(given) > 1 else None)
        with np.errstate(all="ignore"):
            return Constant(_computed(operator, [one for one in given if one is not None]))
    except (ValueError, IndexError, TypeError, KeyError, OverflowError) as error:
        raise InputError(f"{operator.where}: cannot be computed ({str(error)[:80]}).") from None


def _moved(operator: Operator, first: Constant, second: NDArray[Any] | None) -> Constant:
    """Numbers in another shape or order, together with what they are made of."""
    shape = first.array.shape

    def move(array: NDArray[Any]) -> NDArray[Any]:
        if operator.kind == "Transpose":
            return np.transpose(array, operator.attributes.get("perm"))
        return array.reshape(sizes)

    sizes: list[int] = []
    if operator.kind == "Reshape":
        if second is None:
            raise InputError(f"{operator.where}: has no shape.")
        sizes = reshaped_sizes(operator, shape, second)
    elif operator.kind == "Flatten":
        sizes = flattened_sizes(operator, shape)
    elif operator.kind == "Squeeze":
        axes = axes_of(operator, second, len(shape))
        axes = [at for at, one in enumerate(shape) if one == 1] if axes is None else axes
        sizes = list(np.squeeze(first.array, tuple(axes)).shape)
    elif operator.kind == "Unsqueeze":
        count = 0 if second is None else second.size
        count = count or len(operator.attributes.get("axes", []))
        added = axes_of(operator, second, len(shape) + count) or []
        sizes = list(np.expand_dims(first.array, tuple(added)).shape)
    if first.levels is None:
        return Constant(move(first.array))
    old = first.levels
    scale = None if old.scale is None else move(np.broadcast_to(old.scale, shape))
    levels = Levels(
        move(old.values), old.low, old.high, scale, move(np.broadcast_to(old.zero, shape)), old.bipolar
    )
    return Constant(move(first.array), levels)


def _computed(operator: Operator, given: list[NDArray[Any]]) -> NDArray[Any]:
    if operator.kind in ARITHMETIC:
        one, other = given
        if math.prod(np.broadcast_shapes(one.shape, other.shape)) > MOST_NUMBERS:
            raise InputError(f"{operator.where}: its result has more than {MOST_NUMBERS} numbers.")
        if operator.kind == "Div" and one.dtype.kind in "iu":
            if np.any(other == 0):
                raise InputError(f"{operator.where}: divides by zero.")
            return np.asarray(np.trunc(one / other).astype(one.dtype))
        return np.asarray(ARITHMETIC[operator.kind](one, other)).astype(one.dtype)
    if operator.kind == "Neg":
        return -given[0]
    if operator.kind == "Cast":
        from spinpim.network.onnx_reader.file import imported_onnx

        return given[0].astype(imported_onnx().helper.tensor_dtype_to_np_dtype(operator.attributes["to"]))
    if operator.kind == "Gather":
        axis = int(operator.attributes.get("axis", 0))
        if given[1].size * given[0].size > MOST_NUMBERS:
            raise InputError(f"{operator.where}: its result may have more than {MOST_NUMBERS} numbers.")
        return np.asarray(np.take(given[0], given[1], axis=axis))
    return np.concatenate(given, axis=int(operator.attributes["axis"]))
