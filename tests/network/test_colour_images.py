"""CIFAR-10 and SVHN: every published form of the files gives the same images, and nothing is run."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from spinpim.errors import InputError
from spinpim.network.colour_images import CIFAR_PARTS, read_cifar10, read_svhn
from spinpim.network.datasets import load_dataset

DATA = Path(os.environ.get("SPINPIM_DATA", Path(__file__).parents[3] / "shared" / "data"))
COUNT = 7


@pytest.fixture
def labelled():
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (COUNT, 32, 32, 3), np.uint8), rng.integers(0, 10, COUNT, np.uint8)


def planes(images):
    return images.transpose(0, 3, 1, 2).reshape(len(images), -1)


def write_binary(folder, images, labels):
    records = np.concatenate([labels[:, None], planes(images)], axis=1)
    (folder / "test_batch.bin").write_bytes(records.tobytes())


def write_pickle(folder, images, labels, protocol=2):
    batch = {b"batch_label": b"testing", b"labels": labels.tolist(), b"data": planes(images)}
    (folder / "test_batch").write_bytes(pickle.dumps(batch, protocol=protocol))


def write_arrays(folder, images, labels):
    np.savez_compressed(folder / "any_name.npz", x_test=images, y_test=labels.reshape(-1, 1))


@pytest.mark.parametrize("write", [write_binary, write_pickle, write_arrays])
def test_each_form_of_cifar_gives_the_images_back(tmp_path, labelled, write):
    if write is write_pickle:
        pytest.importorskip("numpy", minversion="2.0")
    write(tmp_path, *labelled)
    images, labels = read_cifar10(tmp_path, "test")
    assert np.array_equal(images, labelled[0])
    assert np.array_equal(labels, labelled[1])


def test_a_pickle_that_would_run_a_program_is_only_looked_at(tmp_path, labelled):
    class Harmful:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "harmed",))

    batch = {b"labels": [1], b"data": planes(labelled[0][:1]), b"more": Harmful()}
    (tmp_path / "test_batch").write_bytes(pickle.dumps(batch, protocol=2))
    read_cifar10(tmp_path, "test")
    assert not (tmp_path / "harmed").exists()


def test_digit_zero_of_svhn_is_class_ten_in_its_file(tmp_path, labelled):
    images, labels = labelled
    labels[0] = 0
    written = np.where(labels == 0, 10, labels).reshape(-1, 1)
    savemat(tmp_path / "train_32x32.mat", {"X": images.transpose(1, 2, 3, 0), "y": written})
    found, classes = read_svhn(tmp_path, "train")
    assert np.array_equal(found, images)
    assert np.array_equal(classes, labels)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("test_batch.bin", b"", "records"),
        ("test_batch.bin", b"1" * 3000, "records"),
        ("test_batch.bin", b"\x0b" * 3073, "labels lie in 0..9"),
        ("test_batch", b"not a pickle", "not a readable pickle"),
        ("test_batch", pickle.dumps([1, 2, 3]), "0 labels"),
        ("test_batch", pickle.dumps({b"labels": [1], b"data": b"few"}), "1 labels"),
        ("any.npz", b"no zip", "not a readable .npz"),
        ("other.txt", b"", "holds no test part"),
    ],
)
def test_damaged_files_of_cifar_end_with_a_sentence(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        load_dataset("cifar10", tmp_path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"MATLAB 5.0 MAT-file" + b" " * 200, "not a readable MATLAB file"),
        ({"X": np.zeros((32, 32, 3, 2), np.uint8)}, "arrays X and y"),
        ({"X": np.zeros((3, 2), np.uint8), "y": [1, 2]}, "four axes"),
        ({"X": np.zeros((32, 32, 3, 2), np.uint8), "y": [1, 2, 3]}, "as many"),
        ({"X": np.zeros((32, 32, 3, 2)), "y": [1, 2]}, "must be bytes"),
    ],
)
def test_damaged_files_of_svhn_end_with_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "test_32x32.mat"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        savemat(path, content)
    with pytest.raises(InputError, match=sentence):
        load_dataset("svhn", tmp_path)


def test_an_incomplete_set_of_batches_is_told(tmp_path, labelled):
    write_binary(tmp_path, *labelled)
    (tmp_path / "test_batch.bin").rename(tmp_path / f"{CIFAR_PARTS['train'][0]}.bin")
    with pytest.raises(InputError, match="data_batch_2"):
        load_dataset("cifar10", tmp_path, "train")


def test_a_colour_data_set_needs_its_folder():
    with pytest.raises(InputError, match="data_dir"):
        load_dataset("svhn")


@pytest.mark.skipif(not (DATA / "cifar10").is_dir(), reason=f"no CIFAR-10 in {DATA}; set SPINPIM_DATA")
def test_cifar_has_the_published_mean_of_each_channel():
    train = load_dataset("cifar10", DATA, "train")
    assert train.images.shape == (50_000, 32, 32, 3)
    assert np.bincount(train.labels).tolist() == [5000] * 10
    # The means that are used everywhere to normalise CIFAR-10.
    assert train.images.mean(axis=(0, 1, 2)) / 255 == pytest.approx([0.4914, 0.4822, 0.4465], abs=5e-5)
