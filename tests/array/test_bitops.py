"""Packed kernels against plain whole numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.array.bitops import pack_bits, pack_codes
from spinpim.array.stored import dot_products, store
from spinpim.network.quantise import BitCoding

CODINGS = [
    ("bipolar", 1),
    *((name, bits) for name in ("unsigned", "affine", "signed") for bits in range(1, 9)),
]
CODINGS += [("bipolar", bits) for bits in range(2, 9)]


@st.composite
def coded_layers(draw):
    weight = BitCoding(*draw(st.sampled_from(CODINGS)))
    activation = BitCoding(*draw(st.sampled_from([c for c in CODINGS if c[0] != "affine"])))
    elements = draw(
        st.one_of(st.integers(1, 200), st.sampled_from([63, 64, 65, 128, 511, 512, 513, 640, 1100]))
    )
    filters, vectors = draw(st.integers(1, 9)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    w = rng.integers(0, 1 << weight.bits, (filters, elements), dtype=np.uint8)
    x = rng.integers(0, 1 << activation.bits, (vectors, elements), dtype=np.uint8)
    return weight, activation, w, x


@settings(max_examples=1000, deadline=None)
@given(coded_layers())
def test_packed_dot_products_are_those_of_the_decoded_whole_numbers(case):
    weight, activation, w, x = case
    packed = dot_products(store(w, weight, activation), pack_codes(x, activation.bits))
    assert packed.dtype == np.int64
    np.testing.assert_array_equal(packed, weight.decode(w) @ activation.decode(x).T)


@pytest.mark.parametrize("name", ["unsigned", "affine", "signed", "bipolar"])
@pytest.mark.parametrize("weight_bits", range(1, 9))
@pytest.mark.parametrize("activation_bits", range(1, 9))
def test_every_pair_of_widths_gives_the_exact_extreme_values(name, weight_bits, activation_bits):
    weight, activation = BitCoding(name, weight_bits), BitCoding("unsigned", activation_bits)
    w = np.array([[0] * 70, [(1 << weight_bits) - 1] * 70], np.uint8)
    x = np.full((1, 70), (1 << activation_bits) - 1, np.uint8)
    packed = dot_products(store(w, weight, activation), pack_codes(x, activation_bits))
    np.testing.assert_array_equal(packed, weight.decode(w) @ activation.decode(x).T)


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 200), st.integers(0, 5), st.integers(0, 2**32))
def test_packing_codes_is_packing_their_planes_and_unpacking_gives_them_back(
    unpack, bits, elements, vectors, seed
):
    codes = np.random.default_rng(seed).integers(0, 1 << bits, (vectors, elements), dtype=np.uint8)
    planes = BitCoding("unsigned", bits).planes(codes)
    packed = pack_codes(codes, bits)
    np.testing.assert_array_equal(packed, pack_bits(planes))
    np.testing.assert_array_equal(unpack(packed, elements), planes)


def test_a_block_boundary_changes_nothing():
    rng = np.random.default_rng(3)
    coding = BitCoding("signed", 3)
    w = rng.integers(0, 8, (3, 777), dtype=np.uint8)
    x = rng.integers(0, 8, (1030, 777), dtype=np.uint8)
    packed = dot_products(store(w, coding, coding), pack_codes(x, 3))
    np.testing.assert_array_equal(packed, coding.decode(w) @ coding.decode(x).T)
