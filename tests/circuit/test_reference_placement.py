import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit import sense
from spinpim.circuit.placement import least_error_placement
from spinpim.circuit.reference import (
    JunctionReference,
    Neighbour,
    ResistorReference,
    TrimmedReference,
    equal_density_point,
    equal_z_point,
    junction_reference,
    junction_sigma_V,
    placed_share,
)
from spinpim.errors import InputError

CELLS, SLOPES = np.array([[0.0], [1.0]]), np.zeros((2, 4))


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


@settings(max_examples=50, deadline=None)
@given(
    step_V=st.floats(0.02, 0.2),
    lower_sigma_V=st.floats(1e-3, 0.01),
    ratio=st.one_of(st.just(1.0), st.floats(0.3, 3.0)),
)
def test_both_levels_are_equally_likely_at_the_equal_density_point(step_V, lower_sigma_V, ratio):
    upper_sigma_V = ratio * lower_sigma_V
    point = equal_density_point(0.2, lower_sigma_V, 0.2 + step_V, upper_sigma_V)
    if point == 0.2 + 0.5 * step_V and ratio != 1.0:
        return
    exponents = [
        -0.5 * ((point - level) / sigma) ** 2 - math.log(sigma)
        for level, sigma in ((0.2, lower_sigma_V), (0.2 + step_V, upper_sigma_V))
    ]
    assert exponents[0] == pytest.approx(exponents[1], abs=1e-6)


def place(lower, upper, offset, pairs):
    share = placed_share(
        lower, upper, offset, "equal-z", lambda share: junction_sigma_V(lower, upper, share, pairs)
    )
    return junction_reference(lower, upper, share, pairs, CELLS, SLOPES)


def test_reference_lies_nearer_to_the_level_that_spreads_less():
    lower, upper = Neighbour(0.2, 4e-3, 0.0, 0.0), Neighbour(0.3, 8e-3, 0.0, 0.0)
    assert place(lower, upper, lambda _: 0.0, 8).voltage_V < 0.25


def test_reference_columns_average():
    lower, upper = Neighbour(0.2, 4e-3, 0.0, 0.6e-3), Neighbour(0.3, 4e-3, 0.0, 0.6e-3)
    one, nine = (place(lower, upper, lambda _: 5e-3, pairs) for pairs in (1, 9))
    assert one.sigma_V == pytest.approx(4e-3 / math.sqrt(2.0))
    assert nine.sigma_V == pytest.approx(one.sigma_V / 3.0)
    assert nine.noise_sigma_V == pytest.approx(one.noise_sigma_V / 3.0)


def test_drive_mismatch_of_the_sensed_column_does_not_average():
    lower, upper = Neighbour(0.2, 0.0, 2e-3, 0.0), Neighbour(0.3, 0.0, 3e-3, 0.0)
    reference = place(lower, upper, lambda _: 1e-3, 10_000)
    assert reference.drive_sigma_V == pytest.approx(2.5e-3, rel=0.01)
    assert reference.shared_sigma_V < 0.03e-3


def test_an_offset_that_falls_with_common_mode_still_gives_equal_z():
    lower, upper = Neighbour(0.2, 4e-3, 1e-3, 0.0), Neighbour(0.3, 7e-3, 1e-3, 0.0)

    def offset(common_mode_V):
        return 5e-3 * math.exp(-4.0 * (common_mode_V - 0.2))

    reference = place(lower, upper, offset, 2)
    z = [
        abs(one.level_V - reference.voltage_V)
        / math.hypot(one.cell_sigma_V, reference.sigma_V, offset(0.5 * (one.level_V + reference.voltage_V)))
        for one in (lower, upper)
    ]
    assert z[0] == pytest.approx(z[1], rel=1e-9)


def test_a_resistor_chosen_where_it_is_used_reads_like_junctions(cell, amplifier):
    junctions = sense(cell, amplifier, reference=JunctionReference(10_000), placement=0.5)
    resistor = sense(cell, amplifier, reference=ResistorReference(0.0), placement=0.5)
    assert resistor.reference_V == pytest.approx(junctions.reference_V, rel=1e-9)


def test_a_resistor_stays_while_heat_shifts_the_levels(cell, amplifier):
    # The access transistors gain more resistance than the magnetoresistance loses: the levels rise.
    # Large enough that the offset does not hide the shift.
    amplifier, fixed = amplifier.replace(area_scale=16.0), ResistorReference(0.002)
    tracking = sense(cell, amplifier, temperature_K=360.0)
    staying = sense(cell, amplifier, temperature_K=360.0, reference=fixed)
    assert staying.reference_V < tracking.reference_V
    assert staying.error_static["01"] > 100.0 * tracking.error_static["01"]
    following = ResistorReference(0.002, temperature_coefficient_per_K=5e-4)
    moved = sense(cell, amplifier, temperature_K=360.0, reference=following)
    assert staying.reference_V < moved.reference_V < tracking.reference_V


def test_a_resistor_that_leaves_the_levels_is_told(cell, amplifier):
    leaving = ResistorReference(0.002, temperature_coefficient_per_K=-3e-3)
    with pytest.raises(InputError, match="outside the levels"):
        sense(cell, amplifier, temperature_K=390.0, reference=leaving)
    with pytest.raises(InputError, match="no resistance left"):
        sense(
            cell,
            amplifier,
            temperature_K=400.0,
            reference=ResistorReference(0.0, temperature_coefficient_per_K=-0.05),
        )


