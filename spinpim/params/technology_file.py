"""The technology file: transistors in three flavours and wires in three layers, at one node of CMOS."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from spinpim.params.load import load
from spinpim.params.schema import ParameterFile, Quantity, Section, quantity

FlavourName = Literal["high_performance", "low_operating_power", "low_standby_power"]
WireProjection = Literal["aggressive", "conservative"]


class Rules(Section):
    """Node, and the layout rules of its gates in units of the feature size."""

    feature_size: Annotated[Quantity, quantity("m", 5e-9, 1e-6, description="Half pitch F of the node")]
    smallest_width: Annotated[Quantity, quantity("1", 1, 20, description="Smallest transistor width, in F")]
    largest_width: Annotated[
        Quantity, quantity("1", 20, 2000, description="Largest width of an n-channel driver, in F")
    ]
    contact: Annotated[Quantity, quantity("1", 0.5, 5, description="Side of a contact, in F")]
    contact_gate_gap: Annotated[Quantity, quantity("1", 0.2, 5, description="Contact to gate, in F")]
    gate_gap: Annotated[Quantity, quantity("1", 0.5, 5, description="Between gates over one area, in F")]
    active_gap: Annotated[
        Quantity, quantity("1", 0.5, 5, description="Between active areas of one polarity, in F")
    ]
    well_gap: Annotated[
        Quantity, quantity("1", 0.5, 10, description="Between active areas of both polarities, in F")
    ]
    rail_width: Annotated[Quantity, quantity("1", 0.5, 10, description="Width of a supply rail, in F")]
    fold_margin: Annotated[
        Quantity, quantity("1", 0, 10, description="Height lost to folding a transistor, in F")
    ]
    gate_height: Annotated[
        Quantity, quantity("1", 8, 200, description="Height of a strip of gates in which they fold, in F")
    ]


class Junctions(Section):
    """Capacitance of drains, and what all wires share."""

    area_capacitance: Annotated[
        Quantity, quantity("F/m^2", 1e-5, 1e-1, description="Bottom of a junction at zero bias")
    ]
    edge_capacitance: Annotated[
        Quantity, quantity("F/m", 1e-12, 1e-8, description="Isolation edge of a junction at zero bias")
    ]
    gate_edge_capacitance: Annotated[
        Quantity, quantity("F/m", 1e-12, 1e-8, description="Gate edge of a junction at zero bias")
    ]
    built_in_voltage: Annotated[Quantity, quantity("V", 0.2, 2, description="Built-in voltage")]
    area_grading: Annotated[Quantity, quantity("1", 0, 1, description="Grading exponent of the bottom")]
    edge_grading: Annotated[Quantity, quantity("1", 0, 1, description="Grading exponent of both edges")]
    overlap_share: Annotated[Quantity, quantity("1", 0, 1, description="Overlap over ideal gate capacitance")]
    fringe_sides: Annotated[
        Quantity, quantity("1", 0, 6, description="How often the fringe counts in a gate")
    ]
    saturation_velocity: Annotated[
        Quantity, quantity("m/s", 1e4, 1e6, description="Saturated velocity of the carriers")
    ]


class Flavour(Section):
    """Transistors of one flavour; currents and capacitances per width."""

    supply_voltage: Annotated[Quantity, quantity("V", 0.2, 5, description="Supply voltage")]
    threshold_voltage: Annotated[Quantity, quantity("V", 0, 1.5, description="Threshold voltage, saturated")]
    gate_length: Annotated[Quantity, quantity("m", 2e-9, 1e-6, description="Physical gate length")]
    gate_capacitance: Annotated[
        Quantity, quantity("F/m", 1e-11, 1e-8, description="Ideal gate capacitance per width")
    ]
    fringe_capacitance: Annotated[
        Quantity, quantity("F/m", 0, 1e-8, description="Fringe of one side of a gate per width")
    ]
    oxide_capacitance: Annotated[Quantity, quantity("F/m^2", 1e-3, 1, description="Gate oxide per area")]
    electron_mobility: Annotated[
        Quantity, quantity("m^2/(V s)", 1e-3, 1, description="Effective electron mobility")
    ]
    hole_mobility: Annotated[Quantity, quantity("m^2/(V s)", 1e-4, 1, description="Effective hole mobility")]
    width_ratio: Annotated[
        Quantity, quantity("1", 1, 5, description="Width of the p-channel over the n-channel device")
    ]
    resistance_multiplier: Annotated[
        Quantity, quantity("1", 1, 4, description="Effective over static on-resistance in switching")
    ]
    on_current_n_300K: Annotated[
        Quantity, quantity("A m^-1", 10, 1e4, description="Saturated n-channel current per width at 300 K")
    ]
    on_current_n_400K: Annotated[
        Quantity, quantity("A m^-1", 10, 1e4, description="Same at 400 K; linear between")
    ]
    on_current_p_300K: Annotated[
        Quantity, quantity("A m^-1", 10, 1e4, description="Saturated p-channel current per width at 300 K")
    ]
    on_current_p_400K: Annotated[
        Quantity, quantity("A m^-1", 10, 1e4, description="Same at 400 K; linear between")
    ]
    off_current_n_300K: Annotated[
        Quantity, quantity("A m^-1", 1e-9, 100, description="n-channel leakage per width at 300 K")
    ]
    off_current_n_350K: Annotated[
        Quantity, quantity("A m^-1", 1e-9, 100, description="Same at 350 K; logarithmic between")
    ]
    off_current_n_400K: Annotated[
        Quantity, quantity("A m^-1", 1e-9, 100, description="Same at 400 K; logarithmic between")
    ]
    off_current_p_300K: Annotated[
        Quantity, quantity("A m^-1", 1e-9, 100, description="p-channel leakage per width at 300 K")
    ]
    off_current_p_350K: Annotated[
        Quantity, quantity("A m^-1", 1e-9, 100, description="Same at 350 K; logarithmic between")
    ]
    off_current_p_400K: Annotated[
        Quantity, quantity("A m^-1", 1e-9, 100, description="Same at 400 K; logarithmic between")
    ]
    gate_leakage: Annotated[
        Quantity, quantity("A m^-1", 0, 10, description="Leakage through an open gate per width")
    ]


class WireMaterial(Section):
    """What wires of all layers share."""

    temperature_coefficient: Annotated[
        Quantity, quantity("1/K", 0, 0.01, description="Relative rise of the resistivity per kelvin")
    ]
    reference_temperature: Annotated[
        Quantity, quantity("K", 200, 400, description="Temperature of the resistivities")
    ]
    miller_factor: Annotated[
        Quantity, quantity("1", 0, 2, description="Switching neighbours: factor of the coupling")
    ]
    vertical_dielectric: Annotated[
        Quantity, quantity("1", 1, 10, description="Dielectric constant between layers")
    ]
    fringe_capacitance: Annotated[
        Quantity, quantity("F/m", 0, 1e-9, description="Fringe of a wire per length")
    ]


class WireLayer(Section):
    """Wires of one layer; as wide as the space between them."""

    pitch: Annotated[Quantity, quantity("m", 1e-8, 1e-5, description="Width and space together")]
    aspect_ratio: Annotated[Quantity, quantity("1", 0.5, 5, description="Thickness over width")]
    barrier_thickness: Annotated[
        Quantity, quantity("m", 0, 1e-7, description="Barrier on bottom and sides that conducts nothing")
    ]
    layer_gap: Annotated[Quantity, quantity("m", 1e-8, 1e-5, description="Dielectric to the next layer")]
    line_dielectric: Annotated[
        Quantity, quantity("1", 1, 10, description="Dielectric constant between wires of the layer")
    ]
    resistivity: Annotated[
        Quantity, quantity("ohm m", 1e-8, 1e-6, description="Resistivity, scattering included")
    ]


class TechnologyFile(ParameterFile):
    """One node: layout rules, junctions, three flavours of transistors, three layers of wires twice."""

    kind: ClassVar[str] = "technology"

    schema_name: Literal["spinpim-technology/1"] = Field(
        alias="schema", description="Kind and version of the file"
    )
    rules: Rules
    junctions: Junctions
    high_performance: Flavour
    low_operating_power: Flavour
    low_standby_power: Flavour
    wires: WireMaterial
    local_aggressive: WireLayer
    local_conservative: WireLayer
    intermediate_aggressive: WireLayer
    intermediate_conservative: WireLayer
    global_aggressive: WireLayer
    global_conservative: WireLayer


def load_technology(name_or_path: str | os.PathLike[str]) -> TechnologyFile:
    """Load a technology file.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped node ("cmos_45nm") or path of one's own file.

    Returns
    -------
    TechnologyFile
        Checked numbers in SI with their sources.

    Raises
    ------
    InputError
        For every mistake in the name or the file; the message has file, key, and remedy.

    Examples
    --------
    >>> load_technology("cmos_45nm").low_standby_power.supply_voltage.si
    1.0
    """
    return load(TechnologyFile, name_or_path)
