"""The ``run`` command: one device file to accuracy, energy and delay, as a folder with a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinpim.cli_interruption import interruptible
from spinpim.study.settings import ChainSettings

DEFAULTS = ChainSettings()

Device = Annotated[str, typer.Option(help="Shipped device or TOML file.")]
Cell = Annotated[str, typer.Option(help="Shipped cell or TOML file.")]
Amplifier = Annotated[str, typer.Option(help="Shipped sense amplifier or TOML file.")]
Network = Annotated[
    str | None, typer.Option(help="Shipped network or .npz file; by default that of the data set.")
]
Dataset = Annotated[
    str,
    typer.Option(
        help="digits (embedded), mnist, cifar10, svhn, or folder: your own images, one sub-folder per class."
    ),
]
DataDir = Annotated[Path | None, typer.Option(help="Folder with the files of the data set.")]
Images = Annotated[
    int | None, typer.Option(help="Images, spread evenly over the test part; by default all of it.")
]
Chips = Annotated[int, typer.Option(help="Chips drawn for the faulty accuracy.")]
Trials = Annotated[
    int, typer.Option(help="Most writes counted for the write error rate; rarer failures are split.")
]
Seed = Annotated[int, typer.Option(help="Address of all random numbers.")]
Workers = Annotated[int | None, typer.Option(help="Threads; by default one per core.")]
Protection = Annotated[
    str, typer.Option(help="Of the sensed answers: none, majority, parity or single-correction.")
]
Word = Annotated[
    int | None, typer.Option(help="Columns of a word of parity (8 by default) or single-correction (64).")
]
StuckAt0 = Annotated[float, typer.Option("--stuck-at-0", help="Share of the cells that hold 0 for good.")]
StuckAt1 = Annotated[float, typer.Option("--stuck-at-1", help="Share of the cells that hold 1 for good.")]
ImagesBefore = Annotated[
    int | None,
    typer.Option(
        help="Let reads flip weight digits for good, with so many images since the weights were written."
    ),
]
Out = Annotated[Path | None, typer.Option(help="Result folder; by default a new spinpim-run-N.")]


def run(
    device: Device = DEFAULTS.device,
    cell: Cell = DEFAULTS.cell,
    amplifier: Amplifier = DEFAULTS.amplifier,
    network: Network = DEFAULTS.network,
    dataset: Dataset = DEFAULTS.dataset,
    data_dir: DataDir = DEFAULTS.data_dir,
    images: Images = DEFAULTS.images,
    chips: Chips = DEFAULTS.chips,
    trials: Trials = DEFAULTS.trials,
    seed: Seed = DEFAULTS.seed,
    workers: Workers = DEFAULTS.workers,
    protection: Protection = DEFAULTS.protection,
    word: Word = DEFAULTS.word,
    stuck_at_0: StuckAt0 = DEFAULTS.stuck_at_0,
    stuck_at_1: StuckAt1 = DEFAULTS.stuck_at_1,
    images_before: ImagesBefore = DEFAULTS.images_before,
    out: Out = None,
) -> None:
    """Take one device file to accuracy, energy and delay of a network, and write a report."""
    from spinpim.report.terminal import run_with_progress

    settings = ChainSettings(
        device=device,
        cell=cell,
        amplifier=amplifier,
        network=network,
        dataset=dataset,
        data_dir=data_dir,
        images=images,
        chips=chips,
        trials=trials,
        seed=seed,
        workers=workers,
        protection=protection,
        word=word,
        stuck_at_0=stuck_at_0,
        stuck_at_1=stuck_at_1,
        images_before=images_before,
    )
    with interruptible():
        run_with_progress(settings, out)
