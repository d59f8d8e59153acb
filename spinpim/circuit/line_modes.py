"""Kernel of a bit line: modes of a distributed RC wire, loaded at its near end and by cells along it.

The wire has a resistance and a capacitance spread evenly; at its near end are a capacitance and a
conductance to ground, at a position between 0 (near end) and 1 (far end) the conductance of the cells.
Inside, resistances count in units of the wire's, times in units of its R C: a mode e^(-beta^2 t) has the wave
number beta.
Scalars; no checks, nothing raised.
"""

from __future__ import annotations

import math

import numba

NEWTON_STEPS = 60
"""Bound of the search; it converges in some five steps, and bisections alone would in 50."""
TOLERANCE = 1e-13
"""Of a wave number, relative."""
SMALLEST_REST = 1e-10
"""What the first two modes leave; less is rounding error."""
NO_WIRE = 1e-10
"""Resistance or capacitance of a wire, over that of its ends, below which it counts as a lumped node."""


@numba.njit(cache=True, error_model="numpy")
def line_modes(at_cell, near_S, near_F, wire_ohm, wire_F, cell_S, position):
    """Three modes of the voltage at the near end after a step, and the cells' part in the slowest.

    The modes, each (share, rate), are the two slowest and one with the share and the time integral of all
    faster ones together. The cells' part is d ln(slowest rate) / d ln(conductance of the cells).

    The step is a current at the near end; with ``at_cell`` it is one at the cells, which is also what the
    cells see of a step at the near end and, without cells, the discharge of the far end through the near.
    """
    if wire_ohm * max(near_S, cell_S) <= NO_WIRE or wire_F <= NO_WIRE * near_F:
        return _single_mode(at_cell, near_S, near_F, wire_ohm, wire_F, cell_S, position)
    near, load = near_S * wire_ohm, near_F / wire_F
    cells = cell_S * wire_ohm
    time = wire_ohm * wire_F
    settled = _settled(at_cell, near, cells, position)
    first, part = _mode(0, at_cell, near, load, cells, position, settled)
    second, _ = _mode(1, at_cell, near, load, cells, position, settled)
    third = _rest(first, second, _area(at_cell, near, load, cells, position))
    return (_scaled(first, time), _scaled(second, time), _scaled(third, time)), part


@numba.njit(cache=True, error_model="numpy")
def unsettled(modes, load_rate, time):
    """Part of a step that is missing at a time; ``load_rate`` is of an RC load behind, inf without one."""
    missing = 0.0
    for share, rate in modes:
        missing += share * _left(rate, load_rate, time)
    return missing


@numba.njit(cache=True, error_model="numpy")
def _single_mode(at_cell, near_S, near_F, wire_ohm, wire_F, cell_S, position):
    """A line whose wire has no resistance, or no capacitance."""
    none = (0.0, 1.0)
    between = wire_ohm * position
    through = cell_S / (1.0 + cell_S * between)
    total, charge = near_S + through, near_F + wire_F
    if charge <= 0.0:
        return (none, none, none), 0.0
    part = through / total / (1.0 + cell_S * between)
    return ((1.0, total / charge), none, none), part


@numba.njit(cache=True, error_model="numpy")
def _settled(at_cell, near, cells, position):
    """Settled response to a unit of the step."""
    total = near + cells + position * near * cells
    return 1.0 / total if at_cell else (1.0 + position * cells) / total


@numba.njit(cache=True, error_model="numpy")
def _area(at_cell, near, load, cells, position):
    """Time integral of what is missing of the settled response, per response."""
    p, rest = position, 1.0 - position
    total, up, down = near + cells + p * near * cells, 1.0 + p * cells, 1.0 + p * near
    if at_cell:
        area = load * up + rest * down + p + 0.5 * (near + cells) * p * p + near * cells * p**3 / 6.0
        return area / total
    area = load * up * up + rest + p + cells * p * p + cells * cells * p**3 / 3.0
    return area / (total * up)


