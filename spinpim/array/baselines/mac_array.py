r"""Multiply-accumulate units fed from an on-chip buffer, all busy in each clock of a layer but the last.

Each operand that leaves the buffer serves several units: ``weight_fetches`` and ``activation_fetches`` per
MAC are the reciprocals of that reuse. At matched precision the units are rebuilt at the digits of the network
(the area at its widest layer): a multiplier has :math:`w a / (w_0 a_0)` of the energy and area of the native
one, and an accumulator the digits

.. math:: w + a + \lceil \log_2 K \rceil

but never more than its own. Weights that do not fit in the buffer beside the activations are read from the
external memory for every image, or once for all images of a batch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from spinpim.array.baselines.constants import Constants
from spinpim.array.baselines.lines import (
    BaselineLayer,
    Machine,
    buffer_leakage_W,
    line,
    reload_J,
    surrounding_area,
    surroundings,
)
from spinpim.array.baselines.workload import LayerWork
from spinpim.errors import InputError


def mac_array_machine(
    network: str, works: Sequence[LayerWork], constants: Constants, batch: int = 1
) -> Machine:
    """Ledger of a network on one array of units, layer after layer.

    Raises
    ------
    InputError
        If the weights do not fit in the buffer and the file has no external memory.
    """
    section = constants["mac_array"]
    weight_bits = sum(work.weights * work.weight_bits for work in works)
    activation_bits = batch * max(work.image_bits + work.kept_bits for work in works)
    outside = weight_bits + activation_bits > constants["buffer"]["capacity"]
    if outside and "off_chip" not in constants.sections:
        raise InputError(
            f"{constants.name}: network {network!r} has {weight_bits} bits of weights, more than the buffer "
            f"of {constants['buffer']['capacity']:.0f} bits holds beside the activations. Give the section "
            "[off_chip] or a larger buffer.capacity."
        )
    units = section["multipliers"]
    leakage_W = units * section["leakage"] + buffer_leakage_W(constants)
    loading_J = constants["buffer"]["access_energy"]
    if "off_chip" in constants.sections:
        loading_J += constants["off_chip"]["access_energy"]
    product = max(_product_share(work, constants) for work in works)
    widest_sum = max(accumulator_digits(work, section["accumulator_bits"]) for work in works)
    unit_area = (
        section["multiplier_area"] * product
        + section["accumulator_area"] * widest_sum / section["accumulator_bits"]
    )
    area = {"arithmetic": units * unit_area, **surrounding_area(constants)}
    whole_m2 = math.fsum(area.values())
    return Machine(
        layers=tuple(_layer(work, constants, leakage_W, outside, batch, whole_m2) for work in works),
        area_breakdown_m2=area,
        array_area_m2=0.0,
        array_bits=0.0,
        shared_bits=constants["buffer"]["capacity"],
        static_power_W=leakage_W,
        weight_load_energy_J=0.0 if outside else weight_bits * loading_J,
        weight_load_time_s=0.0,
        reload_J=0.0
        if outside
        else reload_J(constants, weight_bits, weight_bits * constants["buffer"]["access_energy"]),
    )


def accumulator_digits(work: LayerWork, most: float) -> float:
    """Digits of the sum of a dot product, at most those of the accumulator."""
    return min(most, work.weight_bits + work.activation_bits + math.ceil(math.log2(work.elements)))


def mac_energy_J(work: LayerWork, constants: Constants) -> float:
    """Energy of one multiply-accumulate with its registers, operands not included [J]."""
    section = constants["mac_array"]
    digits = accumulator_digits(work, section["accumulator_bits"])
    return (
        section["multiply_energy"] * _product_share(work, constants)
        + section["accumulate_energy"] * digits / section["accumulator_bits"]
        + section["register_energy"] * (work.weight_bits + work.activation_bits + digits)
    )


def _layer(
    work: LayerWork,
    constants: Constants,
    leakage_W: float,
    outside: bool,
    batch: int,
    area_m2: float,
) -> BaselineLayer:
    section = constants["mac_array"]
    clocks = math.ceil(work.macs / section["multipliers"])
    latency_s = clocks * section["clock_period"]
    fetched = work.macs * (
        section["weight_fetches"] * work.weight_bits + section["activation_fetches"] * work.activation_bits
    )
    each_time = section["external_weight_reads"] * work.weights * work.weight_bits
    external = each_time / batch if outside else 0.0
    energy = {
        "arithmetic": work.macs * mac_energy_J(work, constants),
        **surroundings(work, constants, fetched, area_m2),
        "static": leakage_W * latency_s,
    }
    if outside:
        energy["external memory"] = external * constants["off_chip"]["access_energy"]
        energy["weight reload"] = external * constants["buffer"]["access_energy"]
    return line(work, {"fetched bits": fetched, "external bits": external}, energy, latency_s)


def _product_share(work: LayerWork, constants: Constants) -> float:
    """Size of the multiplier over the native one."""
    native = constants["precision"]
    return work.weight_bits * work.activation_bits / (native["weight_bits"] * native["activation_bits"])
