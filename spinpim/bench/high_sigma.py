"""Rare sensing failures, beside the importance sampling of a library of reliability methods."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.bench.machine import library_version
from spinpim.bench.workload import Absent, Workload
from spinpim.circuit.high_sigma import margin_failure, union_failure

FloatArray = NDArray[np.float64]
UNIT = "estimates/s"
AND, XOR, TWO_SIDED = "high_sigma_and", "high_sigma_xor", "high_sigma_two_sided"
KEYS = tuple(f"openturns_{name}_estimates_per_s" for name in (AND, XOR, TWO_SIDED))
RESISTANCE_SIGMA, RATIO_SIGMA = 0.02, 0.05
OFFSET_SIGMA_MV, STEP_MV = 2.7, 100.0
"""Amplifier offset, and read current times parallel resistance."""
XOR_STEP = 80.0
"""Read current times parallel resistance of the window, in units of the offset."""
BETA = 6.0
COEFFICIENT_OF_VARIATION = 0.01
"""Standard error over the value at which the library stops; ours stops at half of it."""


def level(z: FloatArray, step: float) -> FloatArray:
    """Level of one antiparallel and one parallel cell: z are resistances and the tunnel magnetoresistance."""
    parallel = 1.0 + RESISTANCE_SIGMA * z[:, 0]
    other = 1.0 + RESISTANCE_SIGMA * z[:, 1]
    return np.asarray(step / (1.0 / parallel + 1.0 / (other * (2.0 + RATIO_SIGMA * z[:, 2]))))


def and_margin(z: FloatArray) -> FloatArray:
    """Distance of that level below a reference midway to two antiparallel cells [mV]."""
    return 0.5 * (STEP_MV / 1.5 + STEP_MV) - level(z, STEP_MV)


def below_and(z: FloatArray) -> FloatArray:
    """The same in units of the offset, for the window."""
    return 0.5 * (XOR_STEP / 1.5 + XOR_STEP) - level(z, XOR_STEP)


def above_or(z: FloatArray) -> FloatArray:
    """Distance above a reference midway to two parallel cells."""
    return level(z, XOR_STEP) - 0.5 * (XOR_STEP / 2.0 + XOR_STEP / 1.5)


def two_sided(z: FloatArray) -> FloatArray:
    """A margin with two equal design points."""
    return BETA - np.abs(z[:, 0])


def high_sigma_and() -> Workload:
    """Failure of a two-row AND at 6e-9."""
    return _ours(
        AND,
        lambda: margin_failure(and_margin, 3, gaussian_sigma=OFFSET_SIGMA_MV, seed=1),
        "AND failure of 6.29e-9, four variables, automatic method, 1 % at 95 %.",
    )


def high_sigma_xor() -> Workload:
    """Failure of a two-row XOR window at 4e-7."""
    return _ours(
        XOR,
        lambda: union_failure([below_and, above_or], 3, gaussian_sigma=1.0, seed=1),
        "XOR window failure of 4.18e-7, five variables, as a union, 1 % at 95 %.",
    )


def high_sigma_two_sided() -> Workload:
    """A two-sided failure at 2e-9."""
    return _ours(
        TWO_SIDED,
        lambda: margin_failure(two_sided, 1, seed=1),
        "Two-sided failure of 1.97e-9 at 6 sigma, two design points, automatic method, 1 % at 95 %.",
    )


def openturns_and() -> Workload | Absent:
    """The AND by importance sampling around the design point."""
    return _theirs(
        AND, lambda u: and_margin(u[:, :3]) + OFFSET_SIGMA_MV * u[:, 3], 4, [[0.1, 0.1, 0.1, -0.1]]
    )


def openturns_xor() -> Workload | Absent:
    """The window as one margin; its likelier side dominates."""

    def margin(u: FloatArray) -> FloatArray:
        return np.minimum(below_and(u[:, :3]) + u[:, 3], above_or(u[:, :3]) + u[:, 4])

    return _theirs(XOR, margin, 5, [[0.0, 0.0, 0.0, 0.0, -0.1]])


def openturns_two_sided() -> Workload | Absent:
    """Two searches, one from each side, and one sampling around each point."""
    return _theirs(TWO_SIDED, two_sided, 1, [[0.1], [-0.1]])


def importance_sampling(openturns: Any, margin: Any, dimension: int, starts: list[list[float]]) -> float:
    """Sum, over starts, of the library's estimate around the design point that each leads to.

    With several starts each estimate counts the half space of its own point alone.
    """
    total = 0.0
    for start in starts:
        sided = margin if len(starts) == 1 else _one_side(margin, np.array(start))
        function = openturns.PythonFunction(
            dimension, 1, func_sample=lambda u, m=sided: m(np.asarray(u))[:, None]
        )
        event = openturns.ThresholdEvent(
            openturns.CompositeRandomVector(function, openturns.RandomVector(openturns.Normal(dimension))),
            openturns.Less(),
            0.0,
        )
        search = openturns.AbdoRackwitz()
        search.setStartingPoint(start)
        form = openturns.FORM(search, event)
        form.run()
        point = form.getResult().getStandardSpaceDesignPoint()
        proposal = openturns.Normal(point, openturns.CovarianceMatrix(dimension))
        sampling = openturns.ProbabilitySimulationAlgorithm(
            event, openturns.ImportanceSamplingExperiment(proposal)
        )
        sampling.setMaximumOuterSampling(10_000)
        sampling.setBlockSize(1000)
        sampling.setMaximumCoefficientOfVariation(COEFFICIENT_OF_VARIATION)
        sampling.run()
        total += float(sampling.getResult().getProbabilityEstimate())
    return total


def _one_side(margin: Any, start: FloatArray) -> Any:
    def sided(u: FloatArray) -> FloatArray:
        return np.where(u @ start > 0.0, margin(u), BETA)

    return sided


def _ours(name: str, call: Any, note: str) -> Workload:
    return Workload(f"{name}_estimates_per_s", UNIT, 1.0, call, note)


def _theirs(name: str, margin: Any, dimension: int, starts: list[list[float]]) -> Workload | Absent:
    key = f"openturns_{name}_estimates_per_s"
    try:
        import openturns
    except ImportError:
        return Absent(key, "openturns is not installed; 'spinpim[oracle]' adds it, for comparisons only.")
    return Workload(
        key,
        UNIT,
        1.0,
        lambda: importance_sampling(openturns, margin, dimension, starts),
        f"openturns {library_version('openturns')}: design point by Abdo-Rackwitz, importance sampling "
        "shifted there, blocks of 1000 vectorised points, to a standard error of 1 %.",
    )
