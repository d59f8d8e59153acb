"""The addressed generator: published recurrences, fixed bits, accuracy of both precisions."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from spinpim.device.dynamics.noise import mix64, natural_logarithm, next_word, normal_pair, seed_lanes
from spinpim.device.dynamics.noise_float32 import normal_pair_float32, uniform_logarithm_float32

ENDS = np.array([0, 1, 2, 3, 2**30 - 1, 2**30, 2**31 - 1, 2**31, 3 * 2**30, 2**32 - 2, 2**32 - 1])


@njit(error_model="numpy")
def _both(radius_words, angle_words):
    wide, narrow = np.empty((radius_words.size, 2)), np.empty((radius_words.size, 2), dtype=np.float32)
    for i in range(radius_words.size):
        wide[i, 0], wide[i, 1] = normal_pair(radius_words[i], angle_words[i])
        narrow[i, 0], narrow[i, 1] = normal_pair_float32(radius_words[i], angle_words[i])
    return wide, narrow


@njit(error_model="numpy")
def _fill_float32(state, out):
    for lane in range(state.shape[1]):
        out[0, lane], out[1, lane] = normal_pair_float32(next_word(state, lane), next_word(state, lane))


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


@pytest.mark.parametrize("value", [0, 1, 2026, 2**63 - 1])
def test_the_mixing_is_that_of_splitmix(value):
    mask = 2**64 - 1
    z = (value + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    assert int(mix64(np.uint64(value))) == z ^ (z >> 31)


def test_stored_results_keep_their_numbers():
    state = np.zeros((4, 1), dtype=np.uint32)
    seed_lanes(state, 2026, 3, 5, 1)
    assert state[:, 0].tolist() == [1554779946, 4034318769, 364019726, 3435581229]
    drawn = [next_word(state, 0) for _ in range(4)]
    assert drawn == [370883262, 3902136230, 395900901, 707228726]
    first_pair = normal_pair(np.uint32(drawn[0]), np.uint32(drawn[1]))
    assert first_pair == pytest.approx((0.4629360300269768, -2.16432759962391), rel=1e-15)


def test_logarithm_is_accurate_over_all_uniform_words():
    values = (np.concatenate([np.arange(1000), np.arange(0, 2**32, 2**20)]) + 0.5) * 2.0**-32
    ours = np.array([natural_logarithm(value) for value in values])
    assert np.abs(ours / np.log(values) - 1.0).max() < 1e-12


def test_float32_logarithm_is_accurate_over_all_words_and_at_both_ends():
    words = np.concatenate([np.arange(1000), np.arange(0, 2**32, 2**20 - 3), 2**32 - 1 - np.arange(1000)])
    ours = np.array([uniform_logarithm_float32(np.uint32(word)) for word in words])
    assert np.abs(ours / np.log1p(-((2.0**32 - 0.5 - words) * 2.0**-32)) - 1.0).max() < 2e-7


def test_float32_normals_are_the_float64_ones_within_their_rounding():
    generator = np.random.default_rng(4)
    # Radii up to the last: words spread evenly in their logarithm as well.
    drawn = generator.integers(0, 2**32, 1_000_000)
    rare = np.exp2(generator.uniform(0.0, 32.0, 200_000)).astype(np.int64) % 2**32
    radius = np.concatenate([drawn, rare, 2**32 - 1 - rare, np.repeat(ENDS, 11)]).astype(np.uint32)
    angle = generator.integers(0, 2**32, radius.size).astype(np.uint32)
    angle[-121:] = np.tile(ENDS, 11)
    wide, narrow = _both(radius, angle)
    length = np.maximum(1.0, np.hypot(wide[:, 0], wide[:, 1]))
    assert np.abs(wide).max() > 6.5
    assert (np.abs(wide - narrow).max(axis=1) / length).max() < 2.5e-7


def test_float32_normals_reach_both_ends_of_the_law():
    wide, narrow = _both(np.array([0, 2**32 - 1], dtype=np.uint32), np.full(2, 2**29, dtype=np.uint32))
    assert narrow[0, 0] == pytest.approx(np.sqrt(-2.0 * np.log(2.0**-33)), rel=1e-6)
    assert narrow[1, 0] == pytest.approx(wide[1, 0], rel=1e-6)
    assert narrow[1, 0] == pytest.approx(np.sqrt(2.0**-32), rel=1e-6)


def test_float32_normals_need_no_double_and_run_in_vectors():
    state, out = np.zeros((4, 64), dtype=np.uint32), np.zeros((2, 64), dtype=np.float32)
    _fill_float32(state, out)
    (code,) = _fill_float32.inspect_llvm().values()
    assert "double" not in code
    assert "x float> @llvm.sqrt" in code
