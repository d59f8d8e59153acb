"""Resistance against the amplitude of write pulses: the staircase loop of a switching experiment."""

from __future__ import annotations

import dataclasses
import itertools
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import STATES, finite, seed_address, whole
from spinpim.checks import state as checked_state
from spinpim.device.dynamics.linearised import constant_rows, easy_side, valley_floor
from spinpim.device.dynamics.trajectories import count_in_p, map_ordered, prepare
from spinpim.device.measure.two_state import uniform_numbers
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse, WriteSettings

Array = NDArray[np.float64]

NOTHING = 1e-9
"""Drive over that of the peak which counts as none."""


@dataclass(frozen=True, slots=True, eq=False)
class PulseLoop:
    """Loops of one junction over a staircase of pulses; the first branch rises, the second falls back.

    Attributes
    ----------
    sot_current_A, mtj_voltage_V : (2, levels) array
        Flat-top channel current [A] and junction voltage [V] of each pulse.
    resistance_ohm : (trials, 2, levels) array
        Resistance read after each pulse [ohm].
    in_p : (trials, 2, levels) array of bool
        Whether the junction is then in P.
    probability_from_p, probability_from_ap : (2, levels) array
        Probability that the pulse switches a junction that is in P, and one that is in AP [1].
    pulse_trials : int
        Simulated pulses behind each probability; they resolve no less than its inverse.
    """

    sot_current_A: Array
    mtj_voltage_V: Array
    resistance_ohm: Array
    in_p: NDArray[np.bool_]
    probability_from_p: Array
    probability_from_ap: Array
    pulse_trials: int

    @property
    def first_switch(self) -> NDArray[np.int64]:
        """Level at which each branch first differs from how it began, (trials, 2); -1 where it never does.

        ``sot_current_A[0, first_switch[:, 0]]`` are the switching currents of the rising branch. The first
        pulse of a branch counts as its beginning: at the end of the staircase the state is settled.
        """
        changed = self.in_p != self.in_p[:, :, :1]
        found: NDArray[np.int64] = np.where(changed.any(axis=2), np.argmax(changed, axis=2), -1)
        return found


def current_loop(
    device: Device,
    *,
    peak_current_A: float,
    seed: int,
    width_s: float | None = None,
    mtj_voltage_V: float = 0.0,
    levels: int = 41,
    trials: int = 1,
    pulse_trials: int = 256,
    initial_state: str = "P",
    settle_time_s: float | None = None,
    read_voltage_V: float = 0.0,
    executor: Executor | None = None,
) -> PulseLoop:
    r"""Apply channel-current pulses of rising and then falling amplitude, and read after each.

    The staircase goes from the negative peak to the positive one and back. The probabilities that a pulse
    takes P to AP and AP to P come from the stochastic equation of motion, at every amplitude with the same
    random numbers, so that they vary smoothly; the loops are then chains of these two probabilities.

    Parameters
    ----------
    device : Device
        The junction; edges and waits of the pulses are those of its write pulse.
    peak_current_A : float
        Largest flat-top channel current [A], > 0.
    seed : int
        Address of the randomness; trial n of a seed is the same however many are asked for.
    width_s : float, optional
        Flat top [s]; that of the write pulse by default.
    mtj_voltage_V : float
        Junction voltage during each pulse [V], the same at every level.
    levels : int
        Amplitudes per branch, >= 2.
    trials : int
        Loops, > 0.
    pulse_trials : int
        Simulated pulses per amplitude and state, > 0.
    initial_state : str
        "P" or "AP": before the first pulse.
    settle_time_s : float, optional
        Wait after each pulse before the state counts [s]; that of the write pulse by default.
    read_voltage_V : float
        Junction voltage of the read [V]: it sets the resistance and does not disturb.
    executor : concurrent.futures.Executor, optional
        Where pulses run; the result does not depend on it.

    Returns
    -------
    PulseLoop

    Raises
    ------
    InputError
        For an impossible number, or if a state does not exist in the external field.

    Notes
    -----
    Each pulse starts in thermal equilibrium of the state that the last one left: right when pulses follow
    each other after many damping times, as in every staircase with a resistance measured in between, and when
    no state is lost meanwhile (`retention_s`). The state counts by its side of the hard plane after the wait,
    which must outlast the decision. A level at which neither current nor voltage is applied switches nothing.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> loop = current_loop(device, peak_current_A=2e-5, levels=3, trials=4, pulse_trials=16, seed=1)
    >>> loop.resistance_ohm.shape, bool(loop.in_p.all())
    ((4, 2, 3), True)

    References
    ----------
    I. M. Miron et al., Nature 476, 189 (2011), doi:10.1038/nature10309 (the experiment).
    """
    peak = finite("peak_current_A", peak_current_A, above=0.0)
    voltage = finite("mtj_voltage_V", mtj_voltage_V)
    whole("levels", levels, 2)
    current = np.linspace(-peak, peak, levels)
    return _pulse_loop(
        device,
        current,
        np.full(levels, voltage),
        width_s=width_s,
        settle_time_s=settle_time_s,
        seed=seed,
        trials=trials,
        pulse_trials=pulse_trials,
        initial_state=initial_state,
        read_voltage_V=read_voltage_V,
        executor=executor,
    )


