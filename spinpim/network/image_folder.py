"""Folders of labelled images: one sub-folder per class, as training frameworks read and write them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.image_file import ENDINGS, read_image

LARGEST_SET = 4 << 30
"""Bytes of all images of a part together."""
PARTS = ("train", "test")
LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
"""What file managers leave behind, besides hidden files."""


class Labelled(NamedTuple):
    """Images (images, height, width, channels), the number of the class of each, and their names."""

    images: NDArray[np.uint8]
    labels: NDArray[Any]
    classes: tuple[str, ...]


def read_image_folder(folder: Path, split: str, size: tuple[int, int] | None = None) -> Labelled:
    """Images of one part, class by class in the order of the names, and so within a class.

    Parameters
    ----------
    folder : Path
        Holds ``train/`` and ``test/`` with one folder per class each, or these folders itself, which then are
        the test part. Hidden files and those of file managers are passed over; links are followed.
    split : str
        "train" or "test".
    size : (height, width), optional
        What all images are resized to; see `read_image`.

    Returns
    -------
    images : array of uint8, shape (images, height, width, channels)
    labels : array of unsigned int, shape (images,)
        Place of the class among the sorted names: bytes, or wider beyond 256 classes.
    classes : tuple of str

    Raises
    ------
    InputError
        If a file in a class is no image or differs from the others in size or channels, a class is empty or
        in one part only, or an image lies beside the classes.
    """
    part = _part(folder, split)
    classes = _classes(folder, part)
    members = [_members(part / name) for name in classes]
    labels = np.repeat(np.arange(len(classes)), [len(paths) for paths in members])
    images = _stacked([path for paths in members for path in paths], size)
    return Labelled(images, labels.astype(np.min_scalar_type(len(classes) - 1)), classes)


def _part(folder: Path, split: str) -> Path:
    """Folder with the classes of a part."""
    present = [name for name in PARTS if os.path.isdir(folder / name)]
    if split in present:
        return folder / split
    other = next(iter(present), None)
    if other is not None:
        raise InputError(f"{folder}: has a folder {other} but none named {split}; check data_dir.")
    if split != "test":
        raise InputError(
            f"{folder}: has no folder {split}; a folder of classes without {' and '.join(PARTS)} is read as "
            "the test part."
        )
    return folder


def _classes(folder: Path, part: Path) -> tuple[str, ...]:
    """Sorted names of the classes; those of the training part number the test part, too."""
    classes = _class_names(part)
    training = folder / "train"
    if part != folder and part != training and training.is_dir():
        trained = _class_names(training)
        if trained != classes:
            odd = sorted({*trained} ^ {*classes})[0]
            where = (training, part) if odd in trained else (part, training)
            raise InputError(
                f"{where[0] / odd}: there is no such class in {where[1]}; labels are places among the sorted "
                "names, so both parts must have the same classes."
            )
    return classes


def _class_names(part: Path) -> tuple[str, ...]:
    names = []
    for path in _entries(part):
        if path.is_dir():
            names.append(path.name)
        elif path.suffix.lower() in ENDINGS:
            raise InputError(
                f"{path}: an image beside the folders of classes belongs to none; expected "
                f"{part / 'CLASS' / path.name}."
            )
    if not names:
        raise InputError(f"{part}: holds no folder of a class; images lie in one sub-folder per class.")
    return tuple(names)


def _members(class_folder: Path) -> list[Path]:
    """Image files of a class, by name."""
    paths = _entries(class_folder)
    for path in paths:
        if path.is_dir():
            raise InputError(
                f"{path}: a folder within a class; its images belong into {class_folder.name} itself. Or is "
                f"data_dir one folder too high?"
            )
        if path.suffix.lower() not in ENDINGS:
            raise InputError(
                f"{path}: no image by its name ({', '.join(sorted(ENDINGS))}); take it out of the folder."
            )
        if not path.is_file():
            raise InputError(f"{path}: no regular file; take it out of the folder.")
    if not paths:
        raise InputError(f"{class_folder}: holds no image; remove the class or copy its images again.")
    return paths


def _entries(place: Path) -> list[Path]:
    """What lies in a place, by name, but for hidden files and litter."""
    try:
        names = sorted(name for name in os.listdir(place) if not name.startswith("."))
        paths = [place / name for name in names if name.lower() not in LITTER]
        lost = [path for path in paths if not path.exists()]
    except OSError as error:
        raise InputError(f"{place}: cannot be read ({error.strerror}).") from None
    if lost:
        raise InputError(f"{lost[0]}: leads nowhere; mend the link or take it out of the folder.")
    return paths


def _stacked(paths: list[Path], size: tuple[int, int] | None) -> NDArray[np.uint8]:
    first = read_image(paths[0], size)
    if first.size * len(paths) > LARGEST_SET:
        raise InputError(
            f"{paths[0]}: {len(paths)} images of {_sizes(first)} are more than the {LARGEST_SET >> 30} GiB "
            "that are read; take fewer or smaller images."
        )
    images = np.empty((len(paths), *first.shape), np.uint8)
    for image, path in zip(images, paths, strict=True):
        found = read_image(path, size)
        if found.shape != first.shape:
            raise InputError(
                f"{path}: is {_sizes(found)}, but {paths[0]} is {_sizes(first)}; all images of a data set "
                "have one size and either one channel (grey) or three (colour, palette)."
            )
        image[...] = found
    return images


def _sizes(image: NDArray[np.uint8]) -> str:
    return " x ".join(map(str, image.shape))
