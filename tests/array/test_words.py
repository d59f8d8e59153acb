"""Words of sensed answers: against plain loops, and where there is noise against formulas and dense draws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2, chi2_contingency

from spinpim.array.bitops import pack_bits
from spinpim.array.protection import Parity, SingleCorrection, words_of
from spinpim.array.stored import answering_rows, sense_rows
from spinpim.array.words import CORRECT, CORRECTED, FLIPS, REREAD_PAIRS, REREADS, WRONG, judge_words
from spinpim.network.quantise import BitCoding

KEY = np.uint64(0x1234_5678_9ABC_DEF0)
CODING = BitCoding("unsigned", 3)
FALSE_ALARM = 1e-6


def judged(
    digits,
    rows,
    rates,
    words,
    rereads,
    *,
    coefficients=None,
    meant=None,
    positions=1,
    first_image=0,
    coding=CODING,
    key=KEY,
):
    """Totals of all answers after the words were judged, shape (rows, vectors), and the counts.

    ``digits`` and ``meant`` have the shape (planes, vectors, elements); ``rows`` are stored, to_zero, to_one,
    right.
    """
    count, coefficients = (
        len(rows[0]),
        np.ones(len(rows[0]), np.int64) if coefficients is None else coefficients,
    )
    group = answering_rows(*rows[:3], np.arange(count), coefficients, rates, right=rows[3])
    written = pack_bits(digits)
    totals, counts = np.zeros((count, digits.shape[1]), np.int64), np.zeros(5, np.int64)
    sense_rows(group, written, coding, totals)
    judge_words(
        written,
        written if meant is None else pack_bits(meant),
        group.stored,
        group.zero_answers,
        group.one_answers,
        group.right,
        group.outputs,
        coefficients,
        coding.coefficients,
        rates,
        words,
        rereads,
        positions,
        first_image,
        key,
        totals,
        counts,
    )
    return totals, counts


def dense(rng, digits, rows, rates, words, rereads, coefficients, meant, coding=CODING):
    """The same, answer by answer, with one random number for each access."""
    stored, to_zero, to_one, right = (np.asarray(part, bool) for part in rows)
    totals, counts = np.zeros((len(stored), digits.shape[1]), np.int64), np.zeros(5, np.int64)
    for plane, vector in np.ndindex(digits.shape[:2]):
        a, truth = digits[plane, vector], meant[plane, vector]
        for row in range(len(stored)):
            static = np.where(a, to_one[row], to_zero[row])
            rate = rates[np.arange(a.size), 2 * stored[row] + a]
            for first, size in words:
                part = slice(first, first + size)
                goal, answer = right[row, part] & truth[part].astype(bool), static[part]

                def sensed(part=part, answer=answer, rate=rate):
                    flips = rng.random(answer.size) < rate[part]
                    counts[FLIPS] += flips.sum()
                    return answer ^ flips

                given_on = sensed()
                if rereads == CORRECT and (given_on ^ goal).sum() == 1:
                    given_on = goal
                    counts[CORRECTED] += 1
                for _ in range(rereads):
                    if (given_on ^ goal).sum() % 2 == 0:
                        break
                    given_on = sensed()
                    counts[REREADS] += 1
                    counts[REREAD_PAIRS] += size
                counts[WRONG] += np.any(given_on != goal)
                totals[row, vector] += coefficients[row] * coding.coefficients[plane] * given_on.sum()
    return totals, counts


def random_case(seed, elements, vectors=4, faults=0.1):
    rng = np.random.default_rng(seed)
    right = rng.integers(0, 2, (3, elements), dtype=np.uint8)
    stored = right ^ (rng.random(right.shape) < faults)
    to_zero = (rng.random(right.shape) < faults).astype(np.uint8)
    to_one = stored ^ (rng.random(right.shape) < faults)
    meant = CODING.planes(rng.integers(0, 8, (vectors, elements), dtype=np.uint8))
    digits = meant ^ (rng.random(meant.shape) < rng.choice([0.0, faults]))
    return rng, digits, (stored, to_zero, to_one, right), meant


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(2, 150),
    st.integers(2, 64),
    st.integers(4, 130),
    st.sampled_from([CORRECT, 1, 3]),
    st.sampled_from([0.0, 0.02, 0.3]),
)
def test_words_without_noise_or_with_certain_flips_are_judged_as_one_by_one(
    seed, elements, word, columns, rereads, faults
):
    # The same patterns flip at every access, so that nothing is left to chance.
    rng, digits, rows, meant = random_case(seed, elements, faults=faults)
    rates = rng.integers(0, 2, (elements, 4)) * (rng.random((elements, 1)) < rng.choice([0.0, 0.1, 1.0]))
    words, coefficients = words_of(elements, columns, word), np.array([1, 2, -4])
    arguments = digits, rows, rates.astype(float), words, rereads
    found = judged(*arguments, coefficients=coefficients, meant=meant, positions=2)
    expected = dense(rng, *arguments, coefficients, meant)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def faultless(weight, digit, vectors, elements, rows=4):
    """Rows and activations of one pattern everywhere."""
    stored = np.full((rows, elements), weight, np.uint8)
    digits = np.full((3, vectors, elements), digit, np.uint8)
    return digits, (stored, 0 * stored, stored, stored)


def limits(trials, rate):
    """Bounds that a binomial count leaves with the false-alarm rate."""
    return binom.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], trials, rate)


@pytest.mark.parametrize("rate", [3e-3, 0.02, 0.2])
@pytest.mark.parametrize(
    "protection", [Parity(8, 1), Parity(64, 3), SingleCorrection(8), SingleCorrection(64)]
)
def test_words_are_wrong_as_often_as_the_formula_says(rate, protection):
    elements = 2 * protection.word
    digits, rows = faultless(1, 1, 4000, elements)
    words = words_of(elements, elements, protection.word)
    rereads = protection.rereads if isinstance(protection, Parity) else CORRECT
    counts = judged(digits, rows, np.full((elements, 4), rate), words, rereads, positions=5)[1]
    trials = 4000 * 3 * 4 * 2
    low, high = limits(trials, protection.word_error(rate))
    assert low <= counts[WRONG] <= high
    assert counts[REREAD_PAIRS] == counts[REREADS] * protection.word
    # Whether a word is sensed again is settled before its new flips are: each access flips at the rate.
    low, high = limits(trials * protection.word + counts[REREAD_PAIRS], rate)
    assert low <= counts[FLIPS] <= high
    if rereads == 1:
        low, high = limits(trials, protection.rereads_per_word(rate))
        assert low <= counts[REREADS] <= high


@pytest.mark.parametrize("second", [0.3, 0.25, 0.01])
@pytest.mark.parametrize("planes", [(0, 0), (0, 2)])
def test_two_columns_flip_together_as_often_as_the_product_of_their_rates(second, planes):
    # A word of two columns whose code corrects one error is wrong where both flip: their joint count, for
    # columns that share a walk (0.3, 0.25) and for others. The second test is on two planes of one vector.
    digits, rows = faultless(1, 1, 30_000, 2, rows=1)
    rates = np.array([[0.0, 0.0, 0.0, 0.3], [0.0, 0.0, 0.0, second]])
    totals, counts = judged(digits, rows, rates, words_of(2, 2, 2), CORRECT, positions=3)
    joint = 0.3 * second
    low, high = limits(90_000, joint)
    assert low <= counts[WRONG] <= high
    # Each total tells which planes were wrong: 14 minus twice the sum of what they count.
    lost = (14 - totals[0]) // 2
    wrong = np.array([(lost >> plane) & 1 for plane in planes])
    observed = np.histogram2d(*wrong, bins=[[-0.5, 0.5, 1.5]] * 2)[0]
    chance = np.array([1 - joint, joint])
    expected = 30_000 * (np.diag(chance) if planes[0] == planes[1] else np.outer(chance, chance))
    used = expected > 0
    assert np.all(observed[~used] == 0)
    statistic = ((observed - expected)[used] ** 2 / expected[used]).sum()
    assert statistic < chi2.isf(FALSE_ALARM, used.sum() - 1)


@pytest.mark.parametrize("rereads", [CORRECT, 1, 2])
def test_totals_are_spread_as_with_one_random_number_per_access(rereads):
    # Homogeneity of the histograms of both draws, and of two rows and two planes jointly: their totals.
    rng, digits, rows, meant = random_case(3, 10, vectors=1, faults=0.08)
    rates = rng.uniform(0.05, 0.2, (10, 4))
    rates[4] = (0.5, 0.001, 0.45, 0.6)
    digits, meant = np.repeat(digits, 2500, axis=1), np.repeat(meant, 2500, axis=1)
    words, coefficients = words_of(10, 7, 4), np.array([1, 1, 8])
    sparse = judged(digits, rows, rates, words, rereads, coefficients=coefficients, meant=meant)
    oracle = dense(rng, digits, rows, rates, words, rereads, coefficients, meant)
    pairs = [(found[0][0], found[0][1], found[0].sum(axis=0)) for found in (sparse, oracle)]
    for chosen in range(3):
        values = np.concatenate([pair[chosen] for pair in pairs])
        edges = np.unique(np.quantile(values, np.linspace(0, 1, 13)))
        table = [np.histogram(pair[chosen], edges)[0] for pair in pairs]
        assert chi2_contingency(table).pvalue > FALSE_ALARM
    edges = [np.unique(np.quantile(pairs[1][k], [0, 0.25, 0.5, 0.75, 1])) for k in range(2)]
    edges = [np.concatenate([[-np.inf], cut[1:-1], [np.inf]]) for cut in edges]
    table = np.array([np.histogram2d(pair[0], pair[1], edges)[0].ravel() for pair in pairs])
    assert chi2_contingency(table[:, table.sum(axis=0) > 0]).pvalue > FALSE_ALARM
    error = np.sqrt(oracle[1][:5] + sparse[1][:5] + 1.0)
    assert np.all(np.abs(oracle[1] - sparse[1])[[FLIPS, REREADS, CORRECTED, WRONG]] < 6 * error[[0, 1, 3, 4]])


@pytest.mark.parametrize("rereads", [CORRECT, 2])
def test_words_of_images_are_judged_alike_in_any_batch(rereads):
    rng, digits, rows, meant = random_case(1, 150, vectors=60, faults=0.01)
    rates = 10.0 ** rng.uniform(-4, -0.5, (150, 4))
    words = words_of(150, 128, 48)

    def part(first, stop, key=KEY):
        some = slice(4 * first, 4 * stop)
        place = {"positions": 4, "first_image": first, "key": key}
        return judged(digits[:, some], rows, rates, words, rereads, meant=meant[:, some], **place)

    whole, counts = part(0, 15)
    parts = [part(0, 1), part(1, 9), part(9, 15)]
    np.testing.assert_array_equal(whole, np.concatenate([totals for totals, _ in parts], axis=1))
    np.testing.assert_array_equal(counts, sum(count for _, count in parts))
    assert counts[WRONG] > 0
    assert np.any(whole != part(0, 15, np.uint64(9))[0])


def test_many_windows_in_several_parts_are_all_judged():
    # 3 planes, 60 rows, 4 words: 22 windows to a part. Every answer flips and no code helps.
    digits, rows = faultless(1, 1, 100, 200, rows=60)
    totals, counts = judged(digits, rows, np.ones((200, 4)), words_of(200, 200, 50), CORRECT, positions=50)
    assert not np.any(totals)
    assert counts.tolist() == [100 * 3 * 60 * 200, 0, 0, 0, 100 * 3 * 60 * 4]
