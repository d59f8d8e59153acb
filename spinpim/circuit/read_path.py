"""Kernels of the read path: junction, access transistor and half a channel in series, cells in parallel.

From the grounded channel upwards: half the channel, the junction, the access transistor, the bit line. Arrays
broadcast; the last axis of a group counts its cells. No checks, no units, nothing raised: a current that the
transistors cannot carry gives a line voltage of NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.channel import BiasedTransistor
from spinpim.circuit.transistor import channel_current

FloatArray = NDArray[np.float64]
NEWTON_STEPS = 60
"""Bound of the loops; both converge in some five steps, and bisections alone would in 50."""
VOLTAGE_TOLERANCE_V = 1e-14
"""Some rounding errors of a line voltage of tenths of a volt."""
CEILING_V = 5.0
"""A line that would have to move further than any supply a file may give cannot carry the current."""


class ReadPath(NamedTuple):
    """What is common to the cells of a column: access transistor, junction and series resistance."""

    access: BiasedTransistor
    resistance_p_ohm: float
    tunnel_magnetoresistance: float
    half_bias_V: float
    series_ohm: float


class CellSpread(NamedTuple):
    """How a cell differs from the nominal one: relative resistance, relative TMR, threshold shift [V]."""

    resistance: FloatArray | float = 1.0
    tunnel_magnetoresistance: FloatArray | float = 1.0
    threshold_V: FloatArray | float = 0.0


class CellPoint(NamedTuple):
    """Operating point of cells at one line voltage, with the derivatives of the current at that voltage.

    junction_V, current_A, conductance_S (of the whole path), junction_S (of the junction alone), and
    d current / d ln(resistance) [A], d current / d ln(TMR) [A], d current / d threshold [A/V].
    """

    junction_V: FloatArray
    current_A: FloatArray
    conductance_S: FloatArray
    junction_S: FloatArray
    per_resistance_A: FloatArray
    per_magnetoresistance_A: FloatArray
    per_threshold_S: FloatArray


NOMINAL = CellSpread()


def junction_current(
    path: ReadPath, antiparallel: FloatArray, voltage_V: FloatArray, spread: CellSpread = NOMINAL
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Current [A], conductance dI/dV [S] and d current / d ln(TMR) [A] of junctions at a voltage.

    TMR(V) = TMR0/(1 + (V/V_h)^2) in the antiparallel state; the parallel state is ohmic.
    """
    bias = voltage_V / path.half_bias_V
    excess = antiparallel * path.tunnel_magnetoresistance * spread.tunnel_magnetoresistance
    excess = excess / (1.0 + bias**2)
    relative = 1.0 + excess
    current = voltage_V / (path.resistance_p_ohm * np.asarray(spread.resistance) * relative)
    # d ln(1+TMR(V)) / d ln V = -2 b^2/(1+b^2) TMR(V)/(1+TMR(V))
    slope = 1.0 + 2.0 * bias**2 / (1.0 + bias**2) * excess / relative
    conductance = slope / (path.resistance_p_ohm * np.asarray(spread.resistance) * relative)
    return current, conductance, -current * excess / relative


def cells_at(
    path: ReadPath, antiparallel: FloatArray, line_V: FloatArray, spread: CellSpread = NOMINAL
) -> CellPoint:
    """Operating points of cells on a line at a given voltage; ``line_V`` broadcasts against the cells.

    Newton on the balance of transistor and junction current, which falls monotonically with the junction
    voltage; a step that leaves (0, line voltage) is replaced by a bisection.
    """
    shape = np.broadcast_shapes(*(np.shape(item) for item in (antiparallel, line_V, *spread)))
    low, high = np.zeros(shape), np.broadcast_to(line_V, shape).astype(np.float64)
    voltage = 0.9 * high
    for _ in range(NEWTON_STEPS):
        excess, slope, _ = _balance(path, antiparallel, line_V, voltage, spread)
        low, high = np.where(excess > 0.0, voltage, low), np.where(excess > 0.0, high, voltage)
        step = voltage - excess / slope
        step = np.where((step >= low) & (step <= high), step, 0.5 * (low + high))
        moved = np.max(np.abs(step - voltage), initial=0.0)
        voltage = step
        if moved < VOLTAGE_TOLERANCE_V:
            break
    _, slope, transistor = _balance(path, antiparallel, line_V, voltage, spread)
    current, junction, per_tmr = junction_current(path, antiparallel, voltage, spread)
    feedback = -(transistor[0] * path.series_ohm + transistor[1] * path.access.series_ohm + 1.0)
    # At a fixed line voltage a change of the junction current moves the junction voltage against itself.
    relief = 1.0 - junction * feedback / slope
    return CellPoint(
        junction_V=voltage,
        current_A=current,
        conductance_S=-junction * transistor[1] / slope,
        junction_S=junction,
        per_resistance_A=-current * relief,
        per_magnetoresistance_A=per_tmr * relief,
        per_threshold_S=-junction * transistor[2] / slope,
    )


def line_voltage(
    path: ReadPath, antiparallel: FloatArray, current_A: FloatArray | float, spread: CellSpread = NOMINAL
) -> tuple[FloatArray, CellPoint]:
    """Line voltage [V] at which cells in parallel (last axis) carry a given total current, and their points.

    Newton from below; the total current is nearly concave in the voltage, so that the steps do not overshoot.
    NaN where the transistors saturate below the current.
    """
    ohmic = path.resistance_p_ohm * np.asarray(spread.resistance)
    ohmic = ohmic * (1.0 + antiparallel * path.tunnel_magnetoresistance * spread.tunnel_magnetoresistance)
    voltage = np.asarray(current_A / np.sum(1.0 / ohmic, axis=-1))
    reached = np.ones(np.shape(voltage), dtype=bool)
    for _ in range(NEWTON_STEPS):
        point = cells_at(path, antiparallel, voltage[..., None], spread)
        missing = current_A - np.sum(point.current_A, axis=-1)
        slope = np.sum(point.conductance_S, axis=-1)
        reached = reached & (np.abs(missing) < CEILING_V * slope)
        step = np.where(reached, missing, 0.0) / np.where(reached, slope, 1.0)
        voltage = voltage + step
        if np.max(np.abs(step), initial=0.0) <= 10.0 * VOLTAGE_TOLERANCE_V:
            break
    point = cells_at(path, antiparallel, voltage[..., None], spread)
    return np.where(reached, voltage, np.nan), point


def _balance(
    path: ReadPath, antiparallel: FloatArray, line_V: FloatArray, junction_V: FloatArray, spread: CellSpread
) -> tuple[FloatArray, FloatArray, tuple[FloatArray, FloatArray, FloatArray]]:
    """Transistor minus junction current [A], its slope against the junction voltage [S], transistor's own."""
    current, conductance, _ = junction_current(path, antiparallel, junction_V, spread)
    source = junction_V + current * path.series_ohm
    drain = line_V - current * path.access.series_ohm
    channel = channel_current(path.access, source, drain, spread.threshold_V)
    feedback = channel.source_S * path.series_ohm + channel.drain_S * path.access.series_ohm + 1.0
    slope = -channel.source_S - conductance * feedback
    return channel.current_A - current, slope, (channel.source_S, channel.drain_S, channel.threshold_S)
