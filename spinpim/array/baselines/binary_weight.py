"""Binary weights: activations are complemented or not and summed by adder trees.

A sum-of-products unit takes n operands of one input channel per clock, for one filter, or for two where the
kernel is small. Every clock, all units see the same window; channels follow each other. Unused operands and
units are silent. Larger kernels than the largest are split into equal parts. Where the filter bank cannot
hold all weights of the network, each is read from the buffer (or, where they do not fit in it, from the
external memory through it) once per image, or once for all images of a batch. Activations are read from the
buffer once per block of filters.

References
----------
R. Andri et al., YodaNN, IEEE Trans. CAD 37, 48 (2018), doi:10.1109/TCAD.2017.2682138; arXiv:1606.05487.
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


def tree_adders(operands: int, digits: int) -> int:
    """Full adders of a tree that sums that many operands.

    Each level adds them in pairs and hands an odd one on; words grow by one digit per level.

    Examples
    --------
    >>> tree_adders(2, 12), tree_adders(49, 12)
    (12, 622)
    """
    total, left, width = 0, operands, digits
    while left > 1:
        total += left // 2 * width
        left, width = -(-left // 2), width + 1
    return total


def binary_weight_machine(
    network: str, works: Sequence[LayerWork], constants: Constants, batch: int = 1
) -> Machine:
    """Ledger of a network on one core, layer after layer.

    Raises
    ------
    InputError
        If a layer has weights of more than one digit, or the weights fit nowhere.
    """
    for work in works:
        if work.weight_bits != 1:
            raise InputError(
                f"{constants.name} computes with weights of 1 digit; layer {work.name!r} of network "
                f'{network!r} has {work.weight_bits}. Use precision="native" to cost it as if it had 1.'
            )
    section = constants["binary_weight"]
    weights = sum(work.weights for work in works)
    activation_bits = batch * max(work.image_bits + work.kept_bits for work in works)
    outside = weights + activation_bits > constants["buffer"]["capacity"]
    if outside and "off_chip" not in constants.sections:
        raise InputError(
            f"{constants.name}: network {network!r} has {weights} bits of weights, more than "
            "buffer.capacity holds beside the activations. Give the section [off_chip] or a larger buffer."
        )
    bank_bits = section["sum_units"] * section["input_channels"] * section["operators"]
    leakage_W = section["leakage"] + buffer_leakage_W(constants)
    area = {**core_area(constants), **surrounding_area(constants)}
    whole_m2 = math.fsum(area.values())
    return Machine(
        layers=tuple(
            _layer(work, constants, leakage_W, weights > bank_bits, outside, batch, whole_m2)
            for work in works
        ),
        area_breakdown_m2=area,
        array_area_m2=0.0,
        array_bits=0.0,
        shared_bits=constants["buffer"]["capacity"] + bank_bits + section["image_bits"],
        static_power_W=leakage_W,
        weight_load_energy_J=0.0 if outside else weights * constants["buffer"]["access_energy"],
        weight_load_time_s=0.0,
        reload_J=0.0
        if outside
        else reload_J(constants, weights, weights * constants["buffer"]["access_energy"]),
    )


def core_area(constants: Constants) -> dict[str, float]:
    """Area of the core by component [m^2]: sums, filter bank, image memory with its window registers."""
    section = constants["binary_weight"]
    digits = constants.count("precision", "activation_bits")
    operators = constants.count("binary_weight", "operators")
    sum_digits = _sum_digits(operators, digits)
    per_unit = (
        tree_adders(operators, digits) * section["adder_bit_area"]
        + operators * digits * section["complement_bit_area"]
        + sum_digits * (section["adder_bit_area"] + section["register_bit_area"])
    )
    filter_bits = section["sum_units"] * section["input_channels"] * operators
    window_bits = operators * digits
    return {
        "arithmetic": section["sum_units"] * per_unit + filter_bits * section["filter_bit_area"],
        "cells": section["image_bits"] * section["image_bit_area"]
        + window_bits * section["register_bit_area"],
    }


def clock_energy_J(constants: Constants, operands: int, digits: int, units: float) -> dict[str, float]:
    """Energy of a clock in which units sum so many operands each [J].

    Each operand takes a weight out of the filter bank (a register bit) and a conditional complement; each
    unit adds the result to the sum of the channels before; the window moves by one column of pixels.
    """
    section = constants["binary_weight"]
    ratio = section["voltage_energy_ratio"]
    side = max(1, round(math.sqrt(operands)))
    sum_digits = _sum_digits(operands, digits)
    per_unit = (
        tree_adders(operands, digits) * section["adder_bit_energy"]
        + operands * (digits * section["complement_bit_energy"] + section["register_bit_energy"])
        + sum_digits * (section["adder_bit_energy"] + section["register_bit_energy"])
    )
    window = operands * digits * section["register_bit_energy"] + side * digits * section["image_bit_energy"]
    return {"arithmetic": ratio * units * per_unit, "cells": ratio * window}


def _layer(
    work: LayerWork,
    constants: Constants,
    leakage_W: float,
    reloaded: bool,
    outside: bool,
    batch: int,
    area_m2: float,
) -> BaselineLayer:
    section = constants["binary_weight"]
    side = constants.count("binary_weight", "largest_kernel")
    tiles = [-(-extent // side) for extent in work.kernel]
    # A dense layer has one window and no kernel: its elements come one by one, as channels of 1 x 1.
    part = [-(-extent // count) for extent, count in zip(work.kernel, tiles, strict=True)]
    operands = math.prod(part)
    channels = -(-work.elements // math.prod(work.kernel))
    shared = max(part) <= section["shared_kernel"]
    at_once = constants.count("binary_weight", "sum_units") * (2 if shared else 1)
    blocks = -(-work.filters_alike // at_once)
    clocks = work.windows * channels * math.prod(tiles) * blocks * work.channel_groups
    latency_s = clocks * section["clock_period"]
    core = clock_energy_J(constants, operands, work.activation_bits, work.filters_alike / blocks)
    read_bits = work.input_values * work.activation_bits * blocks
    reload = work.weights / batch if reloaded else 0.0
    energy = {
        **{name: clocks * value for name, value in core.items()},
        **surroundings(work, constants, read_bits, area_m2),
        "weight reload": reload * constants["buffer"]["access_energy"],
        "static": leakage_W * latency_s,
    }
    if outside:
        energy["external memory"] = work.weights / batch * constants["off_chip"]["access_energy"]
    return line(work, {"clocks": float(clocks), "reloaded bits": reload}, energy, latency_s)


def _sum_digits(operands: int, digits: int) -> int:
    """Digits of a sum of operands, with room for the channels."""
    return digits + math.ceil(math.log2(max(operands, 2)))
