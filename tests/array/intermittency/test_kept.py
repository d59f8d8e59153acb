"""What each kind of policy keeps and what it takes, by hand, for two small layers."""

import dataclasses
import math

import numpy as np
import pytest
from nearly import near

from spinpim.array.intermittency import Phase, Policy, Storage, Trace, Work, intermittent
from spinpim.array.intermittency.closed_form import best_interval
from spinpim.array.intermittency.keeping import Keeping
from spinpim.array.intermittency.kept import WAITING, kept_by
from spinpim.array.intermittency.saving import program_of, reserve
from spinpim.array.intermittency.simulate import StoreTooSmallError
from spinpim.errors import InputError

WRITE_J, READ_J, SELECT_J, WRITE_S, READ_S, COLUMNS = 3.0, 0.5, 7.0, 2.0, 0.25, 64
RECORD = 80
KEEPING = Keeping(WRITE_J, READ_J, SELECT_J, WRITE_S, READ_S, COLUMNS, write_error=0.0)
FIRST = Phase("first", 23, 100.0, 5.0, 2, 10, sum_bits=9, output_bits=230, input_bits=0)
LAST = Phase("last", 7, 150.0, 4.0, 3, 7, sum_bits=30, output_bits=14, input_bits=230)
WORK = Work("memory", "network", (FIRST, LAST), KEEPING)
PER_OPERATION = 10.0, 2.0
CHARGE_J = 5000.0


def rows(digits):
    return math.ceil(digits / COLUMNS)


def in_rows(digits, how_many):
    return digits * WRITE_J + how_many * SELECT_J, how_many * WRITE_S


def made(text, work=WORK, **options):
    kept = kept_by(work, Policy.parse(text, **options), CHARGE_J)
    return kept, program_of(kept)


@pytest.mark.parametrize(
    ("text", "record", "every", "rest", "fresh", "end_fresh", "at_risk", "cells"),
    [
        ("volatile", [80, 80], [0, 0], [0, 0], [0, 0], [0, 0], 14 + 230 + 30, 0),
        ("images:3", [80, 80], [0, 0], [0, 0], [0, 0], [0, 42], 274 + 2 * 14, 42 + 160),
        ("layers:1", [80, 80], [23, 7], [23, 7], [230, 14], [230, 14], 239, 244 + 160),
        ("layers:2", [80, 80], [0, 7], [0, 7], [0, 14], [230, 244], 274, 244 + 160),
        ("windows:1", [80, 80], [10, 7], [3, 7], [100, 14], [30, 14], 109, 244 + 160),
        ("windows:1000000", [80, 80], [23, 7], [23, 7], [230, 14], [230, 14], 239, 244 + 160),
        ("operations:4", [89, 110], [4, 4], [3, 3], [40, 8], [30, 6], 49, 244 + 220),
        ("additions", [98, 140], [1, 1], [1, 1], [10, 2], [10, 2], 10, 244 + 280),
        ("threshold", [89, 110], [16, 7], [7, 7], [0, 0], [0, 0], 0, 244 + 220),
        ("flip_flops", [178, 220], [0, 0], [0, 0], [0, 0], [0, 0], 0, 244 + 440),
    ],
)
def test_each_kind_keeps_what_it_says(text, record, every, rest, fresh, end_fresh, at_risk, cells):
    kept, _ = made(text)
    assert kept.record.tolist() == record
    assert kept.every.tolist() == every
    assert kept.rest.tolist() == rest
    assert kept.fresh.tolist() == near(fresh)
    assert kept.end_fresh.tolist() == near(end_fresh)
    assert kept.at_risk_bits == at_risk
    assert kept.cells == cells


def test_a_threshold_saves_when_a_tenth_of_a_charge_is_waiting():
    kept, program = made("threshold")
    assert kept.every[0] == math.floor(WAITING * CHARGE_J / (10.0 * program.snapshot_digit_J))
    assert kept_by(WORK, Policy("threshold")).every.tolist() == [23, 7]


