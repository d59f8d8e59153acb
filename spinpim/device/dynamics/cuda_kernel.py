"""The kernel of `cuda`: one thread runs one trajectory, from the draw of its start to the end of the pulse.

Kernels only: numbers in, numbers out, no checks. Importing this module loads CUDA; the simulator of numba
wants it as a global name.
"""

from __future__ import annotations

from typing import Any

import numba.cuda
import numpy as np
from numba import njit

from spinpim.device.dynamics.drive import PRECISIONS
from spinpim.device.dynamics.ensemble import THERMAL, draw_states, drive_at
from spinpim.device.dynamics.macrospin import at_warmth, heun_step
from spinpim.device.dynamics.noise import INITIAL_STATE, THERMAL_FIELD, next_word, normal_pair, seed_generator
from spinpim.device.dynamics.noise_float32 import normal_pair_float32

cuda: Any = numba.cuda


def kernel_function(precision: str, heated: bool) -> Any:
    """Body of the kernel of one precision, with or without the heat of the junction."""
    real = PRECISIONS[precision]
    pair = normal_pair if precision == "float64" else normal_pair_float32
    advance = heated_step if heated else cold_step

    def run_trajectories(address, well, external, levels, table, rise, heat, constants, final):
        seed, point, first_trial = address
        frame, sigma, side, stiffness = well
        log_bound, border, beta, quartic = levels
        steps = table.shape[0] - 1
        start = cuda.local.array((4, 1), np.float64)
        words = cuda.local.array((4, 1), np.uint32)
        for index in range(cuda.grid(1), final.shape[1], cuda.gridsize(1)):
            seed_generator(words, 0, seed, point, first_trial + index, INITIAL_STATE)
            draw_states(
                start, words, frame, sigma, log_bound, side, border, beta, stiffness, quartic, external
            )
            m, warmth = (real(start[0, 0]), real(start[1, 0]), real(start[2, 0])), real(0.0)
            seed_generator(words, 0, seed, point, first_trial + index, THERMAL_FIELD)
            for step in range(0, steps, 2):
                # Three Box-Muller pairs serve two steps of three components, as on the CPU.
                a, b = pair(next_word(words, 0), next_word(words, 0))
                c, d = pair(next_word(words, 0), next_word(words, 0))
                e, f = pair(next_word(words, 0), next_word(words, 0))
                m, warmth = advance(m, warmth, (a, b, c), table, rise, heat, step, constants)
                if step + 1 < steps:
                    m, warmth = advance(m, warmth, (d, e, f), table, rise, heat, step + 1, constants)
            final[0, index], final[1, index], final[2, index] = m
            final[3, index] = warmth

    return run_trajectories


@njit(error_model="numpy", forceinline=True)
def cold_step(m, warmth, normals, table, rise, heat, step, constants):
    """One step of one trajectory in the drive as tabulated."""
    reference, asymmetry, damping, one, scale, half_scale = constants
    thermal = table[step, THERMAL]
    field = (normals[0] * thermal, normals[1] * thermal, normals[2] * thermal)
    equation = (reference, asymmetry, damping, one)
    now, after = drive_at(table, step), drive_at(table, step + 1)
    return heun_step(m, field, now, after, equation, scale, half_scale), warmth


@njit(error_model="numpy", forceinline=True)
def heated_step(m, warmth, normals, table, rise, heat, step, constants):
    """One step of one trajectory whose own resistance heats its junction."""
    reference, asymmetry, damping, one, scale, half_scale = constants
    along = m[0] * reference[0] + m[1] * reference[1] + m[2] * reference[2]
    warmer = heat[step, 0] * warmth + heat[step, 1] * along
    thermal = table[step, THERMAL] + warmth * rise[step, THERMAL]
    field = (normals[0] * thermal, normals[1] * thermal, normals[2] * thermal)
    now = at_warmth(drive_at(table, step), drive_at(rise, step), warmth)
    after = at_warmth(drive_at(table, step + 1), drive_at(rise, step + 1), warmer)
    equation = (reference, asymmetry, damping, one)
    return heun_step(m, field, now, after, equation, scale, half_scale), warmer
