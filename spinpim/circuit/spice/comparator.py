"""A clocked amplifier as its law: offset, then regeneration from the input difference at enable."""

from __future__ import annotations

from spinpim.checks import finite, instance
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.deck import name, number
from spinpim.errors import InputError

STORAGE_F = 1e-15
FOLLOWING_S = 1e-12
"""Time constant with which the internal node follows the inputs before enable."""
LARGEST_SWING = 0.6
"""Output swing over the supply, up to which saturation slows the growth by less than 2 %."""


def comparator_subcircuit(
    amplifier: SenseAmp,
    temperature_K: float,
    *,
    offset_V: float,
    supply_V: float | None = None,
    title: str = "amplifier",
) -> tuple[str, ...]:
    r"""Subcircuit ``title plus minus enable grow out``: the output is positive for the answer 1.

    .. math::

        x(t_e) = A_0 (V_+ - V_- - V_{os}), \qquad
        \dot x = \frac{x}{\tau}\Big[1 - \Big(\frac{x}{V_{dd}}\Big)^8\Big] \text{ from } t_e + t_0

    the law of `SenseAmp.decision_time_s`. It takes the inputs when ``enable`` goes from 0 to 1 V and grows
    when ``grow`` does, and loads its inputs with the amplifier's input capacitance.

    Parameters
    ----------
    amplifier : SenseAmp
        Regeneration, gain, supply, input capacitance.
    temperature_K : float
        Temperature [K].
    offset_V : float
        Offset of this one [V].
    supply_V : float, optional
        Supply [V]; that of the amplifier's file by default.
    title : str
        Name of the subcircuit.

    Returns
    -------
    tuple of str
        Lines from ``.subckt`` to ``.ends``.

    Raises
    ------
    InputError
        If the output swing that counts as decided is too near the supply.
    """
    instance("amplifier", amplifier, SenseAmp, "SenseAmp.load(...)")
    finite("offset_V", offset_V)
    if not amplifier.output_swing_V <= LARGEST_SWING * amplifier.supply_V:
        raise InputError(
            f"Amplifier {amplifier.name}: decision.output_swing of {amplifier.output_swing_V:g} V is above "
            f"{LARGEST_SWING:g} of the supply of {amplifier.supply_V:g} V, where the exported latch "
            "saturates. Lower it, or raise energy.supply."
        )
    supply = amplifier.supply_V if supply_V is None else supply_V
    tau = amplifier.regeneration_time_s(temperature_K, supply)
    start = f"{number(amplifier.initial_gain)}*(V(plus)-V(minus)-({number(offset_V)}))"
    follow = f"{number(STORAGE_F / FOLLOWING_S)}*({start}-V(out))"
    square = f"(V(out)/{number(supply)})*(V(out)/{number(supply)})"
    grow = f"{number(STORAGE_F / tau)}*V(out)*(1.0-V(fourth)*V(fourth))"
    return (
        f".subckt {name(title)} plus minus enable grow out",
        f"cplus plus 0 {number(amplifier.input_capacitance_F)}",
        f"cminus minus 0 {number(amplifier.input_capacitance_F)}",
        f"cout out 0 {number(STORAGE_F)}",
        f"bsquare square 0 v={square}",
        "bfourth fourth 0 v=V(square)*V(square)",
        f"bout 0 out i=V(grow)*({grow})+(1.0-V(enable))*({follow})",
        f".ends {name(title)}",
    )
