"""Whole networks: exact without errors, reproducible with them."""

import multiprocessing
import tracemalloc
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from example_networks import random_images, random_network, residual_network

from spinpim.array import executor
from spinpim.array.bit_path import BitPath
from spinpim.array.executor import PATHS, execute
from spinpim.array.fault_kinds import Faults
from spinpim.array.forward import forward
from spinpim.array.machine import Chip, draw_chip, ideal_machine
from spinpim.array.mapping import map_network
from spinpim.array.model import ArrayModel
from spinpim.circuit import Cell, SenseAmp
from spinpim.device import Device
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.network.reference import class_scores, predict


def everything(run):
    return {name: np.asarray(getattr(run, name)).tolist() for name in run.__slots__ if isinstance(name, str)}


@pytest.fixture(scope="module")
def noisy(chosen):
    errors = chosen.Errors(fixed=(1e-3, 2e-3, 5e-3, 2e-2), temporal=(1e-3, 2e-3, 5e-3, 1e-2))
    return chosen.Array(errors, chosen.Write(2e-3))


def test_an_ideal_run_predicts_what_the_integer_reference_predicts(small_network, small_images):
    images, labels = small_images
    run = execute(small_network, images, labels, seed=0)
    np.testing.assert_array_equal(run.ideal_predictions, predict(small_network, images))
    assert run.chips == 0
    assert run.ideal_accuracy == np.mean(run.ideal_predictions == labels)


def test_a_chip_without_errors_is_the_ideal_machine_on_every_shape_of_sub_array(
    small_network, small_images, chosen
):
    for rows, columns in ((32, 16), (256, 128), (12, 5)):
        run = execute(small_network, *small_images, chosen.Array(rows=rows, columns=columns), seed=0, chips=2)
        np.testing.assert_array_equal(run.predictions, [run.ideal_predictions] * 2)
        assert not np.any(run.flipped_reads + run.failed_activation_writes + run.stuck_pairs)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("rows", "columns"), [(32, 16), (256, 128), (20, 5)])
def test_a_chip_without_errors_is_the_ideal_machine_for_every_kind_of_node(chosen, signed, rows, columns):
    network, array = residual_network(3, signed=signed), chosen.Array(rows=rows, columns=columns)
    images = random_images(network, 40, 4)
    chip = BitPath(draw_chip(network.layers, Chip(array.map(network), Faults.of(array), 1, 0)))
    scores = class_scores(network, images)
    np.testing.assert_array_equal(forward(network, network.encode_input(images), chip), scores)
    assert np.all(np.ptp(scores, axis=0) > 0.0)
    run = execute(network, images, np.zeros(40, int), array, seed=0)
    np.testing.assert_array_equal(run.ideal_predictions, predict(network, images))
    np.testing.assert_array_equal(run.predictions, [run.ideal_predictions])
    assert not np.any(run.flipped_reads + run.failed_activation_writes + run.stuck_pairs)


@pytest.mark.parametrize("make", [random_network, residual_network])
def test_all_paths_of_the_ideal_machine_give_the_same_run(make):
    network = make(2)
    images, labels = random_images(network, 150, 4), np.arange(150) % network.classes
    runs = [
        everything(execute(network, images, labels, seed=0, images_per_task=70, path=path)) for path in PATHS
    ]
    assert runs[0] == runs[1] == runs[2]


@pytest.mark.parametrize("kind", ["u1", "<i8", ">i4", ">u2"])
def test_the_type_of_the_raw_values_does_not_matter(small_network, small_images, kind):
    images, labels = small_images
    run = execute(small_network, images.astype(kind), labels, seed=0)
    np.testing.assert_array_equal(run.ideal_predictions, predict(small_network, images))


def test_the_ands_performed_are_those_of_the_mapping(small_network, small_images, noisy):
    run = execute(small_network, *small_images, noisy, seed=0)
    mappings = map_network(small_network, rows=32, columns=16)
    assert run.and_operations == 37 * sum(mapping.and_operations for mapping in mappings)
    assert run.correction_operations == 37 * sum(mapping.correction_operations for mapping in mappings)


@pytest.mark.parametrize("columns", [None, 5, 128])
@pytest.mark.parametrize("make", [random_network, residual_network])
def test_the_ands_of_a_run_are_those_that_the_memory_does(chosen, make, columns):
    network = make(2)
    machine = ideal_machine(network.layers)
    if columns:
        array = chosen.Array(rows=24, columns=columns)
        machine = draw_chip(network.layers, Chip(array.map(network), Faults.of(array), 1, 0))
    path = BitPath(machine)
    images = random_images(network, 3, 4)
    forward(network, network.encode_input(images), path)
    run = execute(network, images, [0, 0, 0], seed=0)
    assert path.counts.tolist() == [run.and_operations, run.correction_operations, *[0] * 7]


def test_errors_change_answers_and_are_counted(small_network, small_images, noisy):
    run = execute(small_network, *small_images, noisy, seed=0, chips=3)
    assert np.all(run.changed > 0.0)
    for counts in (
        run.flipped_reads,
        run.failed_activation_writes,
        run.failed_weight_writes,
        run.stuck_pairs,
    ):
        assert np.all(counts > 0)
    assert len(set(run.flipped_reads.tolist())) == 3


