"""Densities on the sphere in spherical harmonics: thermal starts by quadrature, and masses of half spheres.

Coefficients a_lm of orthonormal harmonics are complex arrays at [m, l], m >= 0, 0 where m > l.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

NEGLIGIBLE = 1e-40
"""Rings of the quadrature on which the density stays below this share of its maximum are left out."""


def boltzmann_coefficients(
    row_T: NDArray[np.float64],
    degree: int,
    *,
    direction: tuple[float, float, float] | None = None,
    border: float = 0.0,
) -> NDArray[np.complex128]:
    r"""Boltzmann law of an undriven device, on the whole sphere or on the cap m . direction > border.

    .. math:: p \propto \exp\!\Big(\frac{\mathbf b\cdot\mathbf m + \tfrac12\mathbf m\cdot C\mathbf m
              + q\,(m_z^2/2 - m_z^4/4)}{b_T}\Big)

    Parameters
    ----------
    row_T : (15,) array
        Drive row [T]; the damping-like columns 10 to 13 must be 0.
    degree : int
        Largest l.
    direction : tuple of float, optional
        Unit vector of the well; whole sphere by default.
    border : float, optional
        Least m . direction [1].

    Returns
    -------
    (degree + 1, degree + 1) complex array
        Coefficients at [m, l]; the mass sqrt(4 pi) a_00 is 1.

    Raises
    ------
    InputError
        If the row has damping-like fields, which have no energy.

    Examples
    --------
    >>> row = np.zeros(15)
    >>> row[5], row[14] = 0.5, 0.02
    >>> upper = boltzmann_coefficients(row, 40, direction=(0.0, 0.0, 1.0))
    >>> round(mass_towards(upper, (0.0, 0.0, 1.0)), 5)
    1.0
    """
    if np.any(row_T[10:14] != 0.0):
        raise InputError("start_row_T must be a row without damping-like fields: columns 10 to 13 must be 0.")
    side = np.array((0.0, 0.0, 1.0) if direction is None else direction, dtype=float)
    edge = -1.0 if direction is None else border
    heights, height_weights = _heights(side, edge, degree)
    angles, angle_weights = _angles(side, edge, heights, degree)
    flat = np.sqrt(1.0 - heights**2)[:, None]
    m = np.stack([flat * np.cos(angles), flat * np.sin(angles), heights[:, None] + 0.0 * angles], axis=-1)
    exponent = _exponent(m, row_T) / row_T[14]
    density = np.exp(exponent - exponent.max()) * angle_weights
    kept = density.max(axis=1) > NEGLIGIBLE * density.max()
    rings = _fourier(density[kept], angles[kept], degree) * height_weights[kept]
    coefficients = np.zeros((degree + 1, degree + 1), dtype=complex)
    for l, legendre in enumerate(_legendre_rows(heights[kept], degree)):  # noqa: E741 - its name in formulas
        coefficients[: l + 1, l] = np.sum(legendre[: l + 1] * rings[: l + 1], axis=1)
    return np.asarray(coefficients / (coefficients[0, 0].real * math.sqrt(4.0 * math.pi)))


def half_sphere_weights(direction: tuple[float, float, float], degree: int) -> NDArray[np.complex128]:
    r"""Weights w of the mass of a density with m . direction > 0: sum over m >= 0 of (2 - delta_m0) Re(w a).

    .. math:: w_{lm} = 2\pi\,Y_{lm}(\mathbf e)\int_0^1 P_l(u)\,du

    The expansion of the step function is exact, so the mass of a density without degrees above ``degree`` is.

    Parameters
    ----------
    direction : tuple of float
        Unit vector e.
    degree : int
        Largest l.
    """
    x, y, z = direction
    # P_l(0) is (-1)^(l/2) (l-1)!!/l!! for even l and 0 for odd l.
    at_zero = np.zeros(degree + 2)
    at_zero[0] = 1.0
    for l in range(2, degree + 2, 2):  # noqa: E741
        at_zero[l] = -at_zero[l - 2] * (l - 1) / l
    integrals = np.ones(degree + 1)
    degrees = np.arange(1, degree + 1)
    integrals[1:] = (at_zero[degrees - 1] - at_zero[degrees + 1]) / (2 * degrees + 1)
    turn = np.exp(1j * np.arange(degree + 1) * math.atan2(y, x))
    weights = np.zeros((degree + 1, degree + 1), dtype=complex)
    for l, legendre in enumerate(_legendre_rows(np.array([z]), degree)):  # noqa: E741
        weights[: l + 1, l] = 2.0 * math.pi * integrals[l] * legendre[: l + 1, 0] * turn[: l + 1]
    return weights


def mass_towards(coefficients: NDArray[np.complex128], direction: tuple[float, float, float]) -> float:
    """Mass of a density on the half sphere m . direction > 0 [1]."""
    share = np.real(half_sphere_weights(direction, coefficients.shape[1] - 1) * coefficients)
    return float(share[0].sum() + 2.0 * share[1:].sum())


def _exponent(m: NDArray[np.float64], row_T: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minus the energy per moment [T]."""
    xx, yy, zz, xy, xz, yz = row_T[3:9]
    stiffness = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    square = m[..., 2] ** 2
    quartic = row_T[9] * (0.5 * square - 0.25 * square**2)
    return np.asarray(m @ row_T[:3] + 0.5 * np.einsum("...i,ij,...j", m, stiffness, m) + quartic)


