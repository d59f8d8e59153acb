"""A network: nodes from raw image to class scores."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import whole
from spinpim.network.checks import IMAGE, Signal, check_images, check_network
from spinpim.network.joins import Add, Pool
from spinpim.network.layers import Layer
from spinpim.network.quantise import MAXIMUM_BITS, BitCoding

Node = Layer | Pool | Add


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Nodes in the order of computation, with the coding of the images and the record of the training.

    Attributes
    ----------
    name, title : str
        Short name (of the file) and one line of description.
    input_shape : tuple of int
        Height, width and channels of an image.
    input_table : array of uint8, shape (values, channels)
        Code of each raw value 0, 1, ... of a pixel, by channel; see `pixel_table`.
    input_coding : BitCoding
        Of a coded pixel.
    nodes : tuple of Layer, Pool or Add
        Each takes the node before, or those that it names; the last gives the class scores.
    training : dict
        How the weights came to be: data set, split, optimiser, seed, versions, accuracies, sources.

    Raises
    ------
    InputError
        If the nodes do not fit each other or the images.

    Examples
    --------
    >>> network = Network.load("digits_w1a4")
    >>> network.input_shape, network.weight_bits, network.activation_bits
    ((8, 8, 1), 1, 4)
    """

    name: str
    title: str
    input_shape: tuple[int, int, int]
    input_table: NDArray[np.uint8]
    input_coding: BitCoding
    nodes: tuple[Node, ...]
    training: dict[str, Any] = field(default_factory=dict)
    signals: dict[str, Signal] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check that everything fits together."""
        table = np.array(self.input_table)
        table.setflags(write=False)
        object.__setattr__(self, "input_table", table)
        object.__setattr__(self, "signals", check_network(self))

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

    @classmethod
    def from_onnx(
        cls,
        path: str | os.PathLike[str],
        *,
        pixel_scale: float | Sequence[float] = 1.0 / 255.0,
        pixel_offset: float | Sequence[float] = 0.0,
    ) -> Network:
        r"""Read a quantised convolutional network from an ONNX file (needs the extra ``onnx``).

        Read are QONNX (Quant, BipolarQuant), QCDQ (QuantizeLinear, Clip, DequantizeLinear) and QDQ files of
        at most 8 bits. The codes of every quantised tensor are those of the file computed one operator after
        the other in float32, as onnxruntime does without optimisation and the executor of qonnx does.

        Parameters
        ----------
        path : str or path
            The file. Data outside it are read from its folder only.
        pixel_scale, pixel_offset : float or one per channel
            What the input of the file is for a byte p of an image [1]:
            ``float32(pixel_scale * p + pixel_offset)``; by default p / 255. For images normalised by mean m
            and standard deviation s: 1 / (255 s) and -m / s.

        Returns
        -------
        Network
            Takes bytes, shape (images, height, width, channels). Nodes are named as operators of the file.
            ``training["tensors"]`` has the node of each quantised tensor.

        Raises
        ------
        InputError
            If onnx is not installed, or the file is damaged, has operators that are not read, weights or
            activations of a product that are not quantised, more than 8 bits, several inputs or outputs, or
            unknown sizes. The sentence names the operator.

        Notes
        -----
        Sums of products and of averages are exact here. An engine rounds each partial sum to float32, in an
        order of its own, unless all scales are powers of two; a sum that lies within that rounding, some 1e-7
        of its largest partial sum, of the limit between two codes may then get the other code there. So may
        the sum of a Gemm with bias and more than a hundred inputs. Engines that fuse operators, or a product
        and a sum, as on other processors than x86-64, round otherwise still.

        Examples
        --------
        Images normalised by mean 0.5 and standard deviation 0.25 before training::

            network = Network.from_onnx("net.onnx", pixel_scale=1 / (255 * 0.25), pixel_offset=-2.0)
            network.save("net.npz")
        """
        from spinpim.network.onnx_reader import network_from_onnx

        return network_from_onnx(path, pixel_scale=pixel_scale, pixel_offset=pixel_offset)

    def save(self, path: str | Path) -> None:
        """Write the network to an ``.npz`` file; a file in place is always whole."""
        from spinpim.network.storage import save_network

        save_network(self, path)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Layers that the memory computes, in order."""
        return tuple(node for node in self.nodes if isinstance(node, Layer))

    def inputs_of(self, number: int) -> tuple[str, ...]:
        """Names of what enters a node."""
        return self.nodes[number].inputs or ((self.nodes[number - 1].name if number else IMAGE),)

    @property
    def layer_input_shapes(self) -> tuple[tuple[int, int, int], ...]:
        """Height, width and channels of what enters each layer."""
        return tuple(
            self.signals[self.inputs_of(number)[0]].shape
            for number, node in enumerate(self.nodes)
            if isinstance(node, Layer)
        )

    @property
    def positions(self) -> tuple[int, ...]:
        """Windows per image of each layer; 1 in a dense layer."""
        sizes = zip(self.layers, self.layer_input_shapes, strict=True)
        return tuple(math.prod(layer.positions(*shape[:2])) for layer, shape in sizes)

    @property
    def input_maximum(self) -> int:
        """The brightest value that a raw image can have."""
        return len(self.input_table) - 1

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.signals[self.nodes[-1].name].shape[2]

    @property
    def weight_bits(self) -> int:
        """Digits of a weight, the most of any layer."""
        return max(layer.weight_coding.bits for layer in self.layers)

    @property
    def activation_bits(self) -> int:
        """Digits of an activation, the most of any layer after the first, which takes the image."""
        later = self.layers[1:] or self.layers
        return max(layer.input_coding.bits for layer in later)

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
            count * layer.fan_in * layer.groups * layer.input_coding.bits
            for count, layer in zip(self.positions, self.layers, strict=True)
            if layer.weight_coding.constant
        )

    def encode_input(self, images: NDArray[Any]) -> NDArray[np.uint8]:
        """Codes of raw images.

        Parameters
        ----------
        images : array of int, shape (images, height, width, channels)
            Raw values 0..input_maximum; the last axis may be left out when there is one channel.

        Returns
        -------
        array of uint8, shape (images, height, width, channels)

        Raises
        ------
        InputError
            If shape, type or range is another.
        """
        raw = check_images(self, images)
        codes: NDArray[np.uint8] = self.input_table[raw, np.arange(self.input_shape[2])]
        return codes


def pixel_table(bits: int, maximum: int, channels: int) -> NDArray[np.uint8]:
    r"""Codes of the raw values of a pixel that is a number between 0 and 1.

    .. math:: q = \mathrm{round}\bigl((2^n - 1)\, x / x_{max}\bigr)

    Parameters
    ----------
    bits : int
        Digits n of a code.
    maximum : int
        The brightest value.
    channels : int
        Colours, all alike.

    Returns
    -------
    array of uint8, shape (maximum + 1, channels)
        Codes 0..2^bits - 1; a tie goes to the even code.

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> pixel_table(2, 4, 1).ravel().tolist()
    [0, 1, 2, 2, 3]
    """
    whole("bits", bits, 1, MAXIMUM_BITS)
    whole("maximum", maximum, 1, 255)
    whole("channels", channels, 1)
    # The product is a whole number, so the one division is correctly rounded and ties stay ties.
    levels = np.arange(maximum + 1, dtype=np.float64) * ((1 << bits) - 1) / maximum
    return np.repeat(np.rint(levels).astype(np.uint8)[:, np.newaxis], channels, axis=1)
