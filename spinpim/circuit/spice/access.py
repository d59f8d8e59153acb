"""Access transistors of a deck: the transistor law of this package as a source, or a card by name."""

from __future__ import annotations

from spinpim.circuit.spice.deck import element, name, number
from spinpim.circuit.transistor import Transistor

CARD_MODEL = "NMOS_VTG"


def behavioural_transistor(
    label: str,
    drain: str,
    gate: str,
    source: str,
    transistor: Transistor,
    temperature_K: float,
    *,
    threshold_shift_V: float = 0.0,
) -> tuple[str, ...]:
    """Lines of an n-channel transistor with the law of `Transistor.current_A`.

    Parameters
    ----------
    label : str
        Name behind the letters of its elements.
    drain, gate, source : str
        Nodes; voltages against ground, drain at or above source. The gate draws no current.
    transistor : Transistor
        Geometry and law.
    temperature_K : float
        Temperature [K].
    threshold_shift_V : float
        How much higher the threshold of this one is [V].

    Returns
    -------
    tuple of str
        Series resistance, pinch-off voltage, charges at both ends, and the current between them.
    """
    at = transistor.biased(0.0, temperature_K)
    threshold = transistor.threshold_voltage_V + threshold_shift_V
    inner, own = f"{label}_inner", name(label)
    twice = number(2.0 * at.thermal_V)
    saturation = number(2.0 * at.thermal_V / at.critical_V)
    pinch_off = f"(V({gate})-({number(threshold)}))/{number(at.slope_factor)}"

    def charge(node: str) -> str:
        voltage = "0.0" if node == "0" else f"V({node})"
        return f"ln(1.0+exp(({pinch_off}-{voltage})/{twice}))"

    forward, reverse = f"V({own}_f)", f"V({own}_r)"
    pinched = f"{forward}-(sqrt(1.0+2.0*{saturation}*{forward})-1.0)/{saturation}"
    carried = f"max({reverse},{pinched})"
    current = (
        f"{number(at.specific_current_A)}*({forward}-{carried})*({forward}+{carried})"
        f"/(1.0+{saturation}*abs({forward}-{carried}))"
    )
    return (
        f"r{own} {name(drain)} {inner} {number(max(at.series_ohm, 1e-6))}",
        f"bf{own} {own}_f 0 v={charge(source)}",
        f"br{own} {own}_r 0 v={charge(inner)}",
        f"b{own} {inner} {name(source)} i={current}",
    )


def card_transistor(
    label: str, drain: str, gate: str, source: str, transistor: Transistor, *, threshold_shift_V: float = 0.0
) -> tuple[str, ...]:
    """Line of the same transistor on the FreePDK45 card, bulk at ground.

    Examples
    --------
    >>> from spinpim.circuit import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> card_transistor("a", "d", "g", "s", cell.read_transistor)[0]
    'ma d g s 0 NMOS_VTG w=2e-07 l=5e-08 delvto=0.0'
    """
    return (
        element(
            f"m{name(label)}",
            (drain, gate, source, "0"),
            CARD_MODEL,
            w=transistor.width_m,
            l=transistor.length_m,
            delvto=threshold_shift_V,
        ),
    )
