"""Delay and energy of a bit line that a resistive cell moves, in closed form, for a column by itself.

An array takes these figures from ``sense``, which knows offset, noise and the law of its amplifier. The
closed forms are for comparison with models that sense by a fixed signal.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from spinpim.array.periphery.gates import switching_delay
from spinpim.errors import InputError


class ReadColumn(NamedTuple):
    """A column as its closed forms see it.

    Attributes
    ----------
    low_ohm, high_ohm : float
        Cell in its two states, access device included [ohm].
    read_V : float
        Voltage of the reading circuit [V].
    signal_V : float
        Signal that the amplifier needs [V].
    line_F, line_ohm : float
        Bit line with its cells [F], [ohm].
    end_F : float
        At the end of the line: multiplexer and amplifier as far as they are on the line [F].
    supply_V : float
        Highest voltage the line can be precharged to [V].
    """

    low_ohm: float
    high_ohm: float
    read_V: float
    signal_V: float
    line_F: float
    line_ohm: float
    end_F: float
    supply_V: float


class LineRead(NamedTuple):
    """Delay until the signal is there [s]; energy in the line [J] and in the cell meanwhile [J]."""

    delay_s: float
    line_J: float
    cell_J: float


def voltage_read(column: ReadColumn) -> LineRead:
    r"""Read by a voltage divider from a precharge half-way between the two levels.

    .. math::

        R_s = \sqrt{R_l R_h}, \quad \tau = \frac{R R_s}{R + R_s} (C_{BL} + C_{end})
        + R_{BL} (\tfrac12 C_{BL} + C_{end}), \quad t = \tau \ln \frac{\Delta V}{\Delta V - V_s}

    The slower of the two states counts. The line discharges from the precharge to the lower level; in the
    meantime the divider draws its current.

    Raises
    ------
    InputError
        If the levels are not twice the signal apart.
    """
    series = math.sqrt(column.low_ohm * column.high_ohm)
    levels = [column.read_V * ohm / (ohm + series) for ohm in (column.low_ohm, column.high_ohm)]
    precharge = min(column.supply_V, 0.5 * (levels[0] + levels[1]))
    steps = [abs(precharge - level) for level in levels]
    if min(steps) <= column.signal_V:
        raise InputError(
            f"The levels of the bit line are {1e3 * (levels[1] - levels[0]):.3g} mV apart, less than twice "
            f"the signal of {1e3 * column.signal_V:.3g} mV. Raise read_V or the "
            "magnetoresistance, or ask for a smaller signal."
        )
    delays = [
        (
            ohm * series / (ohm + series) * (column.line_F + column.end_F)
            + column.line_ohm * (0.5 * column.line_F + column.end_F)
        )
        * math.log(step / (step - column.signal_V))
        for ohm, step in zip((column.low_ohm, column.high_ohm), steps, strict=True)
    ]
    line_J = (column.line_F + column.end_F) * (precharge**2 - levels[0] ** 2)
    delay = max(delays)
    return LineRead(delay, line_J, column.read_V**2 / (column.low_ohm + series) * delay)


def current_read(column: ReadColumn, switch_ohm: float = 0.0) -> LineRead:
    r"""Read by the current into a virtual ground; the line hardly moves.

    .. math:: \tau = \tfrac12 R_{BL} C_{BL} \frac{R_h + R_{BL}/3}{R_h + R_{BL}}

    Parameters
    ----------
    column : ReadColumn
        The column; its signal does not enter.
    switch_ohm : float
        Switch between line and amplifier [ohm].

    References
    ----------
    E. Seevinck, P. J. van Beers, H. Ontrop, IEEE J. Solid-State Circuits 26, 525 (1991),
    doi:10.1109/4.75050.
    """
    line, high = column.line_ohm, column.high_ohm
    tau = 0.5 * line * column.line_F * (high + line / 3.0) / (high + line)
    delay, _ = switching_delay(tau, 0.0, 0.0)
    total = switch_ohm + line + column.low_ohm
    near, far = column.read_V * switch_ohm / total, column.read_V * (switch_ohm + line) / total
    line_J = column.end_F * near**2 + column.line_F * (far**2 + near**2 + far * near) / 3.0
    return LineRead(delay, line_J, column.read_V**2 / total * delay)
