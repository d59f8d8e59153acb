r"""Orders of the integrators, measured along common Brownian paths, and without noise against closed forms.

Damping 0.1, Delta = 30, H_k = 4e5 A/m, 0.2 ns from 45 degrees off the easy axis. One fine path of the thermal
field is averaged over longer and longer steps; the reference is the midpoint rule on the fine one. Theory
guarantees strong order 1/2 and weak order 1 for noise that multiplies m and does not commute. With small
noise the weak error is of the form dt^2 + eps^2 dt, eps^2 = 1/(2 Delta) (G. N. Milstein and M. V. Tretyakov,
SIAM J. Numer. Anal. 34, 2142 (1997), doi:10.1137/S0036142996278967), seen as an order between 1 and 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from rows import Row, report

from spinpim.constants import GYROMAGNETIC_RATIO, VACUUM_PERMEABILITY
from spinpim.device.dynamics.deterministic import Piece, path_through
from spinpim.device.dynamics.macrospin import heun_step
from spinpim.device.dynamics.midpoint import midpoint_step

Array = NDArray[np.float64]

ANISOTROPY_T = VACUUM_PERMEABILITY * 4e5
DAMPING = 0.1
STABILITY = 30.0
DURATION_S = 0.2e-9
FINE_STEPS = 2000
EVERY = (2, 4, 8, 16)
BATCH = 250
METHODS = ("heun", "implicit_midpoint")
START = (math.sqrt(0.5), 0.0, math.sqrt(0.5))
PAIRS = 8000


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Errors of one method at the steps ``EVERY``: root mean square of m, mean of m_z and its spread."""

    strong: Array
    weak: Array
    weak_deviation: Array


@njit(error_model="numpy")
def final_states(implicit, start, noise, sigma, every, drive, constants, fine_scale):
    """End of each path (n, 3); ``noise`` (n, fine steps, 3) is averaged over ``every`` fine steps."""
    final = np.empty((noise.shape[0], 3))
    scale = fine_scale * every
    for path in range(noise.shape[0]):
        m = (start[0], start[1], start[2])
        for first in range(0, noise.shape[1], every):
            x, y, z = 0.0, 0.0, 0.0
            for fine in range(first, first + every):
                x, y, z = x + noise[path, fine, 0], y + noise[path, fine, 1], z + noise[path, fine, 2]
            thermal = (sigma / every * x, sigma / every * y, sigma / every * z)
            if implicit:
                m = midpoint_step(m, thermal, drive, constants, 0.5 * scale)
            else:
                m = heun_step(m, thermal, drive, drive, constants, scale, 0.5 * scale)
        final[path, 0], final[path, 1], final[path, 2] = m
    return final


def _uniaxial(steps: int) -> tuple[Any, Any, float]:
    """Drive, constants and scale of an undriven uniaxial macrospin."""
    drive = ((0.0, 0.0, 0.0), (0.0, 0.0, ANISOTROPY_T, 0.0, 0.0, 0.0), 0.0, (0.0, 0.0, 0.0), 0.0)
    scale = GYROMAGNETIC_RATIO * DURATION_S / steps / (1.0 + DAMPING**2)
    return drive, ((0.0, 0.0, 1.0), 0.0, DAMPING, 1.0), scale


