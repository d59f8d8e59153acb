"""Technology files: what is shipped, what must hold from node to node, and units of their own."""

import itertools

import pytest
from nearly import near

from spinpim.errors import InputError
from spinpim.params import TechnologyFile, load_technology, parse, shipped_names
from spinpim.params.units import to_si

NODES = ("cmos_65nm", "cmos_45nm", "cmos_32nm", "cmos_28nm", "cmos_22nm")
FLAVOURS = ("high_performance", "low_operating_power", "low_standby_power")


def test_the_five_nodes_are_shipped():
    assert set(shipped_names(TechnologyFile)) == set(NODES)


@pytest.mark.parametrize("name", NODES)
def test_every_number_says_where_it_is_from_and_none_passes_for_measured(name):
    records = load_technology(name).records()
    assert all(record.where for record in records)
    assert {record.status for record in records} == {"assumed"}


@pytest.mark.parametrize("name", NODES)
def test_fast_transistors_leak_most_and_standby_transistors_least(name):
    file = load_technology(name)
    fast, saving, standby = (getattr(file, flavour) for flavour in FLAVOURS)
    for key in ("off_current_n_300K", "off_current_n_350K", "off_current_p_400K"):
        assert getattr(fast, key).si > getattr(saving, key).si > getattr(standby, key).si
    assert fast.on_current_n_300K.si > max(saving.on_current_n_300K.si, standby.on_current_n_300K.si)
    assert fast.threshold_voltage.si < saving.threshold_voltage.si < standby.threshold_voltage.si


@pytest.mark.parametrize(("name", "flavour"), [*itertools.product(NODES, FLAVOURS)])
def test_heat_weakens_and_opens_transistors(name, flavour):
    one = getattr(load_technology(name), flavour)
    assert one.on_current_n_400K.si < one.on_current_n_300K.si
    assert one.on_current_p_400K.si < one.on_current_p_300K.si
    assert one.off_current_n_300K.si < one.off_current_n_350K.si < one.off_current_n_400K.si
    assert one.off_current_p_300K.si < one.off_current_p_350K.si < one.off_current_p_400K.si


def test_wires_become_narrower_from_node_to_node():
    pitches = [load_technology(name).local_aggressive.pitch.si for name in NODES]
    assert pitches == sorted(pitches, reverse=True)


def test_the_node_between_lies_between():
    large, middle, small = (load_technology(name).high_performance for name in NODES[2:])
    for key in ("gate_length", "on_current_n_300K", "gate_capacitance", "off_current_n_350K"):
        ends = sorted((getattr(large, key).si, getattr(small, key).si))
        assert ends[0] < getattr(middle, key).si < ends[1]


def test_a_current_per_width_is_no_field():
    assert to_si(280, "nA/um", "A m^-1") == near(0.28)
    with pytest.raises(ValueError, match="of another kind"):
        to_si(1, "T", "A m^-1")


def test_a_forgotten_prefix_is_told():
    path = load_technology("cmos_45nm").path
    text = path.read_text().replace('value = 18, unit = "nm"', 'value = 18, unit = "um"', 1)
    with pytest.raises(InputError, match=r"high_performance\.gate_length is 18 um .*outside"):
        parse(TechnologyFile, text, "mine.toml")
