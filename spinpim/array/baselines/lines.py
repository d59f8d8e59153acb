"""The ledger of a baseline: lines by layer and component."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from spinpim.array.baselines.constants import Constants
from spinpim.array.baselines.workload import LayerWork
from spinpim.params import ParameterRecord

COMPONENTS = (
    "converters",
    "row drive",
    "cells",
    "arithmetic",
    "shift and add",
    "activation writes",
    "buffer",
    "bus",
    "digital unit",
    "external memory",
    "weight reload",
    "static",
)
"""Every baseline has all of them, zero where it has no such part."""


@dataclass(frozen=True, slots=True)
class BaselineLayer:
    """One line, per image.

    Attributes
    ----------
    name : str
        Name of the layer.
    windows : int
        Windows per image.
    weight_bits, activation_bits : int
        Digits at which it is computed.
    counts : dict of str to float
        Operations by name, for example "conversions".
    energy_breakdown_J : dict of str to float
        Energy by component, in the order of ``COMPONENTS`` [J].
    latency_s : float
        Time of the layer [s].
    """

    name: str
    windows: int
    weight_bits: int
    activation_bits: int
    counts: dict[str, float]
    energy_breakdown_J: dict[str, float]
    latency_s: float

    @property
    def energy_J(self) -> float:
        """Energy of the layer [J]."""
        return math.fsum(self.energy_breakdown_J.values())


@dataclass(frozen=True, slots=True)
class Machine:
    """What a model of one structure returns; fields as in `BaselineCost`."""

    layers: tuple[BaselineLayer, ...]
    area_breakdown_m2: dict[str, float]
    array_area_m2: float
    array_bits: float
    shared_bits: float
    static_power_W: float
    weight_load_energy_J: float
    weight_load_time_s: float
    reload_J: float | None


@dataclass(frozen=True, slots=True)
class BaselineCost:
    """Energy, time and area of a network on a baseline.

    Attributes
    ----------
    baseline, network : str
        Names.
    precision : str
        "native" or "matched".
    band : str
        "low", "nominal" or "high": which bound of every price was taken.
    batch : int
        Images that use a weight each time it is read.
    node_m : float
        Node of the accelerator [m].
    scaling : str
        How the numbers of the file were carried to that node, or that they were not.
    layers : tuple of BaselineLayer
        Line by line.
    area_breakdown_m2 : dict of str to float
        Area by component of the parts that the network uses [m^2].
    array_area_m2, array_bits : float
        Area that a further array would take, its share of a tile included, and digits that it holds [m^2],
        [1]; 0 where layers share all parts.
    shared_bits : float
        Digits that buffers and other memories beside arrays hold [1].
    static_power_W : float
        Power that these parts draw when all are on, whether they compute or not [W]. A line has that of the
        parts which are on while its layer is at work.
    weight_load_energy_J, weight_load_time_s : float
        Writing the weights, once and apart from all else [J], [s]; the time is 0 where weights lie in a
        buffer, whose bandwidth is not modelled.
    reload_J : float or None
        Reading the weights again after a power cut from external memory [J]: 0 where cells keep them, or
        where they are read for each image anyway; None where they are lost and there is no such memory.
    records : tuple of ParameterRecord
        Every number of the file, with its bounds and source.
    """

    baseline: str
    network: str
    precision: str
    band: str
    batch: int
    node_m: float
    scaling: str
    layers: tuple[BaselineLayer, ...]
    area_breakdown_m2: dict[str, float]
    array_area_m2: float
    array_bits: float
    shared_bits: float
    static_power_W: float
    weight_load_energy_J: float
    weight_load_time_s: float
    reload_J: float | None
    records: tuple[ParameterRecord, ...]

    @property
    def energy_breakdown_J(self) -> dict[str, float]:
        """Energy per image by component [J]."""
        return {
            name: math.fsum(layer.energy_breakdown_J[name] for layer in self.layers) for name in COMPONENTS
        }

    @property
    def energy_per_image_J(self) -> float:
        """Energy of an inference, the weight load not included [J]."""
        return math.fsum(self.energy_breakdown_J.values())

    @property
    def latency_per_image_s(self) -> float:
        """Time of one inference, layer after layer [s]."""
        return math.fsum(layer.latency_s for layer in self.layers)

    @property
    def interval_per_image_s(self) -> float:
        """Time between images: the slowest layer where each has parts of its own, else the latency [s]."""
        if self.layers_side_by_side:
            return max(layer.latency_s for layer in self.layers)
        return self.latency_per_image_s

    @property
    def layers_side_by_side(self) -> bool:
        """Whether every layer has parts of its own: in memories that keep all weights."""
        return all("arrays" in layer.counts for layer in self.layers)

    @property
    def area_m2(self) -> float:
        """Whole area [m^2]."""
        return math.fsum(self.area_breakdown_m2.values())

    @property
    def bit_operations(self) -> float:
        """ANDs of a weight digit and an activation digit at the digits of the baseline."""
        return math.fsum(
            layer.counts["macs"] * layer.weight_bits * layer.activation_bits for layer in self.layers
        )

    @property
    def assumed_count(self) -> int:
        """How many of the numbers are assumed rather than sourced."""
        return sum(record.status == "assumed" for record in self.records)


def line(
    work: LayerWork, counts: Mapping[str, float], energy_J: Mapping[str, float], latency_s: float
) -> BaselineLayer:
    """A line with every component, those left out at zero."""
    unknown = set(energy_J) - set(COMPONENTS)
    assert not unknown, unknown
    return BaselineLayer(
        name=work.name,
        windows=work.windows,
        weight_bits=work.weight_bits,
        activation_bits=work.activation_bits,
        counts={"macs": float(work.macs), **counts},
        energy_breakdown_J={name: float(energy_J.get(name, 0.0)) for name in COMPONENTS},
        latency_s=latency_s,
    )


def bus_J_per_bit(constants: Constants, area_m2: float) -> float:
    """Energy of a bit between buffer and arrays [J].

    With a length in the file, the line is as long as half of width and height of a square chip, as in the
    ledger of the array; else the energy is that of the file.
    """
    bus = constants["bus"]
    return bus["bit_energy"] * (math.sqrt(area_m2) / bus["length"] if "length" in bus else 1.0)


def surroundings(work: LayerWork, constants: Constants, read_bits: float, area_m2: float) -> dict[str, float]:
    """Energy of digital unit, buffer and bus of a layer [J].

    Parameters
    ----------
    work : LayerWork
        The layer.
    constants : Constants
        Prices.
    read_bits : float
        Bits that leave the buffer for the arrays.
    area_m2 : float
        Of the chip [m^2].
    """
    unit, buffer, bus = constants["digital_unit"], constants["buffer"], constants["bus"]
    written = work.image_bits + work.kept_bits
    return {
        "buffer": (read_bits + written) * buffer["access_energy"],
        "bus": read_bits * bus_J_per_bit(constants, area_m2) + written * bus["network_bit_energy"],
        "digital unit": work.digital.multiplications * unit["multiply_energy"]
        + work.digital.additions * unit["add_energy"]
        + work.digital.comparisons * unit["compare_energy"],
    }


def surrounding_area(constants: Constants, tiles: float = 1.0) -> dict[str, float]:
    """Area of digital unit, buffer and bus of some tiles [m^2]."""
    buffer = constants["buffer"]
    return {
        "buffer": tiles * buffer["capacity"] * buffer["bit_area"],
        "bus": tiles * constants["bus"]["area"],
        "digital unit": tiles * constants["digital_unit"]["area"],
    }


def buffer_leakage_W(constants: Constants, tiles: float = 1.0) -> float:
    """Leakage power of the buffers of some tiles [W]."""
    return tiles * constants["buffer"]["capacity"] * constants["buffer"]["bit_leakage"]


def reload_J(constants: Constants, weight_bits: float, write_J: float) -> float | None:
    """Energy of reading weights that a power cut has lost, with what writing them takes [J]."""
    if "off_chip" not in constants.sections:
        return None
    return weight_bits * constants["off_chip"]["access_energy"] + write_J
