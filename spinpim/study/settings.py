"""What a run of the whole chain is made of."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from spinpim.errors import InputError

DEFAULT_NETWORKS: dict[str, str | None] = {
    "digits": "digits_w1a4",
    "mnist": "mnist_w1a4",
    "cifar10": "cifar10_w1a4",
    "svhn": "svhn_w1a4",
    "folder": None,
}
"""Every data set, and the network that a run takes for it if it is shipped and none is named."""
PROTECTIONS = ("none", "majority", "parity", "single-correction")
WITH_WORDS = PROTECTIONS[2:]
WHOLE_NUMBERS = (
    ("images", 1, 10_000_000),
    ("chips", 1, 10_000),
    ("trials", 100, 1_000_000_000),
    ("seed", 0, 2**63 - 1),
    ("workers", 1, 256),
    ("word", 2, 64),
    ("images_before", 0, 2**53),
)
"""Numbers of a run with their limits."""
OPTIONAL = ("images", "workers", "word", "images_before")
"""Those that may be left open."""


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """Names and numbers of one run; the defaults are those of ``spinpim run``.

    Attributes
    ----------
    device, cell, amplifier : str
        Shipped names or paths of parameter files.
    network : str or None
        Shipped name or path; None takes the one shipped for the data set.
    dataset : str
        "digits", "mnist", "cifar10", "svhn" or "folder"; see ``spinpim.load_dataset``.
    data_dir : Path or None
        Folder with the files of a data set that is not embedded.
    images : int or None
        Images of the test part, spread evenly over its order; None takes all.
    chips, trials : int
        Chips of the faulty accuracy [1]; most writes counted for the write error rate [1], which is computed
        by splitting or Fokker-Planck where failures are rare.
    seed : int
        Address of all random numbers.
    workers : int or None
        Threads; None takes one per core. No result depends on it.
    protection : str
        Of the sensed answers: "none", "majority", "parity" or "single-correction"; see
        ``spinpim.array.Majority``, ``Parity``, ``SingleCorrection``.
    word : int or None
        Columns of a word of the two latter [1]; None takes 8 or 64.
    stuck_at_0, stuck_at_1 : float
        Share of the cells that hold one digit, whatever is written [1].
    images_before : int or None
        Images that have passed since the weights were written: reads flip weight digits for good, with the
        probability from the sensing, before and during the run. None leaves this out.
    """

    device: str = "perpendicular_memory_60nm"
    cell: str = "2t1r_45nm"
    amplifier: str = "strongarm_45nm"
    network: str | None = None
    dataset: str = "digits"
    data_dir: Path | None = None
    images: int | None = None
    chips: int = 8
    trials: int = 100_000
    seed: int = 1
    workers: int | None = None
    protection: str = "none"
    word: int | None = None
    stuck_at_0: float = 0.0
    stuck_at_1: float = 0.0
    images_before: int | None = None

    def __post_init__(self) -> None:
        """Refuse impossible numbers and words before anything is computed."""
        for name, low, high in WHOLE_NUMBERS:
            value = getattr(self, name)
            if value is None and name in OPTIONAL:
                continue
            if not hasattr(value, "__index__") or isinstance(value, bool) or not low <= value <= high:
                raise InputError(
                    f"{name} must be a whole number from {low} to {high}; instead received {value!r:.60}."
                )
        for name, accepted in (("dataset", tuple(DEFAULT_NETWORKS)), ("protection", PROTECTIONS)):
            value = getattr(self, name)
            if value not in accepted:
                raise InputError(
                    f"{name} must be one of {', '.join(accepted)}; instead received {value!r:.60}."
                )
        if self.network is None and DEFAULT_NETWORKS[self.dataset] is None:
            raise InputError(
                f"the data set {self.dataset} has no network of its own; name one with network (--network)."
            )
        if self.word is not None and self.protection not in WITH_WORDS:
            raise InputError(
                f"word belongs to the protections {' and '.join(WITH_WORDS)}; leave it out with "
                f"{self.protection!r}."
            )
        self._check_shares()

    def _check_shares(self) -> None:
        for name in ("stuck_at_0", "stuck_at_1"):
            share = getattr(self, name)
            if not isinstance(share, int | float) or not 0.0 <= share <= 1.0:
                raise InputError(
                    f"{name} must be a share of the cells from 0 to 1; instead received {share!r:.60}."
                )
        if self.stuck_at_0 + self.stuck_at_1 > 1.0:
            raise InputError(
                f"stuck_at_0 and stuck_at_1 must be at most 1 together; they are {self.stuck_at_0:g} and "
                f"{self.stuck_at_1:g}."
            )

    @property
    def network_name(self) -> str:
        """The network to run; that of the data set need not be shipped."""
        return (DEFAULT_NETWORKS[self.dataset] or "") if self.network is None else self.network

    @property
    def worker_count(self) -> int:
        """Threads to use: as asked, or the cores that this process may use."""
        if self.workers is not None:
            return self.workers
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
