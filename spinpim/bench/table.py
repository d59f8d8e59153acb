"""``spinpim bench`` on a terminal: progress, the table of rates, the result file."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from spinpim.storage import check_target, replace_path

if TYPE_CHECKING:
    from spinpim.bench.run import Bench


def print_bench(json_path: Path | None, quick: bool) -> None:
    """Measure with a progress display, print the rates, write the result file if one is asked for.

    Parameters
    ----------
    json_path : Path or None
        Result file; replaced as a whole, or left as it was after a failure.
    quick : bool
        Few and short repeats.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description:<38}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with ExitStack() as stack:
        display = stack.enter_context(Progress(*columns, console=console, transient=True))
        task = display.add_task("loading", total=None)
        # These imports load and compile for a second or more; the display is already moving.
        from spinpim.bench.run import as_json, run_bench

        part = None
        if json_path is not None:
            check_target(json_path)
            # The place is taken before the work, so that an unwritable folder is told at once.
            part = stack.enter_context(replace_path(json_path))

        def progress(name: str, total: int) -> None:
            display.update(task, description=name, advance=1, total=total)

        bench = run_bench(quick, progress)
        if part is not None:
            part.write_text(as_json(bench), encoding="utf-8")
    _print_tables(bench)
    for remark in bench.remarks:
        print(f"note: {remark}")
    if json_path is not None:
        print(f"rates: {json_path.resolve()}")


def _print_tables(bench: Bench) -> None:
    from rich.console import Console
    from rich.table import Table

    facts = bench.machine
    rates = Table(title=f"{facts['processor']}, {'with' if facts['avx512'] else 'without'} AVX-512")
    rates.add_column("rate, in its unit", no_wrap=True)
    for heading in ("best", "median", "cores"):
        rates.add_column(heading, justify="right")
    for rate in bench.rates:
        rates.add_row(rate.name, f"{rate.value:.3g}", f"{rate.median:.3g}", f"{rate.cores:.2f}")
    ratios = Table()
    ratios.add_column("ratio, in this run", no_wrap=True)
    ratios.add_column("", justify="right")
    for name, value in bench.ratios.items():
        ratios.add_row(name, f"{value:.3g}")
    console = Console()
    console.print(rates)
    console.print(ratios)
