"""A network on harvested power: what each policy keeps, the closed form for periodic supplies, refusals."""

import dataclasses
import math
import signal
import time

import numpy as np
import pytest
from engine_programs import program_with
from nearly import near

import spinpim as sp
from spinpim.array import cost
from spinpim.array.baselines import baseline_cost
from spinpim.array.intermittency import (
    Intermittent,
    Policy,
    Storage,
    Trace,
    intermittent,
    square,
    work_of,
    work_of_baseline,
)
from spinpim.array.intermittency.closed_form import best_interval, forward_progress
from spinpim.array.intermittency.engine import EVENT_COLUMNS, run
from spinpim.array.intermittency.keeping import Keeping
from spinpim.array.intermittency.kept import kept_by
from spinpim.array.intermittency.kinds import KINDS, REPEATED
from spinpim.array.intermittency.program import Store, Supply
from spinpim.array.intermittency.saving import program_of
from spinpim.array.intermittency.state import COUNTERS, new_state
from spinpim.device import retention_s
from spinpim.errors import InputError
from spinpim.params.array_file import load_array

ALL = [Policy(kind, every=50 if kind == "operations" else None) for kind in KINDS]


@pytest.fixture(scope="module")
def array():
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    return sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=sp.Estimate.from_counts(0, 10**12))


@pytest.fixture(scope="module")
def digits():
    return sp.Network.load("digits_w1a4")


@pytest.fixture(scope="module")
def work(array, digits):
    return work_of(array, digits)


@pytest.mark.parametrize("setting", range(100))
def test_periodic_supplies_make_the_progress_of_the_closed_form(setting):
    """The engine on a store that is charged at a constant power, against the published formula."""
    rng = np.random.default_rng(setting)
    operation_J = rng.uniform(0.5, 2.0) * 1e-3
    every = int(rng.integers(2, 20))
    save_J = rng.uniform(0.05, 3.0) * operation_J * every
    restore_J = rng.uniform(0.0, 5.0) * operation_J
    period_J = rng.uniform(200.0, 400.0) * every * operation_J + restore_J
    share = rng.uniform(0.05, 0.6)
    source_W = rng.uniform(0.01, 0.1)
    # All energies of work are drawn at one power, of which the source delivers a share meanwhile.
    load_W = source_W / share
    program = program_with(
        [10**9],
        [operation_J],
        [operation_J / load_W],
        [every],
        save_J=[save_J],
        save_s=[save_J / load_W],
        restore_J=[restore_J],
        restore_s=[restore_J / load_W],
    )
    store = Store(1.0 + period_J, 1.0, 1e9, 1.0, math.inf, 1.0, 1.0)
    supply = Supply(np.array([0.0, 1e9]), np.array([source_W]))
    state, nothing = new_state(store), np.zeros((0, len(EVENT_COLUMNS)))
    run(supply, store, program, 400.0 * period_J / source_W, 1, 0, nothing, state, 10**9)
    found = state.counters
    by_name = dict(zip(COUNTERS, found, strict=True))
    periods = by_name["cuts"]
    assert periods > 100
    kept = by_name["operation_J"] - by_name["lost_J"]
    progress = forward_progress(
        period_J=period_J,
        operation_J=operation_J,
        harvested_J=share * operation_J,
        every=every,
        save_J=save_J,
        restore_J=restore_J,
    )
    assert kept / (periods * period_J) == near(progress, rel=0.01)


@pytest.mark.parametrize("setting", range(10))
def test_the_best_interval_makes_most_progress(setting):
    rng = np.random.default_rng(setting)
    given = {"operation_J": 1.0, "save_J": rng.uniform(3.0, 60.0), "period_J": rng.uniform(3e3, 1e5)}
    best = best_interval(**given)

    def progress(every):
        return forward_progress(**given, every=every, harvested_J=0.0, restore_J=0.0)

    # Of all whole numbers around; the formula knows no cut during a save, hence not to the last one.
    every = max(range(1, 4 * math.ceil(best)), key=progress)
    assert progress(round(best)) > 0.999 * progress(every)
    assert best == near(every, rel=0.15)


