"""``spinpim network tolerance``: how many wrong ANDs networks bear, printed, as JSON and as a figure."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from spinpim.errors import InputError
from spinpim.network import Network
from spinpim.network.datasets import DATASET_NAMES, Dataset, load_dataset
from spinpim.report.provenance import versions
from spinpim.report.tolerance_plot import PUBLISHED, accuracy_against_errors
from spinpim.storage import check_target, replace_path
from spinpim.study.delivered import Delivered, arrays_to_compare, delivered_errors
from spinpim.study.error_tolerance import KINDS, Tolerance, tolerance
from spinpim.study.workload import check_fit

SCHEMA = "spinpim-tolerance/1"


def print_tolerance(
    names: Sequence[str],
    dataset: str | None,
    data_dir: Path | None,
    *,
    images: int | None,
    chips: int,
    rates: Sequence[float],
    seed: int,
    device: str,
    cell: str,
    amplifier: str,
    recentred: bool = False,
    executor: Executor | None = None,
    json_path: Path | None = None,
    plot_path: Path | None = None,
) -> None:
    """Measure networks on a data set, print what they bear, and write what is asked for.

    Parameters
    ----------
    names : sequence of str
        Shipped networks or paths.
    dataset, data_dir
        As in `spinpim.network.datasets.load_dataset`; None takes the data that the first was trained on.
    images : int or None
        So many images spread evenly over the test part; None takes all.
    chips, rates, seed
        As in `spinpim.study.error_tolerance.tolerance`.
    device, cell, amplifier : str
        Shipped names or paths of what delivers the errors that are marked.
    recentred : bool
        Whether to measure each network with its lines set for each rate, too.
    executor : concurrent.futures.Executor, optional
        Where the work goes.
    json_path, plot_path : Path, optional
        Where to write all figures, and the drawing as SVG.

    Raises
    ------
    InputError
        For every mistake in names, files and numbers.
    """
    networks = [Network.load(name) for name in dict.fromkeys(names)]
    part = load_dataset(dataset or _dataset_of(networks[0]), data_dir)
    if images is not None:
        part = part.spread(images)
    for network in networks:
        check_fit(network, part)
    if json_path is not None and plot_path is not None and json_path.absolute() == plot_path.absolute():
        raise InputError(f"{plot_path}: the drawing and the figures need files of their own; name two.")
    arrays = arrays_to_compare(device, cell, amplifier)
    with ExitStack() as stack:
        # The places are taken before the work, so that one that cannot be written is told at once.
        taken = {}
        for path in (json_path, plot_path):
            if path is not None:
                check_target(path)
                taken[path] = stack.enter_context(replace_path(path))
        found = []
        for network, set_right in itertools.product(networks, (False, True) if recentred else (False,)):
            one = tolerance(
                network,
                part.images,
                part.labels,
                arrays[0],
                seed=seed,
                rates=rates,
                chips=chips,
                recentre=set_right,
                executor=executor,
            )
            print(_lines(one), flush=True)
            found.append(one)
        delivered = delivered_errors(arrays, seed)
        for cause in delivered:
            print(f"{cause.name}: {cause.static:.1e} static, {cause.temporal:.1e} temporal, {cause.of}")
        if plot_path is not None:
            taken[plot_path].write_text(accuracy_against_errors(found, delivered), encoding="utf-8")
        if json_path is not None:
            document = json.dumps(_document(found, part, delivered), indent=2)
            taken[json_path].write_text(document + "\n", encoding="utf-8")


def _dataset_of(network: Network) -> str:
    """Data set of a training record."""
    named = network.training.get("dataset")
    if named not in DATASET_NAMES:
        raise InputError(
            f"network {network.name!r} does not say what it was trained on; name it by --dataset."
        )
    return str(named)


def _lines(one: Tolerance) -> str:
    """Accuracies of a network, a line for each rate, and what it bears."""
    lines = [f"{one.label}: {one.ideal_accuracy:.4f} without errors, {one.images} images"]
    lines += [
        f"  {rate:8.1e}  static {static:.4f}  temporal {temporal:.4f}"
        for rate, static, temporal in zip(one.rates, *(one.accuracy(kind) for kind in KINDS), strict=True)
    ]
    borne = ", ".join(f"{_bound(one, kind)} {kind}" for kind in KINDS)
    return "\n".join([*lines, f"  falls 1 % below its best at {borne}"])


def _bound(one: Tolerance, kind: str) -> str:
    rate = one.tolerated_rate(kind)
    if rate == 0.0:
        return f"less than {one.rates[0]:.1e}"
    return f"more than {rate:.1e}" if rate == one.rates[-1] else f"{rate:.1e}"


def _document(found: Sequence[Tolerance], data: Dataset, delivered: Sequence[Delivered]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "versions": versions(),
        "dataset": data.name,
        "attribution": data.attribution,
        "networks": [one.figures() for one in found],
        "delivered": [one._asdict() for one in delivered],
        "published": [one._asdict() for one in PUBLISHED],
    }
