"""The stored results of ngspice hold this package where no ngspice is installed."""

from __future__ import annotations

import json

import pytest
import v20_ngspice as validation

STORED = json.loads(validation.STORED.read_text())


def test_own_models_agree_with_the_stored_simulation():
    own = validation.own_values()
    assert set(own) == set(STORED["values"])
    for what, value in STORED["values"].items():
        assert own[what] == pytest.approx(value, abs=validation.tolerance(what, value)), what


def test_the_stored_table_says_what_made_it():
    assert STORED["ngspice"]
    assert {len(value) for value in STORED["cards"].values()} == {64}


def test_the_installed_simulation_gives_the_stored_table_again(ngspice, cards):
    if cards.sha256 != STORED["cards"]:
        pytest.skip("the installed cards are not those of the stored table")
    for what, value in validation.simulated_values(cards).items():
        near = 0.5 * validation.tolerance(what, value)
        assert value == pytest.approx(STORED["values"][what], abs=near), what
