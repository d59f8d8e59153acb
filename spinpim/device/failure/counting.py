"""Write failures counted trial by trial."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from spinpim.device.dynamics.trajectories import Job, chunks, count_in_p, map_ordered
from spinpim.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Write:
    """One write to be judged: the prepared job and the state that it is meant to reach."""

    job: Job
    to: str


@dataclass(frozen=True, slots=True)
class Stop:
    """When to stop short of all work.

    Attributes
    ----------
    target_relative_error : float or None
        One standard deviation over the estimate [1].
    deadline_s : float or None
        On the clock of `time.monotonic` [s].
    """

    target_relative_error: float | None
    deadline_s: float | None

    @property
    def time_is_up(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline_s is not None and time.monotonic() > self.deadline_s


def counted_failures(
    writes: Sequence[Write],
    trials: int,
    stop: Stop,
    confidence: float,
    executor: Executor | None,
    first_block: int = 0,
) -> Estimate:
    """Failure probability over equal shares of trials of each write, from a block on; see `write_error_rate`.

    Stopped at a relative error, k failures over n trials are too many by about one in k.
    """
    started = time.process_time()
    tasks = []
    for index, write in enumerate(writes):
        share = (trials + index) // len(writes)
        tasks.append([(write, first_block + first, size) for first, size in chunks(share)])
    # The writes advance together, so that an early stop finds as many trials of each.
    rounds = [[lane[turn] for lane in tasks if turn < len(lane)] for turn in range(max(map(len, tasks)))]
    failures, done, reason = _count(rounds, stop, executor)
    return Estimate.from_counts(
        failures, done, confidence=confidence, stop_reason=reason, cost_s=time.process_time() - started
    )


def _count(
    rounds: list[list[tuple[Write, int, int]]], stop: Stop, executor: Executor | None
) -> tuple[int, int, str]:
    """Failures, trials done and why it stopped; early stops are decided between rounds, in their order."""
    failures = done = 0
    writes, firsts, sizes = zip(*(task for tasks in rounds for task in tasks), strict=True)
    jobs = [write.job for write in writes]
    in_p: Iterator[int] = iter(map_ordered(executor, count_in_p, jobs, firsts, sizes))
    for tasks in rounds:
        for write, _, size in tasks:
            ended_p = next(in_p)
            failures += ended_p if write.to == "AP" else size - ended_p
            done += size
        if stop.target_relative_error is not None and failures > 0:
            relative = math.sqrt((1.0 - failures / done) / failures)
            if relative < stop.target_relative_error:
                return failures, done, "target relative error reached"
        if stop.time_is_up:
            return failures, done, "time is up"
    return failures, done, "all trials done"
