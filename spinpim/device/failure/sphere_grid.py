"""A function on the sphere between the nodes of a polar grid, and its backward steps: kernels only.

Nodes lie at polar angles (j + 1/2) h from the pole axis and at equal azimuths, so that no node is a pole and
the values beyond a pole are those of the opposite meridian. Arrays are padded by PAD rows and columns on each
side, which `pad` fills; interpolation is cubic (Lagrange) in both angles.

The function is the natural logarithm of a probability: it is smooth where the probability itself spans tens
of decades, and no interpolation can make it negative.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spinpim.device.dynamics.macrospin import effective_field, slope
from spinpim.device.dynamics.noise import natural_logarithm

PAD = 2

HEXAGON = tuple((2.0 * np.cos(np.pi * k / 3.0), 2.0 * np.sin(np.pi * k / 3.0)) for k in range(6))
"""Outer points of a cubature for the plane's normal law, exact to fifth degree: each 1/12, the middle 1/2."""


@njit(cache=True, error_model="numpy")
def pad(values):
    """Fill the border of a padded array from its inside, in place."""
    rows, columns = values.shape[0] - 2 * PAD, values.shape[1] - 2 * PAD
    half = columns // 2
    for ghost in range(PAD):
        for column in range(columns):
            across = PAD + (column + half) % columns
            values[PAD - 1 - ghost, PAD + column] = values[PAD + ghost, across]
            values[PAD + rows + ghost, PAD + column] = values[PAD + rows - 1 - ghost, across]
    for row in range(rows + 2 * PAD):
        for ghost in range(PAD):
            values[row, ghost] = values[row, columns + ghost]
            values[row, PAD + columns + ghost] = values[row, PAD + ghost]


