"""Networks through power cuts, digit by digit: what comes out is what comes out without any."""

import math

import numpy as np
import pytest
from example_networks import random_images, random_layer, random_network, residual_network
from hypothesis import given, settings
from hypothesis import strategies as st
from nearly import near

import spinpim as sp
from spinpim.array.intermittency import Policy, Storage, Trace, intermittent, work_of
from spinpim.array.intermittency.keeping import CHECK_BITS, PLACE_BITS, Keeping
from spinpim.array.intermittency.kept import kept_by
from spinpim.array.intermittency.kinds import WARNED
from spinpim.array.intermittency.replay import node, replay
from spinpim.array.intermittency.replay.cells import Cells, Power, PowerCutError
from spinpim.array.intermittency.replay.handed_on import complete_in_window, order_of
from spinpim.array.intermittency.replay.layer_sums import LayerSums
from spinpim.array.intermittency.replay.records import (
    Place,
    from_digits,
    is_whole,
    place_of,
    record,
    row_check,
    sums_of,
    to_digits,
)
from spinpim.array.intermittency.saving import program_of
from spinpim.array.mapping import map_layer
from spinpim.errors import InputError
from spinpim.network.quantise import BitCoding
from spinpim.network.reference import accumulate, handed_on

POLICIES = (
    "volatile",
    "images:2",
    "layers:1",
    "layers:2",
    "windows:1",
    "windows:3",
    "operations:1",
    "operations:7",
    "balanced",
    "additions",
    "threshold",
    "flip_flops",
)
PERIODS = {"volatile": 0.9, "images": 0.9, "layers": 0.5, "windows": 0.1, "threshold": 0.1, "flip_flops": 0.1}
"""Mean time between cuts, in times of an image; elsewhere shorter."""


CHARGE_J = 2e-9
"""For which saves are balanced: some forty operations."""


@pytest.fixture(scope="module")
def array():
    """Small sub-arrays, so that layers need several side by side."""
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    amplifier = sp.SenseAmp.load("strongarm_45nm")
    return sp.ArrayModel(cell, amplifier, rows=32, columns=16, write=sp.Estimate.from_counts(0, 10**12))


def cut_again_and_again(array, network, text, *, cuts, write_error, seed, rewrites=0, checks="at_restore"):
    """Images with random cuts until there were so many; what each set of images gave."""
    policy = Policy.parse(text, rewrites, checks)
    work = work_of(array, network)
    mean_s = PERIODS.get(policy.kind, 0.03) * work.image_s
    rng = np.random.default_rng(seed)
    found = []
    while sum(one.cuts for one in found) < cuts:
        periods = rng.exponential(mean_s, 60)
        # Of the warnings, some come too late for the save.
        warnings = rng.uniform(0.0, 40 * work.keeping.row_write_s, 60)
        images = random_images(network, 3, int(rng.integers(1000)))
        found.append(
            replay(
                array,
                network,
                images,
                policy,
                periods_s=periods,
                warning_s=warnings,
                write_error=write_error,
                charge_J=CHARGE_J,
                seed=int(rng.integers(2**31)),
            )
        )
    return found


def total(found, name):
    return sum(getattr(one, name) for one in found)


def check_many_cuts(array, text, write_error, cuts, checks):
    found = cut_again_and_again(
        array, random_network(3), text, cuts=cuts, write_error=write_error, seed=11, checks=checks
    )
    assert total(found, "cuts") >= cuts
    assert total(found, "differences") == 0
    kind = Policy.parse(text).kind
    if kind not in ("volatile", "images"):
        assert total(found, "saves_cut") > 0
    if kind in ("volatile", "images", "layers"):
        return
    if write_error:
        assert total(found, "saves_wrong") > 0
    else:
        assert total(found, "saves_wrong") == total(found, "states_lost") == 0


RESTORED = [text for text in POLICIES if text not in ("volatile", "images:2")]
CHECKED = [*((text, "at_restore") for text in POLICIES), *((text, "by_row") for text in RESTORED)]


@pytest.mark.parametrize("write_error", [0.0, 3e-3])
@pytest.mark.parametrize(("text", "checks"), CHECKED)
def test_whatever_is_cut_the_scores_are_those_without_cuts(array, text, checks, write_error):
    check_many_cuts(array, text, write_error, cuts=300, checks=checks)


