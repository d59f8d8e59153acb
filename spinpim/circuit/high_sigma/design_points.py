"""Where a failure is most likely: search for all points of the limit state nearest to the nominal one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from spinpim.circuit.high_sigma.limit_state import LimitState
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
ITERATIONS = 60
STEPS = 0.5 ** np.arange(7)
"""Shares of a step that are tried together, the longest first."""
ON_SURFACE, PERPENDICULAR = 1e-5, 2e-3
"""Accepted distance from the surface, and along it relative to the distance from the nominal point."""
START_RADIUS = 3.0
"""Distance of the starts beside the nominal point [sigma]."""
AXES, DIAGONALS = 8, 6
"""Starts: both ways along so many axes, and so many diagonals."""
SCAN = np.array([1.0, 1.1, 1.2, 1.3])
"""Distances, relative to the nearest design point, at which axes are tried again."""
WIDTHS, TRIES, SHRINKS = (1.5, 2.5, 4.0, 6.0), 4000, 20
"""Last resort: standard deviations of points drawn at random, their number, and steps towards the nominal."""
LONGEST_STEP = 8.0
FARTHEST = 40.0
"""Where the search ends [sigma]: a failure beyond has a probability below 1e-349."""
SAME = 0.05
"""Points closer than this share of their distance are one, if they also look the same way."""
ALIKE = 0.5
"""Least cosine between the directions of two points that may be one."""
NEGLIGIBLE = 1e-7
"""Probability of a further design point, relative to the first, below which it is dropped."""
MOST = 16


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A design point of one limit state.

    Attributes
    ----------
    point : (size,) array
        Coordinates u of the point.
    direction : (size,) array
        Unit vector along which G falls fastest there.
    steepness : float
        Length of the gradient of G.
    converged : bool
        Whether point and direction are parallel.
    """

    point: FloatArray
    direction: FloatArray
    steepness: float
    converged: bool

    @property
    def beta(self) -> float:
        """Distance from the nominal point [sigma]."""
        return float(np.linalg.norm(self.point))


def find_design_points(state: LimitState) -> tuple[Found, ...]:
    r"""Points of G = 0 nearest to the nominal one, by the Hasofer-Lind-Rackwitz-Fiessler iteration.

    .. math:: u' = u + \lambda \left(\frac{\nabla G \cdot u - G}{|\nabla G|^2} \nabla G - u\right)

    with lambda by a line search on the merit function |u|^2/2 + c |G|, from the nominal point and from starts
    along axes and diagonals, all at once; then from where axes fail by themselves.

    Parameters
    ----------
    state : LimitState
        With G > 0 at the nominal point.

    Returns
    -------
    tuple of Found
        The nearest first; those that hardly contribute are left out.

    Raises
    ------
    InputError
        If G has no slope anywhere, or no point fails.

    References
    ----------
    A. M. Hasofer and N. C. Lind, J. Eng. Mech. Div. ASCE 100, 111 (1974); R. Rackwitz and B. Fiessler,
    Comput. Struct. 9, 489 (1978); merit function: P.-L. Liu and A. Der Kiureghian, Struct. Safety 9, 161
    (1991).
    """
    axes = _axes(state)
    found = _descend(state, _starts(state, axes)) or _by_chance(state)
    if not found:
        raise InputError(
            f"No failure was found within {FARTHEST:g} standard deviations of the nominal point: the margin "
            "stays positive wherever the search went. Check its sign and its spread."
        )
    again = _where_axes_fail(state, axes, min(one.beta for one in found))
    if len(again):
        found += _descend(state, again)
    return _distinct(found)


def _axes(state: LimitState) -> FloatArray:
    """Unit vectors along the variables z, or along those with the largest slopes where there are many."""
    d = state.dimension
    if d <= AXES:
        return np.eye(d)
    # At a point that is on no axis of symmetry.
    _, slope = state.value_and_slope(np.full((1, state.size), 0.3))
    return np.eye(d)[np.argsort(-np.abs(slope[0, :d]))[:AXES]]


def _where_axes_fail(state: LimitState, axes: FloatArray, beta: float) -> FloatArray:
    """First failing points on both ways along axes, not much farther than a design point that is known.

    A variable with a long tail can fail alone, which a search that starts nearer turns away from.
    """
    d = state.dimension
    rays = np.concatenate([axes, -axes])
    points = beta * SCAN[:, None, None] * rays
    fails = state.margin_at(points.reshape(-1, d)).reshape(len(SCAN), -1) < 0.0
    rows = np.flatnonzero(fails.any(axis=0))
    starts = points[np.argmax(fails, axis=0)[rows], rows]
    return np.pad(starts, ((0, 0), (0, state.size - d)))


def _starts(state: LimitState, axes: FloatArray) -> FloatArray:
    """The nominal point, both ways along axes, and diagonals of fixed signs."""
    d = state.dimension
    signs = np.random.default_rng(d).choice([-1.0, 1.0], size=(DIAGONALS if d > 1 else 0, d))
    z = START_RADIUS * np.concatenate([np.zeros((1, d)), axes, -axes, signs / np.sqrt(d)])
    return np.pad(z, ((0, 0), (0, state.size - d)))


