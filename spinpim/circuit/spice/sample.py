"""How one column differs from the nominal one: literal numbers, a function of (seed, sample, cause)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import instance, seed_address, whole
from spinpim.circuit.cell import Cell
from spinpim.circuit.levels import relative_sigmas
from spinpim.circuit.operations import MOST_ROWS
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_netlists import matched_sigmas_V

LARGEST_SAMPLE = 2**63 - 1
COLUMNS = 0xC01
"""Keeps these streams apart from others with the same seed."""
CAUSES = (
    "resistance",
    "magnetoresistance",
    "access",
    "drive",
    "reference",
    "offset",
    "amplifier",
    "clamp",
    "load",
)
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
    offset_deviate : float
        Offset of an amplifier that follows its law, in its standard deviations [1]; a positive one asks for
        a higher level. That of transistors is in `draw_threshold_shifts_V`.
    clamp_deviate, load_deviate : float
        Held voltage and load of a clamp that follows its law, in their standard deviations [1].
    """

    relative_resistance: tuple[float, ...]
    relative_magnetoresistance: tuple[float, ...]
    access_threshold_V: tuple[float, ...]
    relative_drive: float
    reference_deviate: float
    offset_deviate: float
    clamp_deviate: float = 0.0
    load_deviate: float = 0.0


def nominal_column(rows: int) -> ColumnSample:
    """Column without any spread."""
    return ColumnSample(
        relative_resistance=(1.0,) * rows,
        relative_magnetoresistance=(1.0,) * rows,
        access_threshold_V=(0.0,) * rows,
        relative_drive=1.0,
        reference_deviate=0.0,
        offset_deviate=0.0,
    )


def draw_column(cell: Cell, rows: int, *, seed: int, sample: int) -> ColumnSample:
    """Column number ``sample`` of a population; the same numbers in whatever order columns are drawn.

    Parameters
    ----------
    cell : Cell
        What spreads, and how much.
    rows : int
        Cells in parallel.
    seed, sample : int
        Address of the numbers, from 0.

    Returns
    -------
    ColumnSample
        Log-normal resistance and magnetoresistance: that of a barrier is the exponential of its thickness.
        Normal thresholds and read current.

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
    >>> two = draw_column(cell, 2, seed=1, sample=7)
    >>> two.relative_resistance == draw_column(cell, 3, seed=1, sample=7).relative_resistance[:2]
    True
    """
    instance("cell", cell, Cell, "Cell.load(...)")
    whole("rows", rows, 1, MOST_ROWS)
    address = (seed_address(seed), COLUMNS, whole("sample", sample, 0, LARGEST_SAMPLE))

    def normals(cause: str, count: int) -> NDArray[np.float64]:
        return _normals((*address, CAUSES.index(cause)), count)

    resistance, magnetoresistance = relative_sigmas(cell.device)
    access = cell.read_transistor.threshold_sigma_V * normals("access", rows)
    return ColumnSample(
        relative_resistance=_log_normal(resistance, normals("resistance", rows)),
        relative_magnetoresistance=_log_normal(magnetoresistance, normals("magnetoresistance", rows)),
        access_threshold_V=tuple(access.tolist()),
        relative_drive=1.0 + cell.read_current_sigma * float(normals("drive", 1)[0]),
        reference_deviate=float(normals("reference", 1)[0]),
        offset_deviate=float(normals("offset", 1)[0]),
        clamp_deviate=float(normals("clamp", 1)[0]),
        load_deviate=float(normals("load", 1)[0]),
    )


def draw_threshold_shifts_V(amplifier: SenseAmp, *, seed: int, sample: int) -> dict[str, float]:
    r"""Threshold shifts of the amplifier of column ``sample``, by transistor name.

    .. math:: \sigma = A_{VT}/\sqrt{2 W L}

    Parameters
    ----------
    amplifier : SenseAmp
        Its matched pairs, at their drawn size.
    seed, sample : int
        Address of the numbers, as in `draw_column`.

    Returns
    -------
    dict of str to float
        Rise of the threshold magnitude of every transistor of a matched pair, and of clamp and mirror [V].

    Raises
    ------
    InputError
        If seed or sample is no whole number from 0.

    Notes
    -----
    Each transistor has a stream of its own by its name.

    Examples
    --------
    >>> from spinpim.circuit import SenseAmp
    >>> amplifier = SenseAmp.load("strongarm_45nm")
    >>> sorted(draw_threshold_shifts_V(amplifier, seed=1, sample=7))[:2]
    ['cross_n_minus', 'cross_n_plus']

    References
    ----------
    M. J. M. Pelgrom et al., IEEE J. Solid-State Circuits 24, 1433 (1989), doi:10.1109/JSSC.1989.572629.
    """
    address = (seed_address(seed), COLUMNS, whole("sample", sample, 0, LARGEST_SAMPLE))
    cause = CAUSES.index("amplifier")
    return {
        name: sigma * float(_normals((*address, cause, zlib.crc32(name.encode())), 1)[0])
        for name, sigma in matched_sigmas_V(amplifier).items()
    }


def _normals(address: tuple[int, ...], count: int) -> NDArray[np.float64]:
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(address)))
    return generator.standard_normal(count)


def _log_normal(sigma: float, normals: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.exp(sigma * normals).tolist())
