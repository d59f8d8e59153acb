"""Escape rates by closed form, passage, eigenvalue and counting; retention."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device import Device, Pulse, write_error_rate
from spinpim.device.escape.energy_orbits import well_orbits
from spinpim.device.escape.escape_rates import escape_rate
from spinpim.device.escape.passage_time import log_closed_form, log_passage_time
from spinpim.device.escape.retention import (
    energy_barrier,
    escape_rate_per_s,
    retention_failure_probability,
    retention_s,
)
from spinpim.device.escape.transition_rates import depopulation, growth_over_frequency, walk_flux
from spinpim.errors import InputError

TABLE = [
    (20.0, 0.0, 4.9291e-9, 1.055),
    (20.0, 0.3, 8.0240e-5, 1.111),
    (20.0, 0.5, 5.0516e-3, 1.262),
    (40.0, 0.0, 1.4773e-17, 1.026),
    (40.0, 0.3, 6.6624e-9, 1.049),
    (40.0, 0.5, 5.4720e-5, 1.110),
    (60.0, 0.0, 3.7622e-26, 1.017),
    (60.0, 0.3, 4.6011e-13, 1.032),
    (60.0, 0.5, 4.6962e-7, 1.068),
]
"""Delta, current over threshold, exact rate times tau_D, and Brown's leading form over it."""

LEADING_ONLY = [(20.0, 0.1, 1.064), (40.0, 0.1, 1.030), (60.0, 0.1, 1.020)]
SECONDS_PER_YEAR = 365.25 * 86400.0


def leading(delta, drive):
    return math.sqrt(delta / math.pi) * (1 - drive**2) * (1 - drive) * math.exp(-delta * (1 - drive) ** 2)


def perpendicular(memory, delta, damping=0.03, **changes):
    temperature = memory.temperature_K * memory.thermal_stability / delta
    return memory.replace(
        temperature_K=temperature, damping=damping, vcma_coefficient_J_per_V_m=0.0, **changes
    )


def relaxation_s(device):
    return (1 + device.damping**2) / (device.damping * GYROMAGNETIC_RATIO * device.anisotropy_field_T)


def biaxial(damping, barrier, **changes):
    """In-plane junction with a hard axis four times as stiff as the easy plane."""
    flat = Device.load("in_plane_y_memory")
    soft, hard = flat.stiffness_fields_T
    moment = flat.saturation_magnetisation_A_per_m * flat.thickness_m
    lifted = flat.interfacial_anisotropy_J_per_m2 + 0.5 * moment * (hard - 4.0 * soft)
    device = flat.replace(interfacial_anisotropy_J_per_m2=lifted, damping=damping)
    return device.replace(temperature_K=device.temperature_K * device.thermal_stability / barrier, **changes)


@pytest.mark.parametrize(("delta", "drive", "exact", "ratio"), TABLE)
def test_passage_and_leading_form_give_the_table_of_reference_rates(delta, drive, exact, ratio):
    rate = math.exp(-log_passage_time(delta, -drive))
    # At a barrier of 5 the passage ends at m_z = -0.99, where the table's own absorbing point matters.
    tolerance = 0.03 if delta * (1 - drive) ** 2 < 6.0 else 5e-4
    assert rate == pytest.approx(exact, rel=tolerance)
    assert leading(delta, drive) / exact == pytest.approx(ratio, abs=tolerance * ratio + 6e-4)


@pytest.mark.parametrize(("delta", "drive", "ratio"), LEADING_ONLY)
def test_leading_form_is_too_high_by_the_tabulated_ratio(delta, drive, ratio):
    assert leading(delta, drive) * math.exp(log_passage_time(delta, -drive)) == pytest.approx(ratio, abs=6e-4)


@pytest.mark.parametrize("delta", [20.0, 40.0, 60.0, 100.0])
@pytest.mark.parametrize("field", [0.5, 0.3, 0.0, -0.1, -0.3, -0.5])
def test_corrected_closed_form_stays_within_the_last_term_of_its_series(delta, field):
    log_rate, last = log_closed_form(delta, field)
    error = math.expm1(log_rate + log_passage_time(delta, field))
    assert abs(error) < last
    assert abs(error) < 0.2 * abs(leading(delta, -field) * math.exp(log_passage_time(delta, field)) - 1.0)


