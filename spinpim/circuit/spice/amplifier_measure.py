"""What a transistor-level sense amplifier does in ngspice: offset, regeneration, decisions, energy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_bench import (
    EDGE_S,
    SMALL_V,
    START_S,
    SYMMETRIC,
    Copy,
    FloatArray,
    Point,
    at_level,
    crossing,
    decided_by_law_s,
    law_common_mode_V,
    law_start_s,
    respond,
)
from spinpim.circuit.spice.amplifier_netlists import matched_sigmas_V, transistors
from spinpim.errors import InputError

LONGEST_S = 40e-9
SAMPLES_IN_A_DECK = 50
BRACKET_V = 0.05
"""Largest systematic offset that is looked for."""


def decision_times_s(amplifier: SenseAmp, differences_V: Sequence[float], point: Point) -> FloatArray:
    """Time from enable until the outputs differ by half the supply, for each input difference [s].

    Raises
    ------
    InputError
        If an output has not decided within 40 ns.
    """
    copies = [Copy(one) for one in differences_V]
    return _until_decided(amplifier, copies, point)


def time_constant_s(amplifier: SenseAmp, point: Point) -> float:
    """Regeneration time constant: how much later a ten times smaller input decides, over ln 10 [s]."""
    centre = systematic_offset_V(amplifier, point)
    late, early = decision_times_s(amplifier, (centre + SMALL_V, centre + 10.0 * SMALL_V), point)
    return float(late - early) / math.log(10.0)


def offset_weights(amplifier: SenseAmp, point: Point) -> dict[str, float]:
    """Change of the input offset per threshold change of one transistor, by pair [1].

    From the linear response of the output early in the regeneration: that to a shift over that to an input.
    Where a pair occurs twice in the circuit, the root of the sum of squares. For the offset-cancelled one
    take `bisected_weights`.
    """
    names = [name for name, part in transistors(amplifier).items() if name.endswith("_plus") and part]
    centre = systematic_offset_V(amplifier, point)
    copies = [Copy(centre + SMALL_V), Copy(centre), *(Copy(centre, {name: SMALL_V}) for name in names)]
    found = respond(amplifier, copies, point, _decided_by(amplifier, copies[:1], point))
    output, zero, *shifted = (at_level(found, row, 0.1 * point.supply_V) for row in range(len(copies)))
    weights: dict[str, float] = {}
    for name, one in zip(names, shifted, strict=True):
        part = transistors(amplifier)[name]
        weights[part] = math.hypot(weights.get(part, 0.0), (one - zero) / (output - zero))
    return weights


def systematic_offset_V(amplifier: SenseAmp, point: Point) -> float:
    """Input offset without any mismatch [V]: gate leakage of the mirror, charge of the auto-zero switch.

    Exactly zero for the two circuits that are their own mirror image.
    """
    if amplifier.topology in SYMMETRIC:
        return 0.0
    return float(bisected_offsets_V(amplifier, [{}], point, resolution_V=1e-6)[0])


def mismatch_samples_V(amplifier: SenseAmp, samples: int, seed: int) -> list[dict[str, float]]:
    """Threshold shifts of every transistor of the matched pairs, drawn by Pelgrom's law [V]."""
    generator = np.random.default_rng(seed)
    parts = {one.name for one in amplifier.pairs}
    sigmas = {
        name: sigma
        for name, sigma in matched_sigmas_V(amplifier).items()
        if transistors(amplifier)[name] in parts
    }
    return [
        {name: float(sigma * generator.standard_normal()) for name, sigma in sigmas.items()}
        for _ in range(samples)
    ]


def offsets_V(
    amplifier: SenseAmp, samples: Sequence[Mapping[str, float]], point: Point, rounds: int = 3
) -> FloatArray:
    """Input offset of amplifiers with given threshold shifts: the input at which they are undecided [V].

    Each round takes the offset from sign and time of the decision and repeats it there, where the remaining
    difference is small. The times must follow the law, as those of the offset-cancelled one do not. The
    error is a few percent of what the last round moved it by.
    """
    inputs = np.zeros(len(samples))
    start = law_start_s(amplifier, point)
    swing = 0.5 * point.supply_V
    tau = amplifier.regeneration_time_s(
        point.temperature_K, point.supply_V, law_common_mode_V(amplifier, point)
    )
    for _ in range(rounds):
        for first in range(0, len(samples), SAMPLES_IN_A_DECK):
            chosen = slice(first, first + SAMPLES_IN_A_DECK)
            copies = [
                Copy(float(one), shift) for one, shift in zip(inputs[chosen], samples[chosen], strict=True)
            ]
            found = respond(amplifier, copies, point, 1.6 * decided_by_law_s(amplifier, point))
            times = np.array([crossing(found, row, 0.5 * point.supply_V) for row in range(len(copies))])
            signs = np.sign(found.output_V[:, -1])
            # An output that is still small after the whole time started from next to nothing.
            left = swing * np.exp(-(times - start) / tau)
            inputs[chosen] -= signs * np.where(np.isfinite(left), left, 0.0)
    return inputs


