"""What a run of the whole chain is made of."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from spinpim.errors import InputError

DEFAULT_NETWORKS = {"digits": "digits_w1a4", "mnist": "mnist_w1a4"}
LARGEST_WORKERS = 256


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """Names and numbers of one run; the defaults are those of ``spinpim run``.

    Attributes
    ----------
    device, cell, amplifier : str
        Shipped names or paths of parameter files.
    network : str or None
        Shipped name or path; None takes the one trained for the data set.
    dataset : str
        "digits" or "mnist".
    data_dir : Path or None
        Folder with the files of a data set that is not embedded.
    chips, trials : int
        Chips of the faulty accuracy [1]; most writes counted for the write error rate [1], which is computed
        by splitting or Fokker-Planck where failures are rare.
    seed : int
        Address of all random numbers.
    workers : int or None
        Threads; None takes one per core. No result depends on it.
    """

    device: str = "perpendicular_memory_60nm"
    cell: str = "2t1r_45nm"
    amplifier: str = "strongarm_45nm"
    network: str | None = None
    dataset: str = "digits"
    data_dir: Path | None = None
    chips: int = 8
    trials: int = 100_000
    seed: int = 1
    workers: int | None = None

    def __post_init__(self) -> None:
        """Refuse impossible numbers before anything is computed."""
        for name, value, low, high in (
            ("chips", self.chips, 1, 10_000),
            ("trials", self.trials, 100, 1_000_000_000),
            ("seed", self.seed, 0, 2**63 - 1),
            ("workers", 1 if self.workers is None else self.workers, 1, LARGEST_WORKERS),
        ):
            if not low <= value <= high:
                raise InputError(
                    f"{name} must be a whole number from {low} to {high}; instead received {value}."
                )
        if self.dataset not in DEFAULT_NETWORKS:
            raise InputError(
                f"dataset must be one of {', '.join(DEFAULT_NETWORKS)}; instead received {self.dataset!r}."
            )

    @property
    def network_name(self) -> str:
        """The network to run."""
        return DEFAULT_NETWORKS[self.dataset] if self.network is None else self.network

    @property
    def worker_count(self) -> int:
        """Threads to use: as asked, or the cores that this process may use."""
        if self.workers is not None:
            return self.workers
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
