"""The step against closed forms: precession, relaxation, thresholds, signs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from v01_sot_threshold import threshold
from v16_closed_forms import TOLERANCES, larmor_error, relaxation_error
from v17_step_pulse_threshold import DAMPINGS, REFERENCE, step_threshold

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device import Device
from spinpim.device.thresholds import sot_critical_field


@pytest.mark.parametrize("damping", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("polar_angle", [0.3, 1.5, 3.0])
def test_damped_larmor_precession_follows_its_closed_form(noiseless, constant_drive, damping, polar_angle):
    field, duration, steps = 0.5, 0.2e-9, 40_000
    step = duration / steps
    m0 = [math.sin(polar_angle), 0.0, math.cos(polar_angle)]
    path = noiseless(m0, constant_drive(steps, field=(0.0, 0.0, field)), step, damping, record_every=400)[0]
    time = np.linspace(0.0, duration, path.shape[0])
    frequency = GYROMAGNETIC_RATIO * field / (1.0 + damping**2)
    z = np.tanh(damping * frequency * time + math.atanh(m0[2]))
    transverse = np.sqrt(1.0 - z**2)
    expected = np.stack(
        [transverse * np.cos(frequency * time), transverse * np.sin(frequency * time), z], axis=1
    )
    assert np.abs(path - expected).max() < 1e-6


@pytest.mark.parametrize("damping", [0.02, 0.3])
def test_uniaxial_relaxation_follows_its_closed_form_in_angle_and_phase(noiseless, constant_drive, damping):
    anisotropy, duration, steps = 0.3, 0.3e-9, 60_000
    polar_angle = 1.2
    m0 = [math.sin(polar_angle), 0.0, math.cos(polar_angle)]
    drive = constant_drive(steps, stiffness=(0.0, 0.0, anisotropy))
    path = noiseless(m0, drive, duration / steps, damping, record_every=600)[0]
    time = np.linspace(0.0, duration, path.shape[0])
    relaxation = (1.0 + damping**2) / (damping * GYROMAGNETIC_RATIO * anisotropy)
    theta = np.arctan(math.tan(polar_angle) * np.exp(-time / relaxation))
    phase = (np.arctanh(np.cos(theta)) - math.atanh(m0[2])) / damping
    expected = np.stack([np.sin(theta) * np.cos(phase), np.sin(theta) * np.sin(phase), np.cos(theta)], axis=1)
    assert np.abs(path - expected).max() < 1e-6


@pytest.mark.parametrize("error", [larmor_error, relaxation_error])
@pytest.mark.parametrize("damping", [0.01, 1.0])
def test_single_precision_follows_both_closed_forms_within_its_rounding(error, damping):
    assert 1e-8 < error(damping, "float32") < TOLERANCES["float32"]


def test_undamped_motion_keeps_the_energy(noiseless, constant_drive):
    stiffness, field, steps = np.array([0.1, -0.2, 0.4]), np.array([0.05, 0.1, -0.02]), 100_000
    drive = constant_drive(steps, stiffness=stiffness, field=field)
    path = noiseless([0.6, 0.0, 0.8], drive, 0.02e-12, 0.0, record_every=1000)[0]
    energy = -0.5 * (path**2) @ stiffness - path @ field
    assert np.ptp(energy) < 1e-7
    assert np.ptp(path, axis=0).min() > 0.1


@pytest.mark.parametrize("damping", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("h", [0.05, 0.1, 0.3])
def test_ramped_sot_threshold_matches_the_closed_form(h, damping):
    assert threshold(h, damping) == pytest.approx(sot_critical_field(1.0, h), abs=5e-4)


@pytest.mark.parametrize(("h", "place"), [(h, place) for h in REFERENCE for place in range(len(DAMPINGS))])
def test_a_current_step_switches_at_the_tabulated_threshold_below_that_of_a_ramp(h, place):
    found = step_threshold(h, DAMPINGS[place], width=2e-4)
    assert found == pytest.approx(REFERENCE[h][place], abs=5e-4)
    assert found < sot_critical_field(1.0, h) - 5e-3


def test_the_two_closed_forms_of_the_sot_threshold_agree():
    for h in np.linspace(0.0, 0.9, 10):
        other = math.sqrt(8 + 20 * h**2 - h**4 - h * (8 + h**2) ** 1.5) / (4 * math.sqrt(2))
        assert sot_critical_field(1.0, h) == pytest.approx(other, abs=1e-12)


def _amplitude_growth(noiseless, constant_drive, device, current_A, along=1):
    """Ratio of late to early tilt of a slightly tilted state under a constant channel current."""
    steps, step_s = 400_000, 0.4e-12
    tensor = np.array(np.diag(device.landscape().stiffness_T))
    drive = constant_drive(
        steps, stiffness=tensor - tensor[along], sot=(device.sot_field_T_per_A * current_A, 0.0)
    )
    m0 = np.zeros(3)
    m0[along] = 1.0
    m0[(along + 1) % 3] = 1e-4
    path = noiseless(m0 / np.linalg.norm(m0), drive, step_s, device.damping, record_every=40)[0]
    tilt = 1.0 - path[:, along]
    part = tilt.size // 10
    return tilt[-part:].mean() / tilt[:part].mean()


def test_y_type_threshold_current_is_the_antidamping_one_within_one_per_cent(noiseless, constant_drive):
    device = Device.load("in_plane_y_memory")
    critical = device.sot_critical_current_A * (-1.0 if device.spin_hall_angle > 0 else 1.0)
    assert _amplitude_growth(noiseless, constant_drive, device, 0.99 * critical) < 1.0
    assert _amplitude_growth(noiseless, constant_drive, device, 1.01 * critical) > 1.0
    assert _amplitude_growth(noiseless, constant_drive, device, -1.01 * critical) < 1.0


def test_perpendicular_stt_threshold_is_damping_times_anisotropy(noiseless, constant_drive):
    anisotropy, damping, steps = 0.3, 0.02, 400_000
    tilted = np.array([1e-3, 0.0, -1.0]) / math.hypot(1e-3, 1.0)
    ratios = []
    for factor in (0.99, 1.01):
        drive = constant_drive(
            steps, stiffness=(0.0, 0.0, anisotropy), stt=(factor * damping * anisotropy, 0.0)
        )
        path = noiseless(tilted, drive, 0.5e-12, damping, record_every=400)[0]
        ratios.append((1.0 + path[-1, 2]) / (1.0 + path[0, 2]))
    assert ratios[0] < 1.0 < ratios[1]


SIGN_TABLE = [
    # drive, start, axis, direction of the final component along the axis
    ({"field": (0.0, 0.0, 0.3)}, (0.9, 0.0, -0.436), 2, 1),
    ({"sot": (0.3, 0.0)}, (0.9, -0.2, 0.387), 1, 1),
    ({"sot": (-0.3, 0.0)}, (0.9, 0.2, 0.387), 1, -1),
    ({"sot": (0.0, 0.3)}, (0.9, -0.2, 0.387), 1, 1),
    ({"stt": (0.3, 0.0)}, (0.9, 0.2, -0.387), 2, 1),
    ({"stt": (-0.3, 0.0)}, (0.9, 0.2, 0.387), 2, -1),
    # Bx > 0 with a positive current in a perpendicular film ends up, a negative one down.
    ({"sot": (0.7, 0.0), "field": (0.3, 0.0, 0.0), "stiffness": (0.0, 0.0, 1.0)}, (0.3, 0.0, -0.954), 2, 1),
    ({"sot": (-0.7, 0.0), "field": (0.3, 0.0, 0.0), "stiffness": (0.0, 0.0, 1.0)}, (0.3, 0.0, 0.954), 2, -1),
]


@pytest.mark.parametrize(("drive", "start", "axis", "direction"), SIGN_TABLE)
def test_each_torque_drives_to_its_stated_side(noiseless, constant_drive, drive, start, axis, direction):
    m0 = np.array(start) / np.linalg.norm(start)
    path = noiseless(m0, constant_drive(40_000, **drive), 0.5e-12, 0.1, record_every=40_000)[0]
    assert np.sign(path[-1, axis]) == direction
    assert abs(path[-1, axis]) > 0.1


def test_precession_turns_counter_clockwise_about_a_positive_field(noiseless, constant_drive):
    path = noiseless([1.0, 0.0, 0.0], constant_drive(10, field=(0.0, 0.0, 0.1)), 1e-12, 0.01)[0]
    assert path[-1, 1] > 0.0


def test_heun_converges_with_second_order_without_noise(noiseless, constant_drive):
    def final(steps):
        drive = constant_drive(steps, field=(0.1, 0.0, 0.4), stiffness=(0.0, -0.5, 0.2), sot=(0.1, 0.02))
        return noiseless([0.0, 0.6, 0.8], drive, 0.4e-9 / steps, 0.05, record_every=steps)[0, -1]

    exact = final(64_000)
    errors = [np.abs(final(steps) - exact).max() for steps in (1000, 2000, 4000)]
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(orders - 2.0) < 0.1)
