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
    """Three modes of the voltage at the near end after a step: the two slowest, and one for all others.

    Each is (share, rate, d share / d ln settled, d rate / d ln settled), the derivatives by the conductance
    of the cells. The third has the share and the time integral of all faster modes together.

    The step is a current at the near end; with ``at_cell`` it is one at the cells, which is also what the
    cells see of a step at the near end and, without cells, the discharge of the far end through the near.
    """
    if wire_ohm * max(near_S, cell_S) <= NO_WIRE or wire_F <= NO_WIRE * near_F:
        return _single_mode(at_cell, near_S, near_F, wire_ohm, wire_F, cell_S, position)
    near, load = near_S * wire_ohm, near_F / wire_F
    cells = cell_S * wire_ohm
    time = wire_ohm * wire_F
    scale, settled = _settled(at_cell, near, cells, position)
    area, area_slope = _area(at_cell, near, load, cells, position)
    first = _mode(0, at_cell, near, load, cells, position, settled, scale)
    second = _mode(1, at_cell, near, load, cells, position, settled, scale)
    third = _rest(first, second, area, area_slope * scale)
    return _scaled(first, time), _scaled(second, time), _scaled(third, time)


@numba.njit(cache=True, error_model="numpy")
def unsettled(modes, load_rate, time):
    """Part of a step that is missing at a time; ``load_rate`` is of an RC load behind, inf without one."""
    missing = 0.0
    for share, rate, _, _ in modes:
        missing += share * _decay(rate, load_rate, time)[0]
    return missing


@numba.njit(cache=True, error_model="numpy")
def unsettled_change(modes, load_rate, time):
    """Part of a change of the settled level, by the conductance of the cells, that is missing at a time."""
    missing = 0.0
    for share, rate, share_slope, rate_slope in modes:
        decay, decay_slope = _decay(rate, load_rate, time)
        missing += (share + share_slope) * decay + share * rate_slope * decay_slope
    return missing


@numba.njit(cache=True, error_model="numpy")
def _single_mode(at_cell, near_S, near_F, wire_ohm, wire_F, cell_S, position):
    """A line whose wire has no resistance, or no capacitance."""
    none = (0.0, 1.0, 0.0, 0.0)
    between = wire_ohm * position
    through = cell_S / (1.0 + cell_S * between)
    total, charge = near_S + through, near_F + wire_F
    if charge <= 0.0:
        return none, none, none
    rate = total / charge
    # d rate = d through / charge. The settled level is 1/total, or V total with near and cells in series.
    slope = -rate
    if at_cell:
        slope = rate * through / near_S if near_S > 0.0 else 0.0
    return (1.0, rate, 0.0, slope), none, none


@numba.njit(cache=True, error_model="numpy")
def _settled(at_cell, near, cells, position):
    """d/d ln(settled level) over d/d cells, and the settled response to a unit of the step."""
    total, up = near + cells + position * near * cells, 1.0 + position * cells
    if at_cell:
        return (cells * total / near if near > 0.0 else 0.0), 1.0 / total
    return -up * total, up / total


@numba.njit(cache=True, error_model="numpy")
def _area(at_cell, near, load, cells, position):
    """Time integral of what is missing of the settled response, per response, and its slope against cells."""
    p, rest = position, 1.0 - position
    total, up, down = near + cells + p * near * cells, 1.0 + p * cells, 1.0 + p * near
    if at_cell:
        area = load * up + rest * down + p + 0.5 * (near + cells) * p * p + near * cells * p**3 / 6.0
        slope = load * p + 0.5 * p * p + near * p**3 / 6.0
        return area / total, (slope - area * down / total) / total
    area = load * up * up + rest + p + cells * p * p + cells * cells * p**3 / 3.0
    slope = 2.0 * load * up * p + p * p + 2.0 * cells * p**3 / 3.0
    square = total * up
    return area / square, (slope - area * (down / total + p / up)) / square


