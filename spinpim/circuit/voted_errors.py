"""What a vote of three accesses leaves of the noise: the static variables are the same at all of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from spinpim.circuit.sensing_result import Sensing, checked_normals, single_law

FloatArray = NDArray[np.float64]
REACH = 9.0
"""Widths of the peak of the integrand to both sides of it."""
NODES = np.polynomial.legendre.leggauss(64)


def voted_errors(sensing: Sensing, standard_normals: ArrayLike) -> FloatArray:
    """Probability that noise turns the vote of three accesses of given columns, mean over their cells.

    Parameters
    ----------
    sensing : Sensing
        From `sense`, with one reference.
    standard_normals : (columns, 3) array
        As in `Sensing.column_errors`, whose temporal errors this replaces.

    Returns
    -------
    (columns, patterns) array
        Probability [1].

    Raises
    ------
    InputError
        As `Sensing.column_errors`.

    Examples
    --------
    >>> from spinpim.circuit import Cell, SenseAmp, sense
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> sensing = sense(cell, SenseAmp.load("strongarm_minimum_45nm"))
    >>> once, voted = sensing.column_errors([[2, 0, 0]])[1], voted_errors(sensing, [[2, 0, 0]])
    >>> bool(np.all(voted < once)), bool(np.all(voted > 3.0 * once**2))
    (True, True)
    """
    law, normals = single_law(sensing), checked_normals(standard_normals)
    offset, reference, drive = normals.T
    shift_V = law.reference_shift_V(reference)
    found = [
        turned_twice(*law.noisy_score(level, offset, shift_V, drive), law.noise_sigma_V[level])
        for level in range(len(law.states))
    ]
    return np.stack(found, axis=-1)[:, [pattern.count("1") for pattern in sensing.patterns]]


def turned_twice(noisy_score: ArrayLike, sigma_V: ArrayLike, noise_sigma_V: ArrayLike) -> FloatArray:
    r"""Probability that noise turns the static answer at two or three of three accesses.

    .. math:: P = \int_{-\infty}^{\infty} \frac{1}{\sigma_s}\varphi\!\left(\frac{u - m}{\sigma_s}\right)
              \left(3 q^2 - 2 q^3\right) du, \qquad q = \Phi\!\left(-\frac{|u|}{\sigma_n}\right)

    Parameters
    ----------
    noisy_score, sigma_V, noise_sigma_V : array, broadcastable
        As in `turned`.

    Returns
    -------
    array
        Probability [1], exact where the margin is normal.

    Notes
    -----
    The static variables are the same at all three accesses. Where they spread much more than the noise, what
    is turned lies close to the threshold and is turned again: two thirds of `turned` are left, far more than
    the :math:`3p^2` of independent accesses. By Gauss-Legendre quadrature of each side of the threshold about
    the peak of the integrand, right to 1e-12.

    Examples
    --------
    >>> from spinpim.circuit.error_rates import turned
    >>> round(float(turned_twice(0.0, 1.0, 1e-3) / turned(0.0, 1.0, 1e-3)), 3)
    0.669
    >>> float(turned_twice(0.0, 1e-3, 1e-3))
    0.5
    """
    score, sigma, noise = np.broadcast_arrays(
        *(np.asarray(values, dtype=np.float64) for values in (noisy_score, sigma_V, noise_sigma_V))
    )
    static = np.sqrt(np.maximum(sigma - noise, 0.0) * (sigma + noise))
    noisy, spread = noise > 0.0, static > 0.0
    # In units of the noise; what has none or no spread is filled in below.
    margin = np.divide(np.abs(score) * sigma, noise, out=np.zeros_like(noise), where=noisy)
    relative = np.divide(static, noise, out=np.ones_like(noise), where=noisy & spread)
    width = relative / np.sqrt(1.0 + 2.0 * relative**2)
    found = np.zeros_like(noise)
    for centre in (margin, -margin):
        peak = np.maximum(centre / (1.0 + 2.0 * relative**2), 0.0)
        low, high = np.maximum(peak - REACH * width, 0.0), peak + REACH * width
        half = 0.5 * (high - low)
        for node, weight in zip(*NODES, strict=True):
            u = low + half * (1.0 + node)
            density = np.exp(-0.5 * ((u - centre) / relative) ** 2) / (math.sqrt(2.0 * math.pi) * relative)
            found += half * weight * density * _two_of_three(ndtr(-u))
    alone = _two_of_three(ndtr(-margin))
    return np.asarray(np.where(noisy, np.where(spread, found, alone), 0.0))


def _two_of_three(q: FloatArray) -> FloatArray:
    return np.asarray(q * q * (3.0 - 2.0 * q))
