"""The macrospin as three capacitors charged by current sources: the equation of motion in stock SPICE.

The voltages of three nodes are the components of m. All coefficients come out of `drive_rows`, the table that
the package's own integrator uses, so that signs and sizes are the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.spice.deck import name, number
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device import Device, Pulse
from spinpim.device.dynamics.drive import drive_rows
from spinpim.errors import InputError

CAPACITANCE_F = 1e-12
LENGTH_RATE_PER_S = 1e11
"""Rate at which |m| returns to 1; it leaves the direction alone and takes up the error of the integrator."""
LONGEST_STEP_S = 0.25e-12
"""Longest step with which a trajectory is followed to about 1e-3."""
COMPONENTS = ("mx", "my", "mz")

Row = NDArray[np.float64]


def macrospin_subcircuit(device: Device, *, title: str = "macrospin") -> tuple[str, ...]:
    r"""Subcircuit ``title plus minus free reference mx my mz``; it senses voltages and draws no current.

    .. math::

        \frac{d\mathbf m}{dt} = -\frac{\gamma}{1 + \alpha^2}
            \big[\mathbf m \times \mathbf B' + \alpha\, \mathbf m \times (\mathbf m \times \mathbf B')\big]
            + \lambda (1 - m^2)\, \mathbf m

    with B' as in `spinpim.device.dynamics.macrospin.effective_field`: applied field, demagnetising tensor,
    anisotropy of first and second order, VCMA, damping-like and field-like torques of channel and junction,
    asymmetry of the latter, Oersted field. The last term holds the length.

    Parameters
    ----------
    device : Device
        The junction, at its temperature; no thermal noise.
    title : str
        Name of the subcircuit.

    Returns
    -------
    tuple of str
        Lines from ``.subckt`` to ``.ends``. V(plus) - V(minus) is the voltage along the channel, +x;
        V(free) - V(reference) the junction voltage, positive favours P. The parameters x0, y0, z0 are the
        direction at time 0.

    Raises
    ------
    InputError
        If the device warms itself.

    Examples
    --------
    >>> lines = macrospin_subcircuit(Device.load("perpendicular_memory_60nm"))
    >>> lines[0]
    '.subckt macrospin plus minus free reference mx my mz x0=0 y0=0 z0=1'
    """
    if device.warming is not None:
        raise InputError(
            f"Device {device.name} warms itself, which the exported macrospin does not follow; export "
            "device.replace(warming=None), or a file without the section of thermal paths."
        )
    still, per_channel_V, per_junction_V = _coefficients(device)
    torque = [_damping_like(device, per_channel_V, per_junction_V, axis) for axis in range(3)]
    field = [_field(still, per_channel_V, per_junction_V, axis) for axis in range(3)]
    lines = [f".subckt {name(title)} plus minus free reference mx my mz x0=0 y0=0 z0=1"]
    for axis, letter in enumerate("xyz"):
        lines.append(f"bd{letter} d{letter} 0 v={torque[axis]}")
        lines.append(f"bb{letter} b{letter} 0 v={field[axis]}")
        lines.append(f"cm{letter} m{letter} 0 {number(CAPACITANCE_F)}")
        # Without a time there is no motion: the operating point is the direction that was asked for.
        slope = _slope(axis, device.damping)
        lines.append(f"bm{letter} 0 m{letter} i=(time > 0) ? ({slope}) : ({{{letter}0}}-V(m{letter}))")
    return (*lines, f".ends {name(title)}")


def _coefficients(device: Device) -> tuple[Row, Row, Row]:
    """Drive row without currents [T], and its change per volt along the channel and per junction volt."""

    def row(current_A: float, voltage_V: float) -> Row:
        pulse = Pulse.points([0.0, 1.0], sot_current_A=current_A, mtj_voltage_V=voltage_V)
        found: Row = drive_rows(device, pulse, np.zeros(1))[0]
        return found

    still = row(0.0, 0.0)
    per_A, per_V = row(1.0, 0.0) - still, row(0.0, 1.0) - still
    return still, per_A / device.channel_resistance_ohm, per_V


def _field(still: Row, per_channel_V: Row, per_junction_V: Row, axis: int) -> str:
    """Component of the effective field [T]; columns of the rows as in `drive_rows`."""
    stiffness = {(0, 0): 3, (1, 1): 4, (2, 2): 5, (0, 1): 6, (0, 2): 7, (1, 2): 8}
    terms = [_driven(still[axis], per_channel_V[axis], per_junction_V[axis])]
    for other in range(3):
        column = stiffness[(min(axis, other), max(axis, other))]
        factor = _driven(still[column], per_channel_V[column], per_junction_V[column])
        terms.append(_product(factor, f"V({COMPONENTS[other]})"))
    if axis == 2:
        terms.append(_product(_driven(still[9], 0.0, 0.0), "V(mz)*(1.0-V(mz)*V(mz))"))
    after, last = "yzx"[axis], "zxy"[axis]
    terms.append(f"(V(m{after})*V(d{last})-V(m{last})*V(d{after}))")
    return _sum(terms)


def _damping_like(device: Device, per_channel_V: Row, per_junction_V: Row, axis: int) -> str:
    """Component of the damping-like fields of channel and junction together [T]."""
    terms = [_driven(0.0, per_channel_V[10 + axis], 0.0)]
    direction = device.reference_direction
    if direction[axis] != 0.0:
        cosine = _sum(f"{number(part)}*V({m})" for part, m in zip(direction, COMPONENTS, strict=True) if part)
        pull = _driven(0.0, 0.0, per_junction_V[13] * direction[axis])
        if device.stt_asymmetry != 0.0 and pull:
            pull = f"({pull})/(1.0+({number(device.stt_asymmetry)})*({cosine}))"
        terms.append(pull)
    return _sum(terms)


def _driven(still: float, per_channel_V: float, per_junction_V: float) -> str:
    """Sum that is affine in the voltages along the channel and over the junction; empty where it is zero."""
    terms = [f"({number(still)})"] if still else []
    if per_channel_V:
        terms.append(f"({number(per_channel_V)})*V(plus,minus)")
    if per_junction_V:
        terms.append(f"({number(per_junction_V)})*V(free,reference)")
    return "+".join(terms)


def _product(factor: str, other: str) -> str:
    return f"({factor})*{other}" if factor else ""


def _sum(terms: Iterable[str]) -> str:
    return "+".join(term for term in terms if term) or "0.0"


def _slope(axis: int, damping: float) -> str:
    """Charging current of one component [A]: C dm/dt."""
    here, after, last = "xyz"[axis], "yzx"[axis], "zxy"[axis]
    rate = number(CAPACITANCE_F * GYROMAGNETIC_RATIO / (1.0 + damping**2))
    along = "(V(mx)*V(bx)+V(my)*V(by)+V(mz)*V(bz))"
    square = "(V(mx)*V(mx)+V(my)*V(my)+V(mz)*V(mz))"
    precession = f"(V(m{after})*V(b{last})-V(m{last})*V(b{after}))"
    relaxation = f"({number(damping)})*(V(m{here})*{along}-V(b{here})*{square})"
    length = f"{number(CAPACITANCE_F * LENGTH_RATE_PER_S)}*(1.0-{square})*V(m{here})"
    return f"-{rate}*({precession}+{relaxation})+{length}"
