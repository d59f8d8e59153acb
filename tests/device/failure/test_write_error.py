"""write_error_rate: which method answers, and what it says about its answer."""

from __future__ import annotations

import pytest

from spinpim import Device, Pulse, write_error_rate
from spinpim.errors import InputError


@pytest.fixture(scope="module")
def axial():
    return Device.load("perpendicular_memory_60nm").replace(
        external_field_T=(0.0, 0.0, 0.0),
        damping=0.1,
        demagnetising_factors=(0.0, 0.0, 1.0),
        field_like_ratio=0.0,
        stt_field_like_ratio=0.0,
    )


def transfer_pulse(device, width_s):
    voltage = -0.05 / device.stt_field_T_per_V
    return Pulse.points([0.0, width_s], mtj_voltage_V=[voltage, voltage])


@pytest.fixture(scope="module")
def orbit(memory):
    """A spin-orbit write that fails now and then at a weak current."""
    device = memory.replace(damping=0.1)

    def pulse(current_A):
        return Pulse.rectangle(
            sot_current_A=current_A, width_s=0.5e-9, mtj_voltage_V=-0.3, settle_time_s=0.5e-9
        )

    return device, pulse


def test_auto_solves_the_density_where_all_is_symmetric(axial):
    found = write_error_rate(axial, transfer_pulse(axial, 1e-9), to="AP", seed=1)
    assert (found.method, found.trials, found.confidence) == ("fokker-planck", 0, 1.0)
    assert 0.0 < found.low < found.value < found.high
    assert found.high / found.low < 1.01
    assert "converged" in found.stop_reason


def test_auto_counts_frequent_failures(orbit):
    device, pulse = orbit
    found = write_error_rate(device, pulse(-300e-6), to="AP", seed=1)
    assert found.method == "counting"
    assert found.events > 0
    assert found.low < found.value < found.high


def test_auto_splits_where_failures_are_rare(memory):
    found = write_error_rate(memory, to="AP", seed=1)
    assert found.method == "splitting"
    assert 0.0 < found.low < found.value < found.high < 1e-3
    assert found.cost_s > 0.0


@pytest.mark.parametrize("method", ["splitting", "counting"])
def test_the_random_methods_hold_the_density_and_name_themselves(axial, method):
    """Intervals of 99.9 % hold the density's value: false alarm 1e-3 each."""
    pulse = transfer_pulse(axial, 0.4e-9)
    density = write_error_rate(axial, pulse, to="AP", seed=1, method="fokker-planck")
    assert density.method == "fokker-planck"
    known = density.value
    found = write_error_rate(axial, pulse, to="AP", seed=1, method=method, confidence=0.999)
    assert found.method == method
    assert found.low <= known <= found.high


def test_splitting_goes_deep_and_holds_the_axial_value(axial):
    """99.9 % interval: false alarm 1e-3."""
    pulse = transfer_pulse(axial, 1.3e-9)
    known = write_error_rate(axial, pulse, to="AP", seed=1).value
    found = write_error_rate(axial, pulse, to="AP", seed=1, method="splitting", confidence=0.999)
    assert known < 1e-9
    assert found.low <= known <= found.high


def test_both_directions_are_the_mean_of_each(orbit):
    """The interval of 99.9 % of the mean holds the mean of the parts: false alarm about 1e-3."""
    device = orbit[0]
    shared = {"seed": 1, "method": "counting", "trials": 4000, "target_relative_error": None}
    both = write_error_rate(device, confidence=0.999, **shared)
    each = [write_error_rate(device, to=to, **{**shared, "seed": 2}).value for to in ("P", "AP")]
    assert both.trials == 4000
    assert 0.0 < both.low < 0.5 * sum(each) < both.high


def test_time_that_is_up_is_told(orbit):
    device, pulse = orbit
    found = write_error_rate(
        device,
        pulse(-550e-6),
        to="AP",
        seed=1,
        method="splitting",
        target_relative_error=1e-4,
        timeout_s=0.01,
    )
    assert found.stop_reason == "time is up"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"method": "magic"}, "method must be one of auto, counting, splitting, fokker-planck"),
        ({"confidence": 1.0}, "confidence"),
        ({"confidence": 0.0}, "confidence"),
        ({"target_relative_error": -0.1}, "target_relative_error"),
        ({"target_relative_error": float("nan")}, "target_relative_error"),
        ({"timeout_s": 0.0}, "timeout_s"),
        ({"trials": 0}, "trials"),
        ({"to": "up"}, "to must be"),
        ({"to": "both"}, "meant to write"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_arguments_are_told_in_a_sentence(memory, arguments, words):
    with pytest.raises(InputError, match=words):
        write_error_rate(memory, Pulse.points([0.0, 1e-10]), **{"to": "AP", "seed": 1, **arguments})
