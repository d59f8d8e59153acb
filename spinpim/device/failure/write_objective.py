"""Energy, time and failure probability of a write pulse of one family: what `optimise_write` weighs."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.device.dynamics.ensemble import LANES
from spinpim.device.dynamics.switching import OPPOSITE
from spinpim.device.dynamics.trajectories import initial_block, prepare
from spinpim.device.energy import write_energy
from spinpim.device.failure.committor import committor
from spinpim.device.failure.sphere_grid import values_at
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse, WriteSettings
from spinpim.device.validity import AXES

Array = NDArray[np.float64]

START_BLOCKS = 4
"""Blocks of LANES thermal starts over which the committor is averaged, the same for every pulse."""

LEAST_LOG = -600.0

ROWS_PER_ROOT = 6.0
"""Rows of the committor's grid over the square root of the thermal stability: two per thermal angle."""

FEWEST_ROWS, MOST_ROWS = 48, 72
"""Limits of the rows; the time of a pulse grows with their square."""


@dataclass(frozen=True, slots=True)
class WritePoint:
    """One pulse and what it costs.

    Attributes
    ----------
    settings : WriteSettings
        The pulse.
    energy_J : float
        Drawn from the supply, mean of the written directions [J].
    time_s : float
        From the first rise to the last fall [s].
    error_rate : float
        Failure probability by the committor on the optimiser's grid, mean of the directions [1]; within a
        factor of about two.
    """

    settings: WriteSettings
    energy_J: float
    time_s: float
    error_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """What stays the same between the pulses that are compared, picklable.

    Attributes
    ----------
    device : Device
        The junction.
    targets : tuple of str
        States that are written.
    supply_voltage_V : float
        Supply of the write drivers [V].
    rows : int
        Polar nodes of the committor.
    ends : dict of str to array
        Ln u at the end of the drive, before the wait for the reading.
    starts : dict of str to array
        Thermal states that are written from, (blocks, 4, LANES).
    """

    device: Device
    targets: tuple[str, ...]
    supply_voltage_V: float
    rows: int
    ends: dict[str, Array]
    starts: dict[str, Array]


def committor_rows(device: Device) -> int:
    """Polar nodes of the committor that judges a pulse, even [1]."""
    wanted = ROWS_PER_ROOT * math.sqrt(max(1.0, min(1e6, device.thermal_stability)))
    return 2 * math.ceil(0.5 * min(MOST_ROWS, max(FEWEST_ROWS, wanted)))


def objective(
    device: Device,
    targets: tuple[str, ...],
    supply_voltage_V: float,
    settle_time_s: float,
    rows: int,
    seed: int,
) -> Objective:
    """Prepare the parts that all pulses share: thermal starts and the wait after the drive."""
    wait = Pulse.points([0.0, settle_time_s])
    ends, starts = {}, {}
    for target in targets:
        ends[target] = committor(device, wait, target, rows=rows, stages=1).log_failure[0]
        job = prepare(device, wait, seed=seed, initial_state=OPPOSITE[target])
        drawn = [initial_block(job, block).astype(np.float64) for block in range(START_BLOCKS)]
        starts[target] = np.stack(drawn)
    return Objective(device, targets, supply_voltage_V, rows, ends, starts)


def weigh(shared: Objective, settings: WriteSettings) -> WritePoint:
    """Energy, time and failure probability of one pulse."""
    pulses = _pulses(shared, settings)
    failures = [_failure(shared, pulse, target) for target, pulse in pulses.items()]
    time_s = max(pulse.duration_s for pulse in pulses.values())
    failure = sum(failures) / len(failures)
    return WritePoint(settings, supply_energy_J(shared, settings), time_s, failure)


def supply_energy_J(shared: Objective, settings: WriteSettings) -> float:
    """Energy of one pulse from the supply, mean of the written directions [J]."""
    pulses = _pulses(shared, settings).values()
    energies = [write_energy(shared.device, pulse, shared.supply_voltage_V).supply_J for pulse in pulses]
    return sum(energies) / len(energies)


def _pulses(shared: Objective, settings: WriteSettings) -> dict[str, Pulse]:
    """Drive towards each target, without the wait for the reading."""
    device = shared.device.replace(write=dataclasses.replace(settings, settle_time_s=0.0))
    return {target: device.write_pulse(target) for target in shared.targets}


def mean_failure(shared: Objective, log_failure: Array, target: str) -> float:
    """Failure probability from the thermal starts, given ln u at the start of the pulse."""
    starts = shared.starts[target]
    heights = np.empty((starts.shape[0], LANES))
    values_at(log_failure, AXES.index(shared.device.easy_axis), starts, heights)
    highest = float(heights.max())
    log_mean = highest + math.log(float(np.mean(np.exp(heights - highest))))
    return min(1.0, math.exp(max(LEAST_LOG, log_mean)))


def _failure(shared: Objective, pulse: Pulse, target: str) -> float:
    guide = committor(shared.device, pulse, target, rows=shared.rows, stages=1, end=shared.ends[target])
    return mean_failure(shared, guide.log_failure[0], target)
