r"""One variable integrated out exactly: what remains is smooth, and nearly Gaussian around its mode.

With u = B v + x e, e a unit vector and B orthonormal columns perpendicular to it, and failure for x > t(v),

.. math:: P = E_v[Q(t(v))], \qquad Q(t) = \Phi(-t)

Along the Gaussian variable t = m/sigma costs nothing. Along the direction of the design point t is a root.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from spinpim.circuit.high_sigma.design_points import Found
from spinpim.circuit.high_sigma.limit_state import LimitState

FloatArray = NDArray[np.float64]
LOG_SQRT_TWO_PI = 0.5 * np.log(2.0 * np.pi)
GAUSSIAN_SHARE = 0.1
"""Least importance factor of the Gaussian variable with which it is the one that is integrated out."""
LEAST_PRECISION = 0.15
"""Bound of the eigenvalues of the precision: a flatter integrand is no single peak around its mode."""
DEFENSIVE_WIDTH, FLAT_WIDTH = 1.15, 1.5
ROOT_ITERATIONS, ROOT_TOLERANCE = 12, 1e-8
BEYOND = (0.1, 0.5, 2.0)
"""Distances behind a root at which the line must still fail [sigma]; in front of it the larger must pass."""
NEVER = 60.0
"""Distance that stands for a line without failure [sigma]; its probability is 1e-784."""


@dataclass(frozen=True, slots=True, eq=False)
class Conditioned:
    """The integrand Q(t(v)) around one design point.

    Attributes
    ----------
    state : LimitState
        The limit state G(u).
    direction, basis : (size,), (size, size - 1) array
        e and B.
    along_gaussian : bool
        Whether e is the axis of the Gaussian variable.
    centre : (size - 1,) array
        Mode of the density of v times Q(t(v)), in the quadratic model of t.
    precision : (size - 1, size - 1) array
        Negative Hessian of its logarithm there, kept positive.
    curvature : (size - 1, size - 1) array
        Hessian of t at the design point.
    steepness : float
        Fall of G along e at the design point.
    start : float
        t at the design point.
    single_peak : bool
        Whether the precision was positive by itself.
    """

    state: LimitState
    direction: FloatArray
    basis: FloatArray
    along_gaussian: bool
    centre: FloatArray
    precision: FloatArray
    curvature: FloatArray
    steepness: float
    start: float
    single_peak: bool

    @property
    def size(self) -> int:
        """Number of variables v."""
        return int(self.basis.shape[1])

    def distance(self, v: FloatArray) -> FloatArray:
        """Distance t at points v (n, size)."""
        if self.along_gaussian:
            return self.state.margin_at(v) / self.state.gaussian_sigma
        return _roots(self, v)

    def is_single_crossing(self, v: FloatArray, t: FloatArray) -> NDArray[np.bool_]:
        """Whether lines pass some way in front of their roots, and fail behind them."""
        if self.along_gaussian:
            return np.ones(len(v), dtype=np.bool_)
        across = v @ self.basis.T
        front = self.state.value(across + (t - BEYOND[-1])[:, None] * self.direction) > 0.0
        behind = [self.state.value(across + (t + step)[:, None] * self.direction) < 0.0 for step in BEYOND]
        return np.asarray(np.all([front, *behind], axis=0) | (t >= NEVER))

    def moments(self, v: FloatArray, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Means of u and of u^2 over the failing part of each line, two arrays (n, size + 1)."""
        across, e, h = v @ self.basis.T, self.direction, hazard(t)[:, None]
        first = across + h * e
        second = across**2 + 2.0 * across * h * e + e**2 * (1.0 + t[:, None] * h)
        return first, second


def hazard(t: FloatArray) -> FloatArray:
    """phi(t)/Q(t), the mean of a standard normal variable beyond t."""
    return np.asarray(np.exp(-0.5 * t**2 - LOG_SQRT_TWO_PI - log_ndtr(-t)))


def condition(state: LimitState, found: Found, *, along_gaussian: bool, curved: bool = True) -> Conditioned:
    """Choose e and B at a design point and model t there to second order.

    Parameters
    ----------
    state : LimitState
        The limit state.
    found : Found
        One of its design points.
    along_gaussian : bool
        Integrate out the Gaussian variable, else the direction of the design point.
    curved : bool
        Measure the curvature, at the number of variables squared evaluations; without, the margin counts as
        linear.
    """
    d = state.dimension
    hessian = state.curvature(found.point[:d]) if curved and found.converged else np.zeros((d, d))
    if along_gaussian:
        e = np.zeros(state.size)
        e[-1] = -1.0
        basis = np.eye(state.size)[:, :d]
        start, steepness = -float(found.point[-1]), state.gaussian_sigma
        reference, slope = found.point[:d], -found.direction[:d] * found.steepness / steepness
        curvature = hessian / steepness
    else:
        e, steepness, start = found.direction, found.steepness, float(found.point @ found.direction)
        basis = perpendicular_to(e)
        reference = basis.T @ found.point
        slope = np.zeros(state.size - 1)
        curvature = basis[:d].T @ hessian @ basis[:d] / steepness
    centre, precision, single = _mode(reference, start, slope, curvature)
    return Conditioned(
        state, e, basis, along_gaussian, centre, precision, curvature, steepness, start, single
    )


