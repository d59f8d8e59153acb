"""Reads IDX files (the format of MNIST), plain or gzipped, and nothing that only resembles them."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

UNSIGNED_BYTE = 0x08


def read_idx(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Unsigned bytes of an IDX file whose shape is known beforehand.

    The file is a big-endian word ``0x0000TTDD`` (type TT, DD axes), one word per axis, then the bytes.
    Never more than the expected number of bytes is unpacked.

    Parameters
    ----------
    path : Path
        The file; gzip is recognised by its first bytes, not by the name.
    shape : tuple of int
        The shape that the file must declare.

    Returns
    -------
    array of uint8, shape ``shape``
        The content.

    Raises
    ------
    InputError
        If the file is absent, damaged, of another type or shape, too short or too long.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database, description of the IDX file format.
    """
    head_bytes = 4 * (1 + len(shape))
    expected = math.prod(shape)
    try:
        with open(path, "rb") as raw:
            gzipped = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if gzipped else open(path, "rb") as stream:
            head = stream.read(head_bytes)
            content = stream.read(expected + 1) if _declares(path, head, shape) else b""
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; check the path.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: the gzip data is damaged or cut off ({error}). {_REMEDY}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None
    if len(content) != expected:
        amount = "more" if len(content) > expected else f"only {len(content)}"
        raise InputError(f"{path}: {expected} bytes must follow the head; there are {amount}. {_REMEDY}")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


_REMEDY = "Delete the file and get it again."


def _declares(path: Path, head: bytes, shape: tuple[int, ...]) -> bool:
    """Raise unless the head declares unsigned bytes of that shape."""
    magic = (UNSIGNED_BYTE << 8) | len(shape)
    if len(head) < 4 * (1 + len(shape)):
        raise InputError(f"{path}: {len(head)} bytes are too few for an IDX file. {_REMEDY}")
    found_magic, *found_shape = struct.unpack(f">{1 + len(shape)}I", head)
    if found_magic != magic:
        raise InputError(
            f"{path}: starts with 0x{found_magic:08x} instead of 0x{magic:08x}, so it is not an IDX file of "
            f"unsigned bytes with {len(shape)} axes. Are images and labels exchanged?"
        )
    if tuple(found_shape) != shape:
        raise InputError(
            f"{path}: declares the shape {' x '.join(map(str, found_shape))}; expected "
            f"{' x '.join(map(str, shape))}. Are training and test files exchanged?"
        )
    return True
