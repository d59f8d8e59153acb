"""Thermal rates of an axially symmetric macrospin: lowest eigenvalues of its Fokker-Planck operator."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import finite, state
from spinpim.device.density.axial_drive import axial_drives, basic_cells, extrapolate, unit_sign
from spinpim.device.density.axial_operator import axial_grid, lowest_rate, transition_rates
from spinpim.errors import InputError

Array = NDArray[np.float64]

RELATIVE_TOLERANCE = 1e-6
OTHER_WELL = 0.99
"""|m_z|, on the other side, at which a state counts as lost."""

GRID_LEVELS = (4, 6, 8)
"""Multiples of a quarter of the first grid whose logarithms are extrapolated to cells of no width."""

LARGEST_CELLS = 16_000
SPREAD, MOST_TURNS = 1e-11, 2000


def axial_escape_rate_per_s(
    row: ArrayLike,
    *,
    damping: float,
    initial_state: str,
    asymmetry: float = 0.0,
    reference_z: float = 1.0,
    relative_tolerance: float = RELATIVE_TOLERANCE,
) -> float:
    r"""Rate at which a state is lost under a constant drive, however small.

    Lowest eigenvalue of

    .. math:: \mathcal L\varphi = -D\,e^{-u}\,\partial_z\left[(1-z^2)\,e^{u}\,\partial_z\varphi\right]

    with :math:`\varphi = 0` at m_z = -0.99 on the other side: the decay rate of what has not yet been in the
    other well. It is the inverse of the mean first passage there, from the quasi-stationary law.

    Parameters
    ----------
    row : (15,) array
        Drive row [T], as in `spinpim.device.density.fokker_planck_axial.axial_failure_probability`.
    damping : float
        Gilbert damping [1], > 0.
    initial_state : str
        "P" (m along the reference) or "AP".
    asymmetry, reference_z : float
        chi of the STT [1], and direction of the reference layer, +1 or -1.
    relative_tolerance : float
        Largest accepted relative error [1].

    Returns
    -------
    float
        Rate [1/s]; 0 where it is below 1e-290.

    Raises
    ------
    InputError
        If the row is not symmetric about z or the tolerance is not reached.

    Notes
    -----
    Macrospin: nucleation in wide junctions is faster. Without a barrier it is still the decay rate of what
    has not arrived, not the inverse of a switching time.

    Examples
    --------
    >>> row = [0, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, 0, 0, 0, 0, 0.002]
    >>> f"{axial_escape_rate_per_s(row, damping=0.03, initial_state='P'):.3e}"
    '7.957e-13'

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677.
    """
    drive = axial_drives(np.atleast_2d(np.asarray(row, dtype=np.float64)), damping, asymmetry, reference_z)[0]
    # Mirrored so that the well is the lower one, where the grid begins.
    side = unit_sign(reference_z) * (1.0 if state("initial_state", initial_state) == "P" else -1.0)
    drive = drive * np.array([1.0, -side, 1.0, 1.0, 1.0])
    return _rate(drive, -side * reference_z * asymmetry, _escape, relative_tolerance)


def axial_relaxation_rate_per_s(
    row: ArrayLike,
    *,
    damping: float,
    asymmetry: float = 0.0,
    reference_z: float = 1.0,
    relative_tolerance: float = RELATIVE_TOLERANCE,
) -> float:
    """Slowest rate at which any distribution of m_z comes to its steady law under a constant drive [1/s].

    With two wells it is the sum of the two escape rates; where the drive leaves one it is the rate at which
    the last trials switch, the slope of ln(write error rate) over time. Arguments, errors and limits as in
    `axial_escape_rate_per_s`.

    Examples
    --------
    >>> row = [0, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, 0, 0, 0, 0, 0.002]
    >>> escape = axial_escape_rate_per_s(row, damping=0.03, initial_state="P")
    >>> bool(abs(axial_relaxation_rate_per_s(row, damping=0.03) / escape - 2.0) < 1e-6)
    True
    """
    drive = axial_drives(np.atleast_2d(np.asarray(row, dtype=np.float64)), damping, asymmetry, reference_z)[0]
    return _rate(drive, asymmetry * reference_z, _relaxation, relative_tolerance)


def _rate(
    drive: Array,
    asymmetry: float,
    on_grid: Callable[[Array, float, int], tuple[float, float]],
    tolerance: float,
) -> float:
    """Refine the grid until the extrapolated logarithm of the rate stands still."""
    finite("relative_tolerance", tolerance, above=0.0)
    quarter = basic_cells(drive[None, :])
    while True:
        found = [on_grid(drive, asymmetry, level * quarter) for level in GRID_LEVELS]
        rates, fineness = [pair[0] for pair in found], [pair[1] for pair in found]
        if min(rates) <= 0.0:
            return 0.0
        log_rate, error = extrapolate([math.log(rate) for rate in rates], fineness, 2)
        if error <= tolerance:
            return math.exp(log_rate)
        quarter *= 2
        if not GRID_LEVELS[-1] * quarter <= LARGEST_CELLS:
            raise InputError(
                f"The rate is known to {error:.2g} of itself, not to the asked relative_tolerance of "
                f"{tolerance:g}; ask for less."
            )


def _escape(drive: Array, asymmetry: float, cells: int) -> tuple[float, float]:
    """Rate out of the lower well on a grid whose next centre is the absorbing one, and its fineness."""
    width = (math.pi - math.acos(OTHER_WELL)) / (cells + 0.5)
    right, left = _chain(drive, asymmetry, cells, width)
    loss = np.zeros(cells)
    loss[-1], right[-1] = right[-1], 0.0
    return float(lowest_rate(loss, right, left, SPREAD, MOST_TURNS)[0]), cells + 0.5


def _relaxation(drive: Array, asymmetry: float, cells: int) -> tuple[float, float]:
    """Lowest rate but zero on the whole sphere, and the fineness of the grid.

    The differences of an eigenvector between neighbours obey a chain on the faces that steps the other way
    round and is lost at the poles. It has the same eigenvalues but for the zero, and its lowest eigenvector
    has one sign, so that nothing cancels.
    """
    right, left = _chain(drive, asymmetry, cells, None)
    upwards, loss = left[1:cells].copy(), np.zeros(cells - 1)
    loss[0] = right[0]
    loss[-1] += upwards[-1]
    upwards[-1] = 0.0
    return float(lowest_rate(loss, upwards, right[:-1].copy(), SPREAD, MOST_TURNS)[0]), float(cells)


def _chain(drive: Array, asymmetry: float, cells: int, width: float | None) -> tuple[Array, Array]:
    right, left = np.empty(cells), np.empty(cells + 1)
    transition_rates(drive, asymmetry, *axial_grid(cells, width), right, left)
    return right, left
