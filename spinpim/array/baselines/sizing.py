"""A baseline with as many parts as a network needs: chips are built for their work."""

from __future__ import annotations

import math

from spinpim.array.baselines.and_array import mapped
from spinpim.array.baselines.constants import constants_of
from spinpim.array.baselines.crossbar import crossbar_work
from spinpim.array.baselines.workload import layer_works, waiting_bits
from spinpim.network.model import Network
from spinpim.params.baseline_file import BaselineFile
from spinpim.params.changed_numbers import with_numbers

READING_WEIGHTS = ("mac_array", "binary_weight")
"""Structures that read their weights from a buffer again and again."""

AND_ARRAYS = ("bitline", "serial_counter")


def sized_for(
    network: Network,
    file: BaselineFile,
    precision: str,
    batch: int = 1,
    *,
    weights_inside: bool = False,
) -> BaselineFile:
    """Return the baseline with more tiles or sub-arrays and a larger buffer where the network needs them.

    Parameters
    ----------
    network : Network
        The workload.
    file : BaselineFile
        From `load_baseline`.
    precision : str
        "native" or "matched"; see `baseline_cost`.
    batch : int
        Images whose values must wait together.
    weights_inside : bool
        Whether a machine that reads its weights from a buffer has room for all of them in it. The price of an
        access stays that of the file.

    Returns
    -------
    BaselineFile
        The file itself where all fits; a count that was raised is on record as changed in a script. Nothing
        is made smaller: area and leakage are those of the parts that a network uses, but for the buffer.

    Raises
    ------
    InputError
        If a single layer does not fit in the rows of a sub-array.

    Examples
    --------
    >>> from spinpim.array.baselines import load_baseline
    >>> digits = Network.load("digits_w1a4")
    >>> isaac = load_baseline("isaac_32nm")
    >>> sized_for(digits, isaac, "native") is isaac
    True
    """
    constants = constants_of(file, "nominal")
    works = layer_works(network, constants, precision)
    needed_bits = waiting_bits(network, constants, precision, batch)
    counts: dict[str, float] = {}
    if file.structure == "crossbar":
        section = constants["crossbar"]
        crossbars = sum(crossbar_work(work, constants).crossbars for work in works)
        counts["crossbar.tiles"] = max(
            math.ceil(crossbars / section["crossbars_per_tile"]),
            math.ceil(needed_bits / constants["buffer"]["capacity"]),
        )
    elif file.structure in AND_ARRAYS:
        corrected = [layer.weight_coding.constant != 0 for layer in network.layers]
        counts[f"{file.structure}.sub_arrays"] = sum(
            mapped(file.structure, work, plus, constants).sub_arrays
            for work, plus in zip(works, corrected, strict=True)
        )
    if weights_inside and file.structure in READING_WEIGHTS:
        needed_bits += sum(work.weights * work.weight_bits for work in works)
    if file.structure != "crossbar":
        counts["buffer.capacity"] = math.ceil(needed_bits)
    there = {record.key: record.value_si for record in file.records()}
    raised = {key: float(count) for key, count in counts.items() if count > there[key]}
    return with_numbers(file, raised) if raised else file
