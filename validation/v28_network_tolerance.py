"""Accuracy of the shipped networks against wrong ANDs, and at the errors that the circuit delivers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rows import Row, report

import spinpim as sp
from spinpim.array import Faults
from spinpim.network.storage import SHIPPED
from spinpim.study.error_tolerance import KINDS, RATES, Tolerance, tolerance

DATA = Path(os.environ.get("SPINPIM_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SEED = 1
IMAGES = {"digits": 359, "mnist": 1000, "svhn": 500, "cifar10": 250}
CHIPS = 3
DEEPEST_ANDS = 1_000_000_000
"""Networks of more ANDs per image are measured at the rates below 1e-2 alone, and on fewer images."""


def measured(name: str, array: sp.ArrayModel) -> tuple[Tolerance, float]:
    """Tolerance of a shipped network, and what a chip with the array's own errors loses [1]."""
    network = sp.Network.load(name)
    kind = network.training["dataset"]
    data = sp.load_dataset(kind, None if kind == "digits" else DATA / kind)
    deep = network.and_operations_per_image > DEEPEST_ANDS
    count = IMAGES[kind] // (5 if deep else 1)
    part = data.images[:count], data.labels[:count]
    rates = [rate for rate in RATES if rate < 1e-2 or not deep]
    found = tolerance(network, *part, array, seed=SEED, rates=rates, chips=1 if deep else CHIPS)
    run = sp.execute(network, *part, array, seed=SEED, faults=Faults.of(array))
    return found, float(run.ideal_accuracy - run.accuracy[0])


def compare() -> list[Row]:
    """Rows of each network whose data is there."""
    device = sp.Device.load("perpendicular_memory_60nm")
    cell = sp.Cell.load("2t1r_45nm", device=device)
    write = sp.write_error_rate(device, seed=SEED, trials=10_000)
    array = sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=write)
    rows = []
    for name in sorted(path.stem for path in SHIPPED.glob("*.npz")):
        kind = sp.Network.load(name).training["dataset"]
        if kind != "digits" and not (DATA / kind).is_dir():
            continue
        one, lost = measured(name, array)
        FOUND.setdefault(kind, []).append(one)
        rows.append(Row(f"{name}: accuracy lost at the errors of the circuit", lost, 0.0, 0.0))
        for error in KINDS:
            print(f"{name}: loses 1 % at {one.tolerated_rate(error):.1e} {error}", flush=True)
        if one.trained_with:
            rows += [_gain(one, plain) for plain in FOUND[kind] if name.startswith(f"{plain.network}_")]
    return rows


FOUND: dict[str, list[Tolerance]] = {}


def _gain(trained: Tolerance, plain: Tolerance) -> Row:
    """At the rate that it was trained with, a network bears temporal errors better than before."""
    rate = trained.trained_with["flips"]
    place = int(np.argmin(np.abs(np.log(trained.rates / rate))))
    gain = float(trained.accuracy("temporal")[place] - plain.accuracy("temporal")[place])
    return Row(
        f"{trained.network}: accuracy gained by its training at {rate:g}, sign", np.sign(gain), 1.0, 0.0
    )


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Temporal errors of all networks; `spinpim network tolerance --plot` draws a data set with its marks."""
    for found in FOUND.values():
        for one in found:
            axes.plot(
                one.rates, one.accuracy("temporal"), "--" if one.trained_with else "-", label=one.network
            )
    axes.set(xscale="log", xlabel="accesses that answer wrongly", ylabel="accuracy")
    axes.legend(fontsize=4)


if __name__ == "__main__":
    report("v28_network_tolerance", compare, draw)
