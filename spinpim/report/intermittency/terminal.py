"""``spinpim intermittent`` on a terminal: progress, a short table, and where the result is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from spinpim.report.check import engineering
from spinpim.report.folder import RESULT_FILES, filled_folder
from spinpim.storage import replace_file, replace_path

if TYPE_CHECKING:
    from spinpim.study.intermittency import Survey
    from spinpim.study.intermittency_settings import IntermittentSettings

STEM = "spinpim-intermittent"
HEADINGS = ("images/J", "progress", "again", "saves", "cuts", "first")


def survey_with_progress(settings: IntermittentSettings, out: Path | None) -> Path:
    """Run what the settings name with a progress display, write the result folder, print the main figures.

    Parameters
    ----------
    settings : IntermittentSettings
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
    with filled_folder(out, stem=STEM, files=RESULT_FILES) as (filling, show):
        from spinpim.report.intermittency.page import survey_html
        from spinpim.report.intermittency.record import survey_record, write_survey
        from spinpim.study.intermittency.start import survey_of

        found = survey_of(settings, show)
        show("report")
        with replace_path(filling.staging / "summary.json") as path:
            text = json.dumps(survey_record(found), indent=2, allow_nan=False)
            path.write_text(text + "\n", encoding="utf-8")
        with replace_file(filling.staging / "results.h5") as file:
            write_survey(found, file)
        with replace_path(filling.staging / "report.html") as path:
            path.write_text(survey_html(found), encoding="utf-8")
    print_tables(found.survey)
    return filling.told()


def print_tables(survey: Survey) -> None:
    """Print a table for each supply and capacitor, and who cannot work there."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from spinpim.study.intermittency_settings import as_typed

    console = Console()
    for trace in survey.traces:
        for storage in survey.storages:
            table = Table(
                title=f"{escape(trace.name)}, {engineering(storage.capacitance_F, 'F')}",
                box=SIMPLE,
                collapse_padding=True,
                pad_edge=False,
            )
            table.add_column("policy or machine", no_wrap=True)
            for heading in HEADINGS:
                table.add_column(heading, justify="right", no_wrap=True)
            refusals = []
            for one in survey.under(trace.name, storage.capacitance_F):
                name = survey.label(one)
                if one.result is None:
                    refusals.append(f"cannot work: {name}: {as_typed(one.refusal)}")
                    continue
                found = one.result
                first = "never" if one.first_image_s is None else engineering(one.first_image_s, "s")
                table.add_row(
                    escape(name),
                    f"{found.images_per_J:,.0f}",
                    f"{found.forward_progress:.3f}",
                    f"{found.lost_share:.3f}",
                    f"{found.keeping_share:.3f}",
                    f"{found.cuts:,}",
                    first,
                )
            console.print(table)
            for sentence in refusals:
                print(sentence)
