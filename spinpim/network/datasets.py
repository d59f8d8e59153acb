"""Labelled images: the embedded digits; MNIST, CIFAR-10 and SVHN from their files; folders of images."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import choice, shown, whole
from spinpim.errors import InputError
from spinpim.network.colour_images import read_cifar10, read_svhn
from spinpim.network.idx import read_idx
from spinpim.network.image_folder import PARTS, read_image_folder
from spinpim.network.npz import read_arrays

DATASET_NAMES = ("digits", "mnist", "cifar10", "svhn", "folder")
DIGITS_FILE = Path(__file__).parent / "data" / "digits.npz"
LARGEST_SIDE = 4096
"""Rows or columns that images of a folder are resized to at most."""
MNIST_COUNTS = {"train": 60_000, "test": 10_000}
MNIST_PREFIXES = {"train": "train", "test": "t10k"}
MNIST_ATTRIBUTION = (
    "MNIST: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document "
    "recognition, Proc. IEEE 86, 2278 (1998), doi:10.1109/5.726791."
)
ADVICE = {
    "mnist": "Get MNIST with `spinpim data fetch mnist` and name its folder as data_dir.",
    "folder": "Name the folder with one sub-folder of images per class as data_dir.",
}
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
    labels : array of unsigned int, shape (images,)
        Classes, from 0; bytes, or wider beyond 256 classes.
    maximum : int
        The brightest value that an image can have.
    attribution : str
        Origin and terms, to be shown with results.
    classes : tuple of str
        Their names where the files give them, else none.
    """

    name: str
    split: str
    images: NDArray[np.uint8]
    labels: NDArray[Any]
    maximum: int
    attribution: str
    classes: tuple[str, ...] = ()

    def spread(self, count: int) -> Dataset:
        """That many of the images, spread evenly over the order of the file: of all classes if it is sorted.

        Raises
        ------
        InputError
            If there are fewer.

        Examples
        --------
        >>> load_dataset("digits").spread(100).images.shape
        (100, 8, 8, 1)
        """
        count = whole("images", count, 1, len(self.images))
        chosen = np.arange(count) * len(self.images) // count
        return replace(self, images=self.images[chosen], labels=self.labels[chosen])


def load_dataset(name: str, data_dir: str | Path | None = None, split: str = "test") -> Dataset:
    """One part of a data set.

    The embedded digits were written by 13 people, all of whom occur in both parts, so their test accuracy
    says nothing about unknown writers. The split is fixed: see `held_out`.

    Parameters
    ----------
    name : str
        "digits" (1,797 images of 8 x 8, values 0..16, embedded), "mnist" (28 x 28, values 0..255), "cifar10"
        or "svhn" (32 x 32 in colour, values 0..255), or "folder" (see `load_image_folder`).
    data_dir : path, optional
        The folder with the files, or with a folder of the name of the data set. For "mnist" the four IDX
        files (plain or .gz); for "cifar10" and "svhn" see `read_cifar10` and `read_svhn`; for "folder" the
        folder of images itself.
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
    choice("split", split, PARTS)
    if not isinstance(name, str):
        raise InputError(f"name must be that of a data set; instead received {shown(name)}.")
    if name == "digits":
        return _load_digits(split)
    if name == "mnist":
        return _load_mnist(data_dir, split)
    if name in COLOUR_READERS:
        return _load_colour(name, data_dir, split)
    if name == "folder":
        return load_image_folder(_folder(data_dir, name), split)
    raise InputError(f"there is no data set named {name!r}; available: {', '.join(DATASET_NAMES)}.")


def load_image_folder(
    folder: str | Path, split: str = "test", *, size: tuple[int, int] | None = None
) -> Dataset:
    """Images of your own: a folder with one sub-folder of image files per class.

    Parameters
    ----------
    folder : path
        Holds ``CLASS/IMAGE.png`` for the test part, or ``train/CLASS/IMAGE.png`` and
        ``test/CLASS/IMAGE.png``. PNG, JPEG, BMP, GIF, PBM, PGM, PPM, TIFF or WebP; grey images have one
        channel, those in colour or with a palette three.
    split : str
        "train" or "test".
    size : (height, width), optional
        What all images are resized to, by the bilinear filter of Pillow; without it they must be of one size.

    Returns
    -------
    Dataset
        Labels are places among the sorted names of the classes, images come class by class.

    Raises
    ------
    InputError
        If there is no such folder, or a file in it is no image, damaged, or holds more than bytes in one or
        three channels can; see `read_image_folder`.
    """
    choice("split", split, PARTS)
    if size is not None:
        if not isinstance(size, tuple) or len(size) != 2:
            raise InputError(f"size must be (height, width); instead received {shown(size)}.")
        for side in size:
            whole("size", side, 1, LARGEST_SIDE)
    place = _folder(folder, "folder")
    images, labels, classes = read_image_folder(place, split, size)
    name = place.resolve().name
    attribution = f"Images of the folder {place}, {len(classes)} classes; it states neither origin nor terms."
    return Dataset(f"folder {name}", split, images, labels, 255, attribution, classes)


def held_out(labels: NDArray[Any]) -> NDArray[np.bool_]:
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
    folder = _folder(data_dir, "mnist")
    count, prefix = MNIST_COUNTS[split], MNIST_PREFIXES[split]
    images = read_idx(_find(folder, f"{prefix}-images-idx3-ubyte"), (count, 28, 28))
    label_file = _find(folder, f"{prefix}-labels-idx1-ubyte")
    labels = read_idx(label_file, (count,))
    if labels.max() > 9:
        raise InputError(f"{label_file}: label {labels.max()} is not a digit 0..9. {ADVICE['mnist']}")
    return Dataset("mnist", split, images[..., np.newaxis], labels, 255, MNIST_ATTRIBUTION)


def _load_colour(name: str, data_dir: str | Path | None, split: str) -> Dataset:
    folder = _folder(data_dir, name)
    if (folder / name).is_dir():
        folder = folder / name
    elif folder.resolve().name in {*COLOUR_READERS} - {name}:
        raise InputError(f"{folder}: is named after another data set than {name}; check data_dir.")
    images, labels = COLOUR_READERS[name](folder, split)
    return Dataset(name, split, images, labels, 255, COLOUR_ATTRIBUTIONS[name])


def _folder(data_dir: str | Path | None, name: str) -> Path:
    """The folder with the files of a data set, if there is one."""
    advice = ADVICE.get(name, "Name the folder with its files as data_dir.")
    if data_dir is None:
        raise InputError(f"the data set {name} is not embedded, and no data_dir was given. {advice}")
    if not isinstance(data_dir, str | os.PathLike):
        raise InputError(f"data_dir must be a path; instead received {shown(data_dir)}.")
    folder = Path(data_dir)
    if not os.path.isdir(folder):
        raise InputError(f"{folder}: there is no such folder. {advice}")
    return folder


def _find(folder: Path, stem: str) -> Path:
    for candidate in (folder / "mnist", folder):
        for suffix in (".gz", ""):
            if (candidate / f"{stem}{suffix}").is_file():
                return candidate / f"{stem}{suffix}"
    raise InputError(f"{folder}: neither {stem}.gz nor {stem} is there. {ADVICE['mnist']}")