def _heights(
    side: NDArray[np.float64], edge: float, degree: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes in m_z over what the cap m . side > edge spans."""
    opening = math.acos(max(-1.0, min(1.0, edge)))
    tilt = math.acos(max(-1.0, min(1.0, side[2])))
    low = math.cos(min(math.pi, tilt + opening))
    high = math.cos(max(0.0, tilt - opening))
    nodes, weights = _gauss_legendre(degree + 48)
    return 0.5 * (low + high) + 0.5 * (high - low) * nodes, 0.5 * (high - low) * weights


def _angles(
    side: NDArray[np.float64], edge: float, heights: NDArray[np.float64], degree: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights of the azimuth on each ring, inside the cap m . side > edge."""
    across = math.hypot(side[0], side[1])
    if across < 1e-12:
        count = 2 * degree + 64
        angles = np.arange(count) * (2.0 * math.pi / count)
        shape = (heights.size, count)
        return np.broadcast_to(angles, shape), np.broadcast_to(2.0 * math.pi / count, shape)
    cosine = (edge - side[2] * heights) / np.maximum(across * np.sqrt(1.0 - heights**2), 1e-300)
    half = np.arccos(np.clip(cosine, -1.0, 1.0))[:, None]
    nodes, weights = _gauss_legendre(2 * degree + 64)
    return math.atan2(side[1], side[0]) + half * nodes, half * weights


def _gauss_legendre(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights on -1 to 1 to rounding: those of numpy are wrong by 1e-10 at 300 nodes."""
    theta = math.pi * (np.arange(count, 0, -1) - 0.25) / (count + 0.5)
    for _ in range(6):
        nodes = np.cos(theta)
        before, now = np.ones(count), nodes
        for n in range(2, count + 1):
            before, now = now, ((2 * n - 1) * nodes * now - (n - 1) * before) / n
        # Newton in the angle, where the roots are nearly equidistant and the slope is never small.
        slope = count * (nodes * now - before) / np.sin(theta)
        theta = theta - now / slope
    return np.cos(theta), 2.0 / slope**2


def _fourier(
    density: NDArray[np.float64], angles: NDArray[np.float64], degree: int
) -> NDArray[np.complex128]:
    """Sum over each ring of density exp(-i m phi): (orders, rings)."""
    turn = np.exp(-1j * angles)
    term = density.astype(complex)
    sums = np.empty((degree + 1, density.shape[0]), dtype=complex)
    for order in range(degree + 1):
        sums[order] = term.sum(axis=1)
        term *= turn
    return sums


def _legendre_rows(heights: NDArray[np.float64], degree: int) -> Iterator[NDArray[np.float64]]:
    """Normalised associated Legendre functions, Y_lm at azimuth 0: (orders, heights) for l = 0, 1, ..."""
    orders = np.arange(degree + 1, dtype=float)[:, None]
    sine = np.sqrt(1.0 - heights**2)
    before = np.zeros((degree + 1, heights.size))
    now = np.zeros_like(before)
    diagonal = np.full(heights.size, math.sqrt(0.25 / math.pi))
    scale_before = np.ones((degree + 1, 1))
    for l in range(degree + 1):  # noqa: E741
        if l > 0:
            scale = np.sqrt(np.maximum((l * l - orders**2) / (4.0 * l * l - 1.0), 0.0))
            after = np.zeros_like(now)
            after[:l] = (heights * now[:l] - scale_before[:l] * before[:l]) / scale[:l]
            diagonal = -math.sqrt((2 * l + 1) / (2 * l)) * sine * diagonal
            before, now, scale_before = now, after, scale
        now[l] = diagonal
        yield now