@pytest.mark.slow
@pytest.mark.parametrize("write_error", [0.0, 1e-3])
@pytest.mark.parametrize(("text", "checks"), CHECKED)
def test_ten_thousand_cuts(array, text, checks, write_error):
    check_many_cuts(array, text, write_error, cuts=10_000, checks=checks)


@pytest.mark.parametrize("text", ["windows:2", "operations:5", "additions", "threshold", "flip_flops"])
@pytest.mark.parametrize(
    ("signed", "checks"), [(False, "at_restore"), (True, "at_restore"), (True, "by_row")]
)
def test_branches_groups_and_signed_digits_outlast_cuts(array, text, signed, checks):
    network = residual_network(5, signed=signed)
    found = cut_again_and_again(array, network, text, cuts=60, write_error=3e-4, seed=2, checks=checks)
    assert total(found, "differences") == 0


@pytest.mark.parametrize("text", ["windows:1", "operations:1", "additions", "threshold", "flip_flops"])
def test_without_check_digits_the_scores_would_be_wrong(array, text, monkeypatch):
    """The same cuts with a machine that trusts every record: the tests above can fail."""
    monkeypatch.setattr(node, "is_whole", lambda digits, values: True)
    monkeypatch.setattr(node.np, "array_equal", lambda first, second: True)
    wrong = 0
    for seed in range(4):
        try:
            found = cut_again_and_again(array, random_network(3), text, cuts=300, write_error=1e-3, seed=seed)
        except (IndexError, KeyError, ValueError):
            wrong += 1  # an image or an operation that does not exist
        else:
            wrong += total(found, "differences")
        if wrong:
            return
    pytest.fail("the machine needs no check digits, or the cuts are too few")


@pytest.mark.parametrize("text", ["windows:1", "layers:1", "threshold", "flip_flops"])
def test_without_check_digits_of_rows_the_scores_would_be_wrong(array, text, monkeypatch):
    monkeypatch.setattr(node, "row_check", lambda digits, image: np.zeros(CHECK_BITS, np.uint8))
    found = cut_again_and_again(
        array, random_network(3), text, cuts=600, write_error=4e-3, seed=1, checks="by_row"
    )
    assert total(found, "differences") > 0


def test_a_row_of_another_image_or_with_another_digit_does_not_pass():
    digits = np.random.default_rng(1).integers(0, 2, 64, dtype=np.uint8)
    right = row_check(digits, 3)
    assert np.array_equal(right, row_check(digits.copy(), 3))
    assert not np.array_equal(right, row_check(digits, 4))
    for place in range(64):
        other = digits.copy()
        other[place] ^= 1
        assert not np.array_equal(right, row_check(other, 3))


@pytest.mark.parametrize("text", ["windows:1", "operations:7", "threshold"])
def test_a_record_in_place_of_the_newest_would_lose_images_at_cuts(array, text, monkeypatch):
    """One place for records instead of two: a cut save leaves none, and the image begins anew."""
    whole_init = node.Node.__init__

    def with_one_place(self, *given):
        whole_init(self, *given)
        self._slots = [self._slots[0], self._slots[0]]

    monkeypatch.setattr(node.Node, "__init__", with_one_place)
    found = cut_again_and_again(array, random_network(3), text, cuts=300, write_error=0.0, seed=11)
    assert total(found, "states_lost") > 0
    assert total(found, "differences") == 0


def test_rewriting_mends_saves(array):
    plain, mended = (
        cut_again_and_again(
            array, random_network(3), "windows:1", cuts=300, write_error=5e-3, seed=4, rewrites=times
        )
        for times in (0, 3)
    )
    assert total(plain, "saves_wrong") > 20
    assert total(mended, "saves_wrong") == 0
    assert total(plain, "differences") == total(mended, "differences") == 0


