"""All torques at once: the kernel against the equation written out in vectors, symmetries, closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from spinpim import Device, Pulse
from spinpim.constants import GYROMAGNETIC_RATIO, VACUUM_PERMEABILITY
from spinpim.device.demagnetisation import elliptic_cylinder_factors
from spinpim.device.dynamics.drive import drive_rows
from spinpim.device.dynamics.macrospin import effective_field, heun_step, slope, total_slope

UNIT = st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)
FIELD = st.floats(-2.0, 2.0)
DRIVE = st.tuples(*[FIELD] * 14).map(np.array)


def unit(vector) -> np.ndarray:
    return np.array(vector) / np.linalg.norm(vector)


def in_parts(row):
    row = tuple(float(value) for value in row)
    return row[0:3], row[3:9], row[9], row[10:13], row[13]


def tensor_of(row) -> np.ndarray:
    xx, yy, zz, xy, xz, yz = row[3:9]
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def gilbert_slope(m, row, p, chi, damping, thermal):
    """dm/dt over gamma from torques, as the equation stands in the design: no B', no shared terms."""
    field = row[0:3] + tensor_of(row) @ m + thermal
    field[2] += row[9] * m[2] * (1.0 - m[2] ** 2)
    spins = row[10:13] + row[13] / (1.0 + chi * (m @ p)) * p
    torque = -np.cross(m, field) - np.cross(m, np.cross(m, spins))
    return (torque + damping * np.cross(m, torque)) / (1.0 + damping**2)


@settings(max_examples=200, deadline=None)
@given(m=UNIT, row=DRIVE, p=UNIT, chi=st.floats(-0.9, 0.9), damping=st.floats(1e-4, 2.0), noise=UNIT)
def test_the_slope_is_the_equation_of_the_design(m, row, p, chi, damping, noise):
    m, p = unit(m), unit(p)
    constants = (tuple(p), chi, damping, 1.0)
    found = np.array(total_slope(tuple(m), noise, in_parts(row), constants)) / (1.0 + damping**2)
    expected = gilbert_slope(m, row, p, chi, damping, np.array(noise))
    assert np.abs(found - expected).max() < 1e-12 * (1.0 + np.abs(row).max() / (1.0 - abs(chi)))


@settings(max_examples=100, deadline=None)
@given(m=UNIT, row=DRIVE, p=UNIT, chi=st.floats(-0.9, 0.9))
def test_the_effective_field_is_the_formula_of_its_docstring(m, row, p, chi):
    m, p = unit(m), unit(p)
    expected = row[0:3] + tensor_of(row) @ m + np.array([0.0, 0.0, row[9] * m[2] * (1.0 - m[2] ** 2)])
    expected += np.cross(m, row[10:13] + row[13] * p / (1.0 + chi * (m @ p)))
    found = effective_field(tuple(m), in_parts(row), tuple(p), chi, 1.0)
    assert np.abs(found - expected).max() < 1e-12 * (1.0 + np.abs(row).max() / (1.0 - abs(chi)))


@settings(max_examples=100, deadline=None)
@given(m=st.tuples(*[FIELD] * 3), field=st.tuples(*[FIELD] * 3), damping=st.floats(0.0, 2.0))
def test_the_slope_keeps_the_double_cross_product_off_the_sphere(m, field, damping):
    precession = np.cross(m, field)
    expected = -precession - damping * np.cross(m, precession)
    assert np.abs(np.array(slope(m, field, damping)) - expected).max() < 1e-12 * 100.0


@settings(max_examples=100, deadline=None)
@given(
    m=UNIT, now=DRIVE, after=DRIVE, p=UNIT, chi=st.floats(-0.5, 0.5), damping=st.floats(1e-3, 1.0), noise=UNIT
)
def test_a_step_is_heuns_rule_with_one_thermal_field(m, now, after, p, chi, damping, noise):
    m, p, noise = unit(m), unit(p), np.array(noise)
    scale = 0.02 / (1.0 + damping**2)

    def per_step(direction, row):
        # Off the sphere too: vectors only, no use of |m| = 1.
        return scale * (1.0 + damping**2) * gilbert_slope(direction, row, p, chi, damping, noise)

    first = per_step(m, now)
    moved = m + 0.5 * (first + per_step(m + first, after))
    constants = (tuple(p), chi, damping, 1.0)
    parts = in_parts(now), in_parts(after)
    found = heun_step(tuple(m), tuple(noise), *parts, constants, scale, 0.5 * scale)
    # Off the sphere, where the predicted m is, the two forms differ by a share of |m|^2 - 1.
    assert np.abs(found - unit(moved)).max() < 2.0 * scale**2
    exact = _heun_with_the_kernels_field(m, now, after, p, chi, damping, noise, scale)
    assert np.abs(found - exact).max() < 1e-12


