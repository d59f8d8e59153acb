"""From a device and a pulse to the drive table of the kernel, and the time step that it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.constants import BOLTZMANN, GYROMAGNETIC_RATIO
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, THERMAL
from spinpim.device.material import magnetisation_ratio, second_order_T, stiffness_T
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.device.validity import AXES
from spinpim.device.warming import temperature_K, warmth_factors
from spinpim.errors import InputError

PHASE_PER_STEP = 0.05
"""Largest precession angle per step phi [rad].

An instability grows by a share of about phi^2 / 2 too fast: at the default step a write error of 0.45 is
lower by 0.001, one of 0.01 by 0.5 %, one of 1e-9 by 2 or 3 %.
"""

TEMPERATURE_BIAS = 0.003
"""Relative error of the sampled temperature that the default step may have.

An explicit step of angle phi feeds the precession as negative damping would: the bias is phi^3 / (8 alpha),
and at low damping it, not the accuracy of the path, sets the step.
"""

DIFFUSION_PER_STEP = 1e-3
"""Largest mean square angle of diffusion per step and direction, 2 D dt [rad^2].

For noise in three directions that multiplies m the Heun step is of first weak order: a soft, strongly damped
junction comes out colder by about 0.9 of this.
"""

LARGEST_PHASE = 0.25
STEP_LIMIT = 2.5
"""A user's own step may be this much longer than these biases allow; that of the temperature then is 5 %."""

MAXIMUM_STEPS = 50_000_000
BOUND_POINTS = 201

RISE_SPAN = 1e-3
"""Share of the temperature over which the change per kelvin is taken; sqrt(T) keeps seven digits."""

PRECISIONS: dict[str, Any] = {"float64": np.float64, "float32": np.float32}


@dataclass(frozen=True, slots=True, eq=False)
class DriveTable:
    """What the kernel needs: drive at the step ends [T], and the numbers of the equation.

    Attributes
    ----------
    table : (steps + 1, 15) array
        Drive rows as in `drive_rows`, with the standard deviation of each thermal field component in place of
        the thermal weight [T].
    rise : (steps + 1 or 0, 15) array
        Change of the table per kelvin of a junction warmer than the table takes it [T/K].
    heat : (steps + 1 or 0, 2) array
        Factor of that warmth over a step [1] and what m . p = 1 adds to it [K].
    time_s : (steps + 1,) array
        Step ends [s].
    reference : tuple of float
        Unit vector of the reference layer.
    asymmetry, damping : float
        chi and alpha [1].
    scale_per_T : float
        gamma dt / (1 + alpha^2) [1/T].
    """

    table: NDArray[np.float64]
    rise: NDArray[np.float64]
    heat: NDArray[np.float64]
    time_s: NDArray[np.float64]
    reference: tuple[float, float, float]
    asymmetry: float
    damping: float
    scale_per_T: float

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.time_s.size - 1

    def kernel_arguments(self, precision: str) -> tuple[Any, ...]:
        """Table, rise, heat and constants of `ensemble.advance_block` in one precision."""
        real = PRECISIONS[precision]
        constants = (
            tuple(real(part) for part in self.reference),
            real(self.asymmetry),
            real(self.damping),
            real(1.0),
            real(self.scale_per_T),
            real(0.5 * self.scale_per_T),
        )
        table, rise, heat = (part.astype(real, copy=False) for part in (self.table, self.rise, self.heat))
        return table, rise, heat, constants


