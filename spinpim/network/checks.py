"""What a layer and a network must satisfy, each breach told in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.joins import Add, Pool, check_named
from spinpim.network.layers import KINDS, Layer
from spinpim.network.quantise import BitCoding
from spinpim.network.quantiser import Quantiser
from spinpim.network.window import LARGEST_SIZE, Window

if TYPE_CHECKING:
    from spinpim.network.model import Network, Node

LONGEST_NAME = 200
MAXIMUM_NODES = 1024
IMAGE = "image"
"""Name by which a node takes the coded image."""


class Signal(NamedTuple):
    """What a node hands on: height, width and channels, and the coding; real numbers have none."""

    shape: tuple[int, int, int]
    coding: BitCoding | None


def check_layer(layer: Layer) -> None:
    """Raise an InputError unless the parts of the layer fit together."""
    where = f"layer {layer.name!r}"
    if layer.kind not in KINDS:
        raise InputError(f'{where}: kind must be "conv" or "dense"; got {layer.kind!r}.')
    check_named(where, layer.name, layer.inputs)
    for name, kind in (
        ("window", Window),
        ("weight_coding", BitCoding),
        ("input_coding", BitCoding),
        ("quantiser", Quantiser),
    ):
        if not isinstance(getattr(layer, name), kind):
            wanted = (
                "an Affine, Thresholds or SinglePrecision step"
                if name == "quantiser"
                else f"a {getattr(kind, '__name__', '')}"
            )
            raise InputError(f"{where}: {name} must be {wanted}; got {getattr(layer, name)!r:.60}.")
    for name in ("in_channels", "out_channels", "groups"):
        _check_whole(where, name, getattr(layer, name), 1, LARGEST_SIZE)
    if layer.kind == "dense" and (layer.window != Window() or layer.groups != 1):
        raise InputError(f"{where}: a dense layer has a window of 1 x 1 and one group.")
    for name in ("in_channels", "out_channels"):
        if getattr(layer, name) % layer.groups:
            raise InputError(
                f"{where}: {name} {getattr(layer, name)} is no multiple of {layer.groups} groups."
            )
    if isinstance(layer.input_zero, bool) or not isinstance(layer.input_zero, int | np.integer):
        raise InputError(f"{where}: input_zero must be a whole number; got {layer.input_zero!r}.")
    if any(layer.window.padding) or layer.input_zero:
        try:
            _ = layer.zero_code
        except InputError as error:
            raise InputError(
                f"{where}: zero must be among the activations, as padding or as input_zero, but {error} Pad "
                "before the quantiser, or use an unsigned or signed coding."
            ) from None
    if layer.quantiser.channels != layer.out_channels:
        raise InputError(
            f"{where}: its quantiser has {layer.quantiser.channels} channels instead of {layer.out_channels}."
        )
    shape = (layer.out_channels, layer.fan_in)
    codes = layer.weight_codes
    if codes.dtype != np.uint8 or codes.shape != shape:
        raise InputError(
            f"{where}: weight_codes must be uint8 of shape {shape} (out_channels, kernel height x width x "
            f"channels of a group); got {codes.dtype} of shape {codes.shape}."
        )
    if codes.size and codes.max() >> layer.weight_coding.bits:
        raise InputError(f"{where}: weight code {codes.max()} exceeds {layer.weight_coding.bits} bits.")


def check_network(network: Network) -> dict[str, Signal]:
    """Signals by node; an InputError unless the nodes fit each other and the images."""
    where = f"network {network.name!r}"
    if len(network.input_shape) != 3:
        raise InputError(f"{where}: input_shape is not (height, width, channels): {network.input_shape}.")
    for axis, size in zip(("height", "width", "channels"), network.input_shape, strict=True):
        _check_whole(where, f"input_shape {axis}", size, 1, 1 << 16)
    if not isinstance(network.input_coding, BitCoding):
        raise InputError(f"{where}: input_coding must be a BitCoding; got {network.input_coding!r:.60}.")
    _check_table(where, network)
    if len(network.nodes) > MAXIMUM_NODES:
        raise InputError(f"{where}: has {len(network.nodes)} nodes; at most {MAXIMUM_NODES} are possible.")
    signals = {IMAGE: Signal(network.input_shape, network.input_coding)}
    before = IMAGE
    for node in network.nodes:
        if not isinstance(node, Layer | Pool | Add):
            raise InputError(f"{where}: nodes are Layer, Pool or Add; got {node!r:.60}.")
        if len(node.name) > LONGEST_NAME:
            raise InputError(
                f"{where}: a name of a node has at most {LONGEST_NAME} letters: {node.name!r:.60}."
            )
        here = f"{where}, node {node.name!r}"
        if node.name in signals:
            raise InputError(f"{here}: the name is used twice; names of nodes differ, and none is {IMAGE!r}.")
        names = node.inputs or (before,)
        absent = [name for name in names if name not in signals]
        if absent:
            raise InputError(f"{here} takes {absent[0]!r}, which no earlier node is named.")
        if not isinstance(node, Add) and len(names) != 1:
            raise InputError(f"{here} takes one input; got {names}.")
        signals[node.name] = _signal(here, node, [signals[name] for name in names])
        before = node.name
    if not network.layers:
        raise InputError(f"{where} has no layers.")
    last = signals[before]
    if last.shape[:2] != (1, 1) or last.coding is not None:
        raise InputError(
            f"{where}: the last node must give one real score per class; it gives "
            f"{'codes' if last.coding else 'numbers'} of shape {last.shape}."
        )
    return signals


def check_images(network: Network, images: NDArray[Any]) -> NDArray[Any]:
    """Images with four axes; an InputError unless shape, type and range are the network's."""
    try:
        raw = np.asarray(images)
    except ValueError:
        raise InputError(
            "images must be an array of whole numbers; instead received a ragged list."
        ) from None
    if raw.ndim == 0:
        raise InputError(f"images must be an array of images; got {images!r:.60}.")
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


