"""Errors of words of sensed bits, and what a code that corrects one bit leaves of them."""

from __future__ import annotations

from dataclasses import dataclass

from spinpim.checks import whole
from spinpim.circuit.failing_columns import REFERENCE_WEIGHTS, REFERENCES, pattern_counts
from spinpim.circuit.high_sigma.yields import MOST, error_after_mixed_correction, failure_of_any
from spinpim.circuit.sensing_result import Sensing, single_law


@dataclass(frozen=True, slots=True)
class CodedSensing:
    """Errors of words, each bit from a column of its own, all with the same reference.

    Static and temporal errors are means over equally likely patterns.

    Attributes
    ----------
    bits : int
        Bits of a word, check bits included.
    words_wrong, error_uncoded : float
        Without a code: words with a bit that is wrong for good; errors per access by noise [1].
    words_lost, words_spent : float
        Behind the code: words with two or more bits wrong for good, and with one, which uses it up [1].
    error_clean, error_spent : float
        Errors per access by noise that it leaves, in words without a wrong bit and in spent ones [1].
    """

    bits: int
    words_wrong: float
    error_uncoded: float
    words_lost: float
    words_spent: float
    error_clean: float
    error_spent: float


def coded_sensing(sensing: Sensing, bits: int) -> CodedSensing:
    r"""Errors of words of n bits, and what a code that corrects one bit leaves of them.

    .. math:: E_{z_1}\left[f(s(z_1), t(z_1))\right], \qquad s = E_{z_0, z_2}[P_{static}],\
              t = E_{z_0, z_2}[P_{temporal}]

    Parameters
    ----------
    sensing : Sensing
        From `sense`.
    bits : int
        Bits of a word, check bits included, >= 3; each is sensed by a column of its own.

    Returns
    -------
    CodedSensing

    Raises
    ------
    InputError
        If the number of bits is out of range, or the operation has several references.

    Notes
    -----
    What is wrong for good and what noise turns count as independent from bit to bit of a chip.

    Examples
    --------
    >>> from spinpim.circuit import Cell, SenseAmp, sense
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> coded = coded_sensing(sense(cell, SenseAmp.load("strongarm_45nm")), 72)
    >>> coded.words_lost < coded.words_wrong, coded.error_clean < coded.error_uncoded
    (True, True)
    """
    law = single_law(sensing)
    n = whole("bits", bits, 3, MOST)
    count = pattern_counts(sensing)
    share = count / count.sum()
    static, temporal = (errors @ share for errors in law.mean_errors(REFERENCES))
    coded = error_after_mixed_correction(static, temporal, n)
    found = (
        failure_of_any(static, n),
        failure_of_any(temporal, n),
        coded.words_lost,
        coded.words_spent,
        coded.error_clean,
        coded.error_spent,
    )
    return CodedSensing(n, *(float(REFERENCE_WEIGHTS @ values) for values in found))
