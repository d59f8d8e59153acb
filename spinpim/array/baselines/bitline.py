"""Static memory that computes on its bit lines: two rows are opened, and an adder tree counts the ANDs."""

from __future__ import annotations

from collections.abc import Sequence

from spinpim.array.baselines.and_array import Counting, and_array_machine, places
from spinpim.array.baselines.constants import Constants
from spinpim.array.baselines.lines import Machine
from spinpim.array.baselines.workload import LayerWork
from spinpim.array.counting import count_bits, full_adders
from spinpim.array.mapping import LayerMapping

ADDER_PLACES = 16
"""Digits of weight and activation that the accumulator shifts over."""


def bitline_machine(
    network: str, works: Sequence[LayerWork], corrected: Sequence[bool], constants: Constants
) -> Machine:
    """Ledger of a network in static memory; all sub-arrays leak as long as an image is computed."""
    columns = constants.count("bitline", "columns")
    wide = count_bits(columns) + ADDER_PLACES
    return and_array_machine(
        "bitline",
        network,
        works,
        corrected,
        constants,
        tree_counting,
        sub_array_area_m2=(full_adders(columns) + 2 * wide) * constants["bitline"]["adder_area"],
        all_leak=True,
    )


def tree_counting(mapping: LayerMapping, constants: Constants) -> Counting:
    """Counting by an adder tree at the foot of the columns, within the row cycle."""
    section = constants["bitline"]
    whole, rest = divmod(mapping.elements, mapping.columns)
    adders = whole * full_adders(mapping.columns) + (full_adders(rest) if rest else 0)
    per_place = section["adder_energy"] + section["register_energy"]
    return Counting(
        energy_J={
            "arithmetic": mapping.row_activations // mapping.column_groups * adders * section["adder_energy"],
            "shift and add": mapping.row_activations * places(mapping) * per_place,
        },
        row_cycle_s=section["row_cycle"],
    )
