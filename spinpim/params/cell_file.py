"""The cell file: access transistors, bit line, reference columns, and how the cell is read and written."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from spinpim.params.counts import require_whole
from spinpim.params.load import load
from spinpim.params.schema import ParameterFile, Quantity, Section, quantity

_PAIR = "A_VT of a pair: the threshold DIFFERENCE of two W x L devices has sigma A_VT/sqrt(W L)."


class TechnologySection(Section):
    """The n-channel transistors of the cell, EKV with velocity saturation."""

    supply: Annotated[Quantity, quantity("V", 0.2, 5, description="Supply of the read path")]
    threshold_voltage: Annotated[Quantity, quantity("V", 0, 1.5, description="Threshold voltage")]
    slope_factor: Annotated[Quantity, quantity("1", 1, 2, description="EKV slope factor n")]
    transconductance: Annotated[
        Quantity, quantity("A/V^2", 1e-6, 1e-1, description="mu C_ox of a square at 300 K")
    ]
    critical_voltage: Annotated[
        Quantity, quantity("V", 0.01, 100, description="Channel voltage at which velocity saturation sets in")
    ]
    series_resistance: Annotated[
        Quantity, quantity("ohm m", 0, 1e-2, description="Series resistance times width at 300 K")
    ]
    mobility_exponent: Annotated[
        Quantity, quantity("1", 0, 5, description="The transconductance falls as (T/300 K) to this power")
    ]
    series_exponent: Annotated[
        Quantity, quantity("1", 0, 6, description="The series resistance grows as (T/300 K) to this power")
    ]
    matching: Annotated[
        Quantity, quantity("V m", 0, 2e-8, description="Pelgrom coefficient A_VT of a pair", hint=_PAIR)
    ]
    gate_capacitance: Annotated[
        Quantity, quantity("F/m", 0, 1e-7, description="Gate capacitance per width, conducting")
    ]
    feature_size: Annotated[
        Quantity, quantity("m", 1e-9, 1e-6, description="Length whose square cell areas are counted in")
    ]
    gate_spacing: Annotated[
        Quantity, quantity("m", 0, 1e-6, description="Least space between gates over an active area")
    ]
    active_spacing: Annotated[
        Quantity, quantity("m", 0, 1e-6, description="Least space between active areas")
    ]


class ReadTransistorSection(Section):
    """Access transistor between bit line and junction."""

    width: Annotated[Quantity, quantity("m", 4e-8, 1e-4, description="Drawn width")]
    length: Annotated[Quantity, quantity("m", 2e-8, 1e-5, description="Drawn length")]
    word_line_voltage: Annotated[Quantity, quantity("V", 0.2, 5, description="Gate voltage while reading")]
    assist_word_line_voltage: Annotated[
        Quantity, quantity("V", 0.2, 5, description="Gate voltage while a write applies a junction voltage")
    ]


class WriteTransistorSection(Section):
    """Access transistor in series with the channel."""

    width: Annotated[Quantity, quantity("m", 4e-8, 1e-4, description="Drawn width")]
    length: Annotated[Quantity, quantity("m", 2e-8, 1e-5, description="Drawn length")]
    word_line_voltage: Annotated[Quantity, quantity("V", 0.2, 5, description="Gate voltage while writing")]
    supply: Annotated[Quantity, quantity("V", 0.2, 5, description="Supply of the write drivers")]
    driver_resistance: Annotated[
        Quantity, quantity("ohm", 0, 1e5, description="Both write drivers and the write lines together")
    ]


class ReadSection(Section):
    """How the cells are read."""

    current_per_row: Annotated[
        Quantity,
        quantity("A", 1e-9, 1e-2, description="Read current per activated row; sigma = source mismatch"),
    ]
    source_headroom: Annotated[
        Quantity, quantity("V", 0.01, 2, description="Saturation voltage of the read-current source")
    ]
    source_noise_factor: Annotated[
        Quantity, quantity("1", 0, 10, description="Excess noise factor of the read-current source")
    ]
    settling_residual: Annotated[
        Quantity, quantity("1", 1e-15, 0.5, description="Part of the step that is missing at the strobe")
    ]
    reset_width: Annotated[
        Quantity, quantity("m", 4e-8, 1e-4, description="Drawn width of the transistor that resets a line")
    ]
    reset_residual: Annotated[
        Quantity, quantity("1", 1e-15, 0.5, description="Part of the line voltage that a reset leaves")
    ]
    access_time: Annotated[
        Quantity, quantity("s", 0, 1e-7, description="Opening of the access transistor, without decoder")
    ]


class BitLineSection(Section):
    """The lines of one column."""

    cells: Annotated[Quantity, quantity("1", 1, 1e5, description="Cells on the line; in an array, its rows")]
    capacitance_per_cell: Annotated[
        Quantity, quantity("F", 0, 1e-13, description="Drain and wire of one cell")
    ]
    write_capacitance_per_cell: Annotated[
        Quantity, quantity("F", 0, 1e-13, description="Drain and wire of one cell on a write line")
    ]
    fixed_capacitance: Annotated[
        Quantity, quantity("F", 1e-18, 1e-11, description="Column circuits, without the sense amplifier")
    ]
    resistance_per_cell: Annotated[Quantity, quantity("ohm", 0, 1e4, description="Wire along one cell")]


class ReferenceSection(Section):
    """The reference that the columns are compared with."""

    column_pairs: Annotated[
        Quantity,
        quantity("1", 1, 1e4, description="Pairs of columns, one at each neighbouring level, averaged"),
    ]
    shared_by: Annotated[
        Quantity,
        quantity(
            "1", 1, 1e5, description="Columns that share one reference; in an array, all of a sub-array"
        ),
    ]


class CellLayoutSection(Section):
    """Size of the cell."""

    row_pitch: Annotated[
        Quantity, quantity("m", 3e-8, 1e-5, description="Length of a cell along the bit line")
    ]
    column_pitch: Annotated[
        Quantity, quantity("m", 3e-8, 1e-5, description="Length of a cell along the word line")
    ]


class CellFile(ParameterFile):
    """A cell parameter file, read and checked; made by `load_cell`."""

    kind: ClassVar[str] = "cell"
    schema_name: Literal["spinpim-cell/1"] = Field(alias="schema")

    technology: TechnologySection
    read_transistor: ReadTransistorSection
    write_transistor: WriteTransistorSection
    read: ReadSection
    bit_line: BitLineSection
    reference: ReferenceSection
    layout: CellLayoutSection

    @model_validator(mode="after")
    def _counts_are_whole(self) -> Self:
        require_whole(
            {
                "bit_line.cells": self.bit_line.cells,
                "reference.column_pairs": self.reference.column_pairs,
                "reference.shared_by": self.reference.shared_by,
            }
        )
        return self

    @model_validator(mode="after")
    def _gates_open_the_transistors(self) -> Self:
        threshold = self.technology.threshold_voltage
        for name, voltage in (
            ("read_transistor.word_line_voltage", self.read_transistor.word_line_voltage),
            ("write_transistor.word_line_voltage", self.write_transistor.word_line_voltage),
            ("technology.supply", self.technology.supply),
        ):
            if voltage.si <= threshold.si:
                raise ValueError(
                    f"{name} is {voltage.text}, not above technology.threshold_voltage of {threshold.text}; "
                    "the transistor that it opens would stay closed. Raise it."
                )
        return self


def load_cell(name_or_path: str | os.PathLike[str]) -> CellFile:
    """Load a cell file.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped cell or path of one's own file, ending in ".toml".

    Returns
    -------
    CellFile
        The checked file; every quantity has its SI number as ``.si``.

    Raises
    ------
    InputError
        For every mistake in the name or the file; the message has file, key and remedy.

    Examples
    --------
    >>> load_cell("2t1r_45nm").technology.supply.si
    1.0
    """
    return load(CellFile, name_or_path)