@pytest.mark.parametrize("policy", ALL, ids=str)
def test_plenty_of_power_gives_the_time_of_the_ledger_and_no_cuts(array, digits, work, policy):
    store = Storage(1e-3, on_V=2.0, off_V=1.0)
    supply = Trace("strong", [0.0, 1.0], [1.0])
    found = intermittent(work, supply, store, policy, duration_s=1.0, images=20)
    priced = cost(array, digits)
    assert found.images == 20
    assert found.time_s == near(found.on_s + found.off_s, rel=1e-9)
    assert found.cuts == found.operations_lost == 0
    assert found.operation_J == near(20 * priced.energy_per_image_J, rel=1e-9)
    assert found.operation_s == near(20 * priced.latency_per_image_s, rel=1e-9)
    program = program_of(kept_by(work, policy, store.burst_J))
    within = [
        (count - 1) // step if step else 0 for count, step in zip(program.counts, program.every, strict=True)
    ]
    # A save ends each block with saves; the last one of an image is the one that ends it.
    ends = (program.every > 0) * 1.0
    ends[-1] = float(program.end_every > 0)
    assert found.saves == 20 * (sum(within) + ends.sum())
    expected = float(np.dot(within, program.save_J) + np.dot(ends, program.end_J))
    expected += float(np.dot(program.counts, program.through_J))
    if policy.kind == "threshold":
        expected += sum(phase.output_bits for phase in work.phases) * program.snapshot_digit_J
    assert found.save_J == near(20 * expected, rel=1e-9)
    assert found.forward_progress == near(found.operation_J / found.spent_J)


def test_energy_is_never_made(work):
    store = Storage(2e-7, on_V=2.0, off_V=1.8, charging_efficiency=0.7, supplying_efficiency=0.8)
    supply = square(2e-4, period_s=0.02, duty=0.4)
    for policy in ALL:
        found = intermittent(work, supply, store, policy, duration_s=0.5)
        assert found.spent_J <= 0.7 * 0.8 * found.harvested_J
        assert found.cuts > 3
        assert found.on_s + found.off_s == near(0.5, rel=1e-3)
        assert found.operations_lost <= found.operations
        for share in ("forward_progress", "forward_progress_time", "repeated_share", "keeping_share"):
            assert 0.0 <= getattr(found, share) <= 1.0


def test_what_does_not_fit_in_a_charge_needs_a_policy(work):
    # A charge pays for a fifth of an image.
    store = Storage(0.2 * work.image_J / (0.5 * (4.0 - 3.24)), on_V=2.0, off_V=1.8)
    supply = square(1e-5, period_s=0.1, duty=0.5)
    found = {policy.kind: intermittent(work, supply, store, policy, duration_s=2.0) for policy in ALL}
    assert found["volatile"].images == 0
    assert found["volatile"].repeated_share == 1.0
    for kind in ("windows", "operations", "threshold", "flip_flops"):
        assert found[kind].images > 0
    # Who is warned loses nothing, and what it keeps is little.
    for kind in ("threshold", "flip_flops"):
        assert found[kind].operations_lost == 0
        assert found[kind].forward_progress > found["windows"].forward_progress
    assert found["additions"].operations_lost < found["windows"].operations_lost
    # Sums that are kept at each addition cost many times what they are worth.
    assert found["additions"].save_J / found["additions"].operations > 3.0 * (
        found["windows"].save_J / found["windows"].operations
    )
    assert found["additions"].forward_progress < found["operations"].forward_progress


def test_what_is_at_risk_falls_from_policy_to_policy(work):
    risks = {policy.kind: kept_by(work, policy, 1e-6).at_risk_bits for policy in ALL}
    assert risks["volatile"] > risks["layers"] > risks["windows"] >= risks["operations"] > risks["additions"]
    assert risks["threshold"] == risks["flip_flops"] == 0
    assert risks["volatile"] == max(
        phase.sum_bits + phase.input_bits + phase.output_bits for phase in work.phases
    )


def test_rows_that_are_read_back_are_written_again_as_often_as_they_are_wrong():
    """The sums of the formula against writing rows with random failures."""
    error, columns, times = 0.05, 16, 3
    keeping = Keeping(1.0, 0.0, 0.0, 1.0, 1.0, columns, write_error=error)
    rng = np.random.default_rng(1)
    rows = 20_000
    wrong = np.ones((rows, columns), bool)
    digit_writes = row_writes = readings = 0
    for round_ in range(times + 1):
        due = wrong.any(axis=1)
        digit_writes += int(wrong.sum())
        row_writes += int(due.sum())
        wrong &= rng.random(wrong.shape) < error
        readings += int(due.sum()) if round_ < times else 0
    expected = keeping.rewritten(times)
    assert digit_writes / wrong.size == near(expected[0], rel=0.01)
    assert row_writes / rows == near(expected[1], rel=0.01)
    assert readings / rows == near(expected[2], rel=0.01)
    assert keeping.wrong_digit(times) == near(error**4)


