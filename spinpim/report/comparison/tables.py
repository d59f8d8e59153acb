"""The tables of a comparison."""

from __future__ import annotations

from collections.abc import Iterator

from spinpim.report.markup import Markup, amount, element, probability, table
from spinpim.study.comparison import GROUPS, AtDigits, Claimed, Opponent, Ratio, Side
from spinpim.study.comparison.ratios import Merit

FAMILY_WORDS = {"reram": "resistive accelerators", "cmos": "CMOS-only accelerators"}
MERIT_WORDS: dict[Merit, str] = {"energy": "images per joule", "speed": "images per second"}


def digits_of(at: AtDigits) -> str:
    """Digits of weights and activations, for example "1:4"."""
    return f"{at.network.weight_bits}:{at.network.layers[-1].input_coding.bits}"


def opponent_words(one: Opponent) -> str:
    """A baseline with its precision, and whether that is less than the network asks for."""
    return f"{one.name}, {one.precision}" + (", fewer digits" if one.coarser else "")


def band_text(found: Ratio) -> str:
    """A ratio with its bands.

    Examples
    --------
    >>> band_text(Ratio(2.0, 0.5, 9.0, 1.5, 3.0))
    '2 (1.5 to 3; all bounds 0.5 to 9)'
    """
    return f"{likely_text(found)[:-1]}; all bounds {short(found.low)} to {short(found.high)})"


def likely_text(found: Ratio) -> str:
    """A ratio with the band of independent bounds.

    Examples
    --------
    >>> likely_text(Ratio(2.0, 0.5, 9.0, 1.5, 3.0))
    '2 (1.5 to 3)'
    """
    low, high = short(found.independent_low), short(found.independent_high)
    return f"{short(found.nominal)} ({low} to {high})"


def short(ratio: float) -> str:
    """A number with two digits, without exponent.

    Examples
    --------
    >>> short(123.4), short(0.01234)
    ('120', '0.012')
    """
    return f"{float(f'{ratio:.2g}'):.10g}"


def machines_table(at: AtDigits) -> Markup:
    """Energy, speed and area of every machine that holds each layer once."""
    rows = [_machine_row("this memory", at.memory["nominal"], at.memory["low"], at.memory["high"])]
    for one in at.opponents:
        name = opponent_words(one)
        if one.sides:
            rows.append(_machine_row(name, *(one.sides[band] for band in ("nominal", "low", "high"))))
        else:
            rows.append([name, "–", "–", "–", "–", "–", one.refusal])
    caption = f"Every layer held once, {at.network.name}; in brackets with all numbers at their bounds."
    headings = (
        "machine",
        "node",
        "energy per image",
        "images per second",
        "area",
        "images per joule and mm²",
        "enlarged for the network, or why not computed",
    )
    return table(caption, headings, rows)


def ratios_table(at: AtDigits) -> Markup:
    """Ratios of the memory over every baseline with their bands."""
    rows = [
        [
            opponent_words(one),
            *(band_text(one.ratios[name]) for name in ("energy", "speed", "energy_and_area")),
        ]
        for one in at.opponents
        if one.sides
    ]
    caption = (
        "Memory over baseline, above 1 the memory is better: nominal, with independent bounds, with all "
        "bounds together. Counted with fewer digits is less than the same work."
    )
    headings = (
        "baseline",
        "images per joule",
        "images per second on equal area",
        "images per joule and area",
    )
    return table(caption, headings, rows)


def views_table(at: AtDigits) -> Markup:
    """The same chip area, and the same number of digits held."""
    rows = []
    for side in at.sides():
        area, capacity = at.on_equal_area(side), at.with_equal_capacity(side)
        name = "this memory" if side is at.memory["nominal"] else f"{side.name}, {side.precision}"
        rows.append(
            [
                name,
                _rate(area.images_per_s),
                str(area.machines),
                _rate(capacity.images_per_s),
                amount(capacity.area_m2, "m²") if capacity.machines else "does not fit",
                amount(side.energy_J, "J"),
            ]
        )
    caption = (
        f"Whole copies of layers and of machines on {amount(at.area_m2, 'm²')}, and holding "
        f"{at.capacity_bits:.3g} digits; nominal numbers."
    )
    headings = (
        "machine",
        "images per second, equal area",
        "machines",
        "images per second, equal capacity",
        "area then",
        "energy per image",
    )
    return table(caption, headings, rows)


