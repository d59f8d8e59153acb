"""Labelled images: the embedded handwritten digits; MNIST, CIFAR-10 and SVHN from their files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.colour_images import read_cifar10, read_svhn
from spinpim.network.idx import read_idx
from spinpim.network.npz import read_arrays

DATASET_NAMES = ("digits", "mnist", "cifar10", "svhn")
DIGITS_FILE = Path(__file__).parent / "data" / "digits.npz"
MNIST_COUNTS = {"train": 60_000, "test": 10_000}
MNIST_PREFIXES = {"train": "train", "test": "t10k"}
MNIST_ATTRIBUTION = (
    "MNIST: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document "
    "recognition, Proc. IEEE 86, 2278 (1998), doi:10.1109/5.726791."
)
COLOUR_READERS = {"cifar10": read_cifar10, "svhn": read_svhn}
COLOUR_ATTRIBUTIONS = {
    "cifar10": "CIFAR-10: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, technical "
    "report, University of Toronto (2009).",
    "svhn": "SVHN: Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu and A. Y. Ng, Reading Digits in Natural "
    "Images with Unsupervised Feature Learning, NIPS Workshop on Deep Learning and Unsupervised Feature "
    "Learning (2011); for non-commercial use only.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Images with labels.

    Attributes
    ----------
    name, split : str
        Which data, and "train" or "test".
    images : array of uint8, shape (images, height, width, channels)
        Raw values 0..maximum.
    labels : array of uint8, shape (images,)
        Classes, from 0.
    maximum : int
        The brightest value that an image can have.
    attribution : str
        Origin and terms, to be shown with results.
    """

    name: str
    split: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    maximum: int
    attribution: str


def load_dataset(name: str, data_dir: str | Path | None = None, split: str = "test") -> Dataset:
    """One part of a data set.

    The embedded digits were written by 13 people, all of whom occur in both parts, so their test accuracy
    says nothing about unknown writers. The split is fixed: see `held_out`.

    Parameters
    ----------
    name : str
        "digits" (1,797 images of 8 x 8, values 0..16, embedded), "mnist" (28 x 28, values 0..255), "cifar10"
        or "svhn" (32 x 32 in colour, values 0..255).
    data_dir : path, optional
        The folder with the files, or with a folder of the name of the data set. For "mnist" the four IDX
        files (plain or .gz); for the others see `read_cifar10` and `read_svhn`.
    split : str
        "train" or "test".

    Returns
    -------
    Dataset
        Images in the order of the file.

    Raises
    ------
    InputError
        If name or split is unknown, or files are absent or damaged.

    Examples
    --------
    >>> digits = load_dataset("digits")
    >>> digits.images.shape, digits.maximum
    ((359, 8, 8, 1), 16)

    References
    ----------
    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository
    (1998), doi:10.24432/C50P49, test part.
    Y. LeCun et al., Proc. IEEE 86, 2278 (1998), doi:10.1109/5.726791.
    """
    if split not in MNIST_COUNTS:
        raise InputError(f'split must be "train" or "test"; got {split!r}.')
    if name == "digits":
        return _load_digits(split)
    if name == "mnist":
        return _load_mnist(data_dir, split)
    if name in COLOUR_READERS:
        return _load_colour(name, data_dir, split)
    raise InputError(f"there is no data set named {name!r}; available: {', '.join(DATASET_NAMES)}.")


def held_out(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which images are held out: of each class the third of every five, in the order of the file.

    Examples
    --------
    >>> held_out(np.array([7, 7, 1, 7, 7, 7, 7])).nonzero()[0].tolist()
    [3]
    """
    rank = np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        members = labels == label
        rank[members] = np.arange(np.count_nonzero(members))
    chosen: NDArray[np.bool_] = rank % 5 == 2
    return chosen


def _load_digits(split: str) -> Dataset:
    arrays = read_arrays(DIGITS_FILE, maximum_bytes=1 << 20)
    header = json.loads(arrays["header"].tobytes())
    chosen = arrays["test"] == (split == "test")
    return Dataset(
        name="digits",
        split=split,
        images=arrays["images"][chosen],
        labels=arrays["labels"][chosen],
        maximum=header["maximum"],
        attribution=header["attribution"],
    )


def _load_mnist(data_dir: str | Path | None, split: str) -> Dataset:
    advice = "Get MNIST with `spinpim data fetch mnist` and name its folder as data_dir."
    if data_dir is None:
        raise InputError(f"the data set mnist is not embedded, and no data_dir was given. {advice}")
    folder = _folder(data_dir, advice)
    count, prefix = MNIST_COUNTS[split], MNIST_PREFIXES[split]
    images = read_idx(_find(folder, f"{prefix}-images-idx3-ubyte", advice), (count, 28, 28))
    label_file = _find(folder, f"{prefix}-labels-idx1-ubyte", advice)
    labels = read_idx(label_file, (count,))
    if labels.max() > 9:
        raise InputError(f"{label_file}: label {labels.max()} is not a digit 0..9. {advice}")
    return Dataset("mnist", split, images[..., np.newaxis], labels, 255, MNIST_ATTRIBUTION)


def _load_colour(name: str, data_dir: str | Path | None, split: str) -> Dataset:
    advice = "Name the folder with its files as data_dir."
    if data_dir is None:
        raise InputError(f"the data set {name} is not embedded, and no data_dir was given. {advice}")
    folder = _folder(data_dir, advice)
    images, labels = COLOUR_READERS[name](folder / name if (folder / name).is_dir() else folder, split)
    return Dataset(name, split, images, labels, 255, COLOUR_ATTRIBUTIONS[name])


def _folder(data_dir: str | Path, advice: str) -> Path:
    folder = Path(data_dir)
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder. {advice}")
    return folder


def _find(folder: Path, stem: str, advice: str) -> Path:
    for candidate in (folder / "mnist", folder):
        for suffix in (".gz", ""):
            if (candidate / f"{stem}{suffix}").is_file():
                return candidate / f"{stem}{suffix}"
    raise InputError(f"{folder}: neither {stem}.gz nor {stem} is there. {advice}")
