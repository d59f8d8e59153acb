"""The bench of a transistor-level sense amplifier: many copies that decide together in one transient.

Ideal inputs, an edge of 20 ps on ``enable``, 0.5 fF on each output, times from the middle of the edge. Each
copy has its own input and threshold shifts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit
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

FloatArray = NDArray[np.float64]
START_S, EDGE_S, LOAD_F = 20e-12, 20e-12, 0.5e-15
SMALL_V = 1e-4
"""Input difference and threshold shift small enough for the linear response."""
STEPS = 600
CELSIUS_ZERO_K = 273.15
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
    amplifier: SenseAmp,
    copies: Sequence[Copy],
    point: Point,
    stop_s: float | None = None,
    extra: Sequence[str] = (),
) -> Response:
    """Run a bench; see `bench_deck`. Without a stop time one is taken from the law of the amplifier."""
    end = decided_by_law_s(amplifier, point) if stop_s is None else stop_s
    names = [f"v(d{place})" for place in range(len(copies))]
    deck = bench_deck(amplifier, copies, point, end, extra=extra)
    found = run_ngspice(deck, timeout_s=120.0, columns=(*names, "i(vsupply)")).columns
    return Response(
        found["time"] - START_S - 0.5 * EDGE_S,
        np.array([found[name] for name in names]),
        -found["i(vsupply)"],
    )


def crossing(found: Response, row: int, level_V: float) -> float:
    """First time at which the magnitude of an output passes a level for good; NaN if it does not."""
    magnitude = np.abs(found.output_V[row])
    below = np.flatnonzero(magnitude < level_V)
    last = int(below[-1]) if below.size else 0
    if last + 1 >= magnitude.size:
        return math.nan
    low, high = np.log(magnitude[last : last + 2])
    share = (math.log(level_V) - low) / (high - low)
    return float(found.time_s[last] + share * (found.time_s[last + 1] - found.time_s[last]))


def at_level(found: Response, row: int, level_V: float) -> float:
    """Output of a copy when that of the first one passes a level [V]."""
    return float(np.interp(crossing(found, 0, level_V), found.time_s, found.output_V[row]))


def law_start_s(amplifier: SenseAmp, point: Point) -> float:
    """Intercept of the decision law at a point [s]."""
    common_mode = law_common_mode_V(amplifier, point)
    return amplifier.intercept_at_s(point.temperature_K, point.supply_V, common_mode)


def decided_by_law_s(amplifier: SenseAmp, point: Point) -> float:
    """Time of the bench by which an output has decided by the law [s]."""
    law = amplifier.decision_time_s(
        0.1 * SMALL_V, point.temperature_K, point.supply_V, law_common_mode_V(amplifier, point)
    )
    # The bench begins with a stored offset.
    cycle = amplifier.cancellation
    stored = 0.0 if cycle is None else cycle.extra_time_s - cycle.amplify_s
    return START_S + EDGE_S + 1.2 * (law - stored)


def law_common_mode_V(amplifier: SenseAmp, point: Point) -> float | None:
    """Common mode that the laws of the amplifier depend on [V]."""
    return point.common_mode_V if amplifier.topology in SYMMETRIC else None


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
