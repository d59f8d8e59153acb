import dataclasses
import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit.amplifier_parts import OffsetCancellation
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.errors import InputError

# StrongARM with P inputs on FreePDK45 cards, ngspice 39.3, A_VT 2 mV um per pair.
OFFSET_BY_COMMON_MODE_V = {0.1: 20.5e-3, 0.2: 17.5e-3, 0.3: 15.6e-3, 0.4: 14.5e-3}
REFERENCE = json.loads((Path(__file__).parent / "spice" / "amplifier_reference.json").read_text())
OFFSET_BY_TEMPERATURE_K = {233.15: 13.9e-3, 300.15: 17.5e-3, 358.15: 19.4e-3, 398.15: 20.4e-3}
TIME_CONSTANT_BY_TEMPERATURE_K = {233.15: 3.88e-12, 300.15: 6.48e-12, 358.15: 9.58e-12, 398.15: 12.15e-12}
DECISION_BY_INPUT_V = {1e-3: 64e-12, 10e-3: 49e-12, 20e-3: 44.5e-12, 100e-3: 34e-12}
ENERGY_BY_AREA_SCALE_J = {1.0: 4.9e-15, 4.0: 17.8e-15, 16.0: 69.8e-15}


def on_an_axis(point, amplifier):
    """Whether only one of common mode, supply and temperature differs from the reference point."""
    away = abs(point["common_mode_V"] - amplifier.common_mode_reference_V) > 1e-6
    return away + (abs(point["supply_V"] - 1.0) > 1e-6) + (abs(point["temperature_K"] - 300.15) > 1.0) <= 1


def sigma_of(amplifier, weights):
    """Offset out of simulated weights."""
    return math.hypot(
        *(
            weights[pair.name] * amplifier.matching_V_m / math.sqrt(pair.width_m * pair.length_m)
            for pair in amplifier.pairs
        )
    )


@pytest.mark.parametrize("name", ["strongarm_minimum_45nm", "latch_45nm"])
def test_the_offset_law_follows_ngspice_along_each_axis_and_in_the_corners(name):
    amplifier = SenseAmp.load(name).replace(area_scale=1.0)
    points = [point for point in REFERENCE["points"] if point["amplifier"] == name]
    assert len(points) > 30
    for point in points:
        place = (point["common_mode_V"], point["temperature_K"], point["supply_V"])
        tolerance = 0.06 if on_an_axis(point, amplifier) else 0.2
        simulated = sigma_of(amplifier, point["weights"])
        assert amplifier.offset_sigma_V(*place) == pytest.approx(simulated, rel=tolerance)


@pytest.mark.parametrize("name", ["strongarm_minimum_45nm", "latch_45nm"])
def test_time_constant_and_decisions_follow_ngspice(name):
    amplifier = SenseAmp.load(name).replace(area_scale=1.0)
    for point in REFERENCE["points"]:
        if point["amplifier"] != name:
            continue
        place = (point["temperature_K"], point["supply_V"], point["common_mode_V"])
        on_axis = on_an_axis(point, amplifier)
        simulated = 1e-12 * point["time_constant_ps"]
        assert amplifier.regeneration_time_s(*place) == pytest.approx(simulated, rel=0.04 if on_axis else 0.1)
        simulated = 1e-12 * point["decision_1mV_ps"]
        assert amplifier.decision_time_s(1e-3, *place) == pytest.approx(
            simulated, rel=0.06 if on_axis else 0.15
        )


@pytest.mark.parametrize(("name", "common_modes"), [("strongarm_minimum_45nm", 4), ("latch_45nm", 3)])
def test_each_weight_that_matters_is_within_a_tenth_of_ngspice_at_room_temperature(name, common_modes):
    amplifier = SenseAmp.load(name).replace(area_scale=1.0)
    checked = 0
    for point in REFERENCE["points"]:
        if point["amplifier"] != name or point["supply_V"] != 1.0 or abs(point["temperature_K"] - 300.15) > 1:
            continue
        above = point["common_mode_V"] - amplifier.common_mode_reference_V
        for pair in amplifier.pairs:
            simulated = point["weights"][pair.name]
            # A weight below 0.2 adds hardly a hundredth to the variance: it may be 0.035 off.
            assert pair.weight_at(above, 300.15, 1.0) == pytest.approx(simulated, rel=0.1, abs=0.035)
        checked += 1
    assert checked >= common_modes


