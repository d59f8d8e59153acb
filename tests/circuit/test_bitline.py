import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import brentq

from spinpim.circuit.bitline import (
    Settling,
    clamp_settling,
    line_settling,
    reset_time_s,
    settling_time_s,
    strobe_time_s,
)
from spinpim.errors import InputError

# 63 % time of a 128-segment ladder, 30 fF against 3333 ohm at the far end, ngspice 39.3, by wire resistance.
SIMULATED_63_PERCENT_S = {100.0: 100.0e-12, 1000.0: 101.9e-12, 5000.0: 126.6e-12}

LINES = st.fixed_dictionaries(
    {
        "wire_F": st.floats(1e-15, 2e-13),
        "near_F": st.floats(0.0, 1e-13),
        "wire_ohm": st.floats(0.0, 2e4),
        "position": st.floats(0.0, 1.0),
    }
)
CELL_OHM = st.floats(500.0, 5e4)


def ladder_matrices(wire_F, near_F, wire_ohm, position, cell_ohm, near_ohm, segments):
    """Conductance matrix, capacitances and node of the cells of a ladder, half a capacitor at its ends."""
    conductance = np.zeros((segments + 1, segments + 1))
    for node in range(segments):
        conductance[node : node + 2, node : node + 2] += segments / wire_ohm * np.array([[1, -1], [-1, 1]])
    node = round(position * segments)
    conductance[node, node] += 1.0 / cell_ohm
    conductance[0, 0] += 1.0 / near_ohm
    capacitance = np.full(segments + 1, wire_F / segments)
    capacitance[[0, -1]] *= 0.5
    capacitance[0] += near_F
    return conductance, capacitance, node


def ladder_followed(times, source, **line):
    """Part of the settled near-end voltage after a current step at a node, by the modes of 300 segments."""
    conductance, capacitance, node = ladder_matrices(**line, segments=300)
    scale = 1.0 / np.sqrt(capacitance)
    rates, modes = np.linalg.eigh(conductance * np.outer(scale, scale))
    modes *= scale[:, None]
    shares = modes[0] * modes[node if source == "cell" else 0] / rates
    return 1.0 - np.exp(-np.outer(times, rates)) @ shares / shares.sum()


@pytest.mark.parametrize(("wire_ohm", "simulated_s"), SIMULATED_63_PERCENT_S.items())
def test_63_percent_time_is_that_of_the_simulated_ladder_within_one_percent(wire_ohm, simulated_s):
    settling = line_settling(1e-5, 3333.0, wire_F=30e-15, wire_ohm=wire_ohm)
    assert settling_time_s(settling, math.exp(-1.0)) == pytest.approx(simulated_s, rel=1e-3)


@pytest.mark.parametrize(
    ("near_F", "wire_ohm", "position", "tolerance"),
    [
        (0.0, 100.0, 1.0, 2e-5),
        (0.0, 5e3, 1.0, 1e-3),
        (5e-15, 1e3, 1.0, 2e-5),
        (30e-15, 5e3, 0.5, 2e-5),
        (5e-15, 5e3, 0.0, 2e-3),
        (5e-15, 5e4, 0.3, 3e-3),
    ],
)
def test_line_follows_a_ladder_of_300_segments(near_F, wire_ohm, position, tolerance):
    line = {"wire_F": 30e-15, "near_F": near_F, "wire_ohm": wire_ohm, "position": position}
    settling = line_settling(1e-5, 3333.0, **line)
    times = settling.mean_delay_s * np.array([0.1, 0.2, 0.5, 1.0, 2.0, 5.0])
    ladder = ladder_followed(times, "near", **line, cell_ohm=3333.0, near_ohm=math.inf)
    assert [settling.followed(time) for time in times] == pytest.approx(ladder, abs=tolerance)


