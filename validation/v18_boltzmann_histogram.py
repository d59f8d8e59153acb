"""Histogram of final states over the two components across the easy axis, against the Boltzmann law.

A perpendicular junction with a field in a general direction, two unequal hard axes and a tilted easy axis:
what a mean square cannot see, the shape of the law, is in the chi-square. A law 3 % hotter is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rows import Row, report
from scipy import stats

from spinpim import Device, Pulse, simulate
from spinpim.device.dynamics.initial_state import thermal_weight_per_T

Array = NDArray[np.float64]

DURATION_S = 3e-9
TRIALS = 65_536
EDGES = np.linspace(-0.6, 0.6, 25)
LEAST_EXPECTED = 15.0
FALSE_ALARM = 1e-4
CASES = (
    ("heun", "float64", 31),
    ("heun", "float32", 32),
    ("implicit_midpoint", "float64", 33),
    ("implicit_midpoint", "float32", 34),
)
"""Method, precision and seed: independent of one another."""


def compare() -> list[Row]:
    """Share of chi-squares that chance makes smaller; beyond either bound it comes once in ten thousand."""
    rows = []
    for method, precision, seed in CASES:
        counts, expected = pooled(*binned(biaxial(), final_states(method, precision, seed=seed)))
        freedom = counts.size - 1
        value = chi_square(counts, expected)
        what = f"chi-square {value:.1f} of {freedom} freedoms, {method}, {precision}: quantile"
        rows.append(Row(what, float(stats.chi2.cdf(value, freedom)), 0.5, 0.5 - 0.5 * FALSE_ALARM))
    return rows


def biaxial() -> Device:
    """A junction without any symmetry that forgets its start within nanoseconds."""
    return Device.load("perpendicular_memory_60nm").replace(
        demagnetising_factors=(0.02, 0.12, 0.86),
        interfacial_anisotropy_J_per_m2=0.69e-3,
        demagnetising_off_diagonal=(0.03, 0.0, 0.0),
        external_field_T=(0.02, -0.01, 0.01),
        damping=0.1,
    )


@cache
def final_states(method: str, precision: str, trials: int = TRIALS, seed: int = 6) -> Array:
    """Magnetisation (trials, 3) after a time without drive."""
    run = simulate(
        biaxial(),
        Pulse.points([0.0, DURATION_S]),
        seed=seed,
        trials=trials,
        save_every_s=DURATION_S,
        method=method,
        precision=precision,
    )
    return run.magnetisation[:, -1]


def binned(device: Device, final: Array) -> tuple[Array, Array]:
    """Counts over m_x, m_y and the expected ones, by quadrature in the projection of the sphere."""
    counts, _, _ = np.histogram2d(final[:, 0], final[:, 1], bins=[EDGES, EDGES])
    bins, fine = EDGES.size - 1, 16
    step = (EDGES[1] - EDGES[0]) / fine
    middles = EDGES[0] + step * (np.arange(bins * fine) + 0.5)
    x, y = np.meshgrid(middles, middles, indexing="ij")
    z = np.sqrt(1.0 - x**2 - y**2)
    gain = -device.landscape().energy_T(np.stack([x, y, z], axis=-1)) * thermal_weight_per_T(device)
    # The area of the sphere over a patch of its projection is 1/z of it.
    weight = np.exp(gain - gain.max()) / z
    sums = weight.reshape(bins, fine, bins, fine).sum(axis=(1, 3))
    return counts, len(final) * sums / sums.sum()


def pooled(counts: Array, expected: Array) -> tuple[Array, Array]:
    """Bins with enough expected counts, and one that holds all others."""
    kept = expected > LEAST_EXPECTED
    return (
        np.append(counts[kept], counts[~kept].sum()),
        np.append(expected[kept], expected[~kept].sum()),
    )


def chi_square(counts: Array, expected: Array) -> float:
    """Pearson's sum."""
    return float(((counts - expected) ** 2 / expected).sum())


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Both marginal histograms in single precision as points, the law as lines."""
    counts, expected = binned(biaxial(), final_states("heun", "float32", seed=CASES[1][2]))
    middles = 0.5 * (EDGES[1:] + EDGES[:-1])
    for axis, name in enumerate("xy"):
        line = axes.plot(middles, expected.sum(axis=1 - axis), label=f"$m_{name}$, Boltzmann")[0]
        axes.plot(middles, counts.sum(axis=1 - axis), "o", color=line.get_color(), markersize=3)
    axes.set(
        yscale="log", ylim=(1.0, None), xlabel="component across the easy axis", ylabel="trials in a bin"
    )
    axes.set_title("quantiles of chi-square: " + ", ".join(f"{row.ours:.3f}" for row in rows), fontsize=8)
    axes.legend(frameon=False, fontsize=7)


if __name__ == "__main__":
    report("v18_boltzmann_histogram", compare, draw)
