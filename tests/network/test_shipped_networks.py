"""Every shipped network: alike by all ways of computing, as accurate as recorded, small, with its record."""

import numpy as np
import pytest
from real_data import part_of

from spinpim.array.bit_path import BitPath
from spinpim.array.forward import forward
from spinpim.array.integer_path import IntegerPath
from spinpim.array.machine import ideal_machine
from spinpim.network import Network
from spinpim.network.reference import class_scores
from spinpim.network.storage import SHIPPED

NAMES = sorted(path.stem for path in SHIPPED.glob("*.npz"))
WHEEL_LIMIT = 15 << 20
FEW = 6
BATCH = 64


def scores(network, images, path):
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    return np.concatenate([forward(network, network.encode_input(batch), path) for batch in batches])


def three_ways(network, images):
    yield class_scores(network, images)
    yield scores(network, images, IntegerPath(network.layers))
    yield scores(network, images, BitPath(ideal_machine(network.layers)))


@pytest.mark.parametrize("name", NAMES)
def test_matrix_products_and_digits_give_the_scores_of_the_reference(name):
    network = Network.load(name)
    images = part_of(network.training["dataset"]).images[:FEW]
    first, *others = three_ways(network, images)
    assert all(np.array_equal(first, other) for other in others)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_all_ways_agree_on_the_whole_test_part_and_it_is_as_accurate_as_recorded(name):
    network = Network.load(name)
    test = part_of(network.training["dataset"])
    recorded = network.training["accuracy"]
    first, *others = three_ways(network, test.images)
    assert all(np.array_equal(first, other) for other in others)
    assert len(test.labels) == recorded["test_images"]
    assert np.mean(first.argmax(axis=1) == test.labels) == recorded["test"]


@pytest.mark.parametrize("name", NAMES)
def test_the_record_of_the_training_says_how_it_was_made(name):
    record = Network.load(name).training
    assert record["command"].startswith("python -m spinpim.network.train --dataset ")
    assert f"--output {name}.npz" in record["command"]
    assert record["curve"][-1]["epoch"] == record["epochs"]
    assert 0.0 < record["accuracy"]["test"] <= 1.0
    assert record["attribution"]


def test_all_of_them_leave_room_in_a_wheel_of_20_megabytes():
    assert sum(path.stat().st_size for path in SHIPPED.glob("*.npz")) < WHEEL_LIMIT
