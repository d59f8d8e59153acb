"""spinpim: from one magnetic tunnel junction to a convolutional network computed in its memory."""

from spinpim.device import Device, Pulse, SwitchingTable, characterise, simulate, write_error_rate

__version__ = "0.1.0"

__all__ = [
    "Device",
    "Pulse",
    "SwitchingTable",
    "characterise",
    "simulate",
    "write_error_rate",
]
