"""Counters of ones, against counters that are built adder by adder."""

import itertools

import pytest

from spinpim.array.counting import count_bits, count_depth, full_adders


def adders_of_a_real_counter(inputs):
    """Build the counter out of full and half adders, column by column, and count them."""
    columns, full, half = [inputs], 0, 0
    for weight in itertools.count():
        if weight >= len(columns):
            return full, half
        while columns[weight] > 1:
            if weight + 1 == len(columns):
                columns.append(0)
            taken = min(3, columns[weight])
            columns[weight] -= taken - 1
            columns[weight + 1] += 1
            full, half = full + (taken == 3), half + (taken == 2)


@pytest.mark.parametrize("inputs", [1, 2, 3, 4, 7, 8, 15, 25, 64, 100, 127, 128, 255, 256, 511])
def test_the_number_of_adders_is_that_of_a_counter_built_out_of_them(inputs):
    full, half = adders_of_a_real_counter(inputs)
    if count_bits(inputs) != count_bits(inputs + 1):
        assert (full_adders(inputs), half) == (full, 0)
    assert full <= full_adders(inputs) <= full + half + count_bits(inputs)
    assert full + half <= full_adders(inputs) + 1


def test_a_counter_of_three_is_one_full_adder_and_depth_grows_with_the_logarithm():
    assert count_depth(3) == full_adders(3) == 1
    depths = [count_depth(2**n) for n in range(2, 11)]
    assert all(1 <= b - a <= 3 for a, b in itertools.pairwise(depths))
