"""What the export commands write, and what they refuse."""

from __future__ import annotations

import re
import sys

import pytest

from spinpim.circuit import SenseAmp
from spinpim.circuit.spice.export import export_column, export_nvsim, export_subcircuit
from spinpim.circuit.spice.nvsim import nvsim_cell_text
from spinpim.circuit.spice.sample import draw_threshold_shifts_V
from spinpim.cli import main
from spinpim.device import write_energy
from spinpim.errors import InputError

NAMES = {"device": "perpendicular_memory_60nm", "cell": "2t1r_45nm", "amplifier": "strongarm_45nm"}


def commanded(monkeypatch, *words):
    """Run the command line; return its exit status."""
    monkeypatch.setattr(sys, "argv", ["spinpim", "export", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code or 0


def nvsim_values(text):
    """Keys and values as NVSim's reader takes them: a dash first, a colon after the unit."""
    return dict(re.findall(r"^-([A-Za-z]+(?: \(\S+\))?): (\S+)$", text, re.MULTILINE))


def test_the_commands_write_their_files(monkeypatch, tmp_path, capsys):
    column = ("--transistors", "behavioural", "--sample", "2", "--seed", "9", "--pattern", "11")
    assert commanded(monkeypatch, "ngspice", "--out", tmp_path / "a.cir", *column) == 0
    assert commanded(monkeypatch, "ngspice", "--out", tmp_path / "b.cir", *column) == 0
    assert commanded(monkeypatch, "subcircuit", "--out", tmp_path / "a.inc") == 0
    assert commanded(monkeypatch, "nvsim", "--out", tmp_path / "a.cell") == 0
    assert (tmp_path / "a.cir").read_text() == (tmp_path / "b.cir").read_text()
    assert "population with seed 9" in (tmp_path / "a.cir").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"a.cir", "b.cir", "a.inc", "a.cell"}
    assert "perpendicular_memory_60nm" in capsys.readouterr().out


def test_a_sampled_deck_on_cards_has_a_threshold_shift_for_every_matched_transistor(cards, tmp_path):
    amplifier = SenseAmp.load(NAMES["amplifier"])
    deck = export_column(tmp_path / "a.cir", sample=2, seed=9, **NAMES)
    shifts = draw_threshold_shifts_V(amplifier, seed=9, sample=2)
    lines = {line.split()[0]: line for line in deck.lines if line.startswith("m")}
    for name, shift in shifts.items():
        sign = -1.0 if "PMOS" in lines[f"m{name}"] else 1.0
        assert lines[f"m{name}"].endswith(f"delvto={sign * shift!r}")
    assert "delvto" not in lines["mtail"]
    assert ".model" not in deck.text
    nominal = export_column(tmp_path / "b.cir", **NAMES)
    assert "minput_plus" in nominal.text
    assert not [line for line in nominal.lines if line.startswith("minput") and "delvto" in line]


@pytest.mark.parametrize("name", ["current_clamp_45nm", "strongarm_cancelled_45nm"])
@pytest.mark.parametrize("transistors", ["cards", "behavioural"])
def test_other_amplifiers_are_exported_by_their_laws_and_as_transistors(cards, tmp_path, name, transistors):
    names = {**NAMES, "amplifier": name}
    deck = export_column(tmp_path / "a.cir", sample=2, seed=9, transistors=transistors, **names)
    shifts = draw_threshold_shifts_V(SenseAmp.load(name), seed=9, sample=2)
    lines = {line.split()[0]: line for line in deck.lines if line.startswith("m")}
    if transistors == "behavioural":
        assert not lines
    else:
        assert all(
            f"delvto={sign}" in lines[f"m{one}"]
            for one, shift in shifts.items()
            for sign in [repr(-shift if "PMOS" in lines[f"m{one}"] else shift)]
        )
    assert (tmp_path / "a.cir").read_text() == deck.text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sample", "1"), "--sample and --seed"),
        (("--seed", "1"), "--sample and --seed"),
        (("--device", "no_such_device"), "no_such_device"),
        (("--pattern", "2"), "zeros and ones"),
        (("--operation", "ADN"), "Did you mean 'AND'"),
        (("--amplifier", "latch_45nm"), "outside 0.6..0.95 V where it works"),
        (("--cards", "/nowhere", "--transistors", "behavioural"), "leave out one"),
        (("--cards", "/nowhere", "--transistors", "cards"), "cannot be read"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(monkeypatch, tmp_path, capsys, words, said):
    given = words if "--transistors" in words else (*words, "--transistors", "behavioural")
    assert commanded(monkeypatch, "ngspice", "--out", tmp_path / "a.cir", *given) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_kind_of_transistor_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(InputError, match="must be one of cards, behavioural"):
        export_column(tmp_path / "a.cir", transistors="bsim", **NAMES)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        export_subcircuit(tmp_path / "no" / "a.inc", device=NAMES["device"])


def test_the_nvsim_cell_has_the_figures_of_cell_and_device(cell):
    values = nvsim_values(nvsim_cell_text(cell))
    assert values["MemCellType"] == "MRAM"
    assert float(values["CellArea (F^2)"]) == pytest.approx(cell.area_m2 / 45e-9**2, rel=1e-6)
    # NVSim takes the height, along the bit line, as the root of area times ratio.
    height = (float(values["CellArea (F^2)"]) * float(values["CellAspectRatio"])) ** 0.5 * 45e-9
    assert height == pytest.approx(cell.row_pitch_m, rel=1e-6)
    on, off = float(values["ResistanceOn (ohm)"]), float(values["ResistanceOff (ohm)"])
    assert on == pytest.approx(cell.device.resistance_p_ohm + cell.series_resistance_ohm, rel=1e-6)
    # At 13 uA the bias over the antiparallel junction takes some of its magnetoresistance.
    junction = off - cell.series_resistance_ohm
    bias = junction * cell.read_current_per_row_A
    assert junction == pytest.approx(float(cell.device.resistance_ohm(-1.0, bias)), rel=1e-6)
    assert float(values["ReadCurrent (uA)"]) == pytest.approx(13.0)
    assert float(values["SetCurrent (uA)"]) == pytest.approx(330.0)
    assert float(values["ResetPulse (ns)"]) == pytest.approx(3.2)
    drawn = write_energy(cell.device, cell.device.write_pulse("AP"), cell.write_supply_V).supply_J
    assert float(values["ResetEnergy (pJ)"]) == pytest.approx(1e12 * drawn, rel=1e-6)


def test_the_nvsim_cell_is_in_the_order_that_its_reader_needs(cell):
    keys = list(nvsim_values(nvsim_cell_text(cell)))
    assert keys.index("CellArea (F^2)") < keys.index("CellAspectRatio")
    assert keys.index("AccessType") < keys.index("AccessCMOSWidth (F)")
    assert keys.index("MemCellType") == 0


def test_an_nvsim_cell_of_another_node_has_the_same_size_in_metres(cell):
    coarse, fine = (nvsim_values(nvsim_cell_text(cell, node_nm=node)) for node in (90, 45))
    assert float(coarse["CellArea (F^2)"]) == pytest.approx(float(fine["CellArea (F^2)"]) / 4.0, rel=1e-6)
    assert coarse["ProcessNode"] == "90"


@pytest.mark.parametrize("node", [0, 5, 1000, 45.5])
def test_a_node_that_cannot_be_is_told(tmp_path, node):
    with pytest.raises(InputError, match="node_nm"):
        export_nvsim(tmp_path / "a.cell", device=NAMES["device"], cell=NAMES["cell"], node_nm=node)


def test_a_hostile_device_name_stays_on_its_line(cell):
    hostile = cell.replace(device=cell.device.replace(name="x\n-MemCellType: SRAM"))
    assert nvsim_values(nvsim_cell_text(hostile))["MemCellType"] == "MRAM"
