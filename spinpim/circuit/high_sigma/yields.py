"""From the failure probability of one column, cell or bit to chips, code words and what a code leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincc

from spinpim.checks import broadcast, finite_array, whole

FloatArray = NDArray[np.float64]
MOST = 2**53


def failure_of_any(failure_probability: ArrayLike, count: int) -> FloatArray:
    r"""Probability that at least one of several independent parts fails.

    .. math:: P = 1 - (1 - p)^N = -\mathrm{expm1}(N\, \mathrm{log1p}(-p))

    Parameters
    ----------
    failure_probability : array
        Failure probability of one part [1], 0 to 1.
    count : int
        Number of parts N, >= 1.

    Returns
    -------
    array
        Probability [1], right to rounding however small.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> f"{float(failure_of_any(1e-20, 1000)):.6g}"
    '1e-17'
    """
    p = finite_array("failure_probability", failure_probability, 0.0, 1.0)
    whole("count", count, 1, MOST)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(count * np.log1p(-p)))


def column_yield(failure_probability: ArrayLike, groups: int) -> FloatArray:
    r"""Probability that a column is right for all its groups of cells, :math:`(1 - p)^N`.

    Parameters
    ----------
    failure_probability : array
        Static error of one group of cells in the column [1].
    groups : int
        Number of groups that are read in one column, taken as independent.

    Returns
    -------
    array
        Yield [1].

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    Groups of one column share its amplifier and so fail together more often than independent ones: the yield
    is a lower bound. For the exact one average ``Sensing.column_errors`` over columns.

    Examples
    --------
    >>> float(column_yield(1e-3, 2))
    0.998001
    """
    return 1.0 - failure_of_any(failure_probability, groups)


def chip_yield(column_failure: ArrayLike, columns: int, spare_columns: int = 0) -> FloatArray:
    r"""Probability that at most ``spare_columns`` of the columns of a chip fail.

    .. math:: Y = \sum_{k=0}^{r} \binom{N + r}{k} p^k (1 - p)^{N + r - k}

    Parameters
    ----------
    column_failure : array
        Failure probability of a column [1].
    columns : int
        Columns that are needed, >= 1.
    spare_columns : int
        Further ones that may replace failing ones, and may fail themselves.

    Returns
    -------
    array
        Yield [1]; `chip_failure` has the small number 1 - Y to full precision.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> float(np.round(chip_yield(1e-4, 1000), 6)), float(np.round(chip_yield(1e-4, 1000, 2), 6))
    (0.904833, 0.999845)
    """
    p = finite_array("column_failure", column_failure, 0.0, 1.0)
    every = whole("columns", columns, 1, MOST) + whole("spare_columns", spare_columns, 0, MOST)
    return np.asarray(betaincc(spare_columns + 1, every - spare_columns, p))


def chip_failure(column_failure: ArrayLike, columns: int, spare_columns: int = 0) -> FloatArray:
    """Probability that more columns of a chip fail than it has spare ones; see `chip_yield`.

    Examples
    --------
    >>> f"{float(chip_failure(1e-20, 1000)):.6g}"
    '1e-17'
    """
    p = finite_array("column_failure", column_failure, 0.0, 1.0)
    every = whole("columns", columns, 1, MOST) + whole("spare_columns", spare_columns, 0, MOST)
    return np.asarray(betainc(spare_columns + 1, every - spare_columns, p))


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedError:
    """What a code that corrects a single error leaves.

    Attributes
    ----------
    word : array
        Probability that a word has two or more wrong bits [1].
    bit : array
        Expected share of wrong bits after the correction [1]; words with two or more stay as they are.
    """

    word: FloatArray
    bit: FloatArray


def error_after_single_correction(bit_error_rate: ArrayLike, bits: int) -> CorrectedError:
    r"""Errors of words whose code corrects one wrong bit; bits are independent.

    .. math:: P_{word} = \sum_{k=2}^{n} \binom{n}{k} p^k (1-p)^{n-k} = I_p(2, n-1), \qquad
              P_{bit} = p \left[1 - (1-p)^{n-1}\right]

    Parameters
    ----------
    bit_error_rate : array
        Probability that a bit is wrong [1], 0 to 1.
    bits : int
        Bits n of a code word, check bits included, >= 2.

    Returns
    -------
    CorrectedError
        Per word and per bit, right to rounding down to the smallest numbers.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    A decoder that also detects two errors leaves such a word as it is. One that does not may turn a third
    bit: ``bit`` then rises by at most ``word`` / n.

    Examples
    --------
    >>> left = error_after_single_correction(1e-9, 72)
    >>> f"{float(left.word):.4g} {float(left.bit):.4g}"
    '2.556e-15 7.1e-17'
    """
    p = finite_array("bit_error_rate", bit_error_rate, 0.0, 1.0)
    n = whole("bits", bits, 2, MOST)
    return CorrectedError(np.asarray(betainc(2.0, n - 1.0, p)), p * failure_of_any(p, n - 1))


@dataclass(frozen=True, slots=True, eq=False)
class MixedCorrection:
    """What single correction leaves where some bits are wrong for good and others now and then.

    Attributes
    ----------
    words_lost : array
        Share of the words in which two or more bits are wrong for good [1].
    words_spent : array
        Share of the words in which one is, so that the correction is used up [1].
    error_clean, error_spent : array
        Probability per access that a word of neither kind, and a spent one, has two or more wrong bits [1].
    """

    words_lost: FloatArray
    words_spent: FloatArray
    error_clean: FloatArray
    error_spent: FloatArray

    @property
    def error_of_usable_words(self) -> FloatArray:
        """Probability per access of an error in the words that are not lost, mean over them [1]."""
        clean = 1.0 - self.words_lost - self.words_spent
        together = clean * self.error_clean + self.words_spent * self.error_spent
        usable = clean + self.words_spent
        return np.asarray(np.divide(together, usable, out=np.zeros_like(together), where=usable > 0.0))


def error_after_mixed_correction(
    static_error_rate: ArrayLike, temporal_error_rate: ArrayLike, bits: int
) -> MixedCorrection:
    r"""Single correction with a static map of wrong bits and temporal flips, kept apart.

    With s static and t temporal errors per bit, and k bits of a word wrong for good,

    .. math:: \Pr(k = 1) = n s (1-s)^{n-1}, \quad \Pr(k \ge 2) = I_s(2, n-1), \\
              E_{k=0} = I_t(2, n-1), \quad
              E_{k=1} = (1-t)\left[1 - (1-t)^{n-1}\right] + t\, I_t(2, n-2)

    A flip of a bit that is wrong for good makes it right for that access.

    Parameters
    ----------
    static_error_rate, temporal_error_rate : array, broadcastable
        Probability that a bit is wrong for good, and that an access turns its answer [1].
    bits : int
        Bits n of a code word, check bits included, >= 3.

    Returns
    -------
    MixedCorrection
        Shares of words, and errors per access.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> left = error_after_mixed_correction(1e-5, 1e-9, 72)
    >>> f"{float(left.words_spent):.3g} {float(left.error_spent):.3g} {float(left.error_clean):.3g}"
    '0.000719 7.1e-08 2.56e-15'
    """
    s = finite_array("static_error_rate", static_error_rate, 0.0, 1.0)
    t = finite_array("temporal_error_rate", temporal_error_rate, 0.0, 1.0)
    n = whole("bits", bits, 3, MOST)
    s, t = broadcast({"static_error_rate": s, "temporal_error_rate": t})
    with np.errstate(divide="ignore"):
        one_wrong = n * s * np.exp((n - 1) * np.log1p(-s))
    return MixedCorrection(
        words_lost=np.asarray(betainc(2.0, n - 1.0, s)),
        words_spent=np.asarray(one_wrong),
        error_clean=np.asarray(betainc(2.0, n - 1.0, t)),
        error_spent=np.asarray((1.0 - t) * failure_of_any(t, n - 1) + t * betainc(2.0, n - 2.0, t)),
    )
