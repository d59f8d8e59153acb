"""Errors against one quantity: monotonic where physics says so, refused with a sentence, best current."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spinpim.circuit import Cell, SenseAmp, sense
from spinpim.circuit.trade_offs import best_read_current, trade_off
from spinpim.device import Device
from spinpim.errors import InputError

CELL = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
AMPLIFIERS = {name: SenseAmp.load(name) for name in ("strongarm_45nm", "current_clamp_45nm")}
OPERATIONS = st.sampled_from([("AND", 2), ("OR", 2), ("READ", 1), ("MAJ", 3)])
QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def _two_errors(amplifier, quantity, values, operation):
    found = trade_off(CELL, amplifier, quantity, values, operation=operation[0], rows=operation[1])
    assume(not found.refusals)
    assume(min(found.error_static) > 1e-290)
    return found.error_static


VOLTAGE = [name for name, amplifier in AMPLIFIERS.items() if amplifier.clamp is None]


@QUICK
@given(
    name=st.sampled_from(list(AMPLIFIERS)),
    operation=OPERATIONS,
    low=st.floats(0.8, 1.6),
    factor=st.floats(1.01, 1.4),
)
def test_the_error_falls_with_the_magnetoresistance(name, operation, low, factor):
    values = [low, factor * low]
    worse, better = _two_errors(AMPLIFIERS[name], "tunnel_magnetoresistance", values, operation)
    assert better < worse


@QUICK
@given(operation=OPERATIONS, low=st.floats(3e-6, 8e-6), factor=st.floats(1.01, 1.4))
def test_the_error_falls_with_the_read_current_until_the_access_transistors_saturate(operation, low, factor):
    amplifier = AMPLIFIERS["strongarm_45nm"]
    worse, better = _two_errors(amplifier, "read_current_per_row_A", [low, factor * low], operation)
    assert better < worse


@QUICK
@given(
    name=st.sampled_from(list(AMPLIFIERS)),
    operation=OPERATIONS,
    low=st.floats(0.5, 16.0),
    factor=st.floats(1.01, 3.0),
)
def test_the_error_falls_with_the_area_of_the_amplifier(name, operation, low, factor):
    worse, better = _two_errors(AMPLIFIERS[name], "area_scale", [low, factor * low], operation)
    assert better < worse


@QUICK
@given(name=st.sampled_from(VOLTAGE), operation=OPERATIONS, cooler=st.floats(233.0, 390.0))
def test_hot_is_the_worst_corner(name, operation, cooler):
    cold, hot = _two_errors(AMPLIFIERS[name], "temperature_K", [cooler, 398.0], operation)
    assert cold < hot


@QUICK
@given(operation=OPERATIONS, low=st.floats(1e-11, 2e-11), factor=st.floats(1.01, 1.2))
def test_the_error_falls_with_the_resistance_at_the_same_current(operation, low, factor):
    quantity = "resistance_area_product_ohm_m2"
    worse, better = _two_errors(AMPLIFIERS["strongarm_45nm"], quantity, [low, factor * low], operation)
    assert better < worse


def test_every_row_more_costs_margin(cell, amplifier):
    found = trade_off(cell, amplifier, "rows", [1, 2, 3], operation="OR")
    assert np.all(np.diff(found.margin_V) < 0.0)
    assert np.all(np.diff(found.error_static) > 0.0)


def test_a_point_is_what_sense_says(cell, amplifier):
    found = trade_off(cell, amplifier, "temperature_K", [300.0, 350.0], operation="or")
    direct = sense(cell, amplifier, operation="OR", temperature_K=350.0)
    assert found.operation == "OR"
    assert found.values[1] == 350.0
    assert found.error_static[1] == max(direct.error_static.values())
    assert found.error_without_offset[1] == max(direct.error_without_offset.values())
    assert found.error_temporal[1] == max(direct.error_temporal.values())
    assert found.read_disturb_probability[1] == direct.read_disturb_probability
    assert (found.energy_J[1], found.delay_s[1], found.margin_V[1]) == (
        direct.energy_J,
        direct.delay_s,
        direct.margin_V,
    )


def test_offset_ignored_is_optimistic_by_orders_of_magnitude(cell, small_amplifier):
    found = trade_off(cell, small_amplifier, "read_current_per_row_A", np.linspace(6e-6, 13e-6, 5))
    assert np.all(found.error_static > 1e9 * found.error_without_offset)
    assert set(found.fails_first) == {"amplifier_offset"}


def test_a_refused_value_has_its_sentence_and_no_place_in_the_arrays(cell, amplifier):
    found = trade_off(cell, amplifier, "read_current_per_row_A", [50e-6, 12e-6, -1.0, 13e-6])
    assert found.values.tolist() == [12e-6, 13e-6]
    assert len(found.error_static) == len(found.fails_first) == 2
    assert sorted(found.refusals) == [0, 2]
    assert "transistors can carry" in found.refusals[0]
    assert "read_current_per_row_A" in found.refusals[2]
    assert np.all(np.isfinite(found.error_static))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"quantity": "read_current"}, "quantity must be one of read_current_per_row_A, "),
        ({"values": []}, "values of area_scale must be a list"),
        ({"values": [[1.0]]}, "values of area_scale must be a list"),
        ({"values": [1.0, float("nan")]}, "each value of area_scale must be a number, finite"),
        ({"values": ["large"]}, "each value of area_scale must be a number"),
        ({"values": [-1.0, -2.0]}, "None of the 2 values of area_scale can be sensed. The first: "),
        ({"quantity": "temperature_K", "temperature_K": 300.0}, "leave the argument temperature_K out"),
        ({"operation": "NOT"}, "operation 'NOT' is unknown"),
        ({"quantity": "rows", "values": [1.5]}, "rows must be whole numbers"),
    ],
)
def test_mistakes_are_told(settings, said, cell, amplifier):
    asked = {"quantity": "area_scale", "values": [1.0], **settings}
    with pytest.raises(InputError, match=said):
        trade_off(cell, amplifier, **asked)


def test_a_clamp_has_no_read_current(cell, clamp_amplifier):
    with pytest.raises(InputError, match="follows from the voltage of its clamp"):
        trade_off(cell, clamp_amplifier, "read_current_per_row_A", [1e-5])
    with pytest.raises(InputError, match="follows from the voltage of its clamp"):
        best_read_current(cell, clamp_amplifier)


@pytest.mark.parametrize("accesses", [1, 10**12])
def test_no_current_beside_the_best_one_is_better(accesses, cell, amplifier):
    best = best_read_current(cell, amplifier, accesses=accesses)
    beside = best.read_current_per_row_A * np.array([0.8, 0.95, 1.0, 1.05, 1.2])
    found = trade_off(cell, amplifier, "read_current_per_row_A", beside)
    lost = -np.expm1(accesses * np.log1p(-found.read_disturb_probability))
    total = found.error_static + found.error_temporal + lost
    assert np.argmin(total) == 2
    # Static and temporal error may have different worst patterns: the sum of maxima is no less.
    assert best.total_error <= total[2]
    assert best.total_error == pytest.approx(total[2], rel=0.3)
    assert best.limit == ""


def test_cells_that_are_read_often_ask_for_less_current(cell, amplifier):
    once, often = (best_read_current(cell, amplifier, accesses=count) for count in (1, 10**12))
    assert once.disturb_loss < 1e-6 * once.total_error
    assert often.disturb_loss > 0.1 * often.total_error
    assert often.read_current_per_row_A < once.read_current_per_row_A


def test_the_limit_of_the_common_mode_is_named(cell, amplifier):
    low = amplifier.replace(common_mode_maximum_V=0.2)
    best = best_read_current(cell, low)
    assert "outside" in best.limit
    with pytest.raises(InputError, match="outside"):
        sense(cell.replace(read_current_per_row_A=1.01 * best.read_current_per_row_A), low)


def test_no_current_at_all_is_told(cell, amplifier):
    nothing = amplifier.replace(common_mode_minimum_V=0.448)
    with pytest.raises(InputError, match="No read current can be sensed"):
        best_read_current(cell, nothing)