def _signal(here: str, node: Node, entering: list[Signal]) -> Signal:
    """Signal that a node hands on."""
    shape, coding = entering[0]
    if isinstance(node, Layer):
        if node.input_coding != coding:
            arriving = "real numbers" if coding is None else f"{coding.bits} bit {coding.name} activations"
            raise InputError(
                f"{here} takes {node.input_coding.bits} bit {node.input_coding.name} activations, but "
                f"{arriving} arrive."
            )
        channels = shape[2] if node.kind == "conv" else shape[0] * shape[1] * shape[2]
        if node.in_channels != channels:
            raise InputError(f"{here} takes {node.in_channels} channels, but {channels} arrive ({shape}).")
        left = node.output_shape(*shape[:2])
        quantiser: Any = node.quantiser
    elif isinstance(node, Pool):
        left = (*node.window.positions(*shape[:2]), shape[2])
        quantiser = node.quantiser
    else:
        other = [one.shape for one in entering if one.shape != shape]
        if other:
            raise InputError(f"{here} adds branches of the shapes {shape} and {other[0]}.")
        left, quantiser = shape, node.quantiser
    if min(left) < 1:
        raise InputError(f"{here}: its window is larger than its input; the output is {left}.")
    if not isinstance(node, Add) and any(node.window.padding) and not node.window.sees_every_time(*shape[:2]):
        raise InputError(f"{here}: some of its windows see nothing of the input {shape}. Lower the padding.")
    if quantiser is not None and quantiser.channels != left[2]:
        raise InputError(f"{here}: its quantiser has {quantiser.channels} channels instead of {left[2]}.")
    return Signal(left, coding if quantiser is None else quantiser.coding)


def _check_table(where: str, network: Network) -> None:
    table, channels = network.input_table, network.input_shape[2]
    if table.dtype != np.uint8 or table.ndim != 2 or table.shape[1] != channels or not 2 <= len(table) <= 256:
        raise InputError(
            f"{where}: input_table must be uint8 of shape (values of a pixel, {channels}), with 2 to 256 "
            f"values; got {table.dtype} of shape {table.shape}."
        )
    if table.max() >> network.input_coding.bits:
        raise InputError(f"{where}: input_table has codes beyond {network.input_coding.bits} bits.")


def _check_whole(where: str, name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise InputError(f"{where}: {name} must be a whole number {low}..{high}; got {value!r}.")