def test_writes_that_all_fail_are_counted_in_every_copy_of_every_filter_group(
    small_network, small_images, chosen
):
    run = execute(small_network, *small_images, chosen.Array(write=chosen.Write(1.0)), seed=0)
    writes = sum(
        mapping.activation_bits_written for mapping in map_network(small_network, rows=32, columns=16)
    )
    assert run.failed_activation_writes.tolist() == [37 * writes]
    stored = sum(mapping.stored_bits for mapping in map_network(small_network, rows=32, columns=16))
    assert run.failed_weight_writes.tolist() == [stored]


def test_each_filter_group_writes_its_own_copy_of_the_activations(chosen):
    # All writes fail: both operands are complements in every group, and the all-ones row holds zeros.
    rng = np.random.default_rng(9)
    layer = chosen.layer(rng, fan=(1, 30), filters=40, coding=("affine", 2))
    network = chosen.network(layer, shape=(1, 1, 30))
    images, labels = rng.integers(0, 8, (50, 1, 1, 30)), np.zeros(50, int)
    run = execute(network, images, labels, chosen.Array(write=chosen.Write(1.0)), seed=0)
    weights = 2 * (3 - layer.weight_codes.astype(np.int64))
    sums = (7 - images.reshape(50, 30)) @ weights.T
    line = layer.quantiser.scale * sums + layer.quantiser.offset
    np.testing.assert_array_equal(run.predictions[0], np.argmax(line, axis=1))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("images_per_task", [1, 5, 33, 1000])
def test_threads_and_sizes_of_tasks_do_not_matter(
    small_network, small_images, noisy, workers, images_per_task
):
    expected = everything(execute(small_network, *small_images, noisy, seed=4, chips=2))
    with ThreadPoolExecutor(workers) as pool:
        run = execute(
            small_network,
            *small_images,
            noisy,
            seed=4,
            chips=2,
            executor=pool,
            images_per_task=images_per_task,
        )
    assert everything(run) == expected


def test_processes_do_not_matter(small_network, small_images):
    cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    write = Estimate.from_counts(3, 10_000)
    array = ArrayModel(cell, SenseAmp.load("strongarm_minimum_45nm"), rows=32, columns=16, write=write)
    expected = everything(execute(small_network, *small_images, array, seed=4, chips=2))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        run = execute(small_network, *small_images, array, seed=4, chips=2, executor=pool, images_per_task=20)
    assert everything(run) == expected
    assert np.all(run.stuck_pairs > 0)


@pytest.mark.parametrize("machine", ["integers", "bits", "chip"])
def test_memory_grows_by_the_predictions_alone(machine, small_network, small_images, noisy):
    """Arrays of numpy; the validation of the executor's memory sees those of the kernels, too."""
    raw, array = small_images[0], noisy if machine == "chip" else None
    path = "bits" if machine == "chip" else machine
    peaks = {}
    for count in (len(raw), 400, 4000):
        images = np.resize(raw, (count, *raw.shape[1:]))
        labels = np.zeros(count, np.int64)
        tracemalloc.start()
        try:
            execute(small_network, images, labels, array, seed=0, path=path, images_per_task=200)
            peaks[count] = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    # Labels, and predictions of each machine by task, joined and given back, are eight bytes each.
    machines = 2 if machine == "chip" else 1
    assert peaks[4000] - peaks[400] < 3600 * 8 * (1 + 2 * machines) + 20_000


def test_a_chip_exists_only_while_it_works(small_network, small_images, noisy, monkeypatch):
    # Chips are drawn one after the other: when one is drawn, the one before it is gone.
    alive = []
    draw = executor.draw_chip

    def draw_and_watch(layers, chip):
        assert not any(reference() is not None for reference in alive)
        machine = draw(layers, chip)
        alive.append(weakref.ref(machine.layers[0].groups[0].stored))
        return machine

    monkeypatch.setattr(executor, "draw_chip", draw_and_watch)
    execute(small_network, *small_images, noisy, seed=4, chips=5)
    assert len(alive) == 5


def test_a_chip_does_not_depend_on_how_many_are_drawn_but_on_the_seed(small_network, small_images, noisy):
    two = execute(small_network, *small_images, noisy, seed=4, chips=2)
    three = execute(small_network, *small_images, noisy, seed=4, chips=3)
    np.testing.assert_array_equal(two.predictions, three.predictions[:2])
    other = execute(small_network, *small_images, noisy, seed=5, chips=2)
    assert np.any(other.flipped_reads != two.flipped_reads)


def test_mistakes_are_told_in_a_sentence(small_network, small_images):
    images, labels = small_images
    for arguments, sentence in (
        ((images[:0], labels[:0]), "no image"),
        ((images[:, :5], labels), "must have shape"),
        ((images / 7.0, labels), "whole numbers"),
        ((np.full(images.shape, np.nan), labels), "whole numbers"),
        ((images + 1, labels), r"must lie in 0\.\.7"),
        ((images, labels[:5]), r"must have shape \(37,\)"),
        ((images, labels[:, np.newaxis]), r"must have shape \(37,\)"),
        ((images, labels + 0.5), "whole numbers"),
        ((images, labels + 1), r"must lie in 0\.\.3"),
        ((images, labels - 1), r"must lie in 0\.\.3"),
    ):
        with pytest.raises(InputError, match=sentence):
            execute(small_network, *arguments, seed=0)
    with pytest.raises(InputError, match="path must be one of auto, integers, bits; instead received"):
        execute(small_network, images, labels, seed=0, path="words")
    for keyword, value in (("seed", -1), ("seed", 1.0), ("seed", True), ("chips", 0), ("images_per_task", 0)):
        with pytest.raises(InputError, match=f"{keyword} must be a whole number"):
            execute(small_network, images, labels, **{"seed": 0, keyword: value})
