"""What a pulse does to the device: trajectories and switching probability."""

from __future__ import annotations

import dataclasses
import itertools
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import finite, seed_address, state, whole
from spinpim.device.dynamics.switching_table import SwitchingTable
from spinpim.device.dynamics.trajectories import (
    count_in_p,
    map_ordered,
    prepare,
    record_trials,
)
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.device.validity import AXES
from spinpim.device.warming import temperature_K
from spinpim.errors import InputError

OPPOSITE = {"P": "AP", "AP": "P"}


@dataclass(frozen=True, slots=True, eq=False)
class Trajectories:
    """Recorded motion of an ensemble.

    Attributes
    ----------
    time_s : (points,) array
        Times of the recorded states [s].
    magnetisation : (trials, points, 3) array
        Unit vectors m [1].
    sot_current_A, mtj_voltage_V : (points,) array
        Drive at those times [A], [V].
    resistance_ohm : (trials, points) array
        Junction resistance at the momentary voltage and the device's own temperature [ohm].
    temperature_K : (trials, points) array
        Temperature of the free layer [K].
    """

    time_s: NDArray[np.float64]
    magnetisation: NDArray[np.float64]
    sot_current_A: NDArray[np.float64]
    mtj_voltage_V: NDArray[np.float64]
    resistance_ohm: NDArray[np.float64]
    temperature_K: NDArray[np.float64]


def simulate(
    device: Device,
    pulse: Pulse,
    *,
    seed: int,
    trials: int = 1,
    initial_state: str = "P",
    save_every_s: float | None = None,
    time_step_s: float | None = None,
    precision: str = "float64",
    method: str = "heun",
    executor: Executor | None = None,
) -> Trajectories:
    """Follow the magnetisation of independent trials through a pulse, thermal noise included.

    Parameters
    ----------
    device, pulse : Device, Pulse
        The junction and what is applied to it.
    seed : int
        Address of the randomness; trial n of a seed is the same whatever else is asked for.
    trials : int
        Number of trajectories [1], > 0.
    initial_state : str
        "P" or "AP": the well in which the exact Boltzmann draw starts.
    save_every_s : float, optional
        Time between recorded states [s]; rounded to whole steps; by default about 200 points.
    time_step_s : float, optional
        Integration step [s]; chosen from the precession frequency by default.
    precision : str
        "float64", or "float32": twice as fast, the same statistics, the same path until rounding parts them.
    method : str
        "heun"; "implicit_midpoint", from the same random numbers: it keeps the length of m and the balance of
        energy at any step, at five times the cost; or "dop853": the motion without thermal field to about
        1e-9, some 30 ms a write. See Notes.
    executor : concurrent.futures.Executor, optional
        Where blocks of trials run; the result does not depend on it.

    Returns
    -------
    Trajectories

    Raises
    ------
    InputError
        For a bad seed, number of trials, state, time step or method, or a device that warms itself with
        "dop853".

    Notes
    -----
    Stratonovich Heun with renormalisation; macrospin: one domain, valid for lateral sizes up to a few
    domain-wall widths, optimistic about the barrier and blind to nucleation above them.

    Theory promises both stochastic methods the strong order 1/2 and the weak order 1 for noise in several
    directions that multiplies m. With the small noise of a memory a strong order of 1 is measured, and a weak
    order of about 1.5 with Heun and 2 with the midpoint rule (validation/v07_integrator_orders.py).

    "dop853" too starts from the Boltzmann draw of trial n, the same as with the other methods: from the
    energy minimum itself an antidamping torque would never move m. That minimum, or any unit vector, is the
    start of `spinpim.device.dynamics.deterministic.zero_temperature_path`.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> run = simulate(device, device.write_pulse("AP"), seed=1, trials=3)
    >>> run.magnetisation.shape[0], bool(abs(np.linalg.norm(run.magnetisation, axis=2) - 1).max() < 1e-12)
    (3, True)

    References
    ----------
    J. L. Garcia-Palacios and F. J. Lazaro, Phys. Rev. B 58, 14937 (1998).
    """
    whole("trials", trials, 1)
    check_kinds(device, pulse)
    if save_every_s is not None:
        finite("save_every_s", save_every_s, above=0.0)
    job = prepare(
        device,
        pulse,
        seed=seed,
        initial_state=initial_state,
        time_step_s=time_step_s,
        precision=precision,
        method=method,
    )
    steps = job.drive.time_s.size - 1
    step_s = pulse.duration_s / steps
    wanted_s = pulse.duration_s / 200.0 if save_every_s is None else min(save_every_s, pulse.duration_s)
    every = max(1, round(wanted_s / step_s))
    states = record_trials(job, trials, every, executor)
    magnetisation, warmth = states[:, :, :3], states[:, :, 3]
    times = job.drive.time_s[::every][: magnetisation.shape[1]]
    current, voltage, _ = pulse.sample(times)
    cosine = magnetisation[:, :, AXES.index(device.easy_axis)]
    return Trajectories(
        times,
        magnetisation,
        current,
        voltage,
        device.resistance_ohm(cosine, voltage),
        temperature_K(device, pulse, times) + warmth,
    )


