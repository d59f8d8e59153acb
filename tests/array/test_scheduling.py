"""Copies of layers against all that are possible, and what follows from them."""

import itertools
import math

import numpy as np
import pytest
from nearly import near

import spinpim as sp
from spinpim.array.scheduling import schedule
from spinpim.errors import InputError
from spinpim.network.architectures import random_network


@pytest.fixture(scope="module")
def array():
    device = sp.Device.load("perpendicular_memory_60nm")
    cell, amplifier = sp.Cell.load("2t1r_45nm", device=device), sp.SenseAmp.load("strongarm_45nm")
    return sp.ArrayModel(cell, amplifier, write=sp.Estimate.from_counts(0, 1000))


@pytest.fixture(scope="module")
def digits():
    return sp.Network.load("digits_w1a4")


@pytest.fixture(scope="module")
def svhn():
    return random_network("svhn", seed=1)


def held(made):
    return sum(layer.sub_arrays for layer in made.layers)


def test_one_copy_of_each_layer_is_the_ledger(array, svhn):
    made, price = schedule(array, svhn), sp.cost(array, svhn)
    assert made.pages == 1
    assert [layer.copies for layer in made.layers] == [1] * len(svhn.layers)
    assert held(made) == made.sub_arrays
    assert made.latency_s == near(price.latency_per_image_s, rel=1e-12)
    assert made.interval_s == near(price.interval_per_image_s, rel=1e-12)
    assert made.energy_per_image_J == near(price.energy_per_image_J, rel=1e-12)


def test_no_choice_of_copies_is_faster(array, digits):
    once = schedule(array, digits)
    for factor in (1.5, 3.0, 7.0):
        available = round(factor * once.sub_arrays)
        made = schedule(array, digits, sub_arrays=available)
        assert held(made) <= available
        assert made.interval_s == near(fastest(array, digits, available), rel=1e-12)


def fastest(array, network, available):
    """Shortest time between images by trying every number of copies of every layer."""
    from spinpim.array.ledger import digital_time_s
    from spinpim.array.scheduling import layer_time_s

    prices, mappings = array.prices(), array.map(network)
    shared = math.fsum(digital_time_s(mapping, prices) for mapping in mappings)
    ranges = [range(1, min(one.windows, available // one.sub_arrays) + 1) for one in mappings]
    times = [
        {n: layer_time_s(one, n, prices) for n in some} for one, some in zip(mappings, ranges, strict=True)
    ]
    fitting = (
        copies
        for copies in itertools.product(*ranges)
        if sum(n * one.sub_arrays for n, one in zip(copies, mappings, strict=True)) <= available
    )
    return min(max(shared, *(t[n] for t, n in zip(times, copies, strict=True))) for copies in fitting)


def test_more_sub_arrays_never_make_it_slower_and_leave_the_energy(array, svhn):
    once = schedule(array, svhn)
    made = [schedule(array, svhn, sub_arrays=factor * once.sub_arrays) for factor in (1, 2, 5, 20)]
    for less, more in itertools.pairwise(made):
        assert more.interval_s <= less.interval_s
        assert more.energy_per_image_J == less.energy_per_image_J
        assert more.utilisation <= 1.0
    assert made[-1].interval_s == near(made[-1].digital_s)
    assert made[0].average_power_W < made[0].peak_power_W


def test_a_chip_too_small_for_all_layers_loads_them_in_turns(array, svhn):
    once = schedule(array, svhn)
    largest = max(layer.sub_arrays for layer in once.layers)
    tight = schedule(array, svhn, sub_arrays=largest)
    assert tight.pages > 1
    assert tight.interval_s > tight.latency_s
    load = sp.cost(array, svhn).weight_load_energy_J
    assert tight.energy_per_image_J == near(once.energy_per_image_J + load, rel=1e-12)
    shared = schedule(array, svhn, sub_arrays=largest, batch=10)
    assert shared.energy_per_image_J == near(once.energy_per_image_J + load / 10, rel=1e-12)
    assert shared.images_per_s > tight.images_per_s


def test_cells_wear_by_the_loads_of_activation_rows(array, svhn):
    made = schedule(array, svhn)
    mapping = array.map(svhn)[0]
    assert made.layers[0].writes_per_cell == math.ceil(mapping.windows / mapping.windows_held)
    # One pulse per image and second.
    pulses = made.writes_per_cell * 365.25 * 86400
    assert made.lifetime_years(pulses, images_per_s=1.0) == near(1.0)
    assert made.lifetime_years(1e12) == near(1e12 / pulses / made.images_per_s)


def test_pages_wear_the_same_cells(array):
    import dataclasses

    from example_networks import random_layer

    from spinpim.network import Window
    from spinpim.network.quantise import BitCoding

    layers = tuple(
        random_layer(
            number,
            kind="dense",
            name=f"dense{number}",
            window=Window(),
            in_channels=128,
            out_channels=128,
            weight_coding=BitCoding("unsigned", 1),
            input_coding=BitCoding("unsigned", 1),
            output_bits=1 if number < 2 else None,
        )
        for number in range(3)
    )
    lenet = random_network("lenet5", seed=1)
    network = dataclasses.replace(
        lenet,
        name="dense",
        input_shape=(1, 1, 128),
        input_table=np.repeat(np.arange(2, dtype=np.uint8)[:, np.newaxis], 128, axis=1),
        input_coding=BitCoding("unsigned", 1),
        nodes=layers,
    )
    each = array.map(network)[0].sub_arrays
    made = schedule(array, network, sub_arrays=each, batch=2)
    assert made.pages == 3
    # One window of each of three layers; weights three times for two images.
    assert made.writes_per_cell == 3
    assert schedule(array, network).writes_per_cell == 1
    load = sp.cost(array, network).weight_load_energy_J
    assert made.load_power_W == near(load / (2 * made.load_s_per_image))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sub_arrays": 0}, "sub_arrays must be"),
        ({"sub_arrays": 2}, "takes .* sub-arrays, and the chip has 2"),
        ({"batch": 0}, "batch must be"),
        ({"sub_arrays": 1.5}, "sub_arrays must be"),
    ],
)
def test_an_impossible_chip_is_refused(array, svhn, options, sentence):
    with pytest.raises(InputError, match=sentence):
        schedule(array, svhn, **options)


def test_what_is_no_array_or_network_is_refused(array, digits):
    with pytest.raises(InputError, match="array must"):
        schedule(digits, digits)
    with pytest.raises(InputError, match="network must"):
        schedule(array, array)
    made = schedule(array, digits)
    for cycles, rate in ((0.0, None), (float("nan"), None), (1e12, 0.0), (1e12, 1e30)):
        with pytest.raises(InputError):
            made.lifetime_years(cycles, rate)
