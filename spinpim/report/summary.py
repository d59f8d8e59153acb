"""The main figures of a run as plain numbers: what other programs read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spinpim.report.chip_counts import chip_figures
from spinpim.report.provenance import versions

if TYPE_CHECKING:
    from spinpim.array import Run
    from spinpim.circuit import Sensing
    from spinpim.study.chain import ChainResult

SCHEMA = "spinpim-summary/1"


def summary(result: ChainResult) -> dict[str, Any]:
    """Return the main figures of a run, ready for JSON.

    Units are in the names; probabilities and accuracies are shares of 1. Dictionaries "by pattern" have the
    data of the two cells as keys, weight first.

    Parameters
    ----------
    result : ChainResult
        What the chain computed.

    Returns
    -------
    dict
        ``schema``, ``seed`` and ``versions``; then

        - ``device``: name, stability, zero-bias resistances, write error rate with its interval, the
          coverage of that (1 for bounds on a numerical error) and the method (``value`` is 0 and ``high`` the
          upper bound when no write failed), mean write energy of both directions, number of assumed
          parameters of the device file;
        - ``sensing``: two-row AND; levels and errors by pattern, smallest margin, delay, energy per column;
        - ``network``: sizes and operations per image, corrections of the weight coding not included;
        - ``accuracy``: ideal machine, mean and sample standard deviation of the chips (0 for one chip);
        - ``cost``: per image, and whole area;
        - ``write_error_used``: what the chips were drawn with: ``value``, and whether it is the upper bound
          of a count without failures, which depends on the number of trials;
        - ``dataset``: name and part;
        - ``chips``, only with a protection, stuck cells or lost digits: what was asked for, columns of a word
          and check columns of a chip, and the counts of ``Run`` that go with it, means over the chips;
        - ``minimum_amplifier``: ``name``, ``sensing``, ``accuracy`` and ``chips`` with the minimum-size
          amplifier.

    Raises
    ------
    ValueError
        If a figure is not finite.
    """
    figures: dict[str, Any] = {
        "schema": SCHEMA,
        "seed": result.settings.seed,
        "versions": versions(),
        "device": _device(result),
        "sensing": _sensing(result.chosen.sensing),
        "network": {
            "name": result.network.name,
            "weight_bits": result.network.weight_bits,
            "activation_bits": result.network.activation_bits,
            "macs_per_image": result.network.macs_per_image,
            "and_operations_per_image": result.network.and_operations_per_image,
        },
        "dataset": {"name": result.dataset.name, "split": result.dataset.split},
        "accuracy": _accuracy(result.chosen.run),
        **_chips(result, result.chosen.run),
        "cost": {
            "energy_per_image_J": result.cost.energy_per_image_J,
            "latency_per_image_s": result.cost.latency_per_image_s,
            "area_m2": result.cost.area_m2,
            "energy_breakdown_J": dict(result.cost.energy_breakdown_J),
        },
        "write_error_used": {
            "value": result.write_error.conservative,
            "is_upper_bound": result.write_error.is_upper_bound,
        },
        "minimum_amplifier": {
            "name": result.minimum.amplifier.name,
            "sensing": _sensing(result.minimum.sensing),
            "accuracy": _accuracy(result.minimum.run),
            **_chips(result, result.minimum.run),
        },
    }
    return {key: _plain(value, key) for key, value in figures.items()}


def _device(result: ChainResult) -> dict[str, Any]:
    device, write = result.device, result.write_error
    return {
        "name": device.name,
        "thermal_stability": device.thermal_stability,
        "resistance_p_ohm": device.resistance_p_ohm,
        "resistance_ap_ohm": device.resistance_ap_ohm,
        "write_error_rate": {
            "value": write.value,
            "low": write.low,
            "high": write.high,
            "confidence": write.confidence,
            "method": write.method,
        },
        "write_energy_channel_J": result.write_energy.channel_J,
        "write_energy_supply_J": result.write_energy.supply_J,
        "assumed_parameters": device.assumed_count,
    }


def _sensing(sensing: Sensing) -> dict[str, Any]:
    return {
        "operation": sensing.operation,
        "levels_V": dict(sensing.levels_V),
        "margin_V": sensing.margin_V,
        "error_static": dict(sensing.error_static),
        "error_temporal": dict(sensing.error_temporal),
        "delay_s": sensing.delay_s,
        "energy_J": sensing.energy_J,
    }


def _accuracy(run: Run) -> dict[str, Any]:
    accuracy = run.accuracy
    return {
        "ideal": run.ideal_accuracy,
        "faulty_mean": accuracy.mean(),
        "faulty_std": accuracy.std(ddof=1) if run.chips > 1 else 0.0,
        "chips": run.chips,
        "images": run.images,
    }


def _chips(result: ChainResult, run: Run) -> dict[str, Any]:
    figures = chip_figures(result.settings, run)
    return {"chips": figures} if figures else {}


def _plain(value: Any, key: str) -> Any:
    """Python numbers in place of numpy's; a figure that JSON cannot hold is refused by name."""
    if isinstance(value, dict):
        return {name: _plain(content, f"{key}.{name}") for name, content in value.items()}
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if not math.isfinite(value):
        raise ValueError(f"{key} is {value}, which is no finite number.")
    return float(value)
