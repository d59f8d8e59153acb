"""Every number that went in: value, spread, status, source, and the place in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spinpim.report.markup import Markup, element, join, table

if TYPE_CHECKING:
    from spinpim.params import ParameterRecord
    from spinpim.report.provenance import UsedFile

HEADINGS = ("key", "value", "sigma", "bounds", "status", "source", "where")


HOW_TO_READ = (
    "Values are as written in the files; sigma is one standard deviation from device to device, bounds say "
    "between what a number may lie. "
    "Measured and fitted numbers come from this very device or circuit, derived ones follow from such; "
    "everything else is assumed, also what was carried over from another device."
)


def source_table(used: UsedFile) -> Markup:
    """Write the numbers of one parameter file, its citations numbered below."""
    citations = list(dict.fromkeys(record.source for record in used.records if record.source))
    anchor = used.role.replace(" ", "-")
    rows = [_row(record, citations, anchor) for record in used.records]
    caption = join(
        (
            element("strong", f"{used.role.capitalize()}: {used.name}."),
            f" {used.title}. {count_sentence(used.records)}",
        )
    )
    entries = (
        element("li", citation, id=f"{anchor}-{number}") for number, citation in enumerate(citations, start=1)
    )
    notes = element("ol", *entries, class_="citations") if citations else Markup()
    return join((table(caption, HEADINGS, rows, class_="sources"), notes))


def count_sentence(records: Sequence[ParameterRecord]) -> str:
    """Say how many numbers are assumed, and where the others come from."""
    counts: dict[str, int] = {}
    for record in records:
        counts[record.status] = counts.get(record.status, 0) + 1
    assumed = counts.pop("assumed", 0)
    others = "".join(f", {count} {status}" for status, count in sorted(counts.items()))
    return f"{assumed} of {len(records)} numbers are assumed{others}."


def _row(record: ParameterRecord, citations: list[str], anchor: str) -> Sequence[str]:
    number = citations.index(record.source) + 1 if record.source else 0
    link = element("a", f"[{number}]", href=f"#{anchor}-{number}") if number else ""
    status = element("span", "assumed", class_="assumed") if record.status == "assumed" else record.status
    return record.key, record.text, sigma_text(record), bounds_text(record), status, link, record.where


def sigma_text(record: ParameterRecord) -> str:
    """Write the standard deviation in the unit of the file's own value.

    Examples
    --------
    >>> from spinpim.params import ParameterRecord
    >>> sigma_text(ParameterRecord("free_layer.diameter_x", 6e-8, "m", 1e-9, "60 nm", "", "", "assumed"))
    '1 nm'
    """
    if record.sigma_si == 0.0:
        return ""
    return _in_unit_of_file(record, record.sigma_si)


def bounds_text(record: ParameterRecord) -> str:
    """Write the bounds in the unit of the file's own value; nothing where there are none.

    Examples
    --------
    >>> from spinpim.params import ParameterRecord
    >>> bounds_text(ParameterRecord("x.y", 2e-15, "J", 0.0, "2 fJ", "", "", "assumed", 1e-15, 4e-15))
    '1 fJ to 4 fJ'
    """
    if record.low_si is None or record.high_si is None or record.low_si == record.high_si:
        return ""
    return f"{_in_unit_of_file(record, record.low_si)} to {_in_unit_of_file(record, record.high_si)}"


def _in_unit_of_file(record: ParameterRecord, number_si: float) -> str:
    written, _, unit = record.text.partition(" ")
    if record.value_si == 0.0:
        return f"{number_si:.3g} {record.unit_si}".removesuffix(" 1")
    return f"{number_si / record.value_si * float(written):.3g} {unit}".rstrip()
