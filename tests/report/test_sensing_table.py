"""``spinpim sense``: what it prints and writes, and every mistake in one sentence."""

import json
import sys

import pytest

from spinpim.circuit import Cell, SenseAmp, sense
from spinpim.circuit.trade_offs import best_read_current, trade_off
from spinpim.cli import main
from spinpim.device import Device
from spinpim.report.trade_off_plots import disturb_against_error, energy_and_delay, errors_against


def _run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["spinpim", "sense", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return ended.value.code or 0, said.out, said.err


@pytest.fixture(scope="module")
def cell():
    return Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))


@pytest.fixture(scope="module")
def amplifier():
    return SenseAmp.load("strongarm_45nm")


def test_the_table_says_what_sense_says(cell, amplifier, monkeypatch, capsys):
    status, said, _ = _run(monkeypatch, capsys)
    sensing = sense(cell, amplifier)
    assert status == 0
    assert all(len(line) <= 80 for line in said.splitlines()[1:7])
    row = next(line for line in said.splitlines() if line.startswith("01 -> 0"))
    for part in (
        f"{1e3 * sensing.levels_V['01']:.4g} mV",
        f"{sensing.error_static['01']:.2e}",
        f"{sensing.error_without_offset['01']:.2e}",
        f"{sensing.error_temporal['01']:.2e}",
        "amplifier offset",
    ):
        assert part in row.replace("  ", " ")
    assert f"energy {1e15 * sensing.energy_J:.4g} fJ per column" in said
    assert f"read disturb {sensing.read_disturb_probability:.2e} per access" in said


def test_the_json_file_holds_the_whole_result(cell, amplifier, monkeypatch, capsys, tmp_path):
    path = tmp_path / "xor.json"
    status, said, _ = _run(
        monkeypatch, capsys, "--operation", "xor", "--temperature-K", "350", "--json", path
    )
    assert status == 0
    assert f"written: {path}" in said
    found = json.loads(path.read_text())
    sensing = sense(cell, amplifier, operation="XOR", temperature_K=350.0)
    assert found["schema"] == "spinpim-sensing/1"
    assert (found["device"], found["amplifier"]) == ("perpendicular_memory_60nm", "strongarm_45nm")
    assert found["error_static"] == sensing.error_static
    assert len(found["parts"]) == 2


@pytest.mark.parametrize(
    ("amplifier_name", "operation", "files"),
    [
        ("strongarm_45nm", "AND", {"errors.svg", "disturb.svg", "energy_delay.svg"}),
        ("current_clamp_45nm", "XOR", {"errors.svg", "energy_delay.svg"}),
    ],
)
def test_the_figures_are_written(amplifier_name, operation, files, monkeypatch, capsys, tmp_path):
    folder = tmp_path / "figures"
    status, _, error = _run(
        monkeypatch, capsys, "--amplifier", amplifier_name, "--operation", operation, "--plots", folder
    )
    assert status == 0, error
    assert {path.name for path in folder.iterdir()} == files
    for path in folder.iterdir():
        assert path.read_text().rstrip().endswith("</svg>")


def test_what_is_left_out_of_a_figure_is_told(monkeypatch, capsys, tmp_path):
    _, said, _ = _run(monkeypatch, capsys, "--plots", tmp_path / "figures")
    assert "values of read_current_per_row_A are left out. " in said


def test_equal_results_give_equal_figures(cell, amplifier):
    one = trade_off(cell, amplifier, "read_current_per_row_A", [8e-6, 1e-5, 1.3e-5])
    rows = trade_off(cell, amplifier, "rows", [2, 3])
    best = best_read_current(cell, amplifier, accesses=10**12)
    sensings = {"AND of 2": sense(cell, amplifier), "<odd> & name": sense(cell, amplifier, operation="OR")}
    for draw in (
        lambda: errors_against([one, rows]),
        lambda: disturb_against_error(one, best),
        lambda: energy_and_delay(sensings),
    ):
        assert draw() == draw()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--device", "perpendicular_memory_60"), "Did you mean"),
        (("--cell", "3t2r"), "3t2r"),
        (("--amplifier", "strongarm"), "strongarm_45nm"),
        (("--operation", "NOT"), "operation 'NOT' is unknown"),
        (("--operation", "READ"), "READ senses one row"),
        (("--rows", "4"), "rows must be a whole number from 1 to 3"),
        (("--temperature-K", "27"), "temperature_K must be a number in 200..500 K"),
        (("--temperature-K", "nan"), "temperature_K"),
        (("--json", "FOLDER/none/a.json"), "cannot be written"),
        (("--json", "FOLDER"), "no ordinary file"),
        (("--plots", "FOLDER/taken", "--json", "FOLDER/a.json"), "is a file, but the figures need a folder"),
        (("--plots", "FOLDER/none/figures", "--json", "FOLDER/a.json"), "cannot be written"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(arguments, said, monkeypatch, capsys, tmp_path):
    (tmp_path / "taken").write_text("mine")
    given = [argument.replace("FOLDER", str(tmp_path)) for argument in arguments]
    status, out, error = _run(monkeypatch, capsys, *given)
    assert (status, out) == (2, "")
    assert said in error
    assert error.startswith("spinpim: ")
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert (tmp_path / "taken").read_text() == "mine"
