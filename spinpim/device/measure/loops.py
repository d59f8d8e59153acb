"""Resistance against field: hysteresis loops from nanosecond to laboratory sweeps."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import finite, seed_address, whole
from spinpim.device.dynamics.linearised import constant_rows, easy_side, valley_floor
from spinpim.device.dynamics.switching import OPPOSITE, simulate
from spinpim.device.measure.two_state import escape_hazard, occupation, uniform_numbers, with_field
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.errors import InputError

Array = NDArray[np.float64]

LONGEST_LLG_S = 1e-6
"""Time of a whole loop up to which "auto" integrates the equation of motion."""

LEAST_ALONG_EASY = 1e-3
"""Component of the field along the easy axis below which no state is the saturated one."""

RECORDS_PER_POINT = 2
METHODS = ("auto", "llg", "rate equation")


@dataclass(frozen=True, slots=True, eq=False)
class FieldLoop:
    """Hysteresis loops of one junction; the first branch falls from the peak, the second rises back.

    Attributes
    ----------
    field_T : (2, points) array
        Swept field along its direction, without the device's external field [T].
    resistance_ohm : (trials, 2, points) array
        Junction resistance [ohm].
    switching_field_T : (trials, 2) array
        Field at which the falling branch leaves the state of the peak, and the rising one that of the
        opposite peak [T]; -inf and inf where it never does. With returns, that of the loop of the same area
        with one switch per branch.
    method : str
        "llg" or "rate equation".
    """

    field_T: Array
    resistance_ohm: Array
    switching_field_T: Array
    method: str

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Which trials switched in both branches, (trials,)."""
        values: NDArray[np.bool_] = np.all(np.isfinite(self.switching_field_T), axis=1)
        return values

    @property
    def coercivity_T(self) -> float:
        """Half the mean width of the complete loops [T]; infinite where there is none."""
        return self._mean(np.array([-0.5, 0.5]))

    @property
    def coercivity_spread_T(self) -> float:
        """Standard deviation of half the width over the complete loops [T]; 0 for fewer than two."""
        if np.count_nonzero(self.complete) < 2:
            return 0.0
        switching = self.switching_field_T[self.complete]
        return float(np.std(0.5 * (switching[:, 1] - switching[:, 0]), ddof=1))

    @property
    def offset_T(self) -> float:
        """Mean centre of the complete loops [T], minus a bias field; infinite where there is none."""
        return self._mean(np.array([0.5, 0.5]))

    def _mean(self, weights: Array) -> float:
        """Mean of the weighted switching fields over the complete loops; the others have infinite ones."""
        if not self.complete.any():
            return math.inf
        return float(np.mean(self.switching_field_T[self.complete] @ weights))


def field_loop(
    device: Device,
    *,
    peak_field_T: float,
    sweep_rate_T_per_s: float,
    seed: int,
    direction: ArrayLike | None = None,
    points: int = 201,
    trials: int = 1,
    mtj_voltage_V: float = 0.0,
    method: str = "auto",
    executor: Executor | None = None,
) -> FieldLoop:
    r"""Sweep a field from its peak to the opposite one and back, and follow the resistance.

    "llg" integrates the equation of motion with its thermal field. "rate equation" lets each state be lost at
    the rate :math:`\Gamma(B)` of `escape_rate_per_s` in the momentary field: the field at which it goes first
    has the survival function of Kurkijarvi,

    .. math:: S(B) = \exp\Big(-\frac{1}{\dot B} \int_{B_0}^{B} \Gamma(B')\,dB'\Big)

    drawn by its inverse; later returns, which matter near the superparamagnetic limit, follow the two-state
    master equation. The resistance is then that of the energy minimum.

    Parameters
    ----------
    device : Device
        The junction at its temperature; its external field is a bias on top of the swept one.
    peak_field_T : float
        Largest field [T], > 0.
    sweep_rate_T_per_s : float
        |dB/dt| [T/s], > 0; a whole loop takes four times the peak over it.
    seed : int
        Address of the randomness; trial n of a seed is the same whatever else is asked for.
    direction : (3,) array, optional
        Direction of a positive field; by default that of the reference layer.
    points : int
        Fields per branch, >= 2.
    trials : int
        Independent loops of the junction, > 0.
    mtj_voltage_V : float
        Constant junction voltage [V]: VCMA and spin-transfer torque act, and the resistance is read at it.
    method : str
        "llg", "rate equation", or "auto": "llg" where the loop takes at most a microsecond.
    executor : concurrent.futures.Executor, optional
        Where trajectories run; the result does not depend on it.

    Returns
    -------
    FieldLoop

    Raises
    ------
    InputError
        For an impossible number, a field across the easy axis, or a peak at which the saturated state is not
        stable.

    Notes
    -----
    The rate equation assumes a state in equilibrium in its well until it is lost: sweeps slow against the
    damping time and barriers of several k_B T where the states switch. In an in-plane junction the escape
    rate is an upper bound, and the loop comes out narrower: by 1.5 times the spread of a branch in a sweep of
    half a microsecond at a damping of 0.012. Coherent rotation; the torque of a channel current is not part
    of the sweep.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> loop = field_loop(device, peak_field_T=0.25, sweep_rate_T_per_s=0.01, seed=1, trials=100)
    >>> loop.method, bool(0.05 < loop.coercivity_T < device.anisotropy_field_T)
    ('rate equation', True)

    References
    ----------
    J. Kurkijarvi, Phys. Rev. B 6, 832 (1972), doi:10.1103/PhysRevB.6.832; M. P. Sharrock, J. Appl. Phys. 76,
    6413 (1994), doi:10.1063/1.358282.
    """
    peak = finite("peak_field_T", peak_field_T, above=0.0)
    branch_s = 2.0 * peak / finite("sweep_rate_T_per_s", sweep_rate_T_per_s, above=0.0)
    finite("mtj_voltage_V", mtj_voltage_V)
    whole("trials", trials, 1)
    whole("points", points, 2)
    seed_address(seed)
    if method not in METHODS:
        raise InputError(f"method must be one of {METHODS}; instead received {method!r:.60}.")
    unit = _direction(device, direction)
    saturated = "P" if float(unit @ easy_side(device, "P")) > 0.0 else "AP"
    sweep = _Sweep(device, unit, saturated, peak, branch_s, points, mtj_voltage_V)
    if method == "llg" or (method == "auto" and 2.0 * branch_s <= LONGEST_LLG_S):
        return _integrated(sweep, seed, trials, executor)
    return _by_rates(sweep, seed, trials)


