"""What the write path can deliver: channel current, and junction voltage of an assist."""

from __future__ import annotations

from scipy.optimize import brentq

from spinpim.circuit.transistor import Transistor


def channel_current_limit_A(
    transistor: Transistor,
    *,
    gate_V: float,
    supply_V: float,
    channel_ohm: float,
    driver_ohm: float,
    temperature_K: float,
) -> float:
    r"""Largest channel current, worse of the two directions.

    One way the transistor is at ground and has its full gate drive; the other way it sits on top of the
    channel as a source follower:

    .. math:: I = I_T(V_G,\, I R_{ch},\, V_{dd} - I R_{drv})

    Parameters
    ----------
    transistor : Transistor
        Write transistor.
    gate_V, supply_V : float
        Word line and driver supply [V].
    channel_ohm, driver_ohm : float
        Channel; both drivers and lines together [ohm].
    temperature_K : float
        Temperature [K].

    Returns
    -------
    float
        Current [A].

    Examples
    --------
    >>> from spinpim.circuit.cell import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> cell.write_current_limit_A > cell.device.write.sot_current_A
    True
    """

    def spare(current_A: float, source_V: float, drain_V: float) -> float:
        if drain_V <= source_V:
            return -current_A
        return transistor.current_A(gate_V, source_V, drain_V, temperature_K) - current_A

    most = supply_V / (channel_ohm + driver_ohm)
    low_side = brentq(lambda i: spare(i, 0.0, supply_V - i / most * supply_V), 0.0, most, xtol=1e-12)
    high_side = brentq(lambda i: spare(i, i * channel_ohm, supply_V - i * driver_ohm), 0.0, most, xtol=1e-12)
    return float(min(low_side, high_side))


def junction_voltage_limit_V(
    transistor: Transistor,
    *,
    gate_V: float,
    supply_V: float,
    junction_ohm: float,
    series_ohm: float,
    temperature_K: float,
) -> float:
    r"""Largest junction voltage of a write assist, worse of the two directions.

    Towards AP the current comes from the bit line and the read transistor is a source follower on top of
    the junction:

    .. math:: V / R_P = I_T(V_G,\, V (1 + R_s/R_P),\, V_{dd})

    Parameters
    ----------
    transistor : Transistor
        Read transistor.
    gate_V, supply_V : float
        Its word line during the write, and the supply of the bit line [V].
    junction_ohm, series_ohm : float
        Parallel junction, the state such a write starts from; half the channel [ohm].
    temperature_K : float
        Temperature [K].

    Returns
    -------
    float
        Voltage without channel current, as after the channel pulse [V].

    Notes
    -----
    During the channel pulse the free layer sits at half the drop of the channel, with that of the transistor
    or driver below: in the shipped cell at 0.18 to 0.27 V while 330 uA flow, so that only 0.28 to 0.34 V of
    its 0.45 V are reached towards AP until the current ends. The device simulation applies the full assist
    from the start. With 0.28 V during the pulse and the rest after it, in both directions, 3 of 2 000 000
    writes failed, against 1 of 2 000 000 with the full assist: no difference within counting error.

    Examples
    --------
    >>> from spinpim.circuit.cell import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> cell.assist_voltage_limit_V > cell.device.write.mtj_voltage_V
    True
    """
    loading = 1.0 + series_ohm / junction_ohm

    def spare(voltage_V: float) -> float:
        carried = transistor.current_A(gate_V, voltage_V * loading, supply_V, temperature_K)
        return carried - voltage_V / junction_ohm

    most = supply_V / loading * (1.0 - 1e-9)
    return float(most if spare(most) >= 0.0 else brentq(spare, 0.0, most, xtol=1e-9))
