"""One chip: pairs of cells that always answer wrongly, digits stored wrongly, columns that are noisy.

Everything here is drawn once per chip and then fixed; what is new at each access is in ``flips``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spinpim.array.stored import StoredLayer, answering_rows, known_constants, weight_rows

if TYPE_CHECKING:
    from spinpim.array.mapping import LayerMapping
    from spinpim.network.layers import Layer

_COLUMNS, _CELLS, _WEIGHT_WRITES, _ACTIVATION_WRITES, _READS = range(5)


class ColumnErrors(Protocol):
    """What a column answers wrongly; ``spinpim.circuit`` provides it as ``Sensing``."""

    def column_errors(
        self, standard_normals: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fixed and temporal error probabilities (columns, 4) of drawn columns (columns, 3)."""


def draw_layer(
    layer: Layer,
    mapping: LayerMapping,
    sensing: ColumnErrors,
    write_error: float,
    *,
    seed: int,
    chip: int,
    layer_number: int,
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

    Parameters
    ----------
    layer : Layer
        Weights and codings.
    mapping : LayerMapping
        Where they lie.
    sensing : ColumnErrors
        Errors of a column by pattern.
    write_error : float
        Probability that a weight digit is stored wrongly [1]; see ``ArrayModel.write``.
    seed, chip, layer_number : int
        Address of the draws.
    """
    groups, stuck, flipped = [], 0, 0
    for number in range(mapping.filter_groups):
        first, stop = mapping.group_filters(number)
        channels = mapping.group_channels(number)
        digits, outputs, coefficients = weight_rows(
            layer.weight_codes[first:stop],
            layer.weight_coding,
            all_ones=layer.out_channels + channels if mapping.is_first(number) else None,
            first_filter=first,
        )
        address = (chip, layer_number, number)
        failed = generator(seed, _WEIGHT_WRITES, *address).random(digits.shape) < write_error
        fixed, temporal = _column_errors(mapping, sensing, seed, address)
        cells = generator(seed, _CELLS, *address).random(digits.shape)
        stored = digits ^ failed
        to_zero, to_one = pair_answers(stored, cells, fixed)
        answers = stored, to_zero, to_one
        groups.append(answering_rows(*answers, outputs, coefficients, temporal, channels))
        stuck += int(to_zero.sum()) + int((to_one != stored).sum())
        flipped += int(failed.sum())
    return StoredLayer(
        tuple(groups),
        layer.weight_coding,
        layer.input_coding,
        known_constants(layer),
        layer.groups,
        stuck,
        flipped,
    )


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


def _column_errors(
    mapping: LayerMapping, sensing: ColumnErrors, seed: int, address: tuple[int, int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the columns of the elements: fixed and temporal error probabilities, each (elements, 4)."""
    drawn = [
        generator(seed, _COLUMNS, *address, number).standard_normal((mapping.columns, 3))
        for number in range(mapping.column_groups)
    ]
    for of_one_sub_array in drawn:
        of_one_sub_array[:, 1] = of_one_sub_array[0, 1]
    normals = np.concatenate(drawn)
    fixed, temporal = sensing.column_errors(normals[: mapping.elements])
    return np.asarray(fixed, np.float64), np.ascontiguousarray(temporal, np.float64)
