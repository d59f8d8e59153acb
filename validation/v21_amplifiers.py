"""Sense amplifiers against their transistors in ngspice: weights, regeneration, sampled offset, energy."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_bench import (
    Point,
)
from spinpim.circuit.spice.amplifier_measure import (
    bisected_offsets_V,
    bisected_weights,
    decision_times_s,
    energy_J,
    mismatch_samples_V,
    offset_sigma_by_samples_V,
    offset_weights,
    systematic_offset_V,
    time_constant_s,
)
from spinpim.circuit.spice.amplifier_noise import input_noise_V
from spinpim.circuit.spice.cards import find_cards
from spinpim.circuit.spice.ngspice import ngspice_version
from spinpim.errors import InputError

SAMPLES, FEW, SEED = 200, 24, 21
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
    return [*rows, *_strongarm_rows(), *_mirror_rows(), *_cancelled_rows(), *_noise_rows()]


def _mirror_rows() -> list[Row]:
    amplifier, point = SenseAmp.load("current_clamp_45nm"), Point(0.0)
    rows, found = [], offset_weights(amplifier, point)
    for pair in amplifier.pairs:
        measured = found[pair.name]
        rows.append(Row(f"mirror: its law for {pair.name}", pair.weight, measured, 0.1 * measured))
    constant = 1e12 * time_constant_s(amplifier, point)
    law = 1e12 * amplifier.regeneration_time_s()
    rows.append(Row("mirror: time constant [ps]", law, constant, 0.1 * constant))
    centre = systematic_offset_V(amplifier, point)
    rows.append(Row("mirror: offset of every one [mV]", 1e3 * amplifier.systematic_offset_V, 1e3 * centre, 1))
    return rows


def _cancelled_rows() -> list[Row]:
    amplifier, point = SenseAmp.load("strongarm_cancelled_45nm"), Point(0.2)
    cycle = amplifier.cancellation
    assert cycle is not None
    centre = systematic_offset_V(amplifier, point)
    ours = 1e3 * amplifier.systematic_offset_V
    rows = [Row("cancelled: offset of every one [mV]", ours, 1e3 * centre, 0.5)]
    found = bisected_weights(amplifier, point, [pair.name for pair in amplifier.pairs])
    for pair in amplifier.pairs:
        law, measured = cycle.residual * pair.weight, found[pair.name]
        tolerance = max(0.1 * measured, 1e-3)
        rows.append(Row(f"cancelled: input weight of {pair.name}", law, measured, tolerance))
    inputs = (1e-4, 1e-3, 1e-2)
    times = decision_times_s(amplifier, [centre + sign * one for sign in (1, -1) for one in inputs], point)
    for one, early, late in zip(inputs, times[:3], times[3:], strict=True):
        law = 1e12 * (amplifier.decision_time_s(one) - cycle.extra_time_s + cycle.amplify_s)
        mean = 0.5e12 * float(early + late)
        rows.append(Row(f"cancelled: decision on {1e3 * one:g} mV [ps]", law, mean, 0.1 * mean))
    drawn = mismatch_samples_V(amplifier, FEW, SEED)
    spread = bisected_offsets_V(amplifier, drawn, point, centre_V=centre, half_width_V=6e-3) - centre
    law = 1e3 * amplifier.offset_sigma_V(0.2)
    sigma = 1e3 * math.sqrt(float(np.mean(spread**2)))
    error = law * math.hypot(3.0 / math.sqrt(2.0 * FEW), 0.1)
    return [*rows, Row(f"cancelled: offset of {FEW} samples [mV]", sigma, law, error)]


def _noise_rows() -> list[Row]:
    rows = []
    for name, common_mode in ((STRONGARM, 0.2), (LATCH, 0.7)):
        amplifier = SenseAmp.load(name).replace(area_scale=1.0)
        simulated = 1e3 * input_noise_V(amplifier, Point(common_mode))
        ours = 1e3 * amplifier.noise_sigma_V()
        rows.append(Row(f"{amplifier.topology}: input noise [mV]", ours, simulated, 0.05 * simulated))
    mirror, bare = SenseAmp.load("current_clamp_45nm"), SenseAmp.load(STRONGARM)
    simulated = 1e3 * input_noise_V(bare, Point(mirror.common_mode_reference_V))
    ours = 1e3 * mirror.noise_sigma_V()
    return [*rows, Row("mirror: noise of its comparator [mV]", ours, simulated, 0.05 * simulated)]


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
