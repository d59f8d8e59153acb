"""Stuck cells and lost digits against machines built answer by answer."""

import dataclasses

import numpy as np
import pytest
from nearly import near
from scipy.stats import binom, chisquare

from spinpim.array.bit_path import BitPath
from spinpim.array.bitops import pack_bits
from spinpim.array.executor import execute
from spinpim.array.fault_kinds import NEVER, Faults, StateLoss, StuckCells
from spinpim.array.faults import draw_layer
from spinpim.array.forward import forward
from spinpim.array.losses import flipped
from spinpim.array.machine import Chip, draw_chip
from spinpim.array.mapping import map_layer, map_network
from spinpim.array.protection import Majority, Parity
from spinpim.array.sensing_parts import SensingParts
from spinpim.errors import InputError


def everything(run):
    return {name: np.asarray(getattr(run, name)).tolist() for name in run.__slots__ if isinstance(name, str)}


def drawn(chosen, faults, *, seed=1, chip=0, images=0, windows=1, elements=50):
    layer = chosen.layer(np.random.default_rng(2), fan=(1, elements), filters=40, coding=("affine", 2))
    mapping = map_layer(layer, windows, rows=32, columns=16)
    return mapping, draw_layer(layer, mapping, faults, seed=seed, chip=chip, layer_number=0, images=images)


def test_stuck_cells_are_as_many_as_their_shares_say(chosen, unpack):
    # Two-sided false-alarm rate 1e-6 for each count.
    faults = Faults(stuck=StuckCells(at_0=0.02, at_1=0.05))
    _, clean = drawn(chosen, Faults())
    mapping, stuck = drawn(chosen, faults, windows=9)
    falls = rises = zeros = ones = 0
    for before, after in zip(clean.groups, stuck.groups, strict=True):
        digits = [unpack(group.stored.T[np.newaxis], 50)[0].astype(int) for group in (before, after)]
        falls += ((digits[0] == 1) & (digits[1] == 0)).sum()
        rises += ((digits[0] == 0) & (digits[1] == 1)).sum()
        zeros, ones = zeros + (digits[0] == 0).sum(), ones + (digits[0] == 1).sum()
    held = np.concatenate([rows.cells[:, 3] for rows in stuck.stuck_rows])
    cells = mapping.filter_groups * min(9, mapping.windows_held) * 3 * 50
    for count, trials, rate in (
        (falls, ones, 0.02),
        (rises, zeros, 0.05),
        ((held == 0).sum(), cells, 0.02),
        ((held == 1).sum(), cells, 0.05),
    ):
        low, high = binom.ppf([5e-7, 1 - 5e-7], trials, rate)
        assert low <= count <= high
    assert stuck.stuck_pairs == 0
    low, high = binom.ppf([5e-7, 1 - 5e-7], cells + zeros + ones, 0.07)
    assert low <= stuck.stuck_cells <= high


def test_a_stuck_cell_of_an_activation_row_meets_every_window_of_its_slot(chosen):
    # Windows of several images, written one after the other into the slots that there are.
    mapping, stuck = drawn(chosen, Faults(stuck=StuckCells(at_0=0.05, at_1=0.05)), windows=13)
    rows = stuck.stuck_rows[0]
    assert rows.slots == mapping.windows_held == 5
    rng = np.random.default_rng(1)
    planes = rng.integers(0, 2, (3, 2 * 13, 50), dtype=np.uint8)
    expected = planes.copy()
    for slot, plane, element, digit in rows.cells:
        for image in range(2):
            for window in range(13):
                if window % 5 == slot:
                    expected[plane, 13 * image + window, element] = digit
    written = pack_bits(planes)
    rows.hold(written, 13)
    np.testing.assert_array_equal(written, pack_bits(expected))
    assert np.any(expected != planes)


def test_all_cells_stuck_answer_the_same_whatever_is_written(small_network, small_images, chosen):
    for stuck, write in ((StuckCells(at_0=1.0), 0.0), (StuckCells(at_1=1.0), 0.5)):
        faults = Faults(stuck=stuck, activation_write_error=write, weight_write_error=write)
        run = execute(small_network, *small_images, chosen.Array(), seed=1, faults=faults)
        assert np.ptp(run.predictions) == 0
        mappings = map_network(small_network, rows=32, columns=16)
        cells = sum(
            m.stored_bits + m.filter_groups * min(m.windows, m.windows_held) * m.activation_bits * m.elements
            for m in mappings
        )
        assert run.stuck_cells.tolist() == [cells]