@pytest.mark.parametrize(("near_F", "wire_ohm", "position"), [(5e-15, 600.0, 1.0), (5e-15, 5e3, 0.4)])
def test_clamp_follows_a_ladder_of_300_segments(near_F, wire_ohm, position):
    line = {"wire_F": 30e-15, "near_F": near_F, "wire_ohm": wire_ohm, "position": position}
    settling = clamp_settling(1.0, -0.3, 5e3, 1e3, **line)
    times = settling.mean_delay_s * np.array([0.1, 0.2, 0.5, 1.0, 2.0, 5.0])
    ladder = ladder_followed(times, "cell", **line, cell_ohm=5e3, near_ohm=1e3)
    assert [settling.followed(time) for time in times] == pytest.approx(ladder, abs=2e-3)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 1.0 + 1e-7, 4.0])
def test_load_behind_the_clamp_is_one_more_capacitor_of_the_circuit(ratio):
    # By matrix exponential of 120 segments and the load; the load as slow as the line, or nearly, among them.
    line = {"wire_F": 80e-15, "near_F": 5e-15, "wire_ohm": 2e3, "position": 1.0}
    bare = clamp_settling(1.0, -0.3, 5e3, 1e3, **line)
    load_s = ratio / bare.modes[0][1]
    conductance, capacitance, node = ladder_matrices(**line, cell_ohm=5e3, near_ohm=1e3, segments=120)
    size = conductance.shape[0]
    system = np.zeros((size + 2, size + 2))
    system[:size, :size] = -conductance / capacitance[:, None]
    system[node, -1] = 1.0 / capacitance[node]
    system[size, 0], system[size, size] = 1.0 / load_s, -1.0 / load_s
    settled = np.linalg.solve(conductance, np.eye(size)[node])[0]
    settling = clamp_settling(1.0, -0.3, 5e3, 1e3, **line, load_time_constant_s=load_s)
    for time in settling.mean_delay_s * np.array([0.3, 1.0, 3.0]):
        followed = expm(system * time)[size, -1] / settled
        assert settling.followed(time) == pytest.approx(followed, abs=1e-3)


@settings(deadline=None)
@given(line=LINES, cell_ohm=CELL_OHM)
def test_each_wave_number_solves_the_equation_of_the_line(line, cell_ohm):
    wire_ohm = max(line["wire_ohm"], 1.0)
    settling = line_settling(1e-5, cell_ohm, **{**line, "wire_ohm": wire_ohm, "position": 1.0})
    load, cells = line["near_F"] / line["wire_F"], wire_ohm / cell_ohm
    for order, mode in enumerate(settling.modes[:2]):
        beta = math.sqrt(mode[1] * wire_ohm * line["wire_F"])
        # beta c0 (beta + g tan beta) = g - beta tan beta, times the cosine
        left = beta * load * (beta * math.cos(beta) + cells * math.sin(beta))
        right = cells * math.cos(beta) - beta * math.sin(beta)
        assert left == pytest.approx(right, abs=1e-9 * (1.0 + load) * (1.0 + cells))
        assert order * math.pi / 2 <= beta <= (order + 0.5) * math.pi


@settings(deadline=None)
@given(line=LINES, cell_ohm=CELL_OHM, time=st.floats(1e-13, 1e-8))
def test_without_wire_resistance_the_line_is_one_exponential(line, cell_ohm, time):
    settling = line_settling(1e-5, cell_ohm, **{**line, "wire_ohm": 0.0})
    elapsed = time / (cell_ohm * (line["wire_F"] + line["near_F"]))
    assert settling.followed(time) == pytest.approx(-math.expm1(-elapsed), abs=1e-12)


@settings(deadline=None)
@given(line=LINES, cell_ohm=CELL_OHM)
def test_a_little_wire_resistance_changes_little(line, cell_ohm):
    without = line_settling(1e-5, cell_ohm, **{**line, "wire_ohm": 0.0})
    little = line_settling(1e-5, cell_ohm, **{**line, "wire_ohm": 1e-6 * cell_ohm})
    time = without.mean_delay_s
    assert little.followed(time) == pytest.approx(without.followed(time), abs=3e-6)


def test_a_capacitance_at_the_near_end_alone_is_charged_through_wire_and_cells():
    settling = line_settling(1e-5, 4e3, wire_F=0.0, near_F=20e-15, wire_ohm=1e3, position=0.5)
    assert settling.followed(9e-11) == pytest.approx(1.0 - math.exp(-1.0), rel=1e-12)


