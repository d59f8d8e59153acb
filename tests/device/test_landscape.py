"""The energy landscape of first and second order, with off-diagonal terms: minima, saddles, barriers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from spinpim.constants import BOLTZMANN
from spinpim.device.landscape import Landscape

NOTHING = np.zeros(3)
Z = np.array([0.0, 0.0, 1.0])


def barrier(landscape, side=Z):
    saddle = landscape.lowest_saddle()
    assert saddle is not None
    return saddle[1] - float(landscape.energy_T(landscape.minimum_near(side)))


@pytest.mark.parametrize("second", [0.0, 0.1, 0.5, -0.1, -0.14])
def test_the_barrier_over_the_plane_is_the_sum_of_both_orders(second):
    """E/(M_s V) = B_k/2 sin^2 + q/4 sin^4; highest at the equator while q > -B_k."""
    landscape = Landscape(np.diag([0.0, 0.0, 0.3]), second, NOTHING)
    assert barrier(landscape) == pytest.approx(0.5 * 0.3 + 0.25 * second, rel=1e-9)


@pytest.mark.parametrize("second", [-0.35, -0.5, -0.58])
def test_a_negative_second_order_moves_the_pass_off_the_equator(second):
    """Maximum at sin^2 = -B_k/q, of height -B_k^2/(4 q)."""
    landscape = Landscape(np.diag([0.0, 0.0, 0.3]), second, NOTHING)
    assert barrier(landscape) == pytest.approx(-(0.3**2) / (4.0 * second), rel=1e-9)


def test_a_device_counts_its_second_order_in_its_stability(memory):
    device = memory.replace(second_order_anisotropy_J_per_m2=5e-5)
    area = device.volume_m3 / device.thickness_m
    extra = 5e-5 * area / (BOLTZMANN * 300.0)
    assert device.thermal_stability == pytest.approx(memory.thermal_stability + extra, rel=1e-9)
    assert device.anisotropy_field_T == pytest.approx(memory.anisotropy_field_T, rel=1e-9)


@pytest.mark.parametrize(("first", "second"), [(-0.1, 0.3), (-0.02, 0.5)])
def test_the_minimum_of_a_cone_lies_on_it(first, second):
    landscape = Landscape(np.diag([0.0, 0.0, first]), second, NOTHING)
    m = landscape.minimum_near(np.array([0.6, 0.0, 0.8]))
    assert 1.0 - m[2] ** 2 == pytest.approx(-first / second, abs=1e-9)


VECTOR = st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1).map(np.array)


@settings(max_examples=100, deadline=None)
@given(m=VECTOR, step=VECTOR, angle=VECTOR, second=st.floats(-1.0, 1.0), field=VECTOR)
def test_field_and_curvature_are_the_derivatives_of_the_energy(m, step, angle, second, field):
    turn = Rotation.from_rotvec(angle).as_matrix()
    landscape = Landscape(turn @ np.diag([-0.7, 0.1, 0.4]) @ turn.T, second, field)
    h = 1e-4

    def along(function, point):
        return (function(point + h * step) - function(point - h * step)) / (2.0 * h)

    assert -along(landscape.energy_T, m) == pytest.approx(landscape.field_at_T(m) @ step, abs=1e-6)
    assert along(landscape.field_at_T, m) == pytest.approx(landscape.hessian_T(m) @ step, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(angle=VECTOR)
def test_a_turned_landscape_has_the_same_barrier(angle):
    turn = Rotation.from_rotvec(angle).as_matrix()
    straight = Landscape(np.diag([-0.2, -0.5, 0.3]), 0.0, np.array([0.02, 0.0, 0.05]))
    turned = Landscape(turn @ straight.stiffness_T @ turn.T, 0.0, turn @ straight.field_T)
    for side in (Z, -Z):
        assert barrier(turned, turn @ side) == pytest.approx(barrier(straight, side), rel=1e-8)


@settings(max_examples=15, deadline=None)
@given(
    off=st.tuples(*[st.floats(-0.1, 0.1)] * 3),
    second=st.floats(-0.1, 0.3),
    field=VECTOR.map(lambda v: 0.05 * v),
)
def test_the_pass_is_the_least_highest_point_between_the_wells_on_a_grid(off, second, field):
    """Against a flood of the sphere that knows no derivatives; 1 % of the spread of energies."""
    xy, xz, yz = off
    stiffness = np.diag([-0.1, -0.4, 0.4]) + np.array([[0, xy, xz], [xy, 0, yz], [xz, yz, 0]])
    landscape = Landscape(stiffness, second, field)
    saddle = landscape.lowest_saddle()
    assert saddle is not None
    theta, phi = np.meshgrid(np.linspace(0.0, np.pi, 181), 2.0 * np.pi * np.arange(360) / 360, indexing="ij")
    m = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=-1)
    energy = landscape.energy_T(m)
    assert _joined(energy, saddle[1] + 0.01 * np.ptp(energy), landscape)
    assert not _joined(energy, saddle[1] - 0.01 * np.ptp(energy), landscape)


def _joined(energy, level, landscape):
    """Whether both minima lie in one connected part of the sphere below a level."""
    from scipy import ndimage

    labels, count = ndimage.label(energy < level)
    # Azimuth wraps; the poles are single points.
    parent = list(range(count + 1))

    def root(label):
        while parent[label] != label:
            label = parent[label]
        return label

    pairs = list(zip(labels[:, 0], labels[:, -1], strict=True))
    pairs += [(labels[row, 0], label) for row in (0, -1) for label in labels[row]]
    for one, other in pairs:
        if one and other:
            parent[root(one)] = root(other)
    minima = []
    for side in (Z, -Z):
        x, y, z = landscape.minimum_near(side)
        row, column = round(np.degrees(np.arccos(z))), round(np.degrees(np.arctan2(y, x))) % 360
        minima.append(labels[row, column])
    return bool(minima[0] and minima[1] and root(minima[0]) == root(minima[1]))
