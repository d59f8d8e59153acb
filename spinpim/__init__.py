"""spinpim: from one magnetic tunnel junction to a convolutional network computed in its memory."""

from spinpim.array import ArrayModel, cost, execute
from spinpim.circuit import Cell, SenseAmp, sense
from spinpim.device import (
    Device,
    Pulse,
    SwitchingTable,
    WriteSettings,
    characterise,
    simulate,
    write_error_rate,
)
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.network import Network
from spinpim.network.datasets import load_dataset

__version__ = "0.1.0"

__all__ = [
    "ArrayModel",
    "Cell",
    "Device",
    "Estimate",
    "InputError",
    "Network",
    "Pulse",
    "SenseAmp",
    "SwitchingTable",
    "WriteSettings",
    "characterise",
    "cost",
    "execute",
    "load_dataset",
    "sense",
    "simulate",
    "write_error_rate",
]
