"""Levers on real machines: each changes the side it says, and a way ends where its steps lead."""

import dataclasses

import pytest
from nearly import near

from spinpim.array import cost
from spinpim.array.baselines import baseline_cost
from spinpim.params import at_band, load_baseline
from spinpim.study.comparison.bout import Bout, worst_error
from spinpim.study.comparison.levers import READING, Pair
from spinpim.study.comparison.ratios import merits
from spinpim.study.comparison.sides import baseline_side, memory_side

AREA_M2 = 2e-5


@pytest.fixture(scope="module")
def bout(memory, lenet):
    return Bout(lenet, memory, AREA_M2, {"nominal": merits(memory_side(memory, lenet), AREA_M2)})


@pytest.fixture(scope="module")
def file():
    return load_baseline("cmos_mac8_45nm")


def swing(bout, file, name, merit="energy"):
    (found,) = [one for one in bout.swings(file, "matched", merit) if one.lever == name]
    return found


def test_a_number_of_the_baseline_changes_the_baseline_alone(bout, file, memory, lenet):
    found = swing(bout, file, "mac_array.register_energy")
    low = baseline_cost(lenet, at_band(file, "low", {"mac_array.register_energy"})).energy_per_image_J
    assert found.ratios == (near(low / cost(memory, lenet).energy_per_image_J),)
    assert found.of == "baseline"


def test_a_batch_and_weights_inside_reach_the_baseline(bout, file, memory, lenet):
    mine = cost(memory, lenet).energy_per_image_J
    for name, options in zip(READING, ({"batch": 8}, {"weights_inside": True}), strict=True):
        theirs = baseline_side(lenet, file, "matched", **options).energy_J
        assert swing(bout, file, name).ratios == (near(theirs / mine),)
        assert name not in {one.lever for one in bout.swings(file, "matched", "speed")}


def test_other_digits_reach_the_baseline(bout, file, memory, lenet):
    native = baseline_cost(lenet, file, precision="native").energy_per_image_J
    found = swing(bout, file, "digits of the baseline")
    assert found.ratios == (near(native / cost(memory, lenet).energy_per_image_J),)


def test_what_cannot_be_built_is_told_with_its_reason(bout, file):
    found = swing(bout, file, "sense amplifier")
    assert len(found.labels) == len(found.ratios) == len(found.errors)
    assert any(text.startswith("latch 45nm: ") for text in found.refused)


def test_the_end_of_a_way_is_what_its_steps_make(bout, file, memory, lenet):
    swings = bout.swings(file, "matched", "energy")
    nominal = baseline_cost(lenet, file).energy_per_image_J / cost(memory, lenet).energy_per_image_J
    steps, end = bout.way(file, "matched", "energy", 1e9, nominal, swings)
    assert len(steps) > 3
    assert {step.kind for step in steps} >= {"number", "design"}
    mine = memory_side(end.array, lenet).energy_J
    theirs = baseline_side(
        lenet, end.file, end.precision, batch=end.batch, weights_inside=end.weights_inside
    ).energy_J
    assert steps[-1].ratio == near(theirs / mine)
    assert bout.ratio_at(end, "energy") == near(theirs / mine)
    assert end.array is not memory
    assert end.file is not file


def test_a_ratio_of_an_unchanged_pair_is_the_nominal_one(bout, file, memory, lenet):
    found = bout.ratio_at(Pair(memory, file, "matched"), "speed_once")
    theirs, mine = baseline_cost(lenet, file), cost(memory, lenet)
    assert found == near(theirs.interval_per_image_s / mine.interval_per_image_s)


def test_the_error_is_static_and_temporal_of_the_worst_pattern(memory):
    sensing = memory.sensing
    both = {name: sensing.error_static[name] + sensing.error_temporal[name] for name in sensing.patterns}
    assert worst_error(memory) == max(both.values()) > max(sensing.error_static.values())
    assert worst_error(dataclasses.replace(memory, rows=64)) != worst_error(memory)
