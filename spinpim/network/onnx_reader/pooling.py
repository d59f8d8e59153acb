"""MaxPool, AveragePool and GlobalAveragePool."""

from __future__ import annotations

from dataclasses import replace

from spinpim.errors import InputError
from spinpim.network.onnx_reader.builder import Builder
from spinpim.network.onnx_reader.graph import Operator
from spinpim.network.onnx_reader.shapes import window_of
from spinpim.network.onnx_reader.values import Codes, Image, Mean, Pending, Reals, Tensor, step
from spinpim.network.window import Window

POOLS = ("MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool")


def pooled(operator: Operator, value: Tensor, builder: Builder) -> Tensor:
    """Largest values or averages of windows.

    Raises
    ------
    InputError
        If the windows do not fit, or are padded in an average.
    """
    height, width, channels = value.shape
    if value.flat:
        raise InputError(f"{operator.where}: takes an image, but a list of features arrives.")
    if operator.kind.startswith("Global"):
        window = Window((height, width))
    else:
        kernel = [int(one) for one in operator.attributes.get("kernel_shape", [])]
        if len(kernel) != 2:
            raise InputError(f"{operator.where}: kernel_shape must have two numbers; got {kernel}.")
        window = window_of(operator, (kernel[0], kernel[1]), (height, width))
    if isinstance(value, Pending) and isinstance(value.source, Image):
        raise InputError(f"{operator.where} takes the image before it is quantised. Quantise it first.")
    shape = (*window.positions(height, width), channels)
    if operator.kind.endswith("MaxPool"):
        return _largest(operator, value, window, shape, builder)
    if any(window.padding):
        raise InputError(
            f"{operator.where}: an average with padding {window.padding} is not computed, since its "
            "windows at the "
            "edge count otherwise. Export it without padding."
        )
    if isinstance(value, Pending):
        if value.whole is not None:
            raise InputError(f"{operator.where}: takes whole numbers; put a DequantizeLinear before it.")
        value = builder.real(operator, value)
    if isinstance(value, Codes) and value.scale is None:
        raise InputError(f"{operator.where}: takes whole numbers; put a DequantizeLinear before it.")
    count = window.kernel[0] * window.kernel[1]
    pending = Pending(Mean(value, window), shape, name=operator.name)
    return pending.then(step("divide", count)) if count > 1 else pending


def _largest(
    operator: Operator, value: Tensor, window: Window, shape: tuple[int, int, int], builder: Builder
) -> Tensor:
    if not window.sees_every_time(*value.shape[:2]):
        raise InputError(
            f"{operator.where}: some of its windows see nothing of the image. Lower the padding."
        )
    if isinstance(value, Pending):
        return replace(value, shape=shape, maxima=(*value.maxima, (operator.name, window)))
    node = builder.largest(operator, value, window)
    if isinstance(value, Reals):
        return Reals(node, shape)
    return replace(value, node=node, shape=shape)
