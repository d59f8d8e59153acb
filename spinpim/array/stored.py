"""Weights as the rows of sub-arrays, and the dot products that their answers make.

A sensed pair of cells, weight digit w and activation digit a, answers g(a) in {0, 1}; a fault-free pair
answers w AND a. Whatever the fixed faults of the pair, g(a) = g(0) + a (g(1) - g(0)), so that a row answers

    count = popcount(g(0)) + popcount(x AND plus) - popcount(x AND minus)

with plus where only g(1) is one and minus where only g(0) is. Fixed faults therefore cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.bitops import accumulate, pack_bits

if TYPE_CHECKING:
    from spinpim.network.quantise import BitCoding


@dataclass(frozen=True, slots=True, eq=False)
class StoredRows:
    """The rows that one group of filters occupies, as they are stored and as they answer.

    Attributes
    ----------
    stored : array of uint64, shape (rows, words)
        Digits in the cells.
    zero_answers : array of uint64, shape (rows, words)
        Pairs that answer 1 to the activation digit 0; none when fault-free.
    plus, minus : array of uint64, shape (rows, words)
        Pairs whose answer rises and falls with the activation digit; fault-free: ``stored`` and none.
    outputs : array of int64, shape (rows,)
        The filter of each row; the number of filters stands for the all-ones row.
    coefficients : array of int64, shape (rows,)
        What each row counts; 1 for the all-ones row.
    flip_rates : array of float64, shape (elements, 4)
        Probability that noise flips one access, by column and by pattern 00, 01, 10, 11 of (weight,
        activation) [1].
    """

    stored: NDArray[np.uint64]
    zero_answers: NDArray[np.uint64]
    plus: NDArray[np.uint64]
    minus: NDArray[np.uint64]
    outputs: NDArray[np.int64]
    coefficients: NDArray[np.int64]
    flip_rates: NDArray[np.float64]

    @property
    def zero_counts(self) -> NDArray[np.int64]:
        """Count of each row when all activation digits are 0, shape (rows,)."""
        counts: NDArray[np.int64] = np.bitwise_count(self.zero_answers).sum(axis=1, dtype=np.int64)
        return counts


@dataclass(frozen=True, slots=True, eq=False)
class StoredLayer:
    """All rows of a layer, by filter group, with the codings that give their counts a meaning.

    Attributes
    ----------
    groups : tuple of StoredRows
        One per filter group; the first holds the all-ones row, if any.
    weight_coding, input_coding : BitCoding
        What the digits mean.
    constants : array of int64, shape (filters,)
        The part of each dot product known in advance: activation constant times intended weights [1].
    stuck_pairs, flipped_weights : int
        How many (cell, activation digit) pairs answer wrongly every time, and how many digits were
        stored wrongly.
    """

    groups: tuple[StoredRows, ...]
    weight_coding: BitCoding
    input_coding: BitCoding
    constants: NDArray[np.int64]
    stuck_pairs: int = 0
    flipped_weights: int = 0

    @property
    def filters(self) -> int:
        """Number of filters."""
        return int(self.constants.size)

    @property
    def elements(self) -> int:
        """Elements of a dot product, K."""
        return int(self.groups[0].flip_rates.shape[0])


def store(weight_codes: NDArray[np.uint8], weight_coding: BitCoding, input_coding: BitCoding) -> StoredLayer:
    """Fault-free rows of a layer, in one group.

    Parameters
    ----------
    weight_codes : array of uint8, shape (filters, elements)
        Coded weights.
    weight_coding, input_coding : BitCoding
        What the digits of weights and activations mean.

    Examples
    --------
    >>> import numpy as np
    >>> from spinpim.array.bitops import pack_codes
    >>> from spinpim.network.quantise import BitCoding
    >>> layer = store(np.array([[1, 0, 1]], np.uint8), BitCoding("bipolar", 1), BitCoding("unsigned", 4))
    >>> dot_products(layer, pack_codes(np.array([[7, 2, 15]], np.uint8), 4)).tolist()
    [[20]]
    """
    digits, outputs, coefficients = weight_rows(weight_codes, weight_coding, corrected=True)
    noiseless = np.zeros((weight_codes.shape[1], 4))
    group = answering_rows(digits, np.zeros_like(digits), digits, outputs, coefficients, noiseless)
    constants = known_constants(weight_codes, weight_coding, input_coding)
    return StoredLayer((group,), weight_coding, input_coding, constants)


def weight_rows(
    weight_codes: NDArray[np.uint8],
    coding: BitCoding,
    *,
    corrected: bool,
    first_filter: int = 0,
    filters: int | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Digits of the rows of some filters, with the output and the coefficient of each row.

    Parameters
    ----------
    weight_codes : array of uint8, shape (filters in this group, elements)
        Coded weights of the group.
    coding : BitCoding
        What their digits mean.
    corrected : bool
        Whether the group holds the all-ones row, which comes first; it does so only if the coding has a
        constant.
    first_filter : int
        Number of the group's first filter.
    filters : int or None
        Filters of the layer, the output of the all-ones row; None: those given.

    Returns
    -------
    digits : array of uint8, shape (rows, elements)
    outputs, coefficients : arrays of int64, shape (rows,)
    """
    count, elements = weight_codes.shape
    digits = coding.planes(weight_codes).transpose(1, 0, 2).reshape(-1, elements)
    outputs = first_filter + np.repeat(np.arange(count, dtype=np.int64), coding.bits)
    coefficients = np.tile(coding.coefficients, count)
    if corrected and coding.constant:
        digits = np.concatenate([np.ones((1, elements), np.uint8), digits])
        outputs = np.concatenate([[count if filters is None else filters], outputs])
        coefficients = np.concatenate([[1], coefficients])
    return digits, outputs.astype(np.int64), coefficients.astype(np.int64)