def voltage_loop(
    device: Device,
    *,
    peak_voltage_V: float,
    seed: int,
    width_s: float | None = None,
    sot_current_A: float = 0.0,
    levels: int = 41,
    trials: int = 1,
    pulse_trials: int = 256,
    initial_state: str = "P",
    settle_time_s: float | None = None,
    read_voltage_V: float = 0.0,
    executor: Executor | None = None,
) -> PulseLoop:
    """Apply junction-voltage pulses of rising and then falling amplitude, and read after each.

    As `current_loop`, with the two drives exchanged: spin-transfer torque and VCMA write.

    Parameters
    ----------
    device, seed, width_s, levels, trials, pulse_trials
        As in `current_loop`.
    peak_voltage_V : float
        Largest flat-top junction voltage [V], > 0; positive favours P.
    sot_current_A : float
        Channel current during each pulse [A], the same at every level.
    initial_state, settle_time_s, read_voltage_V, executor
        As in `current_loop`.

    Returns
    -------
    PulseLoop

    Raises
    ------
    InputError
        For an impossible number, or if a state does not exist in the external field.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> loop = voltage_loop(device, peak_voltage_V=0.1, levels=3, trials=2, pulse_trials=16, seed=1)
    >>> loop.mtj_voltage_V[1].tolist()
    [0.1, 0.0, -0.1]
    """
    peak = finite("peak_voltage_V", peak_voltage_V, above=0.0)
    current = finite("sot_current_A", sot_current_A)
    whole("levels", levels, 2)
    return _pulse_loop(
        device,
        np.full(levels, current),
        np.linspace(-peak, peak, levels),
        width_s=width_s,
        settle_time_s=settle_time_s,
        seed=seed,
        trials=trials,
        pulse_trials=pulse_trials,
        initial_state=initial_state,
        read_voltage_V=read_voltage_V,
        executor=executor,
    )


def _pulse_loop(
    device: Device,
    current_A: Array,
    voltage_V: Array,
    *,
    width_s: float | None,
    settle_time_s: float | None,
    seed: int,
    trials: int,
    pulse_trials: int,
    initial_state: str,
    read_voltage_V: float,
    executor: Executor | None,
) -> PulseLoop:
    """Loops over levels of both drives, rising."""
    whole("trials", trials, 1)
    whole("pulse_trials", pulse_trials, 1)
    seed_address(seed)
    finite("read_voltage_V", read_voltage_V)
    write = device.write
    settings = dataclasses.replace(
        write,
        width_s=write.width_s if width_s is None else finite("width_s", width_s, above=0.0),
        settle_time_s=write.settle_time_s
        if settle_time_s is None
        else finite("settle_time_s", settle_time_s, 0.0),
    )
    rising = _switching_probabilities(device, settings, current_A, voltage_V, seed, pulse_trials, executor)
    out_of_p, out_of_ap = (np.stack([values, values[::-1]]) for values in rising)
    chance = uniform_numbers(seed, trials, out_of_p.size)
    in_p = np.empty((trials, out_of_p.size), dtype=bool)
    now = np.full(trials, checked_state("initial_state", initial_state) == "P")
    for pulse, (from_p, from_ap) in enumerate(zip(out_of_p.ravel(), out_of_ap.ravel(), strict=True)):
        now = now ^ (chance[:, pulse] < np.where(now, from_p, from_ap))
        in_p[:, pulse] = now
    states = in_p.reshape(trials, 2, -1)
    p, ap = (_read_resistance(device, name, read_voltage_V) for name in STATES)
    return PulseLoop(
        np.stack([current_A, current_A[::-1]]),
        np.stack([voltage_V, voltage_V[::-1]]),
        np.where(states, p, ap),
        states,
        out_of_p,
        out_of_ap,
        pulse_trials,
    )


def _switching_probabilities(
    device: Device,
    settings: WriteSettings,
    current_A: Array,
    voltage_V: Array,
    seed: int,
    pulse_trials: int,
    executor: Executor | None,
) -> tuple[Array, Array]:
    """Probability at each level that a pulse takes P to AP, and AP to P."""
    driven = [
        level
        for level in range(current_A.size)
        if abs(current_A[level]) > NOTHING * np.abs(current_A).max()
        or abs(voltage_V[level]) > NOTHING * np.abs(voltage_V).max()
    ]
    jobs = []
    for level, name in itertools.product(driven, STATES):
        applied = dataclasses.replace(
            settings, sot_current_A=float(current_A[level]), mtj_voltage_V=float(voltage_V[level])
        )
        pulse = Pulse.from_settings(applied, current_sign=1.0, voltage_sign=1.0)
        # One point for all levels: common random numbers.
        jobs.append(prepare(device, pulse, seed=seed, initial_state=name))
    count = len(jobs)
    ended = map_ordered(
        executor, count_in_p, jobs, itertools.repeat(0, count), itertools.repeat(pulse_trials, count)
    )
    in_p = np.fromiter(ended, dtype=np.float64, count=count).reshape(-1, 2) / pulse_trials
    out_of_p, out_of_ap = np.zeros(current_A.size), np.zeros(current_A.size)
    out_of_p[driven], out_of_ap[driven] = 1.0 - in_p[:, 0], in_p[:, 1]
    return out_of_p, out_of_ap


def _read_resistance(device: Device, state: str, read_voltage_V: float) -> float:
    """Resistance of a state at rest [ohm]."""
    rows = constant_rows(device, np.zeros((1, 3)), np.zeros(1), np.array([read_voltage_V]))
    resting = valley_floor(rows, easy_side(device, state)) @ np.array(device.reference_direction)
    return float(device.resistance_ohm(resting, read_voltage_V)[0])
