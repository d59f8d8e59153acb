"""The array file: what surrounds the cells of a sub-array, and what works on its answers."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from spinpim.params.counts import require_whole
from spinpim.params.load import load
from spinpim.params.schema import BoundedQuantity, ParameterFile, Quantity, Section, quantity
from spinpim.params.technology_file import FlavourName, WireProjection


class Organisation(Section):
    """How rows are shared out and how far bits travel."""

    weight_row_fraction: Annotated[
        Quantity, quantity("1", 0.01, 0.99, description="Share of the rows kept for weights")
    ]
    bus_activity: Annotated[
        BoundedQuantity, quantity("1", 0, 0.5, description="How often a bit on the bus charges its line")
    ]
    bus_length: Annotated[
        BoundedQuantity | None,
        quantity(
            "m",
            1e-5,
            0.1,
            description="Between a sub-array and the buffer; if absent, half of width and height of a square "
            "that holds the network",
        ),
    ] = None


class Periphery(Section):
    """Transistors and wires around the cells."""

    technology: str = Field(min_length=1, description="Technology file: its shipped name or its path")
    flavour: FlavourName = Field(description="Which of its transistors")
    wires: WireProjection = Field(description="Which projection of its wires")


class Calibration(Section):
    """Factors on what the models give, as from a layout or a chip; their bounds say how far to trust them."""

    sensing_energy: Annotated[
        BoundedQuantity, quantity("1", 0.05, 20, description="On the energy of sensing a column")
    ]
    sensing_delay: Annotated[BoundedQuantity, quantity("1", 0.05, 20, description="On the delay of sensing")]
    write_energy: Annotated[
        BoundedQuantity, quantity("1", 0.05, 20, description="On the energy of writing a digit")
    ]
    periphery_energy: Annotated[
        BoundedQuantity, quantity("1", 0.05, 20, description="On all energy around the cells")
    ]
    periphery_delay: Annotated[
        BoundedQuantity, quantity("1", 0.05, 20, description="On all delays around the cells")
    ]
    periphery_area: Annotated[
        BoundedQuantity, quantity("1", 0.05, 20, description="On all area around the cells")
    ]
    periphery_leakage: Annotated[
        BoundedQuantity, quantity("1", 0.05, 20, description="On all leakage around the cells")
    ]


class Counter(Section):
    """The full adders that count ones, and the adder and register that accumulate the counts."""

    sums_kept: Literal["never", "each_addition"] = Field(
        default="never",
        description="Whether the accumulator writes each sum into cells, to outlast a power cut",
    )

    digit_places: Annotated[
        Quantity,
        quantity("1", 2, 16, description="Digits of weight and activation that the adder shifts over"),
    ]


class Figures(Section):
    """Where the figures of digital unit and buffer hold, at 300 K; elsewhere they follow a full adder."""

    technology: str = Field(min_length=1, description="Technology file: its shipped name or its path")
    flavour: FlavourName = Field(description="Which of its transistors")


class DigitalUnit(Section):
    """Normalisation, quantisation and pooling."""

    multiply_energy: Annotated[
        BoundedQuantity, quantity("J", 1e-15, 1e-10, description="Energy of a scale multiplication")
    ]
    add_energy: Annotated[
        BoundedQuantity, quantity("J", 1e-16, 1e-11, description="Energy of a 32 bit addition")
    ]
    compare_energy: Annotated[
        BoundedQuantity, quantity("J", 1e-16, 1e-11, description="Energy of an 8 bit comparison")
    ]
    clock_period: Annotated[Quantity, quantity("s", 1e-11, 1e-5, description="Clock period")]
    lanes: Annotated[Quantity, quantity("1", 1, 4096, description="Outputs normalised per clock")]
    lane_area: Annotated[BoundedQuantity, quantity("m^2", 1e-11, 1e-7, description="Area of a lane")]
    lane_leakage: Annotated[
        BoundedQuantity, quantity("W", 1e-12, 1e-2, description="Leakage power of a lane")
    ]


class Buffer(Section):
    """The SRAM between the layers."""

    capacity: Annotated[Quantity, quantity("1", 64, 1e10, description="Bits held")]
    access_energy: Annotated[
        BoundedQuantity, quantity("J", 1e-17, 1e-11, description="Energy per bit read or written")
    ]
    bit_area: Annotated[
        BoundedQuantity, quantity("m^2", 1e-15, 1e-10, description="Area per bit, periphery included")
    ]
    bit_leakage: Annotated[BoundedQuantity, quantity("W", 1e-16, 1e-6, description="Leakage power per bit")]


class ArrayFile(ParameterFile):
    """What surrounds the cells: organisation, periphery, counters, digital unit, buffer."""

    kind: ClassVar[str] = "array"

    schema_name: Literal["spinpim-array/1"] = Field(
        alias="schema", description="Kind and version of the file"
    )
    organisation: Organisation
    periphery: Periphery
    counter: Counter
    figures: Figures
    digital_unit: DigitalUnit
    buffer: Buffer
    calibration: Calibration | None = None

    @model_validator(mode="after")
    def _counts_are_whole(self) -> Self:
        require_whole(
            {
                "counter.digit_places": self.counter.digit_places,
                "digital_unit.lanes": self.digital_unit.lanes,
                "buffer.capacity": self.buffer.capacity,
            }
        )
        return self


def load_array(name_or_path: str | os.PathLike[str]) -> ArrayFile:
    """Load an array file.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped array ("array_45nm") or path of one's own.

    Returns
    -------
    ArrayFile
        Checked numbers in SI with their sources.

    Raises
    ------
    InputError
        For every mistake in the name or the file; the message has file, key, and remedy.

    Examples
    --------
    >>> load_array("array_45nm").periphery.flavour
    'low_standby_power'
    """
    return load(ArrayFile, name_or_path)
