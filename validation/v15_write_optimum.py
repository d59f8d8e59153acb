"""The pulse of `optimise_write` against the best of exhaustive grids of square pulses.

All are judged alike: same committor, limits, edges and wait; each winner is checked by splitting until the
upper end of its interval meets the target, then counted with other randomness.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rows import Row, report

from spinpim import Device, Pulse
from spinpim.constants import VACUUM_PERMEABILITY
from spinpim.device.failure.committor import committor
from spinpim.device.failure.optimise import AIM_INSIDE, CORRECTIONS, NEAR_ENOUGH, optimise_write, pareto_front
from spinpim.device.failure.write_error import write_error_rate
from spinpim.device.failure.write_objective import (
    Objective,
    WritePoint,
    committor_rows,
    mean_failure,
    objective,
    supply_energy_J,
    weigh,
)
from spinpim.device.pulse import WriteSettings
from spinpim.estimate import Estimate

Array = NDArray[np.float64]

EDGE_S, WAIT_S, LONGEST_S = 0.05e-9, 1e-9, 4e-9
TARGETS = (1e-4, 1e-6)

STEPS = 8
"""Times the grid is made finer around its best points."""

CURRENT_RATIO, CURRENT_STEPS = 1.03, 10
"""Steps of the current between which the least one is looked for."""

STARTS = 2
"""Best points of the grid that are refined."""

SEED, OTHER_SEED = 1, 2


@dataclass(frozen=True, slots=True)
class Case:
    """A junction, its supply, the grid and its ceiling in energy, and the trials counted per target.

    Currents of the grid are shares of the highest.
    """

    device: Device
    supply_V: float
    highest_V: float
    currents: tuple[float, ...]
    voltages_V: tuple[float, ...]
    extras_s: tuple[float, ...]
    ceiling_J: float
    trials: tuple[int, int]

    @property
    def highest_A(self) -> float:
        """What the supply drives through the channel."""
        return self.supply_V * (1.0 - 1e-12) / self.device.channel_resistance_ohm

    def objective(self) -> Objective:
        """What the optimiser weighs with."""
        return objective(self.device, ("AP",), self.supply_V, WAIT_S, committor_rows(self.device), SEED)


def cases() -> dict[str, Case]:
    """Two perpendicular junctions: one with an assist by spin-transfer torque, one with a field alone."""
    voltages = tuple(1.09 * np.linspace(0.3, 1.0, 8))
    extras = tuple(EDGE_S * np.array([0, 1, 2, 3, 4, 6, 8, 11, 15, 20]))
    return {
        "60 nm": Case(
            device=soft_junction(),
            supply_V=1.1444,
            highest_V=1.09,
            currents=tuple(np.geomspace(0.3, 0.75, 16)),
            voltages_V=voltages,
            extras_s=extras,
            ceiling_J=0.35e-12,
            trials=(1_000_000, 2_000_000),
        ),
        "imec 62 nm": Case(
            device=Device.load("imec_sot_62nm"),
            supply_V=1.0,
            highest_V=0.0,
            currents=tuple(np.geomspace(0.3, 0.45, 40)),
            voltages_V=(),
            extras_s=(),
            ceiling_J=0.6e-12,
            trials=(500_000, 0),
        ),
    }


def soft_junction() -> Device:
    """Junction of 60 nm, 0.5 T, damping 0.05 and Delta = 60 with -50 mT along the current."""
    device = Device.load("perpendicular_memory_60nm")
    moment = device.saturation_magnetisation_A_per_m
    device = device.replace(
        damping=0.05,
        oersted_factor=0.0,
        vcma_coefficient_J_per_V_m=0.0,
        field_like_ratio=0.0,
        stt_field_like_ratio=0.0,
        spin_hall_angle=0.35,
        external_field_T=(-0.05, 0.0, 0.0),
        demagnetising_factors=(0.0, 0.0, 1.0),
        interfacial_anisotropy_J_per_m2=0.5
        * moment
        * device.thickness_m
        * (0.5 + VACUUM_PERMEABILITY * moment),
        resistance_area_product_ohm_m2=5e-12,
    )
    return device.replace(temperature_K=device.temperature_K * device.thermal_stability / 60.0)


def square(current_A: float, width_s: float, voltage_V: float, extra_s: float) -> WriteSettings:
    """Pulse with the fastest edges, its voltage from the start of the current."""
    return WriteSettings(current_A, width_s, EDGE_S, EDGE_S, voltage_V, extra_s, WAIT_S)


def failures_by_width(
    shared: Objective, current_A: float, voltage_V: float, extra_s: float, widths_s: Sequence[float]
) -> list[float]:
    """Error rates of square pulses of rising width, all from one backward solution."""
    device = shared.device.replace(write=square(current_A, 1e-9, voltage_V, extra_s))
    pulse = device.write_pulse("AP")
    current, voltage = (float(v[np.argmax(np.abs(v))]) for v in (pulse.sot_current_A, pulse.mtj_voltage_V))

    def before(after: Array, time_s: float, currents: Sequence[float], voltages: Sequence[float]) -> Array:
        part = Pulse.points([0.0, time_s], sot_current_A=currents, mtj_voltage_V=voltages)
        start: Array = committor(device, part, "AP", rows=shared.rows, stages=1, end=after).log_failure[0]
        return start

    after = shared.ends["AP"]
    if extra_s > 0.0:
        after = before(after, EDGE_S, [0.0, 0.0], [voltage, 0.0])
        if extra_s > EDGE_S:
            after = before(after, extra_s - EDGE_S, [0.0, 0.0], [voltage, voltage])
        after = before(after, EDGE_S, [current, 0.0], [voltage, voltage])
    else:
        after = before(after, EDGE_S, [current, 0.0], [voltage, 0.0])
    found = []
    for width, shorter in zip(widths_s, [0.0, *widths_s], strict=False):
        after = before(after, width - shorter, [current, current], [voltage, voltage])
        found.append(mean_failure(shared, before(after, EDGE_S, [0.0, current], [0.0, voltage]), "AP"))
    return found


def grid(case: Case, shared: Objective, executor: Executor) -> list[WritePoint]:
    """Every square pulse of the grid below the ceiling in energy: without a voltage, and with each."""
    widths = EDGE_S * np.geomspace(1.0, (LONGEST_S - 2.0 * EDGE_S) / EDGE_S, 28)
    shapes = [(0.0, 0.0), *itertools.product(case.voltages_V, case.extras_s)]
    jobs = []
    for (voltage, extra), share in itertools.product(shapes, case.currents):
        pulses = [square(share * case.highest_A, float(width), voltage, extra) for width in widths]
        fitting = [one for one in pulses if one.width_s + extra + 2.0 * EDGE_S <= LONGEST_S * (1.0 + 1e-9)]
        jobs.append([one for one in fitting if supply_energy_J(shared, one) < case.ceiling_J])
    return list(itertools.chain.from_iterable(executor.map(_line, [shared] * len(jobs), jobs)))


def _line(shared: Objective, pulses: Sequence[WriteSettings]) -> list[WritePoint]:
    if not pulses:
        return []
    one = pulses[0]
    widths = [pulse.width_s for pulse in pulses]
    errors = failures_by_width(shared, one.sot_current_A, one.mtj_voltage_V, one.mtj_extra_time_s, widths)
    return [
        WritePoint(pulse, supply_energy_J(shared, pulse), _time_s(pulse), min(1.0, error))
        for pulse, error in zip(pulses, errors, strict=True)
    ]


def _time_s(pulse: WriteSettings) -> float:
    return pulse.rise_time_s + pulse.width_s + pulse.mtj_extra_time_s + pulse.fall_time_s


FAMILIES = ("SOT alone", "SOT and STT in one window", "SOT and longer STT")


def belongs(point: WritePoint, family: str) -> bool:
    """Whether a square pulse is of a family."""
    assisted, longer = point.settings.mtj_voltage_V > 0.0, point.settings.mtj_extra_time_s > 0.0
    if family == FAMILIES[2]:
        return assisted
    return not longer and assisted == (family == FAMILIES[1])


def least_current(case: Case, shared: Objective, start: WritePoint, aim: float) -> WritePoint | None:
    """Pulse of this shape with the least current that meets the aim, to 0.2 %; None if none near does."""
    low, high, point = None, None, start
    for _ in range(CURRENT_STEPS):
        if point.error_rate <= aim:
            high = point
        else:
            low = point
        if low and high:
            break
        ratio = 1.0 / CURRENT_RATIO if high else CURRENT_RATIO
        current = point.settings.sot_current_A * ratio
        if current > case.highest_A:
            break
        point = weigh(shared, dataclasses.replace(point.settings, sot_current_A=current))
    while low and high and high.settings.sot_current_A > 1.002 * low.settings.sot_current_A:
        current = math.sqrt(low.settings.sot_current_A * high.settings.sot_current_A)
        point = weigh(shared, dataclasses.replace(high.settings, sot_current_A=current))
        low, high = (low, point) if point.error_rate <= aim else (point, high)
    return high


def refined(
    case: Case, shared: Objective, start: WritePoint, aim: float, executor: Executor
) -> list[WritePoint]:
    """Best square pulses found on ever finer grids around one, with the least current for each shape."""
    voltage_step, extra_step, width_ratio = 0.05 * case.highest_V, 0.5 * EDGE_S, 1.1
    best = least_current(case, shared, weigh(shared, start.settings), aim)
    found = [best] if best else []
    for _ in range(STEPS if best else 0):
        around = _neighbours(found[-1].settings, voltage_step, extra_step, width_ratio, case.highest_V)
        columns = zip(*((case, shared, one, aim, found[-1].energy_J) for one in around), strict=True)
        better = [point for point in executor.map(_cheaper, *columns) if point]
        found.append(min([found[-1], *better], key=lambda point: point.energy_J))
        if not better:
            voltage_step, extra_step, width_ratio = 0.5 * voltage_step, 0.5 * extra_step, width_ratio**0.5
    return found


def _cheaper(
    case: Case, shared: Objective, shape: WriteSettings, aim: float, limit_J: float
) -> WritePoint | None:
    """Pulse of this shape with the least current that meets the aim, if that takes less than some energy."""
    channel_J = case.supply_V * shape.sot_current_A * (shape.width_s + EDGE_S)
    share = 1.0 + (0.999 * limit_J - supply_energy_J(shared, shape)) / channel_J
    if share <= 0.0:
        return None
    current = min(case.highest_A, share * shape.sot_current_A)
    point = weigh(shared, dataclasses.replace(shape, sot_current_A=current))
    return least_current(case, shared, point, aim) if point.error_rate <= aim else None


def _neighbours(
    one: WriteSettings, voltage_V: float, extra_s: float, ratio: float, highest_V: float
) -> list[WriteSettings]:
    voltages = {one.mtj_voltage_V, *([] if one.mtj_voltage_V == 0.0 else _both(one.mtj_voltage_V, voltage_V))}
    extras = {
        one.mtj_extra_time_s,
        *(_both(one.mtj_extra_time_s, extra_s) if one.mtj_extra_time_s > 0.0 else []),
    }
    widths = {one.width_s, one.width_s * ratio, max(EDGE_S, one.width_s / ratio)}
    shapes = itertools.product(
        sorted(widths),
        sorted(min(highest_V, v) for v in voltages if v >= 0.0),
        sorted(e for e in extras if e >= 0.0),
    )
    return [square(one.sot_current_A, *shape) for shape in shapes]


def _both(value: float, step: float) -> tuple[float, float]:
    return value - step, value + step


@dataclass(frozen=True, slots=True)
class Winner:
    """Best pulse of a family at a target, its errors, and the energies of the ever finer grids."""

    point: WritePoint
    checked: Estimate
    counted: Estimate | None
    energies_J: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Results of a case."""

    table: tuple[WritePoint, ...]
    winners: dict[tuple[str, float], Winner]
    front: tuple[WritePoint, ...]


