"""The ``network`` commands: what a network asks of the memory, and what stays outside it."""

from __future__ import annotations

from typing import Annotated

import typer

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