def answering_rows(
    stored: NDArray[Any],
    to_zero: NDArray[Any],
    to_one: NDArray[Any],
    outputs: NDArray[np.int64],
    coefficients: NDArray[np.int64],
    flip_rates: NDArray[np.float64],
) -> StoredRows:
    """Rows from the digits in their cells and the answers of the pairs to the activation digits 0 and 1.

    Parameters
    ----------
    stored, to_zero, to_one : arrays of 0 and 1, shape (rows, elements)
        Digits and answers.
    outputs, coefficients, flip_rates
        As in ``StoredRows``.
    """
    low, high = to_zero.astype(bool), to_one.astype(bool)
    planes = np.stack([stored.astype(bool), low, high & ~low, low & ~high])
    packed = np.ascontiguousarray(pack_bits(planes).transpose(0, 2, 1))
    return StoredRows(packed[0], packed[1], packed[2], packed[3], outputs, coefficients, flip_rates)


def known_constants(
    weight_codes: NDArray[np.uint8], weight_coding: BitCoding, input_coding: BitCoding
) -> NDArray[np.int64]:
    r"""Give the part of each dot product that does not depend on the activation digits.

    .. math:: \sum_k w_k x_k = \sum_{mn} c_n a_m P_{mn} + c \sum_m a_m \sum_k x_{mk} + a \sum_k w_k

    where P is the popcount of the AND, c and a the constants of the codings; this is the last term.
    """
    sums: NDArray[np.int64] = weight_coding.decode(weight_codes).sum(axis=1, dtype=np.int64)
    return input_coding.constant * sums


def dot_products(
    layer: StoredLayer, activations: NDArray[np.uint64], totals: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Dot products of the filters with packed activations.

    Parameters
    ----------
    layer : StoredLayer
        Rows as they answer.
    activations : array of uint64, shape (planes, words, vectors)
        Packed digits of the coded activations.
    totals : array of int64, shape (filters + 1, vectors), optional
        Sums that ``sense_rows`` has gathered; computed here when absent.

    Returns
    -------
    array of int64, shape (filters, vectors)
    """
    if totals is None:
        totals = np.zeros((layer.filters + 1, activations.shape[2]), np.int64)
        for group in layer.groups:
            sense_rows(group, activations, layer.input_coding, totals)
    result: NDArray[np.int64] = totals[:-1]
    if layer.weight_coding.constant:
        result = result + layer.weight_coding.constant * totals[-1]
    return result + layer.constants[:, np.newaxis] if np.any(layer.constants) else result


def sense_rows(
    group: StoredRows, activations: NDArray[np.uint64], coding: BitCoding, totals: NDArray[np.int64]
) -> None:
    """Add to ``totals`` (filters + 1, vectors) what all rows of a group answer, noise apart."""
    plane_coefficients = coding.coefficients
    constants = group.coefficients * group.zero_counts * plane_coefficients.sum()
    np.add.at(totals, group.outputs[constants != 0], constants[constants != 0, np.newaxis])
    for rows, sign in ((group.plus, 1), (group.minus, -1)):
        used = np.flatnonzero(rows.any(axis=1))
        if used.size:
            accumulate(
                activations,
                np.ascontiguousarray(rows[used]),
                group.outputs[used],
                sign * group.coefficients[used],
                plane_coefficients,
                totals,
            )