OPTIMUM = "optimise_write"


@functools.cache
def found(name: str) -> Found:
    """Grids, optimum and their checks of one case."""
    case = cases()[name]
    shared = case.objective()
    winners: dict[tuple[str, float], Winner] = {}
    front: list[WritePoint] = []
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        table = grid(case, shared, executor)
        for target, trials in zip(TARGETS, case.trials, strict=True):
            for family in FAMILIES:
                members = [point for point in table if belongs(point, family)]
                winner = _best_square(case, shared, members, target, executor) if members else None
                if winner:
                    winners[family, target] = winner
            best = optimise_write(
                case.device,
                target,
                seed=SEED,
                supply_voltage_V=case.supply_V,
                highest_mtj_voltage_V=case.highest_V,
                longest_s=LONGEST_S,
                edge_s=EDGE_S,
                settle_time_s=WAIT_S,
                to="AP",
                executor=executor,
            )
            front += best.front
            point = WritePoint(best.settings, best.energy.supply_J, best.time_s, best.error.value)
            counted = _count(case, best.settings, trials, executor)
            winners[OPTIMUM, target] = Winner(point, best.error, counted, (point.energy_J,))
    return Found(tuple(table), winners, pareto_front(front))


def _best_square(
    case: Case, shared: Objective, members: Iterable[WritePoint], target: float, executor: Executor
) -> Winner | None:
    """Least energy of a family of square pulses; None where no pulse of it meets the target."""
    aim, winner = target, None
    for _ in range(1 + CORRECTIONS):
        meeting = sorted((p for p in members if p.error_rate <= aim), key=lambda p: p.energy_J)
        runs = [refined(case, shared, point, aim, executor) for point in meeting[:STARTS]]
        run = min((run for run in runs if run), key=lambda run: run[-1].energy_J, default=None)
        if run is None:
            break
        point = run[-1]
        checked = _check(case, point.settings, executor)
        if checked.high <= target and (winner is None or point.energy_J < winner.point.energy_J):
            winner = Winner(point, checked, None, tuple(step.energy_J for step in run))
        if NEAR_ENOUGH * target <= checked.high <= target:
            break
        aim = AIM_INSIDE * target * point.error_rate / checked.high
    if winner is None:
        return None
    trials = case.trials[TARGETS.index(target)]
    return dataclasses.replace(winner, counted=_count(case, winner.point.settings, trials, executor))


