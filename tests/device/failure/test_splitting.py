"""Splitting: unbiased with any guide, the same on any machine, honest about its error."""

from __future__ import annotations

import dataclasses
import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from spinpim import Device, Pulse, write_error_rate
from spinpim.device.dynamics.trajectories import prepare
from spinpim.device.failure.committor import Committor, committor
from spinpim.device.failure.counting import Stop, Write
from spinpim.device.failure.fokker_planck import fokker_planck_failures
from spinpim.device.failure.splitting import (
    failure_estimate,
    guide_of,
    run_populations,
    split_failures,
    splitting_job,
)
from spinpim.device.warming import Warming
from spinpim.errors import InputError

NO_END = Stop(0.1, None)


@pytest.fixture(scope="module")
def axial():
    """A device that is symmetric about the normal, quick to simulate."""
    return Device.load("perpendicular_memory_60nm").replace(
        external_field_T=(0.0, 0.0, 0.0),
        damping=0.1,
        demagnetising_factors=(0.0, 0.0, 1.0),
        field_like_ratio=0.0,
        stt_field_like_ratio=0.0,
    )


def transfer_write(device, width_s, field_T=0.05, **options):
    voltage = -field_T / device.stt_field_T_per_V
    pulse = Pulse.points([0.0, width_s], mtj_voltage_V=[voltage, voltage])
    return Write(prepare(device, pulse, seed=1, initial_state="P", **options), "AP")


def populations(job, count):
    values = np.array([failure_estimate(job, repeat) for repeat in range(count)])
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(count))


@pytest.mark.parametrize(("width_s", "allowed"), [(0.5e-9, 0.02), (1.25e-9, 0.06)])
def test_splitting_equals_the_axial_fokker_planck_result(axial, width_s, allowed):
    """3e-3 and below 1e-9; four standard errors (false alarm 6e-5) and the bias of the time step."""
    write = transfer_write(axial, width_s)
    known = fokker_planck_failures([write]).value
    mean, error = populations(splitting_job(write.job, guide_of(write), "AP"), 24)
    assert error < 0.08 * mean
    assert abs(mean / known - 1.0) < 4.0 * error / known + allowed
    assert known > 1e-3 or known < 1e-9


def test_splitting_equals_counting_of_a_spin_orbit_write(memory):
    """Four standard errors of both: false alarm 6e-5."""
    device = memory.replace(damping=0.1)
    pulse = Pulse.rectangle(sot_current_A=-350e-6, width_s=0.5e-9, mtj_voltage_V=-0.3, settle_time_s=0.5e-9)
    counted = write_error_rate(
        device, pulse, to="AP", seed=3, method="counting", trials=20_000, target_relative_error=None
    )
    write = Write(prepare(device, pulse, seed=4, initial_state="P"), "AP")
    mean, error = populations(splitting_job(write.job, guide_of(write), "AP"), 16)
    spread = math.hypot(error, math.sqrt(counted.value * (1.0 - counted.value) / counted.trials))
    assert 1e-3 < counted.value < 0.9
    assert abs(mean - counted.value) < 4.0 * spread


def test_splitting_equals_counting_of_an_in_plane_write():
    """Where the committor of the grid is far off; four standard errors of both: false alarm 6e-5."""
    device = Device.load("in_plane_y_memory").replace(damping=0.05)
    pulse = Pulse.rectangle(sot_current_A=300e-6, width_s=1.5e-9, settle_time_s=0.5e-9)
    job = prepare(device, pulse, seed=1, initial_state="AP")
    counted = write_error_rate(
        device, pulse, to="P", seed=2, method="counting", trials=10_000, target_relative_error=None
    )
    mean, error = populations(splitting_job(job, guide_of(Write(job, "P")), "P"), 8)
    spread = math.hypot(error, math.sqrt(counted.value * (1.0 - counted.value) / counted.trials))
    assert 0.003 < counted.value < 0.5
    assert abs(mean - counted.value) < 4.0 * spread


@pytest.mark.parametrize("kind", ["flat", "of a longer pulse", "of the opposite torque"])
def test_a_wrong_guide_leaves_the_estimate_unbiased(axial, kind):
    """Four standard errors over 32 populations, and 2 % for the time step: false alarm below 1e-3."""
    write = transfer_write(axial, 0.5e-9)
    known = fokker_planck_failures([write]).value
    if kind == "flat":
        right = committor(axial, write.job.pulse, "AP", rows=48, stages=20)
        guide = Committor(right.time_s, np.full_like(right.log_failure, -1.0), right.axis)
    else:
        factor, voltage = (1.5, 1.0) if kind == "of a longer pulse" else (1.0, -0.2)
        pulse = Pulse(
            write.job.pulse.time_s * factor,
            np.zeros(2),
            write.job.pulse.mtj_voltage_V * voltage,
            np.zeros((2, 3)),
        )
        wrong = committor(axial, pulse, "AP", rows=48, stages=20)
        guide = Committor(wrong.time_s / factor, wrong.log_failure, wrong.axis)
    mean, error = populations(splitting_job(write.job, guide, "AP"), 32)
    assert error < 0.3 * known
    assert abs(mean - known) < 4.0 * error + 0.02 * known


