"""From sums to codes: lines against exact fractions, thresholds against lines."""

from fractions import Fraction

import numpy as np
import pytest
from example_networks import quantised
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.network import Affine, BitCoding, Thresholds
from spinpim.network.quantise import CODING_NAMES
from spinpim.network.quantiser import as_codes, level_limits

codings = st.builds(BitCoding, st.sampled_from(CODING_NAMES), st.integers(1, 8))
UNSIGNED = BitCoding("unsigned", 4)


def levels_of(codes, coding):
    """Levels by the definition: the codes, or the values of a signed coding."""
    return coding.decode(codes) if coding.name == "signed" else codes.astype(np.int64)


@given(codings, st.integers(-64, 64), st.integers(-64, 64), st.lists(st.integers(-500, 500), min_size=1))
def test_a_level_is_the_exact_line_rounded_to_even_and_clipped(coding, scale, offset, sums):
    # Sixteenths are exact in float64, so that every tie is one.
    line = Affine(np.array([scale / 16]), np.array([offset / 16]), coding)
    low, high = level_limits(coding)
    expected = [min(max(round(Fraction(scale * total + offset, 16)), low), high) for total in sums]
    codes = line.codes(np.array(sums)[:, np.newaxis])
    assert codes.dtype == np.uint8
    assert levels_of(codes, coding).ravel().tolist() == expected


@given(codings, st.integers(0, 2**32))
def test_a_line_has_two_roundings_in_double_precision(coding, seed):
    rng = np.random.default_rng(seed)
    line = Affine(rng.normal(size=3), rng.normal(size=3) * 9.0, coding)
    sums = rng.integers(-300, 300, (20, 3))
    for row, codes in zip(sums.tolist(), line.codes(sums), strict=True):
        expected = [quantised(total, line, channel) for channel, total in enumerate(row)]
        assert coding.decode(codes).tolist() == expected


def test_limits_narrow_the_levels_and_a_rectifier_is_one_of_them():
    sums = np.array([[-9.0], [-1.0], [2.0], [9.0]])
    rectified = Affine(np.ones(1), np.zeros(1), BitCoding("signed", 4), 0, 5)
    assert rectified.codes(sums).ravel().tolist() == [0, 0, 2, 5]
    real = Affine(np.ones(1), np.full(1, 0.5), None, 0.0, 2.25)
    assert real.reals(sums).ravel().tolist() == [0.0, 0.0, 2.25, 2.25]
    free = Affine(np.ones(1), np.full(1, 0.5))
    assert free.reals(sums).ravel().tolist() == [-8.5, -0.5, 2.5, 9.5]


def test_outputs_are_rounded_to_even_and_saturate():
    line = Affine(np.full(3, 0.5), np.array([0.0, 1.0, -1.0]), UNSIGNED)
    codes = line.codes(np.array([[1, 3, 5, -9, 90]]).T.repeat(3, axis=1))
    assert codes.T.tolist() == [[0, 2, 2, 0, 15], [2, 2, 4, 0, 15], [0, 0, 2, 0, 15]]


@pytest.mark.parametrize(
    ("name", "bits", "limits"),
    [("unsigned", 3, (0, 7)), ("signed", 3, (-4, 3)), ("affine", 2, (0, 3)), ("bipolar", 1, (0, 1))],
)
def test_levels_are_codes_but_for_signed_ones(name, bits, limits):
    assert level_limits(BitCoding(name, bits)) == limits


@given(codings)
def test_codes_of_all_levels_are_all_codes_and_negative_ones_are_twos_complement(coding):
    low, high = level_limits(coding)
    levels = np.arange(low, high + 1)
    codes = as_codes(levels, coding)
    assert sorted(codes.tolist()) == list(range(1 << coding.bits))
    if coding.name == "signed":
        assert np.array_equal(codes, coding.encode(levels))


def test_a_step_without_coding_gives_no_codes():
    with pytest.raises(InputError, match="hands on real numbers, not codes"):
        Affine(np.ones(1), np.zeros(1)).codes(np.zeros((1, 1)))


def thresholds_by_trial(line, largest):
    """Thresholds with the effect of lines on whole sums within the largest, found by trying all of these."""
    sums = np.arange(-largest, largest + 1)
    low, high = (int(limit) for limit in (line.lowest, line.highest))
    directions = np.where(line.scale < 0.0, -1, 1)
    found = np.full((line.channels, high - low), largest + 1)
    for channel in range(line.channels):
        every = levels_of(line.codes(np.repeat(sums[:, np.newaxis], line.channels, axis=1)), line.coding)
        for place in range(high - low):
            reached = (directions[channel] * sums)[every[:, channel] > low + place]
            if reached.size:
                found[channel, place] = reached.min()
    return Thresholds(found, directions, line.coding, low)


