"""One flavour of transistors and one choice of wires at one temperature, as floats for the kernels."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from typing import get_args

from spinpim.checks import column_temperature_K
from spinpim.constants import VACUUM_PERMITTIVITY
from spinpim.errors import InputError
from spinpim.params.schema import ParameterRecord
from spinpim.params.technology_file import (
    Flavour,
    FlavourName,
    Junctions,
    Rules,
    TechnologyFile,
    WireLayer,
    WireMaterial,
    WireProjection,
    load_technology,
)

COOLEST_K, MIDDLE_K, HOTTEST_K = 300.0, 350.0, 400.0
"""Temperatures at which a technology file gives currents [K]."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A wire of one layer: resistance [ohm/m], capacitance [F/m], pitch [m]."""

    resistance_ohm_per_m: float
    capacitance_F_per_m: float
    pitch_m: float


@dataclass(frozen=True, slots=True)
class Process:
    """Transistors and wires, per width and per length.

    Attributes
    ----------
    name, flavour : str
        File and flavour.
    temperature_K : float
        Temperature [K].
    feature_m : float
        Feature size F [m].
    supply_V : float
        Supply [V].
    gate_F_per_m : float
        Gate, overlap and fringe included, per width [F/m].
    junction_F_per_m2, edge_F_per_m, gate_edge_F_per_m : float
        Junction at the supply: bottom [F/m^2], isolation edge and gate edge [F/m].
    resistance_n_ohm_m, resistance_p_ohm_m : float
        Effective switching resistance times width [ohm m].
    transconductance_n_S_per_m, transconductance_p_S_per_m : float
        Transconductance in saturation per width [S/m].
    on_n_A_per_m : float
        Saturated n-channel current per width [A/m].
    off_n_A_per_m, off_p_A_per_m, gate_leakage_A_per_m : float
        Leakage through closed channels, and through gates, per width [A/m].
    width_ratio : float
        Width of a p-channel device over that of the n-channel device beside it [1].
    smallest_m, largest_m : float
        Widths of n-channel devices [m].
    contact_m, contact_gate_m, gate_gap_m, active_gap_m, well_gap_m, rail_m, fold_margin_m : float
        Layout rules [m].
    gate_height_m : float
        Strip of gates in which transistors fold [m].
    local, intermediate, long : Wire
        Wires; ``long`` are those of the global layer.
    wires : str
        Projection of the wires.
    file : TechnologyFile
        Where all of it is from.
    """

    name: str
    flavour: str
    temperature_K: float
    feature_m: float
    supply_V: float
    gate_F_per_m: float
    junction_F_per_m2: float
    edge_F_per_m: float
    gate_edge_F_per_m: float
    resistance_n_ohm_m: float
    resistance_p_ohm_m: float
    transconductance_n_S_per_m: float
    transconductance_p_S_per_m: float
    on_n_A_per_m: float
    off_n_A_per_m: float
    off_p_A_per_m: float
    gate_leakage_A_per_m: float
    width_ratio: float
    smallest_m: float
    largest_m: float
    contact_m: float
    contact_gate_m: float
    gate_gap_m: float
    active_gap_m: float
    well_gap_m: float
    rail_m: float
    fold_margin_m: float
    gate_height_m: float
    local: Wire
    intermediate: Wire
    long: Wire
    wires: str
    file: TechnologyFile = field(repr=False, compare=False)

    @property
    def records(self) -> tuple[ParameterRecord, ...]:
        """Every number of the file that went in: one flavour, one projection of the wires."""
        layers = tuple(f"{layer}_{self.wires}" for layer in ("local", "intermediate", "global"))
        sections = {"rules", "junctions", "wires", self.flavour, *layers}
        return tuple(record for record in self.file.records() if record.key.split(".")[0] in sections)


def process(
    technology: str | os.PathLike[str] | TechnologyFile = "cmos_45nm",
    *,
    flavour: FlavourName = "low_standby_power",
    temperature_K: float = COOLEST_K,
    wires: WireProjection = "conservative",
) -> Process:
    r"""Evaluate a technology file for one flavour, one temperature and one projection of its wires.

    .. math::

        R = m \frac{V_{dd}}{I_{on}(T)}, \quad C_g = C_{ideal}(1 + o) + s C_{fringe}, \quad
        g_m = \tfrac12 \mu C_{ox} \frac{\min(V_{dsat}, V_{dd} - V_T)}{L}, \quad V_{dsat} = v_{sat} L / \mu

    Currents are linear, leakage logarithmic in the temperature between those of the file; below 300 K and
    above 400 K the nearest slope goes on.

    Parameters
    ----------
    technology : str, path or TechnologyFile
        Node.
    flavour : str
        "high_performance", "low_operating_power" or "low_standby_power".
    temperature_K : float
        Temperature [K], 200..500.
    wires : str
        "aggressive" or "conservative".

    Raises
    ------
    InputError
        If the file cannot be read, a word is none of those, or the temperature is out of range.

    Examples
    --------
    >>> fast = process("cmos_45nm", flavour="high_performance", temperature_K=350)
    >>> round(1e3 * fast.off_n_A_per_m)  # nA per um
    569
    >>> fast.off_n_A_per_m > 1000 * process("cmos_45nm", temperature_K=350).off_n_A_per_m
    True
    """
    for name, word, accepted in (("flavour", flavour, FlavourName), ("wires", wires, WireProjection)):
        if word not in get_args(accepted):
            raise InputError(f"{name} must be one of {', '.join(get_args(accepted))}; got {word!r:.60}.")
    temperature_K = column_temperature_K(temperature_K)
    file = technology if isinstance(technology, TechnologyFile) else load_technology(technology)
    layers = (getattr(file, f"{layer}_{wires}") for layer in ("local", "intermediate", "global"))
    local, intermediate, long = (_wire(layer, file.wires, temperature_K) for layer in layers)
    device = getattr(file, flavour)
    return Process(
        name=file.name,
        flavour=flavour,
        temperature_K=temperature_K,
        **_transistors(device, file.junctions, temperature_K),
        **_rules(file.rules),
        local=local,
        intermediate=intermediate,
        long=long,
        wires=wires,
        file=file,
    )


