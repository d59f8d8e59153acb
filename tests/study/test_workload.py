"""The network and the images of a run fit each other, or the run does not begin."""

import numpy as np
import pytest
from PIL import Image

from spinpim.errors import InputError
from spinpim.network import storage
from spinpim.network.architectures import random_network
from spinpim.network.datasets import load_dataset
from spinpim.study.chain import run_chain
from spinpim.study.settings import ChainSettings
from spinpim.study.workload import workload


def image_folder(place, classes, size=(28, 28), value=9):
    for number in range(classes):
        (place / f"class {number}").mkdir(parents=True)
        Image.fromarray(np.full(size, value, np.uint8)).save(place / f"class {number}" / "a.png")
    return place


def test_some_images_are_spread_over_the_whole_part():
    everything = load_dataset("digits")
    _, some = workload(ChainSettings(images=3))
    assert np.array_equal(some.images, everything.images[[0, 119, 239]])
    assert np.array_equal(some.labels, everything.labels[[0, 119, 239]])
    _, whole = workload(ChainSettings(images=359))
    assert np.array_equal(whole.images, everything.images)


def test_a_folder_of_images_is_run_with_the_network_that_is_named(tmp_path):
    place = image_folder(tmp_path / "set", 10)
    network, dataset = workload(ChainSettings(dataset="folder", data_dir=place, network="mnist_w1a4"))
    assert network.name == "mnist_w1a4"
    assert dataset.labels.tolist() == list(range(10))


@pytest.mark.parametrize("classes", [1, 9, 11])
def test_the_classes_of_a_folder_are_those_of_the_network(tmp_path, classes):
    place = image_folder(tmp_path / "set", classes)
    with pytest.raises(InputError, match=f"10 classes apart but the data set folder set has {classes};"):
        workload(ChainSettings(dataset="folder", data_dir=place, network="mnist_w1a4"))


def test_brighter_pixels_than_the_network_knows_are_refused(tmp_path):
    place = image_folder(tmp_path / "set", 10, (8, 8), 200)
    with pytest.raises(InputError, match=r"must lie in 0\.\.16"):
        workload(ChainSettings(dataset="folder", data_dir=place, network="digits_w1a4"))


def test_a_data_set_whose_network_is_not_shipped_needs_one(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "SHIPPED", tmp_path)
    for name in ("digits", "mnist", "cifar10", "svhn"):
        with pytest.raises(InputError, match=f"no network is shipped for the data set {name}; .*--network"):
            workload(ChainSettings(dataset=name))


def test_a_network_that_does_not_fit_is_refused_before_anything_is_simulated(tmp_path):
    random_network("vgg8", activation_bits=8, seed=1).save(tmp_path / "large.npz")
    for number in range(10):
        (tmp_path / "set" / str(number)).mkdir(parents=True)
        Image.new("RGB", (32, 32)).save(tmp_path / "set" / str(number) / "a.png")
    begun = []
    settings = ChainSettings(
        dataset="folder", data_dir=tmp_path / "set", network=str(tmp_path / "large.npz"), images=1
    )
    with pytest.raises(InputError, match=r"buffer\.capacity"):
        run_chain(settings, begun.append)
    assert begun == ["parameter files"]
