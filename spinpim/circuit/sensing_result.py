"""The value that `sense` returns: what a column answers to every input pattern."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import finite_array
from spinpim.circuit.column_law import ColumnLaw
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]


LARGEST_DEVIATE = 1e3
"""Of a normal variable; its density is 0 in doubles from 39 on."""


@dataclass(frozen=True, slots=True, eq=False)
class Sensing:
    """One operation on one column, all voltages at the strobe; made by `sense`.

    Every pattern is a key; "1" is antiparallel (high), the first symbol is the first row. Static numbers are
    the same at every access of a chip, temporal ones are new each time; they are never added.

    Attributes
    ----------
    operation : str
        One of `spinpim.circuit.operations.OPERATIONS`.
    rows : int
        Rows activated together.
    mode : str
        "voltage" (bit-line voltage at constant current) or "current" (node of the clamp's load,
        V_dd - R I: equivalent volts of the column current I through the transresistance R).
    temperature_K : float
        Temperature [K].
    levels_V, margins_V : dict of str to float
        Mean level; mean signed distance from the reference towards the right side [V].
    reference_V, margin_V : float
        Nominal reference; smallest of the margins [V]. Of several references that of the part that errs most.
    level_sigma_V, offset_sigma_V : dict of str to float
        Static: spread by the cells; amplifier offset at the common mode of level and reference [V].
    reference_sigma_V, drive_sigma_V : float
        Static: the reference columns, one draw for all columns that share them; the drive of the sensed
        column against theirs, one draw per column [V].
    noise_sigma_V : dict of str to float
        Temporal: line, reference and amplifier noise of one access [V].
    spread_V : dict of str to dict of str to float
        Static spread by cause: resistance, tunnel_magnetoresistance, access_threshold, amplifier_offset,
        reference, drive [V].
    error_static : dict of str to float
        Probability that a column reads the pattern wrongly for good.
    error_without_offset : dict of str to float
        The same for an amplifier without offset.
    untrimmable : float
        Probability that a column lies beyond the range of its trim [1]; such columns are not in the errors. 0
        without a trim.
    importance : dict of str to dict of str to float
        Part of each cause in the squared distance of the most likely failure [1]: what fails first.
    error_temporal : dict of str to float
        Probability per access that noise turns the static answer, mean over columns and cells.
    undecided : dict of str to float
        Probability per access that the amplifier has not decided within its time. Not to be added to the
        errors: they take every decision by its sign, so half of the undecided ones are in them already.
    delay_split_s, energy_split_J : dict of str to float
        Access, settling, decision, reset of the line [s]; cells, bit_line, reference, amplifier, reset (the
        gate of its transistor; the charge was paid on the way up) [J]. Word lines and decoders belong to the
        array.
    delay_s, energy_J : float
        Their sums: time of one access, after which the line is ready for the next (the answer is there
        before the reset); energy per column and operation, mean over equally likely patterns.
    read_disturb_probability : float
        Probability per access that a sensed cell is flipped, for the worst cell of the worst pattern.
    column_law : ColumnLaw or None
        What `column_errors` asks; None of an operation with several references.
    parts : tuple of Sensing
        Of an operation with several references: each of them by itself, lowest first. Else empty.
    """

    operation: str
    rows: int
    mode: str
    temperature_K: float
    levels_V: dict[str, float]
    margins_V: dict[str, float]
    reference_V: float
    margin_V: float
    level_sigma_V: dict[str, float]
    offset_sigma_V: dict[str, float]
    reference_sigma_V: float
    drive_sigma_V: float
    noise_sigma_V: dict[str, float]
    spread_V: dict[str, dict[str, float]]
    error_static: dict[str, float]
    error_without_offset: dict[str, float]
    untrimmable: float
    importance: dict[str, dict[str, float]]
    error_temporal: dict[str, float]
    undecided: dict[str, float]
    delay_split_s: dict[str, float]
    energy_split_J: dict[str, float]
    delay_s: float
    energy_J: float
    read_disturb_probability: float
    column_law: ColumnLaw | None = field(repr=False)
    parts: tuple[Sensing, ...] = ()

    @property
    def patterns(self) -> tuple[str, ...]:
        """Input patterns in the order of `column_errors`: ("00", "01", "10", "11") for two rows."""
        return tuple(self.levels_V)

    def figures(self) -> dict[str, Any]:
        """Every figure by its name, as plain numbers, text, dicts and lists; without `column_law`."""
        names = [one.name for one in dataclasses.fields(self) if one.name not in ("column_law", "parts")]
        found = {name: copy.deepcopy(getattr(self, name)) for name in names}
        found["parts"] = [part.figures() for part in self.parts]
        return found

    def column_errors(self, standard_normals: ArrayLike) -> tuple[FloatArray, FloatArray]:
        r"""Errors of given columns, the spread of their cells averaged over.

        .. math::

            P_{static} = \Pr\big(\pm [V(\text{cells}, z_2) - V_{ref} - r(z_1) - z_0 \sigma_{os}] < 0\big)

        for answer 1, 0, with the quantile r of the reference.

        Parameters
        ----------
        standard_normals : (columns, 3) array
            Standard normal deviates of each column: amplifier offset, reference, drive. Positive ones raise
            what the level must exceed and so shift answers towards 0. Columns that share a reference have
            the same deviate of it.

        Returns
        -------
        static : (columns, patterns) array
            Probability over the cells of such a column that a group with this pattern reads wrongly for good.
        temporal : (columns, patterns) array
            Probability per access that noise turns the static answer, mean over the cells.

        Raises
        ------
        InputError
            If the shape is not (columns, 3), a value is not finite, or the operation has several references.

        Notes
        -----
        The tail of the cells' level by its quadratic form about the threshold of each column, tabulated:
        against sampling of the whole circuit within 1 % from 1e-1 to 1e-12. The mean over the columns is the
        error of the population within 1 %. Clamp and load of a column have one deviate, in the direction in
        which they lower a level at the reference.

        Examples
        --------
        >>> from spinpim.circuit import Cell, SenseAmp, sense
        >>> from spinpim.device import Device
        >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
        >>> sensing = sense(cell, SenseAmp.load("strongarm_45nm"))
        >>> static, temporal = sensing.column_errors([[0, 0, 0], [8, 0, 0]])
        >>> static.shape, bool(static[1, 3] > static[0, 3]), bool(static[1, 1] <= static[0, 1])
        ((2, 4), True, True)
        """
        law = single_law(self)
        normals = checked_normals(standard_normals)
        static, temporal = law.errors(normals)
        ones = [pattern.count("1") for pattern in self.patterns]
        return static[:, ones], temporal[:, ones]


def checked_normals(standard_normals: ArrayLike) -> FloatArray:
    """Deviates of columns, shape (columns, 3).

    Raises
    ------
    InputError
        If the shape is another, or a value is not finite.
    """
    normals = finite_array("standard_normals", standard_normals, -LARGEST_DEVIATE, LARGEST_DEVIATE)
    if normals.ndim != 2 or normals.shape[1] != 3:
        raise InputError(
            f"standard_normals must be a finite array of shape (columns, 3): amplifier offset, "
            f"reference and drive; instead received shape {normals.shape}."
        )
    return normals


def single_law(sensing: Sensing) -> ColumnLaw:
    """What single columns answer; refuses an operation that has several references.

    Raises
    ------
    InputError
        If there are several references, or it is no sensing.
    """
    if not isinstance(sensing, Sensing):
        raise InputError(f"sensing must come from sense(...); instead received {type(sensing).__name__}.")
    if sensing.column_law is None:
        raise InputError(
            f"{sensing.operation} has {len(sensing.parts)} references and amplifiers; ask each of its parts "
            "for the errors of columns."
        )
    return sensing.column_law


def united(parts: Sequence[Sensing], operation: str) -> Sensing:
    """Several references at once, each with its own amplifier: energies added, times in parallel.

    A pattern's level, margin and spread are those of the part which errs most on it, at that part's strobe.
    """
    first = parts[0]
    errors = {pattern: [part.error_static[pattern] for part in parts] for pattern in first.patterns}
    worst = {pattern: parts[int(np.argmax(errors[pattern]))] for pattern in errors}
    most = max(parts, key=lambda part: max(part.error_static.values()))

    def of_worst(name: str) -> dict[str, Any]:
        return {pattern: getattr(part, name)[pattern] for pattern, part in worst.items()}

    def either(name: str) -> dict[str, float]:
        """An odd number of the parts wrong: two wrong amplifiers cancel."""
        found = dict.fromkeys(worst, 0.0)
        for part in parts:
            for pattern, own in getattr(part, name).items():
                found[pattern] += own - 2.0 * own * found[pattern]
        return found

    def any_of(name: str) -> dict[str, float]:
        """One of the parts or more."""
        return {
            pattern: 1.0 - math.prod(1.0 - getattr(part, name)[pattern] for part in parts)
            for pattern in worst
        }

    delay = {key: max(part.delay_split_s[key] for part in parts) for key in first.delay_split_s}
    # The line is held until the last of them has decided.
    energy = {key: max(part.energy_split_J[key] for part in parts) for key in first.energy_split_J}
    for key in ("reference", "amplifier"):
        energy[key] = math.fsum(part.energy_split_J[key] for part in parts)
    margins = of_worst("margins_V")
    return dataclasses.replace(
        first,
        operation=operation,
        levels_V=of_worst("levels_V"),
        margins_V=margins,
        reference_V=most.reference_V,
        margin_V=min(margins.values()),
        level_sigma_V=of_worst("level_sigma_V"),
        offset_sigma_V=of_worst("offset_sigma_V"),
        reference_sigma_V=most.reference_sigma_V,
        drive_sigma_V=most.drive_sigma_V,
        noise_sigma_V=of_worst("noise_sigma_V"),
        spread_V=of_worst("spread_V"),
        error_static=either("error_static"),
        error_without_offset=either("error_without_offset"),
        untrimmable=max(part.untrimmable for part in parts),
        importance=of_worst("importance"),
        error_temporal=either("error_temporal"),
        undecided=any_of("undecided"),
        delay_split_s=delay,
        energy_split_J=energy,
        delay_s=math.fsum(delay.values()),
        energy_J=math.fsum(energy.values()),
        read_disturb_probability=max(part.read_disturb_probability for part in parts),
        column_law=None,
        parts=tuple(parts),
    )
