"""``spinpim compare`` on a terminal: progress, a short table, and where the result is."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

from spinpim.report.check import engineering
from spinpim.report.folder import filled_folder
from spinpim.storage import replace_path

if TYPE_CHECKING:
    from spinpim.study.comparison import AtDigits, Claimed
    from spinpim.study.comparison_settings import ComparisonSettings

FILES = frozenset({"comparison.json", "ledger.csv", "report.html"})
STEM = "spinpim-compare"


def compare_with_progress(settings: ComparisonSettings, out: Path | None) -> Path:
    """Compare with a progress display, write the result folder, print the main ratios.

    Parameters
    ----------
    settings : ComparisonSettings
        What to compare.
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
    with filled_folder(out, stem=STEM, files=FILES) as (filling, show):
        from spinpim.report.comparison.page import comparison_html
        from spinpim.report.comparison.record import LEDGER_COLUMNS, comparison_record, ledger_rows
        from spinpim.study.comparison.start import comparison_of

        found = comparison_of(settings, show)
        show("report")
        command = settings.command()
        with replace_path(filling.staging / "comparison.json") as path:
            record = json.dumps(comparison_record(found, command), indent=2, allow_nan=False)
            path.write_text(record + "\n", encoding="utf-8")
        with (
            replace_path(filling.staging / "ledger.csv") as path,
            path.open("w", encoding="utf-8", newline="") as file,
        ):
            csv.writer(file).writerows([LEDGER_COLUMNS, *ledger_rows(found)])
        with replace_path(filling.staging / "report.html") as path:
            path.write_text(comparison_html(found, settings.network, command), encoding="utf-8")
    for at in found.at_digits:
        _print_digits(at)
    return filling.told()


def _print_digits(at: AtDigits) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from spinpim.report.comparison.tables import digits_of, likely_text, opponent_words

    memory = at.memory["nominal"]
    name = escape(at.network.name)
    table = Table(title=f"{name}, W:I {digits_of(at)}: {engineering(memory.energy_J, 'J')} per image")
    for heading in ("memory over", "images per joule", "images per second, equal area"):
        table.add_column(heading)
    for one in at.opponents:
        if one.sides:
            ratios = (likely_text(one.ratios[merit]) for merit in ("energy", "speed"))
            table.add_row(escape(opponent_words(one)), *ratios)
    Console().print(table)
    for one in at.opponents:
        if not one.sides:
            print(f"not computed: {opponent_words(one)}: {one.refusal}")
    for claim in at.claims:
        print(claim_sentence(claim))


def claim_sentence(claim: Claimed) -> str:
    """A published ratio beside the one that comes out, in words."""
    from spinpim.report.comparison.tables import FAMILY_WORDS, MERIT_WORDS, short

    within = "within" if claim.within_bounds else "outside"
    return (
        f"{MERIT_WORDS[claim.merit]} over {FAMILY_WORDS[claim.family]}: published {claim.published:g}; over "
        f"{claim.baseline}, {claim.precision}, {short(claim.found.nominal)} comes out, with all bounds "
        f"{short(claim.found.low)} to {short(claim.found.high)}: the published one is {within} them."
    )
