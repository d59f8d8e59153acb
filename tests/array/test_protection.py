"""Protections as values: formulas against enumeration, counts against the ledger, refusals."""

import dataclasses
import itertools

import numpy as np
import pytest
from nearly import near
from scipy.stats import binom

from spinpim.array.executor import execute
from spinpim.array.fault_kinds import Faults, StuckCells
from spinpim.array.ledger import cost
from spinpim.array.mapping import map_network
from spinpim.array.model import ArrayModel
from spinpim.array.protection import Majority, Parity, SingleCorrection, check_columns, words_of
from spinpim.array.sensing_work import checked_rereads, sensing_work
from spinpim.circuit import Cell, SenseAmp
from spinpim.circuit.high_sigma import error_after_single_correction
from spinpim.device import Device
from spinpim.errors import InputError
from spinpim.estimate import Estimate

PROTECTIONS = [None, Majority(), Parity(3, 2), Parity(64, 1), SingleCorrection(5)]


def enumerated(n, p):
    """Probability of each number of wrong answers out of n, outcome by outcome."""
    chances = np.zeros(n + 1)
    for outcome in itertools.product((0, 1), repeat=n):
        chances[sum(outcome)] += np.prod([p if wrong else 1 - p for wrong in outcome])
    return chances


@pytest.mark.parametrize("p", [1e-6, 0.01, 0.3, 1.0])
def test_residual_rates_are_those_of_all_outcomes(p):
    three = enumerated(3, p)
    assert Majority().residual(p) == near(three[2] + three[3], rel=1e-12)
    five = enumerated(5, p)
    odd, even = five[1::2].sum(), five[2::2].sum()
    # The last of three accesses counts unless an earlier one had an even number of wrong answers.
    assert Parity(5, 2).word_error(p) == near(even + odd * (even + odd * (even + odd)), rel=1e-12)
    assert Parity(5, 2).rereads_per_word(p) == near(odd + odd**2, rel=1e-12)
    assert SingleCorrection(5).word_error(p) == near(five[2:].sum(), rel=1e-9)
    assert SingleCorrection(5).word_error(p) == error_after_single_correction(p, 5).word


def test_check_columns_are_those_of_a_hamming_code():
    assert [SingleCorrection(n).check_columns for n in (2, 4, 5, 11, 12, 26, 57, 58, 64)] == [
        3, 3, 4, 4, 5, 5, 6, 7, 7
    ]  # fmt: skip
    assert [check_columns(128, one) for one in (None, Majority(), Parity(8), SingleCorrection(64))] == [
        0, 0, 16, 14
    ]  # fmt: skip


@pytest.mark.parametrize(("elements", "columns", "word"), [(5, 16, 64), (50, 16, 5), (129, 128, 64)])
def test_words_cover_each_element_once_and_stay_in_their_sub_array(elements, columns, word):
    covered = []
    for first, size in words_of(elements, columns, word):
        assert 1 <= size <= word
        assert first // columns == (first + size - 1) // columns
        covered += range(first, first + size)
    assert covered == list(range(elements))


@pytest.fixture(scope="module")
def noisy(chosen):
    return chosen.Array(chosen.Errors(temporal=(2e-3, 4e-3, 4e-3, 1e-2)), chosen.Write(1e-3))


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_the_ledger_counts_the_accesses_of_a_run(small_network, small_images, noisy, protection):
    run = execute(small_network, *small_images, noisy, seed=1, chips=2, protection=protection)
    mappings = map_network(small_network, rows=32, columns=16)
    work = [sensing_work(m, protection, run.rereads_per_word[0]) for m in mappings]
    pairs = run.and_operations + run.correction_operations
    expected = pairs + run.extra_accesses[0]
    assert run.check_columns == sum(m.sub_arrays for m in mappings) * check_columns(16, protection)
    # Rereads fall on the words of both layers as they come, not in proportion.
    tolerance = 0.02 if isinstance(protection, Parity) else 1e-12
    assert 37 * sum(one.column_accesses for one in work) == near(expected, rel=tolerance)
    if protection is None:
        assert not np.any(run.extra_accesses)
    elif protection.word:
        words = sum(
            m.windows
            * m.activation_bits
            * (m.filters * m.weight_bits + m.corrected)
            * len(words_of(m.elements, 16, protection.word))
            for m in mappings
        )
        assert run.words.tolist() == [37 * words] * 2
        assert np.all(run.wrong_words > 0)
    else:
        assert run.extra_accesses.tolist() == [2 * pairs] * 2


@pytest.mark.parametrize("rate", [1e-3, 0.05])
def test_a_vote_of_independent_accesses_flips_as_often_as_the_formula_says(
    small_network, small_images, chosen, rate
):
    # Two-sided false-alarm rate 1e-6.
    array = chosen.Array(chosen.Errors(temporal=(rate,) * 4))
    run = execute(small_network, *small_images, array, seed=1, protection=Majority())
    pairs = run.and_operations + run.correction_operations
    low, high = binom.ppf([5e-7, 1 - 5e-7], pairs, 3 * rate**2 - 2 * rate**3)
    assert low <= run.flipped_reads[0] <= high


