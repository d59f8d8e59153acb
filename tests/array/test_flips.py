"""Errors new at each access: exact where rates are 0 or 1, against a dense draw elsewhere."""

import numpy as np
import pytest
from scipy.stats import binom, chi2, norm

from spinpim.array.bitops import pack_bits
from spinpim.array.flips import flip_reads, flip_writes
from spinpim.array.stored import answering_rows
from spinpim.network.quantise import BitCoding

KEY = np.uint64(0x1234_5678_9ABC_DEF0)
CODING = BitCoding("unsigned", 3)
PLANES = CODING.coefficients


def faulty_rows(rng, rows, elements):
    """Digits, and answers to 0 and to 1 with some fixed faults; shape (rows, elements)."""
    stored = rng.integers(0, 2, (rows, elements), dtype=np.uint8)
    to_zero = (rng.random((rows, elements)) < 0.1).astype(np.uint8)
    to_one = stored ^ (rng.random((rows, elements)) < 0.1)
    return stored, to_zero, to_one.astype(np.uint8)


def noise_of(codes, rows, outputs, coefficients, rates, *, positions, first_image=0, key=KEY):
    """Change of the totals by flipped reads, and their number."""
    totals = np.zeros((int(outputs.max()) + 1, len(codes)), np.int64)
    group = answering_rows(*rows, outputs, coefficients, rates)
    packed = group.stored, group.zero_answers, group.plus, group.minus
    place = positions, first_image, key
    activations = pack_bits(CODING.planes(codes))
    flips = flip_reads(activations, *packed, outputs, coefficients, PLANES, rates, *place, totals)
    return totals, flips


def dense_noise(rng, codes, rows, outputs, coefficients, rates):
    """The same, one random number for each access."""
    stored, to_zero, to_one = rows
    totals = np.zeros((int(outputs.max()) + 1, len(codes)), np.int64)
    for m, plane in enumerate(CODING.planes(codes)):
        for row in range(len(stored)):
            rate = np.take_along_axis(rates.T, (2 * stored[row] + plane)[:, :].astype(int), axis=0)
            flipped = rng.random(plane.shape) < rate
            answer = np.where(plane, to_one[row], to_zero[row]).astype(np.int64)
            totals[outputs[row]] += coefficients[row] * PLANES[m] * (flipped * (1 - 2 * answer)).sum(axis=1)
    return totals


@pytest.mark.parametrize("certain", range(16))
def test_patterns_that_always_flip_are_inverted_and_others_are_untouched(certain):
    rng = np.random.default_rng(certain)
    rows = faulty_rows(rng, 5, 70)
    codes = rng.integers(0, 8, (6, 70), dtype=np.uint8)
    outputs, coefficients = np.array([0, 0, 1, 1, 2]), np.array([2, 4, 2, 4, 1])
    rates = np.tile([(certain >> p) & 1 for p in range(4)], (70, 1)).astype(float)
    noise, flips = noise_of(codes, rows, outputs, coefficients, rates, positions=2)
    np.testing.assert_array_equal(noise, dense_noise(rng, codes, rows, outputs, coefficients, rates))
    patterns = 2 * rows[0][:, np.newaxis, np.newaxis] + CODING.planes(codes)
    assert flips == sum(np.count_nonzero(patterns == p) for p in range(4) if (certain >> p) & 1)


@pytest.mark.parametrize("rates", [(1e-3, 2e-3, 5e-3, 1e-2), (0.0, 0.0, 0.02, 0.5), (0.5, 0.4, 0.3, 0.2)])
def test_each_pattern_flips_at_its_own_rate(rates):
    # Fault-free rows of one pattern of (weight, activation) each: two-sided false-alarm rate 1e-6 per count.
    for pattern, rate in enumerate(rates):
        w, a = divmod(pattern, 2)
        stored = np.full((2, 40), w, np.uint8)
        rows = (stored, np.zeros_like(stored), stored)
        codes = np.full((3000, 40), 7 * a, np.uint8)
        noise, flips = noise_of(
            codes, rows, np.array([0, 1]), np.array([1, 1]), np.tile(rates, (40, 1)), positions=3
        )
        low, high = binom.ppf([5e-7, 1 - 5e-7], 3000 * 3 * 2 * 40, rate)
        assert low <= flips <= high
        assert np.sign(noise.sum()) == (0 if rate == 0 else -1 if pattern == 3 else 1)


