"""spinpim: from one magnetic tunnel junction to a convolutional network computed in its memory.

The public names are loaded when they are first used: ``import spinpim`` and the first sign of life of the
command line must not wait for compilers and parameter schemas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spinpim.array import ArrayModel, cost, execute
    from spinpim.circuit import Cell, SenseAmp, sense
    from spinpim.device import (
        Device,
        Pulse,
        SwitchingTable,
        WriteSettings,
        characterise,
        optimise_write,
        simulate,
        write_error_rate,
    )
    from spinpim.errors import InputError
    from spinpim.estimate import Estimate
    from spinpim.network import Network
    from spinpim.network.datasets import load_dataset, load_image_folder

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
    "load_image_folder",
    "optimise_write",
    "sense",
    "simulate",
    "write_error_rate",
]

_LAYERS = ("params", "device", "circuit", "network", "array", "study", "report", "bench")
_HOMES = {
    "spinpim.array": ("ArrayModel", "cost", "execute"),
    "spinpim.circuit": ("Cell", "SenseAmp", "sense"),
    "spinpim.device": (
        "Device",
        "Pulse",
        "SwitchingTable",
        "WriteSettings",
        "characterise",
        "optimise_write",
        "simulate",
        "write_error_rate",
    ),
    "spinpim.errors": ("InputError",),
    "spinpim.estimate": ("Estimate",),
    "spinpim.network": ("Network",),
    "spinpim.network.datasets": ("load_dataset", "load_image_folder"),
}


def __getattr__(name: str) -> Any:
    """Load a public name or a layer on first use."""
    if name in _LAYERS:
        return import_module(f"spinpim.{name}")
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(home), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'spinpim' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__, *_LAYERS})
