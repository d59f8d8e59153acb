"""A network as a table: what each node asks of the memory, and why the others stay outside it."""

from __future__ import annotations

import difflib
import math
from pathlib import Path
from typing import Any

from spinpim.errors import InputError
from spinpim.network.architectures import BUILDERS, random_network
from spinpim.network.checks import Signal
from spinpim.network.joins import Add
from spinpim.network.layers import Layer
from spinpim.network.model import Network, Node
from spinpim.network.quantise import BitCoding
from spinpim.network.single_precision import SinglePrecision

COLUMNS = ("node", "takes", "gives", "K", "filters", "W:I", "bit-ANDs", "corrections")
LEFT = 3
"""Columns of words; numbers are aligned to the right."""


def print_network(
    name: str,
    weight_bits: int | None = None,
    activation_bits: int | None = None,
    *,
    pixel_scale: float = 1.0 / 255.0,
    pixel_offset: float = 0.0,
) -> None:
    """Print a shipped network, a file, or an architecture with random weights.

    The input of an ONNX file is ``pixel_scale`` times a byte plus ``pixel_offset``, see `Network.from_onnx`.

    Raises
    ------
    InputError
        If there is no such network, it is damaged, or it has its own digits and others are asked for.
    """
    if name.endswith(".onnx"):
        network = Network.from_onnx(name, pixel_scale=pixel_scale, pixel_offset=pixel_offset)
    else:
        network = _found(name, weight_bits, activation_bits)
    pixel = network.input_coding
    print(f"{network.name}: {network.title}")
    print(f"images {_sizes(network.input_shape)}, values 0..{network.input_maximum}, ", end="")
    print(f"as {pixel.bits} bit {pixel.name} codes\n")
    rows = [COLUMNS, *(_row(network, number) for number in range(len(network.nodes)))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        aligned = (text.ljust(w) if at < LEFT else text.rjust(w) for at, (text, w) in enumerate(cells))
        print("  ".join(aligned).rstrip())
    ands, corrections = network.and_operations_per_image, network.correction_bits_per_image
    print(
        f"\n{network.macs_per_image:,} multiply-accumulates are {ands:,} bit-ANDs and {corrections:,} ",
        end="",
    )
    print(f"corrections; {_weights(network):,} digits of weights are stored.")
    print("\n".join(_outside(network)))


def _found(name: str, weight_bits: int | None, activation_bits: int | None) -> Network:
    if name in BUILDERS:
        asked = {"weight_bits": weight_bits, "activation_bits": activation_bits}
        return random_network(name, seed=0, **{key: bits for key, bits in asked.items() if bits is not None})
    if weight_bits is not None or activation_bits is not None:
        raise InputError(
            f"{name} is no architecture ({', '.join(BUILDERS)}): a stored network has its own digits. "
            "Leave out --weight-bits and --activation-bits."
        )
    try:
        return Network.load(name)
    except InputError as error:
        if Path(name).suffix or Path(name).exists():
            raise
        close = difflib.get_close_matches(name.lower(), BUILDERS, n=1)
        guess = f" Did you mean {close[0]!r}?" if close else ""
        raise InputError(f"{error} Architectures: {', '.join(BUILDERS)}.{guess}") from None


def _row(network: Network, number: int) -> tuple[str, ...]:
    node = network.nodes[number]
    entering = [network.signals[name] for name in network.inputs_of(number)]
    takes = f"{_sizes(entering[0].shape)} {_coded(entering[0])}"
    gives = f"{_sizes(network.signals[node.name].shape)} {_coded(network.signals[node.name])}"
    if not isinstance(node, Layer):
        return (node.name, takes, gives, *_digital(node, len(entering)))
    windows = math.prod(node.positions(*entering[0].shape[:2]))
    pairs = windows * node.fan_in * node.input_coding.bits
    corrected = pairs * node.groups if node.weight_coding.constant else 0
    return (
        node.name,
        takes,
        gives,
        str(node.fan_in),
        str(node.out_channels) + (f" in {node.groups}" if node.groups > 1 else ""),
        f"{node.weight_coding.bits}:{node.input_coding.bits}",
        f"{pairs * node.out_channels * node.weight_coding.bits:,}",
        f"{corrected:,}",
    )


def _digital(node: Node, inputs: int) -> tuple[str, ...]:
    if isinstance(node, Add):
        return "", "", "", f"sum of {inputs}", ""
    window: Any = node
    return "", "", "", f"{window.kind} of {_sizes(window.window.kernel)}", ""


def _outside(network: Network) -> list[str]:
    """Why parts of the network are not computed by the memory."""
    sentences = [
        "Outside the memory, in the digital unit: scale, offset, rounding and clipping of each sum"
        + (", pooling" if len(network.nodes) > len(network.layers) else "")
        + ". They are not sums of ANDs."
    ]
    single = [node.name for node in network.nodes if isinstance(node.quantiser, SinglePrecision)]
    if single:
        sentences.append(
            f"In steps of 32 bit floating-point numbers, as in the file: {', '.join(single)}. One line of "
            "64 bits "
            "could give others."
        )
    constants = sorted({layer.weight_coding.name for layer in network.layers if layer.weight_coding.constant})
    if constants:
        sentences.append(
            f"Corrections: {' and '.join(constants)} weights have a constant, so the digits of each window "
            "are counted once more against a row of ones."
        )
    return sentences


def _weights(network: Network) -> int:
    return sum(layer.weight_codes.size * layer.weight_coding.bits for layer in network.layers)


def _sizes(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _coded(signal: Signal) -> str:
    coding: BitCoding | None = signal.coding
    if coding is None:
        return "real"
    return f"{coding.bits} bit" + ("" if coding.name == "unsigned" else f" {coding.name}")
