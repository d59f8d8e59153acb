"""Errors in a training against the machine that makes them: drawn chips, and single accesses flipped."""

import numpy as np
import pytest

from spinpim.array.bit_path import BitPath
from spinpim.array.fault_kinds import Faults
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


class EvenErrors:
    """One rate in every column and for every pattern."""

    def __init__(self, fixed, temporal):
        self.fixed, self.temporal = fixed, temporal

    def column_errors(self, standard_normals):
        shape = (len(standard_normals), 4)
        return np.full(shape, self.fixed), np.full(shape, self.temporal)


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
def test_wrong_pairs_have_the_mean_and_the_variances_of_drawn_chips(weight_bits, activation_bits):
    network = one_layer(weight_bits, activation_bits, filters=3)
    layer = network.layers[0]
    codes = np.random.default_rng(3).integers(0, 1 << activation_bits, (2, 1, 1, PIXELS), np.uint8)
    values = codes.reshape(2, PIXELS).astype(np.int64)
    chips = sums_on_chips(network, codes, EvenErrors(0.1, 0.0), 2000)
    draw = np.random.default_rng(4)
    weights = layer.weight_coding.decode(layer.weight_codes).astype(np.int64)
    drawn = []
    for _ in range(2000):
        shape = layer.weight_codes.shape
        changes, constants = wrong_pair_changes(
            layer.weight_codes.astype(np.int64),
            weight_bits,
            0.1,
            draw.random((weight_bits, *shape)),
            draw.random(shape[1]),
        )
        top = (1 << activation_bits) - 1
        drawn.append(values @ (weights + changes).T + top * constants)
    flat, twin = chips.reshape(2000, -1), np.array(drawn).reshape(2000, -1)
    spread = twin.std(0)
    # Two samples of 2,000: the limits are five standard errors of a difference.
    assert flat.mean(0) == pytest.approx(twin.mean(0), abs=5 * spread.max() * np.sqrt(2 / 2000))
    scale = spread.max() ** 2
    assert np.cov(flat.T) == pytest.approx(np.cov(twin.T), abs=5 * 2 * scale / np.sqrt(2000))


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
    settings = TrainingSettings("digits", seed=3, epochs=2, flips=0.01, bfloat16=True)
    command = settings.command(output="a.npz")
    assert command.endswith("--epochs 2 --threads 1 --flips 0.01 --output a.npz --bfloat16")
    assert "--learning-rate" not in command
