"""What a policy makes of the work of an image: when it saves, and what that takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spinpim.array.intermittency.closed_form import best_interval
from spinpim.array.intermittency.keeping import RECORD_BITS, Keeping
from spinpim.array.intermittency.policies import WITH_SUMS, Policy
from spinpim.array.intermittency.program import FloatArray, IntArray, Program
from spinpim.array.intermittency.work import Phase, Work
from spinpim.errors import InputError

NOTHING = Keeping(0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """When saves come and what they hold, for each phase; all of it follows from policy and work.

    Attributes
    ----------
    every : array of int64, shape (phases,)
        Operations between saves; 0: none in this phase.
    fresh, fresh_rows : array, shape (phases,)
        Digits handed on that are new in a save, and rows that they take, on average [1].
    record : array, shape (phases,)
        Digits of its record [1].
    end_fresh : float
        Digits that are new when the image ends [1].
    at_risk_bits : int
        Digits that a cut loses at the worst moment; none where a warning comes in time.
    cells : int
        Cells kept for saves: what is handed on, and two records.
    """

    every: IntArray
    fresh: FloatArray
    fresh_rows: FloatArray
    record: FloatArray
    end_fresh: float
    at_risk_bits: int
    cells: int


def plan(work: Work, policy: Policy, charge_J: float | None = None) -> Plan:
    """When saves come and what they hold.

    Parameters
    ----------
    work, policy : Work, Policy
        What is done, and kept.
    charge_J : float or None
        Energy of a charge, for a policy that is balanced with it [J].

    Raises
    ------
    InputError
        If the machine keeps nothing and the policy does, or a charge is needed and not given.
    """
    if work.keeping is None and policy.kind != "volatile":
        raise InputError(f"{work.machine} has no cells to keep a state in; its policy is volatile.")
    if policy.kind == "balanced" and charge_J is None:
        raise InputError("a balanced policy needs the energy of a charge; give charge_J.")
    phases = work.phases
    record = _record(phases, policy)
    every = _every(work, policy, record, charge_J or 0.0)
    fresh = np.array([phase.digits_per_operation * step for phase, step in zip(phases, every, strict=True)])
    if policy.kind == "layers":
        fresh = np.where(every > 0, _waiting(phases, every), 0.0)
    elif policy.kind == "threshold":
        # Those of the layer so far are counted as they come.
        fresh = np.zeros(len(phases))
    results = float(phases[-1].output_bits)
    handed_on = sum(phase.output_bits for phase in phases)
    kept = {"volatile": 0.0, "images": (policy.every or 0) * results}.get(policy.kind, float(handed_on))
    return Plan(
        every=every,
        fresh=fresh,
        fresh_rows=_fresh_rows(work, every, fresh),
        record=record,
        end_fresh=_end_fresh(phases, every, policy),
        at_risk_bits=_at_risk(phases, every, policy),
        cells=0 if policy.kind == "volatile" else int(kept + 2 * record.max()),
    )


def program_of(
    work: Work, policy: Policy, charge_J: float | None = None, *, wake_J: float = 0.0, wake_s: float = 0.0
) -> Program:
    """The image as blocks for the events, at the prices of the machine; wakes as given, and its own."""
    planned = plan(work, policy, charge_J)
    prices = work.keeping or NOTHING
    phases, times = work.phases, policy.rewrites
    output = np.array([float(phase.output_bits) for phase in phases])
    digits = np.array([phase.digits_per_operation for phase in phases])
    saves = [
        _save(prices, policy, *given)
        for given in zip(planned.fresh, planned.fresh_rows, planned.record, strict=True)
    ]
    through = [_through(prices, policy, phase) for phase in phases]
    snapshots = [_snapshot(prices, policy, float(record)) for record in planned.record]
    restores = [_restore(prices, policy, float(record)) for record in planned.record]
    by_digit = prices.save(1.0, 1.0 / prices.columns, times) if policy.kind == "threshold" else (0.0, 0.0)
    end_rows = float(np.ceil(planned.end_fresh / prices.columns))
    end = _save(prices, policy, planned.end_fresh, end_rows, float(RECORD_BITS))
    return Program(
        counts=np.array([phase.operations for phase in phases], np.int64),
        energy_J=np.array([phase.energy_J for phase in phases]),
        time_s=np.array([phase.time_s for phase in phases]),
        through_J=np.array([pair[0] for pair in through]),
        through_s=np.array([pair[1] for pair in through]),
        every=planned.every,
        save_J=np.array([pair[0] for pair in saves]),
        save_s=np.array([pair[1] for pair in saves]),
        digits=digits,
        digits_before=np.concatenate(([0.0], np.cumsum(output)[:-1])),
        record_digits=planned.record,
        snapshot_J=np.array([pair[0] for pair in snapshots]),
        snapshot_s=np.array([pair[1] for pair in snapshots]),
        restore_J=np.array([pair[0] for pair in restores]),
        restore_s=np.array([pair[1] for pair in restores]),
        snapshot_digit_J=by_digit[0],
        snapshot_digit_s=by_digit[1],
        end_every={"volatile": 0, "images": policy.every or 0}.get(policy.kind, 1),
        end_J=0.0 if policy.kind == "volatile" else end[0],
        end_s=0.0 if policy.kind == "volatile" else end[1],
        wrong_digit=prices.wrong_digit(times),
        loss_Hz=prices.loss_Hz,
        wake_J=work.wake_J + wake_J,
        wake_s=work.wake_s + wake_s,
    )


def reserve_J(program: Program) -> float:
    """Energy of the costliest save upon a warning, with the operation before it [J]."""
    most = program.counts * program.digits
    snapshots = program.snapshot_J + most * program.snapshot_digit_J
    end_J = program.end_J + float(most[-1]) * program.snapshot_digit_J
    one_J = float(np.max(program.energy_J + program.through_J))
    return max(float(snapshots.max()), end_J) + one_J


def _record(phases: tuple[Phase, ...], policy: Policy) -> FloatArray:
    """Digits of a record: place and check, and sums where they may not be complete."""
    sums = np.array([float(phase.sum_bits) for phase in phases])
    if policy.kind == "additions":
        return RECORD_BITS + 2.0 * sums
    if policy.kind == "flip_flops":
        return 2.0 * (RECORD_BITS + sums)
    return RECORD_BITS + sums * (policy.kind in WITH_SUMS)


def _every(work: Work, policy: Policy, record: FloatArray, charge_J: float) -> IntArray:
    number = policy.every or 1
    prices = work.keeping or NOTHING
    steps = []
    for place, (phase, digits) in enumerate(zip(work.phases, record, strict=True), start=1):
        due = policy.kind == "threshold" or place % number == 0
        steps.append(
            {
                "layers": phase.operations if due else 0,
                "threshold": phase.operations,
                "windows": min(number * phase.operations_per_window, phase.operations),
                "operations": min(number, phase.operations),
                "balanced": _balanced(prices, policy, phase, float(digits), charge_J),
                "additions": 1,
            }.get(policy.kind, 0)
        )
    return np.array(steps, np.int64)


def _balanced(prices: Keeping, policy: Policy, phase: Phase, record: float, charge_J: float) -> int:
    """Operations between saves that cost least; what is handed on costs the same however often."""
    if not charge_J:
        return phase.operations
    save_J, _ = prices.save(record, float(np.ceil(record / prices.columns)), policy.rewrites)
    best = best_interval(period_J=charge_J, operation_J=phase.energy_J, save_J=save_J)
    return min(max(1, round(best)), phase.operations)


def _waiting(phases: tuple[Phase, ...], every: IntArray) -> FloatArray:
    """Digits at the end of each layer since the one that was saved last."""
    found, waiting = [], 0.0
    for phase, step in zip(phases, every, strict=True):
        waiting += phase.output_bits
        found.append(waiting)
        waiting = 0.0 if step else waiting
    return np.array(found)


def _end_fresh(phases: tuple[Phase, ...], every: IntArray, policy: Policy) -> float:
    last, step = phases[-1], int(every[-1])
    if policy.kind == "images":
        return float((policy.every or 1) * last.output_bits)
    if policy.kind == "layers":
        return float(_waiting(phases, every)[-1])
    if policy.kind in ("windows", "operations", "balanced", "additions"):
        return ((last.operations - 1) % step + 1) * last.digits_per_operation
    return 0.0


def _at_risk(phases: tuple[Phase, ...], every: IntArray, policy: Policy) -> int:
    if policy.is_warned:
        return 0
    if policy.kind in ("volatile", "images"):
        image = max(phase.input_bits + phase.output_bits + phase.sum_bits for phase in phases)
        return image + ((policy.every or 1) - 1) * phases[-1].output_bits
    if policy.kind == "layers":
        sums_too = _waiting(phases, every) + [phase.sum_bits for phase in phases]
        return int(sums_too.max())
    sums = 0 if policy.kind == "additions" else 1
    return max(
        int(np.ceil(phase.digits_per_operation * step)) + sums * phase.sum_bits
        for phase, step in zip(phases, every, strict=True)
    )


def _fresh_rows(work: Work, every: IntArray, fresh: FloatArray) -> FloatArray:
    """Rows that new digits take in a save; where saves follow each other faster than sums, some have none."""
    columns = (work.keeping or NOTHING).columns
    share = np.array(
        [min(1.0, step / phase.operations_per_sum) for phase, step in zip(work.phases, every, strict=True)]
    )
    with_some = np.divide(fresh, share, out=np.zeros_like(fresh), where=share > 0.0)
    rows: FloatArray = share * np.ceil(with_some / columns)
    return rows


def _save(
    prices: Keeping, policy: Policy, fresh: float, fresh_rows: float, record: float
) -> tuple[float, float]:
    """Energy and time of one save."""
    times = policy.rewrites
    if policy.kind == "additions":
        # Records lie in cells of the accumulators, all written at once without choosing a row.
        own = float(RECORD_BITS) if prices.sums_kept else record
        record_J, _ = prices.save(own, 0.0, times)
        fresh_J, fresh_s = prices.save(fresh, fresh_rows, times)
        return record_J + fresh_J, prices.save(0.0, 1.0, times)[1] + fresh_s
    return prices.save(fresh + record, fresh_rows + float(np.ceil(record / prices.columns)), times)


def _through(prices: Keeping, policy: Policy, phase: Phase) -> tuple[float, float]:
    """What an operation writes at once, without a record."""
    if policy.kind != "flip_flops":
        return 0.0, 0.0
    digits = phase.digits_per_operation
    return prices.save(digits, digits / prices.columns, policy.rewrites)


def _snapshot(prices: Keeping, policy: Policy, record: float) -> tuple[float, float]:
    """Energy and time of the record of a save upon a warning."""
    if policy.kind == "flip_flops":
        record_J, _ = prices.save(record, 0.0, policy.rewrites)
        return record_J, prices.save(0.0, 1.0, policy.rewrites)[1]
    if policy.kind == "threshold":
        return prices.save(record, float(np.ceil(record / prices.columns)), policy.rewrites)
    return 0.0, 0.0


def _restore(prices: Keeping, policy: Policy, record: float) -> tuple[float, float]:
    """Energy and time of having back two records; what was handed on is read when it is used."""
    if policy.kind in ("volatile", "images"):
        return 0.0, 0.0
    if policy.kind in ("additions", "flip_flops"):
        return record * prices.read_J, prices.row_read_s
    return prices.restore(2.0 * record)