@cache
def stochastic_errors(pairs: int, seed: int = 1) -> dict[str, Errors]:
    """Errors of both methods over ``pairs`` of antithetic paths, a multiple of BATCH or below it."""
    drive, constants, scale = _uniaxial(FINE_STEPS)
    thermal_weight = ANISOTROPY_T / (2.0 * STABILITY)
    step_s = DURATION_S / FINE_STEPS
    sigma = math.sqrt(2.0 * DAMPING * thermal_weight / (GYROMAGNETIC_RATIO * step_s))
    generator = np.random.default_rng(seed)
    found: dict[tuple[str, int], list[Array]] = {(method, every): [] for method in METHODS for every in EVERY}
    size = min(BATCH, pairs)
    for _ in range(pairs // size):
        half = generator.standard_normal((size, FINE_STEPS, 3))
        # The part of the error that is odd in the noise cancels between the two paths of a pair.
        noise = np.concatenate([half, -half])
        reference = final_states(True, START, noise, sigma, 1, drive, constants, scale)
        for (method, every), parts in found.items():
            implicit = method == "implicit_midpoint"
            end = final_states(implicit, START, noise, sigma, every, drive, constants, scale)
            parts.append((end - reference).reshape(2, size, 3))
    return {
        method: _summary([np.concatenate(found[method, every], axis=1) for every in EVERY])
        for method in METHODS
    }


def _summary(differences: list[Array]) -> Errors:
    along = [np.mean(part[:, :, 2], axis=0) for part in differences]
    return Errors(
        np.array([math.sqrt(np.mean(np.sum(part**2, axis=2))) for part in differences]),
        np.array([part.mean() for part in along]),
        np.array([part.std() / math.sqrt(part.size) for part in along]),
    )


def slope(errors: Array) -> float:
    """Order from errors at steps that double: slope of the straight line through the logarithms."""
    return float(np.polyfit(np.arange(errors.size), np.log2(np.abs(errors)), 1)[0])


def exact_relaxation(time_s: Array) -> Array:
    """Closed form of the uniaxial relaxation without noise, (n, 3)."""
    relaxation_s = (1.0 + DAMPING**2) / (DAMPING * GYROMAGNETIC_RATIO * ANISOTROPY_T)
    polar_angle = np.arctan(math.hypot(START[0], START[1]) / START[2] * np.exp(-time_s / relaxation_s))
    phase = (np.arctanh(np.cos(polar_angle)) - math.atanh(START[2])) / DAMPING
    across = np.sin(polar_angle)
    return np.stack([across * np.cos(phase), across * np.sin(phase), np.cos(polar_angle)], axis=1)


def exact_larmor(time_s: Array, field_T: float) -> Array:
    """Closed form of damped precession in a field along z, (n, 3)."""
    angle = GYROMAGNETIC_RATIO * field_T / (1.0 + DAMPING**2) * time_s
    z = np.tanh(DAMPING * angle + math.atanh(START[2]))
    across = np.sqrt(1.0 - z**2)
    return np.stack([across * np.cos(angle), across * np.sin(angle), z], axis=1)


def noiseless_errors(method: str) -> Array:
    """Largest error of the end against the closed form at FINE_STEPS, a half and a quarter of them."""
    end = exact_relaxation(np.array([DURATION_S]))[0]
    errors = []
    for steps in (FINE_STEPS, FINE_STEPS // 2, FINE_STEPS // 4):
        drive, constants, scale = _uniaxial(steps)
        silence = np.zeros((1, steps, 3))
        implicit = method == "implicit_midpoint"
        final = final_states(implicit, START, silence, 0.0, 1, drive, constants, scale)
        errors.append(np.abs(final[0] - end).max())
    return np.array(errors)


def adaptive_error(exact: Array, columns: Sequence[int], value_T: float, time_s: Array) -> float:
    """Largest error of DOP853 in a constant drive that has one value in the given columns."""
    rows = np.zeros((2, 15))
    rows[:, columns] = value_T
    piece = Piece(0.0, float(time_s[-1]), rows)
    path = path_through([piece], np.array(START), time_s, ((0.0, 0.0, 1.0), 0.0, DAMPING, 1.0))
    return float(np.abs(path - exact).max())


def compare() -> list[Row]:
    """Orders of Heun and midpoint, with noise and without; DOP853 against closed forms."""
    found = stochastic_errors(PAIRS)
    heun, midpoint = (found[method] for method in METHODS)
    time_s = np.linspace(0.0, DURATION_S, 401)
    relaxation = adaptive_error(exact_relaxation(time_s), [5], ANISOTROPY_T, time_s)
    larmor = adaptive_error(exact_larmor(time_s, 0.5), [2], 0.5, time_s)
    return [
        Row("Heun, strong order, 0.2 to 0.8 ps", slope(heun.strong[:3]), 1.0, 0.2),
        Row("midpoint, strong order, 0.2 to 0.8 ps", slope(midpoint.strong[:3]), 1.0, 0.2),
        Row("Heun, weak order of m_z, 0.4 to 1.6 ps", slope(heun.weak[1:]), 1.5, 0.5),
        Row("midpoint, weak order of m_z, 0.4 to 1.6 ps", slope(midpoint.weak[1:]), 2.0, 0.5),
        Row("Heun, order without noise", slope(noiseless_errors("heun")), 2.0, 0.05),
        Row("midpoint, order without noise", slope(noiseless_errors("implicit_midpoint")), 2.0, 0.05),
        Row("DOP853, error of uniaxial relaxation", relaxation, 0.0, 1e-9),
        Row("DOP853, error of damped precession", larmor, 0.0, 1e-9),
    ]


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Errors over the step, with lines of order 1 and 2."""
    step_ps = np.array(EVERY) * DURATION_S / FINE_STEPS * 1e12
    for method, colour in zip(METHODS, ("black", "tab:red"), strict=True):
        errors = stochastic_errors(PAIRS)[method]
        name = method.replace("_", " ")
        axes.plot(step_ps, errors.strong, "o", color=colour, label=f"{name}, strong")
        axes.errorbar(
            step_ps,
            np.abs(errors.weak),
            errors.weak_deviation,
            fmt="s",
            mfc="none",
            color=colour,
            label=f"{name}, weak",
        )
    strong, weak = (
        stochastic_errors(PAIRS)["implicit_midpoint"].strong,
        stochastic_errors(PAIRS)["heun"].weak,
    )
    axes.plot(step_ps, strong[0] * step_ps / step_ps[0], color="0.7", zorder=0, label="order 1")
    axes.plot(
        step_ps, abs(weak[-1]) * (step_ps / step_ps[-1]) ** 2, "--", color="0.7", zorder=0, label="order 2"
    )
    axes.set(xscale="log", yscale="log", xlabel="step [ps]", ylabel="error after 0.2 ns")
    axes.set_xticks(step_ps, [f"{step:g}" for step in step_ps], minor=False)
    axes.set_xticks([], minor=True)
    axes.legend(fontsize=7)


if __name__ == "__main__":
    report("v07_integrator_orders", compare, draw)
