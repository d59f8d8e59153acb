"""What one sensing costs: energy from the supply, and the risk to the cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from spinpim.circuit.bitline import reset_time_s
from spinpim.circuit.cell import Cell
from spinpim.circuit.levels import Level
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.device import Device, escape_rate_per_s


def sense_energy_J(
    cell: Cell,
    amplifier: SenseAmp,
    all_levels: Sequence[Level],
    neighbours: tuple[Level, Level],
    strobe_s: float,
    on_time_s: float,
) -> dict[str, float]:
    r"""Energy per column and operation, drawn from the supplies, mean over equally likely input patterns.

    .. math::

        E_{line} = V_{dd} C V_{BL}, \quad E_{cells} = V_{dd} (I t - C V_{BL}), \quad
        E_{ref} = \frac{m}{n} V_{dd} (I_0 + I_1) t, \quad E_{reset} = C_g V_{dd}^2

    The charge of the line is part of the constant current and is taken out of the cells' share; in current
    mode the clamp supplies it on top of the cell current, and the other branch of the mirror carries the mean
    current of the reference in each column, too. The reference is m pairs of columns shared by n.
    The reset takes the charge of the line to ground, and from the supply only its gate.

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        The column.
    all_levels : sequence of Level
        Levels for 0, 1, ... antiparallel cells.
    neighbours : tuple of Level
        The two levels the reference columns are at.
    strobe_s, on_time_s : float
        Strobe after the opening of the word line; how long the current flows [s].

    Returns
    -------
    dict of str to float
        Keys "cells", "bit_line", "reference", "amplifier", "reset" [J].
    """
    rows = len(all_levels) - 1
    weights = np.array([math.comb(rows, level.antiparallel) for level in all_levels]) / 2.0**rows
    current = float(weights @ [level.line_current_A for level in all_levels])
    supplied = cell.supply_V * current * on_time_s
    if amplifier.clamp is None:
        capacitance = cell.bit_line_capacitance_F + amplifier.input_capacitance_F
        reached = float(weights @ [level.settling.value_V(strobe_s) for level in all_levels])
        line = cell.supply_V * capacitance * reached
        cells = supplied - line
    else:
        line = cell.supply_V * cell.bit_line_capacitance_F * amplifier.clamp.voltage_V
        cells = supplied
    pair = sum(level.line_current_A for level in neighbours) * cell.supply_V * on_time_s
    mirrored = 0.0
    if amplifier.clamp is not None:
        # The other branch of each mirror carries the current of the reference; reference lines charge, too.
        mirrored = 0.5 * pair
        pair += 2.0 * line
    reference = pair * cell.reference_column_pairs / cell.reference_shared_by + mirrored
    return {
        "cells": cells,
        "bit_line": line,
        "reference": reference,
        "amplifier": amplifier.energy_at_J(cell.supply_V),
        "reset": cell.reset_transistor.gate_capacitance_F * cell.supply_V**2,
    }


def line_reset_s(cell: Cell, amplifier: SenseAmp, temperature_K: float) -> float:
    """Time to take the bit line to ground after an access [s]; see `reset_time_s`.

    The sensed node of a clamp is much smaller than the line and is back at the supply sooner.
    """
    load_F = amplifier.input_capacitance_F if amplifier.clamp is None else 0.0
    return reset_time_s(
        cell.reset_transistor.on_resistance_ohm(cell.supply_V, 0.0, temperature_K),
        cell.bit_line_capacitance_F + load_F,
        cell.bit_line_resistance_ohm,
        cell.reset_residual,
    )


def read_disturb(
    device: Device, all_levels: Sequence[Level], on_time_s: float, temperature_K: float
) -> float:
    r"""Probability per access that a sensed cell is flipped, for the worst cell of the worst pattern.

    .. math:: P = 1 - e^{-\Gamma(V_{mtj})\, t}

    Parameters
    ----------
    device : Device
        The junction.
    all_levels : sequence of Level
        Levels with the voltage of each junction; the read current holds the antiparallel state.
    on_time_s : float
        How long the settled voltage is taken to last [s], an upper bound.
    temperature_K : float
        Temperature [K].

    Returns
    -------
    float
        Probability [1].
    """
    warm = device if temperature_K == device.temperature_K else device.replace(temperature_K=temperature_K)
    # Antiparallel cells come first in a level. The read current holds them and disturbs the parallel ones, so
    # the worst cells are the antiparallel one at the lowest voltage and the parallel one at the highest.
    held = [voltage for level in all_levels for voltage in level.junction_V[: level.antiparallel]]
    disturbed = [voltage for level in all_levels for voltage in level.junction_V[level.antiparallel :]]
    rate = max(
        escape_rate_per_s(warm, "AP", -min(held)),
        escape_rate_per_s(warm, "P", -max(disturbed)),
    )
    return -math.expm1(-rate * on_time_s)
