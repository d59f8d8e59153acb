"""The sequence of operations has the energy and the time of the ledger, and the state that it says."""

import dataclasses
import math

import pytest
from nearly import near

import spinpim as sp
from spinpim.array import cost
from spinpim.array.baselines import baseline_cost
from spinpim.array.intermittency import work_of, work_of_baseline
from spinpim.array.ledger import sum_places
from spinpim.errors import InputError
from spinpim.network.architectures import random_network
from spinpim.network.digital_work import largest_waiting_bits, waiting_bits
from spinpim.params.changed_numbers import with_numbers


@pytest.fixture(scope="module")
def array():
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    return sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=sp.Estimate.from_counts(0, 1))


@pytest.mark.parametrize(("name", "bits"), [("lenet5", (1, 4)), ("svhn", (2, 2))])
def test_an_image_takes_the_energy_and_the_time_of_the_ledger(array, name, bits):
    network = random_network(name, weight_bits=bits[0], activation_bits=bits[1], seed=1)
    found, priced = work_of(array, network), cost(array, network)
    assert found.image_J == near(priced.energy_per_image_J, rel=1e-12)
    assert found.image_s == near(priced.latency_per_image_s, rel=1e-12)
    for one, line in zip(found.phases, priced.layers, strict=True):
        mapping = line.mapping
        assert one.operations == mapping.serial_row_activations
        rows = mapping.filters_per_group * bits[0] + mapping.corrected
        assert one.operations_per_window == mapping.activation_bits * rows
        # The accumulators of the sub-arrays, and one more where ones are counted.
        places = one.sum_bits / (mapping.sub_arrays + mapping.corrected * mapping.column_groups)
        assert places == sum_places(mapping)


def test_a_layer_is_made_again_from_the_layers_before_it(array):
    network = random_network("resnet18", weight_bits=1, activation_bits=1, seed=1)
    roomy = with_numbers(array.technology, {"buffer.capacity": 4e6})
    found = work_of(dataclasses.replace(array, technology=roomy), network).phases
    assert found[0].input_bits == 0
    assert found[1].input_bits == found[0].output_bits
    # The third layer follows a sum of two branches, one of which has real numbers.
    third = next(one for one in found if one.input_bits > found[0].output_bits)
    assert third.input_bits == found[0].output_bits + found[2].output_bits


def test_other_accelerators_take_what_their_ledger_says_and_read_lost_weights_again():
    network = random_network("lenet5", weight_bits=1, activation_bits=4, seed=1)
    weights = sum(layer.weight_codes.size for layer in network.layers)
    for name, lost in (
        ("yodann_65nm", True),
        ("cmos_mac8_45nm", True),
        ("sram_bitline_45nm", True),
        ("reram_bit_serial_45nm", False),
        ("imce_like_45nm", False),
    ):
        priced = baseline_cost(network, name)
        found = work_of_baseline(priced)
        assert found.image_J == near(priced.energy_per_image_J, rel=1e-12)
        assert found.image_s == near(priced.latency_per_image_s, rel=1e-12)
        assert found.keeping is None
        if lost:
            # 30 pJ for each digit of the weights, and what writing it takes.
            assert found.wake_J > 30e-12 * weights
            assert found.wake_J / found.wake_s == near(found.mean_power_W)
        else:
            assert found.wake_J == found.wake_s == 0.0


def test_weights_that_nothing_can_bring_back_are_told():
    network = random_network("lenet5", weight_bits=1, activation_bits=4, seed=1)
    priced = dataclasses.replace(baseline_cost(network, "yodann_65nm"), reload_J=None)
    with pytest.raises(InputError, match=r"loses its weights .* \[off_chip\]"):
        work_of_baseline(priced)


def test_what_waits_is_what_a_layer_takes_and_gives():
    network = random_network("lenet5", weight_bits=1, activation_bits=4, seed=1)
    waiting = waiting_bits(network)
    assert max(waiting) == largest_waiting_bits(network)
    shapes = [math.prod(shape) for shape in network.layer_input_shapes]
    last = network.layers[-1]
    # The last layer takes its activations and gives a real number for each class.
    assert waiting[-1] >= shapes[-1] * last.input_coding.bits


def test_the_row_operations_of_a_node_are_some_picojoules(array):
    network = sp.Network.load("digits_w1a4")
    for one in work_of(array, network).phases:
        assert 1e-12 < one.energy_J < 1e-9
        assert 1e-9 < one.time_s < 1e-7
