"""The figures of the report, each as SVG text: equal results give equal text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinpim.device.validity import AXES
from spinpim.report.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PAGE_WIDTH_IN,
    PALE,
    PURPLE,
    bars,
    decades,
    drawn,
    legible,
)
from spinpim.report.markup import amount, power_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spinpim.array import Cost
    from spinpim.circuit import Sensing
    from spinpim.device import Device, SwitchingTable, Trajectories
    from spinpim.estimate import Estimate
    from spinpim.study.chain import ArrayResult

ERROR_FLOOR_EXPONENT = -18
"""Errors below this power of ten are drawn at it: no model here means anything so far out."""

MOST_VECTOR_DOTS = 200
"""More chips than this are drawn as an image, which keeps the report small."""

SPREAD_SIGMAS = 3.0
"""Half width of the shaded bands, in standard deviations."""

_AMPLIFIER_LOOK = (("chosen", BLUE, "o"), ("minimum", ORANGE, "D"))


def write_trajectories(device: Device, trajectories: dict[str, Trajectories]) -> str:
    """Magnetisation along the easy axis of all trials during the write, with the drive below.

    Parameters
    ----------
    device : Device
        Gives the easy axis.
    trajectories : dict of str to Trajectories
        By the state that is written, "P" or "AP".
    """

    def draw(figure: Figure) -> None:
        shape: dict[str, Any] = {"sharex": "col", "sharey": "row", "height_ratios": [3.2, 1, 1]}
        grid = figure.subplots(3, len(trajectories), squeeze=False, **shape)
        for column, (to, motion) in enumerate(trajectories.items()):
            time_ns = 1e9 * motion.time_s
            cosine = motion.magnetisation[:, :, AXES.index(device.easy_axis)]
            _draw_bundle(grid[0, column], time_ns, cosine, 1.0 if to == "P" else -1.0)
            grid[0, column].set_title(f"{'AP' if to == 'P' else 'P'} → {to}")
            _draw_drive(grid[1, column], time_ns, 1e6 * motion.sot_current_A)
            _draw_drive(grid[2, column], time_ns, 1e3 * motion.mtj_voltage_V)
            grid[2, column].set_xlabel("time (ns)")
            grid[2, column].set_xlim(0.0, time_ns[-1])
        for row, text in enumerate((f"m along {device.easy_axis}", "channel\n(µA)", "junction\n(mV)")):
            grid[row, 0].set_ylabel(text)
        figure.align_ylabels(grid[:, 0])

    return drawn(PAGE_WIDTH_IN, 4.2, draw)


def _draw_bundle(axes: Axes, time_ns: NDArray[Any], cosine: NDArray[Any], target: float) -> None:
    from matplotlib.collections import LineCollection

    failed = cosine[:, -1] * target < 0.0
    for chosen, colour, label in ((~failed, BLUE, "one trial"), (failed, ORANGE, "failed trial")):
        if np.any(chosen):
            lines = [np.column_stack([time_ns, line]) for line in cosine[chosen]]
            # As an image: a hundred noisy lines would be most of the size of the report.
            alpha = 0.35 if colour == BLUE else 0.9
            bundle = LineCollection(lines, colors=colour, linewidths=0.5, alpha=alpha, rasterized=True)
            axes.add_collection(bundle)
            axes.plot([], [], color=colour, linewidth=1.0, label=label)
    axes.plot(time_ns, np.median(cosine, axis=0), color=INK, linewidth=1.8, label="median")
    axes.set_ylim(-1.08, 1.08)
    axes.set_yticks([-1.0, 0.0, 1.0], ["−1 (AP)", "0", "+1 (P)"])
    axes.legend(loc="upper right" if target < 0.0 else "lower right")


def _draw_drive(axes: Axes, time_ns: NDArray[Any], drive: NDArray[Any]) -> None:
    peak = float(np.abs(drive).max())
    axes.axhline(0.0, color=PALE, linewidth=0.7)
    axes.fill_between(time_ns, drive, color=PURPLE, alpha=0.15, linewidth=0)
    axes.plot(time_ns, drive, color=PURPLE, linewidth=1.1)
    axes.set_ylim(-1.25 * (peak or 1.0), 1.25 * (peak or 1.0))
    axes.set_yticks([-peak, 0.0, peak] if peak else [0.0])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}".replace("-", "−"))


def switching_probability(table: SwitchingTable, device: Device, write_error: Estimate) -> str:
    """Switching probability against channel current for each width, the write point marked."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        current_uA = 1e6 * table.sot_current_A
        probability, (low, high) = table.probability(), table.interval()
        colours, markers = (BLUE, GREEN, ORANGE, PURPLE, GREY), "osD^v"
        for column, width_s in enumerate(table.width_s):
            p = probability[:, column]
            axes.errorbar(
                current_uA,
                p,
                yerr=np.maximum([p - low[:, column], high[:, column] - p], 0.0),
                color=colours[column % len(colours)],
                marker=markers[column % len(markers)],
                elinewidth=0.9,
                capsize=2.0,
                linewidth=1.0,
                label=f"{amount(float(width_s), 's')} flat top",
            )
        write_uA = 1e6 * device.write.sot_current_A
        axes.axvline(write_uA, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        label = f"write point, {write_uA:.4g} µA for {amount(device.write.width_s, 's')}"
        axes.plot(
            [write_uA],
            [1.0 - write_error.value],
            marker="o",
            markersize=10,
            mfc="none",
            mec=INK,
            ls="none",
            label=label,
        )
        axes.set_xlabel("channel current (µA)")
        axes.set_ylabel(f"probability of ending {table.to}")
        axes.set_ylim(-0.04, 1.06)
        axes.grid(color=PALE, linewidth=0.7)
        axes.set_axisbelow(True)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right center")

    return drawn(PAGE_WIDTH_IN, 2.9, draw)


def sense_levels(chosen: ArrayResult, minimum: ArrayResult) -> str:
    """Densities of the levels over cells and columns, the reference and the offset of the amplifier."""

    def draw(figure: Figure) -> None:
        both = figure.subplots(2, 1, sharex=True)
        for axes, part, (role, _, _) in zip(both, (chosen, minimum), _AMPLIFIER_LOOK, strict=True):
            _draw_levels(axes, part.sensing)
            axes.set_title(f"{role} amplifier: {legible(part.amplifier.name)}")
            axes.set_ylabel("density (1/mV)")
        both[1].set_xlabel("sensed voltage (mV)")
        figure.legend(*both[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)

    return drawn(PAGE_WIDTH_IN, 4.4, draw)


def _draw_levels(axes: Axes, sensing: Sensing) -> None:
    reference, nearest = sensing.reference_V, nearest_pattern(sensing)
    offset = sensing.offset_sigma_V[nearest]
    spread = math.hypot(sensing.reference_sigma_V, sensing.drive_sigma_V)
    groups: dict[int, list[str]] = {}
    for pattern in sensing.patterns:
        groups.setdefault(pattern.count("1"), []).append(pattern)
    steps = np.linspace(-4.5, 4.5, 181)
    tallest = 0.0
    for members, colour in zip(groups.values(), (BLUE, GREEN, ORANGE, PURPLE), strict=False):
        # The level depends on the number of ones alone, so that the members coincide.
        level, sigma = sensing.levels_V[members[0]], sensing.level_sigma_V[members[0]]
        sigma_mV = 1e3 * max(sigma, 1e-3 * abs(sensing.margin_V))
        voltage_mV = 1e3 * level + sigma_mV * steps
        density = np.exp(-0.5 * steps**2) / (sigma_mV * math.sqrt(2.0 * math.pi))
        tallest = max(tallest, float(density.max()))
        axes.fill_between(voltage_mV, density, color=colour, alpha=0.22, linewidth=0)
        axes.plot(voltage_mV, density, color=colour, linewidth=1.3, label=f"cells {' or '.join(members)}")
    for sigma, shade, name in ((offset, "#b8c0c8", "amplifier offset"), (spread, "#6b7683", "reference")):
        low, high = 1e3 * (reference - SPREAD_SIGMAS * sigma), 1e3 * (reference + SPREAD_SIGMAS * sigma)
        axes.axvspan(low, high, color=shade, alpha=0.45, linewidth=0, zorder=0, label=f"{name}, ±3σ")
    axes.axvline(1e3 * reference, color=INK, linewidth=1.0, linestyle=(0, (4, 3)), label="mean reference")
    axes.set_ylim(0.0, 1.12 * tallest)


def nearest_pattern(sensing: Sensing) -> str:
    """Return the pattern whose level lies nearest to the reference."""
    return min(sensing.patterns, key=lambda pattern: sensing.margins_V[pattern])


def sensing_errors(chosen: ArrayResult, minimum: ArrayResult) -> str:
    """Static and temporal error by pattern for both amplifiers, on a logarithmic axis with a floor."""

    def draw(figure: Figure) -> None:
        static, temporal = figure.subplots(1, 2, sharey=True)
        for axes, kind in ((static, "error_static"), (temporal, "error_temporal")):
            for place, (part, look) in enumerate(zip((chosen, minimum), _AMPLIFIER_LOOK, strict=True)):
                errors = getattr(part.sensing, kind)
                values = [errors[pattern] for pattern in part.sensing.patterns]
                _draw_errors(axes, values, 0.24 * (place - 0.5), look, legible(part.amplifier.name))
            patterns = chosen.sensing.patterns
            axes.set_xticks(range(len(patterns)), patterns)
            axes.set_xlim(-0.6, len(patterns) - 0.4)
            axes.set_xlabel("data of the two cells (weight, activation)")
        decades(static, ERROR_FLOOR_EXPONENT, 0, floor_text=f"≤{power_of_ten(ERROR_FLOOR_EXPONENT)}")
        temporal.grid(axis="y", color=PALE, linewidth=0.7)
        static.set_title("static: the same at every access")
        temporal.set_title("temporal: new at every access")
        static.set_ylabel("probability of a wrong answer")
        static.plot([], [], ls="none", marker="v", ms=6, mfc="white", mec=GREY, label="below the floor")
        figure.legend(*static.get_legend_handles_labels(), loc="outside lower center", ncols=3)

    return drawn(PAGE_WIDTH_IN, 3.3, draw)


def _draw_errors(
    axes: Axes, values: list[float], shift: float, look: tuple[str, str, str], name: str
) -> None:
    role, colour, marker = look
    floor = 10.0**ERROR_FLOOR_EXPONENT
    places = np.arange(len(values)) + shift
    shown = np.maximum(values, floor)
    hidden = np.asarray(values) < floor
    axes.vlines(places, floor * 1e-3, shown, color=colour, linewidth=1.2, alpha=0.45)
    axes.plot(
        places[~hidden], shown[~hidden], ls="none", marker=marker, ms=6, color=colour, label=f"{role}: {name}"
    )
    if np.any(hidden):
        axes.plot(places[hidden], shown[hidden], ls="none", marker="v", ms=6, mfc="white", mec=colour)


def chip_accuracy(chosen: ArrayResult, minimum: ArrayResult) -> str:
    """Accuracy of the ideal machine and of each chip, for both amplifiers."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        ideal = chosen.run.ideal_accuracy_estimate()
        axes.axvspan(
            100 * ideal.low, 100 * ideal.high, color=PALE, linewidth=0, label="95 % interval of ideal"
        )
        axes.axvline(100 * ideal.value, color=INK, linewidth=1.1, ls=(0, (4, 3)), label="ideal, no errors")
        names = []
        for place, (part, look) in enumerate(zip((chosen, minimum), _AMPLIFIER_LOOK, strict=True)):
            role, colour, marker = look
            accuracy = 100 * part.run.accuracy
            heights = place + _spread_out(accuracy)
            dots = axes.plot(
                accuracy, heights, ls="none", marker=marker, ms=5.5, color=colour, alpha=0.75, mew=0
            )
            dots[0].set_rasterized(accuracy.size > MOST_VECTOR_DOTS)
            axes.plot([accuracy.mean()] * 2, [place - 0.34, place + 0.34], color=colour, linewidth=1.6)
            names.append(f"{role}\n{legible(part.amplifier.name)}")
        axes.plot([], [], ls="none", marker="o", ms=5.5, color=GREY, label="one chip")
        axes.plot([], [], color=GREY, linewidth=1.6, label="mean over chips")
        axes.set_yticks([0, 1], names)
        axes.set_ylim(1.6, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("test accuracy (%)")
        axes.margins(x=0.08)
        axes.set_xlim(right=min(axes.get_xlim()[1], 100.4))
        axes.grid(axis="x", color=PALE, linewidth=0.7)
        axes.set_axisbelow(True)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4)

    return drawn(PAGE_WIDTH_IN, 2.5, draw)


def _spread_out(values: NDArray[Any]) -> NDArray[Any]:
    """Vertical shifts that keep equal values apart, the same for the same values."""
    shifts = np.zeros(values.size)
    for value in np.unique(values):
        same = np.flatnonzero(values == value)
        shifts[same] = (np.arange(same.size) - 0.5 * (same.size - 1)) * min(0.13, 0.6 / same.size)
    return shifts


def cost_breakdown(cost: Cost, sensing: Sensing) -> str:
    """Energy and area by component and latency by layer, of one image; below them one two-row sensing."""
    layers = {layer.name: layer.latency_s for layer in cost.layers}
    rows = [len(layers), len(cost.area_breakdown_m2), len(sensing.energy_split_J)]

    def draw(figure: Figure) -> None:
        axes = figure.subplot_mosaic(
            [["energy", "latency"], ["energy", "area"], ["sensing energy", "sensing delay"]],
            width_ratios=[1.1, 1.0],
            height_ratios=[count + 0.6 for count in rows],
        )
        energy = dict(sorted(cost.energy_breakdown_J.items(), key=lambda item: -item[1]))
        area = dict(sorted(cost.area_breakdown_m2.items(), key=lambda item: -item[1]))
        for name, values, unit, colour, title in (
            ("energy", energy, "J", BLUE, "energy per image"),
            ("latency", layers, "s", GREEN, "latency per image"),
            ("area", area, "m²", PURPLE, "area"),
            ("sensing energy", sensing.energy_split_J, "J", BLUE, "energy of one sensing, per column"),
            ("sensing delay", sensing.delay_split_s, "s", GREEN, "delay of one sensing"),
        ):
            total = math.fsum(values.values())
            texts = [f"{amount(part, unit)} ({_share(part, total)})" for part in values.values()]
            bars(axes[name], [key.replace("_", " ") for key in values], list(values.values()), texts, colour)
            axes[name].set_title(f"{title}: {amount(total, unit)}")

    return drawn(PAGE_WIDTH_IN, 1.2 + 0.245 * sum(rows), draw)


def _share(part: float, total: float) -> str:
    percent = 100.0 * part / (total or 1.0)
    return "< 0.1 %" if 0.0 < percent < 0.05 else f"{percent:.1f} %"
