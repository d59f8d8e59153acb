"""Where each joule, second and square metre of an inference goes.

All sub-arrays of a layer work side by side; inside one, row operations follow each other, with sensing,
counting and adding as pipelined stages. A load of activation rows is written, settles, and is then sensed
against all weight rows before the next load. Layers follow each other. The digital unit works on the answers
of past windows meanwhile. Sub-arrays of other layers are switched off and lose nothing, being non-volatile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.array.counting import count_bits, full_adders
from spinpim.array.mapping import LayerMapping
from spinpim.array.model import ArrayModel
from spinpim.array.prices import Prices
from spinpim.array.protection import Protection, check_columns
from spinpim.array.sensing_work import SensingWork, checked_rereads, sensing_work
from spinpim.errors import InputError
from spinpim.network.digital_work import DigitalWork, digital_work, largest_waiting_bits
from spinpim.network.model import Network
from spinpim.params.array_file import ArrayFile


@dataclass(frozen=True, slots=True)
class LayerCost:
    """One line of the ledger, per image.

    Attributes
    ----------
    name : str
        Name of the layer.
    mapping : LayerMapping
        Its counts.
    energy_breakdown_J : dict of str to float
        Energy by component [J].
    latency_s : float
        Time of the layer [s].
    area_m2 : float
        Its sub-arrays [m^2].
    sensing : SensingWork
        How often it is sensed, the accesses of a protection included.
    """

    name: str
    mapping: LayerMapping
    energy_breakdown_J: dict[str, float]
    latency_s: float
    area_m2: float
    sensing: SensingWork

    @property
    def energy_J(self) -> float:
        """Energy of the layer [J]."""
        return math.fsum(self.energy_breakdown_J.values())


@dataclass(frozen=True, slots=True)
class Cost:
    """Energy, time and area of a network in the memory.

    Attributes
    ----------
    network : str
        Name of the network.
    layers : tuple of LayerCost
        Line by line.
    area_breakdown_m2 : dict of str to float
        Area by component [m^2].
    weight_load_energy_J, weight_load_time_s : float
        Writing the weights, once and apart from all else [J], [s].
    disturbed_cells_per_image_bound : float
        Upper bound of the expected cells whose state a read flips, per image [1]: both cells of every
        access at the probability of the worst cell of the worst pattern. ``StateLoss`` executes it.
    """

    network: str
    layers: tuple[LayerCost, ...]
    area_breakdown_m2: dict[str, float]
    weight_load_energy_J: float
    weight_load_time_s: float
    disturbed_cells_per_image_bound: float

    @property
    def energy_breakdown_J(self) -> dict[str, float]:
        """Energy per image by component [J]."""
        components = self.layers[0].energy_breakdown_J
        return {
            name: math.fsum(layer.energy_breakdown_J[name] for layer in self.layers) for name in components
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
        """Time between images when all layers work at once, each on another image: the slowest layer [s]."""
        return max(layer.latency_s for layer in self.layers)

    @property
    def area_m2(self) -> float:
        """Whole area [m^2]."""
        return math.fsum(self.area_breakdown_m2.values())

    @property
    def sensed_pairs(self) -> int:
        """Pairs of cells sensed per image: the ANDs of the network, and those with all-ones rows."""
        return sum(c.mapping.and_operations + c.mapping.correction_operations for c in self.layers)

    @property
    def energy_per_and_J(self) -> float:
        """All energy of an inference per sensed pair [J]."""
        return self.energy_per_image_J / self.sensed_pairs


def cost(
    array: ArrayModel,
    network: Network,
    protection: Protection | None = None,
    *,
    rereads_per_word: float | None = None,
) -> Cost:
    """Cost of a network on an array.

    Parameters
    ----------
    array : ArrayModel
        Sub-arrays and what surrounds them.
    network : Network
        The workload.
    protection : Majority, Parity, SingleCorrection or None
        Of the sensed answers: its accesses and its check columns. Voters and decoders of codes, and the
        writing of check columns, are not priced.
    rereads_per_word : float, with a ``Parity`` only
        How often a word is sensed again on average [1]: from ``Run.rereads_per_word``, or from
        ``Parity.rereads_per_word`` of a flip rate.

    Raises
    ------
    InputError
        If an argument is of another kind or missing, or the network does not fit in the sub-arrays or the
        buffer.

    Examples
    --------
    >>> from spinpim.circuit import Cell, SenseAmp
    >>> from spinpim.device import Device
    >>> from spinpim.estimate import Estimate
    >>> from spinpim.network import Network
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> write = Estimate.from_counts(0, 100_000)
    >>> array = ArrayModel(cell, SenseAmp.load("strongarm_45nm"), write=write)
    >>> total = cost(array, Network.load("digits_w1a4"))
    >>> 1e-8 < total.energy_per_image_J < 1e-5
    True
    """
    for name, given, wanted in (("array", array, ArrayModel), ("network", network, Network)):
        if not isinstance(given, wanted):
            raise InputError(
                f"{name} must be of the kind {wanted.__name__}, as in cost(array, network); instead received "
                f"the {type(given).__name__} {given!r:.60}."
            )
    rereads = checked_rereads(protection, rereads_per_word)
    prices = array.prices(check_columns(array.columns, protection))
    disturb = array.sensing.read_disturb_probability
    return network_cost(network, array.map(network), prices, disturb, protection, rereads)


def network_cost(
    network: Network,
    mappings: tuple[LayerMapping, ...],
    prices: Prices,
    disturb_probability: float = 0.0,
    protection: Protection | None = None,
    rereads_per_word: float = 0.0,
) -> Cost:
    """Cost of a mapped network at given prices; see ``cost``."""
    technology, sub_array, shrink = prices.technology, prices.sub_array, prices.finished.area
    _check_buffer(network, technology)
    image = math.prod(network.input_shape) * network.input_coding.bits
    works = digital_work(network)
    sub_arrays = sum(mapping.sub_arrays for mapping in mappings)
    area = {
        "cells": sub_arrays * sub_array.cell_area_m2,
        "row periphery": sub_arrays * sub_array.row_periphery_area_m2,
        "column periphery": sub_arrays * sub_array.column_periphery_area_m2,
        "counters": sub_arrays * sub_array.counter_area_m2,
        "digital unit": shrink * technology.digital_unit.lanes.si * technology.digital_unit.lane_area.si,
        "buffer": shrink * technology.buffer.capacity.si * technology.buffer.bit_area.si,
    }
    layers = tuple(
        _layer_cost(
            work,
            mapping,
            sensing_work(mapping, protection, rereads_per_word),
            prices,
            0 if number else image,
            prices.transport_J_per_bit(math.fsum(area.values())),
        )
        for number, (work, mapping) in enumerate(zip(works, mappings, strict=True))
    )
    disturbed_pairs = sum(layer.sensing.disturbed_pairs for layer in layers)
    return Cost(
        network=network.name,
        layers=layers,
        area_breakdown_m2=area,
        weight_load_energy_J=math.fsum(
            m.stored_bits * prices.write_energy_J + m.stored_rows * prices.row_write_select_J
            for m in mappings
        ),
        weight_load_time_s=max(m.filters_per_group * m.weight_bits + m.corrected for m in mappings)
        * prices.row_write_s,
        disturbed_cells_per_image_bound=2.0 * disturbed_pairs * disturb_probability,
    )


def _layer_cost(
    work: DigitalWork,
    mapping: LayerMapping,
    sensing: SensingWork,
    prices: Prices,
    image_bits: int,
    bus_J_per_bit: float,
) -> LayerCost:
    """Line of one layer; the first pays for bringing in the image, too."""
    latency = max(memory_time_s(mapping, sensing, prices), digital_time_s(mapping, prices))
    energy = {
        **_row_energy(mapping, sensing, prices),
        **_digital_energy(work, mapping, image_bits + work.kept_bits, prices, bus_J_per_bit),
        "leakage": latency * _leakage_W(mapping, prices),
    }
    area = mapping.sub_arrays * prices.sub_array.area_m2
    return LayerCost(mapping.name, mapping, energy, latency, area, sensing)


def memory_time_s(mapping: LayerMapping, sensing: SensingWork, prices: Prices) -> float:
    """Time in which the busiest sub-array of a layer writes and senses [s]."""
    return (
        sensing.serial_row_operations * prices.row_cycle_s
        + mapping.serial_row_writes * prices.row_write_s
        + math.ceil(mapping.windows / mapping.windows_held) * prices.settle_time_s
    )


def digital_time_s(mapping: LayerMapping, prices: Prices) -> float:
    """Time in which the digital unit passes over the outputs of a layer [s]."""
    unit = prices.technology.digital_unit
    return math.ceil(mapping.windows * mapping.filters / unit.lanes.si) * unit.clock_period.si


def _row_energy(mapping: LayerMapping, sensing: SensingWork, prices: Prices) -> dict[str, float]:
    """Energy inside the sub-arrays [J]."""
    sub_array = prices.sub_array
    adder_J = sub_array.adder.energy_J
    whole, rest = divmod(mapping.elements, mapping.columns)
    adders = whole * full_adders(mapping.columns) + (full_adders(rest) if rest else 0)
    return {
        "decoding": (2 * sensing.row_operations + mapping.row_writes) * sub_array.decode_energy_J,
        "word lines": 2 * sensing.row_operations * sub_array.word_line_energy_J
        + mapping.row_writes * sub_array.write_word_line_energy_J,
        "sensing": sensing.column_accesses * prices.sense_energy_J
        + sensing.row_operations * prices.reference_energy_J,
        "precharge": sensing.row_operations * sub_array.precharge_energy_J,
        "counting": mapping.row_activations // mapping.column_groups * adders * adder_J,
        # Each place of the accumulator is an adder and a bit of the register.
        "shifting and adding": mapping.row_activations * sum_places(mapping) * 2.0 * adder_J,
        "keeping sums": mapping.row_activations * sum_places(mapping) * sub_array.adder.store_J,
        "activation writes": mapping.activation_bits_written * prices.write_energy_J,
    }


def _digital_energy(
    work: DigitalWork, mapping: LayerMapping, handed_on: int, prices: Prices, bus_J_per_bit: float
) -> dict[str, float]:
    """Energy between the sub-arrays of this layer and those of the next [J]."""
    unit, buffer = prices.technology.digital_unit, prices.technology.buffer
    read_bits = mapping.windows * mapping.elements * mapping.activation_bits * mapping.channel_groups
    partial_sums = mapping.windows * mapping.partial_sums * mapping.column_groups
    # The correction, where there is one, is added to each output.
    corrections = mapping.windows * mapping.filters * mapping.corrected
    additions = work.additions + corrections + mapping.partial_sum_additions
    moved_bits = read_bits + partial_sums * sum_places(mapping) + handed_on
    in_unit = (
        work.multiplications * unit.multiply_energy.si
        + additions * unit.add_energy.si
        + work.comparisons * unit.compare_energy.si
    )
    return {
        "digital unit": prices.finished.energy * in_unit,
        "buffer": prices.finished.energy * (read_bits + handed_on) * buffer.access_energy.si,
        "bus": moved_bits * bus_J_per_bit,
    }


def _leakage_W(mapping: LayerMapping, prices: Prices) -> float:
    """Leakage power while a layer is at work [W]."""
    unit, buffer = prices.technology.digital_unit, prices.technology.buffer
    finished_W = unit.lanes.si * unit.lane_leakage.si + buffer.capacity.si * buffer.bit_leakage.si
    return mapping.sub_arrays * prices.sub_array.leakage_W + prices.finished.leakage * finished_W


def sum_places(mapping: LayerMapping) -> int:
    """Binary places of the partial sum of one sub-array."""
    return count_bits(min(mapping.elements, mapping.columns)) + mapping.weight_bits + mapping.activation_bits


def _check_buffer(network: Network, technology: ArrayFile) -> None:
    capacity = technology.buffer.capacity.si
    needed = largest_waiting_bits(network)
    if needed > capacity:
        raise InputError(
            f"{technology.name}: buffer.capacity is {capacity:.0f} bits; network {network.name!r} needs "
            f"{needed} for what a layer takes and gives and what waits. Give a larger buffer.capacity."
        )
