r"""Energy and area of logic carried from one node to another.

.. math:: \frac{E_{to}}{E_{from}} = \frac{a_t V_t^2 + b_t V_t + c_t}{a_f V_f^2 + b_f V_f + c_f}

References
----------
A. Stillmaker and B. Baas, Integration 58, 74 (2017), doi:10.1016/j.vlsi.2017.02.002: fitted polynomials of
the energy of a gate, general-purpose transistors.
"""

from __future__ import annotations

from spinpim.checks import finite
from spinpim.errors import InputError

ENERGY_POLYNOMIALS = {
    32: (0.9559, -0.7823, 0.471),
    45: (1.103, -0.362, 0.2767),
    65: (3.755, -4.398, 1.975),
}
"""Coefficients of V^2, V and 1 by node in nm; their common unit cancels."""

LOWEST_V, HIGHEST_V = 0.7, 1.2
"""Supplies at which the polynomials are used; that of 65 nm turns upwards below 0.59 V."""


def energy_factor(from_node_m: float, from_V: float, to_node_m: float, to_V: float) -> float:
    """Energy of the same logic at another node and supply over its energy at the first.

    Parameters
    ----------
    from_node_m, to_node_m : float
        Nodes [m]: 32, 45 or 65 nm.
    from_V, to_V : float
        Supplies [V], 0.7..1.2.

    Returns
    -------
    float
        Factor [1]; exactly 1 where nothing changes, whatever the node and supply.

    Raises
    ------
    InputError
        If something changes and a node or supply lies outside these.

    Examples
    --------
    >>> round(energy_factor(32e-9, 1.0, 45e-9, 1.0), 2), round(energy_factor(65e-9, 1.0, 45e-9, 1.0), 2)
    (1.58, 0.76)
    >>> energy_factor(7e-9, 0.5, 7e-9, 0.5)
    1.0
    """
    if (from_node_m, from_V) == (to_node_m, to_V):
        return 1.0
    return _energy(to_node_m, to_V) / _energy(from_node_m, from_V)


def area_factor(from_node_m: float, to_node_m: float) -> float:
    """Area of the same layout at another node: the square of the ratio of the nodes [1].

    Examples
    --------
    >>> round(area_factor(32e-9, 45e-9), 2)
    1.98
    """
    return float((to_node_m / from_node_m) ** 2)


def _energy(node_m: float, supply_V: float) -> float:
    node_nm = round(finite("node_m", node_m, above=0.0) * 1e9)
    if node_nm not in ENERGY_POLYNOMIALS or abs(node_m * 1e9 - node_nm) > 1e-6:
        raise InputError(
            f"energies can be scaled between the nodes {', '.join(map(str, ENERGY_POLYNOMIALS))} nm; the "
            f"baseline has {node_m * 1e9:g} nm. Give its numbers at the node itself."
        )
    if not LOWEST_V <= supply_V <= HIGHEST_V:
        raise InputError(
            f"energies can be scaled between supplies of {LOWEST_V:g} and {HIGHEST_V:g} V; the baseline has "
            f"{supply_V:g} V. Give its numbers at the supply itself."
        )
    a, b, c = ENERGY_POLYNOMIALS[node_nm]
    return (a * supply_V + b) * supply_V + c
