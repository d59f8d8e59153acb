"""Which columns and chips sense rightly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from spinpim.checks import finite, whole
from spinpim.circuit.failing_columns import REACH, REFERENCES, column_failures, density, pattern_counts
from spinpim.circuit.high_sigma.yields import MOST, chip_failure
from spinpim.circuit.sensing_result import Sensing, single_law
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
FINE_REFERENCES, FINE_STEP = np.linspace(-REACH, REACH, 4801, retstep=True)
FINE_WEIGHTS = FINE_STEP * density(FINE_REFERENCES)
LEAST, MOST_SURE = 1e-300, 1e-16
"""Ends of the probabilities that are interpolated, by their normal scores."""


@dataclass(frozen=True, slots=True)
class SensingYield:
    """How many columns and chips sense rightly.

    Attributes
    ----------
    columns, spare_columns, groups_per_column : int
        Columns that a chip needs, further ones that may replace them, groups of cells read in one column.
    highest_error_rate : float
        Temporal error rate that is allowed [1].
    column_failure_static : float
        Probability that a column has a group of cells that reads a pattern wrongly for good, or lies beyond
        the range of its trim [1].
    column_failure_temporal : float
        Probability that in a column noise turns more than the allowed part of the accesses, for its worst
        pattern and the mean over its cells, or that the mean of its cells reads wrongly for good [1].
    column_failure : float
        Probability of either [1].
    chip_failure_static, chip_failure_temporal, chip_failure : float
        Probability that more columns than the spare ones fail so [1]; all share one reference.
    """

    columns: int
    spare_columns: int
    groups_per_column: int
    highest_error_rate: float
    column_failure_static: float
    column_failure_temporal: float
    column_failure: float
    chip_failure_static: float
    chip_failure_temporal: float
    chip_failure: float

    @property
    def column_yield(self) -> float:
        """Probability that a column fails in neither way [1]."""
        return 1.0 - self.column_failure

    @property
    def chip_yield(self) -> float:
        """Probability that a chip works [1]."""
        return 1.0 - self.chip_failure


def sensing_yield(
    sensing: Sensing,
    *,
    columns: int,
    groups_per_column: int,
    highest_error_rate: float,
    spare_columns: int = 0,
) -> SensingYield:
    r"""Yield of columns and chips, exact for the model of `Sensing.column_errors`.

    .. math::

        P_{column}(z_1) = E_{z_0, z_2}\Big[1 - \prod_p (1 - P_p(z))^N\Big], \qquad
        P_{chip} = E_{z_1}\left[I_{P_{column}(z_1)}(r + 1, n)\right]

    with amplifier offset z0 and drive z2 of each column, the reference z1 of the chip, N groups of cells, r
    spare columns and n columns needed.

    Parameters
    ----------
    sensing : Sensing
        From `sense`.
    columns, groups_per_column, spare_columns : int
        Columns of a chip; groups of cells that are read in one column (for two rows, pairs of rows); further
        columns that may replace failing ones.
    highest_error_rate : float
        Temporal error rate that a column may have [1], above 0 and below 1.

    Returns
    -------
    SensingYield

    Raises
    ------
    InputError
        If an argument is out of range, or the operation has several references.

    Notes
    -----
    A group fails if it reads any pattern wrongly; its patterns, and the groups of a column, spread
    independently, which for groups with common cells is an upper bound of the failure. Columns share the
    reference and so fail together more often than independent ones of the same mean.

    Examples
    --------
    >>> from spinpim.circuit import Cell, SenseAmp, sense
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> sensing = sense(cell, SenseAmp.load("strongarm_45nm"))
    >>> found = sensing_yield(sensing, columns=128, groups_per_column=128, highest_error_rate=1e-6)
    >>> 0.0 < found.column_failure_static < found.chip_failure_static < 1e-2
    True
    """
    law = single_law(sensing)
    needed, spare = whole("columns", columns, 1, MOST), whole("spare_columns", spare_columns, 0, MOST)
    groups = whole("groups_per_column", groups_per_column, 1, MOST)
    allowed = finite("highest_error_rate", highest_error_rate, above=0.0)
    if not allowed < 1.0:
        raise InputError(f"highest_error_rate must be below 1; instead received {highest_error_rate}.")
    at_nodes = column_failures(law, pattern_counts(sensing), groups, allowed)
    by_reference = _between(at_nodes)
    beyond_trim = np.array([sensing.untrimmable, 0.0, sensing.untrimmable])
    by_reference += (1.0 - by_reference) * beyond_trim
    means = FINE_WEIGHTS @ by_reference
    chips = FINE_WEIGHTS @ chip_failure(by_reference, needed, spare)
    return SensingYield(
        needed,
        spare,
        groups,
        allowed,
        *(min(1.0, float(value)) for value in means),
        *(min(1.0, float(value)) for value in chips),
    )


def _between(at_nodes: FloatArray) -> FloatArray:
    """Probabilities at `FINE_REFERENCES`, where chips of many columns turn from right to wrong."""
    from scipy.interpolate import CubicSpline

    scores = ndtri(np.clip(at_nodes, LEAST, 1.0 - MOST_SURE))
    return np.asarray(ndtr(CubicSpline(REFERENCES, scores)(FINE_REFERENCES)))
