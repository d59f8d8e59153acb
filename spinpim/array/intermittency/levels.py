"""Energy of a leaking store under constant power: level after a time, and time to a level; plain numbers.

The law is that of ``storage``: the level tends to net power times the time of forgetting, exponentially.
"""

from __future__ import annotations

import math

from numba import njit

NEVER = math.inf


@njit(cache=True, nogil=True)
def level_after(start_J: float, net_W: float, forgetting_s: float, time_s: float) -> float:
    """Energy after a time at constant net power, leakage apart [J]."""
    if forgetting_s == math.inf:
        return start_J + net_W * time_s
    # expm1 keeps what a short time changes.
    return start_J + (start_J - net_W * forgetting_s) * math.expm1(-time_s / forgetting_s)


@njit(cache=True, nogil=True)
def time_to_fall(start_J: float, net_W: float, forgetting_s: float, level_J: float) -> float:
    """Time until the energy has fallen to a level, ``NEVER`` if it does not [s]; 0 if it is there."""
    if start_J <= level_J:
        return 0.0
    if forgetting_s == math.inf:
        return (start_J - level_J) / -net_W if net_W < 0.0 else NEVER
    rest_J = net_W * forgetting_s
    if rest_J >= level_J:
        return NEVER
    return -forgetting_s * math.log1p((level_J - start_J) / (start_J - rest_J))


@njit(cache=True, nogil=True)
def time_to_rise(start_J: float, net_W: float, forgetting_s: float, level_J: float) -> float:
    """Time until the energy has risen to a level, ``NEVER`` if it does not [s]; 0 if it is there."""
    if start_J >= level_J:
        return 0.0
    if forgetting_s == math.inf:
        return (level_J - start_J) / net_W if net_W > 0.0 else NEVER
    rest_J = net_W * forgetting_s
    if rest_J <= level_J:
        return NEVER
    return -forgetting_s * math.log1p((level_J - start_J) / (start_J - rest_J))
