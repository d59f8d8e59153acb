import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_bench import (
    Copy,
    Point,
    bench_deck,
)
from spinpim.circuit.spice.amplifier_measure import (
    decision_times_s,
    energy_J,
    mismatch_samples_V,
    offset_weights,
    offsets_V,
    time_constant_s,
)
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit, transistors
from spinpim.circuit.spice.cards import find_cards
from spinpim.errors import InputError

REFERENCE = json.loads((Path(__file__).parent / "amplifier_reference.json").read_text())
NAMES = ("strongarm_minimum_45nm", "latch_45nm", "current_clamp_45nm", "strongarm_cancelled_45nm")
SAMPLES, SEED = 40, 5


def why_not() -> str:
    if shutil.which("ngspice") is None:
        return "ngspice is not installed"
    try:
        return "" if find_cards().sha256 == REFERENCE["cards_sha256"] else "other transistor cards"
    except InputError:
        return "the FreePDK45 cards are not installed"


with_ngspice = pytest.mark.skipif(bool(why_not()), reason=why_not() or "ngspice and cards are there")


def small(name):
    return SenseAmp.load(name).replace(area_scale=1.0)


@pytest.mark.parametrize("name", NAMES)
def test_a_netlist_has_every_part_of_the_amplifier_and_the_common_nodes(name):
    amplifier = SenseAmp.load(name)
    lines = amplifier_subcircuit(amplifier)
    assert lines[0] == f".subckt {amplifier.topology} plus minus enable out_plus out_minus vdd"
    assert lines[-1] == ".ends"
    parts = {one.name for one in (*amplifier.pairs, *amplifier.devices)}
    assert parts == set(transistors(amplifier).values())
    assert len([line for line in lines if line.startswith("m")]) == len(transistors(amplifier))


def test_drawn_widths_grow_with_the_area_scale_and_those_before_the_comparator_do_not():
    doubled = SenseAmp.load("current_clamp_45nm").replace(area_scale=2.0)
    lines = {line.split()[0]: line for line in amplifier_subcircuit(doubled)}
    assert "w=1.08e-06" in lines["minput_plus"]
    assert "w=8e-06" in lines["mclamp_plus"]


def test_a_threshold_shift_weakens_either_polarity():
    lines = amplifier_subcircuit(small("strongarm_minimum_45nm"), {"input_plus": 0.01, "cross_n_minus": 0.02})
    shifted = [line for line in lines if "delvto" in line]
    assert shifted[0].endswith("delvto=-0.01")
    assert shifted[1].endswith("delvto=0.02")
    assert len(shifted) == 2


def test_a_shift_of_a_transistor_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="latch amplifier has no transistor input_plus; it has cross_p_plus"):
        amplifier_subcircuit(small("latch_45nm"), {"input_plus": 0.01})


@with_ngspice
def test_a_bench_holds_each_copy_with_its_own_input():
    deck = bench_deck(small("latch_45nm"), [Copy(0.0), Copy(2e-3)], Point(0.7), 1e-10)
    assert "vp1 p1 0 0.701" in "\n".join(deck.lines) + "\n"


@with_ngspice
@pytest.mark.parametrize(("name", "common_mode_V"), [("strongarm_minimum_45nm", 0.2), ("latch_45nm", 0.7)])
def test_ngspice_gives_the_stored_weights_and_time_constant_again(name, common_mode_V):
    amplifier, point = small(name), Point(common_mode_V)
    (stored,) = (
        one
        for one in REFERENCE["points"]
        if (one["amplifier"], one["common_mode_V"], one["supply_V"]) == (name, common_mode_V, 1.0)
        and abs(one["temperature_K"] - point.temperature_K) < 1.0
    )
    found = offset_weights(amplifier, point)
    for pair in amplifier.pairs:
        assert found[pair.name] == pytest.approx(stored["weights"][pair.name], rel=0.02, abs=2e-3)
        assert pair.weight == pytest.approx(found[pair.name], rel=0.1)
    constant = time_constant_s(amplifier, point)
    assert constant == pytest.approx(1e-12 * stored["time_constant_ps"], rel=0.01)
    assert amplifier.regeneration_time_s() == pytest.approx(constant, rel=0.05)


@with_ngspice
@pytest.mark.parametrize(("name", "common_mode_V"), [("strongarm_minimum_45nm", 0.2), ("latch_45nm", 0.7)])
def test_the_spread_of_sampled_offsets_is_that_of_the_law(name, common_mode_V):
    amplifier, point = small(name), Point(common_mode_V)
    samples = mismatch_samples_V(amplifier, SAMPLES, SEED)
    found = offsets_V(amplifier, samples, point)
    # Relative standard error of a spread out of 40 is 11 %; 5 of them: false alarm below 1e-6.
    expected = amplifier.offset_sigma_V(common_mode_V)
    assert math.sqrt(np.mean(found**2)) == pytest.approx(expected, rel=0.55)


@with_ngspice
@pytest.mark.parametrize(("name", "common_mode_V"), [("strongarm_minimum_45nm", 0.2), ("latch_45nm", 0.7)])
def test_energy_is_the_simulated_one(name, common_mode_V):
    for scale in (1.0, 4.0, 16.0):
        amplifier = small(name).replace(area_scale=scale)
        assert amplifier.energy_J == pytest.approx(energy_J(amplifier, Point(common_mode_V)), rel=0.02)


@with_ngspice
def test_inputs_that_never_decide_are_refused():
    with pytest.raises(InputError, match="has not decided within 40 ns"):
        decision_times_s(small("strongarm_minimum_45nm"), (1e-3,), Point(0.95))
