"""Where the reference of a column is put: made of junctions or a resistor, for least error if wanted."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from spinpim.checks import finite, shown
from spinpim.circuit.bitline import strobe_time_s
from spinpim.circuit.cell import Cell
from spinpim.circuit.comparison import neighbour
from spinpim.circuit.level_kernel import Column, strobed
from spinpim.circuit.levels import Level, at_reference, levels, states
from spinpim.circuit.operations import find_operation
from spinpim.circuit.reference import (
    JunctionReference,
    Neighbour,
    Reference,
    ReferenceScheme,
    ResistorReference,
    TrimmedReference,
    junction_reference,
    junction_sigma_V,
    placed_share,
    resistor_reference,
)
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import checked_temperature_K, level_slopes_V, sensed_column
from spinpim.errors import InputError

SHARES = (0.02, 0.98)
"""Range of placements that is searched."""
SHARE_TOLERANCE = 1e-4
OHMIC = -1
"""Row of the strobe of a column for an ohmic line, as a resistor is."""


def placed_reference(
    cell: Cell,
    amplifier: SenseAmp,
    column: Column,
    neighbours: tuple[Level, Level],
    strobe_s: float,
    temperature_K: float,
    scheme: ReferenceScheme,
    placement: str | float,
) -> Reference:
    """Reference of a column between two levels at a strobe; arguments as in `sense`.

    Raises
    ------
    InputError
        If the scheme or the placement is unknown, or a resistor has left the two levels.
    """
    lower, upper = (neighbour(column, level, strobe_s) for level in neighbours)
    if isinstance(scheme, JunctionReference | TrimmedReference):
        pairs = scheme.column_pairs
        share = placed_share(
            lower,
            upper,
            lambda common_mode_V: amplifier.offset_sigma_V(common_mode_V, temperature_K, cell.supply_V),
            placement,
            lambda share: junction_sigma_V(lower, upper, share, pairs),
        )
        rows = len(neighbours[0].junction_V)
        cells = np.stack([states(rows, level.antiparallel) for level in neighbours])
        slopes = np.stack([level_slopes_V(column, one) for one in cells])
        found = junction_reference(lower, upper, share, pairs, cells, slopes)
        return found if isinstance(scheme, JunctionReference) else dataclasses.replace(found, trim=scheme)
    if not isinstance(scheme, ResistorReference):
        raise InputError(
            f"reference must be a JunctionReference, ResistorReference or TrimmedReference; instead received "
            f"the {type(scheme).__name__} {shown(scheme)}."
        )
    settled = _chosen_level_V(cell, amplifier, neighbours, scheme, placement)
    resistance = settled / (column.current_A - column.shunt_S * settled)
    resistance *= _relative(scheme, temperature_K)
    settled = column.current_A * resistance / (1.0 + column.shunt_S * resistance)
    voltage, slope, _ = strobed(column.strobe[OHMIC], settled)
    slope *= settled / (1.0 + column.shunt_S * resistance)
    if not lower.level_V < voltage < upper.level_V:
        raise InputError(
            f"The reference resistor, chosen at {scheme.chosen_at_K:g} K, reads {voltage:.4g} V at "
            f"{temperature_K:g} K, outside the levels of {lower.level_V:.4g} and {upper.level_V:.4g} V that "
            "it should tell apart. Choose it nearer to this temperature, give it a temperature coefficient "
            "like that of the cells, or use a JunctionReference."
        )
    return resistor_reference(lower, upper, float(voltage), abs(float(slope)), scheme)


def least_error_placement(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    operation: str = "AND",
    rows: int = 2,
    pattern_probabilities: Mapping[str, float] | None = None,
    temperatures_K: Sequence[float] | None = None,
    reference: ReferenceScheme | None = None,
) -> float:
    r"""Placement of a reference with the least static error, given how often each pattern comes.

    .. math:: \min_x \sum_T \sum_p w_p\, P_p(x, T)

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        The column.
    operation : str
        An operation with one reference.
    rows : int
        Rows activated together.
    pattern_probabilities : dict of str to float, optional
        Weight of every pattern [1], >= 0; equal by default, patterns left out count 0.
    temperatures_K : sequence of float, optional
        Temperatures that count alike [K]; the device's own by default.
    reference : JunctionReference or ResistorReference, optional
        As in `sense`. A resistor has this placement at the temperature at which it is chosen.

    Returns
    -------
    float
        Part of the way from the lower to the upper level, for ``sense(..., placement=...)``.

    Raises
    ------
    InputError
        If the operation has several references, or a pattern, weight or temperature is impossible.

    Examples
    --------
    >>> from spinpim.circuit import Cell, SenseAmp
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> amplifier = SenseAmp.load("strongarm_45nm")
    >>> rare = least_error_placement(cell, amplifier, pattern_probabilities={"01": 0.9, "11": 0.1})
    >>> often = least_error_placement(cell, amplifier, pattern_probabilities={"01": 0.1, "11": 0.9})
    >>> rare > often  # the reference keeps away from the level that comes more often
    True
    """
    from scipy.optimize import minimize_scalar  # slow to load

    from spinpim.circuit.sensing import sense  # which places references with this module

    asked = find_operation(operation, rows)
    if len(asked.thresholds) > 1:
        raise InputError(
            f"{asked.name} has {len(asked.thresholds)} references; place each by its own operation, such as "
            "OR or AND."
        )
    weights = _weights(asked.patterns, pattern_probabilities)
    own = checked_temperature_K(cell, amplifier, None)
    given = np.atleast_1d(np.asarray(own if temperatures_K is None else temperatures_K, dtype=object))
    temperatures = [checked_temperature_K(cell, amplifier, one) for one in given.ravel()]
    if not temperatures:
        raise InputError("temperatures_K must hold at least one temperature; instead received none.")

    def log_error(share: float) -> float:
        total = 0.0
        for temperature in temperatures:
            found = sense(
                cell,
                amplifier,
                operation=operation,
                rows=rows,
                temperature_K=temperature,
                reference=reference,
                placement=float(share),
            )
            total += math.fsum(weights[pattern] * found.error_static[pattern] for pattern in weights)
        return math.log(max(total, 1e-300))

    found = minimize_scalar(log_error, bounds=SHARES, method="bounded", options={"xatol": SHARE_TOLERANCE})
    return float(found.x)


def _weights(patterns: Sequence[str], given: Mapping[str, float] | None) -> dict[str, float]:
    if given is None:
        return dict.fromkeys(patterns, 1.0)
    if not isinstance(given, Mapping):
        raise InputError(
            f"pattern_probabilities must be a dict of pattern and weight; instead received {shown(given)}."
        )
    unknown = sorted(str(pattern) for pattern in set(given) - set(patterns))
    if unknown:
        raise InputError(
            f"pattern_probabilities has the patterns {unknown}; accepted are {', '.join(patterns)}."
        )
    weights = {
        pattern: finite(f"pattern_probabilities[{pattern!r}]", weight, 0.0)
        for pattern, weight in given.items()
    }
    if not math.fsum(weights.values()) > 0.0:
        raise InputError("pattern_probabilities must have a weight above 0.")
    return weights


def _chosen_level_V(
    cell: Cell,
    amplifier: SenseAmp,
    neighbours: tuple[Level, Level],
    scheme: ResistorReference,
    placement: str | float,
) -> float:
    """Settled level of the resistor at the temperature at which it is chosen [V]."""
    rows, threshold = len(neighbours[0].junction_V), neighbours[1].antiparallel
    temperature = scheme.chosen_at_K
    amplifier = at_reference(cell, amplifier, rows, threshold, temperature)
    there = levels(cell, amplifier, rows, temperature)
    lower, upper = there[threshold - 1], there[threshold]
    strobe = strobe_time_s(upper.settling, lower.settling, cell.settling_residual)
    column = sensed_column(cell, amplifier, there, strobe, temperature)
    low, high = neighbour(column, lower, strobe), neighbour(column, upper, strobe)
    middle = 0.5 * (low.level_V + high.level_V)
    drive = 0.5 * (low.drive_sigma_V + high.drive_sigma_V)
    share = placed_share(
        low,
        high,
        lambda common_mode_V: amplifier.offset_sigma_V(common_mode_V, temperature, cell.supply_V),
        placement,
        lambda share: math.hypot(scheme.relative_sigma * middle, drive),
    )
    return _settled_V(column, low, high, share)


def _settled_V(column: Column, low: Neighbour, high: Neighbour, share: float) -> float:
    """Settled level that is sensed at a part of the way between two levels, by Newton steps."""
    wanted = low.level_V + share * (high.level_V - low.level_V)
    settled = float(column.strobe[OHMIC, 0])
    for _ in range(20):
        value, slope, _ = strobed(column.strobe[OHMIC], settled)
        settled += (wanted - value) / slope
    return settled


def _relative(scheme: ResistorReference, temperature_K: float) -> float:
    """Resistance over that at the temperature at which it was chosen."""
    relative = 1.0 + scheme.temperature_coefficient_per_K * (temperature_K - scheme.chosen_at_K)
    if relative <= 0.0:
        raise InputError(
            f"The reference resistor has no resistance left at {temperature_K:g} K; its temperature "
            f"coefficient of {scheme.temperature_coefficient_per_K:g} per K is too large."
        )
    return relative
