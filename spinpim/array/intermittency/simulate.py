"""A machine on harvested power: the one way in."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinpim.array.intermittency.engine import EVENT_COLUMNS, run
from spinpim.array.intermittency.kept import kept_by
from spinpim.array.intermittency.policies import Policy
from spinpim.array.intermittency.program import Program, Store, Supply
from spinpim.array.intermittency.result import Intermittent
from spinpim.array.intermittency.saving import program_of, reserve
from spinpim.array.intermittency.state import COUNTERS, EVENTS, IMAGES, NOW, new_state
from spinpim.array.intermittency.storage import Storage
from spinpim.array.intermittency.trace import Trace
from spinpim.array.intermittency.work import Work
from spinpim.checks import finite, instance, seed_address, whole
from spinpim.errors import InputError


class StoreTooSmallError(InputError):
    """A full store cannot pay for one operation with all that it needs: nothing would ever be done."""


LARGEST = 10**12
MOST_EVENTS = 10**7
LONGEST_S, LONGEST_WAKE_S = 1e10, 1e6
SLICE = 2_000_000
"""Steps of the events between two looks at what else there is, of pieces of the trace for each."""

FINEST, FINEST_OPERATION, MOST_PIECES = 1e12, 4e15, 1e8
"""Ratios to a piece, in time and energy, and to an operation that rounding leaves right; pieces in a load.

