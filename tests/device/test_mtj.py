"""The device value: resistance, derived figures, closed forms of the torque fields."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import constants, ndimage, optimize

from spinpim import Device
from spinpim.device import energy_barrier, escape_rate_per_s, retention_s, write_energy
from spinpim.device.dynamics.linearised import constant_rows, easy_side, linear_motion
from spinpim.device.escape.retention import log_passage_time
from spinpim.errors import InputError


def test_resistance_interpolates_the_conductance_and_droops_with_bias(memory):
    parallel, antiparallel = memory.resistance_p_ohm, memory.resistance_ap_ohm
    assert antiparallel == pytest.approx(parallel * (1.0 + memory.tunnel_magnetoresistance))
    middle = float(memory.resistance_ohm(0.0, 0.0))
    assert 1.0 / middle == pytest.approx(0.5 / parallel + 0.5 / antiparallel)
    drooped = float(memory.resistance_ohm(-1.0, memory.half_bias_voltage_V))
    assert drooped == pytest.approx(parallel * (1.0 + 0.5 * memory.tunnel_magnetoresistance))
    assert float(memory.resistance_ohm(1.0, 0.5)) == pytest.approx(parallel)
    assert np.array_equal(memory.resistance_ohm(-1.0, [0.3]), memory.resistance_ohm(-1.0, [-0.3]))


def test_heat_lowers_the_magnetoresistance_and_the_stability(memory):
    hot = memory.replace(temperature_K=400.0)
    assert hot.resistance_ap_ohm < memory.resistance_ap_ohm
    assert hot.resistance_p_ohm == memory.resistance_p_ohm
    assert hot.thermal_stability == pytest.approx(memory.thermal_stability * memory.temperature_K / 400.0)


def test_stability_is_the_textbook_formula(memory):
    moment = memory.saturation_magnetisation_A_per_m * memory.volume_m3
    expected = moment * memory.anisotropy_field_T / (2.0 * constants.k * memory.temperature_K)
    assert memory.thermal_stability == pytest.approx(expected)


def test_critical_stt_current_is_four_e_alpha_over_hbar_eta_times_the_barrier(memory):
    barrier = memory.thermal_stability * constants.k * memory.temperature_K
    expected = 4.0 * constants.e * memory.damping * barrier / (constants.hbar * memory.stt_efficiency)
    density_current = memory.stt_critical_voltage_V / memory.resistance_area_product_ohm_m2
    magnetic_area = memory.volume_m3 / memory.thickness_m
    assert density_current * magnetic_area == pytest.approx(expected, rel=1e-6)


def _threshold_of_the_linear_motion(device, state, current_A=0.0, voltage_V=0.0):
    """Factor on a drive at which the trace of the motion about the easy axis vanishes."""

    def trace(factor):
        drive = np.zeros((1, 3)), np.array([factor * current_A]), np.array([factor * voltage_V])
        rows = constant_rows(device, *drive)
        return float(linear_motion(device, rows, easy_side(device, state)[None]).trace_T[0])

    return optimize.brentq(trace, 0.3, 3.0)


@pytest.mark.parametrize("state", ["P", "AP"])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"stt_asymmetry": 0.3, "vcma_coefficient_J_per_V_m": 0.0},
        {"stt_field_like_ratio": 0.2, "external_field_T": (0.0, 0.0, 0.03)},
        {"second_order_anisotropy_J_per_m2": 3e-5, "vcma_coefficient_J_per_V_m": 6e-14},
    ],
)
def test_critical_voltage_of_a_state_is_that_of_the_linear_motion(memory, change, state):
    device = memory.replace(**change)
    critical = device.stt_critical_voltage_of(state)
    assert (critical < 0.0) == (state == "P")
    assert _threshold_of_the_linear_motion(device, state, voltage_V=critical) == pytest.approx(1.0, rel=1e-6)
    if not change:
        assert abs(abs(critical) / device.stt_critical_voltage_V - 1.0) > 0.1


def test_a_state_that_its_field_or_its_anisotropy_does_not_let_switch_has_no_critical_voltage(memory):
    stiffened = memory.replace(damping=0.3, vcma_coefficient_J_per_V_m=6e-14)
    assert stiffened.stt_critical_voltage_of("AP") == math.inf
    assert memory.replace(stt_efficiency=0.0).stt_critical_voltage_of("P") == -math.inf
    with pytest.raises(InputError, match="leaves no state"):
        memory.replace(external_field_T=(0.0, 0.0, 1.1 * memory.anisotropy_field_T)).stt_critical_voltage_of(
            "AP"
        )
    with pytest.raises(InputError, match="state"):
        memory.stt_critical_voltage_of("up")


def test_critical_channel_current_of_an_in_plane_junction_follows_the_field_along_the_easy_axis():
    device = Device.load("in_plane_y_memory").replace(oersted_factor=0.0, field_like_ratio=0.0)
    tilted = device.replace(external_field_T=(0.0, 0.3 * device.anisotropy_field_T, 0.0))
    current = tilted.sot_critical_current_A
    assert current < 0.999 * device.sot_critical_current_A
    signed = math.copysign(current, -tilted.spin_hall_angle)
    # A positive damping-like field along y drives AP out; the field along +y has weakened AP.
    assert _threshold_of_the_linear_motion(tilted, "AP", current_A=-signed) == pytest.approx(1.0, rel=1e-6)


def test_a_perpendicular_stability_falls_with_the_square_of_the_transverse_field(memory):
    for h in (0.1, 0.4):
        device = memory.replace(external_field_T=(h * memory.anisotropy_field_T, 0.0, 0.0))
        assert energy_barrier(device) == pytest.approx(memory.thermal_stability * (1.0 - h) ** 2, rel=1e-6)


def test_a_field_along_the_easy_axis_makes_one_state_weaker(memory):
    h = 0.2
    device = memory.replace(external_field_T=(0.0, 0.0, h * memory.anisotropy_field_T))
    assert energy_barrier(device, "P") == pytest.approx(memory.thermal_stability * (1.0 + h) ** 2, rel=1e-6)
    assert energy_barrier(device, "AP") == pytest.approx(memory.thermal_stability * (1.0 - h) ** 2, rel=1e-6)
    assert retention_s(device) == pytest.approx(1.0 / escape_rate_per_s(device, "AP"))


def test_an_in_plane_barrier_is_the_shape_anisotropy():
    device = Device.load("in_plane_y_memory")
    nx, ny, _ = device.demagnetising_factors
    magnetisation = device.saturation_magnetisation_A_per_m
    expected = 0.5 * constants.mu_0 * magnetisation**2 * (nx - ny) * device.volume_m3
    assert energy_barrier(device) == pytest.approx(expected / (constants.k * device.temperature_K), rel=1e-5)
    assert device.thermal_stability >= 45.0


def test_shipped_stabilities_are_what_their_titles_say():
    assert Device.load("in_plane_y_60x40").thermal_stability == pytest.approx(20.0, abs=4.0)
    assert Device.load("perpendicular_memory_60nm").thermal_stability >= 60.0


def test_read_voltage_disturbs_only_the_state_it_drives_out_of(memory):
    without_vcma = memory.replace(vcma_coefficient_J_per_V_m=0.0)
    rest = escape_rate_per_s(without_vcma, "AP", 0.0)
    assert escape_rate_per_s(without_vcma, "AP", 0.4) > 100.0 * rest
    assert escape_rate_per_s(without_vcma, "AP", -0.4) < rest
    driven = escape_rate_per_s(without_vcma, "AP", 0.4)
    assert escape_rate_per_s(without_vcma, "P", -0.4) == pytest.approx(driven)
    # Depletion at a positive voltage stiffens the film, accumulation at a negative one softens it.
    assert escape_rate_per_s(memory, "AP", 0.4) < driven < escape_rate_per_s(memory, "P", -0.4)


def test_escape_rate_grows_with_the_voltage_through_the_threshold(memory):
    voltages = np.linspace(0.0, 2.0, 81) * memory.stt_critical_voltage_V
    rates = [escape_rate_per_s(memory, "AP", voltage) for voltage in voltages]
    assert np.all(np.diff(rates) > 0.0)
    in_plane = Device.load("in_plane_y_memory")
    rates = [escape_rate_per_s(in_plane, "AP", v * in_plane.stt_critical_voltage_V) for v in (0, 0.5, 1, 2)]
    assert np.all(np.diff(rates) >= 0.0)


PASSAGES = [
    (20, 0.0, 4.9291e-9),
    (20, 0.3, 8.0240e-5),
    (40, 0.0, 1.4773e-17),
    (40, 0.3, 6.6624e-9),
    (40, 0.5, 5.4720e-5),
    (60, 0.0, 3.7622e-26),
    (60, 0.3, 4.6011e-13),
    (60, 0.5, 4.6962e-7),
]


@pytest.mark.parametrize(("delta", "drive", "rate"), PASSAGES)
def test_mean_first_passage_equals_an_independent_quadrature(delta, drive, rate):
    assert math.exp(-log_passage_time(delta, -drive)) == pytest.approx(rate, rel=5e-4)


@pytest.mark.parametrize("delta", [30.0, 60.0])
def test_mean_first_passage_approaches_browns_high_barrier_form(delta):
    series = 1.0 + 1.0 / delta + 7.0 / (4.0 * delta**2)
    brown = math.sqrt(delta / math.pi) * math.exp(-delta) / series
    assert math.exp(-log_passage_time(delta, 0.0)) == pytest.approx(brown, rel=1e-3)


def _flooded_barrier(device, state):
    """Lowest pass between the two wells on a grid of the sphere, filled from below: no model of a path."""
    polar, azimuth = np.linspace(0.0, np.pi, 181), 2.0 * np.pi * np.arange(180) / 180
    theta, phi = np.meshgrid(polar, azimuth, indexing="ij")
    easy = "xyz".index(device.easy_axis)
    m = np.empty((*theta.shape, 3))
    m[..., easy] = np.cos(theta)
    m[..., (easy + 1) % 3], m[..., (easy + 2) % 3] = np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi)
    landscape = device.landscape()
    height = landscape.energy_T(m)
    upper, lower = height.copy(), height.copy()
    upper[91:], lower[:90] = np.inf, np.inf
    wells = {"P": int(np.argmin(upper)), "AP": int(np.argmin(lower))}
    low, high = height.min(), height.max()
    for _ in range(40):
        level = 0.5 * (low + high)
        # Wrapped in azimuth by a second copy beside the first.
        labels, _ = ndimage.label(np.tile(height < level, (1, 2)), structure=np.ones((3, 3)))
        rows, columns = np.divmod([wells["P"], wells["AP"]], 180)
        first = {labels[rows[0], columns[0]], labels[rows[0], columns[0] + 180]}
        second = {labels[rows[1], columns[1]], labels[rows[1], columns[1] + 180]}
        joined = bool(first & second - {0})
        low, high = (low, level) if joined else (level, high)
    moment = device.saturation_magnetisation_A_per_m * device.volume_m3
    floor = height.ravel()[wells[state]]
    return moment * (high - floor) / (constants.k * device.temperature_K)


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("perpendicular_memory_60nm", {"diameter_y_m": 52e-9}, (0.0, 0.3, 0.0)),
        ("perpendicular_memory_60nm", {"diameter_y_m": 52e-9}, (0.2, 0.2, 0.1)),
        ("in_plane_y_memory", {}, (0.0, 0.0, 7.0)),
        ("in_plane_y_memory", {}, (0.3, 0.1, 0.3)),
        ("in_plane_y_60x40", {}, (0.0, 0.0, 4.0)),
    ],
)
@pytest.mark.parametrize("state", ["P", "AP"])
def test_the_barrier_is_the_lowest_pass_of_the_whole_sphere(name, change, field, state):
    """Fields in units of the anisotropy field."""
    device = Device.load(name).replace(**change)
    tesla = tuple(part * device.anisotropy_field_T for part in field)
    device = device.replace(external_field_T=tesla)
    assert energy_barrier(device, state) == pytest.approx(_flooded_barrier(device, state), rel=0.01)


def test_positive_voltage_raises_the_perpendicular_stiffness_as_vcma_says(memory):
    change = memory.landscape(1.0).stiffness_T[2, 2] - memory.landscape(0.0).stiffness_T[2, 2]
    field = memory.vcma_coefficient_J_per_V_m / memory.barrier_thickness_m
    expected = 2.0 * field / (memory.saturation_magnetisation_A_per_m * memory.thickness_m)
    assert change == pytest.approx(expected)


def test_energy_of_a_square_pulse_is_power_times_time(memory):
    from spinpim import Pulse

    pulse = Pulse.rectangle(sot_current_A=2e-4, width_s=1e-9, mtj_voltage_V=0.5, settle_time_s=1e-9)
    energy = write_energy(memory, pulse, supply_voltage_V=1.2)
    assert energy.channel_J == pytest.approx(4e-8 * memory.channel_resistance_ohm * 1e-9, rel=2e-3)
    assert energy.junction_J == pytest.approx(0.25 / float(memory.resistance_ohm(0.0, 0.5)) * 1e-9, rel=2e-3)
    assert energy.supply_J > energy.channel_J + energy.junction_J
    with pytest.raises(InputError, match="cannot drive"):
        write_energy(memory, pulse, supply_voltage_V=0.1)


def test_replacing_a_diameter_updates_the_demagnetising_factors(memory):
    longer = memory.replace(diameter_y_m=120e-9)
    assert longer.demagnetising_factors[1] < longer.demagnetising_factors[0]
    assert sum(longer.demagnetising_factors) == pytest.approx(1.0)


def test_a_wrong_easy_axis_is_refused_with_the_remedy(memory):
    with pytest.raises(InputError, match="not easy"):
        memory.replace(easy_axis="x")
    with pytest.raises(InputError, match="no attribute"):
        memory.replace(dampng=0.1)


def test_write_direction_follows_the_symmetry_breaking():
    in_plane = Device.load("in_plane_y_memory")
    sign = math.copysign(1.0, in_plane.spin_hall_angle)
    assert in_plane.write_pulse("P").sot_current_A.sum() * sign > 0.0
    assert in_plane.write_pulse("AP").sot_current_A.sum() * sign < 0.0
    assert Device.load("perpendicular_memory_60nm").write_pulse("P").mtj_voltage_V.max() > 0.0


@pytest.mark.parametrize(
    "change", [{"diameter_x_m": 30e-9}, {"diameter_y_m": 40e-9}, {"thickness_m": 1.0e-9}]
)
def test_everything_that_follows_from_a_length_follows(memory, change):
    device = memory.replace(**change)
    area = 0.25 * math.pi * device.diameter_x_m * device.diameter_y_m
    assert device.resistance_p_ohm * area == pytest.approx(device.resistance_area_product_ohm_m2)
    assert device.volume_m3 == pytest.approx(area * device.thickness_m)
    assert sum(device.demagnetising_factors) == pytest.approx(1.0)


def test_a_changed_number_loses_its_source(memory):
    damped = memory.replace(damping=0.06, external_field_T=(0.0, 0.0, 0.0))
    record = next(record for record in damped.records if record.key == "free_layer.damping")
    assert (record.value_si, record.text, record.source, record.status) == (0.06, "0.06", "", "assumed")
    untouched = [record for record in damped.records if record.key != "free_layer.damping"]
    assert untouched == [record for record in memory.records if record.key != "free_layer.damping"]
    doubled = memory.replace(resistance_area_product_ohm_m2=2.0 * memory.resistance_area_product_ohm_m2)
    key = "junction.resistance_area_product"
    assert doubled.relative_sigma(key) == pytest.approx(memory.relative_sigma(key))


def test_fingerprints_tell_devices_apart_by_their_numbers(memory):
    assert memory.fingerprint == Device.load("perpendicular_memory_60nm").replace(name="mine").fingerprint
    assert memory.fingerprint != memory.replace(damping=0.031).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"temperature_K": -5.0},
        {"damping": 0.0},
        {"tunnel_magnetoresistance": -3.0},
        {"half_bias_voltage_V": "x"},
        {"thickness_m": math.nan},
        {"spin_hall_angle": math.inf},
        {"external_field_T": (0.0, 0.0)},
        {"electrical_diameter_m": 0.0},
        {"easy_axis": ""},
        {"write": 3},
    ],
)
def test_impossible_numbers_are_refused_wherever_they_come_from(memory, change):
    with pytest.raises(InputError, match=next(iter(change))):
        memory.replace(**change)
