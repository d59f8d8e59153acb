"""Lines whose cells are not ohmic, against ladders with the whole characteristic of the cells."""

import math

import numpy as np
import pytest
from nonlinear_ladder import cells_current, column_V, ladder_V

from spinpim.circuit import Cell, SenseAmp, sense
from spinpim.circuit.bitline import OHMIC, clamp_settling, line_settling, strobe_time_s
from spinpim.circuit.level_kernel import VARIABLES, sensed_level, variables
from spinpim.circuit.levels import at_reference, levels, states
from spinpim.circuit.operations import find_operation
from spinpim.circuit.read_path import CellSpread, line_bend, line_voltage
from spinpim.circuit.sensed_column import level_slopes_V, sensed_column
from spinpim.device import Device
from spinpim.errors import InputError

WIRE_F, NEAR_F, CURRENT_A = 80e-15, 5e-15, 13e-6
ONE_HIGH = np.array([1.0])


def settled_cell(cell, bending=1.0):
    """Path, settled voltage and bend of one antiparallel cell whose magnetoresistance falls sooner."""
    path = cell.read_path(300.0)._replace(half_bias_V=cell.device.half_bias_voltage_V / bending)
    settled = float(line_voltage(path, ONE_HIGH, CURRENT_A)[0])
    return path, settled, line_bend(path, ONE_HIGH, 0.0, settled)


