"""Input noise of a transistor-level amplifier out of the thermal noise of its channels, in ngspice."""

from __future__ import annotations

import math

import numpy as np

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_bench import (
    EDGE_S,
    SMALL_V,
    START_S,
    STEPS,
    SYMMETRIC,
    Copy,
    FloatArray,
    Point,
    at_level,
    bench_deck,
    respond,
)
from spinpim.circuit.spice.amplifier_measure import (
    decision_times_s,
)
from spinpim.circuit.spice.amplifier_netlists import channels
from spinpim.circuit.spice.deck import element, piecewise_linear
from spinpim.circuit.spice.ngspice import run_ngspice
from spinpim.constants import BOLTZMANN
from spinpim.errors import InputError

CHARGE_C = 2e-20
"""Small enough for the linear response at area scale 1; it grows with the area."""
TIMES = 24


def input_noise_V(amplifier: SenseAmp, point: Point, *, excess: float = 1.0) -> float:
    r"""Input noise of one decision by the thermal noise of all channels.

    .. math::

        \sigma^2 = \sum_i \int h_i(t)^2\, \tfrac12 S_i(t)\, dt, \qquad
        S_i = 4 k_B T \gamma (g_m + g_{ds} + g_{mb})

    with h_i(t) the input difference that has the effect of one coulomb moved through the channel of
    transistor i at time t: the decision is linear in small disturbances, but changes with time. Both h and
    the conductances are simulated.

    Parameters
    ----------
    amplifier : SenseAmp
        One that is its own mirror image: "strongarm" or "latch".
    point : Point
        Common mode, supply, temperature.
    excess : float
        Gamma [1]: 2/3 of a long saturated channel, 1 of one without voltage, above 1 of a short one.

    Returns
    -------
    float
        Standard deviation [V].

    Raises
    ------
    InputError
        If the amplifier is not its own mirror image.

    Notes
    -----
    Without flicker noise, which is slower than a decision and adds to the offset.
    """
    if amplifier.topology not in SYMMETRIC:
        raise InputError(
            f"The input noise of a {amplifier.topology} amplifier is not simulated; choose a strongarm or a "
            "latch."
        )
    end = START_S + 0.5 * EDGE_S + float(decision_times_s(amplifier, (SMALL_V,), point)[0])
    times = np.linspace(START_S - 0.5 * EDGE_S, end, TIMES)
    variance = 0.0
    for name, (drain, source) in channels(amplifier).items():
        if name.endswith("_plus"):
            shift = _responses_V(amplifier, point, (drain, source), times)
            conductance = _conductance_S(amplifier, point, name, times)
            density = 2.0 * BOLTZMANN * point.temperature_K * excess * conductance
            # The other one of the pair does as much.
            variance += 2.0 * float(np.trapezoid(shift**2 * density, times))
    return math.sqrt(variance)


def _responses_V(
    amplifier: SenseAmp, point: Point, channel: tuple[str, str], times: FloatArray
) -> FloatArray:
    """Input difference per charge through a channel at each time [V/C]."""
    charge = CHARGE_C * amplifier.area_scale
    copies = [Copy(SMALL_V), Copy(0.0), *(Copy(0.0) for _ in times)]
    stop = START_S + EDGE_S + float(decision_times_s(amplifier, (SMALL_V,), point)[0])
    width = 2.0 * stop / STEPS
    extra = []
    for place, time in enumerate(times):
        pulse = ((0.0, 0.0), (time - width, 0.0), (time, charge / width), (time + width, 0.0))
        nodes = tuple(_outside(node, place + 2) for node in channel)
        extra.append(element(f"inoise{place}", nodes, piecewise_linear(pulse)))
    found = respond(amplifier, copies, point, stop, extra)
    gained, zero, *moved = (at_level(found, row, 0.1 * point.supply_V) for row in range(len(copies)))
    return SMALL_V * (np.array(moved) - zero) / (gained - zero) / charge


def _outside(node: str, copy: int) -> str:
    """Name that a node of a copy of the amplifier has in the bench."""
    ports = {"0": "0", "vdd": "vdd", "enable": "en"}
    ports |= {"plus": f"p{copy}", "minus": f"m{copy}", "out_plus": f"op{copy}", "out_minus": f"om{copy}"}
    return ports.get(node, f"x{copy}.{node}")


def _conductance_S(amplifier: SenseAmp, point: Point, name: str, times: FloatArray) -> FloatArray:
    """Sum of the conductances of a channel along a balanced decision [S]."""
    vectors = tuple(f"@m.x0.m{name}[{key}]" for key in ("gm", "gds", "gmbs"))
    deck = bench_deck(
        amplifier, [Copy(0.0)], point, float(times[-1]) + EDGE_S, extra=(".save all " + " ".join(vectors),)
    )
    found = run_ngspice(deck, columns=vectors).columns
    total = sum(np.abs(found[vector]) for vector in vectors)
    return np.asarray(np.interp(times, found["time"], total))
