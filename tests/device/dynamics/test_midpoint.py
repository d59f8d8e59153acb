"""The implicit midpoint rule: what it keeps exactly, its equation, and its agreement with Heun."""

from __future__ import annotations

import math

import numpy as np
import pytest
from boltzmann import boltzmann_mean
from numba import njit

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device import Pulse, simulate
from spinpim.device.dynamics.macrospin import heun_step, total_slope
from spinpim.device.dynamics.midpoint import half_move, midpoint_step, step_middles
from spinpim.device.warming import Warming
from spinpim.errors import InputError

DRIVE = (
    (0.1, -0.05, 0.2),
    (-0.3, -0.1, 0.4, 0.02, -0.03, 0.01),
    0.05,
    (0.02, 0.1, -0.03),
    0.08,
)
QUADRATIC = ((0.05, 0.1, -0.02), (0.1, -0.2, 0.4, 0.03, 0.0, -0.02), 0.0, (0.0, 0.0, 0.0), 0.0)
REFERENCE = (0.0, 0.6, 0.8)


@njit(error_model="numpy")
def walk(start, noise, sigma, drive, constants, scale):
    """States (steps + 1, 3) of one macrospin in a constant drive, by the midpoint rule."""
    path = np.empty((noise.shape[0] + 1, 3))
    m = (start[0], start[1], start[2])
    path[0, 0], path[0, 1], path[0, 2] = m
    for step in range(noise.shape[0]):
        thermal = (sigma * noise[step, 0], sigma * noise[step, 1], sigma * noise[step, 2])
        m = midpoint_step(m, thermal, drive, constants, 0.5 * scale)
        path[step + 1, 0], path[step + 1, 1], path[step + 1, 2] = m
    return path


def test_length_is_kept_to_rounding_without_renormalisation():
    noise = np.random.default_rng(1).standard_normal((200_000, 3))
    path = walk((0.6, 0.0, 0.8), noise, 0.3, DRIVE, (REFERENCE, 0.3, 0.05, 1.0), 0.2)
    assert np.abs(np.linalg.norm(path, axis=1) - 1.0).max() < 2e-13
    assert np.ptp(path, axis=0).min() > 1.0


def test_every_iteration_keeps_the_length_before_the_equation_is_solved():
    m, u, constants = (0.6, 0.0, 0.8), (0.3, -0.5, 0.2), (REFERENCE, 0.3, 0.05, 1.0)
    move = np.array(half_move(m, u, (1.0, -2.0, 0.5), DRIVE, constants, 0.5))
    assert np.linalg.norm(move) > 0.3
    assert np.linalg.norm(np.array(m) + 2.0 * move) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("scale_per_T", [0.02, 0.2])
def test_undamped_motion_keeps_a_quadratic_energy_to_rounding(scale_per_T):
    path = walk(
        (0.6, 0.0, 0.8), np.zeros((100_000, 3)), 0.0, QUADRATIC, (REFERENCE, 0.0, 0.0, 1.0), scale_per_T
    )
    assert np.ptp(_energy(path)) < 1e-13
    assert np.ptp(path, axis=0).min() > 0.1


def test_energy_never_rises_while_m_is_damped():
    silence = np.zeros((3000, 3))
    path = walk((0.0, -1.0, 0.0), silence, 0.0, QUADRATIC, (REFERENCE, 0.0, 0.05, 1.0), 0.5)
    energy = _energy(path)
    assert np.diff(energy).max() < 1e-15
    assert energy[0] - energy[-1] > 0.3


def _energy(path):
    xx, yy, zz, xy, xz, yz = QUADRATIC[1]
    tensor = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    return -0.5 * np.einsum("ni,ij,nj->n", path, tensor, path) - path @ np.array(QUADRATIC[0])


def test_a_step_solves_the_midpoint_equation_with_the_slope_that_heun_uses():
    constants, scale, thermal = (REFERENCE, 0.3, 0.05, 1.0), 0.2, (0.1, -0.2, 0.05)
    m = (0.6, 0.0, 0.8)
    after = np.array(midpoint_step(m, thermal, DRIVE, constants, 0.5 * scale))
    middle = 0.5 * (np.array(m) + after)
    expected = np.array(m) + scale * np.array(total_slope(tuple(middle), thermal, DRIVE, constants))
    assert np.abs(after - expected).max() < 1e-12
    heun = heun_step(m, thermal, DRIVE, DRIVE, constants, scale, 0.5 * scale)
    assert np.abs(after - heun).max() < 0.2**3


@pytest.mark.parametrize("damping", [0.01, 0.1, 1.0])
def test_damped_larmor_precession_follows_its_closed_form(damping):
    field, duration, steps, polar_angle = 0.5, 0.2e-9, 40_000, 1.5
    m0 = (math.sin(polar_angle), 0.0, math.cos(polar_angle))
    drive = ((0.0, 0.0, field), (0.0,) * 6, 0.0, (0.0,) * 3, 0.0)
    scale = GYROMAGNETIC_RATIO * duration / steps / (1.0 + damping**2)
    path = walk(m0, np.zeros((steps, 3)), 0.0, drive, (REFERENCE, 0.0, damping, 1.0), scale)
    angle = scale * field * np.arange(steps + 1)
    z = np.tanh(damping * angle + math.atanh(m0[2]))
    across = np.sqrt(1.0 - z**2)
    expected = np.stack([across * np.cos(angle), across * np.sin(angle), z], axis=1)
    assert np.abs(path - expected).max() < 1e-6


