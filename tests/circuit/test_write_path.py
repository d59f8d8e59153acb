import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit.cell_layout import gate_pitch_m, least_area_m2
from spinpim.circuit.half_select import column_half_select, row_half_select
from spinpim.circuit.write_delivery import (
    channel_potential_V,
    delivered_assist_V,
    delivered_current,
    delivered_current_A,
    delivered_pulse,
    write_path,
    write_width_m,
)
from spinpim.circuit.write_path import path_current, path_currents_A, path_width_m
from spinpim.device import Device
from spinpim.errors import InputError


@pytest.mark.parametrize("follower", [False, True])
def test_current_balances_transistor_and_resistances(cell, follower):
    path = write_path(cell)
    current = abs(path_current(path, follower=follower).current_A)
    source = current * (path.lower_ohm + (path.channel_ohm if follower else 0.0))
    drain = path.supply_V - current * (path.lower_ohm + (0.0 if follower else path.channel_ohm))
    carried = path.transistor.current_A(path.gate_V, source, drain, path.temperature_K)
    assert current == pytest.approx(carried, rel=1e-9)


def test_without_a_channel_both_directions_carry_the_same(cell):
    path = dataclasses.replace(write_path(cell), channel_ohm=0.0)
    there, back = (path_current(path, follower=follower).current_A for follower in (False, True))
    assert there == pytest.approx(-back, rel=1e-12)


def test_a_perfect_transistor_leaves_the_resistances(cell):
    perfect = cell.write_transistor.replace(
        width_m=1e-4, transconductance_A_per_V2=0.1, critical_voltage_V=100.0, series_resistance_ohm_m=0.0
    )
    path = dataclasses.replace(write_path(cell), transistor=perfect, gate_V=5.0)
    ohmic = path.supply_V / (path.channel_ohm + path.driver_ohm)
    for follower in (False, True):
        assert abs(path_current(path, follower=follower).current_A) == pytest.approx(ohmic, rel=1e-3)


def test_direction_of_each_write_is_that_of_the_pulse(cell):
    for device in (cell.device, cell.device.replace(spin_hall_angle=-cell.device.spin_hall_angle)):
        turned = cell.replace(device=device)
        for to in ("P", "AP"):
            asked = device.write_pulse(to).sot_current_A
            assert np.sign(delivered_current_A(turned, to)) == np.sign(asked[np.argmax(np.abs(asked))])


def test_the_write_through_the_follower_is_the_weaker_one(cell):
    # Negative spin Hall angle, spins along y: the shipped junction is written to P by a negative current.
    towards_p, towards_ap = (delivered_current(cell, to) for to in ("P", "AP"))
    assert towards_p.follower
    assert not towards_ap.follower
    assert towards_p.saturated
    assert not towards_ap.saturated
    assert abs(towards_p.current_A) < 0.8 * towards_ap.current_A
    turned = cell.replace(device=cell.device.replace(spin_hall_angle=-cell.device.spin_hall_angle))
    assert delivered_current(turned, "AP").follower
    assert delivered_current_A(turned, "AP") == pytest.approx(towards_p.current_A)


@settings(max_examples=40, deadline=None)
@given(
    width_m=st.floats(1e-7, 5e-6),
    supply_V=st.floats(0.3, 1.5),
    gate_V=st.floats(0.6, 2.0),
    follower=st.booleans(),
)
def test_more_width_supply_or_gate_voltage_delivers_no_less(cell, width_m, supply_V, gate_V, follower):
    path = write_path(cell)
    width, supply, gate = np.full((3, 4), [[width_m], [supply_V], [gate_V]])
    width[1] *= 1.1
    supply[2] *= 1.1
    gate[3] *= 1.1
    found = path_currents_A(path, follower=follower, width_m=width, supply_V=supply, gate_V=gate)
    assert np.all(found[1:] >= found[0] * (1.0 - 1e-12))
    assert found[1] > found[0] > 0.0


def test_sweep_is_the_single_current(cell):
    path = write_path(cell)
    for follower in (False, True):
        found = path_currents_A(path, follower=follower, width_m=[5e-7, 1e-6])
        assert found[1] == pytest.approx(abs(path_current(path, follower=follower).current_A), rel=1e-12)


def test_slopes_of_the_current_are_its_differences(cell):
    path = dataclasses.replace(write_path(cell), supply_V=0.8)
    for follower in (False, True):
        point = path_current(path, follower=follower)
        step = 1e-4
        threshold = path.transistor.threshold_voltage_V
        moved = [
            abs(
                path_current(
                    dataclasses.replace(
                        path, transistor=path.transistor.replace(threshold_voltage_V=threshold + sign * step)
                    ),
                    follower=follower,
                ).current_A
            )
            for sign in (1.0, -1.0)
        ]
        assert point.per_threshold_S == pytest.approx((moved[0] - moved[1]) / (2 * step), rel=1e-5)
        supplied = [
            abs(
                path_current(
                    dataclasses.replace(path, supply_V=0.8 + sign * step), follower=follower
                ).current_A
            )
            for sign in (1.0, -1.0)
        ]
        assert point.per_supply_S == pytest.approx(
            (supplied[0] - supplied[1]) / (2 * step), rel=1e-5, abs=1e-9
        )
        assert point.sigma_A == pytest.approx(-point.per_threshold_S * path.transistor.threshold_sigma_V)
        assert point.relative_sigma == pytest.approx(point.sigma_A / abs(point.current_A))


def test_a_hot_path_delivers_less(cell):
    for to in ("P", "AP"):
        currents = [abs(delivered_current_A(cell, to, temperature)) for temperature in (233.0, 300.0, 398.0)]
        assert currents == sorted(currents, reverse=True)


