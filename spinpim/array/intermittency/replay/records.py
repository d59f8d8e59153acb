"""Records of saves: place in the program, sums that are not complete, check digits over all that counts."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.keeping import CHECK_BITS, PLACE_BITS

Digits = NDArray[np.uint8]
IMAGE_BITS = 16
OPERATION_BITS = PLACE_BITS - IMAGE_BITS


class Place(NamedTuple):
    """Image, and operations of it that are done."""

    image: int
    operation: int


def record(place: Place, sums: Digits, values: Digits) -> Digits:
    """Digits of a record: place, sums, and a check over them and the values that it counts on."""
    head = np.concatenate(
        [
            to_digits(np.array([place.image]), IMAGE_BITS),
            to_digits(np.array([place.operation]), OPERATION_BITS),
            sums,
        ]
    )
    return np.concatenate([head, to_digits(np.array([_check(head, values)]), CHECK_BITS)])


def place_of(digits: Digits) -> Place:
    """Place that a record names, right or wrong."""
    image = from_digits(digits[:IMAGE_BITS], IMAGE_BITS)[0]
    operation = from_digits(digits[IMAGE_BITS:PLACE_BITS], OPERATION_BITS)[0]
    return Place(int(image), int(operation))


def sums_of(digits: Digits) -> Digits:
    """Digits of the sums of a record."""
    return digits[PLACE_BITS:-CHECK_BITS]


def is_whole(digits: Digits, values: Digits) -> bool:
    """Whether the check digits are those of the record and of the values that it counts on."""
    check = from_digits(digits[-CHECK_BITS:], CHECK_BITS)[0]
    return bool(check == _check(digits[:-CHECK_BITS], values))


def row_check(values: Digits, image: int) -> Digits:
    """Check digits of a row of values; rows of another image do not pass."""
    return to_digits(np.array([zlib.crc32(values.tobytes(), image)]), CHECK_BITS)


def to_digits(numbers: NDArray[np.int64], places: int) -> Digits:
    """Binary digits of whole numbers, two's complement, the lowest first; shape (numbers * places,)."""
    return ((numbers[:, np.newaxis] >> np.arange(places)) & 1).astype(np.uint8).ravel()


def from_digits(digits: Digits, places: int, *, signed: bool = False) -> NDArray[np.int64]:
    """Whole numbers of binary digits, the lowest first."""
    bits = digits.reshape(-1, places).astype(np.int64)
    weights = np.left_shift(1, np.arange(places, dtype=np.int64))
    if signed:
        weights[-1] = -weights[-1]
    found: NDArray[np.int64] = bits @ weights
    return found


def _check(head: Digits, values: Digits) -> int:
    return zlib.crc32(head.tobytes(), zlib.crc32(values.tobytes()))
