"""An ONNX file that may come from anyone: sizes and places are checked before memory is taken."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

MAXIMUM_BYTES = 512 << 20
"""Of the file, and of all data outside it."""
MAXIMUM_NODES = 8192
OLDEST_OPSET = 9
_REMEDY = "Export the network again, or copy the file again."


def read_model(path: str | os.PathLike[str]) -> Any:
    """Parsed file (an ``onnx.ModelProto``) whose outside data are not read yet.

    Raises
    ------
    InputError
        If the package onnx is absent, or the file is absent, too large, or no ONNX model of operators.
    """
    onnx = imported_onnx()
    place = Path(path)
    if not place.is_file():
        raise InputError(f"{place}: there is no such file; check the path.")
    if place.stat().st_size > MAXIMUM_BYTES:
        raise InputError(f"{place}: the file is larger than the {MAXIMUM_BYTES >> 20} MiB that are read.")
    model = onnx.ModelProto()
    try:
        model.ParseFromString(place.read_bytes())
    except Exception as error:  # what protobuf raises has another name in each of its versions
        raise InputError(f"{place}: not an ONNX file, or incomplete ({str(error)[:80]}). {_REMEDY}") from None
    if not model.graph.node or not model.opset_import:
        raise InputError(f"{place}: not an ONNX file: it has no graph of operators. {_REMEDY}")
    if len(model.graph.node) > MAXIMUM_NODES:
        raise InputError(f"{place}: has {len(model.graph.node)} operators; at most {MAXIMUM_NODES} are read.")
    if model.functions:
        raise InputError(
            f"{place}: defines functions of its own ({model.functions[0].name!r}); export with plain "
            "operators."
        )
    return model


def imported_onnx() -> Any:
    """Return the package onnx, which only this reader needs.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        import onnx
    except ImportError:
        raise InputError(
            "reading ONNX files needs the package onnx, which is not installed: "
            "python3 -m pip install 'spinpim[onnx]'"
        ) from None
    return onnx


def opset(path: Path, model: Any) -> int:
    """Version of the plain operators, looked up by the name of their domain.

    Raises
    ------
    InputError
        If there is none, or it is older than what is read.
    """
    versions = {entry.domain: entry.version for entry in model.opset_import}
    version = versions.get("", versions.get("ai.onnx"))
    if version is None:
        raise InputError(f"{path}: states no version of the plain ONNX operators. {_REMEDY}")
    if version < OLDEST_OPSET:
        raise InputError(
            f"{path}: uses operators of opset {version}; {OLDEST_OPSET} and later are read. Export with "
            "opset "
            "13 or later."
        )
    return int(version)


class TensorReader:
    """Arrays of the tensors of one file, its outside data included."""

    def __init__(self, path: Path) -> None:
        """Remember the folder; bytes of all tensors together are limited."""
        self.path = path
        self.folder = path.parent.resolve()
        self.bytes_left = 2 * MAXIMUM_BYTES

    def array(self, tensor: Any, what: str) -> NDArray[Any]:
        """Array of a tensor.

        Raises
        ------
        InputError
            If its data are missing, lie outside the folder, or are not as many as its shape says.
        """
        onnx = imported_onnx()
        where = f"{self.path}: tensor {what!r}"
        if tensor.HasField("segment"):
            raise InputError(f"{where} is stored in segments, which no engine reads. {_REMEDY}")
        try:
            element = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        except (KeyError, TypeError, ValueError):
            element = None
        if element is None or element == np.dtype(object):
            raise InputError(f"{where} holds no numbers (ONNX type {tensor.data_type}).")
        dims = [int(size) for size in tensor.dims]
        if any(size < 0 for size in dims):
            raise InputError(f"{where} has the shape {dims}. {_REMEDY}")
        # Four-bit numbers lie two to a byte in the file, and one to a byte in memory.
        size_B = math.prod(dims) * element.itemsize
        self.bytes_left -= size_B
        if self.bytes_left < 0:
            raise InputError(
                f"{where} takes the file beyond the {2 * MAXIMUM_BYTES >> 20} MiB that are read."
            )
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            plain = onnx.TensorProto()
            plain.CopyFrom(tensor)
            del plain.external_data[:]
            plain.data_location = onnx.TensorProto.DEFAULT
            plain.raw_data = self._outside_bytes(tensor, where, size_B)
            tensor = plain
        try:
            array = onnx.numpy_helper.to_array(tensor)
        except Exception as error:  # the ways in which fields can contradict each other are onnx's
            raise InputError(f"{where} is damaged ({str(error)[:80]}). {_REMEDY}") from None
        if array.shape != tuple(dims):
            raise InputError(f"{where} holds other than the {dims} numbers of its shape. {_REMEDY}")
        return np.asarray(array)

    def _outside_bytes(self, tensor: Any, where: str, size_B: int) -> bytes:
        """Bytes of a tensor that lies in another file of the folder."""
        entries = {entry.key: entry.value for entry in tensor.external_data}
        location = entries.get("location", "")
        named = Path(location)
        outside = not location or named.is_absolute() or ".." in named.parts or "\\" in location
        place = (self.folder / named).resolve() if not outside else self.folder
        if outside or not place.is_relative_to(self.folder) or place == self.folder:
            raise InputError(
                f"{where} says that its data are in {location!r}; only files in the folder of the model "
                "are read."
            )
        if not place.is_file():
            raise InputError(
                f"{where}: its data file {location!r} is missing beside the model. Copy it there, or export "
                "with all data in one file."
            )
        try:
            offset, length = int(entries.get("offset", 0)), int(entries.get("length", size_B))
        except ValueError:
            raise InputError(f"{where}: offset and length of its data are no numbers. {_REMEDY}") from None
        if offset < 0 or length not in (size_B, -(-size_B // 2)) or offset + length > place.stat().st_size:
            raise InputError(
                f"{where}: its data are {length} bytes at {offset} of {location!r}, but its shape needs "
                f"{size_B}, and the file has {place.stat().st_size}. {_REMEDY}"
            )
        with place.open("rb") as file:
            file.seek(offset)
            return file.read(length)
