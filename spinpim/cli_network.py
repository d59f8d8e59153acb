"""The ``network`` commands: which there are, what they ask of the memory, how many errors they bear."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from spinpim.checks import whole
from spinpim.cli_interruption import interruptible
from spinpim.study.settings import ChainSettings

DEFAULTS = ChainSettings()

network = typer.Typer(help="Networks.", no_args_is_help=True)


@network.callback()
def _group() -> None:
    """Networks."""


@network.command()
def inspect(
    name: Annotated[
        str,
        typer.Argument(
            help="Shipped network, .npz or .onnx file, or lenet5, svhn, vgg8, resnet18 or alexnet."
        ),
    ],
    weight_bits: Annotated[
        int | None, typer.Option(help="Digits of a weight, of an architecture; 1 by default.")
    ] = None,
    activation_bits: Annotated[
        int | None, typer.Option(help="Digits of an activation, of an architecture; 4 by default.")
    ] = None,
    pixel_scale: Annotated[float, typer.Option(help="For ONNX: its input is this times a byte ...")] = 1
    / 255,
    pixel_offset: Annotated[float, typer.Option(help="... plus this.")] = 0.0,
) -> None:
    """List the nodes of a network: windows, digits, ANDs, and what the memory does not compute."""
    from spinpim.report.network_table import print_network

    print_network(name, weight_bits, activation_bits, pixel_scale=pixel_scale, pixel_offset=pixel_offset)


@network.command("list")
def shipped() -> None:
    """List the shipped networks: digits, test accuracy with its interval, operations."""
    from spinpim.report.shipped_table import print_shipped

    print_shipped()


@network.command()
def tolerance(
    names: Annotated[list[str], typer.Argument(help="Shipped networks or .npz files, for one data set.")],
    dataset: Annotated[
        str | None,
        typer.Option(help="digits, mnist, cifar10, svhn or folder; by default that of the network."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder with the files of the data set.")
    ] = DEFAULTS.data_dir,
    images: Annotated[
        int | None, typer.Option(help="So many of the test part, spread evenly; all by default.")
    ] = None,
    chips: Annotated[int, typer.Option(help="Chips drawn at each static rate.")] = 4,
    rate: Annotated[
        list[float] | None, typer.Option(help="Rate of wrong ANDs, rising; may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Address of all random numbers.")] = DEFAULTS.seed,
    device: Annotated[str, typer.Option(help="Device whose errors are marked.")] = DEFAULTS.device,
    cell: Annotated[str, typer.Option(help="Its cell.")] = DEFAULTS.cell,
    amplifier: Annotated[str, typer.Option(help="Its sense amplifier.")] = DEFAULTS.amplifier,
    recentred: Annotated[
        bool, typer.Option("--recentred", help="Also with the digital unit set for each rate.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Threads.")] = 1,
    json: Annotated[Path | None, typer.Option(help="Also write all figures to this JSON file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Also draw accuracy against errors to this SVG.")] = None,
) -> None:
    """Accuracy against the rate of wrong ANDs: fixed for a chip, and new at each access."""
    from spinpim.report.tolerance_table import print_tolerance
    from spinpim.study.error_tolerance import RATES

    with interruptible(), ThreadPoolExecutor(whole("workers", workers, 1, 256)) as pool:
        print_tolerance(
            names,
            dataset,
            data_dir,
            images=images,
            chips=chips,
            rates=rate or RATES,
            seed=seed,
            device=device,
            cell=cell,
            amplifier=amplifier,
            recentred=recentred,
            executor=pool,
            json_path=json,
            plot_path=plot,
        )
