"""The how-to is true: its commands write files, and its deck reverses the junction."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from spinpim.circuit.spice.deck import Deck
from spinpim.circuit.spice.ngspice import run_ngspice

REPOSITORY = Path(__file__).resolve().parents[3]
TEXT = (REPOSITORY / "howto" / "spice.md").read_text()


def fenced(language):
    """Bodies of the blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_every_command_writes_its_file_and_the_deck_reverses_the_junction(ngspice, tmp_path):
    for block in fenced("bash"):
        program, *words = shlex.split(block)
        assert program == "spinpim"
        subprocess.run(
            [sys.executable, "-m", "spinpim", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            check=True,
            capture_output=True,
        )
        assert (tmp_path / words[words.index("--out") + 1]).stat().st_size > 0
    (written,) = fenced("spice")
    title, *lines = written.replace('"sot_mtj.inc"', f'"{tmp_path / "sot_mtj.inc"}"').splitlines()
    assert lines.pop() == ".end"
    found = run_ngspice(Deck(title, tuple(lines))).values
    assert found["final"] < -0.99
    assert 0.0 < found["reversed"] < 1e-9
