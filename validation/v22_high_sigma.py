"""Rare sensing failures against quadrature of high order, random margins against sampling, coverage.

The two-row AND and the XOR window of two cells (2 % of resistance, 5 % of magnetoresistance, one offset per
amplifier): 48 Gauss-Hermite nodes per variable, the offsets integrated analytically. Fifty random margins of
2 to 12 variables: points drawn around a design point that scipy finds. Coverage: 200 repeats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from random_margins import random_design, shifted_sampling
from rows import Row, report
from scipy.special import ndtr

from spinpim.bench import high_sigma as problems
from spinpim.circuit.high_sigma import TailProbability, margin_failure, union_failure

Array = NDArray[np.float64]
NODES = 48
DESIGNS, TRIALS, REPEATS = 50, 200_000, 200
COVERED = ((6, "quasi-random"), (35, "quasi-random"), (22, "importance"))
"""Random margin and method of each test of coverage."""


def compare() -> list[Row]:
    """Known failures in units of their value, then deviations in standard errors, then shares."""
    rows = [*known_failures(), linear_margin()]
    rows += [random_margin(number) for number in range(DESIGNS)]
    return rows + [coverage(number, method) for number, method in COVERED]


def known_failures() -> list[Row]:
    """The AND, the window and the two-sided failure over their quadrature or closed form."""
    sigma = problems.OFFSET_SIGMA_MV
    conjunction = quadrature(lambda z: ndtr(-problems.and_margin(z) / sigma))
    window = quadrature(lambda z: ndtr(-problems.below_and(z)) + ndtr(-problems.above_or(z)))
    rows = [
        Row("AND failure by quadrature alone", conjunction, 6.288e-9, 5e-13),
        Row("XOR window by quadrature alone", window, 4.1836e-7, 5e-12),
    ]
    for method in ("auto", "quasi-random", "importance", "second-order"):
        found = margin_failure(problems.and_margin, 3, gaussian_sigma=sigma, seed=1, method=method)
        rows.append(Row(f"AND, {method} / quadrature", found.value / conjunction, 1.0, 5e-3))
    union = union_failure([problems.below_and, problems.above_or], 3, gaussian_sigma=1.0, seed=1)
    rows.append(Row("XOR window, union / quadrature", union.total.value / window, 1.0, 5e-3))
    known = 2.0 * float(ndtr(-problems.BETA))
    both = margin_failure(problems.two_sided, 1, seed=1, target_relative_error=5e-3)
    rows.append(Row("two-sided at 6 sigma, one margin / 2 Q(6)", both.value / known, 1.0, 1e-2))
    sides = union_failure([lambda z: 6.0 - z[:, 0], lambda z: 6.0 + z[:, 0]], 1, seed=1)
    rows.append(Row("two-sided at 6 sigma, union / 2 Q(6)", sides.total.value / known, 1.0, 1e-2))
    return rows


def linear_margin() -> Row:
    """A linear margin of 24 variables over its tail."""
    slope = np.full(24, 24.0**-0.5)
    found = margin_failure(lambda z: 6.0 - z @ slope, 24, seed=1)
    return Row("linear, 24 variables / Q(6)", found.value / float(ndtr(-6.0)), 1.0, 1e-3)


def random_margin(number: int) -> Row:
    """Deviation of a random margin from sampling around its design point, in standard errors of both."""
    design, found = random_design(number), solved(number, number)
    expected, error = shifted_sampling(design, TRIALS, number)
    together = math.hypot(error, 0.5 * (found.high - found.low) / 1.96)
    what = f"{design.kind}, {design.size} variables, {found.value:.1e}, {found.method}: standard errors"
    return Row(what, (found.value - expected) / together, 0.0, 3.0)


def coverage(number: int, method: str) -> Row:
    """Share of 95 % intervals that hold the failure of a random margin."""
    truth = solved(number, 12345, method="quasi-random", target_relative_error=4e-4).value
    found = [solved(number, seed, method=method, target_relative_error=0.02) for seed in range(REPEATS)]
    held = float(np.mean([one.low <= truth <= one.high for one in found]))
    return Row(f"coverage of 95 %, {method}, P = {truth:.1e}", held, 0.945, 0.045)


def solved(number: int, seed: int, **arguments: Any) -> TailProbability:
    """Failure of a random margin."""
    design = random_design(number)
    return margin_failure(
        design.margin, design.dimension, gaussian_sigma=design.gaussian_sigma, seed=seed, **arguments
    )


def quadrature(integrand: Callable[[Array], Array]) -> float:
    """Mean over three standard normal variables, around the nominal point."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 3)
    mass = (weights[:, None, None] * weights[:, None] * weights).ravel()
    return float(mass @ integrand(grid))


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Deviations of the random margins, sorted, with the band of three standard errors."""
    deviations = sorted(row.ours for row in rows if row.what.endswith("standard errors"))
    axes.axhspan(-3.0, 3.0, color="0.9")
    axes.axhline(0.0, color="0.6", linewidth=1.0)
    axes.plot(deviations, "o", color="black", markersize=3)
    axes.set(xlabel="random margin, sorted", ylabel="deviation from sampling [standard errors]")


if __name__ == "__main__":
    report("v22_high_sigma", compare, draw)
