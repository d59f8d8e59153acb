"""Reads an ``.npz`` of plain numbers that may come from anyone: sizes are checked before memory is taken."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

MAXIMUM_MEMBERS = 2048
MAXIMUM_ARRAY_HEADER = 4096


def read_arrays(path: Path, *, maximum_bytes: int) -> dict[str, NDArray[Any]]:
    """All arrays of an ``.npz`` file, by name.

    Parameters
    ----------
    path : Path
        The file.
    maximum_bytes : int
        Largest size [B] of the file, and of all its arrays together when unpacked.

    Returns
    -------
    dict of arrays
        Booleans and numbers only, read-only views.

    Raises
    ------
    InputError
        If the file is absent, not a zip file, truncated, encrypted, larger than allowed when unpacked,
        or holds anything but plain arrays of numbers.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; check the path.")
    if path.stat().st_size > maximum_bytes:
        raise InputError(f"{path}: the file is larger than the {maximum_bytes >> 20} MiB that are read.")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive.infolist(), maximum_bytes)
            return {
                entry.filename.removesuffix(".npy"): _parse(path, entry, archive.read(entry))
                for entry in archive.infolist()
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise InputError(
            f"{path}: not a readable .npz file ({error}). It may be incomplete: copy or write it again."
        ) from None


def _check_members(path: Path, entries: list[zipfile.ZipInfo], maximum_bytes: int) -> None:
    if len(entries) > MAXIMUM_MEMBERS:
        raise InputError(f"{path}: holds {len(entries)} arrays; at most {MAXIMUM_MEMBERS} are read.")
    if len({entry.filename for entry in entries}) != len(entries):
        raise InputError(f"{path}: the same array name occurs twice; write the file again.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > maximum_bytes:
        raise InputError(
            f"{path}: unpacks to {unpacked / (1 << 20):.0f} MiB; at most {maximum_bytes >> 20} MiB are read. "
            f"This is not a file of this package."
        )
    for entry in entries:
        if not entry.filename.endswith(".npy"):
            raise InputError(f"{path}: member {entry.filename!r} is not an array (.npy).")
        if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(f"{path}: {entry.filename} is encrypted or packed by an unusual method.")


def _parse(path: Path, entry: zipfile.ZipInfo, content: bytes) -> NDArray[Any]:
    """Read one array; the declared size must be the size that is there."""
    stream = io.BytesIO(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            if np.lib.format.read_magic(stream) != (1, 0):
                raise ValueError("its format version is not 1.0")
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(
                stream, max_header_size=MAXIMUM_ARRAY_HEADER
            )
    except (ValueError, Warning, RecursionError, MemoryError) as error:
        raise InputError(f"{path}: {entry.filename} is not a plain array ({error}).") from None
    if dtype.hasobject or dtype.kind not in "biuf":
        raise InputError(
            f"{path}: {entry.filename} holds {dtype} instead of numbers. Object arrays can run code when "
            f"read and are refused; do not trust this file."
        )
    present = len(content) - stream.tell()
    if math.prod(shape) * dtype.itemsize != present or min(shape, default=1) < 0:
        raise InputError(
            f"{path}: {entry.filename} declares shape {shape} of {dtype}, "
            f"but {present} bytes follow. It may be incomplete: copy or write it again."
        )
    flat = np.frombuffer(content, dtype=dtype, offset=stream.tell(), count=math.prod(shape))
    return flat.reshape(shape, order="F" if fortran else "C")
