"""The search of `optimise_write`: a look over the whole family, then steps within trust regions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from spinpim.device.dynamics.trajectories import map_ordered
from spinpim.device.failure.write_family import WriteFamily
from spinpim.device.failure.write_objective import Objective, WritePoint, supply_energy_J, weigh
from spinpim.device.pulse import WriteSettings

Array = NDArray[np.float64]

SCANNED = 64
"""Pulses of the first look, spread evenly over the family."""

SHORTEST = (
    (0.55, 0.65, 0.75, 0.85, 0.95),
    (0.0,),
    (0.0,),
    (0.6, 0.95),
    (0.15, 0.22, 0.32),
    (0.0, 0.5, 0.9),
)
"""Places of the shortest pulses, which are looked at besides: current, width, fall, voltage, end and delay of
the assist. They lie in a corner of the family that an even spread leaves out and slopes do not lead into."""

BATCH = 16
"""Pulses judged at a time in the first look, by rising energy."""

WORTH_A_LOOK = 3.0
"""Energy over that of the best so far beyond which the first look ends: a search from there leads far."""

REFINED = 3
"""Best ones of the first look from which the search goes on."""

FIRST_RADIUS, LATER_RADIUS, LAST_RADIUS = 0.1, 0.03, 0.002
"""Size of the first step of the first search, of the first step of the later ones, and of the last step."""

FIRST_EVALUATIONS, LATER_EVALUATIONS = 12, 5
"""Pulses tried per parameter of the family in each first search, and in each later one."""

LEAST_DEPTH = 0.02
"""Least -ln of the error rate that counts: below it a pulse hardly writes, and the slope says little."""

Tried = dict[WriteSettings, WritePoint]


def scan(shared: Objective, family: WriteFamily, aim: float, executor: Executor | None) -> Tried:
    """Pulses spread over the family, the shortest, and the device's own or one near it; cheap ones first."""
    from scipy.stats import qmc  # slow to load

    spread = qmc.Sobol(d=family.parameters, scramble=False).random(SCANNED)
    shortest = np.array(list(itertools.product(*SHORTEST[: family.parameters])))
    places = (family.place(shared.device.write), *spread, *shortest)
    settings = [family.settings(place) for place in places]
    settings.sort(key=lambda one: supply_energy_J(shared, one))
    tried: Tried = {}
    for first in range(0, len(settings), BATCH):
        batch = settings[first : first + BATCH]
        least = min((_equivalent_energy(point, aim) for point in tried.values()), default=math.inf)
        if math.log(supply_energy_J(shared, batch[0]) / WORTH_A_LOOK) > least:
            break
        points = map_ordered(executor, weigh, [shared] * len(batch), batch)
        tried |= zip(batch, points, strict=True)
    return tried


def best_starts(tried: Tried, aim: float, count: int) -> list[WritePoint]:
    """Best pulses so far, and the best of those that meet the aim: the others may be kept from it."""
    ranked = sorted(tried.values(), key=lambda point: _equivalent_energy(point, aim))
    meeting = [point for point in ranked if point.error_rate <= aim]
    return ranked[:count] + [point for point in meeting[:1] if point not in ranked[:count]]


def searches(
    shared: Objective,
    family: WriteFamily,
    aim: float,
    starts: Sequence[WritePoint],
    executor: Executor | None,
    *,
    wide: bool,
) -> Tried:
    """What local searches from some pulses have tried."""
    columns = zip(*((shared, family, aim, start, wide) for start in starts), strict=True)
    return dict(itertools.chain.from_iterable(map_ordered(executor, _search, *columns)))


def _search(
    shared: Objective, family: WriteFamily, aim: float, start: WritePoint, wide: bool
) -> list[tuple[WriteSettings, WritePoint]]:
    """Pulses tried in a local search by trust regions from one of them."""
    from scipy.optimize import minimize  # slow to load

    tried: Tried = {start.settings: start}

    def point(x: Array) -> WritePoint:
        settings = family.settings(x)
        if settings not in tried:
            tried[settings] = weigh(shared, settings)
        return tried[settings]

    minimize(
        lambda x: math.log(point(x).energy_J),
        family.place(start.settings),
        method="COBYQA",
        bounds=[(0.0, 1.0)] * family.parameters,
        constraints={"type": "ineq", "fun": lambda x: _depth(point(x).error_rate) - _depth(aim)},
        options={
            "maxfev": family.parameters * (FIRST_EVALUATIONS if wide else LATER_EVALUATIONS),
            "initial_tr_radius": FIRST_RADIUS if wide else LATER_RADIUS,
            "final_tr_radius": LAST_RADIUS,
        },
    )
    return list(tried.items())


def _depth(error_rate: float) -> float:
    """Error rate on the scale of the energy: -ln p grows about as fast as the drive beyond its threshold."""
    return math.log(max(LEAST_DEPTH, -math.log(error_rate)))


def _equivalent_energy(point: WritePoint, aim: float) -> float:
    """Logarithm of the energy with which a pulse like this one would meet the aim."""
    return math.log(point.energy_J) + max(0.0, _depth(aim) - _depth(point.error_rate))
