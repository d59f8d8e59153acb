"""How often a column with a given reference fails, integrated over its amplifier offset and its drive."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from spinpim.circuit.column_law import ColumnLaw
from spinpim.circuit.sensing_result import Sensing

FloatArray = NDArray[np.float64]
REACH = 12.0
"""Standard deviations of column and reference that are integrated; 4e-33 lies beyond."""
HALVINGS = 48
"""Of that reach, down to 1e-13."""
EDGES = (-10.0, -5.0, 0.0, 5.0, 10.0)
"""Ends of panels about a level, in spreads of its cells; beyond them all cells of a column agree."""


def _gauss(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Nodes over the reach, and their weights times the normal density."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    return REACH * places, REACH * weights * density(REACH * places)


def density(deviate: FloatArray) -> FloatArray:
    """Of the standard normal law."""
    return np.asarray(np.exp(-0.5 * deviate**2) / math.sqrt(2.0 * math.pi))


REFERENCES, REFERENCE_WEIGHTS = _gauss(96)
ACROSS_NODES, ACROSS_WEIGHTS = np.polynomial.legendre.leggauss(24)
REST_NODES, REST_WEIGHTS = np.polynomial.hermite_e.hermegauss(8)
"""Of what is left of offset and drive once the larger part of both is taken out: all but constant."""


def pattern_counts(sensing: Sensing) -> FloatArray:
    """How many patterns have so many ones (levels,)."""
    return np.bincount([pattern.count("1") for pattern in sensing.patterns]).astype(np.float64)


def column_failures(law: ColumnLaw, counts: FloatArray, groups: int, allowed: float) -> FloatArray:
    """Static, temporal and either failure of a column at each of `REFERENCES` (references, 3).

    Panels end where the levels pass the threshold of their column, and where noise turns the allowed part.

    Parameters
    ----------
    law : ColumnLaw
        Errors of given columns.
    counts : (levels,) array
        Patterns of each level.
    groups : int
        Groups of cells that are read in the column.
    allowed : float
        Temporal error rate that it may have [1].
    """
    columns = _Columns.of(law)
    levels = range(len(law.states))
    limits = np.stack([columns.first(level, allowed) for level in levels], axis=-1)
    edges = np.concatenate([limits, *(columns.edges(level) for level in levels)], axis=-1)
    ends = np.full((*edges.shape[:2], 1), REACH)
    edges = np.sort(np.clip(np.concatenate([-ends, edges, ends], axis=-1), -REACH, REACH), axis=-1)
    half = 0.5 * np.diff(edges)[..., None]
    point = edges[..., :-1, None] + half * (1.0 + ACROSS_NODES)
    weights = half * ACROSS_WEIGHTS * density(point)
    survives, outside = np.zeros_like(point), np.zeros(point.shape, dtype=bool)
    for level, side in enumerate(law.side):
        survives += counts[level] * log_ndtr(-law.static_score(level, *columns.at(point)))
        outside |= side * (point - limits[..., level, None, None]) > 0.0
    static = -np.expm1(groups * survives)
    found = [
        np.sum(weights * one, axis=(-2, -1)) for one in (static, outside, np.where(outside, 1.0, static))
    ]
    by_reference = [REST_WEIGHTS @ one / REST_WEIGHTS.sum() for one in found]
    return np.asarray(np.minimum(np.stack(by_reference, axis=-1), 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Columns with each of `REFERENCES`, offset and drive turned by an angle.

    One variable, ``along``, then has all but the differences of the offset between levels; the rest of both
    is at `REST_NODES`. Arrays are (rest, references, ...).
    """

    law: ColumnLaw
    cosine: float
    sine: float
    shift_V: FloatArray

    @classmethod
    def of(cls, law: ColumnLaw) -> _Columns:
        offset, drive = float(np.mean(law.offset_sigma_V)), law.reference.drive_sigma_V
        angle = math.atan2(drive, offset)
        return cls(law, math.cos(angle), math.sin(angle), law.reference_shift_V(REFERENCES))

    def at(self, along: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Offset, shift of the reference [V] and drive of columns."""
        more = (1,) * (along.ndim - 2)
        rest = REST_NODES.reshape(-1, 1, *more)
        shift_V = self.shift_V.reshape(-1, *more)
        return self.cosine * along - self.sine * rest, shift_V, self.sine * along + self.cosine * rest

    def edges(self, level: int) -> FloatArray:
        """Where the cells of a level pass the threshold (rest, references, edges)."""
        law = self.law
        along_V = law.offset_sigma_V[level] * self.cosine + law.reference.drive_sigma_V * self.sine
        spread = law.level_sigma_V[level] / max(along_V, 1e-12)
        return np.asarray(self.first(level, 1.0)[..., None] + spread * np.array(EDGES))

    def first(self, level: int, allowed: float) -> FloatArray:
        """Where a level begins to fail: noise turns more than the allowed part, or its mean is wrong."""
        side = float(self.law.side[level])

        def fails(away: FloatArray) -> NDArray[np.bool_]:
            columns = self.at(side * away)
            wrong = self.law.static_score(level, *columns) > 0.0
            return wrong if allowed >= 1.0 else wrong | (self.law.temporal(level, *columns) > allowed)

        return np.asarray(side * _bisected(fails, (REST_NODES.size, REFERENCES.size)))


def _bisected(fails: Callable[[FloatArray], NDArray[np.bool_]], shape: tuple[int, ...]) -> FloatArray:
    """Where failure begins, within the reach; its nearer end where it never or always does."""
    low, high = np.full(shape, -REACH), np.full(shape, REACH)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        failing = fails(middle)
        low, high = np.where(failing, low, middle), np.where(failing, middle, high)
    return np.asarray(0.5 * (low + high))
