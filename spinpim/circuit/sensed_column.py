"""What the kernels of the error rates need of a column: its cells' spread and what is sensed of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import column_temperature_K, instance
from spinpim.circuit.amplifier_supply import refuse_supply
from spinpim.circuit.cell import Cell
from spinpim.circuit.level_kernel import Column, sensed_level, variables
from spinpim.circuit.levels import Level, clamped_source, current_settling, relative_sigmas, voltage_settling
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
DEGREE = 13
"""Of the polynomial in the settled level: within 0.2 uV in the range below."""
BELOW, ABOVE = 0.5, 1.7
"""Range of the polynomial over the lowest and the highest level; cells out of it are beyond any spread."""


def sensed_column(
    cell: Cell,
    amplifier: SenseAmp,
    levels: Sequence[Level],
    strobe_s: float,
    temperature_K: float,
) -> Column:
    """Cells and line of a column as they are at the strobe.

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        The column.
    levels : sequence of Level
        Its levels, rising.
    strobe_s : float
        Strobe after the opening of the word line [s].
    temperature_K : float
        Temperature [K].

    Returns
    -------
    Column
        Relative spreads are log-normal: the resistance of a barrier is the exponential of its thickness, and
        no cell has a negative one.
    """
    clamp = amplifier.clamp
    if clamp is None:
        current, shunt = len(levels[0].junction_V) * cell.read_current_per_row_A, 0.0
        lowest, highest = BELOW * levels[0].cells_V, ABOVE * levels[-1].cells_V
    else:
        current, shunt = clamped_source(cell, clamp)
        lowest, highest = (
            (current - part * level.line_current_A) / shunt
            for part, level in ((ABOVE, levels[0]), (BELOW, levels[-1]))
        )
    resistance, magnetoresistance = relative_sigmas(cell.device)
    return Column(
        path=cell.read_path(temperature_K),
        current_A=current,
        shunt_S=shunt,
        sigmas=np.array([resistance, magnetoresistance, cell.read_transistor.threshold_sigma_V]),
        strobe=_polynomial(_sensed(cell, amplifier, current, strobe_s), lowest, highest),
        **_drives(cell, amplifier, current),
    )


def without_drives(column: Column) -> Column:
    """The same column, its drive and load as they are nominally."""
    return column._replace(current_sigma_A=0.0, scale_sigma=0.0, raised_sigma_V=0.0, load_sigma=0.0)


def _drives(cell: Cell, amplifier: SenseAmp, current_A: float) -> dict[str, float]:
    """What a standard deviation of the drive and of the load changes in a column."""
    clamp = amplifier.clamp
    if clamp is None:
        sigma = cell.read_current_sigma
        # A line is linear but for its cells: with the current the wire's drop and the strobe scale alike.
        return {
            "current_sigma_A": sigma * current_A,
            "scale_sigma": sigma,
            "raised_sigma_V": 0.0,
            "load_sigma": 0.0,
            "supply_V": 0.0,
        }
    return {
        "current_sigma_A": clamp.voltage_sigma_V * clamped_source(cell, clamp)[1],
        "scale_sigma": 0.0,
        "raised_sigma_V": clamp.voltage_sigma_V,
        "load_sigma": clamp.transresistance_sigma,
        "supply_V": cell.supply_V,
    }


def level_slopes_V(column: Column, cells: FloatArray) -> FloatArray:
    """Slopes of a nominal level in all its variables [V]."""
    slopes = np.empty(variables(column, cells.size))
    sensed_level(column, cells, np.zeros(slopes.size), slopes)
    return slopes


def _sensed(cell: Cell, amplifier: SenseAmp, current_A: float, strobe_s: float) -> Callable[[float], float]:
    """Sensed voltage at the strobe as a function of the settled voltage at the cells."""
    clamp = amplifier.clamp
    if clamp is None:
        return lambda cells_V: voltage_settling(cell, amplifier, current_A, cells_V).value_V(strobe_s)
    _, shunt_S = clamped_source(cell, clamp)
    return lambda cells_V: current_settling(cell, amplifier, cells_V, current_A - shunt_S * cells_V).value_V(
        strobe_s
    )


def _polynomial(function: Callable[[float], float], low: float, high: float) -> FloatArray:
    """Centre, half width and coefficients of the interpolating polynomial, as `strobed` wants them."""
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    nodes = np.polynomial.chebyshev.chebpts1(DEGREE + 1)
    values = [function(centre + half * node) for node in nodes]
    series = np.polynomial.chebyshev.chebfit(nodes, values, DEGREE)
    return np.array([centre, half, *np.polynomial.chebyshev.cheb2poly(series)])


def check_column(cell: Cell, amplifier: SenseAmp) -> None:
    """Refuse what is no column: other kinds, and an amplifier whose laws do not hold at the cell's supply.

    Raises
    ------
    InputError
        If it is none.
    """
    instance("cell", cell, Cell, "Cell.load(...)")
    instance("amplifier", amplifier, SenseAmp, "SenseAmp.load(...)")
    refuse_supply(amplifier, cell)


def checked_temperature_K(cell: Cell, amplifier: SenseAmp, temperature_K: float | None) -> float:
    """Temperature of a column, its own by default; refuses what is no column [K]."""
    check_column(cell, amplifier)
    temperature = column_temperature_K(cell.device.temperature_K if temperature_K is None else temperature_K)
    if float(cell.device.tmr(0.0, temperature)) <= 0.0:
        raise InputError(
            f"Device {cell.device.name} has no magnetoresistance at {temperature:g} K: there is nothing to "
            "sense. Raise tunnel_magnetoresistance, or check its temperature coefficient."
        )
    return temperature
