"""Exported columns: the text stands by itself, and ngspice answers as the package says."""

from __future__ import annotations

import re

import numpy as np
import pytest

from spinpim.circuit import SenseAmp, sense
from spinpim.circuit.spice.amplifier_bench import (
    Point,
)
from spinpim.circuit.spice.amplifier_measure import (
    offsets_V,
)
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit, transistors
from spinpim.circuit.spice.column import column_deck
from spinpim.circuit.spice.ngspice import run_ngspice
from spinpim.circuit.spice.sample import draw_column, draw_threshold_shifts_V, nominal_column
from spinpim.circuit.transistor import threshold_sigma_V
from spinpim.errors import InputError

PATTERNS = ("00", "01", "10", "11")
SAMPLES = (0, 1, 2)


def test_a_sample_is_the_same_in_whatever_order_samples_are_drawn(cell):
    forward = [draw_column(cell, 2, seed=5, sample=sample) for sample in range(6)]
    backward = [draw_column(cell, 2, seed=5, sample=sample) for sample in reversed(range(6))]
    assert forward == backward[::-1]
    assert len({one.relative_resistance for one in forward}) == 6
    assert draw_column(cell, 2, seed=6, sample=0) != forward[0]


def test_samples_spread_as_the_parameter_files_say(cell):
    """Each of five statistics is off by more than its bound with a probability of 6e-5."""
    count = 2000
    drawn = [draw_column(cell, 2, seed=11, sample=sample) for sample in range(count)]
    bound = 4.0 / np.sqrt(2.0 * 2 * count)
    resistance = np.log([one.relative_resistance for one in drawn])
    magnetoresistance = np.log([one.relative_magnetoresistance for one in drawn])
    access = np.array([one.access_threshold_V for one in drawn])
    device = cell.device
    area = np.hypot(
        device.relative_sigma("free_layer.diameter_x"), device.relative_sigma("free_layer.diameter_y")
    )
    expected = np.hypot(device.relative_sigma("junction.resistance_area_product"), area)
    assert resistance.std() == pytest.approx(expected, rel=bound)
    tmr = device.relative_sigma("junction.tunnel_magnetoresistance")
    assert magnetoresistance.std() == pytest.approx(tmr, rel=bound)
    assert access.std() == pytest.approx(cell.read_transistor.threshold_sigma_V, rel=bound)
    offsets = np.array([[one.offset_deviate, one.reference_deviate] for one in drawn])
    assert np.abs(offsets.mean(axis=0)).max() < 4.0 / np.sqrt(count)


@pytest.mark.parametrize("wrong", [{"sample": -1}, {"sample": 1.5}, {"seed": -1}, {"seed": True}])
def test_an_address_that_is_no_whole_number_is_refused(cell, wrong):
    with pytest.raises(InputError, match="whole number"):
        draw_column(cell, 2, **{"seed": 1, "sample": 1, **wrong})


def test_the_deck_stands_by_itself(cell, amplifier):
    sample = draw_column(cell, 2, seed=1, sample=4)
    deck = column_deck(cell, amplifier, pattern="10", sample=sample)
    text = deck.text
    assert text == column_deck(cell, amplifier, pattern="10", sample=sample).text
    assert text.endswith("\n.end\n")
    assert text.count(".end\n") == 1
    for absent in ("gauss(", "agauss(", ".model", ".control", ".include", "nan", "inf "):
        assert absent not in text.lower()
    options = next(line for line in deck.lines if line.startswith(".options"))
    assert float(re.search(r"reltol=(\S+)", options)[1]) <= 1e-6
    assert repr(sample.relative_resistance[0]) in text


def test_the_card_is_named_and_not_held(cell, amplifier, cards):
    text = column_deck(cell, amplifier, pattern="11", cards=cards).text
    assert text.count(".include") == 1
    assert str(cards.path("NMOS_VTG")) in text
    assert ".model" not in text
    assert "openram==1.2.48" in text


