import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.circuit.transistor import channel_current, threshold_sigma_V
from spinpim.errors import InputError

# FreePDK45 NMOS_VTG nominal, W 400 nm, L 50 nm, gate 1.0 V, drain 20 mV above the source, ngspice 39.3 [A].
SIMULATED_AT_27_DEGC = {0.0: 28.70e-6, 0.1: 26.35e-6, 0.2: 23.10e-6, 0.25: 20.96e-6, 0.3: 18.36e-6}
SIMULATED_AT_85_DEGC = {0.0: 18.67e-6, 0.1: 16.83e-6, 0.2: 14.43e-6, 0.25: 12.94e-6, 0.3: 11.20e-6}
# The same card, W 1 um: gate, drain, source [V] and current [A], from triode to deep saturation.
SIMULATED_LARGE_SIGNAL = (
    (1.0, 1.0, 0.0, 979.2e-6),
    (1.0, 0.3, 0.0, 733.3e-6),
    (1.0, 0.1, 0.0, 326.0e-6),
    (1.2, 1.0, 0.3, 653.3e-6),
    (1.2, 0.7, 0.5, 212.3e-6),
)


@pytest.mark.parametrize(
    ("temperature_K", "table", "tolerance"),
    [(300.15, SIMULATED_AT_27_DEGC, 0.03), (358.15, SIMULATED_AT_85_DEGC, 0.10)],
)
def test_on_current_follows_the_simulated_cards(cell, temperature_K, table, tolerance):
    access = cell.read_transistor.replace(width_m=400e-9)
    for source_V, simulated_A in table.items():
        current = access.current_A(1.0, source_V, source_V + 0.02, temperature_K)
        assert current == pytest.approx(simulated_A, rel=tolerance)


@pytest.mark.parametrize(("gate_V", "drain_V", "source_V", "simulated_A"), SIMULATED_LARGE_SIGNAL)
def test_any_current_is_within_a_quarter_of_the_simulated_cards(cell, gate_V, drain_V, source_V, simulated_A):
    current = cell.write_transistor.replace(width_m=1e-6).current_A(gate_V, source_V, drain_V, 300.15)
    assert current == pytest.approx(simulated_A, rel=0.25)


@settings(max_examples=50, deadline=None)
@given(source_V=st.floats(0.0, 0.4), drop_V=st.floats(1e-3, 0.5), shift_V=st.floats(-0.05, 0.05))
def test_slopes_of_the_channel_current_are_its_differences(cell, source_V, drop_V, shift_V):
    device, step = cell.read_transistor.biased(1.0, 300.0), 1e-6

    def current(d_source, d_drain, d_threshold):
        return channel_current(
            device, source_V + d_source, source_V + drop_V + d_drain, shift_V + d_threshold
        ).current_A

    found = channel_current(device, source_V, source_V + drop_V, shift_V)
    largest = abs(found.source_S) + abs(found.drain_S)
    for slope, sign, move in (
        (found.source_S, -1.0, (1, 0, 0)),
        (found.drain_S, 1.0, (0, 1, 0)),
        (found.threshold_S, 1.0, (0, 0, 1)),
    ):
        up, down = (current(*(s * step * m for m in move)) for s in (1.0, -1.0))
        assert slope == pytest.approx(sign * (up - down) / (2.0 * step), abs=1e-4 * largest)


@settings(max_examples=50, deadline=None)
@given(gate_V=st.floats(0.5, 1.2), source_V=st.floats(0.0, 0.4), drop_V=st.floats(0.0, 0.8))
def test_current_never_falls_with_the_drain_voltage(cell, gate_V, source_V, drop_V):
    device = cell.read_transistor.biased(gate_V, 300.0)
    lower, higher = (
        channel_current(device, source_V, source_V + drop_V + extra).current_A for extra in (0.0, 0.05)
    )
    assert higher >= lower * (1.0 - 1e-12)


def test_on_resistance_is_the_slope_of_the_current(cell):
    access = cell.read_transistor
    small = 1e-5
    assert access.on_resistance_ohm(1.0, 0.2, 300.0) == pytest.approx(
        small / access.current_A(1.0, 0.2, 0.2 + small, 300.0), rel=1e-3
    )


def test_a_raised_source_weakens_the_transistor(cell):
    resistances = [cell.read_transistor.on_resistance_ohm(1.0, source, 300.0) for source in (0.0, 0.2, 0.35)]
    assert resistances == sorted(resistances)


def test_difference_of_two_devices_has_the_pair_coefficient(cell):
    one = threshold_sigma_V(2e-9, 200e-9, 50e-9)
    deviates = np.random.default_rng(5).standard_normal((200_000, 2)) * one
    # 200,000 differences: relative standard error 0.16 %, so five of them are 0.8 %; false alarm 6e-7.
    assert np.std(deviates[:, 0] - deviates[:, 1]) == pytest.approx(2e-9 / np.sqrt(200e-9 * 50e-9), rel=8e-3)
    assert cell.read_transistor.threshold_sigma_V == pytest.approx(one)


@settings(max_examples=50, deadline=None)
@given(scale=st.floats(1.01, 100.0))
def test_a_larger_device_matches_better(scale):
    assert threshold_sigma_V(2e-9, scale * 1e-7, 5e-8) < threshold_sigma_V(2e-9, 1e-7, 5e-8)


def test_a_drain_below_the_source_is_refused(cell):
    with pytest.raises(InputError, match="drain_V must be at or above source_V"):
        cell.read_transistor.current_A(1.0, 0.3, 0.2, 300.0)
