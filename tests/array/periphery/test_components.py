"""Gates, drivers, decoders, lines, strips, trees: closed forms and limits."""

import dataclasses
import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nearly import near

from spinpim.array.periphery.adders import counter, full_adder, kept
from spinpim.array.periphery.bank import grid, repeated
from spinpim.array.periphery.decoders import Line, decoder
from spinpim.array.periphery.drivers import driver, nand_input_F
from spinpim.array.periphery.gates import (
    drain_F,
    gate_F,
    inverter_leakage_W,
    nand_leakage_W,
    outline,
    resistance_n_ohm,
    switching_delay,
)
from spinpim.array.periphery.lines import ReadColumn, current_read, voltage_read
from spinpim.array.periphery.process import process
from spinpim.array.periphery.strips import latch, precharge, switches, write_drivers
from spinpim.constants import VACUUM_PERMITTIVITY
from spinpim.errors import InputError
from spinpim.params import load_technology

FAST = process("cmos_45nm", flavour="high_performance", temperature_K=350.0, wires="aggressive")
STANDBY = process("cmos_45nm")
F = FAST.feature_m
NODES = ("cmos_65nm", "cmos_45nm", "cmos_32nm", "cmos_28nm", "cmos_22nm")


def test_resistances_and_capacitances_follow_from_the_file():
    file = load_technology("cmos_45nm").high_performance
    assert gate_F(FAST, 1.0) == near(1.2 * 6.78e-10 + 3 * 1.7e-10)
    middle = 0.5 * (file.on_current_n_300K.si + file.on_current_n_400K.si)
    assert resistance_n_ohm(FAST, 1e-6) == near(1.51 * 1.0 / (middle * 1e-6))
    assert FAST.junction_F_per_m2 == near(1e-3 / math.sqrt(1 + 1 / 0.9))


def test_a_local_wire_of_45_nm_has_the_resistance_of_its_copper_and_four_plates():
    side = 51e-9
    wire = FAST.local
    warm = 4.08e-8 * (1 + 0.0039 * 57)
    assert wire.resistance_ohm_per_m == near(warm / (1.8 * side * side))
    plates = 2 * VACUUM_PERMITTIVITY * (3.9 * side / 91.8e-9 + 1.5 * 2.6 * 1.8)
    assert wire.capacitance_F_per_m == near(plates + 1.15e-10)


def test_a_barrier_takes_conductor_away():
    thick, thin = (process("cmos_45nm", wires=wires).local for wires in ("conservative", "aggressive"))
    assert thick.resistance_ohm_per_m > thin.resistance_ohm_per_m
    assert thick.capacitance_F_per_m > thin.capacitance_F_per_m


def test_leakage_lies_between_the_temperatures_of_the_file():
    hot = [process(temperature_K=kelvin).off_n_A_per_m for kelvin in (300, 325, 350, 400)]
    assert hot == sorted(hot)
    assert hot[1] == near(math.sqrt(hot[0] * hot[2]))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"flavour": "fast"}, "flavour must be one of high_performance"),
        ({"wires": "thick"}, "wires must be one of aggressive"),
        ({"temperature_K": 77}, "temperature_K"),
    ],
)
def test_a_process_that_is_not_in_the_file_is_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        process("cmos_45nm", **changes)


def test_a_step_switches_after_the_logarithm_of_two_and_a_ramp_later():
    assert switching_delay(1e-12, 0.5, 0.0) == (
        near(math.log(2) * 1e-12),
        near(2 * math.log(2) * 1e-12),
    )
    delays = [switching_delay(1e-12, 0.5, ramp)[0] for ramp in (0.0, 1e-12, 1e-11)]
    assert delays == sorted(delays)


def test_the_capacitance_of_a_drain_is_bottom_edge_and_gate_edge():
    width, length = 2 * F, 2.5 * F
    bottom = width * length * FAST.junction_F_per_m2
    edges = (2 * length + width) * FAST.edge_F_per_m + width * FAST.gate_edge_F_per_m
    assert drain_F(FAST, width, 40 * F) == near(bottom + edges)
    folded = drain_F(FAST, 40 * F, 20 * F)
    assert folded < drain_F(FAST, 40 * F, 50 * F)


def test_an_inverter_is_as_high_as_its_transistors_with_gap_and_rails():
    wide, high = outline(FAST, 1, 2 * F, 4 * F, 40 * F)
    assert (wide, high) == (near(6 * F), near(12 * F))


def test_leakage_is_width_times_current_times_supply():
    gates_off = dataclasses.replace(FAST, gate_leakage_A_per_m=0.0)
    assert inverter_leakage_W(gates_off, 1e-6, 2e-6) == near(2e-6 * FAST.off_p_A_per_m)
    assert nand_leakage_W(gates_off, 2, 1e-6, 1e-6) == near(0.96e-6 * FAST.off_p_A_per_m)


