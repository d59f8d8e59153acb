import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit.reference import Neighbour, equal_z_point, place_reference


@settings(max_examples=50, deadline=None)
@given(
    lower_V=st.floats(0.05, 0.3),
    step_V=st.floats(0.005, 0.2),
    lower_sigma_V=st.floats(1e-4, 0.02),
    upper_sigma_V=st.floats(1e-4, 0.02),
)
def test_equal_z_point_is_as_many_sigmas_from_both_levels(lower_V, step_V, lower_sigma_V, upper_sigma_V):
    upper_V = lower_V + step_V
    point = equal_z_point(lower_V, lower_sigma_V, upper_V, upper_sigma_V)
    z = step_V / (lower_sigma_V + upper_sigma_V)
    assert (point - lower_V) / lower_sigma_V == pytest.approx(z, rel=1e-9)
    assert (upper_V - point) / upper_sigma_V == pytest.approx(z, rel=1e-9)


def test_levels_without_spread_have_the_reference_in_the_middle():
    assert equal_z_point(0.2, 0.0, 0.3, 0.0) == pytest.approx(0.25)


def test_reference_lies_nearer_to_the_level_that_spreads_less():
    lower, upper = Neighbour(0.2, 4e-3, 0.0, 0.0), Neighbour(0.3, 8e-3, 0.0, 0.0)
    assert place_reference(lower, upper, lambda _: 0.0, 8).voltage_V < 0.25


def test_reference_columns_average():
    lower, upper = Neighbour(0.2, 4e-3, 0.0, 0.6e-3), Neighbour(0.3, 4e-3, 0.0, 0.6e-3)
    one, nine = (place_reference(lower, upper, lambda _: 5e-3, pairs) for pairs in (1, 9))
    assert one.sigma_V == pytest.approx(4e-3 / math.sqrt(2.0))
    assert nine.sigma_V == pytest.approx(one.sigma_V / 3.0)
    assert nine.noise_sigma_V == pytest.approx(one.noise_sigma_V / 3.0)


def test_drive_mismatch_of_the_sensed_column_does_not_average():
    lower, upper = Neighbour(0.2, 0.0, 2e-3, 0.0), Neighbour(0.3, 0.0, 3e-3, 0.0)
    reference = place_reference(lower, upper, lambda _: 1e-3, 10_000)
    assert reference.drive_sigma_V == 3e-3
    assert reference.shared_sigma_V < 0.03e-3


def test_an_offset_that_falls_with_common_mode_still_gives_equal_z():
    lower, upper = Neighbour(0.2, 4e-3, 1e-3, 0.0), Neighbour(0.3, 7e-3, 1e-3, 0.0)

    def offset(common_mode_V):
        return 5e-3 * math.exp(-4.0 * (common_mode_V - 0.2))

    reference = place_reference(lower, upper, offset, 2)
    z = [
        abs(one.level_V - reference.voltage_V)
        / math.hypot(one.cell_sigma_V, reference.sigma_V, offset(0.5 * (one.level_V + reference.voltage_V)))
        for one in (lower, upper)
    ]
    assert z[0] == pytest.approx(z[1], rel=1e-9)
