"""The events against stepping operation by operation, balances of energy and time, and what never ends."""

import math

import numpy as np
import pytest

from spinpim.array.intermittency import engine
from spinpim.array.intermittency.engine import COUNTERS, run
from spinpim.array.intermittency.generators import two_levels

OFF_J, TOP_J = 1.0, 4.0


def program(rng):
    blocks = int(rng.integers(1, 4))
    counts = rng.integers(1, 12, blocks)
    energies, times = rng.uniform(0.02, 0.12, blocks), rng.uniform(0.05, 0.4, blocks)
    every = np.array([int(rng.choice([0, 1, 3, 5])) for _ in range(blocks)])
    saving_J, saving_s = rng.uniform(0.01, 0.1, blocks), rng.uniform(0.02, 0.2, blocks)
    overhead = np.array(
        [rng.uniform(0.0, 0.1), rng.uniform(0.01, 0.1), rng.uniform(0.0, 0.1), rng.uniform(0.01, 0.1)]
    )
    return counts, energies, times, every, saving_J, saving_s, overhead


class Stepper:
    """One operation, save or wake after the other, the store moved by small steps of its equation."""

    def __init__(self, trace, store, steps):
        self.trace, self.store, self.steps = trace, store, steps
        self.now, self.level = 0.0, store[1]

    def source_W(self):
        within = self.now % self.trace.duration_s
        place = int(np.searchsorted(self.trace.edges_s, within, side="right")) - 1
        return float(self.trace.power_W[min(place, self.trace.power_W.size - 1)])

    def move(self, load_W, dt):
        _, _, top, forgetting, charging, supplying = self.store
        even = charging * self.source_W() - load_W / supplying
        half = self.level + 0.5 * dt * (even - self.level / forgetting)
        self.level = min(top, self.level + dt * (even - half / forgetting))
        self.now += dt

    def wait(self, limit):
        while self.level < self.store[0] and self.now < limit:
            self.move(0.0, self.steps)

    def take(self, energy_J, time_s):
        """Whether it could be finished."""
        count = max(1, round(time_s / self.steps))
        for _ in range(count):
            self.move(energy_J / time_s, time_s / count)
            if self.level <= self.store[1]:
                return False
        return True


def stepped(trace, store, blocks, images, steps=5e-4):
    counts, energies, times, every, saving_J, saving_s, overhead = blocks
    machine = Stepper(trace, store, steps)
    found = dict.fromkeys(
        ("images", "cuts", "wakes", "operations", "operations_lost", "saves", "saves_cut"), 0
    )
    saved = (0, 0)
    while found["images"] < images:
        machine.wait(1e6)
        found["wakes"] += 1
        alive = machine.take(overhead[0], overhead[1])
        if alive and saved != (0, 0):
            alive = machine.take(overhead[2], overhead[3])
        block, done = saved
        unsaved = 0
        while alive and found["images"] < images:
            if not machine.take(energies[block], times[block]):
                alive = False
                break
            done, unsaved = done + 1, unsaved + 1
            found["operations"] += 1
            ended = done == counts[block]
            if every[block] and (done % every[block] == 0 or ended):
                if not machine.take(saving_J[block], saving_s[block]):
                    found["saves_cut"] += 1
                    alive = False
                    break
                found["saves"] += 1
                saved, unsaved = (block, done), 0
            if ended:
                if saved == (block, done):
                    saved = (block + 1, 0)
                block, done = block + 1, 0
                if block == len(counts):
                    found["images"] += 1
                    saved, block, unsaved = (0, 0), 0, 0
        if not alive:
            found["cuts"] += 1
            found["operations_lost"] += unsaved
    return found


@pytest.mark.parametrize("seed", range(20))
def test_events_count_what_stepping_counts(seed):
    rng = np.random.default_rng(seed)
    blocks = program(rng)
    # Enough for an image without a save, so that every program ends.
    needed = float(np.dot(blocks[0], blocks[1])) + float(blocks[4].sum()) * 12 + 0.5
    on = OFF_J + 1.3 * needed
    store = np.array([on, OFF_J, on + 1.0, rng.choice([60.0, 1e9]), 0.9, 0.8])
    trace = two_levels(0.9, 0.0, mean_high_s=3.0, mean_low_s=2.0, duration_s=60.0, seed=seed)
    counts, energies, times, every, saving_J, saving_s, overhead = blocks
    arrays = (counts, energies, times, every, saving_J, saving_s, overhead)
    found, _ = run(trace.edges_s, trace.power_W, store, *arrays, 1e6, 12)
    by_name = dict(zip(COUNTERS, found, strict=True))
    expected = stepped(trace, store, blocks, 12)
    assert {name: int(by_name[name]) for name in expected} == expected


