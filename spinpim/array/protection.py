"""What protects sensed answers: repeated accesses, or words of columns with check columns.

Which of them hardware can have for an AND of two rows: repeating an access needs nothing but time, so a
``Majority`` can always be had. The check bits of a linear code, the parity among them, follow the exclusive
or of words, not their AND: those of the operands give no check bits of their AND. ``Parity`` and
``SingleCorrection`` therefore assume check columns that hold the check bits of the right answer, from where
ever, and that are never wrong: they say what a code of that kind could do, as a bound.

Static wrong answers, of whatever cause, are wrong answers of a word and use its code up. A majority of
equal accesses does not touch them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, comb

from spinpim.checks import finite_array, shown, whole
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
LONGEST_WORD = 64
MOST_REREADS = 64


@dataclass(frozen=True, slots=True)
class Majority:
    r"""Each row operation is sensed three times, and each column gives what it answered at least twice.

    .. math:: p \to 3 p^2 - 2 p^3

    for accesses that flip independently at the rate p.

    Notes
    -----
    The temporal error of a ``Sensing`` is a mean over the cells of a column, few of which, close to the
    threshold, have most of it, at all three accesses. For a ``Sensing`` the vote is therefore integrated over
    the cells: ``spinpim.circuit.voted_errors`` leaves two thirds of the flips where the cells spread much
    more than the noise, not 3 p of them. The voters are not priced.

    Examples
    --------
    >>> float(np.round(Majority().residual(0.01), 9))
    0.000298
    """

    accesses: ClassVar[int] = 3
    word: ClassVar[int] = 0
    check_columns: ClassVar[int] = 0

    def residual(self, flip_rate: ArrayLike) -> FloatArray:
        """Probability that the voted answer is wrong [1], of that of one access."""
        p = finite_array("flip_rate", flip_rate, 0.0, 1.0)
        return np.asarray(p * p * (3.0 - 2.0 * p))


@dataclass(frozen=True, slots=True)
class Parity:
    r"""Words of n columns with one parity column; a word whose parity is wrong is sensed again.

    An odd number of wrong answers is seen, an even one is not. The word is sensed again until its parity is
    right, at most r times; the last answer then counts. With P_o the probability of an odd number of wrong
    answers and P_e that of an even one above 0,

    .. math:: P_{word} = P_o^{r+1} + P_e \sum_{i=0}^{r} P_o^i, \qquad
              E[\text{rereads}] = \sum_{i=1}^{r} P_o^i

    Attributes
    ----------
    word : int
        n, columns of a word without the parity column, 2..64; the last word of a sub-array may be shorter.
    rereads : int
        r, 1..64.

    Raises
    ------
    InputError
        If a number is out of range.

    Notes
    -----
    All accesses flip independently at the mean rate of their column. Pairs close to the threshold flip at the
    second access, too, so that rereads help less than here where the cells spread more than the noise.

    Examples
    --------
    >>> float(Parity(8).word_error(0.01)) < 0.01
    True
    """

    word: int = 8
    rereads: int = 1
    accesses: ClassVar[int] = 1
    check_columns: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Check the numbers."""
        object.__setattr__(self, "word", whole("word", self.word, 2, LONGEST_WORD))
        object.__setattr__(self, "rereads", whole("rereads", self.rereads, 1, MOST_REREADS))

    def word_error(self, flip_rate: ArrayLike) -> FloatArray:
        """Probability that a word is handed on wrong [1], of the flip rate of its columns."""
        p = finite_array("flip_rate", flip_rate, 0.0, 1.0)
        odd, even = _wrong_answers(p, self.word, 1), _wrong_answers(p, self.word, 2)
        before = sum((odd**k for k in range(1, self.rereads + 1)), np.ones_like(odd))
        return np.asarray(odd ** (self.rereads + 1) + even * before)

    def rereads_per_word(self, flip_rate: ArrayLike) -> FloatArray:
        """Mean number of times that a word is sensed again [1]."""
        odd = _wrong_answers(finite_array("flip_rate", flip_rate, 0.0, 1.0), self.word, 1)
        return np.asarray(sum((odd**k for k in range(1, self.rereads + 1)), np.zeros_like(odd)))


@dataclass(frozen=True, slots=True)
class SingleCorrection:
    r"""Words of n columns with a code that corrects one wrong answer, and c check columns.

    .. math:: 2^c \ge n + c + 1, \qquad P_{word} = I_p(2, n - 1)

    Attributes
    ----------
    word : int
        n, columns of a word without its check columns, 2..64; the last of a sub-array may be shorter.

    Raises
    ------
    InputError
        If the number is out of range.

    Notes
    -----
    Words with two or more wrong answers stay as they are, as with a decoder that also detects two (and has
    one check column more). One without would take two wrong answers for one and turn a third: at most one
    more wrong answer per such word.

    Examples
    --------
    >>> SingleCorrection(64).check_columns, f"{float(SingleCorrection(64).word_error(1e-6)):.3g}"
    (7, '2.02e-09')
    """

    word: int = 64
    accesses: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Check the number."""
        object.__setattr__(self, "word", whole("word", self.word, 2, LONGEST_WORD))

    @property
    def check_columns(self) -> int:
        """Check columns of a word, c."""
        checks = 1
        while 1 << checks < self.word + checks + 1:
            checks += 1
        return checks

    def word_error(self, flip_rate: ArrayLike) -> FloatArray:
        """Probability that a word is handed on wrong [1], of the flip rate of its columns."""
        p = finite_array("flip_rate", flip_rate, 0.0, 1.0)
        return np.asarray(betainc(2.0, self.word - 1.0, p))


Protection = Majority | Parity | SingleCorrection
"""What protects sensed answers; None stands for nothing."""


def check_protection(protection: Protection | None) -> None:
    """Refuse what is no protection.

    Raises
    ------
    InputError
        If it is of another kind.
    """
    if not isinstance(protection, Majority | Parity | SingleCorrection | None):
        raise InputError(
            "protection must be None, Majority(), Parity(...) or SingleCorrection(...); instead received "
            f"{shown(protection)}."
        )


def words_of(elements: int, columns: int, word: int) -> NDArray[np.int64]:
    """First element of each word and its number of elements, shape (words, 2).

    Parameters
    ----------
    elements : int
        Elements of a dot product, one column each.
    columns : int
        Columns of a sub-array; no word crosses from one to the next.
    word : int
        Columns of a word.

    Examples
    --------
    >>> words_of(20, 16, 10).tolist()
    [[0, 10], [10, 6], [16, 4]]
    """
    found = [
        (first, min(word, start + columns - first, elements - first))
        for start in range(0, elements, columns)
        for first in range(start, min(start + columns, elements), word)
    ]
    return np.array(found, np.int64)


def check_columns(columns: int, protection: Protection | None) -> int:
    """Check columns of a sub-array with that many columns for digits."""
    if protection is None or not protection.word:
        return 0
    return -(-columns // protection.word) * protection.check_columns


def _wrong_answers(p: FloatArray, n: int, first: int) -> FloatArray:
    """Probability of first, first + 2, ... wrong answers out of n."""
    counts = range(first, n + 1, 2)
    return np.asarray(sum(comb(n, k, exact=True) * p**k * (1.0 - p) ** (n - k) for k in counts))
