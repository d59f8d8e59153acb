"""Demagnetising factors against the Fourier integral they were reduced from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import j1

from spinpim.device.demagnetisation import disc_factor, elliptic_cylinder_factors
from spinpim.errors import InputError


@pytest.mark.parametrize("aspect", [0.02, 0.3, 1.0])
def test_disc_factor_equals_its_fourier_integral(aspect):
    p = 2.0 * aspect

    def integrand(q):
        return 2.0 * j1(q) ** 2 / q * -np.expm1(-q * p) / (q * p)

    upper = 2000.0
    total = sum(quad(integrand, start, start + 20.0, limit=200)[0] for start in np.arange(1e-9, upper, 20.0))
    tail = 1.0 / (np.pi * p * upper**2)  # J1^2 averages to 1/(pi q)
    assert float(disc_factor(np.array([aspect]))[0]) == pytest.approx(total + tail, abs=2e-6)


@given(a=st.floats(10e-9, 200e-9), ratio=st.floats(0.2, 5.0), t=st.floats(0.5e-9, 20e-9))
def test_factors_sum_to_one_and_follow_the_axes(a, ratio, t):
    nx, ny, nz = elliptic_cylinder_factors(a, ratio * a, t)
    assert nx + ny + nz == pytest.approx(1.0, abs=1e-9)
    assert (nx - ny) * (ratio - 1.0) >= -1e-12
    swapped = elliptic_cylinder_factors(ratio * a, a, t)
    assert swapped == pytest.approx((ny, nx, nz), abs=1e-9)


def test_a_circle_has_the_factor_of_the_disc():
    nx, ny, nz = elliptic_cylinder_factors(50e-9, 50e-9, 1e-9)
    assert nz == pytest.approx(float(disc_factor(np.array([0.02]))[0]))
    assert nx == pytest.approx(ny)


@pytest.mark.parametrize("bad", [(0.0, 1e-9, 1e-9), (1e-9, np.nan, 1e-9), (1e-9, 1e-9, -1e-9)])
def test_impossible_lengths_are_refused(bad):
    with pytest.raises(InputError):
        elliptic_cylinder_factors(*bad)