def test_offsets_by_pair_add_in_squares_to_the_offset(amplifier):
    parts = amplifier.offset_by_pair_V(0.3, 350.0, 0.9)
    assert math.hypot(*parts.values()) == pytest.approx(amplifier.offset_sigma_V(0.3, 350.0, 0.9))
    assert set(parts) == {pair.name for pair in amplifier.pairs}


def test_a_latch_is_refused_on_low_lines_and_on_cells_of_high_resistance():
    latch = SenseAmp.load("latch_45nm").replace(area_scale=1.0)
    with pytest.raises(InputError, match=r"its inputs are at 0\.3 V, outside"):
        latch.check_inputs(0.3)
    with pytest.raises(InputError, match="it pushes a current into its inputs"):
        latch.check_inputs(0.65, 6e3)
    latch.check_inputs(0.8, 6e3)
    with pytest.raises(InputError, match="it pushes a current into its inputs"):
        latch.replace(area_scale=64.0).check_inputs(0.8, 6e3)


def test_the_common_mode_range_of_the_strongarm_moves_with_the_supply(amplifier):
    amplifier.check_inputs(0.4)
    with pytest.raises(InputError, match=r"outside 0\.\.0\.25 V"):
        amplifier.check_inputs(0.4, supply_V=0.8)


# Shift of the lines and differential gain before enable in ngspice, sources of 1, 3, 10 kohm: at a shift of
# 5 mV the difference has grown by a tenth.
@pytest.mark.parametrize(
    ("common_mode_V", "source_ohm", "simulated_V"),
    [(0.65, 1e3, 4.31e-3), (0.7, 3e3, 4.37e-3), (0.75, 10e3, 4.18e-3), (0.75, 3e3, 1.35e-3)],
)
def test_the_line_disturbance_of_the_latch_is_the_simulated_one(common_mode_V, source_ohm, simulated_V):
    latch = SenseAmp.load("latch_45nm").replace(area_scale=1.0)
    assert latch.line_disturbance_V(common_mode_V, source_ohm) == pytest.approx(simulated_V, rel=0.35)


@pytest.mark.parametrize("supply_V", [0.5, 1.3, 0.0, math.nan])
def test_a_supply_outside_the_fitted_range_is_refused(amplifier, supply_V):
    with pytest.raises(InputError, match="supply_V must be"):
        amplifier.regeneration_time_s(300.0, supply_V)


def test_a_decision_is_metastable_at_low_supply_only(small_amplifier):
    probability = [small_amplifier.undecided_probability(0.5e-9, 0.0, 20e-3, 300.0, v) for v in (1.0, 0.7)]
    assert probability[0] < 1e-20 < 1e-10 < probability[1] < 1.0
    window = small_amplifier.undecided_input_V(0.2e-9, 300.0, 0.8)
    density = 1.0 / (math.sqrt(2.0 * math.pi) * 20e-3)
    assert small_amplifier.undecided_probability(0.2e-9, 0.0, 20e-3, 300.0, 0.8) == pytest.approx(
        2.0 * window * density, rel=1e-3
    )


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["strongarm_45nm", "latch_45nm", "current_clamp_45nm", "strongarm_cancelled_45nm"]),
    cold_K=st.floats(233.0, 390.0),
    share=st.floats(0.0, 1.0),
    supply_V=st.floats(0.9, 1.1),
)
def test_heat_makes_every_amplifier_slower_noisier_and_worse_matched(name, cold_K, share, supply_V):
    amplifier = SenseAmp.load(name)
    low, high = amplifier.common_mode_minimum_V, amplifier.common_mode_maximum_V
    common_mode = low + share * (high - low)
    hot_K = cold_K + 8.0
    assert amplifier.offset_sigma_V(common_mode, hot_K, supply_V) > amplifier.offset_sigma_V(
        common_mode, cold_K, supply_V
    )
    assert amplifier.noise_sigma_V(hot_K) > amplifier.noise_sigma_V(cold_K)
    assert amplifier.regeneration_time_s(hot_K, supply_V) > amplifier.regeneration_time_s(cold_K, supply_V)


