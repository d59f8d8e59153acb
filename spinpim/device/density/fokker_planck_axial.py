"""Failure probability of a write by the Fokker-Planck equation, where everything is symmetric about z."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import finite, state, whole
from spinpim.device.density.axial_drive import (
    STEPS_TO_SHARE,
    Stretch,
    axial_drives,
    basic_cells,
    checked_path,
    extrapolate,
    straight_stretches,
    time_mesh,
    unit_sign,
)
from spinpim.device.density.axial_operator import axial_grid, propagate
from spinpim.errors import InputError

Array = NDArray[np.float64]

RELATIVE_TOLERANCE = 1e-3

TIME_LEVELS = (1, 2, 3, 4, 5)
"""Multiples of the basic number of steps whose results are extrapolated to steps of no length."""

GRID_LEVELS = (2, 3, 4)
"""Multiples of the basic number of cells, likewise."""

LARGEST_WORK = 2_000_000
"""Product of both basic numbers, about four seconds."""


@dataclass(frozen=True, slots=True)
class FailureProbability:
    """A failure probability with the relative accuracy that its discretisation reached.

    Attributes
    ----------
    value, log_value : float
        Probability [1] and its natural logarithm; below 1e-308 only the logarithm is not 0.
    relative_error : float
        Change of the extrapolated value when the finest time and space levels are left out [1].
    cells, steps : int
        Of the finest run.
    """

    value: float
    log_value: float
    relative_error: float
    cells: int
    steps: int


def axial_failure_probability(
    time_s: ArrayLike,
    rows: ArrayLike,
    *,
    rest_row: ArrayLike,
    damping: float,
    target: str,
    asymmetry: float = 0.0,
    reference_z: float = 1.0,
    relative_tolerance: float = RELATIVE_TOLERANCE,
) -> FailureProbability:
    r"""Probability that m ends on the wrong side of the film plane, at any depth.

    Everything is symmetric about z, so that the density p(z, t) of :math:`z = m_z` obeys

    .. math::

        \partial_t p = -\partial_z\left[(1-z^2)\left(\gamma' f\,p - D\,\partial_z p\right)\right], \quad
        f = \alpha\left[b_z + (C_{zz}-C_{xx}) z + q z (1-z^2)\right] + d_z + \frac{s p_z}{1+\chi p_z z}

    with :math:`\gamma' = \gamma/(1+\alpha^2)` and :math:`D = \alpha\gamma' b_T`.

    Parameters
    ----------
    time_s : (n,) array
        Times of the drive rows [s], never decreasing; two equal times make a step.
    rows : (n, 15) array
        Drive rows [T], linear between them: field x y z; stiffness xx yy zz xy xz yz; second-order
        anisotropy; SOT x y z; STT; thermal weight k_B T / (M_s V).
    rest_row : (15,) array
        Row without drive: the start is its exact Boltzmann law in the well opposite to the target, down to
        the saddle where that lies above the film plane.
    damping : float
        Gilbert damping [1], > 0.
    target : str
        "P" (m along the reference) or "AP": what is meant to be written.
    asymmetry : float
        chi of the STT [1], between -1 and 1.
    reference_z : float
        +1 or -1, direction of the reference layer.
    relative_tolerance : float
        Largest accepted relative error [1].

    Returns
    -------
    FailureProbability

    Raises
    ------
    InputError
        If a row is not symmetric about z, the starting well does not exist, or the tolerance is not reached.

    Notes
    -----
    Implicit Euler steps on Scharfetter-Gummel cells, both extrapolated on the logarithm of the result: every
    number of every run is a sum of positive ones. A few hundredths of a second, some seconds where what is
    left is thermal loss of the written state in a rest shorter than its relaxation. Macrospin; a field or a
    current in the plane needs another method.

    Examples
    --------
    >>> row = [0, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, 0, 0, 0, 0, 0.002]
    >>> write = [*row[:13], 0.02, row[14]]
    >>> found = axial_failure_probability(
    ...     [0.0, 8e-9], [write, write], rest_row=row, damping=0.03, target="P")
    >>> f"{found.value:.2e}", found.relative_error < 1e-3
    ('6.75e-16', True)

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677;
    W. H. Butler et al., IEEE Trans. Magn. 48, 4684 (2012), arXiv:1202.2621.
    """
    side = -_unit(target, reference_z)
    path = _mirrored(time_s, rows, rest_row, damping, asymmetry, reference_z, side)
    return solve_probability(*path, ends_above=True, tolerance=relative_tolerance)


def axial_disturb_probability(
    time_s: ArrayLike,
    rows: ArrayLike,
    *,
    rest_row: ArrayLike,
    damping: float,
    initial_state: str,
    asymmetry: float = 0.0,
    reference_z: float = 1.0,
    relative_tolerance: float = RELATIVE_TOLERANCE,
) -> FailureProbability:
    """Probability that a drive not meant to write leaves m on the other side of the film plane.

    Parameters
    ----------
    time_s, rows, rest_row, damping, asymmetry, reference_z, relative_tolerance
        As in `axial_failure_probability`.
    initial_state : str
        "P" or "AP": the stored state, whose Boltzmann law is the start.

    Returns
    -------
    FailureProbability

    Raises
    ------
    InputError
        As in `axial_failure_probability`.

    Notes
    -----
    Read it at the end of the drive or after a rest: a trial over the barrier takes some relaxation times to
    the film plane, so that a short drive disturbs far less than escape rate times time.

    Examples
    --------
    >>> row = [0, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, 0, 0, 0, 0, 0.002]
    >>> read = [*row[:13], 0.002, row[14]]
    >>> found = axial_disturb_probability(
    ...     [0.0, 5e-9], [read, read], rest_row=row, damping=0.03, initial_state="AP")
    >>> f"{found.value:.2e}", found.relative_error < 1e-3
    ('1.49e-10', True)
    """
    side = _unit(initial_state, reference_z)
    path = _mirrored(time_s, rows, rest_row, damping, asymmetry, reference_z, side)
    return solve_probability(*path, ends_above=False, tolerance=relative_tolerance)


def axial_distribution(
    time_s: ArrayLike,
    rows: ArrayLike,
    start: ArrayLike,
    *,
    damping: float,
    asymmetry: float = 0.0,
    reference_z: float = 1.0,
    steps: int = 1000,
) -> Array:
    """Probabilities of equal slices of the polar angle after a drive, first order in the time step.

    Parameters
    ----------
    time_s, rows, damping, asymmetry, reference_z
        As in `axial_failure_probability`.
    start : (cells,) array
        Probabilities at the start [1], from m_z = -1 upwards; cell j covers the polar angles, taken from -z,
        of pi j / cells to pi (j + 1) / cells.
    steps : int
        Number of implicit Euler steps.

    Returns
    -------
    (cells,) array
        Probabilities at the end [1]; none is negative and their sum is that of the start.

    Raises
    ------
    InputError
        If a row is not symmetric about z or a probability is negative.

    Examples
    --------
    >>> row = [0, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, 0, 0, 0, 0, 0.002]
    >>> end = axial_distribution([0.0, 1e-9], [row, row], [0.0, 0.0, 0.0, 1.0], damping=0.03)
    >>> bool(abs(end.sum() - 1.0) < 1e-12 and end.min() >= 0.0)
    True
    """
    time, drives = checked_path(time_s, rows, damping, asymmetry, reference_z)
    values = np.array(start, dtype=np.float64)
    if values.ndim != 1 or values.size < 2 or not np.all(values >= 0.0) or not np.isfinite(values).all():
        raise InputError("start must hold at least two finite probabilities, none of them negative.")
    step, ends = time_mesh(straight_stretches(time, drives), whole("steps", steps, 1))
    propagate(values, True, step, ends, asymmetry * reference_z, *axial_grid(values.size))
    return values


def solve_probability(
    time: Array, drives: Array, rest: Array, asymmetry: float, *, ends_above: bool, tolerance: float
) -> FailureProbability:
    """Probability that z ends above, or below, 0 after a start in the upper well of ``rest``.

    Drives as `axial_drives` gives them, in any unit of time. Time and space are refined, each as needed,
    until the extrapolated logarithm stands still.

    Raises
    ------
    InputError
        If it does not come to stand within ``tolerance``, or ``rest`` has no upper well.
    """
    finite("relative_tolerance", tolerance, above=0.0)
    stretches = straight_stretches(time, drives)
    border = _border(rest)
    cells, steps = basic_cells(np.vstack([drives, rest])), STEPS_TO_SHARE
    while True:
        per_grid = []
        for level in GRID_LEVELS:
            run = _log_probability(stretches, rest, asymmetry, border, level * cells, ends_above)
            per_grid.append(extrapolate([run(k * steps) for k in TIME_LEVELS], TIME_LEVELS, 1))
        log_value, space_error = extrapolate([pair[0] for pair in per_grid], GRID_LEVELS, 2)
        time_error = per_grid[-1][1]
        error = math.expm1(min(space_error + time_error, 700.0))
        if error <= tolerance:
            log_value = min(log_value, 0.0)
            finest = GRID_LEVELS[-1] * cells, TIME_LEVELS[-1] * steps
            return FailureProbability(math.exp(log_value), log_value, error, *finest)
        steps *= 2 if time_error > 0.5 * tolerance else 1
        cells *= 2 if space_error > 0.5 * tolerance else 1
        # The second is also true when the error is not a number.
        if steps * cells > LARGEST_WORK or not error > tolerance:
            raise InputError(
                f"The probability is known to {error:.2g} of itself, not to the asked "
                f"relative_tolerance of {tolerance:g}; ask for less, or shorten the drive."
            )


def _log_probability(
    stretches: list[Stretch], rest: Array, asymmetry: float, border: float, cells: int, ends_above: bool
) -> Callable[[int], float]:
    """Make the function that gives ln P for a number of steps, by the backward equation."""
    grid = axial_grid(cells)
    z = grid[0][:-1]
    edges = -np.cos(np.linspace(0.0, math.pi, cells + 1))
    inside = np.clip((edges[1:] - border) / (edges[1:] - edges[:-1]), 0.0, 1.0)
    exponent = (rest[1] * z + rest[2] * z**2 + rest[3] * z**4) / rest[0]
    weight = inside * grid[1] * np.exp(exponent - exponent[z > 0.0].max()) * (z > 0.0)
    weight /= weight.sum()

    def log_probability(steps: int) -> float:
        expectation = np.where((z > 0.0) == ends_above, 1.0, 0.0)
        log_scale = propagate(expectation, False, *time_mesh(stretches, steps), asymmetry, *grid)
        found = float(weight @ expectation)
        if not found > 0.0:
            raise InputError("The probability is below what a double can hold; shorten the drive.")
        return math.log(found) + float(log_scale)

    return log_probability


def _border(rest: Array) -> float:
    """Lower end of the starting well: the saddle of its potential above z = 0, else 0."""
    _, linear, quadratic, quartic, _ = rest

    def potential(z: Array) -> Array:
        values: Array = linear * z + quadratic * z**2 + quartic * z**4
        return values

    roots = np.roots(np.array([4.0 * quartic, 0.0, 2.0 * quadratic, linear]))
    real = roots[np.abs(roots.imag) < 1e-12].real
    points = np.sort(np.concatenate([[0.0, 1.0], real[(real > 0.0) & (real < 1.0)]]))
    well = int(np.argmax(potential(points)))
    if well == 0:
        raise InputError("The starting well does not exist in rest_row: its field leaves only the other one.")
    return float(points[int(np.argmin(potential(points[: well + 1])))])


def _mirrored(
    time_s: ArrayLike,
    rows: ArrayLike,
    rest_row: ArrayLike,
    damping: float,
    asymmetry: float,
    reference_z: float,
    side: float,
) -> tuple[Array, Array, Array, float]:
    """Times, drives, rest and asymmetry, turned so that the start lies above z = 0."""
    time, drives = checked_path(time_s, rows, damping, asymmetry, reference_z)
    still = np.atleast_2d(np.asarray(rest_row, dtype=np.float64))
    rest = axial_drives(still, damping, asymmetry, reference_z)[0]
    if still[:, 10:14].any():
        raise InputError("rest_row is the device without drive: its columns 10 to 13 must be 0.")
    mirror = np.array([1.0, side, 1.0, 1.0, 1.0])
    return time, drives * mirror, rest * mirror, asymmetry * reference_z * side


def _unit(name: str, reference_z: float) -> float:
    """Sign of m_z in a state."""
    return unit_sign(reference_z) * (1.0 if state("the state", name) == "P" else -1.0)
