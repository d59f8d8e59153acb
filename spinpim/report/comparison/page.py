"""The page of a comparison."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from spinpim.report.comparison.drawings import energy_bars, ratio_bands, tornados
from spinpim.report.comparison.record import compared_files
from spinpim.report.comparison.tables import (
    caution,
    claims_table,
    digits_of,
    groups_table,
    levers_table,
    machines_table,
    ratios_table,
    views_table,
)
from spinpim.report.document import document, figure
from spinpim.report.illustrations import Illustration
from spinpim.report.markup import Markup, amount, element
from spinpim.report.provenance import versions
from spinpim.report.source_tables import HOW_TO_READ, count_sentence, source_table
from spinpim.study.comparison import AtDigits, Comparison


def comparison_html(comparison: Comparison, name: str, command: str) -> str:
    """Write the page of a comparison.

    Parameters
    ----------
    comparison : Comparison
        From `compare`.
    name : str
        Of the network.
    command : str
        The command line that gives it again.

    Returns
    -------
    str
        HTML with style and figures inside; equal comparisons give equal text.
    """
    title = f"{name} in a memory of {comparison.array.cell.device.name} and on other accelerators"
    files = compared_files(comparison)
    records = [record for used in files for record in used.records]
    numbered = itertools.count(1)
    return document(
        title,
        element("h1", title),
        element("p", _lead(comparison), class_="lead"),
        caution(),
        element("p", f"{count_sentence(records)} They are listed below with their sources."),
        *(part for at in comparison.at_digits for part in _at_digits(at, numbered)),
        element("h2", "Sources of every number"),
        element("p", HOW_TO_READ),
        *(source_table(used) for used in files),
        element("h2", "How to get this result again"),
        element("pre", command),
        element(
            "dl",
            *(
                part
                for key, value in versions().items()
                for part in (element("dt", key), element("dd", value))
            ),
        ),
    )


def _lead(comparison: Comparison) -> str:
    array = comparison.array
    return (
        f"The same networks, layer by layer, in sub-arrays of {array.rows} rows and {array.columns} columns "
        f"of {array.cell.name} cells read by {array.amplifier.name}, and on {len(comparison.baselines)} "
        "other accelerators: at their own digits (native) and at those of the network (matched). Every "
        f"machine is as large as the network needs. Around the cells: {array.cmos.file.name}, "
        f"{array.cmos.flavour.replace('_', ' ')}; sums kept without supply: "
        f"{array.technology.counter.sums_kept.replace('_', ' ')}."
    )


def _at_digits(at: AtDigits, numbered: Iterator[int]) -> tuple[Markup, ...]:
    return (
        element("h2", f"W:I {digits_of(at)}"),
        element(
            "p",
            f"{at.network.macs_per_image:,} multiply-accumulates of an image are "
            f"{at.network.and_operations_per_image:,} ANDs.",
        ),
        machines_table(at),
        ratios_table(at),
        *(figure(next(numbered), one) for one in _illustrations(at)),
        claims_table(at),
        views_table(at),
        groups_table(at),
        levers_table(at),
    )


def _illustrations(at: AtDigits) -> Iterator[Illustration]:
    name = at.network.name
    yield Illustration(
        energy_bars(at),
        f"Energy per image, {name}.",
        "Nominal numbers by common headings; the line goes from all numbers at their lower to all at their "
        "upper bounds; an arrow where it, or a bar, is longer than the axis.",
        "Horizontal bars of the energy per image of every machine, by component.",
    )
    yield Illustration(
        ratio_bands(at, [("energy", "Images per joule"), ("speed", "Images per second on equal area")]),
        f"The memory over each baseline, {name}.",
        "Dot: nominal. Thick: bounds that have nothing to do with each other. Thin: all bounds against or "
        "for the memory at once. Orange: the published ratio, beside every baseline of the kind meant. "
        f"The chip has {amount(at.area_m2, 'm²')}; copies of layers may be fractions.",
        "Ratios with bands on a logarithmic axis, a row for each baseline.",
    )
    yield Illustration(
        tornados(at),
        f"What moves the ratios, {name}.",
        "Each bar goes from the smallest to the largest ratio with one lever moved and all else nominal. "
        "Designs are changed by fixed factors, not by what is uncertain: their errors are in a table below.",
        "Horizontal bars, the longest on top, for each ratio that was published.",
    )
