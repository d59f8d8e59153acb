"""Disturb of one access: constant hazard against the density in time."""

from __future__ import annotations

import numpy as np
import pytest

from spinpim.device import Device, Pulse, write_error_rate
from spinpim.device.escape.escape_rates import escape_rate, stationary_device
from spinpim.device.escape.read_disturb import read_disturb_probability
from spinpim.device.warming import Warming
from spinpim.errors import InputError


def disturb(device, name="P", voltage=-0.5, access=5e-9, **more):
    return read_disturb_probability(device, name, mtj_voltage_V=voltage, access_time_s=access, **more)


def test_a_long_access_disturbs_at_the_escape_rate(memory):
    access = 400.0 * memory.damping_time_s
    exact, hazard = (disturb(memory, access=access, method=method) for method in ("fokker-planck", "rate"))
    assert hazard.value == pytest.approx(exact.value, rel=hazard.relative_error)
    assert hazard.relative_error < 0.035
    assert disturb(memory, access=access).method == "rate"


@pytest.mark.parametrize("damping_times", [1.0, 5.0, 30.0])
def test_a_short_access_disturbs_less_than_rate_times_time(memory, damping_times):
    access = damping_times * memory.damping_time_s
    exact, bound = disturb(memory, access=access), disturb(memory, access=access, method="rate")
    assert (exact.method, bound.method) == ("fokker-planck", "rate")
    assert 0.0 < exact.value < bound.value
    if damping_times < 2.0:
        assert exact.value < 1e-3 * bound.value


def test_disturb_grows_with_voltage_and_time(memory):
    by_voltage = [disturb(memory, voltage=v).log_value for v in (-0.1, -0.3, -0.5, -0.7)]
    by_time = [disturb(memory, access=t).log_value for t in (2e-9, 5e-9, 20e-9, 80e-9, 400e-9)]
    assert np.all(np.diff(by_voltage) > 0.0)
    assert np.all(np.diff(by_time) > 0.0)


def test_a_read_disturbs_the_state_its_electrons_drive_out_of(memory):
    symmetric = memory.replace(vcma_coefficient_J_per_V_m=0.0)
    driven = disturb(symmetric, "P", -0.5, 20e-9)
    assert disturb(symmetric, "AP", 0.5, 20e-9).value == pytest.approx(driven.value, rel=1e-3)
    assert disturb(symmetric, "P", 0.5, 20e-9).value < 1e-9 * driven.value
    assert disturb(symmetric, "AP", -0.5, 20e-9).value < 1e-9 * driven.value


@pytest.mark.parametrize("voltage", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("access", [0.2e-9, 5e-9, 1e-6, 1e-3])
def test_the_rate_is_an_upper_estimate_where_the_voltage_holds_the_state(memory, voltage, access):
    exact = disturb(memory, voltage=voltage, access=access)
    bound = disturb(memory, voltage=voltage, access=access, method="rate")
    assert exact.method == "fokker-planck"
    assert exact.log_value < bound.log_value < exact.log_value + 2.0
    assert abs(exact.value / bound.value - 1.0) < bound.relative_error


def test_the_rate_counts_the_rest_after_the_access(memory):
    holding = {"voltage": 0.3, "access": 5e-9, "settle_time_s": 1e-3}
    exact, bound = (disturb(memory, **holding, method=method) for method in ("fokker-planck", "rate"))
    assert bound.value == pytest.approx(exact.value, rel=1e-3)
    assert bound.relative_error < 2e-3


def test_vcma_of_the_read_voltage_helps_one_state_and_hurts_the_other(memory):
    symmetric = memory.replace(vcma_coefficient_J_per_V_m=0.0)
    # A negative voltage accumulates electrons and softens the film; a positive one stiffens it.
    assert disturb(memory, "P", -0.5).value > disturb(symmetric, "P", -0.5).value
    assert disturb(memory, "AP", 0.5).value < disturb(symmetric, "AP", 0.5).value


def test_disturb_in_time_agrees_with_counting(memory):
    device = memory.replace(temperature_K=memory.temperature_K * memory.thermal_stability / 12.0)
    voltage, access, rest = -0.55 * device.stt_critical_voltage_V, 12e-9, 8e-9
    expected = disturb(device, "P", voltage, access, settle_time_s=rest)
    assert expected.method == "fokker-planck"
    pulse = Pulse.points([0.0, access, access, access + rest], mtj_voltage_V=[voltage, voltage, 0.0, 0.0])
    counted = write_error_rate(
        device,
        pulse,
        to="AP",
        seed=5,
        method="counting",
        target_relative_error=None,
        trials=6144,
    )
    switched = 1.0 - counted.value
    assert 0.01 < expected.value < 0.9
    # Four standard errors of the count, false alarm 6e-5.
    error = 4.0 * np.sqrt(switched * (1.0 - switched) / counted.trials)
    assert switched == pytest.approx(expected.value, abs=error)


def test_without_axial_symmetry_the_rate_answers_and_says_that_it_is_an_upper_estimate():
    device = Device.load("imec_sot_62nm")
    found = disturb(device, "P", -0.2, 5e-9)
    assert found.method == "rate"
    assert "upper estimate" in found.valid_range
    rate, rest = escape_rate(device, "P", mtj_voltage_V=-0.2), escape_rate(device, "P")
    waited = 20.0 * device.damping_time_s
    assert found.value == pytest.approx(rate.value_per_s * 5e-9 + rest.value_per_s * waited)
    with pytest.raises(InputError, match="splitting"):
        disturb(device, "P", -0.2, 5e-9, method="fokker-planck")


def test_impossible_accesses_are_refused(memory):
    with pytest.raises(InputError, match="access_time_s"):
        disturb(memory, access=0.0)
    with pytest.raises(InputError, match="settle_time_s"):
        disturb(memory, settle_time_s=-1e-9)
    with pytest.raises(InputError, match="method"):
        disturb(memory, method="guess")
    with pytest.raises(InputError, match="initial_state"):
        disturb(memory, "up")


def test_an_access_warms_the_junction_that_has_thermal_paths(memory):
    paths = Warming(3e6, 1e-9, 3e5, 5e-9)
    warm = memory.replace(warming=paths)
    voltage = -0.3
    rise = 3e6 * voltage**2 / memory.resistance_p_ohm
    assert rise > 10.0
    hot = memory.replace(temperature_K=memory.temperature_K + rise)
    found, expected = (
        escape_rate(warm, "P", mtj_voltage_V=voltage),
        escape_rate(hot, "P", mtj_voltage_V=voltage),
    )
    assert found.log_value == pytest.approx(expected.log_value)
    assert escape_rate(warm, "P").log_value == pytest.approx(escape_rate(memory, "P").log_value)
    current = memory.write.sot_current_A
    heated = memory.replace(
        temperature_K=memory.temperature_K + 3e5 * current**2 * memory.channel_resistance_ohm
    )
    both = stationary_device(warm, "P", 0.0, current)
    assert both.temperature_K == pytest.approx(heated.temperature_K)
    disturbed = (disturb(one, voltage=voltage, access=1e-6, method="fokker-planck") for one in (warm, hot))
    first, second = disturbed
    assert first.log_value == pytest.approx(second.log_value, abs=1e-3)
