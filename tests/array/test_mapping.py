"""The mapping: every element, filter and digit lies somewhere, once."""

import pytest
from example_networks import random_network, residual_network
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.array.mapping import LayerMapping, map_network
from spinpim.errors import InputError


@settings(deadline=None)
@given(
    st.integers(1, 50),
    st.integers(1, 900),
    st.integers(1, 400),
    st.integers(1, 8),
    st.integers(1, 8),
    st.booleans(),
)
def test_filter_groups_partition_the_filters_and_counts_follow(windows, elements, filters, n, m, corrected):
    mapping = LayerMapping("x", windows, elements, filters, n, m, corrected, 64, 32, 32)
    groups = [mapping.group_filters(g) for g in range(mapping.filter_groups)]
    assert [f for first, stop in groups for f in range(first, stop)] == list(range(filters))
    assert all((stop - first) * n + corrected <= mapping.weight_rows for first, stop in groups)
    senses = [
        windows * m * ((stop - first) * n + (corrected and g == 0)) for g, (first, stop) in enumerate(groups)
    ]
    assert mapping.row_activations == mapping.column_groups * sum(senses)
    assert mapping.serial_row_activations == max(senses)
    assert mapping.and_operations + mapping.correction_operations == sum(senses) * elements
    assert mapping.activation_bits_written == windows * elements * m * len(groups)
    assert mapping.row_writes == windows * m * len(groups) * mapping.column_groups
    assert mapping.columns * (mapping.column_groups - 1) < elements <= mapping.columns * mapping.column_groups
    assert 0.0 < mapping.utilisation <= 1.0


@settings(deadline=None)
@given(
    st.integers(1, 9),
    st.integers(1, 40),
    st.integers(1, 100),
    st.integers(1, 9),
    st.integers(1, 8),
    st.booleans(),
)
def test_groups_of_channels_partition_the_filters_each_on_sub_arrays_of_its_own(
    channel_groups, alike, elements, windows, n, corrected
):
    filters = channel_groups * alike
    mapping = LayerMapping("x", windows, elements, filters, n, 4, corrected, 64, 32, 32, channel_groups)
    seen, first_of = [], []
    senses = 0
    for group in range(mapping.filter_groups):
        first, stop = mapping.group_filters(group)
        assert first < stop
        assert (stop - first) * n + corrected <= mapping.weight_rows
        assert {f // alike for f in range(first, stop)} == {mapping.group_channels(group)}
        seen += range(first, stop)
        if mapping.is_first(group):
            first_of.append(mapping.group_channels(group))
        senses += windows * 4 * ((stop - first) * n + (corrected and mapping.is_first(group)))
    assert seen == list(range(filters))
    assert first_of == list(range(channel_groups))
    assert mapping.row_activations == mapping.column_groups * senses
    assert mapping.and_operations + mapping.correction_operations == senses * elements
    assert mapping.stored_bits * windows * 4 == senses * elements
    assert mapping.stored_rows == mapping.column_groups * mapping.stored_bits // elements
    assert mapping.partial_sums == filters + channel_groups * corrected


def test_groups_of_channels_are_counted_as_by_hand():
    # Two groups of four filters, of which three fit beside the all-ones row; 20 elements on 16 columns.
    mapping = LayerMapping("x", 9, 20, 8, 2, 4, True, 16, 16, 8, 2)
    assert [mapping.group_filters(group) for group in range(4)] == [(0, 3), (3, 4), (4, 7), (7, 8)]
    assert [mapping.group_channels(group) for group in range(4)] == [0, 0, 1, 1]
    assert [mapping.is_first(group) for group in range(4)] == [True, False, True, False]
    assert (mapping.filter_groups, mapping.column_groups, mapping.sub_arrays) == (4, 2, 8)
    assert mapping.and_operations == 9 * 20 * 8 * 2 * 4
    assert mapping.correction_operations == 9 * 20 * 4 * 2
    assert mapping.stored_rows == 2 * (8 * 2 + 2)
    assert mapping.row_activations == 9 * 4 * 2 * (8 * 2 + 2)
    assert mapping.serial_row_activations == 9 * 4 * (3 * 2 + 1)
    assert mapping.activation_bits_written == 9 * 20 * 4 * 4
    assert mapping.row_writes == 9 * 4 * 8
    assert mapping.partial_sums == 8 + 2
    assert mapping.partial_sum_additions == 9 * 10


@pytest.mark.parametrize("make", [random_network, residual_network])
@pytest.mark.parametrize(("rows", "columns"), [(32, 16), (20, 5), (256, 128)])
def test_ands_are_those_of_the_network(make, rows, columns):
    network = make(1)
    mappings = map_network(network, rows=rows, columns=columns)
    assert sum(mapping.and_operations for mapping in mappings) == network.and_operations_per_image
    assert sum(mapping.correction_operations for mapping in mappings) == network.correction_bits_per_image
    assert [mapping.channel_groups for mapping in mappings] == [layer.groups for layer in network.layers]


def test_a_written_digit_serves_all_rows_of_its_sub_array_and_no_others():
    one_group = LayerMapping("x", 9, 20, 7, 2, 4, False, 64, 32, 32)
    assert one_group.reuse == 14.0
    two_groups = LayerMapping("x", 9, 20, 28, 2, 4, False, 64, 32, 32)
    assert two_groups.filter_groups == 2
    assert two_groups.reuse == 28.0


def test_rows_that_cannot_hold_a_filter_or_a_window_are_refused(small_network):
    with pytest.raises(InputError, match="needs 3 weight rows and 3 activation rows"):
        map_network(small_network, rows=4, columns=16)
    with pytest.raises(InputError, match="1 and 31 of 32"):
        map_network(small_network, rows=32, columns=16, weight_row_fraction=0.05)
    with pytest.raises(InputError, match="between 0 and 1"):
        map_network(small_network, rows=32, columns=16, weight_row_fraction=1.0)


@settings(deadline=None)
@given(st.integers(1, 50), st.integers(1, 900), st.integers(1, 400), st.integers(1, 4), st.integers(1, 4))
def test_halved_digits_take_half_the_ands(windows, elements, filters, weight_bits, activation_bits):
    def ands(n, m):
        return LayerMapping("x", windows, elements, filters, n, m, False, 64, 32, 32).and_operations

    whole = ands(2 * weight_bits, 2 * activation_bits)
    assert 2 * ands(weight_bits, 2 * activation_bits) == whole
    assert 2 * ands(2 * weight_bits, activation_bits) == whole
    assert 4 * ands(weight_bits, activation_bits) == whole


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 300), st.integers(1, 100), st.integers(2, 9))
def test_everything_counted_is_linear_in_the_windows_of_images(windows, elements, filters, images):
    one, many = (
        LayerMapping("x", count, elements, filters, 2, 3, True, 64, 32, 32)
        for count in (windows, images * windows)
    )
    for name in (
        "and_operations",
        "correction_operations",
        "row_activations",
        "activation_bits_written",
        "row_writes",
    ):
        assert getattr(many, name) == images * getattr(one, name)
    assert many.stored_bits == one.stored_bits