def check_kinds(device: object, pulse: object = None) -> None:
    """Refuse what is neither a Device nor, where given, a Pulse."""
    if not isinstance(device, Device):
        raise InputError(f"device must come from Device.load(...); instead received {device!r:.60}.")
    if pulse is not None and not isinstance(pulse, Pulse):
        raise InputError(
            f"pulse must come from Pulse.rectangle(...) or .points(...); received {pulse!r:.60}."
        )


def characterise(
    device: Device,
    *,
    sot_current_A: ArrayLike,
    width_s: ArrayLike,
    seed: int,
    trials: int = 1_000,
    to: str = "AP",
    executor: Executor | None = None,
) -> SwitchingTable:
    """Switching counts over channel current and pulse width, other settings as in the device's write pulse.

    Parameters
    ----------
    device : Device
        The junction.
    sot_current_A : (currents,) array
        Flat-top currents [A]; positive is the direction that writes ``to``.
    width_s : (widths,) array
        Flat-top widths [s].
    seed : int
        Address of the randomness; each grid point has its own streams.
    trials : int
        Trials per grid point [1].
    to : str
        "P" or "AP"; every trial starts in the other state.
    executor : concurrent.futures.Executor, optional
        Where grid points run; the result does not depend on it.

    Returns
    -------
    SwitchingTable
        Counts, so that tables of different seeds add.

    Raises
    ------
    InputError
        For an empty grid or impossible values.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> table = characterise(device, sot_current_A=[0.0], width_s=[1e-10], seed=1, trials=16)
    >>> table.trials.tolist()
    [[16]]
    """
    whole("trials", trials, 1)
    state("to", to)
    check_kinds(device, None)
    currents, widths = _axis("sot_current_A", sot_current_A), _axis("width_s", width_s)
    if not np.all(widths > 0.0):
        raise InputError(f"width_s must hold positive times in seconds; instead received {width_s!r:.60}.")
    jobs = []
    for point, (current, width) in enumerate(itertools.product(currents, widths)):
        settings = dataclasses.replace(device.write, sot_current_A=float(current), width_s=float(width))
        pulse = device.replace(write=settings).write_pulse(to)
        jobs.append(prepare(device, pulse, seed=seed, point=point, initial_state=OPPOSITE[to]))
    count = len(jobs)
    parallel = map_ordered(
        executor, count_in_p, jobs, itertools.repeat(0, count), itertools.repeat(trials, count)
    )
    in_p = np.fromiter(parallel, dtype=np.int64, count=count).reshape(currents.size, widths.size)
    switched = in_p if to == "P" else trials - in_p
    totals = np.full_like(switched, trials)
    return SwitchingTable(
        device.name, device.fingerprint, to, currents, widths, switched, totals, (seed_address(seed),)
    )


def _axis(name: str, values: ArrayLike) -> NDArray[np.float64]:
    try:
        axis = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        axis = np.empty(0)
    if axis.ndim != 1 or axis.size == 0 or not np.all(np.isfinite(axis)):
        raise InputError(f"{name} must be a list of finite numbers; instead received {values!r:.60}.")
    return axis
