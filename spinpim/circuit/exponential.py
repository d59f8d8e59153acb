"""Exponential laws that were fitted about a point, and where they stop holding."""

from __future__ import annotations

import math

from spinpim.errors import InputError

LARGEST_EXPONENT = 40.0
"""A law that grows by more, 2e17, has left whatever it was fitted to."""


def grown(what: str, exponent: float) -> float:
    """Return the exponential by which something changes from the point at which it was fitted [1].

    Raises
    ------
    InputError
        If it grows beyond any measure.

    Examples
    --------
    >>> grown("time constant", 0.0)
    1.0
    """
    if not exponent <= LARGEST_EXPONENT:
        raise InputError(
            f"The {what} would grow by a factor of e^{exponent:.3g} from the reference point of its law, "
            "which does not hold so far away. Come nearer to that point, or correct the exponents of the law."
        )
    return math.exp(exponent)
