"""Addressed random numbers: a pure function of (seed, point, trial, stream, draw).

Kernels only: numbers in, numbers out, no checks. Each trajectory owns a xoshiro128++ generator whose
state is hashed from its address, so neither lanes, threads, batches nor the executor can change a number.
The normals use polynomials instead of library calls because only those are turned into vector code.

numba widens sums and shifts of uint32 to 64 bits; every such result is cast back at once. Without the cast
the generator still looks random but its normals lose most of their variance.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_U32 = np.uint32
_U64 = np.uint64

INITIAL_STATE = 0
THERMAL_FIELD = 1


@njit(cache=True, error_model="numpy", forceinline=True)
def mix64(value):
    """SplitMix64 finaliser: a bijection of 64-bit words with full avalanche (Steele et al., OOPSLA 2014)."""
    value = _U64(value + _U64(0x9E3779B97F4A7C15))
    value = _U64((value ^ (value >> _U64(30))) * _U64(0xBF58476D1CE4E5B9))
    value = _U64((value ^ (value >> _U64(27))) * _U64(0x94D049BB133111EB))
    return _U64(value ^ (value >> _U64(31)))


@njit(cache=True, error_model="numpy", forceinline=True)
def seed_generator(state, lane, seed, point, trial, stream):
    """Set column ``lane`` of the (4, lanes) uint32 state from the address of a trajectory.

    The key of 64 bits is a bijection of the trial, so trials of one (seed, point, stream) never share a
    state; among n addresses that differ elsewhere, two share one with a probability of n^2 / 2^65.
    """
    key = mix64(_U64(seed))
    key = mix64(key ^ mix64(_U64(point) ^ _U64(0x5851F42D4C957F2D)))
    key = mix64(key ^ mix64(_U64(trial) ^ _U64(0x14057B7EF767814F)))
    key = mix64(key ^ _U64(stream))
    second = mix64(key ^ _U64(0xD1B54A32D192ED03))
    state[0, lane] = _U32(key & _U64(0xFFFFFFFF))
    state[1, lane] = _U32(key >> _U64(32))
    state[2, lane] = _U32(second & _U64(0xFFFFFFFF))
    # xoshiro must not start at all zeros; one fixed odd bit rules it out.
    state[3, lane] = _U32(second >> _U64(32)) | _U32(1)


@njit(cache=True, error_model="numpy")
def seed_lanes(state, seed, point, first_trial, stream):
    """Set every column of a (4, lanes) state, for consecutive trials."""
    for lane in range(state.shape[1]):
        seed_generator(state, lane, seed, point, first_trial + lane, stream)


@njit(cache=True, error_model="numpy", forceinline=True)
def next_word(state, lane):
    """Next uint32 of one lane: xoshiro128++ (Blackman and Vigna, arXiv:1805.01407)."""
    s0, s1, s2, s3 = state[0, lane], state[1, lane], state[2, lane], state[3, lane]
    total = _U32(s0 + s3)
    result = _U32(_U32(_U32(total << _U32(7)) | _U32(total >> _U32(25))) + s0)
    shifted = _U32(s1 << _U32(9))
    s2 = _U32(s2 ^ s0)
    s3 = _U32(s3 ^ s1)
    s1 = _U32(s1 ^ s2)
    s0 = _U32(s0 ^ s3)
    s2 = _U32(s2 ^ shifted)
    s3 = _U32(_U32(s3 << _U32(11)) | _U32(s3 >> _U32(21)))
    state[0, lane], state[1, lane], state[2, lane], state[3, lane] = s0, s1, s2, s3
    return result


@njit(cache=True, error_model="numpy", forceinline=True)
def uniform(state, lane):
    """Uniform number in the open interval (0, 1), 32 bits."""
    return (np.float64(next_word(state, lane)) + 0.5) * 2.0**-32


@njit(cache=True, error_model="numpy", forceinline=True)
def natural_logarithm(value):
    """Ln of a normal positive double, relative error below 1e-13, without a library call."""
    bits = np.float64(value).view(np.int64)
    exponent = (bits >> np.int64(52)) - np.int64(1023)
    fraction = np.int64((bits & np.int64(0x000FFFFFFFFFFFFF)) | np.int64(0x3FF0000000000000)).view(np.float64)
    upper = fraction > 1.4142135623730951
    fraction = fraction * 0.5 if upper else fraction
    power = np.float64(exponent) + (1.0 if upper else 0.0)
    s = (fraction - 1.0) / (fraction + 1.0)
    z = s * s
    series = 1.0 / 15.0
    series = series * z + 1.0 / 13.0
    series = series * z + 1.0 / 11.0
    series = series * z + 1.0 / 9.0
    series = series * z + 1.0 / 7.0
    series = series * z + 1.0 / 5.0
    series = series * z + 1.0 / 3.0
    series = series * z + 1.0
    return power * 0.6931471805599453 + 2.0 * s * series


@njit(cache=True, error_model="numpy", forceinline=True)
def normal_pair(radius_word, angle_word):
    """Two independent standard normals from two uint32 words (Box and Muller), tails to 6.7 sigma."""
    radius = math.sqrt(-2.0 * natural_logarithm((np.float64(radius_word) + 0.5) * 2.0**-32))
    quadrant = _U32(angle_word >> _U32(30))
    angle = ((np.float64(_U32(angle_word & _U32(0x3FFFFFFF))) + 0.5) * 2.0**-30 - 0.5) * 1.5707963267948966
    z = angle * angle
    sine = (
        (((z / 6227020800.0 * -1.0 + 1.0 / 39916800.0) * -1.0 * z + 1.0 / 362880.0) * z - 1.0 / 5040.0) * z
        + 1.0 / 120.0
    ) * z - 1.0 / 6.0
    sine = (sine * z + 1.0) * angle
    cosine = (
        ((((z / 479001600.0 - 1.0 / 3628800.0) * z + 1.0 / 40320.0) * z - 1.0 / 720.0) * z + 1.0 / 24.0) * z
        - 0.5
    ) * z + 1.0
    # Signs and the sine-cosine swap by arithmetic: a branch here would keep the loop scalar.
    first_sign = 1.0 - 2.0 * np.float64(np.int32((quadrant ^ (quadrant >> _U32(1))) & _U32(1)))
    second_sign = 1.0 - 2.0 * np.float64(np.int32(quadrant >> _U32(1)))
    swap = np.int32(quadrant & _U32(1)) == np.int32(1)
    first = sine if swap else cosine
    second = cosine if swap else sine
    return radius * first_sign * first, radius * second_sign * second
