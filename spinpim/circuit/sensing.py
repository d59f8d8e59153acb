"""What a sensed column answers: levels, reference, error by input pattern, delay, energy, disturb."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.circuit.bitline import strobe_time_s
from spinpim.circuit.cell import Cell
from spinpim.circuit.comparison import compare, reference_between
from spinpim.circuit.costs import line_reset_s, read_disturb, sense_energy_J
from spinpim.circuit.error_rates import static_error, temporal_error
from spinpim.circuit.levels import levels
from spinpim.circuit.operations import find_operation
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sensing:
    """One operation on one column, all voltages at the strobe; made by `sense`.

    Every pattern is a key; "1" is antiparallel (high), the first symbol is the first row. Static numbers are
    the same at every access of a chip, temporal ones are new each time; they are never added.

    Attributes
    ----------
    operation : str
        "READ", "AND", "OR" or "MAJ".
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
        Mean reference; smallest of the margins [V].
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
    error_temporal: dict[str, float]
    undecided: dict[str, float]
    delay_split_s: dict[str, float]
    energy_split_J: dict[str, float]
    delay_s: float
    energy_J: float
    read_disturb_probability: float

    @property
    def patterns(self) -> tuple[str, ...]:
        """Input patterns in the order of `column_errors`: ("00", "01", "10", "11") for two rows."""
        return tuple(self.levels_V)

    def column_errors(self, standard_normals: ArrayLike) -> tuple[FloatArray, FloatArray]:
        r"""Errors of given columns, the spread of their cells averaged over.

        .. math::

            u = m_p - s_p (z_0 \sigma_{os,p} + z_1 \sigma_{ref} + z_2 \sigma_{drive}), \qquad
            P_{static} = \Phi(-u/\sigma_p), \quad s_p = \pm 1 \text{ for answer 1, 0}

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
            If the shape is not (columns, 3) or a value is not finite.

        Examples
        --------
        >>> from spinpim.device import Device
        >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
        >>> sensing = sense(cell, SenseAmp.load("strongarm_45nm"))
        >>> static, temporal = sensing.column_errors([[0, 0, 0], [8, 0, 0]])
        >>> static.shape, bool(static[1, 3] > static[0, 3]), bool(static[1, 1] <= static[0, 1])
        ((2, 4), True, True)
        """
        normals = np.asarray(standard_normals, dtype=np.float64)
        if normals.ndim != 2 or normals.shape[1] != 3 or not np.all(np.isfinite(normals)):
            raise InputError(
                f"standard_normals must be a finite array of shape (columns, 3): amplifier offset, "
                f"reference and drive; instead received shape {normals.shape}."
            )
        margin, offset, cells, noise = (
            np.array(list(values.values()))
            for values in (self.margins_V, self.offset_sigma_V, self.level_sigma_V, self.noise_sigma_V)
        )
        towards_one = np.where(np.array(list(self.levels_V.values())) > self.reference_V, 1.0, -1.0)
        shift = normals[:, :1] * offset + normals[:, 1:2] * self.reference_sigma_V
        shift = shift + normals[:, 2:] * self.drive_sigma_V
        left = margin - towards_one * shift
        return static_error(left, cells), temporal_error(left, cells, noise)


