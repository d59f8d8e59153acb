"""What was run and the main figures, in one table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from spinpim.device import retention_s
from spinpim.device.failure.fokker_planck import FOKKER_PLANCK
from spinpim.device.failure.splitting import SPLITTING
from spinpim.report.check import engineering
from spinpim.report.chip_counts import chip_rows
from spinpim.report.markup import Markup, amount, element, probability

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spinpim.array import Run
    from spinpim.estimate import Estimate
    from spinpim.study.chain import ChainResult

Row = tuple[str, ...]
"""Name, value, and how it was obtained; or name, both amplifiers' values, and how they were obtained."""


def main_table(result: ChainResult) -> Markup:
    """Write the table of what was run and what came out."""
    groups: tuple[tuple[str, Iterator[Row]], ...] = (
        ("What was run", _what(result)),
        ("Device", _device(result)),
        ("Write", _write(result)),
        ("Two-row AND", _sensing(result)),
        ("Accuracy", _accuracy(result)),
        ("Faults and protection", chip_rows(result)),
        ("Cost", _cost(result)),
    )
    headings = ("figure", "chosen amplifier", "minimum amplifier", "how it was obtained")
    head = element("tr", *(element("th", heading, scope="col") for heading in headings))
    bodies = (
        element(
            "tbody",
            element("tr", element("th", name, class_="group", colspan="4", scope="rowgroup")),
            *(_row(row) for row in rows),
        )
        for name, given in groups
        if (rows := tuple(given))
    )
    caption = element(
        "caption",
        "What was run and what came out. A value across both columns does not depend on the amplifier, or "
        "is for the chosen one.",
    )
    whole = element("table", caption, element("thead", head), *bodies, class_="figures")
    return element("div", whole, class_="scroll")


def _row(row: Row) -> Markup:
    name, *values, how = row
    cells = (
        [element("td", values[0], colspan="2")]
        if len(values) == 1
        else [element("td", value) for value in values]
    )
    return element("tr", element("th", name, scope="row"), *cells, element("td", how))


def _what(result: ChainResult) -> Iterator[Row]:
    network, dataset = result.network, result.dataset
    yield "device", result.device.name, result.device.title
    yield "cell", result.cell.name, result.cell.title
    yield "chosen amplifier", result.chosen.amplifier.name, result.chosen.amplifier.title
    yield "minimum amplifier", result.minimum.amplifier.name, result.minimum.amplifier.title
    array = result.chosen.array
    yield "sub-array", f"{array.rows} rows × {array.columns} columns", array.technology.title
    bits = f"W{network.weight_bits}:A{network.activation_bits}"
    yield "network", f"{network.name}, {bits}", network.title
    operations = f"{network.macs_per_image:,} MAC, {network.and_operations_per_image:,} AND"
    yield "operations per image", operations, "an AND is of one weight digit with one activation digit"
    spread = "" if result.settings.images is None else "spread evenly over the "
    part = f"{spread}{dataset.split} part"
    yield "data", f"{dataset.name}, {len(dataset.labels):,} images", part


def _device(result: ChainResult) -> Iterator[Row]:
    device = result.device
    resistances = f"{amount(device.resistance_p_ohm, 'ohm')} / {amount(device.resistance_ap_ohm, 'ohm')}"
    stability = f"macrospin barrier without field over kT at {device.temperature_K:g} K"
    yield "thermal stability", f"{device.thermal_stability:.1f}", stability
    kept = engineering(retention_s(device), "s")
    yield (
        "retention of one bit",
        kept,
        "mean life of the weaker state of the nominal junction, field included",
    )
    yield "resistance, P / AP", resistances, "at zero bias"
    yield (
        "anisotropy field",
        amount(device.anisotropy_field_T, "T"),
        "effective, as a flux density; from the numbers of the file",
    )


def _write(result: ChainResult) -> Iterator[Row]:
    write, error, energy = result.device.write, result.write_error, result.write_energy
    pulse = f"{amount(write.sot_current_A, 'A')} for {amount(write.width_s, 's')}"
    assist = f"channel current, flat top; junction at {amount(write.mtj_voltage_V, 'V')}"
    if write.mtj_voltage_V:
        assist += f", {amount(write.mtj_extra_time_s, 's')} longer"
    yield "write pulse", pulse, assist
    yield "write error rate", error_rate(error), f"{error_basis(error)}; of the nominal junction, no spread"
    yield "write energy, channel", amount(energy.channel_J, "J"), "I²R, mean of both directions"
    yield (
        "write energy, junction",
        amount(energy.junction_J, "J"),
        "V²/R of the assist, mean of both directions",
    )
    yield "write energy, supply", amount(energy.supply_J, "J"), "lines, transistors and assist included"


