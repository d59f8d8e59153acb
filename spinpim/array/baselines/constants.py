"""Numbers of a baseline file at one end of its bounds, carried to the node of the accelerator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from spinpim.array.baselines.node_scaling import area_factor, energy_factor
from spinpim.params.baseline_file import BaselineFile
from spinpim.params.changed_numbers import Band, bound_si

UNSCALED = frozenset({"off_chip.access_energy", "off_chip.link_area"})
"""Energies and areas outside the logic of the chip."""

RESISTIVE = frozenset({"crossbar.cell_energy", "crossbar.cell_write_energy"})
"""Energies of resistive cells: set by their voltage, resistance and time, not by the node."""


@dataclass(frozen=True, slots=True)
class Constants:
    """What the models compute with.

    Attributes
    ----------
    name : str
        Name of the baseline.
    sections : mapping of str to mapping of str to float
        Numbers in SI by section and key, after scaling.
    energy_factor, area_factor : float
        By which energies and areas of the file were multiplied [1].
    """

    name: str
    sections: Mapping[str, Mapping[str, float]]
    energy_factor: float
    area_factor: float

    def __getitem__(self, section: str) -> Mapping[str, float]:
        """Numbers of a section."""
        return self.sections[section]

    def count(self, section: str, key: str) -> int:
        """A number that is a count."""
        return int(self.sections[section][key])


def constants_of(file: BaselineFile, band: Band) -> Constants:
    """Take every number at its lower bound, value or upper bound, and carry it to the node.

    Energies are scaled by `energy_factor` and areas by `area_factor`, except those of resistive cells and of
    what is off the chip. Times and leakages are not scaled: where they change with the node, the file must
    give them at ``process.node``.

    Raises
    ------
    InputError
        If the nodes or supplies are outside the range of the scaling.

    Examples
    --------
    >>> from spinpim.params import load_baseline
    >>> constants_of(load_baseline("isaac_32nm"), "nominal").energy_factor
    1.0
    """
    process = file.process
    nodes = process.constants_node.si, process.node.si
    energy = energy_factor(nodes[0], process.constants_supply.si, nodes[1], process.supply.si)
    area = area_factor(*nodes)
    factors = {"J": energy, "m^2": area}
    sections = {}
    for section, content in file.sections():
        sections[section] = {
            key: bound_si(number, band) * _factor(f"{section}.{key}", factors.get(unit, 1.0))
            for key, number, unit in content.quantities()
        }
    return Constants(file.name, MappingProxyType(sections), energy, area)


def _factor(key: str, factor: float) -> float:
    return 1.0 if key in UNSCALED | RESISTIVE else factor
