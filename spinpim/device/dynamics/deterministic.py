r"""Motion without thermal noise, by an adaptive method of high order: the reference for the fixed steps.

Between two breakpoints of a pulse every field is linear in time, so each piece is integrated on its own and
no step crosses a kink or a jump. The thermal field is left out; M_s and the anisotropy are those at
the temperature of the device.

References
----------
E. Hairer, S. P. Norsett and G. Wanner, Solving Ordinary Differential Equations I, 2nd ed., Springer 1993,
section II.10 (DOP853), doi:10.1007/978-3-540-78862-1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.dynamics.drive import drive_rows
from spinpim.device.dynamics.initial_state import stable_state
from spinpim.device.dynamics.macrospin import total_slope
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.errors import InputError

Array = NDArray[np.float64]

RELATIVE_TOLERANCE = 1e-10
ABSOLUTE_TOLERANCE = 1e-12
LENGTH_TOLERANCE = 1e-6
"""Largest change of |m| that passes."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A stretch of a pulse over which the drive is linear in time.

    Attributes
    ----------
    start_s, end_s : float
        Its ends [s], start_s < end_s.
    rows : (2, 15) array
        Drive rows at the ends, seen from inside [T].
    """

    start_s: float
    end_s: float
    rows: Array


def zero_temperature_path(
    device: Device, pulse: Pulse, time_s: ArrayLike, start: str | ArrayLike = "P"
) -> Array:
    """Magnetisation through a pulse without thermal noise, at given times.

    Parameters
    ----------
    device, pulse : Device, Pulse
        The junction and what is applied to it.
    time_s : (n,) array
        Times [s], never decreasing, from 0 to the end of the pulse.
    start : str or (3,) array
        "P" or "AP": the energy minimum of that state in the device's own field; or a unit vector.

    Returns
    -------
    (n, 3) array
        Unit vectors m [1], not renormalised; the path is good to about 1e-9, unless the motion itself is
        unstable and magnifies any error.

    Raises
    ------
    InputError
        For times outside the pulse, a start that is no direction, or a device that warms itself.

    Notes
    -----
    A torque along m vanishes: in the energy minimum of a symmetric junction a junction voltage alone moves
    nothing, and a switching time is that of the tilt at the start.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> path = zero_temperature_path(device, device.write_pulse("AP"), [0.0, 3.3e-9])
    >>> [round(float(z), 2) for z in path[:, 2]]
    [1.0, -0.99]
    """
    if device.warming is not None:
        raise InputError(
            f"Device {device.name} warms itself, which the path without noise does not follow; use "
            "method='heun' or 'implicit_midpoint', or take the warming off: device.replace(warming=None)."
        )
    times = np.atleast_1d(np.asarray(time_s, dtype=np.float64))
    within = (times >= 0.0) & (times <= pulse.duration_s)
    if times.ndim != 1 or not np.all(within) or np.any(np.diff(times) < 0.0):
        raise InputError(
            f"time_s must be a rising list of times from 0 to {pulse.duration_s:.4g} s, the end of the pulse."
        )
    first = stable_state(device, start)[0] if isinstance(start, str) else _unit_vector(start)
    constants = (device.reference_direction, device.stt_asymmetry, device.damping, 1.0)
    return path_through(list(linear_pieces(device, pulse)), first, times, constants)


def linear_pieces(device: Device, pulse: Pulse) -> Iterator[Piece]:
    """Stretches between the breakpoints of a pulse, for a device that stays at its temperature."""
    for left in range(pulse.time_s.size - 1):
        start, end = float(pulse.time_s[left]), float(pulse.time_s[left + 1])
        if end > start:
            both = slice(left, left + 2)
            alone = Pulse(
                np.array([0.0, end - start]),
                pulse.sot_current_A[both],
                pulse.mtj_voltage_V[both],
                pulse.field_T[both],
            )
            yield Piece(start, end, drive_rows(device, alone, alone.time_s))


def path_through(
    pieces: Sequence[Piece],
    start: Array,
    time_s: Array,
    constants: tuple[tuple[float, float, float], float, float, float],
) -> Array:
    """Unit vectors (n, 3) at rising times within consecutive pieces, from a start at the first of them.

    ``constants`` = (p, chi, alpha, 1.0) as in `macrospin.total_slope`.
    """
    from scipy.integrate import solve_ivp  # slow to load

    path = np.empty((time_s.size, 3))
    m = np.asarray(start, dtype=np.float64)
    damping = constants[2]
    rate = GYROMAGNETIC_RATIO / (1.0 + damping**2)
    for number, piece in enumerate(pieces):
        span = piece.end_s - piece.start_s
        solution = solve_ivp(
            slope_between,
            (0.0, span),
            m,
            method="DOP853",
            dense_output=True,
            rtol=RELATIVE_TOLERANCE,
            atol=ABSOLUTE_TOLERANCE,
            args=(span, piece.rows, constants, rate),
        )
        m = solution.y[:, -1]
        # The equation keeps the length, so its drift measures the error of the path.
        if not (solution.success and abs(np.linalg.norm(m) - 1.0) < LENGTH_TOLERANCE):
            raise ArithmeticError(f"The path was lost after {piece.start_s + solution.t[-1]:.4g} s.")
        begin = np.searchsorted(time_s, piece.start_s, side="left" if number == 0 else "right")
        stop = np.searchsorted(time_s, piece.end_s, side="right")
        if stop > begin:
            path[begin:stop] = solution.sol(time_s[begin:stop] - piece.start_s).T
    return path


@njit(cache=True, error_model="numpy")
def slope_between(
    time: float, m: Array, span: float, rows: Array, constants: tuple[Any, ...], rate: float
) -> Array:
    """dm/dt in a drive that is linear in time between two rows."""
    weight = time / span
    row = rows[0] + weight * (rows[1] - rows[0])
    drive = (
        (row[0], row[1], row[2]),
        (row[3], row[4], row[5], row[6], row[7], row[8]),
        row[9],
        (row[10], row[11], row[12]),
        row[13],
    )
    x, y, z = total_slope((m[0], m[1], m[2]), (0.0, 0.0, 0.0), drive, constants)
    return np.array([rate * x, rate * y, rate * z])


def _unit_vector(value: ArrayLike) -> Array:
    try:
        vector = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.empty(0)
    if vector.shape != (3,) or not math.isclose(float(np.linalg.norm(vector)), 1.0, abs_tol=1e-9):
        raise InputError(
            f"start must be 'P', 'AP' or a unit vector of three numbers; received {value!r:.60}."
        )
    return vector
