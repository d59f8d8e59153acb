"""The grid on the sphere: interpolation, continuation over the poles, diffusion and drift of ln u."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spinpim.device.dynamics.macrospin import effective_field, slope
from spinpim.device.failure.sphere_grid import PAD, flow, grid_directions, pad, spread, values_at


def on_grid(function, rows, axis=2):
    values = np.zeros((rows + 2 * PAD, 2 * rows + 2 * PAD))
    values[PAD:-PAD, PAD:-PAD] = function(grid_directions(rows, axis)).reshape(rows, 2 * rows)
    pad(values)
    return values


def directions(count, seed):
    m = np.random.default_rng(seed).normal(size=(3, count))
    return m / np.linalg.norm(m, axis=0)


def smooth(m):
    return m[0] * m[1] + 0.5 * m[2] ** 3 - 0.3 * m[0] * m[2]


def interpolation_error(rows, axis, m):
    states = np.zeros((1, 4, m.shape[1]))
    states[0, :3] = m
    found = np.empty((1, m.shape[1]))
    values_at(on_grid(smooth, rows, axis), axis, states, found)
    return float(np.abs(found[0] - smooth(m)).max())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_interpolation_is_of_fourth_order_over_the_whole_sphere(axis):
    m = directions(4000, 1)
    coarse, fine = interpolation_error(24, axis, m), interpolation_error(48, axis, m)
    assert fine < 2e-5
    assert 13.0 < coarse / fine < 19.0


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_interpolation_does_not_lose_order_at_the_poles(axis):
    m = directions(2000, 2) * 0.05
    m[axis] = np.where(m[axis] >= 0.0, 1.0, -1.0)
    m /= np.linalg.norm(m, axis=0)
    assert interpolation_error(48, axis, m) < 2e-5


def test_the_border_continues_the_grid_exactly():
    rows = 12
    values = on_grid(smooth, rows)
    for row in range(-PAD, rows + PAD):
        polar = (row + 0.5) * np.pi / rows
        azimuth = np.pi * np.arange(-PAD, 2 * rows + PAD) / rows
        m = np.array(
            [
                np.sin(polar) * np.cos(azimuth),
                np.sin(polar) * np.sin(azimuth),
                np.full(azimuth.size, np.cos(polar)),
            ]
        )
        assert values[PAD + row] == pytest.approx(smooth(m), abs=1e-14)


@pytest.mark.parametrize(("degree", "harmonic"), [(1, lambda m: m[0]), (2, lambda m: m[0] * m[1])])
def test_a_spread_harmonic_decays_as_in_the_heat_equation(degree, harmonic):
    """A small ripple below ln u = 0 decays by exp(-l (l + 1) sigma^2/2) per step."""
    sigma, steps, ripple = 0.02, 200, 1e-3
    values = on_grid(lambda m: -1.0 + ripple * harmonic(m), 48)
    after = np.empty_like(values)
    for _ in range(steps):
        spread(values, after, sigma)
        values, after = after, values
    shape = harmonic(grid_directions(48, 2)).reshape(48, 96)
    inside = np.exp(values[PAD:-PAD, PAD:-PAD])
    weight = np.sin((np.arange(48) + 0.5) * np.pi / 48)[:, None] * np.ones((1, 96))
    found = np.sum(weight * inside * shape) / np.sum(weight * shape**2) / (ripple * np.exp(-1.0))
    assert found == pytest.approx(np.exp(-degree * (degree + 1) * 0.5 * sigma**2 * steps), rel=2e-3)


def test_spreading_a_linear_exponent_adds_half_the_square_of_its_slope():
    """Near the equator, exponent g times the polar angle: the mean of the exponential is known."""
    rows, sigma = 64, 0.02
    polar = (np.arange(rows) + 0.5) * np.pi / rows
    values = np.zeros((rows + 2 * PAD, 2 * rows + 2 * PAD))
    for steepness in (5.0, 20.0, 40.0):
        values[PAD:-PAD, PAD:-PAD] = (-200.0 + steepness * polar)[:, None]
        pad(values)
        after = np.empty_like(values)
        spread(values, after, sigma)
        middle = PAD + rows // 2
        gain = after[middle, PAD] - values[middle, PAD]
        # Circles of latitude are curved: their own share of the Laplacian.
        curved = 0.5 * sigma**2 * steepness / np.tan(polar[rows // 2])
        assert gain == pytest.approx(0.5 * (steepness * sigma) ** 2 + curved, rel=1e-2)


def test_a_constant_stays_and_nothing_exceeds_one():
    values = on_grid(lambda m: np.full(m.shape[1], -3.0), 24)
    after = np.empty_like(values)
    spread(values, after, 0.05)
    assert np.abs(after + 3.0).max() < 1e-12
    spread(on_grid(lambda m: -5.0 * np.abs(m[2]), 24), after, 0.05)
    assert after.max() <= 0.0


def test_flow_follows_the_equation_of_motion_to_fourth_order():
    drive = ((0.01, -0.05, 0.02), (-0.1, -0.2, 0.5, 0.01, 0.0, -0.02), 0.05, (0.0, 0.2, 0.0), 0.03)
    reference, asymmetry, damping = (0.0, 0.0, 1.0), 0.3, 0.05
    start = (0.48, 0.6, 0.64)

    def rate(_, m):
        return slope(tuple(m), effective_field(tuple(m), drive, reference, asymmetry, 1.0), damping)

    def error(steps, length=2.0):
        exact = solve_ivp(rate, (0.0, length), start, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
        m = start
        for _ in range(steps):
            m = flow(m, (drive, drive, drive), reference, asymmetry, damping, length / steps)
        return float(np.linalg.norm(np.array(m) - exact))

    assert error(4) < 1e-4
    assert 10.0 < error(4) / error(8) < 24.0
