"""The ``export`` commands: files for ngspice and NVSim out of the parameter files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinpim.study.settings import ChainSettings

DEFAULTS = ChainSettings()

export = typer.Typer(help="Files for ngspice and NVSim.", no_args_is_help=True)

DeviceOption = Annotated[str, typer.Option(help="Shipped device or TOML file.")]
CellOption = Annotated[str, typer.Option(help="Shipped cell or TOML file.")]
OutOption = Annotated[Path, typer.Option(help="File to write.")]


@export.command()
def ngspice(
    out: OutOption,
    device: DeviceOption = DEFAULTS.device,
    cell: CellOption = DEFAULTS.cell,
    amplifier: Annotated[
        str, typer.Option(help="Shipped sense amplifier or TOML file.")
    ] = DEFAULTS.amplifier,
    operation: Annotated[str, typer.Option(help="READ, AND, NAND, OR, NOR or MAJ.")] = "AND",
    pattern: Annotated[
        str, typer.Option(help="States of the cells, 1 antiparallel; one digit per row.")
    ] = "01",
    sample: Annotated[
        int | None, typer.Option(help="Number of the column, with --seed; without it the nominal one.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Address of the random numbers of --sample.")] = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature-K", help="Kelvin; by default that of the device.")
    ] = None,
    transistors: Annotated[
        str,
        typer.Option(
            help="cards: amplifier, read transistors on FreePDK45 cards; behavioural: by this package's laws."
        ),
    ] = "cards",
    cards: Annotated[
        Path | None, typer.Option(help="Folder of the cards; by default the installed package openram.")
    ] = None,
) -> None:
    """Write one access of one column as a self-contained deck."""
    from spinpim.circuit.spice.export import export_column

    deck = export_column(
        out,
        device=device,
        cell=cell,
        amplifier=amplifier,
        operation=operation,
        pattern=pattern,
        sample=sample,
        seed=seed,
        temperature_K=temperature,
        transistors=transistors,
        card_folder=cards,
    )
    print(f"{deck.title}: {out}")


@export.command()
def subcircuit(out: OutOption, device: DeviceOption = DEFAULTS.device) -> None:
    """Write the three-terminal junction, with its macrospin, as a file that a deck includes."""
    from spinpim.circuit.spice.export import export_subcircuit

    name = export_subcircuit(out, device=device)
    print(f"x1 plus minus top {name}: {out}")


@export.command()
def nvsim(
    out: OutOption,
    device: DeviceOption = DEFAULTS.device,
    cell: CellOption = DEFAULTS.cell,
    node: Annotated[int, typer.Option(help="Process node F in whole nanometres.")] = 45,
) -> None:
    """Write an NVSim cell file."""
    from spinpim.circuit.spice.export import export_nvsim

    export_nvsim(out, device=device, cell=cell, node_nm=node)
    print(f"-MemoryCellInputFile: {out}")
