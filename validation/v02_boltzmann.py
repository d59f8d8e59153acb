"""Fluctuations of undriven devices against the Boltzmann law, at the default time step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from boltzmann import boltzmann_mean
from numpy.typing import NDArray
from rows import Row, report

from spinpim import Device, Pulse, simulate

DEVICES = {"perpendicular_memory_60nm": 8192, "imec_sot_62nm": 8192, "in_plane_y_memory": 8192}


def compare() -> list[Row]:
    """Ratio of the mean of 1 - cos^2, simulated over expected; a ratio r means a temperature of about r T."""
    return [
        Row(f"{name}, ratio", ratio(Device.load(name), trials), 1.0, 0.01) for name, trials in DEVICES.items()
    ]


def ratio(device: Device, trials: int) -> float:
    """Simulated over expected mean of 1 - (m . easy axis)^2 [1]."""
    easy = "xyz".index(device.easy_axis)

    def transverse(m: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1.0 - m[..., easy] ** 2

    run = simulate(device, Pulse.points([0.0, 40e-9]), seed=3, trials=trials, save_every_s=0.5e-9)
    return float(np.mean(transverse(run.magnetisation[:, 10:])) / boltzmann_mean(device, transverse))


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Ratios with the tolerance band."""
    axes.axhspan(0.99, 1.01, color="0.9")
    axes.plot([row.what.split(",")[0] for row in rows], [row.ours for row in rows], "o", color="black")
    axes.set(ylabel="simulated / Boltzmann", ylim=(0.97, 1.03))
    axes.tick_params(axis="x", labelrotation=15)


if __name__ == "__main__":
    report("v02_boltzmann", compare, draw)
