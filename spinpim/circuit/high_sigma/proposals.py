"""Distributions that importance sampling draws from, each fitted to one design point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri_exp

from spinpim.circuit.high_sigma.conditioning import (
    LOG_SQRT_TWO_PI,
    Conditioned,
    defensive_widths,
    perpendicular_to,
)
from spinpim.circuit.high_sigma.event import Event

FloatArray = NDArray[np.float64]
BEFORE = 0.25
"""Depth, in decay lengths 1/beta, that is drawn on the safe side of the modelled surface."""
WIDEST = 3.0
"""Largest standard deviation along the surface [sigma]."""


class Proposal(Protocol):
    """What can be drawn from and has a density."""

    def draw(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Points (count, size)."""

    def log_density(self, points: FloatArray) -> FloatArray:
        """Logarithm of the density at points (n, size)."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaussian:
    """Gaussian with a mean and standard deviations along orthonormal axes (columns)."""

    mean: FloatArray
    axes: FloatArray
    widths: FloatArray

    def draw(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Points (count, size)."""
        local = rng.standard_normal((count, len(self.mean))) * self.widths
        return np.asarray(self.mean + local @ self.axes.T)

    def log_density(self, points: FloatArray) -> FloatArray:
        """Logarithm of the density at points (n, size)."""
        local = (points - self.mean) @ self.axes / self.widths
        return np.asarray(-0.5 * np.sum(local**2, axis=1) - _log_norm(self.widths))


@dataclass(frozen=True, slots=True, eq=False)
class BeyondSurface:
    r"""Gaussian along a quadratic surface and the normal tail behind it.

    .. math:: q(u) = n(v; 0, \Sigma)\, \frac{\varphi(x)}{Q(a(v))}, \quad x > a(v) = \beta +
              \tfrac12 v^T \kappa v - \delta

    Attributes
    ----------
    direction, basis : (size,), (size, size - 1) array
        Normal of the surface at the design point, and the principal axes of its curvature.
    curvatures, widths : (size - 1,) array
        Principal curvatures, and the standard deviations along them.
    start : float
        beta - delta.
    """

    direction: FloatArray
    basis: FloatArray
    curvatures: FloatArray
    widths: FloatArray
    start: float

    def draw(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Points (count, size)."""
        v = rng.standard_normal((count, len(self.widths))) * self.widths
        tail = log_ndtr(-self._surface(v))
        x = -ndtri_exp(tail + np.log1p(-rng.random(count)))
        return np.asarray(v @ self.basis.T + x[:, None] * self.direction)

    def log_density(self, points: FloatArray) -> FloatArray:
        """Logarithm of the density at points (n, size); minus infinity on the safe side."""
        v, x = points @ self.basis, points @ self.direction
        surface = self._surface(v)
        along = -0.5 * np.sum((v / self.widths) ** 2, axis=1) - _log_norm(self.widths)
        inside = along - 0.5 * x**2 - LOG_SQRT_TWO_PI - log_ndtr(-surface)
        # Rounding must not put a drawn point on the surface outside.
        return np.where(x > surface - 1e-9, inside, -np.inf)

    def _surface(self, v: FloatArray) -> FloatArray:
        return np.asarray(np.maximum(self.start + 0.5 * v**2 @ self.curvatures, 0.0))


def around_mode(conditioned: Conditioned) -> Gaussian:
    """Gaussian with mode and Hessian of a conditioned integrand."""
    values, vectors = np.linalg.eigh(conditioned.precision)
    return Gaussian(conditioned.centre, vectors, np.minimum(values**-0.5, WIDEST))


def around_point(point: FloatArray) -> Gaussian:
    """Standard normal distribution moved to a point."""
    return Gaussian(point, np.eye(len(point)), np.ones(len(point)))


def beyond(event: Event, which: int, line: Conditioned) -> BeyondSurface:
    """Tail behind the surface of one state of an event, among all the variables of the event."""
    own = event.columns(which)
    direction = np.zeros(event.size)
    direction[own] = line.direction
    hessian = np.zeros((event.size, event.size))
    hessian[np.ix_(own, own)] = line.basis @ line.curvature @ line.basis.T
    basis = perpendicular_to(direction)
    curvatures, turn = np.linalg.eigh(basis.T @ hessian @ basis)
    rate = max(line.start, 1.0)
    widths = np.minimum(np.maximum(1.0 + rate * curvatures, WIDEST**-2) ** -0.5, WIDEST)
    return BeyondSurface(direction, basis @ turn, curvatures, widths, line.start - BEFORE / rate)


def widened(event: Event, which: int, line: Conditioned) -> Gaussian:
    """Gaussian around a design point that covers the tails of the failures there."""
    own = event.columns(which)
    covariance = np.eye(event.size)
    values, vectors = np.linalg.eigh(line.precision)
    extra = (line.basis @ vectors) * (defensive_widths(values) ** 2 - 1.0)
    inside = (extra @ (line.basis @ vectors).T)[: event.size, : event.size]
    own = own[own < event.size]
    covariance[np.ix_(own, own)] += inside[: len(own), : len(own)]
    spread, axes = np.linalg.eigh(covariance)
    mean = np.zeros(event.size)
    mean[own] = (line.basis @ line.centre + line.start * line.direction)[: len(own)]
    return Gaussian(mean, axes, np.sqrt(spread))


def _log_norm(widths: FloatArray) -> float:
    return float(np.sum(np.log(widths))) + len(widths) * float(LOG_SQRT_TWO_PI)
