"""How likely a write fails: counting, splitting or Fokker-Planck, whichever the case allows."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from concurrent.futures import Executor

from spinpim.checks import finite, state, whole
from spinpim.device.dynamics.ensemble import LANES
from spinpim.device.dynamics.switching import OPPOSITE, check_kinds
from spinpim.device.dynamics.trajectories import prepare
from spinpim.device.failure.counting import Stop, Write, counted_failures
from spinpim.device.failure.fokker_planck import fokker_planck_failures, suits_axial
from spinpim.device.failure.splitting import split_failures
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.errors import InputError
from spinpim.estimate import LEAST_CONFIDENCE, Estimate

BOTH = "both"
METHODS = ("auto", "counting", "splitting", "fokker-planck")

PILOT_TRIALS = 8192
"""Trials counted first by "auto"."""

RARE = 1e-3
"""Failure probability below which "auto" leaves counting for splitting: the costs then cross."""

MOST_TRIALS = 10_000_000
"""Trials of counting unless fewer or more are asked for."""

LARGEST_TRIALS = 10_000_000_000


def write_error_rate(
    device: Device,
    pulse: Pulse | None = None,
    *,
    seed: int,
    to: str = BOTH,
    method: str = "auto",
    trials: int | None = None,
    target_relative_error: float | None = 0.1,
    timeout_s: float | None = None,
    confidence: float = 0.95,
    executor: Executor | None = None,
) -> Estimate:
    """Probability that a write leaves the junction in the wrong state, at any depth.

    Each trial starts in the thermal equilibrium of the opposite state and fails when m ends on the wrong
    side of the hard plane.

    Parameters
    ----------
    device : Device
        The junction.
    pulse : Pulse, optional
        What is applied; ``to`` must then say which state it is meant to write. Without a pulse the device's
        own write pulse is used.
    seed : int
        Address of the randomness.
    to : str
        "P", "AP", or "both" (without a pulse): the mean of both directions.
    method : str
        "counting" of independent trials, to about 1e-6. "splitting" of trajectories that a coarse committor
        finds likely to fail: any device, pulse and depth. "fokker-planck": the probability density itself,
        without randomness, where the junction does not heat itself; to any depth where everything is
        symmetric about the film normal (spin-transfer writing of a perpendicular junction), to about 1e-11
        on the full sphere. "auto" takes Fokker-Planck in the symmetric case, else counts, and splits where
        fewer than one in a thousand fail; the result says which.
    trials : int, optional
        Largest number of counted trials [1], at least 1, and 2 for both directions; ten million by default.
    target_relative_error : float or None
        Stop when one standard deviation of the estimate is below this fraction of it [1]; None goes on to the
        last trial, or to the last of 512 populations of splitting. Fokker-Planck has its own tolerance.
    timeout_s : float, optional
        Stop early after this much wall time [s]; the number of trials then depends on the machine.
    confidence : float
        Coverage of the interval [1]; that of Fokker-Planck is a bound on the discretisation error instead.
    executor : concurrent.futures.Executor, optional
        Where trials run; the result does not depend on it.

    Returns
    -------
    Estimate
        Value, interval, method, trials, stop reason and cost. With zero counted failures ``value`` is 0 and
        ``high`` the upper bound.

    Raises
    ------
    InputError
        For impossible arguments, or where a method cannot reach a trustworthy number.

    Notes
    -----
    The interval is that of the chosen junction in the macrospin model; the spread between junctions is not in
    it. The default time step makes rates of 1e-9 by counting and splitting wrong by about 2 %.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> never = Pulse.points([0.0, 1e-10])
    >>> write_error_rate(device, never, to="AP", seed=1, method="counting", trials=256).value
    1.0

    References
    ----------
    P. Del Moral and J. Garnier, Ann. Appl. Probab. 15, 2496 (2005), arXiv:math/0602525 (splitting).
    """
    plan = _plan(device, pulse, to)
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}; instead received {method!r:.60}.")
    most = whole("trials", MOST_TRIALS if trials is None else trials, len(plan), LARGEST_TRIALS)
    finite("confidence", confidence, LEAST_CONFIDENCE)
    if confidence >= 1.0:
        raise InputError(f"confidence must lie between 0 and 1; instead received {confidence}.")
    if target_relative_error is not None:
        finite("target_relative_error", target_relative_error, above=0.0)
    deadline = None
    if timeout_s is not None:
        deadline = time.monotonic() + finite("timeout_s", timeout_s, above=0.0)
    stop = Stop(target_relative_error, deadline)
    writes = [
        Write(prepare(device, applied, seed=seed, point=point, initial_state=OPPOSITE[target]), target)
        for point, (target, applied) in enumerate(plan)
    ]
    if method == "auto":
        return _automatic(writes, most, stop, confidence, executor)
    if method == "counting":
        return counted_failures(writes, most, stop, confidence, executor)
    if method == "splitting":
        return split_failures(writes, stop, confidence, executor)
    return fokker_planck_failures(writes)


def _automatic(
    writes: Sequence[Write], most: int, stop: Stop, confidence: float, executor: Executor | None
) -> Estimate:
    """Fokker-Planck where it is cheap, counting where failures are frequent, else splitting."""
    if all(suits_axial(write.job) for write in writes):
        return fokker_planck_failures(writes)
    pilot = counted_failures(writes, min(most, PILOT_TRIALS), stop, confidence, executor)
    if pilot.value >= RARE:
        enough = pilot.stop_reason == "target relative error reached" or most <= pilot.trials
        # Trials of their own: those of the pilot have decided the method.
        first = PILOT_TRIALS // LANES
        counted = (
            pilot if enough else counted_failures(writes, most, stop, confidence, executor, first_block=first)
        )
        return _with_cost(counted, counted.cost_s + (0.0 if enough else pilot.cost_s))
    if stop.time_is_up:
        return pilot
    split = split_failures(writes, stop, confidence, executor)
    return _with_cost(split, split.cost_s + pilot.cost_s)


def _with_cost(estimate: Estimate, cost_s: float) -> Estimate:
    return dataclasses.replace(estimate, cost_s=cost_s)


def _plan(device: Device, pulse: Pulse | None, to: str) -> list[tuple[str, Pulse]]:
    """Target states and what is applied to reach them."""
    check_kinds(device, pulse)
    if pulse is None:
        targets = ["P", "AP"] if to == BOTH else [state("to", to)]
        return [(target, device.write_pulse(target)) for target in targets]
    if to == BOTH:
        raise InputError(
            "write_error_rate with a pulse needs to='P' or to='AP': the state that it is meant to write."
        )
    return [(state("to", to), pulse)]
