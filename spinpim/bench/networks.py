"""Whole networks: images per second on both paths of the ideal machine, and on a chip that noise flips."""

from __future__ import annotations

import dataclasses

import numpy as np

from spinpim.array.bit_path import BitPath
from spinpim.array.forward import LayerOutput, forward
from spinpim.array.integer_path import IntegerPath
from spinpim.array.machine import Machine, ideal_machine
from spinpim.bench.workload import Workload
from spinpim.network.architectures import random_network
from spinpim.network.layers import Layer

UNIT = "images/s"
FLIPS = 1e-2
"""Probability that noise flips an access, the same for every pattern."""
LENET_IMAGES, SVHN_IMAGES = 256, 32


def lenet_integers() -> Workload:
    """LeNet-5 of W1:A8 by matrix products."""
    layers = random_network("lenet5", weight_bits=1, activation_bits=8, seed=1).layers
    return _lenet("lenet_integers", IntegerPath(layers), "by matrix products of whole numbers")


def lenet_bits() -> Workload:
    """LeNet-5 of W1:A8 on packed digits."""
    return _lenet("lenet_bits", BitPath(ideal_machine(_lenet_layers())), "on packed digits")


def lenet_flips() -> Workload:
    """LeNet-5 of W1:A8 on packed digits, one access in a hundred flipped."""
    machine = noisy(ideal_machine(_lenet_layers()), FLIPS)
    return _lenet("lenet_flips", BitPath(machine), f"on packed digits, {FLIPS:g} of the accesses flipped")


def svhn_bits() -> Workload:
    """DoReFa network for SVHN of W1:A4 on packed digits."""
    network = random_network("svhn", weight_bits=1, activation_bits=4, seed=1)
    path = BitPath(ideal_machine(network.layers))
    note = "DoReFa network for SVHN, W1:A4, random weights, on packed digits."
    return _workload("svhn_bits", "svhn", 4, SVHN_IMAGES, path, note)


def noisy(machine: Machine, rate: float) -> Machine:
    """Return a machine whose accesses all flip at one rate [1]."""
    layers = tuple(
        dataclasses.replace(
            layer,
            groups=tuple(
                dataclasses.replace(group, flip_rates=np.full_like(group.flip_rates, rate))
                for group in layer.groups
            ),
        )
        for layer in machine.layers
    )
    return dataclasses.replace(machine, layers=layers)


def _lenet_layers() -> tuple[Layer, ...]:
    return random_network("lenet5", weight_bits=1, activation_bits=8, seed=1).layers


def _lenet(name: str, path: LayerOutput, how: str) -> Workload:
    return _workload(name, "lenet5", 8, LENET_IMAGES, path, f"LeNet-5, W1:A8, random weights, {how}.")


def _workload(
    name: str, architecture: str, activation_bits: int, images: int, path: LayerOutput, note: str
) -> Workload:
    network = random_network(architecture, weight_bits=1, activation_bits=activation_bits, seed=1)
    draw = np.random.default_rng(2)
    raw = draw.integers(0, network.input_maximum + 1, (images, *network.input_shape), np.uint8)
    return Workload(
        f"{name}_images_per_s",
        UNIT,
        float(images),
        lambda: forward(network, network.encode_input(raw), path),
        note,
    )