@settings(deadline=None)
@given(st.sampled_from(CODING_NAMES), st.integers(1, 5), st.integers(0, 2**32))
def test_thresholds_found_by_trial_give_the_codes_of_the_line(name, bits, seed):
    rng = np.random.default_rng(seed)
    scale = rng.choice([-1.0, 1.0], 3) * rng.uniform(0.0, 1.0, 3)
    scale[0] = rng.choice([0.0, 0.5, -0.5])
    low, high = level_limits(BitCoding(name, bits))
    lowest = int(rng.integers(low, high + 1))
    highest = int(rng.integers(lowest, high + 1))
    line = Affine(scale, rng.normal(size=3) * 5.0, BitCoding(name, bits), lowest, highest)
    steps = thresholds_by_trial(line, 100)
    sums = rng.integers(-100, 101, (50, 3))
    assert np.array_equal(steps.codes(sums), line.codes(sums))
    assert np.array_equal(steps.codes(sums.astype(np.float32)), line.codes(sums))


@given(codings, st.integers(0, 2**32))
def test_a_level_counts_the_thresholds_that_are_reached(coding, seed):
    rng = np.random.default_rng(seed)
    low, high = level_limits(coding)
    lowest = int(rng.integers(low, high + 1))
    count = int(rng.integers(0, high - lowest + 1))
    steps = Thresholds(np.sort(rng.integers(-9, 9, (2, count)), axis=1), np.array([1, -1]), coding, lowest)
    sums = rng.integers(-12, 12, (5, 4, 2))
    codes = steps.codes(sums)
    assert codes.shape == sums.shape
    for index in np.ndindex(sums.shape):
        assert coding.decode(codes)[index] == quantised(int(sums[index]), steps, index[-1])


def test_a_quantiser_cannot_be_changed_in_place():
    thresholds = np.array([[1, 2, 3]])
    steps = Thresholds(thresholds, np.array([1]), BitCoding("unsigned", 2))
    thresholds[0, 0] = 9
    assert steps.thresholds.tolist() == [[1, 2, 3]]
    with pytest.raises(ValueError, match="read-only"):
        steps.directions[0] = -1


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((np.zeros(3, np.float32), np.zeros(3)), "scale and offset must be float64"),
        ((np.zeros(3), np.zeros(3, np.int64)), "scale and offset must be float64"),
        ((np.zeros((3, 1)), np.zeros((3, 1))), "one per channel"),
        ((np.zeros(3), np.zeros(4)), "as many"),
        ((np.array([1.0, np.nan]), np.zeros(2)), "finite"),
        ((np.zeros(2), np.array([1.0, np.inf])), "finite"),
        ((np.zeros(2), np.zeros(2), UNSIGNED, -1, 15), r"must rise and lie within 0\.\.15"),
        ((np.zeros(2), np.zeros(2), UNSIGNED, 0, 16), r"must rise and lie within 0\.\.15"),
        ((np.zeros(2), np.zeros(2), UNSIGNED, 5, 4), "must rise"),
        ((np.zeros(2), np.zeros(2), None, 1.0, 0.0), "must rise"),
    ],
)
def test_parts_that_make_no_line_are_refused(parts, message):
    with pytest.raises(InputError, match=message):
        Affine(*parts)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((np.zeros((1, 3)), np.array([1])), "thresholds must be int64"),
        ((np.zeros((1, 3), np.int64), np.array([1.0])), "directions must be int64"),
        ((np.zeros(3, np.int64), np.array([1])), "need the shape"),
        ((np.zeros((2, 3), np.int64), np.array([1])), "need the shape"),
        ((np.zeros((1, 3), np.int64), np.array([0])), r"directions must be \+1 or -1"),
        ((np.array([[1, 3, 2]]), np.array([1])), "must not fall"),
        ((np.zeros((1, 16), np.int64), np.array([1])), r"leave the levels 0\.\.15"),
        ((np.zeros((1, 3), np.int64), np.array([1]), UNSIGNED, 13), r"leave the levels 0\.\.15"),
        ((np.zeros((1, 3), np.int64), np.array([1]), UNSIGNED, -1), r"leave the levels 0\.\.15"),
    ],
)
def test_parts_that_make_no_thresholds_are_refused(parts, message):
    with pytest.raises(InputError, match=message):
        Thresholds(*(*parts, UNSIGNED) if len(parts) == 2 else parts)
