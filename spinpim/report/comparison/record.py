"""Everything a comparison found, as plain numbers and text, and every joule as a row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from spinpim.report.provenance import UsedFile, array_files, versions
from spinpim.study.comparison import MEANINGS, AtDigits, Comparison, Side
from spinpim.study.comparison.filling import Filled

SCHEMA = "spinpim-comparison/1"

LEDGER_COLUMNS = ("network", "machine", "precision", "band", "layer", "component", "energy_J")


def comparison_record(comparison: Comparison, command: str) -> dict[str, Any]:
    """All figures by their names, ready for JSON.

    Parameters
    ----------
    comparison : Comparison
        From `compare`.
    command : str
        The command line that gives it again.

    Returns
    -------
    dict
        ``schema``, ``command``, ``versions``, ``merits`` (what each ratio is of), ``memory`` (names of its
        files), ``parameters`` (every number of every file, with bounds and source), and ``at_digits``: for
        each network the machines by band, ratios with bands, levers by rank, claims with the way to each, and
        the views of equal area and equal capacity. Units are in the names. ``refusal`` says why a baseline
        has no figures.
    """
    array = comparison.array
    return {
        "schema": SCHEMA,
        "command": command,
        "versions": versions(),
        "merits": dict(MEANINGS),
        "memory": {
            "device": array.cell.device.name,
            "cell": array.cell.name,
            "amplifier": array.amplifier.name,
            "array": array.technology.name,
            "periphery": array.technology.periphery.model_dump(),
            "sums_kept": array.technology.counter.sums_kept,
            "rows": array.rows,
            "columns": array.columns,
            "error_static": dict(array.sensing.error_static),
            "error_temporal": dict(array.sensing.error_temporal),
        },
        "parameters": {
            used.role: {"name": used.name, "numbers": [dataclasses.asdict(one) for one in used.records]}
            for used in compared_files(comparison)
        },
        "at_digits": [_at_digits(one) for one in comparison.at_digits],
    }


def ledger_rows(comparison: Comparison) -> Iterator[tuple[str, str, str, str, str, str, str]]:
    """Every joule of every machine, by layer and component, in the order of ``LEDGER_COLUMNS``."""
    for at in comparison.at_digits:
        every = [*at.memory.items(), *(item for one in at.opponents for item in one.sides.items())]
        for band, side in every:
            for layer, split in side.ledger_J:
                for component, energy_J in split.items():
                    yield (
                        at.network.name,
                        side.name,
                        side.precision,
                        band,
                        layer,
                        component,
                        repr(float(energy_J)),
                    )


def compared_files(comparison: Comparison) -> tuple[UsedFile, ...]:
    """Every parameter file that went in."""
    claims = comparison.claims
    return (
        *array_files(comparison.array),
        *(
            UsedFile(f"baseline {file.name}", file.name, file.title, file.records(), "")
            for file in comparison.baselines
        ),
        UsedFile("claims", claims.name, claims.title, claims.records(), ""),
    )


def _at_digits(at: AtDigits) -> dict[str, Any]:
    return {
        "network": at.network.name,
        "weight_bits": at.network.weight_bits,
        "activation_bits": at.network.layers[-1].input_coding.bits,
        "macs_per_image": at.network.macs_per_image,
        "and_operations_per_image": at.network.and_operations_per_image,
        "equal_area_m2": at.area_m2,
        "equal_capacity_bits": at.capacity_bits,
        "memory": {band: _side(at, side) for band, side in at.memory.items()},
        "baselines": [
            {
                "name": one.name,
                "structure": one.structure,
                "precision": one.precision,
                "coarser": one.coarser,
                "refusal": one.refusal,
                "bands": {band: _side(at, side) for band, side in one.sides.items()},
                "memory_over_baseline": {
                    name: dataclasses.asdict(value) for name, value in one.ratios.items()
                },
            }
            for one in at.opponents
        ],
        "levers": [dataclasses.asdict(one) for one in at.tornados],
        "claims": [
            {**dataclasses.asdict(one), "within_bounds": one.within_bounds, "reached": one.reached}
            for one in at.claims
        ],
    }


def _side(at: AtDigits, side: Side) -> dict[str, Any]:
    return {
        "node_m": side.node_m,
        "energy_per_image_J": side.energy_J,
        "latency_per_image_s": side.latency_s,
        "interval_per_image_s": side.interval_s,
        "area_m2": side.area_m2,
        "held_bits": side.bits,
        "images_per_J_m2": side.images_per_J_m2,
        "energy_by_group_J": side.energy_by_group_J,
        "enlarged": list(side.enlarged),
        "on_equal_area": _filled(at.on_equal_area(side)),
        "with_equal_capacity": _filled(at.with_equal_capacity(side)),
    }


def _filled(found: Filled) -> dict[str, Any]:
    return {**dataclasses.asdict(found), "copies": list(found.copies)}
