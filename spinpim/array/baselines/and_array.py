"""Memories that compute the AND of two of their rows; mapped as the array of this package is.

Each layer lies on sub-arrays of its own; see `spinpim.array.mapping`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spinpim.array.baselines.constants import Constants
from spinpim.array.baselines.lines import (
    Machine,
    buffer_leakage_W,
    bus_J_per_bit,
    line,
    reload_J,
    surrounding_area,
    surroundings,
)
from spinpim.array.baselines.workload import LayerWork
from spinpim.array.counting import count_bits
from spinpim.array.mapping import LayerMapping
from spinpim.errors import InputError


@dataclass(frozen=True, slots=True)
class Counting:
    """What counting the ones of the rows takes, for one layer.

    Attributes
    ----------
    energy_J : dict of str to float
        "arithmetic" and "shift and add" of an image [J].
    row_cycle_s : float
        Time between row operations, counting included [s].
    """

    energy_J: dict[str, float]
    row_cycle_s: float


def and_array_machine(
    section_name: str,
    network: str,
    works: Sequence[LayerWork],
    corrected: Sequence[bool],
    constants: Constants,
    counting: Callable[[LayerMapping, Constants], Counting],
    *,
    sub_array_area_m2: float,
    all_leak: bool,
) -> Machine:
    """Ledger of a network in such a memory.

    Parameters
    ----------
    section_name : str
        "bitline" or "serial_counter".
    network : str
        Name of the network.
    works, corrected : sequences of LayerWork and of bool
        Layers, and whether a row of ones is sensed for the constant of their weights.
    constants : Constants
        Prices.
    counting : callable
        How rows are counted.
    sub_array_area_m2 : float
        Area of the counters of a sub-array [m^2].
    all_leak : bool
        Whether the sub-arrays of other layers leak, too: where the memory is volatile.

    Raises
    ------
    InputError
        If the network needs more sub-arrays than the chip has.
    """
    section = constants[section_name]
    mappings = [
        mapped(section_name, work, plus, constants) for work, plus in zip(works, corrected, strict=True)
    ]
    needed = sum(mapping.sub_arrays for mapping in mappings)
    there = constants.count(section_name, "sub_arrays")
    if needed > there:
        raise InputError(
            f"{constants.name}: network {network!r} needs {needed} sub-arrays and the chip has {there}. "
            f"Weights are not reloaded between layers; raise {section_name}.sub_arrays or take another "
            "baseline."
        )
    each_m2 = {
        "cells": section["rows"] * section["columns"] * section["cell_area"],
        "row drive": section["rows"] * section["row_area"],
        "converters": section["columns"] * section["column_area"],
        "arithmetic": sub_array_area_m2,
    }
    area = {**{name: needed * one for name, one in each_m2.items()}, **surrounding_area(constants)}
    whole_m2 = math.fsum(area.values())
    always_W = buffer_leakage_W(constants)
    layers = []
    for work, mapping in zip(works, mappings, strict=True):
        counted = counting(mapping, constants)
        latency_s = (
            mapping.serial_row_activations * counted.row_cycle_s
            + mapping.serial_row_writes * section["row_write_time"]
        )
        leaking = needed if all_leak else mapping.sub_arrays
        sensed = mapping.and_operations + mapping.correction_operations
        energy = {
            "row drive": (mapping.row_activations + mapping.row_writes) * section["row_energy"],
            "cells": sensed * section["and_energy"],
            "activation writes": mapping.activation_bits_written * section["write_energy"],
            **counted.energy_J,
            **_between(work, mapping, constants, whole_m2),
            "static": (always_W + leaking * section["leakage"]) * latency_s,
        }
        counts = {
            "sensed pairs": float(sensed),
            "row operations": float(mapping.row_activations),
            "written bits": float(mapping.activation_bits_written),
            "arrays": float(mapping.sub_arrays),
        }
        layers.append(line(work, counts, energy, latency_s))
    loading_J = math.fsum(
        m.stored_bits * section["write_energy"] + m.stored_rows * section["row_energy"] for m in mappings
    )
    stored = sum(mapping.stored_bits for mapping in mappings)
    return Machine(
        layers=tuple(layers),
        area_breakdown_m2=area,
        array_area_m2=math.fsum(each_m2.values()),
        array_bits=section["rows"] * section["columns"],
        shared_bits=constants["buffer"]["capacity"],
        static_power_W=always_W + needed * section["leakage"],
        weight_load_energy_J=loading_J,
        weight_load_time_s=max(m.filters_per_group * m.weight_bits + m.corrected for m in mappings)
        * section["row_write_time"],
        reload_J=reload_J(constants, stored, loading_J) if all_leak else 0.0,
    )


def places(mapping: LayerMapping) -> int:
    """Binary places of the partial sum of one sub-array."""
    used = min(mapping.elements, mapping.columns)
    return count_bits(used) + mapping.weight_bits + mapping.activation_bits


def _between(
    work: LayerWork, mapping: LayerMapping, constants: Constants, area_m2: float
) -> dict[str, float]:
    """Surroundings, with the sums that join column groups and correct the coding of the weights [J]."""
    energy = surroundings(work, constants, work.read_bits, area_m2)
    corrections = mapping.windows * mapping.filters * mapping.corrected
    additions = corrections + mapping.partial_sum_additions
    moved = mapping.windows * mapping.partial_sums * mapping.column_groups * places(mapping)
    energy["digital unit"] += additions * constants["digital_unit"]["add_energy"]
    energy["bus"] += moved * bus_J_per_bit(constants, area_m2)
    return energy


def mapped(section_name: str, work: LayerWork, corrected: bool, constants: Constants) -> LayerMapping:
    """Lay a layer on sub-arrays of the file.

    Raises
    ------
    InputError
        If its digits need more rows than a sub-array has.
    """
    section = constants[section_name]
    rows = constants.count(section_name, "rows")
    mapping = LayerMapping(
        name=work.name,
        windows=work.windows,
        elements=work.elements,
        filters=work.filters,
        weight_bits=work.weight_bits,
        activation_bits=work.activation_bits,
        corrected=corrected,
        rows=rows,
        columns=constants.count(section_name, "columns"),
        weight_rows=int(rows * section["weight_row_fraction"]),
        channel_groups=work.channel_groups,
    )
    if mapping.filters_per_group < 1 or mapping.windows_held < 1:
        raise InputError(
            f"{constants.name}: layer {work.name!r} needs {work.weight_bits + corrected} weight rows and "
            f"{work.activation_bits} activation rows in a sub-array of {rows}. Raise {section_name}.rows."
        )
    return mapping