def test_cells_of_the_pattern_are_in_the_deck_as_asked(cell, amplifier):
    states = re.compile(r"^bjbl_\d .*\(1\.0\+\((-?1\.0)\)\)", re.MULTILINE)
    for pattern in ("010", "111", "001"):
        text = column_deck(cell, amplifier, pattern=pattern, operation="MAJ").text
        assert ["1" if state == "-1.0" else "0" for state in states.findall(text)] == list(pattern)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pattern": "012"}, "zeros and ones"),
        ({"pattern": ""}, "zeros and ones"),
        ({"pattern": "01\n.control"}, "zeros and ones"),
        ({"pattern": "0000"}, "rows"),
        ({"pattern": "01", "operation": "MAJ"}, "rows"),
        ({"pattern": "01", "operation": "XOR"}, "export AND and OR"),
        ({"pattern": "01", "segments": 0}, "segments"),
        ({"pattern": "01", "longest_step_s": 2e-11}, "longest_step_s"),
        ({"pattern": "01", "temperature_K": 27.0}, "temperature_K"),
    ],
)
def test_what_cannot_be_a_deck_is_told(cell, amplifier, changes, said):
    with pytest.raises(InputError, match=said):
        column_deck(cell, amplifier, **changes)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_nominal_column_is_that_of_sense(ngspice, cell, amplifier, pattern):
    sensing = sense(cell, amplifier, operation="AND", rows=2)
    found = run_ngspice(column_deck(cell, amplifier, pattern=pattern)).values
    margin = sensing.levels_V[pattern] - sensing.reference_V
    # sense() lets the cells settle at one resistance; in the deck it falls as the bias rises.
    assert found["margin"] == pytest.approx(margin, abs=1.5e-3)
    assert found["answer"] == (1.0 if pattern == "11" else 0.0)
    law = amplifier.decision_time_s(found["margin"], sensing.temperature_K)
    assert found["decision"] == pytest.approx(law, rel=0.01)
    drawn = sum(sensing.energy_split_J[part] for part in ("cells", "bit_line"))
    assert found["energy"] == pytest.approx(drawn, rel=0.05)


def test_sampled_columns_answer_by_the_truth_table(ngspice, cell, amplifier):
    for sample in SAMPLES:
        column = draw_column(cell, 2, seed=3, sample=sample)
        for pattern in PATTERNS:
            deck = column_deck(cell, amplifier, pattern=pattern, sample=column, segments=16)
            found = run_ngspice(deck).values
            assert found["answer"] == (1.0 if pattern == "11" else 0.0), (sample, pattern)


def test_an_offset_beyond_the_margin_turns_the_answer(ngspice, cell, small_amplifier):
    sensing = sense(cell, small_amplifier)
    nominal = nominal_column(2)
    beyond = 1.3 * sensing.margins_V["11"] / sensing.offset_sigma_V["11"]
    for deviate, answer in ((-beyond, 1.0), (beyond, 0.0)):
        column = type(nominal)(
            **{name: getattr(nominal, name) for name in nominal.__slots__} | {"offset_deviate": deviate}
        )
        deck = column_deck(cell, small_amplifier, pattern="11", sample=column, segments=16)
        assert run_ngspice(deck).values["answer"] == answer


def test_a_card_in_place_of_the_law_moves_the_levels_little(ngspice, cards, cell, amplifier):
    own = run_ngspice(column_deck(cell, amplifier, pattern="01", segments=8)).values
    card = run_ngspice(column_deck(cell, amplifier, pattern="01", segments=8, cards=cards)).values
    assert card["level"] == pytest.approx(own["level"], rel=0.01)
    assert card["answer"] == own["answer"] == 0.0


def test_the_inverted_operation_has_the_inverted_answer(ngspice, cell, amplifier):
    for operation, answer in (("NAND", 0.0), ("AND", 1.0)):
        deck = column_deck(cell, amplifier, pattern="11", operation=operation, segments=8)
        assert run_ngspice(deck).values["answer"] == answer


