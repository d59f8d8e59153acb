"""The workloads of ``spinpim bench`` under pytest-benchmark; compare rows of one run only."""

from __future__ import annotations

import pytest

from spinpim.bench.run import WORKLOADS
from spinpim.bench.workload import Absent


@pytest.mark.parametrize("build", WORKLOADS, ids=lambda build: build.__name__)
def test_workload(benchmark, build):
    workload = build()
    if isinstance(workload, Absent):
        pytest.skip(workload.reason)
    workload.call()
    benchmark(workload.call)
    benchmark.extra_info[workload.unit] = workload.amount / benchmark.stats.stats.min
