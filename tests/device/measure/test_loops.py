"""Field loops: rates against the equation of motion, and what a bias, a tilt and the cold must do."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from v10_loops import TRIALS, gumbel, overlap

from spinpim.device import Device
from spinpim.device.measure.astroid import astroid
from spinpim.device.measure.loops import field_loop
from spinpim.device.measure.two_state import uniform_numbers
from spinpim.errors import InputError

PEAK_T = 0.25


@pytest.fixture(scope="module")
def slow(memory):
    return field_loop(memory, peak_field_T=PEAK_T, sweep_rate_T_per_s=1.0, seed=2, trials=4000, points=41)


@pytest.mark.slow
def test_rates_and_the_equation_of_motion_agree_where_both_hold(memory):
    integrated, rates = overlap(memory, "llg"), overlap(memory, "rate equation")
    # Four standard errors of the mean and of the spread: one false alarm in 10^4.
    error = integrated.coercivity_spread_T / math.sqrt(TRIALS)
    assert integrated.coercivity_T == pytest.approx(rates.coercivity_T, abs=4.0 * error)
    assert integrated.coercivity_spread_T == pytest.approx(rates.coercivity_spread_T, abs=4.0 * error)


def test_slow_loop_has_the_coercivity_and_the_spread_of_kurkijarvi(memory, slow):
    mean, spread = gumbel(memory, sweep_rate_T_per_s=1.0)
    # The law is linearised at the mean: good to a tenth of the spread, twice what 8000 switches scatter.
    assert slow.coercivity_T == pytest.approx(mean, abs=0.1 * spread)
    assert np.std(slow.switching_field_T[:, 1]) == pytest.approx(spread, rel=0.1)
    # Both branches of a loop switch independently.
    assert slow.coercivity_spread_T == pytest.approx(spread / math.sqrt(2.0), rel=0.1)


def test_loop_without_bias_is_symmetric(slow):
    error = slow.coercivity_spread_T / math.sqrt(4000)
    # Five standard errors: a false alarm in 10^6.
    assert slow.offset_T == pytest.approx(0.0, abs=5.0 * error)


def test_bias_field_shifts_the_loop_by_itself_and_leaves_its_width(memory, slow):
    biased = memory.replace(external_field_T=(0.0, 0.0, 0.02))
    loop = field_loop(biased, peak_field_T=PEAK_T, sweep_rate_T_per_s=1.0, seed=2, trials=4000, points=41)
    # The same random numbers: the switching fields shift one by one.
    assert loop.switching_field_T == pytest.approx(slow.switching_field_T - 0.02, abs=2e-6)


def test_cold_loop_opens_to_the_astroid(memory):
    gaps = []
    for temperature_K in (1.0, 0.01):
        cold = memory.replace(temperature_K=temperature_K)
        tilted = np.array([math.sin(0.5), 0.0, math.cos(0.5)])
        loop = field_loop(
            cold, peak_field_T=PEAK_T, sweep_rate_T_per_s=1.0, direction=tilted, seed=3, trials=50, points=11
        )
        limit = astroid(cold, [math.pi - 0.5]).switching_field_T[0]
        gaps.append(1.0 - loop.coercivity_T / limit)
    assert 0.005 < gaps[0] < 0.05
    assert abs(gaps[1]) < 3e-3


def test_faster_sweeps_are_wider(memory):
    loops = [
        field_loop(memory, peak_field_T=PEAK_T, sweep_rate_T_per_s=rate, seed=1, trials=100, points=5)
        for rate in (1e-3, 1.0, 1e3)
    ]
    widths = [loop.coercivity_T for loop in loops]
    assert widths[0] + 0.01 < widths[1] < widths[2] - 0.01


def test_resistance_is_that_of_the_two_states(memory, slow):
    falling, rising = slow.resistance_ohm[0]
    assert falling[0] == pytest.approx(memory.resistance_p_ohm)
    assert falling[-1] == pytest.approx(memory.resistance_ap_ohm)
    assert rising[0] == falling[-1]
    assert rising[-1] == falling[0]
    middle = slow.field_T.shape[1] // 2
    assert slow.field_T[0, middle] == pytest.approx(0.0, abs=1e-12)
    assert falling[middle] < 0.6 * rising[middle]


def test_negative_direction_starts_in_the_other_state(memory):
    loop = field_loop(
        memory,
        peak_field_T=PEAK_T,
        sweep_rate_T_per_s=1.0,
        direction=(0, 0, -1),
        seed=2,
        trials=20,
        points=11,
    )
    assert loop.resistance_ohm[0, 0, 0] == pytest.approx(memory.resistance_ap_ohm)
    assert loop.coercivity_T == pytest.approx(0.101, abs=0.005)


def test_peak_below_the_coercivity_gives_no_loop(memory):
    loop = field_loop(memory, peak_field_T=0.02, sweep_rate_T_per_s=1.0, seed=1, trials=5, points=11)
    assert not loop.complete.any()
    assert loop.coercivity_T == math.inf
    assert loop.coercivity_spread_T == 0.0
    assert np.all(loop.resistance_ohm == loop.resistance_ohm[0, 0, 0])


def test_superparamagnetic_loop_closes_and_follows_the_boltzmann_occupation(memory):
    small = memory.replace(diameter_x_m=1.7e-8, diameter_y_m=1.7e-8)
    loop = field_loop(
        small,
        peak_field_T=0.15,
        sweep_rate_T_per_s=1e-5,
        seed=4,
        trials=400,
        points=31,
        method="rate equation",
    )
    assert loop.coercivity_T == pytest.approx(0.0, abs=5e-4)
    # At zero field both states are alike: 400 coins, five standard deviations.
    at_zero = loop.resistance_ohm[:, :, 15] < 1.5 * small.resistance_p_ohm
    assert at_zero.mean(axis=0) == pytest.approx(0.5, abs=5 * 0.025)


def test_fast_sweep_integrates_and_does_not_depend_on_the_executor(memory):
    warm = memory.replace(damping=0.2)
    arguments = {"peak_field_T": PEAK_T, "sweep_rate_T_per_s": 2e7, "seed": 5, "trials": 300, "points": 21}
    alone = field_loop(warm, **arguments)
    assert alone.method == "llg"
    with ThreadPoolExecutor(2) as pool:
        together = field_loop(warm, **arguments, executor=pool)
    assert np.array_equal(alone.resistance_ohm, together.resistance_ohm)
    assert np.array_equal(alone.switching_field_T, together.switching_field_T)
    assert alone.complete.all()
    assert alone.resistance_ohm.shape == (300, 2, 21)
    assert np.all(np.isfinite(alone.resistance_ohm))
    error = alone.coercivity_spread_T / math.sqrt(300)
    assert alone.offset_T == pytest.approx(0.0, abs=5.0 * error)


def test_auto_picks_by_the_time_of_the_loop(memory):
    quick = field_loop(memory, peak_field_T=0.01, sweep_rate_T_per_s=1e6, seed=1, points=5)
    assert quick.method == "llg"
    slow = field_loop(memory, peak_field_T=0.01, sweep_rate_T_per_s=1e4, seed=1, points=5)
    assert slow.method == "rate equation"


def test_trial_of_a_seed_does_not_depend_on_how_many_are_asked_for(memory, slow):
    few = field_loop(memory, peak_field_T=PEAK_T, sweep_rate_T_per_s=1.0, seed=2, trials=7, points=41)
    assert np.array_equal(few.resistance_ohm, slow.resistance_ohm[:7])
    assert np.array_equal(few.switching_field_T, slow.switching_field_T[:7])
    assert not np.array_equal(uniform_numbers(1, 3, 4), uniform_numbers(2, 3, 4))


def test_in_plane_junction_has_a_loop_in_its_easy_direction():
    device = Device.load("in_plane_y_memory")
    loop = field_loop(device, peak_field_T=0.06, sweep_rate_T_per_s=1e-2, seed=1, trials=50, points=21)
    assert loop.complete.all()
    assert 0.2 * device.anisotropy_field_T < loop.coercivity_T < device.anisotropy_field_T


@pytest.mark.parametrize(
    "wrong",
    [
        {"peak_field_T": 0.0},
        {"peak_field_T": math.nan},
        {"sweep_rate_T_per_s": -1.0},
        {"direction": (1.0, 0.0, 0.0)},
        {"direction": (0.0, 0.0, 0.0)},
        {"direction": "up"},
        {"points": 1},
        {"trials": 0},
        {"seed": -1},
        {"method": "fast"},
        {"mtj_voltage_V": math.inf},
    ],
)
def test_impossible_arguments_are_refused(memory, wrong):
    sound = {"peak_field_T": 0.2, "sweep_rate_T_per_s": 1.0, "seed": 1}
    with pytest.raises(InputError):
        field_loop(memory, **{**sound, **wrong})


def test_bias_that_leaves_the_peak_unsaturated_is_refused(memory):
    with pytest.raises(InputError, match="does not exist"):
        field_loop(
            memory.replace(external_field_T=(0.0, 0.0, -0.5)),
            peak_field_T=0.2,
            sweep_rate_T_per_s=1.0,
            seed=1,
        )


def test_loops_that_do_not_close_have_no_centre_and_no_warning(memory):
    loop = field_loop(memory, peak_field_T=0.02, sweep_rate_T_per_s=0.01, seed=1, trials=4)
    assert not loop.complete.any()
    assert loop.offset_T == loop.coercivity_T == math.inf
