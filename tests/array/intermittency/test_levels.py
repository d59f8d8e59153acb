"""The store: closed forms against a solver of the differential equation, and each other."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nearly import near
from scipy.integrate import solve_ivp

from spinpim.array.intermittency.levels import NEVER, level_after, time_to_fall, time_to_rise
from spinpim.array.intermittency.storage import Storage
from spinpim.errors import InputError

levels = st.floats(0.01, 10.0)
# Powers whose inverse is a number; the time to a level is infinite below.
powers = st.floats(-5.0, 5.0, allow_subnormal=False)
times = st.floats(0.05, 50.0)


@settings(deadline=None, max_examples=25)
@given(levels, powers, times, st.floats(0.0, 5.0))
def test_the_level_follows_the_differential_equation(start, net, forgetting, time):
    solved = solve_ivp(
        lambda _, energy: net - energy / forgetting, (0.0, time), [start], rtol=1e-10, atol=1e-12
    )
    assert level_after(start, net, forgetting, time) == pytest.approx(solved.y[0, -1], rel=1e-7, abs=1e-9)


@settings(deadline=None, max_examples=200)
@given(levels, powers, st.one_of(times, st.just(math.inf)), levels)
def test_a_level_is_there_at_the_time_of_crossing(start, net, forgetting, level):
    assume(abs(start - level) > 1e-6)
    time = (time_to_fall if level < start else time_to_rise)(start, net, forgetting, level)
    rest = net * forgetting if forgetting != math.inf else math.copysign(math.inf, net) if net else start
    if time == NEVER:
        assert (rest >= level) if level < start else (rest <= level)
    else:
        assert time >= 0.0
        assert level_after(start, net, forgetting, time) == pytest.approx(level, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("forgetting", [1.0, math.inf])
def test_a_level_that_is_there_takes_no_time(forgetting):
    assert time_to_fall(1.0, -1.0, forgetting, 2.0) == 0.0
    assert time_to_rise(1.0, 1.0, forgetting, 0.5) == 0.0


def test_without_leakage_the_energy_is_that_of_the_power():
    assert level_after(1.0, -0.25, math.inf, 2.0) == 0.5
    assert level_after(1.0, -0.25, 1e12, 2.0) == near(0.5)


def test_a_capacitor_discharges_with_half_its_time_constant():
    storage = Storage(1e-6, on_V=2.0, off_V=1.0, leakage_ohm=1e6)
    assert storage.forgetting_s == 0.5
    # Voltage falls to 1/e in R C.
    left = level_after(storage.energy_J(2.0), 0.0, storage.forgetting_s, 1.0)
    assert left == near(storage.energy_J(2.0 / math.e))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"capacitance_F": 0.0}, "capacitance_F"),
        ({"off_V": 2.0}, "must rise"),
        ({"off_V": -1.0}, "off_V"),
        ({"highest_V": 1.9}, "must rise"),
        ({"leakage_ohm": 0.0}, "leakage_ohm"),
        ({"charging_efficiency": 1.1}, "charging_efficiency"),
        ({"supplying_efficiency": 0.0}, "supplying_efficiency"),
        ({"on_V": math.nan}, "on_V"),
    ],
)
def test_an_impossible_store_is_refused(changes, sentence):
    numbers = {"capacitance_F": 1e-6, "on_V": 2.0, "off_V": 1.8} | changes
    with pytest.raises(InputError, match=sentence):
        Storage(**numbers)
