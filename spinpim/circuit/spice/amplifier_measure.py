"""What a transistor-level sense amplifier does in ngspice: offset weights, regeneration, decisions, energy.

The bench: ideal inputs, an edge of 20 ps on ``enable``, 0.5 fF on each output, times from the middle of the
edge. Many copies of the amplifier, each with its own input and threshold shifts, run in one transient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit, matched_sigmas_V, transistors
from spinpim.circuit.spice.cards import find_cards
from spinpim.circuit.spice.deck import (
    TRANSISTOR_TOLERANCES,
    Deck,
    element,
    include,
    number,
    options,
    piecewise_linear,
)
from spinpim.circuit.spice.ngspice import run_ngspice
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
START_S, EDGE_S, LOAD_F = 20e-12, 20e-12, 0.5e-15
SMALL_V = 1e-4
"""Input difference and threshold shift small enough for the linear response."""
STEPS = 600
LONGEST_S = 40e-9
CELSIUS_ZERO_K = 273.15
SAMPLES_IN_A_DECK = 50
BRACKET_V = 0.05
SYMMETRIC = ("strongarm", "latch")


class Point(NamedTuple):
    """Where an amplifier is measured: mean of its inputs and supply [V], temperature [K].

    For a current mirror the mean of the inputs has no meaning: its lines draw the nominal current.
    """

    common_mode_V: float
    supply_V: float = 1.0
    temperature_K: float = 300.15


class Copy(NamedTuple):
    """One copy of the amplifier in a bench: its input difference [V] and threshold shifts [V]."""

    difference_V: float
    shifts_V: Mapping[str, float] = {}


class Response(NamedTuple):
    """Time [s], output difference of every copy [V], shape (copies, times), and supply current [A]."""

    time_s: FloatArray
    output_V: FloatArray
    supply_A: FloatArray


def bench_deck(
    amplifier: SenseAmp,
    copies: Sequence[Copy],
    point: Point,
    stop_s: float,
    source_ohm: float = 0.0,
    extra: Sequence[str] = (),
) -> Deck:
    """Deck with copies of an amplifier that decide together.

    Parameters
    ----------
    amplifier : SenseAmp
        The circuit and its sizes.
    copies : sequence of Copy
        Inputs and shifts. For a current mirror a difference means that of the currents times the
        transresistance.
    point : Point
        Common mode, supply, temperature.
    stop_s : float
        End of the transient [s].
    source_ohm : float
        Resistance of what drives each input [ohm]; its voltage is that of the input.
    extra : sequence of str
        Further lines.

    Returns
    -------
    Deck
        The copies are ``x0, x1, ...``, their output differences ``v(d0), v(d1), ...``.
    """
    cards = find_cards()
    lines = [include(cards.path(model)) for model in ("NMOS_VTG", "PMOS_VTG")]
    lines += [f".temp {number(point.temperature_K - CELSIUS_ZERO_K)}", options(TRANSISTOR_TOLERANCES)]
    lines.append(element("vsupply", ("vdd", "0"), number(point.supply_V)))
    edge = ((0.0, 0.0), (START_S, 0.0), (START_S + EDGE_S, point.supply_V))
    lines.append(element("venable", ("en", "0"), piecewise_linear(edge)))
    for place, copy in enumerate(copies):
        lines += amplifier_subcircuit(amplifier, copy.shifts_V, name=f"amplifier{place}")
        for side, sign in (("p", 0.5), ("m", -0.5)):
            lines += _input(amplifier, f"{side}{place}", sign * copy.difference_V, point, source_ohm)
        nodes = f"p{place} m{place} en op{place} om{place} vdd"
        lines += [
            f"x{place} {nodes} amplifier{place}",
            element(f"cp{place}", (f"op{place}", "0"), number(LOAD_F)),
            element(f"cm{place}", (f"om{place}", "0"), number(LOAD_F)),
            f"ed{place} d{place} 0 op{place} om{place} 1.0",
        ]
    # Times are relative to the edge; the longest step keeps the regeneration resolved.
    step = number(stop_s / STEPS)
    return Deck(f"{amplifier.topology} bench", (*lines, *extra, f".tran {step} {number(stop_s)} 0 {step}"))


def respond(
    amplifier: SenseAmp, copies: Sequence[Copy], point: Point, stop_s: float | None = None
) -> Response:
    """Run a bench; see `bench_deck`. Without a stop time one is taken from the law of the amplifier."""
    end = _stop_s(amplifier, point) if stop_s is None else stop_s
    names = [f"v(d{place})" for place in range(len(copies))]
    deck = bench_deck(amplifier, copies, point, end)
    found = run_ngspice(deck, timeout_s=120.0, columns=(*names, "i(vsupply)")).columns
    return Response(
        found["time"] - START_S - 0.5 * EDGE_S,
        np.array([found[name] for name in names]),
        -found["i(vsupply)"],
    )


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
    Where a pair occurs twice in the circuit, the root of the sum of squares.
    """
    names = [name for name, part in transistors(amplifier).items() if name.endswith("_plus") and part]
    centre = systematic_offset_V(amplifier, point)
    copies = [Copy(centre + SMALL_V), Copy(centre), *(Copy(centre, {name: SMALL_V}) for name in names)]
    found = respond(amplifier, copies, point, _decided_by(amplifier, copies[:1], point))
    output, zero, *shifted = (_at_level(found, row, 0.1 * point.supply_V) for row in range(len(copies)))
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

    Decision times must follow the law: not those of the offset-cancelled one. Each round takes the offset from sign and time of the decision and repeats it there, where the remaining
    difference is small. The error is a few percent of what the last round moved it by.
    """
    inputs = np.zeros(len(samples))
    start = law_start_s(amplifier, point)
    swing = 0.5 * point.supply_V
    tau = amplifier.regeneration_time_s(
        point.temperature_K, point.supply_V, _law_common_mode_V(amplifier, point)
    )
    for _ in range(rounds):
        for first in range(0, len(samples), SAMPLES_IN_A_DECK):
            chosen = slice(first, first + SAMPLES_IN_A_DECK)
            copies = [
                Copy(float(one), shift) for one, shift in zip(inputs[chosen], samples[chosen], strict=True)
            ]
            found = respond(amplifier, copies, point, 1.6 * _stop_s(amplifier, point))
            times = np.array([_crossing(found, row, 0.5 * point.supply_V) for row in range(len(copies))])
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
    return 0.5 * (low + high)


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


def _input(amplifier: SenseAmp, node: str, difference_V: float, point: Point, source_ohm: float) -> list[str]:
    if amplifier.topology == "current_mirror" and amplifier.clamp is not None:
        clamp = amplifier.clamp
        current = clamp.nominal_current_A - difference_V / clamp.transresistance_ohm
        return [element(f"i{node}", (node, "0"), number(current))]
    voltage = number(point.common_mode_V + difference_V)
    if not source_ohm:
        return [element(f"v{node}", (node, "0"), voltage)]
    return [
        element(f"v{node}", (f"s{node}", "0"), voltage),
        element(f"r{node}", (f"s{node}", node), number(source_ohm)),
    ]


def law_start_s(amplifier: SenseAmp, point: Point) -> float:
    """Intercept of the decision law at a point [s]."""
    common_mode = _law_common_mode_V(amplifier, point)
    return amplifier.intercept_at_s(point.temperature_K, point.supply_V, common_mode)


def _stop_s(amplifier: SenseAmp, point: Point) -> float:
    law = amplifier.decision_time_s(
        0.1 * SMALL_V, point.temperature_K, point.supply_V, _law_common_mode_V(amplifier, point)
    )
    # The bench begins with a stored offset.
    cycle = amplifier.cancellation
    stored = 0.0 if cycle is None else cycle.extra_time_s - cycle.amplify_s
    return START_S + EDGE_S + 1.2 * (law - stored)


def _law_common_mode_V(amplifier: SenseAmp, point: Point) -> float | None:
    return point.common_mode_V if amplifier.topology in SYMMETRIC else None


def _until_decided(amplifier: SenseAmp, copies: Sequence[Copy], point: Point) -> FloatArray:
    stop = _stop_s(amplifier, point)
    while stop < LONGEST_S:
        found = respond(amplifier, copies, point, stop)
        times = np.array([_crossing(found, row, 0.5 * point.supply_V) for row in range(len(copies))])
        if np.all(np.isfinite(times)):
            return times
        stop *= 2.0
    raise InputError(
        f"Amplifier {amplifier.name} has not decided within {1e9 * LONGEST_S:g} ns at {point.supply_V:g} V "
        f"and a common mode of {point.common_mode_V:g} V. Choose inputs within its range."
    )


def _decided_by(amplifier: SenseAmp, copies: Sequence[Copy], point: Point) -> float:
    return START_S + EDGE_S + float(np.max(_until_decided(amplifier, copies, point)))


def _crossing(found: Response, row: int, level_V: float) -> float:
    """First time at which the magnitude of an output passes a level for good; NaN if it does not."""
    magnitude = np.abs(found.output_V[row])
    below = np.flatnonzero(magnitude < level_V)
    last = int(below[-1]) if below.size else 0
    if last + 1 >= magnitude.size:
        return math.nan
    low, high = np.log(magnitude[last : last + 2])
    share = (math.log(level_V) - low) / (high - low)
    return float(found.time_s[last] + share * (found.time_s[last + 1] - found.time_s[last]))


def _at_level(found: Response, row: int, level_V: float) -> float:
    """Output of a copy when that of the first one passes a level [V]."""
    return float(np.interp(_crossing(found, 0, level_V), found.time_s, found.output_V[row]))
