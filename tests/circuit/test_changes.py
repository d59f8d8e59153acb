"""Changed cells and amplifiers: what cannot be is refused, and what was changed has lost its source."""

import dataclasses
import math

import pytest

from spinpim.circuit import Cell, SenseAmp
from spinpim.circuit.amplifier_figures import KEYS, amplifier_figures
from spinpim.circuit.amplifier_parts import (
    CurrentClamp,
    DevicePair,
    OffsetCancellation,
)
from spinpim.circuit.cell_parts import cell_figures
from spinpim.circuit.file_ranges import AMPLIFIER
from spinpim.device import Device
from spinpim.errors import InputError


def by_key(one):
    return {record.key: record for record in one.records}


@pytest.mark.parametrize("name", ["cell", "amplifier", "small_amplifier", "clamp_amplifier"])
def test_every_number_of_a_loaded_file_is_found_again_by_its_key(name, request):
    loaded = request.getfixturevalue(name)
    figures = cell_figures(loaded) if isinstance(loaded, Cell) else amplifier_figures(loaded)
    records = by_key(loaded)
    assert figures.keys() == records.keys()
    for key, figure in figures.items():
        assert (figure.value, figure.sigma) == pytest.approx((records[key].value_si, records[key].sigma_si))
        assert figure.unit in ("", records[key].unit_si)


@pytest.mark.parametrize(
    ("change", "key", "value", "sigma"),
    [
        ({"bit_line_cells": 64}, "bit_line.cells", 64.0, 0.0),
        ({"read_current_per_row_A": 10e-6}, "read.current_per_row", 10e-6, 0.1e-6),
        ({"read_current_sigma": 0.02}, "read.current_per_row", 13e-6, 0.26e-6),
        ({"capacitance_per_cell_F": 1e-15}, "bit_line.capacitance_per_cell", 1e-15, 0.0),
    ],
)
def test_a_changed_number_of_a_cell_is_assumed_and_the_others_keep_their_source(
    cell, change, key, value, sigma
):
    before, after = by_key(cell), by_key(cell.replace(**change))
    changed = after.pop(key)
    assert (changed.value_si, changed.sigma_si) == pytest.approx((value, sigma))
    assert (changed.status, changed.source, changed.where) == ("assumed", "", "changed in a script")
    assert changed.text.startswith(f"{value:.6g}")
    del before[key]
    assert after == before


def test_a_number_set_to_itself_keeps_its_source(cell, amplifier):
    assert cell.replace(access_time_s=cell.access_time_s).records == cell.records
    assert amplifier.replace(area_scale=amplifier.area_scale).records == amplifier.records


def test_a_technology_that_the_transistors_no_longer_share_has_no_record(cell):
    read = cell.read_transistor.replace(matching_V_m=3e-9, width_m=300e-9)
    after = by_key(cell.replace(read_transistor=read))
    assert "technology.matching" not in after
    assert after["read_transistor.width"].value_si == 300e-9
    assert after["write_transistor.width"] == by_key(cell)["write_transistor.width"]
    write = cell.write_transistor.replace(matching_V_m=3e-9)
    reset = cell.reset_transistor.replace(matching_V_m=3e-9)
    both = by_key(cell.replace(read_transistor=read, write_transistor=write, reset_transistor=reset))
    assert both["technology.matching"].value_si == 3e-9
    assert both["technology.matching"].status == "assumed"


def test_a_device_that_is_exchanged_leaves_the_records_of_the_cell_alone(cell):
    assert cell.replace(device=Device.load("in_plane_y_memory")).records == cell.records


def test_records_may_be_given_with_the_change(cell):
    assert cell.replace(bit_line_cells=64, records=()).records == ()


@pytest.mark.parametrize("name", KEYS)
def test_a_changed_number_of_an_amplifier_is_assumed(small_amplifier, name):
    file_range = AMPLIFIER[KEYS[name]]
    value = 0.999 * getattr(small_amplifier, name) + 0.001 * file_range.high
    changed = by_key(small_amplifier.replace(**{name: value}))[KEYS[name]]
    assert changed.value_si == value
    assert (changed.status, changed.source) == ("assumed", "")


def test_parts_of_an_amplifier_carry_their_own_records(amplifier, clamp_amplifier):
    cancelled = amplifier.replace(cancellation=OffsetCancellation(0.25, 0.3e-3, 1e-9, 20e-15))
    added = by_key(cancelled).keys() - by_key(amplifier).keys()
    assert len(added) == 4
    assert cancelled.assumed_count == amplifier.assumed_count + 4
    assert by_key(cancelled)["offset_cancellation.extra_time"].text == "1e-09 s"
    assert cancelled.replace(cancellation=None).records == amplifier.records
    load = dataclasses.replace(clamp_amplifier.clamp, transresistance_ohm=22e3)
    doubled = by_key(clamp_amplifier.replace(clamp=load))["clamp.transresistance"]
    assert (doubled.value_si, doubled.sigma_si) == pytest.approx((22e3, 22e3 * load.transresistance_sigma))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "1", None, True, [1.0]])