def _descend(state: LimitState, starts: FloatArray) -> list[Found]:
    u = starts
    found: list[Found] = []
    sloping = False
    for _ in range(ITERATIONS):
        value, slope = state.value_and_slope(u)
        steep = np.linalg.norm(slope, axis=1)
        keep = steep > 1e-12 * (np.abs(value) + 1e-300)
        if not sloping and not np.any(slope[:, : state.dimension]):
            _refuse_flat(state, u)
        sloping = True
        u, value, slope, steep = u[keep], value[keep], slope[keep], steep[keep]
        move = ((np.sum(slope * u, axis=1) - value) / steep**2)[:, None] * slope - u
        length = np.linalg.norm(move, axis=1)
        radius = np.linalg.norm(u, axis=1)
        there = (np.abs(value) < ON_SURFACE * steep) & (length < PERPENDICULAR * np.maximum(1.0, radius))
        for i in np.flatnonzero(there):
            found.append(Found(u[i] + move[i], -slope[i] / steep[i], float(steep[i]), True))
        left = ~there & (radius < FARTHEST)
        if not left.any():
            return found
        u = _stepped(state, u[left], move[left], value[left], steep[left])
    return found + _on_rays(state, u)


def _stepped(
    state: LimitState, u: FloatArray, move: FloatArray, value: FloatArray, steep: FloatArray
) -> FloatArray:
    """Take the longest of the tried steps that lowers the merit function, or else the best."""
    k, size = u.shape
    length = np.linalg.norm(move, axis=1)
    move = move * np.minimum(1.0, LONGEST_STEP / np.maximum(length, 1e-300))[:, None]
    trials = u[:, None] + STEPS[:, None] * move[:, None]
    values = state.value(trials.reshape(-1, size)).reshape(k, len(STEPS))
    target = u + move
    weight = 2.0 * np.linalg.norm(u, axis=1) / steep
    weight = np.maximum(weight, np.sum(target**2, axis=1) / np.maximum(np.abs(value), 1e-6 * steep))
    merit = 0.5 * np.sum(trials**2, axis=2) + weight[:, None] * np.abs(values)
    before = 0.5 * np.sum(u**2, axis=1) + weight * np.abs(value)
    lower = merit < before[:, None]
    pick = np.where(lower.any(axis=1), np.argmax(lower, axis=1), np.argmin(merit, axis=1))
    return np.asarray(trials[np.arange(k), pick])


def _by_chance(state: LimitState) -> list[Found]:
    """Shrink the nearest of many failing points drawn wide: for corners, around which slopes mislead."""
    rng = np.random.default_rng(state.size)
    for width in WIDTHS:
        points = width * rng.standard_normal((TRIES, state.size))
        points = points[state.value(points) < 0.0]
        if len(points) == 0:
            continue
        best = points[np.argmin(np.sum(points**2, axis=1))]
        for step in np.geomspace(0.3, 0.01, SHRINKS) * np.linalg.norm(best):
            near = best * (1.0 - 0.1 * step) + step * rng.standard_normal((TRIES // 4, state.size))
            near = near[state.value(near) < 0.0]
            best = min([best, *near], key=lambda point: float(point @ point))
        return _on_rays(state, best[None])
    return []


def _on_rays(state: LimitState, u: FloatArray) -> list[Found]:
    """Where rays through points of an unfinished search meet the surface: for kinks, which have no normal."""
    radius = np.linalg.norm(u, axis=1)
    u, radius = u[radius > 0.0], radius[radius > 0.0]
    if len(u) == 0:
        return []
    rays = u / radius[:, None]
    low, high = np.zeros(len(u)), 1.25 * radius
    fails = state.value(rays * high[:, None]) < 0.0
    rays, low, high = rays[fails], low[fails], high[fails]
    for _ in range(40 if len(rays) else 0):
        middle = 0.5 * (low + high)
        wrong = state.value(rays * middle[:, None]) < 0.0
        low, high = np.where(wrong, low, middle), np.where(wrong, middle, high)
    if len(rays) == 0:
        return []
    _, slope = state.value_and_slope(rays * high[:, None])
    steep = np.linalg.norm(slope, axis=1)
    return [
        Found(ray * end, ray, float(max(length, 1e-300)), False)
        for ray, end, length in zip(rays, high, steep, strict=True)
    ]


def _distinct(found: list[Found]) -> tuple[Found, ...]:
    """Drop repeats, and what adds nothing beside the nearest."""
    kept: list[Found] = []
    ordered = sorted(found, key=lambda one: one.beta)
    finished = [one for one in ordered if one.converged]
    for one in ordered:
        if float(log_ndtr(-one.beta) - log_ndtr(-ordered[0].beta)) < np.log(NEGLIGIBLE):
            break
        # An unfinished search near a finished one was on its way to it.
        rivals = kept if one.converged else kept + finished
        apart = SAME if one.converged else 10.0 * SAME
        near = apart * max(1.0, one.beta)
        if not any(_same(one, other, near) for other in rivals):
            kept.append(one)
    return tuple(kept[:MOST])


def _same(one: Found, other: Found, near: float) -> bool:
    """Whether two points stand for one: limits on either side of the nominal point may nearly touch it."""
    alike = float(one.direction @ other.direction) > ALIKE
    return alike and float(np.linalg.norm(one.point - other.point)) <= near


def _refuse_flat(state: LimitState, u: FloatArray) -> None:
    """Refuse a margin that is only pass or fail, or constant without a Gaussian variable beside it."""
    values = np.unique(state.margin_at(u[:, : state.dimension]))
    if len(values) == 1 and state.gaussian_sigma > 0.0:
        return
    if len(values) > 1:
        raise InputError(
            f"The margin has no slope at any of {len(u)} points but takes {len(values)} different values: it "
            "looks like pass or fail. Give the continuous distance to the limit (a voltage, a time), not its "
            "sign."
        )
    raise InputError(
        f"The margin is {values[0]:g} at every point tried: it does not depend on its variables. Give a "
        "margin that does, or a gaussian_sigma for what is added to it."
    )