def _check(case: Case, settings: WriteSettings, executor: Executor) -> Estimate:
    device = case.device.replace(write=settings)
    return write_error_rate(device, seed=SEED, to="AP", target_relative_error=0.05, executor=executor)


def _count(case: Case, settings: WriteSettings, trials: int, executor: Executor) -> Estimate | None:
    if trials == 0:
        return None
    return write_error_rate(
        case.device.replace(write=settings),
        seed=OTHER_SEED,
        to="AP",
        method="counting",
        trials=trials,
        target_relative_error=None,
        confidence=0.999,
        executor=executor,
    )


def compare() -> list[Row]:
    """Energy of the optimum over that of the best square pulse; error rates over their target."""
    rows = []
    for name, target in itertools.product(cases(), TARGETS):
        result = found(name)
        label = f"{name}, {target:g}"
        best = result.winners[OPTIMUM, target].point.energy_J
        for family in FAMILIES:
            members = [point for point in result.table if belongs(point, family)]
            winner = result.winners.get((family, target))
            if winner:
                energy = winner.point.energy_J
                pair = f"{1e12 * best:.4f} pJ over {1e12 * energy:.4f} pJ"
                rows.append(Row(f"{label}: {OPTIMUM} over square {family}, {pair}", best / energy, 0.5, 0.5))
                last = winner.energies_J[-1] / winner.energies_J[-2]
                rows.append(Row(f"{label}: last refinement of square {family}", last, 1.0, 0.02))
            elif members:
                least = min(point.error_rate for point in members)
                rows.append(Row(f"{label}: least error of square {family}", least, 0.5, 0.5 - target))
        rows += [
            _counted_row(f"{label}: {family}", winner.counted, target)
            for (family, aim), winner in result.winners.items()
            if aim == target and winner.counted
        ]
    return rows