@pytest.mark.parametrize("position", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("wires", [0.0, 0.03, 0.3, 1.5, 5.0])
def test_line_with_bent_cells_follows_its_ladder_for_any_wire_and_position(cell, wires, position):
    # Ohmic cells would differ by 1.4 % for a small wire and by 0.2 to 1.2 % for five times their resistance.
    path, settled, bend = settled_cell(cell)
    cell_ohm = settled / CURRENT_A
    line = {"wire_F": WIRE_F, "near_F": NEAR_F, "wire_ohm": wires * cell_ohm, "position": position}
    settling = line_settling(CURRENT_A, cell_ohm, **line, bend=bend)
    times = settling.mean_delay_s * np.array([1.5, 2.0, 3.0, 4.0])
    truth = ladder_V(times, cells_current(path, ONE_HIGH), **line, current_A=CURRENT_A)
    tolerance = 1e-4 if wires < 1.0 else 5e-4
    ours = [settling.value_V(time) for time in times]
    assert ours == pytest.approx(truth, abs=tolerance * settling.settled_V)


@pytest.mark.parametrize("bending", [2.0, 3.0])
def test_cells_that_bend_strongly_stay_within_a_fifth_of_a_percent(cell, bending):
    path, settled, bend = settled_cell(cell, bending)
    assert bend[-1] > 0.2
    line = {"wire_F": WIRE_F, "near_F": NEAR_F, "wire_ohm": 600.0}
    settling = line_settling(CURRENT_A, settled / CURRENT_A, **line, bend=bend)
    times = settling.mean_delay_s * np.array([0.5, 1.0, 2.0, 3.0])
    truth = ladder_V(times, cells_current(path, ONE_HIGH), **line, current_A=CURRENT_A)
    ours = [settling.value_V(time) for time in times]
    assert ours == pytest.approx(truth, abs=2e-3 * settling.settled_V)


@pytest.mark.parametrize("wire_ohm", [0.0, 600.0, 3e3])
@pytest.mark.parametrize("load_s", [0.0, 1.2e-10])
def test_clamp_with_bent_cells_follows_its_ladder(cell, wire_ohm, load_s):
    path, held_V, clamp_ohm = cell.read_path(300.0), 0.24, 1.65e3
    both = np.array([1.0, 0.0])
    held_S = 1.0 / (clamp_ohm + wire_ohm)
    settled = float(line_voltage(path, both, held_V * held_S, shunt_S=held_S)[0])
    drawn_A = (held_V - settled) * held_S
    line = {"wire_F": WIRE_F, "near_F": NEAR_F, "wire_ohm": wire_ohm}
    settling = clamp_settling(
        held_V,
        -clamp_ohm * drawn_A,
        settled / drawn_A,
        clamp_ohm,
        **line,
        load_time_constant_s=load_s,
        bend=line_bend(path, both, held_V, settled),
    )
    times = settling.mean_delay_s * np.array([0.5, 1.0, 2.0, 3.0])
    load = {"load_s": load_s} if load_s else {}
    truth = ladder_V(times, cells_current(path, both), **line, held_S=1.0 / clamp_ohm, held_V=held_V, **load)
    ours = [settling.value_V(time) for time in times]
    assert ours == pytest.approx(truth, abs=1e-3 * abs(settling.swing_V))


def test_source_of_a_bent_line_pays_what_its_ladder_takes(cell):
    path, settled, bend = settled_cell(cell)
    line = {"wire_F": WIRE_F, "near_F": NEAR_F, "wire_ohm": 600.0}
    settling = line_settling(CURRENT_A, settled / CURRENT_A, **line, bend=bend)
    times = np.linspace(0.0, 3.0 * settling.mean_delay_s, 2001)
    truth = ladder_V(times, cells_current(path, ONE_HIGH), **line, current_A=CURRENT_A)
    assert settling.integral_V_s(times[-1]) == pytest.approx(np.trapezoid(truth, times), rel=3e-4)
    ohmic = line_settling(CURRENT_A, settled / CURRENT_A, **line)
    assert ohmic.integral_V_s(times[-1]) != pytest.approx(np.trapezoid(truth, times), rel=3e-3)


def test_a_lumped_line_whose_conductance_rises_evenly_is_logistic():
    # i = v (1 + b v): C dv/dt = I - i has y = (1 + k) e / (1 + k e), e = exp(-(1 + k) t / RC).
    k, time_constant = 0.1, 1e4 * 1e-13
    settling = line_settling(1e-5, 1e4, wire_F=1e-13, bend=(0.0, k / 3.0, 2.0 * k / 3.0, k))
    for time in np.array([0.2, 1.0, 3.0]) * time_constant:
        decay = math.exp(-(1.0 + k) * time / time_constant)
        assert 1.0 - settling.followed(time) == pytest.approx((1.0 + k) * decay / (1.0 + k * decay), abs=1e-5)


@pytest.mark.parametrize("wire_ohm", [0.0, 600.0, 2e4])
def test_a_line_without_a_bend_is_the_line_of_ohmic_cells(wire_ohm):
    line = {"wire_F": WIRE_F, "near_F": NEAR_F, "wire_ohm": wire_ohm}
    settling = line_settling(CURRENT_A, 1e4, **line, bend=OHMIC)
    assert [mode[0] for mode in settling.modes[3:]] == [0.0, 0.0, 0.0]
    assert sum(mode[0] for mode in settling.modes) == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("name", ["strongarm_45nm", "current_clamp_45nm"])
def test_cells_that_are_ohmic_have_no_bend(cell, name):
    ohmic = cell.replace(
        device=cell.device.replace(half_bias_voltage_V=1e9),
        read_transistor=cell.read_transistor.replace(transconductance_A_per_V2=0.1, width_m=1e-5),
        read_word_line_V=5.0,
    )
    amplifier = SenseAmp.load(name)
    for level in levels(ohmic, at_reference(ohmic, amplifier, 2, 2, 300.0), 2, 300.0):
        first, *_ = level.settling.modes
        line = {
            "wire_F": cell.bit_line_cells * cell.capacitance_per_cell_F,
            "near_F": cell.fixed_capacitance_F,
            "wire_ohm": cell.bit_line_resistance_ohm,
        }
        cell_ohm = level.cells_V / level.line_current_A
        if amplifier.clamp is None:
            line["near_F"] += amplifier.input_capacitance_F
            chord = line_settling(1e-5, cell_ohm, **line)
        else:
            chord = clamp_settling(1.0, -0.1, cell_ohm, amplifier.clamp.input_resistance_ohm, **line)
        assert first == pytest.approx(chord.modes[0], rel=1e-7)
        assert [mode[0] for mode in level.settling.modes[3:]] == pytest.approx([0.0] * 3, abs=1e-7)


@pytest.mark.parametrize("name", ["perpendicular_memory_60nm", "beta_w_80nm_a", "in_plane_y_memory"])
@pytest.mark.parametrize("amplifier_name", ["strongarm_45nm", "current_clamp_45nm"])
@pytest.mark.parametrize(("operation", "rows"), [("READ", 1), ("AND", 2), ("OR", 2), ("MAJ", 3)])
def test_levels_and_their_step_at_the_strobe_are_those_of_the_ladder(name, amplifier_name, operation, rows):
    cell, amplifier = Cell.load("2t1r_45nm", device=Device.load(name)), SenseAmp.load(amplifier_name)
    threshold = find_operation(operation, rows).thresholds[0]
    try:
        biased = at_reference(cell, amplifier, rows, threshold, 300.0)
    except InputError:
        pytest.skip("the clamp's mirror does not carry this current")
    pair = levels(cell, biased, rows, 300.0)[threshold - 1 : threshold + 1]
    strobe = strobe_time_s(pair[1].settling, pair[0].settling, cell.settling_residual)
    ours = [level.settling.value_V(strobe) for level in pair]
    truth = [column_V(cell, biased, rows, level.antiparallel, 300.0, strobe) for level in pair]
    assert ours == pytest.approx(truth, rel=5e-5)
    assert ours[1] - ours[0] == pytest.approx(truth[1] - truth[0], rel=5e-4)


def drawn_V(cell, amplifier, rows, ones, normals, sigmas, time_s):
    """What is sensed of a column by its ladder at standard normal variables of cells and drive."""
    cells = normals[: VARIABLES * rows].reshape(rows, VARIABLES)
    spread = CellSpread(
        np.exp(sigmas[0] * cells[:, 0]), np.exp(sigmas[1] * cells[:, 1]), sigmas[2] * cells[:, 2]
    )
    clamp = amplifier.clamp
    sigma = cell.read_current_sigma if clamp is None else clamp.voltage_sigma_V / clamp.voltage_V
    drive = 1.0 + sigma * normals[VARIABLES * rows]
    return column_V(cell, amplifier, rows, ones, 300.0, time_s, spread, drive, segments=25)


@pytest.mark.parametrize("mode", ["voltage", "current"])
@pytest.mark.parametrize(("rows", "ones"), [(1, 1), (2, 1), (2, 2), (3, 2)])
def test_spread_and_far_deviations_at_the_strobe_are_those_of_the_ladder(
    cell, amplifier, clamp_amplifier, rows, ones, mode
):
    one = at_reference(cell, amplifier if mode == "voltage" else clamp_amplifier, max(rows, 2), 2, 300.0)
    column_levels = levels(cell, one, rows, 300.0)
    strobe = 2.6 * column_levels[ones].settling.mean_delay_s
    column = sensed_column(cell, one, column_levels, strobe, 300.0)
    slopes = level_slopes_V(column, states(rows, ones))
    size = VARIABLES * rows + 1
    moves = 0.3 * np.eye(size)
    up, down = (
        np.array([drawn_V(cell, one, rows, ones, sign * move, column.sigmas, strobe) for move in moves])
        for sign in (1.0, -1.0)
    )
    truth = (up - down) / 0.6
    assert np.linalg.norm(slopes[: size - 1]) == pytest.approx(np.linalg.norm(truth[:-1]), rel=1e-3)
    assert slopes[size - 1] == pytest.approx(truth[-1], rel=0.03 if mode == "current" else 5e-3)
    nominal = column_levels[ones].settling.value_V(strobe)
    for deviations in (-6.0, -3.0, 3.0):
        normals = np.zeros(variables(column, rows))
        normals[: size - 1] = deviations * slopes[: size - 1] / np.linalg.norm(slopes[: size - 1])
        ours = sensed_level(column, states(rows, ones), normals, np.empty(normals.size))[0]
        there = drawn_V(cell, one, rows, ones, normals, column.sigmas, strobe)
        assert ours - nominal == pytest.approx(there - nominal, rel=5e-3)


def test_a_resistor_of_a_reference_settles_as_an_ohmic_line(cell, amplifier):
    column_levels = levels(cell, amplifier, 2, 300.0)
    column = sensed_column(cell, amplifier, column_levels, 3e-9, 300.0)
    settled, current = 0.22, 2.0 * cell.read_current_per_row_A
    near_F = cell.fixed_capacitance_F + amplifier.input_capacitance_F
    wire_F = cell.bit_line_cells * cell.capacitance_per_cell_F
    ohmic = line_settling(
        current, settled / current, wire_F=wire_F, near_F=near_F, wire_ohm=cell.bit_line_resistance_ohm
    )
    centre, half, *coefficients = column.strobe[-1]
    sensed = np.polynomial.polynomial.polyval((settled - centre) / half, coefficients)
    assert sensed == pytest.approx(ohmic.value_V(3e-9), abs=2e-7)


def test_junctions_without_bias_dependence_leave_wider_margins_at_the_same_strobe(cell, amplifier):
    flat = cell.replace(device=cell.device.replace(half_bias_voltage_V=1e9))
    assert sense(flat, amplifier).margin_V > sense(cell, amplifier).margin_V


@pytest.mark.parametrize("bend", [(0.0, 0.0), (0.0, 0.0, 0.0, math.nan), (0.0, 0.0, 0.0, -1.0), None])
def test_an_impossible_bend_is_refused(bend):
    with pytest.raises(InputError, match="bend must be"):
        line_settling(1e-5, 1e4, wire_F=1e-13, bend=bend)
