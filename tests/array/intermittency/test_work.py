"""The sequence of operations has the energy and the time of the ledger, and the state that it says."""

import math

import pytest
from nearly import near

import spinpim as sp
from spinpim.array import cost
from spinpim.array.intermittency.work import phases
from spinpim.network.architectures import random_network
from spinpim.network.digital_work import largest_waiting_bits, waiting_bits


@pytest.fixture(scope="module")
def array():
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    return sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=sp.Estimate.from_counts(0, 1))


@pytest.mark.parametrize(("name", "bits"), [("lenet5", (1, 4)), ("svhn", (2, 2))])
def test_an_image_takes_the_energy_and_the_time_of_the_ledger(array, name, bits):
    network = random_network(name, weight_bits=bits[0], activation_bits=bits[1], seed=1)
    found, priced = phases(array, network), cost(array, network)
    assert math.fsum(one.whole_energy_J for one in found) == near(priced.energy_per_image_J, rel=1e-12)
    assert math.fsum(one.whole_time_s for one in found) == near(priced.latency_per_image_s, rel=1e-12)
    for one, layer in zip(found, priced.layers, strict=True):
        assert one.operations == layer.mapping.serial_row_activations
        # At most the accumulators of the sub-arrays, and one image at a time in the buffer.
        assert 0 < one.sum_bits <= layer.mapping.sub_arrays * 32
        assert one.operations_per_sum == layer.mapping.weight_bits * layer.mapping.activation_bits


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
    for one in phases(array, network):
        assert 1e-12 < one.energy_J < 1e-9
        assert 1e-9 < one.time_s < 1e-7
