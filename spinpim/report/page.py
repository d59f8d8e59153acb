"""The report: one HTML file that needs nothing else, readable on a screen and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinpim.report.document import document, figure
from spinpim.report.illustrations import illustrations
from spinpim.report.main_table import main_table
from spinpim.report.markup import Markup, element
from spinpim.report.provenance import command, used_files, versions
from spinpim.report.source_tables import HOW_TO_READ, count_sentence, source_table

if TYPE_CHECKING:
    from spinpim.study.chain import ChainResult

TRAINING_KEYS = ("method", "optimiser", "epochs", "chosen_epoch", "seed")


def report_html(result: ChainResult) -> str:
    """Write the report of a run.

    Parameters
    ----------
    result : ChainResult
        What the chain computed.

    Returns
    -------
    str
        HTML with style and figures inside; no scripts, no outside resources, every text from a file escaped.
        Equal results give equal text.
    """
    title = f"{result.network.name} in a memory of {result.device.name}"
    pictures = (figure(number, one) for number, one in enumerate(illustrations(result), start=1))
    return document(
        title,
        element("h1", title),
        *_opening(result),
        main_table(result),
        element("h2", "Figures"),
        *pictures,
        element("h2", "Sources of every number"),
        *_sources(result),
        element("h2", "How to get this result again"),
        *_again(result),
        element("h2", "Data set"),
        element("p", result.dataset.attribution),
    )


def _opening(result: ChainResult) -> tuple[Markup, Markup]:
    records = [record for used in used_files(result) for record in used.records]
    what = (
        f"The junction {result.device.name} was written under thermal noise and read two cells at a time on "
        f"a bit line of {result.chosen.array.rows} cells; its errors, energies and delays were carried into "
        f"the sub-arrays that compute {result.network.name} on {result.chosen.run.images:,} images of "
        f"{result.dataset.name}."
    )
    caution = (
        f"Every figure is that of a modelled design, not of a measured chip: {count_sentence(records)} They "
        f"are listed below with their sources."
    )
    return element("p", what, class_="lead"), element("p", caution)


def _sources(result: ChainResult) -> tuple[Markup, ...]:
    return element("p", HOW_TO_READ), *(source_table(used) for used in used_files(result))


def _again(result: ChainResult) -> tuple[Markup, ...]:
    terms = {"seed": str(result.settings.seed), **versions()}
    training = result.network.training
    stated = "; ".join(f"{key.replace('_', ' ')} {training[key]}" for key in TRAINING_KEYS if key in training)
    entries = [part for name, value in terms.items() for part in (element("dt", name), element("dd", value))]
    if stated:
        entries += [element("dt", "weights"), element("dd", stated)]
    sentence = (
        "The same command, parameter files and versions give the same numbers on the same kind of "
        "processor, with any number of workers."
    )
    return element("pre", command(result.settings)), element("p", sentence), element("dl", *entries)