def test_saves_that_fail_often_are_told_and_rewriting_mends_them(digits):
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    amplifier = sp.SenseAmp.load("strongarm_45nm")
    failing = sp.ArrayModel(cell, amplifier, write=sp.Estimate.from_counts(1000, 10**6))
    work = work_of(failing, digits)
    store = Storage(0.2 * work.image_J / (0.5 * (4.0 - 3.24)), on_V=2.0, off_V=1.8)
    supply = square(1e-5, period_s=0.1, duty=0.5)
    plain, mended = (
        intermittent(work, supply, store, Policy("windows", 1, rewrites=times), duration_s=20.0)
        for times in (0, 3)
    )
    assert plain.saves_wrong > 0.5 * plain.restores
    assert plain.states_lost > 0
    assert mended.saves_wrong == 0
    assert mended.images > 2 * plain.images


def test_a_warning_that_comes_too_late_loses_what_was_not_saved(work):
    supply = square(1e-5, period_s=0.1, duty=0.5)
    given = {"capacitance_F": 1e-6, "on_V": 2.0, "off_V": 1.8}
    early = intermittent(work, supply, Storage(**given), Policy("threshold"), duration_s=5.0)
    late = intermittent(work, supply, Storage(**given, warning_V=1.8001), Policy("threshold"), duration_s=5.0)
    assert 1.8 < early.warning_V < 2.0
    assert late.warning_V == near(1.8001)
    assert early.saves_cut == early.operations_lost == 0
    assert late.saves_cut > 0
    assert late.operations_lost > 0


def test_leakage_of_fast_transistors_leaves_little(digits):
    """The same cells among transistors of high performance: what leaks while it works."""
    found = {}
    for flavour in ("low_standby_power", "high_performance"):
        technology = load_array("array_45nm")
        periphery = technology.periphery.model_copy(update={"flavour": flavour})
        cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
        array = sp.ArrayModel(
            cell,
            sp.SenseAmp.load("strongarm_45nm"),
            write=sp.Estimate.from_counts(0, 10**12),
            technology=technology.model_copy(update={"periphery": periphery}),
        )
        found[flavour] = work_of(array, digits)
    assert found["high_performance"].image_J > 2.0 * found["low_standby_power"].image_J


def test_machines_that_lose_their_weights_pay_at_each_wake(digits):
    store = Storage(1e-5, on_V=2.4, off_V=1.8)
    supply = square(1e-4, period_s=0.1, duty=0.5)
    for name, lost in (("yodann_65nm", True), ("reram_bit_serial_45nm", False)):
        work = work_of_baseline(baseline_cost(digits, name))
        found = intermittent(work, supply, store, duration_s=20.0)
        assert found.images > 0
        assert found.wake_J == near(found.wakes * work.wake_J if lost else 0.0, rel=1e-9)
    with pytest.raises(InputError, match="no cells to keep a state in"):
        intermittent(work, supply, store, Policy("layers"), duration_s=1.0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"duration_s": 0.0}, "duration_s"),
        ({"images": 0}, "images"),
        ({"wake_J": -1.0}, "wake_J"),
        ({"events": -1}, "events"),
        ({"seed": -1}, "seed"),
        ({"policy": "layers"}, "policy must come from Policy"),
        ({"trace": [1.0]}, "trace must come from"),
        ({"work": "digits"}, "work must come from"),
        (
            {"storage": Storage(1e-15, on_V=2.0, off_V=1.8), "trace": square(1e-7, period_s=1.0, duty=1.0)},
            "the store holds .* one operation of layer",
        ),
        (
            {"storage": Storage(1e-8, on_V=2.0, off_V=1.8), "policy": Policy("threshold")},
            "besides the save upon a warning",
        ),
        ({"wake_J": 1.0, "wake_s": 1e-3}, "the store holds"),
        ({"wake_J": 1e-9}, "in no time"),
    ],
)
def test_a_mistake_is_told(work, changes, sentence):
    given = {
        "work": work,
        "trace": square(1e-4, period_s=0.1, duty=0.5),
        "storage": Storage(1e-6, on_V=2.0, off_V=1.8),
        "policy": Policy(),
        "duration_s": 1.0,
    } | changes
    with pytest.raises(InputError, match=sentence):
        intermittent(given.pop("work"), given.pop("trace"), given.pop("storage"), **given)