def defensive_widths(precision: FloatArray) -> FloatArray:
    """Standard deviations that cover the tails of an integrand, from the eigenvalues of its precision.

    Never below the nominal one, and widest where the surface bends towards the nominal point: it may bend
    back, or run on.
    """
    flat = DEFENSIVE_WIDTH + FLAT_WIDTH * np.maximum(1.0 - precision, 0.0)
    return np.asarray(flat * np.maximum(precision**-0.5, 1.0))


def perpendicular_to(direction: FloatArray) -> FloatArray:
    """Orthonormal columns (size, size - 1) perpendicular to a unit vector, by a Householder reflection."""
    size = len(direction)
    axis = int(np.argmax(np.abs(direction)))
    mirror = direction.copy()
    mirror[axis] += np.sign(direction[axis])
    reflection = np.eye(size) - 2.0 * np.outer(mirror, mirror) / (mirror @ mirror)
    return np.asarray(np.delete(reflection, axis, axis=1))


def _mode(
    reference: FloatArray, start: float, slope: FloatArray, curvature: FloatArray
) -> tuple[FloatArray, FloatArray, bool]:
    """Mode and precision of exp(-v^2/2) Q(t) with t quadratic in v, by Newton's method."""
    v, n = reference, len(reference)
    single = True
    precision = np.eye(n)
    for _ in range(8):
        away = v - reference
        t = start + float(slope @ away + 0.5 * away @ curvature @ away)
        tilt = slope + curvature @ away
        h = float(hazard(np.array(t)))
        # h' = h (h - t) lies between 0 and 1.
        plain = np.eye(n) + h * curvature + h * (h - t) * np.outer(tilt, tilt)
        values, vectors = np.linalg.eigh(plain)
        single = bool(values[0] > LEAST_PRECISION) if n else True
        precision = (vectors * np.maximum(values, LEAST_PRECISION)) @ vectors.T
        step = -np.linalg.solve(precision, v + h * tilt)
        if float(np.abs(step).max(initial=0.0)) < 1e-9:
            break
        v = v + step * min(1.0, 1.0 / max(float(np.linalg.norm(step)), 1e-300))
    if not np.linalg.norm(v - reference) < 3.0:
        return reference, np.eye(n), False
    return v, precision, single


def _roots(conditioned: Conditioned, v: FloatArray) -> FloatArray:
    """Distance along e at which G vanishes on every line, by secants from the quadratic model of it."""
    base, e = v @ conditioned.basis.T, conditioned.direction
    model = conditioned.start + 0.5 * np.einsum("ni,ij,nj->n", v, conditioned.curvature, v)
    t = np.clip(model, -NEVER, NEVER)
    at = _along(conditioned.state, base, e)
    value = at(t, np.arange(len(v)))
    steep = np.full(len(v), -conditioned.steepness)
    active = np.arange(len(v))
    for _ in range(ROOT_ITERATIONS):
        step = np.clip(-value[active] / steep[active], -3.0, 3.0)
        moved = at(t[active] + step, active)
        secant = np.divide(moved - value[active], step, out=steep[active], where=np.abs(step) > 1e-9)
        t[active] += step
        value[active] = moved
        sound = secant < 0.0
        steep[active] = np.where(sound, secant, steep[active])
        # The next step, were it taken, tells how far the root still is.
        active = active[(np.abs(moved / steep[active]) > ROOT_TOLERANCE) & (np.abs(t[active]) < NEVER)]
        if len(active) == 0:
            break
    lost = np.union1d(active, np.flatnonzero(np.abs(t) >= NEVER))
    if len(lost):
        t[lost] = _first_crossing(at, lost)
    return np.asarray(t)


def _along(
    state: LimitState, base: FloatArray, e: FloatArray
) -> Callable[[FloatArray, NDArray[np.intp]], FloatArray]:
    def at(t: FloatArray, rows: NDArray[np.intp]) -> FloatArray:
        return state.value(base[rows] + t[:, None] * e)

    return at


def _first_crossing(
    at: Callable[[FloatArray, NDArray[np.intp]], FloatArray], rows: NDArray[np.intp]
) -> FloatArray:
    """Root by a scan and bisection of lines on which the secants lost it; NEVER where none fails."""
    scan = np.linspace(-8.0, 16.0, 49)
    values = np.array([at(np.full(len(rows), t), rows) for t in scan])
    fails = values < 0.0
    first = np.argmax(fails, axis=0)
    none = ~fails.any(axis=0)
    high = scan[first]
    low = scan[np.maximum(first - 1, 0)]
    for _ in range(40):
        middle = 0.5 * (low + high)
        wrong = at(middle, rows) < 0.0
        low, high = np.where(wrong, low, middle), np.where(wrong, middle, high)
    return np.where(none, NEVER, high)
