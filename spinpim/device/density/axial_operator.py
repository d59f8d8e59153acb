r"""Fokker-Planck operator of an axially symmetric macrospin, as a birth-death chain in z = m_z.

.. math::

    \partial_t p = \partial_z\left[D (1 - z^2)\left(\partial_z p - u'(z)\,p\right)\right], \qquad
    u = c_1 z + c_2 z^2 + c_4 z^4 + c_l \ln(1 + \chi z)

on cells of equal width in the polar angle, with the exponentially fitted flux of Scharfetter and Gummel:
the law exp(u) is stationary exactly, and both rates between neighbours are positive at any width. A drive
enters as five numbers (D, D c1, D c2, D c4, D cl) [1/s], which are linear in the drive row.

Every linear system here is an M-matrix given by its rates and its losses, and is solved without a
subtraction (Grassmann, Taksar and Heyman): each number that comes out has a relative error of rounding size,
however small it is. That is what keeps a probability of 1e-30 a number with fourteen digits.

Kernels, no checks.

References
----------
D. L. Scharfetter and H. K. Gummel, IEEE Trans. Electron Devices 16, 64 (1969), doi:10.1109/T-ED.1969.16566;
W. K. Grassmann, M. I. Taksar and D. P. Heyman, Oper. Res. 33, 1107 (1985), doi:10.1287/opre.33.5.1107.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESCALE_BELOW = 1e-100
"""A backward solution that has decayed below it everywhere is scaled up; the logarithm is kept."""

LARGEST_LIFE = 1e290
"""Seconds; the lives of a state are summed up, and must not overflow."""


def axial_grid(cells: int, angular_width: float | None = None) -> tuple[Array, Array, Array]:
    """Centres, cell volumes and face conductances of a grid that rises from z = -1.

    Parameters
    ----------
    cells : int
        Number of cells.
    angular_width : float, optional
        Width of a cell in the polar angle [rad]; pi / cells, up to z = +1, by default.

    Returns
    -------
    z, volume, conductance : (cells + 1,), (cells,), (cells,) arrays
        Centres, one beyond the last cell included; integral of dz over a cell; (1 - z^2)/dz at the face above
        each cell. The last face of a full grid is the pole, where nothing passes.
    """
    width = np.pi / cells if angular_width is None else angular_width
    half = 2.0 * np.sin(0.5 * width)
    angle = (np.arange(cells + 1) + 0.5) * width
    conductance = np.sin(np.arange(1, cells + 1) * width) / half
    if angular_width is None:
        conductance[-1] = 0.0
    return -np.cos(angle), half * np.sin(angle[:-1]), conductance


@njit(cache=True, error_model="numpy")
def potential_step(drive, asymmetry, low, high):
    """u(high) - u(low) [1], without cancellation between large values."""
    together = low + high
    slope = drive[1] + drive[2] * together + drive[3] * together * (low * low + high * high)
    bent = 0.0
    if drive[4] != 0.0:
        bent = drive[4] * np.log1p(asymmetry * (high - low) / (1.0 + asymmetry * low))
    return (slope * (high - low) + bent) / drive[0]


@njit(cache=True, error_model="numpy")
def transition_rates(drive, asymmetry, z, volume, conductance, right, left):
    """Fill the rates [1/s] from each cell to the next (right) and to the one before (left).

    ``left`` has one more entry than cells: the rate back from beyond the last face. ``left[0]`` is 0.
    """
    left[0] = 0.0
    for j in range(volume.size):
        rise = potential_step(drive, asymmetry, z[j], z[j + 1])
        size = abs(rise)
        against = 1.0 - 0.5 * size if size < 1e-8 else size / np.expm1(size)
        along = against + size
        passing = drive[0] * conductance[j]
        beyond = volume[j + 1] if j + 1 < volume.size else volume[j]
        right[j] = passing / volume[j] * (along if rise > 0.0 else against)
        left[j + 1] = passing / beyond * (against if rise > 0.0 else along)


@njit(cache=True, error_model="numpy")
def solve_backward(loss, right, left, values, pivot):
    """Solve (loss + right + left) x_j - right_j x_{j+1} - left_j x_{j-1} = values_j in place, all >= 0.

    ``left[0]`` is not used; ``right`` of the last cell must be 0, a way out there belongs into ``loss``.
    """
    size = values.size
    excess = loss[0]
    pivot[0] = excess + right[0]
    for j in range(1, size):
        share = left[j] / pivot[j - 1]
        values[j] += share * values[j - 1]
        # What leaves j to the left either is lost there or comes back: only the lost part counts.
        excess = loss[j] + share * excess
        pivot[j] = excess + right[j]
    values[size - 1] /= pivot[size - 1]
    for j in range(size - 2, -1, -1):
        values[j] = (values[j] + right[j] * values[j + 1]) / pivot[j]


@njit(cache=True, error_model="numpy")
def solve_forward(loss, right, left, values, pivot):
    """Solve the transpose of the system of ``solve_backward`` in place, by the same elimination."""
    size = values.size
    excess = loss[0]
    pivot[0] = excess + right[0]
    for j in range(1, size):
        values[j] += right[j - 1] / pivot[j - 1] * values[j - 1]
        excess = loss[j] + left[j] / pivot[j - 1] * excess
        pivot[j] = excess + right[j]
    values[size - 1] /= pivot[size - 1]
    for j in range(size - 2, -1, -1):
        values[j] = (values[j] + left[j + 1] * values[j + 1]) / pivot[j]


@njit(cache=True, error_model="numpy", nogil=True)
def propagate(values, forward, step_s, drives, asymmetry, z, volume, conductance):
    """Carry cell masses forward, or an expectation backward, in place, by implicit Euler steps.

    Parameters
    ----------
    values : (cells,) array
        Probability of each cell at the start, or expectation given each cell at the end.
    forward : bool
        Which of the two; a backward run takes the steps in reverse order.
    step_s : (steps,) array
        Lengths of the steps [s].
    drives : (steps, 5) array
        Drive at the end of each step [1/s].

    Returns
    -------
    float
        Logarithm of the factor that ``values`` must still be multiplied with.
    """
    cells, steps = values.size, step_s.size
    right, left, loss, pivot = np.empty(cells), np.empty(cells + 1), np.empty(cells), np.empty(cells)
    log_scale = 0.0
    known = -1
    for turn in range(steps):
        n = turn if forward else steps - 1 - turn
        if known < 0 or not np.array_equal(drives[n], drives[known]):
            transition_rates(drives[n], asymmetry, z, volume, conductance, right, left)
            known = n
        per_step = 1.0 / step_s[n]
        loss[:] = per_step
        values *= per_step
        if forward:
            solve_forward(loss, right, left, values, pivot)
        else:
            solve_backward(loss, right, left, values, pivot)
            largest = values.max()
            if 0.0 < largest < RESCALE_BELOW:
                values /= largest
                log_scale += np.log(largest)
    return log_scale


@njit(cache=True, error_model="numpy", nogil=True)
def lowest_rate(loss, right, left, tolerance, most_turns):
    """Lowest eigenvalue of the operator of ``solve_backward`` by inverse iteration: (rate, spread).

    For any positive x the eigenvalue lies between the extremes of x_j / (A^-1 x)_j (Collatz and Wielandt);
    ``spread`` is their relative distance at the end. A rate below 1 / LARGEST_LIFE comes out as 0.
    """
    x, y, pivot = np.ones(loss.size), np.empty(loss.size), np.empty(loss.size)
    low, high = 0.0, np.inf
    for _ in range(most_turns):
        y[:] = x
        solve_backward(loss, right, left, y, pivot)
        low, high = np.inf, 0.0
        for j in range(x.size):
            low, high = min(low, x[j] / y[j]), max(high, x[j] / y[j])
        largest = y.max()
        if not largest < LARGEST_LIFE:
            return 0.0, 0.0
        x[:] = y / largest
        if high - low <= tolerance * high:
            break
    return low + 0.5 * (high - low), (high - low) / high
