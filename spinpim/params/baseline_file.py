"""The baseline file: another accelerator as counts of parts and prices of their operations.

Every price may state ``low`` and ``high``. All energies and areas hold at ``process.constants_node`` and
``process.constants_supply``; where the accelerator is wanted at another node, the model scales them.
"""

from __future__ import annotations

import os
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from spinpim.params.counts import require_whole
from spinpim.params.load import load
from spinpim.params.number import Expectation
from spinpim.params.schema import BoundedQuantity, ParameterFile, Quantity, Section, quantity


def _energy(description: str) -> Expectation:
    return quantity("J", 0, 1e-8, description=description)


def _area(description: str) -> Expectation:
    return quantity("m^2", 0, 1e-4, description=description)


def _time(description: str) -> Expectation:
    return quantity("s", 1e-12, 1e-3, description=description)


def _power(description: str) -> Expectation:
    return quantity("W", 0, 100, description=description)


def _count(description: str, low: float = 1, high: float = 1e6) -> Expectation:
    return quantity("1", low, high, description=description)


class Process(Section):
    """Node of the accelerator, and node of the numbers in the file."""

    node: Annotated[Quantity, quantity("m", 5e-9, 2e-7, description="Node of the accelerator")]
    supply: Annotated[Quantity, quantity("V", 0.3, 2, description="Its supply")]
    constants_node: Annotated[
        Quantity, quantity("m", 5e-9, 2e-7, description="Node at which energies and areas are given")
    ]
    constants_supply: Annotated[
        Quantity, quantity("V", 0.3, 2, description="Supply at which energies are given")
    ]


class Precision(Section):
    """Digits that the accelerator computes with when it is not matched to a network."""

    weight_bits: Annotated[Quantity, _count("Digits of a weight", 1, 32)]
    activation_bits: Annotated[Quantity, _count("Digits of an activation", 1, 32)]


class BaselineUnit(Section):
    """Normalisation, quantisation and pooling."""

    multiply_energy: Annotated[BoundedQuantity, _energy("Energy of a scale multiplication")]
    add_energy: Annotated[BoundedQuantity, _energy("Energy of an addition")]
    compare_energy: Annotated[BoundedQuantity, _energy("Energy of a comparison")]
    area: Annotated[BoundedQuantity, _area("Area of the unit, per tile or chip")]


class BaselineBuffer(Section):
    """On-chip memory between the layers."""

    capacity: Annotated[Quantity, _count("Bits held, per tile or chip", 64, 1e11)]
    access_energy: Annotated[BoundedQuantity, _energy("Energy per bit read or written")]
    bit_area: Annotated[BoundedQuantity, _area("Area per bit, periphery included")]
    bit_leakage: Annotated[BoundedQuantity, _power("Leakage power per bit")]


class Bus(Section):
    """Wires between buffer and arrays, and between tiles."""

    bit_energy: Annotated[BoundedQuantity, _energy("Energy per bit between buffer and arrays")]
    network_bit_energy: Annotated[BoundedQuantity, _energy("Energy per result bit between tiles")]
    area: Annotated[BoundedQuantity, _area("Area of wires and router, per tile or chip")]
    length: Annotated[
        Quantity | None,
        quantity(
            "m",
            1e-5,
            0.1,
            description="Line for which bit_energy holds, which grows with the chip; if absent, bit_energy "
            "holds whatever the size",
        ),
    ] = None


class OffChip(Section):
    """What is outside: memory for weights that do not fit, and the link to it."""

    access_energy: Annotated[BoundedQuantity, _energy("Energy per bit of the external memory")]
    link_power: Annotated[BoundedQuantity, _power("Constant power of the link")]
    link_area: Annotated[BoundedQuantity, _area("Area of the link on the chip")]


