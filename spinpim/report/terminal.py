"""``spinpim run`` on a terminal: progress, the short table, and where the result is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from spinpim.report.check import engineering
from spinpim.report.folder import replace_folder, target_folder
from spinpim.storage import replace_file, replace_path
from spinpim.study.settings import ChainSettings

SHORTEST_RETENTION_S = 86_400.0
LARGEST_WRITE_ERROR = 1e-2

if TYPE_CHECKING:
    from spinpim.estimate import Estimate
    from spinpim.study.chain import ChainResult


def run_with_progress(settings: ChainSettings, out: Path | None) -> Path:
    """Run the chain with a progress display, write the result folder, print the main figures.

    Parameters
    ----------
    settings : ChainSettings
        What to run.
    out : Path or None
        Result folder; None takes a new one in the current folder.

    Returns
    -------
    Path
        The folder, also printed as the last line.

    Raises
    ------
    InputError
        For every mistake in names, files, numbers, and an output that cannot be written.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    target = target_folder(out)
    replaced = target.exists()
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description:<24}"), BarColumn(), TimeElapsedColumn())
    # The place is taken before the work, so that an unwritable folder is told at once.
    with replace_folder(target) as staging, Progress(*columns, console=console, transient=True) as display:
        task = display.add_task("loading", total=None)
        # These imports load and compile for a second or more; the display is already moving.
        from spinpim.report.page import report_html
        from spinpim.report.results import write_results
        from spinpim.report.summary import summary
        from spinpim.study.chain import STAGES, run_chain

        def progress(stage: str) -> None:
            display.update(task, description=stage, completed=STAGES.index(stage), total=len(STAGES) + 1)

        result = run_chain(settings, progress)
        display.update(task, description="report", completed=len(STAGES))
        with replace_path(staging / "summary.json") as path:
            path.write_text(json.dumps(summary(result), indent=2, allow_nan=False) + "\n", encoding="utf-8")
        with replace_file(staging / "results.h5") as file:
            write_results(result, file)
        with replace_path(staging / "report.html") as path:
            path.write_text(report_html(result), encoding="utf-8")
    _print_figures(result)
    for sentence in warnings(result):
        print(f"note: {sentence}")
    if replaced:
        print(f"note: the earlier result in {target} was replaced.")
    print(f"report: {target.resolve()}")
    return target


def _print_figures(result: ChainResult) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False)
    for name, value in main_figures(result):
        table.add_row(name, value)
    Console().print(table)


def warnings(result: ChainResult) -> list[str]:
    """List what makes a result hollow: a junction that forgets, or that the pulse does not write."""
    from spinpim.device import retention_s

    sentences = []
    kept_s = retention_s(result.device)
    if kept_s < SHORTEST_RETENTION_S:
        sentences.append(
            f"a bit of {result.device.name} lasts {engineering(kept_s, 's')}; the accuracy holds for weights "
            "written just before."
        )
    if result.write_error.value > LARGEST_WRITE_ERROR:
        sentences.append(
            f"the write pulse of {result.device.name} fails in {100 * result.write_error.value:.3g} % of "
            "writes; raise write.sot_current or write.mtj_voltage, or see the switching curve in the report."
        )
    return sentences


def main_figures(result: ChainResult) -> list[tuple[str, str]]:
    """List the figures that the terminal shows, name and text."""
    from spinpim.device import retention_s  # numba; the progress display must be moving before it loads
    from spinpim.report.chip_counts import chip_rows

    device, write, run, cost = result.device, result.write_error, result.chosen.run, result.cost
    bound = f", writes failing at the bound {write.high:.2g}" if write.is_upper_bound else ""
    chips = "chip" if run.chips == 1 else "chips"
    sensing = result.chosen.sensing
    energy = result.write_energy
    return [
        ("device", device.name),
        ("thermal stability", f"{device.thermal_stability:.1f}"),
        ("retention of one bit", engineering(retention_s(device), "s")),
        ("R_P / R_AP", f"{device.resistance_p_ohm:.0f} / {device.resistance_ap_ohm:.0f} ohm"),
        ("write error rate", write_error_text(write)),
        (
            "write energy",
            f"{engineering(energy.channel_J, 'J')} in the channel, "
            f"{engineering(energy.supply_J, 'J')} from the supply",
        ),
        ("two-row AND margin", engineering(sensing.margin_V, "V")),
        (
            "worst read error",
            f"{max(sensing.error_static.values()):.2g} static, "
            f"{max(sensing.error_temporal.values()):.2g} temporal",
        ),
        ("accuracy, ideal", f"{100 * run.ideal_accuracy:.2f} % of {run.images} images"),
        ("accuracy, faulty", f"{100 * run.accuracy.mean():.2f} % over {run.chips} {chips}{bound}"),
        ("same, minimum amplifier", f"{100 * result.minimum.run.accuracy.mean():.2f} %"),
        *((label, value) for label, value, *_ in chip_rows(result)),
        ("energy per image", engineering(cost.energy_per_image_J, "J")),
        ("latency per image", engineering(cost.latency_per_image_s, "s")),
        ("area", f"{1e6 * cost.area_m2:.4g} mm2"),
        ("numbers assumed in the device file", f"{device.assumed_count} of {len(device.records)}"),
    ]


def write_error_text(error: Estimate) -> str:
    """Write a write error rate with its interval and how it was obtained.

    Examples
    --------
    >>> from spinpim.estimate import Estimate
    >>> write_error_text(Estimate.from_counts(0, 100_000)), write_error_text(Estimate.from_counts(20, 1000))
    ('below 3e-05 (counting, all trials done)', '0.02 (0.0123 to 0.0307 at 95 %, counting)')
    """
    if error.is_upper_bound:
        return f"below {max(error.high, sys.float_info.min):.2g} ({error.method}, {error.stop_reason})"
    within = f"at {100.0 * error.confidence:g} %" if error.confidence < 1.0 else "by the numerical error"
    return f"{error.value:.3g} ({error.low:.3g} to {error.high:.3g} {within}, {error.method})"
