"""Offset of a sense amplifier out of its transistor pairs, and its noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spinpim.checks import column_temperature_K, finite
from spinpim.circuit.amplifier_supply import relative_supply, width_scale
from spinpim.circuit.transistor import HIGHEST_V, ROOM_TEMPERATURE_K

if TYPE_CHECKING:
    from spinpim.circuit.sense_amp import SenseAmp


def offset_by_pair_V(
    amplifier: SenseAmp,
    common_mode_V: float,
    temperature_K: float = ROOM_TEMPERATURE_K,
    supply_V: float | None = None,
) -> dict[str, float]:
    r"""Standard deviation of the input offset by the pair that causes it; they add in squares.

    .. math:: \sigma_i = r\, w_i(V_{cm}, T, V_{dd}) \frac{A_{VT}}{\sqrt{W_i L_i}}

    Parameters
    ----------
    amplifier : SenseAmp
        The amplifier.
    common_mode_V : float
        Mean of the two inputs [V].
    temperature_K : float
        Temperature [K].
    supply_V : float, optional
        Supply [V]; that of the file by default.

    Returns
    -------
    dict of str to float
        Standard deviation by pair [V]; r is the residual of the offset cancellation, 1 without.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    Offset is linear in the threshold shifts to 1 % out to seven sigma. Weights are fits to simulated ones
    within the common-mode range of the file, 0.7..1.1 V and -40..125 degC; see `DevicePair`.

    Examples
    --------
    >>> from spinpim.circuit import SenseAmp
    >>> parts = SenseAmp.load("strongarm_minimum_45nm").offset_by_pair_V(0.2)
    >>> max(parts, key=parts.get)
    'input_pair'

    References
    ----------
    M. J. M. Pelgrom et al., IEEE J. Solid-State Circuits 24, 1433 (1989), doi:10.1109/JSSC.1989.572629.
    """
    finite("common_mode_V", common_mode_V, -HIGHEST_V, HIGHEST_V)
    temperature_K = column_temperature_K(temperature_K)
    residual = 1.0 if amplifier.cancellation is None else amplifier.cancellation.residual
    supply = relative_supply(amplifier, supply_V)
    common_mode = (common_mode_V - amplifier.common_mode_reference_V) / amplifier.supply_V
    common_mode -= amplifier.common_mode_supply * (supply - 1.0)
    offsets = {}
    for place, pair in enumerate(amplifier.pairs):
        width = pair.width_m * width_scale(amplifier, pair.name)
        weight = pair.weight_at(common_mode, temperature_K, supply)
        difference_V = amplifier.matching_V_m / math.sqrt(width * pair.length_m)
        offsets[pair.name or f"pair {place + 1}"] = residual * weight * difference_V
    return offsets


def offset_sigma_V(
    amplifier: SenseAmp,
    common_mode_V: float,
    temperature_K: float = ROOM_TEMPERATURE_K,
    supply_V: float | None = None,
) -> float:
    """Standard deviation of the input offset between amplifiers [V]; see `offset_by_pair_V`."""
    return math.hypot(*offset_by_pair_V(amplifier, common_mode_V, temperature_K, supply_V).values())


def noise_sigma_V(amplifier: SenseAmp, temperature_K: float = ROOM_TEMPERATURE_K) -> float:
    r"""Input noise of one decision, kT/C-like as that of the stored offset [V].

    .. math:: \sigma_n^2 = \left(\frac{\sigma_1^2}{a} + \sigma_{oc}^2\right) \frac{T}{300\,K}
    """
    temperature_K = column_temperature_K(temperature_K)
    stored = 0.0 if amplifier.cancellation is None else amplifier.cancellation.noise_V
    at_room = math.hypot(amplifier.input_noise_V / math.sqrt(amplifier.area_scale), stored)
    return at_room * math.sqrt(temperature_K / ROOM_TEMPERATURE_K)