def groups_table(at: AtDigits) -> Markup:
    """Energy of every machine by common headings."""
    rows = []
    for side in at.sides():
        name = "this memory" if side is at.memory["nominal"] else f"{side.name}, {side.precision}"
        rows.append([name, *(amount(energy_J, "J") for energy_J in side.energy_by_group_J.values())])
    return table(f"Where the energy of an image goes, {at.network.name}.", ("machine", *GROUPS), rows)


def claims_table(at: AtDigits) -> Markup:
    """Published ratios beside those that come out, and what leads to them."""
    rows = [
        [
            f"{MERIT_WORDS[claim.merit]} over {FAMILY_WORDS[claim.family]}",
            f"{claim.published:g}",
            f"{band_text(claim.found)} over {claim.baseline}, {claim.precision}",
            "yes" if claim.within_bounds else "no",
            way_sentence(claim),
            "; ".join(others(claim)) or "none",
        ]
        for claim in at.claims
    ]
    headings = (
        "ratio",
        "published",
        "comes out",
        "inside all bounds",
        "what would have to be assumed as well",
        "nominally reached over",
    )
    return table(f"Published ratios, {at.network.name}.", headings, rows)


def others(claim: Claimed) -> Iterator[str]:
    """Baselines of the family over which the published ratio is reached at nominal numbers."""
    for name, precision, ratio in claim.others:
        if ratio >= claim.published:
            yield f"{name}, {precision}: {short(ratio)}"


def way_sentence(claim: Claimed) -> str:
    """The way to a published ratio in words."""
    if not claim.steps:
        return "nothing more" if claim.reached else "no lever leads there"
    steps = "; ".join(f"{step.lever} {step.label} ({step.kind}, {short(step.ratio)})" for step in claim.steps)
    end = "" if claim.reached else f"; not reached with all of these, {short(claim.steps[-1].ratio)}"
    then = "" if claim.merit == "energy" else f" Images per joule then {short(claim.energy_then)}."
    return f"{steps}{end}. Worst error of an AND then {probability(claim.error)}.{then}"


def levers_table(at: AtDigits) -> Markup:
    """Every lever that moves a claimed ratio by more than a tenth."""
    rows = []
    for one in at.tornados:
        for swing in one.swings:
            if swing.ratios and swing.span(one.nominal) > 0.1:
                ends = (
                    f"{label}: {short(ratio)}"
                    + (f" (error {probability(error)})" if swing.kind == "design" else "")
                    for label, ratio, error in zip(swing.labels, swing.ratios, swing.errors, strict=True)
                )
                rows.append(
                    [
                        f"{MERIT_WORDS[one.merit]} over {one.baseline}, {short(one.nominal)}",
                        f"{swing.lever}, {swing.of}",
                        swing.kind,
                        "; ".join(ends),
                        "; ".join(swing.refused),
                    ]
                )
    headings = ("ratio", "lever", "kind", "ratio with it", "cannot be built")
    return table("Levers by rank; those that move a ratio by less than a tenth are left out.", headings, rows)


def _machine_row(name: str, nominal: Side, low: Side, high: Side) -> list[str]:
    return [
        name,
        amount(nominal.node_m, "m"),
        f"{amount(nominal.energy_J, 'J')} ({amount(low.energy_J, 'J')} to {amount(high.energy_J, 'J')})",
        _rate(1.0 / nominal.interval_s),
        f"{amount(nominal.area_m2, 'm²')} ({amount(low.area_m2, 'm²')} to {amount(high.area_m2, 'm²')})",
        f"{1e-6 * nominal.images_per_J_m2:.3g}",
        ", ".join(nominal.enlarged),
    ]


def _rate(per_s: float) -> str:
    return f"{per_s:,.0f}" if per_s >= 100.0 else f"{per_s:.3g}" if per_s else "does not fit"


def caution() -> Markup:
    """What every reader must know first."""
    return element(
        "p",
        "Nothing here was measured on a chip. Ratios of modelled designs follow from what is assumed of "
        "both; that is why each comes with bounds, with what moves it, and with the source of every number.",
    )
