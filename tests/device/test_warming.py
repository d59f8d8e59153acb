"""Self-heating: the shared temperature, the warmth of each trajectory, and what heat does to the magnet."""

from __future__ import annotations

import math

import numpy as np
import pytest
from boltzmann import boltzmann_mean
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim import Device, Pulse, simulate
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.dynamics.drive import drive_rows, drive_table
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, STATE_ROWS, THERMAL, advance_block
from spinpim.device.warming import Warming, temperature_K
from spinpim.errors import InputError

CONSTANT_V = Pulse.points([0.0, 5e-9], mtj_voltage_V=0.3)
CONSTANT_A = Pulse.points([0.0, 5e-9], sot_current_A=2e-4)


def warmed(device: Device, *, junction=0.0, channel=0.0, junction_s=1e-9, channel_s=2e-9) -> Device:
    return device.replace(warming=Warming(junction, junction_s, channel, channel_s))


def conductance_S(device: Device, cosine, voltage_V):
    return 1.0 / device.resistance_ohm(cosine, voltage_V)


def test_a_step_of_voltage_warms_as_the_closed_form_says(memory):
    device = warmed(memory, junction=1e6)
    time = np.linspace(0.0, 5e-9, 333)
    power = 0.3**2 * float(conductance_S(device, 0.0, 0.3))
    expected = 300.0 + 1e6 * power * (1.0 - np.exp(-time / 1e-9))
    assert np.abs(temperature_K(device, CONSTANT_V, time) - expected).max() < 1e-9


def test_a_step_of_current_warms_as_the_closed_form_says(memory):
    device = warmed(memory, channel=5e5)
    time = np.linspace(0.0, 5e-9, 333)
    power = 2e-4**2 * device.channel_resistance_ohm
    expected = 300.0 + 5e5 * power * (1.0 - np.exp(-time / 2e-9))
    assert np.abs(temperature_K(device, CONSTANT_A, time) - expected).max() < 1e-9


def test_after_long_heating_the_temperature_is_resistance_times_power(memory):
    device = warmed(memory, junction=1e6, channel=5e5)
    pulse = Pulse.points([0.0, 1e-6], mtj_voltage_V=0.3, sot_current_A=2e-4)
    powers = 0.09 * float(conductance_S(device, 0.0, 0.3)), 4e-8 * device.channel_resistance_ohm
    last = temperature_K(device, pulse, np.array([1e-6]))[0]
    assert last == pytest.approx(300.0 + 1e6 * powers[0] + 5e5 * powers[1], rel=1e-12)


def test_the_two_paths_add(memory):
    pulse = memory.write_pulse("AP")
    time = np.linspace(0.0, pulse.duration_s, 501)
    alone = [
        temperature_K(warmed(memory, **paths), pulse, time) - 300.0
        for paths in ({"junction": 1e6}, {"channel": 5e5}, {"junction": 1e6, "channel": 5e5})
    ]
    assert np.allclose(alone[0] + alone[1], alone[2], rtol=0.0, atol=1e-9)
    assert alone[0].max() > 1.0 and alone[1].max() > 1.0  # noqa: PT018


@pytest.mark.parametrize("settle_s", [1e-9, 1e-6, 1e-4])
def test_a_short_pulse_leaves_its_heat_however_long_the_wait_after_it(memory, settle_s):
    device = warmed(memory, channel=5e5, channel_s=3e-9)
    pulse = Pulse.rectangle(sot_current_A=2e-4, width_s=0.5e-9, settle_time_s=settle_s)
    power = 4e-8 * device.channel_resistance_ohm
    peak = 5e5 * power * (1.0 - math.exp(-0.5 / 3.0))
    found = temperature_K(device, pulse, np.array([0.5e-9, 1.5e-9])) - 300.0
    assert found == pytest.approx([peak, peak * math.exp(-1.0 / 3.0)], rel=1e-9)


@given(
    rise=st.floats(1e-11, 2e-9),
    width=st.floats(1e-11, 5e-9),
    tau=st.floats(1e-11, 1e-6),
    volts=st.floats(0.05, 1),
)
@settings(max_examples=30, deadline=None)
def test_any_edge_and_time_constant_agree_with_an_integration_of_the_equation(rise, width, tau, volts):
    device = warmed(Device.load("perpendicular_memory_60nm"), junction=1e6, junction_s=tau)
    pulse = Pulse.rectangle(
        sot_current_A=0.0,
        mtj_voltage_V=volts,
        width_s=width,
        rise_time_s=rise,
        fall_time_s=rise,
        settle_time_s=width,
    )
    time = np.unique(np.concatenate([np.linspace(0.0, pulse.duration_s, 20_001), pulse.time_s]))
    middle = pulse.sample(0.5 * (time[1:] + time[:-1]))[1]
    power = middle**2 * conductance_S(device, 0.0, middle)
    keep = np.exp(-np.diff(time) / tau)
    expected = [0.0]
    for factor, target in zip(keep, 1e6 * power, strict=True):
        expected.append(target + (expected[-1] - target) * factor)
    error = np.abs(temperature_K(device, pulse, time) - 300.0 - expected).max()
    assert error < 1e-3 * max(expected)


