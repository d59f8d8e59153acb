"""A network on harvested power: the one way in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spinpim.array.intermittency.engine import COUNTERS, run
from spinpim.array.intermittency.policies import Policy, Saving
from spinpim.array.intermittency.storage import Storage
from spinpim.array.intermittency.trace import Trace
from spinpim.array.intermittency.work import Phase, phases
from spinpim.array.model import ArrayModel
from spinpim.checks import finite, instance, whole
from spinpim.errors import InputError
from spinpim.network.model import Network

LARGEST = 10**12


@dataclass(frozen=True, slots=True)
class Intermittent:
    """What a memory did with harvested power; energies that reach it, unless said otherwise.

    Attributes
    ----------
    policy : Policy
        What was kept.
    time_s : float
        Time that passed [s].
    harvested_J : float
        What the source delivered meanwhile, before any converter [J].
    images, cuts, wakes, restores : int
        Completed images; power cuts; times switched on; times that something was restored.
    operations, operations_lost : int
        Row operations done; those that a cut undid.
    saves, saves_cut : int
        Saves completed, and cut, which the one before outlasts.
    operation_J, lost_J, save_J, restore_J, wake_J : float
        Energy of operations, of those that were undone or not finished, of saves, restores and waking up [J].
    on_s, off_s : float
        Time switched on and off [s].
    state_at_risk_bits : int
        Digits that a cut loses at the worst moment [1].
    """

    policy: Policy
    time_s: float
    harvested_J: float
    images: int
    cuts: int
    wakes: int
    restores: int
    operations: int
    operations_lost: int
    saves: int
    saves_cut: int
    operation_J: float
    lost_J: float
    save_J: float
    restore_J: float
    wake_J: float
    on_s: float
    off_s: float
    state_at_risk_bits: int

    @property
    def spent_J(self) -> float:
        """All energy that reached the memory [J]."""
        return math.fsum((self.operation_J, self.save_J, self.restore_J, self.wake_J))

    @property
    def images_per_J(self) -> float:
        """Images per harvested joule [1/J]; 0 where nothing was harvested."""
        return self.images / self.harvested_J if self.harvested_J else 0.0

    @property
    def images_per_hour(self) -> float:
        """Images per hour [1/h]."""
        return 3600.0 * self.images / self.time_s

    @property
    def forward_progress(self) -> float:
        """Share of the energy that reached the memory in operations that were not undone [1]."""
        kept_J = max(0.0, self.operation_J - self.lost_J)
        return kept_J / self.spent_J if self.spent_J else 0.0

    @property
    def repeated_share(self) -> float:
        """Share of the operations that a cut undid [1]."""
        return self.operations_lost / self.operations if self.operations else 0.0


def intermittent(
    array: ArrayModel,
    network: Network,
    trace: Trace,
    storage: Storage,
    policy: Policy | None = None,
    *,
    duration_s: float,
    images: int | None = None,
    wake_J: float = 0.0,
    wake_s: float = 0.0,
) -> Intermittent:
    """Compute images one after the other on harvested power, from an empty store on.

    Parameters
    ----------
    array, network : ArrayModel, Network
        The memory and its work.
    trace : Trace
        What the source delivers; repeated as long as needed.
    storage : Storage
        Capacitor, thresholds, converters.
    policy : Policy or None
        What is kept; None: nothing.
    duration_s : float
        Time to simulate [s].
    images : int or None
        Stop after so many; None: none.
    wake_J, wake_s : float
        Energy and time of waking up [J], [s].

    Raises
    ------
    InputError
        If an argument is of another kind or out of range, or a full store cannot pay for waking up,
        restoring, the costliest operation and a save: then nothing would ever be done.

    Notes
    -----
    Switched off, the memory takes nothing; what it keeps is in cells. A save that a cut interrupts leaves the
    one before it valid. Errors of the writes of a save are not in this model.

    Examples
    --------
    >>> import spinpim as sp
    >>> from spinpim.array.intermittency import square
    >>> cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    >>> array = sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=sp.Estimate.from_counts(0, 1))
    >>> digits, store = sp.Network.load("digits_w1a4"), Storage(1e-6, on_V=2.0, off_V=1.8)
    >>> supply = square(1e-4, period_s=0.1, duty=0.5)
    >>> kept = intermittent(array, digits, supply, store, Policy("operations", 200), duration_s=1.0)
    >>> lost = intermittent(array, digits, supply, store, duration_s=1.0)
    >>> kept.images > lost.images
    True
    """
    for name, given, kind, origin in (
        ("array", array, ArrayModel, "ArrayModel(...)"),
        ("network", network, Network, "Network.load(...)"),
        ("trace", trace, Trace, "load_trace(...) or a generator"),
        ("storage", storage, Storage, "Storage(...)"),
    ):
        instance(name, given, kind, origin)
    chosen = Policy() if policy is None else policy
    instance("policy", chosen, Policy, "Policy(...)")
    limit_s = finite("duration_s", duration_s, above=0.0)
    most = LARGEST if images is None else whole("images", images, 1, LARGEST)
    overhead = np.array([finite("wake_J", wake_J, 0.0), finite("wake_s", wake_s, 0.0), 0.0, 0.0])
    if overhead[0] > 0.0 and overhead[1] == 0.0:
        raise InputError("waking up takes wake_J in no time; give wake_s, too.")
    steps = phases(array, network)
    saving = chosen.saving(steps, array)
    overhead[2:] = saving.restore_J, saving.restore_s
    _check_store(storage, steps, saving, float(overhead[0] + overhead[2]))
    found, now = run(
        trace.edges_s,
        trace.power_W,
        np.array(
            [
                storage.energy_J(storage.on_V),
                storage.energy_J(storage.off_V),
                storage.energy_J(storage.top_V),
                storage.forgetting_s,
                storage.charging_efficiency,
                storage.supplying_efficiency,
            ]
        ),
        np.array([phase.operations for phase in steps]),
        np.array([phase.energy_J for phase in steps]),
        np.array([phase.time_s for phase in steps]),
        saving.every,
        saving.energy_J,
        saving.time_s,
        overhead,
        limit_s,
        most,
    )
    figures = dict(zip(COUNTERS, found.tolist(), strict=True))
    passed_s = now if figures["images"] >= most else limit_s
    counted = {name: round(figures[name]) for name in COUNTERS if not name.endswith(("_J", "_s"))}
    return Intermittent(
        policy=chosen,
        time_s=passed_s,
        harvested_J=float(trace.energy_until_J(passed_s)),
        **counted,
        **{name: figures[name] for name in COUNTERS if name.endswith(("_J", "_s"))},
        state_at_risk_bits=chosen.at_risk_bits(steps),
    )


def _check_store(storage: Storage, steps: tuple[Phase, ...], saving: Saving, overhead_J: float) -> None:
    """Refuse a store that cannot pay for one operation, whatever comes in meanwhile."""
    held_J = storage.burst_J * storage.supplying_efficiency
    for phase, save_J, every in zip(steps, saving.energy_J, saving.every, strict=True):
        needed_J = overhead_J + phase.energy_J + (float(save_J) if every == 1 else 0.0)
        if needed_J > held_J:
            raise InputError(
                f"the store holds {held_J:.3g} J between {storage.on_V:g} and {storage.off_V:g} V, and one "
                f"operation of layer {phase.name!r}, with waking up, restoring and saving, takes "
                f"{needed_J:.3g} J; give a larger capacitance_F or a larger on_V."
            )
