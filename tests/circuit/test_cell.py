import dataclasses
import math

import pytest

from spinpim.circuit import Cell
from spinpim.device import write_energy
from spinpim.errors import InputError
from spinpim.params import AmplifierFile, load_amplifier, load_cell, shipped_names


def test_supply_pays_once_for_currents_lines_and_gates(cell):
    pulse = cell.device.write_pulse("AP")
    write, read = cell.write_transistor, cell.read_transistor
    gates = write.gate_capacitance_F * 1.2**2 + read.gate_capacitance_F * 1.2**2
    lines = cell.write_line_capacitance_F + cell.bit_line_capacitance_F
    drawn = write_energy(cell.device, pulse, cell.write_supply_V).supply_J
    found = cell.write_energy(pulse).supply_J
    assert found == pytest.approx(drawn + lines * cell.write_supply_V**2 + gates, rel=1e-12)


def test_without_an_assist_the_bit_line_and_the_read_gate_stay_at_rest(cell):
    device = cell.device
    plain = device.replace(write=dataclasses.replace(device.write, mtj_voltage_V=0.0))
    pulse = plain.write_pulse("AP")
    gate = cell.write_transistor.gate_capacitance_F * 1.2**2
    drawn = write_energy(plain, pulse, cell.write_supply_V).supply_J
    found = cell.replace(device=plain).write_energy(pulse).supply_J
    assert found == pytest.approx(drawn + cell.write_line_capacitance_F + gate, rel=1e-12)


def test_default_write_energy_is_the_mean_of_both_directions(cell):
    both = [cell.write_energy(cell.device.write_pulse(to)).supply_J for to in ("P", "AP")]
    assert cell.write_energy_supply_J() == pytest.approx(0.5 * sum(both))


def test_write_energy_grows_with_current_and_width(cell):
    here = cell.write_energy_supply_J(200e-6, 1e-9)
    assert here < cell.write_energy_supply_J(300e-6, 1e-9)
    assert here < cell.write_energy_supply_J(200e-6, 2e-9)


def test_write_path_carries_the_recommended_current_both_ways(cell):
    assert cell.write_current_limit_A > cell.device.write.sot_current_A


def test_a_narrow_write_transistor_is_refused_with_its_limit(cell):
    narrow = cell.replace(write_transistor=cell.write_transistor.replace(width_m=200e-9))
    with pytest.raises(InputError, match=r"carries at most \d+ uA, but the pulse asks for 330 uA"):
        narrow.write_energy_supply_J()


@pytest.mark.parametrize("current_A", [0.0, -1e-6, math.nan, math.inf])
def test_a_write_current_without_a_meaning_is_refused(cell, current_A):
    with pytest.raises(InputError, match="sot_current_A must be a number, finite and above 0"):
        cell.write_energy_supply_J(current_A)


def test_read_path_holds_half_the_channel(cell):
    assert cell.read_path().series_ohm == pytest.approx(0.5 * cell.device.channel_resistance_ohm)


def test_a_hot_read_path_has_less_magnetoresistance_and_a_weaker_transistor(cell):
    cold, hot = cell.read_path(300.0), cell.read_path(360.0)
    assert hot.tunnel_magnetoresistance < cold.tunnel_magnetoresistance
    assert cell.read_transistor.on_resistance_ohm(1.0, 0.2, 360.0) > cell.read_transistor.on_resistance_ohm(
        1.0, 0.2, 300.0
    )


@pytest.mark.parametrize("device", [None, "perpendicular_memory_60nm", 3])
def test_a_cell_without_a_device_is_refused(device):
    with pytest.raises(InputError, match=r"device must come from Device\.load"):
        Cell.load("2t1r_45nm", device=device)


def test_an_unknown_attribute_is_refused(cell):
    with pytest.raises(InputError, match="Cell has no attribute"):
        cell.replace(read_current_A=1e-6)


def test_a_cell_is_frozen(cell):
    with pytest.raises(dataclasses.FrozenInstanceError):
        cell.row_pitch_m = 1.0


def test_every_number_of_the_shipped_cell_is_recorded(cell):
    assert 0 < cell.assumed_count < len(cell.records)
    assert all(record.source for record in cell.records if record.status != "assumed")


def test_an_assist_beyond_the_read_path_is_refused_with_the_remedy(cell):
    limit = cell.assist_voltage_limit_V
    settings = dataclasses.replace(cell.device.write, mtj_voltage_V=1.02 * limit)
    stronger = cell.replace(device=cell.device.replace(write=settings))
    with pytest.raises(InputError, match="assist word line"):
        stronger.write_energy(stronger.device.write_pulse("AP"))


def test_the_assist_limit_is_where_the_source_follower_carries_the_parallel_current(cell):
    limit = cell.assist_voltage_limit_V
    current = limit / cell.device.resistance_p_ohm
    source = limit + current * cell.series_resistance_ohm
    carried = cell.read_transistor.current_A(
        cell.assist_word_line_V, source, cell.write_supply_V, cell.device.temperature_K
    )
    assert carried == pytest.approx(current, rel=1e-6)
    boosted = cell.replace(assist_word_line_V=cell.assist_word_line_V + 0.2)
    assert boosted.assist_voltage_limit_V > limit


@pytest.mark.parametrize("name", shipped_names(AmplifierFile))
def test_what_lies_outside_the_simulated_range_is_assumed(name):
    for record in (*load_amplifier(name).records(), *load_cell("2t1r_45nm").records()):
        if "carried over" in record.where or "assumed" in record.where:
            assert record.status == "assumed"
        if record.where.startswith(("fit to", "same fit")):
            assert record.status == "fitted"


def test_the_shipped_bit_line_is_the_wire_along_the_shipped_cells():
    # A local wire of CACTI 7 at 45 nm: 0.26 fF/um and 4.2 ohm/um.
    cell = load_cell("2t1r_45nm")
    drain_F = 0.166e-15
    wire_F = cell.layout.row_pitch.si * 0.26e-9
    wire_ohm = cell.layout.row_pitch.si * 4.2e6
    assert cell.bit_line.capacitance_per_cell.si == pytest.approx(drain_F + wire_F, rel=0.01)
    assert cell.bit_line.write_capacitance_per_cell.si == pytest.approx(5.0 * drain_F + wire_F, rel=0.01)
    assert cell.bit_line.resistance_per_cell.si == pytest.approx(wire_ohm, rel=0.01)
