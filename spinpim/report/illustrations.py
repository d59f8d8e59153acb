"""The figures with what must be said about each: model, trials, intervals, limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spinpim.device.failure.fokker_planck import FOKKER_PLANCK
from spinpim.device.failure.splitting import SPLITTING
from spinpim.estimate import COUNTING
from spinpim.report import plots
from spinpim.report.main_table import error_basis, error_rate, mean_accuracy
from spinpim.report.markup import amount, probability

if TYPE_CHECKING:
    from spinpim.device import Device
    from spinpim.study.chain import ChainResult


@dataclass(frozen=True, slots=True)
class Illustration:
    """A figure with its words.

    Attributes
    ----------
    svg : str
        The picture.
    title, caption : str
        What it shows; what it rests on and how far it can be trusted.
    alternative : str
        What it shows, for those who cannot see it.
    """

    svg: str
    title: str
    caption: str
    alternative: str


_ERROR_METHODS = {
    COUNTING: "Counting sees no rate below a few over its trials.",
    SPLITTING: "Splitting multiplies the trials that head for failure and divides their weight by as much; "
    "no law of the rate is assumed.",
    FOKKER_PLANCK: "The probability density of the same equation is solved for; its bounds are those of the "
    "grid and the steps.",
}


def illustrations(result: ChainResult) -> tuple[Illustration, ...]:
    """Draw all figures of a result, in the order of the report."""
    makers = (_trajectories, _switching, _levels, _errors, _accuracy, _cost)
    return tuple(make(result) for make in makers)


def _trajectories(result: ChainResult) -> Illustration:
    device = result.device
    trials = min(motion.magnetisation.shape[0] for motion in result.trajectories.values())
    return Illustration(
        plots.write_trajectories(device, result.trajectories),
        "The write, trial by trial.",
        f"Magnetisation along the easy axis {device.easy_axis} of {trials} trials in each direction, with "
        f"the channel current and the junction voltage below. Stochastic Landau-Lifshitz-Gilbert equation "
        f"of one macrospin at {device.temperature_K:g} K, started in thermal equilibrium; "
        f"{_heat(device)}. A macrospin has one domain: it is optimistic about the barrier, and blind to "
        f"nucleation, in junctions wider than a few domain walls.",
        f"Time traces of {trials} thermal trials of the write in each direction, with their median and the "
        f"drive.",
    )


def _heat(device: Device) -> str:
    if device.warming is None:
        return "it stays at this temperature, as the file gives no thermal path"
    follows = "do not follow" if device.curie_temperature_K is None else "follow"
    return f"the currents warm it, and magnetisation and anisotropy {follows} the temperature"


def _switching(result: ChainResult) -> Illustration:
    table, error = result.table, result.write_error
    widths = ", ".join(amount(float(width), "s") for width in table.width_s)
    return Illustration(
        plots.switching_probability(table, result.device, error),
        "Switching probability.",
        f"Share of trials that end {table.to}, for flat tops of {widths} and otherwise as in the write "
        f"pulse; {int(table.trials.min()):,} trials at each point, bars are 95 % Clopper-Pearson intervals. "
        f"A point at 0 or 1 is a bound, not a certainty. The ring marks the write pulse: error rate "
        f"{error_rate(error)} ({error_basis(error)}, both directions); nothing is extrapolated from the "
        f"curve. {_ERROR_METHODS[error.method]}",
        f"Probability of switching against channel current for widths of {widths}; the write point is "
        f"marked.",
    )


def _levels(result: ChainResult) -> Illustration:
    chosen, minimum = result.chosen.sensing, result.minimum.sensing
    offsets = [amount(one.offset_sigma_V[plots.nearest_pattern(one)], "V") for one in (chosen, minimum)]
    clamped = (
        " With a current-sensing amplifier the voltage is that of the clamp's load."
        if "current" in (chosen.mode, minimum.mode)
        else ""
    )
    return Illustration(
        plots.sense_levels(result.chosen, result.minimum),
        "Sense levels of the two-row AND.",
        f"Densities of the three levels over the spread of resistance, magnetoresistance and access "
        f"transistor; bands of ±{plots.SPREAD_SIGMAS:g} standard deviations of the reference with the drive "
        f"of the column, and of the amplifier offset (one is {offsets[0]} with the chosen and {offsets[1]} "
        f"with the minimum amplifier) around the mean reference. Spreads are Gaussian and propagated "
        f"linearly; access transistor, channel and bias dependence are in the levels.{clamped}",
        "Bell curves of the three sensed voltages, with the bands of reference and offset, for two "
        "amplifiers.",
    )


def _errors(result: ChainResult) -> Illustration:
    chosen = result.chosen.sensing
    worst = probability(max(chosen.error_static.values()))
    return Illustration(
        plots.sensing_errors(result.chosen, result.minimum),
        "Sensing error by data pattern.",
        f"Left: probability, over cells and columns, that a pair reads wrongly at every access. Right: "
        f"probability per access that noise turns the answer. The two are never added. Computed by "
        f"quadrature over Gaussian variables, without sampling (largest static error with the chosen "
        f"amplifier {worst}). For the shipped design the static error is within a factor of 2 of the full "
        f"circuit at 10⁻¹⁰; smaller values only say that the error is small. Left out: flicker and "
        f"telegraph noise, supply noise, strobe jitter, coupling between bit lines, leakage of other cells. "
        f"Open triangles lie below the floor of the axis.",
        "Static and temporal error for the four data patterns on a logarithmic axis, for two amplifiers.",
    )


def _accuracy(result: ChainResult) -> Illustration:
    chosen, minimum, dataset = result.chosen.run, result.minimum.run, result.dataset
    chips = "chip" if chosen.chips == 1 else "chips"
    bound = " (the upper bound, as no failure was seen)" if result.write_error.is_upper_bound else ""
    writers = (
        " The digits of the test part were written by the same people as those of the training part, so that "
        "the accuracy says nothing about unknown writers."
        if dataset.name == "digits"
        else ""
    )
    left_out = (
        "Read disturb and undecided answers are"
        if result.settings.images_before is None
        else "Weight digits that reads flip stay so. Undecided answers are"
    )
    return Illustration(
        plots.chip_accuracy(result.chosen, result.minimum),
        "Accuracy of the ideal machine and of chips with errors.",
        f"{dataset.name}, {chosen.images:,} test images, {chosen.chips} {chips} drawn with the seed; each "
        f"keeps its static faults for all images, and noise is new at each access. Writes fail at a rate of "
        f"{probability(result.write_error.conservative)}{bound}. Ideal {100 * chosen.ideal_accuracy:.2f} %, "
        f"chosen amplifier {mean_accuracy(chosen)}, minimum amplifier {mean_accuracy(minimum)}. The grey "
        f"band is for other images; it does not apply to the difference between chips, which see the same "
        f"ones. {left_out} not executed.{writers} These are errors of the "
        f"modelled design, not of a measured chip.",
        "Test accuracy of each chip as a dot, for two amplifiers, beside the ideal accuracy.",
    )


def _cost(result: ChainResult) -> Illustration:
    cost = result.cost
    largest = max(cost.energy_breakdown_J.items(), key=lambda item: item[1])
    share = 100.0 * largest[1] / cost.energy_per_image_J
    return Illustration(
        plots.cost_breakdown(cost, result.chosen.sensing),
        "Where energy, time and area go.",
        f"One image with the chosen amplifier; {largest[0]} takes {share:.0f} % of the energy. Wires and "
        f"gates to first order (logical effort, distributed RC, C V² per swing), no layout: good for shares "
        f"and trends, not for a data sheet. Energies are drawn from the supply. Layers follow each other; "
        f"loading the weights is not included.",
        "Bars of energy and area by component, latency by layer, and the parts of one sensing.",
    )
