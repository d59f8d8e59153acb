"""Which columns and chips sense rightly: yields, and errors behind a code that corrects one bit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from spinpim.checks import finite, whole
from spinpim.circuit.error_rates import static_error, temporal_error
from spinpim.circuit.high_sigma.yields import (
    MOST,
    chip_failure,
    error_after_mixed_correction,
    failure_of_any,
)
from spinpim.circuit.operations import find_operation
from spinpim.circuit.sensing_result import Sensing
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
REACH = 12.0
"""Standard deviations of column and reference that are integrated; 4e-33 lies beyond."""
EDGES = (-10.0, -5.0, 0.0, 5.0, 10.0)
"""Ends of panels about a level, in spreads of its cells; beyond them all cells of a column agree."""
ACROSS_NODES, ACROSS_WEIGHTS = np.polynomial.legendre.leggauss(40)
REFERENCE_NODES, REFERENCE_WEIGHTS = np.polynomial.legendre.leggauss(96)
REST_NODES, REST_WEIGHTS = np.polynomial.hermite_e.hermegauss(8)
"""Of what is left of offset and drive once the larger part of both is taken out: all but constant."""
LEAST_SPREAD = 1e-6
"""Spread of the cells over that of the column below which it counts as this much [1]."""


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


@dataclass(frozen=True, slots=True)
class CodedSensing:
    """Errors of words, each bit from a column of its own, all with the same reference.

    Static and temporal errors are means over equally likely patterns.

    Attributes
    ----------
    bits : int
        Bits of a word, check bits included.
    words_wrong, error_uncoded : float
        Without a code: words with a bit that is wrong for good; errors per access by noise [1].
    words_lost, words_spent : float
        Behind the code: words with two or more bits wrong for good, and with one, which uses it up [1].
    error_clean, error_spent : float
        Errors per access by noise that it leaves, in words without a wrong bit and in spent ones [1].
    """

    bits: int
    words_wrong: float
    error_uncoded: float
    words_lost: float
    words_spent: float
    error_clean: float
    error_spent: float


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
    column = _column(sensing)
    needed, spare = whole("columns", columns, 1, MOST), whole("spare_columns", spare_columns, 0, MOST)
    groups = whole("groups_per_column", groups_per_column, 1, MOST)
    allowed = finite("highest_error_rate", highest_error_rate, above=0.0)
    if not allowed < 1.0:
        raise InputError(f"highest_error_rate must be below 1; instead received {highest_error_rate}.")
    weights = REACH * REFERENCE_WEIGHTS * _density(REACH * REFERENCE_NODES)
    by_reference = np.minimum(_column_failures(column, groups, allowed), 1.0)
    beyond_trim = np.array([sensing.untrimmable, 0.0, sensing.untrimmable])
    by_reference += (1.0 - by_reference) * beyond_trim
    means = weights @ by_reference
    chips = weights @ chip_failure(by_reference, needed, spare)
    return SensingYield(
        needed,
        spare,
        groups,
        allowed,
        *(min(1.0, float(value)) for value in means),
        *(min(1.0, float(value)) for value in chips),
    )


def coded_sensing(sensing: Sensing, bits: int) -> CodedSensing:
    r"""Errors of words of n bits, and what a code that corrects one bit leaves of them.

    .. math:: E_{z_1}\left[f(s(z_1), t(z_1))\right], \qquad s = E_{z_0, z_2}[P_{static}],\
              t = E_{z_0, z_2}[P_{temporal}]

    Parameters
    ----------
    sensing : Sensing
        From `sense`.
    bits : int
        Bits of a word, check bits included, >= 3; each is sensed by a column of its own.

    Returns
    -------
    CodedSensing

    Raises
    ------
    InputError
        If the number of bits is out of range, or the operation has several references.

    Notes
    -----
    What is wrong for good and what noise turns count as independent from bit to bit of a chip.

    Examples
    --------
    >>> from spinpim.circuit import Cell, SenseAmp, sense
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> coded = coded_sensing(sense(cell, SenseAmp.load("strongarm_45nm")), 72)
    >>> coded.words_lost < coded.words_wrong, coded.error_clean < coded.error_uncoded
    (True, True)
    """
    column = _column(sensing)
    n = whole("bits", bits, 3, MOST)
    reference = REACH * REFERENCE_NODES
    weights = REACH * REFERENCE_WEIGHTS * _density(reference)
    left = column.margin_V - column.side * reference[:, None] * column.reference_V
    spread = np.sqrt(column.cells_V**2 + column.offset_V**2 + column.drive_V**2)
    count = column.times / column.times.sum()
    static = static_error(left, spread) @ count
    temporal = temporal_error(left, spread, column.noise_V) @ count
    coded = error_after_mixed_correction(static, temporal, n)
    found = (
        failure_of_any(static, n),
        failure_of_any(temporal, n),
        coded.words_lost,
        coded.words_spent,
        coded.error_clean,
        coded.error_spent,
    )
    return CodedSensing(n, *(float(weights @ values) for values in found))


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """The different levels of a sensing as arrays, each standing for so many patterns."""

    margin_V: FloatArray
    side: FloatArray
    offset_V: FloatArray
    cells_V: FloatArray
    noise_V: FloatArray
    times: FloatArray
    reference_V: float
    drive_V: float


def _column(sensing: Sensing) -> _Column:
    if not isinstance(sensing, Sensing):
        raise InputError(f"sensing must come from sense(...); instead received {type(sensing).__name__}.")
    if sensing.parts:
        raise InputError(
            f"{sensing.operation} has {len(sensing.parts)} references and amplifiers; ask for each of its "
            "parts."
        )
    asked = find_operation(sensing.operation, sensing.rows)
    threshold = asked.thresholds[0]
    ones = [pattern.count("1") for pattern in sensing.patterns]
    different = sorted(set(ones))
    chosen = [sensing.patterns[ones.index(count)] for count in different]

    def of(values: dict[str, float]) -> FloatArray:
        return np.array([values[pattern] for pattern in chosen])

    return _Column(
        margin_V=of(sensing.effective_margins_V),
        side=np.where(np.array(different) >= threshold, 1.0, -1.0),
        offset_V=of(sensing.offset_sigma_V),
        cells_V=of(sensing.effective_level_sigma_V),
        noise_V=of(sensing.noise_sigma_V),
        times=np.array([float(ones.count(count)) for count in different]),
        reference_V=sensing.reference_sigma_V,
        drive_V=sensing.drive_sigma_V,
    )


def _column_failures(column: _Column, groups: int, allowed: float) -> FloatArray:
    """Static, temporal and either failure of a column by reference (references, 3).

    Offset and drive, turned by the angle at which one variable has all but the differences of the offset
    between levels, are integrated in panels whose ends lie where levels and limits are passed.
    """
    offset = float(np.mean(column.offset_V))
    whole_V = math.hypot(offset, column.drive_V) or 1e-12
    cosine, sine = offset / whole_V, column.drive_V / whole_V
    along = np.maximum(column.offset_V * cosine + column.drive_V * sine, 1e-12)
    rest = -column.offset_V * sine + column.drive_V * cosine
    shift = REACH * REFERENCE_NODES[:, None] * column.reference_V + REST_NODES[:, None, None] * rest
    # (rest, references, levels): where the middle of the cells of a level is passed, and the limit of noise.
    passed = column.side * column.margin_V - shift
    limit = column.side * (column.margin_V - _least_margin_V(column, allowed)) - shift
    spread = np.maximum(column.cells_V, LEAST_SPREAD * along) / along
    passed, limit = passed / along, limit / along
    edges = (passed[..., None] + spread[:, None] * np.array(EDGES)).reshape(*passed.shape[:2], -1)
    ends = np.full((*passed.shape[:2], 1), REACH)
    edges = np.sort(np.clip(np.concatenate([-ends, edges, limit, ends], axis=-1), -REACH, REACH), axis=-1)
    half = 0.5 * np.diff(edges)[..., None]
    point = edges[..., :-1, None] + half * (1.0 + ACROSS_NODES)
    density = half * ACROSS_WEIGHTS * _density(point)
    survives, outside = np.zeros_like(point), np.zeros(point.shape, dtype=bool)
    for level, side in enumerate(column.side):
        centre = passed[..., level, None, None]
        wrong = ndtr(-side * (centre - point) / spread[level])
        with np.errstate(divide="ignore"):
            survives += column.times[level] * np.log1p(-wrong)
        outside |= side * (limit[..., level, None, None] - point) < 0.0
    static = -np.expm1(groups * survives)
    found = [
        np.sum(density * one, axis=(-2, -1)) for one in (static, outside, np.where(outside, 1.0, static))
    ]
    return np.stack([REST_WEIGHTS @ one / REST_WEIGHTS.sum() for one in found], axis=-1)


def _least_margin_V(column: _Column, allowed: float) -> FloatArray:
    """Margin of a column at which noise turns the allowed part of the answers, the cells averaged over [V].

    By bisection: the error falls with the margin from that of a margin of zero.
    """
    low = np.zeros_like(column.margin_V)
    high = 40.0 * np.hypot(column.cells_V, column.noise_V) + 1e-12
    for _ in range(60):
        middle = 0.5 * (low + high)
        above = temporal_error(middle, column.cells_V, column.noise_V) > allowed
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return 0.5 * (low + high)


def _density(deviate: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * deviate**2) / math.sqrt(2.0 * math.pi))
