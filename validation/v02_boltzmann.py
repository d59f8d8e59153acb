"""Fluctuations of undriven devices against the Boltzmann law, at the default time step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report
from scipy.integrate import simpson

from spinpim import Device, Pulse, simulate
from spinpim.device.initial_state import thermal_weight_per_T

DEVICES = {"perpendicular_memory_60nm": 8192, "imec_sot_62nm": 8192, "in_plane_y_memory": 8192}


def compare() -> list[Row]:
    """Ratio of the mean of 1 - cos^2, simulated over expected; a ratio r means a temperature of about r T."""
    return [
        Row(f"{name}, ratio", ratio(Device.load(name), trials), 1.0, 0.01) for name, trials in DEVICES.items()
    ]


def ratio(device: Device, trials: int) -> float:
    """Simulated over expected mean of 1 - (m . easy axis)^2 [1]."""
    run = simulate(device, Pulse.points([0.0, 40e-9]), seed=3, trials=trials, save_every_s=0.5e-9)
    easy = "xyz".index(device.easy_axis)
    return float(np.mean(1.0 - run.magnetisation[:, 10:, easy] ** 2) / boltzmann(device))


def boltzmann(device: Device) -> float:
    """Mean of 1 - (m . easy axis)^2 over the half sphere of the P state, by quadrature [1]."""
    stiffness, external = np.array(device.stiffness_tensor_T()), np.array(device.external_field_T)
    easy = "xyz".index(device.easy_axis)
    u = np.linspace(0.0, 1.0, 4001)
    along, angle = np.meshgrid(1.0 - u**2, 2.0 * np.pi * np.arange(720) / 720, indexing="ij")
    across = np.sqrt(1.0 - along**2)
    m = np.empty((*along.shape, 3))
    m[..., easy], m[..., (easy + 1) % 3] = along, across * np.cos(angle)
    m[..., (easy + 2) % 3] = across * np.sin(angle)
    gain = thermal_weight_per_T(device) * (0.5 * (m * m) @ stiffness + m @ external)
    weight = np.exp(gain - gain.max()) * u[:, None]
    transverse = (weight * (1.0 - along**2)).sum(axis=1)
    return float(simpson(transverse, x=u) / simpson(weight.sum(axis=1), x=u))


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Ratios with the tolerance band."""
    axes.axhspan(0.99, 1.01, color="0.9")
    axes.plot([row.what.split(",")[0] for row in rows], [row.ours for row in rows], "o", color="black")
    axes.set(ylabel="simulated / Boltzmann", ylim=(0.97, 1.03))
    axes.tick_params(axis="x", labelrotation=15)


if __name__ == "__main__":
    report("v02_boltzmann", compare, draw)
