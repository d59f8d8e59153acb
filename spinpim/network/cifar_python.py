"""The Python version of CIFAR-10, read as the data that it is: the pickle is looked through, never run."""

from __future__ import annotations

import pickletools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.labelled import SIDE, checked

PIXELS = 3 * 32 * 32
TEXTS = (
    "SHORT_BINSTRING",
    "BINSTRING",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "SHORT_BINBYTES",
    "BINBYTES",
    "STRING",
)
NUMBERS = ("BININT1", "BININT2", "BININT", "INT")
CODEC = b"latin1"
"""Named after the first string of bytes by newer writers of the old protocol."""
REMEDY = "It may be incomplete or no batch of CIFAR-10; get it again, or use the binary version."


def read_batch(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images and labels of a batch: the longest string of its pickle, and the numbers after "labels".

    A pickle is a program. Its opcodes are only listed here, which runs nothing.

    Parameters
    ----------
    path : Path
        ``data_batch_1`` to ``data_batch_5`` or ``test_batch``.

    Returns
    -------
    images : array of uint8, shape (images, 32, 32, 3)
    labels : array of uint8, shape (images,)

    Raises
    ------
    InputError
        If the file is absent, cut off, or holds something else.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file, but others of CIFAR-10 are; copy all of them.")
    pixels, labels, counting = b"", [], False
    try:
        for opcode, argument, _ in pickletools.genops(path.read_bytes()):
            if opcode.name in TEXTS:
                content = argument if isinstance(argument, bytes) else str(argument).encode("latin-1")
                if content != CODEC:
                    counting = content == b"labels"
                pixels = max(pixels, content, key=len)
            elif opcode.name in NUMBERS and counting:
                labels.append(int(str(argument)))
    except Exception as error:
        # The lister raises whatever a damaged file makes it stumble over.
        raise InputError(f"{path}: not a readable pickle ({error}). {REMEDY}") from None
    if not labels or len(pixels) != len(labels) * PIXELS:
        raise InputError(f"{path}: {len(pixels)} bytes of pixels and {len(labels)} labels. {REMEDY}")
    planes = np.frombuffer(pixels, np.uint8).reshape(-1, 3, SIDE, SIDE)
    return checked(path, np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), np.array(labels))
