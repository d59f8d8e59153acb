"""Agreement of a figure that a file states with the one derived from its other numbers."""

from __future__ import annotations

from spinpim.params.schema import Quantity
from spinpim.params.units import written

LOOSEST_AGREEMENT = 0.25


def stated_mismatch(
    key: str, stated: Quantity | None, derived_si: float, si_unit: str, formula: str
) -> str | None:
    r"""Tell whether a stated figure contradicts the one derived from the rest of the file.

    .. math:: |derived - stated| > \max(3\sigma,\ 0.25\,|stated|)

    Parameters
    ----------
    key : str
        Key of the stated figure, for example "stated.thermal_stability".
    stated : Quantity or None
        The figure as the file states it; None never disagrees.
    derived_si : float
        The figure as derived [si_unit].
    si_unit : str
        SI unit of both.
    formula : str
        How it was derived, as a phrase, for example "resistance_area_product over the electrical area".

    Returns
    -------
    str or None
        A sentence with both numbers, or None where they agree.

    Examples
    --------
    >>> stated_mismatch("stated.thermal_stability", None, 45.0, "1", "volume and anisotropy") is None
    True
    """
    if stated is None:
        return None
    tolerance = max(3.0 * stated.sigma_si, LOOSEST_AGREEMENT * abs(stated.si))
    if abs(derived_si - stated.si) <= tolerance:
        return None
    derived, allowed = (written(float(f"{figure:.4g}"), si_unit) for figure in (derived_si, tolerance))
    return (
        f"{key} is {stated.text}, but {formula} gives {derived}; they may differ by {allowed} (3 sigma or "
        f"25 %). Correct one of them, or leave the stated figure out."
    )
