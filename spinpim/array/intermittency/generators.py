"""Sources that follow a law: the same seed gives the same trace."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.trace import SHORTEST_S, Trace
from spinpim.checks import finite, seed_address, whole
from spinpim.errors import InputError

DAY_S = 86400.0
MOST_PIECES = 20_000_000

FloatArray = NDArray[np.float64]


def square(power_W: float, *, period_s: float, duty: float) -> Trace:
    """Power that is on for a share of each period, and then off.

    Parameters
    ----------
    power_W : float
        While on [W].
    period_s : float
        Period [s].
    duty : float
        Share of the period that it is on [1], above 0 and up to 1.

    Examples
    --------
    >>> square(1e-3, period_s=0.1, duty=0.25).mean_power_W
    0.00025
    """
    power = finite("power_W", power_W, above=0.0)
    period = finite("period_s", period_s, above=0.0)
    share = finite("duty", duty, high=1.0, above=0.0)
    if share == 1.0:
        return Trace("square", np.array([0.0, period]), np.array([power]))
    return Trace("square", np.array([0.0, share * period, period]), np.array([power, 0.0]))


def on_off(power_W: float, *, mean_on_s: float, mean_off_s: float, duration_s: float, seed: int) -> Trace:
    """Power that comes and goes at random: exponential times on and off, as of a Poisson process.

    Parameters
    ----------
    power_W : float
        While on [W].
    mean_on_s, mean_off_s : float
        Mean times [s].
    duration_s : float
        Length [s].
    seed : int
        Address of the draws.

    Examples
    --------
    >>> trace = on_off(1e-3, mean_on_s=0.1, mean_off_s=0.3, duration_s=1000.0, seed=1)
    >>> bool(abs(trace.mean_power_W / 0.25e-3 - 1.0) < 0.1)
    True
    """
    return two_levels(
        power_W, 0.0, mean_high_s=mean_on_s, mean_low_s=mean_off_s, duration_s=duration_s, seed=seed
    )


def two_levels(
    high_W: float, low_W: float, *, mean_high_s: float, mean_low_s: float, duration_s: float, seed: int
) -> Trace:
    """Power between two levels, a Markov process in continuous time.

    It starts in a state drawn with the shares of both.

    Parameters
    ----------
    high_W, low_W : float
        Levels [W], high above low, low at least 0.
    mean_high_s, mean_low_s : float
        Mean times in each [s].
    duration_s : float
        Length [s].
    seed : int
        Address of the draws.
    """
    low = finite("low_W", low_W, 0.0)
    high = finite("high_W", high_W, above=low)
    means = [
        finite("mean_high_s", mean_high_s, above=0.0),
        finite("mean_low_s", mean_low_s, above=0.0),
    ]
    duration = finite("duration_s", duration_s, above=0.0)
    _check_pieces(2.0 * duration / sum(means))
    # Shorter stays are no pieces of a trace, nor held apart by the arithmetic.
    shortest = max(2.0 * SHORTEST_S, 4.0 * float(np.spacing(duration)))
    random = _generator(seed, 1)
    starts_low = int(random.random() >= means[0] / sum(means))
    stays: list[FloatArray] = []
    total = 0.0
    while total < duration:
        drawn = random.exponential(1.0, 1024)
        state = (np.arange(1024) + starts_low) % 2
        stays.append(np.maximum(drawn * np.where(state == 0, means[0], means[1]), shortest))
        total += float(stays[-1].sum())
    edges = np.concatenate(([0.0], np.cumsum(np.concatenate(stays))))
    last = int(np.searchsorted(edges, duration - shortest, side="right"))
    edges = np.append(edges[:last], duration)
    levels = np.array([high, low])[(np.arange(last) + starts_low) % 2]
    return Trace("two levels", edges, levels)


def log_normal(
    median_W: float,
    *,
    sigma: float,
    correlation_s: float,
    step_s: float,
    duration_s: float,
    seed: int,
) -> Trace:
    r"""Power whose logarithm is a Gaussian process that forgets: fading radio waves.

    .. math:: \langle \ln P(t) \ln P(t + u) \rangle - \mu^2 = \sigma^2 e^{-u / t_c}

    Parameters
    ----------
    median_W : float
        Median power [W].
    sigma : float
        Standard deviation of the natural logarithm [1], 0..5.
    correlation_s : float
        Time in which it forgets [s].
    step_s : float
        Length of a piece [s].
    duration_s : float
        Length [s].
    seed : int
        Address of the draws.

    Examples
    --------
    >>> trace = log_normal(1e-4, sigma=1.0, correlation_s=0.1, step_s=0.01, duration_s=500.0, seed=2)
    >>> bool(abs(np.log(trace.power_W / 1e-4).std() - 1.0) < 0.1)
    True
    """
    median = finite("median_W", median_W, above=0.0)
    spread = finite("sigma", sigma, 0.0, 5.0)
    step = finite("step_s", step_s, above=0.0)
    kept = math.exp(-step / finite("correlation_s", correlation_s, above=0.0))
    pieces = _pieces(duration_s, step)
    normals = _generator(seed, 2).standard_normal(pieces)
    from scipy.signal import lfilter

    # The first value has the spread of all others.
    fresh = normals * math.sqrt(1.0 - kept * kept)
    fresh[0] = normals[0]
    walk = np.asarray(lfilter([1.0], [1.0, -kept], fresh), np.float64)
    return Trace("log-normal", step * np.arange(pieces + 1.0), median * np.exp(spread * walk))


def diurnal(
    peak_W: float, *, step_s: float = 60.0, days: int = 1, cloudiness: float = 0.0, seed: int
) -> Trace:
    r"""Power of the sun: a half sine from six to eighteen, dimmed by clouds at random.

    .. math::

        P = P_{max} \max\left(0, \sin 2\pi\left(\frac{t}{1\,\mathrm{d}} - \frac14\right)\right) (1 - c u),
        \qquad u \in [0, 1] \text{ anew in each piece}

    Parameters
    ----------
    peak_W : float
        At noon without clouds [W].
    step_s : float
        Length of a piece [s].
    days : int
        Days, 1..1000.
    cloudiness : float
        Most that clouds take [1], 0..1.
    seed : int
        Address of the draws.

    Examples
    --------
    >>> trace = diurnal(1e-3, seed=1)
    >>> round(trace.mean_power_W / 1e-3, 3)  # one over pi
    0.318
    """
    peak = finite("peak_W", peak_W, above=0.0)
    step = finite("step_s", step_s, above=0.0)
    clouds = finite("cloudiness", cloudiness, 0.0, 1.0)
    pieces = _pieces(whole("days", days, 1, 1000) * DAY_S, step)
    middle_s = step * (np.arange(pieces) + 0.5)
    sun = np.maximum(0.0, np.sin(2.0 * np.pi * (middle_s / DAY_S - 0.25)))
    dimmed = 1.0 - clouds * _generator(seed, 3).random(pieces)
    return Trace("diurnal", step * np.arange(pieces + 1.0), peak * sun * dimmed)


def _pieces(duration_s: float, step_s: float) -> int:
    count = finite("duration_s", duration_s, above=0.0) / step_s
    _check_pieces(count)
    if round(count) < 1:
        raise InputError(
            f"step_s is {step_s:g} s, longer than the whole of {duration_s:g} s; take a shorter one."
        )
    return round(count)


def _check_pieces(count: float) -> None:
    if count > MOST_PIECES:
        raise InputError(
            f"The trace would have {count:.3g} pieces, more than {MOST_PIECES:.0e}; take longer steps or "
            "times, or a shorter duration_s: a trace is repeated as often as needed."
        )


def _generator(seed: int, law: int) -> np.random.Generator:
    """Draws addressed by the seed and the law."""
    return np.random.Generator(np.random.Philox(key=[seed_address(seed), law]))
