"""Whole networks: images per second on both paths, on a chip that noise flips, and on two threads."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from spinpim.array.bit_path import BitPath
from spinpim.array.executor import execute
from spinpim.array.forward import LayerOutput, forward
from spinpim.array.integer_path import IntegerPath
from spinpim.array.machine import Machine, ideal_machine
from spinpim.bench.workload import WALL_TIME, Workload
from spinpim.network.architectures import random_network
from spinpim.network.model import Network

UNIT = "images/s"
FLIPS = 1e-2
"""Probability that noise flips an access, the same for every pattern."""
LENET_IMAGES, SVHN_IMAGES = 256, 32
THREAD_IMAGES, IMAGES_PER_TASK = 2048, 256


def lenet_integers() -> Workload:
    """LeNet-5 of W1:A8 by matrix products."""
    return lenet_images("lenet_integers", IntegerPath(lenet().layers), "by matrix products of whole numbers")


def lenet_bits() -> Workload:
    """LeNet-5 of W1:A8 on packed digits."""
    return lenet_images("lenet_bits", BitPath(ideal_machine(lenet().layers)), "on packed digits")


def lenet_flips() -> Workload:
    """LeNet-5 of W1:A8 on packed digits, one access in a hundred flipped."""
    machine = noisy(ideal_machine(lenet().layers), FLIPS)
    return lenet_images(
        "lenet_flips", BitPath(machine), f"on packed digits, {FLIPS:g} of the accesses flipped"
    )


def lenet_integers_one_thread() -> Workload:
    """Matrix products on an executor of one thread."""
    return _lenet_threads("integers", 1)


def lenet_integers_two_threads() -> Workload:
    """Matrix products on an executor of two threads."""
    return _lenet_threads("integers", 2)


def lenet_bits_one_thread() -> Workload:
    """Packed digits on an executor of one thread."""
    return _lenet_threads("bits", 1)


def lenet_bits_two_threads() -> Workload:
    """Packed digits on an executor of two threads."""
    return _lenet_threads("bits", 2)


def svhn_bits() -> Workload:
    """DoReFa network for SVHN of W1:A4 on packed digits."""
    network = random_network("svhn", weight_bits=1, activation_bits=4, seed=1)
    path = BitPath(ideal_machine(network.layers))
    note = "DoReFa network for SVHN, W1:A4, random weights, on packed digits."
    return _through("svhn_bits", network, SVHN_IMAGES, path, note)


def lenet() -> Network:
    """LeNet-5 of W1:A8 with random weights."""
    return random_network("lenet5", weight_bits=1, activation_bits=8, seed=1)


def lenet_images(name: str, path: LayerOutput, how: str, images: int = LENET_IMAGES) -> Workload:
    """Images through LeNet-5 whose layers are computed by ``path``, on one core."""
    return _through(name, lenet(), images, path, f"LeNet-5, W1:A8, random weights, {how}.")


def random_images(network: Network, images: int) -> NDArray[np.uint8]:
    """Raw images drawn at random."""
    draw = np.random.default_rng(2)
    return draw.integers(0, network.input_maximum + 1, (images, *network.input_shape), np.uint8)


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


def _through(name: str, network: Network, images: int, path: LayerOutput, note: str) -> Workload:
    raw = random_images(network, images)
    return Workload(
        f"{name}_images_per_s",
        UNIT,
        float(images),
        lambda: forward(network, network.encode_input(raw), path),
        note,
    )


def _lenet_threads(path: str, threads: int) -> Workload:
    network = lenet()
    raw, labels = random_images(network, THREAD_IMAGES), np.zeros(THREAD_IMAGES, np.int64)

    # Kept from call to call, so that starting the threads is not part of the rate.
    pool = ThreadPoolExecutor(threads)

    def call() -> None:
        execute(network, raw, labels, seed=1, executor=pool, images_per_task=IMAGES_PER_TASK, path=path)

    return Workload(
        f"lenet_{path}_{'one_thread' if threads == 1 else 'two_threads'}_images_per_s",
        UNIT,
        float(THREAD_IMAGES),
        call,
        f"LeNet-5, W1:A8, execute(path={path!r}) on ThreadPoolExecutor({threads}), tasks of "
        f"{IMAGES_PER_TASK} images.",
        WALL_TIME,
        threads,
    )
