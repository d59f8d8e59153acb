"""Boltzmann averages over one well of a device, by quadrature on the sphere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.constants import k as boltzmann_constant
from scipy.integrate import simpson

from spinpim import Device


def boltzmann_mean(
    device: Device, function: Callable[[NDArray[np.float64]], NDArray[np.float64]], state: str = "P"
) -> float:
    """Mean of a function of m (last axis x, y, z) over the half sphere of a state."""
    beta = device.moment_A_m2 / (boltzmann_constant * device.temperature_K)
    landscape = device.landscape()
    easy = "xyz".index(device.easy_axis)
    u = np.linspace(0.0, 1.0, 4001)
    # Crowded near the pole, where the weight is; du carries the factor u of the substitution.
    along, angle = np.meshgrid(1.0 - u**2, 2.0 * np.pi * np.arange(720) / 720, indexing="ij")
    along = along if state == "P" else -along
    across = np.sqrt(1.0 - along**2)
    m = np.empty((*along.shape, 3))
    m[..., easy] = along
    m[..., (easy + 1) % 3], m[..., (easy + 2) % 3] = across * np.cos(angle), across * np.sin(angle)
    gain = -beta * landscape.energy_T(m)
    weight = np.exp(gain - gain.max()) * u[:, None]
    return float(simpson((weight * function(m)).sum(axis=1), x=u) / simpson(weight.sum(axis=1), x=u))