def _heun_with_the_kernels_field(m, now, after, p, chi, damping, noise, scale):
    def per_step(direction, row):
        field = row[0:3] + tensor_of(row) @ direction + noise
        field[2] += row[9] * direction[2] * (1.0 - direction[2] ** 2)
        field += np.cross(direction, row[10:13] + row[13] * p / (1.0 + chi * (direction @ p)))
        precession = np.cross(direction, field)
        return -scale * (precession + damping * np.cross(direction, precession))

    first = per_step(m, now)
    return unit(m + 0.5 * (first + per_step(m + first, after)))


def rotated_row(row, turn):
    """Drive row in turned axes; the second order stays along z, so turns about z only where it acts."""
    tensor = turn @ tensor_of(row) @ turn.T
    mixed = tensor[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]
    return np.concatenate([turn @ row[0:3], mixed, [row[9]], turn @ row[10:13], row[13:]])


@settings(max_examples=50, deadline=None)
@given(m=UNIT, row=DRIVE, p=UNIT, axis=UNIT, angle=st.floats(-3.0, 3.0), chi=st.floats(-0.9, 0.9))
def test_the_torque_turns_with_everything_that_makes_it(m, row, p, axis, angle, chi):
    turn = Rotation.from_rotvec(angle * unit(axis)).as_matrix()
    row = row.copy()
    row[9] = 0.0
    m, p = unit(m), unit(p)

    def found(direction, drive, reference):
        constants = (tuple(reference), chi, 0.1, 1.0)
        return np.array(total_slope(tuple(direction), (0.0, 0.0, 0.0), in_parts(drive), constants))

    turned = found(turn @ m, rotated_row(row, turn), turn @ p)
    assert np.abs(turned - turn @ found(m, row, p)).max() < 1e-12 * (
        10.0 + np.abs(row).max() / (1.0 - abs(chi))
    )


@pytest.mark.parametrize("degrees", [20.0, 45.0, 110.0])
def test_a_turned_ellipse_is_the_straight_one_seen_from_turned_axes(noiseless, degrees):
    """Through a Device: off-diagonal factors, turned polarisation, field; the path turns along."""
    memory = Device.load("perpendicular_memory_60nm")
    straight = memory.replace(
        demagnetising_factors=elliptic_cylinder_factors(90e-9, 50e-9, memory.thickness_m),
        oersted_factor=0.0,
        external_field_T=(0.03, -0.02, 0.01),
        second_order_anisotropy_J_per_m2=5e-5,
        stt_asymmetry=0.3,
    )
    turn = Rotation.from_euler("z", degrees, degrees=True).as_matrix()
    tensor = turn @ np.diag(straight.demagnetising_factors) @ turn.T
    turned = straight.replace(
        demagnetising_factors=tuple(float(tensor[i, i]) for i in range(3)),
        demagnetising_off_diagonal=(float(tensor[0, 1]), 0.0, 0.0),
        sot_polarisation=tuple(float(part) for part in turn @ (0.0, 1.0, 0.0)),
        external_field_T=tuple(float(part) for part in turn @ straight.external_field_T),
    )
    assert turned.thermal_stability == pytest.approx(straight.thermal_stability, rel=1e-9)
    pulse = Pulse.points([0.0, 2e-9], sot_current_A=4e-4, mtj_voltage_V=0.3)
    m0 = unit([0.1, 0.05, 1.0])
    paths = []
    for device, start in ((straight, m0), (turned, turn @ m0)):
        row = drive_rows(device, pulse, np.array([0.0]))
        row[0, 14] = 0.0
        drive = np.repeat(row, 20_001, axis=0)
        paths.append(noiseless(start, drive, 1e-13, 0.03, record_every=200, asymmetry=0.3)[0])
    assert np.ptp(paths[0], axis=0).min() > 0.3
    assert np.abs(paths[1] - paths[0] @ turn.T).max() < 1e-8


def test_undamped_motion_keeps_the_energy_of_every_order_and_direction(noiseless, constant_drive):
    drive = constant_drive(
        100_000,
        field=(0.05, 0.1, -0.02),
        stiffness=(0.1, -0.2, 0.4),
        mixed=(0.07, -0.05, 0.12),
        second_order=-0.3,
    )
    path = noiseless([0.6, 0.0, 0.8], drive, 0.02e-12, 0.0, record_every=1000)[0]
    row = drive[0]
    square = path[:, 2] ** 2
    energy = -0.5 * np.einsum("ni,ij,nj->n", path, tensor_of(row), path) - path @ row[0:3]
    energy += 0.3 * (0.5 - 0.25 * square) * square
    # Heun's own drift at this step is 1.3e-7 T.
    assert np.ptp(energy) < 3e-7
    assert np.ptp(path, axis=0).min() > 0.1


