"""Magnetisation and anisotropy over temperature, voltage, shape; what a changed Device does with them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim import Device, Pulse, simulate
from spinpim.constants import VACUUM_PERMEABILITY
from spinpim.device.dynamics.drive import drive_rows
from spinpim.device.material import magnetisation_ratio, second_order_T, stiffness_T
from spinpim.device.measure.figures import derived_figures
from spinpim.device.provenance import FILE_KEYS, VECTOR_KEYS
from spinpim.device.warming import Warming
from spinpim.errors import InputError
from spinpim.params import DeviceFile

HEAT = Warming(1e6, 1e-9, 2e5, 3e-9)


@pytest.mark.parametrize("curie", [None, 700.0, 1300.0])
def test_at_the_reference_temperature_the_numbers_are_exactly_those_of_the_file(memory, curie):
    device = memory.replace(curie_temperature_K=curie, second_order_anisotropy_J_per_m2=4e-5)
    plain = memory.replace(second_order_anisotropy_J_per_m2=4e-5)
    assert float(magnetisation_ratio(device, 300.0)) == 1.0
    assert np.array_equal(stiffness_T(device, 0.3, 300.0), stiffness_T(plain, 0.3, 300.0))
    assert second_order_T(device, 300.0) == second_order_T(plain, 300.0)
    assert device.thermal_stability == plain.thermal_stability


@pytest.mark.parametrize(("exponent", "power"), [(1.5, 2.18), (2.0, 3.0), (1.0, 1.0)])
def test_magnetisation_and_anisotropy_follow_the_temperature_as_stated(memory, exponent, power):
    device = memory.replace(
        curie_temperature_K=1100.0,
        magnetisation_exponent=exponent,
        anisotropy_exponent=power,
        second_order_anisotropy_J_per_m2=4e-5,
    )
    hot = device.replace(temperature_K=400.0)
    ratio = (1.0 - (400.0 / 1100.0) ** exponent) / (1.0 - (300.0 / 1100.0) ** exponent)
    magnetisation = ratio * memory.saturation_magnetisation_A_per_m
    interface = memory.interfacial_anisotropy_J_per_m2 * ratio**power
    _, _, nz = device.demagnetising_factors
    expected = (
        2.0 * interface / (magnetisation * memory.thickness_m) - VACUUM_PERMEABILITY * magnetisation * nz
    )
    assert hot.landscape().stiffness_T[2, 2] == pytest.approx(expected, rel=1e-12)
    assert hot.moment_A_m2 == pytest.approx(magnetisation * memory.volume_m3, rel=1e-12)
    assert hot.landscape().second_order_T == pytest.approx(
        4.0 * 4e-5 * ratio**power / (magnetisation * memory.thickness_m), rel=1e-12
    )


def test_a_hot_device_with_a_curie_temperature_is_less_stable_than_its_temperature_alone_says(memory):
    device = memory.replace(curie_temperature_K=1100.0)
    hot = device.replace(temperature_K=400.0)
    moment, field = hot.moment_A_m2, hot.anisotropy_field_T
    assert hot.thermal_stability == pytest.approx(0.5 * moment * field / (1.380649e-23 * 400.0))
    assert hot.thermal_stability < 0.97 * memory.replace(temperature_K=400.0).thermal_stability


def test_the_torque_fields_grow_as_the_magnetisation_falls(memory):
    device = memory.replace(curie_temperature_K=1100.0)
    hot = device.replace(temperature_K=400.0)
    ratio = float(magnetisation_ratio(device, 400.0))
    assert hot.sot_field_T_per_A == pytest.approx(device.sot_field_T_per_A / ratio)
    assert hot.stt_field_T_per_V == pytest.approx(device.stt_field_T_per_V / ratio)
    row = drive_rows(hot, Pulse.points([0.0, 1e-9], mtj_voltage_V=0.2), np.array([0.0]))[0]
    assert row[13] == pytest.approx(0.2 * hot.stt_field_T_per_V)


@pytest.mark.parametrize("change", [{"temperature_K": 670.0}, {"curie_temperature_K": 310.0}])
def test_a_device_at_its_curie_temperature_is_refused(memory, change):
    with pytest.raises(InputError, match="curie_temperature_K"):
        memory.replace(curie_temperature_K=700.0).replace(**change)


def test_a_tensor_of_no_body_is_refused(memory):
    with pytest.raises(InputError, match=r"demagnetising_off_diagonal.*outside 0\.\.1.*one turned body"):
        memory.replace(demagnetising_off_diagonal=(0.2, 0.0, 0.0))
    assert memory.replace(demagnetising_off_diagonal=(0.02, 0.0, 0.0)).thermal_stability > 0.0


def test_lengths_of_a_turned_ellipse_are_not_changed_behind_its_factors(memory):
    turned = memory.replace(demagnetising_off_diagonal=(0.005, 0.0, 0.0))
    with pytest.raises(InputError, match=r"do not follow diameter_x_m; give demagnetising_factors"):
        turned.replace(diameter_x_m=70e-9)
    straight = turned.replace(diameter_x_m=70e-9, demagnetising_off_diagonal=(0.0, 0.0, 0.0))
    assert straight.demagnetising_factors[0] < memory.demagnetising_factors[0]


def test_tilted_spins_write_without_a_field_in_the_direction_of_write_pulse(memory):
    """The polarisation's part along the normal decides; its sign, and that of the spin Hall angle, follow."""
    for tilt in (0.4, -0.4):
        spins = (0.0, math.sqrt(1.0 - tilt**2), tilt)
        device = memory.replace(
            sot_polarisation=spins, write=dataclasses.replace(memory.write, mtj_voltage_V=0.0)
        )
        for to, sign in (("P", 1.0), ("AP", -1.0)):
            pulse = device.write_pulse(to)
            start = "AP" if to == "P" else "P"
            run = simulate(device, pulse, seed=3, trials=64, initial_state=start)
            assert np.mean(sign * run.magnetisation[:, -1, 2] > 0.0) > 0.9


