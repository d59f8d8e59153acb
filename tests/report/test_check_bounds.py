"""Bounds of a price beside its value, as ``spinpim check`` prints them."""

from spinpim.params import ParameterRecord
from spinpim.report.check import print_check


def test_bounds_are_printed_as_multiples_and_those_of_zero_as_they_are(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    print_check("isaac_32nm")
    printed = capsys.readouterr().out
    assert "1.5625 pJ x 0.75..1.25" in printed
    assert "0 mW, 0..0.031 W" in printed


def test_a_number_without_bounds_has_none():
    record = ParameterRecord("free_layer.damping", 0.02, "1", 0.0, "0.02", "", "", "assumed")
    assert (record.low_si, record.high_si) == (None, None)
