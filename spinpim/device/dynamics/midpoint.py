r"""Implicit midpoint rule: one step as scalar functions, and blocks of lanes as in `ensemble`.

.. math::

    \mathbf m' = \mathbf m - s\,\mathbf u \times (\mathbf B' + \alpha\,\mathbf u \times \mathbf B'), \qquad
    \mathbf u = \tfrac12(\mathbf m + \mathbf m'), \qquad s = \frac{\gamma\,\Delta t}{1 + \alpha^2}

with the drive and the thermal field at the middle of the step. The step is a rotation, so the length of m is
kept without renormalisation; without damping and torques an energy that is quadratic in m is kept as well,
and with damping it can only fall, at any step. Second order in the step without noise; with noise it
converges to the Stratonovich solution.

References
----------
M. d'Aquino, C. Serpico, G. Coppola, I. D. Mayergoyz and G. Bertotti, J. Appl. Phys. 99, 08B905 (2006),
doi:10.1063/1.2169472. There the damping is in Gilbert's form, which at finite step differs from this one by a
factor (1 + alpha^2)/(1 + alpha^2 |u|^2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinpim.device.dynamics.ensemble import STATE_ROWS, THERMAL, draw_noise, drive_at
from spinpim.device.dynamics.macrospin import at_warmth, effective_field


@njit(cache=True, error_model="numpy", forceinline=True)
def half_move(m, u, thermal, drive, constants, half_scale):
    """Half of the rotation of m in the field at u: one fixed-point iteration of u - m.

    With h = half_scale (B + alpha u x B) and c = m x h it is -(c + h x c)/(1 + h.h), the rotation of Cayley:
    twice of it keeps the length of m after any number of iterations.
    """
    reference, asymmetry, damping, one = constants
    bx, by, bz = effective_field(u, drive, reference, asymmetry, one)
    bx, by, bz = bx + thermal[0], by + thermal[1], bz + thermal[2]
    mx, my, mz = m
    ux, uy, uz = u
    hx = half_scale * (bx + damping * (uy * bz - uz * by))
    hy = half_scale * (by + damping * (uz * bx - ux * bz))
    hz = half_scale * (bz + damping * (ux * by - uy * bx))
    cx, cy, cz = my * hz - mz * hy, mz * hx - mx * hz, mx * hy - my * hx
    minus = -one / (one + hx * hx + hy * hy + hz * hz)
    return (
        minus * (cx + (hy * cz - hz * cy)),
        minus * (cy + (hz * cx - hx * cz)),
        minus * (cz + (hx * cy - hy * cx)),
    )


@njit(cache=True, error_model="numpy", forceinline=True)
def three_iterations(move, m, thermal, drive, constants, half_scale):
    """Refine the half move three times."""
    for _ in range(3):
        u = (m[0] + move[0], m[1] + move[1], m[2] + move[2])
        move = half_move(m, u, thermal, drive, constants, half_scale)
    return move


@njit(cache=True, error_model="numpy", forceinline=True)
def midpoint_step(m, thermal, middle, constants, half_scale):
    """Advance m by one implicit midpoint step, solved by ten fixed-point iterations.

    Each shrinks the error by half the angle that the anisotropy turns m through in the step, 0.05 at the
    default step: the equation is solved to rounding. ``middle`` is the drive in the middle of the step,
    ``thermal`` the one thermal field of the step [T]; ``constants`` = (p, chi, alpha, one); ``half_scale`` =
    gamma dt / (2 (1 + alpha^2)) [1/T].
    """
    # Short loops are unrolled, and only straight code is turned into vector code over the lanes.
    move = half_move(m, m, thermal, middle, constants, half_scale)
    move = three_iterations(move, m, thermal, middle, constants, half_scale)
    move = three_iterations(move, m, thermal, middle, constants, half_scale)
    x, y, z = three_iterations(move, m, thermal, middle, constants, half_scale)
    # The move is added at once: its rounding error is then that of a small number.
    return m[0] + (x + x), m[1] + (y + y), m[2] + (z + z)


@njit(cache=True, nogil=True, error_model="numpy")
def advance_block_midpoint(
    state, random_state, noise, middle, rise, heat, constants, first, last, record_every, record
):
    """Run LANES trajectories from step ``first`` to ``last`` by the implicit midpoint rule, in place.

    The arguments are those of `ensemble.advance_block`, and the thermal field of each step is the same but
    for the amplitude in the middle of the step; ``middle`` (steps, DRIVE_COLUMNS) and ``rise`` (steps or 0,
    DRIVE_COLUMNS) are the means of the rows at both ends of each step, see `step_middles`. The warmth follows
    the direction at the start of the step.
    """
    reference, asymmetry, damping, one, _, half_scale = constants
    equation = (reference, asymmetry, damping, one)
    half = half_scale / (half_scale + half_scale)
    px, py, pz = reference
    mx, my, mz, warmth = state[0], state[1], state[2], state[3]
    lanes = mx.shape[0]
    for step in range(first, last):
        even = (step & 1) == 0
        if even:
            draw_noise(noise, random_state)
        nx, ny, nz = (noise[0], noise[1], noise[2]) if even else (noise[3], noise[4], noise[5])
        drive, thermal = drive_at(middle, step), middle[step, THERMAL]
        if rise.shape[0] == 0:
            for lane in range(lanes):
                field = (nx[lane] * thermal, ny[lane] * thermal, nz[lane] * thermal)
                m = (mx[lane], my[lane], mz[lane])
                mx[lane], my[lane], mz[lane] = midpoint_step(m, field, drive, equation, half_scale)
        else:
            row_rise, thermal_rise = drive_at(rise, step), rise[step, THERMAL]
            keep, gain = heat[step, 0], heat[step, 1]
            for lane in range(lanes):
                m = (mx[lane], my[lane], mz[lane])
                warmer = keep * warmth[lane] + gain * (m[0] * px + m[1] * py + m[2] * pz)
                warm = half * (warmth[lane] + warmer)
                sigma = thermal + warm * thermal_rise
                field = (nx[lane] * sigma, ny[lane] * sigma, nz[lane] * sigma)
                mx[lane], my[lane], mz[lane] = midpoint_step(
                    m, field, at_warmth(drive, row_rise, warm), equation, half_scale
                )
                warmth[lane] = warmer
        if record_every > 0 and (step + 1) % record_every == 0:
            point = (step + 1) // record_every
            for lane in range(lanes):
                for row in range(STATE_ROWS):
                    record[lane, point, row] = state[row, lane]


def step_middles(table: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Rows of a drive table in the middle of its steps, (steps or 0, columns)."""
    middles: NDArray[np.floating[Any]] = table.dtype.type(0.5) * (table[:-1] + table[1:])
    return middles
