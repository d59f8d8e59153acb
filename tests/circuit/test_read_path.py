import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit.read_path import CellSpread, cells_at, junction_current, line_voltage

CURRENT_A = 20e-6


def states(rows, ones):
    return np.array([1.0] * ones + [0.0] * (rows - ones))


def ideal(cell, **changes):
    """A read path without access and channel resistance; half-bias voltage infinite unless given."""
    access = cell.read_transistor.biased(5.0, 300.0)._replace(specific_current_A=6e4, series_ohm=0.0)
    path = cell.read_path(300.0)._replace(access=access, series_ohm=0.0, half_bias_V=np.inf)
    return path._replace(**changes)


def level(path, rows, ones, current_A=CURRENT_A):
    return float(line_voltage(path, states(rows, ones), current_A)[0])


@pytest.mark.parametrize(("rows", "ones"), [(n, k) for n in (1, 2, 3) for k in range(n + 1)])
def test_levels_without_access_resistance_are_the_closed_form(cell, rows, ones):
    path = ideal(cell)
    expected = CURRENT_A * path.resistance_p_ohm / ((rows - ones) + ones / (1.0 + 1.5))
    assert level(path, rows, ones) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("t", [0.5, 1.0, 1.5, 2.0])
def test_gaps_between_neighbouring_levels_are_the_closed_forms(cell, t):
    path = ideal(cell, tunnel_magnetoresistance=t)
    single = CURRENT_A * path.resistance_p_ohm * t
    gaps = {
        (2, 2): (1 + t) / (2 * (2 + t)),
        (2, 1): 1 / (2 * (2 + t)),
        (3, 3): (1 + t) / (3 * (3 + t)),
        (3, 2): (1 + t) / ((3 + t) * (3 + 2 * t)),
        (3, 1): 1 / (3 * (3 + 2 * t)),
    }
    for (rows, ones), share in gaps.items():
        gap = level(path, rows, ones) - level(path, rows, ones - 1)
        assert gap == pytest.approx(share * single, rel=1e-9)


def test_one_magnetoresistance_gives_the_three_published_margins(cell):
    path = ideal(cell, tunnel_magnetoresistance=1.078)
    current = 43.31e-3 / (1.078 * path.resistance_p_ohm)
    two = level(path, 2, 2, current) - level(path, 2, 1, current)
    three = level(path, 3, 2, current) - level(path, 3, 1, current)
    assert (round(1e3 * two, 2), round(1e3 * three, 2)) == (14.62, 4.28)


def test_bias_dependent_levels_agree_with_a_circuit_simulator(cell):
    # Behavioural junctions of 5 kohm, TMR 100 %, V_h 0.5 V, 1 kohm in series, 20 uA: ngspice 39.3.
    path = ideal(cell, resistance_p_ohm=5e3, tunnel_magnetoresistance=1.0, half_bias_V=0.5, series_ohm=1e3)
    found = [level(path, 2, ones) for ones in range(3)]
    assert found == pytest.approx([60.000000e-3, 77.404165e-3, 108.144986e-3], abs=1e-9)


def test_junction_current_is_that_of_the_device(cell):
    path, voltage = cell.read_path(330.0), np.linspace(0.01, 0.8, 7)
    for antiparallel, cosine in ((1.0, -1.0), (0.0, 1.0)):
        current, _, _ = junction_current(path, np.asarray(antiparallel), voltage)
        assert current == pytest.approx(
            voltage / cell.device.resistance_ohm(cosine, voltage, 330.0), rel=1e-12
        )


@settings(max_examples=50, deadline=None)
@given(ones=st.integers(0, 3), current_uA=st.floats(1.0, 30.0))
def test_currents_of_the_cells_add_up(cell, ones, current_uA):
    solved, point = line_voltage(cell.read_path(), states(3, ones), current_uA * 1e-6)
    assert np.sum(point.current_A) == pytest.approx(current_uA * 1e-6, rel=1e-9)
    assert np.all(point.junction_V < solved)


@settings(max_examples=50, deadline=None)
@given(line_V=st.floats(0.02, 0.45), antiparallel=st.sampled_from([0.0, 1.0]))
def test_slopes_of_a_cell_are_its_differences(cell, line_V, antiparallel):
    path, state, step = cell.read_path(), np.asarray(antiparallel), 1e-5
    point = cells_at(path, state, np.asarray(line_V))

    def current(line_shift=0.0, **spread):
        return cells_at(path, state, np.asarray(line_V + line_shift), CellSpread(**spread)).current_A

    scale = float(point.current_A)
    for slope, up, down in (
        (point.conductance_S, current(line_shift=step), current(line_shift=-step)),
        (point.per_resistance_A, current(resistance=1 + step), current(resistance=1 - step)),
        (
            point.per_magnetoresistance_A,
            current(tunnel_magnetoresistance=1 + step),
            current(tunnel_magnetoresistance=1 - step),
        ),
        (point.per_threshold_S, current(threshold_V=step), current(threshold_V=-step)),
    ):
        assert slope == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-5 * scale)


def test_a_current_beyond_saturation_gives_nan_and_the_others_stay(cell):
    found, _ = line_voltage(cell.read_path(), states(2, 1), np.array([18e-6, 1e-3]))
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


def test_rows_are_interchangeable(cell):
    levels = {
        float(line_voltage(cell.read_path(), np.array(order), CURRENT_A)[0])
        for order in set(itertools.permutations((1.0, 0.0, 0.0)))
    }
    assert max(levels) - min(levels) < 1e-12
