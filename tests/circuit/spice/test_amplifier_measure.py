"""The mirror, the offset-cancelled amplifier and the input noise against their transistors in ngspice."""

from __future__ import annotations

import numpy as np
import pytest

from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_bench import Point
from spinpim.circuit.spice.amplifier_measure import (
    bisected_weights,
    decision_times_s,
    offset_weights,
    systematic_offset_V,
    time_constant_s,
)
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit
from spinpim.circuit.spice.amplifier_noise import input_noise_V
from spinpim.circuit.spice.column import column_deck
from spinpim.circuit.spice.deck import TRANSISTOR_TOLERANCES, Deck, include, number, options
from spinpim.circuit.spice.ngspice import run_ngspice
from spinpim.circuit.spice.sample import draw_threshold_shifts_V
from spinpim.errors import InputError


def test_the_current_mirror_decides_as_its_law_says(ngspice, cards):
    amplifier, point = SenseAmp.load("current_clamp_45nm"), Point(0.0)
    found = offset_weights(amplifier, point)
    for pair in amplifier.pairs:
        assert pair.weight == pytest.approx(found[pair.name], rel=0.1)
    assert amplifier.regeneration_time_s() == pytest.approx(time_constant_s(amplifier, point), rel=0.05)
    centre = systematic_offset_V(amplifier, point)
    times = decision_times_s(amplifier, (centre + 1e-3, centre + 10e-3), point)
    assert times == pytest.approx([amplifier.decision_time_s(one) for one in (1e-3, 10e-3)], rel=0.05)


def test_the_offset_cancelled_amplifier_keeps_the_share_of_each_pair_that_its_law_says(ngspice, cards):
    amplifier, point = SenseAmp.load("strongarm_cancelled_45nm"), Point(0.2)
    residual = amplifier.cancellation.residual
    found = bisected_weights(amplifier, point, ("input_pair", "inverter_n"))
    laws = {pair.name: residual * pair.weight for pair in amplifier.pairs}
    for name, weight in found.items():
        assert laws[name] == pytest.approx(weight, rel=0.1)
        assert weight < 0.1


def test_the_offset_cancelled_amplifier_decides_in_the_time_of_its_law(ngspice, cards):
    amplifier, point = SenseAmp.load("strongarm_cancelled_45nm"), Point(0.2)
    centre = systematic_offset_V(amplifier, point)
    assert amplifier.systematic_offset_V == pytest.approx(centre, abs=0.5e-3)
    cycle = amplifier.cancellation
    # The bench begins with a stored offset.
    stored = cycle.extra_time_s - cycle.amplify_s
    for one in (1e-4, 1e-3, 1e-2):
        mean = float(np.mean(decision_times_s(amplifier, (centre + one, centre - one), point)))
        assert amplifier.decision_time_s(one) - stored == pytest.approx(mean, rel=0.1)


def test_the_input_noise_is_that_of_the_channels(ngspice, cards):
    amplifier = SenseAmp.load("strongarm_minimum_45nm")
    assert amplifier.noise_sigma_V(300.15) == pytest.approx(input_noise_V(amplifier, Point(0.2)), rel=0.05)


def test_the_noise_of_an_amplifier_that_is_not_its_own_mirror_image_is_refused():
    with pytest.raises(InputError, match="choose a strongarm or a latch"):
        input_noise_V(SenseAmp.load("current_clamp_45nm"), Point(0.0))


@pytest.mark.parametrize(("pattern", "answer"), [("01", 0.0), ("11", 1.0)])
def test_a_column_with_the_offset_cancelled_amplifier_converges(ngspice, cards, cell, pattern, answer):
    amplifier = SenseAmp.load("strongarm_cancelled_45nm")
    netlist = amplifier_subcircuit(amplifier, draw_threshold_shifts_V(amplifier, seed=3, sample=0))
    deck = column_deck(cell, amplifier, pattern=pattern, cards=cards, netlist=netlist, segments=8)
    assert run_ngspice(deck).values["answer"] == answer


def test_the_transresistance_of_the_mirror_is_that_of_its_law(ngspice, cards):
    amplifier = SenseAmp.load("current_clamp_45nm")
    clamp, step_A = amplifier.clamp, 0.25e-6
    currents = (clamp.lowest_current_A, 27e-6, clamp.highest_current_A)
    lines = [include(cards.path(model)) for model in ("NMOS_VTG", "PMOS_VTG")]
    lines += [options(TRANSISTOR_TOLERANCES), ".temp 27.0", "vs vdd 0 1.0", "ven en 0 0.0"]
    lines += amplifier_subcircuit(amplifier, name="mirror")
    nodes = []
    for place, (current, sign) in enumerate((one, sign) for one in currents for sign in (1.0, -1.0)):
        lines += [
            f"ip{place} p{place} 0 {number(current - sign * step_A)}",
            f"im{place} m{place} 0 {number(current + sign * step_A)}",
            f"x{place} p{place} m{place} en op{place} om{place} vdd mirror",
        ]
        nodes += [f"v(x{place}.node_plus)", f"v(x{place}.node_minus)"]
    found = run_ngspice(Deck("mirror", (*lines, ".op")), columns=tuple(nodes)).columns
    plus, minus = (np.array([found[one][0] for one in nodes[side::2]]) for side in (0, 1))
    difference = (plus - minus)[::2] - (plus - minus)[1::2]
    simulated = difference / (4.0 * step_A)
    assert [clamp.transresistance_at_ohm(one) for one in currents] == pytest.approx(simulated, rel=0.11)
