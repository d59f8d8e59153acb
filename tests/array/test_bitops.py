"""Packed kernels against plain whole numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.array.bitops import pack_bits
from spinpim.array.stored import store_layer
from spinpim.network import Affine, BitCoding, Layer

CODINGS = [
    ("bipolar", 1),
    *((name, bits) for name in ("unsigned", "affine", "signed") for bits in range(1, 9)),
]
CODINGS += [("bipolar", bits) for bits in range(2, 9)]


@st.composite
def coded_layers(draw):
    weight = BitCoding(*draw(st.sampled_from(CODINGS)))
    activation = BitCoding(*draw(st.sampled_from(CODINGS)))
    elements = draw(
        st.one_of(st.integers(1, 200), st.sampled_from([63, 64, 65, 128, 511, 512, 513, 640, 1100]))
    )
    filters, vectors = draw(st.integers(1, 9)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    w = rng.integers(0, 1 << weight.bits, (filters, elements), dtype=np.uint8)
    x = rng.integers(0, 1 << activation.bits, (vectors, elements), dtype=np.uint8)
    zero = draw(st.sampled_from(activation.decode(np.arange(1 << activation.bits)).tolist()))
    return dense(w, weight, activation, zero), x


def dense(weight_codes, weight, activation, zero=0):
    filters, elements = weight_codes.shape
    return Layer(
        kind="dense",
        name="dense",
        in_channels=elements,
        out_channels=filters,
        weight_coding=weight,
        input_coding=activation,
        weight_codes=weight_codes,
        quantiser=Affine(np.ones(filters), np.zeros(filters)),
        input_zero=zero,
    )


def whole_products(layer, codes):
    return layer.weight_values @ (layer.input_coding.decode(codes) - layer.input_zero).T


@settings(max_examples=1000, deadline=None)
@given(coded_layers())
def test_packed_dot_products_are_those_of_the_decoded_whole_numbers(sensed, case):
    layer, codes = case
    packed = sensed(store_layer(layer), codes)
    assert packed.dtype == np.int64
    np.testing.assert_array_equal(packed, whole_products(layer, codes))


@pytest.mark.parametrize("name", ["unsigned", "affine", "signed", "bipolar"])
@pytest.mark.parametrize("weight_bits", range(1, 9))
@pytest.mark.parametrize("activation_bits", range(1, 9))
def test_every_pair_of_widths_gives_the_exact_extreme_values(sensed, name, weight_bits, activation_bits):
    w = np.array([[0] * 70, [(1 << weight_bits) - 1] * 70], np.uint8)
    layer = dense(w, BitCoding(name, weight_bits), BitCoding("unsigned", activation_bits))
    x = np.full((1, 70), (1 << activation_bits) - 1, np.uint8)
    np.testing.assert_array_equal(sensed(store_layer(layer), x), whole_products(layer, x))


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 200), st.integers(0, 5), st.integers(0, 2**32))
def test_unpacking_gives_back_the_packed_digits_and_the_rest_is_empty(unpack, bits, elements, vectors, seed):
    digits = np.random.default_rng(seed).integers(0, 2, (bits, vectors, elements), dtype=np.uint8)
    packed = pack_bits(digits)
    np.testing.assert_array_equal(unpack(packed, elements), digits)
    assert np.bitwise_count(packed).sum() == digits.sum()


def test_a_block_boundary_changes_nothing(sensed):
    rng = np.random.default_rng(3)
    coding = BitCoding("signed", 3)
    layer = dense(rng.integers(0, 8, (3, 777), dtype=np.uint8), coding, coding)
    x = rng.integers(0, 8, (1030, 777), dtype=np.uint8)
    np.testing.assert_array_equal(sensed(store_layer(layer), x), whole_products(layer, x))