class Crossbar(Section):
    """Analog dot products in resistive crossbars, one converter for many columns."""

    rows: Annotated[Quantity, _count("Rows summed by one conversion")]
    columns: Annotated[Quantity, _count("Columns of weights")]
    unit_columns: Annotated[Quantity, _count("Further columns of ones, for signed weights", 0, 8)]
    cell_bits: Annotated[Quantity, _count("Digits of a weight per cell", 1, 8)]
    driver_bits: Annotated[Quantity, _count("Digits of an activation per row drive", 1, 8)]
    sign_arrays: Annotated[Quantity, _count("Crossbars per weight: 2 where signs are kept apart", 1, 2)]
    columns_per_converter: Annotated[Quantity, _count("Columns that share a converter")]
    crossbars_per_tile: Annotated[Quantity, _count("Crossbars of a tile")]
    tiles: Annotated[Quantity, _count("Tiles of the chip")]
    tile_traffic: Annotated[
        Quantity, _count("Bits from the buffer to the crossbars of a busy tile per read", 0, 1e6)
    ]
    read_time: Annotated[BoundedQuantity, _time("Time of a crossbar read")]
    conversion_time: Annotated[BoundedQuantity, _time("Time of a conversion")]
    row_write_time: Annotated[BoundedQuantity, _time("Time to program a row")]
    conversion_energy: Annotated[BoundedQuantity, _energy("Energy of a conversion")]
    sample_energy: Annotated[BoundedQuantity, _energy("Energy of a sample and hold, per conversion")]
    row_drive_energy: Annotated[BoundedQuantity, _energy("Energy of a row driver per read")]
    input_register_energy: Annotated[BoundedQuantity, _energy("Energy of the input register per row drive")]
    cell_energy: Annotated[BoundedQuantity, _energy("Energy of a cell per read")]
    shift_add_energy: Annotated[BoundedQuantity, _energy("Shift, add and partial sum per conversion")]
    result_energy: Annotated[BoundedQuantity, _energy("Joining and keeping a result of a crossbar")]
    cell_write_energy: Annotated[BoundedQuantity, _energy("Energy to program a cell")]
    converter_area: Annotated[BoundedQuantity, _area("Area of a converter")]
    row_area: Annotated[BoundedQuantity, _area("Driver and input register of a row")]
    cell_area: Annotated[BoundedQuantity, _area("Area of a cell")]
    column_area: Annotated[BoundedQuantity, _area("Sample and hold of a column")]
    shift_add_area: Annotated[BoundedQuantity, _area("Shift, add and output register of a crossbar")]
    tile_leakage: Annotated[BoundedQuantity, _power("Leakage of a tile that is not in the energies above")]


class MacArray(Section):
    """Multipliers and accumulators fed from the on-chip buffer."""

    multipliers: Annotated[Quantity, _count("Multiply-accumulate units")]
    accumulator_bits: Annotated[Quantity, _count("Digits of an accumulator", 8, 64)]
    clock_period: Annotated[BoundedQuantity, _time("Clock period")]
    multiply_energy: Annotated[BoundedQuantity, _energy("Energy of a multiplication, native precision")]
    accumulate_energy: Annotated[BoundedQuantity, _energy("Energy of an addition of accumulator_bits")]
    register_energy: Annotated[BoundedQuantity, _energy("Energy of a register per bit and MAC")]
    weight_fetches: Annotated[
        BoundedQuantity, quantity("1", 0, 1, description="Weights read from the buffer per MAC")
    ]
    activation_fetches: Annotated[
        BoundedQuantity, quantity("1", 0, 1, description="Activations read from the buffer per MAC")
    ]
    external_weight_reads: Annotated[
        BoundedQuantity,
        quantity("1", 0, 1e4, description="Reads of each weight from the external memory per image"),
    ]
    multiplier_area: Annotated[BoundedQuantity, _area("Area of a multiplier")]
    accumulator_area: Annotated[BoundedQuantity, _area("Area of an accumulator with its registers")]
    leakage: Annotated[BoundedQuantity, _power("Leakage of a multiply-accumulate unit")]


class BinaryWeight(Section):
    """Sums of products with weights of +1 and -1: complement and adder tree."""

    sum_units: Annotated[Quantity, _count("Sum-of-products units, one filter each")]
    operators: Annotated[Quantity, _count("Operands of a unit")]
    largest_kernel: Annotated[Quantity, _count("Side of the largest kernel taken at once", 1, 15)]
    shared_kernel: Annotated[
        Quantity, _count("Side of the largest kernel of which a unit takes two filters", 0, 15)
    ]
    input_channels: Annotated[Quantity, _count("Channels whose filters are kept on the chip")]
    image_bits: Annotated[Quantity, _count("Bits of the image memory", 64, 1e9)]
    clock_period: Annotated[BoundedQuantity, _time("Clock period")]
    voltage_energy_ratio: Annotated[
        BoundedQuantity,
        quantity("1", 0.01, 1, description="Energy at the operating voltage over that at process.supply"),
    ]
    adder_bit_energy: Annotated[BoundedQuantity, _energy("Energy of a full adder")]
    complement_bit_energy: Annotated[BoundedQuantity, _energy("Energy of a conditional complement per bit")]
    register_bit_energy: Annotated[BoundedQuantity, _energy("Energy of a register bit per write")]
    image_bit_energy: Annotated[BoundedQuantity, _energy("Image memory per bit")]
    adder_bit_area: Annotated[BoundedQuantity, _area("Area of a full adder")]
    complement_bit_area: Annotated[BoundedQuantity, _area("Area of a conditional complement per bit")]
    filter_bit_area: Annotated[BoundedQuantity, _area("Area of a bit of the filter bank")]
    register_bit_area: Annotated[BoundedQuantity, _area("Area of a register bit")]
    image_bit_area: Annotated[BoundedQuantity, _area("Area of a bit of the image memory")]
    leakage: Annotated[BoundedQuantity, _power("Leakage of the core")]


