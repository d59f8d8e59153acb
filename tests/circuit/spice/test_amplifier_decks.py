"""Columns with clamp, latch and offset-cancelled amplifier: by the laws, and as transistors."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest
from clamped_columns import OPERATIONS, THRESHOLDS, turns_within
from sampled_columns import KELVIN, high_line_cell, sampled

from spinpim.circuit import SenseAmp, sense
from spinpim.circuit.levels import at_reference, levels
from spinpim.circuit.spice.amplifier_bench import Point
from spinpim.circuit.spice.amplifier_measure import decision_times_s, systematic_offset_V
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit
from spinpim.circuit.spice.column import column_deck
from spinpim.circuit.spice.ngspice import run_ngspice
from spinpim.circuit.spice.sample import draw_column, nominal_column
from spinpim.errors import InputError


@pytest.fixture(scope="module")
def cancelled():
    return SenseAmp.load("strongarm_cancelled_45nm")


@pytest.fixture(scope="module")
def latch():
    return SenseAmp.load("latch_45nm").replace(area_scale=1.0)


def test_the_deck_of_a_clamp_stands_by_itself(cell, clamp_amplifier):
    sample = draw_column(cell, 2, seed=1, sample=4)
    text = column_deck(cell, clamp_amplifier, pattern="10", sample=sample).text
    assert text == column_deck(cell, clamp_amplifier, pattern="10", sample=sample).text
    for absent in ("gauss(", ".model", ".control", ".include", "nan", "inf "):
        assert absent not in text.lower()
    assert f"{sample.clamp_deviate!r} and {sample.load_deviate!r} standard deviations off" in text


@pytest.mark.parametrize(("operation", "pattern"), [("AND", "01"), ("READ", "1"), ("MAJ", "011")])
def test_the_clamped_column_by_its_laws_is_that_of_sense(ngspice, cell, clamp_amplifier, operation, pattern):
    rows = len(pattern)
    sensing = sense(cell, clamp_amplifier, operation=operation, rows=rows)
    found = run_ngspice(
        column_deck(cell, clamp_amplifier, pattern=pattern, operation=operation, segments=16)
    ).values
    # sense() lets the cells settle at one resistance; in the deck it falls as the bias rises.
    margin = sensing.levels_V[pattern] - sensing.reference_V
    assert found["margin"] == pytest.approx(margin, abs=1.5e-3)
    assert found["answer"] == float(pattern.count("1") >= THRESHOLDS[operation])
    law = clamp_amplifier.decision_time_s(found["margin"], sensing.temperature_K)
    assert found["decision"] == pytest.approx(law, rel=0.01)
    biased = at_reference(cell, clamp_amplifier, rows, THRESHOLDS[operation], sensing.temperature_K)
    level = levels(cell, biased, rows, sensing.temperature_K)[pattern.count("1")]
    followed = dataclasses.replace(level.settling, load_time_constant_s=0.0).followed(
        sensing.delay_split_s["settling"]
    )
    # As for the margin.
    assert found["line_current"] == pytest.approx(level.line_current_A * followed, rel=0.02)
    assert found["line"] == pytest.approx(clamp_amplifier.clamp.line_V(found["line_current"]), abs=1e-6)


def test_clamp_and_load_off_by_their_deviations_move_the_margin_as_sense_spreads_it(
    ngspice, cell, clamp_amplifier
):
    def shift_V(name):
        margins = []
        for sign in (1.0, -1.0):
            column = dataclasses.replace(nominal_column(2), **{name: sign})
            deck = column_deck(cell, clamp_amplifier, pattern="01", sample=column, segments=8)
            margins.append(run_ngspice(deck).values["margin"])
        return 0.5 * (margins[0] - margins[1])

    temperature_K = cell.device.temperature_K
    clamp = at_reference(cell, clamp_amplifier, 2, 2, temperature_K).clamp
    level = levels(cell, clamp_amplifier.replace(clamp=clamp), 2, temperature_K)[1]
    strobe_s = sense(cell, clamp_amplifier).delay_split_s["settling"]

    def node_V(load):
        """Node with a load that is larger by a factor, which also makes it slower."""
        settling = level.settling
        slower = load * settling.load_time_constant_s
        changed = dataclasses.replace(settling, swing_V=load * settling.swing_V, load_time_constant_s=slower)
        return changed.value_V(strobe_s)

    sigma = clamp.transresistance_sigma
    by_load_V = 0.5 * (node_V(1.0 + sigma) - node_V(1.0 - sigma))
    # The cells of the deck begin to conduct while the word line still opens.
    assert shift_V("load_deviate") == pytest.approx(by_load_V, rel=0.05)
    settled_V = clamp.transresistance_ohm * level.line_current_A * sigma
    by_clamp_V = math.sqrt(level.drive_sigma_V**2 - settled_V**2) * level.settling.followed(strobe_s)
    assert shift_V("clamp_deviate") == pytest.approx(-by_clamp_V, rel=0.05)


def test_a_hot_amplifier_decides_as_late_as_its_law_says(ngspice, cell):
    amplifier = SenseAmp.load("strongarm_45nm")
    found = run_ngspice(column_deck(cell, amplifier, pattern="11", temperature_K=358.0, segments=8)).values
    law = amplifier.decision_time_s(found["margin"], 358.0)
    assert found["decision"] == pytest.approx(law, rel=0.01)
    assert law > 1.2 * amplifier.decision_time_s(found["margin"])


def test_a_clamp_is_refused_where_its_figures_do_not_hold(cell, clamp_amplifier):
    with pytest.raises(InputError, match="hold from 290 to 310 K, not at 358 K"):
        column_deck(cell, clamp_amplifier, pattern="11", temperature_K=358.0)


def test_an_offset_is_stored_between_strobe_and_enable(cell, cancelled):
    deck = column_deck(cell, cancelled, pattern="01")
    split, cycle = sense(cell, cancelled).delay_split_s, cancelled.cancellation
    enable = re.search(r"^venable \S+ 0 PWL\(0.0 0.0 (\S+) 0.0", deck.text, re.MULTILINE)
    stored = float(enable[1]) - split["access"] - split["settling"]
    assert stored == pytest.approx(cycle.extra_time_s - cycle.amplify_s)


@pytest.mark.parametrize(("pattern", "answer"), [("01", 0.0), ("11", 1.0)])
def test_the_cancelled_amplifier_by_its_law_decides_after_the_time_to_amplify(
    ngspice, cell, cancelled, pattern, answer
):
    found = run_ngspice(column_deck(cell, cancelled, pattern=pattern, longest_step_s=4e-12)).values
    cycle = cancelled.cancellation
    law = cancelled.decision_time_s(found["stored_margin"]) - cycle.extra_time_s + cycle.amplify_s
    assert found["decision"] == pytest.approx(law, rel=0.01)
    assert found["answer"] == answer


@pytest.mark.parametrize("name", ["current_clamp_45nm", "latch_45nm"])
def test_sampled_transistors_answer_by_the_truth_table_in_the_time_of_the_law(ngspice, cards, cell, name):
    amplifier = SenseAmp.load(name)
    column = cell
    if name == "latch_45nm":
        amplifier, column = amplifier.replace(area_scale=1.0), high_line_cell()
    found = sampled(column, amplifier, 3, 3, ("01", "11"))
    assert found.right == found.asked == 6
    assert np.abs(np.concatenate(list(found.differences.values()))).max() < 0.1


def test_both_answers_of_the_cancelled_amplifier_take_the_time_of_the_law_in_the_mean(
    ngspice, cards, cell, cancelled
):
    found = sampled(cell, cancelled, 1, 3, ("01", "11"))
    assert found.right == found.asked == 2
    zero, one = found.differences["01"], found.differences["11"]
    assert np.abs(zero + one).max() < 2.0 * 0.1
    # Its nodes are not alike: a 0 is the slower one.
    assert zero.min() > one.max()


def test_clamped_transistors_turn_their_answer_where_the_law_does(ngspice, cards, cell, clamp_amplifier):
    assert turns_within(cell, clamp_amplifier, cards, 0.05, (("AND", "01"), ("MAJ", "011"))) == 4


def test_a_word_line_without_an_edge_changes_the_clamped_margin_little(ngspice, cards, cell, clamp_amplifier):
    def margin(access_time_s):
        column = cell.replace(access_time_s=access_time_s)
        netlist = amplifier_subcircuit(clamp_amplifier)
        deck = column_deck(
            column,
            clamp_amplifier,
            pattern="11",
            cards=cards,
            netlist=netlist,
            segments=4,
            longest_step_s=4e-12,
        )
        return run_ngspice(deck).values["margin"]

    assert margin(0.0) == pytest.approx(margin(20e-12), rel=0.02)


@pytest.mark.parametrize("pattern", ["01", "11"])
def test_a_latch_lowers_margins_by_a_tenth_if_the_reference_columns_have_one_too(
    ngspice, cards, latch, pattern
):
    cell = high_line_cell()
    law, transistors = (
        run_ngspice(
            column_deck(
                cell, latch, pattern=pattern, temperature_K=KELVIN, cards=cards, netlist=netlist, segments=8
            )
        ).values["margin"]
        for netlist in ((), amplifier_subcircuit(latch))
    )
    assert transistors - law == pytest.approx(-7.5e-3, abs=1e-3)


@pytest.mark.parametrize(("current_A", "nodes_V"), [(14e-6, 0.452), (34e-6, 0.341)])
def test_a_mirror_whose_nodes_are_high_decides_as_late_as_its_law_says(
    ngspice, cards, clamp_amplifier, current_A, nodes_V
):
    clamp = clamp_amplifier.clamp
    load = clamp.transresistance_at_ohm(current_A)
    biased = clamp_amplifier.replace(
        clamp=dataclasses.replace(clamp, nominal_current_A=current_A, transresistance_ohm=load)
    )
    centre = systematic_offset_V(biased, Point(0.0))
    for input_V in (1e-3, 1e-2):
        inputs = (centre + input_V, centre - input_V)
        mean = float(np.mean(decision_times_s(biased, inputs, Point(0.0))))
        assert biased.decision_time_s(input_V, common_mode_V=nodes_V) == pytest.approx(mean, rel=0.03)


@pytest.mark.parametrize("pattern", OPERATIONS["AND"])
def test_a_latch_that_sense_refuses_is_refused_with_the_same_sentence(cell, pattern):
    latch = SenseAmp.load("latch_45nm")
    for column, amplifier in ((cell, latch), (high_line_cell(), latch)):
        with pytest.raises(InputError) as told:
            sense(column, amplifier, temperature_K=KELVIN)
        with pytest.raises(InputError, match=re.escape(str(told.value))):
            column_deck(column, amplifier, pattern=pattern, temperature_K=KELVIN)


def test_a_clamped_netlist_without_its_inner_nodes_is_refused(cell, clamp_amplifier, cards):
    netlist = [line.replace("node_plus", "left") for line in amplifier_subcircuit(clamp_amplifier)]
    with pytest.raises(InputError, match="node_plus is missing"):
        column_deck(cell, clamp_amplifier, pattern="01", cards=cards, netlist=netlist)