@njit(cache=True, error_model="numpy", forceinline=True)
def cubic_weights(t):
    """Lagrange weights of the nodes -1, 0, 1, 2 at t in [0, 1]."""
    return (
        -t * (t - 1.0) * (t - 2.0) / 6.0,
        (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
        -(t + 1.0) * t * (t - 2.0) / 2.0,
        (t + 1.0) * t * (t - 1.0) / 6.0,
    )


@njit(cache=True, error_model="numpy", forceinline=True)
def value_at(values, polar, azimuth):
    """Value of a padded array at a polar angle in [0, pi] and any azimuth within one turn of [0, 2 pi]."""
    rows, columns = values.shape[0] - 2 * PAD, values.shape[1] - 2 * PAD
    y = polar * (rows / np.pi) - 0.5
    x = azimuth * (columns / (2.0 * np.pi))
    x = x - columns * np.floor(x / columns)
    row, column = int(np.floor(y)), int(x)
    # At 2 pi less a rounding error x may equal the number of columns.
    column = min(column, columns - 1)
    a, b = cubic_weights(y - row), cubic_weights(x - column)
    total = 0.0
    for i in range(4):
        line = values[row + i - 1 + PAD]
        first = column - 1 + PAD
        part = b[0] * line[first] + b[1] * line[first + 1] + b[2] * line[first + 2] + b[3] * line[first + 3]
        total += a[i] * part
    return total


@njit(cache=True, error_model="numpy", forceinline=True)
def angles_of(m, axis):
    """Polar angle from an axis and azimuth of a unit vector."""
    along, first, second = m[axis], m[(axis + 1) % 3], m[(axis + 2) % 3]
    return np.arccos(min(1.0, max(-1.0, along))), np.arctan2(second, first)


@njit(cache=True, error_model="numpy")
def grid_directions(rows, axis):
    """Unit vectors (3, count) of the nodes, row by row."""
    columns = 2 * rows
    nodes = np.empty((3, rows * columns))
    for node in range(nodes.shape[1]):
        polar = (node // columns + 0.5) * np.pi / rows
        m = direction_of(polar, 2.0 * np.pi * (node % columns) / columns, axis)
        nodes[0, node], nodes[1, node], nodes[2, node] = m
    return nodes


@njit(cache=True, error_model="numpy", forceinline=True)
def direction_of(polar, azimuth, axis):
    """Unit vector of a polar angle from an axis and an azimuth."""
    across = np.sin(polar)
    along, first, second = np.cos(polar), across * np.cos(azimuth), across * np.sin(azimuth)
    if axis == 2:
        return first, second, along
    if axis == 1:
        return second, along, first
    return along, first, second


@njit(cache=True, error_model="numpy", forceinline=True)
def _moved(m, k, factor):
    x, y, z = m[0] + factor * k[0], m[1] + factor * k[1], m[2] + factor * k[2]
    inverse = 1.0 / np.sqrt(x * x + y * y + z * z)
    return x * inverse, y * inverse, z * inverse


@njit(cache=True, error_model="numpy", forceinline=True)
def flow(m, drives, reference, asymmetry, damping, scale):
    """Carry m along the drift for one Runge-Kutta step; ``drives`` at its start, middle and end."""
    start, middle, end = drives
    k1 = slope(m, effective_field(m, start, reference, asymmetry, 1.0), damping)
    at = _moved(m, k1, 0.5 * scale)
    k2 = slope(at, effective_field(at, middle, reference, asymmetry, 1.0), damping)
    at = _moved(m, k2, 0.5 * scale)
    k3 = slope(at, effective_field(at, middle, reference, asymmetry, 1.0), damping)
    at = _moved(m, k3, scale)
    k4 = slope(at, effective_field(at, end, reference, asymmetry, 1.0), damping)
    total = (
        k1[0] + 2.0 * (k2[0] + k3[0]) + k4[0],
        k1[1] + 2.0 * (k2[1] + k3[1]) + k4[1],
        k1[2] + 2.0 * (k2[2] + k3[2]) + k4[2],
    )
    return _moved(m, total, scale / 6.0)


@njit(cache=True, nogil=True, error_model="numpy")
def departures(places, weights, nodes, axis, rows, drives, constants):
    """Where the drift carries each node, as a corner of the padded grid and eight weights.

    ``places`` (count, 2) and ``weights`` (8, count) are filled from the directions ``nodes`` (3, count);
    ``drives`` are those at the start, middle and end; ``constants`` = (p, chi, alpha, scale of the step).
    """
    reference, asymmetry, damping, scale = constants
    columns = nodes.shape[1] // rows
    for node in range(nodes.shape[1]):
        m = (nodes[0, node], nodes[1, node], nodes[2, node])
        there, azimuth = angles_of(flow(m, drives, reference, asymmetry, damping, scale), axis)
        y = there * (rows / np.pi) - 0.5
        x = azimuth * (columns / (2.0 * np.pi))
        x = x + columns if x < 0.0 else x
        # At a whole turn less a rounding error x may equal the number of columns.
        row, column = int(np.floor(y)), min(int(x), columns - 1)
        places[node, 0], places[node, 1] = row, column
        a, b = cubic_weights(y - row), cubic_weights(x - column)
        for k in range(4):
            weights[k, node], weights[4 + k, node] = a[k], b[k]


@njit(cache=True, nogil=True, error_model="numpy")
def pull_back(after, before, places, weights):
    """Value before a step of pure drift: that of the point to which the drift carries each node."""
    rows, columns = after.shape[0] - 2 * PAD, after.shape[1] - 2 * PAD
    for node in range(rows * columns):
        top, left = places[node, 0] + PAD - 1, places[node, 1] + PAD - 1
        b0, b1, b2, b3 = weights[4, node], weights[5, node], weights[6, node], weights[7, node]
        total = 0.0
        for i in range(4):
            line = after[top + i]
            total += weights[i, node] * (
                b0 * line[left] + b1 * line[left + 1] + b2 * line[left + 2] + b3 * line[left + 3]
            )
        before[PAD + node // columns, PAD + node % columns] = total
    pad(before)


@njit(cache=True, nogil=True, error_model="numpy")
def spread(after, before, sigma):
    """Logarithm of the mean of the exponential over an isotropic Gaussian step of sigma radians."""
    rows, columns = after.shape[0] - 2 * PAD, after.shape[1] - 2 * PAD
    shifted = np.empty(columns)
    total = np.empty(columns)
    for row in range(rows):
        polar = (row + 0.5) * np.pi / rows
        centre = after[PAD + row]
        total[:] = 0.5
        for k in range(6):
            south, east = sigma * HEXAGON[k][0], sigma * HEXAGON[k][1]
            # The point of the tangent plane at that distance and bearing from the node of azimuth 0.
            x = np.sin(polar) + south * np.cos(polar)
            z = np.cos(polar) - south * np.sin(polar)
            _turned(after, np.arctan2(np.hypot(x, east), z), np.arctan2(east, x), shifted)
            for column in range(columns):
                total[column] += exponential(shifted[column] - centre[PAD + column]) / 12.0
        for column in range(columns):
            value = centre[PAD + column] + natural_logarithm(total[column])
            before[PAD + row, PAD + column] = min(0.0, value)
    pad(before)


@njit(cache=True, error_model="numpy", forceinline=True)
def exponential(value):
    """Exponential in [-700, 700], relative error below 1e-13, without a library call."""
    value = min(700.0, max(-700.0, value))
    power = np.floor(value * 1.4426950408889634 + 0.5)
    rest = value - power * 0.6931471803691238 - power * 1.9082149292705877e-10
    series = 1.0 / 479001600.0
    series = series * rest + 1.0 / 39916800.0
    series = series * rest + 1.0 / 3628800.0
    series = series * rest + 1.0 / 362880.0
    series = series * rest + 1.0 / 40320.0
    series = series * rest + 1.0 / 5040.0
    series = series * rest + 1.0 / 720.0
    series = series * rest + 1.0 / 120.0
    series = series * rest + 1.0 / 24.0
    series = series * rest + 1.0 / 6.0
    series = series * rest + 0.5
    series = series * rest + 1.0
    series = series * rest + 1.0
    return series * np.int64((np.int64(power) + np.int64(1023)) << np.int64(52)).view(np.float64)


@njit(cache=True, error_model="numpy", forceinline=True)
def _turned(values, polar, azimuth, out):
    """Values at one polar angle and at every node's azimuth plus another."""
    rows, columns = values.shape[0] - 2 * PAD, values.shape[1] - 2 * PAD
    y = polar * (rows / np.pi) - 0.5
    row = int(np.floor(y))
    x = azimuth * (columns / (2.0 * np.pi))
    turn = int(np.floor(x))
    a, b = cubic_weights(y - row), cubic_weights(x - turn)
    turn = turn % columns
    out[:] = 0.0
    for i in range(4):
        line = values[row + i - 1 + PAD]
        a0, a1, a2, a3 = a[i] * b[0], a[i] * b[1], a[i] * b[2], a[i] * b[3]
        # Two loops in place of a remainder, which would keep them scalar.
        base = turn + PAD - 1
        for column in range(columns - turn):
            k = column + base
            out[column] += a0 * line[k] + a1 * line[k + 1] + a2 * line[k + 2] + a3 * line[k + 3]
        for column in range(columns - turn, columns):
            k = column + base - columns
            out[column] += a0 * line[k] + a1 * line[k + 1] + a2 * line[k + 2] + a3 * line[k + 3]


@njit(cache=True, nogil=True, error_model="numpy")
def values_at(values, axis, states, out):
    """Values at the directions of (blocks, rows, lanes) states, into (blocks, lanes)."""
    for block in range(states.shape[0]):
        for lane in range(states.shape[2]):
            m = (states[block, 0, lane], states[block, 1, lane], states[block, 2, lane])
            polar, azimuth = angles_of(m, axis)
            out[block, lane] = value_at(values, polar, azimuth)
