"""The README is true: its two commands stand alone, all other commands and its tour run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from real_data import DATA

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text()
FENCES = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [line for language, body in FENCES if language == "bash" for line in body.splitlines() if line]


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "error"}
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_two_commands_stand_alone_in_a_block():
    blocks = [body for language, body in FENCES if language == ""]
    assert "python3 -m pip install . && spinpim run\n" in blocks
    assert "python3 -m pip install '.[test]' && python3 -m pytest\n" in blocks


@pytest.mark.parametrize("command", COMMANDS)
def test_every_other_command_runs(command, tmp_path):
    program, *arguments = shlex.split(command)
    assert program == "spinpim"
    if "mnist" in command:
        if not (DATA / "mnist").is_dir():
            pytest.skip("the MNIST files are not here; set SPINPIM_DATA to the folder that holds mnist/")
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "mnist").symlink_to(DATA / "mnist")
    done = _run([sys.executable, "-m", "spinpim", *arguments], tmp_path)
    assert done.returncode == 0, done.stderr
    if arguments[0] == "compare":
        folder = tmp_path / arguments[arguments.index("--out") + 1]
        assert {path.name for path in folder.iterdir()} == {"comparison.json", "ledger.csv", "report.html"}
    if arguments[0] == "intermittent":
        folder = tmp_path / arguments[arguments.index("--out") + 1]
        assert {path.name for path in folder.iterdir()} == {"summary.json", "results.h5", "report.html"}
    if arguments[0] == "run":
        folder = tmp_path / arguments[arguments.index("--out") + 1]
        assert done.stdout.rstrip().splitlines()[-1].endswith(str(folder.resolve()))
        assert {path.name for path in folder.iterdir()} == {"summary.json", "results.h5", "report.html"}
        accuracy = json.loads((folder / "summary.json").read_text())["accuracy"]
        assert accuracy["ideal"] >= (0.985 if "mnist" in command else 0.97)


def test_the_tour_runs_and_says_what_it_found(tmp_path):
    tours = [body for language, body in FENCES if language == "python"]
    # The second block goes on with the names of the first.
    done = _run([sys.executable, "-c", "\n".join(tours)], tmp_path)
    assert done.returncode == 0, done.stderr
    found = re.search(r"write error rate (\S+) \((\S+) to (\S+)\), by splitting", done.stdout)
    assert found, done.stdout
    value, low, high = map(float, found.groups())
    assert 1e-7 < low <= value <= high < 2e-6
    assert "by fokker-planck" in done.stdout
    assert re.search(r"ideal 0\.9[7-9]", done.stdout)


def test_every_file_that_the_readme_links_to_exists():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (REPOSITORY / target).exists(), target