class AndArray(Section):
    """What memories that compute the AND of two of their rows have in common."""

    rows: Annotated[Quantity, _count("Rows of a sub-array", 4)]
    columns: Annotated[Quantity, _count("Columns of a sub-array", 4)]
    weight_row_fraction: Annotated[
        Quantity, quantity("1", 0.01, 0.99, description="Share of the rows kept for weights")
    ]
    sub_arrays: Annotated[Quantity, _count("Sub-arrays of the chip")]
    and_energy: Annotated[BoundedQuantity, _energy("Energy of a two-row AND per column, sensed")]
    row_energy: Annotated[BoundedQuantity, _energy("Decoder and word lines per row operation")]
    write_energy: Annotated[BoundedQuantity, _energy("Energy to write a bit")]
    row_cycle: Annotated[BoundedQuantity, _time("Time of a row operation")]
    row_write_time: Annotated[BoundedQuantity, _time("Time of a row write")]
    cell_area: Annotated[BoundedQuantity, _area("Area of a cell")]
    row_area: Annotated[BoundedQuantity, _area("Decoder and drivers of a row")]
    column_area: Annotated[BoundedQuantity, _area("Sense amplifier and drivers of a column")]
    leakage: Annotated[BoundedQuantity, _power("Leakage of a sub-array while its layer is at work")]


class Bitline(AndArray):
    """Static memory that computes on its bit lines, an adder tree counting each row."""

    adder_energy: Annotated[BoundedQuantity, _energy("Energy of a full adder")]
    register_energy: Annotated[BoundedQuantity, _energy("Energy of a register per bit and write")]
    adder_area: Annotated[BoundedQuantity, _area("Area of a full adder or register bit")]


class SerialCounter(AndArray):
    """Memory whose columns are counted one after the other."""

    count_time: Annotated[BoundedQuantity, _time("Time to count one column")]
    count_energy: Annotated[BoundedQuantity, _energy("Energy of the counter per column")]
    shift_energy: Annotated[BoundedQuantity, _energy("Energy to shift and add a count, per bit")]
    counter_area: Annotated[BoundedQuantity, _area("Counter, shifter and accumulator of a sub-array")]


STRUCTURES = ("crossbar", "mac_array", "binary_weight", "bitline", "serial_counter")
"""Kinds of accelerator; each is a section of the file and a model in ``spinpim.array.baselines``."""


class BaselineFile(ParameterFile):
    """Another accelerator: process, precision, the parts of its structure, and what surrounds them."""

    kind: ClassVar[str] = "baseline"

    schema_name: Literal["spinpim-baseline/1"] = Field(
        alias="schema", description="Kind and version of the file"
    )
    structure: Literal["crossbar", "mac_array", "binary_weight", "bitline", "serial_counter"] = Field(
        description="Kind of accelerator; the section of that name is given, and no other of them"
    )
    process: Process
    precision: Precision
    digital_unit: BaselineUnit
    buffer: BaselineBuffer
    bus: Bus
    off_chip: OffChip | None = None
    crossbar: Crossbar | None = None
    mac_array: MacArray | None = None
    binary_weight: BinaryWeight | None = None
    bitline: Bitline | None = None
    serial_counter: SerialCounter | None = None

    @model_validator(mode="after")
    def _the_section_is_that_of_the_structure(self) -> Self:
        given = [name for name in STRUCTURES if getattr(self, name) is not None]
        if given != [self.structure]:
            wrong = [f"has no [{name}]" for name in given if name != self.structure]
            wrong = ([] if self.structure in given else [f"lacks [{self.structure}]"]) + wrong
            raise ValueError(
                f'structure "{self.structure}" {" and ".join(wrong)}; of {", ".join(STRUCTURES)} exactly '
                "the section named by structure is given."
            )
        return self

    @model_validator(mode="after")
    def _counts_are_whole(self) -> Self:
        require_whole(
            {
                f"{section}.{key}": number
                for section, content in self.sections()
                for key, number, unit in content.quantities()
                if unit == "1" and not isinstance(number, BoundedQuantity) and key not in _SHARES
            }
        )
        return self


_SHARES = ("weight_row_fraction",)


def load_baseline(name_or_path: str | os.PathLike[str]) -> BaselineFile:
    """Load a baseline file.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped baseline ("isaac_32nm") or path of one's own.

    Returns
    -------
    BaselineFile
        Checked numbers in SI with their sources.

    Raises
    ------
    InputError
        For every mistake in the name or the file; the message has file, key, and remedy.

    Examples
    --------
    >>> load_baseline("isaac_32nm").structure
    'crossbar'
    """
    return load(BaselineFile, name_or_path)
