"""Switching field against direction: Stoner and Wohlfarth's closed form and a slow ramp of the kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from v08_astroid import ramped_switching_field_T, stoner_wohlfarth

from spinpim.device import Device
from spinpim.device.measure.astroid import astroid
from spinpim.errors import InputError


def test_perpendicular_astroid_is_that_of_stoner_and_wohlfarth(memory):
    angle = np.radians([180.0, 170.0, 135.0, 110.0, 90.5, 90.0, 45.0, 0.0, 300.0])
    found = astroid(memory, angle)
    along, across = (
        np.abs(found.switching_field_T * part / memory.anisotropy_field_T) ** (2.0 / 3.0)
        for part in (np.cos(angle), np.sin(angle))
    )
    assert along + across == pytest.approx(1.0, abs=1e-6)
    assert found.switching_field_T == pytest.approx(
        memory.anisotropy_field_T * stoner_wohlfarth(angle), rel=1e-6
    )
    assert found.state.tolist()[:4] == ["P"] * 4
    assert found.state.tolist()[-3:] == ["AP"] * 3


def test_in_plane_astroid_in_the_film_ignores_the_hard_normal():
    device = Device.load("in_plane_y_memory")
    angle = np.radians([180.0, 160.0, 135.0, 100.0])
    found = astroid(device, angle, plane="yx")
    assert found.switching_field_T == pytest.approx(
        device.anisotropy_field_T * stoner_wohlfarth(angle), rel=1e-6
    )


def test_hard_normal_needs_the_easy_component_of_the_field():
    device = Device.load("in_plane_y_memory")
    soft, hard = device.stiffness_fields_T
    found = astroid(device, np.radians([150.0, 90.0]), plane="yz")
    # m hardly leaves the film: the normal component only tilts it, and the easy one has to reverse it.
    assert found.switching_field_T[0] == pytest.approx(soft / math.cos(math.radians(30.0)), rel=2e-3)
    assert found.switching_field_T[1] == pytest.approx(hard, rel=1e-6)


def test_second_order_anisotropy_switches_where_the_curvature_of_its_energy_vanishes(memory):
    device = memory.replace(second_order_anisotropy_J_per_m2=1e-4)
    q, first = device.landscape().second_order_T, device.anisotropy_field_T
    polar = np.linspace(0.0, 0.5 * np.pi, 20_001)
    # Field along -z in which a tilt by the polar angle is stationary; a state can rest up to its maximum.
    resting = first * np.cos(polar) + q * np.cos(polar) * np.sin(polar) ** 2
    found = astroid(device, [math.pi])
    assert found.switching_field_T[0] == pytest.approx(first, rel=1e-6)
    assert resting[0] == pytest.approx(first)
    stronger = memory.replace(second_order_anisotropy_J_per_m2=4e-4)
    q, first = stronger.landscape().second_order_T, stronger.anisotropy_field_T
    resting = first * np.cos(polar) + q * np.cos(polar) * np.sin(polar) ** 2
    assert resting.max() > 1.01 * first
    slightly_off = astroid(stronger, [math.pi - 1e-6]).switching_field_T[0]
    assert slightly_off == pytest.approx(resting.max(), rel=1e-3)


@pytest.mark.parametrize("degrees", [150.0, 110.0])
def test_slow_ramp_of_the_kernel_switches_on_the_astroid(memory, degrees):
    expected = astroid(memory, [math.radians(degrees)]).switching_field_T[0]
    assert ramped_switching_field_T(memory, math.radians(degrees)) == pytest.approx(expected, rel=2e-3)


def test_bias_field_shifts_the_astroid(memory):
    bias = 0.03
    found = astroid(memory.replace(external_field_T=(0.0, 0.0, bias)), [0.0, math.pi])
    assert found.switching_field_T == pytest.approx(
        memory.anisotropy_field_T + np.array([-bias, bias]), rel=1e-9
    )


def test_named_state_never_vanishes_in_a_field_that_favours_it(memory):
    found = astroid(memory, np.radians([20.0, 160.0]), state="P")
    assert np.isinf(found.switching_field_T[0])
    assert np.isfinite(found.switching_field_T[1])


def test_astroid_shrinks_by_the_spin_transfer_torque_of_a_voltage(memory):
    device = memory.replace(vcma_coefficient_J_per_V_m=0.0)
    voltage = -0.5 * device.stt_critical_voltage_V
    found = astroid(device, [math.pi], state="P", mtj_voltage_V=voltage)
    # Damping against torque: alpha (B_k - B) = B_STT.
    assert found.switching_field_T[0] == pytest.approx(0.5 * device.anisotropy_field_T, rel=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"angle_rad": []},
        {"angle_rad": [math.inf]},
        {"angle_rad": "all"},
        {"plane": "zz"},
        {"plane": "zw"},
        {"state": "both"},
        {"sot_current_A": math.nan},
    ],
)
def test_impossible_arguments_are_refused(memory, wrong):
    with pytest.raises(InputError):
        astroid(memory, **{"angle_rad": [1.0], **wrong})


def test_state_that_the_external_field_has_erased_is_refused(memory):
    with pytest.raises(InputError, match="does not exist"):
        astroid(memory.replace(external_field_T=(0.0, 0.0, -0.3)), [math.pi], state="P")
