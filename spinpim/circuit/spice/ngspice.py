"""One run of ngspice: a deck in, measurements and waveforms out, every failure in a sentence."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.spice.cards import model_thresholds_V
from spinpim.circuit.spice.deck import Deck
from spinpim.errors import InputError

INCLUDE = re.compile(r'^\.include\s+"([^"]+)"', re.IGNORECASE | re.MULTILINE)
MEASURE = re.compile(r"^\.meas(?:ure)?\s+\w+\s+(\S+)", re.IGNORECASE | re.MULTILINE)
RESULT = re.compile(r"^(@?[\w.\[\]]+)\s*=\s+(\S+)", re.MULTILINE)
CARD_TOLERANCE = 1e-6
# Without both limits on threads ngspice keeps a second one spinning and runs many times slower.
ENVIRONMENT = {"LC_ALL": "C", "LC_NUMERIC": "C", "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
TOLD = 400
"""Signs of ngspice's own complaint that an error quotes."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What one run gave.

    Attributes
    ----------
    values : dict of str to float
        Result of each ``.meas`` line, by its name in lower case; seven digits.
    columns : dict of str to (n,) array
        The requested vectors in full precision, and "time" for a transient; one number each for an
        operating point.
    version : str
        Version of ngspice.
    """

    values: dict[str, float]
    columns: dict[str, NDArray[np.float64]]
    version: str


def ngspice_version() -> str | None:
    """Version of the installed ngspice, for example "39"; None without one."""
    program = shutil.which("ngspice")
    return None if program is None else _version_of(program)


def run_ngspice(deck: Deck, timeout_s: float = 60.0, *, columns: tuple[str, ...] = ()) -> Measured:
    """Run a deck in a folder of its own.

    Parameters
    ----------
    deck : Deck
        With its analysis and ``.meas`` lines, without a ``.control`` section.
    timeout_s : float
        Longest time to wait [s].
    columns : tuple of str
        Vectors wanted in full precision, for example ``("v(bl)",)``.

    Returns
    -------
    Measured
        Measurements and vectors.

    Raises
    ------
    InputError
        If ngspice is missing, ends with an error or too late, a measurement fails, or a transistor model of
        the deck does not have the ``vth0`` of the card that the deck includes.

    Notes
    -----
    Start-up files of the user are not read, and numbers are printed as in the C locale.
    """
    program = shutil.which("ngspice")
    if program is None:
        raise InputError("ngspice is not installed; on Debian: apt-get install ngspice.")
    thresholds = _thresholds_in_use(deck)
    with tempfile.TemporaryDirectory(prefix="spinpim-ngspice-") as folder:
        place = Path(folder)
        (place / "deck.cir").write_text(_with_control(deck, thresholds, columns), encoding="utf-8")
        printed = _run(program, place, deck.title, timeout_s)
        values = {key.lower(): _real(text) for key, text in RESULT.findall(printed.stdout)}
        _check_cards(values, thresholds, deck.title)
        wanted = [result.lower() for result in MEASURE.findall(deck.text)]
        for result in wanted:
            if not math.isfinite(values.get(result, math.nan)):
                raise InputError(f"{deck.title}: ngspice could not measure {result!r}. {_complaint(printed)}")
        series = _read_columns(place / "columns.txt", columns, deck.title, printed)
    return Measured({result: values[result] for result in wanted}, series, _version_of(program))


@lru_cache(maxsize=4)
def _version_of(program: str) -> str:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    found = re.search(r"ngspice-(\S+)", answer.stdout + answer.stderr)
    return found[1] if found else "unknown"


def _with_control(deck: Deck, thresholds: dict[str, float], columns: tuple[str, ...]) -> str:
    """Deck with a control section that runs it, echoes the cards and writes the vectors."""
    control = [".control", "set numdgt=15", "run"]
    control += [f"print @{model}[vth0]" for model in thresholds]
    if columns:
        control += ["set wr_singlescale", "set wr_vecnames", "wrdata columns.txt " + " ".join(columns)]
    return Deck(deck.title, (*deck.lines, *control, "quit", ".endc")).text


def _thresholds_in_use(deck: Deck) -> dict[str, float]:
    """``vth0`` by model for the included models that an element of the deck names."""
    text = deck.text
    used = set(re.findall(r"[\w.]+", INCLUDE.sub("", text).lower()))
    found: dict[str, float] = {}
    for path in INCLUDE.findall(text):
        if Path(path).is_file():
            found |= {
                model: value for model, value in model_thresholds_V(Path(path)).items() if model in used
            }
    return found


def _run(program: str, place: Path, title: str, timeout_s: float) -> subprocess.CompletedProcess[str]:
    try:
        printed = subprocess.run(
            [program, "-n", "-b", "deck.cir"],
            cwd=place,
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{title}: ngspice did not end within {timeout_s:g} s. Give it more time or shorten the analysis."
        ) from error
    if printed.returncode != 0 or "aborted" in printed.stdout + printed.stderr:
        raise InputError(f"{title}: ngspice ended with an error. {_complaint(printed)}")
    return printed


def _complaint(printed: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in printed.stderr.splitlines() if "Reference value" not in line]
    said = " | ".join(line for line in lines if line)
    return f"It said: {said[:TOLD]}" if said else "It gave no reason."


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _check_cards(values: dict[str, float], thresholds: dict[str, float], title: str) -> None:
    for model, wanted in thresholds.items():
        found = values.get(f"@{model}[vth0]", math.nan)
        if not math.isclose(found, wanted, rel_tol=CARD_TOLERANCE):
            raise InputError(
                f"{title}: ngspice did not load the card of {model}: its vth0 is {found:g} V, that of the "
                f"card {wanted:g} V. Check the .include line."
            )


def _read_columns(
    path: Path, columns: tuple[str, ...], title: str, printed: subprocess.CompletedProcess[str]
) -> dict[str, NDArray[np.float64]]:
    if not columns:
        return {}
    try:
        table = np.loadtxt(path, skiprows=1, ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(f"{title}: ngspice wrote no waveforms. {_complaint(printed)}") from error
    # The first column is the scale of the analysis: the time of a transient.
    if table.shape[1] != len(columns) + 1 or not np.all(np.isfinite(table)):
        raise InputError(f"{title}: ngspice did not write every one of {', '.join(columns)} as numbers.")
    return {"time": table[:, 0], **{wanted: table[:, at + 1] for at, wanted in enumerate(columns)}}
