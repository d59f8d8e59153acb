"""The way to a ratio: the most effective levers first, until it is passed."""

import math

import pytest
from nearly import near

from spinpim.errors import InputError
from spinpim.study.comparison.claims import way_to
from spinpim.study.comparison.levers import End, Lever
from spinpim.study.comparison.ratios import Swing, ratio


def toy(factors):
    """Levers that multiply a number, with what each does by itself to 1."""
    levers, swings = [], []
    for name, ends in factors.items():
        made = tuple(End(f"x{factor:g}", lambda pair, f=factor: pair * f) for factor in ends)
        levers.append(Lever(name, "number", "memory", made))
        labels = tuple(end.label for end in made)
        swings.append(Swing(name, "number", "memory", labels, tuple(ends), tuple(0.0 for _ in ends), ()))
    return levers, swings


def walk(target, factors, evaluate=lambda value: value):
    levers, swings = toy(factors)
    return way_to(target, 1.0, 1.0, levers, swings, evaluate)


FACTORS = {"small": (0.9, 1.2), "large": (0.25, 4.0), "middle": (0.5, 2.0)}


@pytest.mark.parametrize(
    ("target", "names", "end"),
    [
        (3.0, ["large"], 4.0),
        (6.0, ["large", "middle"], 8.0),
        (9.0, ["large", "middle", "small"], 9.6),
        (99.0, ["large", "middle", "small"], 9.6),
        (0.3, ["large"], 0.25),
        (0.001, ["large", "middle", "small"], 0.1125),
        (1.0, [], 1.0),
    ],
)
def test_the_most_effective_levers_come_first_and_the_way_ends_at_the_claim(target, names, end):
    steps, pair = walk(target, FACTORS)
    assert [step.lever for step in steps] == names
    assert pair == near(end)
    assert math.isclose(steps[-1].ratio if steps else 1.0, end)


def test_what_cannot_be_built_on_top_of_the_rest_is_left_out():
    def evaluate(value):
        if value in (4.0, 4.8):
            raise InputError("cannot be built")
        return value

    steps, _ = walk(100.0, FACTORS, evaluate)
    assert [step.lever for step in steps] == ["middle", "small"]


def test_a_step_that_no_longer_helps_is_left_out():
    steps, pair = walk(100.0, FACTORS, lambda value: min(value, 4.0))
    assert [step.lever for step in steps] == ["large"]
    assert pair == 4.0


def test_levers_without_effect_are_left_out():
    steps, _ = walk(2.0, {"none": (1.0, 1.001), "down": (0.5,)})
    assert steps == ()


def test_bands_enclose_each_other():
    found = ratio(2.0, 0.5, 8.0, [[1.8, 2.2], [2.1], [], [1.5, 3.0]])
    assert found.low < found.independent_low < found.nominal < found.independent_high < found.high
    up = math.hypot(math.log(1.1), math.log(1.05), math.log(1.5))
    down = math.hypot(math.log(0.9), math.log(0.75))
    assert found.independent_high == near(2.0 * math.exp(up))
    assert found.independent_low == near(2.0 * math.exp(-down))


def test_independent_bounds_never_pass_all_bounds_together():
    found = ratio(1.0, 0.9, 20.0, [[10.0], [15.0], [0.5]])
    assert (found.independent_low, found.independent_high) == (0.9, 20.0)


def test_without_bounds_a_ratio_is_a_point():
    found = ratio(3.0, 3.0, 3.0, [])
    assert {found.low, found.independent_low, found.nominal, found.independent_high, found.high} == {3.0}