@pytest.mark.parametrize(("text", "checks"), CHECKED)
def test_without_cuts_operations_saves_and_their_time_are_those_of_the_events(array, text, checks):
    network, policy = random_network(3), Policy.parse(text, checks=checks)
    work = work_of(array, network)
    images = random_images(network, 4, 1)
    found = replay(array, network, images, policy, periods_s=[], charge_J=CHARGE_J, seed=1)
    strong = Trace("strong", [0.0, 1.0], [1.0])
    # A charge that fails nothing, and is what saves are balanced for.
    store = Storage(1.0, on_V=2.0, off_V=math.sqrt(4.0 - 2.0 * CHARGE_J))
    if policy.kind not in ("balanced", "threshold"):
        store = Storage(1e-3, on_V=2.0, off_V=1.0)
    events = intermittent(work, strong, store, policy, duration_s=1.0, images=4)
    assert found.cuts == found.operations_lost == 0
    assert found.operations == events.operations
    assert found.saves == events.saves
    assert found.differences == 0
    if policy.kind in ("layers", "windows", "operations", "threshold", "flip_flops"):
        # A threshold counts digits handed on as they come, without the rest of their last row.
        # Of check digits of rows, the mean number of rows is rounded up instead of each number.
        rel = 0.06 if checks == "by_row" else 0.03 if policy.kind == "threshold" else 0.01
        assert found.rows_written * work.keeping.row_write_s == near(events.save_s, rel=rel)


def test_the_same_seed_gives_the_same_cuts(array):
    network = random_network(3)
    images = random_images(network, 2, 1)
    given = {"periods_s": [1e-6, 2e-7, 5e-7] * 8, "write_error": 1e-3}
    first, second = (replay(array, network, images, Policy("windows"), **given, seed=3) for _ in range(2))
    assert (first.operations, first.saves_wrong) == (second.operations, second.saves_wrong)


@pytest.mark.parametrize(
    ("weights", "activations"),
    [("bipolar", "unsigned"), ("affine", "unsigned"), ("signed", "signed"), ("unsigned", "unsigned")],
)
@pytest.mark.parametrize("groups", [1, 2])
def test_operations_one_by_one_make_the_sums_of_the_reference(weights, activations, groups):
    rng = np.random.default_rng(7)
    bits = 1 if weights == "bipolar" else 2
    layer = random_layer(
        3,
        in_channels=4,
        out_channels=6,
        groups=groups,
        weight_coding=BitCoding(weights, bits),
        input_coding=BitCoding(activations, 3),
        input_zero=1 if activations == "unsigned" else -1,
    )
    codes = rng.integers(0, 8, (1, 5, 6, 4), dtype=np.uint8)
    mapping = map_layer(layer, 30, rows=16, columns=16)
    work = LayerSums(layer, mapping, codes)
    assert work.operations == mapping.serial_row_activations
    handed = np.full((30, 6), -1, np.int64)
    sums = work.no_sums()
    stops = np.sort(rng.choice(work.operations, 40, replace=False))
    for start, stop in zip([0, *stops], [*stops, work.operations], strict=True):
        work.advance(int(start), int(stop), sums, handed)
        flat = handed[:, order_of(mapping)].ravel()
        window, within = divmod(int(stop), work.operations_per_window)
        complete = window * 6 + complete_in_window(mapping, within)
        assert np.all(flat[:complete] >= 0)
        assert np.all(flat[complete:] == -1)
    expected = handed_on(accumulate(codes, layer)[0], layer.quantiser)
    assert np.array_equal(handed, expected)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=20), st.data())
def test_a_record_gives_its_place_back_and_tells_a_flipped_digit(image, operation, sums, data):
    place = Place(image, operation)
    bits = np.unpackbits(np.frombuffer(sums, np.uint8))
    values = np.array(data.draw(st.lists(st.integers(0, 1), max_size=30)), np.uint8)
    digits = record(place, bits, values)
    assert digits.size == PLACE_BITS + bits.size + CHECK_BITS
    assert place_of(digits) == place
    assert np.array_equal(sums_of(digits), bits)
    assert is_whole(digits, values)
    flipped = digits.copy()
    flipped[data.draw(st.integers(0, digits.size - 1))] ^= 1
    assert not is_whole(flipped, values)
    if values.size:
        other = values.copy()
        other[data.draw(st.integers(0, values.size - 1))] ^= 1
        assert not is_whole(digits, other)


