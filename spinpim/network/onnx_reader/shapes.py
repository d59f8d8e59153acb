"""Windows, and operators that only name the axes of an image anew."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.onnx_reader.graph import Operator
from spinpim.network.onnx_reader.values import Tensor, file_shape
from spinpim.network.window import Window


def window_of(operator: Operator, kernel: tuple[int, int], size: tuple[int, int]) -> Window:
    """Window that the attributes of an operator describe, on an image of that height and width.

    Raises
    ------
    InputError
        If there is no such window, or it is larger than the image.
    """
    attributes = operator.attributes
    lists = {
        name: [int(one) for one in attributes.get(name, [])] for name in ("strides", "dilations", "pads")
    }
    if (
        any(len(one) not in (0, 4 if name == "pads" else 2) for name, one in lists.items())
        or len(kernel) != 2
    ):
        raise InputError(f"{operator.where}: only windows of two dimensions are read; got {lists}.")
    stride = lists["strides"] or [1, 1]
    dilation = lists["dilations"] or [1, 1]
    pads = lists["pads"] or [0, 0, 0, 0]
    if min(*stride, *dilation, *kernel) < 1 or min(pads) < 0:
        raise InputError(f"{operator.where}: its window has numbers that are too small: {kernel}, {lists}.")
    auto = str(attributes.get("auto_pad", "NOTSET"))
    for axis in range(2):
        extent = dilation[axis] * (kernel[axis] - 1) + 1
        if auto in ("SAME_UPPER", "SAME_LOWER"):
            outputs = -(-size[axis] // stride[axis])
            missing = max(0, (outputs - 1) * stride[axis] + extent - size[axis])
            small, large = missing // 2, missing - missing // 2
            pads[axis], pads[axis + 2] = (small, large) if auto == "SAME_UPPER" else (large, small)
        elif auto == "VALID":
            pads[axis] = pads[axis + 2] = 0
        elif auto != "NOTSET":
            raise InputError(f"{operator.where}: auto_pad {auto!r} is not known.")
        elif attributes.get("ceil_mode", 0):
            pads[axis + 2] += _ceiling(size[axis], pads[axis], pads[axis + 2], extent, stride[axis])
    try:
        window = Window(
            kernel, (stride[0], stride[1]), (pads[0], pads[1], pads[2], pads[3]), (dilation[0], dilation[1])
        )
    except InputError as error:
        raise InputError(f"{operator.where}: {error}") from None
    if min(window.positions(*size)) < 1:
        raise InputError(f"{operator.where}: its window {kernel} is larger than its input {size}.")
    return window


def _ceiling(size: int, before: int, after: int, extent: int, stride: int) -> int:
    """Rows to add below so that the last, incomplete window counts; none if it began beyond the image."""
    room = size + before + after - extent
    outputs = -(-room // stride) + 1
    if (outputs - 1) * stride >= size + before:
        outputs -= 1
    return max(0, (outputs - 1) * stride - room)


def renamed_axes(operator: Operator, value: Tensor, wanted: list[int]) -> Tensor:
    """Tensor with a shape of the file's that keeps image and channels, or makes one list of them.

    Raises
    ------
    InputError
        If the shape is another.
    """
    height, width, channels = value.shape
    before = file_shape(value)
    shape = tuple(wanted)
    if shape == (1, math.prod(before)):
        return replace(value, flat=True)
    if shape == (1, channels, height, width):
        return replace(value, flat=False)
    raise InputError(
        f"{operator.where}: turns {before} into {shape}; only (1, features) and back to the image are read."
    )


def reshaped_sizes(operator: Operator, before: tuple[int, ...], wanted: NDArray[Any]) -> list[int]:
    """Sizes that a Reshape gives: 0 keeps one, -1 is what is left.

    Raises
    ------
    InputError
        If the numbers do not fit.
    """
    sizes = [int(one) for one in np.atleast_1d(wanted).ravel()]
    keep = not operator.attributes.get("allowzero", 0)
    sizes = [before[at] if keep and one == 0 and at < len(before) else one for at, one in enumerate(sizes)]
    known = math.prod(one for one in sizes if one != -1)
    if sizes.count(-1) == 1 and known and math.prod(before) % known == 0:
        sizes[sizes.index(-1)] = math.prod(before) // known
    if min(sizes, default=0) < 0 or math.prod(sizes) != math.prod(before):
        raise InputError(f"{operator.where}: cannot turn the shape {before} into {sizes}.")
    return sizes


def flattened_sizes(operator: Operator, before: tuple[int, ...]) -> list[int]:
    """Sizes that a Flatten gives."""
    axis = int(operator.attributes.get("axis", 1))
    axis += len(before) if axis < 0 else 0
    return [math.prod(before[:axis]), math.prod(before[axis:])]


def axes_of(operator: Operator, given: NDArray[Any] | None, rank: int) -> list[int] | None:
    """Axes of Squeeze or Unsqueeze: an input in newer files, an attribute in older ones.

    Raises
    ------
    InputError
        If there are no such axes.
    """
    axes = operator.attributes.get("axes") if given is None else np.atleast_1d(given).tolist()
    if axes is None:
        return None
    if any(not isinstance(one, int) or not -rank <= one < rank for one in axes):
        raise InputError(f"{operator.where}: has no axes {axes}.")
    return sorted({one % rank for one in axes})


def by_channel(operator: Operator, array: NDArray[Any], value: Tensor) -> NDArray[np.float32]:
    """Constants of an operator as one number, or one per channel.

    Raises
    ------
    InputError
        If they differ within a channel, do not fit, or are not finite numbers of float32.
    """
    if array.dtype != np.float32 or not np.all(np.isfinite(array)):
        raise InputError(
            f"{operator.where}: its constants must be finite numbers of float32; got {array.dtype}."
        )
    shape, channels = file_shape(value), value.shape[2]
    try:
        spread = np.broadcast_shapes(array.shape, shape)
    except ValueError:
        spread = ()
    if spread != shape:
        raise InputError(f"{operator.where}: constants of shape {array.shape} do not fit the tensor {shape}.")
    if array.size == 1:
        return np.asarray(array.reshape(()), np.float32)
    padded = array.reshape((1,) * (len(shape) - array.ndim) + array.shape)
    one_each = np.broadcast_to(padded, (1, shape[1], *padded.shape[2:])).reshape(channels, -1)
    if np.any(one_each != one_each[:, :1]):
        raise InputError(
            f"{operator.where}: its constants differ within a channel; only one per channel is read."
        )
    return np.ascontiguousarray(one_each[:, 0], np.float32)
