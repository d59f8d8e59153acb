"""A vote of three accesses against its integral and against drawn accesses."""

import numpy as np
import pytest
from scipy.integrate import simpson
from scipy.special import ndtr
from scipy.stats import binom

from spinpim.circuit import sense
from spinpim.circuit.error_rates import turned
from spinpim.circuit.voted_errors import turned_twice, voted_errors
from spinpim.errors import InputError


def voted(q):
    return q * q * (3.0 - 2.0 * q)


@pytest.mark.parametrize("margin_V", [0.0, 1e-3, 0.02, 0.06])
@pytest.mark.parametrize(("static_V", "noise_V"), [(1e-2, 1e-3), (5e-4, 3e-3), (7e-3, 7e-5), (1e-5, 3e-3)])
def test_a_vote_is_turned_as_its_integral_says_down_to_the_deepest_tails(margin_V, static_V, noise_V):
    width = static_V * noise_V / np.hypot(noise_V, np.sqrt(2.0) * static_V)
    expected = 0.0
    for centre in (margin_V, -margin_V):
        peak = max(centre * (width / static_V) ** 2, 0.0)
        u = np.linspace(max(0.0, peak - 30 * width), peak + 30 * width, 200_001)
        density = np.exp(-0.5 * ((u - centre) / static_V) ** 2) / (static_V * np.sqrt(2 * np.pi))
        expected += simpson(density * voted(ndtr(-u / noise_V)), x=u)
    sigma_V = np.hypot(static_V, noise_V)
    assert turned_twice(-margin_V / sigma_V, sigma_V, noise_V) == pytest.approx(expected, rel=1e-9)


def test_votes_over_drawn_margins_and_accesses_are_turned_as_often():
    # 400,000 margins, three accesses each; two-sided false-alarm rate 1e-6.
    rng = np.random.default_rng(1)
    margin = rng.normal(2.0, 3.0, 400_000)
    votes = (np.sign(margin + rng.standard_normal((3, margin.size))) != np.sign(margin)).sum(axis=0)
    sigma = np.sqrt(10.0)
    low, high = binom.ppf([5e-7, 1 - 5e-7], margin.size, turned_twice(-2.0 / sigma, sigma, 1.0))
    assert low <= np.count_nonzero(votes >= 2) <= high


def test_without_spread_accesses_are_independent_and_without_noise_nothing_turns():
    assert turned_twice(-1.0, 1e-3, 1e-3) == pytest.approx(voted(turned(-1.0, 1e-3, 1e-3)), rel=1e-12)
    assert turned_twice(-1.0, 1e-3, 0.0) == 0.0


def test_votes_of_given_columns_lie_between_independent_accesses_and_one(cell, small_amplifier):
    sensing = sense(cell, small_amplifier)
    normals = np.random.default_rng(2).standard_normal((200, 3))
    once, found = sensing.column_errors(normals)[1], voted_errors(sensing, normals)
    seen = once > 1e-100
    assert seen.mean() > 0.5
    assert np.all(found[seen] < once[seen])
    assert np.all(found[seen] > voted(once[seen]))
    with pytest.raises(InputError, match="standard_normals must be"):
        voted_errors(sensing, [[0.0, 1.0]])