def test_a_latch_whose_swing_is_its_supply_is_refused(cell):
    amplifier = SenseAmp.load("strongarm_45nm").replace(output_swing_V=0.9)
    with pytest.raises(InputError, match="saturates"):
        column_deck(cell, amplifier, pattern="01")


def sampled(cell, amplifier, cards, pattern, sample):
    """Deck of one sampled column of transistors."""
    shifts = draw_threshold_shifts_V(amplifier, seed=3, sample=sample)
    return column_deck(
        cell,
        amplifier,
        pattern=pattern,
        temperature_K=300.15,
        sample=draw_column(cell, 2, seed=3, sample=sample),
        cards=cards,
        netlist=amplifier_subcircuit(amplifier, shifts),
        segments=8,
    )


@pytest.mark.parametrize("pattern", ["01", "11"])
def test_transistors_answer_by_the_truth_table_in_the_time_of_the_law(
    ngspice, cards, cell, amplifier, pattern
):
    for sample in range(2):
        found = run_ngspice(sampled(cell, amplifier, cards, pattern, sample)).values
        assert found["answer"] == (1.0 if pattern == "11" else 0.0)
        common = found["level"] - 0.5 * found["margin"]
        shifts = draw_threshold_shifts_V(amplifier, seed=3, sample=sample)
        (offset,) = offsets_V(amplifier, [shifts], Point(common))
        law = amplifier.decision_time_s(found["margin"] - offset, 300.15, common_mode_V=common)
        assert found["decision"] == pytest.approx(law, rel=0.1)
        assert found["amplifier_energy"] == pytest.approx(amplifier.energy_J, rel=0.25)


def test_a_threshold_beyond_the_margin_turns_the_answer_of_transistors(ngspice, cards, cell, amplifier):
    for shift, answer in ((-0.1, 1.0), (0.1, 0.0)):
        netlist = amplifier_subcircuit(amplifier, {"input_plus": -shift})
        deck = column_deck(cell, amplifier, pattern="11", cards=cards, netlist=netlist, segments=8)
        assert run_ngspice(deck).values["answer"] == answer


def test_threshold_shifts_are_the_same_in_whatever_order_they_are_drawn(amplifier):
    one = draw_threshold_shifts_V(amplifier, seed=5, sample=2)
    assert one == draw_threshold_shifts_V(amplifier, seed=5, sample=2)
    assert one != draw_threshold_shifts_V(amplifier, seed=5, sample=3)
    # A device has the deviate of its name, whatever the size and the rest of the circuit.
    larger = draw_threshold_shifts_V(
        amplifier.replace(area_scale=4.0 * amplifier.area_scale), seed=5, sample=2
    )
    assert {name: 2.0 * value for name, value in larger.items()} == pytest.approx(one)
    assert set(one) == {name for name, part in transistors(amplifier).items() if part != "tail"}


def test_threshold_shifts_spread_by_pelgroms_law(amplifier):
    """Off by more than its bound with a probability of 6e-5."""
    count = 2000
    drawn = [draw_threshold_shifts_V(amplifier, seed=1, sample=one)["input_plus"] for one in range(count)]
    expected = threshold_sigma_V(amplifier.matching_V_m, *amplifier.device_size_m("input_pair"))
    assert np.std(drawn) == pytest.approx(expected, rel=4.0 / np.sqrt(2.0 * count))


def test_a_netlist_that_does_not_fit_is_refused(cell, small_amplifier, cards):
    with pytest.raises(InputError, match="needs the cards"):
        column_deck(cell, small_amplifier, pattern="01", netlist=amplifier_subcircuit(small_amplifier))
    with pytest.raises(InputError, match="netlist must go"):
        column_deck(
            cell,
            small_amplifier,
            pattern="01",
            cards=cards,
            netlist=amplifier_subcircuit(small_amplifier)[1:],
        )
