"""Lines that expect wrong answers."""

import numpy as np
import pytest
from example_networks import residual_network

from spinpim.array import EvenErrors, Faults
from spinpim.array.bit_path import BitPath
from spinpim.array.machine import Chip, draw_chip
from spinpim.array.mapping import map_network
from spinpim.errors import InputError
from spinpim.network import Network
from spinpim.network.datasets import load_dataset
from spinpim.network.recentring import recentred
from spinpim.network.reference import node_outputs

RATE = 0.03


@pytest.mark.parametrize("errors", [EvenErrors(temporal=RATE), EvenErrors(static=RATE)])
def test_the_mean_of_the_first_layer_is_that_without_errors(errors):
    # The last layer hands on real numbers: its mean over chips is looked at, for images of chosen codes.
    network = Network.load("digits_w1a4")
    image = load_dataset("digits").images[:1]
    *_, before, last = (node.name for node in network.nodes)
    outputs = node_outputs(network, image)
    codes, right = outputs[before], outputs[last].reshape(-1)
    layer = recentred(network, RATE).layers[-1]
    number = len(network.layers) - 1
    mappings = map_network(network, rows=256, columns=128)
    found = []
    for chip in range(300):
        machine = draw_chip(network.layers, Chip(mappings, Faults(errors), 1, chip))
        found.append(BitPath(machine)(number, layer, codes).reshape(-1))
    spread = np.std(found, axis=0) / np.sqrt(300)
    # Ten classes: five standard errors each.
    assert np.all(np.abs(np.mean(found, axis=0) - right) < 5 * spread)
    shifted = [
        BitPath(draw_chip(network.layers, Chip(mappings, Faults(errors), 1, 0)))(
            number, network.layers[-1], codes
        ).reshape(-1)
    ]
    assert np.all(np.abs(shifted - right) > 5 * spread)


def test_no_errors_leave_the_lines_as_they_are():
    network = Network.load("digits_w1a4")
    for layer, twin in zip(network.layers, recentred(network, 0.0).layers, strict=True):
        assert np.array_equal(layer.quantiser.scale, twin.quantiser.scale)
        assert np.array_equal(layer.quantiser.offset, twin.quantiser.offset)


def test_other_networks_and_impossible_rates_are_refused():
    with pytest.raises(InputError, match="cannot be set"):
        recentred(residual_network(3), 0.01)
    for rate in (0.5, -0.1, float("nan")):
        with pytest.raises(InputError, match="rate must"):
            recentred(Network.load("digits_w1a4"), rate)
