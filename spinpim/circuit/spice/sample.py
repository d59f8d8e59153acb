"""How one column differs from the nominal one: literal numbers, a function of (seed, sample, cause)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import seed_address, whole
from spinpim.circuit.cell import Cell
from spinpim.circuit.levels import relative_sigmas
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.transistor import threshold_sigma_V

LARGEST_SAMPLE = 2**63 - 1
COLUMNS = 0xC01
"""Keeps these streams apart from others with the same seed."""
CAUSES = ("resistance", "magnetoresistance", "access", "drive", "reference", "amplifier")
"""Each has a stream of its own, so that a further number in one changes no other."""


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """One column of the population.

    Attributes
    ----------
    relative_resistance, relative_magnetoresistance : tuple of float
        R_P and TMR of each cell over the nominal ones [1].
    access_threshold_V : tuple of float
        How much higher the threshold of each read transistor is [V].
    relative_drive : float
        Read current of this column over that of the reference columns [1].
    reference_deviate : float
        Reference in its own standard deviations [1].
    amplifier_threshold_V : tuple of (float, float)
        Threshold shift of both transistors of each pair of the amplifier [V], in the order of
        ``SenseAmp.pairs``; the first one, when positive, raises the offset.
    """

    relative_resistance: tuple[float, ...]
    relative_magnetoresistance: tuple[float, ...]
    access_threshold_V: tuple[float, ...]
    relative_drive: float
    reference_deviate: float
    amplifier_threshold_V: tuple[tuple[float, float], ...]


def nominal_column(amplifier: SenseAmp, rows: int) -> ColumnSample:
    """Column without any spread."""
    return ColumnSample(
        relative_resistance=(1.0,) * rows,
        relative_magnetoresistance=(1.0,) * rows,
        access_threshold_V=(0.0,) * rows,
        relative_drive=1.0,
        reference_deviate=0.0,
        amplifier_threshold_V=((0.0, 0.0),) * len(amplifier.pairs),
    )


def draw_column(cell: Cell, amplifier: SenseAmp, rows: int, *, seed: int, sample: int) -> ColumnSample:
    """Column number ``sample`` of a population; the same numbers in whatever order columns are drawn.

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        What spreads, and how much.
    rows : int
        Cells in parallel.
    seed, sample : int
        Address of the numbers, from 0.

    Returns
    -------
    ColumnSample
        Normal deviates of relative resistance, relative magnetoresistance, thresholds and read current.

    Raises
    ------
    InputError
        If seed or sample is no whole number from 0.

    Notes
    -----
    A longer pattern keeps the cells of a shorter one.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> amplifier = SenseAmp.load("strongarm_45nm")
    >>> two = draw_column(cell, amplifier, 2, seed=1, sample=7)
    >>> two.relative_resistance == draw_column(cell, amplifier, 3, seed=1, sample=7).relative_resistance[:2]
    True
    """
    address = (seed_address(seed), COLUMNS, whole("sample", sample, 0, LARGEST_SAMPLE))

    def normals(cause: str, count: int) -> NDArray[np.float64]:
        generator = np.random.Generator(
            np.random.Philox(np.random.SeedSequence((*address, CAUSES.index(cause))))
        )
        return generator.standard_normal(count)

    resistance, magnetoresistance = relative_sigmas(cell.device)
    access = cell.read_transistor.threshold_sigma_V * normals("access", rows)
    pairs = normals("amplifier", 2 * len(amplifier.pairs)).reshape(-1, 2)
    sizes = [pair_sigma_V(amplifier, number) for number in range(len(amplifier.pairs))]
    return ColumnSample(
        relative_resistance=_around_one(resistance, normals("resistance", rows)),
        relative_magnetoresistance=_around_one(magnetoresistance, normals("magnetoresistance", rows)),
        access_threshold_V=tuple(access.tolist()),
        relative_drive=_around_one(cell.read_current_sigma, normals("drive", 1))[0],
        reference_deviate=float(normals("reference", 1)[0]),
        amplifier_threshold_V=tuple(
            (size * float(first), size * float(second))
            for size, (first, second) in zip(sizes, pairs, strict=True)
        ),
    )


def pair_sigma_V(amplifier: SenseAmp, number: int) -> float:
    """Standard deviation of the threshold of ONE transistor of a pair, at the amplifier's size [V]."""
    pair = amplifier.pairs[number]
    return threshold_sigma_V(amplifier.matching_V_m, pair.width_m * amplifier.area_scale, pair.length_m)


def offset_V(amplifier: SenseAmp, sample: ColumnSample, common_mode_V: float, temperature_K: float) -> float:
    r"""Input offset of a column's amplifier [V]: linear in its threshold shifts.

    .. math:: V_{os} = s \sum_i w_i (\Delta V_{i,1} - \Delta V_{i,2})

    with the s that gives `SenseAmp.offset_sigma_V` at this common mode and temperature.
    """
    weighted, variance = 0.0, 0.0
    for number, (pair, (first, second)) in enumerate(
        zip(amplifier.pairs, sample.amplifier_threshold_V, strict=True)
    ):
        weighted += pair.weight * (first - second)
        variance += 2.0 * (pair.weight * pair_sigma_V(amplifier, number)) ** 2
    if variance == 0.0:
        return 0.0
    return weighted * amplifier.offset_sigma_V(common_mode_V, temperature_K) / math.sqrt(variance)


def _around_one(sigma: float, normals: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple((1.0 + sigma * normals).tolist())
