"""The report: one HTML file that needs nothing else, readable on a screen and on paper."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from spinpim.report.illustrations import Illustration, illustrations
from spinpim.report.main_table import main_table
from spinpim.report.markup import Markup, element
from spinpim.report.provenance import command, used_files, versions
from spinpim.report.source_tables import count_sentence, source_table

if TYPE_CHECKING:
    from spinpim.study.chain import ChainResult

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""The browser itself refuses whatever a hostile file might have brought in."""

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
    pictures = (_figure(number, one) for number, one in enumerate(illustrations(result), start=1))
    body = element(
        "main",
        element("p", "spinpim report", class_="kind"),
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
    style = Markup((Path(__file__).parent / "page.css").read_text(encoding="utf-8"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{title} – spinpim"),
        element("style", style),
    )
    whole = "<!DOCTYPE html>\n" + element("html", head, element("body", body), lang="en") + "\n"
    # A path may hold bytes that are no text; the file must still be sound UTF-8.
    return whole.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")


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


def _figure(number: int, one: Illustration) -> Markup:
    # As an image of its own: the names inside one picture cannot clash with those of another.
    data = base64.b64encode(one.svg.encode("utf-8")).decode("ascii")
    picture = element("img", src=f"data:image/svg+xml;base64,{data}", alt=one.alternative)
    words = one.caption.replace(" %", "\xa0%")
    caption = element("figcaption", element("strong", f"Figure {number}. {one.title}"), " ", words)
    return element("figure", picture, caption)


def _sources(result: ChainResult) -> tuple[Markup, ...]:
    explanation = (
        "Values are as written in the files; sigma is one standard deviation from device to device. "
        "Measured and fitted numbers come from this very device or circuit, derived ones follow from such; "
        "everything else is assumed, also what was carried over from another device."
    )
    return element("p", explanation), *(source_table(used) for used in used_files(result))


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
