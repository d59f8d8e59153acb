"""Many trajectories at once: blocks of lanes, addressed noise, any executor.

A block holds LANES trajectories side by side; time is the outer loop and the lanes the inner one, so the
compiler turns the step into vector code and the state stays in the first-level cache. Blocks are always
full (surplus lanes run and are dropped), so each trajectory goes through the same instructions whatever
the number of trials, workers or the width of the vectors. The arrays decide the precision: float64 or
float32 throughout, from the same random words.
"""

from __future__ import annotations

import math

from numba import njit, types
from numba.extending import overload

from spinpim.device.dynamics.macrospin import at_warmth, heun_step
from spinpim.device.dynamics.noise import natural_logarithm, next_word, normal_pair, uniform
from spinpim.device.dynamics.noise_float32 import normal_pair_float32

LANES = 256

DRIVE_COLUMNS = 15
"""Columns of a drive table [T]: field x y z (applied, Oersted, field-like); stiffness xx yy zz xy xz yz;
second order; damping-like SOT x y z; damping-like STT; and the standard deviation of each component of the
thermal field, which takes the place of the thermal weight of a row of `drive.drive_rows`."""

THERMAL = 14
STATE_ROWS = 4
"""Rows of a block's state: m x y z, and how much warmer than the table's the junction is [K]."""


def _normals(like, radius_word, angle_word):
    """Two standard normals in the precision of an array; compiled forms below."""
    raise NotImplementedError


@overload(_normals, inline="always")
def _normals_of_precision(like, radius_word, angle_word):
    if like.dtype == types.float32:
        return lambda like, radius_word, angle_word: normal_pair_float32(radius_word, angle_word)
    return lambda like, radius_word, angle_word: normal_pair(radius_word, angle_word)


@njit(cache=True, error_model="numpy", forceinline=True)
def drive_at(table, step):
    """Row of a drive table in the form that the kernel takes."""
    row = table[step]
    return (
        (row[0], row[1], row[2]),
        (row[3], row[4], row[5], row[6], row[7], row[8]),
        row[9],
        (row[10], row[11], row[12]),
        row[13],
    )


@njit(cache=True, error_model="numpy", forceinline=True)
def draw_noise(noise, random_state):
    """Three Box-Muller pairs per lane: the thermal field of two steps, in standard deviations."""
    for lane in range(noise.shape[1]):
        for pair in range(3):
            first, second = _normals(noise, next_word(random_state, lane), next_word(random_state, lane))
            noise[2 * pair, lane] = first
            noise[2 * pair + 1, lane] = second