def test_the_auto_zeroed_amplifier_has_a_fraction_of_the_offset_of_its_comparator():
    cancelled, plain = SenseAmp.load("strongarm_cancelled_45nm"), SenseAmp.load("strongarm_45nm")
    assert cancelled.offset_sigma_V(0.2) < 0.15 * plain.replace(area_scale=4.0).offset_sigma_V(0.2)
    assert cancelled.noise_sigma_V() == pytest.approx(0.372e-3, rel=0.02)
    assert cancelled.decision_time_s(1e-3) > 10.0 * plain.decision_time_s(1e-3)


def test_the_clamped_line_rises_as_its_current_falls(clamp_amplifier):
    clamp = clamp_amplifier.clamp
    nominal = clamp.nominal_current_A
    assert clamp.line_V(nominal) == clamp.voltage_V
    lower = clamp.line_V(nominal - 5e-6)
    assert lower == pytest.approx(clamp.voltage_V + 5e-6 * clamp.input_resistance_ohm)


def test_kickback_falls_with_the_line_and_grows_with_the_amplifier(small_amplifier):
    step = small_amplifier.kickback_V(30e-15)
    assert step == pytest.approx(0.51 / 30.51, rel=1e-6)
    assert (
        small_amplifier.kickback_V(60e-15) < step < small_amplifier.replace(area_scale=4.0).kickback_V(30e-15)
    )


def test_offset_of_the_small_amplifier_follows_the_simulated_common_mode(small_amplifier):
    for common_mode, simulated in OFFSET_BY_COMMON_MODE_V.items():
        assert small_amplifier.offset_sigma_V(common_mode) == pytest.approx(simulated, rel=0.01)


def test_offset_of_the_small_amplifier_follows_the_simulated_temperature(small_amplifier):
    for temperature, simulated in OFFSET_BY_TEMPERATURE_K.items():
        assert small_amplifier.offset_sigma_V(0.2, temperature) == pytest.approx(simulated, rel=0.02)


def test_offset_of_the_latch_is_the_simulated_one():
    latch = SenseAmp.load("latch_45nm").replace(area_scale=1.0)
    assert latch.offset_sigma_V(0.7) == pytest.approx(17.6e-3, rel=0.03)


def test_regeneration_follows_the_simulated_temperature(small_amplifier):
    for temperature, simulated in TIME_CONSTANT_BY_TEMPERATURE_K.items():
        assert small_amplifier.regeneration_time_s(temperature) == pytest.approx(simulated, rel=0.02)


def test_decision_follows_the_simulated_input(small_amplifier):
    for difference, simulated in DECISION_BY_INPUT_V.items():
        assert small_amplifier.decision_time_s(difference) == pytest.approx(simulated, abs=1e-12)
        assert small_amplifier.decision_time_s(-difference) == small_amplifier.decision_time_s(difference)


def test_what_is_undecided_after_the_decision_time_is_the_input_itself(amplifier):
    time = amplifier.decision_time_s(1e-4, 350.0)
    assert amplifier.undecided_input_V(time, 350.0) == pytest.approx(1e-4, rel=1e-9)


def test_energy_follows_the_simulated_sizes(small_amplifier):
    for scale, simulated in ENERGY_BY_AREA_SCALE_J.items():
        assert small_amplifier.replace(area_scale=scale).energy_J == pytest.approx(simulated, rel=0.01)


@settings(max_examples=50, deadline=None)
@given(scale=st.floats(1.0, 64.0))
def test_offset_times_root_energy_hardly_depends_on_size(small_amplifier, scale):
    sized = small_amplifier.replace(area_scale=scale)
    product = 1e3 * sized.offset_sigma_V(0.2) * math.sqrt(1e15 * sized.energy_J)
    assert 36.0 < product < 39.5


