"""Quant, BipolarQuant, QuantizeLinear, Clip of whole numbers and DequantizeLinear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.onnx_reader.builder import Builder
from spinpim.network.onnx_reader.elementwise import followed, limits_of, pending_of
from spinpim.network.onnx_reader.graph import Graph, Operator
from spinpim.network.onnx_reader.rounding import (
    Rounding,
    linear_rounding,
    made_real,
    qonnx_rounding,
    rounded,
    type_limits,
)
from spinpim.network.onnx_reader.shapes import by_channel
from spinpim.network.onnx_reader.values import (
    Codes,
    Constant,
    Levels,
    Pending,
    Tensor,
    Value,
    file_shape,
    step,
)

PLAIN_KINDS = ("QuantizeLinear", "DequantizeLinear")
KINDS = (*PLAIN_KINDS, "Quant", "IntQuant", "BipolarQuant")


def quantised(operator: Operator, values: list[Value | None], builder: Builder, graph: Graph) -> Value:
    """What a quantiser makes of constants or of a tensor.

    Raises
    ------
    InputError
        If its scale or zero point are not constant, or it cannot be part of a network.
    """
    others: list[NDArray[Any]] = []
    for value in values[1:]:
        if value is not None and not isinstance(value, Constant):
            raise InputError(f"{operator.where}: scale, zero point and bits must be constants of the file.")
        others.append(np.empty(0) if value is None else value.array)
    first = values[0]
    assert first is not None
    if operator.kind not in PLAIN_KINDS:
        rounding = qonnx_rounding(operator, others)
        if isinstance(first, Constant):
            whole = rounded(operator, first.array, rounding)
            assert whole.levels is not None
            return made_real(operator, whole.levels, rounding.scale, rounding.zero)
        return _scaled(operator, _coded(operator, first, rounding, builder), rounding.scale, rounding.zero)
    scale, zero = _of_linear(operator, first, others)
    if operator.kind == "DequantizeLinear":
        return _dequantised(operator, first, scale, zero, builder)
    rounding = linear_rounding(operator, scale, zero)
    if isinstance(first, Constant):
        return rounded(operator, first.array, rounding)
    pending = _rounding(operator, first, rounding, builder)
    takers = [one for one in graph.operators if operator.outputs[0] in one.inputs]
    if graph.uses[operator.outputs[0]] == 1 and takers and takers[0].kind == "Clip":
        return replace(pending, whole=(rounding.low, rounding.high))
    return builder.code(operator, pending, rounding)


def limited(operator: Operator, values: list[Value | None], builder: Builder) -> Value:
    """Whole numbers within the narrower limits of a Clip.

    Raises
    ------
    InputError
        If the limits are not whole.
    """
    low, high = limits_of(operator, values)
    first = values[0]
    if isinstance(first, Constant):
        levels = _levels(operator, first)
        old = (levels.low, levels.high)
    else:
        assert isinstance(first, Pending | Codes)
        old = _limits(first)
    limits = [int(np.clip(limit, *old)) for limit in (low, high)]
    if any(np.isfinite(limit) and not float(limit).is_integer() for limit in (low, high)):
        raise InputError(f"{operator.where}: limits of whole numbers must be whole; got {low} and {high}.")
    if isinstance(first, Constant):
        within = np.clip(levels.values, limits[0], limits[1])
        return Constant(within, replace(levels, values=within, low=limits[0], high=limits[1]))
    none = np.zeros(1, np.int64)
    before = () if isinstance(first, Pending) else (step("round"),)
    steps = (*before, step("clip", *limits))
    rounding = Rounding(steps, limits[0], limits[1], np.ones(1, np.float32), none)
    pending = followed(operator, pending_of(first), steps, builder)
    return builder.code(operator, pending, rounding)


def _levels(operator: Operator, value: Constant) -> Levels:
    """Whole numbers of the file, within the limits of their type if it states no others."""
    if value.levels is not None:
        return value.levels
    low, high = type_limits(operator, value.array)
    return Levels(value.array.astype(np.int64), low, high, None, np.zeros(1, np.int64))


def _limits(value: Pending | Codes) -> tuple[int, int]:
    if isinstance(value, Pending):
        assert value.whole is not None
        return value.whole
    values = value.coding.decode(np.arange(1 << value.coding.bits))
    return int(values.min()), int(values.max())


def _coded(operator: Operator, value: Tensor, rounding: Rounding, builder: Builder) -> Codes:
    return builder.code(operator, _rounding(operator, value, rounding, builder), rounding)


def _rounding(operator: Operator, value: Tensor, rounding: Rounding, builder: Builder) -> Pending:
    """Tensor with the steps of a quantiser, one constant per channel."""
    if isinstance(value, Codes) and value.scale is None:
        raise InputError(f"{operator.where}: takes whole numbers; put a DequantizeLinear before it.")
    steps = tuple(
        (kind, by_channel(operator, first, value), by_channel(operator, second, value))
        for kind, first, second in rounding.steps
    )
    return followed(operator, pending_of(value), steps, builder)


def _of_linear(
    operator: Operator, first: Value, others: list[NDArray[Any]]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Scale and zero point of QuantizeLinear or DequantizeLinear, along their axis."""
    if operator.attributes.get("block_size", 0):
        raise InputError(f"{operator.where}: scales by blocks are not read; use one per tensor or channel.")
    scale = others[0]
    if len(others) > 1 and others[1].size:
        zero = others[1]
    else:
        # Without a zero point the type is that of the numbers, or unsigned bytes.
        zero = np.zeros(scale.shape, np.uint8)
        if operator.kind == "QuantizeLinear" and operator.attributes.get("output_dtype", 0):
            from spinpim.network.onnx_reader.file import imported_onnx

            kind = imported_onnx().helper.tensor_dtype_to_np_dtype(operator.attributes["output_dtype"])
            zero = zero.astype(kind)
    rank = first.array.ndim if isinstance(first, Constant) else len(file_shape(first))
    if scale.size == 1 and zero.size == 1:
        return scale.reshape(()), zero.reshape(())
    axis = int(operator.attributes.get("axis", 1))
    if scale.ndim != 1 or zero.shape != scale.shape or not -rank <= axis < rank:
        raise InputError(
            f"{operator.where}: scale {scale.shape} and zero point {zero.shape} must be one number, or one "
            "per channel "
            f"of axis {axis}."
        )
    sizes = [1] * rank
    sizes[axis] = scale.size
    return scale.reshape(sizes), zero.reshape(sizes)


def _dequantised(
    operator: Operator, value: Value, scale: NDArray[Any], zero: NDArray[Any], builder: Builder
) -> Value:
    offset = zero.astype(np.int64)
    if isinstance(value, Constant):
        return made_real(operator, _levels(operator, value), scale, offset)
    if not isinstance(value, Codes) or value.scale is not None:
        raise InputError(f"{operator.where}: takes what is not quantised; put a QuantizeLinear before it.")
    return _scaled(operator, value, scale, offset)


def _scaled(operator: Operator, codes: Codes, scale: NDArray[Any], zero: NDArray[np.int64]) -> Codes:
    """Codes with what they stand for."""
    if np.any(zero != zero.flat[0]):
        raise InputError(f"{operator.where}: activations have one zero point; these have one per channel.")
    channels = by_channel(operator, scale, codes)
    if not np.all((channels >= 1e-30) & (channels <= 1e30)):
        raise InputError(f"{operator.where}: its scale must lie in 1e-30..1e30.")
    return replace(codes, scale=np.atleast_1d(channels), zero=int(zero.flat[0]))
