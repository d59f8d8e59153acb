"""Exponential of a drift operator on the sphere, applied to a density: Chebyshev expansion, one core.

Kernels only. A density is an array (3, orders, degrees): real part, imaginary part and minus the imaginary
part of a_lm at [:, m + MARGIN, l + MARGIN], m >= 0, with zeros all around; the kernel fills in the orders
below 0. A coupling (dl, dm, part) is a plane of real coefficients at [m, coupling, l - m]: part 0 real, 1
imaginary.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MARGIN = 4
"""Zeros on each side of a density: the reach of the widest coupling."""

LANES = 8
"""Rows are worked through in whole blocks of so many; planes and densities have room for the surplus."""

WAVE = 4
"""Terms of the Chebyshev sum that run through the orders together."""

LAG = 2
"""Orders between them: a coupling reaches no further."""

GROUP = 4
"""Couplings per pass; their number must be a multiple of it, filled up with planes of zeros."""


@njit(cache=True, error_model="numpy", forceinline=True)
def _add_four(total, first, second, third, fourth, a, b, c, d):
    """Add first a + second b + third c + fourth d to the total; few enough arrays for vector code."""
    for i in range(total.shape[0]):
        total[i] += (first[i] * a[i] + second[i] * b[i]) + (third[i] * c[i] + fourth[i] * d[i])


@njit(cache=True, error_model="numpy", forceinline=True)
def _mirror(density, degree):
    """Fill the orders -1 and -2 of a real density: a_l,-m = (-1)^m conj(a_lm)."""
    for order in range(1, 3):
        sign = 1.0 if order == 2 else -1.0
        for at in range(MARGIN + order, MARGIN + degree + 1):
            density[0, MARGIN - order, at] = sign * density[0, MARGIN + order, at]
            density[1, MARGIN - order, at] = -sign * density[1, MARGIN + order, at]
            density[2, MARGIN - order, at] = sign * density[1, MARGIN + order, at]


@njit(cache=True, error_model="numpy", forceinline=True)
def _apply(real, imaginary, density, planes, couplings, order, degree):
    """Result of the operator at one order m, for l = m to degree."""
    count = (degree + LANES - order) // LANES * LANES
    real[:count] = 0.0
    imaginary[:count] = 0.0
    base = MARGIN + order
    for k in range(0, couplings.shape[0], GROUP):
        l0, m0, p0 = base + couplings[k, 0], base + couplings[k, 1], couplings[k, 2]
        l1, m1, p1 = base + couplings[k + 1, 0], base + couplings[k + 1, 1], couplings[k + 1, 2]
        l2, m2, p2 = base + couplings[k + 2, 0], base + couplings[k + 2, 1], couplings[k + 2, 2]
        l3, m3, p3 = base + couplings[k + 3, 0], base + couplings[k + 3, 1], couplings[k + 3, 2]
        first, second = planes[order, k, :count], planes[order, k + 1, :count]
        third, fourth = planes[order, k + 2, :count], planes[order, k + 3, :count]
        # A real plane sends real to real; an imaginary one sends minus the imaginary part there.
        _add_four(
            real[:count],
            first,
            second,
            third,
            fourth,
            density[2 * p0, m0, l0 : l0 + count],
            density[2 * p1, m1, l1 : l1 + count],
            density[2 * p2, m2, l2 : l2 + count],
            density[2 * p3, m3, l3 : l3 + count],
        )
        _add_four(
            imaginary[:count],
            first,
            second,
            third,
            fourth,
            density[1 - p0, m0, l0 : l0 + count],
            density[1 - p1, m1, l1 : l1 + count],
            density[1 - p2, m2, l2 : l2 + count],
            density[1 - p3, m3, l3 : l3 + count],
        )


@njit(cache=True, error_model="numpy", forceinline=True)
def _recur(past, total, result, present, scale, centre, weight):
    """Replace the past term by scale (result - centre present) + past, and add its share to the sum."""
    for i in range(past.shape[0]):
        past[i] += scale * (result[i] - centre * present[i])
        total[i] += weight * past[i]


@njit(cache=True, error_model="numpy", forceinline=True)
def _add_term(density, past, present, real, imaginary, order, degree, scale, centre, weight):
    """The next term of the recursion at one order, in place of the one before last, and into the sum."""
    at, end = MARGIN + order, MARGIN + degree + 1
    _recur(past[0, at, at:end], density[0, at, at:end], real, present[0, at, at:end], scale, centre, weight)
    _recur(
        past[1, at, at:end], density[1, at, at:end], imaginary, present[1, at, at:end], scale, centre, weight
    )
    for i in range(at, end):
        past[2, at, i] = -past[1, at, i]


@njit(cache=True, error_model="numpy", nogil=True)
def chebyshev_sum(density, planes, couplings, degree, centre, radius, weights):
    r"""Apply exp(h A) to a density, in place.

    .. math:: e^{hA} = e^{hc}\Big[J_0(hr) + 2\sum_{n\ge1} J_n(hr)\,\varphi_n(X)\Big], \qquad
              X = (A - c)/r,\quad \varphi_{n+1} = 2X\varphi_n + \varphi_{n-1}

    Parameters
    ----------
    density : (3, orders, degrees) float64
        Changed in place; 0 beyond ``degree``.
    planes : (orders, couplings, degrees) float64
        Coefficients of A, at [m, coupling, l - m].
    couplings : (couplings, 3) int64
        (dl, dm, part) of each plane.
    degree : int
        Largest l that is used.
    centre, radius : float
        c and r: the spectrum of A lies near the segment from c - i r to c + i r.
    weights : (terms,) float64
        Weights of phi_n, exp(hc) included.

    References
    ----------
    H. Tal-Ezer and R. Kosloff, J. Chem. Phys. 81, 3967 (1984).
    """
    newest, older = density.copy(), np.zeros_like(density)
    real, imaginary = np.empty(degree + 1 + LANES), np.empty(degree + 1 + LANES)
    density *= weights[0]
    last = weights.shape[0] - 1
    for first in range(1, last + 1, WAVE):
        terms = min(WAVE, last + 1 - first)
        # Term n + 1 follows LAG orders behind term n, so that the planes it reads are still in the cache.
        for front in range(degree + 1 + LAG * (terms - 1)):
            for term in range(terms):
                order = front - LAG * term
                if 0 <= order <= degree:
                    present, past = (newest, older) if term % 2 == 0 else (older, newest)
                    n = first + term
                    if order == 0:
                        _mirror(present, degree)
                    _apply(real, imaginary, present, planes, couplings, order, degree)
                    scale = (1.0 if n == 1 else 2.0) / radius
                    _add_term(
                        density, past, present, real, imaginary, order, degree, scale, centre, weights[n]
                    )
        if terms % 2 == 1:
            newest, older = older, newest
    density[2] = -density[1]