def test_energy_and_time_add_up():
    rng = np.random.default_rng(3)
    counts, energies, times, every, saving_J, saving_s, overhead = program(rng)
    store = np.array([3.0, OFF_J, TOP_J, math.inf, 1.0, 1.0])
    edges, power = np.array([0.0, 1.0]), np.array([0.3])
    found, now = run(
        edges, power, store, counts, energies, times, every, saving_J, saving_s, overhead, 500.0, 10**9
    )
    by_name = dict(zip(COUNTERS, found, strict=True))
    assert by_name["on_s"] + by_name["off_s"] == pytest.approx(max(now, 500.0), rel=1e-9)
    spent = sum(by_name[name] for name in ("operation_J", "save_J", "restore_J", "wake_J"))
    # What came in is spent or still there: nothing leaks, and nothing was turned away while it fell.
    assert spent <= 0.3 * now + 1e-9
    assert spent >= 0.3 * now - (TOP_J - OFF_J) - 1e-9
    assert by_name["lost_J"] <= by_name["operation_J"]


def test_an_image_that_needs_more_than_a_charge_never_ends_without_saves_and_ends_with_them():
    counts, energies, times = np.array([100]), np.array([0.1]), np.array([0.01])
    store = np.array([3.0, 1.0, 3.5, math.inf, 1.0, 1.0])
    edges, power = np.array([0.0, 1.0]), np.array([0.05])
    overhead = np.array([0.0, 0.01, 0.01, 0.01])

    def images(every):
        arrays = (counts, energies, times, np.array([every]), np.array([0.01]), np.array([0.001]), overhead)
        found, _ = run(edges, power, store, *arrays, 5000.0, 5)
        return dict(zip(COUNTERS, found, strict=True))

    without, with_saves = images(0), images(5)
    assert without["images"] == 0
    assert without["operations_lost"] == without["operations"] > 0
    assert with_saves["images"] == 5
    assert with_saves["operations"] - with_saves["operations_lost"] == 500


def test_a_source_that_never_charges_is_waited_for_until_the_limit():
    edges, power = np.array([0.0, 1.0]), np.array([0.0])
    one = np.array([1])
    arrays = (one, np.array([0.1]), np.array([0.1]), one, np.array([0.0]), np.array([0.0]), np.zeros(4))
    found, _ = run(edges, power, np.array([2.0, 1.0, 3.0, 10.0, 1.0, 1.0]), *arrays, 100.0, 5)
    assert found[engine.OFF_S] == 100.0
    assert found[engine.IMAGES] == 0


@pytest.mark.parametrize("forgetting", [math.inf, 50.0])
def test_many_rounds_at_once_are_as_one_after_the_other(forgetting):
    store = np.array([9.0, 1.0, 10.0, forgetting, 0.9, 0.8])
    edges, power = np.array([0.0, 1000.0]), np.array([0.4])
    arrays = (edges, power, store)
    level = 8.0
    rounds = engine.safe_rounds(*arrays, 3.0, level, 0.07, 0.3, 10**6)
    assert 10 < rounds < 80
    at_once = engine.level_after_rounds(*arrays, 3.0, level, rounds, 0.05, 0.2, 0.02, 0.1)
    now = 3.0
    for _ in range(rounds):
        for energy, time in ((0.05, 0.2), (0.02, 0.1)):
            spent, now, level = engine.draw(*arrays, now, level, energy, time)
            assert spent == time
    assert at_once == pytest.approx(level, rel=1e-12)
    assert at_once > 1.0


def test_rounds_stop_before_a_piece_ends_and_before_the_store_is_full():
    store = np.array([9.0, 1.0, 10.0, math.inf, 1.0, 1.0])
    edges, power = np.array([0.0, 4.0, 8.0]), np.array([0.0, 5.0])
    assert engine.safe_rounds(edges, power, store, 1.0, 9.0, 0.01, 0.5, 10**6) == 5
    assert engine.safe_rounds(edges, power, store, 4.0, 9.0, 0.0, 0.1, 10**6) == 1
    assert engine.safe_rounds(edges, power, store, 1.0, 9.0, 0.01, 0.5, 3) == 3


def test_short_saves_of_long_programs_count_as_stepping_does():
    rng = np.random.default_rng(77)
    counts, every = np.array([400, 150]), np.array([2, 1])
    energies, times = np.array([0.004, 0.006]), np.array([0.01, 0.02])
    saving_J, saving_s = np.array([0.002, 0.001]), np.array([0.004, 0.003])
    overhead = np.array([0.05, 0.05, 0.02, 0.03])
    blocks = (counts, energies, times, every, saving_J, saving_s, overhead)
    store = np.array([1.6, OFF_J, 1.7, 80.0, 0.9, 0.8])
    trace = two_levels(
        0.4, 0.05, mean_high_s=2.0, mean_low_s=1.0, duration_s=40.0, seed=int(rng.integers(100))
    )
    found, _ = run(trace.edges_s, trace.power_W, store, *blocks, 1e6, 3)
    by_name = dict(zip(COUNTERS, found, strict=True))
    expected = stepped(trace, store, blocks, 3, steps=4e-5)
    assert {name: int(by_name[name]) for name in expected} == expected
    assert expected["cuts"] > 3
