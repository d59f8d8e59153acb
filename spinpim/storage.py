"""Result files: always whole, plain HDF5 with dimension scales, readable without spinpim."""

from __future__ import annotations

import errno
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

STORAGE_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
)


@contextmanager
def replace_path(path: str | Path) -> Iterator[Path]:
    """Yield a path beside the target to write to; on success sync it and rename it over the target.

    On any exception the target stays as it was and the partial file is removed.

    Raises
    ------
    InputError
        If the folder cannot be written, the disk is full, or the target is a device or a folder.
    """
    target = Path(path)
    with told_of_storage(target):
        taken = target.exists() and not target.is_file()
    if taken:
        raise InputError(f"{target} is no ordinary file and would be replaced by one; choose another name.")
    with told_of_storage(target):
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        with told_of_storage(target, only=STORAGE_ERRORS):
            yield temporary
        with told_of_storage(target):
            with open(temporary, "rb+") as written:
                os.fsync(written.fileno())
            make_ordinary(temporary, 0o666)
            os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def check_target(path: Path) -> None:
    """Refuse, before long work, a result file that could not be written: a folder, or none to hold it.

    Raises
    ------
    InputError
        With what is in the way.
    """
    with told_of_storage(path):
        taken, missing = path.is_dir(), not path.absolute().parent.is_dir()
    if taken:
        raise InputError(f"{path} is a folder; give the name of a file, for example {path / 'result'}.")
    if missing:
        raise InputError(f"{path.parent}: there is no such folder to write to; make it first.")


@contextmanager
def told_of_storage(target: Path, only: frozenset[int] | None = None) -> Iterator[None]:
    """Turn a failure of the file system into a sentence; with ``only``, those error numbers alone."""
    try:
        yield
    except OSError as error:
        if only is not None and _error_number(error) not in only:
            raise
        raise InputError(
            f"{target} cannot be written: {error.strerror or error}. "
            "Choose a place that can be written and has space left."
        ) from error


def make_ordinary(path: Path, mode: int) -> None:
    """Give a file or folder made in private the permissions of an ordinary new one."""
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(mode & ~umask)


def _error_number(error: OSError) -> int | None:
    """Error number of an exception; h5py hides it in the text."""
    found = re.search(r"errno = (\d+)", str(error))
    return int(found[1]) if error.errno is None and found else error.errno


@contextmanager
def replace_file(path: str | Path) -> Iterator[Any]:
    """Yield an open, empty HDF5 file that takes the place of ``path`` when it is complete.

    It is built in memory: the HDF5 library ends the whole process when a disk fills up under an open file.
    """
    import h5py

    with replace_path(path) as temporary:
        content = io.BytesIO()
        with h5py.File(content, "w") as file:
            yield file
        temporary.write_bytes(content.getbuffer())


@contextmanager
def open_result(path: str | Path, *schemas: str) -> Iterator[Any]:
    """Yield a result file open for reading, after checking its schema.

    Raises
    ------
    InputError
        If the file is missing, not HDF5, truncated, or of another schema.
    """
    import h5py

    try:
        # A pipe would be waited for, for ever.
        if not Path(path).is_file():
            raise FileNotFoundError(path)
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read as HDF5; it is missing, truncated or of another kind."
        ) from error
    with file:
        found = file.attrs.get("schema")
        if not isinstance(found, str) or found not in schemas:
            raise InputError(f"{path} has schema {found!r}; {' or '.join(schemas)} is expected here.")
        yield file


def write_axis(group: Any, name: str, values: NDArray[np.float64], units: str) -> None:
    """Write a coordinate as an HDF5 dimension scale with its unit."""
    axis = group.create_dataset(name, data=values)
    axis.attrs["units"] = units
    axis.make_scale(name)
