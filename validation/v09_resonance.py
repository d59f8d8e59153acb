"""Ferromagnetic resonance against the ringing of the kernel and the spectrum of its thermal noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rows import Row, report
from scipy.optimize import curve_fit

from spinpim import Device, Pulse, simulate
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, STATE_ROWS, THERMAL, advance_block
from spinpim.device.dynamics.linearised import constant_rows
from spinpim.device.measure.resonance import ferromagnetic_resonance

Array = NDArray[np.float64]

TILT = 1e-4
"""Radians of the free oscillation."""

STEP_S = 1e-13


def compare() -> list[Row]:
    """Frequencies in GHz and linewidths in MHz, simulated against the linearised equation."""
    rows = []
    for name, field in (
        ("perpendicular_memory_60nm", (0.05, 0.0, 0.02)),
        ("in_plane_y_memory", (0.0, 0.02, 0.1)),
    ):
        device = Device.load(name).replace(external_field_T=field)
        expected = ferromagnetic_resonance(device)
        frequency, width = ringing(device, free_motion, 0.0, 0.0)
        ghz, mhz = 1e-9 * float(expected.ringing_Hz), 1e-6 * float(expected.linewidth_Hz)
        rows.append(Row(f"{name}, ringing in GHz", 1e-9 * frequency, ghz, 1e-4 * ghz))
        rows.append(Row(f"{name}, width in MHz", 1e-6 * width, mhz, 1e-3 * mhz))
        cool = device.replace(temperature_K=20.0)
        ghz = 1e-9 * float(ferromagnetic_resonance(cool).frequency_Hz)
        rows.append(Row(f"{name}, noise peak in GHz", 1e-9 * noise_peak_Hz(cool, seed=7), ghz, 0.02 * ghz))
    return rows


def free_motion(
    m0: Array, drive: Array, step_s: float, damping: float, reference: Any, asymmetry: float
) -> Array:
    """Path of one macrospin without thermal field, (1, steps + 1, 3)."""
    state = np.zeros((STATE_ROWS, 1))
    state[:3, 0] = m0
    steps = drive.shape[0] - 1
    record = np.empty((1, steps + 1, STATE_ROWS))
    record[:, 0] = state.T
    scale = GYROMAGNETIC_RATIO * step_s / (1.0 + damping**2)
    constants = (tuple(reference), asymmetry, damping, 1.0, scale, 0.5 * scale)
    random_state, noise = np.zeros((4, 1), dtype=np.uint32), np.empty((6, 1))
    nothing = np.empty((0, DRIVE_COLUMNS)), np.empty((0, 2))
    advance_block(state, random_state, noise, drive, *nothing, constants, 0, steps, 1, record)
    path: Array = record[:, :, :3]
    return path


def ringing(
    device: Device, integrate: Callable[..., Array], sot_current_A: float, mtj_voltage_V: float
) -> tuple[float, float]:
    """Frequency and width [Hz] of a small free oscillation about the equilibrium, by a fit to the path."""
    resonance = ferromagnetic_resonance(device, sot_current_A=sot_current_A, mtj_voltage_V=mtj_voltage_V)
    row = constant_rows(device, np.zeros((1, 3)), np.array([sot_current_A]), np.array([mtj_voltage_V]))[0]
    row[THERMAL] = 0.0
    rest = resonance.equilibrium
    across = np.cross(rest, [1.0, 0.3, 0.2])
    across /= np.linalg.norm(across)
    start = rest + TILT * across
    start /= np.linalg.norm(start)
    steps = int(3.0 / float(resonance.linewidth_Hz) / np.pi / STEP_S)
    path = integrate(
        start,
        np.tile(row, (steps + 1, 1)),
        STEP_S,
        device.damping,
        reference=device.reference_direction,
        asymmetry=device.stt_asymmetry,
    )
    signal = (path[0] - rest) @ across / TILT
    time_ns = 1e9 * STEP_S * np.arange(steps + 1)

    def decay(t: Array, a: float, b: float, frequency: float, width: float) -> Array:
        angle = 2.0 * np.pi * frequency * t
        return np.exp(-np.pi * width * t) * (a * np.cos(angle) + b * np.sin(angle))

    # A start off the prediction, so that the fit has to find it.
    guess = [1.0, 0.0, 1.02e-9 * float(resonance.ringing_Hz), 1.2e-9 * float(resonance.linewidth_Hz)]
    found = curve_fit(decay, time_ns, signal, p0=guess)[0]
    return 1e9 * float(found[2]), 1e9 * float(found[3])


def noise_peak_Hz(device: Device, *, seed: int) -> float:
    """Centre of the line in the spectrum of an undriven ensemble [Hz], by a Lorentzian fit."""
    run = simulate(device, Pulse.points([0.0, 10e-9]), seed=seed, trials=256, save_every_s=20e-12)
    easy = "xyz".index(device.easy_axis)
    step = float(run.time_s[1])
    across = np.delete(run.magnetisation, easy, axis=2)
    across = across - across.mean(axis=(0, 1))
    window = np.hanning(across.shape[1])[None, :, None]
    power = (np.abs(np.fft.rfft(across * window, axis=1)) ** 2).mean(axis=0).sum(axis=1)
    frequency = 1e-9 * np.fft.rfftfreq(across.shape[1], step)
    top = int(np.argmax(power[3:])) + 3
    near = np.abs(frequency - frequency[top]) < 0.25 * frequency[top]

    def line(f: Array, height: float, centre: float, width: float) -> Array:
        return height / (1.0 + ((f - centre) / (0.5 * width)) ** 2)

    guess = [power[top], frequency[top], 0.1 * frequency[top]]
    found = curve_fit(line, frequency[near], power[near], p0=guess)[0]
    return 1e9 * float(found[1])


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Frequency and relative linewidth of an in-plane junction against the field along its hard axis."""
    device = Device.load("in_plane_y_memory")
    field = np.linspace(0.0, 0.15, 151)
    found = ferromagnetic_resonance(device, field_T=field[:, None] * [1.0, 0.0, 0.0])
    axes.plot(1e3 * field, 1e-9 * found.frequency_Hz, color="black")
    half = 0.5e-9 * found.linewidth_Hz
    axes.fill_between(
        1e3 * field, 1e-9 * found.frequency_Hz - half, 1e-9 * found.frequency_Hz + half, color="0.8"
    )
    axes.set(xlabel="field along the hard axis (mT)", ylabel="resonance and its width (GHz)")


if __name__ == "__main__":
    report("v09_resonance", compare, draw)