@given(st.lists(st.integers(-128, 127), min_size=1))
def test_numbers_are_their_digits(numbers):
    given_ = np.array(numbers)
    assert np.array_equal(from_digits(to_digits(given_, 8), 8, signed=True), given_)
    assert np.array_equal(from_digits(to_digits(given_, 8), 8), given_ % 256)


def cells_with(left_s, *, error=0.0, rewrites=0):
    keeping = Keeping(1.0, 1.0, 1.0, row_write_s=1.0, row_read_s=0.5, columns=4, write_error=error)
    return Cells(keeping, Power(left_s, left_s), np.random.default_rng(1), error, rewrites)


def test_a_cut_leaves_rows_before_it_new_and_rows_after_it_old():
    mixed = set()
    for left_s in (0.0, 0.5, 1.0, 1.5, 2.5, 3.0):
        memory, digits = np.zeros(12, np.uint8), np.ones(12, np.uint8)
        cells = cells_with(left_s)
        if left_s < 3.0:
            with pytest.raises(PowerCutError):
                cells.write(memory, digits)
        else:
            cells.write(memory, digits)
        done = int(left_s)
        assert np.all(memory[: 4 * done] == 1)
        assert np.all(memory[4 * (done + 1) :] == 0)
        if left_s < 3.0:
            mixed.add(int(memory[4 * done : 4 * done + 4].sum()))
    assert mixed - {0, 4}


def test_writes_fail_at_their_rate_and_are_written_again_while_wrong():
    memory, digits = np.zeros(40_000, np.uint8), np.ones(40_000, np.uint8)
    cells = cells_with(math.inf, error=0.1)
    cells.write(memory, digits)
    failed = np.count_nonzero(memory == 0)
    assert abs(failed - 4000) < 5 * math.sqrt(4000)
    assert cells.rows_written == 10_000
    again = cells_with(1e9, error=0.1, rewrites=2)
    memory[:] = 0
    again.write(memory, digits)
    failed = np.count_nonzero(memory == 0)
    assert abs(failed - 40) < 5 * math.sqrt(40)
    _, rows, readings = again.keeping.rewritten(2)
    assert again.rows_written / 10_000 == near(rows, rel=0.02)
    assert (1e9 - again.power.left_s) / 10_000 == near(rows + 0.5 * readings, rel=0.02)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"periods_s": [-1.0]}, "periods_s"),
        ({"periods_s": [math.nan]}, "periods_s"),
        ({"warning_s": -1.0}, "warning_s"),
        ({"write_error": 2.0}, "write_error"),
        ({"seed": -1}, "seed"),
        ({"policy": "layers"}, "policy must come from"),
        ({"images": np.zeros((0, 9, 8, 2), np.uint8)}, "no image"),
        ({"images": np.zeros((1, 3, 3, 2), np.uint8)}, "images"),
    ],
)
def test_a_mistake_is_told(array, changes, sentence):
    network = random_network(3)
    given_ = {
        "images": random_images(network, 1, 1),
        "policy": Policy(),
        "periods_s": [1e-6],
        "seed": 1,
    } | changes
    with pytest.raises(InputError, match=sentence):
        replay(array, network, given_.pop("images"), given_.pop("policy"), **given_)


def test_warned_policies_are_those_that_the_warning_reaches(array):
    network = random_network(3)
    images = random_images(network, 2, 1)
    for kind in WARNED:
        found = replay(array, network, images, Policy(kind), periods_s=[1e-6] * 5, warning_s=5e-7, seed=1)
        assert found.cuts == 5
        assert found.operations_lost == found.saves_cut == 0


def test_scores_whose_delivery_was_cut_are_delivered_from_their_record(array, monkeypatch):
    """A record that is whole by the last digit before the cut: the image counts as finished."""
    network = random_network(3)
    images = random_images(network, 2, 1)
    cut = []
    whole_write = Cells.write

    def cut_at_the_end(self, cells, digits, *, at_once=False):
        whole_write(self, cells, digits, at_once=at_once)
        finished = place_of(digits).operation == 1266 if digits.size > PLACE_BITS else False
        if finished and not cut:
            cut.append(True)
            raise PowerCutError

    assert sum(phase.operations for phase in work_of(array, network).phases) == 1266
    monkeypatch.setattr(Cells, "write", cut_at_the_end)
    found = replay(array, network, images, Policy("layers"), periods_s=[1.0, 1.0], seed=1)
    assert cut == [True]
    assert found.cuts == 1
    assert found.differences == found.operations_lost == 0