Operations that follow each other are taken together, so that their times need not be told apart as well."""


def intermittent(
    work: Work,
    trace: Trace,
    storage: Storage,
    policy: Policy | None = None,
    *,
    duration_s: float,
    images: int | None = None,
    wake_J: float = 0.0,
    wake_s: float = 0.0,
    seed: int = 0,
    events: int = 0,
) -> Intermittent:
    """Compute images one after the other on harvested power, from a store at the voltage of switching off on.

    Parameters
    ----------
    work : Work
        What a machine does for an image: `work_of` an array and a network, or `work_of_baseline`.
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
        Energy and time of waking up, besides weights that were lost [J], [s].
    seed : int
        Address of the draws of wrong saves and lost states.
    events : int
        How many of the first wakes and cuts are recorded.

    Raises
    ------
    InputError
        If an argument is of another kind or out of range.
    StoreTooSmallError
        If a full store cannot pay for waking up, restoring, the costliest operation and a save.

    Notes
    -----
    Switched off, the memory takes nothing; what it keeps is in cells, which forget at the rate of the device.
    A restore reads both records and what its policy checks then: all that was handed on, or its last row (see
    `Policy`). What an operation reads later it reads from cells instead of from the buffer, at about the same
    price; the row loads of activations are in cells anyway. A digit that is wrong or has flipped is taken as
    found at the restore, also where rows are checked when they are used. Weights are taken as kept safely.
    Of the writes of a save, some fail at the write error rate of the array; the check digits tell when it is
    restored, and the save before it is taken, or the image begins anew. A digit that is there already is
    counted as written, which is about twice too many failures for random data.

    Examples
    --------
    >>> import spinpim as sp
    >>> from spinpim.array.intermittency import square, work_of
    >>> cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    >>> amplifier, rare = sp.SenseAmp.load("strongarm_45nm"), sp.Estimate.from_counts(0, 10**9)
    >>> array = sp.ArrayModel(cell, amplifier, write=rare)
    >>> work, store = work_of(array, sp.Network.load("digits_w1a4")), Storage(1e-6, on_V=2.0, off_V=1.8)
    >>> supply = square(1e-4, period_s=0.1, duty=0.5)
    >>> kept = intermittent(work, supply, store, Policy("operations", 200), duration_s=1.0)
    >>> lost = intermittent(work, supply, store, duration_s=1.0)
    >>> kept.images > lost.images
    True
    """
    for name, given, kind, origin in (
        ("work", work, Work, "work_of(array, network)"),
        ("trace", trace, Trace, "load_trace(...) or a generator"),
        ("storage", storage, Storage, "Storage(...)"),
    ):
        instance(name, given, kind, origin)
    chosen = Policy() if policy is None else policy
    instance("policy", chosen, Policy, "Policy(...)")
    limit_s = finite("duration_s", duration_s, high=LONGEST_S, above=0.0)
    most = LARGEST if images is None else whole("images", images, 1, LARGEST)
    rows = whole("events", events, 0, MOST_EVENTS)
    seed = seed_address(seed)
    wake = finite("wake_J", wake_J, 0.0), finite("wake_s", wake_s, 0.0, LONGEST_WAKE_S)
    kept = kept_by(work, chosen, storage.burst_J * storage.supplying_efficiency)
    program = program_of(kept, wake_J=wake[0], wake_s=wake[1])
    _check_times(program)
    store = _store(storage, program, chosen)
    _check_store(storage, store, work, program, float(trace.power_W.max()))
    pieces = _check_resolution(trace, store, work, program, limit_s)
    record = np.zeros((rows, len(EVENT_COLUMNS)))
    state = new_state(store)
    supply = Supply(trace.edges_s, trace.power_W)
    # In slices, so that an interruption is heard.
    steps = max(1, int(SLICE / pieces))
    while run(supply, store, program, limit_s, most, seed, record, state, steps):
        pass
    found, now, recorded = state.counters, float(state.flow[NOW]), int(state.place[EVENTS])
    # What had begun at the end of the time is finished.
    passed_s = now if found[IMAGES] >= most else max(now, limit_s)
    counted: dict[str, Any] = {
        name: float(value) if name.endswith(("_J", "_s")) else round(value)
        for name, value in zip(COUNTERS, found.tolist(), strict=True)
    }
    return Intermittent(
        machine=work.machine,
        network=work.network,
        policy=chosen,
        time_s=passed_s,
        harvested_J=float(trace.energy_until_J(passed_s)),
        **counted,
        state_at_risk_bits=kept.at_risk_bits,
        cells_kept=kept.cells,
        warning_V=(2.0 * store.warning_J / storage.capacitance_F) ** 0.5 if chosen.is_warned else None,
        events=record[:recorded],
    )


def _store(storage: Storage, program: Program, policy: Policy) -> Store:
    """Energies of the thresholds; that of the warning leaves what the costliest save needs."""
    off_J = storage.energy_J(storage.off_V)
    warning_J = off_J
    if policy.is_warned and storage.warning_V is not None:
        warning_J = storage.energy_J(storage.warning_V)
    elif policy.is_warned:
        needed_J, longest_s = reserve(program)
        leaked_J = storage.energy_J(storage.on_V) * longest_s / storage.forgetting_s
        warning_J = off_J + needed_J / storage.supplying_efficiency + leaked_J
    return Store(
        storage.energy_J(storage.on_V),
        off_J,
        storage.energy_J(storage.top_V),
        warning_J,
        storage.forgetting_s,
        storage.charging_efficiency,
        storage.supplying_efficiency,
    )


def _check_times(program: Program) -> None:
    """Refuse what takes energy in no time: energy is drawn evenly over a time."""
    for what, energy_J, time_s in (
        ("waking up", "wake_J", "wake_s"),
        ("an operation", "energy_J", "time_s"),
        ("writing through", "through_J", "through_s"),
        ("a save", "save_J", "save_s"),
        ("the save that ends a layer", "end_J", "end_s"),
        ("a save upon a warning", "snapshot_J", "snapshot_s"),
        ("a digit of it", "snapshot_digit_J", "snapshot_digit_s"),
        ("a restore", "restore_J", "restore_s"),
        ("a digit of it", "restore_digit_J", "restore_digit_s"),
    ):
        if np.any(
            (np.asarray(getattr(program, energy_J)) > 0.0) & (np.asarray(getattr(program, time_s)) == 0.0)
        ):
            raise InputError(f"{what} takes {energy_J} in no time; give {time_s}, too.")


def _check_resolution(trace: Trace, store: Store, work: Work, program: Program, limit_s: float) -> float:
    """Pieces of the trace that a load passes; refuse what a double would not tell apart, and too many."""
    piece_s = trace.duration_s / trace.power_W.size
    shortest_s = min((phase.time_s for phase in work.phases if phase.time_s), default=limit_s)
    for name, time_s, finest in (
        ("a piece of the trace", piece_s, FINEST),
        ("an operation", shortest_s, FINEST_OPERATION),
    ):
        if limit_s > finest * time_s:
            raise InputError(
                f"duration_s is {limit_s:.3g} s, and {name} {time_s:.3g} s; at most {finest:.0e} times as "
                "much is told apart. Give a shorter duration_s, or longer pieces of the same mean power."
            )
    gain_J = trace.mean_power_W * piece_s * store.charging
    if 0.0 < gain_J < store.on_J / FINEST:
        raise InputError(
            f"a piece of the trace brings {gain_J:.3g} J on average, too little to be added exactly to the "
            f"{store.on_J:.3g} J of a full store; give longer pieces of the same mean power."
        )
    longest_s = max(program.wake_s, float(program.restore_s.max()), work.image_s)
    pieces = longest_s / piece_s
    if pieces > MOST_PIECES:
        raise InputError(
            f"waking up or an image takes {longest_s:.3g} s, in which the trace has {pieces:.3g} pieces, "
            f"more than {MOST_PIECES:.0e}; give longer pieces, or a shorter wake_s."
        )
    return max(1.0, pieces)


def _check_store(storage: Storage, store: Store, work: Work, program: Program, most_W: float) -> None:
    """Refuse a store that cannot pay for one operation, with the most that comes in meanwhile."""
    held_J = (store.on_J - store.warning_J) * storage.supplying_efficiency
    for place, phase in enumerate(work.phases):
        checked = program.digits_before[place] + phase.output_bits
        needed_J = program.wake_J + program.restore_J[place] + checked * program.restore_digit_J
        needed_J += phase.energy_J + program.through_J[place]
        lasting_s = program.wake_s + program.restore_s[place] + checked * program.restore_digit_s
        lasting_s += phase.time_s + program.through_s[place]
        if program.every[place] == 1:
            needed_J += program.save_J[place]
            lasting_s += program.save_s[place]
        arriving_J = most_W * lasting_s * store.charging * store.supplying
        if needed_J > held_J + arriving_J:
            reserved = " besides the save upon a warning" if store.warning_J > store.off_J else ""
            raise StoreTooSmallError(
                f"the store holds {max(held_J, 0.0):.3g} J between {storage.on_V:g} and {storage.off_V:g} V"
                f"{reserved}, and one operation of layer {phase.name!r}, with waking up, restoring and "
                f"saving, takes {needed_J:.3g} J; give a larger capacitance_F or a larger on_V."
            )
