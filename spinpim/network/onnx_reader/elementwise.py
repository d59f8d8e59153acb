"""Operators on single numbers: normalisation, rectifier, limits, constants, and the sum of two branches."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.onnx_reader.builder import Builder
from spinpim.network.onnx_reader.graph import Operator
from spinpim.network.onnx_reader.shapes import by_channel
from spinpim.network.onnx_reader.values import (
    Codes,
    Constant,
    Join,
    Mean,
    Pending,
    Step,
    Tensor,
    Value,
    falls,
    step,
)
from spinpim.network.window import Window


def pending_of(value: Tensor) -> Pending:
    """Tensor on which steps can follow."""
    if isinstance(value, Pending):
        return value
    return Pending(Mean(value, Window()), value.shape, flat=value.flat)


def stepped(operator: Operator, values: list[Value | None], builder: Builder) -> Pending:
    """Tensor after the steps of an operator.

    Raises
    ------
    InputError
        If its other inputs are no constants, or not one per channel.
    """
    tensors = [one for one in values if one is not None and not isinstance(one, Constant)]
    if len(tensors) != 1:
        raise InputError(
            f"{operator.where}: {operator.kind} of two tensors is not read; one must be constant."
        )
    pending = pending_of(tensors[0])
    if pending.whole is not None:
        raise InputError(f"{operator.where}: takes whole numbers; put a DequantizeLinear before it.")
    kind = operator.kind
    if kind == "BatchNormalization":
        return followed(operator, pending, _normalisation(operator, values, pending), builder)
    if kind == "Relu":
        steps: tuple[Step, ...] = (step("clip", 0.0, math.inf),)
    elif kind == "Neg":
        steps = (step("multiply", -1.0),)
    elif kind == "Clip":
        low, high = limits_of(operator, values)
        steps = (step("clip", low, high),)
    else:
        steps = _arithmetic(operator, values, pending)
    return followed(operator, pending, steps, builder)


def followed(operator: Operator, pending: Pending, steps: tuple[Step, ...], builder: Builder) -> Pending:
    """Pending tensor with more steps; its largest values are taken before where a step turns their order."""
    if pending.maxima and any(falls(one) for one in steps):
        pending = pending_of(builder.real(operator, pending))
    return Pending(
        pending.source,
        pending.shape,
        pending.steps + steps,
        pending.name or operator.name,
        pending.maxima,
        pending.flat,
    )


def joined(operator: Operator, values: list[Value | None], builder: Builder) -> Pending:
    """Sum of two branches.

    Raises
    ------
    InputError
        If they have other shapes, or are those of the image.
    """
    branches = []
    for value in values[:2]:
        if value is None or isinstance(value, Constant):
            raise InputError(f"{operator.where}: adds nothing.")
        whole = value.whole is not None if isinstance(value, Pending) else False
        if whole or (isinstance(value, Codes) and value.scale is None):
            raise InputError(f"{operator.where}: takes whole numbers; put a DequantizeLinear before it.")
        branches.append(builder.real(operator, value) if isinstance(value, Pending) else value)
    one, other = branches
    if one.shape != other.shape or one.flat != other.flat:
        raise InputError(
            f"{operator.where}: adds branches of the shapes {one.shape} and {other.shape} (row, column, "
            "channel); "
            "they must be the same."
        )
    return Pending(Join((one, other)), one.shape, name=operator.name, flat=one.flat)


def limits_of(operator: Operator, values: list[Value | None]) -> tuple[float, float]:
    """Limits of a Clip: inputs in newer files, attributes in older ones.

    Raises
    ------
    InputError
        If they are no numbers, or fall.
    """
    found = [operator.attributes.get("min", -math.inf), operator.attributes.get("max", math.inf)]
    for number, value in enumerate(values[1:3]):
        if value is None:
            continue
        if not isinstance(value, Constant) or value.array.size != 1:
            raise InputError(f"{operator.where}: its limits must be constant numbers.")
        found[number] = float(value.array.ravel()[0])
    if not found[0] <= found[1]:
        raise InputError(f"{operator.where}: its limits {found[0]} and {found[1]} must rise.")
    return found[0], found[1]


def _arithmetic(operator: Operator, values: list[Value | None], pending: Pending) -> tuple[Step, ...]:
    first = isinstance(values[0], Constant)
    other = values[0] if first else values[1] if len(values) > 1 else None
    if not isinstance(other, Constant):
        raise InputError(f"{operator.where}: needs a constant.")
    constant = by_channel(operator, other.array, pending)
    if operator.kind == "Add":
        return (step("add", constant),)
    if operator.kind == "Sub":
        return (step("multiply", -1.0), step("add", constant)) if first else (step("add", -constant),)
    if operator.kind == "Mul":
        return (step("multiply", constant),)
    if first or np.any(constant == 0):
        raise InputError(f"{operator.where}: only division by constants other than zero is read.")
    return (step("divide", constant),)


def _normalisation(operator: Operator, values: list[Value | None], pending: Pending) -> tuple[Step, ...]:
    """Gain and constant of each channel, in the order of float32 roundings of onnxruntime."""
    if operator.attributes.get("training_mode", 0):
        raise InputError(f"{operator.where}: is in training mode; export the network for inference.")
    parts: list[NDArray[np.float32]] = []
    for value in values[1:5]:
        if not isinstance(value, Constant) or value.array.dtype != np.float32:
            raise InputError(f"{operator.where}: gain, bias, mean and variance must be constants of float32.")
        if value.array.shape != (pending.shape[2],) or not np.all(np.isfinite(value.array)):
            raise InputError(
                f"{operator.where}: gain, bias, mean and variance must be {pending.shape[2]} finite "
                "numbers each; "
                f"got the shape {value.array.shape}."
            )
        parts.append(value.array)
    if len(parts) != 4 or (pending.flat and pending.shape[:2] != (1, 1)):
        raise InputError(f"{operator.where}: must normalise channels by gain, bias, mean and variance.")
    gain, bias, mean, variance = parts
    spread = variance + np.float32(operator.attributes.get("epsilon", 1e-5))
    if np.any(spread <= 0):
        raise InputError(f"{operator.where}: variance and epsilon must be positive together.")
    gain = gain * (np.float32(1) / np.sqrt(spread))
    return step("multiply", gain), step("add", bias - mean * gain)
