"""CIFAR-10 and SVHN from their files: 32 x 32 colour images with one label each; nothing is unpickled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.cifar_python import read_batch
from spinpim.network.labelled import SIDE, checked
from spinpim.network.npz import read_arrays

Bytes = NDArray[np.uint8]
LARGEST_FILE = 1 << 30
RECORD = 1 + 3 * SIDE * SIDE
"""Bytes of an image in the binary version of CIFAR-10: label, then the red, green and blue planes."""
CIFAR_PARTS = {"train": [f"data_batch_{number}" for number in range(1, 6)], "test": ["test_batch"]}


def read_cifar10(folder: Path, split: str) -> tuple[Bytes, Bytes]:
    """Images and labels of one part of CIFAR-10, in the order of the files.

    Parameters
    ----------
    folder : Path
        Holds the binary version (``data_batch_1.bin`` ...), the Python version (``data_batch_1`` ...), or
        ``.npz`` files with x_train and y_train or x_test and y_test; of these all that are there are read.
    split : str
        "train" or "test".

    Returns
    -------
    images : array of uint8, shape (images, 32, 32, 3)
    labels : array of uint8, shape (images,)

    Raises
    ------
    InputError
        If the files are absent or damaged.

    References
    ----------
    A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, University of Toronto (2009).
    """
    readers: dict[str, Callable[[Path], tuple[Bytes, Bytes]]] = {".bin": _binary_batch, "": read_batch}
    for suffix, reader in readers.items():
        paths = [folder / f"{name}{suffix}" for name in CIFAR_PARTS[split]]
        if any(path.is_file() for path in paths):
            return _joined([reader(path) for path in paths])
    return _from_arrays(folder, split, "CIFAR-10 (data_batch_1.bin ..., data_batch_1 ...")


def read_svhn(folder: Path, split: str) -> tuple[Bytes, Bytes]:
    """Images and labels of one part of the cropped digits of SVHN.

    Parameters
    ----------
    folder : Path
        Holds ``train_32x32.mat`` and ``test_32x32.mat``, or ``.npz`` files as for `read_cifar10`.
    split : str
        "train" or "test".

    Returns
    -------
    images : array of uint8, shape (images, 32, 32, 3)
    labels : array of uint8, shape (images,)
        The digit; the original files call digit 0 class 10.

    Raises
    ------
    InputError
        If the files are absent or damaged.

    References
    ----------
    Y. Netzer et al., Reading Digits in Natural Images with Unsupervised Feature Learning, NIPS Workshop on
    Deep Learning and Unsupervised Feature Learning (2011).
    """
    path = folder / f"{split}_32x32.mat"
    if path.is_file():
        return _matlab(path)
    return _from_arrays(folder, split, f"SVHN ({path.name}")


def _joined(parts: list[tuple[Bytes, Bytes]]) -> tuple[Bytes, Bytes]:
    images, labels = zip(*parts, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _from_arrays(folder: Path, split: str, wanted: str) -> tuple[Bytes, Bytes]:
    names = f"x_{split}", f"y_{split}"
    parts = []
    for path in sorted(folder.glob("*.npz")):
        arrays = read_arrays(path, maximum_bytes=LARGEST_FILE)
        if all(name in arrays for name in names):
            parts.append(checked(path, arrays[names[0]], arrays[names[1]].reshape(-1)))
    if not parts:
        raise InputError(
            f"{folder}: holds no {split} part of {wanted}, or .npz files with {names[0]} and {names[1]}); "
            "check data_dir."
        )
    return _joined(parts)


def _binary_batch(path: Path) -> tuple[Bytes, Bytes]:
    if not path.is_file():
        raise InputError(f"{path}: there is no such file, but others of CIFAR-10 are; copy all of them.")
    content = np.fromfile(path, np.uint8)
    if not content.size or content.size % RECORD:
        raise InputError(
            f"{path}: {content.size} bytes are no whole number of records of {RECORD}; copy the file again."
        )
    records = content.reshape(-1, RECORD)
    planes = records[:, 1:].reshape(-1, 3, SIDE, SIDE)
    return checked(path, np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), records[:, 0])


def _matlab(path: Path) -> tuple[Bytes, Bytes]:
    from scipy.io import loadmat

    try:
        content = loadmat(path, variable_names=["X", "y"])
    except Exception as error:
        # The reader raises whatever a damaged file makes it stumble over.
        raise InputError(f"{path}: not a readable MATLAB file ({error}); get it again.") from None
    if not {"X", "y"} <= set(content):
        raise InputError(f"{path}: must hold the arrays X and y; get it again.")
    images, labels = np.asarray(content["X"]), np.asarray(content["y"]).reshape(-1)
    if images.ndim != 4 or labels.dtype.kind not in "iu":
        raise InputError(f"{path}: X must have four axes and y whole numbers; get it again.")
    return checked(
        path, np.ascontiguousarray(images.transpose(3, 0, 1, 2)), np.where(labels == 10, 0, labels)
    )
