"""Errors in a training against the machine that makes them: drawn chips, and single accesses flipped."""

import numpy as np
import pytest

from spinpim.array import EvenErrors, Faults
from spinpim.array.bit_path import BitPath
from spinpim.array.faults import pair_answers
from spinpim.array.machine import Chip, draw_chip
from spinpim.array.mapping import map_network
from spinpim.errors import InputError
from spinpim.network import BitCoding, Layer, Network, pixel_table
from spinpim.network.folding import weight_coding
from spinpim.network.quantiser import Affine
from spinpim.network.training_faults import TrainingFaults, flipped_sum, wrong_pair_changes
from spinpim.network.training_settings import TrainingSettings
from spinpim.network.window import Window

WIDTHS = [(1, 1), (1, 4), (2, 3)]
PIXELS = 40


def one_layer(weight_bits, activation_bits, filters):
    """Dense layer that hands on its bare sums."""
    draw = np.random.default_rng(weight_bits)
    layer = Layer(
        kind="dense",
        name="sums",
        in_channels=PIXELS,
        out_channels=filters,
        weight_coding=weight_coding(weight_bits),
        input_coding=BitCoding("unsigned", activation_bits),
        weight_codes=draw.integers(0, 1 << weight_bits, (filters, PIXELS), dtype=np.uint8),
        quantiser=Affine(np.ones(filters), np.zeros(filters), None),
        window=Window(),
    )
    top = (1 << activation_bits) - 1
    return Network(
        name="sums",
        title="sums",
        input_shape=(1, PIXELS, 1),
        input_table=pixel_table(activation_bits, top, 1),
        input_coding=BitCoding("unsigned", activation_bits),
        nodes=(layer,),
    )


def sums_on_chips(network, codes, errors, chips):
    mapping = map_network(network, rows=256, columns=PIXELS)
    found = []
    for number in range(chips):
        machine = draw_chip(network.layers, Chip(mapping, Faults(errors), 1, number))
        found.append(BitPath(machine)(0, network.layers[0], codes).reshape(len(codes), -1))
    return np.array(found)


@pytest.mark.parametrize(("weight_bits", "activation_bits"), WIDTHS)
def test_flipped_sums_have_the_mean_and_the_variances_of_the_machine(weight_bits, activation_bits):
    # 8,000 sums: the limits are five standard errors.
    network = one_layer(weight_bits, activation_bits, filters=4)
    codes = np.random.default_rng(2).integers(0, 1 << activation_bits, (1, 1, 1, PIXELS), np.uint8)
    repeated = np.repeat(codes, 8000, axis=0).reshape(-1, 1, 1, PIXELS)
    right = sums_on_chips(network, codes, EvenErrors(0.0, 0.0), 1)[0, 0]
    wrong = sums_on_chips(network, repeated, EvenErrors(0.0, 0.1), 1)[0]
    law = flipped_sum(PIXELS, weight_bits, activation_bits, 0.1)
    variance = law.own**2 + law.shared**2
    assert wrong.mean(0) == pytest.approx(law.gain * right + law.offset, abs=5 * np.sqrt(variance / 8000))
    covariance = np.cov(wrong.T)
    expected = law.own**2 * np.eye(4) + law.shared**2
    assert covariance == pytest.approx(expected, abs=5 * variance * np.sqrt(2 / 8000))


@pytest.mark.parametrize(("weight_bits", "activation_bits"), WIDTHS)
@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_wrong_pairs_answer_as_those_of_a_chip_with_the_same_draws(weight_bits, activation_bits, rate):
    draw = np.random.default_rng(3)
    codes = draw.integers(0, 1 << weight_bits, (3, PIXELS))
    values = draw.integers(0, 1 << activation_bits, (5, PIXELS))
    uniforms, ones_uniforms = draw.random((weight_bits, 3, PIXELS)), draw.random(PIXELS)
    changes, constants = wrong_pair_changes(codes, weight_bits, rate, uniforms, ones_uniforms)
    top, levels = (1 << weight_bits) - 1, (1 << activation_bits) - 1
    sums = values @ (2 * codes - top + changes).T + levels * constants
    counted = -top * answers(np.ones((1, PIXELS), int), ones_uniforms[np.newaxis], values, rate)
    for digit in range(weight_bits):
        counted = counted + (2 << digit) * answers((codes >> digit) & 1, uniforms[digit], values, rate)
    assert np.array_equal(sums, counted)


def answers(stored, uniforms, values, rate):
    """Weighted counts of what each row of cells answers to the digits of each vector."""
    to_zero, to_one = pair_answers(stored, uniforms, np.full((PIXELS, 4), rate))
    planes = [(values >> digit) & 1 for digit in range(int(values.max()).bit_length())]
    return sum(
        (1 << digit) * (plane @ to_one.T.astype(int) + (1 - plane) @ to_zero.T.astype(int))
        for digit, plane in enumerate(planes)
    )


def test_no_errors_change_nothing():
    changes, sums = wrong_pair_changes(np.array([[1, 0, 3]]), 2, 0.0, np.zeros((2, 1, 3)), np.zeros(3))
    assert not np.any(changes)
    assert not np.any(sums)
    assert flipped_sum(9, 2, 3, 0.0) == (1.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("rate", [-0.1, 0.6, float("nan"), "much"])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(InputError, match="flips"):
        TrainingFaults(flips=rate)
    with pytest.raises(InputError, match="wrong_pairs"):
        TrainingSettings("digits", seed=1, wrong_pairs=rate)


def test_the_command_of_a_training_repeats_its_settings():
    settings = TrainingSettings("digits", seed=0, epochs=2, flips=0.01, bfloat16=True)
    command = settings.command(output="a.npz")
    assert command.endswith("--epochs 2 --threads 1 --flips 0.01 --output a.npz --bfloat16")
    assert "--seed 0 " in command
    assert "--learning-rate" not in command
