"""Weights as the rows of sub-arrays, and the dot products that their answers make.

A sensed pair of cells, weight digit w and activation digit a, answers g(a) in {0, 1}; a fault-free pair
answers w AND a. Whatever the fixed faults of the pair, g(a) = g(0) + a (g(1) - g(0)), so that a row answers

    count = popcount(g(0)) + popcount(x AND plus) - popcount(x AND minus)

with plus where only g(1) is one and minus where only g(0) is. Fixed faults therefore cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.bitops import accumulate, add_constants, pack_bits

if TYPE_CHECKING:
    from spinpim.array.losses import Losses
    from spinpim.array.stuck_rows import StuckRows
    from spinpim.network.layers import Layer
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
        The filter of each row; numbers from that of the filters on stand for the all-ones rows.
    coefficients : array of int64, shape (rows,)
        What each row counts; 1 for an all-ones row.
    flip_rates : array of float64, shape (elements, 4)
        Probability that noise flips one access, by column and by pattern 00, 01, 10, 11 of (weight,
        activation) [1].
    right : array of uint64, shape (rows, words)
        Digits as they should be.
    channels : int
        Group of channels whose windows it sees.
    noisy : bool
        Whether any rate is above 0; computed.
    sensed, sensed_outputs, sensed_coefficients : arrays
        The rows of plus and minus that have a digit, with the sign in the coefficient; computed.
    constant : array of int64, shape (rows,)
        Count of each row when all activation digits are 0, times its coefficient; computed.
    """

    stored: NDArray[np.uint64]
    zero_answers: NDArray[np.uint64]
    plus: NDArray[np.uint64]
    minus: NDArray[np.uint64]
    outputs: NDArray[np.int64]
    coefficients: NDArray[np.int64]
    flip_rates: NDArray[np.float64]
    right: NDArray[np.uint64]
    channels: int = 0
    noisy: bool = field(init=False)
    sensed: NDArray[np.uint64] = field(init=False)
    sensed_outputs: NDArray[np.int64] = field(init=False)
    sensed_coefficients: NDArray[np.int64] = field(init=False)
    constant: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        """Find the rows that a dot product has to pass over."""
        signed = [(rows, sign, rows.any(axis=1)) for rows, sign in ((self.plus, 1), (self.minus, -1))]
        counts = np.bitwise_count(self.zero_answers).sum(axis=1, dtype=np.int64)
        computed = {
            "noisy": bool(np.any(self.flip_rates)),
            "sensed": np.concatenate([rows[used] for rows, _, used in signed]),
            "sensed_outputs": np.concatenate([self.outputs[used] for _, _, used in signed]),
            "sensed_coefficients": np.concatenate(
                [sign * self.coefficients[used] for _, sign, used in signed]
            ),
            "constant": self.coefficients * counts,
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)

    @property
    def one_answers(self) -> NDArray[np.uint64]:
        """Pairs that answer 1 to the activation digit 1, shape (rows, words)."""
        return (self.zero_answers | self.plus) & ~self.minus

    @property
    def stuck_pairs(self) -> int:
        """How many (cell, activation digit) pairs answer every time otherwise than their digits say."""
        wrong = self.zero_answers, self.one_answers ^ self.stored
        return int(sum(np.bitwise_count(rows).sum(dtype=np.int64) for rows in wrong))


@dataclass(frozen=True, slots=True, eq=False)
class StoredLayer:
    """All rows of a layer, by filter group, with the codings that give their counts a meaning.

    Attributes
    ----------
    groups : tuple of StoredRows
        One per filter group; the first of each group of channels holds the all-ones row, if any.
    weight_coding, input_coding : BitCoding
        What the digits mean.
    constants : array of int64, shape (filters,)
        The part of each dot product known in advance: see ``known_constants``.
    channels : int
        Groups of channels.
    stuck_pairs, flipped_weights : int
        How many (cell, activation digit) pairs answer wrongly every time, and how many digits were
        stored wrongly.
    stuck_cells : int
        How many cells hold one digit for good, of weights and of activations.
    stuck_rows : tuple of StuckRows
        Stuck cells of the activation rows, by filter group; empty without any.
    losses : tuple of Losses
        Digits that flip while they are kept, by filter group; empty without any.
    words : array of int64, shape (words, 2), or None
        First element and number of elements of the words that a code protects.
    """

    groups: tuple[StoredRows, ...]
    weight_coding: BitCoding
    input_coding: BitCoding
    constants: NDArray[np.int64]
    channels: int = 1
    stuck_pairs: int = 0
    flipped_weights: int = 0
    stuck_cells: int = 0
    stuck_rows: tuple[StuckRows, ...] = ()
    losses: tuple[Losses, ...] = ()
    words: NDArray[np.int64] | None = None

    @property
    def filters(self) -> int:
        """Number of filters."""
        return int(self.constants.size)

    @property
    def elements(self) -> int:
        """Elements of a dot product, K."""
        return int(self.groups[0].flip_rates.shape[0])


