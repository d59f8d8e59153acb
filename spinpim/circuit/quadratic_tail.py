"""Tail of a margin that is quadratic in Gaussian variables, to any depth, by its saddle point."""

from __future__ import annotations

import math

import numba

STEPS = 60
"""Bound of the search; it converges in some six steps."""
CENTRE = 1e-4
"""Distance from the median, in standard deviations, below which the limit of the formula is taken."""
UNSEEN, SMALL = 1e-18, 1e-21
"""Squares off the diagonal over all squares: of all together at the end, and of one that is left alone."""
SHORT_OF_THE_POLE = 0.95
"""Largest step towards a pole of the generating function, of the way there."""


@numba.njit(cache=True, error_model="numpy")
def tail_score(mean, gaussian_sigma, slopes, curvatures, multiplicities):
    r"""Normal score of the probability that a quadratic margin is negative.

    .. math::

        M = m + \sigma g + \sum_k \sum_{j=1}^{n_k} \left(b_k z_{kj} + \tfrac12 \lambda_k z_{kj}^2\right),
        \qquad P(M < 0) = \Phi(s)

    by the saddle point :math:`K'(t_0) = 0` of the cumulants

    .. math::

        K(t) = m t + \tfrac12\sigma^2 t^2 + \sum_k \frac{n_k}{2}\left[
        \frac{b_k^2 t^2}{1-\lambda_k t} - \ln(1-\lambda_k t)\right], \quad
        s = w + \frac1w \ln\frac{u}{w}, \quad w = \mathrm{sgn}(t_0)\sqrt{-2K(t_0)}, \quad
        u = t_0\sqrt{K''(t_0)}

    Parameters
    ----------
    mean : float
        Margin at the origin of all variables.
    gaussian_sigma : float
        Standard deviation of what is added to it.
    slopes, curvatures, multiplicities : (k,) arrays
        b, lambda and n of the formula; all in the unit of the margin.

    Returns
    -------
    float
        Score s, positive where failure is more likely than not; NaN if nothing varies.

    Notes
    -----
    Exact for curvatures zero. With one variable that has all the curvature, lambda/b = 0.1, the probability
    is within 0.2 % from 1e-3 to 1e-15.

    References
    ----------
    O. E. Barndorff-Nielsen, J. R. Stat. Soc. B 52, 485 (1990), doi:10.1111/j.2517-6161.1990.tb01802.x.
    """
    lowest, highest = -math.inf, math.inf
    for k in range(curvatures.size):
        if curvatures[k] > 0.0:
            highest = min(highest, 1.0 / curvatures[k])
        elif curvatures[k] < 0.0:
            lowest = max(lowest, 1.0 / curvatures[k])
    t = 0.0
    for _ in range(STEPS):
        first, second = _slopes(t, mean, gaussian_sigma, slopes, curvatures, multiplicities)
        if not second > 0.0:
            return math.nan
        step = -first / second
        step = max(step, SHORT_OF_THE_POLE * (lowest - t))
        step = min(step, SHORT_OF_THE_POLE * (highest - t))
        t += step
        # What is left is some squares of it, and the depth is flat about the saddle point.
        if abs(step) <= 1e-7 * abs(t):
            break
    value, _, second, third = _cumulants(t, mean, gaussian_sigma, slopes, curvatures, multiplicities)
    depth = math.copysign(math.sqrt(max(0.0, -2.0 * value)), t)
    if abs(depth) < CENTRE:
        return depth + third / (6.0 * second**1.5)
    return depth + math.log(t * math.sqrt(second) / depth) / depth


@numba.njit(cache=True, error_model="numpy")
def _slopes(t, mean, gaussian_sigma, slopes, curvatures, multiplicities):
    """First two derivatives of `_cumulants`."""
    second = gaussian_sigma * gaussian_sigma
    first = mean + second * t
    for k in range(slopes.size):
        square, bend = slopes[k] * slopes[k], curvatures[k]
        left = 1.0 / (1.0 - bend * t)
        count = multiplicities[k] * left
        first += count * (0.5 * bend + square * t * (1.0 - 0.5 * bend * t) * left)
        second += count * left * (0.5 * bend * bend + square * left)
    return first, second


@numba.njit(cache=True, error_model="numpy")
def _cumulants(t, mean, gaussian_sigma, slopes, curvatures, multiplicities):
    """Logarithm of the moment generating function and its first three derivatives."""
    variance = gaussian_sigma * gaussian_sigma
    value, first, second, third = (mean + 0.5 * variance * t) * t, mean + variance * t, variance, 0.0
    for k in range(slopes.size):
        square, bend, count = slopes[k] * slopes[k], curvatures[k], multiplicities[k]
        left = 1.0 - bend * t
        value += count * (-0.5 * math.log(left) + 0.5 * square * t * t / left)
        # (1/left)' = bend/left^2, and t/left is what grows in each further derivative.
        first += count * (0.5 * bend + square * t * (1.0 - 0.5 * bend * t) / left) / left
        second += count * (0.5 * bend * bend + square / left) / (left * left)
        third += count * (bend * bend + 3.0 * square / left) * bend / (left * left * left)
    return value, first, second, third


@numba.njit(cache=True, error_model="numpy")
def diagonalise(matrix, vector):
    """Eigenvalues of a small symmetric matrix into its diagonal, a vector into its eigenbasis; in place.

    Jacobi rotations.
    """
    size = vector.size
    for _ in range(30):
        rest = 0.0
        whole = 0.0
        for row in range(size):
            for column in range(size):
                square = matrix[row, column] * matrix[row, column]
                whole += square
                if row != column:
                    rest += square
        if rest <= UNSEEN * whole:
            break
        for row in range(size - 1):
            for column in range(row + 1, size):
                if matrix[row, column] * matrix[row, column] > SMALL * whole:
                    _rotate(matrix, vector, row, column)


@numba.njit(cache=True, error_model="numpy")
def _rotate(matrix, vector, row, column):
    """Make one element off the diagonal zero."""
    element = matrix[row, column]
    if element == 0.0:
        return
    ratio = 0.5 * (matrix[column, column] - matrix[row, row]) / element
    tangent = math.copysign(1.0, ratio) / (abs(ratio) + math.sqrt(1.0 + ratio * ratio))
    cosine = 1.0 / math.sqrt(1.0 + tangent * tangent)
    sine = tangent * cosine
    for other in range(vector.size):
        first, second = matrix[other, row], matrix[other, column]
        matrix[other, row], matrix[other, column] = (
            cosine * first - sine * second,
            sine * first + cosine * second,
        )
    for other in range(vector.size):
        first, second = matrix[row, other], matrix[column, other]
        matrix[row, other], matrix[column, other] = (
            cosine * first - sine * second,
            sine * first + cosine * second,
        )
    first, second = vector[row], vector[column]
    vector[row], vector[column] = cosine * first - sine * second, sine * first + cosine * second
