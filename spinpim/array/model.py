"""The array: sub-arrays of one cell and one amplifier, with what surrounds them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from spinpim.array.calibration import calibrated
from spinpim.array.cell_load import cell_load, closed_width_m, digit_write_J, write_time_s
from spinpim.array.geometry import sub_array
from spinpim.array.mapping import LayerMapping, map_network
from spinpim.array.organise import Choices, Exploration, Objective, explore
from spinpim.array.periphery.adders import full_adder, kept
from spinpim.array.periphery.process import Process, process
from spinpim.array.periphery.scaling import scale
from spinpim.array.prices import Prices
from spinpim.checks import whole
from spinpim.circuit.cell import Cell
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensing import Sensing, sense
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.network.model import Network
from spinpim.params import ParameterRecord
from spinpim.params.array_file import ArrayFile, load_array

SMALLEST, LARGEST = 4, 65536


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArrayModel:
    """Sub-arrays that compute ANDs of their rows.

    Attributes
    ----------
    cell : Cell
        Cell and device. What its file says of ``bit_line.cells`` and ``reference.shared_by`` holds for a
        column by itself; here the cell is kept with a bit line as long as the sub-array has rows and one
        reference for all its columns. A number that this changes is on record as changed in a script.
    amplifier : SenseAmp
        One per column.
    rows, columns : int
        Size of a sub-array, 4..65536 each.
    write : Estimate
        Write error rate of a transition, from ``write_error_rate``; used at its conservative value for every
        written digit. A digit that is there already needs no transition, so that this is about twice too
        high for random data.
    technology : ArrayFile
        Digital unit, buffer, and which transistors surround the cells; from ``load_array``, "array_45nm" by
        default.
    temperature_K : float or None
        Temperature of sensing [K]; None: that of the device. Writing stays at the temperature of the device,
        for which ``write`` was found.
    sensing : Sensing
        Two-row AND; computed.
    cmos : Process
        Transistors and wires of the periphery at the temperature of sensing; computed.

    Raises
    ------
    InputError
        If a number is out of range, or the cells cannot be sensed.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> write = Estimate.from_counts(0, 100_000)
    >>> array = ArrayModel(cell, SenseAmp.load("strongarm_45nm"), write=write)
    >>> array.rows, array.columns, array.sensing.operation
    (256, 128, 'AND')
    """

    cell: Cell
    amplifier: SenseAmp
    rows: int = 256
    columns: int = 128
    write: Estimate = dataclasses.field(kw_only=True)
    technology: ArrayFile = dataclasses.field(default_factory=lambda: load_array("array_45nm"), kw_only=True)
    temperature_K: float | None = dataclasses.field(default=None, kw_only=True)
    sensing: Sensing = dataclasses.field(init=False)
    cmos: Process = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        """Check what was given and compute the sensing."""
        for name, wanted, maker in (
            ("cell", Cell, "Cell.load"),
            ("amplifier", SenseAmp, "SenseAmp.load"),
            ("write", Estimate, "write_error_rate"),
            ("technology", ArrayFile, "load_array"),
        ):
            given = getattr(self, name)
            if not isinstance(given, wanted):
                raise InputError(f"{name} must come from {maker}(...); instead received {given!r:.60}.")
        for name in ("rows", "columns"):
            object.__setattr__(self, name, whole(name, getattr(self, name), SMALLEST, LARGEST))
        built = self.cell.replace(bit_line_cells=self.rows, reference_shared_by=self.columns)
        object.__setattr__(self, "cell", built)
        sensing = sense(self.cell, self.amplifier, operation="AND", rows=2, temperature_K=self.temperature_K)
        object.__setattr__(self, "sensing", sensing)
        chosen = self.technology.periphery
        cmos = process(
            chosen.technology, flavour=chosen.flavour, temperature_K=self._kelvin, wires=chosen.wires
        )
        object.__setattr__(self, "cmos", cmos)

    def __repr__(self) -> str:
        """Name the parts; their numbers are in ``records``."""
        return (
            f"ArrayModel(device={self.cell.device.name!r}, cell={self.cell.name!r}, "
            f"amplifier={self.amplifier.name!r}, rows={self.rows}, columns={self.columns}, "
            f"technology={self.technology.name!r}, temperature_K={self.temperature_K})"
        )

    def map(self, network: Network) -> tuple[LayerMapping, ...]:
        """Lay a network on sub-arrays of this kind; see ``map_network``."""
        fraction = self.technology.organisation.weight_row_fraction.si
        return map_network(network, rows=self.rows, columns=self.columns, weight_row_fraction=fraction)

    def prices(self, check_columns: int = 0) -> Prices:
        """Give the price of each operation of a sub-array, with further columns that hold check bits.

        Raises
        ------
        InputError
            If the write path of the cell cannot carry the write current of the device.
        """
        cell, factors = self.cell, calibrated(self.technology)
        figures, counting = self.technology.figures, self.technology.counter
        shared_J = self.sensing.energy_split_J["reference"]
        write_J, write_s = factors.write_energy * digit_write_J(cell), write_time_s(cell)
        adder = full_adder(self.cmos)
        if counting.sums_kept == "each_addition":
            adder = kept(adder, digit_write_J=write_J, write_time_s=write_s, cell_area_m2=cell.area_m2)
        return Prices(
            sense_energy_J=factors.sensing_energy * (self.sensing.energy_J - shared_J),
            sense_delay_s=factors.sensing_delay * self.sensing.delay_s,
            reference_energy_J=factors.sensing_energy * shared_J * self.columns,
            write_energy_J=write_J,
            write_time_s=write_s,
            settle_time_s=cell.device.write.settle_time_s,
            sub_array=sub_array(
                self.rows,
                self.columns,
                check_columns=check_columns,
                cmos=self.cmos,
                load=cell_load(cell, self.cmos, self._kelvin),
                amplifier_area_m2=self.amplifier.area_m2,
                amplifier_closed_m=closed_width_m(self.amplifier),
                digit_places=int(counting.digit_places.si),
                adder=adder,
                factors=factors.periphery,
            ),
            technology=self.technology,
            cmos=self.cmos,
            finished=scale(self.cmos, process(figures.technology, flavour=figures.flavour)),
            factors=factors.periphery,
        )

    def optimise(
        self,
        objective: Objective = "product",
        *,
        capacity: int = 1 << 20,
        choices: Choices | None = None,
    ) -> Exploration:
        """Find the organisation that takes least, and those that no other beats, for this cell and amplifier.

        Every sub-array, decoders and drivers included, is built out of the transistors and wires of a
        technology file; bit line and amplifier come from ``sense``, for each length of the bit line, and the
        write from the device.

        Parameters
        ----------
        objective : str
            "energy" per sensed pair, "delay" of a row operation, "area" of the whole, or their "product".
        capacity : int
            Cells that the grid of sub-arrays must have, at least.
        choices : Choices, optional
            What may be chosen: rows, columns, columns per amplifier, technologies, flavours.

        Returns
        -------
        Exploration
            The best one, the Pareto front of energy, delay and area, and all that were evaluated.

        Raises
        ------
        InputError
            If a word or a number is none of those accepted, or nothing can be built or sensed of what is
            offered.

        Notes
        -----
        The wires of a sub-array are those of the technology file, the pitches those of the cell file: a
        periphery of another node is set around the same cells.

        Examples
        --------
        >>> from spinpim.device import Device
        >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
        >>> array = ArrayModel(cell, SenseAmp.load("strongarm_45nm"), write=Estimate.from_counts(0, 100_000))
        >>> found = array.optimise("area", choices=Choices(rows=(64, 256), columns=(64, 128), mux=(1, 8)))
        >>> found.best.plan.rows, found.best.plan.mux
        (256, 8)
        """
        return explore(
            self.cell,
            self.amplifier,
            objective=objective,
            capacity=capacity,
            choices=Choices() if choices is None else choices,
            places=int(self.technology.counter.digit_places.si),
            bus_activity=self.technology.organisation.bus_activity.si,
            factors=calibrated(self.technology),
            temperature_K=self._kelvin,
        )

    @property
    def records(self) -> tuple[ParameterRecord, ...]:
        """Every number that went in, with its source: device, cell, amplifier, array, technology."""
        return (
            *self.cell.device.records,
            *self.cell.records,
            *self.amplifier.records,
            *self.technology.records(),
            *self.cmos.records,
        )

    @property
    def assumed_count(self) -> int:
        """How many of them are assumed rather than sourced."""
        return sum(record.status == "assumed" for record in self.records)

    @property
    def _kelvin(self) -> float:
        """Temperature of sensing [K]."""
        return self.cell.device.temperature_K if self.temperature_K is None else self.temperature_K
