r"""Rare write failures by splitting: particles multiply where the committor says that failure is likely.

A population runs through the pulse in stages. At the end of each, a particle that has come from m to m' has
its weight multiplied by u(t', m')/u(t, m), with a power u of the committor of a coarse grid; when the weights
have become uneven, the population is resampled. The product of the mean weights is an unbiased estimate of
the failure probability for any positive u, so a wrong committor costs precision and not correctness.

References: P. Del Moral and J. Garnier, Ann. Appl. Probab. 15, 2496 (2005), arXiv:math/0602525.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from spinpim.device.dynamics.drive import PRECISIONS
from spinpim.device.dynamics.ensemble import LANES, STATE_ROWS, advance_block
from spinpim.device.dynamics.noise import seed_lanes
from spinpim.device.dynamics.trajectories import Job, States, draw_block, map_ordered
from spinpim.device.failure.committor import Committor, committor
from spinpim.device.failure.counting import Stop, Write
from spinpim.device.failure.sphere_grid import values_at
from spinpim.device.validity import AXES
from spinpim.errors import InputError
from spinpim.estimate import Estimate

Array = NDArray[np.float64]

SPLITTING = "splitting"
SPLITTING_START = 2
SPLITTING_FIELD = 3
SPLITTING_CHOICE = 4
"""Streams of the particles' starts and thermal fields, and of the resampling."""

BLOCKS = 8
"""Blocks of LANES particles in one population."""

START_DRAWS = 32
"""Starts drawn per particle that is kept: the tail of the initial state is part of the failure."""

UNEVEN = 0.5
"""Effective share of the population below which it is resampled."""

ROUND = 8
"""Populations between two looks at the error."""

FEWEST_ROUNDS = 2
"""From eight populations alone the spread, and with it the interval, is too often taken for too small."""

MOST_ROUNDS = 64

LARGEST_PART = 0.5
"""Share of the sum of all populations beyond which the single one in it is taken for a lucky draw."""

GUIDE_ROWS_PER_ROOT = 6.0
"""Rows of the committor's grid over the square root of the thermal stability: two per thermal angle."""

FEWEST_ROWS, MOST_ROWS = 64, 128
GUIDE_STAGES = 400

TRUST = 0.85
"""Power of the committor that guides: where a coarse grid takes u far too small, a mechanism of failure would
starve and the estimate come out low with a small error; a flatter guide keeps it, at hardly any cost."""


def split_failures(
    writes: Sequence[Write], stop: Stop, confidence: float, executor: Executor | None
) -> Estimate:
    """Failure probability as the mean over writes, each from independent populations."""
    started = time.process_time()
    jobs = [splitting_job(write.job, guide_of(write), write.to) for write in writes]
    found = run_populations(jobs, stop, confidence, executor)
    return dataclasses.replace(found, cost_s=time.process_time() - started)


def guide_of(write: Write) -> Committor:
    """Committor of a write on a grid as coarse as its thermal angle allows."""
    device = write.job.device
    wanted = math.ceil(GUIDE_ROWS_PER_ROOT * math.sqrt(max(1.0, min(1e6, device.thermal_stability))))
    rows = min(MOST_ROWS, max(FEWEST_ROWS, wanted + wanted % 2))
    return committor(device, write.job.pulse, write.to, rows=rows, stages=GUIDE_STAGES)


def run_populations(
    jobs: Sequence[SplittingJob], stop: Stop, confidence: float, executor: Executor | None
) -> Estimate:
    """Mean over jobs of the failure probability, from rounds of populations until the error is small."""
    started = time.process_time()
    values: list[list[float]] = [[] for _ in jobs]
    reason, goal = "all populations done", 0
    for turn in range(MOST_ROUNDS):
        repeats = range(turn * ROUND, (turn + 1) * ROUND)
        columns = list(zip(*itertools.product(jobs, repeats), strict=True))
        results = list(map_ordered(executor, failure_estimate, *columns))
        for index, found in enumerate(values):
            found.extend(results[index * ROUND : (index + 1) * ROUND])
        done = turn + 1
        if not goal and done >= FEWEST_ROUNDS and _accurate(values, stop.target_relative_error):
            # A later look that stops is one at which the spread came out small by chance, too: as many
            # populations again, whatever they say, take most of that bias away.
            goal = done if done == FEWEST_ROUNDS else 2 * done
        if done == goal:
            reason = "target relative error reached"
            break
        if stop.time_is_up:
            reason = "time is up"
            break
    return _estimate(values, confidence, reason, time.process_time() - started)