def drive_rows(device: Device, pulse: Pulse, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Fields that act on the macrospin at times of a pulse, (n, 15) [T].

    Columns: field x y z (applied, Oersted and field-like torques); stiffness xx yy zz xy xz yz; second order
    q; damping-like SOT field x y z; damping-like STT field at m . p = 0; thermal weight k_B T/(M_s V).
    """
    current, voltage, field = pulse.sample(time_s)
    temperature = temperature_K(device, pulse, time_s)
    return _rows(device, current, voltage, field, temperature)


def drive_path(device: Device, pulse: Pulse) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times (n,) [s] and drive rows (n, 15) [T] of a pulse, linear between them; two equal times are a step.

    The breakpoints of the pulse; where currents heat the layer, points between them as well.
    """
    time, current, voltage, field = pulse.time_s, pulse.sot_current_A, pulse.mtj_voltage_V, pulse.field_T
    if device.warming is not None:
        between = np.setdiff1d(np.linspace(0.0, pulse.duration_s, BOUND_POINTS), time)
        sampled = pulse.sample(between)
        order = np.argsort(np.concatenate([time, between]), kind="stable")
        time = np.concatenate([time, between])[order]
        current, voltage, field = (
            np.concatenate([stored, new])[order]
            for stored, new in zip((current, voltage, field), sampled, strict=True)
        )
    return time, _rows(device, current, voltage, field, temperature_K(device, pulse, time))


def rest_row(device: Device) -> NDArray[np.float64]:
    """Drive row (15,) of the device without any drive [T]."""
    nothing, kelvin = np.zeros(1), np.full(1, device.temperature_K)
    row: NDArray[np.float64] = _rows(device, nothing, nothing, np.zeros((1, 3)), kelvin)[0]
    return row


def _rows(
    device: Device,
    current_A: NDArray[np.float64],
    voltage_V: NDArray[np.float64],
    field_T: NDArray[np.float64],
    temperature: NDArray[np.float64],
) -> NDArray[np.float64]:
    ratio = magnetisation_ratio(device, temperature)
    polarisation = np.array(device.sot_polarisation)
    reference = np.array(device.reference_direction)
    sot = device.sot_field_at_reference_T_per_A * current_A / ratio
    stt = device.stt_field_at_reference_T_per_V * voltage_V / ratio
    table = np.empty((current_A.size, DRIVE_COLUMNS))
    table[:, 0:3] = np.asarray(device.external_field_T) + field_T
    table[:, 1] += device.oersted_field_T_per_A * current_A
    table[:, 0:3] += np.outer(device.field_like_ratio * sot, polarisation)
    table[:, 0:3] += np.outer(device.stt_field_like_ratio * stt, reference)
    # A term along m exerts no torque, so the easy-axis stiffness is taken off: smaller numbers, same motion.
    stiffness = stiffness_T(device, voltage_V, temperature)
    at_rest = stiffness_T(device, 0.0, temperature)[:, AXES.index(device.easy_axis)]
    table[:, 3:6] = stiffness[:, 0:3] - at_rest[:, None]
    table[:, 6:9] = stiffness[:, 3:6]
    table[:, 9] = second_order_T(device, temperature)
    table[:, 10:13] = np.outer(sot, polarisation)
    table[:, 13] = stt
    moment = device.saturation_magnetisation_A_per_m * ratio * device.volume_m3
    table[:, THERMAL] = BOLTZMANN * temperature / moment
    return table


def upper_bounds_T(device: Device, pulse: Pulse) -> tuple[float, float]:
    """Upper bounds of the precession field and of the thermal weight over the whole pulse [T]."""
    times = np.union1d(np.linspace(0.0, pulse.duration_s, BOUND_POINTS), pulse.time_s)
    # At a step of the waveform the sampled side is the later one, so the breakpoints join as they stand.
    current, voltage, field = (
        np.concatenate([sampled, stored])
        for sampled, stored in zip(
            pulse.sample(times), (pulse.sot_current_A, pulse.mtj_voltage_V, pulse.field_T), strict=True
        )
    )
    temperature = temperature_K(device, pulse, np.concatenate([times, pulse.time_s]))
    table = np.abs(_rows(device, current, voltage, field, temperature))
    external = np.sqrt((table[:, 0:3] ** 2).sum(axis=1))
    xx, yy, zz, xy, xz, yz = table[:, 3:9].T
    stiffness = np.maximum.reduce([xx + xy + xz, yy + xy + yz, zz + xz + yz]) + table[:, 9]
    torques = np.sqrt((table[:, 10:13] ** 2).sum(axis=1)) + table[:, 13] / (1.0 - abs(device.stt_asymmetry))
    return float((external + stiffness + torques).max()), float(table[:, THERMAL].max())


def drive_table(device: Device, pulse: Pulse, time_step_s: float | None = None) -> DriveTable:
    r"""Tabulate a pulse at the time step that the device needs.

    The thermal field has, per component, :math:`\sigma^2 = 2\alpha k_B T/(\gamma M_s V \Delta t)`.

    Raises
    ------
    InputError
        If ``time_step_s`` is not positive, too large for the precession, or needs too many steps; or if the
        pulse heats the free layer to its Curie temperature.
    """
    steps = _step_count(device, pulse, time_step_s)
    time = np.linspace(0.0, pulse.duration_s, steps + 1)
    step = pulse.duration_s / steps
    current, voltage, field = _smoothed_samples(pulse, time)
    temperature = temperature_K(device, pulse, time)
    heat = warmth_factors(device, voltage, step)
    table = _rows(device, current, voltage, field, temperature)
    noise = 2.0 * device.damping / (GYROMAGNETIC_RATIO * step)
    table[:, THERMAL] = np.sqrt(noise * table[:, THERMAL])
    rise = np.empty((0, DRIVE_COLUMNS))
    if heat.size:
        # The table rests on m . p = 0; a parallel junction conducts better and gets warmer, up to this.
        magnetisation_ratio(device, temperature_K(device, pulse, time, cosine=1.0))
        span = RISE_SPAN * temperature
        warmer, colder = (
            _rows(device, current, voltage, field, temperature + kelvin) for kelvin in (span, -span)
        )
        for rows in (warmer, colder):
            rows[:, THERMAL] = np.sqrt(noise * rows[:, THERMAL])
        rise = 0.5 * (warmer - colder) / span[:, None]
    scale = GYROMAGNETIC_RATIO * step / (1.0 + device.damping**2)
    return DriveTable(
        table, rise, heat, time, device.reference_direction, device.stt_asymmetry, device.damping, scale
    )


def _smoothed_samples(
    pulse: Pulse, time_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Waveforms at even times, with each jump shared between the two step ends beside it.

    The kernel takes the drive as linear over a step. Sampled as it stands, a jump would come up to half a
    step early or late; spread by the mean over a hat of two steps, it keeps area and centre of a pulse.
    """
    samples = pulse.sample(time_s)
    step = time_s[1]
    for at in np.flatnonzero(np.diff(pulse.time_s) == 0.0):
        when = pulse.time_s[at]
        if when >= time_s[-1]:
            # Nothing comes after the end; a sample there is the value before the jump.
            continue
        near = np.flatnonzero(np.abs(time_s - when) < step)
        x = (time_s[near] - when) / step
        share = np.where(x < 0.0, 0.5 * (1.0 + x) ** 2, -0.5 * (1.0 - x) ** 2)
        for sampled, stored in zip(
            samples, (pulse.sot_current_A, pulse.mtj_voltage_V, pulse.field_T), strict=True
        ):
            sampled[near] += np.multiply.outer(share, stored[at + 1] - stored[at])
    return samples


def _step_count(device: Device, pulse: Pulse, time_step_s: float | None) -> int:
    precession_T, thermal_T = upper_bounds_T(device, pulse)
    angular_frequency = GYROMAGNETIC_RATIO * precession_T
    stable_s = (8.0 * TEMPERATURE_BIAS * device.damping) ** (1.0 / 3.0) / angular_frequency
    diffusion = device.damping * GYROMAGNETIC_RATIO * thermal_T / (1.0 + device.damping**2)
    unbiased_s = min(stable_s, 0.5 * DIFFUSION_PER_STEP / diffusion)
    resolved = min(PHASE_PER_STEP / angular_frequency, unbiased_s)
    largest = min(LARGEST_PHASE / angular_frequency, STEP_LIMIT * unbiased_s)
    # No feature of the waveform may fall between two step ends.
    features = np.diff(pulse.time_s)
    chosen = min(resolved, float(features[features > 0.0].min()))
    step = chosen if time_step_s is None else time_step_s
    if not (math.isfinite(step) and 0.0 < step <= largest):
        raise InputError(
            f"time_step_s must be positive and at most {largest:.3g} s for this device and pulse (precession "
            f"at {angular_frequency / (2e9 * math.pi):.3g} GHz); instead received {time_step_s}. "
            "Leave it out to have it chosen."
        )
    steps = pulse.duration_s / step
    if not steps <= MAXIMUM_STEPS:
        raise InputError(
            f"A pulse of {pulse.duration_s:.3g} s needs {steps:.3g} steps of {step:.3g} s, more than "
            f"{MAXIMUM_STEPS}; shorten the pulse, or use the retention figures for long times."
        )
    return max(2, math.ceil(steps))
