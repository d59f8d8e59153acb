"""Fixed faults against a simulation pair by pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from spinpim.array.bitops import pack_bits
from spinpim.array.fault_kinds import Faults
from spinpim.array.faults import draw_layer, pair_answers
from spinpim.array.mapping import map_layer
from spinpim.array.stored import answering_rows, sense_rows
from spinpim.network.quantise import BitCoding


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(1, 90),
    st.integers(1, 4),
    st.sampled_from(["unsigned", "signed", "bipolar"]),
)
def test_a_row_with_fixed_faults_counts_what_its_pairs_answer_one_by_one(seed, elements, bits, name):
    rng = np.random.default_rng(seed)
    coding = BitCoding(name, bits)
    stored = rng.integers(0, 2, (3, elements), dtype=np.uint8)
    fixed = rng.choice([0.0, 0.1, 0.5, 1.0], (elements, 4))
    cells = rng.random((3, elements))
    codes = rng.integers(0, 1 << bits, (2, elements), dtype=np.uint8)
    to_zero, to_one = pair_answers(stored, cells, fixed)
    group = answering_rows(
        stored, to_zero, to_one, np.arange(3), np.array([1, 2, -4]), np.zeros((elements, 4))
    )
    totals = np.zeros((4, 2), np.int64)
    sense_rows(group, pack_bits(coding.planes(codes)), coding, totals)

    expected = np.zeros((4, 2), np.int64)
    for row in range(3):
        for k in range(elements):
            w = int(stored[row, k])
            for a in (0, 1):
                error = fixed[k, 2 * w + a]
                # A low number is a cell that reads high: it turns a 0 into a 1; a high one does the opposite.
                is_wrong = cells[row, k] >= 1.0 - error if w & a else cells[row, k] < error
                answer = (w & a) ^ is_wrong
                for vector in range(2):
                    for m in range(bits):
                        if (codes[vector, k] >> m) & 1 == a:
                            expected[row, vector] += (1, 2, -4)[row] * coding.coefficients[m] * answer
    np.testing.assert_array_equal(totals, expected)


def draw(
    chosen, errors, *, write=0.0, seed=1, chip=0, number=0, filters=40, elements=50, coding=("affine", 2)
):
    layer = chosen.layer(np.random.default_rng(2), fan=(1, elements), filters=filters, coding=coding)
    mapping = map_layer(layer, 1, rows=32, columns=16)
    faults = Faults(errors, weight_write_error=write)
    return layer, draw_layer(layer, mapping, faults, seed=seed, chip=chip, layer_number=number)


def test_without_errors_a_drawn_chip_computes_the_exact_dot_products(chosen, sensed):
    layer, drawn = draw(chosen, chosen.Errors())
    codes = np.random.default_rng(3).integers(0, 8, (5, 50), dtype=np.uint8)
    np.testing.assert_array_equal(sensed(drawn, codes), layer.weight_values @ codes.T.astype(int))
    assert drawn.stuck_pairs == drawn.flipped_weights == 0
    assert len(drawn.groups) == 6


def test_columns_that_always_invert_give_the_complement(chosen, sensed):
    layer, drawn = draw(chosen, chosen.Errors(fixed=(1.0, 1.0, 1.0, 1.0)), coding=("unsigned", 1))
    codes = np.random.default_rng(3).integers(0, 8, (5, 50), dtype=np.uint8)
    exact = layer.weight_values @ codes.T.astype(int)
    np.testing.assert_array_equal(sensed(drawn, codes), 7 * 50 - exact)


def test_the_all_ones_row_has_faults_of_its_own(chosen, sensed):
    # Pattern 11 never answers 1: all counts vanish, of filters and of the all-ones row.
    _, drawn = draw(chosen, chosen.Errors(fixed=(0.0, 0.0, 0.0, 1.0)))
    codes = np.random.default_rng(3).integers(0, 8, (5, 50), dtype=np.uint8)
    assert not np.any(sensed(drawn, codes))


def test_the_number_of_fixed_faults_is_binomial(chosen):
    # Two-sided false-alarm rate 1e-6 for each of the two counts.
    _, drawn = draw(
        chosen, chosen.Errors(fixed=(0.01, 0.01, 0.01, 0.01)), write=0.02, filters=300, elements=200
    )
    cells = (300 * 2 + 1) * 200
    for count, trials, rate in ((drawn.stuck_pairs, 2 * cells, 0.01), (drawn.flipped_weights, cells, 0.02)):
        low, high = binom.ppf([5e-7, 1 - 5e-7], trials, rate)
        # Wrong answers to 0 and to 1 of one cell are coupled, which at most doubles the variance.
        widening = 1.5 if trials > cells else 1.0
        assert abs(count - trials * rate) <= widening * max(trials * rate - low, high - trials * rate)


def test_a_bad_column_is_bad_for_all_filters_of_its_sub_array_and_for_no_other(chosen, unpack):
    _, drawn = draw(chosen, chosen.Errors(fixed=(1.0, 1.0, 1.0, 1.0), threshold=1.0), coding=("unsigned", 1))
    bad = []
    for group in drawn.groups:
        wrong = unpack(group.zero_answers.T[np.newaxis], 50)[0]
        assert np.all(wrong == wrong[0])
        bad.append(wrong[0])
    assert len({tuple(columns) for columns in bad}) == len(bad) > 1
    in_one_sub_array = [tuple(bad[0][first : first + 16]) for first in (0, 16, 32)]
    assert len(set(in_one_sub_array)) == 3


def test_columns_of_a_sub_array_share_their_reference_and_nothing_else(chosen):
    asked = []

    class Recorded(chosen.Errors):
        def column_errors(self, standard_normals):
            asked.append(standard_normals)
            return super().column_errors(standard_normals)

    draw(chosen, Recorded(), elements=48)
    offset, reference, drive = np.concatenate(asked).reshape(-1, 16, 3).transpose(2, 0, 1)
    assert np.all(reference == reference[:, :1])
    assert np.unique(reference).size == len(reference) == 18
    assert np.unique(offset).size == np.unique(drive).size == offset.size


def test_draws_depend_on_seed_chip_and_layer_alone(chosen):
    errors = chosen.Errors(fixed=(0.1, 0.1, 0.1, 0.1))

    def fingerprint(**address):
        _, drawn = draw(chosen, errors, write=0.01, **address)
        return b"".join(array.tobytes() for group in drawn.groups for array in (group.stored, group.plus))

    base = fingerprint(seed=1, chip=0, number=0)
    assert fingerprint(seed=1, chip=0, number=0) == base
    for other in ({"seed": 2}, {"chip": 1}, {"number": 1}):
        assert fingerprint(**{"seed": 1, "chip": 0, "number": 0, **other}) != base


@pytest.mark.parametrize("pattern", range(4))
def test_each_pattern_errs_only_where_it_occurs(chosen, sensed, pattern):
    fixed = np.zeros(4)
    fixed[pattern] = 1.0
    layer, drawn = draw(chosen, chosen.Errors(fixed=tuple(fixed)), coding=("unsigned", 1), filters=3)
    codes = np.random.default_rng(3).integers(0, 2, (5, 50), dtype=np.uint8)
    w, a = layer.weight_codes[:, np.newaxis, :], codes[np.newaxis]
    occurs = (2 * w + a == pattern).sum(axis=2)
    exact = (w & a).sum(axis=2)
    # The two digits above the first are 0 in all codes; they meet patterns 00 and 10.
    upper = ((w == pattern // 2) & (pattern % 2 == 0)).sum(axis=2) * (2 + 4)
    expected = exact + occurs * (-1 if pattern == 3 else 1) + upper
    np.testing.assert_array_equal(sensed(drawn, codes), expected)
