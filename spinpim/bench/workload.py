"""What is timed, how it is timed, and the rate that follows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PROCESS_TIME = "process CPU time"
WALL_TIME = "wall time"


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """A piece of work that can be repeated.

    Attributes
    ----------
    name : str
        Key of the rate; it ends in the unit.
    unit : str
        Unit of the rate.
    amount : float
        Work in one call, in the unit times seconds.
    call : callable
        Does the work; the first call, which may compile, is not timed.
    note : str
        What the work is, in one sentence.
    clock : str
        ``PROCESS_TIME``, which other programs hardly disturb, or ``WALL_TIME`` for several threads.
    threads : int
        Threads that work at once.
    """

    name: str
    unit: str
    amount: float
    call: Callable[[], object]
    note: str
    clock: str = PROCESS_TIME
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Absent:
    """A workload that cannot run here, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Work per second of the best repeat.

    Attributes
    ----------
    name, unit, note, clock, threads : str and int
        As in the workload.
    value : float
        Best rate, in the unit.
    median : float
        Rate of the median repeat, in the unit: how far below the best the machine let the others fall.
    repeats, calls_per_repeat : int
        Repeats, spread over the whole run, and calls in each.
    cores : float
        Process CPU time over wall time of the best repeat [1]; below the number of threads the machine was
        shared.
    """

    name: str
    value: float
    unit: str
    note: str
    clock: str
    threads: int
    median: float
    repeats: int
    calls_per_repeat: int
    cores: float


def measure(
    workloads: Sequence[Workload], repeats: int, repeat_s: float, progress: Callable[[str], None]
) -> tuple[Rate, ...]:
    """Time workloads in turns, so that a slow spell of the machine falls on all of them alike.

    Parameters
    ----------
    workloads : sequence of Workload
        What to time.
    repeats : int
        Turns, >= 1.
    repeat_s : float
        Shortest duration of a repeat [s]; short calls are repeated within it.
    progress : callable
        Told the name of each workload before each turn.
    """
    calls = []
    for workload in workloads:
        progress(workload.name)
        calls.append(_calls_for(workload, repeat_s))
    times: list[list[tuple[float, float]]] = [[] for _ in workloads]
    for _ in range(repeats):
        for workload, count, taken in zip(workloads, calls, times, strict=True):
            progress(workload.name)
            taken.append(_timed(workload, count))
    return tuple(
        _rate(workload, count, taken) for workload, count, taken in zip(workloads, calls, times, strict=True)
    )


def steps_of(workloads: Sequence[Workload], repeats: int) -> int:
    """How often ``measure`` reports progress."""
    return len(workloads) * (repeats + 1)


def present(found: Sequence[Workload | Absent]) -> tuple[tuple[Workload, ...], tuple[Absent, ...]]:
    """Those that can run and those that cannot."""
    return (
        tuple(item for item in found if isinstance(item, Workload)),
        tuple(item for item in found if isinstance(item, Absent)),
    )


def _calls_for(workload: Workload, repeat_s: float) -> int:
    workload.call()
    process_s, wall_s = _timed(workload, 1)
    return max(1, math.ceil(repeat_s / max(process_s, wall_s, 1e-9)))


def _timed(workload: Workload, calls: int) -> tuple[float, float]:
    """Process CPU time and wall time of some calls [s]."""
    wall, process = time.perf_counter(), time.process_time()
    for _ in range(calls):
        workload.call()
    return time.process_time() - process, time.perf_counter() - wall


def _rate(workload: Workload, calls: int, times: list[tuple[float, float]]) -> Rate:
    column = (PROCESS_TIME, WALL_TIME).index(workload.clock)
    ordered = sorted(times, key=lambda pair: pair[column])
    work = workload.amount * calls
    best, middle = ordered[0], ordered[len(ordered) // 2]
    return Rate(
        workload.name,
        work / best[column],
        workload.unit,
        workload.note,
        workload.clock,
        workload.threads,
        work / middle[column],
        len(ordered),
        calls,
        best[0] / best[1],
    )
