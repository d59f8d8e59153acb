"""Pooling and sums of branches: what they compute is in test_reference, what they refuse is here."""

import numpy as np
import pytest
from example_networks import node_by_loops
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.network import Add, Affine, BitCoding, Pool, Window
from spinpim.network.quantise import CODING_NAMES
from spinpim.network.reference import node_output

codings = st.none() | st.builds(BitCoding, st.sampled_from(CODING_NAMES), st.integers(1, 8))
LINE = Affine(np.array([0.25, -0.5]), np.array([0.0, 1.0]), BitCoding("signed", 4))


def drawn(rng, coding, shape=(2, 6, 5, 2)):
    """What enters a node, and its values."""
    if coding is None:
        real = rng.integers(-99, 99, shape) / 8.0
        return real, real
    codes = rng.integers(0, 1 << coding.bits, shape, dtype=np.uint8)
    return codes, coding.decode(codes)


def values_handed_on(output, coding):
    return (output if coding is None else coding.decode(output)).tolist()


@settings(deadline=None)
@given(codings, st.integers(0, 2**32), st.sampled_from([(0, 0, 0, 0), (1, 1, 1, 1), (0, 1, 2, 0)]))
def test_the_largest_code_is_that_of_the_largest_value_and_the_margin_never_wins(coding, seed, padding):
    pool = Pool("max", "pool", Window((3, 2), (2, 1), padding, (1, 1)))
    codes, values = drawn(np.random.default_rng(seed), coding)
    found = values_handed_on(node_output(pool, [codes], [coding]), coding)
    assert found == [node_by_loops(pool, [image]) for image in values.tolist()]


@settings(deadline=None)
@given(codings, st.integers(0, 2**32), st.sampled_from([None, BitCoding("affine", 3)]))
def test_an_average_is_the_line_of_the_sum_of_values(coding, seed, output):
    line = Affine(LINE.scale, LINE.offset, output)
    pool = Pool("average", "pool", Window((2, 3), (1, 2), dilation=(2, 1)), line)
    codes, values = drawn(np.random.default_rng(seed), coding)
    found = values_handed_on(node_output(pool, [codes], [coding]), output)
    assert found == [node_by_loops(pool, [image]) for image in values.tolist()]


@settings(deadline=None)
@given(codings, codings, codings, st.integers(0, 2**32))
def test_a_sum_takes_the_values_of_each_branch_times_its_factor(first, second, output, seed):
    node = Add("sum", ("a", "b", "a"), (1.0, -0.75, 2.0), Affine(LINE.scale, LINE.offset, output))
    rng = np.random.default_rng(seed)
    (codes, values), (others, other_values) = drawn(rng, first), drawn(rng, second)
    found = values_handed_on(node_output(node, [codes, others, codes], [first, second, first]), output)
    branches = zip(values.tolist(), other_values.tolist(), values.tolist(), strict=True)
    assert found == [node_by_loops(node, list(entering)) for entering in branches]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Pool("median", "p", Window()), "pool 'p': kind must be"),
        (lambda: Pool("max", "p", Window(), LINE), "pool 'p': an average needs a quantiser, and a maximum"),
        (lambda: Pool("average", "p", Window()), "pool 'p': an average needs a quantiser"),
        (
            lambda: Pool("average", "p", Window.square(3, padding=1), LINE),
            "pool 'p': an average has no padding",
        ),
        (lambda: Add("s", ("a",), (1.0,), LINE), "sum 's' needs at least two inputs"),
        (lambda: Add("s", (), (), LINE), "sum 's' needs at least two inputs"),
        (lambda: Add("s", ("a", "b"), (1.0,), LINE), "got 2 inputs and 1 factors"),
        (lambda: Add("s", ("a", "b"), (1.0, np.nan), LINE), "sum 's': factors must be finite"),
    ],
)
def test_parts_that_do_not_fit_are_refused_with_the_node_named(make, message):
    with pytest.raises(InputError, match=message):
        make()
