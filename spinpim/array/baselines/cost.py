"""A network on a baseline: the one way in."""

from __future__ import annotations

import os

from spinpim.array.baselines.binary_weight import binary_weight_machine
from spinpim.array.baselines.bitline import bitline_machine
from spinpim.array.baselines.constants import Constants, constants_of
from spinpim.array.baselines.crossbar import crossbar_machine
from spinpim.array.baselines.lines import BaselineCost, Machine
from spinpim.array.baselines.mac_array import mac_array_machine
from spinpim.array.baselines.serial_counter import serial_counter_machine
from spinpim.array.baselines.workload import PRECISIONS, check_buffer, layer_works
from spinpim.checks import whole
from spinpim.errors import InputError
from spinpim.network.model import Network
from spinpim.params.baseline_file import BaselineFile, load_baseline
from spinpim.params.changed_numbers import BANDS, Band

LARGEST_BATCH = 4096


def baseline_cost(
    network: Network,
    baseline: BaselineFile | str | os.PathLike[str],
    *,
    precision: str = "matched",
    band: Band = "nominal",
    batch: int = 1,
) -> BaselineCost:
    """Cost of a network on another accelerator, the same object as for `spinpim.cost`.

    Parameters
    ----------
    network : Network
        The workload.
    baseline : BaselineFile, str or path
        From `load_baseline`, or what it takes: "isaac_32nm" or the path of a file.
    precision : str
        "native": at the digits of the file, whatever the network has. "matched": at the digits of each layer,
        by the same hardware where it takes digits one by one, or by units rebuilt for them.
    band : str
        "low", "nominal" or "high": every price at its lower bound, value or upper bound together, which is
        wider than the interval of independent errors. Counts of parts have no bounds.
    batch : int
        Images that use a weight each time it is read from the buffer of a core or from external memory,
        1..4096. The buffers must hold what waits of all of them. Nothing to machines that keep their weights.

    Returns
    -------
    BaselineCost
        Lines by layer and component; every component is there in every baseline.

    Raises
    ------
    InputError
        If an argument is of another kind, the baseline is unknown, or the network is too large for it.

    Notes
    -----
    Included: every operation of the dot products with the rows, columns and operators that they leave idle
    (units of a ``mac_array`` are all busy), buffer reads, writes of what is handed on, bus, normalisation,
    quantisation and pooling as `spinpim.cost` counts them, leakage for the time of the layers, weights that
    must be read again for every image.

    Not included: the link of the chip (``off_chip.link_power``; see `chip_figures`), copies of layers that
    would balance a pipeline, clock trees beyond what the prices contain, control, the correction of errors,
    and the image on its way to the chip. Leakage is charged for layers one after the other; a full pipeline
    pays less per image. The digital unit keeps up with the arrays. Programming of weights stays apart.

    Examples
    --------
    >>> found = baseline_cost(Network.load("digits_w1a4"), "reram_bit_serial_45nm")
    >>> 1e-9 < found.energy_per_image_J < 1e-6
    True
    """
    if not isinstance(network, Network):
        raise InputError(
            "network must be of the kind Network, as in baseline_cost(network, baseline); instead received "
            f"the {type(network).__name__} {network!r:.60}."
        )
    for name, given, known in (("precision", precision, PRECISIONS), ("band", band, BANDS)):
        if given not in known:
            raise InputError(f"{name} must be one of {', '.join(known)}; instead received {given!r:.60}.")
    batch = whole("batch", batch, 1, LARGEST_BATCH)
    file = baseline if isinstance(baseline, BaselineFile) else load_baseline(baseline)
    constants = constants_of(file, band)
    machine = _machine(file.structure, network, constants, precision, batch)
    return BaselineCost(
        baseline=file.name,
        network=network.name,
        precision=precision,
        band=band,
        batch=batch,
        node_m=file.process.node.si,
        scaling=scaling_note(file, constants),
        layers=machine.layers,
        area_breakdown_m2=machine.area_breakdown_m2,
        array_area_m2=machine.array_area_m2,
        array_bits=machine.array_bits,
        shared_bits=machine.shared_bits,
        static_power_W=machine.static_power_W,
        weight_load_energy_J=machine.weight_load_energy_J,
        weight_load_time_s=machine.weight_load_time_s,
        reload_J=machine.reload_J,
        records=file.records(),
    )


def scaling_note(file: BaselineFile, constants: Constants) -> str:
    """Say how the numbers of a file were carried to its node."""
    process = file.process
    if (constants.energy_factor, constants.area_factor) == (1.0, 1.0):
        return f"Numbers as given, at {process.node.text} and {process.supply.text}."
    return (
        f"Energies times {constants.energy_factor:.3g} and areas times {constants.area_factor:.3g}, from "
        f"{process.constants_node.text} and {process.constants_supply.text} to {process.node.text} and "
        f"{process.supply.text} (Stillmaker and Baas 2017; area with the square of the node). Resistive "
        "cells, what is off the chip, times and leakages as given."
    )


def _machine(structure: str, network: Network, constants: Constants, precision: str, batch: int) -> Machine:
    check_buffer(network, constants, precision, batch)
    works = layer_works(network, constants, precision)
    if structure == "crossbar":
        return crossbar_machine(network.name, works, constants)
    if structure == "mac_array":
        return mac_array_machine(network.name, works, constants, batch)
    if structure == "binary_weight":
        return binary_weight_machine(network.name, works, constants, batch)
    corrected = [layer.weight_coding.constant != 0 for layer in network.layers]
    if structure == "bitline":
        return bitline_machine(network.name, works, corrected, constants)
    return serial_counter_machine(network.name, works, corrected, constants)
