"""What the validation scripts share: a row, the table, the figure folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Row:
    """One comparison."""

    what: str
    ours: float
    expected: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether ours lies within the tolerance of the expected value."""
        return abs(self.ours - self.expected) <= self.tolerance


def report(
    name: str, compare: Callable[[], Sequence[Row]], draw: Callable[[Any, Sequence[Row]], None]
) -> None:
    """Run a comparison, print its table, save its figure; exit with 1 if a row fails."""
    parser = argparse.ArgumentParser(description=compare.__doc__)
    parser.add_argument("--out", type=Path, default=Path("validation-figures"), help="folder for the figure")
    folder = parser.parse_args().out
    rows = compare()
    print("| what | ours | expected | tolerance | holds |\n| --- | --- | --- | --- | --- |")
    for row in rows:
        verdict = "yes" if row.holds else "NO"
        print(f"| {row.what} | {row.ours:.6g} | {row.expected:.6g} | {row.tolerance:.2g} | {verdict} |")
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    figure = Figure(figsize=(5, 3.5), layout="constrained")
    draw(figure.add_subplot(), rows)
    figure.savefig(folder / f"{name}.png", dpi=150)
    sys.exit(0 if all(row.holds for row in rows) else 1)


def draw_against_depth(axes: Any, rows: Sequence[Row], xlabel: str, ylabel: str) -> None:
    """Ratio of each row, with its tolerance, against the error that its description ends with."""
    depth = [float(row.what.split()[-1]) for row in rows]
    axes.errorbar(depth, [row.ours for row in rows], yerr=[row.tolerance for row in rows], fmt="o", ms=3)
    axes.axhline(1.0, color="0.6")
    axes.set(xscale="log", xlabel=xlabel, ylabel=ylabel)
