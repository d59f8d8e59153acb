"""Many trajectories at once: blocks of lanes, addressed noise, any executor.

A block holds LANES trajectories side by side; time is the outer loop and the lanes the inner one, so the
compiler turns the step into vector code and the state stays in the first-level cache. Blocks are always
full (surplus lanes run and are dropped), so each trajectory goes through the same instructions whatever
the number of trials, workers or the width of the vectors.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spinpim.device.macrospin import heun_step
from spinpim.device.noise import natural_logarithm, next_word, normal_pair, uniform

LANES = 256

DRIVE_COLUMNS = 10
"""Columns of a drive table: field x y z, stiffness x y z, SOT DL, SOT FL, STT DL, STT FL; all in tesla."""


@njit(cache=True, error_model="numpy", forceinline=True)
def _drive_at(drive, step):
    row = drive[step]
    return (row[0], row[1], row[2]), (row[3], row[4], row[5]), (row[6], row[7]), (row[8], row[9])


@njit(cache=True, nogil=True, error_model="numpy")
def advance_block(
    mx, my, mz, random_state, drive, reference, damping, scale, thermal_T, record_every, record
):
    """Run LANES trajectories through a drive table, in place.

    Parameters
    ----------
    mx, my, mz : (LANES,) float64
        Magnetisation, changed in place.
    random_state : (4, LANES) uint32
        Generators, changed in place.
    drive : (steps + 1, DRIVE_COLUMNS) float64
        Drive at the ends of each step [T].
    reference : (3,) float64
        Direction of the reference layer.
    damping, scale, thermal_T : float
        alpha; gamma dt/(1 + alpha^2) [1/T]; standard deviation of each thermal field component [T].
    record_every : int
        Steps between stored states; 0 stores nothing.
    record : (LANES, points, 3) float64
        Filled with the states when ``record_every`` > 0.
    """
    lanes = mx.shape[0]
    noise = np.zeros((6, lanes))
    px, py, pz = reference[0], reference[1], reference[2]
    steps = drive.shape[0] - 1
    for step in range(steps):
        # Three Box-Muller pairs serve two steps of three components each.
        even = (step & 1) == 0
        if thermal_T > 0.0 and even:
            for lane in range(lanes):
                for pair in range(3):
                    first, second = normal_pair(next_word(random_state, lane), next_word(random_state, lane))
                    noise[2 * pair, lane] = first * thermal_T
                    noise[2 * pair + 1, lane] = second * thermal_T
        nx, ny, nz = (noise[0], noise[1], noise[2]) if even else (noise[3], noise[4], noise[5])
        now, after = _drive_at(drive, step), _drive_at(drive, step + 1)
        for lane in range(lanes):
            m = heun_step(
                (mx[lane], my[lane], mz[lane]),
                (nx[lane], ny[lane], nz[lane]),
                now,
                after,
                (px, py, pz),
                damping,
                scale,
            )
            mx[lane], my[lane], mz[lane] = m
        if record_every > 0 and (step + 1) % record_every == 0:
            point = (step + 1) // record_every
            for lane in range(lanes):
                record[lane, point, 0], record[lane, point, 1], record[lane, point, 2] = (
                    mx[lane],
                    my[lane],
                    mz[lane],
                )


@njit(cache=True, error_model="numpy")
def draw_states(mx, my, mz, random_state, frame, sigma, log_bound, side, border, beta, stiffness, external):
    """Fill the lanes with independent exact draws by rejection; each lane uses its own generator."""
    origin = frame[2]
    ground = 0.0
    for axis in range(3):
        ground += 0.5 * stiffness[axis] * origin[axis] ** 2 + external[axis] * origin[axis]
    for lane in range(mx.shape[0]):
        while True:
            first, second = normal_pair(next_word(random_state, lane), next_word(random_state, lane))
            threshold = natural_logarithm(uniform(random_state, lane))
            x, y = sigma[0] * first, sigma[1] * second
            square = x * x + y * y
            if square >= 4.0:
                continue
            shrink = np.sqrt(1.0 - 0.25 * square)
            a, b, c = x * shrink, y * shrink, 1.0 - 0.5 * square
            m0 = a * frame[0, 0] + b * frame[1, 0] + c * frame[2, 0]
            m1 = a * frame[0, 1] + b * frame[1, 1] + c * frame[2, 1]
            m2 = a * frame[0, 2] + b * frame[1, 2] + c * frame[2, 2]
            if m0 * side[0] + m1 * side[1] + m2 * side[2] <= border:
                continue
            gain = 0.5 * (stiffness[0] * m0 * m0 + stiffness[1] * m1 * m1 + stiffness[2] * m2 * m2)
            gain += external[0] * m0 + external[1] * m1 + external[2] * m2
            if threshold < beta * (gain - ground) + 0.5 * (first * first + second * second) - log_bound:
                mx[lane], my[lane], mz[lane] = m0, m1, m2
                break
