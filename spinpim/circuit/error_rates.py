"""Static and temporal error of a comparison whose variables are all Gaussian; exact, deep tails included.

A static variable (offset, resistance, reference) is the same at every access; noise is new each time. The two
give different errors and are never added here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, owens_t

from spinpim.checks import broadcast, finite_array

FloatArray = NDArray[np.float64]
LARGEST_V = 1e3
LEAST_SPREAD_V = 1e-30
"""A spread below counts as none."""


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
              = 2\,T\!\left(\frac{m}{\sqrt{\sigma_s^2 + \sigma_n^2}}, \frac{\sigma_n}{\sigma_s}\right)

    with Owen's function T.

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

    Examples
    --------
    >>> float(temporal_error(0.0, 0.0, 1e-3))
    0.5
    >>> round(float(temporal_error(0.0, 1e-3, 1e-3)), 12)  # the angle between two equal Gaussians
    0.25

    References
    ----------
    D. B. Owen, Ann. Math. Stat. 27, 1075 (1956), doi:10.1214/aoms/1177728074.
    """
    margin, static, noise = _arrays(margin_V, static_sigma_V=static_sigma_V, noise_sigma_V=noise_sigma_V)
    whole = np.hypot(static, noise)
    noisy = noise > LEAST_SPREAD_V
    score = -np.abs(margin) / np.where(noisy, whole, 1.0)
    return turned(score, np.where(noisy, whole, 1.0), np.where(noisy, noise, 0.0))


def turned(noisy_score: ArrayLike, sigma_V: ArrayLike, noise_sigma_V: ArrayLike) -> FloatArray:
    """`temporal_error` from the score of an error with the noise counted in; for the layers above, unchecked.

    Parameters
    ----------
    noisy_score : array
        Normal score of the probability that the comparison is wrong at one access [1].
    sigma_V : array, broadcastable
        Change of the margin that changes the score by one, noise included [V], > 0.
    noise_sigma_V : array, broadcastable
        Standard deviation of the noise of one access [V], >= 0.

    Returns
    -------
    array
        Probability [1]: exact where the margin is normal, and in the limits of little and of much noise
        where it is not.

    Examples
    --------
    >>> float(turned(0.0, 1e-3, 1e-3))
    0.5
    """
    score, sigma, noise = np.broadcast_arrays(
        *(np.asarray(values, dtype=np.float64) for values in (noisy_score, sigma_V, noise_sigma_V))
    )
    static = np.sqrt(np.maximum(sigma - noise, 0.0) * (sigma + noise))
    ratio = np.divide(noise, static, out=np.full_like(noise, np.inf), where=static > 0.0)
    return np.asarray(2.0 * owens_t(score, np.where(noise > 0.0, ratio, 0.0)))


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


def _arrays(margin_V: ArrayLike, **spreads_V: ArrayLike) -> list[FloatArray]:
    """Arrays of one shape: margins, and what may not be below zero."""
    given = {name: finite_array(name, values, 0.0, LARGEST_V) for name, values in spreads_V.items()}
    return broadcast({"margin_V": finite_array("margin_V", margin_V, -LARGEST_V, LARGEST_V), **given})
