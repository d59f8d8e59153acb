"""The addressed generator: moments, uniformity, independence of neighbouring addresses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from spinpim.device.noise import natural_logarithm, next_word, normal_pair, seed_lanes


@njit(error_model="numpy")
def _normals(state, draws):
    lanes = state.shape[1]
    out = np.empty((2 * draws, lanes))
    for draw in range(draws):
        for lane in range(lanes):
            first, second = normal_pair(next_word(state, lane), next_word(state, lane))
            out[2 * draw, lane], out[2 * draw + 1, lane] = first, second
    return out


@pytest.fixture(scope="module")
def normals():
    state = np.zeros((4, 4096), dtype=np.uint32)
    seed_lanes(state, 2026, 3, 0, 1)
    return _normals(state, 250)


def test_normals_have_the_moments_of_a_gaussian_up_to_the_sixth(normals):
    sample = normals.ravel()
    # Variance of the k-th sample moment; five standard errors: false alarm 6e-7 per moment.
    for order in range(1, 7):
        expected = 0.0 if order % 2 else float(math.prod(range(1, order, 2)))
        even = float(math.prod(range(1, 2 * order, 2)))
        error = math.sqrt((even - expected**2) / sample.size)
        assert abs(np.mean(sample**order) - expected) < 5.0 * error


def test_normals_pass_a_chi_square_test_against_the_gaussian(normals):
    edges = stats.norm.ppf(np.linspace(0.0, 1.0, 201))
    counts, _ = np.histogram(normals.ravel(), bins=edges)
    assert stats.chisquare(counts).pvalue > 1e-6


def test_neighbouring_addresses_and_successive_draws_are_independent(normals):
    draws, lanes = normals.shape
    limit = 5.0 / math.sqrt(draws * lanes)
    assert abs(np.mean(normals[:, :-1] * normals[:, 1:])) < limit
    assert abs(np.mean(normals[:-1] * normals[1:])) < limit
    assert abs(np.mean(normals[0::2] * normals[1::2])) < 1.5 * limit


@pytest.mark.parametrize("change", [(8, 0, 0, 0), (7, 1, 0, 0), (7, 0, 1, 0), (7, 0, 0, 1)])
def test_every_part_of_the_address_changes_the_stream(change):
    base, other = np.zeros((4, 1), dtype=np.uint32), np.zeros((4, 1), dtype=np.uint32)
    seed_lanes(base, 7, 0, 0, 0)
    seed_lanes(other, *change)
    assert not np.array_equal(base, other)


def test_a_lane_depends_on_its_trial_alone():
    wide, narrow = np.zeros((4, 8), dtype=np.uint32), np.zeros((4, 1), dtype=np.uint32)
    seed_lanes(wide, 7, 2, 40, 1)
    seed_lanes(narrow, 7, 2, 45, 1)
    assert np.array_equal(wide[:, 5], narrow[:, 0])


def test_xoshiro_words_match_the_published_recurrence():
    state = np.array([[1], [2], [3], [4]], dtype=np.uint32)
    # Independent evaluation of xoshiro128++ with Python integers.
    s, mask = [1, 2, 3, 4], 0xFFFFFFFF
    rotate = lambda x, k: ((x << k) | (x >> (32 - k))) & mask  # noqa: E731
    for _ in range(100):
        expected = (rotate((s[0] + s[3]) & mask, 7) + s[0]) & mask
        t = (s[1] << 9) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 11)
        assert int(next_word(state, 0)) == expected


def test_logarithm_is_accurate_over_all_uniform_words():
    values = (np.concatenate([np.arange(1000), np.arange(0, 2**32, 2**20)]) + 0.5) * 2.0**-32
    ours = np.array([natural_logarithm(value) for value in values])
    assert np.abs(ours / np.log(values) - 1.0).max() < 1e-12