@njit(cache=True, nogil=True, error_model="numpy")
def advance_block(
    state, random_state, noise, drive, rise, heat, constants, first, last, record_every, record
):
    """Run LANES trajectories from step ``first`` to step ``last`` of a drive table, in place.

    Parameters
    ----------
    state : (STATE_ROWS, LANES) float64 or float32
        Magnetisation and warmth, changed in place.
    random_state : (4, LANES) uint32
        Generators, changed in place.
    noise : (6, LANES) float
        Normals of two steps; kept between calls, so that a run may be cut at any step.
    drive : (steps + 1, DRIVE_COLUMNS) float
        Drive at the ends of each step [T].
    rise : (steps + 1 or 0, DRIVE_COLUMNS) float
        Change of the drive per kelvin of warmth [T/K]; no rows: the warmth stays 0.
    heat : (steps + 1 or 0, 2) float
        Factor of the warmth over a step [1], and what m . p = 1 adds to it [K].
    constants : tuple
        p (triple), chi, alpha, the number one, gamma dt/(1 + alpha^2) [1/T], half of it.
    first, last : int
        Steps; 0 <= first <= last <= steps.
    record_every : int
        Steps between stored states; 0 stores nothing.
    record : (LANES, points, STATE_ROWS) float
        Filled with the states when ``record_every`` > 0.
    """
    reference, asymmetry, damping, one, scale, half_scale = constants
    equation = (reference, asymmetry, damping, one)
    px, py, pz = reference
    mx, my, mz, warmth = state[0], state[1], state[2], state[3]
    lanes = mx.shape[0]
    for step in range(first, last):
        even = (step & 1) == 0
        if even:
            draw_noise(noise, random_state)
        nx, ny, nz = (noise[0], noise[1], noise[2]) if even else (noise[3], noise[4], noise[5])
        thermal = drive[step, THERMAL]
        now, after = drive_at(drive, step), drive_at(drive, step + 1)
        if rise.shape[0] == 0:
            for lane in range(lanes):
                field = (nx[lane] * thermal, ny[lane] * thermal, nz[lane] * thermal)
                m = (mx[lane], my[lane], mz[lane])
                mx[lane], my[lane], mz[lane] = heun_step(m, field, now, after, equation, scale, half_scale)
        else:
            now_rise, after_rise, thermal_rise = (
                drive_at(rise, step),
                drive_at(rise, step + 1),
                rise[step, THERMAL],
            )
            keep, gain = heat[step, 0], heat[step, 1]
            for lane in range(lanes):
                warm = warmth[lane]
                m = (mx[lane], my[lane], mz[lane])
                warmer = keep * warm + gain * (m[0] * px + m[1] * py + m[2] * pz)
                sigma = thermal + warm * thermal_rise
                mx[lane], my[lane], mz[lane] = heun_step(
                    m,
                    (nx[lane] * sigma, ny[lane] * sigma, nz[lane] * sigma),
                    at_warmth(now, now_rise, warm),
                    at_warmth(after, after_rise, warmer),
                    equation,
                    scale,
                    half_scale,
                )
                warmth[lane] = warmer
        if record_every > 0 and (step + 1) % record_every == 0:
            point = (step + 1) // record_every
            for lane in range(lanes):
                for row in range(STATE_ROWS):
                    record[lane, point, row] = state[row, lane]


@njit(cache=True, error_model="numpy")
def draw_states(
    state, random_state, frame, sigma, log_bound, side, border, beta, stiffness, quartic, external
):
    """Fill the lanes with independent exact draws by rejection; each lane uses its own generator.

    The energy is that of `landscape.Landscape`; ``stiffness`` is its full (3, 3) matrix.
    """
    origin = frame[2]
    ground = gain_of(origin[0], origin[1], origin[2], stiffness, quartic, external)
    for lane in range(state.shape[1]):
        while True:
            first, second = normal_pair(next_word(random_state, lane), next_word(random_state, lane))
            threshold = natural_logarithm(uniform(random_state, lane))
            x, y = sigma[0] * first, sigma[1] * second
            square = x * x + y * y
            if square >= 4.0:
                continue
            shrink = math.sqrt(1.0 - 0.25 * square)
            a, b, c = x * shrink, y * shrink, 1.0 - 0.5 * square
            m0 = a * frame[0, 0] + b * frame[1, 0] + c * frame[2, 0]
            m1 = a * frame[0, 1] + b * frame[1, 1] + c * frame[2, 1]
            m2 = a * frame[0, 2] + b * frame[1, 2] + c * frame[2, 2]
            if m0 * side[0] + m1 * side[1] + m2 * side[2] <= border:
                continue
            gain = gain_of(m0, m1, m2, stiffness, quartic, external)
            if threshold < beta * (gain - ground) + 0.5 * (first * first + second * second) - log_bound:
                state[0, lane], state[1, lane], state[2, lane], state[3, lane] = m0, m1, m2, 0.0
                break


@njit(cache=True, error_model="numpy", forceinline=True)
def gain_of(mx, my, mz, stiffness, quartic, external):
    """Energy gained by a direction of m, over M_s V [T]."""
    linear = external[0] * mx + external[1] * my + external[2] * mz
    diagonal = stiffness[0, 0] * mx * mx + stiffness[1, 1] * my * my + stiffness[2, 2] * mz * mz
    mixed = stiffness[0, 1] * mx * my + stiffness[0, 2] * mx * mz + stiffness[1, 2] * my * mz
    square = mz * mz
    return linear + 0.5 * diagonal + mixed + quartic * (0.5 - 0.25 * square) * square
