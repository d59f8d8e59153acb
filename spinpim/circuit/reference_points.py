"""Points between two normal levels at which a reference may lie."""

from __future__ import annotations

import math

from spinpim.checks import finite

LARGEST_V = 1e3
LEAST_SPREAD_V = 1e-30
"""Below, a level does not spread."""


def equal_z_point(lower_V: float, lower_sigma_V: float, upper_V: float, upper_sigma_V: float) -> float:
    r"""Point that lies equally many standard deviations from two levels.

    .. math:: r = \frac{\mu_0 \sigma_1 + \mu_1 \sigma_0}{\sigma_0 + \sigma_1}

    Parameters
    ----------
    lower_V, lower_sigma_V : float
        Lower level and its standard deviation [V].
    upper_V, upper_sigma_V : float
        Upper level and its standard deviation [V].

    Returns
    -------
    float
        The point [V]; the middle if neither level spreads.

    Raises
    ------
    InputError
        If a number is out of range or the levels are not in order.

    Examples
    --------
    >>> round(equal_z_point(0.2, 0.005, 0.3, 0.015), 6)
    0.225
    """
    _check_levels(lower_V, lower_sigma_V, upper_V, upper_sigma_V)
    total = lower_sigma_V + upper_sigma_V
    if total == 0.0:
        return 0.5 * (lower_V + upper_V)
    return lower_V + (upper_V - lower_V) * (lower_sigma_V / total)


def _check_levels(lower_V: float, lower_sigma_V: float, upper_V: float, upper_sigma_V: float) -> None:
    """Refuse what are no two levels, the lower one first."""
    finite("lower_V", lower_V, -LARGEST_V, LARGEST_V)
    finite("upper_V", upper_V, lower_V, LARGEST_V)
    finite("lower_sigma_V", lower_sigma_V, 0.0, LARGEST_V)
    finite("upper_sigma_V", upper_sigma_V, 0.0, LARGEST_V)


def equal_density_point(lower_V: float, lower_sigma_V: float, upper_V: float, upper_sigma_V: float) -> float:
    r"""Point between two normal levels at which both are equally likely: the least sum of both errors.

    .. math::

        \frac{(r - \mu_0)^2}{\sigma_0^2} - \frac{(r - \mu_1)^2}{\sigma_1^2} = 2\ln\frac{\sigma_1}{\sigma_0}

    Parameters
    ----------
    lower_V, lower_sigma_V : float
        Lower level and its standard deviation [V].
    upper_V, upper_sigma_V : float
        Upper level and its standard deviation [V].

    Returns
    -------
    float
        The point [V]; the middle if a level does not spread or no such point lies between them.

    Raises
    ------
    InputError
        If a number is out of range or the levels are not in order.

    Examples
    --------
    >>> round(equal_density_point(0.2, 0.005, 0.3, 0.015), 6)
    0.225815
    """
    _check_levels(lower_V, lower_sigma_V, upper_V, upper_sigma_V)
    middle = 0.5 * (lower_V + upper_V)
    if min(lower_sigma_V, upper_sigma_V) < LEAST_SPREAD_V or lower_V == upper_V:
        return middle
    # Quadratic in x = r - lower: x^2 (1/s0^2 - 1/s1^2) + 2 x d/s1^2 - d^2/s1^2 - 2 ln(s1/s0) = 0.
    step = upper_V - lower_V
    low, high = lower_sigma_V**-2.0, upper_sigma_V**-2.0
    leading, linear = low - high, step * high
    constant = -(step**2) * high - 2.0 * math.log(upper_sigma_V / lower_sigma_V)
    inside = linear**2 - leading * constant
    if inside < 0.0:
        return middle
    # This form of the root stays right where both levels spread alike and the quadratic term vanishes.
    place = lower_V - constant / (linear + math.sqrt(inside))
    return place if lower_V < place < upper_V else middle
