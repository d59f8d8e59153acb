"""Everything a run computed, as one plain HDF5 file that explains itself.

Each group holds its own axes as dimension scales, so that it opens by itself as a table of named dimensions.
Every dataset has an attribute ``units``: SI, "1" for pure numbers, "none" for text.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from spinpim.device.dynamics.switching_table import RESULTS_SCHEMA
from spinpim.report.chip_counts import told_counts
from spinpim.report.provenance import command, used_files, versions
from spinpim.storage import write_axis

if TYPE_CHECKING:
    from spinpim.array import Run
    from spinpim.circuit import Sensing
    from spinpim.report.provenance import UsedFile
    from spinpim.study.chain import ArrayResult, ChainResult

SCHEMA = RESULTS_SCHEMA
TEXT = "none"


def write_results(result: ChainResult, file: Any) -> None:
    """Write everything into an open HDF5 file.

    Parameters
    ----------
    result : ChainResult
        What the chain computed.
    file : h5py.File
        Empty and writable, from ``spinpim.storage.replace_file``.

    Notes
    -----
    Groups: ``device``, ``trajectories`` (one group per written state), ``switching``, ``sensing`` and
    ``execution`` (``chosen`` and ``minimum`` amplifier), ``network``, ``cost``, ``parameters`` (one group per
    file: its text, and its numbers as columns). Attributes of the file: schema, seed, command, versions,
    settings, stop reasons. Counts of a protection, of stuck cells and of lost digits are in ``execution``
    where they were asked for.
    """
    file.attrs["schema"] = SCHEMA
    file.attrs["seed"] = result.settings.seed
    file.attrs["command"] = _storable(command(result.settings))
    file.attrs["stop_reason_write_error"] = result.write_error.stop_reason
    for name, version in versions().items():
        file.attrs[f"version_{name}"] = version
    for field in dataclasses.fields(result.settings):
        given = getattr(result.settings, field.name)
        file.attrs[f"setting_{field.name}"] = given if isinstance(given, int | float) else _storable(given)
    _write_device(result, file.create_group("device"))
    _write_trajectories(result, file.create_group("trajectories"))
    _write_switching(result, file.create_group("switching"))
    for name, part in (("chosen", result.chosen), ("minimum", result.minimum)):
        _write_sensing(part, file.create_group(f"sensing/{name}"))
        _write_execution(result, part.run, file.create_group(f"execution/{name}"))
    _write_network(result, file.create_group("network"))
    _write_cost(result, file.create_group("cost"))
    for used in used_files(result):
        _write_parameters(used, file.create_group(f"parameters/{used.role.replace(' ', '_')}"))


def _write_device(result: ChainResult, group: Any) -> None:
    device, write = result.device, result.device.write
    group.attrs.update({"name": device.name, "title": _storable(device.title), "easy_axis": device.easy_axis})
    for name, value, units in (
        ("thermal_stability", device.thermal_stability, "1"),
        ("anisotropy_field_T", device.anisotropy_field_T, "T"),
        ("resistance_p_ohm", device.resistance_p_ohm, "ohm"),
        ("resistance_ap_ohm", device.resistance_ap_ohm, "ohm"),
        ("channel_resistance_ohm", device.channel_resistance_ohm, "ohm"),
        ("stt_critical_voltage_V", device.stt_critical_voltage_V, "V"),
        ("temperature_K", device.temperature_K, "K"),
        ("assumed_parameters", device.assumed_count, "1"),
        ("write_sot_current_A", write.sot_current_A, "A"),
        ("write_width_s", write.width_s, "s"),
        ("write_mtj_voltage_V", write.mtj_voltage_V, "V"),
        ("write_energy_channel_J", result.write_energy.channel_J, "J"),
        ("write_energy_junction_J", result.write_energy.junction_J, "J"),
        ("write_energy_supply_J", result.write_energy.supply_J, "J"),
    ):
        _put(group, name, value, units)


def _write_trajectories(result: ChainResult, group: Any) -> None:
    for to, motion in result.trajectories.items():
        part = group.create_group(f"towards_{to}")
        part.attrs["to"] = to
        trials = motion.magnetisation.shape[0]
        write_axis(part, "time_s", motion.time_s, "s")
        _index_axis(part, "trial", trials)
        _text_axis(part, "axis", "xyz")
        _put(part, "magnetisation", motion.magnetisation, "1", "trial", "time_s", "axis")
        _put(part, "resistance_ohm", motion.resistance_ohm, "ohm", "trial", "time_s")
        _put(part, "sot_current_A", motion.sot_current_A, "A", "time_s")
        _put(part, "mtj_voltage_V", motion.mtj_voltage_V, "V", "time_s")


def _write_switching(result: ChainResult, group: Any) -> None:
    result.table.write_into(group)
    low, high = result.table.interval()
    axes = ("sot_current_A", "width_s")
    _put(group, "probability", result.table.probability(), "1", *axes)
    _put(group, "probability_low", low, "1", *axes)
    _put(group, "probability_high", high, "1", *axes)
    write = result.write_error
    part = group.create_group("write_error")
    part.attrs.update(
        {"method": write.method, "stop_reason": write.stop_reason, "confidence": write.confidence}
    )
    for name in ("value", "low", "high", "trials"):
        _put(part, name, getattr(write, name), "1")


def _write_sensing(part: ArrayResult, group: Any) -> None:
    sensing: Sensing = part.sensing
    group.attrs.update(
        {
            "amplifier": part.amplifier.name,
            "operation": sensing.operation,
            "rows": sensing.rows,
            "mode": sensing.mode,
        }
    )
    _text_axis(group, "pattern", sensing.patterns)
    for name in (
        "levels_V",
        "margins_V",
        "level_sigma_V",
        "offset_sigma_V",
        "noise_sigma_V",
        "error_static",
        "error_temporal",
        "undecided",
    ):
        by_pattern = getattr(sensing, name)
        values = [by_pattern[pattern] for pattern in sensing.patterns]
        _put(group, name, values, "V" if name.endswith("_V") else "1", "pattern")
    for name, units in (
        ("reference_V", "V"),
        ("reference_sigma_V", "V"),
        ("drive_sigma_V", "V"),
        ("margin_V", "V"),
        ("temperature_K", "K"),
        ("delay_s", "s"),
        ("energy_J", "J"),
        ("read_disturb_probability", "1"),
    ):
        _put(group, name, getattr(sensing, name), units)
    _by_name(group, "energy_split_J", sensing.energy_split_J, "J", "energy_part")
    _by_name(group, "delay_split_s", sensing.delay_split_s, "s", "delay_part")
    causes = list(next(iter(sensing.spread_V.values())))
    _text_axis(group, "cause", causes)
    spread = [[sensing.spread_V[pattern][cause] for cause in causes] for pattern in sensing.patterns]
    _put(group, "spread_V", spread, "V", "pattern", "cause")


def _write_execution(result: ChainResult, run: Run, group: Any) -> None:
    group.attrs.update({"network": _storable(run.network), "seed": run.seed})
    group.attrs["dataset"] = _storable(result.dataset.name)
    group.attrs["split"] = result.dataset.split
    group.attrs["attribution"] = _storable(result.dataset.attribution)
    _index_axis(group, "image", run.images)
    _index_axis(group, "chip", run.chips)
    for name in ("labels", "ideal_predictions"):
        _put(group, name, getattr(run, name), "1", "image")
    _put(group, "predictions", run.predictions, "1", "chip", "image")
    for name in (
        "accuracy",
        "changed",
        "flipped_reads",
        "failed_activation_writes",
        "failed_weight_writes",
        "stuck_pairs",
        *told_counts(result.settings),
    ):
        _put(group, name, getattr(run, name), "1", "chip")
    if run.protection is not None:
        group.attrs["protection"] = repr(run.protection)
        _put(group, "check_columns", run.check_columns, "1")
    for name in ("ideal_accuracy", "and_operations", "correction_operations"):
        _put(group, name, getattr(run, name), "1")


def _write_network(result: ChainResult, group: Any) -> None:
    network = result.network
    group.attrs.update({"name": _storable(network.name), "title": _storable(network.title)})
    for name in (
        "weight_bits",
        "activation_bits",
        "macs_per_image",
        "and_operations_per_image",
        "correction_bits_per_image",
    ):
        _put(group, name, getattr(network, name), "1")
    _index_axis(group, "layer", len(network.layers))
    _put(group, "layer_name", [layer.name for layer in network.layers], TEXT, "layer")
    _put(group, "layer_kind", [layer.kind for layer in network.layers], TEXT, "layer")
    _put(group, "fan_in", [layer.fan_in for layer in network.layers], "1", "layer")
    _put(group, "out_channels", [layer.out_channels for layer in network.layers], "1", "layer")
    _put(group, "training", json.dumps(network.training, ensure_ascii=False), TEXT)


def _write_cost(result: ChainResult, group: Any) -> None:
    cost = result.cost
    for name, units in (
        ("energy_per_image_J", "J"),
        ("latency_per_image_s", "s"),
        ("interval_per_image_s", "s"),
        ("area_m2", "m^2"),
        ("weight_load_energy_J", "J"),
        ("weight_load_time_s", "s"),
        ("disturbed_cells_per_image_bound", "1"),
    ):
        _put(group, name, getattr(cost, name), units)
    _by_name(group, "energy_breakdown_J", cost.energy_breakdown_J, "J", "component")
    _by_name(group, "area_breakdown_m2", cost.area_breakdown_m2, "m^2", "area_component")
    _index_axis(group, "layer", len(cost.layers))
    _put(group, "layer_name", [layer.name for layer in cost.layers], TEXT, "layer")
    _put(group, "layer_latency_s", [layer.latency_s for layer in cost.layers], "s", "layer")
    _put(group, "layer_area_m2", [layer.area_m2 for layer in cost.layers], "m^2", "layer")
    energies = [list(layer.energy_breakdown_J.values()) for layer in cost.layers]
    _put(group, "layer_energy_J", energies, "J", "layer", "component")


def _write_parameters(used: UsedFile, group: Any) -> None:
    group.attrs.update(
        {"name": used.name, "title": _storable(used.title), "assumed_parameters": used.assumed_count}
    )
    _put(group, "text", used.text, TEXT)
    _text_axis(group, "key", [record.key for record in used.records])
    for name, units in (
        ("value_si", "see unit_si"),
        ("sigma_si", "see unit_si"),
        ("unit_si", TEXT),
        ("text_as_written", TEXT),
        ("status", TEXT),
        ("source", TEXT),
        ("where", TEXT),
    ):
        attribute = "text" if name == "text_as_written" else name
        _put(group, name, [getattr(record, attribute) for record in used.records], units, "key")


def _by_name(group: Any, name: str, values: Mapping[str, float], units: str, axis: str) -> None:
    """Write a dictionary over an axis of its keys."""
    _text_axis(group, axis, values)
    _put(group, name, list(values.values()), units, axis)


def _text_axis(group: Any, name: str, values: Iterable[str]) -> None:
    """Write a coordinate of words as a dimension scale."""
    _put(group, name, list(values), TEXT)
    group[name].make_scale(name)


def _index_axis(group: Any, name: str, count: int) -> None:
    """Write a coordinate that only counts, from 0, as a dimension scale."""
    _put(group, name, np.arange(count), "1")
    group[name].make_scale(name)


def _put(group: Any, name: str, values: Any, units: str, *axes: str) -> None:
    """Write numbers or text with a unit, each dimension attached to its scale."""
    import h5py

    array = np.asarray(values)
    if array.dtype.kind == "U":
        words: Any = [_storable(value) for value in values] if array.ndim else _storable(values)
        data = group.create_dataset(name, data=words, dtype=h5py.string_dtype())
    else:
        packing = {"compression": "gzip", "shuffle": True} if array.ndim else {}
        data = group.create_dataset(name, data=array, **packing)
    data.attrs["units"] = units
    for dimension, axis in enumerate(axes):
        data.dims[dimension].attach_scale(group[axis])


def _storable(value: object) -> str:
    """Text that HDF5 can hold: no zero characters, no broken Unicode; nothing becomes an empty text."""
    text = "" if value is None else str(value)
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")
