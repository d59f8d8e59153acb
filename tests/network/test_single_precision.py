"""Steps of 32 bits: what they give, where they may stand, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from example_networks import random_images, residual_network, values_by_loops

from spinpim.array.executor import execute
from spinpim.errors import InputError
from spinpim.network import BitCoding, Network, SinglePrecision, class_scores, node_outputs
from spinpim.network.digital_work import digital_work
from spinpim.network.reference import decoded

FOUR = BitCoding("unsigned", 4)


def steps(*operations, unit=0.1, channels=4, coding=None, shift=0.0):
    """Steps alike in all channels but for a growing unit."""
    constants = np.zeros((len(operations), 2, channels), np.float32)
    for number, (_, first, second) in enumerate(operations):
        constants[number] = np.array([[first], [second]])
    return SinglePrecision(
        unit * np.arange(1, channels + 1),
        np.full(channels, shift),
        tuple(one[0] for one in operations),
        constants,
        coding,
    )


ROUNDED = (("add", 0.3, 0), ("divide", 0.7, 0), ("round", 0, 0), ("add", 2, 0), ("clip", 0, 15))


def with_steps(seed=5):
    """The residual network with steps instead of lines in two layers, the sum, the mean and the scores."""
    network = residual_network(seed)
    by_name = {
        "conv1": steps(*ROUNDED, unit=0.002, coding=FOUR),
        "branch": steps(("multiply", -1.7, 0), ("clip", -np.inf, 3.0), unit=0.03),
        "sum": steps(("floor", 0, 0), ("clip", 0, 15), unit=1.1, coding=FOUR),
        "mean": steps(*ROUNDED, unit=0.3, shift=4.0, coding=FOUR),
        "dense1": steps(("divide", 3, 0), ("add", 0.1, 0), channels=5),
    }
    nodes = [
        replace(one, quantiser=by_name[one.name]) if one.name in by_name else one for one in network.nodes
    ]
    return replace(network, nodes=tuple(nodes))


@pytest.mark.parametrize("seed", [1, 2])
def test_steps_give_in_every_node_what_loops_over_numbers_of_four_bytes_give(seed):
    network = with_steps(seed)
    raw = random_images(network, 1, seed)
    ours = node_outputs(network, raw)
    theirs = values_by_loops(network, raw[0])
    for name, values in theirs.items():
        np.testing.assert_array_equal(decoded(ours[name], network.signals[name].coding)[0], np.array(values))


def test_steps_are_stored_and_executed_on_both_paths(tmp_path):
    network = with_steps()
    network.save(tmp_path / "net.npz")
    again = Network.load(tmp_path / "net.npz")
    raw = random_images(network, 20, 1)
    scores = class_scores(network, raw)
    np.testing.assert_array_equal(class_scores(again, raw), scores)
    winners = np.argmax(scores, axis=1)
    for path in ("integers", "bits"):
        assert np.array_equal(execute(again, raw, winners, seed=1, path=path).ideal_predictions, winners)


def test_their_work_is_one_operation_a_step():
    """Unit, division; sum of two, constant, rounding, constant; one limit."""
    whole, line = digital_work(with_steps()), digital_work(residual_network(5))
    sums = 9 * 8 * 4
    assert whole[0].multiplications - line[0].multiplications == sums
    assert whole[0].additions - line[0].additions == 2 * sums
    assert whole[0].comparisons == line[0].comparisons


def test_a_step_is_rounded_where_numbers_of_64_bits_would_go_on():
    tenths = steps(("divide", 0.1, 0), unit=0.1, channels=1)
    assert tenths.reals(np.array([[3]])) == np.float32(np.float32(0.3) / np.float32(0.1))
    exact = steps(("add", 2.0**24, 0), ("add", -(2.0**24), 0), unit=1.0, channels=1)
    assert exact.reals(np.array([[1], [3]])).ravel().tolist() == [0.0, 4.0]


REFUSED = {
    "division by zero": ([("divide", 0, 0)], {}, "zero"),
    "falling limits": ([("clip", 1, 0)], {}, "fall"),
    "no number": ([("add", np.nan, 0)], {}, "no number"),
    "overflow": ([("multiply", 1e30, 0), ("multiply", 1e30, 0)], {}, "largest"),
    "codes without rounding": ([("clip", 0, 15)], {"coding": FOUR}, "round"),
    "codes beyond the levels": ([("round", 0, 0), ("clip", 0, 16)], {"coding": FOUR}, "levels"),
    "codes between the levels": (
        [("clip", 0, 15), ("round", 0, 0), ("multiply", 0.5, 0)],
        {"coding": FOUR},
        "round",
    ),
    "unknown operation": ([("tanh", 0, 0)], {}, "operations"),
    "too many": ([("add", 0, 0)] * 65, {}, "64"),
    "no coding": ([], {"coding": 4}, "coding"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_steps_that_cannot_be_are_refused(case):
    operations, parts, word = REFUSED[case]
    with pytest.raises(InputError, match=word):
        steps(*operations, **parts)


def test_arrays_of_other_types_and_shapes_are_refused():
    with pytest.raises(InputError, match="float32"):
        SinglePrecision(np.ones(2), np.zeros(2), ("round",), np.zeros((1, 2, 2)))
    with pytest.raises(InputError, match="shapes"):
        SinglePrecision(np.ones(2), np.zeros(2), ("round",), np.zeros((1, 2, 3), np.float32))
    with pytest.raises(InputError, match="real numbers"):
        steps(channels=2).codes(np.zeros((1, 2)))
