"""The command line: thin, fast to start, every mistake of the user told in one sentence."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from spinpim import __version__
from spinpim.cli_compare import compare
from spinpim.cli_export import export
from spinpim.cli_intermittent import intermittent
from spinpim.cli_interruption import INTERRUPTED, interruptible, say_interrupted
from spinpim.cli_network import network
from spinpim.cli_run import run
from spinpim.cli_sense import sense
from spinpim.errors import InputError

MISTAKE = 2

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
app.command()(run)
app.command()(sense)
app.command()(compare)
app.command()(intermittent)


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


def _terminate(number: int, _: object) -> None:
    sys.exit(128 + number)


def main() -> None:
    """Run the command line; exit with 2 after a mistake of the user and with 130 after Ctrl-C."""
    # As an exception, so that what is half made is cleared away; only the main thread may ask for it.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except InputError as mistake:
        print(f"spinpim: {mistake}", file=sys.stderr)
        sys.exit(MISTAKE)
    except KeyboardInterrupt:
        say_interrupted()
        sys.exit(INTERRUPTED)


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

    with interruptible():
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
