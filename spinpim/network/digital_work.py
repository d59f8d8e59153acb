"""What the digital unit and the buffer do for each layer of the memory, counted from the nodes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.network.checks import IMAGE
from spinpim.network.joins import Add, Pool
from spinpim.network.layers import Layer
from spinpim.network.model import Network, Node
from spinpim.network.quantiser import Quantiser, Thresholds
from spinpim.network.single_precision import SinglePrecision

REAL_BITS = 32
"""Digits of a number that waits in the buffer before it is rounded."""


@dataclass(frozen=True, slots=True)
class DigitalWork:
    """Operations per image on what a layer gives, up to the next layer.

    Attributes
    ----------
    multiplications, additions, comparisons : int
        Of the quantiser, of pooling and of sums of branches; what makes a dot product whole is not included.
    kept_bits : int
        Digits written to the buffer because a layer, or a node that is not the next one, takes them.
    """

    multiplications: int
    additions: int
    comparisons: int
    kept_bits: int


def digital_work(network: Network) -> tuple[DigitalWork, ...]:
    """Work for each layer of the memory, in order.

    Nodes before the first layer belong to it; the coded image is not included.

    Examples
    --------
    >>> work = digital_work(Network.load("digits_w1a4"))
    >>> work[-1].kept_bits, work[0].kept_bits
    (0, 8192)
    """
    owners = _owners(network)
    kept = kept_bits(network)
    totals = [[0, 0, 0, 0] for _ in network.layers]
    for number, node in enumerate(network.nodes):
        of_layer = totals[owners[number]]
        for place, count in enumerate((*_operations(network, number), kept.get(node.name, 0))):
            of_layer[place] += count
    return tuple(DigitalWork(*counts) for counts in totals)


def kept_bits(network: Network) -> dict[str, int]:
    """Digits in the buffer of each node whose output waits there, and of the image."""
    kept = {IMAGE: _bits(network, IMAGE)}
    for number, node in enumerate(network.nodes):
        for name in network.inputs_of(number):
            follows = number > 0 and network.nodes[number - 1].name == name
            if isinstance(node, Layer) or not follows:
                kept[name] = _bits(network, name)
    return kept


def largest_waiting_bits(network: Network) -> int:
    """Digits in the buffer at the fullest moment; see `waiting_bits`."""
    return max(waiting_bits(network))


def waiting_bits(network: Network) -> tuple[int, ...]:
    """Digits in the buffer while each layer is at work: what it takes, what it gives, what waits meanwhile.

    Examples
    --------
    >>> waiting_bits(Network.load("digits_w1a4"))
    (8448, 12288, 4096)
    """
    kept, owners = kept_bits(network), _owners(network)
    made = {IMAGE: -1} | {node.name: owners[number] for number, node in enumerate(network.nodes)}
    needed = dict(made)
    for number in range(len(network.nodes)):
        for name in network.inputs_of(number):
            needed[name] = max(needed[name], owners[number])
    return tuple(
        sum(bits for name, bits in kept.items() if made[name] <= moment <= needed[name])
        for moment in range(len(network.layers))
    )


def _owners(network: Network) -> list[int]:
    """Layer of the memory that each node belongs to: itself, the last before it, or the first."""
    owners, layers = [], -1
    for node in network.nodes:
        layers += isinstance(node, Layer)
        owners.append(max(0, layers))
    return owners


def _bits(network: Network, name: str) -> int:
    shape, coding = network.signals[name]
    return math.prod(shape) * (REAL_BITS if coding is None else coding.bits)


def _operations(network: Network, number: int) -> tuple[int, int, int]:
    """Multiplications, additions and comparisons of a node."""
    node: Node = network.nodes[number]
    outputs = math.prod(network.signals[node.name].shape)
    multiplications, additions, comparisons = _rounding(node.quantiser)
    if isinstance(node, Add):
        multiplications += sum(abs(factor) != 1.0 for factor in node.factors)
        additions += len(node.inputs) - 1
    elif isinstance(node, Pool):
        others = math.prod(node.window.kernel) - 1
        additions += others * (node.kind == "average")
        comparisons += others * (node.kind == "max")
    return outputs * multiplications, outputs * additions, outputs * comparisons


def _rounding(quantiser: Quantiser | None) -> tuple[int, int, int]:
    """Multiplications, additions and comparisons per output of a quantiser."""
    if quantiser is None:
        return 0, 0, 0
    if isinstance(quantiser, Thresholds):
        return 0, 0, quantiser.coding.bits
    if isinstance(quantiser, SinglePrecision):
        steps = quantiser.operations
        products = sum(step in ("multiply", "divide") for step in steps)
        # Rounding is an addition of one half, as in an affine step, whose offset is added with it.
        return 1 + products, 1 + steps.count("add"), sum(step in ("clip", "at_least") for step in steps)
    return 1, 1, 1
