"""Sense amplifiers as transistors: one SPICE subcircuit for each topology.

All have the nodes ``plus minus enable out_plus out_minus vdd`` and ground 0. A rising ``enable`` starts the
decision, and ``out_plus`` goes high where the plus input is the higher one; the inputs of the current mirror
are the two held lines, of which the one with the smaller current counts as the higher. The complement of the
clock and the delayed clock of the offset-cancelled amplifier are ideal: clock drivers are not part of an
amplifier.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.deck import element, number
from spinpim.circuit.transistor import threshold_sigma_V
from spinpim.errors import InputError

DELAY_OHM, SQUARED_V = 1e5, 0.01
NODES = ("plus", "minus", "enable", "out_plus", "out_minus", "vdd")


class Place(NamedTuple):
    """A transistor of a netlist: its name, the pair or single device it is one of, polarity and nodes."""

    name: str
    part: str
    polarity: str
    drain: str
    gate: str
    source: str


STRONGARM = (
    Place("tail", "tail", "p", "top", "bar", "vdd"),
    Place("input_plus", "input_pair", "p", "inner_minus", "plus", "top"),
    Place("input_minus", "input_pair", "p", "inner_plus", "minus", "top"),
    Place("cross_p_plus", "cross_coupled_p", "p", "out_plus", "out_minus", "inner_plus"),
    Place("cross_p_minus", "cross_coupled_p", "p", "out_minus", "out_plus", "inner_minus"),
    Place("cross_n_plus", "cross_coupled_n", "n", "out_plus", "out_minus", "0"),
    Place("cross_n_minus", "cross_coupled_n", "n", "out_minus", "out_plus", "0"),
    Place("reset_plus", "reset_pair", "n", "out_plus", "bar", "0"),
    Place("reset_minus", "reset_pair", "n", "out_minus", "bar", "0"),
    Place("inner_reset_plus", "reset_pair", "n", "inner_plus", "bar", "0"),
    Place("inner_reset_minus", "reset_pair", "n", "inner_minus", "bar", "0"),
)
LATCH = (
    Place("cross_p_plus", "cross_coupled_p", "p", "out_plus", "out_minus", "vdd"),
    Place("cross_p_minus", "cross_coupled_p", "p", "out_minus", "out_plus", "vdd"),
    Place("cross_n_plus", "cross_coupled_n", "n", "out_plus", "out_minus", "foot"),
    Place("cross_n_minus", "cross_coupled_n", "n", "out_minus", "out_plus", "foot"),
    Place("pass_plus", "pass_pair", "p", "plus", "enable", "out_plus"),
    Place("pass_minus", "pass_pair", "p", "minus", "enable", "out_minus"),
    Place("tail", "tail", "n", "foot", "enable", "0"),
)
MIRROR = (
    Place("clamp_plus", "clamp_pair", "n", "node_plus", "bias", "plus"),
    Place("clamp_minus", "clamp_pair", "n", "node_minus", "bias", "minus"),
    Place("mirror_plus", "mirror_pair", "p", "node_plus", "node_minus", "vdd"),
    Place("mirror_minus", "mirror_pair", "p", "node_minus", "node_minus", "vdd"),
    Place("equaliser", "equaliser", "n", "node_plus", "vdd", "node_minus"),
)
AUTO_ZERO = (
    Place("line_switch", "switch", "n", "plus", "enable", "left"),
    Place("reference_switch", "switch", "n", "minus", "bar", "left"),
    Place("zero_switch", "switch", "n", "gate", "bar", "node_plus"),
    Place("replica_switch", "switch", "n", "replica", "vdd", "node_minus"),
    Place("inverter_n_plus", "inverter_n", "n", "node_plus", "gate", "0"),
    Place("inverter_p_plus", "inverter_p", "p", "node_plus", "gate", "vdd"),
    Place("inverter_n_minus", "inverter_n", "n", "node_minus", "replica", "0"),
    Place("inverter_p_minus", "inverter_p", "p", "node_minus", "replica", "vdd"),
)


def amplifier_subcircuit(
    amplifier: SenseAmp, threshold_shifts_V: Mapping[str, float] | None = None, *, name: str = ""
) -> list[str]:
    """Write an amplifier as a SPICE subcircuit.

    Parameters
    ----------
    amplifier : SenseAmp
        Its topology says which circuit, its sizes times the area scale are the drawn ones.
    threshold_shifts_V : mapping of str to float, optional
        Rise of the threshold magnitude of single transistors [V], by the names that `transistors` gives.
    name : str
        Name of the subcircuit; its topology by default.

    Returns
    -------
    list of str
        From ``.subckt`` to ``.ends``; the models NMOS_VTG and PMOS_VTG are expected in the deck.

    Raises
    ------
    InputError
        If a shift names no transistor of the circuit.

    Examples
    --------
    >>> lines = amplifier_subcircuit(SenseAmp.load("strongarm_minimum_45nm"))
    >>> lines[0]
    '.subckt strongarm plus minus enable out_plus out_minus vdd'
    >>> len([line for line in lines if line.startswith("m")])
    11
    """
    shifts = dict(threshold_shifts_V or {})
    places = _places(amplifier)
    unknown = sorted(set(shifts) - {place.name for place in places})
    if unknown:
        raise InputError(
            f"The {amplifier.topology} amplifier has no transistor {', '.join(unknown)}; it has "
            f"{', '.join(place.name for place in places)}."
        )
    body = [_transistor(amplifier, place, shifts.get(place.name, 0.0)) for place in places]
    return [f".subckt {name or amplifier.topology} {' '.join(NODES)}", *_sources(amplifier), *body, ".ends"]


def transistors(amplifier: SenseAmp) -> dict[str, str]:
    """Names of the transistors of the circuit, each with the pair or single device that it belongs to.

    Examples
    --------
    >>> transistors(SenseAmp.load("latch_45nm"))["cross_n_plus"]
    'cross_coupled_n'
    """
    return {place.name: place.part for place in _places(amplifier)}


def channels(amplifier: SenseAmp) -> dict[str, tuple[str, str]]:
    """Drain and source of every transistor, as nodes of the subcircuit."""
    return {place.name: (place.drain, place.source) for place in _places(amplifier)}


def matched_sigmas_V(amplifier: SenseAmp) -> dict[str, float]:
    """Standard deviation of the threshold of every transistor that should equal another one [V]."""
    matched = {one.name for one in amplifier.pairs} | {"clamp_pair", "mirror_pair"}
    return {
        name: threshold_sigma_V(amplifier.matching_V_m, *amplifier.device_size_m(part))
        for name, part in transistors(amplifier).items()
        if part in matched
    }


def _places(amplifier: SenseAmp) -> tuple[Place, ...]:
    if amplifier.topology == "strongarm":
        return STRONGARM
    if amplifier.topology == "latch":
        return LATCH
    behind = tuple(
        place._replace(gate={"plus": "node_plus", "minus": "node_minus"}.get(place.gate, place.gate))
        for place in STRONGARM
    )
    if amplifier.topology == "current_mirror":
        return (*MIRROR, *behind)
    # The inverter turns the sign: the comparator behind it has its inputs exchanged, and its own clock.
    swapped = {"node_plus": "node_minus", "node_minus": "node_plus", "bar": "strobe_bar"}
    return (*AUTO_ZERO, *(place._replace(gate=swapped.get(place.gate, place.gate)) for place in behind))


def _sources(amplifier: SenseAmp) -> list[str]:
    lines = [] if amplifier.topology == "latch" else ["ebar bar 0 vdd enable 1.0"]
    if amplifier.clamp is not None and amplifier.topology == "current_mirror":
        lines.append(element("vbias", ("bias", "0"), number(amplifier.clamp.gate_V)))
    if amplifier.cancellation is not None and amplifier.topology == "offset_cancelled":
        cycle = amplifier.cancellation
        # The clock of the comparator is the enable behind an RC, squared up to an edge of about 20 ps.
        lines += [
            f"rlate enable late {number(DELAY_OHM)}",
            f"clate late 0 {number(cycle.amplify_s / (DELAY_OHM * math.log(2.0)))}",
            f"bstrobe_bar strobe_bar 0 v=0.5*V(vdd)*(1.0-tanh((V(late)-0.5*V(vdd))/{number(SQUARED_V)}))",
            element("cstore", ("left", "gate"), number(cycle.capacitance_F)),
        ]
    return lines


def _transistor(amplifier: SenseAmp, place: Place, shift_V: float) -> str:
    width, length = amplifier.device_size_m(place.part)
    bulk, model, sign = ("0", "NMOS_VTG", 1.0) if place.polarity == "n" else ("vdd", "PMOS_VTG", -1.0)
    parameters = {"w": width, "l": length}
    if shift_V:
        parameters["delvto"] = sign * shift_V
    nodes = (place.drain, place.gate, place.source, bulk)
    return element(f"m{place.name}", nodes, model, **parameters)
