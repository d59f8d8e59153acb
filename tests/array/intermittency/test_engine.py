"""The events against stepping operation by operation, balances of energy and time, and what never ends."""

import math

import numpy as np
import pytest
from engine_programs import program_with

from spinpim.array.intermittency import power
from spinpim.array.intermittency.engine import EVENT_COLUMNS, run
from spinpim.array.intermittency.generators import two_levels
from spinpim.array.intermittency.program import Store, Supply
from spinpim.array.intermittency.state import COUNTERS, new_state

OFF_J, TOP_J = 1.0, 4.0
CHEAP_SAVES = {"save_J": [1e-6, 1e-6], "save_s": [1e-6, 1e-6], "end_J": 1e-6, "end_s": 1e-6}
SAVES_AND_RESTORES = {"save_J": [0.02], "save_s": [0.01], "restore_J": [0.01], "restore_s": [0.01]}
NO_EVENTS = np.zeros((0, len(EVENT_COLUMNS)))


def counted(trace, store, program, limit_s=1e6, images=10**9, seed=0, steps=10**9, events=NO_EVENTS):
    """What a run counts, in as many slices as it takes."""
    supply = Supply(np.asarray(trace[0], float), np.asarray(trace[1], float))
    state = new_state(store)
    while run(supply, store, program, limit_s, images, seed, events, state, steps):
        pass
    return dict(zip(COUNTERS, state.counters, strict=True)) | {"now": state.flow[0]}


def random_program(rng, kind, wrong_digit=0.0):
    """A program of a kind: saves now and then, upon a warning, both, or of several images at once."""
    blocks = int(rng.integers(1, 4))

    def some(low, high):
        return rng.uniform(low, high, blocks)

    counts = rng.integers(1, 12, blocks)
    digits = some(0.5, 3.0)
    warned = kind in ("warned", "both")
    through = 1.0 if kind == "warned" else 0.0
    steps = {"saves": [0, 1, 3, 5], "both": [1, 3, 5]}.get(kind, [0])
    return program_with(
        counts,
        some(0.02, 0.12),
        some(0.05, 0.4),
        [int(rng.choice(steps)) for _ in range(blocks)],
        through_J=through * some(0.001, 0.01),
        through_s=through * some(0.001, 0.01),
        save_J=some(0.01, 0.1),
        save_s=some(0.02, 0.2),
        digits=digits,
        digits_before=np.concatenate(([0.0], np.cumsum(counts * digits)[:-1])),
        snapshot_J=some(0.01, 0.1),
        snapshot_s=some(0.02, 0.2),
        restore_J=some(0.01, 0.1),
        restore_s=some(0.01, 0.1),
        record_digits=some(1.0, 40.0),
        wrong_digit=wrong_digit,
        snapshot_digit_J=0.002 if warned else 0.0,
        snapshot_digit_s=0.003 if warned else 0.0,
        restore_digit_J=0.001,
        restore_digit_s=0.002,
        end_every=int(rng.integers(1, 4)) if kind == "images" else 1,
        end_J=some(0.01, 0.1),
        end_s=some(0.02, 0.2),
        wake_J=float(rng.uniform(0.01, 0.1)),
        wake_s=float(rng.uniform(0.01, 0.1)),
    )


class Stepper:
    """One operation, save or wake after the other, the store moved by small steps of its equation."""

    def __init__(self, trace, store, steps):
        self.trace, self.store, self.steps = trace, store, steps
        self.now, self.level = 0.0, store.off_J

    def source_W(self):
        within = self.now % self.trace.duration_s
        place = int(np.searchsorted(self.trace.edges_s, within, side="right")) - 1
        return float(self.trace.power_W[min(place, self.trace.power_W.size - 1)])

    def move(self, load_W, dt):
        store = self.store
        even = store.charging * self.source_W() - load_W / store.supplying
        half = self.level + 0.5 * dt * (even - self.level / store.forgetting_s)
        self.level = min(store.top_J, self.level + dt * (even - half / store.forgetting_s))
        self.now += dt

    def wait(self, limit):
        while self.level < self.store.on_J and self.now < limit:
            self.move(0.0, self.steps)

    def take(self, energy_J, time_s):
        """Whether it could be finished."""
        count = max(1, round(time_s / self.steps))
        for _ in range(count):
            self.move(energy_J / time_s, time_s / count)
            if self.level <= self.store.off_J:
                return False
        return True


