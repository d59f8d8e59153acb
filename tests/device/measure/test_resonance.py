"""Small motion about a state: Kittel's formulas, the ringing of the kernel, the spectrum of the noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from v09_resonance import noise_peak_Hz, ringing

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device import Device
from spinpim.device.dynamics.linearised import constant_rows, linear_motion, stationary_near
from spinpim.device.measure.resonance import ferromagnetic_resonance
from spinpim.errors import InputError

RATE = GYROMAGNETIC_RATIO / (2.0 * math.pi)


@pytest.fixture(scope="module")
def in_plane():
    return Device.load("in_plane_y_memory")


@pytest.fixture(scope="module")
def everything(memory):
    """All torques at once, none of them along a symmetry."""
    return memory.replace(
        external_field_T=(0.03, -0.02, 0.04),
        stt_asymmetry=0.4,
        stt_efficiency=0.5,
        stt_field_like_ratio=0.2,
        field_like_ratio=0.3,
        second_order_anisotropy_J_per_m2=4e-5,
        demagnetising_off_diagonal=(0.01, 0.005, -0.008),
    )


def test_perpendicular_resonance_follows_kittel_and_its_width_is_twice_the_damping(memory):
    field = np.linspace(-0.15, 0.5, 14)
    found = ferromagnetic_resonance(memory, field_T=field[:, None] * [0.0, 0.0, 1.0])
    expected = RATE * (field + memory.anisotropy_field_T)
    assert found.ringing_Hz == pytest.approx(expected / (1.0 + memory.damping**2), rel=1e-12)
    assert found.linewidth_Hz == pytest.approx(2.0 * memory.damping * found.ringing_Hz, rel=1e-12)
    assert found.field_linewidth_T == pytest.approx(
        2.0 * memory.damping * found.frequency_Hz / RATE, rel=1e-2
    )


def test_in_plane_resonance_follows_kittel(in_plane):
    soft, hard = in_plane.stiffness_fields_T
    field = np.array([-0.03, 0.0, 0.05, 0.4])
    found = ferromagnetic_resonance(in_plane, field_T=field[:, None] * [0.0, 1.0, 0.0])
    shortened = 1.0 + in_plane.damping**2
    expected = RATE * np.sqrt((field + soft) * (field + hard) / shortened)
    assert found.frequency_Hz == pytest.approx(expected, rel=1e-12)
    width = RATE * in_plane.damping * (2.0 * field + soft + hard) / shortened
    assert found.linewidth_Hz == pytest.approx(width, rel=1e-12)


def test_second_order_anisotropy_adds_nothing_at_the_pole_and_all_of_it_in_the_plane(memory):
    device = memory.replace(second_order_anisotropy_J_per_m2=1e-4)
    assert ferromagnetic_resonance(device).frequency_Hz == pytest.approx(
        float(ferromagnetic_resonance(memory).frequency_Hz), rel=1e-12
    )
    second = device.landscape().second_order_T
    field = memory.anisotropy_field_T + second + 0.3
    found = ferromagnetic_resonance(device, field_T=(field, 0.0, 0.0))
    # Towards the normal B_k and q both soften the motion, in the plane only the field holds.
    expected = RATE * math.sqrt(
        field * (field - memory.anisotropy_field_T - second) / (1.0 + device.damping**2)
    )
    assert found.frequency_Hz == pytest.approx(expected, rel=1e-9)


def test_curvatures_of_the_landscape_give_the_same_frequency_in_a_tilted_field(in_plane):
    device = in_plane.replace(external_field_T=(0.02, -0.01, 0.3))
    found = ferromagnetic_resonance(device, state="AP")
    first, second = device.landscape().curvatures_T(found.equilibrium)[0]
    expected = RATE * math.sqrt(first * second / (1.0 + device.damping**2))
    assert found.frequency_Hz == pytest.approx(expected, rel=1e-9)


def test_junction_voltage_takes_all_of_the_width_at_the_critical_voltage(memory):
    device = memory.replace(vcma_coefficient_J_per_V_m=0.0)
    share = np.array([0.0, 0.5, -0.5, -1.0, -1.2])
    found = ferromagnetic_resonance(device, mtj_voltage_V=share * device.stt_critical_voltage_V)
    assert found.linewidth_Hz / found.linewidth_Hz[0] == pytest.approx(1.0 + share, abs=1e-9)


def test_jacobian_is_the_derivative_of_the_slope_with_every_torque(everything):
    rows = constant_rows(everything, np.zeros((1, 3)), np.array([1e-4]), np.array([0.3]))
    m, reached = stationary_near(everything, rows, np.array([[0.1, 0.05, 0.99]]))
    assert reached.all()
    here = linear_motion(everything, rows, m)
    step = 1e-6
    for axis in range(2):
        sides = []
        for sign in (1.0, -1.0):
            moved = m + sign * step * here.tangents[:, axis]
            moved /= np.linalg.norm(moved, axis=1)[:, None]
            there = linear_motion(everything, rows, moved)
            slope = np.einsum("ni,nij->nj", there.slope_T, there.tangents)
            sides.append(np.einsum("nij,nj->ni", here.tangents, slope)[0])
        derivative = (sides[0] - sides[1]) / (2.0 * step)
        assert derivative == pytest.approx(here.jacobian_T[0][:, axis], abs=1e-7)


@pytest.mark.parametrize(("current", "voltage"), [(0.0, 0.0), (8e-5, 0.25)])
def test_free_decay_of_the_kernel_rings_and_fades_as_predicted(everything, noiseless, current, voltage):
    found = ferromagnetic_resonance(everything, sot_current_A=current, mtj_voltage_V=voltage)
    frequency, width = ringing(everything, noiseless, current, voltage)
    assert frequency == pytest.approx(float(found.ringing_Hz), rel=1e-4)
    assert width == pytest.approx(float(found.linewidth_Hz), rel=1e-3)


def test_thermal_noise_peaks_at_the_resonance(memory):
    cool = memory.replace(temperature_K=20.0, curie_temperature_K=None)
    # 256 traces of 10 ns: the centre of a line 0.3 GHz wide comes to 0.2 %; a false alarm takes 10 sigma.
    expected = float(ferromagnetic_resonance(cool).frequency_Hz)
    assert noise_peak_Hz(cool, seed=7) == pytest.approx(expected, rel=0.02)


def test_a_field_beyond_the_end_of_the_state_gives_the_state_that_remains(memory):
    reversed_field = (0.0, 0.0, -2.0 * memory.anisotropy_field_T)
    found = ferromagnetic_resonance(memory, field_T=reversed_field)
    assert found.equilibrium[2] == pytest.approx(-1.0)
    assert found.frequency_Hz == pytest.approx(3.0 * RATE * memory.anisotropy_field_T, rel=1e-3)


def test_sweep_has_the_shape_of_the_broadcast_arguments(memory):
    found = ferromagnetic_resonance(memory, field_T=np.zeros((4, 1, 3)), mtj_voltage_V=np.array([0.0, 0.1]))
    assert found.frequency_Hz.shape == (4, 2)
    assert found.equilibrium.shape == (4, 2, 3)
    assert np.ptp(found.frequency_Hz, axis=0) == pytest.approx(0.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"field_T": 0.1},
        {"field_T": (0.1, math.nan, 0.0)},
        {"state": "up"},
        {"mtj_voltage_V": [0.1, 0.2], "field_T": np.zeros((3, 3))},
        {"sot_current_A": "much"},
    ],
)
def test_impossible_arguments_are_refused(memory, wrong):
    with pytest.raises(InputError):
        ferromagnetic_resonance(memory, **wrong)


def test_equilibrium_is_lost_at_the_closed_form_of_the_slow_current_ramp(memory):
    device = memory.replace(external_field_T=(0.02, 0.0, 0.0), field_like_ratio=0.0, oersted_factor=0.0)
    critical = device.sot_critical_current_A
    below = ferromagnetic_resonance(device, sot_current_A=(1.0 - 1e-5) * critical)
    assert below.frequency_Hz < 0.1 * ferromagnetic_resonance(device).frequency_Hz
    with pytest.raises(InputError, match="can rest"):
        ferromagnetic_resonance(device, sot_current_A=(1.0 + 1e-5) * critical)
