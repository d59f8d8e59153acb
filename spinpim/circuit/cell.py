"""The 2T1R cell: a read path through the junction and a write path through the channel."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import Any

from spinpim.checks import finite, instance
from spinpim.circuit.cell_layout import refuse_tight_layout
from spinpim.circuit.cell_parts import cell_figures, check_cell, transistor
from spinpim.circuit.changes import check_names, restated
from spinpim.circuit.read_path import ReadPath
from spinpim.circuit.transistor import Transistor
from spinpim.circuit.write_delivery import delivered_assist_V, delivered_current_A
from spinpim.device import Device, Pulse, WriteEnergy, write_energy
from spinpim.errors import InputError
from spinpim.params.cell_file import CellFile, load_cell
from spinpim.params.schema import ParameterRecord


@dataclass(frozen=True, slots=True)
class Cell:
    """One memory cell and its share of the column, SI floats. Use ``Cell.load`` and ``replace``.

    The read current enters at the bit line and flows through the read transistor, the junction from the
    reference layer into the free layer, and half the channel to ground: the junction voltage is negative,
    holds the antiparallel state and disturbs only the parallel one. Data 1 is antiparallel and reads high.

    Attributes
    ----------
    name, title : str
        Short name and one line for people.
    device : Device
        The junction.
    supply_V : float
        Supply of the read path, and of the sense amplifier of its column [V].
    read_transistor, write_transistor : Transistor
        Access devices.
    read_word_line_V, assist_word_line_V, write_word_line_V : float
        Gate voltages of the read transistor in a read and in a write with an assist, and of the write
        transistor [V].
    write_supply_V, driver_resistance_ohm : float
        Supply of the write drivers [V]; drivers and write lines together [ohm].
    read_current_per_row_A, read_current_sigma : float
        Read current for each activated row [A] and its relative mismatch between columns [1].
    source_headroom_V, source_noise_factor : float
        Saturation voltage [V] and excess noise factor [1] of the read-current source.
    settling_residual : float
        Part of the step between neighbouring levels that is missing at the strobe [1].
    reset_transistor : Transistor
        Takes the bit line to ground after an access, its gate at the supply.
    reset_residual : float
        Part of the line voltage that a reset leaves [1].
    access_time_s : float
        Opening of the access transistor, without decoder and word line [s].
    bit_line_cells : int
        Cells on the bit line.
    capacitance_per_cell_F, fixed_capacitance_F, wire_resistance_per_cell_ohm : float
        Bit line [F], [F], [ohm].
    write_capacitance_per_cell_F : float
        Line of the write path [F]; column circuits load it as they load the bit line.
    reference_column_pairs, reference_shared_by : int
        Pairs of reference columns that are averaged; columns that share one reference.
    row_pitch_m, column_pitch_m : float
        Length of a cell along the bit line and along the word line [m].
    feature_size_m, gate_spacing_m, active_spacing_m : float
        What areas are counted in, and the least space between gates and between active areas [m].
    records : tuple of ParameterRecord
        The numbers of the file with their sources.
    """

    name: str
    title: str
    device: Device
    supply_V: float
    read_transistor: Transistor
    write_transistor: Transistor
    read_word_line_V: float
    assist_word_line_V: float
    write_word_line_V: float
    write_supply_V: float
    driver_resistance_ohm: float
    read_current_per_row_A: float
    read_current_sigma: float
    source_headroom_V: float
    source_noise_factor: float
    settling_residual: float
    reset_transistor: Transistor
    reset_residual: float
    access_time_s: float
    bit_line_cells: int
    capacitance_per_cell_F: float
    write_capacitance_per_cell_F: float
    fixed_capacitance_F: float
    wire_resistance_per_cell_ohm: float
    reference_column_pairs: int
    reference_shared_by: int
    row_pitch_m: float
    column_pitch_m: float
    feature_size_m: float
    gate_spacing_m: float
    active_spacing_m: float
    records: tuple[ParameterRecord, ...] = dataclasses.field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse what no file could describe."""
        check_cell(self)

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str], *, device: Device) -> Cell:
        """Read a shipped cell by name, or a parameter file by path, around a device.

        Parameters
        ----------
        name_or_path : str or path
            Name of a shipped cell or path of one's own file.
        device : Device
            The junction in the cell, from ``Device.load``.

        Raises
        ------
        InputError
            If the file cannot be read, or the device is not a Device.

        Examples
        --------
        >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
        >>> cell.device.name, cell.bit_line_cells
        ('perpendicular_memory_60nm', 256)
        """
        instance("device", device, Device, "Device.load(...)")
        return _from_file(load_cell(name_or_path), device)

    def replace(self, **changes: Any) -> Cell:
        """Return a copy with some attributes changed; the records of changed numbers say so.

        Raises
        ------
        InputError
            If an attribute does not exist or its value is impossible.

        Examples
        --------
        >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
        >>> shorter = cell.replace(bit_line_cells=64)
        >>> shorter.bit_line_capacitance_F < cell.bit_line_capacitance_F
        True
        >>> shorter.assumed_count >= cell.assumed_count
        True
        """
        check_names(self, changes)
        changed = dataclasses.replace(self, **changes)
        if "records" in changes:
            return changed
        records = restated(self.records, cell_figures(self), cell_figures(changed))
        return dataclasses.replace(changed, records=records)

    @property
    def assumed_count(self) -> int:
        """How many numbers of the file are assumed rather than sourced; the device counts its own."""
        return sum(record.status == "assumed" for record in self.records)

    @property
    def area_m2(self) -> float:
        """Cell area [m^2]."""
        return self.row_pitch_m * self.column_pitch_m

    @property
    def area_F2(self) -> float:
        """Cell area in squares of the feature size [1].

        Raises
        ------
        InputError
            If the pitches cannot hold the transistors; see `spinpim.circuit.cell_layout`.
        """
        refuse_tight_layout(self)
        return self.area_m2 / self.feature_size_m**2

    @property
    def bit_line_capacitance_F(self) -> float:
        """Whole bit line without the sense amplifier [F]."""
        return self.bit_line_cells * self.capacitance_per_cell_F + self.fixed_capacitance_F

    @property
    def write_line_capacitance_F(self) -> float:
        """Whole line of the write path, to one side of the channels [F]."""
        return self.bit_line_cells * self.write_capacitance_per_cell_F + self.fixed_capacitance_F

    @property
    def bit_line_resistance_ohm(self) -> float:
        """Wire from the sense amplifier to the far end [ohm]."""
        return self.bit_line_cells * self.wire_resistance_per_cell_ohm

    @property
    def series_resistance_ohm(self) -> float:
        """Half the channel, through which the read current leaves the junction [ohm]."""
        return 0.5 * self.device.channel_resistance_ohm

    def read_path(self, temperature_K: float | None = None) -> ReadPath:
        """Return the numbers of the read path that the kernels need.

        Parameters
        ----------
        temperature_K : float, optional
            Temperature [K]; the device's own by default.
        """
        temperature = self.device.temperature_K if temperature_K is None else temperature_K
        return ReadPath(
            access=self.read_transistor.biased(self.read_word_line_V, temperature),
            resistance_p_ohm=self.device.resistance_p_ohm,
            tunnel_magnetoresistance=float(self.device.tmr(0.0, temperature)),
            half_bias_V=self.device.half_bias_voltage_V,
            series_ohm=self.series_resistance_ohm,
        )

    @property
    def write_current_limit_A(self) -> float:
        """Largest channel current of the write path, worse of the two directions [A]."""
        return min(abs(delivered_current_A(self, to)) for to in ("P", "AP"))

    @property
    def assist_voltage_limit_V(self) -> float:
        """Largest junction voltage of an assist without channel current, worse of the two directions [V]."""
        return min(abs(delivered_assist_V(self, to)) for to in ("P", "AP"))

    def write_energy(self, pulse: Pulse) -> WriteEnergy:
        r"""Energy of one write pulse; the supply part includes charging lines and opening transistors.

        .. math:: E = V_{dd} \int (|I| + |V| \bar G)\,dt + (C_w + C_{BL}) V_{dd}^2 + C_g V_w^2 + C_a V_a^2

        Once per written digit: the line of the write path that goes high, and the gate of the write
        transistor. With an assist also the bit line, and the gate of the read transistor; where the write
        line of the other side holds the assist instead of the bit line, it counts as much.

        The wires of the word lines belong to the array.

        Parameters
        ----------
        pulse : Pulse
            What is applied, for example ``device.write_pulse("AP")``.

        Returns
        -------
        WriteEnergy
            In channel, in junction, and drawn from the supply [J].

        Raises
        ------
        InputError
            If the write path cannot carry the channel current, or the read path not apply the assist.

        Examples
        --------
        >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
        >>> energy = cell.write_energy(cell.device.write_pulse("AP"))
        >>> energy.supply_J > energy.channel_J > 0
        True
        """
        instance("pulse", pulse, Pulse, "device.write_pulse(...)")
        needed, limit = float(abs(pulse.sot_current_A).max()), self.write_current_limit_A
        if needed > limit:
            raise InputError(
                f"Cell {self.name}: the write path carries at most {1e6 * limit:.0f} uA, but the pulse asks "
                f"for {1e6 * needed:.0f} uA. Widen the write transistor, raise its word line or the write "
                f"supply, or lower the current."
            )
        assist_V = float(abs(pulse.mtj_voltage_V).max())
        if assist_V > 0.0 and assist_V > self.assist_voltage_limit_V:
            raise InputError(
                f"Cell {self.name}: the read path applies at most {self.assist_voltage_limit_V:.2f} V to "
                f"the junction during a write, but the pulse asks for {assist_V:.2f} V. Widen the read "
                f"transistor, raise its assist word line or the write supply, or lower the junction voltage."
            )
        drawn = write_energy(self.device, pulse, self.write_supply_V)
        lines_J = self.write_line_capacitance_F * self.write_supply_V**2
        gates_J = self.write_transistor.gate_capacitance_F * self.write_word_line_V**2
        if assist_V > 0.0:
            lines_J += self.bit_line_capacitance_F * self.write_supply_V**2
            gates_J += self.read_transistor.gate_capacitance_F * self.assist_word_line_V**2
        return dataclasses.replace(drawn, supply_J=drawn.supply_J + lines_J + gates_J)

    def write_energy_supply_J(
        self, sot_current_A: float | None = None, width_s: float | None = None
    ) -> float:
        """Energy that one write of this cell draws from the supply.

        Parameters
        ----------
        sot_current_A : float, optional
            Channel current, magnitude [A]; the device's recommended one by default.
        width_s : float, optional
            Flat top of the pulse [s]; the device's recommended one by default.

        Returns
        -------
        float
            Mean of both directions; junction assist, lines and transistor gates included [J].

        Raises
        ------
        InputError
            If a value is not positive and finite, or the write path cannot carry the current.
        """
        asked = {"sot_current_A": sot_current_A, "width_s": width_s}
        given = {name: finite(name, value, above=0.0) for name, value in asked.items() if value is not None}
        changed = dataclasses.replace(self.device.write, **given)
        device = self.device.replace(write=changed)
        return 0.5 * sum(self.write_energy(device.write_pulse(to)).supply_J for to in ("P", "AP"))


