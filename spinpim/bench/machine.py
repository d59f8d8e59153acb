"""Facts about the machine and the libraries that a rate depends on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from spinpim import __version__

LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "cmtj", "CrossSim")

Fact = str | int | float | bool | None


def machine_facts() -> dict[str, Fact]:
    """Processor, its vector width, cores, load and versions; None where the system does not tell."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    facts: dict[str, Fact] = {
        "processor": _processor_name() or binding.get_host_cpu_name(),
        "processor_family": binding.get_host_cpu_name(),
        "avx512": bool(features.get("avx512f", False)),
        "avx512_popcount": bool(features.get("avx512vpopcntdq", False)),
        "cores": _cores(),
        "load_average_1min": _load(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "spinpim": __version__,
    }
    return facts | {name: library_version(name) for name in LIBRARIES}


def library_version(library: str) -> str | None:
    """Version of an installed library, None without it."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _processor_name() -> str:
    """Name in words; the standard library leaves it empty on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _cores() -> int | None:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _load() -> float | None:
    """Runnable programs over the last minute."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