@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_a_driver_of_a_large_load_keeps_near_four_per_stage(inputs):
    load = 60e-15
    one = driver(FAST, inputs=inputs, load_F=load)
    # Each stage charges about four times its own input: the geometric series adds a third to the load.
    assert 1.2 * load < one.block.energy_J / FAST.supply_V**2 < 1.8 * load
    by_fanout = math.log(load / nand_input_F(FAST, inputs), 4.0)
    four = 4 * nand_input_F(FAST, 1)
    like_it = driver(FAST, inputs=1, load_F=four).block.ramp_s
    inverter = driver(FAST, inputs=1, load_F=four, ramp_s=like_it).block.delay_s
    assert 0.7 * by_fanout * inverter < one.block.delay_s < 2.5 * by_fanout * inverter


def test_a_line_adds_half_its_rc_to_the_last_stage():
    bare = driver(FAST, inputs=2, load_F=50e-15).block
    line = driver(FAST, inputs=2, load_F=50e-15, load_ohm=50e3).block
    assert line.delay_s - bare.delay_s == near(math.log(2) * 0.5 * 50e3 * 50e-15, rel=0.2)
    assert line.energy_J == bare.energy_J


@given(exponent=st.integers(3, 16), factor=st.floats(1.05, 10))
@settings(max_examples=30, deadline=None)
def test_more_lines_and_longer_lines_cost_more(exponent, factor):
    lines, load = 2**exponent, 20e-15
    base = decoder(FAST, lines, [Line(load, 100.0)], across_F=10e-15)
    (gates,) = base.drivers
    more = decoder(FAST, 2 * lines, [Line(load, 100.0)], across_F=20e-15)
    assert more.drivers[0].leakage_W > gates.leakage_W
    assert more.predecoder.leakage_W > base.predecoder.leakage_W
    assert more.drivers[0].area_m2 > gates.area_m2
    assert (
        decoder(FAST, lines, [Line(load, 100 * factor)], across_F=10e-15).drivers[0].delay_s > gates.delay_s
    )
    assert (
        decoder(FAST, lines, [Line(load * factor, 100)], across_F=10e-15).drivers[0].energy_J > gates.energy_J
    )


@pytest.mark.parametrize("lines", [1, 2, 3, 5, 8, 9, 100, 512, 1 << 18])
def test_any_number_of_lines_can_be_decoded(lines):
    one = decoder(STANDBY, lines, [Line(1e-14, 100.0), Line(2e-14, 100.0)], across_F=1e-15)
    assert 0.0 < one.drivers[0].delay_s < one.drivers[1].delay_s
    assert one.predecoder.delay_s >= 0.0


COLUMN = ReadColumn(3500.0, 6500.0, 0.4, 0.01, 1e-13, 2000.0, 1e-15, 1.0)


def test_a_voltage_read_is_the_time_constant_times_the_logarithm():
    series = math.sqrt(3500.0 * 6500.0)
    low, high = (0.4 * ohm / (ohm + series) for ohm in (3500.0, 6500.0))
    step = 0.5 * (high - low)
    tau = 6500 * series / (6500 + series) * 1.01e-13 + 2000 * (0.5e-13 + 1e-15)
    assert voltage_read(COLUMN).delay_s == near(tau * math.log(step / (step - 0.01)))


def test_a_signal_too_small_is_told():
    with pytest.raises(InputError, match="less than twice the signal"):
        voltage_read(COLUMN._replace(read_V=0.05))


@given(resistance=st.floats(1.1, 20), voltage=st.floats(1.1, 2.0), ratio=st.floats(1.1, 5.0))
@settings(max_examples=40, deadline=None)
def test_a_voltage_read_responds_to_resistance_voltage_and_magnetoresistance(resistance, voltage, ratio):
    base = voltage_read(COLUMN).delay_s
    higher = COLUMN._replace(low_ohm=3500 * resistance, high_ohm=6500 * resistance)
    assert voltage_read(higher).delay_s > base
    assert voltage_read(COLUMN._replace(read_V=0.4 * voltage)).delay_s < base
    low = voltage_read(COLUMN._replace(high_ohm=3500 * ratio, low_ohm=3500.0, signal_V=0.004)).delay_s
    wide = voltage_read(COLUMN._replace(high_ohm=3500 * ratio * 1.2, low_ohm=3500.0, signal_V=0.004))
    # The slower state has more resistance, too; per time constant it needs less time.
    assert wide.delay_s / (3500 * ratio * 1.2) < low / (3500 * ratio)


