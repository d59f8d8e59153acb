import dataclasses
import math

import numpy as np
import pytest

from spinpim.circuit.levels import clamped_source, levels, relative_sigmas
from spinpim.circuit.read_path import CellSpread, line_voltage
from spinpim.errors import InputError

SAMPLES = 40_000


def drawn_cells(cell, rows, causes, seed):
    """Cells drawn out of the spread of the chosen causes alone."""
    normals = np.random.default_rng(seed).standard_normal((3, SAMPLES, rows))
    resistance, magnetoresistance = relative_sigmas(cell.device)
    sigmas = (resistance, magnetoresistance, cell.read_transistor.threshold_sigma_V)
    drawn = [
        sigma * normal if cause in causes else 0.0 * normal
        for sigma, normal, cause in zip(
            sigmas, normals, ("resistance", "tunnel_magnetoresistance", "access_threshold"), strict=True
        )
    ]
    return CellSpread(1.0 + drawn[0], 1.0 + drawn[1], drawn[2])


@pytest.mark.parametrize(
    "causes",
    [
        ("resistance",),
        ("tunnel_magnetoresistance",),
        ("access_threshold",),
        ("resistance", "tunnel_magnetoresistance", "access_threshold"),
    ],
)
@pytest.mark.parametrize(("rows", "ones"), [(2, 1), (2, 2)])
def test_linear_spread_is_that_of_drawn_cells(cell, amplifier, rows, ones, causes):
    # 40,000 samples: relative standard error 0.35 %; 3 % also admits the curvature of the circuit. Five
    # standard errors lie inside: false alarm below 1e-6 for each of the eight cases.
    level = levels(cell, amplifier, rows, 300.0)[ones]
    states = np.array([1.0] * ones + [0.0] * (rows - ones))
    current = rows * cell.read_current_per_row_A
    drawn, _ = line_voltage(cell.read_path(300.0), states, current, drawn_cells(cell, rows, causes, seed=11))
    expected = math.hypot(*(level.cell_sigma_V[cause] for cause in causes))
    assert float(np.std(drawn)) == pytest.approx(expected, rel=0.03)


def test_linear_spread_of_the_clamped_line_is_that_of_drawn_cells(cell, clamp_amplifier):
    level = levels(cell, clamp_amplifier, 2, 300.0)[1]
    clamp = clamp_amplifier.clamp
    causes = tuple(level.cell_sigma_V)
    source_A, held_S = clamped_source(cell, clamp)
    _, drawn = line_voltage(
        cell.read_path(300.0),
        np.array([1.0, 0.0]),
        np.asarray(source_A),
        drawn_cells(cell, 2, causes, seed=12),
        shunt_S=held_S,
    )
    spread = clamp.transresistance_ohm * np.std(np.sum(drawn.current_A, axis=-1))
    # Relative standard error 0.35 %; five of them lie inside 3 %.
    assert float(spread) == pytest.approx(math.hypot(*level.cell_sigma_V.values()), rel=0.03)


def test_clamped_currents_without_access_resistance_are_the_closed_form(cell, clamp_amplifier):
    access = cell.read_transistor.replace(
        width_m=1e-4, length_m=2e-8, transconductance_A_per_V2=0.1, series_resistance_ohm_m=0.0
    )
    device = cell.device.replace(channel_resistivity_ohm_m=1e-20, half_bias_voltage_V=1e9)
    ideal = cell.replace(
        read_transistor=access, read_word_line_V=5.0, device=device, wire_resistance_per_cell_ohm=0.0
    )
    stiff = dataclasses.replace(clamp_amplifier.clamp, input_resistance_ohm=1.0)
    drops = [
        one.settling.swing_V / stiff.transresistance_ohm
        for one in levels(ideal, clamp_amplifier.replace(clamp=stiff), 3, 300.0)
    ]
    conductance = (3.0 - np.arange(4) * 1.5 / 2.5) / device.resistance_p_ohm
    currents = stiff.line_V(0.0) * conductance / (1.0 + stiff.input_resistance_ohm * conductance)
    assert np.diff(drops) == pytest.approx(-np.diff(currents), rel=1e-5)


def test_area_and_resistance_area_product_spread_together(device):
    resistance, magnetoresistance = relative_sigmas(device)
    assert resistance == pytest.approx(math.hypot(0.8 / 40, 1 / 60, 1 / 60))
    assert magnetoresistance == pytest.approx(7.5 / 150)


def test_a_device_without_a_file_has_no_spread(device):
    assert relative_sigmas(device.replace(records=())) == (0.0, 0.0)


def test_more_antiparallel_cells_read_higher_in_both_modes(cell, amplifier, clamp_amplifier):
    for one in (amplifier, clamp_amplifier):
        settled = [level.settling.start_V + level.settling.swing_V for level in levels(cell, one, 3, 300.0)]
        assert settled == sorted(settled)


def test_a_read_current_beyond_the_supply_is_refused(cell, amplifier):
    with pytest.raises(InputError, match="Lower read_current_per_row"):
        levels(cell.replace(read_current_per_row_A=30e-6), amplifier, 2, 300.0)
    with pytest.raises(InputError, match="more than the transistors can carry"):
        levels(cell.replace(read_current_per_row_A=300e-6), amplifier, 2, 300.0)


def test_a_load_that_uses_up_the_supply_is_refused(cell, clamp_amplifier):
    clamp = dataclasses.replace(clamp_amplifier.clamp, transresistance_ohm=100e3)
    with pytest.raises(InputError, match=r"Lower clamp\.transresistance"):
        levels(cell, clamp_amplifier.replace(clamp=clamp), 2, 300.0)
