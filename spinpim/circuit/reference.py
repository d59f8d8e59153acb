"""The reference of a column: what it is made of, where it lies between two levels, how far it strays."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite, shown, whole
from spinpim.circuit.level_tail import Mates
from spinpim.circuit.reference_points import equal_density_point, equal_z_point
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
ITERATIONS = 200
"""Bound of the loop; the point converges in some five steps."""
TOLERANCE_V = 1e-15
"""Rounding error of a voltage of about a volt."""
NO_MATES = Mates(1.0, np.empty(0), np.empty((0, 1)), np.empty(0), np.empty((0, 5)))
PLACEMENTS = ("equal-z", "equal-density")


@dataclass(frozen=True, slots=True)
class JunctionReference:
    """Weighted mean of columns at the two neighbouring levels, averaged over pairs of columns.

    It follows the levels over temperature; its cells spread like those of the array.

    Attributes
    ----------
    column_pairs : int
        Pairs of columns, one at the lower and one at the upper level, >= 1.
    """

    column_pairs: int

    def __post_init__(self) -> None:
        """Refuse less than one pair."""
        whole("column_pairs of the reference", self.column_pairs, 1)


@dataclass(frozen=True, slots=True)
class ResistorReference:
    """A resistor in place of the cells, chosen at one temperature.

    Attributes
    ----------
    relative_sigma : float
        Spread of the resistance from one reference to the next [1], >= 0.
    chosen_at_K : float
        Temperature at which it lies where the placement says [K].
    temperature_coefficient_per_K : float
        Relative change of its resistance [1/K]; the levels fall with the magnetoresistance.
    """

    relative_sigma: float
    chosen_at_K: float = 300.0
    temperature_coefficient_per_K: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an impossible resistor."""
        finite("relative_sigma of the reference", self.relative_sigma, 0.0)
        finite("chosen_at_K of the reference", self.chosen_at_K, 200.0, 500.0)
        finite("temperature_coefficient_per_K of the reference", self.temperature_coefficient_per_K)


@dataclass(frozen=True, slots=True)
class TrimmedReference:
    """Columns of junctions, with a step of its own for each sensed column, set once on the tester.

    The step takes out what is constant of a column: amplifier offset, its drive, the reference columns. What
    is left is what the step cannot resolve, and the drift of the offset from the temperature of the tester.
    Left out: one step serves both levels, whose common modes and drives differ a little. What it leaves of
    them is 0.4 mV of the shipped large amplifier and 0.8 mV of the minimum one, whose errors come out 2 to 4
    times too small next to a step of 0.5 mV.

    Attributes
    ----------
    column_pairs : int
        As in `JunctionReference`.
    step_V, range_V : float
        Smallest change of the reference, and the largest to either side of its nominal place [V], > 0.
    trimmed_at_K : float
        Temperature of the tester [K].
    """

    column_pairs: int
    step_V: float
    range_V: float
    trimmed_at_K: float = 300.0

    def __post_init__(self) -> None:
        """Refuse an impossible trim."""
        whole("column_pairs of the reference", self.column_pairs, 1)
        finite("step_V of the reference", self.step_V, above=0.0)
        finite("range_V of the reference", self.range_V, above=0.0)
        finite("trimmed_at_K of the reference", self.trimmed_at_K, 200.0, 500.0)
        if self.step_V > 2.0 * self.range_V:
            raise InputError(
                f"step_V of the reference must not exceed its whole range, twice range_V; instead received "
                f"{self.step_V} and {self.range_V}."
            )

    @property
    def residual_sigma_V(self) -> float:
        """Standard deviation of what a step leaves, evenly spread over it [V]."""
        return self.step_V / math.sqrt(12.0)


ReferenceScheme = JunctionReference | ResistorReference | TrimmedReference


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One of the two levels next to a reference, at the strobe.

    Attributes
    ----------
    level_V : float
        Mean level [V].
    cell_sigma_V, drive_sigma_V, noise_sigma_V : float
        Spread by the cells and by the column's drive, noise of one access [V].
    """

    level_V: float
    cell_sigma_V: float
    drive_sigma_V: float
    noise_sigma_V: float


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A placed reference.

    Attributes
    ----------
    voltage_V : float
        Nominal [V].
    shared_sigma_V : float
        Its own spread, the same for all columns that share it [V].
    drive_sigma_V : float
        Drive mismatch of the sensed column, to first order, for a level at the reference [V].
    noise_sigma_V : float
        Noise of one access [V].
    gaussian_sigma_V : float
        Part of the shared spread that is not of cells, to first order [V].
    mates : Mates
        The columns of cells, with their drives, that make the rest of it.
    trim : TrimmedReference or None
        How the columns were trimmed against all of the above.
    """

    voltage_V: float
    shared_sigma_V: float
    drive_sigma_V: float
    noise_sigma_V: float
    gaussian_sigma_V: float
    mates: Mates
    trim: TrimmedReference | None = None

    def trimmed(self) -> Reference:
        """The same without what a trim takes out; itself if there is none."""
        if self.trim is None:
            return self
        return dataclasses.replace(
            self, shared_sigma_V=0.0, drive_sigma_V=0.0, gaussian_sigma_V=0.0, mates=NO_MATES
        )

    @property
    def outside_mates_V(self) -> float:
        """Gaussian spread that no column of the reference brings along [V]."""
        return 0.0 if self.mates.weights.size else self.gaussian_sigma_V

    @property
    def sigma_V(self) -> float:
        """Spread of both causes together, over columns of many chips [V]."""
        return math.hypot(self.shared_sigma_V, self.drive_sigma_V)


