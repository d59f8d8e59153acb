"""Each lever moves what its name says, and nothing else."""

import dataclasses

import pytest
from nearly import near

from spinpim.array import cost
from spinpim.errors import InputError
from spinpim.params import BoundedQuantity, load_baseline, with_numbers
from spinpim.study.comparison.levers import (
    FACTORS,
    Pair,
    accounting_levers,
    baseline_numbers,
    baseline_of,
    design_levers,
    memory_numbers,
)


@pytest.fixture(scope="module")
def pair(memory):
    return Pair(memory, load_baseline("reram_prime_like_45nm"), "matched")


def numbers(file):
    return {record.key: record.value_si for record in file.records()}


def bounded(file):
    return {
        f"{section}.{key}"
        for section, content in file.sections()
        for key, number, _ in content.quantities()
        if isinstance(number, BoundedQuantity) and number.low_si < number.high_si
    }


def test_there_is_a_lever_for_each_number_with_bounds(pair):
    assert {lever.name for lever in memory_numbers(pair.array.technology)} == bounded(pair.array.technology)
    assert {lever.name for lever in baseline_numbers(pair.file)} == bounded(pair.file)


def test_a_number_is_moved_to_its_bounds_alone(pair):
    for of_memory, levers in (
        (True, memory_numbers(pair.array.technology)),
        (False, baseline_numbers(pair.file)),
    ):
        for lever in levers:
            for end in lever.ends:
                there = end.change(pair)
                before, after = (
                    numbers(one.array.technology if of_memory else one.file) for one in (pair, there)
                )
                changed = {key for key in before if before[key] != after[key]}
                assert changed == {lever.name}
                assert there.precision == pair.precision
                assert (there.file if of_memory else there.array) is (pair.file if of_memory else pair.array)


def test_the_design_is_changed_as_the_lever_says(pair):
    levers = {lever.name: lever for lever in design_levers(pair.array)}
    assert set(FACTORS) < set(levers)
    before = pair.array

    def end(name, label):
        (found,) = [one for one in levers[name].ends if one.label == label]
        return found.change(pair).array

    device = before.cell.device
    assert end("tunnel magnetoresistance", "times 2").cell.device.tunnel_magnetoresistance == near(
        2.0 * device.tunnel_magnetoresistance
    )
    assert (
        end("read current per row", "times 0.5").cell.read_current_per_row_A
        == 0.5 * before.cell.read_current_per_row_A
    )
    better = end("spin Hall angle", "times 2").cell.device
    assert better.spin_hall_angle == 2.0 * device.spin_hall_angle
    assert better.write.sot_current_A == 0.5 * device.write.sot_current_A
    assert end("rows of a sub-array", "times 2").rows == 2 * before.rows
    assert end("columns of a sub-array", "times 0.5").columns == before.columns // 2
    smaller = end("area of a cell", "times 0.4").cell
    assert smaller.area_m2 == near(0.4 * before.cell.area_m2)
    assert smaller.row_pitch_m / smaller.column_pitch_m == near(
        before.cell.row_pitch_m / before.cell.column_pitch_m
    )
    assert end("sense amplifier", "current clamp 45nm").amplifier.name == "current_clamp_45nm"
    assert end("transistors of the periphery", "high performance").cmos.flavour == "high_performance"
    share = end("share of rows for weights", "0.75").technology.organisation.weight_row_fraction
    assert share.si == 0.75
    assert end("sums kept without supply", "each addition").technology.counter.sums_kept == "each_addition"


def test_what_cannot_be_built_is_told(pair):
    levers = {lever.name: lever for lever in design_levers(pair.array)}
    refused = [one for one in levers["sense amplifier"].ends if one.label == "latch 45nm"]
    with pytest.raises(InputError, match="latch_45nm"):
        refused[0].change(pair)


def test_more_current_costs_more_to_sense(pair, lenet):
    levers = {lever.name: lever for lever in design_levers(pair.array)}
    costs = [cost(end.change(pair).array, lenet) for end in levers["read current per row"].ends]
    less, more = (found.energy_breakdown_J["sensing"] for found in costs)
    assert less < cost(pair.array, lenet).energy_breakdown_J["sensing"] < more


@pytest.mark.parametrize(("precision", "other"), [("matched", "native"), ("native", "matched")])
def test_counting_at_other_digits_is_a_lever(pair, precision, other):
    (lever,) = accounting_levers(pair.array, pair.file, precision)
    assert lever.ends[0].change(pair).precision == other


def test_where_weights_are_read_again_batches_and_larger_buffers_are_levers(pair, lenet):
    mine = dataclasses.replace(pair, file=load_baseline("cmos_mac8_45nm"))
    _, shared, inside = accounting_levers(mine.array, mine.file, "matched")
    assert shared.ends[0].change(mine).batch == 8
    held = inside.ends[0].change(mine)
    assert held.weights_inside
    small = dataclasses.replace(held, file=with_numbers(mine.file, {"buffer.capacity": 4096}))
    before, after = (
        baseline_of(one, lenet) for one in (dataclasses.replace(small, weights_inside=False), small)
    )
    assert before.energy_by_group_J["external memory"] > 0.0
    assert after.energy_by_group_J["external memory"] == 0.0
    assert after.area_m2 > before.area_m2


def test_another_node_is_a_lever_and_scales_energy_alone(pair, lenet):
    mine = dataclasses.replace(pair, file=load_baseline("yodann_65nm"))
    *_, lever = accounting_levers(mine.array, mine.file, "matched")
    assert (lever.name, lever.ends[0].label) == ("node of the baseline", "45 nm, 1 V")
    before, after = baseline_of(mine, lenet), baseline_of(lever.ends[0].change(mine), lenet)
    assert after.node_m == near(45e-9)
    assert after.energy_J < 0.6 * before.energy_J
    assert after.area_m2 < 0.6 * before.area_m2
    assert after.interval_s == before.interval_s
    names = {one.name for one in accounting_levers(mine.array, load_baseline("sram_bitline_45nm"), "matched")}
    assert "node of the baseline" not in names
