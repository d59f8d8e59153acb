"""How long a sense amplifier takes to decide, and how often it has not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spinpim.checks import column_temperature_K, finite
from spinpim.circuit import error_rates
from spinpim.circuit.amplifier_supply import relative_supply
from spinpim.circuit.exponential import grown
from spinpim.circuit.transistor import HIGHEST_V, ROOM_TEMPERATURE_K
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.circuit.sense_amp import SenseAmp


def regeneration_time_s(
    amplifier: SenseAmp,
    temperature_K: float = ROOM_TEMPERATURE_K,
    supply_V: float | None = None,
    common_mode_V: float | None = None,
) -> float:
    r"""Time constant of regeneration.

    .. math::

        \tau = \tau_0 \Big(1 - r + \frac{r}{A}\Big) \Big(\frac{T}{300\,K}\Big)^p v^{\,a + b \ln v} F, \quad
        v = V_{dd}/V_{dd,0}, \quad
        F = \frac{1 + e}{1 + e_0}, \quad e = e_0 \exp\frac{V_{cm} - V_0 - s (V_{dd} - V_{dd,0})}{v_c}

    Parameters
    ----------
    amplifier : SenseAmp
        The amplifier.
    temperature_K : float
        Temperature [K].
    supply_V, common_mode_V : float, optional
        Supply and mean of the inputs [V]; those of the reference point by default.

    Returns
    -------
    float
        Time constant [s].

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    r is the share of the load on the outputs at area scale A = 1, F the slowing by an input pair that
    starves as the common mode nears the supply. Fits to 0.7..1.1 V and -40..125 degC.
    """
    relative = relative_supply(amplifier, supply_V)
    supplied = math.log(relative)
    temperature_K = column_temperature_K(temperature_K)
    exponent = (amplifier.supply_exponent + amplifier.supply_curvature * supplied) * supplied
    exponent += amplifier.time_constant_exponent * math.log(temperature_K / ROOM_TEMPERATURE_K)
    loaded = 1.0 - amplifier.load_share + amplifier.load_share / amplifier.area_scale
    followed = grown("time constant", exponent) * _starved(amplifier, relative, common_mode_V)
    return amplifier.time_constant_s * loaded * followed


def intercept_at_s(
    amplifier: SenseAmp,
    temperature_K: float = ROOM_TEMPERATURE_K,
    supply_V: float | None = None,
    common_mode_V: float | None = None,
) -> float:
    r"""Constant part of the decision time [s]; arguments as in `regeneration_time_s`.

    .. math:: t_0 (T/300)^q \max(0, 1 + c_1 u + c_2 u^2) F^2, \qquad u = V_{dd}/V_{dd,0} - 1
    """
    change = relative_supply(amplifier, supply_V) - 1.0
    supplied = (
        1.0 + amplifier.intercept_supply_slope * change + amplifier.intercept_supply_curvature * change**2
    )
    warmed = math.pow(column_temperature_K(temperature_K) / ROOM_TEMPERATURE_K, amplifier.intercept_exponent)
    starved = _starved(amplifier, change + 1.0, common_mode_V)
    return amplifier.intercept_s * warmed * max(0.0, supplied) * starved**2


def decision_time_s(
    amplifier: SenseAmp,
    difference_V: float,
    temperature_K: float = ROOM_TEMPERATURE_K,
    supply_V: float | None = None,
    common_mode_V: float | None = None,
) -> float:
    r"""Time from enable to a decided output, offset cancellation included.

    .. math:: t = t_0 + \tau \ln\frac{V_{sw}}{A_0 |\Delta V|}

    Parameters
    ----------
    amplifier : SenseAmp
        The amplifier.
    difference_V : float
        Input difference after the offset [V], not zero.
    temperature_K : float
        Temperature [K].
    supply_V, common_mode_V : float, optional
        Supply and mean of the inputs [V]; those of the reference point by default.

    Returns
    -------
    float
        Time [s]; never below t_0. Enable is half way up an edge of 20 ps.

    Raises
    ------
    InputError
        If the difference is zero: a latch in balance decides at no definite time.

    Examples
    --------
    >>> from spinpim.circuit import SenseAmp
    >>> amplifier = SenseAmp.load("strongarm_minimum_45nm")
    >>> round(1e12 * amplifier.decision_time_s(20e-3))
    45
    """
    if finite("difference_V", difference_V) == 0.0:
        raise InputError("difference_V must not be 0: a latch in balance decides at no definite time.")
    swing = amplifier.output_swing_V * relative_supply(amplifier, supply_V)
    gain = max(0.0, math.log(swing / amplifier.initial_gain) - math.log(abs(difference_V)))
    extra = 0.0 if amplifier.cancellation is None else amplifier.cancellation.extra_time_s
    start = intercept_at_s(amplifier, temperature_K, supply_V, common_mode_V)
    return start + regeneration_time_s(amplifier, temperature_K, supply_V, common_mode_V) * gain + extra


def undecided_input_V(
    amplifier: SenseAmp,
    time_s: float,
    temperature_K: float = ROOM_TEMPERATURE_K,
    supply_V: float | None = None,
    common_mode_V: float | None = None,
) -> float:
    r"""Largest input difference that is still undecided after a time from enable [V].

    .. math:: \Delta V = \frac{V_{sw}}{A_0} e^{-(t - t_0)/\tau}

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    time_s = finite("time_s", time_s, 0.0, 1.0)
    extra = 0.0 if amplifier.cancellation is None else amplifier.cancellation.extra_time_s
    elapsed = time_s - extra - intercept_at_s(amplifier, temperature_K, supply_V, common_mode_V)
    elapsed /= regeneration_time_s(amplifier, temperature_K, supply_V, common_mode_V)
    swing = amplifier.output_swing_V * relative_supply(amplifier, supply_V)
    return swing / amplifier.initial_gain * math.exp(min(-elapsed, 100.0))


