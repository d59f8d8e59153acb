"""What labelled 32 x 32 colour images must satisfy, whatever file they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

SIDE = 32
CLASSES = 10


def checked(
    path: Path, images: NDArray[Any], labels: NDArray[Any]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images and labels of a file that fit each other.

    Raises
    ------
    InputError
        If the shapes are not those of labelled 32 x 32 colour images, or a label is no class.
    """
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE, 3):
        raise InputError(
            f"{path}: the images must be bytes of shape (images, {SIDE}, {SIDE}, 3); got {images.dtype} of "
            f"shape {images.shape}."
        )
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        raise InputError(
            f"{path}: {len(images)} images need as many whole numbers as labels; got {labels.dtype} of shape "
            f"{labels.shape}."
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < CLASSES:
        raise InputError(f"{path}: labels lie in 0..{CLASSES - 1}; found {labels.min()}..{labels.max()}.")
    return images, labels.astype(np.uint8)