def test_reversed_spins_reverse_the_current_of_the_write_pulse():
    for name, field in (
        ("in_plane_y_memory", (0.0, 0.0, 0.0)),
        ("perpendicular_memory_60nm", (0.02, 0.0, 0.0)),
    ):
        device = Device.load(name).replace(external_field_T=field)
        turned = device.replace(sot_polarisation=(0.0, -1.0, 0.0))
        assert np.array_equal(turned.write_pulse().sot_current_A, -device.write_pulse().sot_current_A)


def test_no_critical_current_is_given_where_the_closed_form_does_not_hold(memory):
    assert memory.sot_critical_current_A is not None
    assert memory.replace(sot_polarisation=(0.6, 0.8, 0.0)).sot_critical_current_A is None
    assert memory.replace(second_order_anisotropy_J_per_m2=5e-5).sot_critical_current_A is None
    mirrored = memory.replace(sot_polarisation=(0.0, -1.0, 0.0))
    assert mirrored.sot_critical_current_A == memory.sot_critical_current_A


def test_the_critical_current_out_of_p_counts_the_asymmetry(memory):
    name = "STT critical current, P state"
    plain, asymmetric = (
        {
            figure.name: figure.value
            for figure in derived_figures(memory.replace(stt_asymmetry=chi, vcma_coefficient_J_per_V_m=0.0))
        }[name]
        for chi in (0.0, 0.25)
    )
    assert asymmetric == pytest.approx(1.25 * plain)


NUMBERS = st.sampled_from([300, 300.0, np.float64(300.0), np.float32(300.0), np.int64(300)])


@given(first=NUMBERS, second=NUMBERS, zero=st.sampled_from([0, 0.0, -0.0, np.float64(0.0)]))
@settings(max_examples=30, deadline=None)
def test_equal_numbers_of_any_kind_have_equal_fingerprints(first, second, zero):
    memory = Device.load("perpendicular_memory_60nm")
    one = memory.replace(temperature_K=first, external_field_T=(zero, 0.0, 0.0))
    assert one.fingerprint == memory.replace(temperature_K=second).fingerprint


CHANGES = [
    {"warming": HEAT},
    {"warming": Warming(1e6, 1e-9, 2e5, 4e-9)},
    {"sot_polarisation": (0.0, 0.6, 0.8)},
    {"stt_asymmetry": 0.2},
    {"second_order_anisotropy_J_per_m2": 1e-5},
    {"demagnetising_off_diagonal": (1e-3, 0.0, 0.0)},
    {"demagnetising_off_diagonal": (0.0, 1e-3, 0.0)},
    {"curie_temperature_K": 1000.0},
    {"magnetisation_exponent": 1.6},
    {"anisotropy_exponent": 2.0},
    {"oersted_factor": 0.5},
]


def test_every_new_number_changes_the_fingerprint(memory):
    seen = {memory.fingerprint} | {memory.replace(**change).fingerprint for change in CHANGES}
    assert len(seen) == len(CHANGES) + 1


def test_every_number_of_a_device_file_has_its_attribute():
    """A key without one would be read, cited and never used."""
    keys = set(FILE_KEYS.values()) | {key for group in VECTOR_KEYS.values() for key in group}
    known = {
        f"{name}.{key}"
        for name, field in DeviceFile.model_fields.items()
        if name not in ("schema_name", "name", "title", "sources", "stated")
        for key in field.annotation.expectations()
    }
    assert keys == known
