"""The ``sense`` command: one operation on one column, as a table, a JSON file and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinpim.study.settings import ChainSettings

DEFAULTS = ChainSettings()


def sense(
    device: Annotated[str, typer.Option(help="Shipped device or TOML file.")] = DEFAULTS.device,
    cell: Annotated[str, typer.Option(help="Shipped cell or TOML file.")] = DEFAULTS.cell,
    amplifier: Annotated[
        str, typer.Option(help="Shipped sense amplifier or TOML file.")
    ] = DEFAULTS.amplifier,
    operation: Annotated[
        str, typer.Option(help="READ, AND, NAND, OR, NOR, XOR, XNOR or MAJ; READ with --rows 1.")
    ] = "AND",
    rows: Annotated[int, typer.Option(help="Rows activated together, 1 to 3.")] = 2,
    temperature: Annotated[
        float | None, typer.Option("--temperature-K", help="Kelvin; by default that of the device.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Also write all figures to this JSON file.")] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Also write figures of the trade-offs to this folder.")
    ] = None,
) -> None:
    """Sense one column: levels, errors with and without offset, what fails first, energy, delay."""
    from spinpim.report.sensing_table import print_sensing

    print_sensing(device, cell, amplifier, operation, rows, temperature, json, plots)
