"""What a layer and a network must satisfy, each breach told in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.quantise import MAXIMUM_BITS, BitCoding

if TYPE_CHECKING:
    from spinpim.network.layers import Layer
    from spinpim.network.model import Network

LARGEST_SIZE = 1 << 20


def check_layer(layer: Layer) -> None:
    """Raise an InputError unless the parts of the layer fit together."""
    where = f"layer {layer.name!r}"
    if layer.kind not in ("conv", "dense"):
        raise InputError(f'{where}: kind must be "conv" or "dense"; got {layer.kind!r}.')
    sizes = {
        "kernel height": (layer.kernel[0], 1),
        "kernel width": (layer.kernel[1], 1),
        "stride": (layer.stride, 1),
        "padding": (layer.padding, 0),
        "in_channels": (layer.in_channels, 1),
        "out_channels": (layer.out_channels, 1),
        "pool": (layer.pool, 1),
    }
    for name, (size, smallest) in sizes.items():
        _check_whole(where, name, size, smallest, LARGEST_SIZE)
    if layer.output_bits is not None:
        _check_whole(where, "output_bits", layer.output_bits, 1, MAXIMUM_BITS)
    if layer.kind == "dense" and (*layer.kernel, layer.stride, layer.padding, layer.pool) != (1, 1, 1, 0, 1):
        raise InputError(f"{where}: a dense layer has kernel (1, 1), stride 1, padding 0 and pool 1.")
    if layer.kind == "conv" and layer.padding >= min(layer.kernel):
        raise InputError(f"{where}: padding {layer.padding} must be smaller than the kernel {layer.kernel}.")
    if layer.input_coding.name != "unsigned":
        raise InputError(
            f'{where}: input_coding must be "unsigned", so that padding is the code 0; '
            f"got {layer.input_coding.name!r}."
        )
    _check_arrays(where, layer)


def check_network(network: Network) -> None:
    """Raise an InputError unless the layers fit each other and the images."""
    where = f"network {network.name!r}"
    if not network.layers:
        raise InputError(f"{where} has no layers.")
    if len(network.input_shape) != 3:
        raise InputError(f"{where}: input_shape is not (height, width, channels): {network.input_shape}.")
    for axis, size in zip(("height", "width", "channels"), network.input_shape, strict=True):
        _check_whole(where, f"input_shape {axis}", size, 1, 1 << 16)
    _check_whole(where, "input_maximum", network.input_maximum, 1, 255)
    shape = network.input_shape
    coding = BitCoding("unsigned", network.input_bits)
    for number, layer in enumerate(network.layers, start=1):
        here = f"{where}, layer {layer.name!r}"
        last = number == len(network.layers)
        if layer.input_coding != coding:
            raise InputError(
                f"{here} takes {layer.input_coding.bits} bit activations, but {coding.bits} bit ones arrive."
            )
        arriving = shape[2] if layer.kind == "conv" else shape[0] * shape[1] * shape[2]
        if layer.in_channels != arriving:
            raise InputError(f"{here} takes {layer.in_channels} channels, but {arriving} arrive ({shape}).")
        shape = layer.output_shape(*shape[:2])
        if min(shape) < 1:
            raise InputError(f"{here}: kernel or pool is larger than its input; the output is {shape}.")
        if last != (layer.output_bits is None):
            raise InputError(f"{here}: output_bits must be absent in the last layer, and only there.")
        coding = BitCoding("unsigned", layer.output_bits or network.input_bits)
    if shape[:2] != (1, 1) or network.layers[-1].pool != 1:
        raise InputError(f"{where}: the last layer must give one score per class; it gives {shape}.")


def check_images(network: Network, images: NDArray[Any]) -> NDArray[Any]:
    """Images with four axes; an InputError unless shape, type and range are the network's."""
    raw = np.asarray(images)
    where = f"images for network {network.name!r}"
    if raw.dtype.kind not in "iu":
        raise InputError(f"{where} must be whole numbers 0..{network.input_maximum}; got {raw.dtype}.")
    if network.input_shape[2] == 1 and raw.ndim == 3:
        raw = raw[..., np.newaxis]
    if raw.shape[1:] != network.input_shape:
        raise InputError(
            f"{where} must have shape (images, {', '.join(map(str, network.input_shape))}); got {raw.shape}."
        )
    if raw.size and (raw.min() < 0 or raw.max() > network.input_maximum):
        raise InputError(
            f"{where} must lie in 0..{network.input_maximum}; they span {raw.min()}..{raw.max()}. "
            f"Is this the data set that the network was trained on?"
        )
    return raw


def _check_arrays(where: str, layer: Layer) -> None:
    shape = (layer.out_channels, layer.fan_in)
    codes = layer.weight_codes
    if codes.dtype != np.uint8 or codes.shape != shape:
        raise InputError(
            f"{where}: weight_codes must be uint8 of shape {shape} (out_channels, kernel height x width x "
            f"in_channels); got {codes.dtype} of shape {codes.shape}."
        )
    if codes.max() >> layer.weight_coding.bits:
        raise InputError(f"{where}: weight code {codes.max()} exceeds {layer.weight_coding.bits} bits.")
    for name in ("scale", "offset"):
        values = getattr(layer, name)
        if values.dtype != np.float64 or values.shape != shape[:1]:
            raise InputError(
                f"{where}: {name} must be float64 of shape {shape[:1]}; "
                f"got {values.dtype} of shape {values.shape}."
            )
        if not np.all(np.isfinite(values)):
            raise InputError(f"{where}: {name} must be finite; found NaN or infinity.")


def _check_whole(where: str, name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise InputError(f"{where}: {name} must be a whole number {low}..{high}; got {value!r}.")
