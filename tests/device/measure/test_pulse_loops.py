"""Staircases of write pulses: their switching points, symmetry and chains of probabilities."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from spinpim.device import Device, Pulse
from spinpim.device.dynamics.trajectories import count_in_p, prepare
from spinpim.device.measure.pulse_loops import current_loop, voltage_loop
from spinpim.errors import InputError


@pytest.fixture(scope="module")
def sot():
    return Device.load("imec_sot_62nm")


@pytest.fixture(scope="module")
def loop(sot):
    return current_loop(sot, peak_current_A=8e-4, levels=17, trials=20, pulse_trials=64, seed=1)


def test_current_loop_switches_both_ways_between_half_and_all_of_the_write_current(sot, loop):
    assert np.all(loop.first_switch >= 0)
    up = loop.sot_current_A[0, loop.first_switch[:, 0]]
    down = loop.sot_current_A[1, loop.first_switch[:, 1]]
    assert np.all((0.5 * sot.write.sot_current_A <= up) & (up < sot.write.sot_current_A))
    assert np.all((-sot.write.sot_current_A < down) & (down <= -0.5 * sot.write.sot_current_A))


def test_resistance_follows_the_state(sot, loop):
    assert np.all(np.where(loop.in_p, loop.resistance_ohm, 0.0) < loop.resistance_ohm.max())
    assert len(np.unique(loop.resistance_ohm)) == 2
    assert loop.resistance_ohm.max() / loop.resistance_ohm.min() == pytest.approx(
        1.0 + float(sot.tmr(0.0)), rel=1e-2
    )


def test_probabilities_of_both_directions_mirror_each_other(loop):
    """A rotation about the in-plane field's axis turns P into AP and the current round."""
    # 64 coins on each side of the steep part: a difference of 0.45 is five standard deviations.
    assert loop.probability_from_p[0] == pytest.approx(loop.probability_from_ap[0, ::-1], abs=0.45)
    assert np.array_equal(loop.probability_from_p[1], loop.probability_from_p[0, ::-1])


def test_probability_is_that_of_the_pulse_alone(sot, loop):
    level = 14
    job = prepare(
        sot,
        _pulse(sot, loop.sot_current_A[0, level]),
        seed=1,
        initial_state="P",
    )
    assert loop.probability_from_p[0, level] == 1.0 - count_in_p(job, 0, 64) / 64


def test_chain_of_states_has_the_probabilities_of_its_pulses(memory):
    loop = voltage_loop(
        memory, peak_voltage_V=1.3, width_s=5e-9, levels=5, trials=4000, pulse_trials=64, seed=3
    )
    expected = 1.0
    for branch in range(2):
        for level in range(5):
            away, back = loop.probability_from_p[branch, level], loop.probability_from_ap[branch, level]
            expected = expected * (1.0 - away) + (1.0 - expected) * back
            # Five standard deviations of 4000 coins.
            assert loop.in_p[:, branch, level].mean() == pytest.approx(expected, abs=0.04)


def test_voltage_switches_towards_p_when_positive_and_towards_ap_when_negative(memory):
    loop = voltage_loop(memory, peak_voltage_V=2.0, width_s=5e-9, levels=5, pulse_trials=64, seed=3)
    assert loop.probability_from_p[0, 0] > 0.9
    assert loop.probability_from_ap[0, -1] > 0.9
    assert loop.probability_from_p[0, -1] == 0.0
    assert loop.probability_from_ap[0, 0] == 0.0


def test_level_without_drive_switches_nothing(loop):
    assert loop.sot_current_A[0, 8] == pytest.approx(0.0, abs=1e-18)
    assert loop.probability_from_p[0, 8] == loop.probability_from_ap[0, 8] == 0.0


def test_longer_pulses_switch_at_less_voltage(memory):
    short, long = (
        voltage_loop(memory, peak_voltage_V=1.2, width_s=width, levels=3, pulse_trials=128, seed=1)
        for width in (2e-9, 8e-9)
    )
    assert long.probability_from_p[0, 0] > short.probability_from_p[0, 0] + 0.2


def test_result_depends_neither_on_the_executor_nor_on_the_number_of_loops(sot, loop):
    with ThreadPoolExecutor(2) as pool:
        few = current_loop(
            sot, peak_current_A=8e-4, levels=17, trials=5, pulse_trials=64, seed=1, executor=pool
        )
    assert np.array_equal(few.in_p, loop.in_p[:5])


@pytest.mark.parametrize(
    "wrong",
    [
        {"peak_current_A": 0.0},
        {"levels": 1},
        {"trials": 0},
        {"pulse_trials": 0},
        {"width_s": 0.0},
        {"settle_time_s": -1.0},
        {"mtj_voltage_V": math.nan},
        {"read_voltage_V": math.inf},
        {"initial_state": "up"},
        {"seed": 1.5},
    ],
)
def test_impossible_arguments_are_refused(memory, wrong):
    with pytest.raises(InputError):
        current_loop(memory, **{"peak_current_A": 1e-5, "levels": 2, "pulse_trials": 1, "seed": 1, **wrong})


def test_impossible_voltages_are_refused(memory):
    with pytest.raises(InputError):
        voltage_loop(memory, peak_voltage_V=-1.0, seed=1)
    with pytest.raises(InputError):
        voltage_loop(memory, peak_voltage_V=1.0, sot_current_A=math.nan, seed=1)


def _pulse(device, current_A):
    settings = replace(device.write, sot_current_A=float(current_A), mtj_voltage_V=0.0)
    return Pulse.from_settings(settings, current_sign=1.0, voltage_sign=1.0)
