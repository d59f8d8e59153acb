"""A continuous margin of Gaussian variables as a limit state: checked values, slopes, curvature, counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite, shown, whole
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
Margin = Callable[[FloatArray], FloatArray]
GAUSSIAN = "gaussian"
"""Name of the variable that is added to a margin and integrated out."""
SLOPE_STEP = 1e-3
"""Step of the central differences [sigma]; a margin that is smooth over it has slopes right to 1e-6."""
CURVATURE_STEP = 0.02
"""Step of the second differences [sigma]: longer, because they divide the rounding error by its square."""
MOST_VARIABLES = 1000


class Tally:
    """Evaluations of a margin so far, shared by all who use it."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total = 0


@dataclass(frozen=True, slots=True, eq=False)
class LimitState:
    r"""The function :math:`G(u) = \pm m(z) + \sigma g` of the standard normal u = (z, g); failure is G < 0.

    Without a Gaussian variable (sigma = 0) u is z alone.

    Attributes
    ----------
    margin : callable
        Vectorised margin of points (n, dimension).
    dimension : int
        Number of variables z.
    gaussian_sigma : float
        Standard deviation of the variable that is added to the margin, in its unit.
    gradient : callable or None
        Gradient (n, dimension) of the margin at points.
    sign : float
        -1 where the probability of the opposite event is asked for.
    tally : Tally
        Counts evaluations.
    """

    margin: Margin
    dimension: int
    gaussian_sigma: float = 0.0
    gradient: Margin | None = None
    sign: float = 1.0
    tally: Tally = field(default_factory=Tally)

    @property
    def size(self) -> int:
        """Number of variables of u."""
        return self.dimension + (self.gaussian_sigma > 0.0)

    def margin_at(self, points: FloatArray) -> FloatArray:
        """Margin with its sign at points (n, dimension).

        Raises
        ------
        InputError
            If it returns something else than (n,) numbers, or is not finite somewhere.
        """
        self.tally.total += len(points)
        return self.sign * _checked(self.margin(points), (len(points),), "margin", points)

    def value(self, points: FloatArray) -> FloatArray:
        """G at points (n, size)."""
        plain = self.margin_at(points[:, : self.dimension])
        return plain + self.gaussian_sigma * points[:, -1] if self.gaussian_sigma > 0.0 else plain

    def value_and_slope(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """G and its gradient at points (n, size)."""
        z = points[:, : self.dimension]
        value, slope = self._margin_and_slope(z)
        if self.gaussian_sigma > 0.0:
            value = value + self.gaussian_sigma * points[:, -1]
            slope = np.column_stack([slope, np.full(len(slope), self.gaussian_sigma)])
        return value, slope

    def curvature(self, z: FloatArray) -> FloatArray:
        """Hessian (dimension, dimension) of the margin with its sign at one point (dimension,)."""
        n = self.dimension
        step = CURVATURE_STEP * np.eye(n)
        if self.gradient is not None:
            _, slope = self._margin_and_slope(np.concatenate([z + step, z - step]))
            half = (slope[:n] - slope[n:]) / (2.0 * CURVATURE_STEP)
            return 0.5 * (half + half.T)
        i, j = np.triu_indices(n, 1)
        both = step[i] + step[j]
        value = self.margin_at(np.concatenate([z[None], z + step, z - step, z + both, z - both]))
        here, up, down = value[0], value[1 : n + 1], value[n + 1 : 2 * n + 1]
        first, second = np.split(value[2 * n + 1 :], 2)
        hessian = np.diag(up + down - 2.0 * here)
        hessian[i, j] = 0.5 * (first + second - up[i] - up[j] - down[i] - down[j]) + here
        hessian[j, i] = hessian[i, j]
        return hessian / CURVATURE_STEP**2

    def _margin_and_slope(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        n, d = z.shape
        if self.gradient is not None:
            slope = _checked(self.gradient(z), (n, d), "gradient", z)
            return self.margin_at(z), self.sign * slope
        step = SLOPE_STEP * np.eye(d)
        around = np.concatenate([z[:, None], z[:, None] + step, z[:, None] - step], axis=1)
        value = self.margin_at(around.reshape(-1, d)).reshape(n, 2 * d + 1)
        return value[:, 0], (value[:, 1 : d + 1] - value[:, d + 1 :]) / (2.0 * SLOPE_STEP)


def limit_state(
    margin: Margin, dimension: int, gaussian_sigma: float, gradient: Margin | None, sign: float = 1.0
) -> LimitState:
    """Check the arguments of a limit state and make it.

    Raises
    ------
    InputError
        If an argument is of the wrong kind or out of range.
    """
    if not callable(margin) or not (gradient is None or callable(gradient)):
        raise InputError(
            "margin (and gradient, if given) must be functions of an array of points (n, dimension); instead "
            f"received {shown(margin)} and {shown(gradient)}."
        )
    whole("dimension", dimension, 1, MOST_VARIABLES)
    finite("gaussian_sigma", gaussian_sigma, 0.0)
    return LimitState(margin, int(dimension), float(gaussian_sigma), gradient, sign)


def variable_names(names: Sequence[str] | None, dimension: int, gaussians: Sequence[str]) -> tuple[str, ...]:
    """Names of all variables: those given, or z1, z2, ..., followed by the Gaussian ones.

    Raises
    ------
    InputError
        If there are too few or too many names, or two are equal.
    """
    if names is not None and (isinstance(names, str) or not isinstance(names, Sequence)):
        raise InputError(f"names must be a sequence of texts; instead received {shown(names)}.")
    given = tuple(f"z{i + 1}" for i in range(dimension)) if names is None else tuple(map(str, names))
    if len(given) != dimension:
        raise InputError(
            f"names must hold one name per variable, {dimension}; instead received {shown(given)}."
        )
    every = (*given, *gaussians)
    if len(set(every)) != len(every):
        raise InputError(
            f"names must differ from each other and from {gaussians}; instead received {shown(given)}."
        )
    return every


def _checked(given: Any, shape: tuple[int, ...], what: str, points: FloatArray) -> FloatArray:
    """What a function of points returned, as finite numbers of the right shape."""
    value = _array(given)
    if value is None or value.dtype.kind not in "biuf":
        raise InputError(
            f"The {what} must return an array of numbers of shape {shape} for {len(points)} points; instead "
            f"it returned the {type(given).__name__} {shown(given)}."
        )
    if value.shape != shape:
        raise InputError(
            f"The {what} must return an array of shape {shape} for {len(points)} points; instead it returned "
            f"the shape {value.shape}."
        )
    sound = np.isfinite(value)
    if not sound.all():
        row = int(np.argmin(sound if value.ndim == 1 else sound.all(axis=1)))
        where = np.array2string(points[row], precision=4, threshold=12)
        raise InputError(
            f"The {what} is {value[row]} at the standard normal point {where}. It must be finite within "
            "reach of the failure: extend the model there, or limit the variable by a smooth transformation."
        )
    return value.astype(np.float64)


def _array(given: Any) -> NDArray[Any] | None:
    """The array that something is, None if it is none."""
    try:
        return np.asarray(given)
    except (TypeError, ValueError):
        return None