def _counted_row(label: str, counted: Estimate, target: float) -> Row:
    """Lower end of the 99.9 % interval of the count over the target."""
    what = f"{label}, {counted.events} failures in {counted.trials}, least error over target"
    return Row(what, counted.low / target, 0.5, 0.5)


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Energy against error rate of the grids and of the search, junction with assist; and against time."""
    result = found("60 nm")
    figure = axes.figure
    figure.set_size_inches(9.0, 3.5)
    cells = figure.add_gridspec(1, 2)
    axes.set_subplotspec(cells[0])
    right = figure.add_subplot(cells[1])
    families = [(f"square {family}", [p for p in result.table if belongs(p, family)]) for family in FAMILIES]
    for (label, points), colour in zip(
        [*families, ("tried by the search", result.front)],
        ("0.6", "tab:blue", "tab:orange", "black"),
        strict=True,
    ):
        _lower_edge(axes, [(p.error_rate, p.energy_J) for p in points], label, colour)
        meeting = [(1e9 * p.time_s, p.energy_J) for p in points if p.error_rate <= TARGETS[0]]
        _lower_edge(right, meeting, label, colour)
    for (family, target), winner in result.winners.items():
        mark = "*" if family == OPTIMUM else "o"
        axes.plot(target, 1e12 * winner.point.energy_J, mark, color="black", markersize=6)
    axes.set(
        xlabel="error rate", ylabel="supply energy (pJ)", xscale="log", xlim=(1e-9, 1.0), ylim=(0.0, 0.35)
    )
    right.set(xlabel=f"time (ns), error rate below {TARGETS[0]:g}", xlim=(0.0, 2.0), ylim=(0.0, 0.35))
    axes.legend(fontsize=6)


def _lower_edge(axes: Any, pairs: Sequence[tuple[float, float]], label: str, colour: str) -> None:
    """Least energy up to each error rate or time, as steps."""
    if pairs:
        place, energy = np.array(sorted(pairs)).T
        least = 1e12 * np.minimum.accumulate(energy)
        axes.step(place, least, where="post", linewidth=1.0, label=label, color=colour)


if __name__ == "__main__":
    report("v15_write_optimum", compare, draw)
