"""Points of the unit cube and the pulses that they stand for."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim import Device
from spinpim.device.energy import write_energy
from spinpim.device.failure.write_family import FEWEST_EDGES, WriteFamily, write_family
from spinpim.errors import InputError

DEVICE = Device.load("perpendicular_memory_60nm")
SHARE = st.floats(0.0, 1.0)
LIMITS = {
    "supply_voltage_V": 1.0,
    "highest_mtj_voltage_V": 0.5,
    "longest_s": 4e-9,
    "highest_current_A": None,
    "edge_s": 5e-11,
    "settle_time_s": 1e-9,
}


@st.composite
def families(draw: st.DrawFn) -> tuple[WriteFamily, float]:
    """Families within any reasonable limits, and their supply."""
    supply = draw(st.floats(0.05, 5.0))
    edge = draw(st.floats(1e-12, 1e-9))
    changes = {
        "supply_voltage_V": supply,
        "highest_mtj_voltage_V": supply * draw(st.sampled_from([0.0, 0.3, 1.0])),
        "edge_s": edge,
        "longest_s": edge * FEWEST_EDGES * draw(st.floats(1.0 + 1e-9, 1e3)),
        "highest_current_A": draw(st.sampled_from([None, 1e-5, 1.0])),
    }
    return write_family(DEVICE, **(LIMITS | changes)), supply


@given(families(), st.lists(SHARE, min_size=6, max_size=6))
def test_every_point_keeps_the_limits_of_current_voltage_and_time(case, numbers):
    family, supply = case
    settings = family.settings(np.array(numbers[: family.parameters]))
    driven = DEVICE.replace(write=dataclasses.replace(settings, settle_time_s=0.0))
    pulse = driven.write_pulse("AP")
    write_energy(driven, pulse, supply)
    assert pulse.duration_s <= family.longest_s
    assert 0.0 < settings.sot_current_A <= family.highest_current_A
    assert 0.0 <= settings.mtj_voltage_V <= family.highest_voltage_V
    assert min(settings.width_s, settings.rise_time_s, settings.fall_time_s) >= family.edge_s


@given(families(), st.lists(SHARE, min_size=6, max_size=6))
def test_the_place_of_a_pulse_of_the_family_is_a_point_of_that_pulse(case, numbers):
    family, _ = case
    settings = family.settings(np.array(numbers[: family.parameters]))
    again = family.settings(family.place(settings))
    for own, other in zip(dataclasses.astuple(settings), dataclasses.astuple(again), strict=True):
        assert other == pytest.approx(own, rel=1e-6, abs=1e-6 * family.longest_s)


@given(families(), st.lists(SHARE, min_size=6, max_size=6))
def test_settings_are_plain_floats(case, numbers):
    family, _ = case
    settings = family.settings(np.array(numbers[: family.parameters]))
    assert all(type(number) is float for number in dataclasses.astuple(settings))


def test_numpy_limits_give_plain_floats():
    limits = {name: value if value is None else np.float64(value) for name, value in LIMITS.items()}
    settings = write_family(DEVICE, **limits).settings(np.full(6, 0.5))
    assert all(type(number) is float for number in dataclasses.astuple(settings))


def test_a_pulse_beyond_the_limits_is_placed_at_them():
    family = write_family(DEVICE, **LIMITS)
    far = dataclasses.replace(
        DEVICE.write,
        sot_current_A=1.0,
        width_s=1e-6,
        fall_time_s=1e-6,
        mtj_voltage_V=9.0,
        mtj_extra_time_s=1e-6,
        mtj_delay_s=1e-6,
    )
    place = family.place(far)
    assert np.all((place >= 0.0) & (place <= 1.0))
    settings = family.settings(place)
    assert settings.sot_current_A == family.highest_current_A
    assert settings.mtj_voltage_V == family.highest_voltage_V
    assert settings.width_s + settings.fall_time_s + settings.rise_time_s <= family.longest_s


def test_a_pulse_without_channel_current_is_placed_at_the_weakest():
    family = write_family(DEVICE, **LIMITS)
    place = family.place(dataclasses.replace(DEVICE.write, sot_current_A=0.0))
    assert place[0] == 0.0


def test_without_an_assist_only_current_width_and_fall_are_searched():
    family = write_family(DEVICE, **(LIMITS | {"highest_mtj_voltage_V": 0.0}))
    assert family.parameters == 3
    settings = family.settings(np.full(3, 0.5))
    assert (settings.mtj_voltage_V, settings.mtj_extra_time_s, settings.mtj_delay_s) == (0.0, 0.0, 0.0)


def test_a_voltage_of_zero_takes_no_time():
    family = write_family(DEVICE, **LIMITS)
    settings = family.settings(np.array([0.5, 0.1, 0.1, 0.0, 1.0, 1.0]))
    assert (settings.mtj_extra_time_s, settings.mtj_delay_s) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("supply_voltage_V", 0.0),
        ("supply_voltage_V", math.nan),
        ("highest_mtj_voltage_V", -0.1),
        ("highest_mtj_voltage_V", 1.01),
        ("highest_mtj_voltage_V", math.inf),
        ("longest_s", 0.0),
        ("longest_s", FEWEST_EDGES * 5e-11),
        ("highest_current_A", 0.0),
        ("highest_current_A", "much"),
        ("edge_s", 0.0),
        ("edge_s", -1e-12),
        ("settle_time_s", 0.0),
    ],
)
def test_impossible_limits_are_refused_by_name(name, value):
    with pytest.raises(InputError, match=name):
        write_family(DEVICE, **(LIMITS | {name: value}))
