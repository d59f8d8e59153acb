"""The amplifier file: a clocked sense amplifier, sizes and laws at area scale 1."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from spinpim.params.load import load
from spinpim.params.schema import ParameterFile, Quantity, Section, quantity

_PAIR = "A_VT of a pair: the threshold DIFFERENCE of two W x L devices has sigma A_VT/sqrt(W L)."


class DeviceSection(Section):
    """A transistor, or two equal ones whose mismatch is told elsewhere."""

    width: Annotated[Quantity, quantity("m", 4e-8, 1e-4, description="Drawn width of each at area scale 1")]
    length: Annotated[Quantity, quantity("m", 2e-8, 1e-5, description="Drawn length of each")]


class PairSection(DeviceSection):
    """Two transistors that should be equal, and what a mismatch between them does to the offset."""

    weight: Annotated[
        Quantity,
        quantity("1", 0, 3, description="Offset per threshold change of one of them, at the reference point"),
    ]
    common_mode_slope: Annotated[
        Quantity, quantity("1", -50, 50, description="d ln(weight) / d(common mode over supply)")
    ]
    common_mode_curvature: Annotated[
        Quantity, quantity("1", -50, 50, description="Quadratic term of ln(weight) in the same")
    ]
    temperature_slope: Annotated[
        Quantity, quantity("1", -2, 2, description="Of ln(weight) in 1 - (300 K/T)^2")
    ]
    supply_slope: Annotated[Quantity, quantity("1", -20, 20, description="d ln(weight) / d ln(supply)")]


class OffsetSection(Section):
    """Mismatch, the reference point of all laws, and the inputs for which they hold."""

    matching: Annotated[
        Quantity, quantity("V m", 1e-10, 2e-8, description="Pelgrom coefficient A_VT of a pair", hint=_PAIR)
    ]
    systematic: Annotated[
        Quantity, quantity("V", -0.2, 0.2, description="Offset of every one, which the reference takes up")
    ]
    common_mode_reference: Annotated[
        Quantity, quantity("V", 0, 3, description="Common mode at which the weights hold")
    ]
    common_mode_supply: Annotated[
        Quantity, quantity("1", 0, 2, description="Rise of the common mode that undoes one volt of supply")
    ]
    common_mode_minimum: Annotated[
        Quantity, quantity("V", 0, 3, description="Lowest working common mode; moves with the supply")
    ]
    common_mode_maximum: Annotated[
        Quantity, quantity("V", 0, 3, description="Highest working common mode; moves with the supply")
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
        Quantity, quantity("s", 1e-13, 1e-9, description="Regeneration time constant at the reference point")
    ]
    load_share: Annotated[
        Quantity, quantity("1", 0, 1, description="Part of it that the load on the outputs makes at scale 1")
    ]
    temperature_exponent: Annotated[
        Quantity, quantity("1", 0, 5, description="It grows as (T/300 K) to this power")
    ]
    supply_exponent: Annotated[
        Quantity, quantity("1", -20, 0, description="d ln(time constant) / d ln(supply)")
    ]
    supply_curvature: Annotated[
        Quantity, quantity("1", -50, 50, description="Quadratic term of ln(time constant) in ln(supply)")
    ]
    slowing: Annotated[
        Quantity, quantity("1", 0, 1, description="Share of a starved input pair in the time constant")
    ]
    slowing_scale: Annotated[
        Quantity, quantity("V", 0.01, 10, description="Common-mode change by which that share grows e-fold")
    ]
    slowing_supply: Annotated[
        Quantity, quantity("1", 0, 2, description="Common-mode change that undoes one volt of supply")
    ]
    intercept: Annotated[Quantity, quantity("s", 0, 1e-8, description="Constant part of the decision time")]
    intercept_exponent: Annotated[
        Quantity, quantity("1", -5, 5, description="The intercept grows as (T/300 K) to this power")
    ]
    intercept_supply_slope: Annotated[
        Quantity, quantity("1", -20, 20, description="Its relative change with the relative supply")
    ]
    intercept_supply_curvature: Annotated[
        Quantity, quantity("1", -50, 50, description="Quadratic term of the same")
    ]
    output_swing: Annotated[
        Quantity, quantity("V", 0.01, 5, description="Output difference that is decided; follows the supply")
    ]
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
    unit_kickback_capacitance: Annotated[
        Quantity,
        quantity("F", 0, 1e-12, description="Charge a decision pushes into an input, over the supply"),
    ]


class OffsetCancellationSection(Section):
    """A cycle that stores the offset and subtracts it; leave the section out if there is none."""

    residual: Annotated[Quantity, quantity("1", 0, 1, description="Part of the offset that remains")]
    noise: Annotated[Quantity, quantity("V", 0, 0.1, description="Noise added by storing it, one sigma")]
    extra_time: Annotated[Quantity, quantity("s", 0, 1e-7, description="Time per decision")]
    extra_energy: Annotated[Quantity, quantity("J", 0, 1e-11, description="Energy per decision")]
    capacitance: Annotated[
        Quantity | None, quantity("F", 1e-18, 1e-11, description="Capacitor that holds the offset")
    ] = None
    amplify_time: Annotated[
        Quantity | None,
        quantity("s", 0, 1e-7, description="From the input step to the strobe of the comparator"),
    ] = None


class LineDisturbanceSection(Section):
    """What the amplifier pushes into its inputs before enable; leave it out if they are gates."""

    current: Annotated[
        Quantity, quantity("A", 0, 1e-3, description="Into each input at the reference point, area scale 1")
    ]
    scale: Annotated[
        Quantity, quantity("V", 0.005, 1, description="Fall of the common mode by which it grows e-fold")
    ]
    limit: Annotated[
        Quantity, quantity("V", 0, 0.1, description="Shift of an input by it that is still allowed")
    ]


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
    nominal_current: Annotated[
        Quantity, quantity("A", 1e-9, 1e-2, description="Column current at which these hold")
    ]
    gate_voltage: Annotated[Quantity, quantity("V", 0.05, 5, description="Gate of the clamp transistors")]
    lowest_current: Annotated[
        Quantity | None, quantity("A", 1e-9, 1e-2, description="Lowest reference current at which it works")
    ] = None
    highest_current: Annotated[
        Quantity | None, quantity("A", 1e-9, 1e-2, description="Highest reference current at which it works")
    ] = None
    linear_current: Annotated[
        Quantity | None,
        quantity("A", 1e-9, 1e-2, description="Difference from the reference up to which the load holds"),
    ] = None

    noise_conductance: Annotated[
        Quantity | None,
        quantity(
            "S", 1e-12, 1.0, description="Thermal noise of mirror and equaliser at the node, as 4 k T G"
        ),
    ] = None

    @model_validator(mode="after")
    def _the_currents_are_in_order(self) -> Self:
        low, high = self.lowest_current, self.highest_current
        if low is not None and high is not None and low.si >= high.si:
            raise ValueError(
                f"has lowest_current {low.text} at or above highest_current {high.text}; the clamp would "
                f"work nowhere."
            )
        return self


PARTS = {
    "strongarm": ("input_pair", "cross_coupled_p", "cross_coupled_n", "reset_pair", "tail"),
    "latch": ("pass_pair", "cross_coupled_p", "cross_coupled_n", "tail", "line_disturbance"),
    "current_mirror": (
        "input_pair",
        "cross_coupled_p",
        "cross_coupled_n",
        "reset_pair",
        "tail",
        "clamp_pair",
        "mirror_pair",
        "equaliser",
        "clamp",
    ),
    "offset_cancelled": (
        "input_pair",
        "cross_coupled_p",
        "cross_coupled_n",
        "reset_pair",
        "inverter_n",
        "inverter_p",
        "tail",
        "switch",
        "offset_cancellation",
    ),
}
"""Sections that each topology has, besides those of every amplifier."""


class AmplifierFile(ParameterFile):
    """A sense-amplifier parameter file, read and checked; made by `load_amplifier`."""

    kind: ClassVar[str] = "amplifier"
    schema_name: Literal["spinpim-amplifier/1"] = Field(alias="schema")
    topology: Literal["strongarm", "latch", "current_mirror", "offset_cancelled"] = Field(
        description="The circuit."
    )

    input_pair: PairSection | None = None
    pass_pair: PairSection | None = None
    cross_coupled_p: PairSection
    cross_coupled_n: PairSection
    reset_pair: PairSection | None = None
    inverter_n: PairSection | None = None
    inverter_p: PairSection | None = None
    tail: DeviceSection
    switch: DeviceSection | None = None
    clamp_pair: DeviceSection | None = None
    mirror_pair: DeviceSection | None = None
    equaliser: DeviceSection | None = None
    offset: OffsetSection
    decision: DecisionSection
    noise: NoiseSection
    energy: EnergySection
    layout: AmplifierLayoutSection
    offset_cancellation: OffsetCancellationSection | None = None
    line_disturbance: LineDisturbanceSection | None = None
    clamp: ClampSection | None = None

    @model_validator(mode="after")
    def _the_parts_are_those_of_the_topology(self) -> Self:
        wanted = set(PARTS[self.topology])
        given = {name for name in set().union(*PARTS.values()) if getattr(self, name) is not None}
        if self.offset_cancellation is not None:
            wanted = wanted | {"offset_cancellation"}
        if given != wanted:
            wrong = [f"lacks [{name}]" for name in sorted(wanted - given)]
            wrong += [f"has no [{name}]" for name in sorted(given - wanted)]
            raise ValueError(
                f'topology "{self.topology}" {" and ".join(wrong)}; its own sections are '
                f"{', '.join(PARTS[self.topology])}."
            )
        return self


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
