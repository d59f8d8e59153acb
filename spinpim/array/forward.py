"""A network's nodes in order; how a layer's sums are found is the caller's, all else is the digital unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.digital import affine_codes, affine_codes_by_channel, largest_codes
from spinpim.network.checks import IMAGE
from spinpim.network.joins import Pool
from spinpim.network.layers import Layer
from spinpim.network.model import Network
from spinpim.network.quantise import BitCoding
from spinpim.network.quantiser import Affine, Quantiser
from spinpim.network.reference import handed_on, node_output

LayerOutput = Callable[[int, Layer, NDArray[np.uint8]], NDArray[Any]]
"""Number of a layer, the layer and its coded input to what it hands on."""


def forward(network: Network, codes: NDArray[np.uint8], layer_output: LayerOutput) -> NDArray[np.float64]:
    """Class scores of coded images, shape (images, classes).

    Parameters
    ----------
    network : Network
        The nodes.
    codes : array of uint8, shape (images, height, width, channels)
        Coded images.
    layer_output : callable
        What computes a layer.
    """
    values: dict[str, NDArray[Any]] = {IMAGE: codes}
    last_use = {name: number for number in range(len(network.nodes)) for name in network.inputs_of(number)}
    layers = 0
    for number, node in enumerate(network.nodes):
        names = network.inputs_of(number)
        entering = [values[name] for name in names]
        if isinstance(node, Layer):
            values[node.name] = layer_output(layers, node, entering[0])
            layers += 1
        else:
            codings = [network.signals[name].coding for name in names]
            if isinstance(node, Pool) and node.quantiser is None and codings[0] is not None:
                values[node.name] = _largest(node, entering[0], codings[0])
            else:
                values[node.name] = node_output(node, entering, codings)
        for name in set(names):
            if last_use[name] == number:
                del values[name]
    scores: NDArray[np.float64] = values[network.nodes[-1].name].reshape(len(codes), network.classes)
    return scores


def sums_handed_on(sums: NDArray[Any], quantiser: Quantiser, *, by_channel: bool) -> NDArray[Any]:
    """Codes or real numbers of sums, shape (vectors, channels) whatever the order of the sums.

    Parameters
    ----------
    sums : array, shape (vectors, channels), or (channels, vectors) with ``by_channel``
        Whole numbers.
    quantiser : Affine or Thresholds
        Of the layer.
    by_channel : bool
        Whether channels come first.
    """
    vectors, channels = sums.shape[::-1] if by_channel else sums.shape
    if not isinstance(quantiser, Affine) or quantiser.coding is None:
        # In one order of memory, since a later sum of real numbers depends on the order.
        return handed_on(np.ascontiguousarray(sums.T) if by_channel else sums, quantiser)
    codes = np.empty((vectors, channels), np.uint8)
    kernel = affine_codes_by_channel if by_channel else affine_codes
    kernel(
        sums,
        quantiser.scale,
        quantiser.offset,
        float(quantiser.lowest),
        float(quantiser.highest),
        (1 << quantiser.coding.bits) - 1,
        codes,
    )
    return codes


def _largest(node: Pool, codes: NDArray[np.uint8], coding: BitCoding) -> NDArray[np.uint8]:
    window = node.window
    rows, columns = window.positions(*codes.shape[1:3])
    pooled = np.empty((len(codes), rows, columns, codes.shape[3]), np.uint8)
    turned = np.uint8(1 << (coding.bits - 1) if coding.name == "signed" else 0)
    largest_codes(
        np.ascontiguousarray(codes),
        window.kernel,
        window.stride,
        window.padding,
        window.dilation,
        turned,
        pooled,
    )
    return pooled