def test_what_is_not_a_finite_number_is_refused_everywhere(cell, amplifier, value):
    for one, names in (
        (cell.read_transistor, [field.name for field in dataclasses.fields(cell.read_transistor)]),
        (cell, ["supply_V", "bit_line_cells", "read_current_sigma", "settling_residual", "row_pitch_m"]),
        (amplifier, list(KEYS)),
    ):
        for name in names:
            with pytest.raises(InputError, match=rf"^{name} must be a (whole )?number"):
                one.replace(**{name: value})


@pytest.mark.parametrize(
    "change",
    [
        {"bit_line_cells": -3},
        {"bit_line_cells": 0},
        {"bit_line_cells": 64.0},
        {"reference_column_pairs": 0},
        {"reference_shared_by": 1.5},
        {"reference_shared_by": 10**400},
        {"read_current_sigma": 1.5},
        {"supply_V": 10**400},
    ],
)
def test_what_is_no_number_of_its_kind_is_refused_by_a_cell_with_its_name(cell, change):
    with pytest.raises(InputError, match=rf"^{next(iter(change))} must be a (whole )?number"):
        cell.replace(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"supply_V": 0.0},
        {"access_time_s": 1e308},
        {"fixed_capacitance_F": 1e-320},
        {"bit_line_cells": 10**6},
        {"read_current_per_row_A": -1e-6},
        {"source_headroom_V": 0.0},
        {"capacitance_per_cell_F": -1e-16},
        {"settling_residual": 0.0},
        {"settling_residual": 1.0},
        {"reset_residual": 0.0},
        {"column_pitch_m": -1e-13},
    ],
)
def test_an_impossible_number_of_a_cell_is_refused_with_its_name(cell, change):
    with pytest.raises(
        InputError, match=rf"^{next(iter(change))} \([a-z_.]+ of a file\) is .*, outside .*\."
    ):
        cell.replace(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"area_scale": -1},
        {"time_constant_s": 1e308},
        {"unit_input_capacitance_F": 1.0},
        {"area_scale": 0.0},
        {"matching_V_m": -1e-9},
        {"resolution_V": 0.0},
        {"supply_V": -1.0},
    ],
)
def test_an_impossible_number_of_an_amplifier_is_refused_with_its_name(amplifier, change):
    with pytest.raises(
        InputError, match=rf"^{next(iter(change))} \([a-z_.]+ of a file\) is .*, outside .*\."
    ):
        amplifier.replace(**change)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"device": "perpendicular_memory_60nm"}, r"device of the cell must come from Device\.load"),
        ({"read_transistor": 200e-9}, "read_transistor of the cell must come from"),
        ({"reset_transistor": 1e-6}, "reset_transistor of the cell must come from"),
        ({"write_transistor": None}, "write_transistor of the cell must come from"),
    ],
)
def test_parts_of_another_kind_are_refused_by_a_cell(cell, change, sentence):
    with pytest.raises(InputError, match=sentence):
        cell.replace(**change)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pairs": ()}, "pairs must be a tuple of one or more DevicePair"),
        ({"pairs": [1.0]}, "pairs must be a tuple of one or more DevicePair"),
        ({"clamp": 0.2}, "clamp of the amplifier must come from CurrentClamp"),
        ({"cancellation": 0.25}, "cancellation of the amplifier must come from OffsetCancellation"),
        ({"common_mode_maximum_V": 0.0}, "common_mode_minimum_V must be below common_mode_maximum_V"),
    ],
)
def test_parts_of_another_kind_are_refused_by_an_amplifier(amplifier, change, sentence):
    with pytest.raises(InputError, match=sentence):
        amplifier.replace(**change)


@pytest.mark.parametrize(
    ("part", "arguments"),
    [
        (DevicePair, (0.0, 50e-9, 1.0)),
        (DevicePair, (540e-9, 50e-9, -1.0)),
        (OffsetCancellation, (1.5, 0.0, 0.0, 0.0)),
        (OffsetCancellation, (0.5, 0.0, -1e-9, 0.0)),
        (CurrentClamp, (0.2, 0.001, math.nan, 0.0, 1e3, 5e-15)),
        (CurrentClamp, (0.2, -0.001, 11e3, 0.0, 1e3, 5e-15)),
    ],
)
def test_an_impossible_part_is_refused(part, arguments):
    with pytest.raises(InputError, match=r"must be a number|of a file\) is .*, outside"):
        part(*arguments)


def test_unknown_attributes_are_refused_by_all_three(cell):
    for one in (cell, cell.read_transistor, SenseAmp.load("strongarm_45nm")):
        with pytest.raises(InputError, match=rf"{type(one).__name__} has no attribute \['colour'\]"):
            one.replace(colour=1.0)
