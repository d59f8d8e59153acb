"""A network out of an ONNX file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite_array
from spinpim.errors import InputError
from spinpim.network.model import Network
from spinpim.network.onnx_reader.graph import read_graph
from spinpim.network.onnx_reader.walk import Walk

PIXEL_SCALE = 1.0 / 255.0
BRIGHTEST = 255
LARGEST = 1e6


def network_from_onnx(
    path: str | os.PathLike[str],
    *,
    pixel_scale: float | Sequence[float] = PIXEL_SCALE,
    pixel_offset: float | Sequence[float] = 0.0,
) -> Network:
    """See `spinpim.network.Network.from_onnx`."""
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path must be that of an ONNX file; instead received {path!r:.60}.")
    place = Path(path)
    graph = read_graph(place)
    pixels = pixel_reals(pixel_scale, pixel_offset, graph.input_shape[1])
    walk = Walk(graph, pixels)
    walk.scores()
    builder = walk.builder
    if builder.input_table is None or builder.input_coding is None:
        raise InputError(
            f"{place}: its image is never quantised. Put a Quant or QuantizeLinear right after the input."
        )
    _, channels, height, width = graph.input_shape
    try:
        return Network(
            name=place.stem,
            title=f"read from {place.name}" + (f", written by {graph.producer}" if graph.producer else ""),
            input_shape=(height, width, channels),
            input_table=builder.input_table,
            input_coding=builder.input_coding,
            nodes=tuple(builder.nodes),
            training={
                "file": place.name,
                "producer": graph.producer,
                "opset": graph.opset,
                "tensors": dict(walk.quantised),
            },
        )
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def pixel_reals(
    scale: float | Sequence[float], offset: float | Sequence[float], channels: int
) -> NDArray[np.float32]:
    """Real number of each byte, shape (256, channels), rounded once to float32.

    Raises
    ------
    InputError
        If scale or offset are not one number or one per channel.
    """
    parts = []
    for name, given in (("pixel_scale", scale), ("pixel_offset", offset)):
        array = finite_array(name, given, -LARGEST, LARGEST)
        if array.shape not in ((), (1,), (channels,)):
            raise InputError(
                f"{name} must be one number, or one for each of {channels} channels; got {array.shape}."
            )
        parts.append(array)
    raw = np.arange(BRIGHTEST + 1, dtype=np.float64)[:, np.newaxis]
    return np.broadcast_to(raw * parts[0] + parts[1], (BRIGHTEST + 1, channels)).astype(np.float32)