def _relative_error(values: list[list[float]]) -> float:
    """Standard error of the mean over writes, over that mean [1]."""
    table = np.array(values)
    mean = float(table.mean())
    if mean == 0.0:
        return math.inf
    variance = float(table.var(axis=1, ddof=1).sum()) / table.shape[1]
    return float(math.sqrt(variance) / table.shape[0] / mean)


def _accurate(values: list[list[float]], target: float | None) -> bool:
    """Whether the standard error is small enough and no single population carries the mean."""
    return target is not None and _relative_error(values) < target and _largest_part(values) < LARGEST_PART


def _largest_part(values: list[list[float]]) -> float:
    table = np.array(values)
    return float(np.max(table.max(axis=1) / np.maximum(table.sum(axis=1), 1e-320)))


def _estimate(values: list[list[float]], confidence: float, reason: str, cost_s: float) -> Estimate:
    """Mean with Student's interval of its logarithm, which keeps the lower end positive."""
    table = np.array(values)
    value = min(1.0, float(table.mean()))
    if not np.all(table.max(axis=1) > 0.0):
        raise InputError(
            "Splitting met no failure in any population of a write, so it can say nothing about it: its "
            "probability may be below the range of a double. Shorten the pulse or lower its drive."
        )
    quantile = float(stdtrit(table.shape[1] - 1, 0.5 * (1.0 + confidence)))
    spread = math.exp(min(700.0, quantile * _relative_error(values)))
    particles = table.size * BLOCKS * LANES
    high = min(1.0, value * spread)
    return Estimate(value, value / spread, high, SPLITTING, particles, reason, 0, confidence, cost_s)


@dataclass(frozen=True, slots=True, eq=False)
class SplittingJob:
    """One population and the committor that guides it, picklable.

    Attributes
    ----------
    job : Job
        Device, drive and start.
    guide : Committor
        Its times are ends of steps of the job's drive, nearly.
    stages : (stages + 1,) array of int
        Steps at which the population is weighed; the first is 0, the last the end.
    fails_in_p : bool
        Whether the failed half is that of P.
    """

    job: Job
    guide: Committor
    stages: NDArray[np.int64]
    fails_in_p: bool


def splitting_job(job: Job, guide: Committor, to: str) -> SplittingJob:
    """Match the times of the committor to the steps of the drive.

    Raises
    ------
    InputError
        If the job is to be integrated by another method than Heun's.
    """
    if job.method != "heun":
        raise InputError(f"Splitting integrates by Heun's method only; instead received {job.method!r}.")
    stages = np.searchsorted(job.drive.time_s, guide.time_s * (1.0 - 1e-12))
    stages[-1] = job.drive.steps
    return SplittingJob(job, guide, stages, to == "AP")


def failure_estimate(splitting: SplittingJob, repeat: int) -> float:
    """Failure probability from one population [1]; repeats are independent and unbiased."""
    population = _Population(splitting, repeat)
    log_estimate = population.log_mean_start
    for stage in range(splitting.stages.size - 1):
        log_estimate += population.advance(stage)
    return float(np.exp(log_estimate) * population.failed_share())


