"""The mapping: every element, filter and digit lies somewhere, once."""

import pytest
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


def test_ands_are_those_of_the_network(small_network):
    mappings = map_network(small_network, rows=32, columns=16)
    assert sum(mapping.and_operations for mapping in mappings) == small_network.and_operations_per_image
    assert (
        sum(mapping.correction_operations for mapping in mappings) == small_network.correction_bits_per_image
    )


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