def test_protections_leave_fewer_errors(small_network, small_images, noisy):
    quiet = dataclasses.replace(noisy.sensing, temporal=(3e-3,) * 4)
    runs = [
        execute(
            small_network,
            *small_images,
            noisy,
            seed=1,
            chips=6,
            protection=one,
            faults=Faults(columns=quiet),
        )
        for one in (None, Majority(), Parity(4, 3), SingleCorrection(4))
    ]
    changed = [float(run.changed.mean()) for run in runs]
    assert max(changed[1:]) < 0.5 * changed[0]
    assert runs[1].flipped_reads.sum() < 0.02 * runs[0].flipped_reads.sum()


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_chips_without_noise_do_not_depend_on_a_protection_that_has_nothing_to_do(
    small_network, small_images, chosen, protection
):
    run = execute(small_network, *small_images, chosen.Array(), seed=1, protection=protection)
    np.testing.assert_array_equal(run.predictions, [run.ideal_predictions])
    assert run.wrong_words[0] == run.corrected_words[0] == run.words_sensed_again[0] == 0


def test_static_wrong_answers_use_a_code_up(small_network, small_images, chosen):
    # One column in every word never answers 1: the code puts it right, and has nothing left for noise.
    class OneBad(chosen.Errors):
        def column_errors(self, standard_normals):
            fixed, temporal = super().column_errors(standard_normals)
            fixed[::4, 3] = 1.0
            return fixed, temporal

    errors = OneBad(fixed=(0.0,) * 4)
    shape = {"seed": 1, "protection": SingleCorrection(4)}
    run = execute(small_network, *small_images, chosen.Array(errors), **shape)
    np.testing.assert_array_equal(run.predictions, [run.ideal_predictions])
    assert run.corrected_words[0] > 0 == run.wrong_words[0]
    noise = dataclasses.replace(errors, temporal=(1e-3,) * 4)
    spent = execute(small_network, *small_images, chosen.Array(noise), **shape)
    clean = execute(small_network, *small_images, chosen.Array(chosen.Errors(temporal=(1e-3,) * 4)), **shape)
    assert spent.wrong_words[0] > 20 * clean.wrong_words[0]
    # A majority repeats a static error three times.
    voted = execute(small_network, *small_images, chosen.Array(errors), seed=1, protection=Majority())
    plain = execute(small_network, *small_images, chosen.Array(errors), seed=1)
    np.testing.assert_array_equal(voted.predictions, plain.predictions)


def test_the_cost_of_a_protection_is_in_energy_time_and_area(small_network):
    cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    amplifier = SenseAmp.load("strongarm_45nm")
    array = ArrayModel(cell, amplifier, rows=32, columns=16, write=Estimate.from_counts(0, 10**6))
    base, voted = cost(array, small_network), cost(array, small_network, Majority())
    assert voted.energy_breakdown_J["sensing"] == near(3 * base.energy_breakdown_J["sensing"])
    assert voted.energy_breakdown_J["word lines"] > 2 * base.energy_breakdown_J["word lines"]
    assert voted.energy_breakdown_J["counting"] == base.energy_breakdown_J["counting"]
    assert voted.area_m2 == base.area_m2
    assert voted.disturbed_cells_per_image_bound == near(3 * base.disturbed_cells_per_image_bound)
    coded = cost(array, small_network, SingleCorrection(16))
    cells = coded.area_breakdown_m2["cells"] / base.area_breakdown_m2["cells"]
    assert cells == near((16 + 5) / 16)
    assert coded.area_breakdown_m2["counters"] == base.area_breakdown_m2["counters"]
    assert coded.energy_breakdown_J["sensing"] > base.energy_breakdown_J["sensing"]
    never, often = (cost(array, small_network, Parity(8, 2), rereads_per_word=rate) for rate in (0.0, 1.0))
    assert often.latency_per_image_s > 1.5 * never.latency_per_image_s
    assert often.energy_breakdown_J["sensing"] > 1.5 * never.energy_breakdown_J["sensing"]


def test_mistakes_are_told_in_a_sentence(small_network, small_images, chosen):
    array = chosen.Array()
    for arguments, sentence in (
        ({"protection": "majority"}, r"protection must be None, Majority\(\), Parity"),
        ({"protection": Majority}, r"protection must be None, Majority\(\), Parity"),
        ({"faults": StuckCells(0.1)}, r"faults must come from Faults\(\.\.\.\)"),
    ):
        with pytest.raises(InputError, match=sentence):
            execute(small_network, *small_images, array, seed=0, **arguments)
    for arguments in ({"protection": Majority()}, {"faults": Faults()}):
        with pytest.raises(InputError, match=f"{next(iter(arguments))} acts on chips of an array"):
            execute(small_network, *small_images, seed=0, **arguments)
    for make, sentence in (
        (lambda: Parity(1), "word must be a whole number from 2 to 64"),
        (lambda: Parity(8, 0), "rereads must be a whole number from 1 to 64"),
        (lambda: SingleCorrection(65), "word must be a whole number from 2 to 64"),
        (lambda: Majority().residual(1.5), "flip_rate must be"),
        (lambda: Majority().residual([]), "flip_rate must be"),
        (lambda: checked_rereads(Parity(), None), r"a Parity needs rereads_per_word, from Run\.rereads"),
        (lambda: checked_rereads(Parity(8, 2), 2.5), "rereads_per_word must be a number, .* at most 2"),
        (lambda: checked_rereads(Majority(), 0.1), r"rereads_per_word belongs to a Parity\(\.\.\.\)"),
        (lambda: checked_rereads(Parity, 0.1), "protection must be None"),
    ):
        with pytest.raises(InputError, match=sentence):
            make()