class _Population:
    """State of one run: the only mutable thing here, it lives inside `failure_estimate`."""

    def __init__(self, splitting: SplittingJob, repeat: int) -> None:
        self.splitting, self.repeat = splitting, repeat
        job = splitting.job
        self.real = PRECISIONS[job.precision]
        self.table, self.rise, self.heat, self.constants = job.drive.kernel_arguments(job.precision)
        self.record = np.empty((0, 0, STATE_ROWS), dtype=self.real)
        self.noise = np.empty((BLOCKS, 6, LANES), dtype=self.real)
        self.generators = np.empty((BLOCKS, 4, LANES), dtype=np.uint32)
        first = repeat * BLOCKS * LANES
        for block in range(BLOCKS):
            seed_lanes(self.generators[block], job.seed, job.point, first + block * LANES, SPLITTING_FIELD)
        self.choices = np.random.default_rng([job.seed, job.point, repeat, SPLITTING_CHOICE])
        self.weights = np.full(BLOCKS * LANES, 1.0 / (BLOCKS * LANES))
        self.states, self.heights, self.log_mean_start = self._start()

    def _start(self) -> tuple[States, Array, float]:
        """Draw many starts and keep a population in proportion to its committor."""
        job = self.splitting.job
        first = self.repeat * BLOCKS * START_DRAWS
        drawn = np.stack(
            [draw_block(job, first + block, SPLITTING_START) for block in range(BLOCKS * START_DRAWS)]
        )
        heights = self._heights(0, drawn).ravel()
        log_sum, share = _normalised(heights)
        chosen = _systematic(share, self.weights.size, self.choices.random())
        return _selected(drawn, chosen), heights[chosen], log_sum - float(np.log(heights.size))

    def _heights(self, stage: int, states: States) -> Array:
        out = np.empty((states.shape[0], LANES))
        guide = self.splitting.guide
        values_at(guide.log_failure[stage], guide.axis, states, out)
        return TRUST * out

    def advance(self, stage: int) -> float:
        """Run to the next stage and weigh; logarithm of the mean weight."""
        first, last = self.splitting.stages[stage : stage + 2]
        for block in range(BLOCKS):
            advance_block(
                self.states[block],
                self.generators[block],
                self.noise[block],
                self.table,
                self.rise,
                self.heat,
                self.constants,
                first,
                last,
                0,
                self.record,
            )
        heights = self._heights(stage + 1, self.states).ravel()
        log_mean, self.weights = _normalised(np.log(self.weights) + heights - self.heights)
        self.heights = heights
        if 1.0 / np.sum(self.weights**2) < UNEVEN * self.weights.size:
            chosen = _systematic(self.weights, self.weights.size, self.choices.random())
            self.states, self.heights = _selected(self.states, chosen), heights[chosen]
            self.weights = np.full(self.weights.size, 1.0 / self.weights.size)
        return log_mean

    def failed_share(self) -> float:
        """Weighted share of failed particles, each over its committor [1]."""
        along = self.states[:, AXES.index(self.splitting.job.device.easy_axis), :].ravel()
        failed = (along > 0.0) if self.splitting.fails_in_p else (along <= 0.0)
        return float(np.sum(self.weights[failed] * np.exp(-self.heights[failed])))


def _normalised(log_weights: Array) -> tuple[float, Array]:
    """Logarithm of the sum of weights, and the weights scaled to sum to one."""
    highest = float(log_weights.max())
    weights = np.exp(log_weights - highest)
    total = float(weights.sum())
    return highest + float(np.log(total)), weights / total


def _systematic(shares: Array, count: int, offset: float) -> NDArray[np.int64]:
    """Indices in proportion to shares that sum to one: one offset for a comb of equal teeth."""
    edges = np.cumsum(shares)
    edges *= 1.0 / edges[-1]
    chosen = np.searchsorted(edges, (np.arange(count) + offset) / count, side="right")
    return np.minimum(chosen, shares.size - 1)


def _selected(states: States, chosen: NDArray[np.int64]) -> States:
    """Population (BLOCKS, rows, LANES) of the chosen particles of another."""
    columns = states.transpose(1, 0, 2).reshape(STATE_ROWS, -1)[:, chosen]
    return np.ascontiguousarray(columns.reshape(STATE_ROWS, BLOCKS, LANES).transpose(1, 0, 2))
