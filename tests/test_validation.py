"""The validation scripts hold; slow, so left out of the ordinary run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((REPOSITORY / "validation").glob("v[0-9]*.py"))
QUICK = {
    "v03_sense_margins",
    "v04_perpendicular_write_error",
    "v08_astroid",
    "v09_resonance",
    "v29_baselines",
    "v30_nvsim",
}
"""The comparisons of the others run as unit tests of the device."""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(path, id=path.stem, marks=[] if path.stem in QUICK else pytest.mark.slow)
        for path in SCRIPTS
    ],
)
def test_every_row_of_the_script_holds(script, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, str(script), "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / f"{script.stem}.png").stat().st_size > 1000


def test_the_readme_lists_every_script():
    text = (REPOSITORY / "validation" / "README.md").read_text()
    for script in SCRIPTS:
        assert script.name in text
