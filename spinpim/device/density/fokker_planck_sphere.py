"""Failure probability and slowest relaxation of a macrospin from its density on the whole unit sphere.

Where the drive has no axis of symmetry (spin-orbit torque, in-plane field) the density is a function on the
sphere. It is expanded in spherical harmonics up to a degree that follows how sharp it is, and moved by
exponentials of the drift operator; it then carries failure probabilities down to the rounding of float64.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite, whole
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.density.sphere_densities import boltzmann_coefficients, mass_towards
from spinpim.device.density.sphere_evolution import Accuracy, Evolution, evolve
from spinpim.device.density.sphere_generator import generator
from spinpim.device.density.sphere_operators import DRIFT_COLUMNS, drift_operator, drift_row, sphere_operators
from spinpim.errors import InputError

Direction = tuple[float, float, float]

DRIVE_COLUMNS = 15
"""Columns of a drive row [T]: field x y z; stiffness xx yy zz xy xz yz; second order; damping-like SOT x y z;
damping-like STT; thermal weight k_B T/(M_s V)."""

TAILS = ((1e-4, 1e-5), (1e-7, 1e-8), (1e-10, 1e-11))
"""Pairs of densities to compare, coarse and fine, by their share in the upper tenth of the degrees. A failure
probability is a smooth functional and about 1e6 times more accurate than that share."""

TURN_RAD = 0.02
COARSER_TURN = 2.0
COARSER_LIMIT = 0.9

ROUNDING_FLOOR = 1e-13
"""Absolute error that float64 leaves in a probability; seen from drives that leave no failures."""

LEAST_MODES = 24
LARGEST_MODES = 110
MODE_GROWTH = 1.25
ROUNDING_OF_RATE = 1e-15
"""Error of an eigenvalue over the norm of the operator."""


@dataclass(frozen=True, slots=True)
class SphereProbability:
    """A probability from the density on the sphere, with the accuracy that was reached.

    Attributes
    ----------
    value : float
        Probability [1].
    absolute_error, relative_error : float
        Difference to the coarser of two densities (degree and time step) plus the rounding floor [1]; the
        value is from the finer one, so its own error is smaller.
    degree : int
        Largest degree of the harmonics in use.
    seconds : float
        Wall time [s].
    """

    value: float
    absolute_error: float
    relative_error: float
    degree: int
    seconds: float


def sphere_failure_probability(
    time_s: NDArray[np.float64],
    rows_T: NDArray[np.float64],
    *,
    damping: float,
    reference: Direction,
    start_row_T: NDArray[np.float64],
    start_direction: Direction,
    start_border: float = 0.0,
    failure_direction: Direction | None = None,
    asymmetry: float = 0.0,
    relative_tolerance: float = 0.05,
    degree_limit: int = 384,
) -> SphereProbability:
    r"""Probability that m . failure_direction > 0 after a drive that starts from a thermal well.

    .. math::

        \partial_t p &= -\nabla\cdot(\mathbf v p) + \alpha\gamma' b_T \nabla^2 p \\
        \mathbf v &= -\gamma' [\mathbf m\times\mathbf B' + \alpha \mathbf m\times(\mathbf m\times\mathbf B')]

    Parameters
    ----------
    time_s : (n,) array
        Knots of the drive [s], not decreasing; the drive is linear between them, two equal times are a step.
    rows_T : (n, 15) array
        Drive rows at the knots [T].
    damping : float
        Gilbert damping alpha [1], > 0.
    reference : tuple of float
        Unit vector p of the reference layer.
    start_row_T : (15,) array
        Undriven device whose Boltzmann law is the start [T]; damping-like columns 0.
    start_direction : tuple of float
        Unit vector of the initial well.
    start_border : float, optional
        Only m . start_direction above it belongs to the well [1].
    failure_direction : tuple of float, optional
        Unit vector; the initial well by default (a write that did not switch).
    asymmetry : float, optional
        chi of the junction's torque; only 0 is accepted.
    relative_tolerance : float, optional
        Accepted relative error, 1e-6 to 0.5.
    degree_limit : int, optional
        Largest degree, 32 to 640. A damping-like field h (in units of the anisotropy field) squeezes the
        density to about sqrt(alpha/(2 Delta h)) rad; the degree has to reach several times the inverse.

    Returns
    -------
    SphereProbability

    Raises
    ------
    InputError
        If an argument is malformed, chi is not 0, or the density does not give the probability to the
        tolerance: the degree limit is too low, or the probability is below what float64 resolves.

    Notes
    -----
    The time grows with the duration times the cube of the degree: some seconds per nanosecond at degree 240.
    Two densities are computed at once, on two threads.

    Examples
    --------
    >>> row = np.zeros(15)
    >>> row[5], row[14] = 0.2, 0.04  # anisotropy 0.2 T, Delta 2.5
    >>> kept = sphere_failure_probability(
    ...     np.array([0.0, 1e-9]), np.stack([row, row]), damping=0.1, reference=(0.0, 0.0, 1.0),
    ...     start_row_T=row, start_direction=(0.0, 0.0, 1.0),
    ... )
    >>> round(kept.value, 3)
    0.799

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963); W. T. Coffey and Yu. P. Kalmykov, The Langevin Equation (2012),
    ch. 7.
    """
    began = time.perf_counter()
    times, rows = _drive(time_s, rows_T)
    start = _rows("start_row_T", np.asarray(start_row_T, dtype=float)[None])[0]
    alpha = _equation(damping, asymmetry)
    tolerance = finite("relative_tolerance", relative_tolerance, 1e-6, 0.5)
    limit = whole("degree_limit", degree_limit, 32, 640)
    side = _unit("start_direction", start_direction)
    wrong = side if failure_direction is None else _unit("failure_direction", failure_direction)
    border = finite("start_border", start_border, -1.0, 0.999)

    drift = drift_row(rows, np.array(_unit("reference", reference)))
    operator = generator(drift, alpha, limit)
    first = boltzmann_coefficients(start, limit, direction=side, border=border)

    def run(accuracy: Accuracy) -> Evolution:
        return evolve(first, times, drift, operator, accuracy)

    value = error = math.nan
    degree = 0
    for coarse, fine in TAILS:
        accuracies = (
            Accuracy(fine, limit, TURN_RAD),
            Accuracy(coarse, int(COARSER_LIMIT * limit), COARSER_TURN * TURN_RAD),
        )
        with ThreadPoolExecutor(2) as threads:
            finer, coarser = threads.map(run, accuracies)
        value = mass_towards(finer.coefficients, wrong)
        error = abs(value - mass_towards(coarser.coefficients, wrong)) + ROUNDING_FLOOR
        degree = finer.degree
        if error <= tolerance * value and value < 1.0 + error:
            seconds = time.perf_counter() - began
            return SphereProbability(min(value, 1.0), error, error / value, degree, seconds)
        if degree == limit or abs(value) < ROUNDING_FLOOR / tolerance:
            break
    raise InputError(
        f"sphere_failure_probability: with degrees up to {degree} the probability came out as {value:.3g} "
        f"with an error of {error:.1g}, and relative_tolerance {tolerance:g} was asked for. "
        + (
            f"Raise degree_limit above {limit}, or use splitting."
            if degree == limit
            else f"Probabilities below {ROUNDING_FLOOR / tolerance:.1g} need splitting or a larger tolerance."
        )
    )


def slowest_rate_per_s(
    row_T: NDArray[np.float64],
    *,
    damping: float,
    reference: Direction,
    asymmetry: float = 0.0,
    relative_tolerance: float = 1e-3,
) -> float:
    """Slowest relaxation rate of the density under a constant drive [1/s].

    With two wells it is the sum of their escape rates: twice the escape rate of one well without a field, and
    the escape rate of the shallow one where a field or torque makes the other far deeper.

    Parameters
    ----------
    row_T : (15,) array
        Drive row [T].
    damping : float
        Gilbert damping alpha [1], > 0.
    reference : tuple of float
        Unit vector p of the reference layer.
    asymmetry : float, optional
        chi of the junction's torque; only 0 is accepted.
    relative_tolerance : float, optional
        Accepted relative change on the last increase of the degree, 1e-6 to 0.5.

    Raises
    ------
    InputError
        If an argument is malformed, or the rate is lost in rounding or still changes at the largest degree:
        barriers up to about 25 k_B T are within reach.

    Examples
    --------
    >>> row = np.zeros(15)
    >>> row[14] = 0.01  # free diffusion: 2 D with D = alpha gamma/(1 + alpha^2) b_T
    >>> rate = slowest_rate_per_s(row, damping=0.1, reference=(0.0, 0.0, 1.0))
    >>> round(rate * 1.01 / (2 * 0.1 * GYROMAGNETIC_RATIO * 0.01), 6)
    1.0

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963).
    """
    row = _rows("row_T", np.asarray(row_T, dtype=float)[None])[0]
    alpha = _equation(damping, asymmetry)
    tolerance = finite("relative_tolerance", relative_tolerance, 1e-6, 0.5)
    drift = drift_row(row, np.array(_unit("reference", reference)))
    scale = GYROMAGNETIC_RATIO / (1.0 + alpha**2)
    degree, previous = LEAST_MODES, math.inf
    while degree <= LARGEST_MODES:
        rate, rounding = _slowest_mode(drift, alpha, degree)
        if rate > 0.0 and abs(rate - previous) + rounding <= tolerance * rate:
            return rate * scale
        previous, degree = rate, math.ceil(MODE_GROWTH * degree)
    raise InputError(
        f"slowest_rate_per_s: at degree {LARGEST_MODES} the rate is not known to {tolerance:g}; a barrier "
        "above about 25 k_B T is out of reach of this method, use the escape rates of retention or splitting."
    )


def _slowest_mode(drift_T: NDArray[np.float64], damping: float, degree: int) -> tuple[float, float]:
    """Rate of the slowest mode and its rounding error [T], without the stationary state l = 0."""
    from scipy.sparse.linalg import eigs

    operators = sphere_operators(degree, all_orders=True)
    used = [column for column in range(DRIFT_COLUMNS) if drift_T[column] != 0.0]
    # No drift changes the mass, so the row l = 0 is empty and the other degrees have the other eigenvalues.
    matrix = sum(
        float(drift_T[column]) * drift_operator(operators, column, damping).matrix(degree, 1)
        for column in used
    )
    rough = np.random.default_rng(0).standard_normal(matrix.shape[0])
    modes = eigs(matrix.tocsc(), k=2, sigma=0.0, v0=rough, return_eigenvectors=False)
    rate = float(np.min(-modes.real))
    return rate, ROUNDING_OF_RATE * float(abs(matrix).sum(axis=0).max())


def _drive(time_s: NDArray[np.float64], rows_T: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Knots and rows, checked."""
    times = np.asarray(time_s, dtype=float)
    rows = _rows("rows_T", np.asarray(rows_T, dtype=float))
    sound = times.shape == (rows.shape[0],) and times.size >= 2 and bool(np.all(np.isfinite(times)))
    if not sound or np.any(np.diff(times) < 0.0) or times[-1] <= times[0]:
        raise InputError(
            f"time_s must be one finite time per row, at least 2, not decreasing, the last after the first; "
            f"instead received {times.size} times for {rows.shape[0]} rows."
        )
    return times, rows


