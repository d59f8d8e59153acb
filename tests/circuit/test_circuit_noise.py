import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit.noise import (
    junction_noise_A2_per_Hz,
    line_noise_sigma_V,
    series_noise_A2_per_Hz,
    thermal_noise_A2_per_Hz,
)
from spinpim.constants import BOLTZMANN, ELEMENTARY_CHARGE


@settings(max_examples=50, deadline=None)
@given(
    conductance_uS=st.floats(1.0, 1e4), capacitance_fF=st.floats(1.0, 1e3), temperature_K=st.floats(200, 500)
)
def test_thermal_noise_of_any_line_is_kt_over_c(conductance_uS, capacitance_fF, temperature_K):
    conductance, capacitance = conductance_uS * 1e-6, capacitance_fF * 1e-15
    noise = float(thermal_noise_A2_per_Hz(conductance, temperature_K))
    assert line_noise_sigma_V(noise, conductance, capacitance) == pytest.approx(
        math.sqrt(BOLTZMANN * temperature_K / capacitance), rel=1e-12
    )


def test_far_above_the_thermal_voltage_the_junction_has_full_shot_noise():
    found = junction_noise_A2_per_Hz(20e-6, 0.5, 4e-5, 300.0)
    assert found == pytest.approx(2 * ELEMENTARY_CHARGE * 20e-6, rel=1e-6)


def test_an_unbiased_cell_is_a_plain_resistor():
    junction, path = np.array([1e-4]), np.array([7e-5])
    noise = junction_noise_A2_per_Hz(0.0, 0.0, junction, 300.0)
    assert series_noise_A2_per_Hz(noise, junction, path, 300.0) == pytest.approx(
        4 * BOLTZMANN * 300.0 * path, rel=1e-12
    )


@settings(max_examples=50, deadline=None)
@given(voltage_V=st.floats(1e-7, 0.8), factor=st.floats(1.1, 5.0))
def test_junction_noise_grows_with_voltage_from_its_thermal_floor(voltage_V, factor):
    low, high = (
        float(junction_noise_A2_per_Hz(1e-4 * v, v, 1e-4, 300.0)) for v in (voltage_V, factor * voltage_V)
    )
    floor = float(thermal_noise_A2_per_Hz(1e-4, 300.0))
    assert floor * (1 - 1e-9) <= low <= high * (1 + 1e-9)
