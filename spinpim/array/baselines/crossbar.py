r"""Resistive crossbars with shared converters.

A weight of w digits takes :math:`\lceil w / w_c \rceil` cells of a row, an activation of a digits
:math:`\lceil a / v \rceil` reads, and a dot product of K elements :math:`\lceil K / R \rceil` crossbars of
R rows, so that a dot product takes

.. math:: N_{conversions} = \lceil w / w_c \rceil \lceil a / v \rceil \lceil K / R \rceil

conversions. Signs that are kept in two crossbars are subtracted before the converter: they double cells and
row drives, not conversions. Each crossbar further converts its columns of ones once per read. The converter
is that of the file whatever the digits; sums of several crossbars are joined in the tile.

References
----------
A. Shafiee et al., ISAAC, ISCA 2016, doi:10.1109/ISCA.2016.12, sections IV to VI.
P. Chi et al., PRIME, ISCA 2016, doi:10.1109/ISCA.2016.13: signs in two arrays, shared sense amplifiers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from spinpim.array.baselines.constants import Constants
from spinpim.array.baselines.lines import (
    BaselineLayer,
    Machine,
    buffer_leakage_W,
    line,
    surrounding_area,
    surroundings,
)
from spinpim.array.baselines.workload import LayerWork
from spinpim.errors import InputError


@dataclass(frozen=True, slots=True)
class CrossbarWork:
    """Operations of a layer in crossbars, per image; crossbars and reads in all its groups of channels.

    Attributes
    ----------
    crossbars : int
        Crossbars that hold the layer once, both signs.
    cells : int
        Cells programmed.
    conversions : int
        Conversions, those of columns of ones included.
    row_drives, cell_reads : int
        Used rows driven, and used cells read.
    reads : int
        Reads of a crossbar one after the other.
    partial_results : int
        Sums of the elements in one crossbar, over all digits.
    """

    crossbars: int
    cells: int
    conversions: int
    row_drives: int
    cell_reads: int
    reads: int
    partial_results: int


def conversions_per_mac(cells_per_weight: int, reads_per_activation: int, rows: int) -> float:
    """Conversions per multiply-accumulate where every row of a crossbar is used [1].

    Raises
    ------
    InputError
        If a number is below 1.

    Examples
    --------
    >>> conversions_per_mac(8, 16, 128)  # ISAAC: one per product of 16 by 16 digits
    1.0
    """
    for name, given in (
        ("cells_per_weight", cells_per_weight),
        ("reads_per_activation", reads_per_activation),
        ("rows", rows),
    ):
        if given < 1:
            raise InputError(f"{name} must be at least 1; instead received {given!r:.60}.")
    return cells_per_weight * reads_per_activation / rows


def crossbar_work(work: LayerWork, constants: Constants) -> CrossbarWork:
    """Count what a layer asks of crossbars; every rounding is up."""
    rows, columns = constants.count("crossbar", "rows"), constants.count("crossbar", "columns")
    signs = constants.count("crossbar", "sign_arrays")
    cells = -(-work.weight_bits // constants.count("crossbar", "cell_bits"))
    reads = work.windows * -(-work.activation_bits // constants.count("crossbar", "driver_bits"))
    across = -(-work.filters_alike * cells // columns)
    down = -(-work.elements // rows)
    pairs = work.channel_groups * across * down
    ones = pairs * constants.count("crossbar", "unit_columns")
    return CrossbarWork(
        crossbars=pairs * signs,
        cells=work.weights * cells * signs,
        conversions=reads * (work.filters * cells * down + ones),
        row_drives=reads * work.elements * work.channel_groups * across * signs,
        cell_reads=reads * work.weights * cells * signs,
        reads=reads,
        partial_results=work.outputs * down,
    )


def read_cycle_s(constants: Constants) -> float:
    """Time between reads: the slower of the read and the conversions of the columns that share one [s]."""
    section = constants["crossbar"]
    return max(section["read_time"], section["columns_per_converter"] * section["conversion_time"])


def crossbar_machine(network: str, works: Sequence[LayerWork], constants: Constants) -> Machine:
    """Ledger of a network in crossbars, each layer once, on crossbars of its own.

    Tiles are charged whole in area, as many as the network needs. Leakage is that of the crossbars of the
    layer at work with their share of the tile, those of other layers being switched off.

    Raises
    ------
    InputError
        If the network needs more crossbars than the chip has.
    """
    section = constants["crossbar"]
    counted = [crossbar_work(work, constants) for work in works]
    needed = sum(one.crossbars for one in counted)
    there = constants.count("crossbar", "tiles") * constants.count("crossbar", "crossbars_per_tile")
    if needed > there:
        raise InputError(
            f"{constants.name}: network {network!r} needs {needed} crossbars and the chip has {there}. "
            "Weights are not reloaded between layers; raise crossbar.tiles or take another baseline."
        )
    tiles = math.ceil(needed / section["crossbars_per_tile"])
    area_m2 = crossbar_area(constants, tiles)
    # A crossbar is programmed row by row, all crossbars at once.
    deepest = max(min(work.elements, int(section["rows"])) for work in works)
    return Machine(
        layers=tuple(
            _layer(work, one, constants, math.fsum(area_m2.values()))
            for work, one in zip(works, counted, strict=True)
        ),
        area_breakdown_m2=area_m2,
        array_area_m2=math.fsum(crossbar_area(constants, 1).values()) / section["crossbars_per_tile"],
        array_bits=section["rows"] * section["columns"] * section["cell_bits"]
        + constants["buffer"]["capacity"] / section["crossbars_per_tile"],
        shared_bits=0.0,
        static_power_W=tile_leakage_W(constants, tiles),
        weight_load_energy_J=math.fsum(one.cells * section["cell_write_energy"] for one in counted),
        weight_load_time_s=deepest * section["row_write_time"],
        reload_J=0.0,
    )


def tile_leakage_W(constants: Constants, tiles: float) -> float:
    """Leakage power of tiles that are on [W]."""
    return tiles * constants["crossbar"]["tile_leakage"] + buffer_leakage_W(constants, tiles)


def crossbar_area(constants: Constants, tiles: float) -> dict[str, float]:
    """Area of whole tiles by component [m^2]."""
    section = constants["crossbar"]
    crossbars = tiles * section["crossbars_per_tile"]
    columns = section["columns"] + section["unit_columns"]
    converters = math.ceil(section["columns"] / section["columns_per_converter"])
    return {
        "converters": crossbars * converters * section["converter_area"],
        "row drive": crossbars * section["rows"] * section["row_area"],
        "cells": crossbars * section["rows"] * columns * section["cell_area"],
        "shift and add": crossbars * (section["shift_add_area"] + columns * section["column_area"]),
        **surrounding_area(constants, tiles),
    }


def crossbar_energy(
    constants: Constants, *, conversions: float, row_drives: float, cell_reads: float, results: float
) -> dict[str, float]:
    """Energy of that many operations by component [J]."""
    section = constants["crossbar"]
    return {
        "converters": conversions * (section["conversion_energy"] + section["sample_energy"]),
        "row drive": row_drives * (section["row_drive_energy"] + section["input_register_energy"]),
        "cells": cell_reads * section["cell_energy"],
        "shift and add": conversions * section["shift_add_energy"] + results * section["result_energy"],
    }


def _layer(work: LayerWork, one: CrossbarWork, constants: Constants, area_m2: float) -> BaselineLayer:
    # Crossbars of other layers in the same tile are switched off, or pay for themselves.
    tiles = one.crossbars / constants["crossbar"]["crossbars_per_tile"]
    latency_s = one.reads * read_cycle_s(constants)
    energy = {
        **crossbar_energy(
            constants,
            conversions=one.conversions,
            row_drives=one.row_drives,
            cell_reads=one.cell_reads,
            results=one.partial_results,
        ),
        **surroundings(work, constants, work.read_bits, area_m2),
        "static": tile_leakage_W(constants, tiles) * latency_s,
    }
    counts = {
        "conversions": float(one.conversions),
        "row drives": float(one.row_drives),
        "cell reads": float(one.cell_reads),
        "arrays": float(one.crossbars),
    }
    return line(work, counts, energy, latency_s)
