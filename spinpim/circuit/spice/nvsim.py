"""A memory cell file for NVSim out of a cell and its device."""

from __future__ import annotations

import numpy as np

from spinpim.checks import instance, whole
from spinpim.circuit.cell import Cell
from spinpim.circuit.read_path import line_voltage
from spinpim.device import write_energy

NODE_NM = 45
SMALLEST_SENSED_V = 25e-3
"""That of the MRAM cells which NVSim itself brings; the amplifier is NVSim's own."""


def nvsim_cell_text(cell: Cell, *, node_nm: int = NODE_NM) -> str:
    """Text of an NVSim ``.cell`` file, memory type MRAM; written as NVSim's own reader takes it.

    "On" is parallel and "off" antiparallel, each the junction at its read bias with half the channel; SET
    writes parallel, RESET antiparallel. Read: constant current into the bit line, voltage sensed.

    Parameters
    ----------
    cell : Cell
        The cell with its device.
    node_nm : int
        Process node F [nm], a whole number from 10 to 200: the unit of area and widths, and the
        ``-ProcessNode`` of the run.

    Returns
    -------
    str
        The file.

    Raises
    ------
    InputError
        If the node is out of range, or the write path cannot carry the write pulse.

    Notes
    -----
    NVSim knows one access transistor for each cell: the file gives that of the read, while current, pulse and
    energy are those of the channel, so that the word lines of the write path are missing in its result. The
    energy of the lines is left to NVSim.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> print(nvsim_cell_text(cell).splitlines()[6])
    -MemCellType: MRAM

    References
    ----------
    X. Dong, C. Xu, Y. Xie and N. P. Jouppi, IEEE Trans. Comput.-Aided Des. Integr. Circuits Syst. 31, 994
    (2012), doi:10.1109/TCAD.2012.2185930.
    """
    instance("cell", cell, Cell, "Cell.load(...)")
    device, node_m = cell.device, 1e-9 * whole("node_nm", node_nm, 10, 200)
    current = cell.read_current_per_row_A
    on_ohm, off_ohm, drop_V = _read_point(cell, current)
    pulses = {state: device.write_pulse(state) for state in ("P", "AP")}
    energy_pJ = {
        state: 1e12 * write_energy(device, pulse, cell.write_supply_V).supply_J
        for state, pulse in pulses.items()
    }
    for pulse in pulses.values():
        cell.write_energy(pulse)
    pulse_ns = 1e9 * (pulses["P"].duration_s - device.write.settle_time_s)
    current_uA = 1e6 * device.write.sot_current_A
    rows = (
        ("ProcessNode", f"{node_nm}"),
        ("CellArea (F^2)", cell.area_m2 / node_m**2),
        # Height is along the bit line; the reader needs the area first.
        ("CellAspectRatio", cell.row_pitch_m / cell.column_pitch_m),
        ("ResistanceOn (ohm)", on_ohm),
        ("ResistanceOff (ohm)", off_ohm),
        ("ReadMode", "voltage"),
        ("ReadCurrent (uA)", 1e6 * current),
        ("MinSenseVoltage (mV)", 1e3 * SMALLEST_SENSED_V),
        ("ResetMode", "current"),
        ("ResetCurrent (uA)", current_uA),
        ("ResetPulse (ns)", pulse_ns),
        ("ResetEnergy (pJ)", energy_pJ["AP"]),
        ("SetMode", "current"),
        ("SetCurrent (uA)", current_uA),
        ("SetPulse (ns)", pulse_ns),
        ("SetEnergy (pJ)", energy_pJ["P"]),
        # The width is read only after the type.
        ("AccessType", "CMOS"),
        ("VoltageDropAccessDevice (V)", drop_V),
        ("AccessCMOSWidth (F)", cell.read_transistor.width_m / node_m),
    )
    remarks = (
        f"Device {device.name} in cell {cell.name}, written by spinpim",
        "NVSim knows no spin-orbit torque: an MRAM cell whose write current flows in the channel.",
        "One access transistor is given, that of the read; the one of the write is in the energy alone.",
        "SET writes parallel (on), RESET antiparallel (off); energies are those drawn from the write supply.",
        "A pulse is the whole write, the assist of the junction included; its current flows in a part of it.",
    )
    lines = [f"//{_printable(text)}" for text in remarks]
    lines += ["", "-MemCellType: MRAM"]
    lines += [f"-{key}: {value if isinstance(value, str) else format(value, '.7g')}" for key, value in rows]
    return "\n".join(lines) + "\n"


def _read_point(cell: Cell, current_A: float) -> tuple[float, float, float]:
    """Both resistances below the access transistor [ohm], and its drop in the parallel state [V]."""
    solved, point = line_voltage(cell.read_path(), np.array([[0.0], [1.0]]), current_A)
    junction_V = point.junction_V[:, 0]
    resistance = junction_V / current_A + cell.series_resistance_ohm
    drop = float(solved[0] - junction_V[0] - current_A * cell.series_resistance_ohm)
    return float(resistance[0]), float(resistance[1]), drop


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)