def stepped(trace, store, program, images, steps=5e-4):
    """The program as its definition says, in no hurry."""
    machine = Stepper(trace, store, steps)
    names = ("images", "cuts", "wakes", "operations", "operations_lost", "saves", "saves_cut", "restores")
    found = dict.fromkeys(names, 0)
    saved, blocks = (0, 0, 0), len(program.counts)
    warned = store.warning_J > store.off_J

    def save(energy_J, time_s, fresh):
        done = machine.take(
            energy_J + fresh * program.snapshot_digit_J, time_s + fresh * program.snapshot_digit_s
        )
        found["saves" if done else "saves_cut"] += 1
        return done

    while found["images"] < images:
        machine.wait(1e6)
        found["wakes"] += 1
        alive = machine.take(program.wake_J, program.wake_s)
        image, block, done = saved
        if alive and (block or done):
            checked = program.digits_before[block] + done * program.digits[block]
            alive = machine.take(
                program.restore_J[block] + checked * program.restore_digit_J,
                program.restore_s[block] + checked * program.restore_digit_s,
            )
            found["restores"] += alive
        unsaved, fresh = 0, 0.0
        while alive and found["images"] < images:
            if not machine.take(
                program.energy_J[block] + program.through_J[block],
                program.time_s[block] + program.through_s[block],
            ):
                alive = False
                break
            done, unsaved, fresh = done + 1, unsaved + 1, fresh + program.digits[block]
            found["operations"] += 1
            step, here = program.every[block], block
            ended = done == program.counts[block]
            due = step and (done % step == 0 or ended)
            if ended:
                block, done = block + 1, 0
            told = warned and machine.level < store.warning_J
            if block == blocks:
                if image + 1 - saved[0] >= program.end_every:
                    if not save(program.end_J[here], program.end_s[here], fresh):
                        alive = False
                        break
                    saved, unsaved, fresh = (image + 1, 0, 0), 0, 0.0
                    found["images"] = image + 1
                image, block, done = image + 1, 0, 0
                alive = not told
            elif told:
                if save(program.snapshot_J[block], program.snapshot_s[block], fresh):
                    saved, unsaved = (image, block, done), 0
                alive = False
            elif due:
                price = (program.end_J, program.end_s) if ended else (program.save_J, program.save_s)
                if not save(price[0][here], price[1][here], fresh):
                    alive = False
                    break
                saved, unsaved, fresh = (image, block, done), 0, 0.0
        if not alive:
            found["cuts"] += 1
            found["operations_lost"] += unsaved
    return found


@pytest.mark.parametrize("kind", ["saves", "warned", "both", "images"])
@pytest.mark.parametrize("seed", range(10))
def test_events_count_what_stepping_counts(seed, kind):
    rng = np.random.default_rng(seed)
    program = random_program(rng, kind)
    # Enough for what must be done without a save, so that every program ends.
    images = program.end_every if kind == "images" else 1
    needed = images * float(np.dot(program.counts, program.energy_J)) + float(program.save_J.sum()) * 12 + 0.5
    on = OFF_J + 1.3 * needed
    warning = OFF_J + 0.3 * needed if kind in ("warned", "both") else OFF_J
    store = Store(on, OFF_J, on + 1.0, warning, float(rng.choice([60.0, 1e9])), 0.9, 0.8)
    trace = two_levels(0.9, 0.0, mean_high_s=3.0, mean_low_s=2.0, duration_s=60.0, seed=seed)
    by_name = counted((trace.edges_s, trace.power_W), store, program, images=12)
    expected = stepped(trace, store, program, 12)
    assert {name: int(by_name[name]) for name in expected} == expected


