"""What the optimiser weighs: energy, time and failure probability of one pulse."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from spinpim import Device
from spinpim.device.energy import write_energy
from spinpim.device.failure.write_error import write_error_rate
from spinpim.device.failure.write_objective import objective, supply_energy_J, weigh

DEVICE = Device.load("imec_sot_62nm")
SQUARE = dataclasses.replace(
    DEVICE.write,
    sot_current_A=4.8e-4,
    width_s=0.4e-9,
    rise_time_s=5e-11,
    fall_time_s=5e-11,
    settle_time_s=1e-9,
)
ASSISTED = dataclasses.replace(SQUARE, mtj_voltage_V=0.8, mtj_extra_time_s=0.2e-9, mtj_delay_s=0.1e-9)


@pytest.fixture(scope="module")
def towards():
    """Objective for given targets on a coarse grid."""
    return {
        targets: objective(DEVICE, targets, 1.0, 1e-9, 32, 1) for targets in (("P",), ("AP",), ("P", "AP"))
    }


def test_both_directions_weigh_as_the_mean_of_each(towards):
    both, up, down = (weigh(towards[targets], ASSISTED) for targets in (("P", "AP"), ("P",), ("AP",)))
    assert both.error_rate == pytest.approx(0.5 * (up.error_rate + down.error_rate), rel=1e-12)
    assert both.energy_J == pytest.approx(0.5 * (up.energy_J + down.energy_J), rel=1e-12)


def test_the_energy_is_that_of_the_pulse_with_its_wait(towards):
    driven = DEVICE.replace(write=ASSISTED)
    whole = write_energy(driven, driven.write_pulse("AP"), 1.0).supply_J
    point = weigh(towards["AP",], ASSISTED)
    assert point.energy_J == supply_energy_J(towards["AP",], ASSISTED)
    assert point.energy_J == pytest.approx(whole, rel=1e-3)


def test_the_time_ends_with_the_last_fall(towards):
    assert weigh(towards["AP",], ASSISTED).time_s == pytest.approx(0.05e-9 + 0.4e-9 + 0.2e-9 + 0.05e-9)


def test_the_failure_probability_lies_within_a_factor_of_two_of_counting():
    """Counted to 3 %; a coarse grid is trusted to a factor of two, as its docstring says."""
    shared = objective(DEVICE, ("AP",), 1.0, 1e-9, 48, 1)
    counted = write_error_rate(
        DEVICE.replace(write=SQUARE),
        seed=5,
        to="AP",
        method="counting",
        trials=20_000,
        target_relative_error=0.03,
    )
    assert 0.02 < counted.value < 0.98
    assert 0.5 < weigh(shared, SQUARE).error_rate / counted.value < 2.0


def test_a_pulse_too_weak_to_write_fails_always(towards):
    weak = dataclasses.replace(SQUARE, sot_current_A=1e-5)
    assert 0.999 < weigh(towards["AP",], weak).error_rate <= 1.0


def test_an_objective_that_went_through_a_pickle_weighs_the_same(towards):
    copy = pickle.loads(pickle.dumps(towards["AP",]))
    assert weigh(copy, ASSISTED) == weigh(towards["AP",], ASSISTED)


def test_thermal_starts_follow_the_seed_and_lie_in_the_opposite_state(towards):
    starts = towards["P",].starts["P"]
    again = objective(DEVICE, ("P",), 1.0, 1e-9, 32, 1).starts["P"]
    other = objective(DEVICE, ("P",), 1.0, 1e-9, 32, 2).starts["P"]
    assert np.array_equal(starts, again)
    assert not np.array_equal(starts, other)
    assert np.all(starts[:, 2] < 0.0)
