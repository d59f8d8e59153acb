"""Work of the digital unit and digits in the buffer, counted by hand."""

from dataclasses import replace

import numpy as np
from example_networks import random_layer, random_network, residual_network

from spinpim.network import Add, Affine, BitCoding, Thresholds, Window
from spinpim.network.digital_work import DigitalWork, digital_work, kept_bits, largest_waiting_bits

CODES = BitCoding("unsigned", 4)
DENSE = random_layer(
    3, kind="dense", name="dense", window=Window(), in_channels=9 * 8 * 3, out_channels=5, output_bits=None
)


def test_a_chain_of_layers_is_counted_as_by_hand():
    network = random_network(1)
    sums, pooled, second = 9 * 8 * 3, 4 * 4 * 3, 3 * 2 * 4
    assert digital_work(network) == (
        DigitalWork(sums, sums, sums + 3 * pooled, kept_bits=3 * pooled),
        DigitalWork(second, second, second, kept_bits=4 * second),
        DigitalWork(5, 5, 5, kept_bits=0),
    )
    assert kept_bits(network) == {"image": 9 * 8 * 2 * 4, "pool1": 3 * pooled, "conv2": 4 * second}
    assert largest_waiting_bits(network) == 9 * 8 * 2 * 4 + 3 * pooled


def test_branches_and_averages_are_counted_as_by_hand():
    network = residual_network(1)
    sums, largest, mean = 9 * 8 * 4, 5 * 4 * 4, 2 * 2 * 4
    assert digital_work(network) == (
        DigitalWork(sums, sums, sums, kept_bits=4 * sums),
        # The branch and the sum, whose second factor is not one; nine values in a maximum, four in a mean.
        DigitalWork(
            multiplications=sums + 2 * sums + mean,
            additions=sums + 2 * sums + (1 + 3) * mean,
            comparisons=sums + sums + 8 * largest + mean,
            kept_bits=4 * mean,
        ),
        DigitalWork(5, 5, 5, kept_bits=0),
    )
    assert kept_bits(network) == {"image": 9 * 8 * 2 * 8, "conv1": 4 * sums, "mean": 4 * mean}
    assert largest_waiting_bits(network) == 9 * 8 * 2 * 8 + 4 * sums


def test_a_comparison_per_digit_finds_the_place_among_thresholds():
    first, *others = random_network(1).nodes
    steps = Thresholds(np.zeros((3, 7), np.int64), np.ones(3, np.int64), BitCoding("unsigned", 3))
    network = random_network(1, nodes=(replace(first, quantiser=steps), *others))
    assert digital_work(network)[0] == DigitalWork(0, 0, 3 * 9 * 8 * 3 + 3 * 4 * 4 * 3, 3 * 4 * 4 * 3)


def test_codes_of_a_branch_wait_while_later_layers_work():
    nodes = (
        random_layer(1, name="a"),
        random_layer(2, name="b", in_channels=3),
        random_layer(3, name="c", in_channels=3, output_bits=None),
        Add("sum", ("c", "a"), (1.0, -1.0), Affine(np.ones(3), np.zeros(3), CODES)),
        DENSE,
    )
    network = random_network(1, nodes=nodes)
    codes = 9 * 8 * 3 * 4
    assert kept_bits(network) == {"image": 9 * 8 * 2 * 4, "a": codes, "b": codes, "sum": codes}
    # While layer c works: its input b, the branch a, and the sum that it leads to.
    assert largest_waiting_bits(network) == 3 * codes
    # A factor of -1 is a subtraction.
    work = digital_work(network)[2]
    assert (work.multiplications, work.additions) == (2 * 216, 3 * 216)


def test_real_numbers_and_the_image_wait_for_a_later_node_that_takes_them():
    nodes = (
        random_layer(1, name="real", output_bits=None),
        random_layer(2, name="codes", inputs=("image",)),
        Add("sum", ("codes", "real"), (1.0, 1.0), Affine(np.ones(3), np.zeros(3), CODES)),
        DENSE,
    )
    network = random_network(1, nodes=nodes)
    image, codes, real = 9 * 8 * 2 * 4, 9 * 8 * 3 * 4, 9 * 8 * 3 * 32
    assert kept_bits(network) == {"image": image, "real": real, "sum": codes}
    assert largest_waiting_bits(network) == image + real + codes
    assert [work.kept_bits for work in digital_work(network)] == [real, codes, 0]
