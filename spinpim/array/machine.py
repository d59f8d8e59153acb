"""What executes: the ideal machine, or one chip with its fixed faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinpim.array.faults import ColumnErrors, access_keys, draw_layer
from spinpim.array.stored import StoredLayer, store_layer
from spinpim.network.layers import Layer

if TYPE_CHECKING:
    from spinpim.array.mapping import LayerMapping


class Chip(NamedTuple):
    """What a chip is drawn from: sub-arrays, errors, and the address (seed, number) of its draws."""

    mappings: tuple[LayerMapping, ...]
    sensing: ColumnErrors
    write_error: float
    seed: int
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """What executes: the ideal machine, or one chip.

    Attributes
    ----------
    layers : tuple of StoredLayer
        Rows of each layer.
    keys : tuple
        For each layer and filter group the keys of its activation writes and of its reads.
    write_error : float
        Probability that a written activation digit is wrong [1].
    """

    layers: tuple[StoredLayer, ...]
    keys: tuple[tuple[tuple[Any, Any], ...], ...]
    write_error: float


def ideal_machine(layers: tuple[Layer, ...]) -> Machine:
    """Return the machine without any error, each group of channels in one piece."""
    stored = tuple(store_layer(layer) for layer in layers)
    unused = np.uint64(0)
    return Machine(stored, tuple(((unused, unused),) * len(layer.groups) for layer in stored), 0.0)


def draw_chip(layers: tuple[Layer, ...], chip: Chip) -> Machine:
    """Draw one chip and store the layers in it."""
    seed, number = chip.seed, chip.number
    stored = tuple(
        draw_layer(layer, mapping, chip.sensing, chip.write_error, seed=seed, chip=number, layer_number=place)
        for place, (layer, mapping) in enumerate(zip(layers, chip.mappings, strict=True))
    )
    keys = tuple(
        tuple(access_keys(seed, number, place, group) for group in range(len(layer.groups)))
        for place, layer in enumerate(stored)
    )
    return Machine(stored, keys, chip.write_error)
