import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from spinpim.circuit.bitline import Settling, line_time_constant_s, reset_time_s, strobe_time_s

# 63 % time of a 128-segment ladder, 30 fF against 3333 ohm at the far end, ngspice 39.3, by wire resistance.
SIMULATED_63_PERCENT_S = {100.0: 100.0e-12, 1000.0: 101.9e-12, 5000.0: 126.6e-12}


@pytest.mark.parametrize(("wire_ohm", "simulated_s"), SIMULATED_63_PERCENT_S.items())
def test_time_constant_is_an_upper_bound_of_the_ladder(wire_ohm, simulated_s):
    found = float(line_time_constant_s(3333.0, 30e-15, wire_ohm))
    assert simulated_s < found < 1.4 * simulated_s


def _ladder_63_percent_s(cell_ohm, capacitance_F, wire_ohm, segments=64):
    """Current into the near end of an RC ladder with the cell at its far end: 63 % time there, by modes."""
    conductance = np.zeros((segments, segments))
    link = segments / wire_ohm
    for node in range(segments - 1):
        conductance[node : node + 2, node : node + 2] += link * np.array([[1.0, -1.0], [-1.0, 1.0]])
    conductance[-1, -1] += 1.0 / cell_ohm
    rates, modes = np.linalg.eigh(conductance * segments / capacitance_F)
    shares = modes[0] ** 2 / rates
    times = np.linspace(0.0, 3.0 * (cell_ohm + wire_ohm) * capacitance_F, 20_001)
    response = 1.0 - (shares * np.exp(-np.outer(times, rates))).sum(axis=1) / shares.sum()
    return float(np.interp(1.0 - np.exp(-1.0), response, times))


def test_own_ladder_agrees_with_the_simulated_one():
    for wire_ohm, simulated_s in SIMULATED_63_PERCENT_S.items():
        assert _ladder_63_percent_s(3333.0, 30e-15, wire_ohm) == pytest.approx(simulated_s, rel=0.02)


def test_time_constant_of_the_shipped_line_is_that_of_its_ladder_within_seven_percent(cell):
    group_ohm = 0.5 * cell.device.resistance_p_ohm
    line = (group_ohm, cell.bit_line_capacitance_F, cell.bit_line_resistance_ohm)
    ladder_s = _ladder_63_percent_s(*line)
    assert ladder_s < float(line_time_constant_s(*line)) < 1.07 * ladder_s


def test_line_settles_as_an_exponential():
    settling = Settling(0.0, 0.14, float(line_time_constant_s(7e3, 30e-15)), 1.0)
    for time in (0.0, 1e-10, 1e-9, 1e-7):
        assert settling.value_V(time) == pytest.approx(0.14 * (1 - np.exp(-time / 210e-12)), rel=1e-12)


def test_sensitivity_of_a_settling_line_is_its_difference():
    current, capacitance, time = 20e-6, 50e-15, 0.7e-9

    def settling(resistance):
        own = resistance * capacitance
        constant = float(line_time_constant_s(resistance, capacitance, 500.0))
        return Settling(0.0, current * resistance, constant, own / constant)

    step = 1e-2
    difference = settling(8e3 + step).value_V(time) - settling(8e3 - step).value_V(time)
    assert settling(8e3).sensitivity(time) == pytest.approx(difference / (2 * step * current), rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    upper_ns=st.floats(0.1, 3.0), ratio=st.floats(0.3, 1.0), residual=st.floats(1e-12, 0.5), p=st.floats(0, 1)
)
def test_at_the_strobe_the_step_lacks_the_residual(upper_ns, ratio, residual, p):
    upper = Settling(0.0, 0.3, upper_ns * 1e-9, p)
    lower = Settling(0.0, 0.2, ratio * upper_ns * 1e-9, p)
    time = strobe_time_s(upper, lower, residual)
    assert upper.value_V(time) - lower.value_V(time) == pytest.approx(0.1 * (1 - residual), rel=1e-6)


def test_a_line_without_capacitance_has_settled_at_once():
    upper, lower = Settling(0.0, 0.3, 0.0, 1.0), Settling(0.0, 0.2, 0.0, 1.0)
    assert strobe_time_s(upper, lower, 0.01) == 0.0
    assert upper.value_V(0.0) == pytest.approx(0.3)


def test_a_reset_leaves_no_more_than_its_residual_on_the_ladder_of_the_shipped_line(cell):
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
    end = solve_ivp(slope, (0.0, time_s), np.full(segments, 0.28), method="LSODA", rtol=1e-7, atol=1e-9)
    left = end.y[:, -1].mean() / 0.28
    assert 0.1 * cell.reset_residual < left < cell.reset_residual
