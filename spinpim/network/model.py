"""A network: layers one after the other, from raw image to class scores."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinpim.network.checks import check_images, check_network

if TYPE_CHECKING:
    from spinpim.network.layers import Layer


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Layers one after the other, with the coding of the images and the record of the training.

    Attributes
    ----------
    name, title : str
        Short name (of the file) and one line of description.
    input_shape : tuple of int
        Height, width and channels of an image.
    input_maximum : int
        The brightest value that a raw image can have (16 for digits, 255 for MNIST).
    input_bits : int
        Digits of a coded pixel.
    layers : tuple of Layer
        First to last; only the last gives scores.
    training : dict
        How the weights came to be: data set, split, optimiser, seed, versions, accuracies, sources.

    Raises
    ------
    InputError
        If the layers do not fit each other or the images.

    Examples
    --------
    >>> network = Network.load("digits_w1a4")
    >>> network.input_shape, network.weight_bits, network.activation_bits
    ((8, 8, 1), 1, 4)
    """

    name: str
    title: str
    input_shape: tuple[int, int, int]
    input_maximum: int
    input_bits: int
    layers: tuple[Layer, ...]
    training: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_network(self)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Network:
        """Read a shipped network by its name, or a file ending in ``.npz`` by its path.

        Raises
        ------
        InputError
            If there is no such network, or the file is damaged or of another kind.
        """
        from spinpim.network.storage import load_network

        return load_network(name_or_path)

    def save(self, path: str | Path) -> None:
        """Write the network to an ``.npz`` file; a file in place is always whole."""
        from spinpim.network.storage import save_network

        save_network(self, path)

    @property
    def layer_input_shapes(self) -> tuple[tuple[int, int, int], ...]:
        """Height, width and channels of what enters each layer."""
        shapes = [self.input_shape]
        for layer in self.layers[:-1]:
            shapes.append(layer.output_shape(*shapes[-1][:2]))
        return tuple(shapes)

    @property
    def positions(self) -> tuple[int, ...]:
        """Windows per image of each layer, before pooling; 1 in a dense layer."""
        sizes = zip(self.layers, self.layer_input_shapes, strict=True)
        return tuple(math.prod(layer.positions(*shape[:2])) for layer, shape in sizes)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.layers[-1].out_channels

    @property
    def weight_bits(self) -> int:
        """Digits of a weight, the most of any layer."""
        return max(layer.weight_coding.bits for layer in self.layers)

    @property
    def activation_bits(self) -> int:
        """Digits of an activation, the most of any layer."""
        return max(layer.input_coding.bits for layer in self.layers)

    @property
    def macs_per_image(self) -> int:
        """Multiply-accumulate operations for one image."""
        return sum(
            count * layer.fan_in * layer.out_channels
            for count, layer in zip(self.positions, self.layers, strict=True)
        )

    @property
    def and_operations_per_image(self) -> int:
        """One-bit ANDs of a weight digit with an activation digit for one image; corrections not included."""
        return sum(
            count * layer.fan_in * layer.out_channels * layer.weight_coding.bits * layer.input_coding.bits
            for count, layer in zip(self.positions, self.layers, strict=True)
        )

    @property
    def correction_bits_per_image(self) -> int:
        """Activation digits counted for the weights' constant: once per window, shared by all channels.

        Zero in layers whose weight coding has no constant.
        """
        return sum(
            count * layer.fan_in * layer.input_coding.bits
            for count, layer in zip(self.positions, self.layers, strict=True)
            if layer.weight_coding.constant
        )

    def encode_input(self, images: NDArray[Any]) -> NDArray[np.uint8]:
        r"""Codes of raw images.

        .. math:: q = \mathrm{round}\bigl((2^n - 1)\, x / x_{max}\bigr)

        Parameters
        ----------
        images : array of int, shape (images, height, width, channels)
            Raw values 0..input_maximum; the last axis may be left out when there is one channel.

        Returns
        -------
        array of uint8, shape (images, height, width, channels)
            Codes 0..2^input_bits - 1; a tie goes to the even code.

        Raises
        ------
        InputError
            If shape, type or range is another.
        """
        raw = check_images(self, images)
        # The product is a whole number, so the one division is correctly rounded and ties stay ties.
        levels = raw.astype(np.float64) * ((1 << self.input_bits) - 1) / self.input_maximum
        return np.rint(levels).astype(np.uint8)
