"""The exact forward pass: what an error-free machine computes, the oracle of every other way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import instance
from spinpim.errors import InputError
from spinpim.network.checks import IMAGE
from spinpim.network.joins import Add, Pool
from spinpim.network.layers import Layer, im2col, windows
from spinpim.network.model import Network, Node
from spinpim.network.quantise import BitCoding
from spinpim.network.quantiser import Quantiser, Thresholds

IMAGES_PER_BATCH = 64


def class_scores(network: Network, images: NDArray[Any]) -> NDArray[np.float64]:
    """Scores of each class for raw images.

    Parameters
    ----------
    network : Network
        The network.
    images : array of int, shape (images, height, width, channels)
        Raw values 0..input_maximum; see `Network.encode_input`.

    Returns
    -------
    array of float64, shape (images, classes)
        What the last node gives.

    Raises
    ------
    InputError
        If the images are not the network's.
    """
    raw = np.asarray(images)
    batches = [
        node_outputs(network, raw[start : start + IMAGES_PER_BATCH])[network.nodes[-1].name].reshape(
            -1, network.classes
        )
        for start in range(0, max(1, len(raw)), IMAGES_PER_BATCH)
    ]
    return np.concatenate(batches)


def node_outputs(network: Network, images: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """What each node hands on for raw images, by name: codes, or real numbers; also the coded "image".

    Raises
    ------
    InputError
        If the images are not the network's.
    """
    values: dict[str, NDArray[Any]] = {IMAGE: network.encode_input(images)}
    for number, node in enumerate(network.nodes):
        names = network.inputs_of(number)
        codings = [network.signals[name].coding for name in names]
        values[node.name] = node_output(node, [values[name] for name in names], codings)
    return values


def node_output(node: Node, entering: list[NDArray[Any]], codings: list[BitCoding | None]) -> NDArray[Any]:
    """What one node makes of what enters, (images, height, width, channels) each."""
    first = entering[0]
    if isinstance(node, Layer):
        rows, columns = node.positions(*first.shape[1:3])
        sums = accumulate(first, node)
        return handed_on(sums, node.quantiser).reshape(len(first), rows, columns, node.out_channels)
    if isinstance(node, Add):
        branches = [
            factor * decoded(values, coding)
            for factor, values, coding in zip(node.factors, entering, codings, strict=True)
        ]
        return handed_on(np.asarray(sum(branches)), node.quantiser)
    return pooled(node, first, codings[0])


def pooled(node: Pool, values: NDArray[Any], coding: BitCoding | None) -> NDArray[Any]:
    """Largest values, or averages, of windows of codes or real numbers."""
    if node.quantiser is not None:
        sums = windows(decoded(values, coding), node.window, 0.0).sum(axis=(3, 4))
        return handed_on(sums, node.quantiser)
    if coding is None:
        return np.asarray(windows(values, node.window, -np.inf).max(axis=(3, 4)))
    # Two's complement codes are ordered like their values once the sign digit is turned over.
    turned = np.uint8(1 << (coding.bits - 1) if coding.name == "signed" else 0)
    return np.asarray(windows(values ^ turned, node.window, 0).max(axis=(3, 4))) ^ turned


def decoded(values: NDArray[Any], coding: BitCoding | None) -> NDArray[np.float64]:
    """Values of codes, or the real numbers that they are, in float64."""
    return (values if coding is None else coding.decode(values)).astype(np.float64)


def handed_on(sums: NDArray[Any], quantiser: Quantiser) -> NDArray[Any]:
    """Codes or real numbers of sums, channels on the last axis."""
    if not isinstance(quantiser, Thresholds) and quantiser.coding is None:
        return quantiser.reals(sums)
    return quantiser.codes(sums)


def predict(network: Network, images: NDArray[Any]) -> NDArray[np.int64]:
    """Class with the largest score, the first of equals; shape (images,).

    Examples
    --------
    >>> from spinpim.network.datasets import load_dataset
    >>> digits = load_dataset("digits")
    >>> network = Network.load("digits_w1a4")
    >>> bool(np.mean(predict(network, digits.images) == digits.labels) > 0.97)
    True
    """
    winners: NDArray[np.int64] = np.argmax(class_scores(network, images), axis=1)
    return winners


def accuracy(network: Network, images: NDArray[Any], labels: NDArray[Any]) -> float:
    """Fraction of images whose predicted class is the label [1].

    Raises
    ------
    InputError
        If there are no images, or not as many labels as images.
    """
    instance("network", network, Network, "Network.load(...)")
    if len(images) == 0 or len(images) != len(labels):
        raise InputError(
            f"accuracy needs as many labels as images, at least one; got {len(images)} and {len(labels)}."
        )
    return float(np.mean(predict(network, images) == np.asarray(labels)))


def accumulate(codes: NDArray[np.uint8], layer: Layer) -> NDArray[np.int64]:
    r"""Dot products of decoded weights and activations.

    .. math:: a_{ipo} = \sum_k w_{ok} (x_{ipk} - z)

    Floating-point numbers carry the matrix product because only they have a fast one; every partial sum
    is a whole number that they hold exactly, so the result is exact whatever the order of summation.

    Parameters
    ----------
    codes : array of uint8, shape (images, height, width, channels)
        Coded input of the layer.
    layer : Layer
        The layer.

    Returns
    -------
    array of int64, shape (images, positions, out_channels)
        Exact sums.
    """
    exact = layer.exact_type
    weights = layer.weight_values.astype(exact)
    parts = []
    for group in range(layer.groups):
        rows = (layer.input_coding.decode(im2col(codes, layer, group)) - layer.input_zero).astype(exact)
        parts.append(np.matmul(rows, weights[layer.filters_of(group)].T))
    sums: NDArray[np.int64] = np.concatenate(parts, axis=2).astype(np.int64)
    return sums