@pytest.mark.parametrize(("first_T", "second_T"), [(-0.1, 0.3), (-0.02, 0.5), (-0.25, 0.3)])
def test_a_cone_of_easy_directions_lies_where_its_closed_form_says(
    noiseless, constant_drive, first_T, second_T
):
    """E = K1 sin^2 + K2 sin^4 with K1 < 0 < K2: sin^2 = -K1/(2 K2) = -B_k/q, in the fields of the drive."""
    drive = constant_drive(60_000, stiffness=(0.0, 0.0, first_T), second_order=second_T)
    # K1 = M_s B_k / 2, K2 = M_s q / 4.
    expected = -first_T / second_T
    for start in ([0.1, 0.0, 1.0], [1.0, 0.0, 0.1]):
        end = noiseless(unit(start), drive, 0.5e-12, 0.5, record_every=60_000)[0, -1]
        assert 1.0 - end[2] ** 2 == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("chi", [-0.4, 0.25, 0.6])
def test_the_stt_thresholds_of_both_states_differ_as_slonczewskis_asymmetry_says(
    noiseless, constant_drive, chi
):
    """Out of P the torque is divided by 1 + chi, out of AP by 1 - chi."""
    thresholds = {state: _stt_threshold(noiseless, constant_drive, state, chi) for state in (1.0, -1.0)}
    assert thresholds[1.0] / thresholds[-1.0] == pytest.approx((1.0 + chi) / (1.0 - chi), rel=0.01)
    assert thresholds[1.0] == pytest.approx(0.02 * 0.3 * (1.0 + chi), rel=0.01)


def _stt_threshold(noiseless, constant_drive, state, chi):
    """Bisection on whether a small tilt grows."""
    low, high = 0.0, 0.02
    for _ in range(10):
        middle = 0.5 * (low + high)
        drive = constant_drive(40_000, stiffness=(0.0, 0.0, 0.3), stt=(-state * middle, 0.0))
        start = unit([1e-3, 0.0, state])
        path = noiseless(start, drive, 0.5e-12, 0.02, record_every=40_000, asymmetry=chi)[0]
        grows = state * path[-1, 2] < state * path[0, 2]
        low, high = (low, middle) if grows else (middle, high)
    return 0.5 * (low + high)


@pytest.mark.parametrize(
    "polarisation", [(0.0, 1.0, 0.0), (0.6, 0.0, 0.8), (1.0, 1.0, 1.0), (0.0, 0.0, -1.0)]
)
def test_spins_of_any_direction_pull_the_magnet_towards_themselves(noiseless, constant_drive, polarisation):
    spins = unit(polarisation)
    drive = constant_drive(40_000, sot=(0.3, 0.0), polarisation=spins)
    end = noiseless(unit([0.3, -0.7, 0.2]), drive, 0.5e-12, 0.1, record_every=40_000)[0, -1]
    assert end @ spins == pytest.approx(1.0, abs=1e-6)


def _device_row(device, **pulse):
    return drive_rows(device, Pulse.points([0.0, 1e-9], **pulse), np.array([0.5e-9]))[0]


def test_a_device_puts_every_torque_into_its_column_with_its_sign():
    device = Device.load("perpendicular_memory_60nm").replace(
        oersted_factor=0.0,
        stt_field_like_ratio=0.4,
        field_like_ratio=-0.5,
        sot_polarisation=(0.6, 0.0, 0.8),
        vcma_coefficient_J_per_V_m=0.0,
    )
    rest = _device_row(device)
    sot = _device_row(device, sot_current_A=1e-4) - rest
    spins = device.sot_field_T_per_A * 1e-4 * np.array([0.6, 0.0, 0.8])
    assert device.sot_field_T_per_A < 0.0
    assert sot[10:13] == pytest.approx(spins)
    assert sot[0:3] == pytest.approx(-0.5 * spins)
    stt = _device_row(device, mtj_voltage_V=0.2) - rest
    assert stt[13] == pytest.approx(0.2 * device.stt_field_T_per_V)
    assert stt[0:3] == pytest.approx([0.0, 0.0, 0.4 * 0.2 * device.stt_field_T_per_V])
    assert np.abs(np.delete(stt, [2, 13])).max() == 0.0


def test_the_oersted_field_follows_the_right_hand_rule():
    """Above a current along +x the field points along -y."""
    device = Device.load("perpendicular_memory_60nm").replace(field_like_ratio=0.0)
    row = _device_row(device, sot_current_A=1e-4) - _device_row(device)
    assert row[1] == pytest.approx(1e-4 * device.oersted_field_T_per_A)
    assert row[1] < 0.0
    assert row[0] == row[2] == 0.0


