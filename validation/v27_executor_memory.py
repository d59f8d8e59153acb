"""Memory and time of `execute` against the number of images, each run in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple

from rows import Row, report

IMAGES = (1000, 4000, 16000)
MACHINES = {"ideal machine, matrix products": "integers", "ideal machine and a chip, packed digits": "bits"}
MOST_GROWTH_MB = 2.0
"""A thirtieth of what the first layer hands on for the largest set; one number per image is 0.1 MB."""
TIME_TOLERANCE = 0.5
"""A slow spell of a shared machine; a time that grew with the square would be off by 3 and 15."""


class Measured(NamedTuple):
    """Peak memory beside images and results [MB], and CPU time per image over that of the smallest set."""

    memory_MB: float
    time_ratio: float


def measured(images: int, path: str) -> Measured:
    """Run random images through LeNet-5 of W1:A8 in this process, compiled and warmed up first."""
    # The parent imports nothing large, since a new process inherits the peak of its parent.
    import numpy as np

    from spinpim import ArrayModel, Cell, Device, Estimate, SenseAmp, execute
    from spinpim.network.architectures import random_network

    network = random_network("lenet5", weight_bits=1, activation_bits=8, seed=1)
    array = None
    if path == "bits":
        cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
        write = Estimate.from_counts(0, 10**9)
        array = ArrayModel(cell, SenseAmp.load("strongarm_45nm"), rows=256, columns=128, write=write)
    raw = np.random.default_rng(1).integers(0, 256, (images, *network.input_shape), np.uint8)
    labels = np.zeros(images, np.int64)
    execute(network, raw[:200], labels[:200], array, seed=1, path=path)
    moments, runs = [time.process_time()], []
    # The small set before and after, so that a slow spell of the machine falls on both.
    for count in (IMAGES[0], images, IMAGES[0]):
        runs.append(execute(network, raw[:count], labels[:count], array, seed=1, path=path))
        moments.append(time.process_time())
    before, taken, after = (stop - start for start, stop in pairwise(moments))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    results = sum(
        part.nbytes for run in runs for part in (run.labels, run.ideal_predictions, run.predictions)
    )
    held = raw.nbytes + labels.nbytes + results
    return Measured(1e-6 * (peak - held), (taken / images) / ((before + after) / (2 * IMAGES[0])))


def compare() -> list[Row]:
    """Memory beside images and results, and time per image, against those of the smallest set."""
    rows = []
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawned, max_tasks_per_child=1) as fresh:
        for machine, path in MACHINES.items():
            first, *others = fresh.map(measured, IMAGES, [path] * len(IMAGES))
            for images, other in zip(IMAGES[1:], others, strict=True):
                what = f"{machine}: peak memory in MB, {IMAGES[0]} and {images} images"
                rows.append(Row(what, other.memory_MB, first.memory_MB, MOST_GROWTH_MB))
                what = f"{machine}: time per image, {images} over {IMAGES[0]} images"
                rows.append(Row(what, other.time_ratio, 1.0, TIME_TOLERANCE))
    return rows


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Growth of the peak over that of the smallest set."""
    for machine in MACHINES:
        growth = [row.ours - row.expected for row in rows if row.what.startswith(f"{machine}: peak")]
        axes.plot(IMAGES, [0.0, *growth], "o-", label=machine)
    axes.axhline(MOST_GROWTH_MB, color="0.6")
    axes.set(xscale="log", xlabel="images", ylabel="peak memory beside images and results, growth [MB]")
    axes.legend()


if __name__ == "__main__":
    report("v27_executor_memory", compare, draw)
