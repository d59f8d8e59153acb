"""How errors, disturb, energy and delay of a sensing move with one quantity, and the best read current."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import choice, finite, shown, whole
from spinpim.circuit.cell import Cell
from spinpim.circuit.high_sigma.yields import MOST, failure_of_any
from spinpim.circuit.operations import find_operation
from spinpim.circuit.reference import ReferenceScheme
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import check_column
from spinpim.circuit.sensing import sense
from spinpim.circuit.sensing_result import Sensing
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
READ_CURRENT = "read_current_per_row_A"
SEARCHED = (0.2, 5.0)
"""Range of read currents, over the cell's own, in which the best one is looked for."""
GRID = 25
LOG_TOLERANCE = 1e-4
REFUSED = 10.0
"""Taken for the logarithm of the error of a refused current: worse than any."""


@dataclass(frozen=True, slots=True, eq=False)
class TradeOff:
    """A sensing at several values of one quantity; arrays hold the accepted values alone.

    Errors are those of the worst pattern at each value.

    Attributes
    ----------
    quantity, operation : str
        What is varied; the operation.
    values : array
        Accepted values, in the order given [SI].
    error_static, error_without_offset : array
        Probability that a column reads wrongly for good: with the amplifier's offset, and ignoring it [1].
    error_temporal : array
        Probability per access that noise turns the answer [1].
    read_disturb_probability : array
        Probability per access that a cell is flipped [1].
    energy_J, delay_s, margin_V : array
        Of one access [J], [s]; smallest margin [V].
    fails_first : tuple of str
        At each value the cause with the largest part in the worst pattern's failure.
    refusals : dict of int to str
        Place of each refused value among those given, and why.
    """

    quantity: str
    operation: str
    values: FloatArray
    error_static: FloatArray
    error_without_offset: FloatArray
    error_temporal: FloatArray
    read_disturb_probability: FloatArray
    energy_J: FloatArray
    delay_s: FloatArray
    margin_V: FloatArray
    fails_first: tuple[str, ...]
    refusals: dict[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class BestReadCurrent:
    """The read current of least total error.

    Attributes
    ----------
    read_current_per_row_A : float
        The current [A].
    total_error : float
        Static and temporal error of the worst pattern and the loss by disturb, added [1]. This sum is a
        figure of merit alone: nothing else here adds static and temporal errors.
    disturb_loss : float
        Probability that a cell has been flipped by the accesses since it was written [1].
    accesses : int
        Accesses between two writes.
    sensing : Sensing
        At that current.
    limit : str
        Why no larger current is allowed where the best one is the largest that works, else empty.
    """

    read_current_per_row_A: float
    total_error: float
    disturb_loss: float
    accesses: int
    sensing: Sensing
    limit: str


def trade_off(
    cell: Cell,
    amplifier: SenseAmp,
    quantity: str,
    values: ArrayLike,
    *,
    operation: str = "AND",
    rows: int = 2,
    temperature_K: float | None = None,
    reference: ReferenceScheme | None = None,
) -> TradeOff:
    """Sense a column at several values of one quantity, all else as it is.

    Parameters
    ----------
    cell, amplifier, operation, rows, temperature_K, reference
        As in `sense`.
    quantity : str
        "read_current_per_row_A", "tunnel_magnetoresistance", "resistance_area_product_ohm_m2" (at the same
        magnetoresistance and read current), "area_scale" (of the amplifier), "temperature_K" or "rows".
    values : sequence of float
        Values of it [SI].

    Returns
    -------
    TradeOff

    Raises
    ------
    InputError
        If the quantity is unknown, a value is not finite, an argument is given twice, or all are refused.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> found = trade_off(cell, SenseAmp.load("strongarm_45nm"), "area_scale", [1, 4, 16])
    >>> bool(np.all(np.diff(found.error_static) < 0.0)), found.refusals
    (True, {})
    >>> bool(np.all(found.error_static > 100 * found.error_without_offset))  # offset must not be ignored
    True
    """
    check_column(cell, amplifier)
    points = _points(quantity, values)
    change = _changes()[quantity]
    if quantity == READ_CURRENT:
        _refuse_clamp(amplifier)
    if quantity == "temperature_K" and temperature_K is not None:
        raise InputError(
            "temperature_K is the quantity that is varied; leave the argument temperature_K out."
        )
    if quantity != "rows":
        find_operation(operation, rows)
    asked = _Asked(cell, amplifier, operation, rows, temperature_K, reference)
    sensings: dict[int, Sensing] = {}
    refusals: dict[int, str] = {}
    for place, value in enumerate(points):
        try:
            sensings[place] = change(asked, float(value)).sensing()
        except InputError as refused:
            refusals[place] = str(refused)
    if not sensings:
        raise InputError(
            f"None of the {len(points)} values of {quantity} can be sensed. The first: {refusals[0]}"
        )
    return _trade_off(quantity, operation.upper(), points, sensings, refusals)


def best_read_current(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    operation: str = "AND",
    rows: int = 2,
    temperature_K: float | None = None,
    reference: ReferenceScheme | None = None,
    accesses: int = 1,
) -> BestReadCurrent:
    r"""Read current with the least sum of sensing error and loss by read disturb.

    .. math:: \min_I\ P_{static}(I) + P_{temporal}(I) + 1 - (1 - P_d(I))^n

    A larger current widens the margin, and disturbs exponentially more. The optimum may be set sooner by the
    access transistors, whose spread grows where they saturate, or by a limit of line or amplifier.

    Parameters
    ----------
    cell, amplifier, operation, rows, temperature_K, reference
        As in `sense`; the cell's own read current is the middle of the range, a fifth to five times of it.
    accesses : int
        Accesses n of a cell between two writes, for data that are read often 1e6 or more.

    Returns
    -------
    BestReadCurrent

    Raises
    ------
    InputError
        As `sense`; if no current in the range can be sensed, or the amplifier senses current.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> amplifier = SenseAmp.load("strongarm_45nm")
    >>> rarely = best_read_current(cell, amplifier)
    >>> often = best_read_current(cell, amplifier, accesses=10**12)
    >>> often.read_current_per_row_A < rarely.read_current_per_row_A
    True
    """
    from scipy.optimize import minimize_scalar  # slow to load

    check_column(cell, amplifier)
    find_operation(operation, rows)
    _refuse_clamp(amplifier)
    times = whole("accesses", accesses, 1, MOST)
    asked = _Asked(cell, amplifier, operation, rows, temperature_K, reference)
    change = _changes()[READ_CURRENT]
    refusals: dict[float, str] = {}

    def log_total(log_current: float) -> float:
        try:
            found = change(asked, math.exp(log_current)).sensing()
        except InputError as refused:
            refusals[log_current] = str(refused)
            return REFUSED
        return math.log(_total_error(found, times))

    middle = math.log(cell.read_current_per_row_A)
    grid = middle + np.linspace(math.log(SEARCHED[0]), math.log(SEARCHED[1]), GRID)
    totals = [log_total(float(point)) for point in grid]
    best = int(np.argmin(totals))
    if totals[best] == REFUSED:
        raise InputError(
            f"No read current can be sensed. The first that was tried: {refusals[float(grid[0])]}"
        )
    bounds = (float(grid[max(best - 1, 0)]), float(grid[min(best + 1, GRID - 1)]))
    found = minimize_scalar(log_total, bounds=bounds, method="bounded", options={"xatol": LOG_TOLERANCE})
    chosen = float(found.x) if found.fun <= totals[best] else float(grid[best])
    higher = [point for point in refusals if chosen < point < chosen + 10.0 * LOG_TOLERANCE]
    sensing = change(asked, math.exp(chosen)).sensing()
    return BestReadCurrent(
        read_current_per_row_A=math.exp(chosen),
        total_error=_total_error(sensing, times),
        disturb_loss=_disturb_loss(sensing, times),
        accesses=times,
        sensing=sensing,
        limit=refusals[min(higher)] if higher else "",
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The arguments of a sensing."""

    cell: Cell
    amplifier: SenseAmp
    operation: str
    rows: int
    temperature_K: float | None
    reference: ReferenceScheme | None

    def sensing(self) -> Sensing:
        return sense(
            self.cell,
            self.amplifier,
            operation=self.operation,
            rows=self.rows,
            temperature_K=self.temperature_K,
            reference=self.reference,
        )


def _changes() -> dict[str, Callable[[_Asked, float], _Asked]]:
    """How each quantity is changed."""

    def of_cell(name: str) -> Callable[[_Asked, float], _Asked]:
        return lambda asked, value: dataclasses.replace(asked, cell=asked.cell.replace(**{name: value}))

    def of_device(name: str) -> Callable[[_Asked, float], _Asked]:
        return lambda asked, value: dataclasses.replace(
            asked, cell=asked.cell.replace(device=asked.cell.device.replace(**{name: value}))
        )

    return {
        READ_CURRENT: of_cell(READ_CURRENT),
        "tunnel_magnetoresistance": of_device("tunnel_magnetoresistance"),
        "resistance_area_product_ohm_m2": of_device("resistance_area_product_ohm_m2"),
        "area_scale": lambda asked, value: dataclasses.replace(
            asked, amplifier=asked.amplifier.replace(area_scale=value)
        ),
        "temperature_K": lambda asked, value: dataclasses.replace(asked, temperature_K=value),
        "rows": lambda asked, value: dataclasses.replace(asked, rows=_row_count(value)),
    }


def _row_count(value: float) -> int:
    if value != int(value):
        raise InputError(f"rows must be whole numbers; instead received {value:g}.")
    return int(value)


def _points(quantity: str, values: ArrayLike) -> list[float]:
    choice("quantity", quantity, tuple(_changes()))
    given = np.atleast_1d(np.asarray(values, dtype=object))
    if given.ndim != 1 or given.size == 0:
        raise InputError(f"values of {quantity} must be a list of numbers; instead received {shown(values)}.")
    return [finite(f"each value of {quantity}", value) for value in given]


def _refuse_clamp(amplifier: SenseAmp) -> None:
    if amplifier.clamp is not None:
        raise InputError(
            f"Amplifier {amplifier.name} senses current: the read current follows from the voltage of its "
            "clamp. Vary the clamp, or choose an amplifier that senses voltage."
        )


def _trade_off(
    quantity: str,
    operation: str,
    points: list[float],
    sensings: dict[int, Sensing],
    refusals: dict[int, str],
) -> TradeOff:
    found = list(sensings.values())

    def worst(name: str) -> FloatArray:
        return np.array([max(getattr(one, name).values()) for one in found])

    def figure(name: str) -> FloatArray:
        return np.array([float(getattr(one, name)) for one in found])

    return TradeOff(
        quantity=quantity,
        operation=operation,
        values=np.array([points[place] for place in sensings]),
        error_static=worst("error_static"),
        error_without_offset=worst("error_without_offset"),
        error_temporal=worst("error_temporal"),
        read_disturb_probability=figure("read_disturb_probability"),
        energy_J=figure("energy_J"),
        delay_s=figure("delay_s"),
        margin_V=figure("margin_V"),
        fails_first=tuple(fails_first(one) for one in found),
        refusals=refusals,
    )


def fails_first(sensing: Sensing) -> str:
    """Cause with the largest part in the most likely failure of the worst pattern."""
    worst = max(sensing.patterns, key=lambda pattern: sensing.error_static[pattern])
    parts = sensing.importance[worst]
    return max(parts, key=lambda cause: parts[cause])


def _disturb_loss(sensing: Sensing, accesses: int) -> float:
    return float(failure_of_any(sensing.read_disturb_probability, accesses))


def _total_error(sensing: Sensing, accesses: int) -> float:
    errors = max(
        sensing.error_static[pattern] + sensing.error_temporal[pattern] for pattern in sensing.patterns
    )
    return max(errors + _disturb_loss(sensing, accesses), 1e-300)
