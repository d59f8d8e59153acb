"""What each operation of a sub-array costs, gathered from the layers below for the ledger."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from spinpim.array.geometry import SubArray
from spinpim.array.periphery.bank import repeated
from spinpim.array.periphery.gates import Factors
from spinpim.array.periphery.process import Process
from spinpim.array.periphery.scaling import Scale
from spinpim.params.array_file import ArrayFile


@dataclass(frozen=True, slots=True)
class Prices:
    """What the circuit below charges for one operation.

    All digits of a row are written at once: at 330 uA each, 128 columns draw 42 mA from the write supply for
    the length of the pulse. Supply wires and regulators for it are not in the ledger.

    Attributes
    ----------
    sense_energy_J, sense_delay_s : float
        Two-row operation, per used column: cells, bit line, amplifier and reset [J]; from word line to
        answer, and the reset of the line [s].
    reference_energy_J : float
        Two-row operation, per sub-array: its reference columns, however many columns are used [J].
    write_energy_J : float
        Writing one digit, drawn from the supply, mean of both directions: currents and lines; the gates are
        charged by the word lines, written digit or not [J].
    write_time_s, settle_time_s : float
        Pulse of a row write; wait between the last write of a load and its first sensing [s].
    sub_array : SubArray
        Decoder, word lines, counter, area, leakage.
    technology : ArrayFile
        Digital unit, buffer, length of the bus.
    cmos : Process
        Transistors and wires of sub-array and bus.
    finished : Scale
        From where the figures of digital unit and buffer hold to this process.
    factors : Factors
        On what surrounds the cells, from the calibration of the technology; ``sub_array`` has them already.
    """

    sense_energy_J: float
    sense_delay_s: float
    reference_energy_J: float
    write_energy_J: float
    write_time_s: float
    settle_time_s: float
    sub_array: SubArray = field(repr=False)
    technology: ArrayFile = field(repr=False)
    cmos: Process = field(repr=False)
    finished: Scale = field(default=Scale(), repr=False)
    factors: Factors = field(default=Factors(), repr=False)

    @property
    def row_cycle_s(self) -> float:
        """Time between two-row operations: the slowest stage of sensing, counting, keeping the sum [s]."""
        read = self.sub_array.decode_delay_s + self.sub_array.word_line_delay_s + self.sense_delay_s
        return max(read, self.sub_array.count_delay_s, self.sub_array.adder.store_s)

    @property
    def row_write_s(self) -> float:
        """Time between row writes [s]."""
        return self.sub_array.decode_delay_s + self.sub_array.word_line_delay_s + self.write_time_s

    @property
    def row_write_select_J(self) -> float:
        """Energy of choosing one row for a write and swinging its word lines [J]."""
        return self.sub_array.decode_energy_J + self.sub_array.write_word_line_energy_J

    def transport_J_per_bit(self, area_m2: float) -> float:
        """Energy of a bit on the bus: charging its repeated line as often as the activity says [J].

        Without a length in the file, the line goes from the middle of a square of ``area_m2`` to any place in
        it along a tree that halves the square at each branch: half of its width and half of its height.
        """
        bus = self.technology.organisation
        length_m = math.sqrt(area_m2) if bus.bus_length is None else bus.bus_length.si
        line = repeated(self.cmos, self.cmos.long)
        return bus.bus_activity.si * length_m * self.factors.energy * line.energy_J_per_m
