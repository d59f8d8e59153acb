"""The data sets: complete, split for good, refused when not what they claim."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from spinpim.errors import InputError
from spinpim.network.datasets import DIGITS_FILE, held_out, load_dataset

DATA = Path(os.environ.get("SPINPIM_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture(scope="module")
def parts():
    return load_dataset("digits", split="train"), load_dataset("digits", split="test")


def test_the_embedded_digits_are_complete(parts):
    train, test = parts
    assert len(train.images) + len(test.images) == 1797
    labels = np.concatenate([train.labels, test.labels])
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    for part in parts:
        assert part.images.shape[1:] == (8, 8, 1)
        assert part.images.dtype == part.labels.dtype == np.uint8
        assert (part.images.min(), part.images.max(), part.maximum) == (0, 16, 16)
        assert "10.24432/C50P49" in part.attribution
        assert "CC BY 4.0" in part.attribution


def test_no_image_is_in_both_parts_of_the_digits(parts):
    train, test = ({image.tobytes() for image in part.images} for part in parts)
    assert len(train) + len(test) == 1797
    assert not train & test


def test_the_stored_split_is_the_rule_and_takes_a_fifth_of_each_class(parts):
    with np.load(DIGITS_FILE, allow_pickle=False) as stored:
        assert np.array_equal(stored["test"], held_out(stored["labels"]))
    shares = np.bincount(parts[1].labels) / np.bincount(np.concatenate([part.labels for part in parts]))
    assert np.all(np.abs(shares - 0.2) < 0.005)


def test_the_digits_are_in_the_order_of_the_source():
    """The source begins with the digits 0 to 9, three times over; the third of each class is held out."""
    with np.load(DIGITS_FILE, allow_pickle=False) as stored:
        assert stored["labels"][:30].tolist() == [*range(10)] * 3
        assert stored["test"][:30].nonzero()[0].tolist() == list(range(20, 30))


@pytest.mark.skipif(not (DATA / "mnist").is_dir(), reason=f"no MNIST in {DATA}; set SPINPIM_DATA")
def test_mnist_is_read_whole():
    train, test = load_dataset("mnist", DATA, "train"), load_dataset("mnist", DATA / "mnist")
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(train.labels).tolist() == counts
    assert train.images.shape == (60_000, 28, 28, 1)
    assert test.images.shape == (10_000, 28, 28, 1)
    assert test.labels[:5].tolist() == [7, 2, 1, 0, 4]


@pytest.mark.parametrize("folder", [None, "absent", "."])
def test_absent_mnist_says_how_to_get_it(tmp_path, folder):
    data_dir = folder if folder is None else tmp_path / folder
    with pytest.raises(InputError, match="`spinpim data fetch mnist`"):
        load_dataset("mnist", data_dir)


def test_mnist_labels_that_are_no_digits_are_refused(tmp_path):
    head = struct.pack(">4I", 0x0803, 10_000, 28, 28)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(head + bytes(10_000 * 784))
    labels = struct.pack(">2I", 0x0801, 10_000) + bytes(9_999) + b"\x0a"
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(labels)
    with pytest.raises(InputError, match="label 10 is not a digit"):
        load_dataset("mnist", tmp_path)


def test_unknown_names_and_splits_are_refused():
    with pytest.raises(InputError, match="'letters'; available: digits, mnist"):
        load_dataset("letters")
    with pytest.raises(InputError, match="split must be"):
        load_dataset("digits", split="validation")
