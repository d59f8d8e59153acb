"""A failure of one margin or of any of several, as a function of the variables that are sampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from spinpim.circuit.high_sigma.conditioning import hazard
from spinpim.circuit.high_sigma.limit_state import LimitState

FloatArray = NDArray[np.float64]
RARE = -20.0
"""Logarithm of a probability below which 1 - (1 - p)(1 - q) is p + q to rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """At least one of several limit states is below zero; their Gaussian variables are independent.

    Attributes
    ----------
    states : tuple of LimitState
        Limit states of the same variables z, each with its own Gaussian variable or none.
    conditional : bool
        Whether the Gaussian variables are integrated out, so that points are z; else points are
        (z, g1, g2, ...) with a Gaussian variable for each state that has one.
    """

    states: tuple[LimitState, ...]
    conditional: bool

    @property
    def dimension(self) -> int:
        """Number of variables z."""
        return self.states[0].dimension

    @property
    def gaussians(self) -> int:
        """Number of Gaussian variables."""
        return sum(state.gaussian_sigma > 0.0 for state in self.states)

    @property
    def size(self) -> int:
        """Number of sampled variables."""
        return self.dimension + (0 if self.conditional else self.gaussians)

    def columns(self, which: int) -> NDArray[np.intp]:
        """Place of the variables u of one state among (z, g1, g2, ...)."""
        own = list(range(self.dimension))
        if self.states[which].gaussian_sigma > 0.0:
            own.append(self.dimension + sum(state.gaussian_sigma > 0.0 for state in self.states[:which]))
        return np.array(own)

    def log_failure(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Logarithm of the failure probability at points (n, size), and the distances m/sigma (states, n)."""
        if not self.conditional:
            values = [state.value(points[:, self.columns(i)]) for i, state in enumerate(self.states)]
            fails = np.any(np.array(values) < 0.0, axis=0)
            return np.where(fails, 0.0, -np.inf), np.zeros((0, len(points)))
        t = np.array([state.margin_at(points) / state.gaussian_sigma for state in self.states])
        return _log_any(t), t

    def moments(self, points: FloatArray, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Means over the failures at each point of all variables and of their squares."""
        if not self.conditional:
            return points, points**2
        # Where all others pass, the failure of state i has E[g] = -h(t) and E[g^2] = 1 + t h(t).
        share = self._decided_by(t)
        first = np.column_stack([points, *(-share * hazard(t))])
        return first, np.column_stack([points**2, *(1.0 + share * t * hazard(t))])

    def _decided_by(self, t: FloatArray) -> FloatArray:
        """Part of the failures at each point that each state alone decides (states, n)."""
        passes = log_ndtr(t)
        return np.asarray(np.exp(log_ndtr(-t) + np.sum(passes, axis=0) - passes - _log_any(t)))


def _log_any(t: FloatArray) -> FloatArray:
    """Logarithm of the probability that any of some independent variables lies beyond its t (states, n)."""
    each = log_ndtr(-t)
    if len(t) == 1:
        return np.asarray(each[0])
    total = np.logaddexp.reduce(each, axis=0)
    either = np.log(-np.expm1(np.minimum(np.sum(log_ndtr(t), axis=0), -1e-300)))
    return np.asarray(np.where(total < RARE, total, either))


def event_of(states: Sequence[LimitState], conditional: bool) -> Event:
    """Event of some limit states; without a Gaussian variable in each of them nothing is integrated out."""
    every = all(state.gaussian_sigma > 0.0 for state in states)
    return Event(tuple(states), conditional and every)
