"""spinpim: from one magnetic tunnel junction to a convolutional network computed in its memory."""

from spinpim.array import ArrayModel, execute
from spinpim.circuit import Cell, SenseAmp, sense
from spinpim.device import Device, Pulse, SwitchingTable, characterise, simulate, write_error_rate
from spinpim.network import Network

__version__ = "0.1.0"

__all__ = [
    "ArrayModel",
    "Cell",
    "Device",
    "Network",
    "Pulse",
    "SenseAmp",
    "SwitchingTable",
    "characterise",
    "execute",
    "sense",
    "simulate",
    "write_error_rate",
]
