"""The shipped networks at the errors of the circuit; those trained on errors against those that were not."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rows import Row, report

import spinpim as sp
from spinpim.array import EvenErrors, Faults
from spinpim.network.datasets import Dataset
from spinpim.network.recentring import recentred
from spinpim.network.storage import shipped_networks

DATA = Path(os.environ.get("SPINPIM_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SEED = 1
IMAGES = {"digits": 359, "mnist": 1000, "svhn": 500, "cifar10": 250}
MOST_ANDS = 200_000_000_000
"""ANDs of a run: networks of many digits are measured on fewer images."""
BY_CHANCE = 2.0
"""Standard deviations of a fair coin up to which images won and lost differ by chance."""


def compare(found: dict[str, float]) -> list[Row]:
    """Rows of each network whose data is there; accuracies by label go to ``found``."""
    device = sp.Device.load("perpendicular_memory_60nm")
    cell = sp.Cell.load("2t1r_45nm", device=device)
    write = sp.write_error_rate(device, seed=SEED, trials=10_000)
    array = sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=write)
    rows = []
    for name in shipped_networks():
        network = sp.Network.load(name)
        part = part_of(network)
        if part is None:
            continue
        run = sp.execute(network, part.images, part.labels, array, seed=SEED, faults=Faults.of(array))
        found[name] = run.ideal_accuracy
        ideal, chip = run.ideal_predictions == run.labels, run.predictions[0] == run.labels
        won, lost, deviation = compared(chip, ideal)
        what = f"{name}: {lost} of {run.images} images lost, {won} won at the circuit's errors; no more lost"
        rows.append(Row(what, float(deviation > -BY_CHANCE), 1.0, 0.0))
        met = network.training.get("faults", {}).get("flips", 0.0)
        if met:
            rows.append(gain(network, sp.Network.load(name.removesuffix("_flips")), met, array, part, found))
    return rows


def part_of(network: sp.Network) -> Dataset | None:
    """Test images for a network, fewer for one of many ANDs; None where the files are absent."""
    kind = network.training["dataset"]
    if kind != "digits" and not (DATA / kind).is_dir():
        return None
    count = min(IMAGES[kind], max(50, MOST_ANDS // network.and_operations_per_image))
    return sp.load_dataset(kind, None if kind == "digits" else DATA / kind).spread(count)


def gain(
    trained: sp.Network,
    plain: sp.Network,
    rate: float,
    array: sp.ArrayModel,
    part: Dataset,
    found: dict[str, float],
) -> Row:
    """Images that the training on errors wins at its rate; the digital unit is set for it in both."""
    right = []
    for network in (trained, plain):
        faults = Faults(columns=EvenErrors(temporal=rate))
        run = sp.execute(recentred(network, rate), part.images, part.labels, array, seed=SEED, faults=faults)
        found[f"{network.name} at {rate:g}"] = float(run.accuracy[0])
        right.append(run.predictions[0] == run.labels)
    won, lost, deviation = compared(right[0], right[1])
    what = f"{trained.name}: {won} of {len(part.labels)} images won, {lost} lost at {rate:g}; more won"
    return Row(what, float(deviation > BY_CHANCE), 1.0, 0.0)


def compared(one: Any, other: Any) -> tuple[int, int, float]:
    """Images that one has right and the other has not, the reverse, and their difference in deviations."""
    won, lost = int(np.sum(one & ~other)), int(np.sum(other & ~one))
    return won, lost, (won - lost) / math.sqrt(max(1, won + lost))


def draw(found: dict[str, float], axes: Any, rows: Sequence[Row]) -> None:
    """Accuracies without errors, and where a training on errors is compared."""
    axes.barh(list(found), list(found.values()))
    axes.tick_params(labelsize=5)
    axes.set(xlabel="accuracy", xlim=(0.0, 1.0))


if __name__ == "__main__":
    accuracies: dict[str, float] = {}
    report("v28_network_tolerance", partial(compare, accuracies), partial(draw, accuracies))
