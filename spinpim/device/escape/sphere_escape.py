"""Escape rates as eigenvalues of the density on the sphere: any constant drive, moderate barriers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spinpim.device.density.fokker_planck_sphere import slowest_rate_per_s
from spinpim.device.density.sphere_densities import mass_towards
from spinpim.device.density.sphere_operators import DRIFT_COLUMNS, drift_operator, drift_row, sphere_operators
from spinpim.errors import InputError

Array = NDArray[np.float64]

RELATIVE_TOLERANCE = 5e-3
DEGREES = (24, 32, 42, 56, 74, 98)
SMALLEST_POPULATION = 1e-9
"""Share of a well that the rounding of the stationary density still leaves known."""


def sphere_escape_rate_per_s(
    row_T: Array, *, damping: float, side: Array, reference: tuple[float, float, float]
) -> float:
    r"""Rate out of the well on one side of the hard plane.

    .. math:: \Gamma_1 = \lambda\,\pi_2, \qquad \lambda = \Gamma_1 + \Gamma_2

    with the slowest relaxation rate and the stationary share of the other side.

    Parameters
    ----------
    row_T : (15,) array
        Constant drive row [T], chi = 0.
    damping : float
        Gilbert damping [1].
    side : (3,) array
        Easy direction of the well.
    reference : tuple of float
        Unit vector p of the reference layer.

    Raises
    ------
    InputError
        If rate or share are lost in rounding: barriers above about 25 k_B T, or damping too low for the
        degrees of the expansion.
    """
    total = slowest_rate_per_s(
        row_T, damping=damping, reference=reference, relative_tolerance=RELATIVE_TOLERANCE
    )
    share = stationary_share(row_T, damping=damping, direction=-side, reference=reference)
    if share < SMALLEST_POPULATION:
        raise InputError(
            f"The other well holds only about {share:.1g} of the stationary density under this drive, which "
            "rounding hides: the rate into it is not known. Ask for the rate out of that well."
        )
    return total * share


def stationary_share(
    row_T: Array, *, damping: float, direction: Array, reference: tuple[float, float, float]
) -> float:
    """Share of the stationary density with m . direction > 0 under a constant drive [1].

    Raises
    ------
    InputError
        If it still changes at the largest degree.
    """
    towards = (float(direction[0]), float(direction[1]), float(direction[2]))
    drift = drift_row(row_T, np.array(reference))
    before = math.inf
    for degree in DEGREES:
        share = mass_towards(_stationary(drift, damping, degree), towards)
        if abs(share - before) <= RELATIVE_TOLERANCE * abs(share):
            return min(max(share, 0.0), 1.0)
        before = share
    raise InputError(
        f"The stationary density still changes at degree {DEGREES[-1]}: the barrier is too high."
    )


def _stationary(drift_T: Array, damping: float, degree: int) -> NDArray[np.complex128]:
    """Coefficients [m, l] of the density that the drift leaves as it is."""
    from scipy.sparse.linalg import spsolve

    operators = sphere_operators(degree, all_orders=True)
    matrix = sum(
        float(drift_T[column]) * drift_operator(operators, column, damping).matrix(degree)
        for column in range(DRIFT_COLUMNS)
        if drift_T[column] != 0.0
    ).tocsc()
    uniform = 1.0 / math.sqrt(4.0 * math.pi)
    rest = spsolve(matrix[1:, 1:], -uniform * matrix[1:, 0].toarray()[:, 0])
    coefficients = np.zeros((degree + 1, degree + 1), dtype=complex)
    coefficients[0, 0] = uniform
    for l in range(1, degree + 1):  # noqa: E741 - its name in every formula
        coefficients[: l + 1, l] = rest[l * (l + 1) - 1 : l * (l + 1) + l]
    return coefficients
