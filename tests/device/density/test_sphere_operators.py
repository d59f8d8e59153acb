"""Operators in spherical harmonics against the functions they stand for, and against the LLG slope."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import lpmv

from spinpim.device.density.sphere_densities import boltzmann_coefficients, half_sphere_weights, mass_towards
from spinpim.device.density.sphere_operators import DRIFT_COLUMNS, drift_operator, drift_row, sphere_operators
from spinpim.device.dynamics.macrospin import effective_field, slope
from spinpim.errors import InputError

DEGREE = 9
LOW = 5
OPERATORS = sphere_operators(DEGREE, all_orders=True)


def harmonic(l, m, theta, phi):  # noqa: E741
    norm = (2 * l + 1) / (4 * math.pi) * math.factorial(l - abs(m)) / math.factorial(l + abs(m))
    value = math.sqrt(norm) * lpmv(abs(m), l, np.cos(theta)) * np.exp(1j * abs(m) * phi)
    return value if m >= 0 else (-1) ** m * np.conj(value)


def evaluate(vector, theta, phi):
    degree = math.isqrt(vector.size) - 1
    return sum(
        vector[l * (l + 1) + m] * harmonic(l, m, theta, phi)
        for l in range(degree + 1)  # noqa: E741
        for m in range(-l, l + 1)
    ).real


def real_vector(degree, seed):
    """A random real function, complete to all |m| <= l <= DEGREE, zero above ``degree``."""
    rng = np.random.default_rng(seed)
    vector = np.zeros((DEGREE + 1) ** 2, dtype=complex)
    for l in range(degree + 1):  # noqa: E741
        for m in range(l + 1):
            value = rng.normal() + 1j * rng.normal() * (m > 0)
            vector[l * (l + 1) + m] = value
            vector[l * (l + 1) - m] = (-1) ** m * np.conj(value)
    return vector


def points(seed=1, count=40):
    rng = np.random.default_rng(seed)
    theta, phi = rng.uniform(0.1, 3.0, count), rng.uniform(0.0, 2.0 * math.pi, count)
    return theta, phi, direction(theta, phi)


def direction(theta, phi):
    return np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])


def tangential_gradient(vector, theta, phi):
    e = 1e-5
    by_theta = (evaluate(vector, theta + e, phi) - evaluate(vector, theta - e, phi)) / (2 * e)
    by_phi = (evaluate(vector, theta, phi + e) - evaluate(vector, theta, phi - e)) / (2 * e)
    along = np.stack([np.cos(theta) * np.cos(phi), np.cos(theta) * np.sin(phi), -np.sin(theta)])
    around = np.stack([-np.sin(phi), np.cos(phi), 0.0 * phi])
    return along * by_theta + around * by_phi / np.sin(theta)


def applied(stencil, vector, theta, phi):
    return evaluate(stencil.trimmed(DEGREE).matrix(DEGREE) @ vector, theta, phi)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_elementary_operators_do_to_a_function_what_their_names_say(axis):
    theta, phi, m = points()
    vector = real_vector(LOW, 3)
    gradient = tangential_gradient(vector, theta, phi)
    value = evaluate(vector, theta, phi)
    assert applied(OPERATORS.position[axis], vector, theta, phi) == pytest.approx(m[axis] * value, abs=1e-12)
    assert applied(OPERATORS.gradient[axis], vector, theta, phi) == pytest.approx(gradient[axis], abs=1e-7)
    turned = np.cross(m.T, gradient.T).T[axis]
    assert applied(OPERATORS.rotation[axis], vector, theta, phi) == pytest.approx(turned, abs=1e-7)
    outflow = gradient[axis] - 2.0 * m[axis] * value
    assert applied(OPERATORS.divergence[axis], vector, theta, phi) == pytest.approx(outflow, abs=1e-7)


def test_rotations_keep_the_algebra_of_angular_momentum():
    x, y, z = (part.trimmed(DEGREE).matrix(DEGREE) for part in OPERATORS.rotation)
    assert abs(x @ y - y @ x + z).max() < 1e-12


def test_drift_columns_are_the_slope_of_the_kernel_seen_through_any_observable():
    # d<f>/d(gamma' t) = <slope . grad f> + alpha b_T <lap f>, with f a quadratic polynomial.
    rng = np.random.default_rng(5)
    row, damping = rng.normal(size=15), 0.3
    row[14] = 0.7
    reference = np.array([0.48, 0.6, 0.64])
    linear, square = rng.normal(size=3), rng.normal(size=(3, 3))
    nodes, weights = np.polynomial.legendre.leggauss(16)
    phi = np.arange(32) * (2.0 * math.pi / 32)
    theta, phi = (part.ravel() for part in np.meshgrid(np.arccos(nodes), phi, indexing="ij"))
    weight = np.repeat(weights, 32) * (2.0 * math.pi / 32)
    m = direction(theta, phi)
    drive = (tuple(row[:3]), tuple(row[3:9]), row[9], tuple(row[10:13]), row[13])
    velocity = np.array(
        [
            slope(tuple(at), effective_field(tuple(at), drive, tuple(reference), 0.0, 1.0), damping)
            for at in m.T
        ]
    ).T
    gradient = linear[:, None] + (square + square.T) @ m
    laplacian = 2.0 * np.trace(square) - 6.0 * np.einsum("ik,ij,jk->k", m, square, m) - 2.0 * linear @ m
    observable = linear @ m + np.einsum("ik,ij,jk->k", m, square, m)

    density = real_vector(LOW, 8)
    value = evaluate(density, theta, phi)
    expected = np.sum(weight * value * (np.sum(velocity * gradient, axis=0) + damping * row[14] * laplacian))
    drift = drift_row(row, reference)
    total = sum(
        drift[c] * drift_operator(OPERATORS, c, damping).matrix(DEGREE) @ density
        for c in range(DRIFT_COLUMNS)
    )
    assert np.sum(weight * observable * evaluate(total, theta, phi)) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("column", range(DRIFT_COLUMNS))
def test_no_drift_changes_the_mass(column):
    matrix = drift_operator(OPERATORS, column, 0.1).matrix(DEGREE)
    assert abs(matrix[0]).max() < 1e-14


@pytest.mark.parametrize("side", [(1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (0.6, 0.0, -0.8)])
def test_half_sphere_mass_of_a_tilted_density(side):
    # p = (1 + m . e)/(4 pi) has three quarters of its mass where m . e > 0.
    x, y, z = side
    tilted = np.zeros((3, 3), dtype=complex)
    tilted[0, 0] = math.sqrt(0.25 / math.pi)
    tilted[0, 1] = z * math.sqrt(1.0 / (12.0 * math.pi))
    tilted[1, 1] = -(x - 1j * y) * math.sqrt(1.0 / (24.0 * math.pi))
    assert mass_towards(tilted, side) == pytest.approx(0.75, abs=1e-14)
    assert half_sphere_weights(side, 2).shape == (3, 3)


@pytest.mark.parametrize("easy", [0, 1, 2])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_thermal_start_fills_its_own_well_alone(easy, sign):
    row = np.zeros(15)
    row[3 + easy], row[14] = 0.5, 0.5 / 120.0
    side = [0.0, 0.0, 0.0]
    side[easy] = sign
    start = boltzmann_coefficients(row, 120, direction=tuple(side))
    assert mass_towards(start, tuple(side)) == pytest.approx(1.0, abs=1e-12)


def test_thermal_start_beyond_a_border_is_the_cut_law():
    row = np.zeros(15)
    row[14] = 1.0
    cap = boltzmann_coefficients(row, 60, direction=(1.0, 0.0, 0.0), border=0.5)
    # Uniform on m_x > 1/2, whose mean is 3/4: <m_x> = -sqrt(8 pi/3) Re a_11.
    assert -math.sqrt(8.0 * math.pi / 3.0) * cap[1, 1].real == pytest.approx(0.75, abs=1e-4)


def test_a_driven_row_has_no_thermal_law():
    row = np.zeros(15)
    row[11], row[14] = 0.1, 0.01
    with pytest.raises(InputError, match="damping-like"):
        boltzmann_coefficients(row, 20)
