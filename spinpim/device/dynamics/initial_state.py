"""Exact draw of the thermal state before a pulse: the Boltzmann law on the well's half of the sphere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import state
from spinpim.constants import BOLTZMANN
from spinpim.device.landscape import Landscape
from spinpim.device.mtj import Device
from spinpim.device.validity import AXES
from spinpim.errors import InputError

INFLATIONS = (1.5, 2.0, 3.0, 5.0, 8.0)
"""Tried variances of the proposal over those of the harmonic well; the best acceptance wins."""

SMALLEST_PROJECTION = 1e-3
"""Least m . easy axis of a minimum that still counts as a state of its own."""

GRID = 241
LEAST_ACCEPTANCE = 1e-3
"""Below it a draw would take seconds; such a state is about to vanish anyway."""

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
        Easy direction of the well.
    border : float
        Only states with m . side above it belong to the well: 0, or the saddle under an opposing field.
    """

    frame: NDArray[np.float64]
    sigma: NDArray[np.float64]
    log_bound: float
    side: NDArray[np.float64]
    border: float


def boltzmann_well(device: Device, initial_state: str) -> Well:
    """Prepare the draw of a state, "P" or "AP", of an undriven device.

    Raises
    ------
    InputError
        If the state is unknown, or the external field leaves no minimum on its side.
    """
    minimum, side = stable_state(device, initial_state)
    beta = thermal_weight_per_T(device)
    landscape = device.landscape()
    curvature, tangents = landscape.curvatures_T(minimum)
    saddle = landscape.lowest_saddle()
    # Under a field against the state, part of its half of the sphere drains into the other well.
    border = 0.0 if saddle is None else max(0.0, float(saddle[0] @ side))
    problem = _Target(np.vstack([tangents, minimum]), beta, landscape, side, border)
    harmonic = 1.0 / np.sqrt(beta * curvature)
    well, acceptance = max(
        (_bounded(problem, harmonic, factor) for factor in INFLATIONS), key=lambda pair: pair[1]
    )
    if acceptance < LEAST_ACCEPTANCE:
        raise InputError(
            f"Device {device.name}: the {initial_state} state is too close to its instability to be drawn; "
            f"keep the external field {device.external_field_T} T further below the anisotropy field."
        )
    return well


def stable_state(
    device: Device, name: str, mtj_voltage_V: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Energy minimum of a state in the external field, and the easy direction of its side: unit vectors.

    Raises
    ------
    InputError
        If the state is unknown, or the external field leaves no minimum on its side.
    """
    direction = 1.0 if state("initial_state", name) == "P" else -1.0
    landscape = device.landscape(mtj_voltage_V)
    side = np.zeros(3)
    side[AXES.index(device.easy_axis)] = direction
    minimum = landscape.minimum_near(side)
    if minimum @ side < SMALLEST_PROJECTION or landscape.curvatures_T(minimum)[0][0] <= 0.0:
        raise InputError(
            f"Device {device.name}: the external field {device.external_field_T} T leaves no stable {name} "
            "state; it must stay below the anisotropy field."
        )
    return minimum, side


def thermal_weight_per_T(device: Device) -> float:
    """M_s V / (k_B T) [1/T]: turns an energy in tesla into units of k_B T."""
    return device.moment_A_m2 / (BOLTZMANN * device.temperature_K)


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """The Boltzmann law of one well."""

    frame: NDArray[np.float64]
    beta_per_T: float
    landscape: Landscape
    side: NDArray[np.float64]
    border: float


def _bounded(target: _Target, harmonic: NDArray[np.float64], inflation: float) -> tuple[Well, float]:
    """A proposal with its bound of target over proposal, and its acceptance, by polar grid."""
    sigma = harmonic * math.sqrt(inflation)
    # Half of the rings lie within eight widths of the well, however narrow it is.
    near = min(2.0, 8.0 * float(sigma.max()))
    rings = np.unique(np.concatenate([np.linspace(0.0, near, GRID), np.linspace(0.0, 2.0, GRID)]))
    radius, angle = np.meshgrid(rings, np.linspace(0.0, 2.0 * np.pi, GRID), indexing="ij")
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    shrink = np.sqrt(np.maximum(1.0 - 0.25 * radius**2, 0.0))
    m = np.stack([x * shrink, y * shrink, 1.0 - 0.5 * radius**2], axis=-1) @ target.frame
    height = target.landscape.energy_T(m)
    ground = float(target.landscape.energy_T(target.frame[2]))
    log_target = -target.beta_per_T * (height - ground)
    log_proposal = -0.5 * (x / sigma[0]) ** 2 - 0.5 * (y / sigma[1]) ** 2
    inside = m @ target.side >= target.border
    log_bound = float((log_target - log_proposal)[inside].max()) + math.log(BOUND_MARGIN)
    weight = np.where(inside, np.exp(np.minimum(log_target, 0.0)), 0.0) * radius
    mass = float(np.trapezoid(weight[:, :-1].mean(axis=1), rings)) * 2.0 * math.pi
    acceptance = mass / (2.0 * math.pi * float(sigma[0] * sigma[1])) * math.exp(-log_bound)
    return Well(target.frame, sigma, log_bound, target.side, target.border), acceptance
