"""Every machine and policy under every supply and capacitor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spinpim.array.intermittency import (
    Intermittent,
    Policy,
    Storage,
    StoreTooSmallError,
    Trace,
    Work,
    intermittent,
)
from spinpim.checks import instance, instances

WORK = "work_of(array, network)"
EVENTS = 2000
"""Wakes and cuts that are recorded of each run, for its timeline."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One machine with one policy under one supply and capacitor.

    Attributes
    ----------
    trace : str
        Name of the supply.
    capacitance_F : float
        Capacitor [F].
    machine : str
        Name.
    policy : Policy
        What is kept.
    result : Intermittent or None
        What came out; None: it cannot work on this capacitor.
    refusal : str
        Why not.
    first_image_s : float or None
        Time until the first image is complete [s]; None: never in the time simulated.
    """

    trace: str
    capacitance_F: float
    machine: str
    policy: Policy
    result: Intermittent | None
    refusal: str
    first_image_s: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Machines on harvested power, side by side.

    Attributes
    ----------
    memory : Work
        The memory.
    others : tuple of Work
        Machines that keep nothing.
    traces : tuple of Trace
        Supplies.
    storages : tuple of Storage
        Capacitors.
    duration_s : float
        Time simulated [s].
    outcomes : tuple of Outcome
        By supply, capacitor, and then machine and policy.
    """

    memory: Work
    others: tuple[Work, ...]
    traces: tuple[Trace, ...]
    storages: tuple[Storage, ...]
    duration_s: float
    outcomes: tuple[Outcome, ...] = field(repr=False)

    def label(self, one: Outcome) -> str:
        """The policy of the memory, or the name of another machine."""
        return str(one.policy) if one.machine == self.memory.machine else one.machine

    def under(self, trace: str, capacitance_F: float) -> tuple[Outcome, ...]:
        """Outcomes of one supply and capacitor."""
        return tuple(
            one for one in self.outcomes if one.trace == trace and one.capacitance_F == capacitance_F
        )

    def best(self, trace: str, capacitance_F: float) -> Outcome | None:
        """The policy of the memory with most images per joule; None if none completes one."""
        able = [
            one
            for one in self.under(trace, capacitance_F)
            if one.machine == self.memory.machine and one.result and one.result.images
        ]
        return max(able, key=lambda one: one.result.images_per_J if one.result else 0.0, default=None)


def survey(
    memory: Work,
    others: Sequence[Work],
    traces: Sequence[Trace],
    storages: Sequence[Storage],
    policies: Sequence[Policy],
    *,
    duration_s: float,
    wake_J: float = 0.0,
    wake_s: float = 0.0,
    seed: int = 1,
    progress: Callable[[str], None] = lambda stage: None,
) -> Survey:
    """Run every machine and policy under every supply and capacitor; those that cannot work say why.

    Parameters
    ----------
    memory : Work
        Runs with every policy.
    others : sequence of Work
        Run with nothing kept.
    traces, storages, policies : sequences
        What is combined.
    duration_s, wake_J, wake_s, seed
        As in `intermittent`.
    progress : callable
        Told what comes next.

    Raises
    ------
    InputError
        If a number is out of range, or nothing is given to combine.
    """
    instance("memory", memory, Work, WORK)
    supplies = instances("traces", traces, Trace, "load_trace(...) or a generator")
    stores = instances("storages", storages, Storage, "Storage(...)")
    kinds = instances("policies", policies, Policy, "Policy(...)")
    machines = instances("others", others, Work, "work_of_baseline(...)") if others else []
    runs = [
        (trace, storage, work, policy)
        for trace in supplies
        for storage in stores
        for work, policy in [*((memory, one) for one in kinds), *((work, Policy()) for work in machines)]
    ]
    options = {"duration_s": duration_s, "wake_J": wake_J, "wake_s": wake_s, "seed": seed}
    found = []
    for trace, storage, work, policy in runs:
        progress(f"{trace.name}, {storage.capacitance_F:.3g} F, {work.machine}, {policy}")
        found.append(_outcome(trace, storage, work, policy, options))
    return Survey(memory, tuple(machines), tuple(supplies), tuple(stores), duration_s, tuple(found))


def _outcome(
    trace: Trace, storage: Storage, work: Work, policy: Policy, options: Mapping[str, Any]
) -> Outcome:
    names = trace.name, storage.capacitance_F, work.machine, policy
    try:
        result = intermittent(work, trace, storage, policy, **options, events=EVENTS)
    except StoreTooSmallError as refusal:
        return Outcome(*names, None, str(refusal), None)
    first_s = None
    if result.images:
        first_s = intermittent(work, trace, storage, policy, **options, images=1).time_s
    return Outcome(*names, result, "", first_s)