def test_flips_of_an_image_are_binomial_also_where_thinning_drops_candidates():
    # Variance of 20,000 counts of 120 accesses; 5 standard errors are a false-alarm rate of 6e-7.
    stored = np.ones((2, 20), np.uint8)
    codes = np.full((20_000, 20), 7, np.uint8)
    rates = np.tile([0.0, 0.0, 0.4, 0.2], (20, 1))
    weights = np.array([1, 1])
    noise, _ = noise_of(codes, (stored, 0 * stored, stored), np.array([0, 1]), weights, rates, positions=1)
    flips = -noise.sum(axis=0) / PLANES.mean()
    # Each flip counts what its plane counts.
    expected = 120 * 0.2 * 0.8 * np.mean(PLANES**2) / PLANES.mean() ** 2
    assert abs(flips.var() - expected) < 5 * expected * np.sqrt(2 / 20_000)
    assert abs(flips.mean() - 24.0) < 5 * np.sqrt(expected / 20_000)


def test_totals_spread_as_with_one_random_number_per_access():
    # Mean and variance of each total over 4,000 images, both draws; false-alarm rate 1e-6 over all.
    rng = np.random.default_rng(8)
    rows = faulty_rows(rng, 4, 30)
    outputs, coefficients = np.array([0, 0, 1, 2]), np.array([2, 4, -2, 1])
    rates = rng.uniform(0.0, 0.02, (30, 4)) * (rng.random((30, 1)) < 0.7)
    rates[3] = (0.4, 0.0, 0.5, 0.5)
    codes = np.tile(rng.integers(0, 8, (1, 30), dtype=np.uint8), (4000, 1))
    sparse = noise_of(codes, rows, outputs, coefficients, rates, positions=1)[0]
    dense = dense_noise(rng, codes, rows, outputs, coefficients, rates)
    limit = norm.isf(0.5e-6 / 9)
    error = np.sqrt((sparse.var(axis=1) + dense.var(axis=1)) / 4000)
    assert np.all(np.abs(sparse.mean(axis=1) - dense.mean(axis=1)) < limit * error)
    for first, second in ((sparse, dense), (sparse[:, ::2], sparse[:, 1::2])):
        fourth = ((first - first.mean(axis=1, keepdims=True)) ** 4).mean(axis=1) - first.var(axis=1) ** 2
        spread = np.sqrt(fourth * (1 / first.shape[1] + 1 / second.shape[1]))
        assert np.all(np.abs(first.var(axis=1) - second.var(axis=1)) < limit * spread)


def test_flips_of_different_images_elements_and_rows_are_independent():
    # Pairwise correlation of flips at rate 1/2; 5.2 sigma is a false-alarm rate of 2e-7 per pair, 15 pairs.
    # Three rows store a digit in the first element alone, three in the second, and only digits flip.
    stored = np.repeat(np.eye(2, dtype=np.uint8), 3, axis=0)
    codes = np.full((20_000, 2), 1, np.uint8)
    rates = np.tile([0.0, 0.0, 0.0, 0.5], (2, 1))
    rows = (stored, np.zeros_like(stored), stored)
    flips = noise_of(codes, rows, np.arange(6), np.ones(6, np.int64), rates, positions=1)[0]
    assert set(np.unique(flips)) == {-1, 0}
    correlation = np.corrcoef(flips) - np.eye(6)
    assert np.abs(correlation).max() < 5.2 / np.sqrt(20_000)
    shifted = np.corrcoef(flips[:, 1:], flips[:, :-1])[:6, 6:]
    assert np.abs(shifted).max() < 5.2 / np.sqrt(20_000)


def test_flips_of_two_elements_of_a_row_are_independent():
    # At rate 1/2 an even number of flips is as likely as an odd one, and their mean sign has variance 1/n.
    stored = np.ones((1, 2), np.uint8)
    rates = np.tile([0.0, 0.0, 0.0, 0.5], (2, 1))
    codes = np.full((20_000, 2), 1, np.uint8)
    rows = (stored, np.zeros_like(stored), stored)
    flips = noise_of(codes, rows, np.arange(1), np.ones(1, np.int64), rates, positions=1)[0]
    assert set(np.unique(flips)) == {-2, -1, 0}
    assert abs(np.mean((-1.0) ** flips)) < 5.2 / np.sqrt(20_000)


