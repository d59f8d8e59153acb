"""A network: counts, coding of images, refusals."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from example_networks import random_images, random_layer, random_network

from spinpim.errors import InputError
from spinpim.network import BitCoding, Network, class_scores


def test_operations_are_counted_as_by_hand():
    network = random_network(1)
    macs = [72 * 18 * 3, 3 * 2 * 18 * 4, 24 * 5]
    assert network.positions == (72, 6, 1)
    assert network.layer_input_shapes == ((9, 8, 2), (4, 4, 3), (3, 2, 4))
    assert network.macs_per_image == sum(macs)
    assert network.and_operations_per_image == 4 * macs[0] + 3 * macs[1] + 4 * macs[2]
    assert network.correction_bits_per_image == 72 * 18 * 4 + 6 * 18 * 3 + 24 * 4


def test_weights_without_a_constant_need_no_correction():
    network = random_network(1, weight_coding=BitCoding("signed", 3))
    assert network.correction_bits_per_image == 0
    assert network.and_operations_per_image == 3 * random_network(1).and_operations_per_image
    assert (network.weight_bits, network.activation_bits, network.classes) == (3, 4, 5)


@pytest.mark.parametrize(("maximum", "bits"), [(16, 4), (255, 4), (255, 8), (16, 2), (1, 1)])
def test_a_pixel_gets_the_nearest_code_and_ties_the_even_one(maximum, bits):
    network = random_network(1, input_maximum=maximum, input_bits=bits, layers=_first_layer_with(bits))
    images = np.broadcast_to(
        np.arange(maximum + 1, dtype=np.uint8)[:, None, None, None], (maximum + 1, 9, 8, 2)
    )
    codes = network.encode_input(images)[:, 0, 0, 0]
    for value, code in enumerate(codes.tolist()):
        below, rest = divmod(value * (2**bits - 1), maximum)
        up = 2 * rest > maximum or (2 * rest == maximum and below % 2 == 1)
        assert code == below + up


def _first_layer_with(bits):
    first, *others = random_network(1).layers
    return (replace(first, input_coding=BitCoding("unsigned", bits)), *others)


def test_the_channel_axis_may_be_left_out_when_there_is_one():
    layer = random_layer(
        1, kind="dense", kernel=(1, 1), padding=0, in_channels=4, out_channels=2, output_bits=None
    )
    network = Network("one", "one", (2, 2, 1), 16, 4, (layer,))
    images = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    assert np.array_equal(network.encode_input(images), network.encode_input(images[..., None]))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((1, 9, 8, 2)), "must be whole numbers 0..16"),
        (np.zeros((1, 8, 9, 2), dtype=np.uint8), "must have shape"),
        (np.zeros((9, 8, 2), dtype=np.uint8), "must have shape"),
        (np.full((1, 9, 8, 2), 17, dtype=np.uint8), "span 17..17"),
        (np.full((1, 9, 8, 2), -1), "span -1..-1"),
    ],
)
def test_images_of_another_kind_are_refused(images, message):
    with pytest.raises(InputError, match=f"images for network 'random'.*{message}"):
        random_network(1).encode_input(images)


def test_no_images_have_no_codes():
    network = random_network(1)
    assert network.encode_input(random_images(network, 0, 1)).shape == (0, 9, 8, 2)


def test_a_network_can_be_sent_to_another_process():
    network = random_network(3)
    received = pickle.loads(pickle.dumps(network))
    images = random_images(network, 3, 1)
    assert np.array_equal(class_scores(received, images), class_scores(network, images))
    assert received.training == network.training


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": ()}, "has no layers"),
        ({"input_shape": (9, 8)}, "not \\(height, width, channels\\)"),
        ({"input_shape": (9, 8, 3)}, "takes 2 channels, but 3 arrive"),
        ({"input_shape": (5, 8, 2)}, "takes 24 channels, but 16 arrive"),
        ({"input_shape": (1, 8, 2)}, "larger than its input"),
        ({"input_maximum": 256}, "input_maximum must be"),
        ({"input_bits": 3}, "takes 4 bit activations, but 3 bit ones arrive"),
        ({"layers": random_network(1).layers[:2]}, "output_bits must be absent in the last layer"),
    ],
)
def test_layers_that_do_not_follow_each_other_are_refused(changes, message):
    with pytest.raises(InputError, match=f"network 'random'.*{message}"):
        random_network(1, **changes)


def test_the_last_layer_must_end_in_single_scores():
    layer = random_layer(1, output_bits=None)
    with pytest.raises(InputError, match="one score per class"):
        random_network(1, layers=(layer,))
