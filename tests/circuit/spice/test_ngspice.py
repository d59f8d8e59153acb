"""Cards are found and checked, results read, and every failure told in a sentence."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys

import pytest

from spinpim.circuit.spice import ngspice as runner
from spinpim.circuit.spice.cards import find_cards, model_thresholds_V
from spinpim.circuit.spice.deck import Deck, include
from spinpim.circuit.spice.ngspice import ngspice_version, run_ngspice
from spinpim.errors import InputError

DIVIDER = ("v1 a 0 1.0", "r1 a b 1000.0", "r2 b 0 3000.0")
CHARGING = ("v1 a 0 PWL(0 0 1e-15 1.0)", "r1 a b 1000.0", "c1 b 0 1e-12", ".tran 1e-12 2e-9 0 1e-12")
CARD = "* a card\n.model NMOS_VTG nmos level = 54\n+version = 4.8 vth0 = {threshold}  k1 = 0.4\n"


def test_an_operating_point_comes_back_in_full_precision(ngspice):
    found = run_ngspice(Deck("divider", (*DIVIDER, ".op")), columns=("v(b)", "i(v1)"))
    assert found.columns["v(b)"][0] == pytest.approx(0.75, abs=1e-12)
    assert found.columns["i(v1)"][0] == pytest.approx(-0.25e-3, abs=1e-15)
    assert found.version == ngspice


def test_measurements_and_waveforms_of_a_transient_come_back(ngspice):
    lines = (*CHARGING, ".meas tran half when v(b)=0.5 rise=1", ".meas tran late find v(b) at=1.9e-9")
    found = run_ngspice(Deck("charging", lines), columns=("v(b)",))
    assert found.values["half"] == pytest.approx(0.6931472e-9, rel=1e-3)
    assert set(found.values) == {"half", "late"}
    assert found.columns["time"][-1] == pytest.approx(2e-9)
    assert found.columns["time"].shape == found.columns["v(b)"].shape


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((*CHARGING, ".meas tran never when v(b)=3.0"), "could not measure 'never'"),
        ((*DIVIDER, ".tran nothing"), "ended with an error"),
        ((*DIVIDER, "m1 a b 0 0 unknown_model", ".op"), "ended with an error"),
    ],
)
def test_a_failed_run_is_told(ngspice, lines, said):
    with pytest.raises(InputError, match=said):
        run_ngspice(Deck("failing", lines))


def test_a_vector_that_does_not_exist_is_told(ngspice):
    with pytest.raises(InputError, match="no waveforms"):
        run_ngspice(Deck("divider", (*DIVIDER, ".op")), columns=("v(nowhere)",))


def test_a_run_that_takes_too_long_is_ended(ngspice):
    slow = (*CHARGING[:3], ".tran 1e-15 1e-3 0 1e-15")
    with pytest.raises(InputError, match=r"did not end within 0\.2 s"):
        run_ngspice(Deck("slow", slow), timeout_s=0.2)


def test_a_missing_ngspice_is_told(monkeypatch):
    monkeypatch.setattr(runner.shutil, "which", lambda _: None)
    assert ngspice_version() is None
    with pytest.raises(InputError, match="apt-get install ngspice"):
        run_ngspice(Deck("divider", (*DIVIDER, ".op")))


def test_cards_come_from_a_folder_with_their_hashes(tmp_path):
    for file in ("NMOS_VTG.inc", "PMOS_VTG.inc"):
        (tmp_path / file).write_text(CARD.format(threshold="0.4106"))
    found = find_cards(tmp_path)
    assert found.path("PMOS_VTG") == tmp_path / "PMOS_VTG.inc"
    expected = hashlib.sha256((tmp_path / "NMOS_VTG.inc").read_bytes()).hexdigest()
    assert found.sha256["NMOS_VTG"] == expected


def test_missing_cards_are_told(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"NMOS_VTG\.inc.*openram==1\.2\.48"):
        find_cards(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"not installed.*openram==1"):
        find_cards()


def test_finding_the_cards_imports_no_openram(cards):
    code = "import sys; from spinpim.circuit.spice.cards import find_cards; find_cards(); "
    code += "print('openram' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_thresholds_of_a_file_of_several_models_are_told_apart(tmp_path):
    path = tmp_path / "both.inc"
    path.write_text(CARD.format(threshold="0.4106") + ".model OTHER pmos\n+ VTH0= -4.0e-1\n.model bare d\n")
    assert model_thresholds_V(path) == {"nmos_vtg": 0.4106, "other": -0.4}


def test_the_card_that_ngspice_loaded_is_checked_against_the_file(ngspice, cards, tmp_path, monkeypatch):
    copy = tmp_path / "with a space"
    copy.mkdir()
    shutil.copy(cards.path("NMOS_VTG"), copy)
    lines = (include(copy / "NMOS_VTG.inc"), *DIVIDER, "m1 a b 0 0 NMOS_VTG w=2e-07 l=5e-08", ".op")
    assert run_ngspice(Deck("card", lines), columns=("v(b)",)).columns["v(b)"][0] < 0.8
    monkeypatch.setattr(runner, "model_thresholds_V", lambda _: {"nmos_vtg": 0.5})
    with pytest.raises(InputError, match=r"did not load the card of nmos_vtg.*0\.4106"):
        run_ngspice(Deck("card", lines))


def test_start_up_files_of_the_user_are_not_read(ngspice, tmp_path, monkeypatch):
    (tmp_path / ".spiceinit").write_text("echo poisoned\nquit\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    found = run_ngspice(Deck("divider", (*DIVIDER, ".op")), columns=("v(b)",))
    assert found.columns["v(b)"][0] == pytest.approx(0.75)
