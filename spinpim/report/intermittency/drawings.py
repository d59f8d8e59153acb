"""The figures of machines on harvested power as SVG text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

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
from spinpim.report.markup import amount, power_of_ten
from spinpim.study.intermittency import BreakEven, Outcome, PolicyMap, Survey

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

COLOURS = (GREY, INK, "#56b4e9", BLUE, "#f0e442", GREEN, PURPLE, ORANGE, "#c98bb9", "#7f7f7f", "#1b7837")
CYCLES = 12
"""Charges that a timeline shows."""


def timelines(survey: Survey, outcomes: tuple[Outcome, ...]) -> str:
    """Energy in the store and images done, over the first charges, for each policy."""
    able = [one for one in outcomes if one.result is not None and len(one.result.events) > 2]

    def draw(figure: Figure) -> None:
        panels = figure.subplots(len(able), 1, sharex=True, squeeze=False)[:, 0]
        last_s = max(_last(one) for one in able)
        for axes, one in zip(panels, able, strict=True):
            _draw_timeline(axes, survey, one, last_s)
        panels[-1].set_xlabel("time (s)")

    return drawn(PAGE_WIDTH_IN, 0.5 + 0.85 * len(able), draw)


def _last(one: Outcome) -> float:
    assert one.result is not None
    events = one.result.events
    return float(events[min(2 * CYCLES, len(events)) - 1, 0])


def _draw_timeline(axes: Axes, survey: Survey, one: Outcome, last_s: float) -> None:
    assert one.result is not None
    events = one.result.events[one.result.events[:, 0] <= last_s]
    work = next(work for work in (survey.memory, *survey.others) if work.machine == one.machine)
    per_image = sum(phase.operations for phase in work.phases)
    time_s = np.concatenate(([0.0], events[:, 0]))
    axes.plot(time_s, 1e6 * np.concatenate(([events[1, 1]], events[:, 1])), color=BLUE, linewidth=0.9)
    axes.set_ylabel("µJ", color=BLUE)
    axes.set_ylim(bottom=0.0)
    done = axes.twinx()
    images = np.concatenate(([0.0], (events[:, 2] - events[:, 3]) / per_image))
    done.plot(time_s, images, color=ORANGE, linewidth=1.2)
    done.set_ylabel("images", color=ORANGE)
    done.set_ylim(0.0, max(1.0, 1.1 * float(images.max())))
    done.spines["right"].set_visible(True)
    name = survey.label(one)
    axes.set_title(legible(name))


def by_capacitor(survey: Survey, trace: str) -> str:
    """Images per harvested joule, and time to the first image, by capacitor."""
    sizes = [storage.capacitance_F for storage in survey.storages]
    names = list(dict.fromkeys((one.machine, str(one.policy)) for one in survey.outcomes))

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for colour, (machine, policy) in zip(_colours(len(names)), names, strict=True):
            found = {
                one.capacitance_F: one
                for one in survey.outcomes
                if (one.trace, one.machine, str(one.policy)) == (trace, machine, policy)
            }
            label = legible(policy if machine == survey.memory.machine else machine)
            rates = [one.result.images_per_J if (one := found[size]).result else 0.0 for size in sizes]
            times = [found[size].first_image_s for size in sizes]
            left.plot(sizes, rates, color=colour, marker="o", label=label)
            right.plot(sizes, [np.nan if one is None else one for one in times], color=colour, marker="o")
        for axes, words in ((left, "images per harvested joule"), (right, "time to the first image (s)")):
            axes.set_xscale("log")
            _powers(axes.xaxis, sizes)
            axes.set_xlabel("capacitor (F)")
            axes.set_title(words)
            axes.grid(color=PALE, linewidth=0.7)
            axes.set_axisbelow(True)
        right.set_yscale("log")
        first = [one.first_image_s for one in survey.outcomes if one.trace == trace]
        _powers(right.yaxis, [one for one in first if one] or [1.0])
        figure.legend(loc="outside lower center", ncols=4)

    return drawn(PAGE_WIDTH_IN, 3.4, draw)


def progress_curves(curves: BreakEven, own_write_J: float) -> str:
    """Forward progress by the energy of a write, for some energies between cuts."""
    able = [place for place in range(len(curves.period_J)) if curves.progress[:, place].any()]
    chosen = [able[place] for place in np.unique(np.linspace(0, len(able) - 1, 4).round().astype(int))]

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(chosen), sharey=True, squeeze=False)[0]
        for axes, place in zip(panels, chosen, strict=True):
            for colour, (number, name) in zip(
                _colours(len(curves.policies)), enumerate(curves.policies), strict=True
            ):
                axes.plot(curves.write_J, curves.progress[number, place], color=colour, label=legible(name))
            axes.axvline(own_write_J, color=INK, linewidth=0.7, linestyle=":")
            axes.set_xscale("log")
            _powers(axes.xaxis, curves.write_J.tolist())
            axes.set_ylim(0.0, 1.02)
            axes.set_title(amount(float(curves.period_J[place]), "J"))
            axes.set_xlabel("write of a digit (J)")
            axes.grid(color=PALE, linewidth=0.7)
        panels[0].set_ylabel("forward progress")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)

    return drawn(PAGE_WIDTH_IN, 3.0, draw)


def best_map(chart: PolicyMap) -> str:
    """The best policy by mean power and rate of failures, a panel for each capacitor."""
    colours = dict(enumerate(_colours(len(chart.policies))))

    def draw(figure: Figure) -> None:
        from matplotlib.patches import Patch

        panels = figure.subplots(1, len(chart.capacitance_F), sharey=True, squeeze=False)[0]
        for k, axes in enumerate(panels):
            for i in range(len(chart.mean_power_W)):
                for j in range(len(chart.failure_rate_Hz)):
                    best = int(chart.best[i, j, k])
                    colour = "white" if best < 0 else colours[best]
                    axes.add_patch(_square(j, i, colour))
                    axes.annotate(
                        f"{chart.kept[:, i, j, k].max():.2f}", (j, i), ha="center", va="center", fontsize=6.0
                    )
            axes.set_xlim(-0.5, len(chart.failure_rate_Hz) - 0.5)
            axes.set_ylim(-0.5, len(chart.mean_power_W) - 0.5)
            axes.set_xticks(range(len(chart.failure_rate_Hz)), [f"{one:g}" for one in chart.failure_rate_Hz])
            axes.set_title(amount(float(chart.capacitance_F[k]), "F"))
            axes.set_xlabel("failures per second")
        panels[0].set_yticks(
            range(len(chart.mean_power_W)), [amount(float(one), "W") for one in chart.mean_power_W]
        )
        used = sorted({int(one) for one in chart.best.ravel() if one >= 0})
        figure.legend(
            handles=[Patch(color=colours[one], label=legible(str(chart.policies[one]))) for one in used],
            loc="outside lower center",
            ncols=4,
        )

    return drawn(PAGE_WIDTH_IN, 2.9, draw)


def _powers(axis: Axis, values: Sequence[float]) -> None:
    """Give a logarithmic axis powers of ten, at most five, around some values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    step = max(1, math.ceil((high - low) / 4))
    exponents = range(low, high + 1, step)
    axis.set_ticks([10.0**one for one in exponents], [power_of_ten(one) for one in exponents], minor=False)
    axis.set_ticks([], minor=True)


def _square(column: int, row: int, colour: str) -> Rectangle:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1.0, 1.0, facecolor=colour, edgecolor="white")


def _colours(count: int) -> list[str]:
    return [COLOURS[place % len(COLOURS)] for place in range(count)]
