"""Images through the mapped network, on ideal and on faulty chips."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.array.bitops import pack_codes
from spinpim.array.faults import ColumnErrors, access_keys, draw_layer
from spinpim.array.flips import flip_reads, flip_writes
from spinpim.array.run import Run
from spinpim.array.stored import StoredLayer, StoredRows, dot_products, sense_rows, store
from spinpim.checks import seed_address, whole
from spinpim.errors import InputError
from spinpim.network.layers import Layer, im2col, requantise, scores

if TYPE_CHECKING:
    from spinpim.array.mapping import LayerMapping
    from spinpim.array.model import ArrayModel
    from spinpim.network.model import Network
    from spinpim.network.quantise import BitCoding

IMAGES_PER_BATCH = 32
"""Images that go through a layer together: enough to fill the vectors, few enough for the cache."""

AND, CORRECTION, READ_FLIPS, WRITE_FLIPS = range(4)
"""Columns of the counts that a block returns."""


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
    seed = seed_address(seed)
    chips, images_per_task = whole("chips", chips, 1), whole("images_per_task", images_per_task, 1)
    codes = network.encode_input(images)
    truth = _checked_labels(network, labels, len(codes))
    machines: list[Chip | None] = [None]
    if array is not None:
        write_error, mappings = array.write.conservative, array.map(network)
        machines += [Chip(mappings, array.sensing, write_error, seed, number) for number in range(chips)]
    starts = range(0, len(codes), images_per_task)
    tasks = (
        (network.layers, chip, codes[start : start + images_per_task], start)
        for chip in machines
        for start in starts
    )
    answers = list((map if executor is None else executor.map)(_run_block, tasks))
    return _assemble(network, seed, truth, answers, len(starts))


class Chip(NamedTuple):
    """What a chip is drawn from: sub-arrays, errors, and the address (seed, number) of its draws."""

    mappings: tuple[LayerMapping, ...]
    sensing: ColumnErrors
    write_error: float
    seed: int
    number: int


class Answer(NamedTuple):
    """What a block of images gives: classes, counts of what was done, and the fixed faults of its chip."""

    winners: NDArray[np.int64]
    counts: NDArray[np.int64]
    failed_weight_writes: int
    stuck_pairs: int


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """What executes: the ideal machine, or one chip.

    Attributes
    ----------
    layers : tuple of StoredLayer
        Rows of each layer.
    keys : tuple
        For each layer and filter group the keys of its activation writes and of its reads.
    write_error : float
        Probability that a written activation digit is wrong [1].
    """

    layers: tuple[StoredLayer, ...]
    keys: tuple[tuple[tuple[Any, Any], ...], ...]
    write_error: float


def ideal_machine(layers: tuple[Layer, ...]) -> Machine:
    """Return the machine without any error, each layer in one piece."""
    stored = tuple(store(layer.weight_codes, layer.weight_coding, layer.input_coding) for layer in layers)
    unused = np.uint64(0)
    return Machine(stored, tuple(((unused, unused),) for _ in stored), 0.0)


def draw_chip(layers: tuple[Layer, ...], chip: Chip) -> Machine:
    """Draw one chip and store the layers in it."""
    seed, number = chip.seed, chip.number
    stored = tuple(
        draw_layer(layer, mapping, chip.sensing, chip.write_error, seed=seed, chip=number, layer_number=place)
        for place, (layer, mapping) in enumerate(zip(layers, chip.mappings, strict=True))
    )
    keys = tuple(
        tuple(access_keys(seed, number, place, group) for group in range(len(layer.groups)))
        for place, layer in enumerate(stored)
    )
    return Machine(stored, keys, chip.write_error)


def _run_block(task: tuple[tuple[Layer, ...], Chip | None, NDArray[np.uint8], int]) -> Answer:
    """Run a block of images on the ideal machine or on a chip, which is drawn here."""
    layers, chip, codes, first_image = task
    machine = ideal_machine(layers) if chip is None else draw_chip(layers, chip)
    counts = np.zeros(4, np.int64)
    winners = [
        _run_batch(layers, machine, codes[start : start + IMAGES_PER_BATCH], first_image + start, counts)
        for start in range(0, len(codes), IMAGES_PER_BATCH)
    ]
    return Answer(
        np.concatenate(winners),
        counts,
        sum(layer.flipped_weights for layer in machine.layers),
        sum(layer.stuck_pairs for layer in machine.layers),
    )


def _run_batch(
    layers: tuple[Layer, ...],
    machine: Machine,
    codes: NDArray[np.uint8],
    first_image: int,
    counts: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Classes of a few images; adds to ``counts``."""
    images = len(codes)
    for number, layer in enumerate(layers):
        height, width = codes.shape[1:3]
        windows = im2col(codes, layer).reshape(-1, layer.fan_in)
        activations = pack_codes(windows, layer.input_coding.bits)
        totals = np.zeros((layer.out_channels + 1, len(windows)), np.int64)
        place = (len(windows) // images, first_image)
        _run_layer(machine, number, activations, place, totals, counts)
        products = dot_products(machine.layers[number], activations, totals)
        accumulators = products.T.reshape(images, -1, layer.out_channels)
        if layer.output_bits is not None:
            codes = requantise(accumulators, layer, height, width)
    winners: NDArray[np.int64] = np.argmax(scores(accumulators, layers[-1])[:, 0], axis=1)
    return winners


def _run_layer(
    machine: Machine,
    number: int,
    activations: NDArray[np.uint64],
    place: tuple[int, int],
    totals: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None:
    """In each filter group: write the activation digits, sense all rows, add the noise of this access."""
    layer = machine.layers[number]
    for group, (write_key, read_key) in zip(layer.groups, machine.keys[number], strict=True):
        written = activations
        if machine.write_error > 0.0:
            # Each group keeps its own copy of the digits, whose writes fail independently.
            written = activations.copy()
            counts[WRITE_FLIPS] += flip_writes(
                written, layer.elements, machine.write_error, *place, write_key
            )
        sense_rows(group, written, layer.input_coding, totals)
        if np.any(group.flip_rates):
            counts[READ_FLIPS] += _add_noise(group, written, layer.input_coding, place, read_key, totals)
        pairs = written.shape[0] * written.shape[2] * layer.elements
        corrections = int(np.count_nonzero(group.outputs == layer.filters))
        counts[AND] += pairs * (len(group.outputs) - corrections)
        counts[CORRECTION] += pairs * corrections


def _add_noise(
    group: StoredRows,
    activations: NDArray[np.uint64],
    coding: BitCoding,
    place: tuple[int, int],
    key: Any,
    totals: NDArray[np.int64],
) -> int:
    flips: int = flip_reads(
        activations,
        group.stored,
        group.zero_answers,
        group.plus,
        group.minus,
        group.outputs,
        group.coefficients,
        coding.coefficients,
        group.flip_rates,
        *place,
        key,
        totals,
    )
    return flips


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
        and_operations=int(counts[0, AND]),
        correction_operations=int(counts[0, CORRECTION]),
        flipped_reads=counts[1:, READ_FLIPS],
        failed_activation_writes=counts[1:, WRITE_FLIPS],
        failed_weight_writes=np.array([answer.failed_weight_writes for answer in drawn], np.int64),
        stuck_pairs=np.array([answer.stuck_pairs for answer in drawn], np.int64),
    )


def _checked_labels(network: Network, labels: NDArray[Any], images: int) -> NDArray[np.int64]:
    truth = np.asarray(labels)
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