def test_the_width_delivers_the_current(cell):
    width = write_width_m(cell, 330e-6)
    sized = cell.replace(write_transistor=cell.write_transistor.replace(width_m=width))
    assert sized.write_current_limit_A == pytest.approx(330e-6, rel=1e-6)


def test_assist_towards_p_has_bit_line_at_ground_and_towards_ap_at_the_supply(cell):
    assert delivered_assist_V(cell, "P") > 0.0 > delivered_assist_V(cell, "AP")
    # A current lifts the channel: it opposes an assist from the bit line; alone it drives the one towards P.
    assert abs(delivered_assist_V(cell, "AP", 330e-6)) < abs(delivered_assist_V(cell, "AP"))
    assert delivered_assist_V(cell, "P", 330e-6) < channel_potential_V(cell, "P", 330e-6)


def test_a_wide_path_delivers_the_pulse_but_for_the_assist_during_the_current(cell):
    for to in ("P", "AP"):
        asked, given_ = cell.device.write_pulse(to), delivered_pulse(cell, to)
        assert np.array_equal(asked.sot_current_A, given_.sot_current_A)
        flowing = asked.sot_current_A != 0.0
        assert np.all(abs(given_.mtj_voltage_V[flowing]) < 0.45)
        assert abs(given_.mtj_voltage_V).max() == pytest.approx(0.45)


def test_a_narrow_path_cuts_the_pulse_in_the_follower_direction_alone(cell):
    narrow = cell.replace(write_transistor=cell.write_transistor.replace(width_m=500e-9))
    towards_p, towards_ap = (delivered_pulse(narrow, to) for to in ("P", "AP"))
    assert abs(towards_p.sot_current_A).max() == pytest.approx(abs(delivered_current_A(narrow, "P")))
    assert abs(towards_p.sot_current_A).max() < 330e-6
    assert abs(towards_ap.sot_current_A).max() == pytest.approx(330e-6)


def test_leakage_in_the_column_is_the_shut_transistor(cell):
    seen = column_half_select(cell, "AP")
    leak = cell.write_transistor.current_A(0.0, 0.0, cell.write_supply_V, 300.0)
    assert seen.sot_current_A == pytest.approx(leak, rel=1e-3)
    assert seen.mtj_voltage_V < 0.0 < column_half_select(cell, "P").mtj_voltage_V
    assert column_half_select(cell, "AP", 360.0).sot_current_A > 3.0 * seen.sot_current_A


def test_a_disturb_is_no_less_than_the_floor_and_adds_up(cell):
    seen = column_half_select(cell, "AP")
    assert seen.flip_probability >= seen.rest_probability > 0.0
    assert seen.flip_probability_after(1e6) == pytest.approx(1e6 * seen.flip_probability, rel=1e-6)
    assert seen.flip_probability_after(1e60) == 1.0


def test_the_floor_holds_where_a_driven_rate_is_less_certain(cell):
    other = cell.replace(device=Device.load("in_plane_y_memory"))
    seen = column_half_select(other, "P")
    assert seen.flip_probability >= seen.rest_probability


def test_without_an_assist_no_voltage_strays(cell):
    device = cell.device
    plain = device.replace(write=dataclasses.replace(device.write, mtj_voltage_V=0.0))
    assert column_half_select(cell.replace(device=plain), "AP").mtj_voltage_V == 0.0


def test_held_lines_leave_the_floor_and_idle_ones_a_current(cell):
    held = row_half_select(cell, "P")
    assert held.sot_current_A == 0.0
    assert held.flip_probability == held.rest_probability
    few = row_half_select(cell, "P", lines="idle", coupling=1e-4)
    assert 0.0 < few.sot_current_A < 1e-4 * abs(delivered_current_A(cell, "AP")) * 1.5
    with pytest.raises(InputError, match="lines must be one of held, idle"):
        row_half_select(cell, "P", lines="floating")


def test_impossible_paths_are_refused(cell):
    path = write_path(cell)
    with pytest.raises(InputError, match=r"not above the threshold of 0\.35 V"):
        dataclasses.replace(path, gate_V=0.3)
    with pytest.raises(InputError, match=r"driver_ohm of the write path .* outside 0"):
        dataclasses.replace(path, driver_ohm=-1.0)
    with pytest.raises(InputError, match=r"supply_V of the write path .* outside 0\.2"):
        dataclasses.replace(path, supply_V=0.0)
    with pytest.raises(InputError, match="width_m must be one or more numbers, finite and at least 4e-08"):
        path_currents_A(path, follower=True, width_m=[0.0, 1e-6])
    with pytest.raises(InputError, match="No width of the write transistor delivers"):
        path_width_m(path, 2e-3, follower=True)
    with pytest.raises(InputError, match="must be 'P'"):
        delivered_current_A(cell, "up")
    with pytest.raises(InputError, match="temperature_K must be a number"):
        delivered_current_A(cell, "P", math.nan)


def test_area_counts_squares_of_the_feature_size(cell):
    assert cell.area_F2 == pytest.approx(570 * 660 / 45**2)
    assert least_area_m2(cell) <= cell.area_m2
    assert gate_pitch_m(cell) == pytest.approx(190e-9)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"row_pitch_m": 300e-9}, "need two"),
        ({"column_pitch_m": 500e-9}, "write transistor as 2 fingers of 500 nm does not fit"),
        ({"row_pitch_m": 400e-9}, "write transistor as 1 finger of 1000 nm does not fit"),
    ],
)
def test_pitches_that_cannot_hold_the_transistors_are_refused(cell, change, sentence):
    with pytest.raises(InputError, match=sentence):
        _ = cell.replace(**change).area_F2
