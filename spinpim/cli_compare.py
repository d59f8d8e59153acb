"""The ``compare`` command: the same networks in the memory and on other accelerators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinpim.cli_interruption import interruptible
from spinpim.study.comparison_settings import ComparisonSettings

DEFAULTS = ComparisonSettings()


def compare(
    network: Annotated[
        str,
        typer.Option(help="lenet5, svhn, vgg8, resnet18 or alexnet; a shipped network, or an .npz file."),
    ] = DEFAULTS.network,
    bits: Annotated[
        str | None,
        typer.Option(
            help="Digits of weights and activations of an architecture, such as 1:1,1:4; 1:4 by default."
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="Shipped device or TOML file.")] = DEFAULTS.device,
    cell: Annotated[str, typer.Option(help="Shipped cell or TOML file.")] = DEFAULTS.cell,
    amplifier: Annotated[
        str, typer.Option(help="Shipped sense amplifier or TOML file.")
    ] = DEFAULTS.amplifier,
    array: Annotated[str, typer.Option(help="Shipped array or TOML file.")] = DEFAULTS.array,
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            help="Shipped baseline or TOML file; may be repeated; by default all shipped. Those that the "
            "claims name are added."
        ),
    ] = None,
    claims: Annotated[
        str, typer.Option(help="Published ratios to set beside: shipped name or TOML file.")
    ] = DEFAULTS.claims,
    area: Annotated[
        float | None,
        typer.Option(help="Chip of the view of equal area in mm2; by default twice the largest machine."),
    ] = None,
    capacity: Annotated[
        float | None,
        typer.Option(help="Digits held in the view of equal capacity; by default twice the most."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Result folder; by default a new spinpim-compare-N.")
    ] = None,
) -> None:
    """Set energy, speed and area beside those of other accelerators, with bounds and what moves them."""
    from spinpim.report.comparison.terminal import compare_with_progress

    settings = ComparisonSettings(
        network=network,
        bits=bits,
        device=device,
        cell=cell,
        amplifier=amplifier,
        array=array,
        baselines=tuple(baseline or ()),
        claims=claims,
        area_m2=None if area is None else 1e-6 * area,
        capacity_bits=capacity,
    )
    with interruptible():
        compare_with_progress(settings, out)
