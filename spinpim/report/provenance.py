"""What a result was made from: versions, the command, and the parameter files."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import spinpim
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.array import ArrayModel
    from spinpim.params import ParameterRecord
    from spinpim.study.chain import ChainResult
    from spinpim.study.settings import ChainSettings

LIBRARIES = ("numpy", "scipy", "numba", "h5py")


def versions() -> dict[str, str]:
    """Return the versions of Python, spinpim and the libraries whose arithmetic the result rests on."""
    found = {"python": platform.python_version(), "spinpim": spinpim.__version__}
    return found | {name: version(name) for name in LIBRARIES}


def command(settings: ChainSettings) -> str:
    """Return the command line that gives the same result, on any number of workers.

    Examples
    --------
    >>> from spinpim.study.settings import ChainSettings
    >>> command(ChainSettings(device="my wafer.toml", chips=2)).split(" --cell")[0]
    "spinpim run --device 'my wafer.toml'"
    """
    options = {
        "device": settings.device,
        "cell": settings.cell,
        "amplifier": settings.amplifier,
        "network": settings.network_name,
        "dataset": settings.dataset,
        "data-dir": settings.data_dir,
        "images": settings.images,
        "chips": settings.chips,
        "trials": settings.trials,
        "seed": settings.seed,
        "protection": None if settings.protection == "none" else settings.protection,
        "word": settings.word,
        "stuck-at-0": settings.stuck_at_0 or None,
        "stuck-at-1": settings.stuck_at_1 or None,
        "images-before": settings.images_before,
    }
    words = ["spinpim", "run"]
    for name, value in options.items():
        if value is not None:
            words += [f"--{name}", str(value)]
    return shlex.join(words)


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A parameter file that a result rests on.

    Attributes
    ----------
    role : str
        "device", "cell", "amplifier", "minimum amplifier", "array", "technology", "claims", or "baseline"
        with its name.
    name, title : str
        As in the file.
    records : tuple of ParameterRecord
        The numbers that were used.
    text : str
        The file as it is now if it still holds these numbers, else empty.
    """

    role: str
    name: str
    title: str
    records: tuple[ParameterRecord, ...]
    text: str

    @property
    def assumed_count(self) -> int:
        """How many of the numbers are assumed rather than sourced."""
        return sum(record.status == "assumed" for record in self.records)


def used_files(result: ChainResult) -> tuple[UsedFile, ...]:
    """List the parameter files of a result, in the order in which the layers use them."""
    from spinpim.params import load_amplifier, load_cell, load_device
    from spinpim.study.chain import MINIMUM_AMPLIFIER

    settings, technology, cmos = result.settings, result.chosen.array.technology, result.chosen.array.cmos
    loaded: tuple[tuple[str, Callable[[str], Any], str, Any], ...] = (
        ("device", load_device, settings.device, result.device),
        ("cell", load_cell, settings.cell, result.cell),
        ("amplifier", load_amplifier, settings.amplifier, result.chosen.amplifier),
        ("minimum amplifier", load_amplifier, MINIMUM_AMPLIFIER, result.minimum.amplifier),
    )
    return (
        *(
            UsedFile(role, used.name, used.title, used.records, _unchanged_text(load, given, used.records))
            for role, load, given, used in loaded
        ),
        UsedFile("array", technology.name, technology.title, technology.records(), technology.text),
        UsedFile("technology", cmos.file.name, cmos.file.title, cmos.records, cmos.file.text),
    )


def _unchanged_text(load: Callable[[str], Any], name: str, records: tuple[ParameterRecord, ...]) -> str:
    """Text of a file, unless it was edited or removed since its numbers were read."""
    try:
        file = load(name)
    except InputError:
        return ""
    return str(file.text) if file.records() == records else ""


def array_files(array: ArrayModel) -> tuple[UsedFile, ...]:
    """Every parameter file that an array is made of, as used."""
    cell, amplifier, technology, cmos = array.cell, array.amplifier, array.technology, array.cmos
    return (
        UsedFile("device", cell.device.name, cell.device.title, cell.device.records, ""),
        UsedFile("cell", cell.name, cell.title, cell.records, ""),
        UsedFile("amplifier", amplifier.name, amplifier.title, amplifier.records, ""),
        UsedFile("array", technology.name, technology.title, technology.records(), ""),
        UsedFile("technology", cmos.file.name, cmos.file.title, cmos.records, ""),
    )
