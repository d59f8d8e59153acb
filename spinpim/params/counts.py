"""Numbers of a parameter file that count things."""

from __future__ import annotations

from collections.abc import Mapping

from spinpim.params.number import Quantity


def require_whole(counts: Mapping[str, Quantity]) -> None:
    """Refuse fractions; for a ``model_validator`` of a file.

    Parameters
    ----------
    counts : dict of str to Quantity
        Numbers by key.

    Raises
    ------
    ValueError
        For the first that is not whole; the text stands alone.
    """
    for key, given in counts.items():
        if given.si != int(given.si):
            raise ValueError(f"{key} is {given.text}; it is a count and must be a whole number.")
