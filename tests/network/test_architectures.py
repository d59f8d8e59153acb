"""Networks of the literature: their published sizes, and a forward pass that fills its codes."""

import numpy as np
import pytest

from spinpim.errors import InputError
from spinpim.network import node_outputs
from spinpim.network.architectures import BUILDERS, random_network


@pytest.mark.parametrize(
    ("name", "macs", "weights"),
    [
        ("lenet5", 416_520, 61_470),
        ("svhn", 41_735_424, 2_080_272),
        ("vgg8", 615_917_568, 12_973_440),
        ("resnet18", 555_422_720, 11_164_352),
        # The convolutions are the 666 million products and 2.3 million weights that are quoted everywhere.
        ("alexnet", 665_784_864 + 58_621_952, 2_332_704 + 58_621_952),
    ],
)
def test_sizes_are_the_published_ones(name, macs, weights):
    network = random_network(name, seed=1)
    assert network.macs_per_image == macs
    assert sum(layer.weight_codes.size for layer in network.layers) == weights


@pytest.mark.parametrize("name", ["lenet5", "svhn"])
@pytest.mark.parametrize(("weight_bits", "activation_bits"), [(1, 4), (4, 2)])
def test_activations_use_all_their_codes(name, weight_bits, activation_bits):
    network = random_network(name, weight_bits=weight_bits, activation_bits=activation_bits, seed=1)
    images = np.random.default_rng(2).integers(0, 256, (2, *network.input_shape), np.uint8)
    outputs = node_outputs(network, images)
    for layer in network.layers[:-1]:
        assert len(np.unique(outputs[layer.name])) == 1 << activation_bits
    assert np.all(np.isfinite(outputs[network.nodes[-1].name]))


def test_the_seed_gives_the_weights():
    first, same, other = (random_network("lenet5", seed=seed).layers[0].weight_codes for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_unknown_names_and_widths_are_told():
    with pytest.raises(InputError, match=f"available: {', '.join(BUILDERS)}"):
        random_network("lenet", seed=1)
    with pytest.raises(InputError, match="weight_bits must be a whole number from 1 to 8"):
        random_network("lenet5", weight_bits=9, seed=1)
