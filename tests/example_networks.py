"""Small networks with random weights, for tests."""

import numpy as np

from spinpim.network import BitCoding, Layer, Network


def random_layer(seed, **changes):
    """A convolution 3 x 3 from 2 to 3 channels, or what ``changes`` say."""
    rng = np.random.default_rng(seed)
    parts = {
        "kind": "conv",
        "name": "conv1",
        "kernel": (3, 3),
        "stride": 1,
        "padding": 1,
        "in_channels": 2,
        "out_channels": 3,
        "weight_coding": BitCoding("bipolar", 1),
        "input_coding": BitCoding("unsigned", 4),
        "output_bits": 4,
        "pool": 1,
    } | changes
    fan_in = parts["kernel"][0] * parts["kernel"][1] * parts["in_channels"]
    shape = (parts["out_channels"], fan_in)
    spread = 15.0 / (
        np.sqrt(max(fan_in, 1)) * 2.0 ** parts["weight_coding"].bits * 2.0 ** parts["input_coding"].bits
    )
    drawn = {
        "weight_codes": rng.integers(0, 1 << parts["weight_coding"].bits, shape, dtype=np.uint8),
        "scale": rng.normal(size=shape[0]) * spread,
        "offset": rng.normal(size=shape[0]) + 5.0,
    }
    return Layer(**(drawn | parts))


def random_network(seed, weight_coding=None, **changes):
    """Two convolutions with different strides and pools and a dense layer on 9 x 8 x 2 images."""
    coding = weight_coding or BitCoding("bipolar", 1)
    layers = (
        random_layer(seed, weight_coding=coding, pool=2, output_bits=3),
        random_layer(
            seed + 1,
            name="conv2",
            kernel=(2, 3),
            stride=2,
            in_channels=3,
            out_channels=4,
            weight_coding=coding,
            input_coding=BitCoding("unsigned", 3),
        ),
        random_layer(
            seed + 2,
            kind="dense",
            name="dense1",
            kernel=(1, 1),
            padding=0,
            in_channels=3 * 2 * 4,
            out_channels=5,
            weight_coding=coding,
            output_bits=None,
        ),
    )
    parts = {
        "name": "random",
        "title": "random weights",
        "input_shape": (9, 8, 2),
        "input_maximum": 16,
        "input_bits": 4,
        "layers": layers,
        "training": {"seed": seed, "note": "none"},
    }
    return Network(**(parts | changes))


def random_images(network, count, seed):
    """Raw images that the network accepts."""
    shape = (count, *network.input_shape)
    return np.random.default_rng(seed).integers(0, network.input_maximum + 1, shape, dtype=np.uint8)
