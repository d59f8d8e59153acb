"""Machines of all kinds as one kind of value: nothing is lost on the way."""

import dataclasses
import math

import pytest
from nearly import near

from spinpim.array import cost
from spinpim.array.baselines import COMPONENTS, baseline_cost
from spinpim.array.baselines.sizing import sized_for
from spinpim.array.ledger import digital_time_s
from spinpim.errors import InputError
from spinpim.network.digital_work import largest_waiting_bits
from spinpim.params import BANDS, BaselineFile, load_baseline, shipped_names, with_numbers
from spinpim.study.comparison.sides import GROUPS, baseline_side, grouped, memory_side

EVERY = shipped_names(BaselineFile)


def test_every_component_of_every_ledger_is_under_one_heading(memory, lenet):
    grouped_names = [name for names in GROUPS.values() for name in names]
    assert len(grouped_names) == len(set(grouped_names))
    assert set(grouped_names) == {*COMPONENTS, *cost(memory, lenet).energy_breakdown_J}


def test_the_memory_is_that_of_the_ledger(memory, lenet):
    side, found = memory_side(memory, lenet), cost(memory, lenet)
    assert side.energy_J == found.energy_per_image_J
    assert side.area_m2 == found.area_m2
    assert (side.latency_s, side.interval_s) == (found.latency_per_image_s, found.interval_per_image_s)
    assert side.enlarged == ()
    held = sum(layer.mapping.sub_arrays for layer in found.layers)
    assert side.bits == held * 256 * 128 + memory.technology.buffer.capacity.si


@pytest.mark.parametrize("precision", ["matched", "native"])
@pytest.mark.parametrize("name", EVERY)
def test_a_baseline_is_that_of_its_ledger(name, precision, lenet):
    file = load_baseline(name)
    sized = sized_for(lenet, file, precision)
    for band in BANDS:
        side = baseline_side(lenet, file, precision, band)
        found = baseline_cost(lenet, sized, precision=precision, band=band)
        assert side.energy_J == found.energy_per_image_J
        assert (side.area_m2, side.interval_s) == (found.area_m2, found.interval_per_image_s)


@pytest.mark.parametrize("name", ["memory", *EVERY])
def test_layers_and_what_they_share_make_up_area_energy_and_time(name, memory, lenet):
    side = (
        memory_side(memory, lenet)
        if name == "memory"
        else baseline_side(lenet, load_baseline(name), "native")
    )
    assert math.fsum(side.energy_by_group_J.values()) == near(side.energy_J, rel=1e-12)
    parts_m2 = side.shared_area_m2 + math.fsum(stage.area_m2 for stage in side.stages)
    if name != "memory" and load_baseline(name).structure == "crossbar":
        # Idle crossbars of the last tile belong to no layer.
        assert 0.0 < parts_m2 < side.area_m2
    else:
        assert parts_m2 == near(side.area_m2, rel=1e-9)
    assert side.shared_bits + math.fsum(stage.bits for stage in side.stages) == near(side.bits)
    assert max(stage.time_s(1) for stage in side.stages) == near(side.interval_s)
    for stage in side.stages:
        times = [stage.time_s(copies) for copies in (1, 2, stage.windows)]
        assert times == sorted(times, reverse=True)


def test_a_chip_is_enlarged_for_a_network_and_says_so(lenet):
    small = with_numbers(
        load_baseline("sram_bitline_45nm"), {"bitline.sub_arrays": 3, "buffer.capacity": 4096}
    )
    for changes, sentence in (({}, "the buffers hold"), ({"buffer.capacity": 1e8}, "and the chip has 3")):
        with pytest.raises(InputError, match=sentence):
            baseline_cost(lenet, with_numbers(small, changes))
    side = baseline_side(lenet, small, "matched")
    sized = sized_for(lenet, small, "matched")
    assert set(side.enlarged) == {
        f"bitline.sub_arrays {sized.bitline.sub_arrays.si:.0f}",
        f"buffer.capacity {sized.buffer.capacity.si:.0f}",
    }
    arrays = sum(layer.counts["arrays"] for layer in baseline_cost(lenet, sized).layers)
    assert sized.bitline.sub_arrays.si == arrays > 3


def test_crossbars_are_enlarged_by_whole_tiles(lenet):
    small = with_numbers(load_baseline("isaac_32nm"), {"crossbar.tiles": 1, "crossbar.crossbars_per_tile": 2})
    with pytest.raises(InputError, match="crossbars and the chip has 2"):
        baseline_cost(lenet, small)
    sized = sized_for(lenet, small, "native")
    crossbars = sum(
        layer.counts["arrays"] for layer in baseline_cost(lenet, sized, precision="native").layers
    )
    assert sized.crossbar.tiles.si == math.ceil(crossbars / 2)


def test_the_buffer_of_the_memory_is_enlarged_too(memory, lenet):
    small = with_numbers(memory.technology, {"buffer.capacity": 4096})
    side = memory_side(dataclasses.replace(memory, technology=small), lenet)
    assert side.enlarged == (f"buffer.capacity {largest_waiting_bits(lenet)}",)
    with pytest.raises(InputError, match=r"buffer\.capacity is 4096"):
        cost(dataclasses.replace(memory, technology=small), lenet)


def test_the_digital_unit_is_what_the_layers_of_the_memory_share(memory, lenet):
    side, prices = memory_side(memory, lenet), memory.prices()
    assert side.shared_s == near(sum(digital_time_s(mapping, prices) for mapping in memory.map(lenet)))
    shared = cost(memory, lenet).area_breakdown_m2
    assert side.shared_area_m2 == near(shared["digital unit"] + shared["buffer"])


def test_a_network_that_fits_leaves_the_file_alone(lenet):
    file = load_baseline("isaac_32nm")
    assert sized_for(lenet, file, "matched") is file


def test_headings_sum_lines():
    found = grouped([{"sensing": 1.0, "cells": 2.0}, {"converters": 4.0, "static": 8.0}])
    assert found["cells, sensing, conversion"] == 7.0
    assert found["static"] == 8.0
    assert math.fsum(found.values()) == 15.0
