"""Memory whose sensed row is counted one column after the other, as in IMCE.

References
----------
S. Angizi et al., IMCE, ASP-DAC 2018, pages 111-116.
"""

from __future__ import annotations

from collections.abc import Sequence

from spinpim.array.baselines.and_array import Counting, and_array_machine, places
from spinpim.array.baselines.constants import Constants
from spinpim.array.baselines.lines import Machine
from spinpim.array.baselines.workload import LayerWork
from spinpim.array.mapping import LayerMapping


def serial_counter_machine(
    network: str, works: Sequence[LayerWork], corrected: Sequence[bool], constants: Constants
) -> Machine:
    """Ledger of a network in non-volatile memory with serial counters; other layers' sub-arrays are off."""
    return and_array_machine(
        "serial_counter",
        network,
        works,
        corrected,
        constants,
        serial_counting,
        sub_array_area_m2=constants["serial_counter"]["counter_area"],
        all_leak=False,
    )


def serial_counting(mapping: LayerMapping, constants: Constants) -> Counting:
    """Counting column by column; the next row is sensed meanwhile, so that the slower one sets the cycle."""
    section = constants["serial_counter"]
    used = min(mapping.elements, mapping.columns)
    counted = mapping.and_operations + mapping.correction_operations
    return Counting(
        energy_J={
            "arithmetic": counted * section["count_energy"],
            "shift and add": mapping.row_activations * places(mapping) * section["shift_energy"],
        },
        row_cycle_s=max(section["row_cycle"], used * section["count_time"]),
    )
