"""Density on the sphere against closed forms, the one-dimensional table, passage times and counting."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.density.fokker_planck_sphere import slowest_rate_per_s, sphere_failure_probability
from spinpim.device.density.sphere_densities import boltzmann_coefficients
from spinpim.device.density.sphere_evolution import Accuracy, evolve
from spinpim.device.density.sphere_generator import generator
from spinpim.device.density.sphere_operators import drift_row
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, LANES, STATE_ROWS, advance_block
from spinpim.device.dynamics.noise import seed_lanes
from spinpim.errors import InputError

ALONG_Z = (0.0, 0.0, 1.0)
AGAINST_Z = (0.0, 0.0, -1.0)


def rest(anisotropy_T, delta, **fields):
    row = np.zeros(15)
    row[5], row[14] = anisotropy_T, anisotropy_T / (2.0 * delta)
    row[0] = fields.get("b_x_T", 0.0)
    return row


def moved(coefficients, row, duration_s, damping, degree=40, tail=1e-12):
    drift = drift_row(np.stack([row, row]), np.array(ALONG_Z))
    knots = np.array([0.0, duration_s])
    operator = generator(drift, damping, degree)
    return evolve(coefficients, knots, drift, operator, Accuracy(tail, degree, 0.02)).coefficients


def test_free_diffusion_decays_by_degree():
    damping, row, duration = 0.2, np.zeros(15), 0.4e-9
    row[14] = 0.02
    start = np.zeros((6, 6), dtype=complex)
    start[0, 0] = math.sqrt(0.25 / math.pi)
    start[0, 1], start[2, 3], start[5, 5] = 0.05, 0.02 - 0.01j, 0.03j
    rate = damping * GYROMAGNETIC_RATIO / (1.0 + damping**2) * row[14]
    end = moved(start, row, duration, damping)
    for m, l in ((0, 1), (2, 3), (5, 5)):  # noqa: E741
        assert end[m, l] == pytest.approx(start[m, l] * math.exp(-l * (l + 1) * rate * duration), rel=1e-10)


def test_mean_magnetisation_precesses_and_diffuses():
    # At damping 1e-7 only precession and diffusion are left: <m_x + i m_y> turns at gamma B, falls at 2 D.
    damping, row, duration = 1e-7, np.zeros(15), 0.1e-9
    row[2], row[14] = 0.3, 1e5
    start = np.zeros((3, 3), dtype=complex)
    start[0, 0], start[1, 1] = math.sqrt(0.25 / math.pi), 0.05
    turn = GYROMAGNETIC_RATIO * (1j * row[2] + 2.0 * damping * row[14]) * duration
    assert moved(start, row, duration, damping)[1, 1] == pytest.approx(0.05 * np.exp(-turn), rel=1e-6)


def test_boltzmann_law_stays_where_it_is():
    row = np.zeros(15)
    row[:10] = [0.02, -0.03, 0.01, 0.1, -0.05, 0.2, 0.02, -0.03, 0.04, 0.05]
    row[14] = 0.02
    law = boltzmann_coefficients(row, 60)
    kept = moved(law, row, 0.5e-9, 0.1, degree=60)
    assert np.abs(kept - law).max() < 1e-11


def test_mass_is_kept_while_a_torque_squeezes_the_density():
    row = rest(0.5, 20.0, b_x_T=-0.05)
    start = boltzmann_coefficients(row, 120, direction=AGAINST_Z)
    row[11] = -0.3
    end = moved(start, row, 0.2e-9, 0.1, degree=120, tail=1e-6)
    assert math.sqrt(4.0 * math.pi) * end[0, 0].real == pytest.approx(1.0, abs=1e-11)


@pytest.mark.parametrize(("tau", "expected"), [(2.0, 4.5045e-1), (4.0, 1.0015e-2), (6.0, 1.7572e-4)])
def test_axial_write_equals_the_one_dimensional_solution(tau, expected):
    # Delta 40, current twice the critical one: finite volumes in m_z with 8000 cells, to five digits.
    damping, row = 0.5, rest(0.5, 40.0)
    driven = row.copy()
    driven[13] = -2.0 * damping * 0.5
    relaxation = (1.0 + damping**2) / (damping * GYROMAGNETIC_RATIO * 0.5)
    found = sphere_failure_probability(
        np.array([0.0, tau * relaxation]),
        np.stack([driven, driven]),
        damping=damping,
        reference=ALONG_Z,
        start_row_T=row,
        start_direction=ALONG_Z,
        relative_tolerance=0.01,
    )
    assert found.value == pytest.approx(expected, rel=2e-4)
    assert found.relative_error < 0.01


DELTA, DAMPING, ANISOTROPY_T = 15.0, 0.1, 0.5
KNOTS_S = np.array([0.0, 0.2e-9, 0.3e-9, 0.5e-9])


def spin_orbit_drive():
    """A spin-orbit pulse with a linear fall, and a weak junction current towards +z throughout."""
    row = rest(ANISOTROPY_T, DELTA, b_x_T=-0.1 * ANISOTROPY_T)
    rows = np.tile(row, (4, 1))
    rows[:2, 11] = -0.6 * ANISOTROPY_T
    rows[:, 13] = 0.02 * ANISOTROPY_T
    return row, rows


def counted_failure(blocks, step_s=0.5e-12):
    """Share of trajectories of the package's kernel that end with m_z <= 0, and their number."""
    row, rows = spin_orbit_drive()
    steps = round(KNOTS_S[-1] / step_s)
    grid = np.arange(steps + 1) * step_s
    table = np.stack([np.interp(grid, KNOTS_S, rows[:, c]) for c in range(DRIVE_COLUMNS)], axis=1)
    table[:, 14] = np.sqrt(2.0 * DAMPING * table[:, 14] / (GYROMAGNETIC_RATIO * step_s))
    scale = GYROMAGNETIC_RATIO * step_s / (1.0 + DAMPING**2)
    constants = (ALONG_Z, 0.0, DAMPING, 1.0, scale, 0.5 * scale)
    nothing = np.empty((0, DRIVE_COLUMNS)), np.empty((0, 2)), constants
    starts, failures = thermal_well(row, blocks * LANES), 0
    for block in range(blocks):
        state = np.zeros((STATE_ROWS, LANES))
        state[:3] = starts[:, block * LANES : (block + 1) * LANES]
        generators = np.zeros((4, LANES), dtype=np.uint32)
        seed_lanes(generators, 11, 0, block * LANES, 0)
        noise, record = np.empty((6, LANES)), np.empty((LANES, 0, STATE_ROWS))
        advance_block(state, generators, noise, table, *nothing, 0, steps, 0, record)
        failures += int(np.sum(state[2] <= 0.0))
    return failures / (blocks * LANES), blocks * LANES


