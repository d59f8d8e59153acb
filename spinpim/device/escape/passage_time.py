"""Mean first passage of an axially symmetric macrospin between its wells: quadrature and closed form."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PASSAGE_POINTS = 8001
WIDEST = 600.0
"""Range of exponents whose exponentials, and their products, are far from the limits of a double."""
FAR_WELL = -0.99
"""m . easy axis, on the other side, at which a state counts as lost in the mean-first-passage integral."""


def log_passage_time(stability: float, field: float) -> float:
    r"""Natural logarithm of the mean first passage between the wells, in units of tau_D.

    .. math:: \frac{T}{\tau_D} = \int_{z_1}^{1} \frac{2\Delta\,dz}{1-z^2}\,e^{-u(z)} \int_z^1 e^{u(y)}\,dy,
              \qquad u = \Delta (z^2 + 2 h z)

    Parameters
    ----------
    stability : float
        Delta [1], > 0.
    field : float
        h, axial field over B_k [1], negative against the state.

    Returns
    -------
    float
        ln(T/tau_D), start at the pole of the well.

    Examples
    --------
    >>> rate = math.exp(-log_passage_time(20.0, 0.0))
    >>> bool(abs(rate / 4.9291e-9 - 1.0) < 1e-3)
    True

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677.
    """
    # The integral is over D t, and tau_D = 1/(2 Delta D).
    return log_axial_passage(np.array([2.0 * stability * field, stability, 0.0, 0.0]), 0.0) + math.log(
        2.0 * stability
    )


def log_axial_passage(exponent: Array, bend: float, points: int = PASSAGE_POINTS) -> float:
    r"""Natural logarithm of the mean first passage from z = 1 to z = -0.99, times the diffusion constant.

    Parameters
    ----------
    exponent : (4,) array
        Coefficients of z, z^2, z^4 and ln(1 + bend z) in u(z) [1], z along the well.
    bend : float
        Between -1 and 1.
    points : int, optional
        Of the quadrature.
    """
    # Points crowded at the pole, where the inner integral starts, and evenly spaced elsewhere.
    z = 1.0 - (1.0 - FAR_WELL) * np.linspace(0.0, 1.0, points) ** 2
    linear, quadratic, quartic, logarithmic = exponent
    height = linear * z + quadratic * z**2 + quartic * z**4 + logarithmic * np.log1p(bend * z)
    step = -np.diff(z)
    top, bottom = float(height.max()), float(height.min())
    if top - bottom > WIDEST:
        return _log_passage_by_logarithms(z, height, np.log(step))
    return math.log(0.25 * _passage_integral(z, height, top, bottom)) + top - bottom


@numba.njit(cache=True, error_model="numpy")
def _passage_integral(z: Array, height: Array, top: float, bottom: float) -> float:
    """Four times the double integral, both Boltzmann factors scaled to at most one."""
    # At the pole the inner integral vanishes as (1 - z): the integrand is 1/(1 + z).
    before, outer = math.exp(height[0] - top), math.exp(bottom - top)
    inner, total = 0.0, 0.0
    for point in range(1, z.size):
        step = z[point - 1] - z[point]
        well = math.exp(height[point] - top)
        inner += (before + well) * step
        value = math.exp(bottom - height[point]) * inner / ((1.0 - z[point]) * (1.0 + z[point]))
        total += (outer + value) * step
        before, outer = well, value
    return total


def _log_passage_by_logarithms(z: Array, height: Array, log_step: Array) -> float:
    """`log_axial_passage` for barriers whose Boltzmann factors no floating-point number holds."""
    pairs = np.logaddexp(height[:-1], height[1:]) + log_step - math.log(2.0)
    inner = np.concatenate([[-math.inf], np.logaddexp.accumulate(pairs)])
    with np.errstate(divide="ignore", invalid="ignore"):
        outer = -np.log1p(-z) - np.log1p(z) - height + inner
    outer[0] = -math.log(2.0)
    total = np.logaddexp(outer[:-1], outer[1:]) + log_step - math.log(2.0)
    return float(np.logaddexp.reduce(total))


def log_closed_form(stability: float, field: float) -> tuple[float, float]:
    r"""Natural logarithm of the escape rate times tau_D, and the relative size of the last order kept.

    .. math::

        \Gamma\tau_D = \sqrt{\frac{\Delta}{\pi}}\,\frac{(1-h^2)(1+h)\,e^{-\Delta(1+h)^2}}{w\,s}, \qquad
        w = 1 + x + 3x^2,\; x = \frac{1}{2\Delta(1+h)^2}, \qquad
        s = 1 + \frac{1+3h^2}{2\Delta(1-h^2)^2} + \frac{3(1+10h^2+5h^4)}{4\Delta^2(1-h^2)^4}

    The series of the well (w) and of the pass (s) are those of the passage integral; for h = 0 their product
    is :math:`1 + 1/\Delta + 7/(4\Delta^2)`.

    Parameters
    ----------
    stability : float
        Delta [1], > 0.
    field : float
        h, axial field over B_k [1], -1 < h < 1, negative against the state.

    Examples
    --------
    >>> log_rate, last = log_closed_form(40.0, -0.3)
    >>> bool(abs(math.exp(log_rate) / 6.6624e-9 - 1.0) < last < 0.02)
    True
    """
    well = 0.5 / (stability * (1.0 + field) ** 2)
    square = field * field
    flat = 1.0 / (stability * (1.0 - square) ** 2)
    first = well + 0.5 * (1.0 + 3.0 * square) * flat
    last = 3.0 * well**2 + 0.75 * (1.0 + 10.0 * square + 5.0 * square**2) * flat**2
    last += well * 0.5 * (1.0 + 3.0 * square) * flat
    leading = 0.5 * math.log(stability / math.pi) + math.log((1.0 - square) * (1.0 + field))
    return leading - stability * (1.0 + field) ** 2 - math.log1p(first + last), last