ACROSS, THROUGH = np.polynomial.legendre.leggauss(200), np.polynomial.legendre.leggauss(20)


def bar_field_T_per_A(device, across, height):
    """By of a long bar as the channel is, at points above its middle, by Biot and Savart over its section."""
    (y, across_weight), (z, through_weight) = ACROSS, THROUGH
    y, z = 0.5 * device.channel_width_m * y[:, None], 0.5 * device.channel_thickness_m * z
    share = 0.25 * np.outer(across_weight, through_weight)
    # A line along +x at (y, z): B_y above it is -mu0 I height / (2 pi r^2).
    rise = height - z
    square = (across - y) ** 2 + rise**2
    return float(-(share * VACUUM_PERMEABILITY * rise / (2.0 * math.pi * square)).sum())


@pytest.mark.parametrize(
    ("name", "at_middle", "over_layer"),
    [
        ("perpendicular_memory_60nm", 0.001, 0.02),
        ("in_plane_y_memory", 0.001, 0.02),
        ("imec_sot_62nm", 0.005, 0.02),
    ],
)
def test_the_thin_sheet_is_that_close_to_a_bar_of_finite_thickness(name, at_middle, over_layer):
    """At the middle of the layer, and on average over the ellipse, whose rims the field bows down to."""
    device = Device.load(name)
    height = 0.5 * (device.channel_thickness_m + device.thickness_m)
    middle = bar_field_T_per_A(device, 0.0, height)
    assert device.oersted_field_T_per_A == pytest.approx(middle, rel=at_middle)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    # Chords of the ellipse weigh as their length.
    chord = weights * np.sqrt(1.0 - nodes**2)
    fields = [bar_field_T_per_A(device, 0.5 * device.diameter_y_m * node, height) for node in nodes]
    assert device.oersted_field_T_per_A == pytest.approx(chord @ fields / chord.sum(), rel=over_layer)


SIGN_TABLE = [
    # drive, start, axis, direction of the final component along the axis
    (
        {"sot": (0.3, 0.0), "polarisation": (0.0, 0.0, 1.0), "stiffness": (0.0, 0.0, 0.1)},
        (0.3, 0.0, -0.95),
        2,
        1,
    ),
    (
        {"sot": (-0.3, 0.0), "polarisation": (0.0, 0.0, 1.0), "stiffness": (0.0, 0.0, 0.1)},
        (0.3, 0.0, 0.95),
        2,
        -1,
    ),
    ({"sot": (0.3, 0.0), "polarisation": (1.0, 0.0, 0.0)}, (-0.9, 0.2, 0.387), 0, 1),
    ({"sot": (0.0, 0.3), "polarisation": (1.0, 0.0, 0.0)}, (-0.9, 0.2, 0.387), 0, 1),
    ({"stt": (0.0, 0.3)}, (0.9, 0.2, -0.387), 2, 1),
    ({"stt": (0.3, 0.0), "reference": (1.0, 0.0, 0.0)}, (-0.9, 0.2, 0.387), 0, 1),
    ({"second_order": 0.4}, (0.7, 0.0, 0.714), 2, 1),
    ({"second_order": 0.4}, (0.7, 0.0, -0.714), 2, -1),
    ({"mixed": (0.3, 0.0, 0.0), "stiffness": (0.0, 0.0, -0.5)}, (0.9, 0.3, 0.316), 1, 1),
    ({"mixed": (-0.3, 0.0, 0.0), "stiffness": (0.0, 0.0, -0.5)}, (0.9, -0.3, 0.316), 1, -1),
]


@pytest.mark.parametrize(("drive", "start", "axis", "direction"), SIGN_TABLE)
def test_each_new_torque_drives_to_its_stated_side(noiseless, constant_drive, drive, start, axis, direction):
    reference = drive.get("reference", (0.0, 0.0, 1.0))
    path = noiseless(
        unit(start), constant_drive(40_000, **drive), 0.5e-12, 0.1, reference=reference, record_every=40_000
    )[0]
    assert np.sign(path[-1, axis]) == direction
    assert abs(path[-1, axis]) > 0.1


def test_the_scale_of_a_step_is_gamma_dt_over_one_plus_alpha_squared(noiseless, constant_drive):
    path = noiseless([1.0, 0.0, 0.0], constant_drive(1, field=(0.0, 0.0, 1e-3)), 1e-12, 0.5)[0]
    assert path[-1, 1] == pytest.approx(GYROMAGNETIC_RATIO * 1e-15 / 1.25, rel=1e-6)
