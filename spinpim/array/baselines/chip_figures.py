"""Power, area and speed of a whole chip at full use, as its authors state them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.array.baselines.binary_weight import clock_energy_J, core_area
from spinpim.array.baselines.constants import Constants, constants_of
from spinpim.array.baselines.crossbar import crossbar_area, crossbar_energy, read_cycle_s, tile_leakage_W
from spinpim.errors import InputError
from spinpim.params.baseline_file import BaselineFile
from spinpim.params.changed_numbers import Band


@dataclass(frozen=True, slots=True)
class ChipFigures:
    """A chip whose every part is at work, at native precision.

    Attributes
    ----------
    power_breakdown_W, area_breakdown_m2 : dict of str to float
        By component [W], [m^2].
    macs_per_s : float
        Multiply-accumulate operations per second [1/s].
    bit_operations_per_mac : int
        ANDs of a weight digit and an activation digit in one.
    """

    power_breakdown_W: dict[str, float]
    area_breakdown_m2: dict[str, float]
    macs_per_s: float
    bit_operations_per_mac: int

    @property
    def power_W(self) -> float:
        """Power [W]."""
        return math.fsum(self.power_breakdown_W.values())

    @property
    def area_m2(self) -> float:
        """Area [m^2]."""
        return math.fsum(self.area_breakdown_m2.values())

    @property
    def operations_per_s(self) -> float:
        """Operations per second, two per multiply-accumulate [1/s]."""
        return 2.0 * self.macs_per_s

    @property
    def operations_per_J(self) -> float:
        """Operations per joule [1/J]."""
        return self.operations_per_s / self.power_W

    @property
    def operations_per_s_m2(self) -> float:
        """Operations per second and area [1/(s m^2)]."""
        return self.operations_per_s / self.area_m2

    @property
    def energy_per_bit_operation_J(self) -> float:
        """Energy per AND of a weight digit and an activation digit [J]."""
        return self.power_W / (self.macs_per_s * self.bit_operations_per_mac)


def chip_figures(baseline: BaselineFile, *, band: Band = "nominal", link: bool = True) -> ChipFigures:
    """Figures of a chip of crossbars, or of a core with binary weights, at full use.

    Parameters
    ----------
    baseline : BaselineFile
        From `load_baseline`.
    band : str
        "low", "nominal" or "high".
    link : bool
        Whether the link of the chip counts, where the file has one.

    Raises
    ------
    InputError
        If the baseline has another structure.

    Notes
    -----
    Crossbars: all cells, columns and converters busy in every read cycle, the columns of ones not counted.
    Binary weights: the core alone with the largest kernel, without buffer, bus and digital unit around it.

    Examples
    --------
    >>> from spinpim.params import load_baseline
    >>> round(chip_figures(load_baseline("isaac_32nm")).power_W)
    66
    """
    constants = constants_of(baseline, band)
    bits = constants.count("precision", "weight_bits") * constants.count("precision", "activation_bits")
    if baseline.structure == "crossbar":
        return _crossbars(constants, bits, link)
    if baseline.structure == "binary_weight":
        return _core(constants, bits)
    raise InputError(
        f"{baseline.name} has the structure {baseline.structure!r}; chip figures exist for crossbar and "
        "binary_weight."
    )


def _crossbars(constants: Constants, bits: int, link: bool) -> ChipFigures:
    section, precision = constants["crossbar"], constants["precision"]
    tiles = section["tiles"]
    crossbars = tiles * section["crossbars_per_tile"]
    cells_per_weight = math.ceil(precision["weight_bits"] / section["cell_bits"])
    reads = math.ceil(precision["activation_bits"] / section["driver_bits"])
    conversions = crossbars * section["columns"] / section["sign_arrays"]
    results = conversions / cells_per_weight / reads
    cycle_s = read_cycle_s(constants)
    per_cycle = crossbar_energy(
        constants,
        conversions=conversions,
        row_drives=crossbars * section["rows"],
        cell_reads=crossbars * section["rows"] * section["columns"],
        results=results,
    )
    unit, buffer, bus = constants["digital_unit"], constants["buffer"], constants["bus"]
    read_bits = tiles * section["tile_traffic"]
    per_cycle |= {
        "buffer": read_bits * buffer["access_energy"],
        "bus": read_bits * bus["bit_energy"]
        + results * precision["activation_bits"] * bus["network_bit_energy"],
        "digital unit": results * (unit["multiply_energy"] + unit["add_energy"] + unit["compare_energy"]),
    }
    power = {name: energy_J / cycle_s for name, energy_J in per_cycle.items()}
    power["static"] = tile_leakage_W(constants, tiles)
    area = crossbar_area(constants, tiles)
    if link and "off_chip" in constants.sections:
        power["link"] = constants["off_chip"]["link_power"]
        area["link"] = constants["off_chip"]["link_area"]
    macs = conversions * section["rows"] / cells_per_weight / reads
    return ChipFigures(power, area, macs / cycle_s, bits)


def _core(constants: Constants, bits: int) -> ChipFigures:
    section = constants["binary_weight"]
    units, operators = constants.count("binary_weight", "sum_units"), int(section["operators"])
    digits = constants.count("precision", "activation_bits")
    per_clock = clock_energy_J(constants, operators, digits, units)
    power = {name: energy_J / section["clock_period"] for name, energy_J in per_clock.items()}
    power["static"] = section["leakage"]
    return ChipFigures(power, core_area(constants), units * operators / section["clock_period"], bits)