@numba.njit(cache=True, error_model="numpy")
def _mode(order, at_cell, near, load, cells, position, settled):
    """Mode of an order: its share of the settled response and its rate; the cells' part in the rate."""
    beta = _wave_number(order, near, load, cells, position)
    p, q = position, 1.0 - position
    cosine, sine = math.cos(beta * q), math.sin(beta * q)
    # Current over beta times voltage just before the cells.
    wave = sine - cells / beta * cosine
    length = cosine * cosine + wave * wave
    turn = (q + cells * cosine * cosine / beta**2) / length
    tangent = near / beta - beta * load
    secant = 1.0 + tangent * tangent
    norm = load + 0.5 * tangent / beta + 0.5 * secant * (p + turn)
    # The phase at the near end is that of its load: d phase = 0 gives how far the wave number moves.
    slope = p + turn + (near / beta**2 + load) / secant
    move = cosine * cosine / (beta * length * slope)
    share = 1.0
    if at_cell:
        side = 1.0 if order % 2 == 0 else -1.0
        share = side * cosine * math.sqrt(secant / length)
    share *= 1.0 / (beta * beta * norm * settled)
    return (share, beta * beta), 2.0 * cells * move / beta


@numba.njit(cache=True, error_model="numpy")
def _wave_number(order, near, load, cells, position):
    """Root of the phase at the near end, safeguarded Newton from below."""
    p, q = position, 1.0 - position
    if order == 0:
        # The inverse rates add up to the sum of the open-circuit time constants; a constant voltage along the
        # line bounds the lowest rate from above.
        total = near + cells + p * near * cells
        trace = load * (1.0 + p * cells) + q * (1.0 + p * near)
        trace += p + 0.5 * (near + cells) * p * p + near * cells * p**3 / 6.0
        low = 1.0 / math.sqrt(trace / total + 0.5 * q * q)
        high = math.sqrt((near + cells) / (1.0 + load))
        beta = low
    else:
        low, high, beta = 0.5 * math.pi, 2.5 * math.pi, math.pi
    for _ in range(NEWTON_STEPS):
        phase, slope = _phase(beta, near, load, cells, position)
        phase -= order * math.pi
        if phase > 0.0:
            high = beta
        else:
            low = beta
        step = beta - phase / slope
        if not (low <= step <= high):
            step = 0.5 * (low + high)
        moved = abs(step - beta)
        beta = step
        if moved <= TOLERANCE * beta:
            break
    return beta


@numba.njit(cache=True, error_model="numpy")
def _phase(beta, near, load, cells, position):
    """Phase that the mode has beyond the load at the near end, and its slope; it rises with beta.

    From the open far end towards the near one the phase grows by beta times the length; at the cells its
    tangent falls by cells/beta; at the near end the tangent is near/beta - load beta.
    """
    q = 1.0 - position
    cosine, sine = math.cos(beta * q), math.sin(beta * q)
    kick = cells / beta
    wave = sine - kick * cosine
    length = cosine * cosine + wave * wave
    back = math.atan2(-kick * cosine * cosine, 1.0 - kick * sine * cosine)
    tangent = near / beta - beta * load
    slope = position + (q + kick * cosine * cosine / beta) / length
    slope += (near / beta**2 + load) / (1.0 + tangent * tangent)
    return beta + back - math.atan(tangent), slope


@numba.njit(cache=True, error_model="numpy")
def _rest(first, second, area):
    """One mode for all others: the share that is left, and the area that is left."""
    share = 1.0 - first[0] - second[0]
    area = area - first[0] / first[1] - second[0] / second[1]
    if abs(share) < SMALLEST_REST or not (share * area > 0.0 and share / area > second[1]):
        return share, second[1]
    return share, share / area


@numba.njit(cache=True, error_model="numpy")
def _scaled(mode, time):
    return mode[0], mode[1] / time


@numba.njit(cache=True, error_model="numpy")
def _left(rate, load_rate, time):
    """What is left of a mode behind the load, (mu e^-lt - l e^-mt)/(mu - l)."""
    own = math.exp(-rate * time)
    if math.isinf(load_rate):
        return own
    x = (load_rate - rate) * time
    if abs(x) < 1e-3:
        return own + rate * time * own * (1.0 - x * (0.5 - x / 6.0))
    return own + rate * time * (own - math.exp(-load_rate * time)) / x