def test_energy_and_time_add_up():
    program = random_program(np.random.default_rng(3), "saves")
    store = Store(3.0, OFF_J, TOP_J, OFF_J, math.inf, 1.0, 1.0)
    by_name = counted(([0.0, 1.0], [0.3]), store, program, limit_s=500.0)
    on_s = sum(by_name[name] for name in ("operation_s", "save_s", "restore_s", "wake_s"))
    assert on_s + by_name["off_s"] == pytest.approx(max(by_name["now"], 500.0), rel=1e-9)
    spent = sum(by_name[name] for name in ("operation_J", "save_J", "restore_J", "wake_J"))
    # What came in is spent or still there: nothing leaks, and nothing was turned away while it fell.
    assert spent <= 0.3 * by_name["now"] + 1e-9
    assert spent >= 0.3 * by_name["now"] - (TOP_J - OFF_J) - 1e-9
    assert by_name["lost_J"] <= by_name["operation_J"]


def test_an_image_that_needs_more_than_a_charge_never_ends_without_saves_and_ends_with_them():
    store = Store(3.0, 1.0, 3.5, 1.0, math.inf, 1.0, 1.0)

    def images(every, end_every, warning_J=1.0):
        program = program_with(
            [100],
            [0.1],
            [0.01],
            [every],
            save_J=[0.01],
            save_s=[0.001],
            snapshot_J=[0.01],
            snapshot_s=[0.001],
            restore_J=[0.01],
            restore_s=[0.01],
            end_every=end_every,
            end_J=0.01,
            end_s=0.001,
        )
        return counted(([0.0, 1.0], [0.05]), store._replace(warning_J=warning_J), program, 5000.0, 5)

    without, with_saves, warned = images(0, 0), images(5, 1), images(0, 1, 1.2)
    assert without["images"] == 0
    assert without["operations_lost"] == without["operations"] > 0
    assert with_saves["images"] == warned["images"] == 5
    assert with_saves["operations"] - with_saves["operations_lost"] == 500
    # A warning in time: nothing is lost, and nothing is done twice.
    assert warned["operations"] == 500
    assert warned["operations_lost"] == warned["saves_cut"] == 0
    assert warned["cuts"] == warned["saves"] - 5 > 3


def test_a_source_that_never_charges_is_waited_for_until_the_limit():
    program = program_with([1], [0.1], [0.1], [1])
    by_name = counted(([0.0, 1.0], [0.0]), Store(2.0, 1.0, 3.0, 1.0, 10.0, 1.0, 1.0), program, 100.0, 5)
    assert by_name["off_s"] == 100.0
    assert by_name["images"] == 0


WRONG = 0.02


@pytest.fixture(scope="module")
def with_errors():
    """Many short charges of a long image, whose saves fail now and then."""
    program = program_with(
        [10**6],
        [0.01],
        [0.01],
        [7],
        **SAVES_AND_RESTORES,
        record_digits=[10.0],
        wrong_digit=WRONG,
    )
    store = Store(2.0, 1.0, 2.5, 1.0, math.inf, 1.0, 1.0)
    return counted(([0.0, 1.0], [0.02]), store, program, 2e5, seed=5)


def test_saves_are_wrong_as_often_as_their_digits_fail(with_errors):
    risk = 1.0 - (1.0 - WRONG) ** 10
    tried = with_errors["restores"]
    assert tried > 1000
    spread = 4.0 * math.sqrt(tried * risk * (1.0 - risk))
    assert abs(with_errors["saves_wrong"] - tried * risk) < spread
    # The one before is wrong as often, and then all is lost.
    both = with_errors["saves_wrong"] * risk
    assert abs(with_errors["states_lost"] - both) < 4.0 * math.sqrt(both)


