"""Figures of the sub-array by part, as the ledger takes them: sums, scaling, and an independent model's."""

import dataclasses

import pytest
from nearly import near

from spinpim.array.geometry import sub_array
from spinpim.array.periphery.adders import full_adder
from spinpim.array.periphery.gates import gate_F
from spinpim.array.periphery.process import process
from spinpim.array.periphery.sub_array import CellLoad
from spinpim.errors import InputError

CMOS = process("cmos_45nm")
F = CMOS.feature_m
GATE_F = 1.2e-16
LOAD = CellLoad(69**0.5 * F, 69**0.5 * F, GATE_F, 5 * GATE_F, 2e-16, 5e3, 1.0, 1.2, 1e-4, 1.1)


def figures(rows, columns, cmos=CMOS, **changes):
    return sub_array(rows, columns, cmos=cmos, load=LOAD, amplifier_area_m2=4e-12, **changes)


def test_areas_and_energies_scale_with_rows_and_columns():
    base, tall, wide = figures(256, 128), figures(512, 128), figures(256, 256)
    assert tall.cell_area_m2 == near(2 * base.cell_area_m2)
    assert tall.row_periphery_area_m2 == near(2 * base.row_periphery_area_m2, rel=0.1)
    assert wide.column_periphery_area_m2 == near(2 * base.column_periphery_area_m2, rel=0.2)
    assert wide.word_line_energy_J == near(2 * base.word_line_energy_J, rel=0.1)
    assert wide.word_line_delay_s > base.word_line_delay_s
    assert tall.decode_delay_s > base.decode_delay_s
    assert tall.leakage_W > base.leakage_W


def test_a_word_line_swings_wire_and_gates():
    line_F = 128 * (CMOS.local.capacitance_F_per_m * LOAD.column_pitch_m + GATE_F)
    one = figures(256, 128)
    # The chain of its driver adds about a third.
    assert 1.1 * line_F < one.word_line_energy_J / CMOS.supply_V**2 < 1.6 * line_F


def test_a_write_swings_the_word_lines_of_write_and_assist():
    wire_F = 128 * CMOS.local.capacitance_F_per_m * LOAD.column_pitch_m
    swung = (wire_F + 128 * 5 * GATE_F) * 1.2**2 + (wire_F + 128 * GATE_F) * 1.1**2
    assert swung < figures(256, 128).write_word_line_energy_J < 1.6 * swung


def test_a_wider_adder_takes_area_and_leaks():
    wide, narrow = figures(256, 128), figures(256, 128, digit_places=8)
    saved = 8 * 2 * full_adder(CMOS).area_m2
    assert wide.counter_area_m2 - narrow.counter_area_m2 == near(saved)
    assert wide.leakage_W > narrow.leakage_W


def test_check_columns_are_sensed_and_not_counted():
    plain, checked = figures(256, 128), figures(256, 128, check_columns=8)
    assert checked.columns == 136
    assert checked.cell_area_m2 > plain.cell_area_m2
    assert checked.counter_area_m2 == plain.counter_area_m2


def test_the_parts_make_up_the_area():
    one = figures(256, 128)
    parts = (
        one.cell_area_m2,
        one.row_periphery_area_m2,
        one.column_periphery_area_m2,
        one.counter_area_m2,
    )
    assert one.area_m2 == near(sum(parts))
    assert one.cell_share == near(one.cell_area_m2 / one.area_m2)


def test_an_amplifier_leaks_through_its_tail():
    closed, open_ = figures(256, 128), figures(256, 128, amplifier_closed_m=1e-6)
    assert open_.leakage_W - closed.leakage_W == near(128 * 1e-6 * CMOS.off_n_A_per_m * CMOS.supply_V)


def test_a_sub_array_without_rows_is_refused():
    with pytest.raises(InputError, match="rows must be a whole number from 1"):
        figures(0, 128)


def test_a_sub_array_of_512_by_256_has_the_area_and_decoder_of_nvsim():
    # NVSim (Dong et al., 2012) with a cell of 69 F^2 at 45 nm, high performance, 350 K, voltage sensing, run
    # by ourselves: 23,339 um^2, predecoder and row decoder 0.263 ns. Counters, write drivers, the write word
    # line and the second decoder of two-row operations, which NVSim does not have, are left out here, too.
    fast = process("cmos_45nm", flavour="high_performance", temperature_K=350.0, wires="aggressive")
    load = LOAD._replace(read_gate_F=gate_F(fast, 8 * F), write_gate_F=0.0, write_current_A=0.0)
    ours = sub_array(512, 256, cmos=fast, load=load, amplifier_area_m2=0.8e-12)
    area = ours.area_m2 - ours.counter_area_m2 - 0.5 * ours.row_periphery_area_m2
    assert area / 23.339e-9 == pytest.approx(1.0, abs=0.25)
    assert (ours.decode_delay_s + ours.word_line_delay_s) / 0.263e-9 == pytest.approx(1.0, abs=0.25)


def test_figures_follow_the_process():
    warm = process("cmos_45nm", temperature_K=350.0)
    assert figures(256, 128, cmos=warm).leakage_W > 5 * figures(256, 128).leakage_W
    lower = dataclasses.replace(CMOS, supply_V=0.9)
    assert figures(256, 128, cmos=lower).decode_energy_J == near(0.81 * figures(256, 128).decode_energy_J)
