"""What executes: the ideal machine, or one chip with its fixed faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinpim.array.fault_kinds import Faults
from spinpim.array.faults import access_keys, draw_layer
from spinpim.array.protection import Parity, Protection
from spinpim.array.stored import StoredLayer, store_layer
from spinpim.array.words import CORRECT
from spinpim.network.layers import Layer

if TYPE_CHECKING:
    from spinpim.array.mapping import LayerMapping


class Chip(NamedTuple):
    """What a chip is drawn from: sub-arrays, errors, and the address (seed, number) of its draws.

    ``images`` is the number of images of the run, after which no digit is followed.
    """

    mappings: tuple[LayerMapping, ...]
    faults: Faults
    seed: int
    number: int
    protection: Protection | None = None
    images: int = 0


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
    rereads : int
        How a code judges its words, see ``judge_words``; unused without words.
    """

    layers: tuple[StoredLayer, ...]
    keys: tuple[tuple[tuple[Any, Any], ...], ...]
    write_error: float
    rereads: int = CORRECT


def ideal_machine(layers: tuple[Layer, ...]) -> Machine:
    """Return the machine without any error, each group of channels in one piece."""
    stored = tuple(store_layer(layer) for layer in layers)
    unused = np.uint64(0)
    return Machine(stored, tuple(((unused, unused),) * len(layer.groups) for layer in stored), 0.0)


def draw_chip(layers: tuple[Layer, ...], chip: Chip) -> Machine:
    """Draw one chip and store the layers in it."""
    seed, number = chip.seed, chip.number
    stored = tuple(
        draw_layer(
            layer,
            mapping,
            chip.faults,
            chip.protection,
            seed=seed,
            chip=number,
            layer_number=place,
            images=chip.images,
        )
        for place, (layer, mapping) in enumerate(zip(layers, chip.mappings, strict=True))
    )
    keys = tuple(
        tuple(access_keys(seed, number, place, group) for group in range(len(layer.groups)))
        for place, layer in enumerate(stored)
    )
    rereads = chip.protection.rereads if isinstance(chip.protection, Parity) else CORRECT
    return Machine(stored, keys, chip.faults.activation_write_error, rereads)
