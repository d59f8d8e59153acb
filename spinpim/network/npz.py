"""Reads an ``.npz`` of plain numbers that may come from anyone: sizes are checked before memory is taken."""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

MAXIMUM_MEMBERS = 2048
NPY_MAGIC = b"\x93NUMPY\x01\x00"
NPY_HEAD = (
    r"\{'descr': '([^']{1,16})', 'fortran_order': (True|False), "
    r"'shape': \(((?:\d{1,12}, ?)*(?:\d{1,12})?)\), ?\} *\n"
)
NUMBER_TYPES = frozenset({"|b1", "|i1", "|u1", "<f4", "<f8", *(f"<{k}{n}" for k in "iu" for n in (2, 4, 8))})


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
    where = f"{path}: {entry.filename}"
    prefix = len(NPY_MAGIC) + 2
    if not content.startswith(NPY_MAGIC) or len(content) < prefix:
        raise InputError(f"{where} is not a plain array in NPY format 1.0.")
    start = prefix + int.from_bytes(content[prefix - 2 : prefix], "little")
    # A literal pattern instead of a parser of Python: nothing in the head is ever evaluated.
    head = re.fullmatch(NPY_HEAD, content[prefix:start].decode("latin-1"))
    if head is None:
        raise InputError(f"{where} is not a plain array: its head is not one that numpy writes for numbers.")
    type_name, fortran, sizes = head.groups()
    if type_name not in NUMBER_TYPES:
        raise InputError(
            f"{where} holds {type_name} instead of numbers. Object arrays can run code when read and are "
            f"refused; do not trust this file."
        )
    dtype = np.dtype(type_name)
    shape = tuple(int(size) for size in re.findall(r"\d+", sizes))
    present = len(content) - start
    if math.prod(shape) * dtype.itemsize != present:
        raise InputError(
            f"{where} declares shape {shape} of {dtype}, but {present} bytes follow. "
            f"It may be incomplete: copy or write it again."
        )
    flat = np.frombuffer(content, dtype=dtype, offset=start, count=math.prod(shape))
    return flat.reshape(shape, order="F" if fortran == "True" else "C")
