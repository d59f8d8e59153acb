"""A probability with its interval: the only form in which an error rate is passed on."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import betaincinv

from spinpim.errors import InputError


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability with its interval and how it was obtained.

    Attributes
    ----------
    value : float
        Best estimate [1]; with zero events it is 0 and only ``high`` carries information.
    low, high : float
        Two-sided interval [1]; with zero events ``high`` is the one-sided upper bound.
    method : str
        "counting", "quadrature", "closed form", ...
    trials : int
        Number of independent trials, 0 for a method that draws none.
    stop_reason : str
        Why the work ended, as a phrase.
    """

    value: float
    low: float
    high: float
    method: str
    trials: int
    stop_reason: str

    @classmethod
    def from_counts(
        cls, events: int, trials: int, *, confidence: float = 0.95, stop_reason: str = "all trials done"
    ) -> Estimate:
        r"""Binomial probability with its Clopper-Pearson interval.

        .. math:: p_{low} = I^{-1}_{a/2}(k, n-k+1), \qquad p_{high} = I^{-1}_{1-a/2}(k+1, n-k)

        Zero events (or only events) use the whole error probability ``a`` on the open side, so that
        0 of n gives the "rule of three" bound.

        Parameters
        ----------
        events : int
            Number of events [1], 0 <= events <= trials.
        trials : int
            Number of trials [1], > 0.
        confidence : float
            Coverage of the interval [1], between 0 and 1.
        stop_reason : str
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

        References
        ----------
        C. J. Clopper and E. S. Pearson, Biometrika 26, 404 (1934).
        """
        if trials <= 0 or not 0 <= events <= trials:
            raise InputError(
                f"events and trials must satisfy 0 <= events <= trials and trials > 0; "
                f"instead received {events} of {trials}."
            )
        if not 0.0 < confidence < 1.0:
            raise InputError(f"confidence must lie between 0 and 1; instead received {confidence}.")
        one_sided = events in (0, trials)
        tail = (1.0 - confidence) if one_sided else 0.5 * (1.0 - confidence)
        low = 0.0 if events == 0 else float(betaincinv(events, trials - events + 1, tail))
        high = 1.0 if events == trials else float(betaincinv(events + 1, trials - events, 1.0 - tail))
        return cls(events / trials, low, high, "counting", trials, stop_reason)

    @property
    def conservative(self) -> float:
        """The value to feed onwards: the estimate, or its upper bound where nothing was seen."""
        return self.value if self.value > 0.0 else self.high
