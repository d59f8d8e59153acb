"""Transistor cards: where they lie and which bytes they are; a deck names them, it never holds them."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from spinpim.errors import InputError

FILES = {"NMOS_VTG": "NMOS_VTG.inc", "PMOS_VTG": "PMOS_VTG.inc"}
INSIDE_OPENRAM = Path("technology", "freepdk45", "models", "tran_models", "models_nom")
HOW_TO_GET = (
    "They come with the Python package openram: 'pip install --no-deps openram==1.2.48', or name a folder "
    "that holds NMOS_VTG.inc and PMOS_VTG.inc."
)
MODEL = re.compile(r"^\s*\.model\s+(\S+)", re.IGNORECASE | re.MULTILINE)
THRESHOLD = re.compile(r"\bvth0\s*=\s*([-+0-9.e]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cards:
    """FreePDK45 nominal BSIM4 cards of this machine.

    Attributes
    ----------
    folder : Path
        Where they lie.
    sha256 : dict of str to str
        Hash of each file by its model name.
    """

    folder: Path
    sha256: dict[str, str]

    def path(self, model: str) -> Path:
        """File of a model, "NMOS_VTG" or "PMOS_VTG"."""
        return self.folder / FILES[model]


def find_cards(folder: str | Path | None = None) -> Cards:
    """Find the nominal FreePDK45 cards in a folder, or in the installed ``openram`` package.

    The package is only looked up, never imported.

    Parameters
    ----------
    folder : str or path, optional
        Folder with NMOS_VTG.inc and PMOS_VTG.inc; by default that of the installed package.

    Returns
    -------
    Cards
        Folder and hashes.

    Raises
    ------
    InputError
        If the package is not installed or a card is missing.

    References
    ----------
    J. E. Stine et al., FreePDK: An Open-Source Variation-Aware Design Kit, MSE 2007,
    doi:10.1109/MSE.2007.44; the cards are under the Apache-2.0 licence.
    """
    place = _installed_folder() if folder is None else Path(folder).absolute()
    hashes = {}
    for model, file in FILES.items():
        try:
            content = (place / file).read_bytes()
        except OSError as error:
            raise InputError(
                f"{place / file}: the FreePDK45 card cannot be read: {error.strerror}. {HOW_TO_GET}"
            ) from error
        hashes[model] = hashlib.sha256(content).hexdigest()
    return Cards(place, hashes)


def model_thresholds_V(card: Path) -> dict[str, float]:
    """Zero-bias threshold ``vth0`` [V] of each model of a card file, model names in lower case."""
    text = card.read_text(encoding="utf-8", errors="replace")
    thresholds = {}
    parts = MODEL.split(text)
    # Before the first model, then name and body of each in turn.
    for model, body in zip(parts[1::2], parts[2::2], strict=True):
        value = THRESHOLD.search(body)
        if value:
            thresholds[model.lower()] = float(value[1])
    return thresholds


def _installed_folder() -> Path:
    found = importlib.util.find_spec("openram")
    if found is None or not found.submodule_search_locations:
        raise InputError(f"The FreePDK45 cards are not installed. {HOW_TO_GET}")
    return Path(found.submodule_search_locations[0]) / INSIDE_OPENRAM