@pytest.mark.parametrize("cosine", [1.0, 0.4, -1.0])
@pytest.mark.parametrize("real", [np.float64, np.float32])
def test_a_frozen_magnet_warms_by_its_own_conductance(memory, cosine, real):
    device = warmed(memory, junction=1e6)
    table = drive_table(device, CONSTANT_V)
    state = np.zeros((STATE_ROWS, 256), dtype=real)
    state[:3] = np.array([math.sqrt(1.0 - cosine**2), 0.0, cosine])[:, None]
    still = np.zeros((table.steps + 1, DRIVE_COLUMNS), dtype=real)
    _, _, heat, constants = table.kernel_arguments(real.__name__)
    generators, noise = np.zeros((4, 256), dtype=np.uint32), np.empty((6, 256), dtype=real)
    empty = np.empty((0, 0, STATE_ROWS), dtype=real)
    advance_block(
        state, generators, noise, still, still, heat, constants, 0, table.steps, 0, empty
    )  # fmt: skip
    shared = temperature_K(device, CONSTANT_V, np.array([5e-9]))[0]
    power = 0.09 * float(conductance_S(device, cosine, 0.3))
    expected = 300.0 + 1e6 * power * (1.0 - math.exp(-5.0))
    assert shared + state[3, 0] == pytest.approx(expected, rel=1e-9 if real is np.float64 else 1e-6)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_moving_magnet_warms_as_an_integration_along_its_own_path_says(memory, precision):
    device = warmed(memory, junction=2e6, junction_s=0.4e-9, channel=3e5)
    pulse = device.write_pulse("AP")
    run = simulate(device, pulse, seed=5, trials=6, save_every_s=1e-15, precision=precision)
    assert np.ptp(run.magnetisation[:, :, 2]) > 1.8
    time, step = run.time_s, run.time_s[1]
    voltage, current = run.mtj_voltage_V, run.sot_current_A
    junction = 2e6 * voltage**2 * conductance_S(device, run.magnetisation[:, :, 2], voltage)
    channel = 3e5 * current**2 * device.channel_resistance_ohm
    expected = np.full((6, time.size), 300.0)
    theta_junction, theta_channel = np.zeros(6), 0.0
    for point in range(1, time.size):
        target = 0.5 * (junction[:, point] + junction[:, point - 1])
        theta_junction = target + (theta_junction - target) * math.exp(-step / 0.4e-9)
        target = 0.5 * (channel[point] + channel[point - 1])
        theta_channel = target + (theta_channel - target) * math.exp(-step / 2e-9)
        expected[:, point] = 300.0 + theta_junction + theta_channel
    warmest = expected.max() - 300.0
    assert warmest > 20.0
    # The kernel takes m and V at the start of each step.
    assert np.abs(run.temperature_K - expected).max() < 5e-3 * warmest


@pytest.mark.parametrize("curie", [None, 1100.0])
def test_a_warm_junction_fluctuates_as_one_at_that_temperature(memory, curie):
    """The warmth of the parallel state goes through `rise`, so its first order is tested along."""
    plain = memory.replace(
        stt_efficiency=0.0, vcma_coefficient_J_per_V_m=0.0, curie_temperature_K=curie, damping=0.1
    )
    volts = 0.5
    device = warmed(plain, junction=1.2e6, junction_s=0.2e-9)
    pulse = Pulse.points([0.0, 12e-9], mtj_voltage_V=volts)
    run = simulate(device, pulse, seed=8, trials=4096, save_every_s=0.5e-9)
    late = run.magnetisation[:, 6:]
    warm_K = float(run.temperature_K[:, 6:].mean())
    assert warm_K > 330.0
    transverse = 1.0 - late[..., 2] ** 2
    expected = boltzmann_mean(
        device.replace(temperature_K=warm_K, warming=None), lambda m: 1 - m[..., 2] ** 2
    )
    cold = boltzmann_mean(plain, lambda m: 1.0 - m[..., 2] ** 2)
    error = transverse.mean(axis=1).std() / math.sqrt(4096) / expected
    assert error < 0.005
    # Three standard errors and 0.3 % of the time step: false alarm below 0.3 %, at a fixed seed.
    assert transverse.mean() / expected == pytest.approx(1.0, abs=3.0 * error + 0.003)
    assert expected / cold > 1.1