def test_middles_of_steps_are_means_of_both_ends():
    table = np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 0.0]], dtype=np.float32)
    assert step_middles(table).tolist() == [[2.0, 4.0], [4.0, 3.0]]
    assert step_middles(table).dtype == np.float32
    assert step_middles(np.empty((0, 15))).shape == (0, 15)


def test_midpoint_follows_the_same_trial_as_heun_and_parts_from_it_in_proportion_to_the_step(memory):
    def distance(step_s):
        pulse = Pulse.rectangle(sot_current_A=3e-4, width_s=0.4e-9, mtj_voltage_V=-0.4, settle_time_s=0.3e-9)
        heun, midpoint = (
            simulate(memory, pulse, seed=2, trials=256, time_step_s=step_s, method=method).magnetisation
            for method in ("heun", "implicit_midpoint")
        )
        assert np.array_equal(heun[:, 0], midpoint[:, 0])
        return math.sqrt(np.mean((heun - midpoint) ** 2))

    coarse, fine = distance(1e-12), distance(0.25e-12)
    assert coarse < 5e-3
    assert fine < 0.4 * coarse


def test_midpoint_warms_the_junction_as_heun_does(memory):
    hot = memory.replace(
        warming=Warming(2e6, 1e-9, 1e4, 1e-9), curie_temperature_K=1100.0, temperature_K=300.0
    )
    pulse = Pulse.points([0.0, 1e-9], mtj_voltage_V=-0.4)
    heun, midpoint = (
        simulate(hot, pulse, seed=2, trials=64, time_step_s=0.2e-12, method=method)
        for method in ("heun", "implicit_midpoint")
    )
    assert np.ptp(heun.temperature_K[:, -1]) > 0.1
    assert np.abs(heun.temperature_K - midpoint.temperature_K).max() < 0.02 * np.ptp(heun.temperature_K)
    assert math.sqrt(np.mean((heun.magnetisation - midpoint.magnetisation) ** 2)) < 3e-3


def test_midpoint_in_float32_follows_the_path_in_float64(memory):
    pulse = Pulse.rectangle(sot_current_A=-3e-4, width_s=0.4e-9, settle_time_s=0.6e-9)
    double, single = (
        simulate(
            memory, pulse, seed=3, trials=64, initial_state="AP", method="implicit_midpoint", precision=p
        )
        for p in ("float64", "float32")
    )
    assert math.sqrt(np.mean((double.magnetisation - single.magnetisation) ** 2)) < 1e-4
    assert np.abs(np.linalg.norm(single.magnetisation, axis=2) - 1.0).max() < 1e-4


def test_a_trial_of_the_midpoint_rule_does_not_depend_on_the_others(memory):
    pulse = Pulse.points([0.0, 0.1e-9])
    few, many = (
        simulate(memory, pulse, seed=4, trials=trials, method="implicit_midpoint").magnetisation
        for trials in (3, 300)
    )
    assert np.array_equal(few, many[:3])


def _ratio(device, method, step_s):
    """Simulated over expected 1 - m_z^2 of an undriven device: about the temperature over the asked one."""
    run = simulate(
        device,
        Pulse.points([0.0, 10e-9]),
        seed=5,
        trials=2048,
        save_every_s=0.5e-9,
        time_step_s=step_s,
        method=method,
    )
    simulated = np.mean(1.0 - run.magnetisation[:, 4:, 2] ** 2)
    return float(simulated / boltzmann_mean(device, lambda m: 1.0 - m[..., 2] ** 2))


def test_midpoint_keeps_the_boltzmann_fluctuations_where_the_step_heats_heun(memory):
    # About 3e4 independent samples of a quantity whose spread is its mean: standard error 0.6 %.
    assert _ratio(memory, "implicit_midpoint", None) == pytest.approx(1.0, abs=0.025)
    device = memory.replace(damping=0.01)
    step_s = 0.23 / (GYROMAGNETIC_RATIO * device.anisotropy_field_T) / 1.5
    heun, midpoint = (_ratio(device, method, step_s) for method in ("heun", "implicit_midpoint"))
    # The same noise in both, so that their ratio has far less scatter than either.
    assert midpoint == pytest.approx(1.0, abs=0.04)
    assert heun > 1.02 * midpoint


@pytest.mark.parametrize("method", ["euler", "Heun", None])
def test_an_unknown_method_is_refused(memory, method):
    with pytest.raises(InputError, match="method must be one of heun, implicit_midpoint, dop853"):
        simulate(memory, Pulse.points([0.0, 1e-11]), seed=1, method=method)
