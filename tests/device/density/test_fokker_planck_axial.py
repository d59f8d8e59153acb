"""The axially symmetric Fokker-Planck solver: against closed forms, other discretisations, and counting."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim import Device, InputError, Pulse, write_error_rate
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.density.axial_drive import axial_drives
from spinpim.device.density.axial_operator import axial_grid, potential_step, propagate
from spinpim.device.density.fokker_planck_axial import (
    axial_distribution,
    axial_disturb_probability,
    axial_failure_probability,
)
from spinpim.device.density.perpendicular_write import perpendicular_write_error, write_error_closed_form
from spinpim.device.dynamics.drive import drive_rows
from spinpim.device.dynamics.macrospin import total_slope
from spinpim.device.escape.axial_rates import axial_escape_rate_per_s, axial_relaxation_rate_per_s
from spinpim.device.escape.retention import log_passage_time

DAMPING = 0.03
RELAXATION_S = (1.0 + DAMPING**2) / (DAMPING * GYROMAGNETIC_RATIO)
"""Unit of time of the rows below, whose anisotropy field is 1 T."""

WRITE_ERRORS = {
    (40.0, 2.0): {2: 4.5045e-1, 4: 1.0015e-2, 6: 1.7572e-4, 8: 3.0721e-6, 10: 5.3707e-8},
    (60.0, 2.0): {2: 5.9492e-1, 4: 1.5269e-2, 6: 2.7258e-4, 8: 4.8368e-6, 10: 8.5819e-8},
    (60.0, 3.0): {1: 8.1805e-1, 2: 3.0428e-2, 3: 5.6562e-4, 4: 1.0363e-5, 5: 1.8983e-7},
}
"""Finite-volume values of an independent solver with 2000 to 8000 cells in m_z and Crank-Nicolson steps."""

ESCAPE_RATES = {
    (20.0, 0.0): 4.9291e-9,
    (20.0, 0.3): 8.0240e-5,
    (20.0, 0.5): 5.0516e-3,
    (40.0, 0.0): 1.4773e-17,
    (40.0, 0.3): 6.6624e-9,
    (40.0, 0.5): 5.4720e-5,
    (60.0, 0.0): 3.7622e-26,
    (60.0, 0.3): 4.6011e-13,
    (60.0, 0.5): 4.6962e-7,
}
"""Inverse mean first passage by quadrature, in units of 1/tau_D."""


def row(stability=60.0, overdrive=0.0, **columns):
    """Drive row of a perpendicular macrospin with B_k = 1 T; the torque works against P."""
    values = np.zeros(15)
    values[5], values[13], values[14] = 1.0, -overdrive * DAMPING, 0.5 / stability
    for name, value in columns.items():
        values[int(name.removeprefix("column_"))] = value
    return values


def constant(driven, duration, **options):
    """Failure to write AP under a constant row for a time in units of tau_D."""
    arguments = {"rest_row": row(), "damping": DAMPING, "target": "AP", **options}
    return axial_failure_probability([0.0, duration * RELAXATION_S], [driven, driven], **arguments)


@pytest.mark.parametrize(
    ("stability", "overdrive", "duration", "expected"),
    [(*key, tau, value) for key, values in WRITE_ERRORS.items() for tau, value in values.items()],
)
def test_write_errors_agree_with_the_reference_table(stability, overdrive, duration, expected):
    found = perpendicular_write_error(stability, overdrive, duration)
    assert found.value == pytest.approx(expected, rel=5e-4)
    assert found.relative_error <= 1e-3


@pytest.mark.parametrize(("stability", "overdrive", "duration"), [(60.0, 2.0, 6.0), (60.0, 3.0, 9.0)])
def test_the_stated_relative_error_covers_a_hundred_times_finer_run(stability, overdrive, duration):
    coarse = perpendicular_write_error(stability, overdrive, duration)
    fine = perpendicular_write_error(stability, overdrive, duration, relative_tolerance=1e-5)
    assert abs(coarse.value / fine.value - 1.0) <= coarse.relative_error + fine.relative_error


def test_drive_rows_in_tesla_and_seconds_give_the_same_as_the_dimensionless_problem():
    for target, sign in (("AP", 1.0), ("P", -1.0)):
        found = constant(row(overdrive=2.0 * sign), 6.0, target=target)
        assert found.log_value == pytest.approx(perpendicular_write_error(60.0, 2.0, 6.0).log_value, abs=1e-9)


@pytest.mark.parametrize(
    ("stability", "overdrive", "durations"), [(60.0, 2.0, (22, 24)), (60.0, 3.0, (30, 31))]
)
def test_deep_write_errors_fall_at_the_lowest_eigenvalue(stability, overdrive, durations):
    first, last = (
        perpendicular_write_error(stability, overdrive, t, relative_tolerance=3e-4) for t in durations
    )
    assert last.value < 1e-18
    slope = (first.log_value - last.log_value) / (durations[1] - durations[0])
    rate = axial_relaxation_rate_per_s(row(stability, overdrive), damping=DAMPING) * RELAXATION_S
    assert slope == pytest.approx(rate, rel=2e-4)


def test_a_probability_below_the_range_of_a_double_still_has_its_logarithm():
    first, last = (perpendicular_write_error(150.0, 6.0, t, relative_tolerance=0.5) for t in (10.0, 80.0))
    assert last.value == 0.0
    rate = axial_relaxation_rate_per_s(row(150.0, 6.0), damping=DAMPING) * RELAXATION_S
    assert first.log_value - last.log_value == pytest.approx(70.0 * rate, rel=2e-3)


def test_the_write_error_never_falls_below_the_equilibrium_under_drive():
    stability, overdrive = 3.0, 2.0
    z = np.linspace(-1.0, 1.0, 20_001)
    law = np.exp(stability * (z**2 - 2.0 * overdrive * z))
    floor = np.trapezoid(law[z >= 0.0], z[z >= 0.0]) / np.trapezoid(law, z)
    assert perpendicular_write_error(stability, overdrive, 50.0).value == pytest.approx(floor, rel=1e-4)


def exponential_write_error(stability, overdrive, halvings, shortest, cells):
    """Write error by the exponential of a dense generator: other fluxes, exact in time, all sums positive."""
    angle = (np.arange(cells) + 0.5) * np.pi / cells
    z, faces = -np.cos(angle), np.sin(np.arange(1, cells) * np.pi / cells) ** 2
    volume = np.diff(-np.cos(np.arange(cells + 1) * np.pi / cells))
    potential = stability * (z**2 - 2.0 * overdrive * z)
    passing = faces / (2.0 * stability * np.diff(z))
    up = passing / volume[:-1] * np.exp(0.5 * np.diff(potential))
    down = passing / volume[1:] * np.exp(-0.5 * np.diff(potential))
    leaving = np.append(up, 0.0) + np.insert(down, 0, 0.0)
    largest = leaving.max()
    jump = (np.diag(1.0 - leaving / largest) + np.diag(up / largest, 1) + np.diag(down / largest, -1)).copy()
    mean = shortest * largest
    term, total = np.eye(cells) * math.exp(-mean), np.eye(cells) * math.exp(-mean)
    for order in range(1, 40):
        term = term @ jump * (mean / order)
        total += term
    for _ in range(halvings):
        total = total @ total
    start = np.where(z > 0.0, np.exp(stability * (z**2 - 1.0)) * volume, 0.0)
    return float((start / start.sum()) @ total[:, z > 0.0].sum(axis=1))


def test_deep_write_errors_agree_with_a_dense_matrix_exponential():
    """Down to 1e-18; the dense one has second-order cells, so that two of them are extrapolated."""
    duration = 12.0
    coarse, fine = (exponential_write_error(40.0, 3.0, 16, duration / 2**16, cells) for cells in (160, 320))
    dense = math.exp(math.log(fine) + (math.log(fine) - math.log(coarse)) / 3.0)
    found = perpendicular_write_error(40.0, 3.0, duration).value
    assert found < 1e-18
    assert found == pytest.approx(dense, rel=5e-3)


@pytest.mark.parametrize("duration", [1.0, 3.0, 6.0, 9.0])
def test_the_closed_form_with_the_exact_flow_holds_at_strong_drive_and_high_stability(duration):
    assert write_error_closed_form(200.0, 3.0, duration) == pytest.approx(
        perpendicular_write_error(200.0, 3.0, duration).value, rel=5e-3
    )


@pytest.mark.parametrize(("key", "expected"), ESCAPE_RATES.items())
def test_escape_rates_agree_with_passage_time_and_closed_form(key, expected):
    """At Delta = 20, i = 0.5 the barrier is 5 k_B T: passage time and eigenvalue differ by some per cent."""
    stability, overdrive = key
    rate = axial_escape_rate_per_s(row(*key), damping=DAMPING, initial_state="P") * RELAXATION_S
    barrier = stability * (1.0 - overdrive) ** 2
    assert rate == pytest.approx(expected, rel=5e-4 if barrier > 6.0 else 0.025)
    passage = math.exp(-log_passage_time(stability, -overdrive))
    assert rate == pytest.approx(passage, rel=1e-3 if barrier > 6.0 else 0.05)
    brown = math.sqrt(stability / math.pi) * (1.0 - overdrive**2) * (1.0 - overdrive) * math.exp(-barrier)
    assert 1.0 < brown / rate < 1.0 + 1.5 / barrier


@pytest.mark.parametrize("stability", [20.0, 40.0, 60.0])
def test_relaxation_is_the_sum_of_both_escapes(stability):
    for overdrive in (0.0, 0.1):
        driven = row(stability, overdrive)
        escapes = [axial_escape_rate_per_s(driven, damping=DAMPING, initial_state=s) for s in ("P", "AP")]
        total = axial_relaxation_rate_per_s(driven, damping=DAMPING)
        assert total == pytest.approx(sum(escapes), rel=1e-6 if overdrive == 0.0 else 5e-4)


def test_escape_without_drive_follows_the_high_barrier_expansion():
    for stability in (20.0, 40.0, 60.0):
        rate = axial_escape_rate_per_s(row(stability), damping=DAMPING, initial_state="AP") * RELAXATION_S
        series = 1.0 + 1.0 / stability + 1.75 / stability**2
        expected = math.sqrt(stability / math.pi) * math.exp(-stability) / series
        assert rate == pytest.approx(expected, rel=6.0 / stability**3)


def test_a_rate_below_the_range_of_a_double_is_zero():
    assert axial_escape_rate_per_s(row(900.0), damping=DAMPING, initial_state="P") == 0.0


@settings(deadline=None, max_examples=40)
@given(
    start=st.lists(st.floats(0.0, 1.0), min_size=8, max_size=40).filter(lambda p: sum(p) > 1e-3),
    columns=st.lists(st.floats(-0.5, 0.5), min_size=8, max_size=8),
    thermal=st.floats(1e-3, 1.0),
    asymmetry=st.floats(-0.9, 0.9),
    duration=st.floats(1e-12, 1e-6),
)
def test_no_drive_makes_a_negative_probability_or_loses_any(start, columns, thermal, asymmetry, duration):
    rows = np.zeros((2, 15))
    rows[:, 14] = thermal
    for which, column in enumerate((2, 5, 9, 13)):
        rows[:, column] = columns[2 * which : 2 * which + 2]
    end = axial_distribution(
        [0.0, duration], rows, start, damping=DAMPING, asymmetry=asymmetry, reference_z=-1.0, steps=100
    )
    assert end.min() >= 0.0
    assert end.sum() == pytest.approx(sum(start), rel=1e-11)


def test_forward_masses_and_backward_expectation_give_the_same_probability():
    grid = axial_grid(200)
    rng = np.random.default_rng(3)
    drives = axial_drives(np.array([row(40.0, 2.0), row(40.0, 0.5)]), DAMPING, 0.0, 1.0).repeat(50, axis=0)
    step = RELAXATION_S * rng.uniform(0.01, 0.3, 100)
    z = grid[0][:-1]
    masses, failing = np.where(z > 0.9, 1.0, 0.0), np.where(z > 0.0, 1.0, 0.0)
    start = masses / masses.sum()
    end = start.copy()
    propagate(end, True, step, drives, 0.0, *grid)
    expectation = failing.copy()
    log_scale = propagate(expectation, False, step, drives, 0.0, *grid)
    assert math.log(end @ failing) == pytest.approx(math.log(start @ expectation) + log_scale, abs=1e-10)


@pytest.mark.parametrize(("asymmetry", "reference"), [(0.0, 1.0), (0.4, 1.0), (0.4, -1.0)])
def test_the_drift_is_the_slope_of_the_equation_of_motion(asymmetry, reference):
    """For every column that an axial row may have, at several angles."""
    table = row(40.0, 0.7, column_2=0.05, column_3=0.1, column_4=0.1, column_9=-0.2, column_12=0.004)
    drive = axial_drives(table[None], DAMPING, asymmetry, reference)[0]
    for z in (-0.9, -0.3, 0.2, 0.8):
        m = (math.sqrt(1.0 - z * z), 0.0, z)
        split = (tuple(table[0:3]), tuple(table[3:9]), table[9], tuple(table[10:13]), table[13])
        constants = ((0.0, 0.0, reference), asymmetry, DAMPING, 1.0)
        slope = total_slope(m, (0.0, 0.0, 0.0), split, constants)[2]
        expected = GYROMAGNETIC_RATIO / (1.0 + DAMPING**2) * slope
        force = potential_step(drive, asymmetry * reference, z - 1e-5, z + 1e-5) / 2e-5
        assert drive[0] * (1.0 - z * z) * force == pytest.approx(expected, rel=1e-6)


def test_without_drive_any_start_comes_to_the_boltzmann_law():
    cells, stability = 64, 3.0
    start = np.zeros(cells)
    start[-1] = 1.0
    still = row(stability, column_2=0.05, column_9=0.2)
    end = axial_distribution([0.0, 1e-6], [still, still], start, damping=DAMPING)
    z, volume, _ = axial_grid(cells)
    z = z[:-1]
    law = volume * np.exp(2.0 * stability * (0.05 * z + 0.5 * z**2 + 0.2 * (0.5 * z**2 - 0.25 * z**4)))
    assert np.abs(end / (law / law.sum()) - 1.0).max() < 1e-9


def test_a_state_left_alone_for_long_is_lost_half_the_time():
    assert perpendicular_write_error(4.0, 0.0, 1e5).value == pytest.approx(0.5, rel=1e-6)


@settings(deadline=None, max_examples=15)
@given(first=st.floats(0.5, 4.0), more=st.floats(0.05, 1.0))
def test_more_current_never_raises_the_write_error(first, more):
    weak, strong = (perpendicular_write_error(50.0, drive, 4.0) for drive in (first, first + more))
    assert strong.log_value < weak.log_value


def test_turning_the_whole_junction_over_changes_nothing():
    driven = row(overdrive=1.8, column_2=0.03)
    turned = row(overdrive=1.8, column_2=-0.03)
    rest, rest_turned = row(column_2=0.03), row(column_2=-0.03)
    one = constant(driven, 5.0, rest_row=rest, asymmetry=0.3)
    other = constant(turned, 5.0, rest_row=rest_turned, asymmetry=0.3, reference_z=-1.0)
    assert one.log_value == pytest.approx(other.log_value, abs=1e-12)
    assert one.log_value != pytest.approx(constant(driven, 5.0, rest_row=rest).log_value, abs=0.1)


def test_more_rows_on_the_same_lines_change_nothing():
    time = np.array([0.0, 1.0, 1.0, 5.0, 6.0]) * RELAXATION_S
    rows = np.array([row(), row(), row(overdrive=2.5), row(overdrive=2.0), row()])
    options = {"rest_row": row(), "damping": DAMPING, "target": "AP"}
    few = axial_failure_probability(time, rows, **options)
    dense = np.unique(np.concatenate([np.linspace(1.0, 6.0, 51)[1:] * RELAXATION_S, time]))
    dense = np.insert(dense, np.searchsorted(dense, time[1]), time[1])
    fine = np.array([np.interp(dense, time, column) for column in rows.T]).T
    fine[np.searchsorted(dense, time[1])] = rows[1]
    fine[np.searchsorted(dense, time[1]) + 1] = rows[2]
    many = axial_failure_probability(dense, fine, **options)
    assert many.log_value == pytest.approx(few.log_value, abs=1e-3)


def test_a_long_read_disturbs_at_the_escape_rate():
    read = row(50.0, -0.3)
    rate = axial_escape_rate_per_s(read, damping=DAMPING, initial_state="AP")
    for periods in (1e-6, 1e-3, 1.0):
        duration = periods / rate
        found = axial_disturb_probability(
            [0.0, duration], [read, read], rest_row=row(50.0), damping=DAMPING, initial_state="AP"
        )
        assert found.value == pytest.approx(-math.expm1(-periods), rel=1e-2 if periods < 1e-5 else 1.5e-3)


def test_the_start_of_a_state_under_an_opposing_field_ends_at_the_saddle():
    opposed, duration = row(20.0, column_2=-0.4), 2.0 * RELAXATION_S
    found = axial_disturb_probability(
        [0.0, duration], [opposed, opposed], rest_row=opposed, damping=DAMPING, initial_state="P"
    )
    z, volume, _ = axial_grid(1000)
    z = z[:-1]
    start = np.where(z > 0.4, volume * np.exp(20.0 * (z**2 - 1.0 - 0.8 * (z - 1.0))), 0.0)
    end = axial_distribution(
        [0.0, duration], [opposed, opposed], start / start.sum(), damping=DAMPING, steps=5000
    )
    assert found.value == pytest.approx(end[z < 0.0].sum(), rel=1e-2)


@pytest.mark.parametrize("asymmetry", [0.0, 0.4])
def test_counting_finds_the_same_write_error(memory, asymmetry):
    """20 000 trials at about 1e-2; a false alarm of one in 3000 for each, the step's bias allowed for."""
    free = memory.replace(damping=0.1, vcma_coefficient_J_per_V_m=0.0, stt_asymmetry=asymmetry)
    # The torque on the state that is left grows with 1/(1 - chi).
    voltage = 2.0 * (1.0 - asymmetry) ** 0.8 * free.stt_critical_voltage_V
    edge, top = 20e-12, 4.0 * (1.0 + 0.01) / (0.1 * GYROMAGNETIC_RATIO * free.anisotropy_field_T)
    pulse = Pulse.points([0.0, edge, edge + top, 2 * edge + top], mtj_voltage_V=[0.0, voltage, voltage, 0.0])
    rows = drive_rows(free, pulse, pulse.time_s)
    expected = axial_failure_probability(
        pulse.time_s, rows, rest_row=rows[0], damping=free.damping, target="P", asymmetry=asymmetry
    ).value
    trials = 20_000
    counted = write_error_rate(
        free, pulse, to="P", seed=5, method="counting", target_relative_error=None, trials=trials
    ).value
    sigma = math.sqrt(expected * (1.0 - expected) / trials)
    assert 1e-3 < expected < 0.2
    assert abs(counted - expected) < 3.6 * sigma + 0.02 * expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"driven": row(column_0=0.1)}, "along z only"),
        ({"driven": row(column_3=0.1)}, "equal stiffness"),
        ({"driven": row(column_14=0.0)}, "thermal weight"),
        ({"driven": row()[:14]}, "shape"),
        ({"duration": -1.0}, "never decrease"),
        ({"rest_row": row(column_2=2.0), "target": "P"}, "starting well"),
        ({"rest_row": row(overdrive=1.0)}, "without drive"),
        ({"target": "up"}, "'P'"),
        ({"asymmetry": 1.0}, "asymmetry"),
        ({"reference_z": 0.5}, "reference_z"),
        ({"damping": 0.0}, "damping"),
        ({"relative_tolerance": -1.0}, "relative_tolerance"),
    ],
)
def test_nonsense_is_told_by_name(changes, words):
    arguments = {"driven": row(overdrive=2.0), "duration": 2.0, **changes}
    with pytest.raises(InputError, match=words):
        constant(arguments.pop("driven"), arguments.pop("duration"), **arguments)


def test_a_tolerance_out_of_reach_is_refused():
    with pytest.raises(InputError, match="known to"):
        perpendicular_write_error(60.0, 2.0, 10.0, relative_tolerance=1e-15)


def test_an_in_plane_device_is_refused():
    device = Device.load("in_plane_y_memory")
    pulse = Pulse.points([0.0, 1e-9])
    rows = drive_rows(device, pulse, pulse.time_s)
    with pytest.raises(InputError, match="axial"):
        axial_failure_probability(pulse.time_s, rows, rest_row=rows[0], damping=device.damping, target="P")


def test_the_result_cannot_be_changed():
    found = perpendicular_write_error(40.0, 2.0, 2.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.value = 0.0
