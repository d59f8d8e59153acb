"""What two threads of this machine can give at most: multiply-adds that neither wait nor leave the cache."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit

from spinpim.bench.workload import WALL_TIME, Workload

NUMBERS, PASSES = 4096, 20_000
"""Of 4 byte each, in the first-level cache; passes of one call per thread."""


def vector_units_one_thread() -> Workload:
    """The vector units of one core."""
    return _multiply_adds(1)


def vector_units_two_threads() -> Workload:
    """The same work on each of two threads: less than twice where they share the units of one core."""
    return _multiply_adds(2)


def _multiply_adds(threads: int) -> Workload:
    pool = ThreadPoolExecutor(threads)
    numbers = [np.ones(NUMBERS, np.float32) for _ in range(threads)]
    word = "one_thread" if threads == 1 else "two_threads"
    return Workload(
        f"vector_units_{word}_gmac_per_s",
        "Gmac/s",
        1e-9 * threads * NUMBERS * PASSES,
        lambda: list(pool.map(_repeat, numbers)),
        f"Multiply-adds on {NUMBERS} float32 numbers in the first-level cache, on each of {threads} threads.",
        WALL_TIME,
        threads,
    )


@njit(cache=True, nogil=True, fastmath={"contract"})
def _repeat(numbers: Any) -> None:
    for _ in range(PASSES):
        for place in range(numbers.size):
            numbers[place] = numbers[place] * np.float32(0.5) + np.float32(1.0)
