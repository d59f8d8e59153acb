"""Statistical quality of the random numbers, and that each check finds the fault that it is there for.

Every check gives a standard normal deviate for a perfect generator and fails beyond 5 standard errors: a
false alarm once in 1.7 million checks; seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from v06_noise_quality import (
    LIMIT,
    check_avalanche,
    check_coincidences,
    check_neighbours,
    check_normals,
    check_words,
    normals,
    normals_float32,
    trials,
    words,
)

from spinpim.device.dynamics.noise import mix64, next_word, normal_pair, seed_generator

LANES, DRAWS = 4096, 256


def failures(deviates):
    # A deviate that is no number is a failure, too.
    return {what for what, z in deviates.items() if not abs(z) < LIMIT}


@pytest.fixture(scope="module")
def drawn():
    return words(trials(0, LANES, seed=11), DRAWS)


def test_words_are_balanced_and_serially_independent(drawn):
    assert failures(check_words(drawn)) == set()


@pytest.mark.parametrize("convert", [normals, normals_float32])
def test_normals_follow_the_normal_law_and_are_independent(drawn, convert):
    assert failures(check_normals([convert(drawn)])) == set()


def test_streams_of_neighbouring_addresses_are_independent():
    assert failures(check_neighbours(words, 50_000)) == set()


def test_every_bit_of_the_address_flips_half_of_the_bits():
    assert failures(check_avalanche(words, 3000)) == set()


def test_no_two_addresses_of_a_million_share_a_stream():
    deviate, equal = check_coincidences(words, (10, 10, 5000, 2))
    assert abs(deviate) < LIMIT
    assert equal == 0


@njit(error_model="numpy")
def _widened_word(state, lane):
    """`next_word` as numba takes it without casts: sums and shifts grow to 64 bits."""
    s0, s1, s2, s3 = state[0, lane], state[1, lane], state[2, lane], state[3, lane]
    total = s0 + s3
    result = ((total << np.uint32(7)) | (total >> np.uint32(25))) + s0
    shifted = s1 << np.uint32(9)
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    state[0, lane], state[1, lane], state[2, lane] = s0, s1, s2 ^ shifted
    state[3, lane] = (s3 << np.uint32(11)) | (s3 >> np.uint32(21))
    return result


@njit(error_model="numpy")
def _widened_normals(lanes, draws):
    state = np.zeros((4, lanes), dtype=np.uint32)
    out = np.empty((draws, lanes))
    for lane in range(lanes):
        seed_generator(state, lane, 11, 3, lane, 1)
        for draw in range(0, draws, 2):
            first, second = normal_pair(_widened_word(state, lane), _widened_word(state, lane))
            out[draw, lane], out[draw + 1, lane] = first, second
    return out


def test_sums_that_are_not_cast_back_to_32_bits_are_found():
    assert "moment 2" in failures(check_normals([_widened_normals(1024, 64)]))


@njit(error_model="numpy")
def _summed_key(addresses, draws):
    """Streams keyed by seed + point + trial + stream: other addresses give the same stream."""
    state = np.zeros((4, 1), dtype=np.uint32)
    out = np.empty((draws, addresses.shape[0]), dtype=np.uint32)
    for lane in range(addresses.shape[0]):
        seed_generator(state, 0, addresses[lane].sum(), 0, 0, 0)
        for draw in range(draws):
            out[draw, lane] = next_word(state, 0)
    return out


@njit(error_model="numpy")
def _unmixed_key(addresses, draws):
    """xoshiro started at the address itself."""
    state = np.zeros((4, 1), dtype=np.uint32)
    out = np.empty((draws, addresses.shape[0]), dtype=np.uint32)
    for lane in range(addresses.shape[0]):
        for part in range(4):
            state[part, 0] = np.uint32(addresses[lane, part] & 0xFFFFFFFF)
        state[3, 0] |= np.uint32(1)
        for draw in range(draws):
            out[draw, lane] = next_word(state, 0)
    return out


@njit(error_model="numpy")
def _overlapping(addresses, draws):
    """One long sequence, entered one number later by each trial."""
    out = np.empty((draws, addresses.shape[0]), dtype=np.uint32)
    for lane in range(addresses.shape[0]):
        seed, point, trial, stream = addresses[lane]
        key = mix64(mix64(mix64(np.uint64(seed)) ^ np.uint64(point)) ^ np.uint64(stream))
        for draw in range(draws):
            out[draw, lane] = np.uint32(mix64(key ^ np.uint64(trial + draw)) >> np.uint64(32))
    return out


@njit(error_model="numpy")
def _congruential(addresses, draws):
    """A linear congruential generator of 32 bits: its low bits have short periods."""
    out = np.empty((draws, addresses.shape[0]), dtype=np.uint32)
    for lane in range(addresses.shape[0]):
        seed, point, trial, stream = addresses[lane]
        x = np.uint64(seed + point + trial + stream)
        for draw in range(draws):
            x = (x * np.uint64(1103515245) + np.uint64(12345)) & np.uint64(0xFFFFFFFF)
            out[draw, lane] = np.uint32(x)
    return out


@pytest.mark.parametrize("source", [_summed_key, _congruential])
def test_addresses_that_share_a_stream_are_found(source):
    deviate, equal = check_coincidences(source, (10, 10, 100, 2))
    assert not abs(deviate) < LIMIT
    assert equal > 0


@pytest.mark.parametrize("source", [_unmixed_key, _congruential])
def test_keys_that_are_not_mixed_are_found(source):
    assert {"trial by one, flips by word", "trial by a bit, flips by word"} <= failures(
        check_neighbours(source, 5000)
    )
    assert {"avalanche", "avalanche, greatest"} <= failures(check_avalanche(source, 500))


def test_streams_that_overlap_after_a_shift_are_found():
    assert "trial by one, correlation" in failures(check_neighbours(_overlapping, 5000))


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (lambda w, some: np.where(some, w | np.uint32(1), w), "bits of words"),
        (lambda w, some: (w & ~np.uint32(1)) | ((w >> np.uint32(1)) & np.uint32(1)), "bytes of words"),
        (lambda w, some: np.where(some, np.roll(w, 3, axis=0), w), "words, lags 1-16"),
    ],
)
def test_each_fault_of_the_words_is_found(drawn, fault, found):
    some = np.random.default_rng(5).random(drawn.shape) < 0.02
    assert found in failures(check_words(np.ascontiguousarray(fault(drawn, some))))


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (lambda z: z * 1.01, "moment 2"),
        (lambda z: z + 0.01, "moment 1"),
        (lambda z: np.clip(z, -4.0, 4.0), "tails"),
        (lambda z: np.where(np.abs(z) > 3.5, 0.0, z), "moment 6"),
        (lambda z: np.round(z, 1), "histogram"),
        (lambda z: np.concatenate([z[:1], 0.99 * z[1:] + 0.141 * z[:-1]]), "normals, lags 1-16"),
        (lambda z: np.concatenate([z[:2], np.abs(z[:-2]) * np.sign(z[2:])]), "squares, lags 1-16"),
        (lambda z: np.repeat(np.abs(z[0::2]), 2, axis=0) * np.sign(z), "pairs"),
        (lambda z: 0.99 * z + 0.141 * np.roll(z, 1, axis=1), "sums of 64 trials"),
    ],
)
def test_each_fault_of_the_normals_is_found(drawn, fault, found):
    assert found in failures(check_normals([fault(normals(drawn))]))