def _transistors(device: Flavour, junctions: Junctions, temperature_K: float) -> dict[str, float]:
    """Figures per width."""
    supply_V, share = device.supply_voltage.si, (temperature_K - COOLEST_K) / (HOTTEST_K - COOLEST_K)
    on_n = _between(device.on_current_n_300K.si, device.on_current_n_400K.si, share)
    on_p = _between(device.on_current_p_300K.si, device.on_current_p_400K.si, share)
    bias = 1.0 + supply_V / junctions.built_in_voltage.si
    edge = bias**-junctions.edge_grading.si
    static_ohm_V = device.resistance_multiplier.si * supply_V
    overlapped = device.gate_capacitance.si * (1.0 + junctions.overlap_share.si)
    velocity = junctions.saturation_velocity.si
    return {
        "supply_V": supply_V,
        "gate_F_per_m": overlapped + junctions.fringe_sides.si * device.fringe_capacitance.si,
        "junction_F_per_m2": junctions.area_capacitance.si * bias**-junctions.area_grading.si,
        "edge_F_per_m": junctions.edge_capacitance.si * edge,
        "gate_edge_F_per_m": junctions.gate_edge_capacitance.si * edge,
        "resistance_n_ohm_m": static_ohm_V / on_n,
        "resistance_p_ohm_m": static_ohm_V / on_p,
        "transconductance_n_S_per_m": _transconductance(device, device.electron_mobility.si, velocity),
        "transconductance_p_S_per_m": _transconductance(device, device.hole_mobility.si, velocity),
        "on_n_A_per_m": on_n,
        "off_n_A_per_m": _off_current(device, "n", temperature_K),
        "off_p_A_per_m": _off_current(device, "p", temperature_K),
        "gate_leakage_A_per_m": device.gate_leakage.si,
        "width_ratio": device.width_ratio.si,
    }


def _transconductance(device: Flavour, mobility: float, velocity: float) -> float:
    """Per width, carriers at their saturated velocity or the channel pinched off [S/m]."""
    length = device.gate_length.si
    overdrive = device.supply_voltage.si - device.threshold_voltage.si
    saturation_V = min(velocity * length / mobility, overdrive)
    return 0.5 * mobility * device.oxide_capacitance.si * saturation_V / length


def _off_current(device: Flavour, polarity: str, temperature_K: float) -> float:
    """Leakage through a closed channel per width [A/m]."""
    cool, middle, hot = (
        math.log(getattr(device, f"off_current_{polarity}_{kelvin:.0f}K").si)
        for kelvin in (COOLEST_K, MIDDLE_K, HOTTEST_K)
    )
    if temperature_K <= MIDDLE_K:
        return math.exp(_between(cool, middle, (temperature_K - COOLEST_K) / (MIDDLE_K - COOLEST_K)))
    return math.exp(_between(middle, hot, (temperature_K - MIDDLE_K) / (HOTTEST_K - MIDDLE_K)))


def _rules(rules: Rules) -> dict[str, float]:
    """Layout rules in metres."""
    feature = rules.feature_size.si
    lengths = {
        "smallest_m": rules.smallest_width,
        "largest_m": rules.largest_width,
        "contact_m": rules.contact,
        "contact_gate_m": rules.contact_gate_gap,
        "gate_gap_m": rules.gate_gap,
        "active_gap_m": rules.active_gap,
        "well_gap_m": rules.well_gap,
        "rail_m": rules.rail_width,
        "fold_margin_m": rules.fold_margin,
        "gate_height_m": rules.gate_height,
    }
    return {"feature_m": feature, **{name: given.si * feature for name, given in lengths.items()}}


def _wire(layer: WireLayer, material: WireMaterial, temperature_K: float) -> Wire:
    """Resistance of the copper inside the barrier; plates above, below and on both sides, and fringe."""
    width = space = 0.5 * layer.pitch.si
    thickness, barrier = layer.aspect_ratio.si * width, layer.barrier_thickness.si
    warming = temperature_K - material.reference_temperature.si
    resistivity = layer.resistivity.si * (1.0 + material.temperature_coefficient.si * warming)
    vertical = material.vertical_dielectric.si * width / layer.layer_gap.si
    sideways = material.miller_factor.si * layer.line_dielectric.si * thickness / space
    return Wire(
        resistance_ohm_per_m=resistivity / ((thickness - barrier) * (width - 2.0 * barrier)),
        capacitance_F_per_m=2.0 * VACUUM_PERMITTIVITY * (vertical + sideways)
        + material.fringe_capacitance.si,
        pitch_m=layer.pitch.si,
    )


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