@pytest.mark.parametrize("rates", [(0.3, 0.3), (0.3, 0.26), (0.3, 0.02)])
def test_two_columns_flip_as_often_together_as_independent_ones(rates):
    # Columns of 0.3 and 0.26 share a walk, those of 0.3 and 0.02 do not; false-alarm rate 1e-6 for none, one
    # and both.
    stored = np.ones((1, 2), np.uint8)
    codes = np.full((30_000, 2), 1, np.uint8)
    rows = (stored, 0 * stored, stored)
    flips = noise_of(
        codes,
        rows,
        np.arange(1),
        np.ones(1, np.int64),
        np.array([[0, 0, 0, rate] for rate in rates], float),
        positions=3,
    )[0]
    both, either = np.prod(rates), 1.0 - np.prod(1.0 - np.array(rates))
    expected = 30_000 * np.array([1.0 - either, either - both, both])
    observed = np.bincount(-flips[0], minlength=3)
    assert ((observed - expected) ** 2 / expected).sum() < chi2.isf(1e-6, 2)


def test_two_planes_and_two_windows_flip_as_often_together_as_independent_ones():
    # Eight outcomes of the three planes of one column, and those of neighbouring windows; rate 1e-6 each.
    stored = np.ones((1, 1), np.uint8)
    rows = (stored, 0 * stored, stored)
    codes, rates = np.full((60_000, 1), 7, np.uint8), np.array([[0.0, 0.0, 0.0, 0.2]])
    flips = -noise_of(codes, rows, np.arange(1), np.ones(1, np.int64), rates, positions=2)[0][0]
    one = np.array([0.2 ** int(k).bit_count() * 0.8 ** (3 - int(k).bit_count()) for k in range(8)])
    joint = np.bincount(8 * flips[::2] + flips[1::2], minlength=64)
    for observed, chances in ((np.bincount(flips, minlength=8), one), (joint, np.outer(one, one).ravel())):
        expected = observed.sum() * chances
        # Rare outcomes together, so that chi-square holds.
        rare = expected < 20
        cells = [np.append(values[~rare], values[rare].sum()) for values in (observed, expected)]
        used = cells[1] > 0
        statistic = ((cells[0] - cells[1])[used] ** 2 / cells[1][used]).sum()
        assert statistic < chi2.isf(1e-6, used.sum() - 1)


def test_images_flip_alike_in_any_batch():
    rng = np.random.default_rng(1)
    rows = faulty_rows(rng, 3, 70)
    codes = rng.integers(0, 8, (60, 70), dtype=np.uint8)
    args = rows, np.arange(3), np.array([1, 2, 4]), np.full((70, 4), 0.01)
    whole, flips = noise_of(codes, *args, positions=4)
    parts = [
        noise_of(codes[4 * s : 4 * e], *args, positions=4, first_image=s)
        for s, e in ((0, 1), (1, 9), (9, 15))
    ]
    np.testing.assert_array_equal(whole, np.concatenate([part for part, _ in parts], axis=1))
    assert flips == sum(count for _, count in parts) > 0
    assert np.any(whole != noise_of(codes, *args, positions=4, key=np.uint64(9))[0])


@pytest.mark.parametrize("rate", [1e-4, 3e-3, 0.3, 1.0])
def test_failed_writes_are_as_many_as_the_rate_says_and_hit_all_digits(rate, unpack):
    # Two-sided false-alarm rate 1e-6 for the total, and the same over all digits.
    codes = np.zeros((2000, 72), np.uint8)
    activations = pack_bits(CODING.planes(codes))
    failures = flip_writes(activations, 72, rate, 2, 0, KEY)
    wrong = unpack(activations, 72)
    assert failures == wrong.sum()
    low, high = binom.ppf([5e-7, 1 - 5e-7], wrong.size, rate)
    assert low <= failures <= high
    per_digit = wrong.sum(axis=1)
    low, high = binom.ppf([5e-7 / 216, 1 - 5e-7 / 216], 2000, rate)
    assert low <= per_digit.min() <= per_digit.max() <= high


def test_no_rate_no_failure():
    activations = pack_bits(CODING.planes(np.full((9, 5), 7, np.uint8)))
    before = activations.copy()
    assert flip_writes(activations, 5, 0.0, 1, 0, KEY) == 0
    np.testing.assert_array_equal(activations, before)
