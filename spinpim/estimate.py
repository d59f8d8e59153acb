"""A probability with its interval: the only form in which a counted error rate is passed on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from spinpim.checks import finite, whole
from spinpim.errors import InputError

COUNTING = "counting"
LEAST_CONFIDENCE = 0.01


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability with its interval and how it was obtained.

    Attributes
    ----------
    value : float
        Best estimate [1]; with zero events it is 0 and only ``high`` carries information.
    low, high : float
        Interval [1]; with zero events ``high`` is the one-sided upper bound.
    method : str
        "counting", "splitting" or "fokker-planck".
    trials : int
        Number of independent trials, or of particles; 0 where nothing is drawn.
    stop_reason : str
        Why the work ended, as a phrase.
    events : int
        Events counted; 0 where nothing is counted.
    confidence : float
        Coverage of the interval [1]; 1 where it is a bound on the discretisation error.
    cost_s : float
        Processor time spent by the calling process [s]; no part of the comparison of two estimates.
    """

    value: float
    low: float
    high: float
    method: str
    trials: int
    stop_reason: str
    events: int
    confidence: float
    cost_s: float = field(default=0.0, compare=False)

    @classmethod
    def from_counts(
        cls,
        events: int,
        trials: int,
        *,
        confidence: float = 0.95,
        stop_reason: str = "all trials done",
        cost_s: float = 0.0,
    ) -> Estimate:
        """Binomial probability with the interval of `clopper_pearson`.

        Parameters
        ----------
        events : int
            Number of events [1], 0 <= events <= trials.
        trials : int
            Number of trials [1], > 0.
        confidence : float
            Coverage of the interval [1], between 0 and 1.
        stop_reason, cost_s
            Kept in the result.

        Raises
        ------
        InputError
            If the counts or the confidence are impossible.

        Examples
        --------
        >>> bound = Estimate.from_counts(0, 1_000_000)
        >>> bound.value, f"{bound.high:.2e}"
        (0.0, '3.00e-06')
        """
        whole("trials", trials, 1)
        whole("events", events, 0, int(trials))
        low, high = clopper_pearson(events, trials, confidence)
        return cls(
            value=events / trials,
            low=float(low),
            high=float(high),
            method=COUNTING,
            trials=trials,
            stop_reason=stop_reason,
            events=events,
            confidence=confidence,
            cost_s=cost_s,
        )

    def __add__(self, other: Estimate) -> Estimate:
        """Merge two independent counts, for example of different seeds."""
        if self.method != COUNTING or other.method != COUNTING or self.confidence != other.confidence:
            raise InputError("Only counted estimates of one confidence add.")
        return Estimate.from_counts(
            self.events + other.events,
            self.trials + other.trials,
            confidence=self.confidence,
            stop_reason=self.stop_reason,
            cost_s=self.cost_s + other.cost_s,
        )

    @property
    def is_upper_bound(self) -> bool:
        """Whether no event was seen, so that only ``high`` says something."""
        return self.value == 0.0

    @property
    def relative_error(self) -> float:
        """Half the interval over the value [1]; infinite where the value is 0."""
        return 0.5 * (self.high - self.low) / self.value if self.value > 0.0 else math.inf

    @property
    def conservative(self) -> float:
        """The value to feed onwards: the estimate, or its upper bound where nothing was seen [1]."""
        return self.high if self.is_upper_bound else self.value


def clopper_pearson(
    events: ArrayLike, trials: ArrayLike, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Exact interval of a binomial probability.

    .. math:: p_{low} = I^{-1}_{a/2}(k, n-k+1), \qquad p_{high} = I^{-1}_{1-a/2}(k+1, n-k)

    Zero events (or only events) use the whole error probability ``a`` on the open side, so that 0 of n gives
    the "rule of three" bound.

    Parameters
    ----------
    events, trials : array of int, broadcastable
        Counts [1], 0 <= events <= trials, trials > 0.
    confidence : float
        Coverage [1], between 0 and 1.

    Returns
    -------
    low, high : array
        Limits [1].

    Raises
    ------
    InputError
        If the counts or the confidence are impossible.

    Examples
    --------
    >>> low, high = clopper_pearson([0, 5, 10], 10)
    >>> [round(float(limit), 3) for limit in high]
    [0.259, 0.813, 1.0]

    References
    ----------
    C. J. Clopper and E. S. Pearson, Biometrika 26, 404 (1934).
    """
    k, n = np.broadcast_arrays(np.asarray(events), np.asarray(trials))
    if np.any(n <= 0) or np.any(k < 0) or np.any(k > n):
        raise InputError(
            f"events and trials must satisfy 0 <= events <= trials and trials > 0; "
            f"instead received {events!r} of {trials!r}."
        )
    finite("confidence", confidence, LEAST_CONFIDENCE)
    if confidence >= 1.0:
        raise InputError(f"confidence must lie between 0 and 1; instead received {confidence}.")
    none, every = k == 0, k == n
    tail = np.where(none | every, 1.0, 0.5) * (1.0 - confidence)
    low = np.where(none, 0.0, betaincinv(np.where(none, 1, k), n - k + 1, tail))
    high = np.where(every, 1.0, betaincinv(k + 1, np.where(every, 1, n - k), 1.0 - tail))
    return low, high
