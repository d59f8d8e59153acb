"""Images through the mapped network, on ideal and on faulty chips."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.array import bit_path
from spinpim.array.bit_path import COUNTS, BitPath
from spinpim.array.digital import pixel_codes
from spinpim.array.fault_kinds import Faults
from spinpim.array.forward import forward
from spinpim.array.integer_path import IntegerPath
from spinpim.array.machine import Chip, draw_chip, ideal_machine
from spinpim.array.protection import Protection, check_columns, check_protection
from spinpim.array.run import Run
from spinpim.checks import choice, instance, seed_address, shown, whole
from spinpim.errors import InputError
from spinpim.network.checks import check_images
from spinpim.network.model import Network

if TYPE_CHECKING:
    from spinpim.array.mapping import LayerMapping
    from spinpim.array.model import ArrayModel

IMAGES_PER_BATCH = 128
"""Images that go through the nodes together; layers divide them further, to stay in the cache."""

PATHS = ("auto", "integers", "bits")
MOST_ANDS = 5.0
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
    faults: Faults | None = None,
    protection: Protection | None = None,
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
    faults : Faults or None
        What goes wrong on the chips; None: the errors of the array, ``Faults.of(array)``.
    protection : Majority, Parity, SingleCorrection or None
        Of the sensed answers; None: each is taken as it comes.

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
    if executor is not None and not hasattr(executor, "map"):
        raise InputError(f"executor must be a concurrent.futures.Executor or None; got {shown(executor)}.")
    if path == "auto":
        few = network.and_operations_per_image <= MOST_ANDS * network.macs_per_image
        path = "bits" if few else "integers"
    raw = check_images(network, images)
    truth = _checked_labels(network, labels, len(raw))
    machines: list[Chip | None] = [None]
    mappings = _checked_mappings(network, array, faults, protection)
    if array is not None:
        happening = Faults.of(array) if faults is None else faults
        machines += [Chip(mappings, happening, seed, number, protection, len(raw)) for number in range(chips)]
    starts = range(0, len(raw), images_per_task)
    tasks = (
        (network, chip, raw[start : start + images_per_task], start, path)
        for chip in machines
        for start in starts
    )
    answers = list((map if executor is None else executor.map)(_run_block, tasks))
    checks = sum(m.sub_arrays * check_columns(m.columns, protection) for m in mappings)
    return _assemble(network, seed, truth, answers, len(starts), protection, checks)


def _checked_mappings(
    network: Network, array: ArrayModel | None, faults: Faults | None, protection: Protection | None
) -> tuple[LayerMapping, ...]:
    """Sub-arrays of the chips; refuses faults and protections of another kind, or without an array."""
    if faults is not None:
        instance("faults", faults, Faults, "Faults(...) or Faults.of(array, ...)")
    check_protection(protection)
    if array is not None:
        return array.map(network)
    for name, given in (("faults", faults), ("protection", protection)):
        if given is not None:
            raise InputError(f"{name} acts on chips of an array, and none is given; give array, too.")
    return ()


class Answer(NamedTuple):
    """What a block of images gives: classes, counts of what was done, and the fixed faults of its chip."""

    winners: NDArray[np.int64]
    counts: NDArray[np.int64]
    failed_weight_writes: int
    stuck_pairs: int
    stuck_cells: int
    lost_digits: int


def _run_block(task: tuple[Network, Chip | None, NDArray[Any], int, str]) -> Answer:
    """Run a block of images on the ideal machine or on a chip, which is drawn here."""
    network, chip, images, first_image, path = task
    machine = None
    if chip is not None:
        machine = draw_chip(network.layers, chip)
    elif path == "bits":
        machine = ideal_machine(network.layers)
    compute = IntegerPath(network.layers) if machine is None else BitPath(machine)
    winners, raw = [], np.min_scalar_type(network.input_maximum)
    for start in range(0, len(images), IMAGES_PER_BATCH):
        if isinstance(compute, BitPath):
            compute.first_image = first_image + start
        batch = images[start : start + IMAGES_PER_BATCH].astype(raw, copy=False)
        codes = np.empty(batch.shape, np.uint8)
        pixel_codes(batch, network.input_table, codes)
        winners.append(np.argmax(forward(network, codes, compute), axis=1))
    stored = () if machine is None else machine.layers
    return Answer(
        np.concatenate(winners),
        compute.counts if isinstance(compute, BitPath) else np.zeros(COUNTS, np.int64),
        sum(layer.flipped_weights for layer in stored),
        sum(layer.stuck_pairs for layer in stored),
        sum(layer.stuck_cells for layer in stored),
        sum(losses.images.size for layer in stored for losses in layer.losses),
    )


def _assemble(
    network: Network,
    seed: int,
    labels: NDArray[np.int64],
    answers: list[Answer],
    blocks: int,
    protection: Protection | None,
    checks: int,
) -> Run:
    """Join the blocks of each machine; the ideal one comes first."""
    predictions = np.concatenate([answer.winners for answer in answers]).reshape(-1, len(labels))
    counts = np.stack([answer.counts for answer in answers]).reshape(-1, blocks, COUNTS).sum(axis=1)
    done = counts[1:].T
    # Every block of a chip has drawn the same fixed faults.
    drawn = np.array([answer[2:] for answer in answers[blocks::blocks]], np.int64).reshape(-1, 4).T
    return Run(
        network=network.name,
        seed=seed,
        labels=labels,
        ideal_predictions=predictions[0],
        predictions=predictions[1:],
        and_operations=len(labels) * network.and_operations_per_image,
        correction_operations=len(labels) * network.correction_bits_per_image,
        flipped_reads=done[bit_path.READ_FLIPS],
        failed_activation_writes=done[bit_path.WRITE_FLIPS],
        failed_weight_writes=drawn[0],
        stuck_pairs=drawn[1],
        stuck_cells=drawn[2],
        lost_digits=drawn[3],
        protection=protection,
        check_columns=checks,
        words=done[bit_path.WORDS],
        words_sensed_again=done[bit_path.REREADS],
        pairs_sensed_again=done[bit_path.REREAD_PAIRS],
        corrected_words=done[bit_path.CORRECTED],
        wrong_words=done[bit_path.WRONG],
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
