r"""Probability that a write will fail, seen from each direction of m at each time: the committor.

It solves the backward Kolmogorov equation of the stochastic macrospin,

.. math::

    -\partial_t u = \mathbf v\cdot\nabla u + D\,\Delta u, \qquad
    u(T, \mathbf m) = 1\ \text{where the write has failed}

for ln u on a polar grid: half a step of drift, a Gaussian step of diffusion, half a step of drift, each by
interpolation of ln u. The result is positive by construction and as smooth at 1e-30 as at 0.1.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.dynamics.drive import drive_rows, upper_bounds_T
from spinpim.device.dynamics.ensemble import THERMAL
from spinpim.device.failure.sphere_grid import PAD, departures, grid_directions, pad, pull_back, spread
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.device.validity import AXES

Array = NDArray[np.float64]

PHASE_PER_STEP = 0.6
"""Largest precession angle of a step [rad]."""

HALF = 2
"""Index of the middle among the drive rows of a step."""

SAME = 1e-9
"""Relative change of drive or step below which the drift counts as the same."""

WIDTH_PER_STEP = 0.02
"""Largest width of the Gaussian of a step [rad]."""

STEEPNESS = 2.0
"""Fall of ln u per node beyond the edge of the failed half at the end, instead of infinity."""

DEEPEST = -700.0


@dataclass(frozen=True, slots=True, eq=False)
class Committor:
    """ln u on the padded grid at chosen times.

    Attributes
    ----------
    time_s : (stages,) array
        Rising times [s]; the first is the start of the pulse, the last its end.
    log_failure : (stages, rows + 2 PAD, columns + 2 PAD) array
        ln u [1].
    axis : int
        Pole axis: 0, 1, 2 for x, y, z; the easy axis.
    """

    time_s: Array
    log_failure: Array
    axis: int


def committor(
    device: Device,
    pulse: Pulse,
    to: str,
    *,
    rows: int = 96,
    stages: int = 200,
    end: Array | None = None,
) -> Committor:
    """Solve backwards from the end of a pulse that writes ``to``; self-heating at its mean over the states.

    Parameters
    ----------
    device, pulse : Device, Pulse
        The junction and what is applied.
    to : str
        "P" or "AP".
    rows : int
        Polar nodes; twice as many azimuths.
    stages : int
        Number of times kept, about.
    end : (rows + 2 PAD, 2 rows + 2 PAD) array, optional
        Ln u at the end of the pulse, where something follows that is known already; by default the state is
        read then.

    Returns
    -------
    Committor
    """
    axis = AXES.index(device.easy_axis)
    edges, kept = _time_grid(device, pulse, stages)
    current = _end(rows, 1.0 if to == "P" else -1.0) if end is None else end.copy()
    scratch = np.empty_like(current)
    saved = [current.copy()]
    drift = _Drift(device, axis, rows)
    for index in range(edges.size - 2, -1, -1):
        start_s, end_s = float(edges[index]), float(edges[index + 1])
        drives, sigma = _step_drives(device, pulse, start_s, end_s)
        drift.pull(current, scratch, drives[HALF:], 0.5 * (end_s - start_s))
        spread(scratch, current, sigma)
        drift.pull(current, scratch, drives[: HALF + 1], 0.5 * (end_s - start_s))
        np.clip(scratch, DEEPEST, 0.0, out=current)
        if kept[index]:
            saved.append(current.copy())
    return Committor(edges[kept], np.array(saved[::-1]), axis)


class _Drift:
    """Drift of half a step; kept while neither drive nor step changes, as most of a pulse is flat."""

    def __init__(self, device: Device, axis: int, rows: int) -> None:
        self.device, self.axis, self.rows = device, axis, rows
        self.nodes = grid_directions(rows, axis)
        self.places = np.empty((2 * rows * rows, 2), dtype=np.int64)
        self.weights = np.empty((8, 2 * rows * rows))
        self.known: tuple[Array, float] | None = None

    def pull(self, after: Array, before: Array, drives: Array, duration_s: float) -> None:
        """Carry the values at the end of half a step to its start."""
        if not self._holds(drives, duration_s):
            damping = self.device.damping
            scale = GYROMAGNETIC_RATIO * duration_s / (1.0 + damping**2)
            constants = self.device.reference_direction, self.device.stt_asymmetry, damping, scale
            form = tuple(kernel_form(row) for row in drives)
            departures(self.places, self.weights, self.nodes, self.axis, self.rows, form, constants)
            self.known = drives.copy(), duration_s
        pull_back(after, before, self.places, self.weights)

    def _holds(self, drives: Array, duration_s: float) -> bool:
        if self.known is None or abs(self.known[1] - duration_s) > SAME * duration_s:
            return False
        return bool(np.abs(self.known[0] - drives).max() <= SAME * np.abs(drives).max())


def _time_grid(device: Device, pulse: Pulse, stages: int) -> tuple[Array, NDArray[np.bool_]]:
    """Step edges that include the breakpoints of the pulse, and which of them are kept."""
    damping = device.damping
    precession_T, thermal_T = upper_bounds_T(device, pulse)
    rotation = GYROMAGNETIC_RATIO * precession_T
    diffusion = damping * GYROMAGNETIC_RATIO * thermal_T / (1.0 + damping**2)
    longest = min(PHASE_PER_STEP / rotation, WIDTH_PER_STEP**2 / (2.0 * diffusion))
    corners = np.unique(pulse.time_s)
    pieces = [
        np.linspace(start, end, math.ceil((end - start) / longest) + 1)[:-1]
        for start, end in itertools.pairwise(corners)
    ]
    edges = np.concatenate([*pieces, corners[-1:]])
    kept = np.zeros(edges.size, dtype=bool)
    kept[:: max(1, edges.size // stages)] = True
    kept[[0, -1]] = True
    return edges, kept


def _end(rows: int, target: float) -> Array:
    """Ln u when the state is read: 0 in the failed half, falling steeply into the other."""
    polar = (np.arange(rows) + 0.5) * np.pi / rows
    into_target = target * (0.5 * np.pi - polar)
    fall = -STEEPNESS * rows / np.pi * np.maximum(0.0, into_target)
    values = np.zeros((rows + 2 * PAD, 2 * rows + 2 * PAD))
    values[PAD:-PAD, PAD:-PAD] = fall[:, None]
    pad(values)
    return values


def _step_drives(device: Device, pulse: Pulse, start_s: float, end_s: float) -> tuple[Array, float]:
    """Drive rows at five even times of a step, and the width of its Gaussian [rad]."""
    step = end_s - start_s
    # Within a step the drive is linear, but a jump at its end belongs to the next one: extrapolate to it.
    low, middle = drive_rows(device, pulse, start_s + step * np.array([0.0, 0.5]))
    share = np.linspace(0.0, 2.0, 2 * HALF + 1)[:, None]
    drives = low + share * (middle - low)
    damping = device.damping
    diffusion = damping * GYROMAGNETIC_RATIO / (1.0 + damping**2) * float(middle[THERMAL])
    return drives, math.sqrt(2.0 * diffusion * step)


def kernel_form(row: Array) -> tuple[object, ...]:
    """Drive row as the kernel takes it."""
    numbers = [float(number) for number in row]
    return tuple(numbers[0:3]), tuple(numbers[3:9]), numbers[9], tuple(numbers[10:13]), numbers[13]