def placed_share(
    lower: Neighbour,
    upper: Neighbour,
    offset_sigma_V: Callable[[float], float],
    placement: str | float,
    shared_sigma_V: Callable[[float], float],
) -> float:
    """Where a reference lies between two levels, as a part of the way from the lower to the upper one.

    Parameters
    ----------
    lower, upper : Neighbour
        The two levels.
    offset_sigma_V : callable
        Amplifier offset [V] at a common mode [V].
    placement : str or float
        "equal-z" or "equal-density", in terms of everything static that enters the comparison: cells, drive,
        amplifier offset at its common mode and the reference itself, which is why the point is found by
        iteration. Or the part of the way itself.
    shared_sigma_V : callable
        Spread of the reference itself [V] at such a part of the way.

    Returns
    -------
    float
        Above 0 and below 1.

    Raises
    ------
    InputError
        If the placement is unknown or outside the two levels.
    """
    step = upper.level_V - lower.level_V
    if not isinstance(placement, str):
        share = finite("placement of the reference", placement)
        if not 0.0 < share < 1.0:
            raise InputError(
                f"The placement of the reference must lie between the two levels that it tells apart, as a "
                f"part of the way above 0 and below 1; instead received {placement}."
            )
        return share
    if placement not in PLACEMENTS:
        raise InputError(
            f"placement must be one of {', '.join(PLACEMENTS)}, or a part of the way between the two levels; "
            f"instead received {shown(placement)}."
        )
    find = equal_z_point if placement == "equal-z" else equal_density_point
    point = 0.5 * (lower.level_V + upper.level_V)
    for _ in range(ITERATIONS):
        share = (point - lower.level_V) / step
        own = math.hypot(shared_sigma_V(share), drive_at(lower, upper, share))
        totals = [
            math.hypot(own, one.cell_sigma_V, offset_sigma_V(0.5 * (point + one.level_V)))
            for one in (lower, upper)
        ]
        before, point = point, find(lower.level_V, totals[0], upper.level_V, totals[1])
        if abs(point - before) < TOLERANCE_V:
            break
    return (point - lower.level_V) / step


def drive_at(lower: Neighbour, upper: Neighbour, share: float) -> float:
    """Drive mismatch of a level at a part of the way between two levels, to first order [V]."""
    return lower.drive_sigma_V + share * (upper.drive_sigma_V - lower.drive_sigma_V)


def junction_sigma_V(lower: Neighbour, upper: Neighbour, share: float, column_pairs: int) -> float:
    """Spread of a mean of reference columns, their drives included [V]."""
    low = (1.0 - share) * math.hypot(lower.cell_sigma_V, lower.drive_sigma_V)
    high = share * math.hypot(upper.cell_sigma_V, upper.drive_sigma_V)
    return math.hypot(low, high) / math.sqrt(column_pairs)


def junction_reference(
    lower: Neighbour,
    upper: Neighbour,
    share: float,
    column_pairs: int,
    states: FloatArray,
    slopes_V: FloatArray,
) -> Reference:
    """Reference out of pairs of columns: states (2, cells) and slopes (2, variables) of the two levels."""
    drives = math.hypot((1.0 - share) * lower.drive_sigma_V, share * upper.drive_sigma_V)
    noises = math.hypot((1.0 - share) * lower.noise_sigma_V, share * upper.noise_sigma_V)
    return Reference(
        voltage_V=lower.level_V + share * (upper.level_V - lower.level_V),
        shared_sigma_V=junction_sigma_V(lower, upper, share, column_pairs),
        drive_sigma_V=drive_at(lower, upper, share),
        noise_sigma_V=noises / math.sqrt(column_pairs),
        gaussian_sigma_V=drives / math.sqrt(column_pairs),
        mates=Mates(
            columns=float(column_pairs),
            weights=np.array([1.0 - share, share]) / column_pairs,
            states=states,
            levels_V=np.array([lower.level_V, upper.level_V]),
            slopes_V=slopes_V,
        ),
    )


def resistor_reference(
    lower: Neighbour, upper: Neighbour, voltage_V: float, slope_V: float, scheme: ResistorReference
) -> Reference:
    """Reference by a resistor with a voltage, and the change of that per relative change of the resistance.

    Its noise is taken between those of the two levels, the shot noise of junctions for an upper bound.
    """
    drive = drive_at(lower, upper, (voltage_V - lower.level_V) / (upper.level_V - lower.level_V))
    own = math.hypot(scheme.relative_sigma * slope_V, drive)
    return Reference(
        voltage_V=voltage_V,
        shared_sigma_V=own,
        drive_sigma_V=drive,
        noise_sigma_V=max(lower.noise_sigma_V, upper.noise_sigma_V),
        gaussian_sigma_V=own,
        mates=NO_MATES,
    )