def test_balanced_saves_at_the_best_interval_of_what_a_restore_leaves():
    kept, _ = made("balanced")
    for place, (phase, handed_on) in enumerate(zip(WORK.phases, (230, 244), strict=True)):
        record = RECORD + phase.sum_bits
        save_J = record * WRITE_J + rows(record) * SELECT_J
        left_J = CHARGE_J - READ_J * (2 * record + handed_on)
        best = best_interval(period_J=left_J, operation_J=phase.energy_J, save_J=save_J)
        assert kept.every[place] == min(
            phase.operations, round(min(best, (left_J - save_J) / phase.energy_J))
        )
    assert 1 < kept.every[0] < FIRST.operations
    # What a restore and a save leave nothing of: an operation at a time.
    assert kept_by(WORK, Policy("balanced"), 400.0).every.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("text", "save", "end", "restore"),
    [
        ("volatile", None, [None, (0, 0)], None),
        ("images:3", None, [None, in_rows(42 + RECORD, 1 + 2)], None),
        (
            "layers:1",
            None,
            [in_rows(230 + RECORD, 4 + 2), in_rows(14 + RECORD, 1 + 2)],
            [160, 160],
        ),
        (
            "windows:1",
            [in_rows(100 + RECORD, 2 + 2), in_rows(14 + RECORD, 1 + 2)],
            [in_rows(30 + RECORD, 1 + 2), in_rows(14 + RECORD, 1 + 2)],
            [160, 160],
        ),
        (
            "operations:1",
            [in_rows(10 + 89, 0.5 * 1 + 2), in_rows(2 + 110, 1 / 3 + 2)],
            [in_rows(10 + 89, 0.5 * 1 + 2), in_rows(2 + RECORD, 1 + 2)],
            [178, 220],
        ),
    ],
)
def test_saves_in_rows_cost_digits_and_rows(text, save, end, restore):
    _, program = made(text)
    for given, energy, time in ((save, program.save_J, program.save_s), (end, program.end_J, program.end_s)):
        for place, pair in enumerate(given or ()):
            if pair is not None:
                assert (energy[place], time[place]) == near(pair)
    for place, digits in enumerate(restore or (0, 0)):
        assert program.restore_J[place] == near(digits * READ_J)
        assert program.restore_s[place] == near(rows(digits) * READ_S)
    for name in ("through_J", "through_s", "snapshot_J", "snapshot_s"):
        assert not getattr(program, name).any()


def test_records_of_accumulators_and_flip_flops_are_written_and_read_at_once():
    _, program = made("additions")
    record = [98, 140]
    fresh = [in_rows(10, 0.5), in_rows(2, 1 / 3)]
    for place in range(2):
        assert program.save_J[place] == near(record[place] * WRITE_J + fresh[place][0])
        assert program.save_s[place] == near(WRITE_S + fresh[place][1])
        assert program.restore_J[place] == near(2 * record[place] * READ_J)
        assert program.restore_s[place] == near(READ_S)
    assert program.end_J[1] == near(RECORD * WRITE_J + in_rows(2, 1)[0])
    assert program.end_s[1] == near(WRITE_S + in_rows(2, 1)[1])
    _, program = made("flip_flops")
    for place, (record_bits, window, digits) in enumerate([(178, 10, 100), (220, 7, 14)]):
        assert (program.snapshot_J[place], program.snapshot_s[place]) == near(
            (record_bits * WRITE_J, WRITE_S)
        )
        written = in_rows(digits, rows(digits))
        assert window * program.through_J[place] == near(written[0])
        assert window * program.through_s[place] == near(written[1])
        assert program.restore_J[place] == near(2 * record_bits * READ_J)
        assert program.restore_s[place] == near(READ_S)
    assert (program.end_J[1], program.end_s[1]) == near((2 * RECORD * WRITE_J, WRITE_S))


def test_accumulators_that_keep_their_sums_anyway_pay_for_the_place_alone():
    paid = dataclasses.replace(WORK, keeping=dataclasses.replace(KEEPING, sums_kept=True))
    (_, plain), (_, program) = made("additions"), made("additions", paid)
    assert plain.save_J - program.save_J == near(np.array([2 * 9, 2 * 30]) * WRITE_J)
    assert plain.save_s.tolist() == program.save_s.tolist()


def test_a_threshold_pays_for_a_record_half_a_row_and_each_waiting_digit():
    _, program = made("threshold")
    for place, record in enumerate([89, 110]):
        expected = in_rows(record, rows(record) + 0.5)
        assert (program.snapshot_J[place], program.snapshot_s[place]) == near(expected)
        assert (program.save_J[place], program.save_s[place]) == near(expected)
        assert program.restore_J[place] == near(2 * record * READ_J)
    assert program.end_J[0] == near(in_rows(89, 2.5)[0])
    assert program.end_J[1] == near(in_rows(RECORD, 2.5)[0])
    digit = in_rows(1.0, 1.0 / COLUMNS)
    assert (program.snapshot_digit_J, program.snapshot_digit_s) == near(digit)


@pytest.mark.parametrize(
    "text", ["layers:1", "windows:2", "operations:4", "additions", "threshold", "flip_flops"]
)
def test_rows_with_check_digits_of_their_own(text):
    (_, whole), (kept, program) = made(text), made(text, checks="by_row")
    share = 32 / COLUMNS
    assert kept.checks == share
    assert kept.cells == math.ceil(244 * (1 + share) + 2 * kept.record.max())
    assert program.digits_before.tolist() == near([0.0, (1 + share) * 230])
    assert program.digits == near((1 + share) * np.array(PER_OPERATION))
    assert (whole.restore_digit_J, whole.restore_digit_s) == near((READ_J, READ_S / COLUMNS))
    assert program.restore_digit_J == program.restore_digit_s == 0.0
    # The last row of what was handed on, which may not be complete, is read with the records.
    assert program.restore_J - whole.restore_J == near(COLUMNS * READ_J)
    assert program.restore_s - whole.restore_s == near(READ_S)