@pytest.mark.slow
def test_the_intervals_of_independent_estimates_hold_the_rate(axial):
    """40 intervals of 95 %: fewer than 33 that hold it would happen once in a thousand times."""
    write = transfer_write(axial, 0.4e-9, field_T=0.06)
    known = fokker_planck_failures([write]).value
    job = splitting_job(write.job, guide_of(write), "AP")
    hits = 0
    for seed in range(40):
        found = run_populations(
            [dataclasses.replace(job, job=dataclasses.replace(job.job, seed=seed))], NO_END, 0.95, None
        )
        hits += found.low <= known <= found.high
    assert hits >= 33


def test_threads_and_processes_give_the_same_bits(axial):
    write = transfer_write(axial, 0.8e-9)
    alone = split_failures([write], NO_END, 0.95, None)
    for pool in (ThreadPoolExecutor, ProcessPoolExecutor):
        for workers in (1, 2):
            with pool(workers) as executor:
                assert split_failures([write], NO_END, 0.95, executor) == alone


def test_another_seed_gives_another_estimate_within_both_intervals(axial):
    first = transfer_write(axial, 0.8e-9)
    second = Write(dataclasses.replace(first.job, seed=2), "AP")
    one, two = (split_failures([write], NO_END, 0.999, None) for write in (first, second))
    assert one.value != two.value
    assert one.low < two.high
    assert two.low < one.high


def test_single_precision_agrees_with_double(axial):
    """Four standard errors: false alarm 6e-5."""
    means = []
    for precision in ("float64", "float32"):
        write = transfer_write(axial, 0.8e-9, precision=precision)
        means.append(populations(splitting_job(write.job, guide_of(write), "AP"), 16))
    (double, first), (single, second) = means
    assert abs(double - single) < 4.0 * math.hypot(first, second)


def test_a_junction_that_warms_itself_is_split_like_it_is_counted(axial):
    """Warmth travels with the particles; four standard errors: false alarm 6e-5."""
    device = axial.replace(warming=Warming(1e5, 0.3e-9, 0.0, 1e-9))
    write = transfer_write(device, 0.45e-9)
    assert write.job.drive.heat.size
    counted = write_error_rate(
        device, write.job.pulse, to="AP", seed=9, method="counting", trials=60_000, target_relative_error=None
    )
    mean, error = populations(splitting_job(write.job, guide_of(write), "AP"), 16)
    spread = math.hypot(error, math.sqrt(counted.value / counted.trials))
    assert counted.events > 100
    assert abs(mean - counted.value) < 4.0 * spread


def test_a_confidence_nearer_to_one_widens_the_interval(axial):
    write = transfer_write(axial, 0.8e-9)
    narrow, wide = (split_failures([write], NO_END, level, None) for level in (0.8, 0.99))
    assert narrow.value == wide.value
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_a_deadline_ends_the_work_after_one_round(axial):
    found = split_failures([transfer_write(axial, 0.8e-9)], Stop(1e-6, 0.0), 0.95, None)
    assert found.stop_reason == "time is up"
    assert found.low < found.value < found.high


def test_the_mean_of_two_writes_weighs_both_alike(axial):
    likely, rare = transfer_write(axial, 0.4e-9), transfer_write(axial, 0.8e-9)
    both = split_failures([likely, rare], NO_END, 0.95, None)
    known = [fokker_planck_failures([write]).value for write in (likely, rare)]
    assert both.value == pytest.approx(0.5 * sum(known), rel=0.15)


def test_no_failure_at_all_is_refused_in_a_sentence(axial):
    strong = transfer_write(axial, 0.8e-9)
    guide = committor(axial, strong.job.pulse, "AP", rows=48, stages=20)
    misled = Committor(guide.time_s, 500.0 * np.minimum(guide.log_failure, -1e-3)[:, ::-1], guide.axis)
    with pytest.raises(InputError, match="no failure"):
        run_populations([splitting_job(strong.job, misled, "AP")], Stop(None, 0.0), 0.95, None)


def test_the_stages_end_with_the_last_step_for_any_number_of_steps(axial):
    for steps in (61.7, 173.3, 500.1):
        write = transfer_write(axial, 0.137e-9, time_step_s=0.137e-9 / steps)
        job = splitting_job(write.job, guide_of(write), "AP")
        assert job.stages[0] == 0
        assert job.stages[-1] == write.job.drive.steps
        assert np.all(np.diff(job.stages) >= 0)
        assert 0.0 < failure_estimate(job, 0) <= 1.5


@pytest.mark.slow
def test_a_low_damping_does_not_hide_a_mechanism():
    """A grid of 48 rows took one of them far too rare and lost it: 1.1e-5 for 2.8e-5."""
    memory = Device.load("perpendicular_memory_60nm")
    device = memory.replace(damping=0.005, external_field_T=(-0.05, 0.0, 0.0), oersted_factor=0.0)
    pulse = Pulse.rectangle(sot_current_A=-350e-6, width_s=0.5e-9, mtj_voltage_V=-0.3, settle_time_s=1.5e-9)
    counted = write_error_rate(
        device, pulse, to="AP", seed=3, method="counting", trials=200_000, target_relative_error=0.05
    )
    split = write_error_rate(device, pulse, to="AP", seed=4, method="splitting", target_relative_error=0.05)
    assert split.low < counted.high
    assert counted.low < split.high