@pytest.mark.parametrize(
    ("kind", "every", "sentence"),
    [
        ("never", None, "kind must be one of"),
        ("operations", 0, "every"),
        ("volatile", 3, "every belongs to"),
    ],
)
def test_an_impossible_policy_is_refused(kind, every, sentence):
    with pytest.raises(InputError, match=sentence):
        Policy(kind, every)


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_is_parsed_as_it_is_written(kind):
    policy = Policy(kind, 7 if kind in REPEATED else None)
    assert Policy.parse(str(policy)) == policy
    assert Policy.parse(kind).kind == kind


@pytest.mark.parametrize("text", ["operations:", "operations:x", "layers:-1", "operations:1.5", "", ":3"])
def test_a_policy_that_cannot_be_parsed_is_told(text):
    with pytest.raises(InputError, match=r"a policy is a kind|kind must be"):
        Policy.parse(text)


def test_a_source_that_pays_while_it_works_needs_no_large_store(work):
    """A wake that a full store does not pay for, on a source that does."""
    store, supply = Storage(1e-8, on_V=2.0, off_V=1.8), Trace("strong", [0.0, 1.0], [1.0])
    found = intermittent(work, supply, store, duration_s=1e-3, wake_J=1e-8, wake_s=1e-6)
    assert found.images > 0
    assert found.time_s == near(found.on_s + found.off_s)
    with pytest.raises(InputError, match="the store holds"):
        intermittent(
            work, square(1e-4, period_s=1.0, duty=0.5), store, duration_s=1.0, wake_J=1e-8, wake_s=1e-6
        )


def test_the_figures_of_a_result_follow_from_its_counts():
    counts = {name: 0 for name in ("images", "cuts", "wakes", "restores", "operations", "operations_lost")}
    counts |= {"images": 30, "restores": 9, "operations": 1000, "operations_lost": 100}
    found = Intermittent(
        machine="m",
        network="n",
        policy=Policy(),
        time_s=100.0,
        harvested_J=5.0,
        **counts,
        saves=7,
        saves_cut=0,
        saves_wrong=3,
        states_lost=2,
        operation_J=2.0,
        save_J=0.5,
        restore_J=0.25,
        wake_J=0.25,
        lost_J=0.5,
        operation_s=8.0,
        save_s=1.0,
        restore_s=0.5,
        wake_s=0.5,
        off_s=90.0,
        state_at_risk_bits=0,
        cells_kept=0,
        warning_V=None,
        events=np.zeros((0, 6)),
    )
    assert found.spent_J == 3.0
    assert found.on_s == 10.0
    assert found.images_per_J == 6.0
    assert found.images_per_hour == 1080.0
    assert found.forward_progress == 0.5
    assert found.forward_progress_time == near(0.6)
    assert found.lost_share == 0.25
    assert found.repeated_share == 0.1
    assert found.keeping_share == 0.25
    assert found.cuts_survived == 7


def test_a_save_that_is_read_back_pays_for_reading():
    keeping = Keeping(2.0, 0.5, 3.0, 0.1, 0.2, columns=10, write_error=0.1)
    writes, rows, readings = keeping.rewritten(2)
    energy_J, time_s = keeping.save(40.0, 4.0, 2)
    assert energy_J == near(40.0 * (2.0 * writes + 0.5 * readings) + 4.0 * rows * 3.0)
    assert time_s == near(4.0 * (0.1 * rows + 0.2 * readings))
    assert keeping.restore(41.0) == (20.5, near(1.0))


def test_keeping_has_the_prices_of_the_cells(array, work):
    prices, keeping = array.prices(), work.keeping
    assert keeping.write_J == prices.write_energy_J
    assert keeping.read_J == prices.sense_energy_J
    assert keeping.select_J == prices.row_write_select_J > 0.0
    assert keeping.row_write_s == prices.row_write_s
    assert keeping.row_read_s == prices.row_cycle_s
    assert keeping.write_error == array.write.conservative > array.write.value
    assert 1.0 / keeping.loss_Hz == near(retention_s(array.cell.device))


