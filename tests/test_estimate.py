"""Intervals of counted probabilities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spinpim.errors import InputError
from spinpim.estimate import Estimate


@given(trials=st.integers(1, 10_000), share=st.floats(0.0, 1.0))
def test_interval_holds_the_value_and_has_the_stated_coverage(trials, share):
    events = round(share * trials)
    estimate = Estimate.from_counts(events, trials)
    assert estimate.low <= estimate.value <= estimate.high
    if 0 < events < trials:
        assert stats.binom.cdf(events, trials, estimate.high) == pytest.approx(0.025, rel=1e-6)
        assert stats.binom.sf(events - 1, trials, estimate.low) == pytest.approx(0.025, rel=1e-6)


def test_zero_events_give_a_bound_and_never_zero_onwards():
    estimate = Estimate.from_counts(0, 1000)
    assert estimate.value == 0.0
    assert estimate.conservative == estimate.high == pytest.approx(1.0 - 0.05 ** (1 / 1000))


def test_only_counts_of_one_confidence_add():
    half = Estimate.from_counts(3, 10, confidence=0.5)
    assert (half + half).events == 6
    with pytest.raises(InputError, match="confidence"):
        half + Estimate.from_counts(3, 10)


@pytest.mark.parametrize(("events", "trials"), [(1, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(events, trials):
    with pytest.raises(InputError):
        Estimate.from_counts(events, trials)
