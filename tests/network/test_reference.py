"""The exact forward pass against loops, and the shipped networks on images they have never seen."""

import os
from pathlib import Path

import numpy as np
import pytest
from example_networks import (
    random_images,
    random_layer,
    random_network,
    residual_network,
    values_by_loops,
)

from spinpim.errors import InputError
from spinpim.network import (
    BitCoding,
    Network,
    Window,
    accumulate,
    accuracy,
    class_scores,
    node_outputs,
    predict,
)
from spinpim.network.datasets import load_dataset
from spinpim.network.reference import IMAGES_PER_BATCH

DATA = Path(os.environ.get("SPINPIM_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_mnist = pytest.mark.skipif(
    not (DATA / "mnist").is_dir(), reason=f"no MNIST in {DATA}; set SPINPIM_DATA to the folder of mnist/"
)


def assert_nodes_are_those_of_plain_loops(network, images):
    outputs = node_outputs(network, images)
    for name, (shape, coding) in network.signals.items():
        assert outputs[name].shape == (len(images), *shape)
        found = outputs[name] if coding is None else coding.decode(outputs[name])
        for image, values in zip(images, found, strict=True):
            assert values.tolist() == values_by_loops(network, image)[name]
    assert np.array_equal(class_scores(network, images), outputs[network.nodes[-1].name][:, 0, 0])


@pytest.mark.parametrize(
    "coding",
    [BitCoding("bipolar", 1), BitCoding("affine", 2), BitCoding("signed", 4), BitCoding("unsigned", 8)],
    ids=lambda coding: f"{coding.name}{coding.bits}",
)
@pytest.mark.parametrize("seed", [1, 11])
def test_scores_are_those_of_plain_loops(coding, seed):
    network = random_network(seed, weight_coding=coding)
    images = random_images(network, 3, seed)
    assert_nodes_are_those_of_plain_loops(network, images)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("seed", [1, 11])
def test_every_kind_of_node_gives_what_plain_loops_give(seed, signed):
    network = residual_network(seed, signed=signed)
    assert_nodes_are_those_of_plain_loops(network, random_images(network, 2, seed))


def test_sums_beyond_single_precision_are_exact():
    layer = random_layer(
        1,
        kind="dense",
        window=Window(),
        in_channels=3001,
        weight_coding=BitCoding("affine", 8),
        input_coding=BitCoding("unsigned", 8),
        weight_codes=np.full((3, 3001), 255, dtype=np.uint8),
    )
    sums = accumulate(np.full((1, 1, 1, 3001), 255, dtype=np.uint8), layer)
    assert sums.tolist() == [[[3001 * 255 * 255] * 3]]


@pytest.mark.parametrize("make", [random_network, residual_network])
def test_scores_do_not_depend_on_the_batch(make):
    network = make(5)
    images = random_images(network, IMAGES_PER_BATCH + 3, 1)
    together = class_scores(network, images)
    alone = np.concatenate([class_scores(network, image[None]) for image in images])
    assert np.array_equal(together, alone)
    assert class_scores(network, images[:0]).shape == (0, 5)


def test_accuracy_is_the_fraction_of_right_predictions():
    network = random_network(5)
    images = random_images(network, 8, 1)
    labels = predict(network, images)
    labels[:2] = (labels[:2] + 1) % 5
    assert accuracy(network, images, labels) == 0.75
    with pytest.raises(InputError, match="as many labels as images"):
        accuracy(network, images, labels[:3])
    with pytest.raises(InputError, match="at least one"):
        accuracy(network, images[:0], labels[:0])


def test_the_digits_network_reads_unseen_digits_as_well_as_recorded():
    network, digits = Network.load("digits_w1a4"), load_dataset("digits")
    measured = accuracy(network, digits.images, digits.labels)
    assert measured == network.training["accuracy"]["test"]
    assert measured >= 0.98


@needs_mnist
def test_the_mnist_network_reads_the_first_unseen_digits():
    network, mnist = Network.load("mnist_w1a4"), load_dataset("mnist", DATA)
    assert accuracy(network, mnist.images[:500], mnist.labels[:500]) >= 0.98


@needs_mnist
@pytest.mark.slow
def test_the_mnist_network_is_as_accurate_on_all_unseen_digits_as_recorded():
    network, mnist = Network.load("mnist_w1a4"), load_dataset("mnist", DATA)
    measured = accuracy(network, mnist.images, mnist.labels)
    assert measured == network.training["accuracy"]["test"]
    assert measured >= 0.985
