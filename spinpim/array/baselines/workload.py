"""What a network asks of a baseline: layers with the digits at which they are computed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.array.baselines.constants import Constants
from spinpim.errors import InputError
from spinpim.network.digital_work import DigitalWork, digital_work, largest_waiting_bits
from spinpim.network.model import Network

PRECISIONS = ("native", "matched")


@dataclass(frozen=True, slots=True)
class LayerWork:
    """One layer, per image.

    Attributes
    ----------
    name : str
        Name of the layer.
    windows, elements, filters, channel_groups : int
        Windows per image, elements K of a dot product, filters of all groups of channels, groups.
    kernel : tuple of int
        Height and width of the window.
    input_values : int
        Activations of the image that enters.
    weight_bits, activation_bits : int
        Digits at which it is computed.
    digital : DigitalWork
        Operations on its sums.
    image_bits : int
        Digits of the image that it brings in; 0 after the first layer.
    kept_bits : float
        Digits that it hands on.
    """

    name: str
    windows: int
    elements: int
    filters: int
    channel_groups: int
    kernel: tuple[int, int]
    input_values: int
    weight_bits: int
    activation_bits: int
    digital: DigitalWork
    image_bits: int
    kept_bits: float

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations."""
        return self.windows * self.elements * self.filters

    @property
    def weights(self) -> int:
        """Weights of the layer."""
        return self.elements * self.filters

    @property
    def outputs(self) -> int:
        """Dot products."""
        return self.windows * self.filters

    @property
    def filters_alike(self) -> int:
        """Filters that see the same channels."""
        return self.filters // self.channel_groups

    @property
    def read_bits(self) -> int:
        """Activation digits brought to the arrays, each window anew."""
        return self.windows * self.elements * self.channel_groups * self.activation_bits


def layer_works(network: Network, constants: Constants, precision: str) -> tuple[LayerWork, ...]:
    """Layers of a network at the digits of the baseline ("native") or of the network ("matched").

    Whether they fit is told by `check_buffer`.
    """
    native = precision == "native"
    weight_bits = constants.count("precision", "weight_bits")
    activation_bits = constants.count("precision", "activation_bits")
    of_digits = digital_work(network)
    own = [layer.input_coding.bits for layer in network.layers]
    taken = [activation_bits if native else bits for bits in own]
    works = []
    for number, layer in enumerate(network.layers):
        following = min(number + 1, len(own) - 1)
        works.append(
            LayerWork(
                name=layer.name,
                windows=network.positions[number],
                elements=layer.fan_in,
                filters=layer.out_channels,
                channel_groups=layer.groups,
                kernel=layer.window.kernel,
                input_values=math.prod(network.layer_input_shapes[number]),
                weight_bits=weight_bits if native else layer.weight_coding.bits,
                activation_bits=taken[number],
                digital=of_digits[number],
                image_bits=0 if number else math.prod(network.input_shape) * taken[0],
                kept_bits=of_digits[number].kept_bits * taken[following] / own[following],
            )
        )
    return tuple(works)


def waiting_bits(network: Network, constants: Constants, precision: str, batch: int = 1) -> float:
    """Digits that the buffers must hold for what a layer takes and gives, at the digits of the baseline."""
    own = [layer.input_coding.bits for layer in network.layers]
    native = constants.count("precision", "activation_bits")
    widening = max(native / bits for bits in own) if precision == "native" else 1.0
    return largest_waiting_bits(network) * widening * batch


def check_buffer(network: Network, constants: Constants, precision: str, batch: int = 1) -> None:
    """Refuse a network whose values do not fit between its layers.

    Raises
    ------
    InputError
        If what must wait exceeds the buffers of the chip.
    """
    tiles = constants["crossbar"]["tiles"] if "crossbar" in constants.sections else 1.0
    capacity = constants["buffer"]["capacity"] * tiles
    needed = waiting_bits(network, constants, precision, batch)
    if needed > capacity:
        raise InputError(
            f"{constants.name}: the buffers hold {capacity:.0f} bits; network {network.name!r} needs "
            f"{needed:.0f} for what a layer takes and gives. Raise buffer.capacity or take another baseline."
        )
