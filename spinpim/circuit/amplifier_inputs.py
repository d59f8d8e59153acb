"""Inputs at which a sense amplifier works, and what it does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinpim.checks import finite
from spinpim.circuit.amplifier_supply import relative_supply
from spinpim.circuit.exponential import grown
from spinpim.circuit.transistor import HIGHEST_V
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
    finite("common_mode_V", common_mode_V, -HIGHEST_V, HIGHEST_V)
    low, high = working_range_V(amplifier, supply_V)
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


def working_range_V(amplifier: SenseAmp, supply_V: float | None = None) -> tuple[float, float]:
    """Lowest and highest common mode at which an amplifier works [V]; they move with the supply.

    Raises
    ------
    InputError
        If the supply is out of range, or leaves no common mode.
    """
    shift = (relative_supply(amplifier, supply_V) - 1.0) * amplifier.supply_V
    low = amplifier.common_mode_minimum_V + shift if amplifier.common_mode_minimum_V else 0.0
    high = amplifier.common_mode_maximum_V + shift
    if not low < high:
        raise InputError(
            f"Amplifier {amplifier.name}: at a supply of {amplifier.supply_V + shift:.4g} V no common "
            f"mode is left between {low:.3g} and {high:.3g} V. Raise the supply, or choose another amplifier."
        )
    return low, high


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

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    The cross-coupled transistors of a latch with pass gates conduct the more the lower the lines are. The
    differential shift has the same origin: its positive feedback passes one at a shift of about v_d.
    """
    finite("common_mode_V", common_mode_V, -HIGHEST_V, HIGHEST_V)
    source = finite("source_ohm", source_ohm, 0.0)
    raised = (relative_supply(amplifier, supply_V) - 1.0) * amplifier.supply_V
    if amplifier.disturbance is None:
        return 0.0
    raised += amplifier.common_mode_reference_V - common_mode_V
    factor = grown("current into the inputs", raised / amplifier.disturbance.scale_V)
    return amplifier.area_scale * amplifier.disturbance.current_A * source * factor


def kickback_V(amplifier: SenseAmp, line_capacitance_F: float, supply_V: float | None = None) -> float:
    """Step on a line of a capacitance when the amplifier decides [V]: C_k V_dd / (C_k + C_line).

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    line = finite("line_capacitance_F", line_capacitance_F, above=0.0)
    pushed = amplifier.unit_kickback_capacitance_F * amplifier.area_scale
    return amplifier.supply_V * relative_supply(amplifier, supply_V) * (pushed / (pushed + line))
