"""One machine with a network on it, of whatever kind: energy, time, area, what may be held several times."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from spinpim.array import ArrayModel, cost
from spinpim.array.baselines import baseline_cost
from spinpim.array.baselines.lines import BaselineCost, BaselineLayer
from spinpim.array.baselines.sizing import sized_for
from spinpim.array.ledger import Cost, digital_time_s
from spinpim.array.mapping import LayerMapping
from spinpim.array.prices import Prices
from spinpim.array.scheduling import layer_time_s
from spinpim.errors import InputError
from spinpim.network.digital_work import largest_waiting_bits
from spinpim.network.model import Network
from spinpim.params.array_file import ArrayFile
from spinpim.params.baseline_file import BaselineFile
from spinpim.params.changed_numbers import Band, with_numbers

Precision = Literal["matched", "native"]

GROUPS: dict[str, tuple[str, ...]] = {
    "cells, sensing, conversion": ("sensing", "precharge", "cells", "converters"),
    "rows": ("decoding", "word lines", "row drive"),
    "counting and arithmetic": (
        "counting",
        "shifting and adding",
        "keeping sums",
        "arithmetic",
        "shift and add",
    ),
    "activation writes": ("activation writes",),
    "buffer and bus": ("buffer", "bus", "weight reload"),
    "digital unit": ("digital unit",),
    "external memory": ("external memory",),
    "static": ("leakage", "static"),
}
"""Components of the ledgers of all machines under common headings."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A layer, or all of them, on parts of its own.

    Attributes
    ----------
    windows : int
        Windows per image, which copies share out; 1: nothing to share.
    area_m2, bits : float
        Area of one copy [m^2], digits that it holds [1].
    time_s : callable
        Time for an image with so many copies [s].
    """

    windows: int
    area_m2: float
    bits: float
    time_s: Callable[[int], float] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Side:
    """A network on a machine.

    Attributes
    ----------
    name : str
        Of the machine.
    precision : str
        "matched" or "native"; the memory is always matched.
    node_m : float
        Of the transistors [m].
    energy_J, latency_s, interval_s : float
        Per image, every layer held once [J], [s].
    area_m2, bits : float
        Area [m^2] and digits held [1], every layer held once.
    ledger_J : tuple of (str, dict)
        Energy by component of each layer [J].
    stages : tuple of Stage
        What can be held several times.
    shared_area_m2, shared_bits, shared_s : float
        Of what all layers share [m^2], [1]; its time for an image [s].
    enlarged : tuple of str
        Counts that were raised so that the network fits, as "key value".
    """

    name: str
    precision: Precision
    node_m: float
    energy_J: float
    latency_s: float
    interval_s: float
    area_m2: float
    bits: float
    ledger_J: tuple[tuple[str, dict[str, float]], ...] = field(repr=False)
    stages: tuple[Stage, ...] = field(repr=False)
    shared_area_m2: float = field(repr=False)
    shared_bits: float = field(repr=False)
    shared_s: float = field(repr=False)
    enlarged: tuple[str, ...] = field(default=(), repr=False)

    @property
    def energy_by_group_J(self) -> dict[str, float]:
        """Energy per image under the headings of ``GROUPS`` [J]."""
        return grouped([split for _, split in self.ledger_J])

    @property
    def images_per_J_m2(self) -> float:
        """Images per joule and area, every layer held once [1/(J m^2)]."""
        return 1.0 / (self.energy_J * self.area_m2)


def grouped(splits: list[dict[str, float]]) -> dict[str, float]:
    """Sum components of several lines under the headings of ``GROUPS``.

    Examples
    --------
    >>> grouped([{"buffer": 1.0, "bus": 2.0}, {"bus": 3.0}])["buffer and bus"]
    6.0
    """
    return {
        heading: math.fsum(split.get(name, 0.0) for split in splits for name in names)
        for heading, names in GROUPS.items()
    }


def memory_side(array: ArrayModel, network: Network) -> Side:
    """Lay a network on the memory; the buffer is made large enough.

    Raises
    ------
    InputError
        If the network does not fit in the rows of a sub-array.
    """
    technology = sized_technology(array.technology, network)
    fitting = array if technology is array.technology else dataclasses.replace(array, technology=technology)
    found, prices = cost(fitting, network), fitting.prices()
    mappings = [layer.mapping for layer in found.layers]
    one = prices.sub_array
    bits = one.rows * one.columns
    held = sum(mapping.sub_arrays for mapping in mappings)
    buffer_bits = technology.buffer.capacity.si
    return Side(
        name=array.technology.name,
        precision="matched",
        node_m=array.cmos.feature_m,
        energy_J=found.energy_per_image_J,
        latency_s=found.latency_per_image_s,
        interval_s=found.interval_per_image_s,
        area_m2=found.area_m2,
        bits=held * bits + buffer_bits,
        ledger_J=_ledger(found),
        stages=tuple(
            Stage(
                one.windows,
                one.sub_arrays * prices.sub_array.area_m2,
                one.sub_arrays * bits,
                _timed(one, prices),
            )
            for one in mappings
        ),
        shared_area_m2=found.area_breakdown_m2["digital unit"] + found.area_breakdown_m2["buffer"],
        shared_bits=buffer_bits,
        shared_s=math.fsum(digital_time_s(mapping, prices) for mapping in mappings),
        enlarged=_raised(array.technology, technology),
    )


def baseline_side(
    network: Network,
    file: BaselineFile,
    precision: Precision,
    band: Band = "nominal",
    batch: int = 1,
    weights_inside: bool = False,
) -> Side:
    """Lay a network on a baseline with as many tiles, sub-arrays and as much buffer as it needs.

    Raises
    ------
    InputError
        If the baseline cannot compute the network at that precision.
    """
    sized = sized_for(network, file, precision, batch, weights_inside=weights_inside)
    found = baseline_cost(network, sized, precision=precision, band=band, batch=batch)
    for what, number in (("energy", found.energy_per_image_J), ("area", found.area_m2)):
        if number <= 0.0:
            raise InputError(
                f"{file.name}: the {what} is zero with its {band} numbers, and nothing can be compared with "
                "it. Give prices, or lower bounds, above zero."
            )
    if found.layers_side_by_side:
        arrays = [layer.counts["arrays"] for layer in found.layers]
        stages = tuple(
            Stage(layer.windows, count * found.array_area_m2, count * found.array_bits, _shared_out(layer))
            for layer, count in zip(found.layers, arrays, strict=True)
        )
        bits = found.shared_bits + math.fsum(stage.bits for stage in stages)
        # What a tile has beside its crossbars belongs to them; idle ones of the last tile to nobody.
        held_m2 = math.fsum(stage.area_m2 for stage in stages)
        shared_m2 = 0.0 if file.structure == "crossbar" else found.area_m2 - held_m2
    else:
        whole_s = found.latency_per_image_s
        stages = (Stage(1, 0.0, 0.0, lambda copies: whole_s),)
        bits, shared_m2 = found.shared_bits, found.area_m2
    return Side(
        name=file.name,
        precision=precision,
        node_m=file.process.node.si,
        energy_J=found.energy_per_image_J,
        latency_s=found.latency_per_image_s,
        interval_s=found.interval_per_image_s,
        area_m2=found.area_m2,
        bits=bits,
        ledger_J=_ledger(found),
        stages=stages,
        shared_area_m2=shared_m2,
        shared_bits=found.shared_bits,
        shared_s=0.0,
        enlarged=_raised(file, sized),
    )


def sized_technology(technology: ArrayFile, network: Network) -> ArrayFile:
    """The array file with a buffer that holds what the network keeps between its layers."""
    needed = largest_waiting_bits(network)
    if needed <= technology.buffer.capacity.si:
        return technology
    return with_numbers(technology, {"buffer.capacity": float(needed)})


def _ledger(found: Cost | BaselineCost) -> tuple[tuple[str, dict[str, float]], ...]:
    return tuple((layer.name, dict(layer.energy_breakdown_J)) for layer in found.layers)


def _timed(mapping: LayerMapping, prices: Prices) -> Callable[[int], float]:
    return lambda copies: layer_time_s(mapping, copies, prices)


def _shared_out(layer: BaselineLayer) -> Callable[[int], float]:
    # The busiest copy of a baseline is busy in proportion to its windows.
    return lambda copies: layer.latency_s * -(-layer.windows // copies) / layer.windows


def _raised(before: ArrayFile | BaselineFile, after: ArrayFile | BaselineFile) -> tuple[str, ...]:
    if before is after:
        return ()
    was: Mapping[str, float] = {record.key: record.value_si for record in before.records()}
    return tuple(
        f"{record.key} {record.text}" for record in after.records() if record.value_si != was[record.key]
    )
