"""Sense amplifiers against their transistors in ngspice: weights, regeneration, sampled offset, energy."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

from rows import Row, report

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_measure import (
    Point,
    decision_times_s,
    energy_J,
    offset_sigma_by_samples_V,
    offset_weights,
    time_constant_s,
)
from spinpim.circuit.spice.cards import find_cards
from spinpim.circuit.spice.ngspice import ngspice_version
from spinpim.errors import InputError

SAMPLES, SEED = 200, 21
STRONGARM, LATCH = "strongarm_minimum_45nm", "latch_45nm"
CELSIUS_ZERO_K = 273.15

# An earlier, independent simulation of the same two circuits with the same cards and ngspice 39.3.
WEIGHTS = {
    STRONGARM: {"input_pair": 1.18, "cross_coupled_p": 0.71, "cross_coupled_n": 0.29, "reset_pair": 0.04},
    LATCH: {"cross_coupled_n": 0.99, "cross_coupled_p": 0.37, "pass_pair": 0.11},
}
TIME_CONSTANT_PS = {STRONGARM: 6.48, LATCH: 6.6}
DECISION_PS = {STRONGARM: (64.0, 49.0, 34.0), LATCH: (50.0, 35.0, 19.0)}
SIGMA_MV = {STRONGARM: 17.5, LATCH: 17.6}
COMMON_MODE_MV = {0.1: 20.5, 0.2: 17.5, 0.3: 15.6, 0.4: 14.5}
TEMPERATURE_MV = {-40.0: 13.9, 27.0: 17.5, 85.0: 19.4, 125.0: 20.4}
ENERGY_FJ = {1.0: 4.9, 4.0: 17.8, 16.0: 69.8}


def compare() -> list[Row]:
    """Netlists against the earlier simulation, laws against netlists, 200 samples against the law."""
    rows = []
    for name, common_mode in ((STRONGARM, 0.2), (LATCH, 0.7)):
        amplifier, point = SenseAmp.load(name).replace(area_scale=1.0), Point(common_mode)
        kind = amplifier.topology
        found = offset_weights(amplifier, point)
        for part, weight in WEIGHTS[name].items():
            rows.append(Row(f"{kind}: weight of {part}", found[part], weight, max(0.1 * weight, 0.015)))
        for pair in amplifier.pairs:
            measured = found[pair.name]
            rows.append(Row(f"{kind}: its law for {pair.name}", pair.weight, measured, 0.1 * measured))
        constant = 1e12 * time_constant_s(amplifier, point)
        rows.append(Row(f"{kind}: time constant [ps]", constant, TIME_CONSTANT_PS[name], 0.1))
        law = 1e12 * amplifier.regeneration_time_s()
        rows.append(Row(f"{kind}: its law [ps]", law, constant, 0.05 * constant))
        times = 1e12 * decision_times_s(amplifier, (1e-3, 10e-3, 100e-3), point)
        for time, expected, input_mV in zip(times, DECISION_PS[name], (1, 10, 100), strict=True):
            rows.append(Row(f"{kind}: decision on {input_mV} mV [ps]", float(time), expected, 1.0))
        sigma = 1e3 * offset_sigma_by_samples_V(amplifier, point, SAMPLES, SEED)
        expected = 1e3 * amplifier.offset_sigma_V(common_mode)
        # Three standard errors of a spread out of 200, and 3 % for the law.
        error = expected * math.hypot(3.0 / math.sqrt(2.0 * SAMPLES), 0.03)
        rows.append(Row(f"{kind}: offset of {SAMPLES} samples [mV]", sigma, expected, error))
        rows.append(Row(f"{kind}: offset by the law [mV]", expected, SIGMA_MV[name], 0.03 * SIGMA_MV[name]))
    return [*rows, *_strongarm_rows()]


def _strongarm_rows() -> list[Row]:
    amplifier = SenseAmp.load(STRONGARM)
    rows = [
        Row(f"offset at {level} V [mV]", 1e3 * amplifier.offset_sigma_V(level), known, 0.03 * known)
        for level, known in COMMON_MODE_MV.items()
    ]
    for celsius, known in TEMPERATURE_MV.items():
        ours = 1e3 * amplifier.offset_sigma_V(0.2, celsius + CELSIUS_ZERO_K)
        rows.append(Row(f"offset at {celsius:g} degC [mV]", ours, known, 0.03 * known))
    for scale, known in ENERGY_FJ.items():
        sized = amplifier.replace(area_scale=scale)
        rows.append(
            Row(f"energy at scale {scale:g} [fJ]", 1e15 * energy_J(sized, Point(0.2)), known, 0.02 * known)
        )
        sigma = _simulated_sigma_V(sized, Point(0.2))
        product = 1e3 * sigma * math.sqrt(known)
        rows.append(Row(f"offset x root energy at scale {scale:g} [mV sqrt(fJ)]", product, 38.0, 1.5))
        ours = 1e3 * sized.offset_sigma_V(0.2)
        rows.append(Row(f"offset at scale {scale:g} by the law [mV]", ours, 1e3 * sigma, 50.0 * sigma))
    return rows


def _simulated_sigma_V(amplifier: SenseAmp, point: Point) -> float:
    """Offset out of the weights of this size: next to a larger amplifier the fixed load weighs less."""
    weights = offset_weights(amplifier, point)
    return math.hypot(
        *(
            weights[pair.name] * amplifier.matching_V_m / math.sqrt(width_m * length_m)
            for pair in amplifier.pairs
            for width_m, length_m in [amplifier.device_size_m(pair.name)]
        )
    )


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Offset of the StrongARM by pair against the common mode."""
    amplifier = SenseAmp.load(STRONGARM)
    levels = [0.05 + 0.35 * step / 40 for step in range(41)]
    for pair in amplifier.pairs:
        values = [1e3 * amplifier.offset_by_pair_V(level)[pair.name] for level in levels]
        axes.plot(levels, values, label=pair.name.replace("_", " "))
    axes.plot(levels, [1e3 * amplifier.offset_sigma_V(level) for level in levels], "k", label="all")
    axes.plot(*zip(*COMMON_MODE_MV.items(), strict=True), "ko", label="earlier simulation")
    axes.set(xlabel="common mode [V]", ylabel="offset of the StrongARM, one sigma [mV]")
    axes.legend(fontsize=7)


if __name__ == "__main__":
    try:
        find_cards()
    except InputError as missing:
        sys.exit(str(missing))
    if ngspice_version() is None:
        sys.exit("ngspice is not installed; on Debian: apt-get install ngspice.")
    report("v21_amplifiers", compare, draw)