def total(cell, amplifier, placement, **weights):
    found = sense(cell, amplifier, placement=placement)
    return sum(weights.get(f"p{pattern}", 0.0) * error for pattern, error in found.error_static.items())


def test_no_placement_errs_less_than_the_least_error_one(cell, small_amplifier):
    weights = {"01": 0.2, "10": 0.2, "11": 0.6}
    best = least_error_placement(cell, small_amplifier, pattern_probabilities=weights)
    named = {f"p{pattern}": weight for pattern, weight in weights.items()}
    least = total(cell, small_amplifier, best, **named)
    for other in (best - 0.02, best + 0.02, "equal-z", "equal-density"):
        assert total(cell, small_amplifier, other, **named) > least


def test_equal_weights_of_the_neighbours_give_nearly_the_equal_density_point(cell, small_amplifier):
    best = least_error_placement(cell, small_amplifier, pattern_probabilities={"01": 1.0, "11": 1.0})
    density = sense(cell, small_amplifier, placement="equal-density")
    levels = density.levels_V
    share = (density.reference_V - levels["01"]) / (levels["11"] - levels["01"])
    assert best == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"pattern_probabilities": {"1": 1.0}}, "accepted are 00, 01, 10, 11"),
        ({"pattern_probabilities": {"11": -1.0}}, "pattern_probabilities"),
        ({"pattern_probabilities": {"11": 0.0}}, "must have a weight above 0"),
        ({"temperatures_K": []}, "at least one temperature"),
        ({"temperatures_K": "hot"}, "temperature_K must be a number"),
        ({"pattern_probabilities": 1.0}, "must be a dict of pattern and weight"),
        ({"operation": "XOR"}, "XOR has 2 references"),
    ],
)
def test_impossible_wishes_for_a_placement_are_told(cell, amplifier, given, sentence):
    with pytest.raises(InputError, match=sentence):
        least_error_placement(cell, amplifier, **given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"placement": 1.2}, "between the two levels"),
        ({"placement": float("nan")}, "placement of the reference"),
        ({"placement": "middle"}, "must be one of equal-z, equal-density"),
        ({"reference": 0.2}, "JunctionReference, ResistorReference or TrimmedReference"),
    ],
)
def test_impossible_references_are_told(cell, amplifier, given, sentence):
    with pytest.raises(InputError, match=sentence):
        sense(cell, amplifier, **given)


def test_a_reference_of_no_columns_or_negative_spread_is_refused():
    with pytest.raises(InputError, match="column_pairs"):
        JunctionReference(0)
    with pytest.raises(InputError, match="relative_sigma"):
        ResistorReference(-0.01)


def test_a_trim_leaves_its_step_and_the_drift_of_the_offset(cell, small_amplifier):
    trim = TrimmedReference(4, step_V=2e-3, range_V=0.1)
    here = sense(cell, small_amplifier, reference=trim)
    assert here.offset_sigma_V["11"] == pytest.approx(2e-3 / math.sqrt(12.0))
    assert here.reference_sigma_V == here.drive_sigma_V == 0.0
    hot = sense(cell, small_amplifier, reference=trim, temperature_K=360.0)
    common_mode = 0.5 * (hot.levels_V["11"] + hot.reference_V)
    drift = small_amplifier.offset_sigma_V(common_mode, 360.0) - small_amplifier.offset_sigma_V(common_mode)
    assert hot.offset_sigma_V["11"] == pytest.approx(math.hypot(2e-3 / math.sqrt(12.0), drift))


def test_a_trim_makes_a_small_amplifier_as_good_as_a_large_one(cell, small_amplifier, amplifier):
    trimmed = sense(cell, small_amplifier, reference=TrimmedReference(4, step_V=2e-3, range_V=0.1))
    assert trimmed.error_static["11"] < 1e-3 * sense(cell, amplifier).error_static["11"]
    assert trimmed.error_static["11"] > trimmed.error_without_offset["11"]


def test_columns_beyond_the_range_of_a_trim_are_as_many_as_their_spread_says(cell, small_amplifier):
    trim = TrimmedReference(4, step_V=1e-3, range_V=40e-3)
    found, plain = (sense(cell, small_amplifier, reference=one) for one in (trim, JunctionReference(4)))
    spreads = [
        math.hypot(plain.offset_sigma_V[pattern], plain.reference_sigma_V, plain.drive_sigma_V)
        for pattern in plain.patterns
    ]
    tail = math.erfc(40e-3 / max(spreads) / math.sqrt(2.0))
    assert found.untrimmable == pytest.approx(tail, rel=0.05)
    assert plain.untrimmable == 0.0


def test_an_impossible_trim_is_refused():
    with pytest.raises(InputError, match="must not exceed its whole range"):
        TrimmedReference(4, step_V=1.0, range_V=1e-3)
    for name, value in (("step_V", 0.0), ("range_V", -1.0), ("trimmed_at_K", 20.0)):
        with pytest.raises(InputError, match=name):
            TrimmedReference(**({"column_pairs": 4, "step_V": 1e-3, "range_V": 0.05} | {name: value}))
