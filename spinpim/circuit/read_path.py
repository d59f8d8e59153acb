"""The read path for arrays of cells and lines; its kernels are in `cell_kernel`.

Arrays broadcast; the last axis of a group counts its cells. No checks, nothing raised: a current that the
transistors cannot carry gives a line voltage of NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.bitline import Bend
from spinpim.circuit.cell_kernel import (
    POINT_COLUMNS,
    ReadPath,
    cell_points,
    junction_points,
    line_points,
)
from spinpim.circuit.strobe_kernel import LAW, POINTS, bend_law

__all__ = ["CellPoint", "CellSpread", "ReadPath", "cells_at", "junction_current", "line_bend", "line_voltage"]

FloatArray = NDArray[np.float64]


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
    """Current [A], conductance dI/dV [S] and d current / d ln(TMR) [A] of junctions at a voltage."""
    state, voltage, deviations, shape = _cells(antiparallel, voltage_V, spread)
    found = np.empty((voltage.size, 3))
    junction_points(path, state, voltage, deviations, found)
    return found[:, 0].reshape(shape), found[:, 1].reshape(shape), found[:, 2].reshape(shape)


def cells_at(
    path: ReadPath, antiparallel: FloatArray, line_V: FloatArray, spread: CellSpread = NOMINAL
) -> CellPoint:
    """Operating points of cells on a line at a given voltage; ``line_V`` broadcasts against the cells."""
    state, voltage, deviations, shape = _cells(antiparallel, line_V, spread)
    points = np.zeros((voltage.size, POINT_COLUMNS))
    cell_points(path, state, voltage, deviations, points)
    return CellPoint(*(column.reshape(shape) for column in points.T))


def line_voltage(
    path: ReadPath,
    antiparallel: FloatArray,
    current_A: FloatArray | float,
    spread: CellSpread = NOMINAL,
    shunt_S: float = 0.0,
) -> tuple[FloatArray, CellPoint]:
    """Line voltage [V] at which cells in parallel (last axis) carry a given total current, and their points.

    A shunt to ground carries its part of the current. NaN where the transistors saturate below the current.
    """
    lines = np.asarray(current_A, dtype=np.float64)[..., None]
    state, current, deviations, shape = _cells(antiparallel, lines, spread)
    cells = shape[-1]
    points = np.zeros((current.size // cells, cells, POINT_COLUMNS))
    line_V = np.empty(current.size // cells)
    line_points(
        path,
        state.reshape(-1, cells),
        current[::cells],
        shunt_S,
        deviations.reshape(-1, cells, 3),
        points,
        line_V,
    )
    columns = points.reshape(-1, POINT_COLUMNS).T
    return line_V.reshape(shape[:-1]), CellPoint(*(column.reshape(shape) for column in columns))


def line_bend(path: ReadPath, antiparallel: FloatArray, start_V: float, cells_V: float) -> Bend:
    """How far the cells of one line are from ohmic on their way to a settled voltage; see `line_settling`."""
    law, none = np.empty(LAW), np.zeros(3 * antiparallel.size)
    bend_law(path, antiparallel, none[:3], none, start_V, cells_V, law)
    start, third, two_thirds, end = np.expm1(law[1 : 1 + POINTS]).tolist()
    return start, third, two_thirds, end


def _cells(
    antiparallel: FloatArray, drive: FloatArray, spread: CellSpread
) -> tuple[FloatArray, FloatArray, FloatArray, tuple[int, ...]]:
    """State, drive and deviations (n, 3) of every cell, and the shape they were broadcast to."""
    given = np.broadcast_arrays(antiparallel, drive, *spread)
    state, driven, *deviations = (np.ravel(item).astype(np.float64) for item in given)
    return state, driven, np.stack(deviations, axis=1), given[0].shape