@settings(max_examples=50, deadline=None)
@given(scale=st.floats(1.01, 50.0), common_mode_V=st.floats(0.0, 0.45), temperature_K=st.floats(230.0, 400.0))
def test_a_larger_amplifier_is_better_matched_quieter_and_dearer(
    amplifier, scale, common_mode_V, temperature_K
):
    larger = amplifier.replace(area_scale=scale * amplifier.area_scale)
    assert larger.offset_sigma_V(common_mode_V, temperature_K) < amplifier.offset_sigma_V(
        common_mode_V, temperature_K
    )
    assert larger.noise_sigma_V(temperature_K) < amplifier.noise_sigma_V(temperature_K)
    assert larger.energy_J > amplifier.energy_J
    assert larger.area_m2 > amplifier.area_m2
    assert larger.input_capacitance_F > amplifier.input_capacitance_F


def test_offset_cancellation_leaves_its_residual_and_costs_time_energy_and_noise(amplifier):
    cancelled = amplifier.replace(cancellation=OffsetCancellation(0.25, 0.3e-3, 1e-9, 20e-15))
    assert cancelled.offset_sigma_V(0.2) == pytest.approx(0.25 * amplifier.offset_sigma_V(0.2))
    assert cancelled.noise_sigma_V() == pytest.approx(math.hypot(amplifier.noise_sigma_V(), 0.3e-3))
    assert cancelled.decision_time_s(1e-3) == pytest.approx(amplifier.decision_time_s(1e-3) + 1e-9)
    assert cancelled.energy_J == pytest.approx(amplifier.energy_J + 20e-15)
    time = cancelled.decision_time_s(1e-3)
    assert cancelled.undecided_input_V(time) == pytest.approx(1e-3, rel=1e-9)


@pytest.mark.parametrize("difference_V", [0.0, math.nan, math.inf])
def test_a_decision_without_an_input_is_refused(amplifier, difference_V):
    with pytest.raises(InputError, match="difference_V must"):
        amplifier.decision_time_s(difference_V)


def test_an_unknown_attribute_is_refused(amplifier):
    with pytest.raises(InputError, match="SenseAmp has no attribute"):
        amplifier.replace(area=2.0)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("strongarm_45nm", "voltage"),
        ("strongarm_minimum_45nm", "voltage"),
        ("latch_45nm", "voltage"),
        ("strongarm_cancelled_45nm", "voltage"),
        ("current_clamp_45nm", "current"),
    ],
)
def test_shipped_amplifiers_load_with_sources(name, mode):
    amplifier = SenseAmp.load(name)
    assert amplifier.mode == mode
    assert 0 < amplifier.assumed_count < len(amplifier.records)


def test_a_load_on_the_outputs_slows_a_small_amplifier_most():
    amplifier = SenseAmp.load("strongarm_45nm").replace(area_scale=1.0)
    larger = [amplifier.replace(area_scale=scale).regeneration_time_s() for scale in (1.0, 4.0, 1e3)]
    assert larger == sorted(larger, reverse=True)
    assert larger[0] == pytest.approx(amplifier.time_constant_s)
    assert larger[2] / larger[0] == pytest.approx(1.0 - amplifier.load_share, rel=1e-3)


@pytest.mark.parametrize("current_A", [10e-6, 50e-6])
def test_a_reference_current_outside_the_range_of_the_mirror_is_refused(current_A):
    clamp = SenseAmp.load("current_clamp_45nm").clamp
    with pytest.raises(InputError, match=r"outside 12\.\.40 uA where its mirror works"):
        clamp.transresistance_at_ohm(current_A)


def test_the_transresistance_falls_as_one_over_the_current():
    clamp = SenseAmp.load("current_clamp_45nm").clamp
    assert clamp.transresistance_at_ohm(clamp.nominal_current_A) == clamp.transresistance_ohm
    product = [current * clamp.transresistance_at_ohm(current) for current in (15e-6, 30e-6, 40e-6)]
    assert product == pytest.approx([product[0]] * 3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lowest_current_A": 5e-5}, "below highest_current_A"),
        ({"linear_current_A": 0.0}, "linear_current_A"),
    ],
)
def test_an_impossible_range_of_the_clamp_is_refused(changes, said):
    with pytest.raises(InputError, match=said):
        dataclasses.replace(SenseAmp.load("current_clamp_45nm").clamp, **changes)