@settings(deadline=None)
@given(line=LINES, cell_ohm=CELL_OHM, near=st.floats(0.0, 20.0), step=st.floats(0.0, 5.0))
def test_the_line_rises_from_zero_to_the_current_times_all_resistance(line, cell_ohm, near, step):
    settling = line_settling(1e-5, cell_ohm, **line)
    total = 1e-5 * (cell_ohm + line["position"] * line["wire_ohm"])
    delay = settling.mean_delay_s
    earlier, later = settling.value_V(near * delay), settling.value_V((near + step) * delay)
    assert settling.value_V(0.0) == pytest.approx(0.0, abs=1e-12)
    assert -1e-12 <= earlier <= later + 1e-12 <= total + 2e-12
    assert settling.value_V(1000.0 * delay) == pytest.approx(total, rel=1e-9)


@settings(deadline=None)
@given(line=LINES, cell_ohm=CELL_OHM)
def test_mean_delay_is_the_elmore_delay(line, cell_ohm):
    # Through the open-circuit resistances seen from the near end, as a function of the place on the wire.
    p, wire_ohm = line["position"], line["wire_ohm"]
    total = cell_ohm + p * wire_ohm

    def along(place):
        return (cell_ohm + max(p - place, 0.0) * wire_ohm) ** 2

    # Simpson's rule is exact for a square.
    wire = p * (along(0.0) + 4.0 * along(0.5 * p) + along(p)) / 6.0 + (1.0 - p) * along(p)
    expected = (line["near_F"] * total**2 + line["wire_F"] * wire) / total
    assert line_settling(1e-5, cell_ohm, **line).mean_delay_s == pytest.approx(expected, rel=1e-6)


@settings(deadline=None)
@given(line=LINES, cell_ohm=CELL_OHM)
def test_half_the_settled_value_is_reached_before_the_elmore_delay(line, cell_ohm):
    settling = line_settling(1e-5, cell_ohm, **line)
    assert settling_time_s(settling, 0.5) <= settling.mean_delay_s * (1.0 + 1e-9)


@settings(deadline=None)
@given(line=LINES, cell_ohm=CELL_OHM, positions=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)))
def test_a_change_of_farther_cells_arrives_later_on_average(line, cell_ohm, positions):
    # Mean delay of the change: d(swing times mean delay)/d(swing), here by the cells.
    def delay(position):
        more, less = (
            line_settling(1e-5, factor * cell_ohm, **{**line, "position": position})
            for factor in (1.001, 0.999)
        )
        change = more.swing_V * more.mean_delay_s - less.swing_V * less.mean_delay_s
        return change / (more.swing_V - less.swing_V)

    assert delay(max(positions)) >= delay(min(positions)) * (1.0 - 1e-6)


@settings(deadline=None)
@given(line=LINES, cell_ohm=CELL_OHM, load_s=st.sampled_from([0.0, 1e-10]), elapsed=st.floats(1e-3, 10.0))
def test_integral_of_the_voltage_rises_by_the_voltage(line, cell_ohm, load_s, elapsed):
    settling = clamp_settling(0.9, -0.3, cell_ohm, 1e3, **line, load_time_constant_s=load_s)
    time = elapsed * settling.mean_delay_s
    step = 1e-3 * time
    slope = (settling.integral_V_s(time + step) - settling.integral_V_s(time - step)) / (2.0 * step)
    assert settling.integral_V_s(0.0) == pytest.approx(0.0, abs=1e-12 * settling.mean_delay_s)
    assert slope == pytest.approx(settling.value_V(time), abs=1e-6)


def test_source_pays_for_the_cells_and_for_the_charge_of_line_and_wire():
    # I times the integral of V: settled power, less what the line still lacked: I dV times the Elmore delay.
    settling = line_settling(2e-5, 4e3, wire_F=60e-15, near_F=10e-15, wire_ohm=2e3)
    time, settled = 5e-9, 2e-5 * 6e3
    expected = 2e-5 * settled * (time - settling.mean_delay_s)
    assert 2e-5 * settling.integral_V_s(time) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(line=LINES, lower_ohm=st.floats(1e3, 2e4), ratio=st.floats(1.05, 3.0), residual=st.floats(1e-12, 0.5))
