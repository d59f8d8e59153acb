"""One chip: pairs of cells that always answer wrongly, digits stored wrongly, columns that are noisy.

Everything here is drawn once per chip and then fixed; what is new at each access is in ``flips``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.array.fault_kinds import ColumnErrors, Faults
from spinpim.array.losses import NO_LOSSES, Losses
from spinpim.array.protection import Majority, Protection, words_of
from spinpim.array.sensing_parts import SensingParts
from spinpim.array.stored import StoredLayer, StoredRows, answering_rows, known_constants, weight_rows
from spinpim.array.stuck_rows import StuckRows

if TYPE_CHECKING:
    from spinpim.array.mapping import LayerMapping
    from spinpim.network.layers import Layer

(
    _COLUMNS,
    _CELLS,
    _WEIGHT_WRITES,
    _ACTIVATION_WRITES,
    _READS,
    _STUCK_WEIGHTS,
    _STUCK_ACTIVATIONS,
    _STATE_LOSS,
) = range(8)


def draw_layer(
    layer: Layer,
    mapping: LayerMapping,
    faults: Faults,
    protection: Protection | None = None,
    *,
    seed: int,
    chip: int,
    layer_number: int,
    images: int = 0,
) -> StoredLayer:
    r"""One layer on one chip: rows as they are stored and as they answer.

    Each sub-array draws its reference once, and each of its columns its amplifier and its drive. They fix,
    for each pattern of digits (w, a), the probability that a pair of cells with that pattern answers wrongly
    every time because of the spread of its cells. One number u in [0, 1) per weight cell then decides: the
    pair answers 1 where

    .. math:: u < P(\text{answer 1} \mid w, a)

    so that a small u is a cell that reads high, for both activation digits alike. This is first order: the
    spread of both cells of a pair is attributed to the weight cell, although the activation cell of a window
    adds its own part, new for each activation row.

    Each cause has draws of its own: that of one does not change with the others.

    Parameters
    ----------
    layer : Layer
        Weights and codings.
    mapping : LayerMapping
        Where they lie.
    faults : Faults
        What goes wrong.
    protection : Majority, Parity, SingleCorrection or None
        Of sensed answers.
    seed, chip, layer_number : int
        Address of the draws.
    images : int
        Images of the run; digits that flip later are not kept.
    """
    drawn = [
        _draw_group(layer, mapping, number, faults, protection, seed, (chip, layer_number, number), images)
        for number in range(mapping.filter_groups)
    ]
    word = 0 if protection is None else protection.word
    return StoredLayer(
        tuple(one.rows for one in drawn),
        layer.weight_coding,
        layer.input_coding,
        known_constants(layer),
        layer.groups,
        sum(one.rows.stuck_pairs for one in drawn),
        sum(one.failed for one in drawn),
        sum(one.stuck for one in drawn),
        tuple(one.stuck_rows for one in drawn),
        tuple(one.losses for one in drawn),
        words_of(mapping.elements, mapping.columns, word) if word else None,
    )


class DrawnGroup(NamedTuple):
    """What is drawn for a filter group; ``failed`` writes and ``stuck`` cells are counts."""

    rows: StoredRows
    stuck_rows: StuckRows
    losses: Losses
    failed: int
    stuck: int


def _draw_group(
    layer: Layer,
    mapping: LayerMapping,
    number: int,
    faults: Faults,
    protection: Protection | None,
    seed: int,
    address: tuple[int, int, int],
    images: int,
) -> DrawnGroup:
    """Draw one filter group."""
    digits, outputs, coefficients = _group_rows(layer, mapping, number)
    failed = np.zeros(digits.shape, bool)
    if faults.weight_write_error > 0.0:
        failed = generator(seed, _WEIGHT_WRITES, *address).random(digits.shape) < faults.weight_write_error
    stored, held = _held(digits ^ failed, faults, seed, address)
    fixed, temporal = _column_errors(mapping, faults.columns, protection, seed, address)
    cells = np.zeros(digits.shape)
    if faults.columns is not None:
        cells = generator(seed, _CELLS, *address).random(digits.shape)
    to_zero, to_one = pair_answers(stored, cells, fixed)
    channels = mapping.group_channels(number)
    rows = answering_rows(stored, to_zero, to_one, outputs, coefficients, temporal, channels, right=digits)
    accesses = mapping.windows * mapping.activation_bits * (1 if protection is None else protection.accesses)
    losses = _losses(faults, (stored, held, cells, fixed), accesses, images, seed, address)
    stuck_rows = _stuck_rows(mapping, faults, seed, address)
    stuck = int(held.sum()) + len(stuck_rows.cells)
    return DrawnGroup(rows, stuck_rows, losses, int(failed.sum()), stuck)


def generator(seed: int, *address: int) -> np.random.Generator:
    """Return the generator of fixed draws at an address (kind, chip, layer, ...)."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, *address))))