@pytest.mark.parametrize("checks", ["at_restore", "by_row"])
def test_a_restore_reads_what_the_events_pay_for(array, checks, monkeypatch):
    network = random_network(3)
    policy = Policy("windows", checks=checks)
    work = work_of(array, network)
    read = []
    monkeypatch.setattr(Cells, "read", lambda self, rows: read.append(rows))
    counted_on = []
    whole_take = node.Node._take

    def noted(self, slot, place):
        counted_on.append(self._handed.digits_at(place.operation))
        whole_take(self, slot, place)

    monkeypatch.setattr(node.Node, "_take", noted)
    replay(array, network, random_images(network, 2, 1), policy, periods_s=[0.6 * work.image_s] * 6, seed=1)
    program = program_of(kept_by(work, policy))
    assert max(counted_on) - min(counted_on) > 400
    for rows, digits in zip(read, counted_on, strict=True):
        priced_s = program.restore_s[0] + digits * program.restore_digit_s
        assert abs(rows * work.keeping.row_read_s - priced_s) < 2.0 * work.keeping.row_read_s


@pytest.mark.parametrize("text", ["windows:24", "threshold", "flip_flops"])
def test_a_wrong_row_is_met_once_also_where_charges_are_alike(array, text):
    """Records that count on it pass their own check: they must not be taken again at every wake."""
    network, policy = random_network(3), Policy.parse(text, checks="by_row")
    work = work_of(array, network)
    period_s = {"windows:24": 0.45}.get(text, 0.25) * work.image_s
    found = [
        replay(
            array,
            network,
            random_images(network, 3, 1),
            policy,
            periods_s=[period_s] * 400,
            warning_s=0.1 * work.image_s,
            write_error=1e-3,
            charge_J=CHARGE_J,
            seed=seed,
        )
        for seed in range(10)
    ]
    assert 3 < total(found, "saves_wrong") < 100
    assert total(found, "cuts") < 10 * 200
    assert total(found, "differences") == 0


def test_a_cut_undoes_the_operations_that_were_done_by_then(array):
    """By hand: one cut in the middle of the first layer of a machine that keeps nothing."""
    network = random_network(3)
    work = work_of(array, network)
    first = work.phases[0]
    found = replay(
        array,
        network,
        random_images(network, 1, 1),
        Policy(),
        periods_s=[(0.5 * first.operations + 0.4) * first.time_s],
        seed=1,
    )
    undone = first.operations // 2
    assert found.operations_lost == undone
    assert found.operations == undone + sum(phase.operations for phase in work.phases)


def test_a_digit_that_flips_in_a_row_of_its_own_check_is_met_when_it_is_used(array, monkeypatch):
    """Every row that the second layer reads, also the one that it shares with the third."""
    network, policy = random_network(3), Policy("windows", checks="by_row")
    work, images = work_of(array, network), random_images(network, 1, 1)
    uncut = replay(array, network, images, policy, periods_s=[], seed=1)
    # Within the second layer.
    long_s = work.image_s + uncut.rows_written * work.keeping.row_write_s
    met = []
    for place in (0, 100, work.phases[0].output_bits - 1):
        flipped = []
        whole_restore = node.Node._restore

        def flip(self, place=place, flipped=flipped, whole=whole_restore):
            if self._kept is not None and self._kept.operation >= work.phases[0].operations and not flipped:
                self._values[place] ^= 1
                flipped.append(place)
            whole(self)

        monkeypatch.setattr(node.Node, "_restore", flip)
        found = replay(array, network, images, policy, periods_s=[0.95 * long_s], seed=1)
        monkeypatch.setattr(node.Node, "_restore", whole_restore)
        assert flipped
        assert found.differences == 0
        met.append((found.saves_wrong, found.states_lost))
    assert met == [(1, 1)] * 3