def _rows(name: str, rows_T: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drive rows, checked."""
    if rows_T.ndim != 2 or rows_T.shape[1] != DRIVE_COLUMNS or not np.all(np.isfinite(rows_T)):
        raise InputError(
            f"{name} must hold finite rows of {DRIVE_COLUMNS} numbers in tesla; instead received an array of "
            f"shape {rows_T.shape}, or numbers that are not finite."
        )
    if np.any(rows_T[:, -1] <= 0.0):
        raise InputError(
            f"{name} must have a thermal weight (column 14) above 0 T: a density needs diffusion."
        )
    return rows_T


def _equation(damping: float, asymmetry: float) -> float:
    """Damping, with both constants checked."""
    if asymmetry != 0.0:
        raise InputError(
            f"asymmetry is {asymmetry!r:.60}, but the density on the sphere needs a junction torque without "
            "asymmetry (chi = 0); use counting or splitting for others."
        )
    return finite("damping", damping, above=0.0)


def _unit(name: str, direction: Direction) -> Direction:
    """A unit vector, checked."""
    vector = np.asarray(direction, dtype=float)
    if vector.shape != (3,) or not abs(float(np.linalg.norm(vector)) - 1.0) < 1e-9:
        raise InputError(
            f"{name} must be a unit vector of three numbers; instead received {direction!r:.60}."
        )
    return float(vector[0]), float(vector[1]), float(vector[2])
