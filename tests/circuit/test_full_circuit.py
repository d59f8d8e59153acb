"""Errors of `sense` against the whole circuit: every cell drawn and solved, settling too."""

import pytest
import v24_sensing_errors as full


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 6])
def test_the_error_of_a_random_design_is_that_of_its_sampled_circuit(number):
    # Three standard errors and 1 %, of which at most 0.7 is used: false alarm below 1e-4 for each design.
    ours, truth, error = full.compared(number, samples=4000)
    assert error < 0.02 * truth
    assert ours == pytest.approx(truth, rel=full.LEFT_OUT, abs=3.0 * error)