def test_efficiencies_act_on_their_own_sides(work):
    """A source that is slow to charge does not make the work dearer, and the other way round."""
    supply, limit = Trace("steady", [0.0, 1.0], [1e-5]), {"duration_s": 20.0}
    given = {"capacitance_F": 1e-6, "on_V": 2.0, "off_V": 1.8}
    plain, slow, dear = (
        intermittent(work, supply, Storage(**given, **one), Policy("flip_flops"), **limit)
        for one in ({}, {"charging_efficiency": 0.5}, {"supplying_efficiency": 0.5})
    )
    assert slow.wakes == near(0.5 * plain.wakes, rel=0.03)
    assert slow.spent_J / slow.cuts == near(plain.spent_J / plain.cuts, rel=0.03)
    assert dear.wakes == near(plain.wakes, rel=0.05)
    assert dear.spent_J / dear.cuts == near(0.5 * plain.spent_J / plain.cuts, rel=0.05)
    # What is set aside for a save is set aside at the store, before the converter and its leakage.
    leaking = Storage(**given, supplying_efficiency=0.5, leakage_ohm=1e5)
    assert (
        intermittent(
            work, square(1e-3, period_s=0.01, duty=0.5), leaking, Policy("threshold"), **limit
        ).saves_cut
        == 0
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"trace": square(1e-3, period_s=1e-6, duty=0.5), "duration_s": 1e9}, "a piece of the trace 5e-07 s"),
        ({"trace": Trace("long", [0.0, 1e4], [1e-3]), "duration_s": 1e10}, "and an operation"),
        ({"trace": square(1e-12, period_s=1e-7, duty=0.5)}, "too little to be added exactly"),
        ({"trace": square(1e-3, period_s=2e-9, duty=0.5), "wake_s": 10.0, "wake_J": 1e-9}, "shorter wake_s"),
    ],
)
def test_what_rounding_would_spoil_or_takes_for_ever_is_refused(work, changes, sentence):
    given = {"trace": square(1e-3, period_s=0.1, duty=0.5), "duration_s": 1.0} | changes
    with pytest.raises(InputError, match=sentence):
        intermittent(work, given.pop("trace"), Storage(1e-6, on_V=2.0, off_V=1.8), **given)


def test_short_pieces_on_a_busy_machine_are_still_heard(work):
    """An interruption is heard within a second or so, also where each load passes many pieces."""
    supply = square(1.0, period_s=2e-9, duty=0.5)
    started = time.monotonic()

    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            intermittent(work, supply, Storage(1e-3, on_V=2.0, off_V=1.8), duration_s=1000.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - started < 30.0


@pytest.mark.parametrize(
    "changes",
    [
        {"energy_J": math.nan},
        {"energy_J": -1.0},
        {"time_s": 1e300},
        {"operations": 0},
        {"operations": 2.5},
        {"operations": None},
        {"operations_per_sum": 0},
        {"operations_per_window": -1},
        {"sum_bits": -1},
    ],
)
def test_an_impossible_phase_is_refused(work, changes):
    with pytest.raises(InputError, match=next(iter(changes))):
        dataclasses.replace(work.phases[0], **changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"phases": ()}, "phases is empty"),
        ({"phases": (1,)}, r"phases\[0\] must come from Phase"),
        ({"phases": None}, "phases must be a list"),
        ({"keeping": 3}, "keeping must come from"),
        ({"wake_J": math.nan}, "wake_J"),
        ({"wake_s": 1e300}, "wake_s"),
    ],
)
def test_an_impossible_work_is_refused(work, changes, sentence):
    with pytest.raises(InputError, match=sentence):
        dataclasses.replace(work, **changes)


def test_what_takes_energy_takes_time(work):
    supply, store = square(1e-3, period_s=0.1, duty=0.5), Storage(1e-6, on_V=2.0, off_V=1.8)
    first = dataclasses.replace(work.phases[0], time_s=0.0)
    at_once = dataclasses.replace(work.keeping, row_write_s=0.0)
    unread = dataclasses.replace(work.keeping, row_read_s=0.0)
    for changes, sentence in (
        ({"wake_J": 1e-9}, "wake_J in no time; give wake_s"),
        ({"phases": (first, *work.phases[1:])}, "an operation takes energy_J in no time"),
        ({"keeping": at_once}, "a save takes save_J in no time"),
        ({"keeping": unread}, "a restore takes restore_J in no time"),
    ):
        changed = dataclasses.replace(work, **changes)
        with pytest.raises(InputError, match=sentence):
            intermittent(changed, supply, store, Policy("windows"), duration_s=1.0)


@pytest.mark.parametrize(
    "changes",
    [{"write_J": math.nan}, {"read_J": -1e-12}, {"columns": 0}, {"write_error": 2.0}, {"loss_Hz": None}],
)
def test_impossible_prices_are_refused(work, changes):
    with pytest.raises(InputError, match=next(iter(changes))):
        dataclasses.replace(work.keeping, **changes)


@pytest.mark.parametrize("given", [(None, 2.0, 1.8), (1e-6, None, 1.8), (1e-6, 2.0, None)])
def test_a_store_has_three_numbers(given):
    with pytest.raises(InputError, match="must be a number"):
        Storage(*given)