@pytest.mark.parametrize("text", ["volatile", "images:2"])
def test_what_is_never_used_again_has_no_check_digits(text):
    (_, whole), (_, by_row) = made(text), made(text, checks="by_row")
    for name, value in whole._asdict().items():
        assert np.all(getattr(by_row, name) == value), name


def test_check_digits_of_rows_are_packed_into_rows_of_their_own():
    kept, program = made("layers:1", checks="by_row")
    # 230 digits are 3.6 rows with 115 check digits in two rows more; 14 complete a row in 14 of 64 cases.
    assert program.end_J[0] == near(in_rows(1.5 * 230 + RECORD, 4 + 2 + 2)[0])
    assert kept.fresh_rows(14.0, 1.0) == near(1.0 + 14.0 / 64.0)


def test_a_warning_leaves_what_the_costliest_save_takes():
    _, program = made("threshold")
    energy_J, time_s = reserve(program)
    waiting = 16 * 10.0
    # The costliest: a full step of the first phase, whose last operation may be followed by the second one.
    record_J, record_s = in_rows(110, 2.5)
    assert energy_J == near(record_J + waiting * program.snapshot_digit_J + 150.0)
    assert time_s == near(record_s + waiting * program.snapshot_digit_s + 5.0)
    store = Storage(1e5, on_V=1.0, off_V=0.5, leakage_ohm=1e-1, supplying_efficiency=0.8)
    charge_J = 0.8 * store.burst_J
    program = program_of(kept_by(WORK, Policy("threshold"), charge_J))
    energy_J, time_s = reserve(program)
    found = intermittent(WORK, Trace("steady", [0.0, 1.0], [1e4]), store, Policy("threshold"), duration_s=1.0)
    leaked_J = 0.5e5 * time_s / (0.5 * 0.1 * 1e5)
    level_J = 0.5e5 * 0.25 + energy_J / 0.8 + leaked_J
    assert leaked_J > 0.01 * level_J
    assert found.warning_V == near((2.0 * level_J / 1e5) ** 0.5)


@pytest.mark.parametrize("text", ["operations:1", "layers:1", "flip_flops"])
@pytest.mark.parametrize("source_W", [1e-9, 30.0])
def test_a_store_is_refused_if_it_cannot_pay_for_one_operation_with_all_it_needs(text, source_W):
    """Just below and just above what waking, reading, an operation and a save take, by hand."""
    policy = Policy.parse(text)
    kept = kept_by(WORK, policy, CHARGE_J)
    program = program_of(kept, wake_J=40.0, wake_s=3.0)
    needed_J, lasting_s = [], []
    for place, phase in enumerate(WORK.phases):
        digits = (230, 244)[place]
        saved = program.every[place] == 1
        needed_J.append(40.0 + program.restore_J[place] + digits * program.restore_digit_J)
        needed_J[-1] += phase.energy_J + program.through_J[place] + saved * program.save_J[place]
        lasting_s.append(3.0 + program.restore_s[place] + digits * program.restore_digit_s)
        lasting_s[-1] += phase.time_s + program.through_s[place] + saved * program.save_s[place]
    charging, supplying = 0.7, 0.9
    arriving_J = np.array(lasting_s) * source_W * charging * supplying
    held_J = float(np.max(needed_J - arriving_J)) + (reserve(program)[0] if policy.is_warned else 0.0)
    # A pulse that is on for a tenth of the time may come at the right moment.
    supply = Trace("pulses", [0.0, 1e6, 1e7], [source_W, 0.0])
    for factor, refused in ((0.999, True), (1.001, False)):
        store = Storage(
            2.0 * factor * held_J / supplying / 3.0,
            on_V=2.0,
            off_V=1.0,
            charging_efficiency=charging,
            supplying_efficiency=supplying,
        )
        given = {"duration_s": 1.0, "wake_J": 40.0, "wake_s": 3.0}
        if refused:
            with pytest.raises(StoreTooSmallError, match="takes"):
                intermittent(WORK, supply, store, policy, **given)
        else:
            intermittent(WORK, supply, store, policy, **given)


def test_who_keeps_nothing_and_who_knows_no_charge_is_told():
    with pytest.raises(InputError, match="has no cells to keep a state in"):
        kept_by(Work("other", "network", (FIRST,), None), Policy("layers"))
    with pytest.raises(InputError, match="give charge_J"):
        kept_by(WORK, Policy("balanced"))


def test_waking_up_takes_what_is_given_and_what_the_machine_needs():
    work = dataclasses.replace(
        WORK, wake_J=2.0, wake_s=0.5, keeping=dataclasses.replace(KEEPING, loss_Hz=1e-9)
    )
    program = program_of(kept_by(work, Policy("layers")), wake_J=1.0, wake_s=0.25)
    assert (program.wake_J, program.wake_s) == (3.0, 0.75)
    assert program.loss_Hz == 1e-9
    assert program.digits_before.tolist() == [0.0, 230.0]
    assert program.digits.tolist() == near(PER_OPERATION)
