"""Kernel of an access transistor: EKV channel current in all regions with velocity saturation.

Scalars, and `channel_current` for arrays; all voltages against the bulk at ground; n-channel. No checks, no
units, nothing raised.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

HALVINGS = 60
"""Down to the rounding error of the current."""


class BiasedTransistor(NamedTuple):
    """A transistor at fixed gate voltage and temperature, as the kernels want it.

    specific_current_A, pinch_off_V, thermal_V, critical_V (velocity saturation), series_ohm, slope_factor.
    """

    specific_current_A: float
    pinch_off_V: float
    thermal_V: float
    critical_V: float
    series_ohm: float
    slope_factor: float


@numba.njit(cache=True, error_model="numpy")
def channel_point(device, source_V, drain_V, threshold_shift_V):
    """Current [A] and its slopes [S] against source and drain (magnitudes) and threshold.

    Formula in `Transistor.current_A`, without the series resistance.
    """
    pinch_off = device.pinch_off_V - threshold_shift_V / device.slope_factor
    forward, forward_slope = _charge((pinch_off - source_V) / device.thermal_V)
    reverse, reverse_slope = _charge((pinch_off - drain_V) / device.thermal_V)
    saturation = 2.0 * device.thermal_V / device.critical_V
    # Beyond this drain charge the carriers run at their saturated velocity: the current stays at its maximum.
    pinched = forward - (math.sqrt(1.0 + 2.0 * saturation * forward) - 1.0) / saturation
    reverse = max(reverse, pinched)
    divisor = 1.0 + saturation * (forward - reverse)
    current = device.specific_current_A * (forward - reverse) * (forward + reverse) / divisor
    scale = 1.0 / (divisor * device.thermal_V)
    source = scale * forward_slope * (2.0 * device.specific_current_A * forward - saturation * current)
    drain = scale * reverse_slope * (2.0 * device.specific_current_A * reverse - saturation * current)
    return current, source, drain, -(source - drain) / device.slope_factor


@numba.njit(cache=True, error_model="numpy")
def drain_current(device, source_V, drain_V):
    """Current [A] with the series resistance of the drain, which makes it implicit: halve the interval."""
    low, high = 0.0, channel_point(device, source_V, drain_V, 0.0)[0]
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if channel_point(device, source_V, drain_V - middle * device.series_ohm, 0.0)[0] > middle:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@numba.njit(cache=True, error_model="numpy")
def channel_points(device, source_V, drain_V, threshold_shift_V):
    """`channel_point` of every element of three equally long arrays, (4, n)."""
    found = np.empty((4, source_V.size))
    for index in range(source_V.size):
        point = channel_point(device, source_V[index], drain_V[index], threshold_shift_V[index])
        found[0, index], found[1, index], found[2, index], found[3, index] = point
    return found


@numba.njit(cache=True, error_model="numpy")
def _charge(normalised_V):
    """ln(1 + e^(x/2)) and its derivative."""
    half = 0.5 * normalised_V
    if half > 0.0:
        tail = math.exp(-half)
        return half + math.log1p(tail), 0.5 / (1.0 + tail)
    tail = math.exp(half)
    return math.log1p(tail), 0.5 * tail / (1.0 + tail)


class ChannelCurrent(NamedTuple):
    """Channel current [A] and its slopes [S] against source and drain (magnitudes) and threshold."""

    current_A: FloatArray
    source_S: FloatArray
    drain_S: FloatArray
    threshold_S: FloatArray


def channel_current(
    device: BiasedTransistor,
    source_V: FloatArray | float,
    drain_V: FloatArray | float,
    threshold_shift_V: FloatArray | float = 0.0,
) -> ChannelCurrent:
    """EKV current of the intrinsic channel with its derivatives; formula in `Transistor.current_A`."""
    given = np.broadcast_arrays(source_V, drain_V, threshold_shift_V)
    flat = (np.ravel(item).astype(np.float64) for item in given)
    found = channel_points(device, *flat)
    return ChannelCurrent(*found.reshape(4, *given[0].shape))
