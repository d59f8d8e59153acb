"""``spinpim network tolerance``: how many wrong ANDs networks bear, printed, as JSON and as a figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spinpim.array import ArrayModel
from spinpim.circuit import Cell, SenseAmp
from spinpim.device import Device, write_error_rate
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.network import Network
from spinpim.network.datasets import Dataset, load_dataset
from spinpim.report.provenance import versions
from spinpim.report.tolerance_plot import PUBLISHED, accuracy_against_errors
from spinpim.storage import replace_path
from spinpim.study.chain import MINIMUM_AMPLIFIER
from spinpim.study.tolerance import KINDS, STATIC, TEMPORAL, Tolerance, tolerance

SCHEMA = "spinpim-tolerance/1"


def print_tolerance(
    names: Sequence[str],
    dataset: str,
    data_dir: Path | None,
    *,
    images: int | None,
    chips: int,
    rates: Sequence[float],
    seed: int,
    device: str,
    cell: str,
    amplifier: str,
    json_path: Path | None = None,
    plot_path: Path | None = None,
) -> None:
    """Measure networks on a data set, print what they bear, and write what is asked for.

    Parameters
    ----------
    names : sequence of str
        Shipped networks or paths.
    dataset, data_dir
        As in `spinpim.network.datasets.load_dataset`.
    images : int or None
        So many images spread evenly over the test part; None takes all.
    chips, rates, seed
        As in `spinpim.study.tolerance.tolerance`.
    device, cell, amplifier : str
        Shipped names or paths of what delivers the errors that are marked.
    json_path, plot_path : Path, optional
        Where to write all figures, and the drawing as SVG.

    Raises
    ------
    InputError
        For every mistake in names, files and numbers.
    """
    networks = [Network.load(name) for name in names]
    part = load_dataset(dataset, data_dir)
    if images is not None:
        part = part.spread(images)
    for path in (json_path, plot_path):
        if path is not None and not path.parent.is_dir():
            raise InputError(f"{path.parent}: there is no such folder to write to; make it first.")
    arrays = _arrays(device, cell, amplifier)
    found = []
    for network in networks:
        found.append(
            tolerance(network, part.images, part.labels, arrays[0], seed=seed, rates=rates, chips=chips)
        )
        print(_lines(found[-1]), flush=True)
    delivered = _delivered(arrays, seed)
    for name, errors in delivered.items():
        print(f"{name}: {errors[STATIC]:.1e} static, {errors[TEMPORAL]:.1e} temporal errors")
    if plot_path is not None:
        with replace_path(plot_path) as path:
            path.write_text(accuracy_against_errors(found, delivered), encoding="utf-8")
    if json_path is not None:
        with replace_path(json_path) as path:
            path.write_text(json.dumps(_document(found, part, delivered), indent=2) + "\n", encoding="utf-8")


def _arrays(device: str, cell: str, amplifier: str) -> list[ArrayModel]:
    """Sub-arrays with the chosen amplifier, and with the smallest one."""
    cells = Cell.load(cell, device=Device.load(device))
    amplifiers = [SenseAmp.load(name) for name in dict.fromkeys((amplifier, MINIMUM_AMPLIFIER))]
    # Only their layout and sensing are used: nothing is written wrongly here.
    unused = Estimate.from_counts(0, 1)
    return [ArrayModel(cells, one, write=unused) for one in amplifiers]


def _delivered(arrays: Sequence[ArrayModel], seed: int) -> dict[str, dict[str, float]]:
    """Mean rate of wrong ANDs over the four patterns by amplifier, and of failed writes [1]."""
    found = {
        array.amplifier.name: {
            STATIC: float(np.mean(list(array.sensing.error_static.values()))),
            TEMPORAL: float(np.mean(list(array.sensing.error_temporal.values()))),
        }
        for array in arrays
    }
    device = arrays[0].cell.device
    try:
        write = write_error_rate(device, seed=seed, trials=10_000).conservative
    except InputError:
        # Deeper than a double reaches, or than a grid resolves: not to be seen in a figure either.
        return found
    # A weight that was written wrongly stays so; activations are written at each use.
    return {**found, f"writes of {device.name}": {STATIC: write, TEMPORAL: write}}


def _lines(one: Tolerance) -> str:
    """Accuracies of a network, a line for each rate, and what it bears."""
    lines = [f"{one.network}: {one.ideal_accuracy:.4f} without errors, {one.images} images"]
    lines += [
        f"  {rate:8.0e}  static {static:.4f}  temporal {temporal:.4f}"
        for rate, static, temporal in zip(one.rates, *(one.accuracy(kind) for kind in KINDS), strict=True)
    ]
    borne = ", ".join(f"{_bound(one, kind)} {kind}" for kind in KINDS)
    return "\n".join([*lines, f"  loses 1 % at {borne}"])


def _bound(one: Tolerance, kind: str) -> str:
    rate = one.tolerated_rate(kind)
    if rate == 0.0:
        return f"less than {one.rates[0]:.0e}"
    return f"more than {rate:.0e}" if rate == one.rates[-1] else f"{rate:.1e}"


def _document(
    found: Sequence[Tolerance], data: Dataset, delivered: dict[str, dict[str, float]]
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "versions": versions(),
        "dataset": data.name,
        "attribution": data.attribution,
        "networks": [one.figures() for one in found],
        "delivered": delivered,
        "published": [one._asdict() for one in PUBLISHED],
    }