def pair_answers(
    stored: NDArray[np.uint8], cells: NDArray[np.float64], fixed: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Answers of pairs to the activation digits 0 and 1.

    Parameters
    ----------
    stored : array of 0 and 1, shape (rows, elements)
        Weight digits.
    cells : array of float64, shape (rows, elements)
        The number u of each weight cell, uniform in [0, 1); see ``draw_layer``.
    fixed : array of float64, shape (elements, 4)
        Probability that a pair answers wrongly every time, by pattern 00, 01, 10, 11 [1].
    """
    to_zero = cells < np.where(stored, fixed[:, 2], fixed[:, 0])
    to_one = cells < np.where(stored, 1.0 - fixed[:, 3], fixed[:, 1])
    return to_zero, to_one


def access_keys(seed: int, chip: int, layer_number: int, group: int) -> tuple[Any, Any]:
    """Keys of the temporal draws of a filter group: activation writes and reads."""
    address = (chip, layer_number, group)
    writes, reads = (
        np.random.SeedSequence((seed, kind, *address)).generate_state(1, np.uint64)[0]
        for kind in (_ACTIVATION_WRITES, _READS)
    )
    return writes, reads


def _group_rows(
    layer: Layer, mapping: LayerMapping, number: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Digits, outputs and coefficients of the rows of a filter group."""
    first, stop = mapping.group_filters(number)
    all_ones = layer.out_channels + mapping.group_channels(number) if mapping.is_first(number) else None
    return weight_rows(
        layer.weight_codes[first:stop], layer.weight_coding, all_ones=all_ones, first_filter=first
    )


def _held(
    written: NDArray[Any], faults: Faults, seed: int, address: tuple[int, int, int]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Digits that cells hold after a write, and which cells are stuck."""
    if not faults.stuck.any:
        return written, np.zeros(written.shape, bool)
    at_0, at_1 = _stuck(faults, generator(seed, _STUCK_WEIGHTS, *address).random(written.shape))
    return (written & ~at_0) | at_1, at_0 | at_1


def _stuck(faults: Faults, uniforms: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which cells are stuck at 0 and at 1; more of one kind do not move those of the other."""
    return uniforms < faults.stuck.at_0, uniforms >= 1.0 - faults.stuck.at_1


def _stuck_rows(mapping: LayerMapping, faults: Faults, seed: int, address: tuple[int, int, int]) -> StuckRows:
    """Draw the stuck cells of the activation rows that are used."""
    slots = min(mapping.windows_held, mapping.windows)
    if not faults.stuck.any:
        return StuckRows(np.zeros((0, 4), np.int64), slots)
    shape = (slots, mapping.activation_bits, mapping.elements)
    at_0, at_1 = _stuck(faults, generator(seed, _STUCK_ACTIVATIONS, *address).random(shape))
    places = np.argwhere(at_0 | at_1)
    return StuckRows(np.column_stack([places, at_1[tuple(places.T)]]).astype(np.int64), slots)


def _losses(
    faults: Faults,
    cells: tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]],
    accesses: int,
    images: int,
    seed: int,
    address: tuple[int, int, int],
) -> Losses:
    """Draw the image at which each weight cell flips; stuck ones never do."""
    if not faults.loss.any:
        return NO_LOSSES
    stored, held, spread, fixed = cells
    uniforms = generator(seed, _STATE_LOSS, *address).random(stored.shape)
    when = faults.loss.first_images(uniforms, accesses)
    rows, elements = np.nonzero((when < images) & ~held)
    order = np.argsort(when[rows, elements], kind="stable")
    rows, elements = rows[order], elements[order]
    # One row of pairs, each with a column of its own.
    after = (1 - stored[rows, elements])[np.newaxis], spread[rows, elements][np.newaxis], fixed[elements]
    to_zero, to_one = pair_answers(*after)
    return Losses(when[rows, elements], rows, elements, to_zero[0], to_one[0])


def _column_errors(
    mapping: LayerMapping,
    sensing: ColumnErrors | None,
    protection: Protection | None,
    seed: int,
    address: tuple[int, int, int],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the columns of the elements: fixed and temporal error probabilities, each (elements, 4).

    Of a majority the temporal ones are those of the vote.
    """
    if sensing is None:
        return np.zeros((mapping.elements, 4)), np.zeros((mapping.elements, 4))
    drawn = [
        generator(seed, _COLUMNS, *address, number).standard_normal((mapping.columns, 3))
        for number in range(mapping.column_groups)
    ]
    for of_one_sub_array in drawn:
        of_one_sub_array[:, 1] = of_one_sub_array[0, 1]
    normals = np.concatenate(drawn)[: mapping.elements]
    fixed, temporal = sensing.column_errors(normals)
    if isinstance(protection, Majority):
        known = sensing if isinstance(sensing, SensingParts) else SensingParts(sensing)
        temporal = known.voted_errors(normals)
    return np.asarray(fixed, np.float64), np.ascontiguousarray(temporal, np.float64)
