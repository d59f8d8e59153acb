"""The amplifier file: a clocked sense amplifier, sizes and laws at area scale 1."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from spinpim.params.load import load
from spinpim.params.schema import ParameterFile, Quantity, Section, quantity

_PAIR = "A_VT of a pair: the threshold DIFFERENCE of two W x L devices has sigma A_VT/sqrt(W L)."


class PairSection(Section):
    """Two transistors that should be equal, and what a mismatch between them does to the offset."""

    width: Annotated[Quantity, quantity("m", 4e-8, 1e-4, description="Drawn width of each at area scale 1")]
    length: Annotated[Quantity, quantity("m", 2e-8, 1e-5, description="Drawn length of each")]
    weight: Annotated[
        Quantity, quantity("1", 0, 3, description="Offset per threshold change of one of them, at 300 K")
    ]


class OffsetSection(Section):
    """Mismatch and how the offset depends on common mode and temperature."""

    matching: Annotated[
        Quantity, quantity("V m", 1e-10, 2e-8, description="Pelgrom coefficient A_VT of a pair", hint=_PAIR)
    ]
    common_mode_reference: Annotated[
        Quantity, quantity("V", 0, 3, description="Common mode at which the weights hold")
    ]
    common_mode_floor: Annotated[
        Quantity,
        quantity("1", 0, 3, description="Relative offset far above the reference; 1 = no dependence"),
    ]
    common_mode_scale: Annotated[
        Quantity, quantity("V", 0.01, 10, description="Common-mode change of the exponential part")
    ]
    common_mode_minimum: Annotated[Quantity, quantity("V", 0, 3, description="Lowest working common mode")]
    common_mode_maximum: Annotated[Quantity, quantity("V", 0, 3, description="Highest working common mode")]
    temperature_ceiling: Annotated[
        Quantity, quantity("1", 0.5, 3, description="Relative offset far above 300 K; 1 = no dependence")
    ]
    temperature_scale: Annotated[
        Quantity, quantity("K", 10, 2000, description="Temperature change of the exponential part")
    ]

    @model_validator(mode="after")
    def _the_working_range_is_not_empty(self) -> Self:
        if self.common_mode_minimum.si >= self.common_mode_maximum.si:
            raise ValueError(
                f"has common_mode_minimum {self.common_mode_minimum.text} at or above common_mode_maximum "
                f"{self.common_mode_maximum.text}; the amplifier would work nowhere."
            )
        return self


class DecisionSection(Section):
    """Regeneration."""

    time_constant: Annotated[
        Quantity, quantity("s", 1e-13, 1e-9, description="Regeneration time constant at 300 K")
    ]
    temperature_exponent: Annotated[
        Quantity, quantity("1", 0, 5, description="The time constant grows as (T/300 K) to this power")
    ]
    intercept: Annotated[Quantity, quantity("s", 0, 1e-8, description="Constant part of the decision time")]
    output_swing: Annotated[Quantity, quantity("V", 0.01, 5, description="Output difference that is decided")]
    initial_gain: Annotated[Quantity, quantity("1", 0.01, 1e3, description="Gain before regeneration")]
    resolution: Annotated[
        Quantity, quantity("V", 1e-9, 0.1, description="Smallest input difference the allotted time covers")
    ]


class NoiseSection(Section):
    """Noise, new at each decision."""

    input_noise: Annotated[
        Quantity, quantity("V", 0, 0.1, description="Input noise at area scale 1 and 300 K, one sigma")
    ]


class EnergySection(Section):
    """Energy of one decision."""

    supply: Annotated[Quantity, quantity("V", 0.2, 5, description="Supply voltage")]
    fixed: Annotated[Quantity, quantity("J", 0, 1e-11, description="Part that does not grow with the area")]
    per_area_scale: Annotated[Quantity, quantity("J", 0, 1e-11, description="Part per unit of area scale")]


class AmplifierLayoutSection(Section):
    """Size of the amplifier as built."""

    area_scale: Annotated[Quantity, quantity("1", 0.1, 1000, description="All widths are multiplied by this")]
    unit_area: Annotated[Quantity, quantity("m^2", 1e-14, 1e-8, description="Layout area at area scale 1")]
    unit_input_capacitance: Annotated[
        Quantity, quantity("F", 0, 1e-12, description="Load on each input at area scale 1")
    ]


class OffsetCancellationSection(Section):
    """A cycle that stores the offset and subtracts it; leave the section out if there is none."""

    residual: Annotated[Quantity, quantity("1", 0, 1, description="Part of the offset that remains")]
    noise: Annotated[Quantity, quantity("V", 0, 0.1, description="Noise added by storing it, one sigma")]
    extra_time: Annotated[Quantity, quantity("s", 0, 1e-7, description="Time per decision")]
    extra_energy: Annotated[Quantity, quantity("J", 0, 1e-11, description="Energy per decision")]


class ClampSection(Section):
    """A clamp that holds the bit line and passes its current to a load; with it, current is sensed."""

    voltage: Annotated[
        Quantity, quantity("V", 0.01, 2, description="Held voltage; sigma = mismatch of the clamp")
    ]
    transresistance: Annotated[
        Quantity, quantity("ohm", 10, 1e8, description="Load; sigma = mismatch of the load")
    ]
    input_resistance: Annotated[
        Quantity, quantity("ohm", 1, 1e6, description="Resistance that the bit line sees, 1/gm")
    ]
    output_capacitance: Annotated[
        Quantity, quantity("F", 1e-18, 1e-11, description="Sensed node without the latch")
    ]


class AmplifierFile(ParameterFile):
    """A sense-amplifier parameter file, read and checked; made by `load_amplifier`."""

    kind: ClassVar[str] = "amplifier"
    schema_name: Literal["spinpim-amplifier/1"] = Field(alias="schema")

    input_pair: PairSection
    cross_coupled_n: PairSection
    cross_coupled_p: PairSection
    offset: OffsetSection
    decision: DecisionSection
    noise: NoiseSection
    energy: EnergySection
    layout: AmplifierLayoutSection
    offset_cancellation: OffsetCancellationSection | None = None
    clamp: ClampSection | None = None


def load_amplifier(name_or_path: str | os.PathLike[str]) -> AmplifierFile:
    """Load an amplifier file.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped amplifier or path of one's own file, ending in ".toml".

    Returns
    -------
    AmplifierFile
        The checked file; every quantity has its SI number as ``.si``.

    Raises
    ------
    InputError
        For every mistake in the name or the file; the message has file, key and remedy.

    Examples
    --------
    >>> load_amplifier("strongarm_45nm").input_pair.width.text
    '540 nm'
    """
    return load(AmplifierFile, name_or_path)
