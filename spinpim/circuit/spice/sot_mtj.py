"""The three-terminal junction: channel, junction and macrospin together, as a file that a deck includes."""

from __future__ import annotations

import re

from spinpim.circuit.spice.deck import SHARP_TOLERANCES, number, options, remark
from spinpim.circuit.spice.junction import junction_element
from spinpim.circuit.spice.macrospin import LONGEST_STEP_S, macrospin_subcircuit
from spinpim.device import Device
from spinpim.device.dynamics.initial_state import stable_state


def subcircuit_name(device: Device) -> str:
    """Name of a device as SPICE can read it.

    Examples
    --------
    >>> subcircuit_name(Device.load("imec_sot_62nm"))
    'imec_sot_62nm'
    """
    word = re.sub(r"[^A-Za-z0-9_]", "_", device.name)
    return word if word[:1].isalpha() else f"device_{word}"


def sot_junction_subcircuits(device: Device) -> tuple[str, ...]:
    """Macrospin and three-terminal junction of a device.

    ``NAME plus minus top x0= y0= z0=``: the channel runs from plus to minus, a positive current along +x; the
    free layer lies on its middle, the reference layer is at the top electrode. The direction of m is in the
    internal nodes mx, my, mz. The torque of the channel is that of the mean of its two halves.

    Parameters
    ----------
    device : Device
        The junction.

    Returns
    -------
    tuple of str
        Lines of both subcircuits.

    Raises
    ------
    InputError
        If the device warms itself.

    Examples
    --------
    >>> lines = sot_junction_subcircuits(Device.load("perpendicular_memory_60nm"))
    >>> [line.split(" ")[1] for line in lines if line.startswith(".subckt")]
    ['perpendicular_memory_60nm_macrospin', 'perpendicular_memory_60nm']
    """
    title = subcircuit_name(device)
    half = number(0.5 * device.channel_resistance_ohm)
    easy = f"V(m{device.easy_axis})"
    start = " ".join(
        f"{key}={number(part)}"
        for key, part in zip(("x0", "y0", "z0"), stable_state(device, "P")[0], strict=True)
    )
    return (
        *macrospin_subcircuit(device, title=f"{title}_macrospin"),
        f".subckt {title} plus minus top {start}",
        f"rplus plus free {half}",
        f"rminus free minus {half}",
        junction_element("junction", "free", "top", device, cosine=easy),
        f"xspin plus minus free top mx my mz {title}_macrospin x0={{x0}} y0={{y0}} z0={{z0}}",
        f".ends {title}",
    )


def subcircuit_file(device: Device) -> str:
    """Text of a file for ``.include``: tolerances, macrospin, three-terminal junction.

    Parameters
    ----------
    device : Device
        The junction.

    Returns
    -------
    str
        Text that ends with a line break; it has no ``.end``, being a part of a deck.

    Raises
    ------
    InputError
        If the device warms itself.
    """
    title = subcircuit_name(device)
    states = {state: stable_state(device, state)[0] for state in ("P", "AP")}
    lines = [
        remark(f"{device.title} ({device.name}), written by spinpim"),
        remark("Spin-orbit-torque junction for stock ngspice: no Verilog-A, no compiled model."),
        remark(
            f"x1 plus minus top {title} x0=... y0=... z0=...   (direction at time 0, of length 1; default P)"
        ),
        *(
            remark(f"  {state}: x0={number(m[0])} y0={number(m[1])} z0={number(m[2])}")
            for state, m in states.items()
        ),
        remark(
            "A channel current from plus to minus is positive, along +x; sigma of a positive Hall angle +y."
        ),
        remark(
            "Junction voltage: middle of the channel less top; positive favours P. m: v(x1.mx) and so on."
        ),
        remark(f"Temperature {number(device.temperature_K)} K, held; no thermal noise."),
        remark(f"The analysis needs a largest step: .tran {LONGEST_STEP_S:g} <end> 0 {LONGEST_STEP_S:g}"),
        options(SHARP_TOLERANCES),
        *sot_junction_subcircuits(device),
    ]
    return "\n".join(lines) + "\n"
