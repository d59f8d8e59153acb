"""From a device and a pulse to the drive table of the kernel, and the time step that it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.constants import BOLTZMANN, GYROMAGNETIC_RATIO
from spinpim.device.ensemble import DRIVE_COLUMNS
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.device.validity import AXES
from spinpim.errors import InputError

PHASE_PER_STEP = 0.1
"""Largest precession angle per step [rad]."""

TEMPERATURE_BIAS = 0.003
"""Relative error of the sampled temperature that the default step may have.

An explicit step of angle phi feeds the precession as negative damping would: the bias is phi^3 / (8 alpha),
and at low damping it, not the accuracy of the path, sets the step.
"""

STEP_LIMIT = 2.5
"""A user's own step may be this much longer than the default one; the bias then reaches 5 %."""

MAXIMUM_STEPS = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class DriveTable:
    """What the kernel needs: drive at the step ends [T], and the three numbers of the step.

    Attributes
    ----------
    table : (steps + 1, 10) array
        Field x y z, stiffness x y z, SOT DL FL, STT DL FL [T].
    time_s : (steps + 1,) array
        Step ends [s].
    scale_per_T : float
        gamma dt / (1 + alpha^2) [1/T].
    thermal_T : float
        Standard deviation of each component of the thermal field [T].
    """

    table: NDArray[np.float64]
    time_s: NDArray[np.float64]
    scale_per_T: float
    thermal_T: float


def field_table(
    device: Device,
    sot_current_A: NDArray[np.float64],
    mtj_voltage_V: NDArray[np.float64],
    field_T: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Fields that act on the macrospin: (n, 10) in tesla, columns as in DriveTable, a row per drive point."""
    table = np.empty((sot_current_A.size, DRIVE_COLUMNS))
    table[:, 0:3] = np.asarray(device.external_field_T) + field_T
    # A term along m exerts no torque, so the easy-axis stiffness is taken off: smaller numbers, same motion.
    at_rest = np.array(device.stiffness_tensor_T())
    table[:, 3:6] = at_rest - at_rest[AXES.index(device.easy_axis)]
    table[:, 5] += (device.stiffness_tensor_T(1.0)[2] - at_rest[2]) * mtj_voltage_V
    table[:, 6] = device.sot_field_T_per_A * sot_current_A
    table[:, 7] = device.field_like_ratio * table[:, 6]
    table[:, 8] = device.stt_field_T_per_V * mtj_voltage_V
    table[:, 9] = device.stt_field_like_ratio * table[:, 8]
    return table


def precession_field_T(device: Device, pulse: Pulse) -> float:
    """Upper bound of the field that m precesses in, over the whole pulse [T]."""
    table = np.abs(field_table(device, pulse.sot_current_A, pulse.mtj_voltage_V, pulse.field_T))
    external = np.sqrt((table[:, 0:3] ** 2).sum(axis=1))
    stiffness = table[:, 3:6].max(axis=1)
    # Neither torque acts along m: damping-like and field-like parts are perpendicular, hence the hypotenuse.
    torques = np.hypot(table[:, 6], table[:, 7]) + np.hypot(table[:, 8], table[:, 9])
    return float((external + stiffness + torques).max())


def drive_table(device: Device, pulse: Pulse, time_step_s: float | None = None) -> DriveTable:
    r"""Tabulate a pulse at the time step that the device needs.

    The thermal field has, per component, :math:`\sigma^2 = 2\alpha k_B T/(\gamma M_s V \Delta t)`.

    Raises
    ------
    InputError
        If ``time_step_s`` is not positive, too large for the precession, or needs too many steps.
    """
    angular_frequency = GYROMAGNETIC_RATIO * precession_field_T(device, pulse)
    phase = min(PHASE_PER_STEP, (8.0 * TEMPERATURE_BIAS * device.damping) ** (1.0 / 3.0))
    largest = STEP_LIMIT * phase / angular_frequency
    # No feature of the waveform may fall between two step ends.
    features = np.diff(pulse.time_s)
    chosen = min(phase / angular_frequency, float(features[features > 0.0].min()))
    step = chosen if time_step_s is None else time_step_s
    if not (math.isfinite(step) and 0.0 < step <= largest):
        raise InputError(
            f"time_step_s must be positive and at most {largest:.3g} s for this device and pulse (precession "
            f"at {angular_frequency / (2e9 * math.pi):.3g} GHz); instead received {time_step_s}. "
            "Leave it out to have it chosen."
        )
    steps = max(2, math.ceil(pulse.duration_s / step))
    if steps > MAXIMUM_STEPS:
        raise InputError(
            f"A pulse of {pulse.duration_s:.3g} s needs {steps} steps of {step:.3g} s, more than "
            f"{MAXIMUM_STEPS}; shorten the pulse, or use the retention figures for long times."
        )
    time = np.linspace(0.0, pulse.duration_s, steps + 1)
    step = pulse.duration_s / steps
    moment = device.saturation_magnetisation_A_per_m * device.volume_m3
    variance = 2.0 * device.damping * BOLTZMANN * device.temperature_K / (GYROMAGNETIC_RATIO * moment * step)
    scale = GYROMAGNETIC_RATIO * step / (1.0 + device.damping**2)
    return DriveTable(field_table(device, *pulse.sample(time)), time, scale, math.sqrt(variance))
