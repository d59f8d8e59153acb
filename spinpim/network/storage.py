"""Networks on disk: one ``.npz`` of plain arrays with a JSON header, read with suspicion."""

from __future__ import annotations

import difflib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spinpim.errors import InputError
from spinpim.network.layers import Layer
from spinpim.network.model import Network
from spinpim.network.npz import read_arrays
from spinpim.network.quantise import BitCoding
from spinpim.storage import replace_path

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "spinpim-network/1"
SHIPPED = Path(__file__).parent / "weights"
MAXIMUM_BYTES = 64 << 20
MAXIMUM_LAYERS = 256

_Size = Annotated[int, Field(ge=0, le=1 << 20)]


class _Coding(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    name: str
    bits: _Size


class _LayerHeader(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    kind: str
    name: str
    kernel: Annotated[list[_Size], Field(min_length=2, max_length=2)]
    stride: _Size
    padding: _Size
    in_channels: _Size
    out_channels: _Size
    weight_coding: _Coding
    input_coding: _Coding
    output_bits: _Size | None
    pool: _Size


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    schema_: Literal["spinpim-network/1"] = Field(alias="schema")
    name: str
    title: str
    input_shape: Annotated[list[_Size], Field(min_length=3, max_length=3)]
    input_maximum: _Size
    input_bits: _Size
    layers: Annotated[list[_LayerHeader], Field(min_length=1, max_length=MAXIMUM_LAYERS)]
    training: dict[str, Any]


def load_network(name_or_path: str | Path) -> Network:
    """Network of a shipped name, or of a path that ends in ``.npz``.

    Raises
    ------
    InputError
        If there is none, or the file is damaged, of another kind, or inconsistent.
    """
    path = _find(name_or_path)
    arrays = read_arrays(path, maximum_bytes=MAXIMUM_BYTES)
    header = _read_header(path, arrays)
    expected = {"header"}
    for index in range(len(header.layers)):
        expected |= {f"layer{index}.{part}" for part in ("planes", "scale", "offset")}
    for missing in sorted(expected - set(arrays)):
        raise InputError(f"{path}: array {missing!r} is missing. {_REMEDY}")
    for surplus in sorted(set(arrays) - expected):
        raise InputError(f"{path}: array {surplus!r} does not belong in a network file. {_REMEDY}")
    try:
        layers = tuple(_layer(arrays, index, entry) for index, entry in enumerate(header.layers))
        return Network(
            name=header.name,
            title=header.title,
            input_shape=(header.input_shape[0], header.input_shape[1], header.input_shape[2]),
            input_maximum=header.input_maximum,
            input_bits=header.input_bits,
            layers=layers,
            training=header.training,
        )
    except InputError as error:
        raise InputError(f"{path}: {error} {_REMEDY}") from None


def save_network(network: Network, path: str | Path) -> None:
    """Write a network; the file appears whole or not at all.

    Raises
    ------
    InputError
        If the path does not end in ``.npz``, its folder does not exist or cannot be written, or the
        training record is not expressible in JSON.
    """
    target = Path(path)
    if target.suffix != ".npz":
        raise InputError(f"{target}: a network file ends in .npz; give such a path.")
    arrays: dict[str, NDArray[Any]] = {"header": _header_array(network, target)}
    for index, layer in enumerate(network.layers):
        planes = layer.weight_coding.planes(layer.weight_codes)
        arrays[f"layer{index}.planes"] = np.packbits(planes, axis=-1)
        arrays[f"layer{index}.scale"] = layer.scale
        arrays[f"layer{index}.offset"] = layer.offset
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
    with replace_path(target) as temporary:
        temporary.write_bytes(content.getvalue())


_REMEDY = "Write network files with Network.save or `python -m spinpim.network.train`."


def _find(name_or_path: str | Path) -> Path:
    text = os.fspath(name_or_path)
    if text.endswith(".npz") or Path(text).name != text:
        return Path(text)
    available = sorted(path.stem for path in SHIPPED.glob("*.npz"))
    if text in available:
        return SHIPPED / f"{text}.npz"
    close = difflib.get_close_matches(text, available, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    raise InputError(
        f"there is no network named {text!r}; available: {', '.join(available)}.{guess} "
        f"(A file is given by a path that ends in .npz.)"
    )


def _read_header(path: Path, arrays: Mapping[str, NDArray[Any]]) -> _Header:
    raw = arrays.get("header")
    if raw is None or raw.dtype != np.uint8 or raw.ndim != 1:
        raise InputError(f"{path}: no header of bytes; this is not a network file. {_REMEDY}")
    try:
        document = json.loads(raw.tobytes().decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: the header is not JSON text ({error}). {_REMEDY}") from None
    if isinstance(document, dict) and document.get("schema") != SCHEMA:
        raise InputError(
            f"{path}: schema is {document.get('schema')!r}; this version reads {SCHEMA!r}. {_REMEDY}"
        )
    try:
        return _Header.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "header"
        raise InputError(f"{path}: header {where}: {first['msg']}. {_REMEDY}") from None


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not a JSON number")


def _layer(arrays: Mapping[str, NDArray[Any]], index: int, entry: _LayerHeader) -> Layer:
    coding = BitCoding(entry.weight_coding.name, entry.weight_coding.bits)
    fan_in = entry.kernel[0] * entry.kernel[1] * entry.in_channels
    packed = arrays[f"layer{index}.planes"]
    shape = (coding.bits, entry.out_channels, -(-fan_in // 8))
    if packed.dtype != np.uint8 or packed.shape != shape:
        raise InputError(
            f"layer{index}.planes must be uint8 of shape {shape}; got {packed.dtype} of shape {packed.shape}."
        )
    planes = np.unpackbits(packed, axis=-1, count=fan_in)
    weights = np.left_shift(1, np.arange(coding.bits, dtype=np.uint8))
    return Layer(
        kind=entry.kind,
        name=entry.name,
        kernel=(entry.kernel[0], entry.kernel[1]),
        stride=entry.stride,
        padding=entry.padding,
        in_channels=entry.in_channels,
        out_channels=entry.out_channels,
        weight_coding=coding,
        input_coding=BitCoding(entry.input_coding.name, entry.input_coding.bits),
        weight_codes=np.einsum("j,jok->ok", weights, planes, dtype=np.uint8),
        scale=arrays[f"layer{index}.scale"],
        offset=arrays[f"layer{index}.offset"],
        output_bits=entry.output_bits,
        pool=entry.pool,
    )


def _header_array(network: Network, target: Path) -> NDArray[np.uint8]:
    document = {
        "schema": SCHEMA,
        "name": network.name,
        "title": network.title,
        "input_shape": list(network.input_shape),
        "input_maximum": network.input_maximum,
        "input_bits": network.input_bits,
        "layers": [_layer_entry(layer) for layer in network.layers],
        "training": dict(network.training),
    }
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"{target}: the training record is not plain JSON data ({error}).") from None
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _layer_entry(layer: Layer) -> dict[str, Any]:
    plain = ("kind", "name", "stride", "padding", "in_channels", "out_channels", "output_bits", "pool")
    entry: dict[str, Any] = {name: getattr(layer, name) for name in plain}
    entry["kernel"] = list(layer.kernel)
    for name in ("weight_coding", "input_coding"):
        coding = getattr(layer, name)
        entry[name] = {"name": coding.name, "bits": coding.bits}
    return entry