def test_a_current_read_hardly_knows_the_cell():
    assert current_read(COLUMN._replace(low_ohm=35e3, high_ohm=65e3)).delay_s == near(
        current_read(COLUMN).delay_s, rel=0.25
    )
    assert current_read(COLUMN._replace(signal_V=0.001)) == current_read(COLUMN)
    infinite = current_read(COLUMN._replace(high_ohm=1e12, low_ohm=1e12)).delay_s
    assert infinite == near(math.log(2) * 0.5 * 2000 * 1e-13)


def test_a_column_switch_has_a_fifth_of_the_cell_or_the_least_width():
    assert switches(FAST, 256, 1, 3e3, 1e-15).block.area_m2 == 0.0
    assert switches(FAST, 256, 8, 1e3, 1e-15).ohm == near(200.0)
    wide = switches(FAST, 256, 8, 1e6, 1e-15)
    assert wide.ohm == near(resistance_n_ohm(FAST, 9 * F))
    slower = switches(FAST, 256, 16, 1e6, 1e-15)
    assert slower.block.delay_s > wide.block.delay_s


def test_a_latch_is_slower_for_a_smaller_signal_and_matches_its_pitch():
    one, small = latch(FAST, 64, 10 * F, 0.025), latch(FAST, 64, 10 * F, 0.005)
    assert small.block.delay_s / one.block.delay_s == near(math.log(200) / math.log(40))
    assert one.block.width_m == near(640 * F)
    assert latch(FAST, 64, 20 * F, 0.025).block.height_m < one.block.height_m


def test_precharge_and_write_drivers_grow_with_the_columns():
    few, many = (precharge(FAST, n, 10 * F, 5e-14, 1e3) for n in (64, 128))
    assert many.leakage_W > 1.9 * few.leakage_W
    assert many.energy_J > 1.9 * few.energy_J
    weak, strong = (write_drivers(STANDBY, 64, 15 * F, amperes) for amperes in (1e-4, 3e-4))
    assert strong.area_m2 > weak.area_m2
    assert strong.leakage_W == near(3 * weak.leakage_W)


@pytest.mark.parametrize("node", NODES)
def test_standby_transistors_are_slower_and_leak_less_at_every_node(node):
    fast = full_adder(process(node, flavour="high_performance"))
    standby = full_adder(process(node, flavour="low_standby_power"))
    assert standby.delay_s > fast.delay_s
    assert standby.leakage_W < 1e-2 * fast.leakage_W


def test_an_adder_shrinks_from_node_to_node():
    adders = [full_adder(process(node, flavour="high_performance")) for node in NODES]
    for larger, smaller in itertools.pairwise(adders):
        assert smaller.area_m2 < larger.area_m2
        assert smaller.energy_J < larger.energy_J
    # An 8 bit adder of a cell library at 45 nm takes some 30 fJ and 36 um^2 (Horowitz, ISSCC 2014).
    assert 0.5 < 8 * adders[1].energy_J / 30e-15 < 1.5
    assert 0.5 < 8 * adders[1].area_m2 / 36e-12 < 1.5


def test_an_adder_that_keeps_its_sum_pays_two_writes():
    plain = full_adder(STANDBY)
    keeping = kept(plain, digit_write_J=3e-13, write_time_s=1e-9, cell_area_m2=4e-13)
    assert (keeping.store_J, keeping.store_s) == (6e-13, 1e-9)
    assert keeping.area_m2 == near(plain.area_m2 + 8e-13)
    assert keeping.energy_J == plain.energy_J
    assert counter(STANDBY, 64, 8, keeping).area_m2 > counter(STANDBY, 64, 8).area_m2


def test_repeaters_are_where_more_or_fewer_would_be_slower():
    wire = FAST.long
    best = repeated(FAST, wire)
    small = FAST.smallest_m
    ohm = resistance_n_ohm(FAST, small)
    gates = gate_F(FAST, small * (1 + FAST.width_ratio))
    drains = drain_F(FAST, small, FAST.gate_height_m) + drain_F(
        FAST, small * FAST.width_ratio, FAST.gate_height_m
    )
    r, c = wire.resistance_ohm_per_m, wire.capacitance_F_per_m
    # Bakoglu: least delay per length 2 ln 2 (1 + sqrt((1 + p)/2)) sqrt(R0 C0 r c) with p = C_d/C_0.
    least = math.log(2) * math.sqrt(ohm * gates * r * c) * (2 + math.sqrt(2 * (1 + drains / gates)))
    assert best.delay_s_per_m == near(least)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 16, 100])
def test_a_grid_holds_as_many_as_asked_for(count):
    down, across = grid(count, 1.3, 0.7)
    assert count <= down * across < count + across