def test_a_cause_does_not_move_the_draws_of_another(chosen):
    errors = chosen.Errors(fixed=(0.01,) * 4)
    alone = drawn(chosen, Faults(errors, weight_write_error=0.01))[1]
    both = drawn(
        chosen, Faults(errors, weight_write_error=0.01, stuck=StuckCells(1e-9), loss=StateLoss(1e-9))
    )
    more = drawn(chosen, Faults(stuck=StuckCells(0.01, 0.02)))[1]
    less = drawn(chosen, Faults(errors, weight_write_error=0.1, stuck=StuckCells(0.01, 0.02)))[1]
    for first, second in zip(alone.groups, both[1].groups, strict=True):
        np.testing.assert_array_equal(first.stored, second.stored)
        np.testing.assert_array_equal(first.plus, second.plus)
    for first, second in zip(more.stuck_rows, less.stuck_rows, strict=True):
        np.testing.assert_array_equal(first.cells, second.cells)


def test_digits_are_lost_as_the_share_says(chosen):
    # The image of each loss, over 13,000 cells, against the geometric law; false-alarm rate 1e-6.
    loss = StateLoss(
        per_access=2e-4, rate_Hz=3e-3, image_interval_s=0.5, images_before=20, seconds_before=9.0
    )
    images = 300
    mapping, lost = drawn(chosen, Faults(loss=loss), images=images, windows=7, elements=160)
    accesses = mapping.windows * mapping.activation_bits
    when = np.concatenate([losses.images for losses in lost.losses])
    cells = mapping.stored_bits
    edges = np.array([0, 1, 30, 60, 100, 150, 220, images])
    shares = np.array([0.0, *(loss.share(int(edge) - 1, accesses) for edge in edges[1:])])
    counts = [*np.histogram(when, edges - 0.5)[0], cells - when.size]
    expected = cells * np.diff([*shares, 1.0])
    assert chisquare(counts, expected).pvalue > 1e-6
    assert min(expected) > 100


def test_losses_change_the_pairs_that_a_chip_with_those_digits_has(chosen, unpack):
    errors = chosen.Errors(fixed=(0.1, 0.2, 0.15, 0.05))
    faults = Faults(
        errors, weight_write_error=0.02, stuck=StuckCells(0.05, 0.05), loss=StateLoss(per_access=0.01)
    )
    _, layer = drawn(chosen, faults, images=60)
    for group, losses in zip(layer.groups, layer.losses, strict=True):
        assert np.all(np.diff(losses.images) >= 0)
        assert (
            len({*zip(losses.rows.tolist(), losses.elements.tolist(), strict=True)}) == losses.images.size > 0
        )
        after = flipped(group, losses, 0, losses.images.size)
        steps = flipped(flipped(group, losses, 0, 3), losses, 3, losses.images.size)
        for name in ("stored", "zero_answers", "plus", "minus"):
            np.testing.assert_array_equal(getattr(after, name), getattr(steps, name))
        changed = unpack((after.stored ^ group.stored).T[np.newaxis], 50)[0]
        assert changed.sum() == losses.images.size
        assert np.all(changed[losses.rows, losses.elements] == 1)
        one = unpack(after.one_answers.T[np.newaxis], 50)[0][losses.rows, losses.elements]
        zero = unpack(after.zero_answers.T[np.newaxis], 50)[0][losses.rows, losses.elements]
        np.testing.assert_array_equal(one, losses.to_one)
        np.testing.assert_array_equal(zero, losses.to_zero)


def test_images_of_a_run_meet_the_digits_that_are_left_when_they_come(small_network, small_images, chosen):
    # Image by image, on a chip whose digits were all flipped beforehand.
    faults = Faults(chosen.Errors(fixed=(0.01,) * 4, temporal=(1e-3,) * 4), loss=StateLoss(per_access=3e-5))
    images = small_images[0]
    chip = Chip(map_network(small_network, rows=32, columns=16), faults, 1, 0, None, len(images))
    path = BitPath(draw_chip(small_network.layers, chip))
    codes = small_network.encode_input(images)
    found = path(0, small_network.layers[0], codes)
    machine = draw_chip(small_network.layers, chip)
    losses = machine.layers[0].losses
    assert sum(one.images.size for one in losses) > 5
    for image in range(len(images)):
        groups = tuple(
            flipped(group, one, 0, one.before(image))
            for group, one in zip(machine.layers[0].groups, losses, strict=True)
        )
        still = dataclasses.replace(machine.layers[0], groups=groups, losses=())
        alone = BitPath(dataclasses.replace(machine, layers=(still, *machine.layers[1:])))
        alone.first_image = image
        np.testing.assert_array_equal(
            alone(0, small_network.layers[0], codes[image : image + 1])[0], found[image]
        )


