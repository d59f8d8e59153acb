"""Networks on disk: one ``.npz`` of plain arrays with a JSON header, read with suspicion."""

from __future__ import annotations

import difflib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from spinpim.errors import InputError
from spinpim.network.headers import SCHEMA, Header, coding_entry, node_parts
from spinpim.network.model import Network
from spinpim.network.npz import read_arrays
from spinpim.storage import replace_path

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED = Path(__file__).parent / "weights"
MAXIMUM_BYTES = 512 << 20


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
    expected = {"header", "input_table"}
    for index, entry in enumerate(header.nodes):
        expected |= {f"node{index}.{part}" for part in entry.array_names()}
    for missing in sorted(expected - set(arrays)):
        raise InputError(f"{path}: array {missing!r} is missing. {_REMEDY}")
    for surplus in sorted(set(arrays) - expected):
        raise InputError(f"{path}: array {surplus!r} does not belong in a network file. {_REMEDY}")
    try:
        height, width, channels = header.input_shape
        return Network(
            name=header.name,
            title=header.title,
            input_shape=(height, width, channels),
            input_table=arrays["input_table"],
            input_coding=header.input_coding.read(),
            nodes=tuple(entry.read(arrays, f"node{index}") for index, entry in enumerate(header.nodes)),
            training=header.training,
        )
    except InputError as error:
        raise InputError(f"{path}: {error} {_REMEDY}") from None


def shipped_networks() -> tuple[str, ...]:
    """Names of the networks that come with the package.

    Examples
    --------
    >>> "digits_w1a4" in shipped_networks()
    True
    """
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.npz")))


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
    parts = [node_parts(node) for node in network.nodes]
    header = _header_array(network, [entry for entry, _ in parts], target)
    arrays: dict[str, NDArray[Any]] = {"header": header, "input_table": network.input_table}
    for index, (_, of_node) in enumerate(parts):
        arrays |= {f"node{index}.{name}": array for name, array in of_node.items()}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
    with replace_path(target) as temporary:
        temporary.write_bytes(content.getvalue())


_REMEDY = "Write network files with Network.save or `python -m spinpim.network.train`."


def _find(name_or_path: str | Path) -> Path:
    if not isinstance(name_or_path, str | os.PathLike):
        raise InputError(f"a network is a name or a path; instead received {name_or_path!r:.60}.")
    text = os.fspath(name_or_path)
    if Path(text).is_dir():
        raise InputError(f"{text}: is a folder; name the .npz file of a network.")
    if text.endswith(".onnx"):
        raise InputError(f"{text}: read an ONNX file with Network.from_onnx, and save it as .npz.")
    if text.endswith(".npz") or Path(text).name != text:
        return Path(text)
    available = shipped_networks()
    if text in available:
        return SHIPPED / f"{text}.npz"
    close = difflib.get_close_matches(text, available, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    raise InputError(
        f"there is no network named {text!r}; available: {', '.join(available)}.{guess} "
        f"A file is given by a path that ends in .npz."
    )


def _read_header(path: Path, arrays: Mapping[str, NDArray[Any]]) -> Header:
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
        return Header.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "header"
        raise InputError(f"{path}: header {where}: {first['msg']}. {_REMEDY}") from None


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not a JSON number")


def _header_array(network: Network, nodes: list[dict[str, Any]], target: Path) -> NDArray[np.uint8]:
    document = {
        "schema": SCHEMA,
        "name": network.name,
        "title": network.title,
        "input_shape": [int(size) for size in network.input_shape],
        "input_coding": coding_entry(network.input_coding),
        "nodes": nodes,
        "training": dict(network.training),
    }
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"{target}: the training record is not plain JSON data ({error}).") from None
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)
