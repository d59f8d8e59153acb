"""Load a parameter file of whatever kind it says it is."""

from __future__ import annotations

import os
import re
from pathlib import Path

from spinpim.errors import InputError
from spinpim.params.amplifier_file import AmplifierFile
from spinpim.params.array_file import ArrayFile
from spinpim.params.baseline_file import BaselineFile
from spinpim.params.cell_file import CellFile
from spinpim.params.claims_file import ClaimsFile
from spinpim.params.device_file import DeviceFile
from spinpim.params.load import load, shipped_names
from spinpim.params.schema import ParameterFile
from spinpim.params.technology_file import TechnologyFile
from spinpim.params.toml_text import parse_toml, read_text

KINDS: tuple[type[ParameterFile], ...] = (
    DeviceFile,
    CellFile,
    AmplifierFile,
    ArrayFile,
    TechnologyFile,
    BaselineFile,
    ClaimsFile,
)


def load_any(name_or_path: str | os.PathLike[str]) -> ParameterFile:
    """Load a file by shipped name or by path; its ``schema`` line says which kind it is.

    Parameters
    ----------
    name_or_path : str or path
        As for the loaders of one kind.

    Returns
    -------
    ParameterFile
        A device, cell, amplifier, array, technology, baseline or claims file.

    Raises
    ------
    InputError
        For every mistake in the name or the file.

    Examples
    --------
    >>> load_any("imec_sot_62nm").kind
    'device'
    """
    given = os.fspath(name_or_path)
    if given.endswith(".toml") or set(given) & {"/", os.sep}:
        schema = parse_toml(read_text(Path(given)), Path(given)).get("schema")
        found = re.fullmatch(r"spinpim-([a-z]+)/\d+", schema) if isinstance(schema, str) else None
        kinds = [kind for kind in KINDS if found and kind.kind == found[1]]
        return load(kinds[0] if kinds else DeviceFile, given)
    for kind in KINDS:
        if given in shipped_names(kind):
            return load(kind, given)
    every = [name for kind in KINDS for name in shipped_names(kind)]
    raise InputError(
        f"No parameter file is called {given[:80]!r}. Shipped are: {', '.join(every)}. "
        "Your own file is named by its path, ending in .toml."
    )
