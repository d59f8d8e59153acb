"""Junctions, transistors and lines of a deck against this package's own laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh

from spinpim.circuit.bitline import line_settling, settling_time_s
from spinpim.circuit.read_path import CellSpread, line_voltage
from spinpim.circuit.spice.access import behavioural_transistor
from spinpim.circuit.spice.deck import SHARP_TOLERANCES, Deck, number, options
from spinpim.circuit.spice.junction import junction_element, junction_subcircuit
from spinpim.circuit.spice.ladder import ladder
from spinpim.circuit.spice.ngspice import run_ngspice

SHARP = options({**SHARP_TOLERANCES, "gmin": 1e-15})
CURRENT_A = 26e-6
PATTERNS = ("00", "01", "10", "11")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_two_ideal_junctions_follow_the_closed_form(ngspice, device, pattern):
    ideal = device.replace(half_bias_voltage_V=1e9)
    lines = [f"i1 0 line {number(CURRENT_A)}"]
    for row, state in enumerate(pattern):
        cosine = "-1.0" if state == "1" else "1.0"
        lines.append(junction_element(f"j{row}", "0", "line", ideal, cosine=cosine))
    found = run_ngspice(Deck("ideal", (*lines, SHARP, ".op")), columns=("v(line)",)).columns["v(line)"][0]
    ones = pattern.count("1")
    closed = CURRENT_A * ideal.resistance_p_ohm / ((2 - ones) + ones / (1.0 + float(ideal.tmr(0.0))))
    assert found == pytest.approx(closed, rel=1e-9)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_two_cells_with_bias_and_access_follow_the_read_path(ngspice, cell, pattern):
    kelvin = 320.0
    spread = CellSpread(np.array([1.03, 0.96]), np.array([0.93, 1.06]), np.array([0.02, -0.015]))
    lines = [f"i1 0 line {number(CURRENT_A)}", f"vw wl 0 {number(cell.read_word_line_V)}"]
    for row, state in enumerate(pattern):
        lines += behavioural_transistor(
            f"a{row}",
            "line",
            "wl",
            f"top{row}",
            cell.read_transistor,
            kelvin,
            threshold_shift_V=spread.threshold_V[row],
        )
        lines.append(
            junction_element(
                f"j{row}",
                f"free{row}",
                f"top{row}",
                cell.device,
                cosine="-1.0" if state == "1" else "1.0",
                temperature_K=kelvin,
                relative_resistance=spread.resistance[row],
                relative_magnetoresistance=spread.tunnel_magnetoresistance[row],
            )
        )
        lines.append(f"rs{row} free{row} 0 {number(cell.series_resistance_ohm)}")
    found = run_ngspice(Deck("cells", (*lines, SHARP, ".op")), columns=("v(line)", "v(top0)", "v(free0)"))
    states = np.array([float(state) for state in pattern])
    expected, point = line_voltage(cell.read_path(kelvin), states, CURRENT_A, spread)
    assert found.columns["v(line)"][0] == pytest.approx(float(expected), rel=1e-9)
    junction = found.columns["v(top0)"][0] - found.columns["v(free0)"][0]
    assert junction == pytest.approx(point.junction_V[0], rel=1e-9)


def test_the_junction_subcircuit_has_the_resistance_of_the_device_at_every_angle_and_bias(ngspice, device):
    cosines, biases = (-1.0, -0.4, 0.0, 0.7, 1.0), (-0.6, -0.1, 0.05, 0.45)
    lines, names = [*junction_subcircuit(device)], []
    for at, (cosine, bias) in enumerate((c, b) for c in cosines for b in biases):
        lines += [f"vb{at} f{at} 0 {number(bias)}", f"vc{at} c{at} 0 {number(cosine)}"]
        lines.append(f"x{at} f{at} 0 c{at} junction")
        names.append(f"i(vb{at})")
    found = run_ngspice(Deck("angles", (*lines, SHARP, ".op")), columns=tuple(names))
    expected = [-bias / float(device.resistance_ohm(c, bias)) for c in cosines for bias in biases]
    assert [found.columns[name][0] for name in names] == pytest.approx(expected, rel=1e-9)


def test_the_behavioural_transistor_carries_the_current_of_the_law(ngspice, cell):
    points = [
        (1.0, 0.0, 0.02),
        (1.0, 0.0, 1.0),
        (1.2, 0.3, 0.31),
        (1.0, 0.4, 1.0),
        (0.3, 0.0, 0.5),
        (1.0, 0.2, 0.2),
    ]
    lines, names = [], []
    for at, (gate, source, drain) in enumerate(points):
        lines += [f"vg{at} g{at} 0 {number(gate)}", f"vs{at} s{at} 0 {number(source)}"]
        lines += [f"vd{at} d{at} 0 {number(drain)}"]
        lines += behavioural_transistor(f"t{at}", f"d{at}", f"g{at}", f"s{at}", cell.read_transistor, 300.0)
        names.append(f"i(vd{at})")
    found = run_ngspice(Deck("transistor", (*lines, SHARP, ".op")), columns=tuple(names))
    expected = [-cell.read_transistor.current_A(*point, 300.0) for point in points]
    assert [found.columns[name][0] for name in names] == pytest.approx(expected, rel=1e-7, abs=1e-14)


def ladder_rise_time_s(cell_ohm: float, wire_ohm: float, capacitance_F: float, segments: int) -> float:
    """63 % time at the near end by the modes of the ladder: an independent exact solution."""
    part, share = wire_ohm / segments, capacitance_F / segments
    conductance = np.zeros((segments + 1, segments + 1))
    for at in range(segments):
        conductance[at : at + 2, at : at + 2] += np.array([[1.0, -1.0], [-1.0, 1.0]]) / part
    conductance[-1, -1] += 1.0 / cell_ohm
    capacitance = np.full(segments + 1, share)
    capacitance[[0, -1]] = 0.5 * share
    rates, modes = eigh(conductance, np.diag(capacitance))
    weights = modes[0] ** 2 / rates
    low, high = 0.0, 10.0 * (cell_ohm + wire_ohm) * capacitance_F
    for _ in range(80):
        middle = 0.5 * (low + high)
        risen = 1.0 - np.sum(weights * np.exp(-rates * middle)) / np.sum(weights)
        low, high = (middle, high) if risen < 1.0 - np.exp(-1.0) else (low, middle)
    return low


@pytest.mark.parametrize(("ratio", "recorded_ps"), [(0.03, 100.0), (0.3, 101.9), (1.5, 126.6)])
def test_the_ladder_rises_as_its_modes_say_and_before_elmore(ngspice, ratio, recorded_ps):
    cell_ohm, capacitance = 3333.0, 30e-15
    wire = ratio * cell_ohm
    settled = 1e-6 * (cell_ohm + wire)
    lines = (
        "i1 0 near PWL(0.0 0.0 1e-15 1e-06)",
        *ladder("line", "near", "far", resistance_ohm=wire, capacitance_F=capacitance, segments=128),
        f"rcell far 0 {number(cell_ohm)}",
        SHARP,
        ".tran 1e-13 4e-10 0 2e-13",
        f".meas tran rise when v(near)={number((1.0 - np.exp(-1.0)) * settled)} rise=1",
    )
    rise = run_ngspice(Deck("ladder", lines)).values["rise"]
    assert rise == pytest.approx(ladder_rise_time_s(cell_ohm, wire, capacitance, 128), rel=1e-3)
    assert rise == pytest.approx(1e-12 * recorded_ps, rel=0.01)
    settling = line_settling(1e-6, cell_ohm, wire_F=capacitance, wire_ohm=wire)
    assert rise == pytest.approx(settling_time_s(settling, float(np.exp(-1.0))), rel=2e-3)
    assert rise < (cell_ohm + 0.5 * wire) * capacitance, "Elmore's delay is an upper bound"