def sense(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    operation: str = "AND",
    rows: int = 2,
    temperature_K: float | None = None,
) -> Sensing:
    """Sense one column: levels of all input patterns, reference, errors, delay, energy, read disturb.

    Every effect is on: access transistor and channel in the read path, magnetoresistance at the bias of each
    pattern, spread of resistance, magnetoresistance and access threshold, mismatch of the read current,
    amplifier offset at its common mode, spread and noise of the reference, noise of line and amplifier,
    unfinished settling.

    Parameters
    ----------
    cell : Cell
        Cell and column, from ``Cell.load``.
    amplifier : SenseAmp
        Amplifier, from ``SenseAmp.load``; with a clamp it senses current, else voltage.
    operation : str
        "READ" (1 row), "AND" (1..3), "OR" (1..3) or "MAJ" (3). The reference lies between the two levels that
        the operation tells apart.
    rows : int
        Rows activated together, 1..3.
    temperature_K : float, optional
        Temperature [K], 200..500; the device's own by default.

    Returns
    -------
    Sensing
        Deterministic: closed forms and quadrature over Gaussian variables, no sampling.

    Raises
    ------
    InputError
        If an argument is out of range, the cells cannot carry the read current, or a level leaves the common
        mode range of the amplifier.

    Notes
    -----
    Level spread by linear propagation. Against the full circuit the static error of the shipped AND is within
    a factor of 2 at 1e-10 and 5 % at 1e-3, and further off deeper down; it is too small at the upper level,
    which has the longer tail.
    The reference is placed anew for each temperature: it tracks perfectly.
    An amplifier that has not decided in its time counts as its sign says: about half of the undecided
    accesses are in ``error_static`` and ``error_temporal`` already.
    Margins are those at the strobe: what has not settled by then is lost, in mean and in spread. Each access
    starts from a line at ground; what the reset leaves of the last level is not carried over. Left out:
    flicker and telegraph noise, supply noise, strobe jitter, coupling between bit lines, leakage of the
    unselected cells.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> sensing = sense(cell, SenseAmp.load("strongarm_45nm"), operation="AND", rows=2)
    >>> sensing.patterns, sensing.levels_V["01"] < sensing.reference_V < sensing.levels_V["11"]
    (('00', '01', '10', '11'), True)
    """
    asked = find_operation(operation, rows)
    temperature = _checked(cell, amplifier, temperature_K)
    if float(cell.device.tmr(0.0, temperature)) <= 0.0:
        raise InputError(
            f"Device {cell.device.name} has no magnetoresistance at {temperature:g} K: there is nothing to "
            "sense. Raise tunnel_magnetoresistance, or check its temperature coefficient."
        )
    all_levels = levels(cell, amplifier, rows, temperature)
    lower, upper = all_levels[asked.threshold - 1], all_levels[asked.threshold]
    strobe = strobe_time_s(upper.settling, lower.settling, cell.settling_residual)
    reference = reference_between(lower, upper, cell, amplifier, strobe, temperature)
    by_ones = [
        compare(
            level, reference, amplifier, strobe, temperature, reads_one=level.antiparallel >= asked.threshold
        )
        for level in all_levels
    ]
    by_pattern = {pattern: by_ones[pattern.count("1")] for pattern in asked.patterns}
    decision = amplifier.decision_time_s(amplifier.resolution_V, temperature)
    delay = {
        "access": cell.access_time_s,
        "settling": strobe,
        "decision": decision,
        "reset": line_reset_s(cell, amplifier, temperature),
    }
    energy = sense_energy_J(cell, amplifier, all_levels, (lower, upper), strobe, strobe + decision)
    return Sensing(
        operation=asked.name,
        rows=rows,
        mode=amplifier.mode,
        temperature_K=temperature,
        levels_V={pattern: one.level_V for pattern, one in by_pattern.items()},
        margins_V={pattern: one.margin_V for pattern, one in by_pattern.items()},
        reference_V=reference.voltage_V,
        margin_V=min(one.margin_V for one in by_ones),
        level_sigma_V={pattern: one.level_sigma_V for pattern, one in by_pattern.items()},
        offset_sigma_V={pattern: one.offset_sigma_V for pattern, one in by_pattern.items()},
        reference_sigma_V=reference.shared_sigma_V,
        drive_sigma_V=reference.drive_sigma_V,
        noise_sigma_V={pattern: one.noise_sigma_V for pattern, one in by_pattern.items()},
        spread_V={pattern: dict(one.spread_V) for pattern, one in by_pattern.items()},
        error_static={pattern: one.static for pattern, one in by_pattern.items()},
        error_temporal={pattern: one.temporal for pattern, one in by_pattern.items()},
        undecided={pattern: one.undecided for pattern, one in by_pattern.items()},
        delay_split_s=delay,
        energy_split_J=energy,
        delay_s=math.fsum(delay.values()),
        energy_J=math.fsum(energy.values()),
        read_disturb_probability=read_disturb(cell.device, all_levels, strobe + decision, temperature),
    )


def _checked(cell: Cell, amplifier: SenseAmp, temperature_K: float | None) -> float:
    for name, given, wanted in (("cell", cell, Cell), ("amplifier", amplifier, SenseAmp)):
        if not isinstance(given, wanted):
            raise InputError(
                f"{name} must come from {wanted.__name__}.load(...); instead received {type(given).__name__}."
            )
    temperature = cell.device.temperature_K if temperature_K is None else temperature_K
    if isinstance(temperature, bool) or not isinstance(temperature, int | float | np.floating):
        raise InputError(f"temperature_K must be a number; instead received {temperature!r}.")
    if not 200.0 <= temperature <= 500.0:
        raise InputError(
            f"temperature_K must be in 200..500 K (27 degC is 300 K); instead received {temperature}."
        )
    return float(temperature)
