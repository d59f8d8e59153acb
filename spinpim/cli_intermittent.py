"""The ``intermittent`` command: a network on harvested power, under every policy of what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinpim.cli_interruption import interruptible
from spinpim.errors import InputError
from spinpim.study.intermittency_settings import IntermittentSettings, as_typed

DEFAULTS = IntermittentSettings()


def intermittent(
    network: Annotated[
        str,
        typer.Option(help="lenet5, svhn, vgg8, resnet18 or alexnet; a shipped network, or an .npz file."),
    ] = DEFAULTS.network,
    bits: Annotated[
        str | None, typer.Option(help="Digits of weights and activations of an architecture; 1:4 by default.")
    ] = None,
    trace: Annotated[
        list[str] | None,
        typer.Option(
            help="Recorded power, or a law with its numbers: square, on_off, two_levels, log_normal or "
            "diurnal, as in square:power_W=1e-3,period_s=0.1,duty=0.5; may be repeated."
        ),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help='What recordings hold that do not say so, such as "ms V".')
    ] = None,
    load_ohm: Annotated[float | None, typer.Option(help="On what voltages were recorded.")] = None,
    scale: Annotated[float, typer.Option(help="By which every power is multiplied.")] = DEFAULTS.scale,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="volatile, images:N, layers:N, windows:N, operations:N, balanced, additions, threshold or "
            "flip_flops; may be repeated; by default one of each."
        ),
    ] = None,
    rewrites: Annotated[
        int, typer.Option(help="How often each row of a save may be read back and written again.")
    ] = DEFAULTS.rewrites,
    checks: Annotated[
        str,
        typer.Option(
            help="at_restore: each restore reads and checks all that was handed on; by_row: rows have check "
            "digits of their own, looked at when an operation reads them."
        ),
    ] = DEFAULTS.checks,
    baseline: Annotated[
        list[str] | None,
        typer.Option(help="Shipped baseline or TOML file, which keeps nothing; may be repeated."),
    ] = None,
    capacitor: Annotated[
        list[float] | None,
        typer.Option(help="Capacitor in farad; may be repeated; 1, 10, 100 uF by default."),
    ] = None,
    on: Annotated[float, typer.Option(help="Voltage at which the memory is switched on.")] = DEFAULTS.on_V,
    off: Annotated[float, typer.Option(help="Voltage at which it is switched off.")] = DEFAULTS.off_V,
    highest: Annotated[
        float | None, typer.Option(help="Voltage of a full capacitor; by default that of --on and a tenth.")
    ] = None,
    warning: Annotated[
        float | None,
        typer.Option(help="Voltage of the warning; by default the lowest that leaves what a save needs."),
    ] = None,
    leakage_ohm: Annotated[
        float | None, typer.Option(help="Leakage resistance of the capacitor; none by default.")
    ] = None,
    charging: Annotated[
        float, typer.Option(help="Share of the power of the source that reaches the capacitor.")
    ] = DEFAULTS.charging,
    supplying: Annotated[
        float, typer.Option(help="Share of what leaves it that reaches the memory.")
    ] = DEFAULTS.supplying,
    wake_energy: Annotated[float, typer.Option(help="Energy of waking up in joule.")] = DEFAULTS.wake_J,
    wake_time: Annotated[float, typer.Option(help="Time of waking up in seconds.")] = DEFAULTS.wake_s,
    duration: Annotated[float, typer.Option(help="Time to simulate in seconds.")] = DEFAULTS.duration_s,
    write_error: Annotated[
        float | None,
        typer.Option(help="Probability that a digit is not written; by default computed from the device."),
    ] = None,
    device: Annotated[str, typer.Option(help="Shipped device or TOML file.")] = DEFAULTS.device,
    cell: Annotated[str, typer.Option(help="Shipped cell or TOML file.")] = DEFAULTS.cell,
    amplifier: Annotated[
        str, typer.Option(help="Shipped sense amplifier or TOML file.")
    ] = DEFAULTS.amplifier,
    array: Annotated[str, typer.Option(help="Shipped array or TOML file.")] = DEFAULTS.array,
    seed: Annotated[int, typer.Option(help="Address of all random numbers.")] = DEFAULTS.seed,
    map: Annotated[
        bool, typer.Option("--map", help="Add break-even curves and the map of the best policies.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Result folder; by default a new spinpim-intermittent-N.")
    ] = None,
) -> None:
    """Run a network on harvested power and tell how far each policy gets through the power cuts."""
    from spinpim.report.intermittency.terminal import survey_with_progress

    settings = IntermittentSettings(
        network=network,
        bits=bits,
        device=device,
        cell=cell,
        amplifier=amplifier,
        array=array,
        traces=tuple(trace or DEFAULTS.traces),
        columns=columns,
        load_ohm=load_ohm,
        scale=scale,
        policies=tuple(policy or DEFAULTS.policies),
        rewrites=rewrites,
        checks=checks,
        baselines=tuple(baseline or ()),
        capacitances_F=tuple(capacitor or DEFAULTS.capacitances_F),
        on_V=on,
        off_V=off,
        highest_V=highest,
        warning_V=warning,
        leakage_ohm=leakage_ohm,
        charging=charging,
        supplying=supplying,
        wake_J=wake_energy,
        wake_s=wake_time,
        duration_s=duration,
        write_error=write_error,
        seed=seed,
        map=map,
    )
    with interruptible():
        try:
            survey_with_progress(settings, out)
        except InputError as mistake:
            raise InputError(as_typed(str(mistake))) from None
