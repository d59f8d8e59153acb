"""Conv, Gemm and MatMul: whole weights and activations, and what a unit of their sums is worth."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.onnx_reader.graph import Operator
from spinpim.network.onnx_reader.rounding import coding_of
from spinpim.network.onnx_reader.shapes import window_of
from spinpim.network.onnx_reader.values import Codes, Constant, Dot, Levels, Mean, Pending, Step, Value, step
from spinpim.network.quantise import BitCoding
from spinpim.network.window import Window


def convolution(operator: Operator, values: list[Value | None]) -> Pending:
    """Sums of a Conv, and its bias.

    Raises
    ------
    InputError
        If activations or weights are no whole numbers, or the shapes do not fit.
    """
    entering, levels = _activations(operator, values[0]), _weights(operator, values[1])
    height, width, channels = entering.shape
    shape = levels.values.shape
    groups = int(operator.attributes.get("group", 1))
    if entering.flat or len(shape) != 4 or 0 in shape:
        raise InputError(f"{operator.where}: only convolutions of two dimensions are read; weights {shape}.")
    if groups < 1 or channels != shape[1] * groups or shape[0] % groups:
        raise InputError(
            f"{operator.where}: weights of shape {shape} in {groups} groups do not fit the {channels} "
            "channels that arrive."
        )
    stated = operator.attributes.get("kernel_shape", list(shape[2:]))
    if list(stated) != list(shape[2:]):
        raise InputError(f"{operator.where}: kernel_shape {stated} is not that of its weights {shape}.")
    window = window_of(operator, (shape[2], shape[3]), (height, width))
    rows, columns = window.positions(height, width)
    dot = _dot(operator, entering, levels, (0, 2, 3, 1), {"kind": "conv", "window": window, "groups": groups})
    pending = Pending(dot, (rows, columns, shape[0]), name=operator.name)
    return pending.then(*_bias(operator, values, shape[0], 1.0))


def dense(operator: Operator, values: list[Value | None]) -> Pending:
    """Sums of a Gemm or MatMul, and the bias of the former.

    Raises
    ------
    InputError
        If activations or weights are no whole numbers, or the shapes do not fit.
    """
    entering, levels = _activations(operator, values[0]), _weights(operator, values[1])
    attributes = operator.attributes
    if operator.kind == "Gemm" and attributes.get("transA", 0):
        raise InputError(f"{operator.where}: transA is not read; the activations must come row by row.")
    if not entering.flat or levels.values.ndim != 2:
        raise InputError(
            f"{operator.where}: takes {entering.shape} and weights {levels.values.shape}; flatten the image."
        )
    if not attributes.get("transB", 0):
        levels = _turned(levels)
    height, width, channels = entering.shape
    outputs, inputs = levels.values.shape
    if inputs != height * width * channels or not outputs:
        raise InputError(
            f"{operator.where}: {height * width * channels} numbers arrive, but its weights take {inputs}."
        )
    # The file counts channel, row, column; a layer of ours counts row, column, channel.
    image = (outputs, channels, height, width)
    scale, zero = (_spread(part, (outputs, inputs)).reshape(image) for part in (levels.scale, levels.zero))
    levels = replace(levels, values=levels.values.reshape(image), scale=scale, zero=zero)
    dot = _dot(operator, entering, levels, (0, 2, 3, 1), {"kind": "dense", "window": Window(), "groups": 1})
    pending = Pending(dot, (1, 1, outputs), flat=True, name=operator.name)
    alpha = float(attributes.get("alpha", 1.0))
    if alpha != 1.0:
        pending = pending.then(step("multiply", alpha))
    return pending.then(*_bias(operator, values, outputs, float(attributes.get("beta", 1.0))))


def _dot(
    operator: Operator, entering: Codes, levels: Levels, order: tuple[int, ...], parts: dict[str, Any]
) -> Dot:
    """Layer without its quantiser, with the least and greatest sum of each channel."""
    shape = levels.values.shape
    zero = _spread(levels.zero, shape)
    values = (levels.values - zero).transpose(order).reshape(shape[0], -1)
    scale = _spread(levels.scale, shape).reshape(shape[0], -1)
    if np.any(scale != scale[:, :1]):
        raise InputError(
            f"{operator.where}: its weights have scales that differ within an output channel; use one per "
            "channel."
        )
    coding = _weight_coding(operator, levels, zero, values)
    activations = entering.coding.decode(np.arange(1 << entering.coding.bits)) - entering.zero
    # Sums of any weights of the coding, since a faulty memory holds others than the file; zero, which lies
    # beyond the edge, is among the activations.
    weights = coding.decode(np.arange(1 << coding.bits))
    products = np.outer(
        [weights.min(), weights.max()], [min(activations.min(), 0), max(activations.max(), 0)]
    )
    every = np.full(shape[0], values.shape[1], np.int64)
    return Dot(
        layer=parts
        | {
            "in_channels": entering.shape[2] if parts["kind"] == "conv" else math.prod(entering.shape),
            "out_channels": shape[0],
            "weight_coding": coding,
            "input_coding": entering.coding,
            "weight_codes": np.ascontiguousarray(coding.encode(values)),
            "input_zero": entering.zero,
            "inputs": (entering.node,),
        },
        unit=scale[:, 0].astype(np.float64) * entering.reals[0],
        lowest=every * products.min(),
        highest=every * products.max(),
    )


def _weight_coding(
    operator: Operator, levels: Levels, zero: NDArray[np.int64], values: NDArray[np.int64]
) -> BitCoding:
    low, high = levels.low - int(zero.max()), levels.high - int(zero.min())
    if not levels.bipolar and (high - low > 255 or (low < 0 and max(-low - 1, high) > 127)):
        # The weights themselves may be within eight bits, such as those of a type with a zero point.
        low, high = int(values.min()), int(values.max())
    return coding_of(f"{operator.where}: its weights", low, high, bipolar=levels.bipolar)


def _activations(operator: Operator, value: Value | None) -> Codes:
    """Codes of one scale that enter."""
    if isinstance(value, Pending) and isinstance(value.source, Mean) and isinstance(value.source.of, Codes):
        scaled = [one for one in value.steps if one[0] in ("multiply", "divide") and one[1].size == 1]
        plain = value.source.window == Window() and not value.maxima
        if plain and len(scaled) == len(value.steps) and value.source.of.scale is not None:
            scale = value.source.of.scale
            for operation, factor, _ in scaled:
                scale = scale * factor if operation == "multiply" else scale / factor
            value = replace(value.source.of, scale=scale, flat=value.flat)
    if not isinstance(value, Codes) or value.scale is None:
        raise InputError(
            f"{operator.where}: its activations are real numbers, which the memory cannot take. Put a "
            "Quant, or "
            "QuantizeLinear and DequantizeLinear, of at most 8 bits before it."
        )
    if np.any(value.reals != value.reals[0]):
        raise InputError(f"{operator.where}: its activations have a scale per channel; give them one scale.")
    return value


def _weights(operator: Operator, value: Value | None) -> Levels:
    if not isinstance(value, Constant):
        raise InputError(f"{operator.where}: its weights must be constants of the file.")
    if value.levels is None or value.levels.scale is None:
        raise InputError(
            f"{operator.where}: its weights are {value.array.dtype} without a quantiser. Export them "
            "behind a Quant, "
            "BipolarQuant or DequantizeLinear."
        )
    return value.levels


def _bias(operator: Operator, values: list[Value | None], outputs: int, factor: float) -> tuple[Step, ...]:
    value = values[2] if len(values) > 2 else None
    if value is None:
        return ()
    if not isinstance(value, Constant) or value.array.dtype != np.float32:
        raise InputError(f"{operator.where}: its bias must be a constant of float32.")
    bias = np.squeeze(value.array)
    if bias.shape not in ((), (outputs,), (1,)) or not np.all(np.isfinite(bias)):
        raise InputError(f"{operator.where}: its bias must be {outputs} finite numbers; got {bias.shape}.")
    return (step("add", np.float32(factor) * bias),)


def _turned(levels: Levels) -> Levels:
    scale, zero = (_spread(part, levels.values.shape).T for part in (levels.scale, levels.zero))
    return replace(levels, values=levels.values.T, scale=scale, zero=zero)


def _spread(part: NDArray[Any] | None, shape: tuple[int, ...]) -> NDArray[Any]:
    assert part is not None
    return np.broadcast_to(part, shape)