def _from_file(file: CellFile, device: Device) -> Cell:
    read, write, line = file.read_transistor, file.write_transistor, file.bit_line
    return Cell(
        name=file.name,
        title=file.title,
        device=device,
        supply_V=file.technology.supply.si,
        read_transistor=transistor(file, read.width.si, read.length.si),
        write_transistor=transistor(file, write.width.si, write.length.si),
        read_word_line_V=read.word_line_voltage.si,
        assist_word_line_V=read.assist_word_line_voltage.si,
        write_word_line_V=write.word_line_voltage.si,
        write_supply_V=write.supply.si,
        driver_resistance_ohm=write.driver_resistance.si,
        read_current_per_row_A=file.read.current_per_row.si,
        read_current_sigma=file.read.current_per_row.relative_sigma,
        source_headroom_V=file.read.source_headroom.si,
        source_noise_factor=file.read.source_noise_factor.si,
        settling_residual=file.read.settling_residual.si,
        reset_transistor=transistor(file, file.read.reset_width.si, read.length.si),
        reset_residual=file.read.reset_residual.si,
        access_time_s=file.read.access_time.si,
        bit_line_cells=int(line.cells.si),
        capacitance_per_cell_F=line.capacitance_per_cell.si,
        write_capacitance_per_cell_F=line.write_capacitance_per_cell.si,
        fixed_capacitance_F=line.fixed_capacitance.si,
        wire_resistance_per_cell_ohm=line.resistance_per_cell.si,
        reference_column_pairs=int(file.reference.column_pairs.si),
        reference_shared_by=int(file.reference.shared_by.si),
        row_pitch_m=file.layout.row_pitch.si,
        column_pitch_m=file.layout.column_pitch.si,
        feature_size_m=file.technology.feature_size.si,
        gate_spacing_m=file.technology.gate_spacing.si,
        active_spacing_m=file.technology.active_spacing.si,
        records=file.records(),
    )
