"""The exact forward pass: what an error-free machine computes, the oracle of every other way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.layers import Layer, im2col, requantise, scores
from spinpim.network.model import Network

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
        ``scale * accumulator + offset`` of the last layer.

    Raises
    ------
    InputError
        If the images are not the network's.
    """
    codes = network.encode_input(images)
    batches = [
        _batch_scores(network, codes[start : start + IMAGES_PER_BATCH])
        for start in range(0, len(codes), IMAGES_PER_BATCH)
    ]
    return np.concatenate([np.empty((0, network.classes)), *batches])


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
    if len(images) == 0 or len(images) != len(labels):
        raise InputError(
            f"accuracy needs as many labels as images, at least one; got {len(images)} and {len(labels)}."
        )
    return float(np.mean(predict(network, images) == np.asarray(labels)))


def accumulate(codes: NDArray[np.uint8], layer: Layer) -> NDArray[np.int64]:
    r"""Dot products of decoded weights and activations.

    .. math:: a_{ipo} = \sum_k w_{ok} x_{ipk}

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
    largest = layer.fan_in * layer.weight_coding.largest_magnitude * layer.input_coding.largest_magnitude
    exact = np.dtype(np.float32 if largest < 1 << 24 else np.float64)
    rows = layer.input_coding.decode(im2col(codes, layer)).astype(exact)
    sums: NDArray[np.int64] = np.matmul(rows, layer.weight_values.T.astype(exact)).astype(np.int64)
    return sums


def _batch_scores(network: Network, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    *hidden, last = network.layers
    for layer in hidden:
        codes = requantise(accumulate(codes, layer), layer, *codes.shape[1:3])
    return scores(accumulate(codes, last), last).reshape(len(codes), network.classes)
