"""Parameter files: TOML in laboratory units with a source for every number, SI floats out.

`spinpim.params.schema` tells how a further kind of file is declared.
"""

from spinpim.params.array_file import ArrayFile, load_array
from spinpim.params.device_file import DeviceFile, load_device
from spinpim.params.load import parse, shipped_names
from spinpim.params.publish import json_schemas
from spinpim.params.schema import ParameterFile, ParameterRecord, Quantity, Section, quantity
from spinpim.params.stated import stated_mismatch

__all__ = [
    "ArrayFile",
    "DeviceFile",
    "ParameterFile",
    "ParameterRecord",
    "Quantity",
    "Section",
    "json_schemas",
    "load_array",
    "load_device",
    "parse",
    "quantity",
    "shipped_names",
    "stated_mismatch",
]