@pytest.mark.parametrize("seed", range(5))
def test_what_was_not_lost_is_the_images(seed):
    """Whatever was cut, found wrong or forgotten: each operation of an image counts once."""
    rng = np.random.default_rng(seed)
    counts, digits = rng.integers(10, 30, 3), rng.uniform(0.5, 3.0, 3)
    program = program_with(
        counts,
        rng.uniform(0.02, 0.06, 3),
        rng.uniform(0.05, 0.4, 3),
        rng.integers(1, 5, 3),
        save_J=rng.uniform(0.01, 0.05, 3),
        save_s=rng.uniform(0.02, 0.2, 3),
        restore_J=rng.uniform(0.01, 0.05, 3),
        restore_s=rng.uniform(0.02, 0.2, 3),
        digits=digits,
        digits_before=np.concatenate(([0.0], np.cumsum(counts * digits)[:-1])),
        record_digits=np.full(3, 10.0),
        wrong_digit=0.01,
        loss_Hz=1e-4,
    )
    store = Store(OFF_J + 1.0, OFF_J, OFF_J + 1.2, OFF_J, math.inf, 1.0, 1.0)
    by_name = counted(([0.0, 1.0], [0.05]), store, program, images=300)
    assert by_name["saves_wrong"] > 10
    assert by_name["states_lost"] > 3
    assert by_name["operations"] - by_name["operations_lost"] == 300 * program.counts.sum()
    kept_J = 300 * float(np.dot(program.counts, program.energy_J))
    assert by_name["operation_J"] - by_name["lost_J"] == pytest.approx(kept_J, rel=1e-9)