def undecided_probability(
    amplifier: SenseAmp,
    time_s: float,
    margin_V: float,
    sigma_V: float,
    temperature_K: float = ROOM_TEMPERATURE_K,
    supply_V: float | None = None,
) -> float:
    r"""Probability that the amplifier has not decided after a time from enable (metastability).

    .. math:: P = \Pr(|m + \sigma z| < \Delta V(t)) \approx 2\, \Delta V(t)\, f(0)

    Parameters
    ----------
    amplifier : SenseAmp
        The amplifier.
    time_s : float
        Time from enable [s].
    margin_V, sigma_V : float
        Mean and standard deviation of the input difference after the offset [V], sigma > 0.
    temperature_K, supply_V
        As in `decision_time_s`.

    Returns
    -------
    float
        Probability [1]; at 1 V below 1e-20 after half a nanosecond, at 0.7 V not.

    Examples
    --------
    >>> from spinpim.circuit import SenseAmp
    >>> amplifier = SenseAmp.load("strongarm_minimum_45nm")
    >>> amplifier.undecided_probability(0.5e-9, 10e-3, 20e-3) < 1e-20
    True
    >>> amplifier.undecided_probability(0.5e-9, 10e-3, 20e-3, supply_V=0.7) > 1e-10
    True
    """
    finite("sigma_V", sigma_V, above=0.0)
    window = undecided_input_V(amplifier, time_s, temperature_K, supply_V)
    return float(error_rates.undecided_probability(margin_V, sigma_V, window))


def _starved(amplifier: SenseAmp, relative_supply: float, common_mode_V: float | None) -> float:
    reference_V = amplifier.common_mode_reference_V
    above = (
        0.0
        if common_mode_V is None
        else finite("common_mode_V", common_mode_V, -HIGHEST_V, HIGHEST_V) - reference_V
    )
    above -= amplifier.slowing_supply * amplifier.supply_V * (relative_supply - 1.0)
    if amplifier.slowing == 0.0:
        return 1.0
    share = amplifier.slowing * grown("share of the starved input pair", above / amplifier.slowing_scale_V)
    return (1.0 + share) / (1.0 + amplifier.slowing)
