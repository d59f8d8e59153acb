"""Inputs at which a sense amplifier works, and what it does to them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spinpim.circuit.amplifier_supply import relative_supply
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.circuit.sense_amp import SenseAmp


def check_inputs(
    amplifier: SenseAmp, common_mode_V: float, source_ohm: float | None = None, supply_V: float | None = None
) -> None:
    """Refuse inputs at which this amplifier does not work.

    Parameters
    ----------
    amplifier : SenseAmp
        The amplifier.
    common_mode_V : float
        Mean of the two inputs [V].
    source_ohm : float, optional
        Resistance of what drives each input, for a bit line that of its activated cells [ohm]; asked for
        by an amplifier that pushes current into its inputs before enable.
    supply_V : float, optional
        Supply [V]; that of the file by default. Both limits of the common mode move with it.

    Raises
    ------
    InputError
        If the common mode is outside the working range, or the amplifier would shift its own inputs.

    Examples
    --------
    >>> from spinpim.circuit import SenseAmp
    >>> SenseAmp.load("strongarm_45nm").check_inputs(0.2, 6e3)
    >>> try:
    ...     SenseAmp.load("latch_45nm").check_inputs(0.25, 6e3)
    ... except InputError as refused:
    ...     print(str(refused)[:65])
    Amplifier latch_45nm: its inputs are at 0.25 V, outside 0.6..0.95
    """
    shift = 0.0 if supply_V is None else supply_V - amplifier.supply_V
    low = amplifier.common_mode_minimum_V + shift if amplifier.common_mode_minimum_V else 0.0
    high = amplifier.common_mode_maximum_V + shift
    if not low <= common_mode_V <= high:
        raise InputError(
            f"Amplifier {amplifier.name}: its inputs are at {common_mode_V:.3g} V, outside "
            f"{low:.3g}..{high:.3g} V where it works. Change the read current, or choose an "
            f"amplifier for this level."
        )
    if amplifier.disturbance is None or source_ohm is None:
        return
    pushed = line_disturbance_V(amplifier, common_mode_V, source_ohm, supply_V)
    if pushed > amplifier.disturbance.limit_V:
        raise InputError(
            f"Amplifier {amplifier.name}: before enable it pushes a current into its inputs that shifts "
            f"lines of {source_ohm:.4g} ohm at {common_mode_V:.3g} V by {1e3 * pushed:.3g} mV, more than the "
            f"{1e3 * amplifier.disturbance.limit_V:.3g} mV allowed. Raise the common mode, or choose an "
            f"amplifier whose inputs are gates."
        )


def line_disturbance_V(
    amplifier: SenseAmp, common_mode_V: float, source_ohm: float, supply_V: float | None = None
) -> float:
    r"""Shift of the inputs by the current that the amplifier pushes into them before enable.

    .. math:: \Delta V = a I_d R \exp\frac{V_0 - V_{cm} + V_{dd} - V_{dd,0}}{v_d}

    Parameters
    ----------
    amplifier : SenseAmp
        The amplifier.
    common_mode_V, source_ohm : float
        Mean of the inputs [V] and resistance of what drives each [ohm].
    supply_V : float, optional
        Supply [V]; that of the file by default.

    Returns
    -------
    float
        Shift [V], 0 for an amplifier whose inputs are gates.

    Notes
    -----
    The cross-coupled transistors of a latch with pass gates conduct the more the lower the lines are. The
    differential shift has the same origin: its positive feedback passes one at a shift of about v_d.
    """
    if amplifier.disturbance is None:
        return 0.0
    raised = amplifier.common_mode_reference_V - common_mode_V
    raised += 0.0 if supply_V is None else supply_V - amplifier.supply_V
    exponent = min(raised / amplifier.disturbance.scale_V, 100.0)
    return amplifier.area_scale * amplifier.disturbance.current_A * source_ohm * math.exp(exponent)


def kickback_V(amplifier: SenseAmp, line_capacitance_F: float, supply_V: float | None = None) -> float:
    """Step on a line of a capacitance when the amplifier decides [V]: C_k V_dd / (C_k + C_line)."""
    pushed = amplifier.unit_kickback_capacitance_F * amplifier.area_scale
    return pushed * amplifier.supply_V * relative_supply(amplifier, supply_V) / (pushed + line_capacitance_F)
