"""Exact draw of the thermal state before a pulse: the Boltzmann law on the well's half of the sphere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import state
from spinpim.constants import BOLTZMANN
from spinpim.device.mtj import Device
from spinpim.device.validity import AXES
from spinpim.errors import InputError

INFLATIONS = (1.5, 2.0, 3.0, 5.0, 8.0)
"""Tried variances of the proposal over those of the harmonic well; the best acceptance wins."""

SMALLEST_PROJECTION = 1e-3
"""Least m . easy axis of a minimum that still counts as a state of its own."""

GRID = 241
BOUND_MARGIN = 1.02
"""Safety on the numerical maximum of target over proposal; the grid finds it within 0.1 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Well:
    """Proposal for one energy well, in equal-area coordinates about its minimum.

    Attributes
    ----------
    frame : (3, 3) array
        Rows: the two principal tangent directions, then the minimum itself.
    sigma : (2,) array
        Standard deviations of the Gaussian proposal [1].
    log_bound : float
        Upper bound of ln(target/proposal), both without their norms.
    side : (3,) array
        Easy direction of the well; only states with m . side > 0 belong to it.
    """

    frame: NDArray[np.float64]
    sigma: NDArray[np.float64]
    log_bound: float
    side: NDArray[np.float64]


def boltzmann_well(device: Device, initial_state: str) -> Well:
    """Prepare the draw of a state, "P" or "AP", of an undriven device.

    Raises
    ------
    InputError
        If the state is unknown, or the external field leaves no minimum on its side.
    """
    minimum, side = stable_state(device, initial_state)
    beta = thermal_weight_per_T(device)
    stiffness = np.array(device.stiffness_tensor_T())
    external = np.array(device.external_field_T)
    curvature, frame = _curvature(minimum, stiffness, external)
    harmonic = 1.0 / np.sqrt(beta * curvature)
    choices = [
        _bounded(inflation, frame, harmonic, beta, stiffness, external, side) for inflation in INFLATIONS
    ]
    return max(choices, key=lambda well: -well.log_bound - math.log(well.sigma[0] * well.sigma[1]))


def stable_state(device: Device, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Energy minimum of a state in the external field, and the easy direction of its side: unit vectors.

    Raises
    ------
    InputError
        If the state is unknown, or the external field leaves no minimum on its side.
    """
    direction = 1.0 if state("initial_state", name) == "P" else -1.0
    stiffness, external = np.array(device.stiffness_tensor_T()), np.array(device.external_field_T)
    side = np.zeros(3)
    side[AXES.index(device.easy_axis)] = direction
    minimum = _minimum(stiffness, external, side)
    if minimum @ side < SMALLEST_PROJECTION or _curvature(minimum, stiffness, external)[0][0] <= 0.0:
        raise InputError(
            f"Device {device.name}: the external field {device.external_field_T} T leaves no stable {name} "
            "state; it must stay below the anisotropy field."
        )
    return minimum, side


def _curvature(
    minimum: NDArray[np.float64], stiffness: NDArray[np.float64], external: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Principal curvatures of the energy at a minimum [T], and the frame: two tangents and the minimum."""
    along = float(minimum @ (external + stiffness * minimum))
    tangent = np.linalg.svd(minimum[None, :])[2][1:]
    curvature, axes = np.linalg.eigh(along * np.eye(2) - (tangent * stiffness) @ tangent.T)
    return curvature, np.vstack([axes.T @ tangent, minimum])


def thermal_weight_per_T(device: Device) -> float:
    """M_s V / (k_B T) [1/T]: turns an energy in tesla into units of k_B T."""
    moment = device.saturation_magnetisation_A_per_m * device.volume_m3
    return moment / (BOLTZMANN * device.temperature_K)


def _minimum(
    stiffness: NDArray[np.float64], external: NDArray[np.float64], side: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Descend from the easy axis; the shift makes every step a contraction towards the minimum."""
    shift = float(np.ptp(stiffness) + np.linalg.norm(external))
    m = side.copy()
    for _ in range(20_000):
        target = external + (stiffness - stiffness.min()) * m + shift * m
        updated = target / np.linalg.norm(target)
        if np.abs(updated - m).max() < 1e-14:
            break
        m = updated
    return m


def _bounded(
    inflation: float,
    frame: NDArray[np.float64],
    harmonic: NDArray[np.float64],
    beta: float,
    stiffness: NDArray[np.float64],
    external: NDArray[np.float64],
    side: NDArray[np.float64],
) -> Well:
    """Find the bound of target over proposal on a polar grid that covers the whole sphere."""
    sigma = harmonic * math.sqrt(inflation)
    radius, angle = np.meshgrid(np.linspace(0.0, 2.0, GRID), np.linspace(0.0, 2.0 * np.pi, GRID))
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    shrink = np.sqrt(np.maximum(1.0 - 0.25 * radius**2, 0.0))
    local = np.stack([x * shrink, y * shrink, 1.0 - 0.5 * radius**2], axis=-1)
    m = local @ frame
    gain = beta * (0.5 * (m * m) @ stiffness + m @ external)
    gain -= beta * (0.5 * frame[2] ** 2 @ stiffness + frame[2] @ external)
    log_ratio = gain + 0.5 * (x / sigma[0]) ** 2 + 0.5 * (y / sigma[1]) ** 2
    inside = m @ side >= 0.0
    return Well(frame, sigma, float(log_ratio[inside].max()) + math.log(BOUND_MARGIN), side)
