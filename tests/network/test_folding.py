"""Whole numbers from real ones, against the formulas written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.network.folding import fold, weight_coding, whole_weights


@given(st.integers(1, 8), st.integers(0, 2**32))
def test_whole_weights_are_the_nearest_that_the_coding_has(bits, seed):
    real = np.random.default_rng(seed).normal(size=20)
    values, unit = whole_weights(real, bits)
    weight_coding(bits).encode(values)
    if bits == 1:
        assert np.array_equal(values, np.sign(real))
        assert unit == pytest.approx(np.abs(real).mean())
    else:
        squashed = np.tanh(real) / np.abs(np.tanh(real)).max()
        assert np.abs(values * unit - squashed).max() <= unit * (1 + 1e-12)


@pytest.mark.parametrize("weights", [[0.0, 0.0], [1.0, np.nan]])
def test_weights_of_a_failed_training_are_refused(weights):
    with pytest.raises(InputError, match="diverged"):
        whole_weights(np.array(weights), 1)


@given(st.sampled_from([None, 1, 4, 8]), st.integers(0, 2**32))
def test_the_folded_line_is_batch_normalisation_of_the_real_sum(output_bits, seed):
    rng = np.random.default_rng(seed)
    numbers = {name: rng.normal(size=5) for name in ("gain", "bias", "mean")}
    numbers["variance"] = rng.uniform(0.0, 4.0, 5)
    scale, offset = fold(numbers, 1e-5, sum_unit=0.02, output_bits=output_bits)
    whole_sum = rng.integers(-500, 500, 5)
    real_sum = whole_sum * 0.02
    normal = (real_sum - numbers["mean"]) / np.sqrt(numbers["variance"] + 1e-5)
    levels = 1 if output_bits is None else 2**output_bits - 1
    expected = levels * (normal * numbers["gain"] + numbers["bias"])
    assert scale * whole_sum + offset == pytest.approx(expected, rel=1e-9, abs=1e-6)