def test_static_faults_answer_alike_at_every_image_and_rerun(small_network, small_images, chosen):
    faults = Faults(chosen.Errors(fixed=(0.02,) * 4), weight_write_error=0.02, stuck=StuckCells(0.02, 0.02))
    images = np.repeat(small_images[0][:1], 9, axis=0)
    chip = Chip(map_network(small_network, rows=32, columns=16), faults, 1, 0, None, len(images))
    scores = [
        forward(
            small_network,
            small_network.encode_input(images),
            BitPath(draw_chip(small_network.layers, chip)),
        )
        for _ in range(2)
    ]
    np.testing.assert_array_equal(scores[0], np.repeat(scores[0][:1], 9, axis=0))
    np.testing.assert_array_equal(scores[0], scores[1])
    other = BitPath(draw_chip(small_network.layers, chip._replace(number=1)))
    assert np.any(forward(small_network, small_network.encode_input(images), other) != scores[0])


def test_parts_of_a_sensing_leave_out_one_cause_each(chosen):
    class Shaped(chosen.Errors):
        def column_errors(self, standard_normals):
            fixed = np.repeat(0.6 + 0.3 * np.tanh(standard_normals[:, :1]), 4, axis=1)
            return fixed, 0.1 * fixed

    normals = np.array([[-2.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    fixed, temporal = Shaped().column_errors(normals)
    alike = SensingParts(Shaped(), columns=False).column_errors(normals)
    np.testing.assert_allclose(alike, [np.full((2, 4), 0.6), np.full((2, 4), 0.06)])
    np.testing.assert_array_equal(SensingParts(Shaped(), cells=False).column_errors(normals)[0], fixed > 0.5)
    np.testing.assert_array_equal(SensingParts(Shaped(), cells=False).column_errors(normals)[1], temporal)
    quiet = SensingParts(Shaped(), noise=False)
    np.testing.assert_array_equal(quiet.column_errors(normals)[0], fixed)
    assert not np.any(quiet.column_errors(normals)[1])
    assert not np.any(quiet.voted_errors(normals))
    np.testing.assert_allclose(SensingParts(Shaped()).voted_errors(normals), temporal**2 * (3 - 2 * temporal))


def test_a_sensing_without_its_parts_is_faultless(small_network, small_images, chosen):
    errors = chosen.Errors(fixed=(0.2,) * 4, temporal=(0.1,) * 4)
    nothing = Faults(SensingParts(errors, cells=False, noise=False))
    run = execute(small_network, *small_images, chosen.Array(errors), seed=1, faults=nothing)
    np.testing.assert_array_equal(run.predictions, [run.ideal_predictions])
    static = Faults(SensingParts(errors, noise=False))
    run = execute(small_network, *small_images, chosen.Array(errors), seed=1, faults=static)
    whole = execute(small_network, *small_images, chosen.Array(errors), seed=1)
    assert run.flipped_reads[0] == 0 < whole.flipped_reads[0]
    assert run.stuck_pairs[0] == whole.stuck_pairs[0] > 0


LASTING = Faults(
    stuck=StuckCells(1e-3, 2e-3), loss=StateLoss(per_access=1e-6, rate_Hz=1e-3, image_interval_s=0.1)
)


@pytest.mark.parametrize("images_per_task", [1, 5, 36])
def test_sizes_of_tasks_do_not_matter(small_network, small_images, chosen, images_per_task):
    faults = dataclasses.replace(
        LASTING,
        columns=chosen.Errors(fixed=(1e-3,) * 4, temporal=(1e-3, 2e-3, 5e-3, 1e-2)),
        activation_write_error=1e-3,
    )

    given = {"seed": 4, "chips": 2, "faults": faults, "protection": Parity(5, 2)}
    expected = execute(small_network, *small_images, chosen.Array(), **given)
    run = execute(small_network, *small_images, chosen.Array(), images_per_task=images_per_task, **given)
    assert everything(run) == everything(expected)
    assert np.all(run.lost_digits > 0)
    assert np.all(run.stuck_cells > 0)


def test_a_run_goes_on_where_another_ended(small_network, small_images, chosen):
    images, labels = small_images
    whole = execute(small_network, images, labels, chosen.Array(), seed=4, faults=LASTING)
    early = execute(small_network, images[:20], labels[:20], chosen.Array(), seed=4, faults=LASTING)
    later = dataclasses.replace(LASTING, loss=dataclasses.replace(LASTING.loss, images_before=20))
    late = execute(small_network, images[20:], labels[20:], chosen.Array(), seed=4, faults=later)
    joined = np.concatenate([early.predictions, late.predictions], axis=1)
    np.testing.assert_array_equal(whole.predictions, joined)
    assert early.lost_digits[0] < late.lost_digits[0] == whole.lost_digits[0]


def test_certain_disturb_flips_all_digits_after_the_first_image(small_network, small_images, chosen):
    faults = Faults(loss=StateLoss(per_access=1.0))
    run = execute(small_network, *small_images, chosen.Array(), seed=1, faults=faults)
    assert run.lost_digits[0] == sum(m.stored_bits for m in map_network(small_network, rows=32, columns=16))
    assert run.predictions[0, 0] == run.ideal_predictions[0]
    inverse = Faults(weight_write_error=1.0)
    expected = execute(small_network, *small_images, chosen.Array(), seed=1, faults=inverse)
    np.testing.assert_array_equal(run.predictions[0, 1:], expected.predictions[0, 1:])


def test_a_majority_disturbs_three_times(chosen):

    loss = StateLoss(per_access=1e-3)
    layer = chosen.layer(np.random.default_rng(2), fan=(1, 50), filters=40)
    mapping = map_layer(layer, 1, rows=32, columns=16)
    place = {"seed": 1, "chip": 0, "layer_number": 0, "images": 301}
    once = draw_layer(layer, mapping, Faults(loss=loss), **place)
    thrice = draw_layer(layer, mapping, Faults(loss=loss), Majority(), **{**place, "images": 101})
    for first, second in zip(once.losses, thrice.losses, strict=True):
        np.testing.assert_array_equal(np.sort(first.rows), np.sort(second.rows))
        np.testing.assert_array_equal(np.sort(-(-first.images // 3)), np.sort(second.images))


def test_without_loss_no_cell_flips_ever():
    uniforms = np.array([0.0, 0.5, 1 - 2.0**-53])
    assert np.all(StateLoss().first_images(uniforms, 100) == NEVER)
    stored = StateLoss(rate_Hz=1.0, seconds_before=np.log(2.0) + 1e-12)
    assert stored.first_images(uniforms, 100).tolist() == [0, 0, NEVER]
    assert stored.share(10**6, 100) == near(0.5)
    assert StateLoss(per_access=1.0).share(0, 5) == 0.0
    assert StateLoss(per_access=1.0).share(1, 5) == 1.0


def test_mistakes_are_told_in_a_sentence(chosen):
    other = chosen.Errors()
    object.__setattr__(other, "operation", "OR")
    for make, sentence in (
        (lambda: StuckCells(-0.1), "at_0 must be a number"),
        (lambda: StuckCells(0.6, 0.6), r"at_0 \+ at_1 must be at most 1; they are 0\.6 and 0\.6"),
        (lambda: StateLoss(per_access=2.0), "per_access must be a number"),
        (lambda: StateLoss(rate_Hz=float("nan")), "rate_Hz must be a number"),
        (lambda: StateLoss(images_before=1.5), "images_before must be a whole number"),
        (lambda: Faults(columns="good"), r"columns must come from sense\(\.\.\.\)"),
        (lambda: SensingParts("good"), r"sensing must come from sense"),
        (lambda: SensingParts(chosen.Errors(), noise=1), "noise must be True or False"),
        (lambda: SensingParts(other), "sensing must be the sensing of an AND of two rows; .* OR of 2"),
        (lambda: Faults(columns=other), "columns must be the sensing of an AND of two rows"),
        (lambda: Faults.of("array"), "array must be of the kind ArrayModel"),
        (lambda: Faults(stuck=0.1), r"stuck must come from StuckCells"),
        (lambda: Faults(loss=0.1), r"loss must come from StateLoss"),
        (lambda: Faults(activation_write_error=-1.0), "activation_write_error must be a number"),
    ):
        with pytest.raises(InputError, match=sentence):
            make()
