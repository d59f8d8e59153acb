"""Images through the mapped network, on ideal and on faulty chips."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.array.bit_path import READ_FLIPS, WRITE_FLIPS, BitPath
from spinpim.array.forward import forward
from spinpim.array.integer_path import IntegerPath
from spinpim.array.machine import Chip, draw_chip, ideal_machine
from spinpim.array.run import Run
from spinpim.checks import choice, instance, seed_address, whole
from spinpim.errors import InputError
from spinpim.network.checks import check_images
from spinpim.network.model import Network

if TYPE_CHECKING:
    from spinpim.array.model import ArrayModel

IMAGES_PER_BATCH = 128
"""Images that go through the nodes together; layers divide them further, to stay in the cache."""

PATHS = ("auto", "integers", "bits")
MOST_ANDS = 8.0
"""Bit-ANDs per product up to which packed digits are no slower than a matrix product."""


def execute(
    network: Network,
    images: NDArray[Any],
    labels: NDArray[Any],
    array: ArrayModel | None = None,
    *,
    seed: int,
    chips: int = 1,
    executor: Executor | None = None,
    images_per_task: int = 1024,
    path: str = "auto",
) -> Run:
    """Classify images with the network computed inside the memory.

    Parameters
    ----------
    network : Network
        Quantised layers.
    images : array of int, shape (images, height, width, channels)
        Raw values 0..network.input_maximum.
    labels : array of int, shape (images,)
        Classes.
    array : ArrayModel or None
        The sub-arrays with their errors; None computes without any.
    seed : int
        Address of all draws, >= 0. The result does not depend on ``executor`` and ``images_per_task``.
    chips : int
        Chips drawn, each with its own fixed faults, >= 1; without an array there is none.
    executor : concurrent.futures.Executor or None
        Where the work goes: threads, processes, or here.
    images_per_task : int
        Size of a piece of work, >= 1. Each piece draws its chip anew, some hundredths of a second, so
        that memory does not grow with the number of chips.
    path : str
        How the ideal machine computes: "integers" by matrix products, "bits" row by row as the memory does,
        or "auto", the faster of them. Both give the same; chips always compute on bits.

    Returns
    -------
    Run
        Predictions of the ideal machine and of each chip, accuracies and counts.

    Raises
    ------
    InputError
        If images, labels or numbers are not acceptable.

    Examples
    --------
    >>> from spinpim.network import Network
    >>> from spinpim.network.datasets import load_dataset
    >>> digits = load_dataset("digits")
    >>> run = execute(Network.load("digits_w1a4"), digits.images, digits.labels, seed=1)
    >>> bool(run.ideal_accuracy > 0.97)
    True
    """
    instance("network", network, Network, "Network.load(...)")
    if array is not None and not all(hasattr(array, part) for part in ("map", "sensing", "write")):
        raise InputError(f"array must come from ArrayModel(...), or be None; instead received {array!r:.60}.")
    seed = seed_address(seed)
    chips, images_per_task = whole("chips", chips, 1), whole("images_per_task", images_per_task, 1)
    choice("path", path, PATHS)
    if path == "auto":
        few = network.and_operations_per_image <= MOST_ANDS * network.macs_per_image
        path = "bits" if few else "integers"
    raw = check_images(network, images)
    truth = _checked_labels(network, labels, len(raw))
    machines: list[Chip | None] = [None]
    if array is not None:
        write_error, mappings = array.write.conservative, array.map(network)
        machines += [Chip(mappings, array.sensing, write_error, seed, number) for number in range(chips)]
    starts = range(0, len(raw), images_per_task)
    tasks = (
        (network, chip, raw[start : start + images_per_task], start, path)
        for chip in machines
        for start in starts
    )
    answers = list((map if executor is None else executor.map)(_run_block, tasks))
    return _assemble(network, seed, truth, answers, len(starts))


class Answer(NamedTuple):
    """What a block of images gives: classes, counts of what was done, and the fixed faults of its chip."""

    winners: NDArray[np.int64]
    counts: NDArray[np.int64]
    failed_weight_writes: int
    stuck_pairs: int


def _run_block(task: tuple[Network, Chip | None, NDArray[Any], int, str]) -> Answer:
    """Run a block of images on the ideal machine or on a chip, which is drawn here."""
    network, chip, images, first_image, path = task
    machine = None
    if chip is not None:
        machine = draw_chip(network.layers, chip)
    elif path == "bits":
        machine = ideal_machine(network.layers)
    compute = IntegerPath(network.layers) if machine is None else BitPath(machine)
    winners = []
    for start in range(0, len(images), IMAGES_PER_BATCH):
        if isinstance(compute, BitPath):
            compute.first_image = first_image + start
        codes = network.encode_input(images[start : start + IMAGES_PER_BATCH])
        winners.append(np.argmax(forward(network, codes, compute), axis=1))
    stored = () if machine is None else machine.layers
    return Answer(
        np.concatenate(winners),
        compute.counts if isinstance(compute, BitPath) else np.zeros(4, np.int64),
        sum(layer.flipped_weights for layer in stored),
        sum(layer.stuck_pairs for layer in stored),
    )


def _assemble(
    network: Network, seed: int, labels: NDArray[np.int64], answers: list[Answer], blocks: int
) -> Run:
    """Join the blocks of each machine; the ideal one comes first."""
    predictions = np.concatenate([answer.winners for answer in answers]).reshape(-1, len(labels))
    counts = np.stack([answer.counts for answer in answers]).reshape(-1, blocks, 4).sum(axis=1)
    # Every block of a chip has drawn the same fixed faults.
    drawn = answers[blocks::blocks]
    return Run(
        network=network.name,
        seed=seed,
        labels=labels,
        ideal_predictions=predictions[0],
        predictions=predictions[1:],
        and_operations=len(labels) * network.and_operations_per_image,
        correction_operations=len(labels) * network.correction_bits_per_image,
        flipped_reads=counts[1:, READ_FLIPS],
        failed_activation_writes=counts[1:, WRITE_FLIPS],
        failed_weight_writes=np.array([answer.failed_weight_writes for answer in drawn], np.int64),
        stuck_pairs=np.array([answer.stuck_pairs for answer in drawn], np.int64),
    )


def _checked_labels(network: Network, labels: NDArray[Any], images: int) -> NDArray[np.int64]:
    try:
        truth = np.asarray(labels)
    except ValueError:
        raise InputError(
            "labels must be one whole number per image; instead received a ragged list."
        ) from None
    if images == 0:
        raise InputError("images holds no image; give at least one.")
    if truth.shape != (images,):
        raise InputError(f"labels must have shape ({images},), one per image; got {truth.shape}.")
    if truth.dtype.kind not in "iu":
        raise InputError(f"labels must be whole numbers; got {truth.dtype}.")
    if truth.min() < 0 or truth.max() >= network.classes:
        raise InputError(
            f"labels must lie in 0..{network.classes - 1} for network {network.name!r}; "
            f"they span {truth.min()}..{truth.max()}."
        )
    return truth.astype(np.int64)
