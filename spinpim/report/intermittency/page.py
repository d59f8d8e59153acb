"""The page of machines on harvested power."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from spinpim.report.document import document, figure
from spinpim.report.illustrations import Illustration
from spinpim.report.intermittency.drawings import best_map, by_capacitor, progress_curves, timelines
from spinpim.report.intermittency.record import surveyed_files
from spinpim.report.intermittency.tables import (
    break_even_table,
    keeping_table,
    machines_table,
    map_table,
    outcomes_table,
)
from spinpim.report.markup import Markup, amount, element
from spinpim.report.provenance import versions
from spinpim.report.source_tables import HOW_TO_READ, count_sentence, source_table
from spinpim.study.intermittency.start import Surveyed


def survey_html(found: Surveyed) -> str:
    """Write the page of a survey.

    Parameters
    ----------
    found : Surveyed
        From `survey_of`.

    Returns
    -------
    str
        HTML with style and figures inside; equal results give equal text.
    """
    survey, files = found.survey, surveyed_files(found)
    title = f"{survey.memory.network} on harvested power, in a memory of {survey.memory.machine}"
    numbered = itertools.count(1)
    return document(
        title,
        element("h1", title),
        element("p", _lead(found), class_="lead"),
        element(
            "p",
            "Nothing here was measured on a chip. Energies are those of modelled circuits; the order of "
            "policies follows from them, from the capacitor and from the supply.",
        ),
        element(
            "p", f"{count_sentence([one for used in files for one in used.records])} They are listed below."
        ),
        machines_table(survey),
        keeping_table(found),
        *(part for part in _supplies(found, numbered)),
        *(part for part in _curves(found, numbered)),
        element("h2", "Sources of every number"),
        element("p", HOW_TO_READ),
        *(source_table(used) for used in files),
        element("h2", "How to get this result again"),
        element("pre", found.settings.command()),
        element(
            "dl",
            *(
                part
                for key, value in versions().items()
                for part in (element("dt", key), element("dd", value))
            ),
        ),
    )


CHECKED = {
    "at_restore": "A restore reads and checks all that was handed on before it.",
    "by_row": "Rows of what was handed on have check digits of their own, looked at when they are used.",
}


def _lead(found: Surveyed) -> str:
    survey, storage = found.survey, found.survey.storages[0]
    return (
        f"{amount(survey.duration_s, 's')} of each supply, from an empty capacitor on. The memory is "
        f"switched on at {storage.on_V:g} V and off at {storage.off_V:g} V; what it keeps, it writes into "
        f"cells of its own kind, each row read back and written again at most {found.settings.rewrites} "
        f"times. {CHECKED[found.settings.checks]} Power that fails undoes what was not kept; a save that is "
        "cut leaves the one before it whole."
    )


def _supplies(found: Surveyed, numbered: Iterator[int]) -> Iterator[Markup]:
    survey = found.survey
    for trace in survey.traces:
        yield element("h2", trace.name)
        yield element(
            "p",
            f"Mean power {amount(trace.mean_power_W, 'W')}, {amount(trace.duration_s, 's')} long, then anew.",
        )
        for storage in survey.storages:
            yield outcomes_table(survey, trace.name, storage.capacitance_F)
        if len(survey.storages) > 1:
            yield figure(
                next(numbered),
                Illustration(
                    by_capacitor(survey, trace.name),
                    "Images per joule and time to the first image, by capacitor.",
                    "No point: the first image is not complete in the time simulated.",
                    "Lines over the size of the capacitor, one for each policy or machine.",
                ),
            )
    first = survey.traces[0].name
    able = [
        one
        for one in survey.under(first, survey.storages[0].capacitance_F)
        if one.result is not None and len(one.result.events) > 2
    ]
    if able:
        yield figure(
            next(numbered),
            Illustration(
                timelines(survey, tuple(able)),
                f"The first charges, {first}, {amount(survey.storages[0].capacitance_F, 'F')}.",
                "Blue: energy in the capacitor at each wake and cut. Orange: work not undone, in images.",
                "Energy that rises and falls, and work that rises with it or falls back, a panel per policy.",
            ),
        )


def _curves(found: Surveyed, numbered: Iterator[int]) -> Iterator[Markup]:
    keeping = found.survey.memory.keeping
    if found.curves is not None and keeping is not None:
        yield element("h2", "When keeping each sum pays")
        yield element(
            "p",
            "Charges of equal energy, one after the other; the energy of a write for keeping varies alone.",
        )
        yield break_even_table(found)
        yield figure(
            next(numbered),
            Illustration(
                progress_curves(found.curves, keeping.write_J),
                "Forward progress by the energy of a write.",
                "Titles: energy between two cuts. Dotted: the write of this device.",
                "Curves that fall with the energy of a write, a panel for each energy between cuts.",
            ),
        )
    if found.map is not None:
        yield element("h2", "Which policy is best where")
        yield map_table(found)
        yield figure(
            next(numbered),
            Illustration(
                best_map(found.map),
                "Best policy by mean power, failures of the source and capacitor.",
                "Numbers: share of the harvested energy in work that was not undone. White: nothing works.",
                "Coloured squares, a panel for each capacitor.",
            ),
        )