def bisected_offsets_V(
    amplifier: SenseAmp,
    samples: Sequence[Mapping[str, float]],
    point: Point,
    *,
    centre_V: float = 0.0,
    half_width_V: float = BRACKET_V,
    resolution_V: float = 0.02e-3,
) -> FloatArray:
    """Input offset of amplifiers with given threshold shifts by halving an interval [V].

    For circuits whose decision time does not tell the distance from the offset. An offset outside the
    interval comes out as its nearest end.
    """
    low = np.full(len(samples), centre_V - half_width_V)
    high = np.full(len(samples), centre_V + half_width_V)
    while high[0] - low[0] > resolution_V:
        middle = 0.5 * (low + high)
        copies = [Copy(float(one), shift) for one, shift in zip(middle, samples, strict=True)]
        above = respond(amplifier, copies, point).output_V[:, -1] > 0.0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(0.5 * (low + high))


def offset_sigma_by_samples_V(amplifier: SenseAmp, point: Point, samples: int, seed: int) -> float:
    """Standard deviation of the offset over mismatch samples; relative error 1/sqrt(2 samples) [V]."""
    drawn = mismatch_samples_V(amplifier, samples, seed)
    return float(np.sqrt(np.mean(offsets_V(amplifier, drawn, point) ** 2)))


def energy_J(amplifier: SenseAmp, point: Point, difference_V: float = 20e-3) -> float:
    """Energy from the supply of one decision, its leakage before enable taken out [J]."""
    found = respond(amplifier, [Copy(difference_V)], point)
    before = found.time_s < -0.5 * EDGE_S
    idle = float(np.mean(found.supply_A[before]))
    drawn = np.trapezoid(found.supply_A - idle, found.time_s)
    return float(drawn) * point.supply_V


def _until_decided(amplifier: SenseAmp, copies: Sequence[Copy], point: Point) -> FloatArray:
    stop = decided_by_law_s(amplifier, point)
    while stop < LONGEST_S:
        found = respond(amplifier, copies, point, stop)
        times = np.array([crossing(found, row, 0.5 * point.supply_V) for row in range(len(copies))])
        if np.all(np.isfinite(times)):
            return times
        stop *= 2.0
    raise InputError(
        f"Amplifier {amplifier.name} has not decided within {1e9 * LONGEST_S:g} ns at {point.supply_V:g} V "
        f"and a common mode of {point.common_mode_V:g} V. Choose inputs within its range."
    )


def _decided_by(amplifier: SenseAmp, copies: Sequence[Copy], point: Point) -> float:
    return START_S + EDGE_S + float(np.max(_until_decided(amplifier, copies, point)))


def bisected_weights(
    amplifier: SenseAmp, point: Point, parts: Sequence[str], shift_V: float = 0.02
) -> dict[str, float]:
    """Weights of pairs as in `offset_weights`, from the offsets that threshold shifts leave [1].

    Half the difference of a shift of one and of the other transistor of each pair, so that what both do alike
    drops out.
    """
    centre = systematic_offset_V(amplifier, point)
    places = transistors(amplifier)
    names = [name for name in places if places[name] in parts and name.endswith(("_plus", "_minus"))]
    found = bisected_offsets_V(
        amplifier, [{name: shift_V} for name in names], point, centre_V=centre, half_width_V=0.15 * shift_V
    )
    offsets = dict(zip(names, found, strict=True))
    weights: dict[str, float] = {}
    for name in names:
        if name.endswith("_plus"):
            one = 0.5 * (offsets[name] - offsets[name.removesuffix("_plus") + "_minus"]) / shift_V
            weights[places[name]] = math.hypot(weights.get(places[name], 0.0), one)
    return weights
