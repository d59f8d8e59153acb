"""The path without noise: closed forms, the fixed steps, kinks and jumps of the pulse, and its refusals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from v07_integrator_orders import ANISOTROPY_T, DURATION_S, adaptive_error, exact_larmor, exact_relaxation

from spinpim.device import Pulse, simulate
from spinpim.device.dynamics.deterministic import linear_pieces, zero_temperature_path
from spinpim.device.dynamics.drive import drive_rows
from spinpim.device.dynamics.ensemble import THERMAL
from spinpim.device.dynamics.initial_state import stable_state
from spinpim.device.warming import Warming
from spinpim.errors import InputError

TILTED = np.array([0.28, 0.0, 0.96])
RAMPED = Pulse.points(
    [0.0, 0.1e-9, 0.3e-9, 0.5e-9],
    sot_current_A=[0.0, 3e-4, -1e-4, 0.0],
    mtj_voltage_V=[0.0, 0.4, 0.4, -0.3],
    field_T=[[0.0, 0.0, 0.0], [0.02, 0.0, 0.0], [0.02, -0.01, 0.0], [0.0, 0.0, 0.03]],
)


@pytest.fixture(scope="module")
def bent(memory):
    """A junction whose drive has every term: second order, asymmetry, Oersted field, field-like torques."""
    return memory.replace(
        stt_asymmetry=0.3,
        second_order_anisotropy_J_per_m2=2e-5,
        oersted_factor=1.0,
        stt_field_like_ratio=0.2,
        external_field_T=(0.01, 0.02, 0.0),
    )


def test_uniaxial_relaxation_follows_its_closed_form_to_one_billionth():
    time_s = np.linspace(0.0, DURATION_S, 401)
    assert adaptive_error(exact_relaxation(time_s), [5], ANISOTROPY_T, time_s) < 1e-9


def test_damped_precession_follows_its_closed_form_to_one_billionth():
    time_s = np.linspace(0.0, DURATION_S, 401)
    assert adaptive_error(exact_larmor(time_s, 0.5), [2], 0.5, time_s) < 1e-9


def test_fixed_steps_of_heun_approach_the_path_with_second_order(noiseless, bent):
    errors = []
    for steps in (2000, 4000, 8000):
        times = np.linspace(0.0, RAMPED.duration_s, steps + 1)
        table = drive_rows(bent, RAMPED, times)
        table[:, THERMAL] = 0.0
        path = noiseless(
            TILTED,
            table,
            RAMPED.duration_s / steps,
            bent.damping,
            bent.reference_direction,
            steps // 20,
            bent.stt_asymmetry,
        )[0]
        exact = zero_temperature_path(bent, RAMPED, times[:: steps // 20], TILTED)
        errors.append(np.abs(path - exact).max())
    assert errors[-1] < 1e-4
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(orders - 2.0) < 0.1)


def test_the_drive_is_linear_between_breakpoints_so_that_pieces_are_exact(bent):
    pieces = list(linear_pieces(bent, RAMPED))
    assert [(piece.start_s, piece.end_s) for piece in pieces] == [
        (0.0, 0.1e-9),
        (0.1e-9, 0.3e-9),
        (0.3e-9, 0.5e-9),
    ]
    for piece in pieces:
        middle = drive_rows(bent, RAMPED, np.array([0.5 * (piece.start_s + piece.end_s)]))[0]
        assert np.abs(piece.rows.mean(axis=0) - middle).max() < 1e-12


def test_a_jump_of_the_waveform_is_taken_between_two_pieces(bent):
    jump = Pulse.points([0.0, 0.2e-9, 0.2e-9, 0.5e-9], sot_current_A=[3e-4, 3e-4, -2e-4, -2e-4])
    whole = zero_temperature_path(bent, jump, [0.0, 0.1e-9, 0.2e-9, 0.35e-9, 0.5e-9], TILTED)
    first = zero_temperature_path(
        bent, Pulse.points([0.0, 0.2e-9], sot_current_A=3e-4), [0.1e-9, 0.2e-9], TILTED
    )
    kept = first[-1] / np.linalg.norm(first[-1])
    second = zero_temperature_path(
        bent, Pulse.points([0.0, 0.3e-9], sot_current_A=-2e-4), [0.15e-9, 0.3e-9], kept
    )
    assert np.abs(whole - np.vstack([TILTED, first, second])).max() < 1e-8


def test_length_is_kept_and_many_times_do_not_change_the_path(memory):
    pulse = memory.write_pulse("AP")
    few, many = np.linspace(0.0, pulse.duration_s, 11), np.linspace(0.0, pulse.duration_s, 1001)
    path = zero_temperature_path(memory, pulse, many)
    assert np.abs(np.linalg.norm(path, axis=1) - 1.0).max() < 1e-8
    assert np.abs(zero_temperature_path(memory, pulse, few) - path[::100]).max() < 1e-12


def test_an_energy_minimum_stays_where_it_is(memory):
    tilted = memory.replace(external_field_T=(0.03, -0.02, 0.01))
    for name in ("P", "AP"):
        path = zero_temperature_path(tilted, Pulse.points([0.0, 1e-9]), [0.0, 1e-9], name)
        assert np.abs(path - stable_state(tilted, name)[0]).max() < 1e-10


def test_a_junction_voltage_does_not_move_a_perfectly_aligned_state_but_a_tilted_one(memory):
    pulse = Pulse.points([0.0, 15e-9], mtj_voltage_V=-1.4)
    assert zero_temperature_path(memory, pulse, [15e-9], "P")[0].tolist() == [0.0, 0.0, 1.0]
    slightly = np.array([0.03, 0.0, np.sqrt(1.0 - 0.03**2)])
    assert zero_temperature_path(memory, pulse, [15e-9], slightly)[0, 2] < 0.0


def test_simulate_without_noise_starts_where_heun_does_and_follows_the_path_from_there(memory):
    pulse = memory.write_pulse("AP")
    heun, exact = (simulate(memory, pulse, seed=7, trials=3, method=method) for method in ("heun", "dop853"))
    assert np.array_equal(heun.time_s, exact.time_s)
    assert np.array_equal(heun.magnetisation[:, 0], exact.magnetisation[:, 0])
    assert np.ptp(exact.magnetisation[:, 0, 0]) > 0.01
    for trial in range(3):
        start = exact.magnetisation[trial, 0]
        assert np.array_equal(
            zero_temperature_path(memory, pulse, exact.time_s, start), exact.magnetisation[trial]
        )


def test_simulate_without_noise_does_not_depend_on_the_executor(memory):
    pulse = Pulse.points([0.0, 0.2e-9], sot_current_A=3e-4)
    alone = simulate(memory, pulse, seed=7, trials=5, method="dop853")
    with ThreadPoolExecutor(2) as executor:
        shared = simulate(memory, pulse, seed=7, trials=5, method="dop853", executor=executor)
    assert np.array_equal(alone.magnetisation, shared.magnetisation)


def test_all_three_methods_agree_on_a_junction_that_is_nearly_cold(memory):
    cold = memory.replace(temperature_K=1e-6)
    pulse = Pulse.points([0.0, 0.1e-9, 0.4e-9], sot_current_A=[0.0, 3e-4, 3e-4], field_T=(0.05, 0.0, 0.0))
    paths = [
        simulate(cold, pulse, seed=8, time_step_s=0.1e-12, save_every_s=0.02e-9, method=method).magnetisation
        for method in ("heun", "implicit_midpoint", "dop853")
    ]
    assert np.abs(paths[0] - paths[2]).max() < 1e-4
    assert np.abs(paths[1] - paths[2]).max() < 1e-4
    assert np.ptp(paths[2]) > 0.5


def test_a_device_that_warms_itself_is_refused(memory):
    hot = memory.replace(warming=Warming(1e5, 1e-9, 0.0, 1e-9), curie_temperature_K=1100.0)
    with pytest.raises(InputError, match="warms itself"):
        simulate(hot, Pulse.points([0.0, 1e-10]), seed=1, method="dop853")


@pytest.mark.parametrize("times", [[-1e-12], [2e-9], [1e-10, 0.0], [np.nan]])
def test_times_outside_the_pulse_are_refused(memory, times):
    with pytest.raises(InputError, match="time_s must be a rising list"):
        zero_temperature_path(memory, Pulse.points([0.0, 1e-9]), times)


@pytest.mark.parametrize("start", [(0.0, 0.0, 2.0), (1.0, 0.0), None, ["a", "b", "c"], (np.nan, 0.0, 1.0)])
def test_a_start_that_is_no_direction_is_refused(memory, start):
    with pytest.raises(InputError, match="start must be"):
        zero_temperature_path(memory, Pulse.points([0.0, 1e-9]), [0.0], start)


def test_float32_is_refused_for_the_path_without_noise(memory):
    with pytest.raises(InputError, match="float64 only"):
        simulate(memory, Pulse.points([0.0, 1e-10]), seed=1, method="dop853", precision="float32")
