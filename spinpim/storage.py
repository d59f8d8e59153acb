"""Result files: always whole, plain HDF5 with dimension scales, readable without spinpim."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError


@contextmanager
def replace_path(path: str | Path) -> Iterator[Path]:
    """Yield a path beside the target to write to; on success sync it and rename it over the target.

    On any exception the target stays as it was and the partial file is removed.

    Raises
    ------
    InputError
        If the folder cannot be written or the disk is full.
    """
    target = Path(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        # mkstemp makes files private; a result gets the permissions of an ordinary new file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, target)
    except OSError as error:
        raise InputError(
            f"{target} cannot be written: {error.strerror or error}. "
            "Choose a folder that exists, can be written and has space left."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def replace_file(path: str | Path) -> Iterator[Any]:
    """Yield an open, empty HDF5 file that takes the place of ``path`` when it is complete."""
    import h5py

    with replace_path(path) as temporary, h5py.File(temporary, "w") as file:
        yield file


@contextmanager
def open_result(path: str | Path, schema: str) -> Iterator[Any]:
    """Yield a result file open for reading, after checking its schema.

    Raises
    ------
    InputError
        If the file is missing, not HDF5, truncated, or of another schema.
    """
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read as HDF5; it is missing, truncated or of another kind."
        ) from error
    with file:
        found = file.attrs.get("schema")
        if found != schema:
            raise InputError(f"{path} has schema {found!r}; {schema!r} is expected here.")
        yield file


def write_axis(group: Any, name: str, values: NDArray[np.float64], units: str) -> None:
    """Write a coordinate as an HDF5 dimension scale with its unit."""
    axis = group.create_dataset(name, data=values)
    axis.attrs["units"] = units
    axis.make_scale(name)