def test_draws_follow_the_seed():
    program = program_with(
        [400], [0.01], [0.01], [7], save_J=[0.02], save_s=[0.01], record_digits=[10.0], wrong_digit=0.03
    )
    store = Store(2.0, 1.0, 2.5, 1.0, math.inf, 1.0, 1.0)
    found = [counted(([0.0, 1.0], [0.02]), store, program, 2e4, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_cells_that_forget_lose_the_state_by_the_time_switched_off():
    digits, loss_Hz = 50.0, 1e-4
    program = program_with(
        [10**6], [0.01], [0.01], [7], save_J=[0.02], save_s=[0.01], record_digits=[digits], loss_Hz=loss_Hz
    )
    store = Store(2.0, 1.0, 2.5, 1.0, math.inf, 1.0, 1.0)
    by_name = counted(([0.0, 1.0], [0.02]), store, program, 1e5)
    off_s = 1.0 / 0.02
    expected = by_name["restores"] * -math.expm1(-digits * loss_Hz * off_s)
    assert by_name["saves_wrong"] == 0
    assert abs(by_name["states_lost"] - expected) < 4.0 * math.sqrt(expected)
    assert expected > 200


@pytest.mark.parametrize("forgetting", [math.inf, 50.0])
def test_many_rounds_at_once_are_as_one_after_the_other(forgetting):
    store = Store(9.0, 1.0, 10.0, 1.0, forgetting, 0.9, 0.8)
    arrays = (Supply(np.array([0.0, 1000.0]), np.array([0.4])), store)
    level = 8.0
    rounds = power.safe_rounds(*arrays, 3.0, level, 1.0, 0.07, 0.3, 10**6)
    assert 10 < rounds < 80
    at_once = power.level_after_rounds(*arrays, 3.0, level, rounds, 0.05, 0.2, 0.02, 0.1)
    now = 3.0
    for _ in range(rounds):
        for energy, time in ((0.05, 0.2), (0.02, 0.1)):
            spent, now, level = power.draw(*arrays, now, level, 1.0, energy, time)
            assert spent == time
    assert at_once == pytest.approx(level, rel=1e-12)
    assert at_once > 1.0


def test_rounds_stop_before_a_piece_ends_and_before_the_store_is_full():
    store = Store(9.0, 1.0, 10.0, 1.0, math.inf, 1.0, 1.0)
    supply = Supply(np.array([0.0, 4.0, 8.0]), np.array([0.0, 5.0]))
    assert power.safe_rounds(supply, store, 1.0, 9.0, 1.0, 0.01, 0.5, 10**6) == 5
    assert power.safe_rounds(supply, store, 4.0, 9.0, 1.0, 0.0, 0.1, 10**6) == 1
    assert power.safe_rounds(supply, store, 1.0, 9.0, 1.0, 0.01, 0.5, 3) == 3


def test_short_saves_of_long_programs_count_as_stepping_does():
    program = program_with(
        [400, 150],
        [0.004, 0.006],
        [0.01, 0.02],
        [2, 1],
        save_J=[0.002, 0.001],
        save_s=[0.004, 0.003],
        restore_J=[0.02, 0.02],
        restore_s=[0.03, 0.03],
        end_J=0.003,
        end_s=0.002,
        wake_J=0.05,
        wake_s=0.05,
    )
    store = Store(1.6, OFF_J, 1.7, OFF_J, 80.0, 0.9, 0.8)
    trace = two_levels(0.4, 0.05, mean_high_s=2.0, mean_low_s=1.0, duration_s=40.0, seed=26)
    by_name = counted((trace.edges_s, trace.power_W), store, program, images=3)
    expected = stepped(trace, store, program, 3, steps=4e-5)
    assert {name: int(by_name[name]) for name in expected} == expected
    assert expected["cuts"] > 3


def test_events_are_recorded_as_far_as_there_is_room():
    program = program_with([100], [0.1], [0.01], [5], save_J=[0.01], save_s=[0.001])
    store = Store(3.0, 1.0, 3.5, 1.0, math.inf, 1.0, 1.0)
    everything = np.full((7, len(EVENT_COLUMNS)), -1.0)
    counted(([0.0, 1.0], [0.05]), store, program, limit_s=500.0, events=everything)
    assert everything[:, 5].tolist() == [1.0, 0.0] * 3 + [1.0]
    assert np.all(np.diff(everything[:, 0]) > 0.0)
    assert everything[0, 1] == 3.0
    assert everything[1, 1] == pytest.approx(1.0)


@pytest.mark.parametrize("source_W", [0.5, 2.0, 5.0, 8.0])
def test_rounds_on_a_full_store_are_as_one_after_the_other(source_W):
    """A source that pays for the operations, for both, for neither: what is skipped changes nothing."""
    program = program_with([3000], [0.03], [0.01], [1], save_J=[0.06], save_s=[0.01], end_J=0.01, end_s=0.01)
    store = Store(3.0, 1.0, 3.2, 1.0, 50.0, 0.9, 0.9)
    supply = ([0.0, 7.0, 9.0], [source_W, 0.1])
    found = counted(supply, store, program, images=3)
    # Blocks of one operation are too short for rounds.
    blocks = [1] * 3000
    cut_up = program_with(
        blocks,
        [0.03] * 3000,
        [0.01] * 3000,
        [1] * 3000,
        save_J=[0.06] * 3000,
        save_s=[0.01] * 3000,
        end_J=0.01,
        end_s=0.01,
    )
    slow = counted(supply, store, cut_up, images=3)
    for name, value in found.items():
        assert value == pytest.approx(slow[name], rel=1e-9), name
    assert found["operations"] - found["operations_lost"] == 9000


@pytest.mark.parametrize("forgetting", [math.inf, 4e4])
def test_passes_that_are_skipped_change_nothing(forgetting):
    """A store that charges over thousands of passes, against one long pass of the same power."""
    rng = np.random.default_rng(2)
    edges = np.concatenate(([0.0], np.cumsum(rng.uniform(0.1, 1.0, 7))))
    powers = rng.uniform(0.0, 1e-3, 7)
    store = Store(10.0, 1.0, 11.0, 1.0, forgetting, 0.9, 0.9)
    short = Supply(edges, powers)
    many = 6000
    long = Supply(
        np.concatenate([[0.0], *(edges[1:] + number * edges[-1] for number in range(many))]),
        np.tile(powers, many),
    )
    for start_s in (0.0, 1.3):
        now, level = power.charge(short, store, start_s, 1.0, 1e9)
        expected, there = power.charge(long, store, start_s, 1.0, 1e9)
        assert now == pytest.approx(expected, rel=1e-9)
        assert level == there == 10.0
        assert now > 1000 * edges[-1]


@pytest.mark.parametrize("forgetting", [math.inf, 3000.0])
@pytest.mark.parametrize("kind", ["saves", "warned", "both", "images"])
@pytest.mark.parametrize(("seed", "wrong_digit"), [(0, 0.0), (1, 0.0), (2, 3e-3), (3, 3e-3), (4, 0.02)])
def test_images_and_rounds_at_once_are_as_in_short_pieces(seed, wrong_digit, kind, forgetting):
    """The same power in pieces too short for anything at once; what is drawn does not depend on it."""
    program = random_program(np.random.default_rng(seed), kind, wrong_digit)
    image_J = float(np.dot(program.counts, program.energy_J + program.through_J)) + float(
        np.sum(program.save_J * program.counts)
    )
    store = Store(1.0 + 30.0 * image_J, 1.0, 1.5 + 31.0 * image_J, 1.0, forgetting, 0.9, 0.8)
    if kind in ("warned", "both"):
        store = store._replace(warning_J=2.5)
    duration, pieces = 500.0, 20_000
    long = ([0.0, duration], [0.06])
    short = (np.linspace(0.0, duration, pieces + 1), np.full(pieces, 0.06))
    found, expected = (counted(trace, store, program, images=150) for trace in (long, short))
    assert found["cuts"] >= 1
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-7), name


def test_a_source_that_gains_little_in_a_pass_is_not_given_up():
    """A large store on passes of a microsecond: each gains a billionth of what is there."""
    store = Store(2.9e-3, 1.6e-3, 3.5e-3, 1.6e-3, math.inf, 1.0, 1.0)
    short = Supply(np.array([0.0, 0.5e-6, 1e-6]), np.array([2e-6, 0.0]))
    now, level = power.charge(short, store, 0.0, 1.6e-3, 1e5)
    assert level == store.on_J
    assert now == pytest.approx(1.3e-3 / 1e-6, rel=1e-6)


@pytest.mark.parametrize(("factor", "reaches"), [(0.9, False), (1.1, True)])
def test_a_leaking_store_is_waited_for_if_it_can_fill(factor, reaches):
    """Leakage and source balance just below or above the threshold; a pass is a millionth of forgetting."""
    store = Store(1.0, 0.2, 2.0, 0.2, 1e3, 1.0, 1.0)
    source_W = factor * 1.0 / 1e3
    supply = Supply(np.array([0.0, 1e-3]), np.array([source_W]))
    now, level = power.charge(supply, store, 0.0, 0.2, 1e7)
    if reaches:
        assert level == 1.0
        rest = source_W * 1e3
        assert now == pytest.approx(1e3 * math.log((rest - 0.2) / (rest - 1.0)), rel=1e-6)
    else:
        assert now == 1e7


@pytest.mark.parametrize("steps", [1, 2, 7])
@pytest.mark.parametrize("kind", ["saves", "warned", "both", "images"])
def test_slices_of_a_run_are_the_run(kind, steps):
    program = random_program(np.random.default_rng(5), kind)
    warning = 1.5 if kind in ("warned", "both") else 1.0
    store = Store(6.0, 1.0, 6.5, warning, 80.0, 0.9, 0.8)
    trace = two_levels(0.3, 0.1, mean_high_s=3.0, mean_low_s=2.0, duration_s=60.0, seed=5)
    given = (trace.edges_s, trace.power_W), store, program
    whole, sliced = (counted(*given, limit_s=900.0, steps=one) for one in (10**9, steps))
    assert whole == sliced
    assert whole["cuts"] > 10


def test_an_image_that_begins_anew_is_a_lost_state():
    """Two saves in an image: when the first one is wrong, there is none before it."""
    program = program_with(
        [14],
        [0.1],
        [0.1],
        [7],
        **SAVES_AND_RESTORES,
        record_digits=[10.0],
        wrong_digit=0.05,
    )
    by_name = counted(
        ([0.0, 1.0], [0.02]), Store(2.0, 1.0, 2.5, 1.0, math.inf, 1.0, 1.0), program, images=300, seed=2
    )
    assert by_name["saves_wrong"] > 50
    assert by_name["states_lost"] == by_name["saves_wrong"]
    assert by_name["operations"] - by_name["operations_lost"] == 300 * 14


def test_digits_handed_on_are_forgotten_and_fail_like_those_of_records():
    """Two blocks: what the first has handed on is at risk while the second is at work."""
    digits = 30.0
    common = {
        "save_J": [0.01, 0.02],
        "save_s": [0.01, 0.01],
        "restore_J": [0.0, 0.05],
        "restore_s": [0.0, 0.01],
        "digits": [digits, 0.0],
        "digits_before": [0.0, digits],
    }
    store = Store(2.0, 1.0, 2.5, 1.0, math.inf, 1.0, 1.0)
    supply = ([0.0, 1.0], [0.02])
    forgetful = program_with([1, 10**5], [0.01, 0.01], [0.01, 0.01], [1, 7], loss_Hz=1e-4, **common)
    by_name = counted(supply, store, forgetful, 2e5)
    expected = by_name["restores"] * -math.expm1(-digits * 1e-4 / 0.02)
    assert abs(by_name["states_lost"] - expected) < 4.0 * math.sqrt(expected)
    # The prices of a restore are those of the block that is gone back to.
    assert by_name["restore_J"] == pytest.approx(0.05 * by_name["restores"], rel=1e-9)
    failing = program_with([1, 10**5], [0.01, 0.01], [0.01, 0.01], [1, 7], wrong_digit=0.02, **common)
    by_name = counted(supply, store, failing, 2e5, images=10**9)
    # Written once per beginning of the image, they are wrong in every restore until it begins anew, or never.
    risk = -math.expm1(digits * math.log1p(-0.02))
    begun = by_name["states_lost"] + 1
    assert by_name["states_lost"] > 0
    assert by_name["states_lost"] == by_name["saves_wrong"]
    assert begun < 12.0 / (1.0 - risk)


def test_the_rest_of_an_operation_is_done_once():
    """A warned machine that loses nothing spends what its operations take, and no more."""
    program = program_with(
        [50],
        [0.1],
        [0.1],
        [0],
        snapshot_J=[0.02],
        snapshot_s=[0.01],
        digits=[1.0],
        digits_before=[0.0],
        snapshot_digit_J=0.001,
        snapshot_digit_s=0.001,
    )
    store = Store(2.0, 1.0, 2.5, 1.3, math.inf, 1.0, 1.0)
    by_name = counted(([0.0, 1.0], [0.02]), store, program, images=40)
    assert by_name["cuts"] > 100
    assert by_name["operations_lost"] == by_name["saves_cut"] == 0
    assert by_name["operation_J"] == pytest.approx(0.1 * by_name["operations"], rel=1e-9)
    # Each digit is written once, with a snapshot or at the end of its image.
    snapshots = by_name["saves"] - 40
    assert by_name["save_J"] == pytest.approx(0.02 * snapshots + 0.001 * 50 * 40, rel=1e-9)


@pytest.mark.parametrize("kind", ["saves", "warned", "both"])
def test_a_run_ends_with_its_time(kind):
    """Images and rounds at once stop where the time does: what had begun is one save further at most."""
    program = random_program(np.random.default_rng(8), kind)
    store = Store(50.0, 1.0, 60.0, 2.0 if kind != "saves" else 1.0, math.inf, 1.0, 1.0)
    longest_s = float(np.max(program.counts * program.time_s + program.save_s)) + 1.0
    charged_s = 49.0 / 0.2
    for rest_s in (1.0, 20.0, 77.7):
        by_name = counted(([0.0, 1e6], [0.2]), store, program, limit_s=charged_s + rest_s)
        assert 0.0 <= by_name["now"] - charged_s - rest_s < longest_s
    assert by_name["images"] > 3


@pytest.mark.parametrize("pieces", [1, 4000])
@pytest.mark.parametrize(
    ("record_digits", "charge", "wrong", "lost", "images"),
    [
        # The save that ends the first block is of its kind, and wrong; so is the one before.
        ([1e6, 0.0], 42.5, 1, 1, 0),
        # It is right, and the next charge ends the image.
        ([0.0, 1e6], 42.5, 0, 0, 1),
        # One within the second block is wrong; that of the end of the first one is fallen back to.
        ([0.0, 1e6], 47.5, 1, 0, 1),
        # Within the second block all are right, whatever the first one's are.
        ([1e6, 0.0], 47.5, 0, 0, 1),
        # Within the first block the older one is of the same kind.
        ([1e6, 0.0], 37.5, 1, 1, 0),
    ],
)
def test_a_record_is_as_likely_wrong_as_the_digits_of_its_block(
    record_digits, charge, wrong, lost, images, pieces
):
    """Two blocks of forty operations, a save after every five; a charge pays for so many operations."""
    program = program_with(
        [40, 40],
        [1.0, 1.0],
        [1.0, 1.0],
        [5, 5],
        **CHEAP_SAVES,
        record_digits=record_digits,
        wrong_digit=1e-3,
    )
    store = Store(1.0 + charge, 1.0, 1.1 + charge, 1.0, math.inf, 1.0, 1.0)
    cycle_s = charge * 1e4 + charge
    supply = (np.linspace(0.0, 5e3, pieces + 1), np.full(pieces, 1e-4))
    # Two charges, and the beginning of a third one.
    by_name = counted(supply, store, program, limit_s=2.0 * cycle_s + 5e3)
    assert (by_name["saves_wrong"], by_name["states_lost"], by_name["images"]) == (wrong, lost, images)


def test_digits_handed_on_are_drawn_once_for_each_beginning_of_an_image():
    """What the first block has handed on is wrong in as many images that meet a cut as it says."""
    digits, p = 20.0, 0.01
    program = program_with(
        [1, 20],
        [0.01, 1.0],
        [0.01, 1.0],
        [1, 5],
        **CHEAP_SAVES,
        digits=[digits, 0.0],
        digits_before=[0.0, digits],
        wrong_digit=p,
    )
    # A charge lasts for more than an image, so that none meets two cuts.
    store = Store(38.3, 1.0, 38.4, 1.0, math.inf, 1.0, 1.0)
    by_name = counted(([0.0, 1e6], [1e-1]), store, program, images=4000)
    risk = -math.expm1(digits * math.log1p(-p))
    met = by_name["restores"]
    assert by_name["states_lost"] == by_name["saves_wrong"]
    assert abs(by_name["states_lost"] / met - risk) < 4.0 * math.sqrt(risk * (1.0 - risk) / met)
    assert met > 1000


def test_a_last_save_that_is_cut_and_one_that_is_paid_are_counted():
    program = program_with([5], [0.1], [0.1], [0], end_J=10.0, end_s=1.0)
    store = Store(3.0, 1.0, 3.5, 1.0, math.inf, 1.0, 1.0)
    by_name = counted(([0.0, 1.0], [0.02]), store, program, limit_s=1e3)
    assert by_name["cuts"] == by_name["saves_cut"] > 5
    assert by_name["saves"] == by_name["images"] == 0


def test_waiting_for_power_ends_with_the_time():
    program = program_with([5], [0.1], [0.1], [0])
    store = Store(3.0, 1.0, 3.5, 1.0, math.inf, 1.0, 1.0)
    by_name = counted(([0.0, 1.0], [0.02]), store, program, limit_s=37.0)
    assert by_name["off_s"] == 37.0
    assert by_name["wakes"] == 0


@pytest.mark.parametrize("source_W", [2.0, 5.0])
def test_blocks_on_a_full_store_are_as_one_after_the_other(source_W):
    """Several short blocks, at the top of the store: what overflows is lost, whatever is passed at once."""
    few = program_with([10] * 4, [0.03] * 4, [0.01] * 4, [0] * 4, end_J=0.5, end_s=0.01)
    store = Store(3.0, 1.0, 3.2, 1.0, 50.0, 0.9, 0.9)
    found = counted(([0.0, 7.0, 9.0], [source_W, 0.1]), store, few, images=40)
    edges = np.sort(np.concatenate((np.linspace(0.0, 7.0, 7001), np.linspace(7.0, 9.0, 2001)[1:])))
    short = counted((edges, np.where(edges[:-1] < 7.0, source_W, 0.1)), store, few, images=40)
    for name, value in short.items():
        assert found[name] == pytest.approx(value, rel=1e-7), name
