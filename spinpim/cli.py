"""The command line: thin, fast to start, every mistake of the user told in one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from spinpim import __version__
from spinpim.cli_export import export
from spinpim.cli_network import network
from spinpim.cli_sense import sense
from spinpim.errors import InputError
from spinpim.study.settings import ChainSettings

MISTAKE, INTERRUPTED = 2, 130
DEFAULTS = ChainSettings()

app = typer.Typer(
    help="From one magnetic tunnel junction to a CNN computed inside its memory.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="Data sets.", no_args_is_help=True)
app.add_typer(data, name="data")
app.add_typer(export, name="export")
app.add_typer(network, name="network")
app.command()(sense)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"spinpim {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From one magnetic tunnel junction to a CNN computed inside its memory."""


def main() -> None:
    """Run the command line; exit with 2 after a mistake of the user and with 130 after Ctrl-C."""
    try:
        app()
    except InputError as mistake:
        print(f"spinpim: {mistake}", file=sys.stderr)
        sys.exit(MISTAKE)
    except KeyboardInterrupt:
        _say_interrupted()
        sys.exit(INTERRUPTED)


def _say_interrupted() -> None:
    print("spinpim: interrupted; an existing result is as it was.", file=sys.stderr)


@contextmanager
def _interruptible() -> Iterator[None]:
    """End a long command after Ctrl-C; typer would do it with a status of its own and without a word."""
    try:
        yield
    except KeyboardInterrupt:
        _say_interrupted()
        raise typer.Exit(INTERRUPTED) from None


@app.command()
def run(
    device: Annotated[str, typer.Option(help="Shipped device or TOML file.")] = DEFAULTS.device,
    cell: Annotated[str, typer.Option(help="Shipped cell or TOML file.")] = DEFAULTS.cell,
    amplifier: Annotated[
        str, typer.Option(help="Shipped sense amplifier or TOML file.")
    ] = DEFAULTS.amplifier,
    network: Annotated[
        str | None, typer.Option(help="Shipped network or .npz file; by default that of the data set.")
    ] = DEFAULTS.network,
    dataset: Annotated[str, typer.Option(help="digits (embedded) or mnist.")] = DEFAULTS.dataset,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder with the files of the data set.")
    ] = DEFAULTS.data_dir,
    chips: Annotated[int, typer.Option(help="Chips drawn for the faulty accuracy.")] = DEFAULTS.chips,
    trials: Annotated[
        int, typer.Option(help="Most writes counted for the write error rate; rarer failures are split.")
    ] = DEFAULTS.trials,
    seed: Annotated[int, typer.Option(help="Address of all random numbers.")] = DEFAULTS.seed,
    workers: Annotated[int | None, typer.Option(help="Threads; by default one per core.")] = DEFAULTS.workers,
    out: Annotated[Path | None, typer.Option(help="Result folder; by default a new spinpim-run-N.")] = None,
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
        chips=chips,
        trials=trials,
        seed=seed,
        workers=workers,
    )
    with _interruptible():
        run_with_progress(settings, out)


@app.command()
def check(file: Annotated[str, typer.Argument(help="Shipped name or TOML file.")]) -> None:
    """Check a parameter file and print its derived figures with their sources."""
    from spinpim.report.check import print_check

    print_check(file)


@app.command()
def bench(
    json: Annotated[Path | None, typer.Option(help="Also write the rates to this JSON file.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few, short repeats; not to be quoted.")] = False,
) -> None:
    """Measure the speed of the kernels here, beside naive code and peers where they are installed."""
    # Rates are of one core; the library of matrix products reads this once, when numpy loads it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from spinpim.bench.table import print_bench

    with _interruptible():
        print_bench(json, quick)


@data.command()
def fetch(
    name: Annotated[str, typer.Argument(help="mnist")],
    data_dir: Annotated[Path, typer.Option(help="Where to put the files.")] = Path("data"),
) -> None:
    """Download a data set, checksums verified."""
    from spinpim.network.fetch import fetch as fetch_files

    files = fetch_files(name, data_dir)
    print(f"{name}: {len(files)} files in {files[0].parent}")


if __name__ == "__main__":
    main()
