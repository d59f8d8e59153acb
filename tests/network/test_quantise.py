"""The codings against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.network.quantise import CODING_NAMES, BitCoding, quantise_activation

codings = st.builds(BitCoding, st.sampled_from(CODING_NAMES), st.integers(1, 8))


@given(codings)
def test_decoding_undoes_encoding_for_every_code(coding):
    codes = np.arange(1 << coding.bits, dtype=np.uint8)
    assert np.array_equal(coding.encode(coding.decode(codes)), codes)


@given(codings)
def test_a_value_is_the_constant_plus_the_weighted_digits(coding):
    codes = np.arange(1 << coding.bits, dtype=np.uint8)
    by_digits = coding.constant + np.tensordot(coding.coefficients, coding.planes(codes), axes=1)
    assert np.array_equal(coding.decode(codes), by_digits)
    assert np.abs(by_digits).max() == coding.largest_magnitude


@pytest.mark.parametrize(
    ("name", "bits", "values"),
    [
        ("unsigned", 3, [0, 1, 2, 3, 4, 5, 6, 7]),
        ("signed", 3, [0, 1, 2, 3, -4, -3, -2, -1]),
        ("signed", 1, [0, -1]),
        ("affine", 2, [-3, -1, 1, 3]),
        ("bipolar", 1, [-1, 1]),
        ("bipolar", 2, [-3, -1, 1, 3]),
    ],
)
def test_codes_in_order_have_the_values_of_the_definition(name, bits, values):
    assert BitCoding(name, bits).decode(np.arange(1 << bits)).tolist() == values


@given(codings, st.integers(-300, 300))
def test_a_number_is_encoded_exactly_or_refused(coding, number):
    if number in coding.decode(np.arange(1 << coding.bits)):
        assert coding.decode(coding.encode(np.array([number])))[0] == number
    else:
        with pytest.raises(InputError, match=f"{number} is not among the values of {coding.name}"):
            coding.encode(np.array([number]))


def test_planes_keep_the_shape_behind_the_digits():
    codes = np.array([[5, 2, 7]], dtype=np.uint8)
    planes = BitCoding("unsigned", 3).planes(codes)
    assert planes.dtype == np.uint8
    assert planes.tolist() == [[[1, 0, 1]], [[0, 1, 1]], [[1, 0, 1]]]


@pytest.mark.parametrize(("name", "bits"), [("ternary", 2), ("signed", 0), ("signed", 9), ("signed", True)])
def test_a_coding_that_does_not_exist_is_refused(name, bits):
    with pytest.raises(InputError, match="coding"):
        BitCoding(name, bits)


def test_real_numbers_are_not_encoded():
    with pytest.raises(InputError, match="integer type"):
        BitCoding("signed", 4).encode(np.array([1.0]))


@given(st.lists(st.floats(-2.0, 3.0), min_size=1), st.integers(1, 8))
def test_an_activation_is_the_nearest_level_of_its_clipped_value(values, bits):
    codes = quantise_activation(np.array(values), bits)
    top = 2**bits - 1
    errors = np.abs(codes / top - np.clip(values, 0.0, 1.0))
    assert np.all(errors <= 0.5 / top + 1e-12)


def test_activations_half_way_go_to_the_even_code():
    assert quantise_activation(np.array([0.5 / 15, 1.5 / 15, 2.5 / 15, 7.5 / 15]), 4).tolist() == [0, 2, 2, 8]


def test_an_activation_that_is_not_a_number_is_refused():
    with pytest.raises(InputError, match="finite"):
        quantise_activation(np.array([0.1, np.nan]), 4)