def test_at_the_strobe_the_step_lacks_the_residual(line, lower_ohm, ratio, residual):
    upper, lower = (line_settling(1e-5, ohm, **line) for ohm in (ratio * lower_ohm, lower_ohm))
    time = strobe_time_s(upper, lower, residual)
    step = 1e-5 * lower_ohm * (ratio - 1.0)
    assert upper.value_V(time) - lower.value_V(time) == pytest.approx(step * (1 - residual), rel=1e-6)


def test_a_line_without_capacitance_has_settled_at_once():
    upper, lower = (line_settling(1e-5, ohm, wire_F=0.0) for ohm in (3e4, 2e4))
    assert strobe_time_s(upper, lower, 0.01) == 0.0
    assert upper.value_V(0.0) == pytest.approx(0.3)


def test_a_reset_leaves_the_residual_at_the_far_end_of_the_shipped_line(cell):
    # A transistor at its full characteristic at the near end of 40 segments, the line at 0.28 V before.
    segments, capacitance_F, wire_ohm = 40, cell.bit_line_capacitance_F, cell.bit_line_resistance_ohm
    reset = cell.reset_transistor
    open_ohm = reset.on_resistance_ohm(cell.supply_V, 0.0, 300.0)
    volts = np.linspace(0.0, 0.3, 61)
    drawn_A = [reset.current_A(cell.supply_V, 0.0, volt, 300.0) for volt in volts]

    def slope(_, line_V):
        along = np.append(0.0, (line_V[:-1] - line_V[1:]) * segments / wire_ohm)
        net = along - np.append(along[1:], 0.0)
        net[0] -= np.interp(line_V[0], volts, drawn_A)
        return net * segments / capacitance_F

    time_s = reset_time_s(open_ohm, capacitance_F, wire_ohm, cell.reset_residual)
    end = solve_ivp(
        slope, (0.0, 1.2 * time_s), np.full(segments, 0.28), "LSODA", rtol=1e-7, atol=1e-9, dense_output=True
    )
    needed_s = brentq(lambda t: end.sol(t)[-1] / 0.28 - cell.reset_residual, 0.5 * time_s, 1.2 * time_s)
    assert needed_s == pytest.approx(time_s, rel=0.06)


@settings(deadline=None)
@given(line=LINES, reset_ohm=st.floats(50.0, 5e3), residual=st.floats(1e-9, 0.2))
def test_a_cleaner_line_takes_longer_to_reset(line, reset_ohm, residual):
    dirty, clean = (
        reset_time_s(reset_ohm, line["wire_F"], line["wire_ohm"], one, line["near_F"])
        for one in (2.0 * residual, residual)
    )
    assert clean > dirty


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cell_ohm": -1.0}, "cell_ohm must be a number, finite and at least 1e-06"),
        ({"cell_ohm": 0.0}, "cell_ohm must be a number, finite and at least 1e-06"),
        ({"wire_ohm": -1.0}, "wire_ohm must be a number, finite and at least 0"),
        ({"wire_F": math.nan}, "wire_F must be a number"),
        ({"position": 1.5}, "position must be a number, finite and at least 0 and at most 1"),
    ],
)
def test_an_impossible_line_is_refused(change, sentence):
    line = {"cell_ohm": 5e3, "wire_F": 1e-13, "wire_ohm": 500.0, "position": 1.0}
    with pytest.raises(InputError, match=sentence):
        line_settling(1e-5, **{**line, **change})


def test_levels_in_the_wrong_order_are_refused():
    upper, lower = (line_settling(1e-5, ohm, wire_F=1e-13) for ohm in (8e3, 5e3))
    with pytest.raises(InputError, match="the first must lie above the second"):
        strobe_time_s(lower, upper, 0.1)


def test_modes_of_other_settlings_may_be_reused():
    high = line_settling(3e-5, 1e4, wire_F=1e-13)
    assert Settling(0.1, 0.2, high.modes).value_V(1e-9) == pytest.approx(0.1 + 0.2 * (1.0 - math.exp(-1.0)))
