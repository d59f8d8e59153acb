"""The ledger prices what the executor does: every operation fails once, and the failures are counted."""

import numpy as np
import pytest
from example_networks import residual_network

import spinpim as sp
from spinpim.array import EvenErrors, Faults
from spinpim.network.architectures import random_network

IMAGES = 2


def small(rows, columns):
    device = sp.Device.load("perpendicular_memory_60nm")
    cell, amplifier = sp.Cell.load("2t1r_45nm", device=device), sp.SenseAmp.load("strongarm_45nm")
    return sp.ArrayModel(cell, amplifier, rows, columns, write=sp.Estimate.from_counts(0, 1000))


NETWORKS = {
    "digits": lambda: sp.Network.load("digits_w1a4"),
    "residual": lambda: residual_network(3),
    "lenet": lambda: random_network("lenet5", weight_bits=2, activation_bits=3, seed=1),
}


@pytest.mark.parametrize("size", [(256, 128), (64, 32)])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_access_and_every_write_of_the_executor_is_in_the_ledger(name, size):
    network, array = NETWORKS[name](), small(*size)
    images = np.zeros((IMAGES, *network.input_shape), np.uint8)
    lines = sp.cost(array, network).layers
    always = Faults(EvenErrors(temporal=1.0), weight_write_error=1.0, activation_write_error=1.0)
    run = sp.execute(network, images, np.zeros(IMAGES, int), array, seed=1, faults=always)
    accesses = sum(line.mapping.and_operations + line.mapping.correction_operations for line in lines)
    assert run.flipped_reads[0] == IMAGES * accesses
    written = sum(line.mapping.activation_bits_written for line in lines)
    assert run.failed_activation_writes[0] == IMAGES * written
    assert run.failed_weight_writes[0] == sum(line.mapping.stored_bits for line in lines)