def test_closed_form_without_a_field_has_the_known_series():
    for delta in (15.0, 60.0):
        expected = leading(delta, 0.0) / (1 + 1 / delta + 7 / (4 * delta**2))
        assert math.exp(log_closed_form(delta, 0.0)[0]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("fraction", [-0.5, -0.3, 0.0, 0.3])
@pytest.mark.parametrize("delta", [20.0, 60.0])
def test_three_methods_agree_along_the_axis(memory, delta, fraction):
    device = perpendicular(memory, delta)
    voltage = fraction * device.stt_critical_voltage_V
    rates = {
        method: escape_rate(device, "P", mtj_voltage_V=voltage, method=method)
        for method in ("closed_form", "passage", "fokker-planck")
    }
    exact = rates["fokker-planck"]
    for rate in rates.values():
        # At the lowest barrier, 5, the eigenvalue and the inverse passage part by their definitions.
        assert abs(rate.log_value - exact.log_value) < rate.relative_error + 2e-4
    assert rates["passage"].value_per_s * relaxation_s(device) == pytest.approx(
        math.exp(-log_passage_time(delta, fraction)), rel=1e-6
    )


def test_auto_is_exact_along_the_axis_with_second_order_anisotropy_and_asymmetric_torque(memory):
    device = perpendicular(memory, 30.0, stt_asymmetry=0.4).replace(second_order_anisotropy_J_per_m2=4e-5)
    for voltage in (-0.3, 0.0, 0.2):
        exact = escape_rate(device, "AP", mtj_voltage_V=voltage, method="fokker-planck")
        assert escape_rate_per_s(device, "AP", voltage) == pytest.approx(exact.value_per_s, rel=1e-3)
    with pytest.raises(InputError, match="passage"):
        escape_rate(device, "AP", method="closed_form")


@pytest.mark.parametrize("damping", [0.5, 0.1, pytest.param(0.03, marks=pytest.mark.slow)])
def test_bridged_and_langer_rates_of_a_biaxial_junction_agree_with_the_eigenvalue(damping):
    device = biaxial(damping, 8.0)
    exact = escape_rate(device, "P", method="fokker-planck")
    bridged, langer = (escape_rate(device, "P", method=method) for method in ("auto", "closed_form"))
    assert bridged.value_per_s == pytest.approx(exact.value_per_s, rel=0.03)
    assert langer.value_per_s == pytest.approx(exact.value_per_s, rel=langer.relative_error)
    assert langer.relative_error < 0.26


@pytest.mark.parametrize("tilt", [0.01, 0.03, 0.1, 0.3])
def test_a_tilted_perpendicular_junction_keeps_to_the_eigenvalue(memory, tilt):
    field = (tilt * memory.anisotropy_field_T, 0.0, 0.02 * memory.anisotropy_field_T)
    device = perpendicular(memory, 12.0, external_field_T=field)
    for name in ("P", "AP"):
        found = escape_rate(device, name)
        exact = escape_rate(device, name, method="fokker-planck")
        assert found.value_per_s == pytest.approx(exact.value_per_s, rel=found.relative_error)
        assert found.relative_error < 0.26


@pytest.mark.parametrize("tilt", [0.002, 0.004])
def test_a_weak_tilt_only_modulates_the_ring_of_passes(memory, tilt):
    device = perpendicular(memory, 14.0, external_field_T=(tilt * memory.anisotropy_field_T, 0.0, 0.0))
    voltage = -0.2 * device.stt_critical_voltage_V
    found = escape_rate(device, "P", mtj_voltage_V=voltage)
    exact = escape_rate(device, "P", mtj_voltage_V=voltage, method="fokker-planck")
    assert found.value_per_s == pytest.approx(exact.value_per_s, rel=found.relative_error)
    assert found.relative_error < 0.12


@pytest.mark.parametrize("damping", [0.1, pytest.param(0.03, marks=pytest.mark.slow)])
@pytest.mark.parametrize("fraction", [-0.4, 0.2])
def test_spin_transfer_torque_in_plane_keeps_to_the_eigenvalue(damping, fraction):
    device = biaxial(damping, 8.0)
    voltage = fraction * device.stt_critical_voltage_V
    found = escape_rate(device, "P", mtj_voltage_V=voltage)
    exact = escape_rate(device, "P", mtj_voltage_V=voltage, method="fokker-planck")
    assert found.value_per_s == pytest.approx(exact.value_per_s, rel=found.relative_error)
    assert found.relative_error < 0.6


def test_in_plane_exponent_under_torque_is_that_of_sun_near_the_bottom():
    device = Device.load("in_plane_y_memory").replace(vcma_coefficient_J_per_V_m=0.0)
    still = escape_rate(device, "P")
    for fraction in (0.1, 0.3):
        voltage = -fraction * device.stt_critical_voltage_V
        gained = escape_rate(device, "P", mtj_voltage_V=voltage).log_value - still.log_value
        # The orbits higher up take less energy from the torque than those at the bottom.
        assert 0.8 < gained / (fraction * energy_barrier(device, "P")) < 1.0
        closed = escape_rate(device, "P", mtj_voltage_V=voltage, method="closed_form")
        rest = escape_rate(device, "P", method="closed_form")
        assert 0.8 < (closed.log_value - rest.log_value) / (fraction * energy_barrier(device, "P")) < 1.0


def slightly_elliptical(memory, damping, delta):
    narrow = memory.replace(diameter_y_m=52e-9, vcma_coefficient_J_per_V_m=0.0, damping=damping)
    return narrow.replace(temperature_K=narrow.temperature_K * narrow.thermal_stability / delta)


@pytest.mark.parametrize(("damping", "delta"), [(0.5, 18.7), (0.5, 12.0), (0.1, 18.7)])
def test_a_torque_on_a_slightly_elliptical_layer_keeps_to_the_eigenvalue_at_any_damping(
    memory, damping, delta
):
    device = slightly_elliptical(memory, damping, delta)
    voltage = -0.3 * device.stt_critical_voltage_V
    found = escape_rate(device, "P", mtj_voltage_V=voltage, method="passage")
    exact = escape_rate(device, "P", mtj_voltage_V=voltage, method="fokker-planck")
    assert found.log_value == pytest.approx(exact.log_value, abs=0.1)


@pytest.mark.parametrize("fraction", [-0.1, 0.1])
def test_a_torque_on_a_strongly_damped_biaxial_layer_keeps_to_the_eigenvalue(fraction):
    device = biaxial(0.5, 14.0, vcma_coefficient_J_per_V_m=0.0)
    voltage = fraction * device.stt_critical_voltage_V
    found = escape_rate(device, "P", mtj_voltage_V=voltage, method="passage")
    exact = escape_rate(device, "P", mtj_voltage_V=voltage, method="fokker-planck")
    assert found.log_value == pytest.approx(exact.log_value, abs=0.15)


@pytest.mark.parametrize(("damping", "fraction"), [(0.5, 0.05), (0.5, 0.1), (0.1, 0.1), (0.1, 0.2)])
def test_the_error_covers_a_torque_that_holds_an_almost_axial_state(memory, damping, fraction):
    for delta in (12.0, 18.7):
        device = slightly_elliptical(memory, damping, delta)
        voltage = fraction * device.stt_critical_voltage_V
        try:
            found = escape_rate(device, "P", mtj_voltage_V=voltage, method="passage")
        except InputError:
            continue
        exact = escape_rate(device, "P", mtj_voltage_V=voltage, method="fokker-planck")
        assert found.low_per_s < exact.value_per_s < found.high_per_s


@pytest.mark.parametrize("fraction", [-0.3, -0.1, 0.1, 0.3])
def test_langers_rate_under_a_torque_keeps_to_the_eigenvalue_within_its_error(fraction):
    device = biaxial(0.1, 10.0, vcma_coefficient_J_per_V_m=0.0)
    voltage = fraction * device.stt_critical_voltage_V
    found = escape_rate(device, "P", mtj_voltage_V=voltage, method="closed_form")
    exact = escape_rate(device, "P", mtj_voltage_V=voltage, method="fokker-planck")
    assert found.low_per_s < exact.value_per_s < found.high_per_s


def test_langers_rate_of_a_slightly_elliptical_layer_has_the_exponent_of_the_passage(memory):
    device = slightly_elliptical(memory, 0.05, 60.0)
    voltage = -0.3 * device.stt_critical_voltage_V
    closed, passage = (
        escape_rate(device, "P", mtj_voltage_V=voltage, method=name) for name in ("closed_form", "passage")
    )
    assert abs(closed.log_value - passage.log_value) < math.log1p(
        closed.relative_error + passage.relative_error
    )
    assert closed.relative_error < 1.5
    with pytest.raises(InputError, match="too strong for Langer"):
        escape_rate(device, "P", mtj_voltage_V=-voltage, method="closed_form")


def test_an_uncertain_rate_is_refused_also_where_next_to_no_barrier_is_left():
    strong = biaxial(0.5, 40.0, vcma_coefficient_J_per_V_m=0.0)
    for method in ("closed_form", "passage"):
        with pytest.raises(InputError, match="barrier"):
            escape_rate(strong, "P", mtj_voltage_V=-0.95 * strong.stt_critical_voltage_V, method=method)


@pytest.mark.parametrize("damping", [0.5, 0.1])
def test_counted_escapes_of_a_biaxial_junction_agree_with_the_bridged_rate(damping):
    check_counting(damping, trials=1536, lives=0.35)


@pytest.mark.slow
def test_counted_escapes_at_low_damping_agree_with_the_bridged_rate():
    check_counting(0.01, trials=3072, lives=0.35)


def check_counting(damping, *, trials, lives):
    device = biaxial(damping, 7.0)
    expected = escape_rate(device, "P")
    duration = lives / expected.value_per_s
    counted = write_error_rate(
        device,
        Pulse.points([0.0, duration]),
        to="AP",
        seed=11,
        method="counting",
        target_relative_error=None,
        trials=trials,
    )
    switched = 1.0 - counted.value
    rate = -math.log(1.0 - 2.0 * switched) / (2.0 * duration)
    # d ln(rate)/d(switched) at this age; four standard errors, false alarm 6e-5, beside the stated error.
    spread = math.sqrt(switched * (1 - switched) / trials) / ((1 - 2 * switched) * rate * duration)
    tolerance = expected.relative_error + 4.0 * spread
    assert tolerance < 0.35
    assert rate == pytest.approx(expected.value_per_s, rel=tolerance)


@pytest.mark.parametrize("damping", [0.5, 0.02])
def test_rates_of_both_states_balance_their_boltzmann_populations(damping):
    device = biaxial(damping, 20.0)
    device = device.replace(external_field_T=(0.0, 0.05 * device.anisotropy_field_T, 0.0))
    forth, back = (escape_rate(device, name) for name in ("P", "AP"))
    landscape, thermal_T = device.landscape(), thermal_field_T(device)
    height = landscape.lowest_saddle()[1]
    masses = []
    for side in (1.0, -1.0):
        minimum = landscape.minimum_near(np.array([0.0, side, 0.0]))
        orbits = well_orbits(landscape, no_torque(), minimum, height)
        weight = np.exp(-(orbits.energy_T - height) / thermal_T)
        masses.append(np.trapezoid(weight, orbits.area))
    assert back.value_per_s / forth.value_per_s == pytest.approx(masses[0] / masses[1], rel=0.02)
    assert masses[0] / masses[1] > 10.0


def thermal_field_T(device):
    return 0.5 * device.anisotropy_field_T / device.thermal_stability


def no_torque():
    from spinpim.device.escape.energy_orbits import Torque

    return Torque(np.zeros(3), 0.0, np.array([0.0, 1.0, 0.0]), 0.0)


def test_dissipation_in_a_turn_is_the_line_integral_of_the_gradient():
    """Uniaxial: |grad e| over the circle of latitude z is 2 pi B z (1 - z^2)."""
    from spinpim.device.escape.energy_orbits import Torque
    from spinpim.device.landscape import Landscape

    stiff, torque = 0.3, 0.01
    up = np.array([0.0, 0.0, 1.0])
    landscape = Landscape(np.diag([0.0, 0.0, stiff]), 0.0, np.zeros(3))
    orbits = well_orbits(landscape, Torque(np.zeros(3), -torque, up, 0.0), up, 0.0)
    z = np.sqrt(-2.0 * orbits.energy_T / stiff)
    line = 2 * np.pi * (1 - z**2)
    # The last orbit, of no energy, is only found to half a cell of the ray.
    assert orbits.dissipation_T[:-1] == pytest.approx((line * stiff * z)[:-1], abs=2e-4)
    assert orbits.uptake_T[:-1] == pytest.approx((line * torque)[:-1], abs=2e-4)


def test_walk_between_two_wells_has_the_known_limits():
    for loss in (0.1, 1.0, 6.0):
        # Slopes a hair off 1 take the numerical way, equal ones Mel'nikov's integral.
        numerical, known = (walk_flux((loss, 2 * loss), (slope, 1.0)) for slope in (1.0 + 1e-9, 1.0))
        assert numerical == pytest.approx(known, rel=0.03)
    assert walk_flux((0.031, 0.031), (0.6, 1.4)) == pytest.approx(0.031 * 0.6 * 1.4 / 2.0, rel=0.12)
    assert walk_flux((200.0, 200.0), (0.6, 1.4)) == pytest.approx(1.0 / 0.6, rel=0.03)


def test_depopulation_equals_an_adaptive_quadrature():
    for loss in (0.01, 0.5, 3.0):
        integral = quad(
            lambda v, d=loss: math.log(-math.expm1(-d * (v * v + 0.25))) / (v * v + 0.25), -np.inf, np.inf
        )[0]
        assert depopulation(loss) == pytest.approx(math.exp(integral / (2 * math.pi)), rel=1e-5)


def test_growth_at_a_pass_is_an_eigenvalue_of_the_linearised_motion():
    damping, down, up = 0.3, 0.05, 0.4
    matrix = np.array([[damping * down, -up], [-down, -damping * up]])
    largest = np.linalg.eigvals(matrix).real.max()
    assert growth_over_frequency(damping, down, up) * math.sqrt(down * up) == pytest.approx(largest)


def test_spin_orbit_torque_on_an_idle_perpendicular_cell_needs_the_eigenvalue(memory):
    hot = perpendicular(memory, 12.0, external_field_T=(0.01, 0.0, 0.0))
    current = 0.3 * hot.sot_critical_current_A
    still = escape_rate(hot, "P", method="fokker-planck")
    first, second = (escape_rate(hot, "P", sot_current_A=sign * current) for sign in (1.0, -1.0))
    assert first.method == second.method == "fokker-planck"
    # Turning everything by pi about the field along the current swaps the states and the current.
    mirrored = escape_rate(hot, "AP", sot_current_A=-current)
    assert mirrored.value_per_s == pytest.approx(first.value_per_s, rel=1e-3)
    assert abs(math.log(first.value_per_s / second.value_per_s)) > 1.0
    assert abs(math.log(first.value_per_s / still.value_per_s)) > 0.1
    with pytest.raises(InputError, match="splitting"):
        escape_rate(hot, "P", sot_current_A=current, method="passage")
    with pytest.raises(InputError, match="25 k_B T"):
        escape_rate(memory, "P", sot_current_A=0.3 * memory.sot_critical_current_A)


def test_counted_losses_of_a_half_selected_cell_agree_with_the_mode_on_the_sphere(memory):
    hot = perpendicular(memory, 8.0, external_field_T=(0.01, 0.0, 0.0))
    current, duration, trials = 0.3 * hot.sot_critical_current_A, 150e-9, 2048
    forth, back = (escape_rate(hot, name, sot_current_A=current).value_per_s for name in ("P", "AP"))
    counted = write_error_rate(
        hot,
        Pulse.points([0.0, duration], sot_current_A=current),
        to="AP",
        seed=3,
        method="counting",
        target_relative_error=None,
        trials=trials,
    )
    expected = forth / (forth + back) * -math.expm1(-(forth + back) * duration)
    # Four standard errors, false alarm 6e-5; the undriven rate would give 0.15.
    assert 1.0 - counted.value == pytest.approx(expected, abs=4.0 * math.sqrt(expected / trials))
    assert expected < 0.8 * retention_failure_probability(hot, duration, "P")


def test_channel_torque_along_the_easy_axis_is_an_antidamping_torque():
    device = biaxial(0.03, 10.0).replace(oersted_factor=0.0, field_like_ratio=0.0)
    fraction = 0.3
    by_channel = escape_rate(device, "AP", sot_current_A=fraction * device.sot_critical_current_A)
    by_junction = escape_rate(device, "AP", mtj_voltage_V=fraction * device.stt_critical_voltage_V)
    assert by_channel.log_value == pytest.approx(by_junction.log_value, abs=0.02)


def test_a_method_outside_its_range_is_refused_with_the_way_out(memory):
    with pytest.raises(InputError, match="barrier"):
        escape_rate(memory, "P", mtj_voltage_V=-1.2 * memory.stt_critical_voltage_V, method="closed_form")
    with pytest.raises(InputError, match="Use method 'passage'"):
        escape_rate(biaxial(0.1, 3.0), "P", method="closed_form")
    strong = biaxial(0.5, 40.0)
    with pytest.raises(InputError, match="uncertain"):
        escape_rate(strong, "P", mtj_voltage_V=-0.4 * strong.stt_critical_voltage_V, method="passage")
    with pytest.raises(InputError, match="method must be one of"):
        escape_rate(memory, "P", method="brown")


def test_retention_falls_with_temperature_and_faster_towards_the_curie_point(memory):
    fixed = [retention_s(memory.replace(temperature_K=kelvin)) for kelvin in (280.0, 330.0, 380.0)]
    curie = memory.replace(curie_temperature_K=1100.0)
    falling = [retention_s(curie.replace(temperature_K=kelvin)) for kelvin in (280.0, 330.0, 380.0)]
    assert np.all(np.diff(fixed) < 0.0)
    assert np.all(np.diff(falling) < 0.0)
    assert falling[2] / falling[1] < fixed[2] / fixed[1]


def test_a_stored_bit_ends_in_the_populations_of_both_states(memory):
    hot = perpendicular(memory, 25.0)
    even = retention_failure_probability(hot, 1e3 * retention_s(hot), "P")
    assert even == pytest.approx(0.5, rel=1e-6)
    tilted = hot.replace(external_field_T=(0.0, 0.0, 0.05 * hot.anisotropy_field_T))
    ends = [retention_failure_probability(tilted, 1e9 * retention_s(tilted), name) for name in ("P", "AP")]
    assert sum(ends) == pytest.approx(1.0)
    # exp(4 Delta h) and the curvatures of both wells, (1 - h)/(1 + h).
    assert ends[1] / ends[0] == pytest.approx(math.exp(5.0) * (1 - 0.05) / (1 + 0.05), rel=0.02)


def test_a_stored_bit_is_lost_in_proportion_to_time_at_first(memory):
    decade = retention_failure_probability(memory, 10 * SECONDS_PER_YEAR)
    year = retention_failure_probability(memory, SECONDS_PER_YEAR)
    assert decade == pytest.approx(10.0 * year, rel=1e-6)
    assert year == pytest.approx(SECONDS_PER_YEAR / retention_s(memory), rel=1e-3)
    assert retention_failure_probability(memory, 0.0) == 0.0
    with pytest.raises(InputError, match="time_s"):
        retention_failure_probability(memory, -1.0)
