"""Errors of given columns: what a column has for good is given, what its cells spread is integrated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from spinpim.circuit.cell_tail import DRIVES, LevelTail, reference_quantiles, tabulated, tail_scores
from spinpim.circuit.error_rates import turned
from spinpim.circuit.level_kernel import VARIABLES, Column, sensed_level, variables
from spinpim.circuit.reference import Reference
from spinpim.circuit.sensed_column import driven, level_slopes_V

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline

FloatArray = NDArray[np.float64]
DRIVE_REACH = 8.0
"""Standard deviations of the drive that are tabulated; more counts as a shift of the reference."""
MOST_DRIVEN = 0.5
"""Part of a drive or of a load by which a tabulated one is off at most [1]."""
LEAST_SPREAD = 1e-6
"""Spread of the cells over that of the column below which it counts as this much [1]."""
LEAST_SPREAD_V = 1e-12


@dataclass(frozen=True, eq=False)
class ColumnLaw:
    r"""Errors of columns whose amplifier offset z0, reference z1 and drive z2 are known.

    .. math::

        P_{static} = \Pr\big(\pm [V(\text{cells}, z_2) - V_{ref} - r(z_1) - z_0 \sigma_{os}] < 0\big)

    with the quantile r of the reference. Each level by its number of ones.

    Attributes
    ----------
    column : Column
        Cells and line, with the spread of their drives.
    reference : Reference
        As placed, less what a trim takes out.
    towards_zero : (2,) array
        Drives of a column whose z2 is one, in standard deviations.
    states : tuple of (cells,) arrays
        Cells of each level, 1 for an antiparallel one.
    side, offset_sigma_V, noise_sigma_V : (levels,) arrays
        +1 where the answer 1 is right, else -1; amplifier offset and noise of one access [V].

    Notes
    -----
    Tables are made at the first question and kept.
    """

    column: Column
    reference: Reference
    towards_zero: FloatArray
    states: tuple[FloatArray, ...]
    side: FloatArray
    offset_sigma_V: FloatArray
    noise_sigma_V: FloatArray

    def errors(self, normals: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Static and temporal errors (columns, levels) of columns with deviates (columns, 3) [1]."""
        offset, reference, drive = normals.T
        shift_V = self.reference_shift_V(reference)
        levels = range(len(self.states))
        scores = [self.static_score(level, offset, shift_V, drive) for level in levels]
        flips = [self.temporal(level, offset, shift_V, drive) for level in levels]
        return np.asarray(ndtr(np.stack(scores, axis=-1))), np.stack(flips, axis=-1)

    def static_score(
        self, level: int, offset: FloatArray, shift_V: FloatArray, drive: FloatArray
    ) -> FloatArray:
        """Normal score of the static error of a level.

        Deviates of offset and drive and the shift of the reference [V] broadcast against each other.
        """
        return self._score(self._tails[level], level, offset, shift_V, drive)[0]

    def temporal(self, level: int, offset: FloatArray, shift_V: FloatArray, drive: FloatArray) -> FloatArray:
        """Temporal error of a level, mean over its cells [1]; arguments as in `static_score`."""
        return turned(*self.noisy_score(level, offset, shift_V, drive), self.noise_sigma_V[level])

    def noisy_score(
        self, level: int, offset: FloatArray, shift_V: FloatArray, drive: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Score of an error at one access, and the change of the margin that changes it by one [V]."""
        score, slope = self._score(self._noisy_tails[level], level, offset, shift_V, drive)
        return score, 1.0 / slope

    def mean_errors(self, reference_normals: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Static and temporal errors (n, levels) at references (n,), mean over offset and drive [1]."""
        threshold = self.reference.voltage_V + self.reference_shift_V(reference_normals)
        found = []
        for tails in self._mean_tails:
            pairs = [tail_scores(tail, threshold, np.zeros_like(threshold)) for tail in tails]
            found.append(np.stack(pairs, axis=-1))
        (static, _), (noisy, slopes) = found
        return np.asarray(ndtr(self.side * static)), turned(
            self.side * noisy, 1.0 / slopes, self.noise_sigma_V
        )

    def reference_shift_V(self, normals: FloatArray) -> FloatArray:
        """Shift of the reference at its deviates z1 [V]."""
        quantile = self._reference_quantile
        if quantile is None:
            return self.reference.shared_sigma_V * normals
        inside = np.clip(normals, quantile.x[0], quantile.x[-1])
        return np.asarray(quantile(inside) + (normals - inside) * quantile(inside, 1))

    def _score(
        self, tail: LevelTail, level: int, offset: FloatArray, shift_V: FloatArray, drive: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Score, positive where failure is more likely than not, and the size of its slope [1/V]."""
        reach, _ = self._driven
        inside = np.clip(drive, -reach, reach)
        threshold = self.reference.voltage_V + shift_V + self.offset_sigma_V[level] * offset
        threshold = threshold + (drive - inside) * self.reference.drive_sigma_V
        score, slope = tail_scores(tail, *np.broadcast_arrays(threshold, inside / reach))
        return self.side[level] * score, slope

    @property
    def level_sigma_V(self) -> FloatArray:
        """First-order spread of each level by its cells, none of it below what is tabulated [V]."""
        spreads = [self._nominal(self._still, one)[1] for one in self.states]
        return np.asarray(np.hypot(self._least_V, spreads))

    @property
    def _still(self) -> Column:
        return driven(self.column)

    @property
    def _least_V(self) -> float:
        """Spread that cells without any count as [V]."""
        whole = math.hypot(float(np.mean(self.offset_sigma_V)), self.reference.sigma_V)
        return max(LEAST_SPREAD * whole, LEAST_SPREAD_V)

    @cached_property
    def _tails(self) -> list[LevelTail]:
        return [tabulated(self._driven[1], one, self._least_V) for one in self.states]

    @cached_property
    def _noisy_tails(self) -> list[LevelTail]:
        return [
            tabulated(self._driven[1], one, math.hypot(self._least_V, noise))
            for one, noise in zip(self.states, self.noise_sigma_V, strict=True)
        ]

    @cached_property
    def _mean_tails(self) -> list[list[LevelTail]]:
        return [
            [
                tabulated([self.column], one, math.hypot(self._least_V, offset, noise))
                for one, offset, noise in zip(self.states, self.offset_sigma_V, noises, strict=True)
            ]
            for noises in (0.0 * self.noise_sigma_V, self.noise_sigma_V)
        ]

    @cached_property
    def _driven(self) -> tuple[float, list[Column]]:
        """The column at the drives of a table, as far as its transistors carry them, and their reach."""
        if not np.any(self.towards_zero):
            return DRIVE_REACH, [self._still]
        relative = max(self.column.scale_sigma, self.column.load_sigma)
        reach = min(DRIVE_REACH, MOST_DRIVEN / relative) if relative > 0.0 else DRIVE_REACH
        while True:
            columns = [driven(self.column, reach * drive * self.towards_zero) for drive in DRIVES]
            if all(math.isfinite(self._nominal(one, cells)[0]) for one in columns for cells in self.states):
                return reach, columns
            reach *= 0.7

    @cached_property
    def _reference_quantile(self) -> CubicSpline | None:
        if not self.reference.mates.weights.size or self.reference.shared_sigma_V == 0.0:
            return None
        from scipy.interpolate import CubicSpline

        scores, raised_V = reference_quantiles(
            self.column, self.reference.mates, self.reference.shared_sigma_V
        )
        return CubicSpline(scores, raised_V) if scores.size > 1 else None

    @staticmethod
    def _nominal(column: Column, states: FloatArray) -> tuple[float, float]:
        """Level and its spread, to first order [V]."""
        normals, slopes = np.zeros((2, variables(column, states.size)))
        level = sensed_level(column, states, normals, slopes)[0]
        return float(level), float(np.linalg.norm(slopes))


def towards_zero(column: Column, neighbours: tuple[FloatArray, FloatArray], share: float) -> FloatArray:
    """Drives, in standard deviations, that lower a level at the reference the most for their size.

    Parameters
    ----------
    column : Column
        The column.
    neighbours : tuple of (cells,) arrays
        Cells of the levels below and above the reference.
    share : float
        Where it lies between them, as a part of the way from the lower one [1].

    Returns
    -------
    (2,) array
        Of length one, or zero where no drive spreads; read current, or clamp and load.
    """
    lower, upper = (level_slopes_V(column, cells)[VARIABLES * cells.size :] for cells in neighbours)
    slopes = (1.0 - share) * lower + share * upper
    steepest = float(np.linalg.norm(slopes))
    found = np.zeros(2)
    if steepest > 0.0:
        found[: slopes.size] = -slopes / steepest
    return found
