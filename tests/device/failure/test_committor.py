"""The committor: the failure probability seen from each direction, against independent methods."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spinpim import Device, Pulse, write_error_rate
from spinpim.device.dynamics.initial_state import boltzmann_well
from spinpim.device.dynamics.trajectories import draw_block, prepare
from spinpim.device.failure.committor import committor
from spinpim.device.failure.counting import Write
from spinpim.device.failure.fokker_planck import fokker_planck_failures
from spinpim.device.failure.sphere_grid import PAD, values_at

OPPOSITE = {"P": "AP", "AP": "P"}
STARTS = 64
"""Blocks of 256 starts in a mean."""


def mean_at_start(device, pulse, to, rows, blocks=STARTS):
    """Mean committor over the Boltzmann law of the initial state [1]."""
    guide = committor(device, pulse, to, rows=rows, stages=4)
    job = prepare(device, pulse, seed=5, initial_state=OPPOSITE[to])
    drawn = np.stack([draw_block(job, block, 2) for block in range(blocks)])
    heights = np.empty((blocks, drawn.shape[2]))
    values_at(guide.log_failure[0], guide.axis, drawn, heights)
    return float(np.exp(heights).mean())


@pytest.fixture(scope="module")
def axial():
    """A device that is symmetric about the normal."""
    return Device.load("perpendicular_memory_60nm").replace(
        external_field_T=(0.0, 0.0, 0.0),
        damping=0.03,
        demagnetising_factors=(0.0, 0.0, 1.0),
        field_like_ratio=0.0,
        stt_field_like_ratio=0.0,
        vcma_coefficient_J_per_V_m=0.0,
    )


def transfer_pulse(device, to, width_s, field_T=0.025):
    voltage = (1.0 if to == "P" else -1.0) * field_T / device.stt_field_T_per_V
    return Pulse.points([0.0, width_s, width_s, width_s + 0.5e-9], mtj_voltage_V=[voltage, voltage, 0.0, 0.0])


@pytest.mark.parametrize(("width_s", "tolerance"), [(1e-9, 0.05), (2e-9, 0.2), (4e-9, 0.4), (6e-9, 0.6)])
def test_the_committor_nears_the_axial_fokker_planck_result_as_rows_grow(axial, width_s, tolerance):
    """From 3e-2 to 2e-19; the tolerance is of the logarithm of the ratio: a guide, not a result."""
    pulse = transfer_pulse(axial, "AP", width_s)
    known = fokker_planck_failures([Write(prepare(axial, pulse, seed=1, initial_state="P"), "AP")]).value
    coarse, fine = (abs(math.log(mean_at_start(axial, pulse, "AP", rows) / known)) for rows in (48, 96))
    assert fine < tolerance
    assert fine < coarse


def test_both_directions_mirror_each_other(axial):
    up, down = (mean_at_start(axial, transfer_pulse(axial, to, 1e-9), to, 64) for to in ("P", "AP"))
    assert up == pytest.approx(down, rel=0.1)


@pytest.mark.parametrize("to", ["P", "AP"])
def test_an_asymmetric_torque_enters_the_committor(axial, to):
    device = axial.replace(stt_asymmetry=0.4)
    pulse = transfer_pulse(device, to, 1e-9)
    job = prepare(device, pulse, seed=1, initial_state=OPPOSITE[to])
    known = fokker_planck_failures([Write(job, to)]).value
    assert mean_at_start(device, pulse, to, 96) == pytest.approx(known, rel=0.15)


@pytest.mark.parametrize("current_A", [-300e-6, -350e-6])
def test_a_spin_orbit_write_agrees_with_counting(memory, current_A):
    device = memory.replace(damping=0.1)
    pulse = Pulse.rectangle(sot_current_A=current_A, width_s=0.5e-9, mtj_voltage_V=-0.3, settle_time_s=0.5e-9)
    counted = write_error_rate(
        device, pulse, to="AP", seed=3, method="counting", trials=20_000, target_relative_error=0.05
    )
    assert 1e-3 < counted.value < 0.99
    assert mean_at_start(device, pulse, "AP", 96) == pytest.approx(counted.value, rel=0.2)


def test_a_field_along_the_target_lowers_the_committor(axial):
    pulse = transfer_pulse(axial, "AP", 1e-9)
    helped = axial.replace(external_field_T=(0.0, 0.0, -0.01))
    assert mean_at_start(helped, pulse, "AP", 64) < 0.8 * mean_at_start(axial, pulse, "AP", 64)


def test_every_value_is_a_probability_and_each_state_ends_where_it_is(axial):
    guide = committor(axial, transfer_pulse(axial, "AP", 1e-9), "AP", rows=48, stages=20)
    assert np.isfinite(guide.log_failure).all()
    assert guide.log_failure.max() <= 0.0
    assert np.all(np.diff(guide.time_s) > 0.0)
    end = guide.log_failure[-1][PAD:-PAD, PAD:-PAD]
    assert np.all(end[:24] == 0.0)
    assert np.all(end[24:] < 0.0)


def test_the_times_hold_every_breakpoint_of_an_odd_pulse(axial):
    pulse = Pulse.points([0.0, 0.137e-9, 0.41e-9, 0.733e-9], mtj_voltage_V=[0.0, 0.1, 0.1, 0.0])
    guide = committor(axial, pulse, "P", rows=48, stages=10_000)
    for time in pulse.time_s:
        assert np.abs(guide.time_s - time).min() < 1e-18


def test_the_axis_of_the_grid_is_the_easy_axis():
    device = Device.load("in_plane_y_memory")
    guide = committor(device, Pulse.points([0.0, 2e-11]), "P", rows=48, stages=2)
    assert guide.axis == 1
    assert boltzmann_well(device, "P").side[1] == 1.0
