"""The junction as a current source of stock SPICE: bias-dependent magnetoresistance, smooth in the angle."""

from __future__ import annotations

from spinpim.circuit.spice.deck import name, number
from spinpim.device import Device


def junction_current(
    free: str,
    reference: str,
    *,
    cosine: str,
    resistance_p_ohm: float,
    tunnel_magnetoresistance: float,
    half_bias_V: float,
) -> str:
    r"""Expression for the current from the free to the reference layer [A].

    .. math::

        I = \frac{V}{R_P} \Big[\tfrac12 (1 + c) + \frac{\tfrac12 (1 - c)}{1 + TMR(V)}\Big], \qquad
        TMR(V) = \frac{TMR_0}{1 + (V/V_h)^2}

    the law of `Device.resistance_ohm`; c = -1 gives R_P (1 + TMR(V)).

    Parameters
    ----------
    free, reference : str
        Nodes of the two layers.
    cosine : str
        m . p as an expression: a number, or the voltage of a node, for example ``V(mz)``.
    resistance_p_ohm, tunnel_magnetoresistance, half_bias_V : float
        R_P [ohm], TMR at zero bias [1], bias that halves it [V].

    Returns
    -------
    str
        Expression of a ``B`` source.
    """
    bias = f"V({name(free)},{name(reference)})"
    square = f"({bias}*{bias})/{number(half_bias_V**2)}"
    excess = f"{number(tunnel_magnetoresistance)}/(1.0+{square})"
    relative = f"(0.5*(1.0+({cosine}))+0.5*(1.0-({cosine}))/(1.0+{excess}))"
    return f"{bias}/{number(resistance_p_ohm)}*{relative}"


def junction_element(
    label: str,
    free: str,
    reference: str,
    device: Device,
    *,
    cosine: str,
    temperature_K: float | None = None,
    relative_resistance: float = 1.0,
    relative_magnetoresistance: float = 1.0,
) -> str:
    """Element line of one junction of a device.

    Parameters
    ----------
    label : str
        Name behind the ``b`` of the element.
    free, reference : str
        Nodes of the two layers; the junction voltage is V(free) - V(reference).
    device : Device
        The junction.
    cosine : str
        m . p as an expression: 1.0 is P, -1.0 is AP.
    temperature_K : float, optional
        Temperature [K]; the device's own by default.
    relative_resistance, relative_magnetoresistance : float
        How this junction differs from the nominal one [1].

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> junction_element("free", "a", "0", device, cosine="-1.0").split(" ")[:3]
    ['bfree', 'a', '0']
    """
    current = junction_current(
        free,
        reference,
        cosine=cosine,
        resistance_p_ohm=device.resistance_p_ohm * relative_resistance,
        tunnel_magnetoresistance=float(device.tmr(0.0, temperature_K)) * relative_magnetoresistance,
        half_bias_V=device.half_bias_voltage_V,
    )
    return f"b{name(label)} {name(free)} {name(reference)} i={current}"


def junction_subcircuit(device: Device, *, title: str = "junction") -> tuple[str, ...]:
    """Subcircuit ``title free reference cosine``: the state is the voltage of the third node, 1 V for P.

    Parameters
    ----------
    device : Device
        The junction.
    title : str
        Name of the subcircuit.

    Returns
    -------
    tuple of str
        Lines from ``.subckt`` to ``.ends``.

    Examples
    --------
    >>> print(junction_subcircuit(Device.load("perpendicular_memory_60nm"))[0])
    .subckt junction free reference cosine
    """
    return (
        f".subckt {name(title)} free reference cosine",
        junction_element("junction", "free", "reference", device, cosine="V(cosine)"),
        f".ends {name(title)}",
    )
