"""Parameter files: TOML in laboratory units with a source for every number, SI floats out.

`spinpim.params.schema` tells how a further kind of file is declared.
"""

from spinpim.params.amplifier_file import AmplifierFile, load_amplifier
from spinpim.params.array_file import ArrayFile, load_array
from spinpim.params.baseline_file import BaselineFile, load_baseline
from spinpim.params.cell_file import CellFile, load_cell
from spinpim.params.changed_numbers import BANDS, Band, at_band, with_numbers
from spinpim.params.claims_file import ClaimsFile, load_claims
from spinpim.params.device_file import DeviceFile, load_device
from spinpim.params.load import parse, shipped_names
from spinpim.params.publish import json_schemas
from spinpim.params.schema import BoundedQuantity, ParameterFile, ParameterRecord, Quantity, Section, quantity
from spinpim.params.stated import stated_mismatch
from spinpim.params.technology_file import TechnologyFile, load_technology

__all__ = [
    "BANDS",
    "AmplifierFile",
    "ArrayFile",
    "Band",
    "BaselineFile",
    "BoundedQuantity",
    "CellFile",
    "ClaimsFile",
    "DeviceFile",
    "ParameterFile",
    "ParameterRecord",
    "Quantity",
    "Section",
    "TechnologyFile",
    "at_band",
    "json_schemas",
    "load_amplifier",
    "load_array",
    "load_baseline",
    "load_cell",
    "load_claims",
    "load_device",
    "load_technology",
    "parse",
    "quantity",
    "shipped_names",
    "stated_mismatch",
    "with_numbers",
]
