"""Figures of what a sensing trades, each as SVG text: equal results give equal text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinpim.report.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PAGE_WIDTH_IN,
    PALE,
    PURPLE,
    decades,
    drawn,
    legible,
)
from spinpim.report.markup import amount

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spinpim.circuit import Sensing
    from spinpim.circuit.trade_offs import BestReadCurrent, TradeOff

FLOOR_EXPONENT = -30
"""Errors below this power of ten are left out of the axis: no model here means anything so far out."""
PANELS_A_ROW = 3
AXES = {
    "read_current_per_row_A": ("read current for each row (µA)", 1e6),
    "tunnel_magnetoresistance": ("magnetoresistance (%)", 100.0),
    "resistance_area_product_ohm_m2": ("resistance-area product (Ω µm²)", 1e12),
    "area_scale": ("amplifier area over the unit one", 1.0),
    "temperature_K": ("temperature (K)", 1.0),
    "rows": ("rows together", 1.0),
}
"""Label and factor from SI of each quantity."""
LINES = (
    ("error_static", ORANGE, "-", "static, offset included"),
    ("error_without_offset", BLUE, "--", "static, offset ignored"),
    ("error_temporal", GREY, ":", "temporal"),
)


def errors_against(trade_offs: Sequence[TradeOff]) -> str:
    """Errors of the worst pattern against each quantity, offset ignored beside offset included.

    Parameters
    ----------
    trade_offs : sequence of TradeOff
        One panel each.
    """
    rows = math.ceil(len(trade_offs) / PANELS_A_ROW)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(rows, min(PANELS_A_ROW, len(trade_offs)), squeeze=False, sharey=True)
        everything = np.concatenate([getattr(one, name) for one in trade_offs for name, *_ in LINES])
        low = math.floor(math.log10(max(float(np.min(everything)), 10.0**FLOOR_EXPONENT)))
        for place, axes in enumerate(grid.flat):
            if place >= len(trade_offs):
                axes.set_visible(False)
                continue
            _draw_errors(axes, trade_offs[place])
            axes.grid(axis="y", color=PALE, linewidth=0.7)
            if place % PANELS_A_ROW == 0:
                axes.set_ylabel("probability of a wrong answer")
        decades(grid[0, 0], min(low, -1), 0)
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)

    return drawn(PAGE_WIDTH_IN, 0.6 + 2.2 * rows, draw)


def _draw_errors(axes: Axes, one: TradeOff) -> None:
    label, factor = AXES[one.quantity]
    order = np.argsort(one.values)
    marker = "o" if one.quantity == "rows" else ""
    for name, colour, line, text in LINES:
        axes.plot(
            factor * one.values[order],
            getattr(one, name)[order],
            line,
            marker=marker,
            color=colour,
            label=text,
        )
    if one.quantity == "rows":
        axes.set_xticks(one.values[order])
    elif one.quantity == "area_scale":
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_yscale("log")
    axes.set_xlabel(label)


def disturb_against_error(one: TradeOff, best: BestReadCurrent) -> str:
    """Sensing error and loss by disturb against the read current, their sum and its optimum.

    Parameters
    ----------
    one : TradeOff
        Against "read_current_per_row_A".
    best : BestReadCurrent
        Optimum, with the accesses between two writes.
    """
    order = np.argsort(one.values)
    current_uA = 1e6 * one.values[order]
    with np.errstate(divide="ignore"):
        lost = -np.expm1(best.accesses * np.log1p(-one.read_disturb_probability[order]))
    errors = (one.error_static + one.error_temporal)[order]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot(current_uA, errors + lost, color=PALE, linewidth=5.0, label="sum")
        axes.plot(current_uA, errors, color=ORANGE, label="sensing error, static and temporal")
        axes.plot(current_uA, lost, color=PURPLE, label=f"flipped in {best.accesses:g} accesses")
        chosen_uA = 1e6 * best.read_current_per_row_A
        axes.plot(
            [chosen_uA],
            [best.total_error],
            ls="none",
            marker="o",
            markersize=9,
            mfc="none",
            mec=INK,
            label=f"least, at {chosen_uA:.3g} µA",
        )
        low = math.floor(math.log10(max(best.total_error, 10.0**FLOOR_EXPONENT))) - 4
        decades(axes, min(low, -2), 0)
        axes.set_xlabel(AXES["read_current_per_row_A"][0])
        axes.set_ylabel("probability")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right center")

    return drawn(PAGE_WIDTH_IN, 2.9, draw)


def energy_and_delay(sensings: Mapping[str, Sensing]) -> str:
    """Energy and delay of one access for each operation, by their parts.

    Parameters
    ----------
    sensings : dict of str to Sensing
        By a label such as "AND of 2".
    """
    colours = (BLUE, ORANGE, GREEN, PURPLE, GREY)

    def draw(figure: Figure) -> None:
        both = figure.subplots(1, 2, sharey=True)
        for axes, split, unit, factor, name in (
            (both[0], "energy_split_J", "fJ", 1e15, "energy"),
            (both[1], "delay_split_s", "ns", 1e9, "delay"),
        ):
            start: NDArray[np.float64] = np.zeros(len(sensings))
            splits = [getattr(one, split) for one in sensings.values()]
            for part, colour in zip(splits[0], colours, strict=False):
                lengths = factor * np.array([given[part] for given in splits])
                axes.barh(range(len(splits)), lengths, left=start, color=colour, label=part.replace("_", " "))
                start = start + lengths
            for place, (total, given) in enumerate(zip(start, splits, strict=True)):
                text = amount(math.fsum(given.values()), unit[-1])
                axes.annotate(
                    text, (total, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.0
                )
            axes.set_xlim(0.0, 1.25 * float(start.max()))
            axes.set_xlabel(f"{name} of one access, per column ({unit})")
            axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
        both[0].set_yticks(range(len(sensings)), [legible(name) for name in sensings])
        both[0].set_ylim(len(sensings) - 0.4, -0.6)

    return drawn(PAGE_WIDTH_IN, 1.3 + 0.3 * len(sensings), draw)
