"""Networks of the literature with random weights: for costs, speed and tests of the mapping."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from spinpim.checks import seed_address, whole
from spinpim.errors import InputError
from spinpim.network.folding import weight_coding
from spinpim.network.joins import Add, Pool
from spinpim.network.layers import Layer
from spinpim.network.model import Network, Node, pixel_table
from spinpim.network.quantise import MAXIMUM_BITS, BitCoding
from spinpim.network.quantiser import Affine
from spinpim.network.window import Window

PIXEL_BITS = 8


def random_network(name: str, *, weight_bits: int = 1, activation_bits: int = 4, seed: int) -> Network:
    """Network of the literature whose weights are drawn at random, all layers quantised.

    Sums are scaled so that activations fill their codes; classes mean nothing.

    Parameters
    ----------
    name : str
        "lenet5" (28 x 28 grey), "svhn" (the DoReFa network, 40 x 40 colour), "vgg8" and "resnet18" (32 x 32
        colour) or "alexnet" (227 x 227 colour, two groups).
    weight_bits, activation_bits : int
        Digits, 1 to 8; pixels have 8.
    seed : int
        Address of the draws.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        If the name is unknown or a number is out of range.

    Examples
    --------
    >>> network = random_network("svhn", seed=1)
    >>> network.macs_per_image
    41735424

    References
    ----------
    Y. LeCun et al., Proc. IEEE 86, 2278 (1998); S. Zhou et al., arXiv:1606.06160; K. Simonyan and
    A. Zisserman, arXiv:1409.1556; K. He et al., arXiv:1512.03385; A. Krizhevsky et al., NIPS 25 (2012).
    """
    if not isinstance(name, str) or name not in BUILDERS:
        raise InputError(f"there is no architecture named {name!r:.60}; available: {', '.join(BUILDERS)}.")
    shape, fill = BUILDERS[name]
    weights = weight_coding(whole("weight_bits", weight_bits, 1, MAXIMUM_BITS))
    activations = BitCoding("unsigned", whole("activation_bits", activation_bits, 1, MAXIMUM_BITS))
    plan = _Plan(shape, weights, activations, np.random.default_rng((seed_address(seed), 1)))
    fill(plan)
    return Network(
        name=f"{name}_w{weight_bits}a{activation_bits}_random",
        title=f"{name}, random weights; {weight_bits} bit weights, {activation_bits} bit activations",
        input_shape=shape,
        input_table=pixel_table(PIXEL_BITS, 255, shape[2]),
        input_coding=BitCoding("unsigned", PIXEL_BITS),
        nodes=tuple(plan.nodes),
    )


class _Plan:
    """Nodes so far, and the shape and coding of what the last one hands on."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        weights: BitCoding,
        activations: BitCoding,
        generator: np.random.Generator,
    ) -> None:
        self.nodes: list[Node] = []
        self.shape, self.coding = shape, BitCoding("unsigned", PIXEL_BITS)
        self.weights, self.activations, self.generator = weights, activations, generator

    def conv(
        self,
        channels: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        real: bool = False,
    ) -> str:
        window = Window.square(kernel, stride=stride, padding=padding)
        return self._layer("conv", self.shape[2], channels, window, groups, real)

    def dense(self, channels: int, *, real: bool = False) -> str:
        return self._layer("dense", math.prod(self.shape), channels, Window(), 1, real)

    def largest(self, side: int, *, stride: int | None = None) -> None:
        window = Window.square(side, stride=stride or side)
        self.nodes.append(Pool("max", f"pool{len(self.nodes)}", window))
        self.shape = (*window.positions(*self.shape[:2]), self.shape[2])

    def average(self, side: int) -> None:
        window, channels = Window.square(side, stride=side), self.shape[2]
        line = Affine(np.full(channels, 1.0 / side**2), np.zeros(channels), self.activations)
        self.nodes.append(Pool("average", f"pool{len(self.nodes)}", window, line))
        self.shape = (*window.positions(*self.shape[:2]), channels)

    def block(self, channels: int, stride: int) -> None:
        """Two convolutions beside a shortcut, which is one of 1 x 1 where the shape changes."""
        entering, shape, coding = self.nodes[-1].name, self.shape, self.coding
        self.conv(channels, 3, stride=stride, padding=1)
        branch = self.conv(channels, 3, padding=1, real=True)
        shortcut = entering
        if stride != 1 or shape[2] != channels:
            after, self.shape, self.coding = self.shape, shape, coding
            shortcut = self._layer(
                "conv", shape[2], channels, Window.square(1, stride=stride), 1, True, entering
            )
            self.shape = after
        line = Affine(np.ones(channels), np.zeros(channels), self.activations)
        self.nodes.append(Add(f"add{len(self.nodes)}", (branch, shortcut), (1.0, 1.0), line))
        self.coding = self.activations

    def _layer(
        self,
        kind: str,
        entering: int,
        channels: int,
        window: Window,
        groups: int,
        real: bool,
        source: str = "",
    ) -> str:
        fan_in = math.prod(window.kernel) * (entering // groups)
        codes = self.generator.integers(0, 1 << self.weights.bits, (channels, fan_in), dtype=np.uint8)
        top = (1 << self.activations.bits) - 1
        # A quarter of the levels is the standard deviation of a sum of random products.
        weight = float(np.sqrt(np.mean(self.weights.decode(codes) ** 2.0)))
        spread = math.sqrt(fan_in / 3.0) * weight * self.coding.largest_magnitude
        middle = 0.0 if real else 0.5 * top
        line = Affine(
            np.full(channels, 0.25 * top / spread),
            np.full(channels, middle),
            None if real else self.activations,
        )
        layer = Layer(
            kind=kind,
            name=f"{kind}{len(self.nodes)}",
            in_channels=entering,
            out_channels=channels,
            weight_coding=self.weights,
            input_coding=self.coding,
            weight_codes=codes,
            quantiser=line,
            window=window,
            groups=groups,
            inputs=(source,) if source else (),
        )
        self.nodes.append(layer)
        self.shape, self.coding = layer.output_shape(*self.shape[:2]), self.activations
        return layer.name


def _lenet5(plan: _Plan) -> None:
    plan.conv(6, 5, padding=2)
    plan.largest(2)
    plan.conv(16, 5)
    plan.largest(2)
    for channels in (120, 84):
        plan.dense(channels)
    plan.dense(10, real=True)


def _svhn(plan: _Plan) -> None:
    plan.conv(48, 5)
    plan.largest(2)
    plan.conv(64, 3, padding=1)
    plan.conv(64, 3, padding=1)
    plan.largest(2)
    plan.conv(128, 3)
    plan.conv(128, 3, padding=1)
    plan.conv(128, 3)
    plan.conv(512, 5)
    plan.dense(10, real=True)


def _vgg8(plan: _Plan) -> None:
    for channels in (128, 256, 512):
        plan.conv(channels, 3, padding=1)
        plan.conv(channels, 3, padding=1)
        plan.largest(2)
    plan.dense(1024)
    plan.dense(10, real=True)


def _resnet18(plan: _Plan) -> None:
    plan.conv(64, 3, padding=1)
    for channels, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        plan.block(channels, stride)
        plan.block(channels, 1)
    plan.average(4)
    plan.dense(10, real=True)


def _alexnet(plan: _Plan) -> None:
    plan.conv(96, 11, stride=4)
    plan.largest(3, stride=2)
    plan.conv(256, 5, padding=2, groups=2)
    plan.largest(3, stride=2)
    plan.conv(384, 3, padding=1)
    plan.conv(384, 3, padding=1, groups=2)
    plan.conv(256, 3, padding=1, groups=2)
    plan.largest(3, stride=2)
    for channels in (4096, 4096):
        plan.dense(channels)
    plan.dense(1000, real=True)


Builder = tuple[tuple[int, int, int], Callable[[_Plan], None]]
BUILDERS: MappingProxyType[str, Builder] = MappingProxyType(
    {
        "lenet5": ((28, 28, 1), _lenet5),
        "svhn": ((40, 40, 3), _svhn),
        "vgg8": ((32, 32, 3), _vgg8),
        "resnet18": ((32, 32, 3), _resnet18),
        "alexnet": ((227, 227, 3), _alexnet),
    }
)