@numba.njit(cache=True, error_model="numpy")
def _mode(order, at_cell, near, load, cells, position, settled, scale):
    """Mode of an order: its share of the settled response and its rate, with the derivatives of both."""
    beta = _wave_number(order, near, load, cells, position)
    p, q = position, 1.0 - position
    cosine, sine = math.cos(beta * q), math.sin(beta * q)
    wave, wave_beta, wave_cells = _wave(beta, cells, q, cosine, sine)
    length = cosine * cosine + wave * wave
    length_beta = -2.0 * q * cosine * sine + 2.0 * wave * wave_beta
    length_cells = 2.0 * wave * wave_cells
    turn = (q + cells * cosine * cosine / beta**2) / length
    turn_beta = -2.0 * cells * (q * cosine * sine / beta**2 + cosine * cosine / beta**3) / length
    turn_beta -= turn * length_beta / length
    turn_cells = (cosine * cosine / beta**2 - turn * length_cells) / length
    tangent, tangent_beta = near / beta - beta * load, -near / beta**2 - load
    secant = 1.0 + tangent * tangent
    # The phase at the near end is that of its load: d phase = 0 gives how far the wave number moves.
    slope = p + turn - tangent_beta / secant
    move = cosine * cosine / (beta * length * slope)
    norm = load + 0.5 * tangent / beta + 0.5 * secant * (p + turn)
    norm_beta = 0.5 * (tangent_beta - tangent / beta) / beta + 0.5 * secant * turn_beta
    norm_beta += tangent * tangent_beta * (p + turn)
    norm_change = norm_beta * move + 0.5 * secant * turn_cells
    share, change = 1.0, 0.0
    if at_cell:
        side = 1.0 if order % 2 == 0 else -1.0
        lift = side * math.sqrt(secant / length)
        share = cosine * lift
        log_change = tangent * tangent_beta * move / secant
        log_change -= 0.5 * (length_beta * move + length_cells) / length
        change = -q * sine * move * lift + share * log_change
    weight = 1.0 / (beta * beta * norm * settled)
    change = (change - share * (2.0 * move / beta + norm_change / norm)) * weight * scale
    share *= weight
    # The settled response itself moves by d ln(settled) = 1.
    change -= share * (_settled_change(at_cell, near, cells, p) * scale)
    return share, beta * beta, change, 2.0 * beta * move * scale


@numba.njit(cache=True, error_model="numpy")
def _settled_change(at_cell, near, cells, position):
    """Slope of ln(settled response) against cells."""
    change = -(1.0 + position * near) / (near + cells + position * near * cells)
    if not at_cell:
        change += position / (1.0 + position * cells)
    return change


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
def _wave(beta, cells, rest, cosine, sine):
    """Current over beta times voltage just before the cells, and its slopes against beta and cells."""
    wave = sine - cells / beta * cosine
    slope = rest * cosine + cells / beta * rest * sine + cells / beta**2 * cosine
    return wave, slope, -cosine / beta


@numba.njit(cache=True, error_model="numpy")
def _rest(first, second, area, area_slope):
    """One mode for all others: the share that is left, and the area that is left."""
    share = 1.0 - first[0] - second[0]
    area = area - first[0] / first[1] - second[0] / second[1]
    if abs(share) < SMALLEST_REST:
        return share, second[1], 0.0, 0.0
    change = -first[2] - second[2]
    if not (share * area > 0.0 and share / area > second[1]):
        return share, second[1], change, 0.0
    for one in (first, second):
        area_slope -= (one[2] - one[0] * one[3] / one[1]) / one[1]
    rate = share / area
    return share, rate, change, (change - rate * area_slope) / area


@numba.njit(cache=True, error_model="numpy")
def _scaled(mode, time):
    return mode[0], mode[1] / time, mode[2], mode[3] / time


@numba.njit(cache=True, error_model="numpy")
def _decay(rate, load_rate, time):
    """What is left of a mode behind the load, (mu e^-lt - l e^-mt)/(mu - l), and its slope against l."""
    own = math.exp(-rate * time)
    if math.isinf(load_rate):
        return own, -time * own
    x = (load_rate - rate) * time
    if abs(x) < 1e-3:
        first = own * (1.0 - x * (0.5 - x / 6.0))
        second = own * (0.5 - x * (1.0 - 0.25 * x) / 6.0)
    else:
        other = math.exp(-load_rate * time)
        first = (own - other) / x
        second = (x * own - own + other) / (x * x)
    return own + rate * time * first, -load_rate * time * time * second