def store_layer(layer: Layer) -> StoredLayer:
    """Fault-free rows of a layer, each group of channels in one piece.

    Examples
    --------
    >>> from spinpim.network import Network
    >>> store_layer(Network.load("digits_w1a4").layers[0]).elements
    9
    """
    groups = []
    for number in range(layer.groups):
        filters = layer.filters_of(number)
        digits, outputs, coefficients = weight_rows(
            layer.weight_codes[filters],
            layer.weight_coding,
            all_ones=layer.out_channels + number,
            first_filter=filters.start,
        )
        noiseless = np.zeros((layer.fan_in, 4))
        rows = digits, np.zeros_like(digits), digits
        groups.append(answering_rows(*rows, outputs, coefficients, noiseless, number))
    return StoredLayer(
        tuple(groups), layer.weight_coding, layer.input_coding, known_constants(layer), layer.groups
    )


def weight_rows(
    weight_codes: NDArray[np.uint8], coding: BitCoding, *, all_ones: int | None, first_filter: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Digits of the rows of some filters, with the output and the coefficient of each row.

    Parameters
    ----------
    weight_codes : array of uint8, shape (filters in this group, elements)
        Coded weights of the group.
    coding : BitCoding
        What their digits mean.
    all_ones : int or None
        Output of the all-ones row, which comes first if the coding has a constant; None leaves it out.
    first_filter : int
        Number of the group's first filter.

    Returns
    -------
    digits : array of uint8, shape (rows, elements)
    outputs, coefficients : arrays of int64, shape (rows,)
    """
    count, elements = weight_codes.shape
    digits = coding.planes(weight_codes).transpose(1, 0, 2).reshape(-1, elements)
    outputs = np.repeat(np.arange(first_filter, first_filter + count), coding.bits)
    coefficients = np.tile(coding.coefficients, count)
    if all_ones is not None and coding.constant:
        digits = np.concatenate([np.ones((1, elements), np.uint8), digits])
        outputs = np.concatenate([[all_ones], outputs])
        coefficients = np.concatenate([[1], coefficients])
    return digits, outputs.astype(np.int64), coefficients.astype(np.int64)


def answering_rows(
    stored: NDArray[Any],
    to_zero: NDArray[Any],
    to_one: NDArray[Any],
    outputs: NDArray[np.int64],
    coefficients: NDArray[np.int64],
    flip_rates: NDArray[np.float64],
    channels: int = 0,
    right: NDArray[Any] | None = None,
) -> StoredRows:
    """Rows from the digits in their cells and the answers of the pairs to the activation digits 0 and 1.

    Parameters
    ----------
    stored, to_zero, to_one : arrays of 0 and 1, shape (rows, elements)
        Digits and answers.
    outputs, coefficients, flip_rates, channels
        As in ``StoredRows``.
    right : array of 0 and 1, shape (rows, elements), or None
        Digits as they should be; None: those in the cells.
    """
    low, high = to_zero.astype(bool), to_one.astype(bool)
    meant = stored if right is None else right
    planes = np.stack([stored.astype(bool), low, high & ~low, low & ~high, meant.astype(bool)])
    packed = np.ascontiguousarray(pack_bits(planes).transpose(0, 2, 1))
    answers = packed[0], packed[1], packed[2], packed[3]
    return StoredRows(*answers, outputs, coefficients, flip_rates, packed[4], channels)


def known_constants(layer: Layer) -> NDArray[np.int64]:
    r"""Give the part of each dot product that does not depend on the activation digits.

    .. math:: \sum_k w_k (x_k - z) = \sum_{mn} c_n a_m P_{mn} + c \sum_m a_m \sum_k x_{mk}
              + (a - z) \sum_k w_k

    where P is the popcount of the AND, c and a the constants of the codings and z the activation that stands
    for zero; this is the last term.
    """
    sums: NDArray[np.int64] = layer.weight_values.sum(axis=1, dtype=np.int64)
    return (layer.input_coding.constant - layer.input_zero) * sums


def empty_totals(layer: StoredLayer, vectors: int) -> NDArray[np.int64]:
    """Sums before anything is sensed: of the filters, then of the all-ones row of each group of channels."""
    return np.zeros((layer.filters + layer.channels, vectors), np.int64)


def dot_products(layer: StoredLayer, totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Dot products of the filters, from the sums that ``sense_rows`` has gathered.

    Parameters
    ----------
    layer : StoredLayer
        Gives the constants.
    totals : array of int64, shape (filters + groups of channels, vectors)
        Sums; those of the filters are changed in place.

    Returns
    -------
    array of int64, shape (filters, vectors)
    """
    result = totals[: layer.filters]
    add_constants(result, totals[layer.filters :], layer.weight_coding.constant, layer.constants)
    return result


def sense_rows(
    group: StoredRows, activations: NDArray[np.uint64], coding: BitCoding, totals: NDArray[np.int64]
) -> None:
    """Add to ``totals`` what all rows of a group answer to packed activations, noise apart."""
    planes = coding.coefficients
    if np.any(group.constant):
        np.add.at(totals, group.outputs, (group.constant * planes.sum())[:, np.newaxis])
    accumulate(activations, group.sensed, group.sensed_outputs, group.sensed_coefficients, planes, totals)
