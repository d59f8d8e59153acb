"""Random margins with a known scale of failure, and an estimate of their failure by other means."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr

KINDS = ("quadratic", "rational", "lognormal")


@dataclass(frozen=True)
class Design:
    """A margin = threshold - level(z), with or without a Gaussian variable added."""

    kind: str
    dimension: int
    level: Callable
    threshold: float
    gaussian_sigma: float

    def margin(self, z):
        """Margin of the variables z."""
        return self.threshold - self.level(z)

    def joint_margin(self, u):
        """Margin with the Gaussian variable as the last column, where there is one."""
        plain = self.margin(u[:, : self.dimension])
        return plain + self.gaussian_sigma * u[:, -1] if self.gaussian_sigma > 0.0 else plain

    @property
    def size(self):
        """Number of variables with the Gaussian one."""
        return self.dimension + (self.gaussian_sigma > 0.0)


def random_design(number: int) -> Design:
    """Design whose surface passes at 3 to 7 sigma along the steepest direction of the nominal point."""
    rng = np.random.default_rng([4, number])
    kind = KINDS[number % 3]
    d = int(rng.integers(2, 13))
    level = {"quadratic": _quadratic, "rational": _rational, "lognormal": _lognormal}[kind](d, rng)
    step = 1e-4 * np.eye(d)
    slope = (level(step) - level(-step)) / 2e-4
    steep = float(np.linalg.norm(slope))
    share = (0.0, 0.15, 0.6, 2.0)[number % 4]
    beta = 3.0 + 4.1 * (number % 10) / 9.0
    along = beta / math.hypot(1.0, share)
    threshold = float(level(along * slope[None] / steep)[0]) + share * steep * share * along
    return Design(kind, d, level, threshold, share * steep)


def _quadratic(d, rng):
    slope = rng.standard_normal(d)
    turn, _ = np.linalg.qr(rng.standard_normal((d, d)))
    curve = (turn * rng.uniform(-0.06, 0.06, d)) @ turn.T
    slope /= np.linalg.norm(slope)
    return lambda z: z @ slope + 0.5 * np.einsum("ni,ij,nj->n", z, curve, z)


def _rational(d, rng):
    """Parallel resistances, some of them higher; 2 to 6 % of spread."""
    spread, height = rng.uniform(0.02, 0.06, d), rng.choice([1.0, 2.0], d)
    return lambda z: 1.0 / np.sum(1.0 / (height * (1.0 + spread * z)), axis=1)


def _lognormal(d, rng):
    spread, weight = rng.uniform(0.05, 0.25, d), rng.uniform(0.3, 1.0, d)
    return lambda z: np.exp(spread * z) @ weight


def counted(design: Design, trials: int, seed: int) -> tuple[float, float]:
    """Probability and its standard error by plain counting."""
    rng = np.random.default_rng(seed)
    failures = sum(
        int(np.sum(design.joint_margin(rng.standard_normal((100_000, design.size))) < 0.0))
        for _ in range(trials // 100_000)
    )
    p = failures / trials
    return p, math.sqrt(p * (1.0 - p) / trials)


def shifted_sampling(design: Design, trials: int, seed: int) -> tuple[float, float]:
    """Probability and its standard error by counting around the most likely failure, found by scipy.

    Half of the points are drawn as wide again, so that no weight is large.
    """
    rng = np.random.default_rng(seed)
    point = nearest_failure(design)
    n = design.size
    total = squares = 0.0
    for _ in range(trials // 50_000):
        wide = rng.random(50_000) < 0.3
        z = point + rng.standard_normal((50_000, n)) * np.where(wide, 1.3, 1.0)[:, None]
        away = np.sum((z - point) ** 2, axis=1)
        density = 0.7 * np.exp(-0.5 * away) + 0.3 * np.exp(-0.5 * away / 1.69) / 1.3**n
        weight = np.exp(-0.5 * np.sum(z**2, axis=1)) / density * (design.joint_margin(z) < 0.0)
        total += float(weight.sum())
        squares += float((weight**2).sum())
    p = total / trials
    return p, math.sqrt((squares / trials - p**2) / trials)


def nearest_failure(design: Design):
    """Point of the surface nearest to the nominal one."""
    u = np.full(design.size, 0.1)
    scale = abs(float(design.joint_margin(np.zeros((1, design.size)))[0]))
    found = minimize(
        lambda u: 0.5 * u @ u,
        u,
        jac=lambda u: u,
        constraints={"type": "eq", "fun": lambda u: float(design.joint_margin(u[None])[0]) / scale},
        method="SLSQP",
        options={"maxiter": 200, "ftol": 1e-10},
    )
    assert found.success, design
    return found.x


def tensor_quadrature(design: Design, order: int = 60) -> float:
    """Gauss-Hermite around the nominal point for up to three variables and a Gaussian one."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(order)
    weights = weights / weights.sum()
    d = design.dimension
    grid = np.stack(np.meshgrid(*[nodes] * d, indexing="ij"), axis=-1).reshape(-1, d)
    mass = np.prod(np.stack(np.meshgrid(*[weights] * d, indexing="ij"), axis=-1).reshape(-1, d), axis=1)
    return float(mass @ ndtr(-design.margin(grid) / design.gaussian_sigma))
