"""The image as blocks for the events, with what a policy keeps of it at the prices of the machine."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from spinpim.array.intermittency.kept import Kept, Load
from spinpim.array.intermittency.program import FloatArray, IntArray, Program
from spinpim.array.intermittency.work import Work


def program_of(kept: Kept, *, wake_J: float = 0.0, wake_s: float = 0.0) -> Program:
    """Blocks of a work, and what keeping it takes; wakes as given, and the machine's own.

    Parameters
    ----------
    kept : Kept
        From `kept_by`.
    wake_J, wake_s : float
        Energy and time of waking up, besides weights that were lost [J], [s].
    """
    work, prices, phases = kept.work, kept.prices, kept.work.phases
    record = kept.record.tolist()
    saves = zip(kept.fresh.tolist(), _with_sums(work, kept.every), record, strict=True)
    ends = list(zip(kept.end_fresh.tolist(), _with_sums(work, kept.rest), record, strict=True))
    save_J, save_s = _columns(kept.save(*one) for one in saves)
    end_J, end_s = _columns([*(kept.save(*one) for one in ends[:-1]), kept.end_of_image()])
    through_J, through_s = _columns(kept.through(phase) for phase in phases)
    snapshot_J, snapshot_s = _columns(kept.snapshot(digits) for digits in record)
    restore_J, restore_s = _columns(kept.restore(digits) for digits in record)
    # Check digits of rows are written, go wrong and are forgotten like those that they cover.
    written = 1.0 + kept.checks
    output = np.array([float(phase.output_bits) for phase in phases])
    return Program(
        counts=np.array([phase.operations for phase in phases], np.int64),
        energy_J=np.array([phase.energy_J for phase in phases]),
        time_s=np.array([phase.time_s for phase in phases]),
        through_J=through_J,
        through_s=through_s,
        every=kept.every,
        save_J=save_J,
        save_s=save_s,
        end_J=end_J,
        end_s=end_s,
        digits=written * np.array([phase.digits_per_operation for phase in phases]),
        digits_before=written * np.concatenate(([0.0], np.cumsum(output)[:-1])),
        record_digits=kept.record,
        snapshot_J=snapshot_J,
        snapshot_s=snapshot_s,
        restore_J=restore_J,
        restore_s=restore_s,
        restore_digit_J=kept.restore_digit[0],
        restore_digit_s=kept.restore_digit[1],
        snapshot_digit_J=kept.snapshot_digit[0],
        snapshot_digit_s=kept.snapshot_digit[1],
        end_every=kept.images,
        wrong_digit=prices.wrong_digit(kept.policy.rewrites),
        loss_Hz=prices.loss_Hz,
        wake_J=work.wake_J + wake_J,
        wake_s=work.wake_s + wake_s,
    )


def reserve(program: Program) -> Load:
    """Energy [J] and time [s] of the costliest save upon a warning, with the operation before it."""
    operations = np.where(program.every > 0, program.every, program.counts)
    digits = operations * program.digits
    # The operation may be the last of its block; the record is then of the next one.
    record_J = np.maximum(program.snapshot_J, np.append(program.snapshot_J[1:], program.end_J[-1]))
    record_s = np.maximum(program.snapshot_s, np.append(program.snapshot_s[1:], program.end_s[-1]))
    saved_J = float(np.max(record_J + digits * program.snapshot_digit_J))
    saved_s = float(np.max(record_s + digits * program.snapshot_digit_s))
    operation_J = float(np.max(program.energy_J + program.through_J))
    return saved_J + operation_J, saved_s + float(np.max(program.time_s + program.through_s))


def _with_sums(work: Work, operations: IntArray) -> list[float]:
    """Share of saves after so many operations in which a sum is complete."""
    each = np.array([phase.operations_per_sum for phase in work.phases])
    shares: list[float] = np.minimum(1.0, operations / each).tolist()
    return shares


def _columns(loads: Iterable[Load]) -> tuple[FloatArray, FloatArray]:
    """Energies and times apart."""
    energy_J, time_s = np.array(list(loads), float).T
    return energy_J, time_s