def thermal_well(row, count):
    """Boltzmann law on z < 0 by rejection from the uniform law."""
    rng, kept = np.random.default_rng(12), np.empty((3, 0))
    weight = row[14]
    while kept.shape[1] < count:
        m = rng.normal(size=(3, 200_000))
        m /= np.linalg.norm(m, axis=0)
        m[2] = -np.abs(m[2])
        energy = (row[0] * m[0] + 0.5 * row[5] * m[2] ** 2) / weight
        # The maximum lies at m_x = b_x/B_k.
        highest = (0.5 * row[5] + 0.5 * row[0] ** 2 / row[5]) / weight
        kept = np.concatenate([kept, m[:, np.log(rng.uniform(size=m.shape[1])) < energy - highest]], axis=1)
    return kept[:, :count]


def spin_orbit_density(**changes):
    row, rows = spin_orbit_drive()
    arguments = {
        "damping": DAMPING,
        "reference": ALONG_Z,
        "start_row_T": row,
        "start_direction": AGAINST_Z,
        **changes,
    }
    return sphere_failure_probability(KNOTS_S, rows, **arguments)


@pytest.fixture(scope="module")
def found():
    return spin_orbit_density()


def test_spin_orbit_write_equals_counting(found):
    # Four standard deviations of the count: false alarm 6e-5, at the one fixed seed.
    share, trials = counted_failure(blocks=64)
    assert abs(found.value - share) < 4.0 * math.sqrt(share * (1.0 - share) / trials)
    assert 0.01 < share < 0.99


def test_stated_error_covers_a_finer_density(found):
    fine = spin_orbit_density(relative_tolerance=1e-6)
    assert abs(found.value - fine.value) <= found.absolute_error
    assert fine.relative_error <= 1e-6


def test_a_density_sharper_than_the_degree_is_refused():
    with pytest.raises(InputError, match="degree_limit"):
        spin_orbit_density(degree_limit=32, relative_tolerance=1e-4)


def test_a_probability_below_rounding_is_refused():
    # Nothing crosses a barrier of 80 k_B T in 10 ps.
    row = rest(0.5, 80.0)
    with pytest.raises(InputError, match="splitting"):
        sphere_failure_probability(
            np.array([0.0, 1e-11]),
            np.stack([row, row]),
            damping=0.1,
            reference=ALONG_Z,
            start_row_T=row,
            start_direction=ALONG_Z,
            failure_direction=AGAINST_Z,
        )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"asymmetry": 0.3}, "chi = 0"),
        ({"damping": 0.0}, "damping"),
        ({"reference": (0.0, 0.0, 2.0)}, "unit vector"),
        ({"start_direction": (1.0, 1.0, 0.0)}, "unit vector"),
        ({"start_row_T": np.zeros(15)}, "thermal weight"),
        ({"start_row_T": np.full(15, np.nan)}, "finite"),
        ({"relative_tolerance": 0.0}, "relative_tolerance"),
        ({"degree_limit": 5000}, "degree_limit"),
    ],
)
def test_malformed_arguments_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        spin_orbit_density(**changes)


@pytest.mark.parametrize("knots", [[0.0], [0.0, -1e-9], [0.0, 0.0], [0.0, np.nan]])
def test_malformed_times_are_refused(knots):
    row = rest(0.5, 20.0)
    with pytest.raises(InputError, match="time_s"):
        sphere_failure_probability(
            np.array(knots),
            np.stack([row, row]),
            damping=0.1,
            reference=ALONG_Z,
            start_row_T=row,
            start_direction=ALONG_Z,
        )


@pytest.mark.parametrize(
    ("current", "expected", "damping"), [(0.0, 2 * 4.9291e-9, 0.02), (0.3, 8.0240e-5, 0.3)]
)
def test_slowest_rate_is_the_escape_by_passage_times(current, expected, damping):
    # Delta 20: mean first passage by quadrature, in units of the relaxation time; two wells without current.
    row = rest(0.5, 20.0)
    row[13] = current * damping * 0.5
    relaxation = (1.0 + damping**2) / (damping * GYROMAGNETIC_RATIO * 0.5)
    rate = slowest_rate_per_s(row, damping=damping, reference=ALONG_Z)
    assert rate * relaxation == pytest.approx(expected, rel=5e-4)


def test_a_rate_lost_in_rounding_is_refused():
    with pytest.raises(InputError, match="25 k_B T"):
        slowest_rate_per_s(rest(0.5, 40.0), damping=0.1, reference=ALONG_Z)
