"""Yields and what a code leaves, against exact rational arithmetic and counting."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit.high_sigma import (
    chip_failure,
    chip_yield,
    column_yield,
    error_after_mixed_correction,
    error_after_single_correction,
    failure_of_any,
)
from spinpim.errors import InputError


def exact_tail(p, n, least):
    share = Fraction(p)
    return sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(least, n + 1))


@pytest.mark.parametrize("p", [1e-30, 1e-16, 1e-9, 1e-3, 0.3, 1.0])
@pytest.mark.parametrize("n", [2, 3, 72, 137])
def test_a_corrected_word_fails_as_exact_arithmetic_says(p, n):
    left = error_after_single_correction(p, n)
    assert float(left.word) == pytest.approx(float(exact_tail(p, n, 2)), rel=1e-12)
    share = Fraction(p)
    wrong = sum(k * comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(2, n + 1))
    assert float(left.bit) == pytest.approx(float(wrong / n), rel=1e-12)


@pytest.mark.parametrize("p", [1e-25, 1e-12, 1e-4, 0.5])
@pytest.mark.parametrize(("columns", "spare"), [(1, 0), (128, 0), (128, 3)])
def test_a_chip_fails_as_exact_arithmetic_says(p, columns, spare):
    expected = float(exact_tail(p, columns + spare, spare + 1))
    assert float(chip_failure(p, columns, spare)) == pytest.approx(expected, rel=1e-11)
    assert float(chip_yield(p, columns, spare)) == pytest.approx(1.0 - expected, rel=1e-12, abs=1e-30)
    if spare == 0:
        assert float(failure_of_any(p, columns)) == pytest.approx(expected, rel=1e-12)
        assert float(column_yield(p, columns)) == pytest.approx(1.0 - expected, abs=1e-15)


def test_certain_parts_and_parts_that_never_fail():
    assert failure_of_any([0.0, 1.0], 7).tolist() == [0.0, 1.0]
    assert error_after_single_correction([0.0, 1.0], 7).word.tolist() == [0.0, 1.0]
    assert chip_yield([0.0, 1.0], 7, 2).tolist() == [1.0, 0.0]
    assert error_after_mixed_correction([0.0, 1.0], 0.0, 7).words_lost.tolist() == [0.0, 1.0]


def test_static_and_temporal_errors_leave_what_counting_finds():
    """2e6 words: five standard errors, false-alarm rate below 2e-6."""
    s, t, n, words = 0.02, 0.05, 9, 400_000
    rng = np.random.default_rng(5)
    static = rng.random((words, n)) < s
    wrong = (static ^ (rng.random((words, n)) < t)).sum(axis=1)
    k = static.sum(axis=1)
    left = error_after_mixed_correction(s, t, n)

    def agrees(found, hits, trials):
        return abs(found - hits / trials) < 5.0 * np.sqrt(found * (1.0 - found) / trials)

    assert agrees(float(left.words_lost), np.sum(k >= 2), words)
    assert agrees(float(left.words_spent), np.sum(k == 1), words)
    assert agrees(float(left.error_clean), np.sum(wrong[k == 0] >= 2), np.sum(k == 0))
    assert agrees(float(left.error_spent), np.sum(wrong[k == 1] >= 2), np.sum(k == 1))
    assert agrees(float(left.error_of_usable_words), np.sum(wrong[k < 2] >= 2), np.sum(k < 2))


@settings(max_examples=50, deadline=None)
@given(p=st.floats(1e-30, 0.2), factor=st.floats(1.01, 3.0), n=st.integers(2, 200))
def test_more_wrong_bits_leave_more_and_correction_leaves_less(p, factor, n):
    here, there = error_after_single_correction(p, n), error_after_single_correction(p * factor, n)
    assert float(there.word) >= float(here.word)
    assert float(here.bit) <= p
    assert float(here.word) <= float(failure_of_any(p, n)) * (1.0 + 1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: failure_of_any(-0.1, 3),
            "failure_probability must be a number, finite and at least 0 and at most 1",
        ),
        (
            lambda: failure_of_any(float("nan"), 3),
            "failure_probability must be a number, finite and at least 0 and at most 1",
        ),
        (lambda: failure_of_any("many", 3), "failure_probability must be one or more numbers"),
        (lambda: failure_of_any(0.1, 0), "count must be a whole number"),
        (lambda: chip_yield(0.1, 10, -1), "spare_columns must be a whole number"),
        (
            lambda: error_after_single_correction(1.1, 72),
            "bit_error_rate must be a number, finite and at least 0 and at most 1",
        ),
        (lambda: error_after_single_correction(0.1, 1), "bits must be a whole number"),
        (lambda: error_after_mixed_correction(0.1, 2.0, 72), "temporal_error_rate must be"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()