@dataclass(frozen=True, slots=True, eq=False)
class _Sweep:
    """A checked sweep: ``saturated`` is the state that the first peak favours."""

    device: Device
    direction: Array
    saturated: str
    peak_T: float
    branch_s: float
    points: int
    mtj_voltage_V: float

    @property
    def field_T(self) -> Array:
        """Fields of both branches."""
        falling = np.linspace(self.peak_T, -self.peak_T, self.points)
        return np.stack([falling, falling[::-1]])


def _by_rates(sweep: _Sweep, seed: int, trials: int) -> FieldLoop:
    device, voltage, field = sweep.device, sweep.mtj_voltage_V, sweep.field_T
    names = (sweep.saturated, OPPOSITE[sweep.saturated])
    first, second = (
        escape_hazard(
            device,
            name,
            sweep.direction,
            peak_T=sweep.peak_T,
            branch_s=sweep.branch_s,
            mtj_voltage_V=voltage,
        )
        for name in names
    )
    chance = uniform_numbers(seed, trials, 2 * sweep.points)
    held, switching = occupation((first, second), field[0], chance)
    none = np.zeros(sweep.points)
    rows = constant_rows(device, np.outer(field[0], sweep.direction), none, np.full(sweep.points, voltage))
    reference = np.array(device.reference_direction)
    levels = []
    for name in names:
        resting = valley_floor(rows, easy_side(device, name)) @ reference
        levels.append(device.resistance_ohm(np.stack([resting, resting[::-1]]), voltage))
    return FieldLoop(field, np.where(held, levels[1], levels[0]), switching, "rate equation")


def _integrated(sweep: _Sweep, seed: int, trials: int, executor: Executor | None) -> FieldLoop:
    peak, branch_s, points = sweep.peak_T, sweep.branch_s, sweep.points
    # The peak belongs to the device, so that the thermal draw of the start is that of the saturated state.
    biased = with_field(sweep.device, peak * sweep.direction)
    pulse = Pulse.points(
        [0.0, branch_s, 2.0 * branch_s],
        field_T=np.outer([0.0, -2.0 * peak, 0.0], sweep.direction),
        mtj_voltage_V=sweep.mtj_voltage_V,
    )
    run = simulate(
        biased,
        pulse,
        seed=seed,
        trials=trials,
        initial_state=sweep.saturated,
        save_every_s=branch_s / (RECORDS_PER_POINT * (points - 1)),
        executor=executor,
    )
    cosine = run.magnetisation @ np.array(sweep.device.reference_direction)
    towards = cosine if sweep.saturated == "P" else -cosine
    falling = run.time_s <= branch_s
    field = peak * (2.0 * np.abs(1.0 - run.time_s / branch_s) - 1.0)
    switching = np.stack(
        [
            _equal_area(field[falling], towards[:, falling], -math.inf),
            _equal_area(field[~falling], -towards[:, ~falling], math.inf),
        ],
        axis=1,
    )
    wanted = np.linspace(0.0, 2.0 * branch_s, 2 * points - 1)
    nearest = np.rint(wanted / run.time_s[1]).astype(int).clip(max=run.time_s.size - 1)
    read = sweep.device.resistance_ohm(cosine[:, nearest], sweep.mtj_voltage_V)
    resistance = np.stack([read[:, :points], read[:, points - 1 :]], axis=1)
    return FieldLoop(sweep.field_T, resistance, switching, "llg")


def _equal_area(field_T: Array, projection: Array, never: float) -> Array:
    """Switching field of projections (trials, records) on the first state; ``never`` without a switch."""
    before, after = projection[:, :-1], projection[:, 1:]
    crosses = before * after < 0.0
    positive = np.where(before > 0.0, before, after)
    share = np.where(crosses, positive / np.where(crosses, np.abs(before - after), 1.0), before >= 0.0)
    held = share @ np.diff(field_T)
    switched = (projection[:, 0] > 0.0) & (projection < 0.0).any(axis=1)
    return np.where(switched, field_T[0] + held, never)


def _direction(device: Device, direction: ArrayLike | None) -> Array:
    """Unit vector of a positive field."""
    if direction is None:
        return np.array(device.reference_direction)
    try:
        vector = np.asarray(direction, dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.empty(0)
    length = float(np.linalg.norm(vector)) if vector.shape == (3,) else 0.0
    if not (math.isfinite(length) and length > 0.0):
        raise InputError(f"direction must be three numbers, not all zero; received {direction!r:.60}.")
    unit: Array = vector / length
    if abs(float(unit @ np.array(device.reference_direction))) < LEAST_ALONG_EASY:
        raise InputError(
            f"direction {direction!r:.60} lies across the easy axis {device.easy_axis}: the field favours no "
            "state and there is no loop; tilt it by a degree, or use astroid."
        )
    return unit
