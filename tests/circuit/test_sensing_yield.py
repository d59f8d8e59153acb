"""Yields against columns drawn one by one, and in limits that are known."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from spinpim.circuit import sense
from spinpim.circuit.coded_sensing import coded_sensing
from spinpim.circuit.failing_columns import REFERENCES, column_failures, pattern_counts
from spinpim.circuit.reference import TrimmedReference
from spinpim.circuit.sensing_yield import sensing_yield
from spinpim.errors import InputError

CHIPS, COLUMNS, GROUPS, ALLOWED = 2000, 16, 64, 1e-4


@pytest.fixture(scope="module")
def sensing(cell, small_amplifier):
    return sense(cell, small_amplifier.replace(area_scale=1.5))


@pytest.fixture(scope="module")
def drawn(sensing):
    """Failing columns of many chips, static, temporal, either: (3, chips, columns)."""
    draw = np.random.default_rng(5)
    normals = draw.standard_normal((CHIPS, COLUMNS, 3))
    normals[:, :, 1] = normals[:, :1, 1]  # one reference for the chip
    static, temporal = sensing.column_errors(normals.reshape(-1, 3))
    wrong = np.any(draw.binomial(GROUPS, static) > 0, axis=1)
    noisy = np.any((temporal > ALLOWED) | (static > 0.5), axis=1)
    return np.array([wrong, noisy, wrong | noisy]).reshape(3, CHIPS, COLUMNS)


def test_the_yields_are_those_of_columns_drawn_one_by_one(sensing, drawn):
    # Six comparisons within 4 standard errors of chips as a whole: false alarm 4e-4; the seed is fixed.
    found = sensing_yield(sensing, columns=COLUMNS, groups_per_column=GROUPS, highest_error_rate=ALLOWED)
    columns = (found.column_failure_static, found.column_failure_temporal, found.column_failure)
    chips = (found.chip_failure_static, found.chip_failure_temporal, found.chip_failure)
    for ours, counted in zip(columns, drawn.mean(axis=2), strict=True):
        assert ours == pytest.approx(counted.mean(), abs=4.0 * counted.std() / np.sqrt(CHIPS))
    for ours, counted in zip(chips, drawn.any(axis=2), strict=True):
        assert ours == pytest.approx(counted.mean(), abs=4.0 * counted.std() / np.sqrt(CHIPS))
    assert found.column_yield == 1.0 - found.column_failure
    assert found.chip_yield == 1.0 - found.chip_failure


def test_spare_columns_save_the_chips_whose_failing_columns_they_can_replace(sensing, drawn):
    found = sensing_yield(
        sensing, columns=COLUMNS - 2, spare_columns=2, groups_per_column=GROUPS, highest_error_rate=ALLOWED
    )
    counted = drawn[0].sum(axis=1) > 2
    # Four standard errors: false alarm 6e-5.
    assert found.chip_failure_static == pytest.approx(
        counted.mean(), abs=4.0 * counted.std() / np.sqrt(CHIPS)
    )


def test_one_group_fails_as_often_as_the_errors_of_its_patterns_add_to(cell, amplifier):
    sensing = sense(cell, amplifier)
    found = sensing_yield(sensing, columns=1, groups_per_column=1, highest_error_rate=0.4999999)
    total = sum(sensing.error_static.values())
    assert 1e-12 < total < 1e-8
    # Less where both of two patterns with the same level fail, which a column that fails at all seldom has.
    assert (1.0 - 2e-3) * total < found.column_failure_static < total
    assert found.chip_failure_static == pytest.approx(found.column_failure_static, rel=1e-9, abs=0.0)


@pytest.mark.parametrize("quantity", ["groups_per_column", "spare_columns", "highest_error_rate"])
@pytest.mark.parametrize("name", ["amplifier", "small_amplifier", "clamp_amplifier"])
def test_failures_never_fall_with_groups_nor_rise_with_spares_or_a_laxer_limit(cell, name, quantity, request):
    sensing = sense(cell, request.getfixturevalue(name))
    steps = {
        "groups_per_column": [1, 2, 3, 10, 100, 101, 10**4, 10**9],
        "spare_columns": [0, 1, 2, 10, 100],
        "highest_error_rate": [0.4, 0.1, 1e-3, 1e-4, 9e-5, 1e-9, 1e-20],
    }[quantity]
    asked = {"columns": 64, "groups_per_column": 64, "highest_error_rate": 1e-6}
    found = [sensing_yield(sensing, **{**asked, quantity: step}) for step in steps]
    ways = ("static", "temporal", "either")
    rises = {"groups_per_column": (1, 0, 1), "spare_columns": (-1, -1, -1), "highest_error_rate": (0, 1, 1)}
    for way, rise in zip(ways, rises[quantity], strict=True):
        ending = "" if way == "either" else f"_{way}"
        chips = np.array([getattr(one, f"chip_failure{ending}") for one in found])
        # Panels move with the limit: 1e-9 is what their quadrature leaves.
        if rise:
            assert np.all(rise * np.diff(chips) >= -1e-9 * chips[1:])
            assert rise * (chips[-1] - chips[0]) > 0.0
        else:
            assert chips == pytest.approx(chips[0], rel=1e-6, abs=0.0)


def test_chips_of_many_columns_fail_as_often_as_references_lie_beyond_a_limit(cell, small_amplifier):
    # Of a million columns the failing part is all but its mean: only the reference decides.
    sensing = sense(cell, small_amplifier)
    few = {"groups_per_column": 10**4, "highest_error_rate": 1e-9}
    spare = 150_000
    found = sensing_yield(sensing, columns=10**6, spare_columns=spare, **few)
    law, counts = sensing.column_law, pattern_counts(sensing)
    part = column_failures(law, counts, few["groups_per_column"], few["highest_error_rate"])[:, 0]
    limit = spare / (10**6 + spare)
    beyond = CubicSpline(REFERENCES, part - limit).roots(extrapolate=False)
    inside = [0.5 * math.erf(one / math.sqrt(2.0)) for one in beyond]
    assert len(beyond) == 2
    assert found.chip_failure_static == pytest.approx(1.0 - (inside[1] - inside[0]), rel=2e-3)


def test_one_column_is_a_chip(sensing):
    found = sensing_yield(sensing, columns=1, groups_per_column=GROUPS, highest_error_rate=ALLOWED)
    assert found.chip_failure == pytest.approx(found.column_failure, rel=1e-12)


def test_columns_with_a_common_reference_fail_together(sensing):
    found = sensing_yield(sensing, columns=64, groups_per_column=GROUPS, highest_error_rate=ALLOWED)
    independent = 1.0 - (1.0 - found.column_failure_static) ** 64
    assert found.chip_failure_static < independent


def test_cells_without_spread_make_columns_that_are_wrong_or_right_as_a_whole(device, cell, small_amplifier):
    alone = cell.replace(
        device=device.replace(records=()),
        read_transistor=dataclasses.replace(cell.read_transistor, matching_V_m=0.0),
        read_current_sigma=0.0,
    )
    sensing = sense(alone, small_amplifier)
    one, many = (
        sensing_yield(sensing, columns=1, groups_per_column=groups, highest_error_rate=0.4999)
        for groups in (1, 10**6)
    )
    # The transition is 1e-6 of the column's spread wide: groups move it by a few of these.
    assert many.column_failure_static == pytest.approx(one.column_failure_static, rel=1e-4)
    assert one.column_failure == pytest.approx(sum({*sensing.error_static.values()}), rel=2e-3)


def test_columns_beyond_the_range_of_their_trim_fail(cell, small_amplifier):
    found = []
    for range_V in (0.02, 1.0):
        trimmed = sense(cell, small_amplifier, reference=TrimmedReference(4, 1e-3, range_V))
        found.append(sensing_yield(trimmed, columns=1, groups_per_column=8, highest_error_rate=1e-6))
    beyond = sense(cell, small_amplifier, reference=TrimmedReference(4, 1e-3, 0.02)).untrimmable
    assert 0.1 < beyond < 0.5
    assert found[1].column_failure_static < 1e-12
    assert found[0].column_failure_static == pytest.approx(beyond, rel=1e-9)
    assert found[0].column_failure_temporal == pytest.approx(found[1].column_failure_temporal, rel=1e-9)


def test_more_groups_fail_more_often_and_a_stricter_limit_too(sensing):
    asked = {"columns": 8, "highest_error_rate": 1e-6}
    few, many = (sensing_yield(sensing, groups_per_column=count, **asked) for count in (8, 512))
    assert few.column_failure_static < many.column_failure_static
    strict = sensing_yield(sensing, columns=8, groups_per_column=8, highest_error_rate=1e-12)
    assert few.column_failure_temporal < strict.column_failure_temporal


def test_words_behind_a_code_fail_as_drawn_ones_do(sensing):
    words, bits = 1000, 39
    draw = np.random.default_rng(7)
    normals = draw.standard_normal((words, bits, 3))
    normals[:, :, 1] = normals[:, :1, 1]
    static, temporal = (
        errors.reshape(words, bits, -1) for errors in sensing.column_errors(normals.reshape(-1, 3))
    )
    pattern = draw.integers(len(sensing.patterns), size=(words, bits, 1))
    static, temporal = (np.take_along_axis(errors, pattern, axis=2)[..., 0] for errors in (static, temporal))
    wrong = (draw.random(static.shape) < static).sum(axis=1)
    turned = (draw.random(static.shape) < temporal).sum(axis=1)
    found = coded_sensing(sensing, bits)
    # Five comparisons within 4 standard errors: false alarm 3e-4; the seed is fixed.
    for ours, counted in (
        (found.words_wrong, wrong > 0),
        (found.words_spent, wrong == 1),
        (found.words_lost, wrong > 1),
        (found.error_uncoded, turned > 0),
        (found.error_clean, turned > 1),
    ):
        assert ours == pytest.approx(counted.mean(), abs=4.0 * np.sqrt(ours / words))
    assert found.error_clean < found.error_spent


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"columns": 0}, "columns must be a whole number"),
        ({"groups_per_column": 1.5}, "groups_per_column must be a whole number"),
        ({"highest_error_rate": 0.0}, "highest_error_rate must be a number, finite and above 0"),
        ({"highest_error_rate": 1.0}, "highest_error_rate must be below 1"),
        ({"spare_columns": -1}, "spare_columns must be a whole number"),
    ],
)
def test_mistakes_are_told(settings, said, sensing):
    with pytest.raises(InputError, match=said):
        sensing_yield(
            sensing, **{"columns": 8, "groups_per_column": 8, "highest_error_rate": 0.1, **settings}
        )


def test_several_references_and_other_things_are_refused(cell, amplifier):
    with pytest.raises(InputError, match="XOR has 2 references and amplifiers"):
        coded_sensing(sense(cell, amplifier, operation="XOR"), 8)
    with pytest.raises(InputError, match="sensing must come from sense"):
        coded_sensing("AND", 8)