def error_rate(error: Estimate) -> str:
    """Write an error rate; without any failure only its upper bound."""
    if error.is_upper_bound:
        return f"below {probability(max(error.high, sys.float_info.min))}"
    return probability(error.value)


def error_basis(error: Estimate) -> str:
    """Write how an error rate was obtained, with its interval."""
    ends = f"{probability(error.low)} to {probability(error.high)}"
    if error.method == FOKKER_PLANCK:
        bound = "below the range of a double" if error.is_upper_bound else f"numerical bounds {ends}"
        return f"{bound}, Fokker-Planck equation, nothing drawn"
    coverage = f"{100.0 * error.confidence:g} %"
    drawn = "particles" if error.method == SPLITTING else "trials"
    interval = (
        f"no failure seen: {coverage} upper bound" if error.is_upper_bound else f"{coverage} interval {ends}"
    )
    return f"{interval}, {error.method} over {error.trials:,} {drawn}"


def _sensing(result: ChainResult) -> Iterator[Row]:
    both = (result.chosen.sensing, result.minimum.sensing)
    yield (
        "margin",
        *(amount(one.margin_V, "V") for one in both),
        "smallest distance of a mean level to the reference",
    )
    how = "largest over patterns, per pair of cells, for good"
    yield "static error", *(probability(max(one.error_static.values())) for one in both), how
    how = "largest over patterns, per access, by noise"
    yield "temporal error", *(probability(max(one.error_temporal.values())) for one in both), how
    how = "largest over patterns, per access, amplifier out of time; not executed"
    yield "undecided", *(probability(max(one.undecided.values())) for one in both), how
    executed = "not executed" if result.settings.images_before is None else "executed on weight cells"
    how = f"per access, worst cell of the worst pattern; {executed}"
    yield "read disturb", *(probability(one.read_disturb_probability) for one in both), how
    yield "delay", *(amount(one.delay_s, "s") for one in both), "access, settling and decision"
    yield "energy", *(amount(one.energy_J, "J") for one in both), "per column, mean over patterns"


def _accuracy(result: ChainResult) -> Iterator[Row]:
    chosen, minimum = result.chosen.run, result.minimum.run
    ideal = chosen.ideal_accuracy_estimate()
    how = f"no errors; 95 % interval over images {100 * ideal.low:.2f} to {100 * ideal.high:.2f} %"
    yield "ideal", f"{100 * ideal.value:.2f} %", how
    how = "one chip" if chosen.chips == 1 else f"mean of {chosen.chips} chips and their standard deviation"
    yield "faulty chips", mean_accuracy(chosen), mean_accuracy(minimum), how
    how = "lowest and highest chip"
    yield (
        "range",
        *(f"{100 * r.accuracy.min():.2f} to {100 * r.accuracy.max():.2f} %" for r in (chosen, minimum)),
        how,
    )
    how = "images classified otherwise than by the ideal machine, mean"
    yield "changed answers", *(f"{100 * r.changed.mean():.2f} %" for r in (chosen, minimum)), how


def mean_accuracy(run: Run) -> str:
    """Write mean and sample standard deviation over chips, in per cent."""
    mean = f"{100 * run.accuracy.mean():.2f}"
    return f"{mean} ± {100 * run.accuracy.std(ddof=1):.2f} %" if run.chips > 1 else f"{mean} %"


def _cost(result: ChainResult) -> Iterator[Row]:
    cost = result.cost
    how = f"{amount(cost.energy_per_and_J, 'J')} per sensed pair, everything included"
    yield "energy per image", amount(cost.energy_per_image_J, "J"), how
    how = f"layer after layer; {amount(cost.interval_per_image_s, 's')} between images when layers overlap"
    yield "latency per image", amount(cost.latency_per_image_s, "s"), how
    yield "area", amount(cost.area_m2, "m²"), "all layers resident at once"
    how = f"once, in {amount(cost.weight_load_time_s, 's')}; not part of the energy per image"
    yield "loading the weights", amount(cost.weight_load_energy_J, "J"), how
