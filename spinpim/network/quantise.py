"""Whole numbers as bits: the codings of weights and activations that a bit-wise convolution can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

CODING_NAMES = ("unsigned", "affine", "signed", "bipolar")
MAXIMUM_BITS = 8
REAL = 32
"""Digits that stand for real numbers, never rounded: for comparison alone."""


@dataclass(frozen=True, slots=True)
class BitCoding:
    r"""A linear map from ``bits`` binary digits to a whole number.

    .. math:: v = c + \sum_{j=0}^{n-1} k_j b_j, \qquad b_j \in \{0, 1\}

    Being linear in the bits, a dot product of two coded vectors is a weighted sum of popcounts of
    bit-wise ANDs plus a correction where the constant is not zero.

    Attributes
    ----------
    name : str
        "unsigned": k_j = 2^j, c = 0.
        "signed" (two's complement): as unsigned, but the top digit counts -2^(n-1).
        "affine" (DoReFa weights): k_j = 2 * 2^j, c = -(2^n - 1); the 2^n odd or even numbers
        -(2^n - 1), ..., 2^n - 1 in steps of 2, none of which is zero.
        "bipolar": every digit is -1 or +1 with weight 2^j, hence the same numbers as "affine";
        for one bit the pair -1, +1.
    bits : int
        Number of binary digits, 1 to 8.

    Raises
    ------
    InputError
        If the name or the number of bits is not one of these.

    Examples
    --------
    >>> BitCoding("bipolar", 1).decode(np.array([0, 1]))
    array([-1,  1])
    >>> BitCoding("signed", 3).encode(np.array([-4, -1, 3]))
    array([4, 7, 3], dtype=uint8)

    References
    ----------
    S. Zhou et al., DoReFa-Net, arXiv:1606.06160 (2016), sections 2.3 and 2.4.
    """

    name: str
    bits: int

    def __post_init__(self) -> None:
        if self.name not in CODING_NAMES:
            raise InputError(f"coding name must be one of {', '.join(CODING_NAMES)}; got {self.name!r}.")
        if isinstance(self.bits, bool) or not isinstance(self.bits, int | np.integer):
            raise InputError(f"coding bits must be a whole number; got {self.bits!r}.")
        if not 1 <= self.bits <= MAXIMUM_BITS:
            raise InputError(f"coding bits must lie in 1..{MAXIMUM_BITS}; got {self.bits}.")

    @property
    def coefficients(self) -> NDArray[np.int64]:
        """What each digit counts, least significant first, shape (bits,)."""
        powers = np.left_shift(1, np.arange(self.bits, dtype=np.int64))
        if self.name == "signed":
            powers[-1] = -powers[-1]
        return 2 * powers if self.name in ("affine", "bipolar") else powers

    @property
    def constant(self) -> int:
        """The value when all digits are 0."""
        return 1 - (1 << self.bits) if self.name in ("affine", "bipolar") else 0

    @property
    def largest_magnitude(self) -> int:
        """The largest absolute value that the coding can express."""
        return 1 << (self.bits - 1) if self.name == "signed" else (1 << self.bits) - 1

    def encode(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Codes of whole numbers.

        Parameters
        ----------
        values : array of int, any shape
            Numbers that the coding contains.

        Returns
        -------
        array of uint8, same shape
            The digits read as a plain binary number.

        Raises
        ------
        InputError
            If a value is not a whole number or not one that the coding contains.
        """
        numbers = np.asarray(values)
        if numbers.dtype.kind not in "iu":
            raise InputError(f"values to encode must be of an integer type; got {numbers.dtype}.")
        numbers = numbers.astype(np.int64)
        codes = numbers
        if self.name == "signed":
            codes = numbers & ((1 << self.bits) - 1)
        elif self.constant:
            codes = (numbers - self.constant) >> 1
        outside = (codes < 0) | (codes >= 1 << self.bits)
        codes = np.where(outside, 0, codes).astype(np.uint8)
        wrong = outside | (self.decode(codes) != numbers)
        if np.any(wrong):
            raise InputError(
                f"{numbers[wrong].flat[0]} is not among the values of {self.name} coding with {self.bits} "
                f"bit(s): {self._described_values()}."
            )
        return codes

    def decode(self, codes: NDArray[Any]) -> NDArray[np.int64]:
        """Values of codes, shape kept; a code is below 2^bits (digits above are ignored)."""
        every_code = np.arange(1 << self.bits)
        digits = (every_code[:, None] >> np.arange(self.bits)) & 1
        table = self.constant + digits @ self.coefficients
        result: NDArray[np.int64] = table[np.asarray(codes) & ((1 << self.bits) - 1)]
        return result

    def planes(self, codes: NDArray[Any]) -> NDArray[np.uint8]:
        """Binary digits of codes, least significant first.

        Parameters
        ----------
        codes : array of uint8, any shape
            Codes below 2^bits.

        Returns
        -------
        array of uint8, shape (bits, ...)
            Digits 0 or 1.

        Examples
        --------
        >>> BitCoding("unsigned", 2).planes(np.array([1, 2], dtype=np.uint8)).tolist()
        [[1, 0], [0, 1]]
        """
        digits = np.asarray(codes, dtype=np.uint8)
        return np.stack([(digits >> j) & np.uint8(1) for j in range(self.bits)])

    def _described_values(self) -> str:
        top = (1 << self.bits) - 1
        if self.constant:
            return f"-{top}, -{top - 2}, ..., {top}" if top > 1 else "-1, 1"
        return f"0..{top}" if self.name == "unsigned" else f"{-(1 << (self.bits - 1))}..{top >> 1}"


def quantise_activation(values: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    r"""Codes of real activations on the interval 0..1.

    .. math:: q = \mathrm{round}\bigl((2^n - 1)\,\min(\max(x, 0), 1)\bigr)

    Parameters
    ----------
    values : array of float, any shape
        Real activations [1]; values outside 0..1 saturate, as the method prescribes.
    bits : int
        Number of binary digits, 1 to 8.

    Returns
    -------
    array of uint8, same shape
        Codes 0..2^bits - 1; a tie goes to the even code.

    Raises
    ------
    InputError
        If a value is not finite or ``bits`` is outside 1..8.

    Examples
    --------
    >>> quantise_activation(np.array([-0.2, 0.5, 0.7, 3.0]), 2)
    array([0, 2, 2, 3], dtype=uint8)

    References
    ----------
    S. Zhou et al., DoReFa-Net, arXiv:1606.06160 (2016), equation 5 and section 2.4.
    """
    top = (1 << BitCoding("unsigned", bits).bits) - 1
    real = np.asarray(values, dtype=np.float64)
    if not np.all(np.isfinite(real)):
        raise InputError("activations to quantise must be finite; found NaN or infinity.")
    return np.rint(np.clip(real, 0.0, 1.0) * top).astype(np.uint8)
