import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit.amplifier_parts import OffsetCancellation
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.errors import InputError

# StrongARM with P inputs on FreePDK45 cards, ngspice 39.3, A_VT 2 mV um per pair.
OFFSET_BY_COMMON_MODE_V = {0.1: 20.5e-3, 0.2: 17.5e-3, 0.3: 15.6e-3, 0.4: 14.5e-3}
OFFSET_BY_TEMPERATURE_K = {233.15: 13.9e-3, 300.15: 17.5e-3, 358.15: 19.4e-3, 398.15: 20.4e-3}
TIME_CONSTANT_BY_TEMPERATURE_K = {233.15: 3.88e-12, 300.15: 6.48e-12, 358.15: 9.58e-12, 398.15: 12.15e-12}
DECISION_BY_INPUT_V = {1e-3: 64e-12, 10e-3: 49e-12, 20e-3: 44.5e-12, 100e-3: 34e-12}
ENERGY_BY_AREA_SCALE_J = {1.0: 4.9e-15, 4.0: 17.8e-15, 16.0: 69.8e-15}


def test_offset_of_the_small_amplifier_follows_the_simulated_common_mode(small_amplifier):
    for common_mode, simulated in OFFSET_BY_COMMON_MODE_V.items():
        assert small_amplifier.offset_sigma_V(common_mode) == pytest.approx(simulated, rel=0.01)


def test_offset_of_the_small_amplifier_follows_the_simulated_temperature(small_amplifier):
    for temperature, simulated in OFFSET_BY_TEMPERATURE_K.items():
        assert small_amplifier.offset_sigma_V(0.2, temperature) == pytest.approx(simulated, rel=0.01)


def test_offset_of_the_latch_with_pass_transistors_is_the_simulated_one(clamp_amplifier):
    assert clamp_amplifier.replace(area_scale=1.0).offset_sigma_V(0.7) == pytest.approx(17.6e-3, rel=0.01)


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
    with pytest.raises(InputError, match="difference_V must be finite and not zero"):
        amplifier.decision_time_s(difference_V)


def test_an_unknown_attribute_is_refused(amplifier):
    with pytest.raises(InputError, match="SenseAmp has no attribute"):
        amplifier.replace(area=2.0)


@pytest.mark.parametrize(
    ("name", "mode"),
    [("strongarm_45nm", "voltage"), ("strongarm_minimum_45nm", "voltage"), ("current_clamp_45nm", "current")],
)
def test_shipped_amplifiers_load_with_sources(name, mode):
    amplifier = SenseAmp.load(name)
    assert amplifier.mode == mode
    assert 0 < amplifier.assumed_count < len(amplifier.records)
