"""One look for all figures: style, colours, axes, and SVG text that is the same for the same result."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from spinpim.report.markup import power_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PURPLE, INK, GREY, PALE = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#aa4499",
    "#1f2933",
    "#6b7683",
    "#dde2e7",
)
"""Distinct for colour-blind readers and by lightness; after M. Okabe and K. Ito, Color Universal Design."""

PAGE_WIDTH_IN = 7.6

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 7.0,
    "axes.labelsize": 8.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "lines.linewidth": 1.5,
    "lines.markersize": 4.0,
    # Names out of files must not be read as formulas.
    "text.parse_math": False,
    "axes.unicode_minus": True,
    # Without a salt the ids in an SVG are random, and the report would differ from run to run.
    "svg.hashsalt": "spinpim",
    "svg.fonttype": "path",
}
RASTER_DPI = 220
LONGEST_LABEL = 32


def drawn(width_in: float, height_in: float, draw: Callable[[Figure], None]) -> str:
    """Return the SVG text of a figure.

    Parameters
    ----------
    width_in, height_in : float
        Size in inches; type is set for a width of ``PAGE_WIDTH_IN``.
    draw : callable
        Fills the empty figure; called within the common style.

    Returns
    -------
    str
        SVG; equal for equal content. No state of matplotlib is changed, no window system is needed.
    """
    from matplotlib import style
    from matplotlib.figure import Figure

    # The defaults first: the reader's own matplotlibrc must not change the report.
    with style.context(["default", STYLE]):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        draw(figure)
        _settle_layout(figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", dpi=RASTER_DPI, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _settle_layout(figure: Figure) -> None:
    """Place the axes once and round their places: the solver's last bits differ from run to run."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(edge, 6) for edge in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))


def legible(text: str) -> str:
    r"""Return a name from a file as a label: of limited length, and in characters that the font has.

    Examples
    --------
    >>> legible("dense_1"), legible("x" * 40)[-3:], legible("\u4e00\n")
    ('dense_1', 'xx…', '??')
    """
    known = "".join(c if c.isprintable() and ord(c) < 0x250 else "?" for c in text)
    return known if len(known) <= LONGEST_LABEL else known[: LONGEST_LABEL - 1] + "…"


def decades(axes: Axes, low: int, high: int, floor_text: str = "") -> None:
    """Give the vertical axis powers of ten from ``low`` to ``high``; the lowest tick may be a floor."""
    step = max(1, math.ceil((high - low) / 7))
    exponents = list(range(high, low - 1, -step))
    if exponents[-1] != low:
        if exponents[-1] - low < max(2, step // 2 + 1):
            exponents.pop()
        exponents.append(low)
    labels = [power_of_ten(exponent) if exponent else "1" for exponent in exponents]
    if floor_text:
        labels[-1] = floor_text
    axes.set_yscale("log")
    axes.set_ylim(10.0 ** (low - 0.12 * (high - low)), 10.0 ** (high + 0.08 * (high - low)))
    axes.set_yticks([10.0**exponent for exponent in exponents], labels)
    axes.minorticks_off()
    axes.grid(axis="y", color=PALE, linewidth=0.7)
    axes.set_axisbelow(True)


def bars(
    axes: Axes, names: Sequence[str], values: Sequence[float], texts: Sequence[str], colour: str
) -> None:
    """Draw horizontal bars, first on top, each with its text at the end."""
    places = range(len(values))
    axes.barh(places, values, height=0.66, color=colour)
    axes.set_yticks(list(places), [legible(name) for name in names])
    axes.set_ylim(len(values) - 0.4, -0.6)
    axes.set_xlim(0.0, 1.6 * (max(values, default=0.0) or 1.0))
    for place, value, text in zip(places, values, texts, strict=True):
        axes.annotate(
            text, (value, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.0
        )
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
