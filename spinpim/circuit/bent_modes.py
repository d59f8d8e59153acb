r"""Kernel of a bit line whose cells are not ohmic: the slowest mode of the line, bent by them.

Cells that draw i(v) instead of the current of their chord settle, in their slowest mode, by

.. math:: \dot y = -\lambda y\,(1 + \theta\,k(1 - r y)), \qquad
          \frac{i(v) - i_\infty}{v - v_\infty} = \frac{i_\infty}{v_\infty}\,(1 + k(u)), \quad
          u = \frac{v - v_0}{v_\infty - v_0}

with y what is missing, lambda its rate for the chord and theta the part of the cells in that; r y is what is
missing at the cells. k is the bend, a cubic in u. The solution is a series of :math:`e^{-j\Lambda t}` with
:math:`\Lambda = \lambda(1 + \theta k(1))`: the rate is that of the conductance at the settled level, and the
first four terms have the amplitude and the curvature of the tail, the value and the slope of the start. The
faster modes follow the current that the cells do not draw at once.
Scalars; no checks, nothing raised.
"""

from __future__ import annotations

import math

import numba

from spinpim.circuit.line_modes import line_modes


@numba.njit(cache=True, error_model="numpy")
def bent_modes(at_cell, near_S, near_F, wire_ohm, wire_F, cell_S, position, bend):
    """Six modes (share, rate) of the near end: as `line_modes`, then three overtones of the slowest.

    ``cell_S`` is the conductance of the chord, ``bend`` k at u = 0, 1/3, 2/3 and 1.
    """
    modes, part = line_modes(at_cell, near_S, near_F, wire_ohm, wire_F, cell_S, position)
    static = static_response(at_cell, near_S, wire_ohm * position, cell_S)
    return bent(at_cell, modes, part, static, bend)


@numba.njit(cache=True, error_model="numpy")
def static_response(at_cell, near_S, between_ohm, cell_S):
    """Part of the swing that a change of the cells' current by all of it moves at last."""
    if not at_cell:
        return 1.0 / (1.0 + between_ohm * cell_S)
    return cell_S * (1.0 + near_S * between_ohm) / (near_S + cell_S * (1.0 + near_S * between_ohm))


@numba.njit(cache=True, error_model="numpy")
def bent(at_cell, modes, part, static, bend):
    """Modes of an ohmic line, bent; ``static`` by `static_response`."""
    (first, rate), (second, second_rate), rest = modes
    # What is missing at the cells over what is missing of the slowest mode, by the reciprocity of the wire.
    reach = part / static if at_cell else math.sqrt(max(0.0, first * part / static))
    fast = static * reach - first * part if second != 0.0 else 0.0
    k0, k1, k2, k3 = _powers(bend, reach)
    tail = 1.0 + part * k0
    start = 1.0 + part * (k0 + k1 + k2 + k3)
    third = (tail / (1.0 + part * (k0 + (k1 + (k2 + k3 / 3.0) / 3.0) / 3.0)) - 1.0) * 3.0
    # Radau's rule: three quarters of a third of the way, a quarter of the end.
    one = math.exp(0.75 * third + 0.25 * (tail / start - 1.0))
    two = one * one * part * k1 / tail
    slope = start / tail - one - 2.0 * two
    left = 1.0 - one - two
    four = slope - 3.0 * left
    three = left - four
    bent_rate = rate * tail
    return (
        (first * one - fast * k0, bent_rate),
        (second + fast * (k0 + k1 + k2 + k3), second_rate),
        rest,
        (first * two - fast * k1, 2.0 * bent_rate),
        (first * three - fast * k2, 3.0 * bent_rate),
        (first * four - fast * k3, 4.0 * bent_rate),
    )


@numba.njit(cache=True, error_model="numpy")
def _powers(bend, reach):
    """Coefficients of k(1 - reach y) in the powers of y: the cubic through four even points."""
    one = bend[3] - bend[2]
    two = one - bend[2] + bend[1]
    three = two - bend[2] + 2.0 * bend[1] - bend[0]
    step = -3.0 * reach
    return (
        bend[3],
        step * (one + 0.5 * two + three / 3.0),
        step * step * 0.5 * (two + three),
        step * step * step * three / 6.0,
    )
