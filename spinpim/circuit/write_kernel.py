"""Kernel of the write path: a transistor between two resistances across a supply.

The source resistance lies between the transistor and ground, the drain resistance between it and the supply.
Scalars; no checks, nothing raised.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from spinpim.circuit.channel import BiasedTransistor, channel_point

NEWTON_STEPS = 100
"""Bound of the search; it converges in some six steps, and bisections alone would in 50."""
TOLERANCE = 1e-14
"""Of the current, relative to what the resistances alone would carry."""


@numba.njit(cache=True, error_model="numpy")
def series_current(device, source_ohm, drain_ohm, supply_V, threshold_shift_V):
    """Current [A], its slopes against threshold and supply [S], and whether the channel saturates (1) or not.

    The current of the channel falls with the one assumed in the resistances: the balance has one root.
    """
    drain_ohm = drain_ohm + device.series_ohm
    if supply_V <= 0.0:
        return 0.0, 0.0, 0.0, 0.0
    low, high = 0.0, math.inf
    if source_ohm + drain_ohm > 0.0:
        high = supply_V / (source_ohm + drain_ohm)
    unloaded = channel_point(device, 0.0, supply_V, threshold_shift_V)[0]
    high = min(high, unloaded)
    scale, current = high, 0.5 * high
    for _ in range(NEWTON_STEPS):
        carried, source_S, drain_S, _ = channel_point(
            device, current * source_ohm, supply_V - current * drain_ohm, threshold_shift_V
        )
        excess = carried - current
        if excess > 0.0:
            low = current
        else:
            high = current
        step = current + excess / (1.0 + source_S * source_ohm + drain_S * drain_ohm)
        if not (low <= step <= high):
            step = 0.5 * (low + high)
        moved = abs(step - current)
        current = step
        if moved <= TOLERANCE * scale:
            break
    _, source_S, drain_S, threshold_S = channel_point(
        device, current * source_ohm, supply_V - current * drain_ohm, threshold_shift_V
    )
    loop = 1.0 + source_S * source_ohm + drain_S * drain_ohm
    saturated = 1.0 if drain_S <= 1e-9 * source_S else 0.0
    return current, threshold_S / loop, drain_S / loop, saturated


@numba.njit(cache=True, error_model="numpy")
def series_currents(specific_A, pinch_off_V, series_ohm, common, source_ohm, drain_ohm, supply_V):
    """`series_current` of transistors that differ in size and gate voltage; equally long arrays, (4, n).

    ``common`` holds what they share: thermal voltage, critical voltage and slope factor.
    """
    found = np.empty((4, specific_A.size))
    for index in range(specific_A.size):
        device = BiasedTransistor(
            specific_A[index], pinch_off_V[index], common[0], common[1], series_ohm[index], common[2]
        )
        point = series_current(device, source_ohm[index], drain_ohm[index], supply_V[index], 0.0)
        found[0, index], found[1, index], found[2, index], found[3, index] = point
    return found
