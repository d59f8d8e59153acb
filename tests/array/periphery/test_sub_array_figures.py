"""The sub-array put together: laws it must obey, refusals, and the figures of an independent model."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nearly import near

from spinpim.array.periphery.bank import bank
from spinpim.array.periphery.gates import drain_F, gate_F
from spinpim.array.periphery.process import process
from spinpim.array.periphery.sub_array import CellLoad, Plan, Sensed, Written, checked, sub_array_figures
from spinpim.errors import InputError

STANDBY = process("cmos_45nm")
FAST = process("cmos_45nm", flavour="high_performance")
F = STANDBY.feature_m
SENSED = Sensed(2e-9, 1e-13, 0.0, 1e-12, 4e-12, 1e-12, 1e-15)
WRITTEN = Written(3e-13, 1e-9)


def cell(cmos=STANDBY, **changes):
    gate, drain = gate_F(cmos, 8 * F), drain_F(cmos, 8 * F, 8 * F)
    return CellLoad(9 * F, 8 * F, gate, gate, 0.5 * drain, 3e3, 1.0, 1.2, 1e-4, 0.0)._replace(**changes)


def figures(rows=256, columns=128, mux=1, cmos=STANDBY, places=16, addresses=2, **changes):
    plan = checked(Plan(rows, columns, mux, addresses, places))
    return sub_array_figures(cmos, plan, cell(cmos, **changes), SENSED, WRITTEN)


sides = st.integers(2, 12).map(lambda exponent: 2**exponent)


@given(rows=sides, columns=sides)
@settings(max_examples=40, deadline=None)
def test_a_larger_sub_array_leaks_more_takes_more_area_and_is_no_faster(rows, columns):
    base, tall, wide = figures(rows, columns), figures(2 * rows, columns), figures(rows, 2 * columns)
    for larger in (tall, wide):
        assert larger.leakage_W > base.leakage_W
        assert larger.area_m2 > base.area_m2
        assert larger.read_energy_J > base.read_energy_J
    assert wide.delay_split_s["word lines"] >= base.delay_split_s["word lines"]
    assert tall.read_delay_s >= 0.97 * base.read_delay_s


@given(columns=st.integers(6, 12).map(lambda exponent: 2**exponent), pitch=st.floats(1.1, 4.0))
@settings(max_examples=30, deadline=None)
def test_a_wider_cell_makes_a_slower_word_line(columns, pitch):
    base = figures(256, columns)
    wide = figures(256, columns, column_pitch_m=8 * F * pitch)
    assert wide.delay_split_s["word lines"] > base.delay_split_s["word lines"]
    assert wide.energy_split_J["word lines"] > base.energy_split_J["word lines"]


@pytest.mark.parametrize("part", ["energy", "area", "leakage", "delay"])
def test_the_parts_make_up_the_whole(part):
    one = figures()
    whole, split = {
        "energy": (one.read_energy_J, one.energy_split_J),
        "area": (one.area_m2, one.area_split_m2),
        "leakage": (one.leakage_W, one.leakage_split_W),
        "delay": (one.read_delay_s, one.delay_split_s),
    }[part]
    assert whole == near(math.fsum(split.values()), rel=1e-14)


def test_the_outline_holds_everything_but_predecoders_and_counter():
    one = figures()
    outside = one.area_split_m2["decoding"] + one.area_split_m2["counter"]
    assert one.width_m * one.height_m == near(one.area_m2 - outside)


def test_fewer_amplifiers_save_area_and_sense_fewer_digits():
    one, shared = figures(), figures(mux=8)
    assert shared.digits == one.digits // 8
    assert shared.area_split_m2["amplifiers"] == near(one.area_split_m2["amplifiers"] / 8)
    assert shared.energy_split_J["sensing"] < one.energy_split_J["sensing"]
    assert shared.read_delay_s > one.read_delay_s


def test_two_open_rows_take_two_decoders():
    one, two = figures(addresses=1), figures(addresses=2)
    assert two.energy_split_J["word lines"] == near(2 * one.energy_split_J["word lines"])
    assert two.leakage_split_W["decoding"] == near(2 * one.leakage_split_W["decoding"])
    assert two.read_delay_s == one.read_delay_s


def test_a_word_line_of_its_own_for_writing_takes_area_and_leaks():
    apart, shared = figures(), figures(write_gate_F=0.0)
    assert apart.area_split_m2["word lines"] > shared.area_split_m2["word lines"]
    assert apart.leakage_W > shared.leakage_W
    assert apart.energy_split_J["word lines"] == shared.energy_split_J["word lines"]
    # The predecoded lines drive the gates of both.
    assert apart.energy_split_J["decoding"] > shared.energy_split_J["decoding"]


def test_a_raised_word_line_charges_its_capacitance_to_the_higher_voltage():
    line_F = 128 * (8 * F * STANDBY.local.capacitance_F_per_m + gate_F(STANDBY, 8 * F))
    rise = figures(read_word_line_V=1.3).energy_split_J["word lines"] - figures().energy_split_J["word lines"]
    assert rise == near(2 * line_F * (1.3**2 - 1.0))


def test_an_assist_raises_the_read_word_line_in_a_write():
    line_F = 128 * (8 * F * STANDBY.local.capacitance_F_per_m + gate_F(STANDBY, 8 * F))
    plain, assisted = figures(), figures(assist_word_line_V=1.1)
    more = assisted.write_energy_J - plain.write_energy_J
    assert line_F * 1.1**2 < more < 2 * line_F * 1.1**2
    assert assisted.read_energy_J == plain.read_energy_J


def test_high_performance_is_faster_and_leaks_a_thousand_times_more():
    slow, fast = figures(), figures(cmos=FAST)
    assert fast.delay_split_s["decoding"] < 0.5 * slow.delay_split_s["decoding"]
    assert fast.leakage_W > 1e3 * slow.leakage_W


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (Plan(0, 128), "rows must be a whole number from 1"),
        (Plan(256, -4), "columns must be a whole number from 1"),
        (Plan(256, 2.5), "columns must be a whole number from 1"),
        (Plan(256, 128, mux=0), "mux must be a whole number from 1"),
        (Plan(256, 128, mux=256), "256 columns per amplifier are more than the 128 columns there are"),
        (Plan(256, 128, mux=3), "do not divide 128 columns"),
        (Plan(1, 128), "2 rows cannot be open at once where there are 1"),
        (Plan(256, 128, places=-1), "places must be a whole number from 0"),
        (Plan(1 << 20, 128), "rows must be a whole number from 1"),
    ],
)
def test_a_sub_array_that_cannot_be_built_is_refused_in_a_sentence(plan, sentence):
    with pytest.raises(InputError, match=sentence):
        checked(plan)


def test_a_bank_is_its_sub_arrays_and_a_tree():
    one = figures()
    single, four = bank(STANDBY, one, 1, 1), bank(STANDBY, one, 2, 2)
    assert single.read_delay_s == one.read_delay_s
    assert single.leakage_W == one.leakage_W
    assert four.area_m2 == near(4 * one.area_m2)
    assert four.leakage_W > 4 * one.leakage_W
    assert four.read_delay_s > one.read_delay_s
    assert four.capacity == 4 * 256 * 128
    assert bank(STANDBY, one, 4, 4).tree_J_per_bit == near(3 * four.tree_J_per_bit)


@pytest.mark.parametrize("numbers", [{"down": 0, "across": 1}, {"down": 1, "across": 2.5}])
def test_a_bank_without_sub_arrays_is_refused(numbers):
    with pytest.raises(InputError, match="must be a whole number"):
        bank(STANDBY, figures(), **numbers)
