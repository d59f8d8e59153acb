"""The figures of a comparison as SVG text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from spinpim.report.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PAGE_WIDTH_IN,
    PALE,
    PURPLE,
    drawn,
    legible,
)
from spinpim.study.comparison import GROUPS, AtDigits, Claimed, Swing, Tornado
from spinpim.study.comparison.levers import MEMORY
from spinpim.study.comparison.ratios import Merit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GROUP_COLOURS = (BLUE, "#56b4e9", GREEN, ORANGE, "#f0e442", "#c98bb9", INK, GREY)
KIND_COLOURS = {"number": BLUE, "design": ORANGE, "accounting": PURPLE}
KIND_WORDS = {
    "number": "number within its bounds",
    "design": "another design of the memory",
    "accounting": "another way of counting",
}
MOST_LEVERS = 12
FEW = 8
"""Machines that are all drawn on one axis, whatever they take."""
RATIO_LINES = 0.17
"""Height of a baseline in the figure of ratios [in]."""


def energy_bars(at: AtDigits) -> str:
    """Energy per image of every machine by common headings; whiskers from all low to all high."""
    lines = [("this memory", at.memory)]
    lines += [(f"{one.name}, {one.precision}", one.sides) for one in at.opponents if one.sides]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for place, (_, sides) in enumerate(lines):
            left = 0.0
            for (_, energy_J), colour in zip(
                sides["nominal"].energy_by_group_J.items(), GROUP_COLOURS, strict=True
            ):
                axes.barh(place, 1e6 * energy_J, left=left, height=0.62, color=colour)
                left += 1e6 * energy_J
            ends = [1e6 * sides[band].energy_J for band in ("low", "high")]
            axes.plot(ends, [place, place], color=INK, linewidth=0.8, marker="|", markersize=6)
        axes.set_yticks(range(len(lines)), [legible(name) for name, _ in lines])
        axes.set_ylim(len(lines) - 0.4, -0.6)
        largest = sorted(1e6 * sides["nominal"].energy_J for _, sides in lines)
        # One costly set must not hide the others: what is beyond is written at the edge.
        usual = largest[max(0, len(largest) - 4)] if len(largest) > FEW else largest[-1]
        edge = 1.15 * max(usual, 1e6 * at.memory["nominal"].energy_J)
        axes.set_xlim(0.0, edge)
        for place, (_, sides) in enumerate(lines):
            total = 1e6 * sides["nominal"].energy_J
            if total > edge:
                axes.annotate(
                    f"{total:.3g} →",
                    (edge, place),
                    ha="right",
                    va="center",
                    fontsize=7.0,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
                )
            if 1e6 * sides["high"].energy_J > edge:
                axes.plot(edge, place, color=INK, marker=">", markersize=4, clip_on=False)
        axes.set_xlabel("energy per image (µJ); arrows: beyond the axis")
        axes.grid(axis="x", color=PALE, linewidth=0.7)
        axes.set_axisbelow(True)
        _legend(figure, GROUPS, GROUP_COLOURS, columns=4)

    return drawn(PAGE_WIDTH_IN, 1.3 + 0.24 * len(lines), draw)


def ratio_bands(at: AtDigits, panels: Sequence[tuple[Merit, str]]) -> str:
    """Ratios over every baseline: nominal, independent bounds, all bounds; what is claimed as a line."""
    lines = [one for one in at.opponents if one.sides]

    def draw(figure: Figure) -> None:
        every = figure.subplots(1, len(panels), sharey=True)
        for axes, (merit, words) in zip(every, panels, strict=True):
            for place, one in enumerate(lines):
                found = one.ratios[merit]
                axes.plot([found.low, found.high], [place, place], color=GREY, linewidth=0.8)
                axes.plot(
                    [found.independent_low, found.independent_high],
                    [place, place],
                    color=BLUE,
                    linewidth=3.0,
                    solid_capstyle="butt",
                )
                axes.plot(found.nominal, place, color=INK, marker="o", markersize=3.5)
            axes.axvline(1.0, color=INK, linewidth=0.8)
            _draw_claims(axes, [claim for claim in at.claims if claim.merit == merit], lines_of(at))
            ends = [end for one in lines for end in (one.ratios[merit].low, one.ratios[merit].high)]
            ends += [claim.published for claim in at.claims if claim.merit == merit]
            _ratio_axis(axes, min(ends) / 1.3, max(ends) * 1.3)
            axes.set_title(words)
            axes.grid(axis="x", color=PALE, linewidth=0.7)
            axes.set_axisbelow(True)
        every[0].set_yticks(range(len(lines)), [legible(f"{one.name}, {one.precision}") for one in lines])
        every[0].set_ylim(len(lines) - 0.4, -0.6)
        figure.supxlabel("memory over baseline; above 1 the memory is better", fontsize=8.5)

    return drawn(PAGE_WIDTH_IN, 1.1 + RATIO_LINES * len(lines), draw)


def lines_of(at: AtDigits) -> dict[tuple[str, str], int]:
    """Place of each baseline and precision in the figure of ratios."""
    able = (one for one in at.opponents if one.sides)
    return {(one.name, one.precision): place for place, one in enumerate(able)}


def tornados(at: AtDigits) -> str:
    """What moves the ratios over the baselines that stand for the claims, the most effective first."""

    def draw(figure: Figure) -> None:
        panels = figure.subplots(len(at.tornados), 1, squeeze=False)[:, 0]
        for axes, one in zip(panels, at.tornados, strict=True):
            _draw_tornado(axes, one)
        _legend(figure, KIND_WORDS.values(), tuple(KIND_COLOURS.values()), columns=3)

    return drawn(PAGE_WIDTH_IN, 0.5 + len(at.tornados) * (0.75 + 0.19 * MOST_LEVERS), draw)


def _draw_tornado(axes: Axes, one: Tornado) -> None:
    swings = [swing for swing in one.swings if swing.ratios][:MOST_LEVERS]
    for place, swing in enumerate(swings):
        low, high = min(*swing.ratios, one.nominal), max(*swing.ratios, one.nominal)
        axes.barh(place, high - low, left=low, height=0.6, color=KIND_COLOURS[swing.kind])
        for label, ratio in zip(swing.labels, swing.ratios, strict=True):
            if ratio in (low, high):
                outwards = 1 if ratio == high else -1
                axes.annotate(
                    legible(label),
                    (ratio, place),
                    xytext=(3 * outwards, 0),
                    textcoords="offset points",
                    ha="left" if outwards > 0 else "right",
                    va="center",
                    fontsize=6.5,
                )
    axes.axvline(one.nominal, color=INK, linewidth=0.8)
    ends = [one.nominal, *(ratio for swing in swings for ratio in swing.ratios)]
    # Room for the words at both ends of the longest bar.
    room = max(3.0, (max(ends) / min(ends)) ** 0.35)
    _ratio_axis(axes, min(ends) / room, max(ends) * room)
    axes.set_yticks(range(len(swings)), [_lever_words(swing) for swing in swings])
    axes.tick_params(axis="y", labelsize=7.0)
    axes.set_ylim(max(len(swings), 1) - 0.4, -0.6)
    words = {"energy": "Images per joule", "speed": "Images/s on equal area"}[one.merit]
    axes.set_title(f"{words}, over {legible(one.baseline)}, {one.precision}: {one.nominal:.2g}")


def _lever_words(swing: Swing) -> str:
    key = swing.lever.partition(".")[2] or swing.lever
    return f"{legible(key.replace('_', ' '))} ({'memory' if swing.of == MEMORY else 'baseline'})"


def _ratio_axis(axes: Axes, low: float, high: float) -> None:
    """Give the horizontal axis the ratios 1 and 3 of each decade, or 1 alone where there are many."""
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 3) if len(exponents) <= 4 else (1,)
    ticks = [step * 10.0**exponent for exponent in exponents for step in steps]
    shown = [tick for tick in ticks if low <= tick <= high]
    axes.set_xticks(shown, [f"{tick:g}" for tick in shown])
    axes.minorticks_off()


def _draw_claims(axes: Axes, claims: Sequence[Claimed], places: dict[tuple[str, str], int]) -> None:
    for claim in claims:
        rows = [places[(name, precision)] for name, precision, _ in claim.others]
        axes.vlines(
            [claim.published] * len(rows),
            [row - 0.45 for row in rows],
            [row + 0.45 for row in rows],
            color=ORANGE,
            linewidth=1.6,
        )


def _legend(figure: Figure, words: Iterable[str], colours: Sequence[str], *, columns: int) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=word) for word, colour in zip(words, colours, strict=True)]
    figure.legend(handles=patches, loc="outside lower center", ncols=columns)
