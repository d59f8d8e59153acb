"""Pulse: what is applied to the device over time, piecewise linear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.errors import InputError

SHORTEST_S, LONGEST_S = 1e-18, 1e6


@dataclass(frozen=True, slots=True)
class WriteSettings:
    """The write pulse that a device file recommends; magnitudes, the direction comes with the data.

    Attributes
    ----------
    sot_current_A, width_s, rise_time_s, fall_time_s : float
        Channel current [A], its flat top and its edges [s].
    mtj_voltage_V, mtj_extra_time_s : float
        Junction voltage of the assist [V] and how much longer than the flat top it lasts [s].
    settle_time_s : float
        Wait after the drive before the state counts as written [s].
    mtj_delay_s : float
        How much later than the current the assist begins [s].
    """

    sot_current_A: float
    width_s: float
    rise_time_s: float
    fall_time_s: float
    mtj_voltage_V: float
    mtj_extra_time_s: float
    settle_time_s: float
    mtj_delay_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Pulse:
    """Channel current, junction voltage and extra field, linear between breakpoints.

    Attributes
    ----------
    time_s : (points,) array
        Breakpoints [s], starting at 0 and never decreasing; two equal times make a step.
    sot_current_A : (points,) array
        Channel current [A], positive along +x.
    mtj_voltage_V : (points,) array
        Junction voltage [V], positive favours P.
    field_T : (points, 3) array
        Field added to the device's external field [T].
    """

    time_s: NDArray[np.float64]
    sot_current_A: NDArray[np.float64]
    mtj_voltage_V: NDArray[np.float64]
    field_T: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse waveforms that cannot be applied."""
        time = self.time_s
        if (
            not isinstance(time, np.ndarray)
            or time.ndim != 1
            or time.size < 2
            or not np.all(np.isfinite(time))
        ):
            raise InputError("Pulse: time_s must be an array of at least two finite times in seconds.")
        if time[0] != 0.0 or np.any(np.diff(time) < 0.0) or not SHORTEST_S <= time[-1] <= LONGEST_S:
            raise InputError(
                f"Pulse: time_s must start at 0, never decrease and end between {SHORTEST_S:g} and "
                f"{LONGEST_S:g} s."
            )
        shapes = {"sot_current_A": time.shape, "mtj_voltage_V": time.shape, "field_T": (time.size, 3)}
        for name, shape in shapes.items():
            values = getattr(self, name)
            if not isinstance(values, np.ndarray) or values.shape != shape:
                raise InputError(
                    f"Pulse: {name} must be an array of shape {shape}; use Pulse.points to make one."
                )
            if not np.all(np.isfinite(values)):
                raise InputError(f"Pulse: {name} holds a value that is not finite.")

    @classmethod
    def points(
        cls,
        time_s: ArrayLike,
        *,
        sot_current_A: ArrayLike = 0.0,
        mtj_voltage_V: ArrayLike = 0.0,
        field_T: ArrayLike = (0.0, 0.0, 0.0),
    ) -> Pulse:
        """Make a pulse from breakpoints; scalars stay constant.

        Parameters
        ----------
        time_s : (points,) array
            Breakpoints [s]; at least two, starting at 0, never decreasing.
        sot_current_A, mtj_voltage_V : (points,) array or float
            Values at the breakpoints [A], [V].
        field_T : (points, 3) or (3,) array
            Extra field [T].

        Raises
        ------
        InputError
            If the times are not increasing from 0, the lengths differ, or a value is not finite.

        Examples
        --------
        >>> ramp = Pulse.points([0.0, 1e-9], sot_current_A=[0.0, 1e-4])
        >>> float(ramp.sample([0.25e-9])[0][0])
        2.5e-05
        """
        time = np.atleast_1d(_numbers("time_s", time_s))
        current = _broadcast("sot_current_A", sot_current_A, (time.size,))
        voltage = _broadcast("mtj_voltage_V", mtj_voltage_V, (time.size,))
        return cls(time, current, voltage, _broadcast("field_T", field_T, (time.size, 3)))

    @classmethod
    def rectangle(
        cls,
        *,
        sot_current_A: float = 0.0,
        width_s: float,
        rise_time_s: float = 0.0,
        fall_time_s: float = 0.0,
        mtj_voltage_V: float = 0.0,
        mtj_extra_time_s: float = 0.0,
        settle_time_s: float = 1e-9,
        mtj_delay_s: float = 0.0,
    ) -> Pulse:
        """Make a flat-topped channel pulse with linear edges, with an optional junction voltage.

        The junction voltage begins ``mtj_delay_s`` after the current, rises as fast, stays until
        ``mtj_extra_time_s`` after the flat top, then falls with ``fall_time_s``; after both, nothing is
        applied for ``settle_time_s``.

        Parameters
        ----------
        sot_current_A, mtj_voltage_V : float
            Flat-top values [A], [V], signed.
        width_s : float
            Flat top of the current [s], > 0.
        rise_time_s, fall_time_s, mtj_extra_time_s, settle_time_s, mtj_delay_s : float
            Edges and waits [s], >= 0.

        Raises
        ------
        InputError
            If a time is negative or not finite, the width is not positive, or a junction voltage would end
            before it has risen.

        Examples
        --------
        >>> round(1e9 * Pulse.rectangle(sot_current_A=1e-4, width_s=1e-9).duration_s, 3)
        2.0
        """
        times = (width_s, rise_time_s, fall_time_s, mtj_extra_time_s, settle_time_s, mtj_delay_s)
        if not (all(np.isfinite(t) and t >= 0.0 for t in times) and width_s > 0.0):
            raise InputError(
                "Pulse.rectangle: width_s must be positive and the other times not negative, in seconds."
            )
        top_end = rise_time_s + width_s
        junction_end = top_end + mtj_extra_time_s
        if mtj_voltage_V != 0.0 and mtj_delay_s + rise_time_s > junction_end:
            raise InputError(
                "Pulse.rectangle: mtj_delay_s must leave time for the junction voltage to rise before it "
                f"ends, at most {junction_end - rise_time_s:.3g} s; instead received {mtj_delay_s}."
            )
        current_end = top_end + fall_time_s
        end = max(junction_end + fall_time_s, current_end) + settle_time_s
        current = _Trapezoid(sot_current_A, 0.0, rise_time_s, top_end, current_end)
        voltage_up = mtj_delay_s + rise_time_s if mtj_voltage_V != 0.0 else rise_time_s
        voltage = _Trapezoid(
            mtj_voltage_V, voltage_up - rise_time_s, voltage_up, junction_end, junction_end + fall_time_s
        )
        return _merge(current, voltage, end)

    @classmethod
    def from_settings(cls, settings: WriteSettings, *, current_sign: float, voltage_sign: float) -> Pulse:
        """Make the pulse of a device file with the signs of a data value."""
        return cls.rectangle(
            sot_current_A=current_sign * settings.sot_current_A,
            width_s=settings.width_s,
            rise_time_s=settings.rise_time_s,
            fall_time_s=settings.fall_time_s,
            mtj_voltage_V=voltage_sign * settings.mtj_voltage_V,
            mtj_extra_time_s=settings.mtj_extra_time_s,
            settle_time_s=settings.settle_time_s,
            mtj_delay_s=settings.mtj_delay_s,
        )

    @property
    def duration_s(self) -> float:
        """Time of the last breakpoint [s]."""
        return float(self.time_s[-1])

    def sample(
        self, time_s: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Channel current, junction voltage and field at given times; at a step, the later value.

        Parameters
        ----------
        time_s : (n,) array
            Times [s]; outside the pulse the end values hold.

        Returns
        -------
        tuple of (n,), (n,) and (n, 3) arrays
            [A], [V], [T].
        """
        time = np.asarray(time_s, dtype=np.float64)
        last = self.time_s.size - 1
        right = np.clip(np.searchsorted(self.time_s, time, side="right"), 1, last)
        left = right - 1
        span = self.time_s[right] - self.time_s[left]
        weight = np.clip((time - self.time_s[left]) / np.where(span > 0.0, span, 1.0), 0.0, 1.0)

        def between(values: NDArray[np.float64]) -> NDArray[np.float64]:
            w = weight if values.ndim == 1 else weight[:, None]
            blend: NDArray[np.float64] = (1.0 - w) * values[left] + w * values[right]
            return blend

        return between(self.sot_current_A), between(self.mtj_voltage_V), between(self.field_T)


@dataclass(frozen=True, slots=True)
class _Trapezoid:
    """Value, start and end of rise, start and end of fall."""

    value: float
    rise_start_s: float
    rise_end_s: float
    fall_start_s: float
    fall_end_s: float

    def at(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        knots = [self.rise_start_s, self.rise_end_s, self.fall_start_s, self.fall_end_s]
        return np.interp(time_s, knots, [0.0, self.value, self.value, 0.0])


def _merge(current: _Trapezoid, voltage: _Trapezoid, end_s: float) -> Pulse:
    edges = {0.0, end_s}
    for shape in (current, voltage):
        edges |= {shape.rise_start_s, shape.rise_end_s, shape.fall_start_s, shape.fall_end_s}
    knots: list[float] = []
    columns: list[tuple[float, float]] = []
    for edge in sorted(edges):
        sides = [_one_sided(shape, edge) for shape in (current, voltage)]
        before, after = (sides[0][0], sides[1][0]), (sides[0][1], sides[1][1])
        if edge > 0.0 and before != after:
            knots.append(edge)
            columns.append(before)
        knots.append(edge)
        columns.append(after)
    values = np.array(columns)
    return Pulse.points(knots, sot_current_A=values[:, 0], mtj_voltage_V=values[:, 1])


def _one_sided(shape: _Trapezoid, time_s: float) -> tuple[float, float]:
    """Values just before and just after a time; they differ at an edge of zero length."""
    inside = float(shape.at(np.array([time_s]))[0])
    if time_s == shape.rise_start_s:
        return 0.0, (shape.value if shape.rise_end_s == shape.rise_start_s else 0.0)
    if time_s == shape.fall_end_s and shape.fall_start_s == shape.fall_end_s:
        return shape.value, 0.0
    return inside, inside


def _numbers(name: str, value: ArrayLike) -> NDArray[np.float64]:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"Pulse.points: {name} must hold numbers; instead received {value!r:.60}.") from None


def _broadcast(name: str, value: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    array = _numbers(name, value)
    try:
        return np.broadcast_to(array, shape).copy()
    except ValueError:
        raise InputError(
            f"Pulse.points: {name} has shape {array.shape}, which does not fit {shape}."
        ) from None
