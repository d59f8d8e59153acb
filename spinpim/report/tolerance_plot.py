"""Accuracy against the rate of wrong ANDs, with what others report and circuits deliver, as SVG text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

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
from spinpim.report.markup import power_of_ten
from spinpim.study.error_tolerance import KINDS, STATIC, TEMPORAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spinpim.study.delivered import Delivered
    from spinpim.study.error_tolerance import Tolerance

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
MARKERS = "osD^v"
LABELS = {
    STATIC: "pairs of cells that always answer a digit wrongly; bars: chips",
    TEMPORAL: "accesses that answer wrongly; bars: 95 % over images",
}


class Published(NamedTuple):
    """Rate of wrong bits that a publication finds a network to bear; of what, and where it says so."""

    rate: float
    kinds: tuple[str, ...]
    mark: str
    words: str
    source: str


PUBLISHED = (
    Published(
        1e-4, (STATIC,), "a", "ReRAM binarised network, weight bits, borne as trained", "arXiv:1904.03652"
    ),
    Published(4e-2, (STATIC,), "b", "the same after adapted training", "arXiv:1904.03652"),
    Published(
        1e-3, (STATIC,), "c", "STT-MRAM binarised network, written bits, little effect", "arXiv:1908.04085"
    ),
)
REMARK = "Marks of bits are not of ANDs: as many wrong ANDs cost more, for they shift each sum."


def accuracy_against_errors(tolerances: Sequence[Tolerance], delivered: Sequence[Delivered]) -> str:
    """Draw accuracy against static and against temporal errors, a line for each network.

    Parameters
    ----------
    tolerances : sequence of Tolerance
        Networks trained on errors are drawn dashed.
    delivered : sequence of Delivered
        What is marked with its name.
    """

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(KINDS), sharey=True)
        for axes, kind in zip(panels, KINDS, strict=True):
            for place, one in enumerate(tolerances):
                _draw_network(axes, one, kind, place)
            _draw_marks(axes, kind, {one.name: getattr(one, kind) for one in delivered})
            axes.set_title(kind.capitalize())
            axes.set_xlabel(LABELS[kind])
        panels[0].set_ylabel("accuracy")
        panels[0].set_ylim(0.0, 1.02)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
        figure.supxlabel(
            "\n".join([*(f"{one.mark}: {one.words} ({one.source})" for one in PUBLISHED), REMARK]),
            fontsize=7.5,
            color=GREY,
        )

    return drawn(PAGE_WIDTH_IN, 3.9 + 0.15 * math.ceil(len(tolerances) / 4), draw)


def _draw_network(axes: Axes, one: Tolerance, kind: str, place: int) -> None:
    accuracy, (low, high) = one.accuracy(kind), one.interval(kind)
    colour = COLOURS[place % len(COLOURS)]
    axes.errorbar(
        one.rates,
        accuracy,
        yerr=np.maximum([accuracy - low, high - accuracy], 0.0),
        color=colour,
        ls=":" if one.recentred else "--" if one.trained_with else "-",
        marker=MARKERS[place % len(MARKERS)],
        capsize=1.5,
        elinewidth=0.8,
        label=legible(one.label),
    )
    axes.axhline(one.ideal_accuracy, color=colour, linewidth=0.6, alpha=0.6)


def _draw_marks(axes: Axes, kind: str, delivered: dict[str, float]) -> None:
    axes.set_xscale("log")
    axes.margins(x=0.08)
    low, high = axes.get_xlim()
    _name_decades(axes, low, high)
    for one in PUBLISHED:
        if kind in one.kinds and low < one.rate < high:
            axes.axvline(one.rate, color=GREY, linewidth=0.9, ls=":")
            _write_beside(axes, one.mark, one.rate, 0.62, rightwards=True)
    for place, (name, rate) in enumerate(delivered.items()):
        text, height = f"{legible(name)} {_written(rate)}", 0.04 + 0.07 * place
        if low < rate < high:
            axes.axvline(rate, color=INK, linewidth=0.9, ls="-.")
            _write_beside(axes, text, rate, height, rightwards=rate < math.sqrt(low * high))
        elif rate <= low:
            _write_beside(axes, f"← {text}", low, height, rightwards=True)
        else:
            _write_beside(axes, f"{text} →", high, height, rightwards=False)
    axes.set_xlim(low, high)
    axes.grid(axis="y", color=PALE, linewidth=0.7)


def _name_decades(axes: Axes, low: float, high: float) -> None:
    exponents = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    axes.set_xticks([10.0**one for one in exponents], [power_of_ten(one) for one in exponents])
    axes.minorticks_off()


def _write_beside(axes: Axes, text: str, rate: float, height: float, *, rightwards: bool) -> None:
    axes.annotate(
        text,
        (rate, height),
        xytext=(3 if rightwards else -3, 0),
        textcoords="offset points",
        ha="left" if rightwards else "right",
        fontsize=7.5,
    )


def _written(rate: float) -> str:
    """Return a rate as a power of ten with one digit before it."""
    if rate <= 0.0:
        return "0"
    digits, exponent = f"{rate:.1e}".split("e")
    return f"{digits} · {power_of_ten(int(exponent))}"
