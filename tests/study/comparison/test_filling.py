"""Chips that are filled: within the room, never slower for more of it, close to the smooth bound."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nearly import near

from spinpim.params import load_baseline
from spinpim.study.comparison.filling import fill, smooth_rate
from spinpim.study.comparison.sides import Side, Stage, baseline_side, memory_side


def shared_out(time_s, windows):
    return lambda copies: time_s * -(-windows // copies) / windows


def made(stages, shared_area=1.0, shared_s=0.0):
    """A machine of layers given as (windows, area, time)."""
    times = [time_s for _, _, time_s in stages]
    area = shared_area + sum(area for _, area, _ in stages)
    return Side(
        name="made",
        node_m=45e-9,
        precision="matched",
        energy_J=1.0,
        latency_s=sum(times),
        interval_s=max(*times, shared_s),
        area_m2=area,
        bits=area,
        ledger_J=(),
        stages=tuple(Stage(w, area, area, shared_out(t, w)) for w, area, t in stages),
        shared_area_m2=shared_area,
        shared_bits=shared_area,
        shared_s=shared_s,
    )


layers = st.lists(
    st.tuples(st.integers(1, 30), st.floats(0.5, 3.0), st.floats(0.5, 20.0)), min_size=1, max_size=4
)


@given(layers, st.floats(0.1, 3.0), st.floats(0.0, 2.0), st.floats(1.0, 30.0))
@settings(max_examples=80, deadline=None)
def test_a_chip_is_never_overfull_and_never_beats_the_smooth_bound(stages, shared, shared_s, factor):
    side = made(stages, shared, shared_s)
    room = factor * side.area_m2
    found = fill(side, "area", room)
    assert found.machines >= 1
    assert found.area_m2 <= room * (1.0 + 1e-9)
    assert found.images_per_s <= smooth_rate(side, room) * (1.0 + 1e-9)
    assert found.images_per_s >= (1.0 - 1e-9) / side.interval_s
    used = found.machines * (
        shared + sum(n * stage.area_m2 for n, stage in zip(found.copies, side.stages, strict=True))
    )
    assert used == near(found.area_m2)


@given(layers, st.floats(0.1, 3.0), st.floats(0.0, 2.0), st.floats(1.0, 30.0))
@settings(max_examples=60, deadline=None)
def test_the_smooth_rate_is_the_highest_that_fits(stages, shared, shared_s, factor):
    side = made(stages, shared, shared_s)
    room = factor * side.area_m2
    rate = smooth_rate(side, room)

    def area(machines, of_each):
        held = (a * max(1.0, of_each * t) for _, a, t in stages)
        return machines * (shared + sum(held))

    limits = [w / t for w, _, t in stages] + ([1.0 / shared_s] if shared_s else [])
    # Any split into machines that fits is no faster, and one of them is as fast.
    # Steps of a twentieth of a percent, finer than what the areas below are allowed.
    splits = [31.0 ** (step / 8000) for step in range(8001)]
    fitting = [
        m for m in splits if rate / m <= min(limits) * (1 + 1e-9) and area(m, rate / m) <= room * (1 + 2e-3)
    ]
    assert fitting
    faster = 1.02 * rate
    assert not [m for m in splits if faster / m <= min(limits) and area(m, faster / m) <= room * (1 - 1e-6)]


def test_a_layer_cannot_be_held_in_part():
    # The second layer is idle most of the time, and yet takes its place.
    side = made([(10, 1.0, 10.0), (1, 8.0, 0.1)], shared_area=0.5)
    assert smooth_rate(side, side.area_m2) == near(0.1)
    assert smooth_rate(side, side.area_m2 + 1.0) == near(0.2)


def test_no_other_choice_of_copies_is_faster_on_one_machine():
    stages = [(8, 1.0, 8.0), (4, 2.0, 12.0), (1, 1.0, 1.0)]
    side = made(stages)
    for room in (5.0, 9.0, 14.0, 21.0):
        best = max(
            1.0 / max(stage.time_s(n) for stage, n in zip(side.stages, copies, strict=True))
            for copies in itertools.product(range(1, 9), range(1, 5), range(1, 2))
            if 1.0 + sum(n * stage.area_m2 for stage, n in zip(side.stages, copies, strict=True)) <= room
        )
        assert fill(side, "area", room).images_per_s >= best * (1.0 - 1e-12)


def test_a_machine_that_does_not_fit_makes_no_images():
    side = made([(4, 2.0, 1.0)])
    assert fill(side, "area", 2.9).images_per_s == 0.0
    assert fill(side, "area", 2.9).machines == 0
    assert smooth_rate(side, 2.9) == 0.0


def test_what_all_layers_share_bounds_one_machine_but_not_two():
    side = made([(100, 0.1, 10.0)], shared_area=1.0, shared_s=5.0)
    one, two = fill(side, "area", 2.1), fill(side, "area", 4.2)
    assert one.images_per_s == near(1 / 5.0)
    # Three, each with room for four copies, are more than the two of which four would be twice as large.
    assert (one.machines, two.machines) == (1, 3)
    assert two.images_per_s == near(3 / 5.0)


def test_a_machine_of_shared_parts_is_held_whole(lenet):
    side = baseline_side(lenet, load_baseline("yodann_65nm"), "matched")
    found = fill(side, "area", 3.5 * side.area_m2)
    assert (found.machines, found.copies) == (3, (1,))
    assert found.images_per_s == near(3.0 / side.latency_s)
    assert smooth_rate(side, 3.5 * side.area_m2) == near(3.5 / side.latency_s)


@pytest.mark.parametrize("name", ["memory", "reram_prime_like_45nm", "isaac_32nm", "sram_bitline_45nm"])
def test_whole_copies_come_close_to_the_smooth_bound(name, memory, lenet):
    side = (
        memory_side(memory, lenet)
        if name == "memory"
        else baseline_side(lenet, load_baseline(name), "matched")
    )
    for factor in (3.0, 10.0):
        room = factor * side.area_m2
        assert fill(side, "area", room).images_per_s > 0.5 * smooth_rate(side, room)


def test_capacity_counts_digits(memory, lenet):
    side = memory_side(memory, lenet)
    found = fill(side, "capacity", 3.0 * side.bits)
    assert side.bits <= found.bits <= 3.0 * side.bits
    assert found.area_m2 > side.area_m2
    assert fill(side, "capacity", 0.99 * side.bits).machines == 0
