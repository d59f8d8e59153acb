"""Columns that err at chosen rates."""

import numpy as np
import pytest

from spinpim.array import Faults, execute
from spinpim.array.even_errors import EvenErrors
from spinpim.errors import InputError


def test_one_rate_holds_for_every_pattern_and_four_hold_for_their_own():
    fixed, temporal = EvenErrors(0.25, (0.0, 0.1, 0.2, 0.3)).column_errors(np.zeros((5, 3)))
    assert np.array_equal(fixed, np.full((5, 4), 0.25))
    assert np.array_equal(temporal, np.tile([0.0, 0.1, 0.2, 0.3], (5, 1)))


def test_noise_of_the_patterns_with_a_dark_pixel_flips_that_share_of_a_dark_image(chosen):
    network = chosen.network(chosen.layer(np.random.default_rng(1), fan=(1, 30)), shape=(1, 30, 1))
    images, array = np.zeros((40, 1, 30, 1), int), chosen.Array()
    mapping = array.map(network)[0]
    accesses = 40 * (mapping.and_operations + mapping.correction_operations)
    for rates, share in (((0.2, 0.0, 0.2, 0.0), 0.2), ((0.0, 0.2, 0.0, 0.2), 0.0)):
        faults = Faults(columns=EvenErrors(temporal=rates))
        run = execute(network, images, np.zeros(40, int), array, seed=1, faults=faults)
        # Five standard errors.
        assert run.flipped_reads[0] == pytest.approx(share * accesses, abs=5 * np.sqrt(share * accesses))


@pytest.mark.parametrize("rates", [-0.1, 1.1, float("nan"), "often", (0.1, 0.2), (0.1, 0.2, 0.3, 2.0), None])
def test_what_are_no_rates_is_refused(rates):
    with pytest.raises(InputError, match="static"):
        EvenErrors(static=rates)
