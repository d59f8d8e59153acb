"""Static and temporal error of a comparison whose variables are all Gaussian; exact, deep tails included.

A static variable (offset, resistance, reference) is the same at every access; noise is new each time. The two
give different errors and are never added here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr, ndtr

from spinpim.checks import broadcast, finite_array

FloatArray = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(80)
"""Across two REACH of a Gaussian peak 40 nodes leave an error of 1e-9, and 60 or more that of rounding."""
LARGEST_V = 1e3
LEAST_SPREAD_V = 1e-30
"""A spread below counts as none."""
REACH = 12.0
"""Widths of the peak that are integrated to each side; e^-72 of it lies beyond."""
DECAY = 45.0
"""Decay lengths that are integrated where the integrand falls exponentially; e^-45 of it lies beyond."""


def static_error(margin_V: ArrayLike, static_sigma_V: ArrayLike) -> FloatArray:
    r"""Probability that the comparison is wrong at every access.

    .. math:: P = \Phi(-m / \sigma_s)

    Parameters
    ----------
    margin_V : array
        Mean signed distance towards the right side [V].
    static_sigma_V : array, broadcastable
        Standard deviation of all static variables together [V], >= 0; at 0 the answer is 0, 1/2 or 1.

    Returns
    -------
    array
        Probability [1].

    Raises
    ------
    InputError
        If an argument is out of range, or they do not broadcast.

    Examples
    --------
    >>> float(static_error(0.06, 0.01)) < 1e-9
    True
    """
    return _tail(*_arrays(margin_V, static_sigma_V=static_sigma_V))


def temporal_error(margin_V: ArrayLike, static_sigma_V: ArrayLike, noise_sigma_V: ArrayLike) -> FloatArray:
    r"""Probability per access that noise turns the static answer, averaged over the static variables.

    .. math:: P = \int_{-\infty}^{\infty} \frac{1}{\sigma_s}\varphi\!\left(\frac{u - m}{\sigma_s}\right)
              \Phi\!\left(-\frac{|u|}{\sigma_n}\right) du

    Parameters
    ----------
    margin_V : array
        Mean signed distance towards the right side [V].
    static_sigma_V : array, broadcastable
        Standard deviation of all static variables together [V], >= 0.
    noise_sigma_V : array, broadcastable
        Standard deviation of the noise of one access [V], >= 0.

    Returns
    -------
    array
        Probability [1]; symmetric in the margin: a comparison that is wrong for good is turned as easily.

    Raises
    ------
    InputError
        If an argument is out of range, or they do not broadcast.

    Notes
    -----
    Gauss-Legendre quadrature around the peak of the integrand, in logarithms; relative error below 1e-10.

    Examples
    --------
    >>> float(temporal_error(0.0, 0.0, 1e-3))
    0.5
    >>> round(float(temporal_error(0.0, 1e-3, 1e-3)), 12)  # the angle between two equal Gaussians
    0.25
    """
    margin, static, noise = _arrays(margin_V, static_sigma_V=static_sigma_V, noise_sigma_V=noise_sigma_V)
    margin = np.abs(margin)
    regular = (static > LEAST_SPREAD_V) & (noise > LEAST_SPREAD_V)
    s, n = np.where(regular, static, 1.0), np.where(regular, noise, 1.0)
    width = s * n / np.hypot(s, n)
    peak = margin * (width / s) ** 2
    near = np.maximum(0.0, peak - REACH * width)
    same_side = _integral(near, peak + REACH * width, margin, s, n)
    # On the far side of zero both factors fall; the interval ends where either has.
    far = 1.0 / (1.0 / (REACH * width) + margin / (DECAY * s**2))
    other_side = _integral(np.zeros_like(margin), far, -margin, s, n)
    noisy = noise > LEAST_SPREAD_V
    sharp = _tail(margin, np.where(noisy, noise, 1.0)) * noisy
    return np.asarray(np.where(regular, same_side + other_side, sharp))


def undecided_probability(margin_V: ArrayLike, sigma_V: ArrayLike, resolution_V: ArrayLike) -> FloatArray:
    r"""Probability that the input difference is too small for the amplifier to decide in its time.

    .. math:: P = \Phi\!\left(\frac{r - m}{\sigma}\right) - \Phi\!\left(\frac{-r - m}{\sigma}\right)

    Parameters
    ----------
    margin_V : array
        Mean signed distance [V].
    sigma_V : array, broadcastable
        Standard deviation of everything, noise included [V], >= 0.
    resolution_V : array, broadcastable
        Smallest difference that is decided in time [V].

    Returns
    -------
    array
        Probability per access [1].

    Raises
    ------
    InputError
        If an argument is out of range, or they do not broadcast.

    Examples
    --------
    >>> float(undecided_probability(0.06, 0.01, 1e-3)) < 1e-8
    True
    """
    margin, sigma, resolution = _arrays(margin_V, sigma_V=sigma_V, resolution_V=resolution_V)
    margin = np.abs(margin)
    return _tail(margin - resolution, sigma) - _tail(margin + resolution, sigma)


def _tail(margin: FloatArray, sigma: FloatArray) -> FloatArray:
    spread = sigma > LEAST_SPREAD_V
    certain = 0.5 - 0.5 * np.sign(margin)
    return np.asarray(np.where(spread, ndtr(-margin / np.where(spread, sigma, 1.0)), certain))


def _integral(
    low: FloatArray, high: FloatArray, mean: FloatArray, static: FloatArray, noise: FloatArray
) -> FloatArray:
    """Integrate density(u) times tail(u) over u from low to high, both >= 0."""
    half = 0.5 * (high - low)[..., None]
    u = low[..., None] + half * (1.0 + NODES)
    distance = (u - mean[..., None]) / static[..., None]
    exponent = log_ndtr(-u / noise[..., None]) - 0.5 * distance**2
    density = half / (static[..., None] * np.sqrt(2.0 * np.pi))
    return np.asarray(np.sum(WEIGHTS * density * np.exp(exponent), axis=-1))


def _arrays(margin_V: ArrayLike, **spreads_V: ArrayLike) -> list[FloatArray]:
    """Arrays of one shape: margins, and what may not be below zero."""
    given = {name: finite_array(name, values, 0.0, LARGEST_V) for name, values in spreads_V.items()}
    return broadcast({"margin_V": finite_array("margin_V", margin_V, -LARGEST_V, LARGEST_V), **given})
