"""Text of decks: what ngspice needs of it, and what hostile names may not do to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim.circuit.spice.deck import (
    SHARP_TOLERANCES,
    Deck,
    element,
    include,
    measure,
    name,
    number,
    options,
    piecewise_linear,
    remark,
)
from spinpim.errors import InputError


def test_a_deck_begins_with_its_title_and_ends_with_end_and_a_line_break():
    text = Deck("a divider", ("r1 a 0 1.0",)).text
    assert text == "a divider\nr1 a 0 1.0\n.end\n"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back_as_the_same_double(value):
    assert float(number(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_is_refused(value):
    with pytest.raises(InputError, match="finite"):
        number(value)


@pytest.mark.parametrize("word", ["", "1a", "a b", "a\n.end", "a;b", "a$b", "Ω", "a'b", "{a}", "-x"])
def test_a_name_that_is_more_than_one_word_is_refused(word):
    with pytest.raises(InputError, match="SPICE name"):
        name(word)


@given(st.text())
def test_a_remark_never_leaves_its_line(text):
    written = remark(text)
    assert written.startswith("* ")
    assert len(written.splitlines()) == 1
    Deck("remark", (written,))


@pytest.mark.parametrize("line", ["r1 a 0 1\n.control", "r1 a 0 1\r", "r1\x00", "r1 a 0 1\x0c"])
def test_a_line_break_within_a_line_is_refused(line):
    with pytest.raises(InputError, match="line break"):
        Deck("deck", (line,))
    with pytest.raises(InputError, match="line break"):
        Deck(line, ())


@pytest.mark.parametrize("path", ['/a"b/c.inc', "/a;b/c.inc", "/a\\b/c.inc", "/a\n.end/c.inc"])
def test_a_path_that_ngspice_would_misread_is_refused(path):
    with pytest.raises(InputError, match="cannot read a path"):
        include(Path(path))


def test_a_path_with_spaces_is_quoted():
    assert include(Path("/my cards/a.inc")) == '.include "/my cards/a.inc"'


def test_lines_have_full_precision():
    assert element("c1", ("a", "0"), number(1.0 / 3.0)) == "c1 a 0 0.3333333333333333"
    assert element("m1", ("d", "g", "s", "0"), "N", w=2e-7) == "m1 d g s 0 N w=2e-07"
    assert options() == ".options reltol=1e-06 abstol=1e-15 vntol=1e-09 chgtol=1e-20"
    assert SHARP_TOLERANCES["reltol"] <= 1e-6
    assert measure("level", "find v(a) at=1e-9") == ".meas tran level find v(a) at=1e-9"
    assert piecewise_linear([(0.0, 0.0), (1e-12, 0.1)]) == "PWL(0.0 0.0 1e-12 0.1)"