@pytest.mark.parametrize("kelvin", [-20.0, 20.0, 50.0])
def test_the_first_order_rise_is_exact_enough_at_fifty_kelvin(memory, kelvin):
    device = warmed(
        memory.replace(curie_temperature_K=1100.0, second_order_anisotropy_J_per_m2=5e-5), junction=1e6
    )
    hot = device.replace(temperature_K=device.temperature_K + kelvin)
    pulse = Pulse.points([0.0, 1e-10], mtj_voltage_V=0.4, sot_current_A=2e-4)
    table = drive_table(device, pulse)
    at_warmth = table.table[0] + kelvin * table.rise[0]
    exact = drive_rows(hot, pulse, np.array([0.0]))[0]
    step = table.time_s[1]
    exact[THERMAL] = math.sqrt(2.0 * device.damping / (GYROMAGNETIC_RATIO * step) * exact[THERMAL])
    # Measured at +50 K: fields 0.3 % of the largest, the thermal one 0.35 %, so its temperature 0.7 %.
    assert np.abs(at_warmth - exact)[:THERMAL].max() < 4e-3 * np.abs(exact[:THERMAL]).max()
    assert at_warmth[THERMAL] == pytest.approx(exact[THERMAL], rel=5e-3)


def test_the_rise_of_a_very_cold_junction_is_finite(memory):
    device = warmed(memory.replace(temperature_K=0.5), junction=1e3)
    assert np.all(np.isfinite(drive_table(device, CONSTANT_V).rise))


def test_a_pulse_that_reaches_the_curie_temperature_is_refused_with_the_remedy(memory):
    device = warmed(memory.replace(curie_temperature_K=700.0), junction=1e8)
    with pytest.raises(InputError, match=r"above 95 % of its Curie temperature of 700 K.*shorten or lower"):
        drive_table(device, CONSTANT_V)


def test_the_parallel_state_may_not_pass_the_curie_temperature_either(memory):
    """It is warmer than the mean conductance says, on which the shared temperature rests."""
    volts = float(CONSTANT_V.mtj_voltage_V[0])
    mean, parallel = (0.09 * float(conductance_S(memory, cosine, volts)) for cosine in (0.0, 1.0))
    # 640 K at the mean conductance, above 95 % of 700 K in P.
    device = warmed(memory.replace(curie_temperature_K=700.0), junction=340.0 / mean)
    assert 300.0 + 340.0 * parallel / mean > 0.95 * 700.0
    with pytest.raises(InputError, match="Curie temperature"):
        drive_table(device, CONSTANT_V)


def test_heating_and_cooling_below_the_limit_is_not_refused(memory):
    """The guard follows the parallel state in time: hot early, cool again when the channel heats."""
    device = warmed(memory.replace(curie_temperature_K=700.0), junction=3e6, channel=2e6, junction_s=0.1e-9)
    pulse = Pulse.points(
        [0.0, 1e-9, 1e-9, 5e-9, 5e-9, 6e-9],
        mtj_voltage_V=[0.3, 0.3, 0.0, 0.0, 0.0, 0.0],
        sot_current_A=[0.0, 0.0, 0.0, 0.0, 3e-4, 3e-4],
    )
    time = np.linspace(0.0, 6e-9, 601)
    parallel = temperature_K(device, pulse, time, cosine=1.0)
    hot = parallel[:200].max() - 300.0, parallel[500:].max() - 300.0
    limit = 300.0 + 1.05 * max(hot)
    assert limit < 0.95 * 700.0
    assert sum(hot) > 1.2 * max(hot)
    near = device.replace(curie_temperature_K=limit / 0.95)
    assert drive_table(near, pulse).rise.size


def test_heat_does_not_touch_a_device_without_thermal_paths(memory):
    assert np.all(temperature_K(memory, CONSTANT_V, np.linspace(0.0, 5e-9, 7)) == 300.0)
    assert drive_table(memory, CONSTANT_V).rise.shape == (0, DRIVE_COLUMNS)


@pytest.mark.parametrize("part", [0, 1, 2, 3])
@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_impossible_thermal_paths_are_refused_by_name(part, bad):
    numbers = [1e6, 1e-9, 1e6, 1e-9]
    numbers[part] = bad
    with pytest.raises(InputError, match=r"Warming: (junction|channel)_(time_s|resistance_K_per_W)"):
        Warming(*numbers)


def test_a_warming_of_another_kind_is_refused(memory):
    with pytest.raises(InputError, match="must be a Warming or None"):
        memory.replace(warming={"junction_resistance_K_per_W": 1e6})
