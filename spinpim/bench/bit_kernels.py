"""Packed AND and popcount, beside numpy's own popcount on the same words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.array.bitops import accumulate, pack_bits
from spinpim.array.stored import weight_rows
from spinpim.bench.workload import Workload
from spinpim.network.quantise import BitCoding

UNIT = "Gbit/s"
ACTIVATION_BITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Operands:
    """Packed activations and stored rows of one layer, drawn at random.

    Attributes
    ----------
    activations : (planes, words, vectors) array of uint64
        Digits of the activations.
    rows : (filters, words) array of uint64
        Digits of the weights.
    outputs, coefficients, plane_coefficients : array of int64
        What each row and each plane contributes to; see `accumulate`.
    elements : int
        Length K of a vector [bit].
    """

    activations: NDArray[np.uint64]
    rows: NDArray[np.uint64]
    outputs: NDArray[np.int64]
    coefficients: NDArray[np.int64]
    plane_coefficients: NDArray[np.int64]
    elements: int

    @property
    def gigabits(self) -> float:
        """Useful bit-ANDs of the whole layer [Gbit]."""
        planes, _, vectors = self.activations.shape
        pairs: int = planes * vectors * self.rows.shape[0] * self.elements
        return 1e-9 * pairs


def and_popcount_k512() -> Workload:
    """Packed kernel at K = 512."""
    return _packed("and_popcount_k512_gbit_per_s", _operands(784, 32, 512))


def and_popcount_k1152() -> Workload:
    """Packed kernel at K = 1152."""
    return _packed("and_popcount_k1152_gbit_per_s", _operands(576, 64, 1152))


def numpy_bitwise_count_k512() -> Workload:
    """The same with numpy at K = 512."""
    return _numpy("numpy_bitwise_count_k512_gbit_per_s", _operands(784, 32, 512))


def numpy_bitwise_count_k1152() -> Workload:
    """The same with numpy at K = 1152."""
    return _numpy("numpy_bitwise_count_k1152_gbit_per_s", _operands(576, 64, 1152))


def float_matrix_product_k512() -> Workload:
    """The same with 0 and 1 as float32 numbers at K = 512."""
    return _float("float_matrix_product_k512_gbit_per_s", _operands(784, 32, 512))


def float_matrix_product_k1152() -> Workload:
    """The same with 0 and 1 as float32 numbers at K = 1152."""
    return _float("float_matrix_product_k1152_gbit_per_s", _operands(576, 64, 1152))


def packed_counts(operands: Operands) -> NDArray[np.int64]:
    """Weighted popcounts by the kernel, (filters, vectors)."""
    totals = np.zeros((operands.rows.shape[0] + 1, operands.activations.shape[2]), np.int64)
    accumulate(
        operands.activations,
        operands.rows,
        operands.outputs,
        operands.coefficients,
        operands.plane_coefficients,
        totals,
    )
    return totals[:-1]


def numpy_counts(operands: Operands) -> NDArray[np.int64]:
    """Weighted popcounts by numpy.bitwise_count, (filters, vectors)."""
    totals = np.zeros((operands.rows.shape[0], operands.activations.shape[2]), np.int64)
    for plane, coefficient in zip(operands.activations, operands.plane_coefficients, strict=True):
        for word in range(operands.rows.shape[1]):
            totals += coefficient * np.bitwise_count(operands.rows[:, word, np.newaxis] & plane[word])
    return totals


def float_counts(operands: Operands) -> NDArray[np.int64]:
    """Weighted popcounts by products of float32 matrices of 0 and 1, (filters, vectors)."""
    rows, planes = float_operands(operands)
    return _float_counts(rows, planes, operands.plane_coefficients)


def float_operands(operands: Operands) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Digits of the rows (filters, elements) and of the activations (planes, elements, vectors)."""
    rows = _unpacked(operands.rows, operands.elements)
    planes = np.stack([_unpacked(plane.T, operands.elements).T for plane in operands.activations])
    return rows, np.ascontiguousarray(planes)


def _float_counts(
    rows: NDArray[np.float32], planes: NDArray[np.float32], coefficients: NDArray[np.int64]
) -> NDArray[np.int64]:
    products = [coefficient * (rows @ plane) for plane, coefficient in zip(planes, coefficients, strict=True)]
    counts: NDArray[np.int64] = np.sum(products, axis=0).astype(np.int64)
    return counts


def _unpacked(words: NDArray[np.uint64], elements: int) -> NDArray[np.float32]:
    """Digits of packed vectors (vectors, words) as numbers (vectors, elements)."""
    octets = np.ascontiguousarray(words).astype("<u8").view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little", count=elements).astype(np.float32)


def _operands(vectors: int, filters: int, elements: int) -> Operands:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 1 << ACTIVATION_BITS, (vectors, elements), dtype=np.uint8)
    weights = rng.integers(0, 2, (filters, elements), dtype=np.uint8)
    digits, outputs, coefficients = weight_rows(weights, BitCoding("unsigned", 1), all_ones=None)
    return Operands(
        pack_bits(BitCoding("unsigned", ACTIVATION_BITS).planes(codes)),
        np.ascontiguousarray(pack_bits(digits[np.newaxis])[0].T),
        outputs,
        coefficients,
        BitCoding("unsigned", ACTIVATION_BITS).coefficients,
        elements,
    )


def _packed(name: str, operands: Operands) -> Workload:
    return Workload(
        name,
        UNIT,
        operands.gigabits,
        lambda: packed_counts(operands),
        f"Useful bit-ANDs of W1:A4 vectors of K = {operands.elements}, packed kernel, one core.",
    )


def _numpy(name: str, operands: Operands) -> Workload:
    return Workload(
        name,
        UNIT,
        operands.gigabits,
        lambda: numpy_counts(operands),
        f"The same words, K = {operands.elements}, by numpy.bitwise_count, one core.",
    )


def _float(name: str, operands: Operands) -> Workload:
    rows, planes = float_operands(operands)
    return Workload(
        name,
        UNIT,
        operands.gigabits,
        lambda: _float_counts(rows, planes, operands.plane_coefficients),
        f"The same digits as float32 numbers, K = {operands.elements}, by matrix products of a library.",
    )
