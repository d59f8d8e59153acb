"""Numbers and kinds that nothing can be made of: a sentence from every entry, and the ranges of the files."""

import math

import numpy as np
import pytest

from spinpim.circuit import (
    JunctionReference,
    ResistorReference,
    SenseAmp,
    TrimmedReference,
    least_error_placement,
    sense,
    sense_sweep,
)
from spinpim.circuit.amplifier_figures import KEYS as AMPLIFIER_KEYS
from spinpim.circuit.bitline import line_settling, reset_time_s
from spinpim.circuit.cell_parts import COUNTS
from spinpim.circuit.cell_parts import KEYS as CELL_KEYS
from spinpim.circuit.error_rates import static_error, temporal_error
from spinpim.circuit.file_ranges import AMPLIFIER, CELL
from spinpim.circuit.half_select import column_half_select, row_half_select
from spinpim.circuit.high_sigma import chip_yield, failure_of_any, margin_failure, union_failure
from spinpim.circuit.operations import find_operation
from spinpim.circuit.sensing_failure import sensing_failure
from spinpim.circuit.sensing_window import sensing_window
from spinpim.circuit.sensing_yield import sensing_yield
from spinpim.circuit.trade_offs import trade_off
from spinpim.circuit.transistor import SIZE_KEYS, TECHNOLOGY_KEYS, threshold_sigma_V
from spinpim.circuit.write_delivery import channel_potential_V, delivered_pulse, write_path, write_width_m
from spinpim.circuit.write_path import path_currents_A, path_width_m
from spinpim.errors import InputError

NO_NUMBER = (None, "1.0", "", b"1", True, 1j, [], {}, np.array("x"), np.datetime64("2026-01-01"), object())
OUT_OF_REACH = (math.nan, math.inf, -math.inf, 10**5000, -(10**400), np.float32("inf"), 1e308, -1e308)
ODD = (*NO_NUMBER, *OUT_OF_REACH, np.longdouble(0.5), np.float16(0.5), np.uint64(3), 0, -1, 1e-320, 0.4, 2)

ENTRIES = {
    "offset": lambda c, a, x: a.offset_sigma_V(x),
    "offset at a temperature": lambda c, a, x: a.offset_sigma_V(0.2, x),
    "offset at a supply": lambda c, a, x: a.offset_sigma_V(0.2, 300.0, x),
    "noise": lambda c, a, x: a.noise_sigma_V(x),
    "energy": lambda c, a, x: a.energy_at_J(x),
    "kickback": lambda c, a, x: a.kickback_V(x),
    "decision": lambda c, a, x: a.decision_time_s(x),
    "decision at a common mode": lambda c, a, x: a.decision_time_s(1e-3, common_mode_V=x),
    "undecided": lambda c, a, x: a.undecided_input_V(x),
    "undecided margin": lambda c, a, x: a.undecided_probability(1e-9, x, 0.02),
    "inputs": lambda c, a, x: a.check_inputs(x),
    "source": lambda c, a, x: a.line_disturbance_V(0.3, x),
    "part": lambda c, a, x: a.device_size_m(x),
    "width": lambda c, a, x: threshold_sigma_V(1e-9, x, 5e-8),
    "gate": lambda c, a, x: c.read_transistor.current_A(x, 0.0, 0.1, 300.0),
    "on-resistance": lambda c, a, x: c.read_transistor.on_resistance_ohm(1.0, x, 300.0),
    "read path": lambda c, a, x: c.read_path(x),
    "pulse": lambda c, a, x: c.write_energy(x),
    "written width": lambda c, a, x: c.write_energy_supply_J(width_s=x),
    "pairs": lambda c, a, x: JunctionReference(x),
    "resistor": lambda c, a, x: ResistorReference(x),
    "step": lambda c, a, x: TrimmedReference(4, x, 0.1),
    "operation": lambda c, a, x: find_operation(x, 2),
    "rows": lambda c, a, x: sense(c, a, rows=x),
    "placement": lambda c, a, x: sense(c, a, placement=x),
    "reference": lambda c, a, x: sense(c, a, reference=x),
    "cell": lambda c, a, x: sense(x, a),
    "swept": lambda c, a, x: sense_sweep(c, a, area_scale=x),
    "swept temperature": lambda c, a, x: sense_sweep(c, a, temperature_K=x),
    "ignored": lambda c, a, x: sense_sweep(c, a, offset_ignored=x),
    "yield": lambda c, a, x: sensing_yield(x, columns=8, groups_per_column=8, highest_error_rate=1e-6),
    "pattern": lambda c, a, x: sensing_failure(c, a, pattern=x, seed=1),
    "quantity": lambda c, a, x: trade_off(c, a, x, [1.0]),
    "values": lambda c, a, x: trade_off(c, a, "area_scale", x),
    "weights": lambda c, a, x: least_error_placement(c, a, pattern_probabilities={"01": x, "11": "x"}),
    "state": lambda c, a, x: delivered_pulse(c, x),
    "path": lambda c, a, x: write_path(c, x),
    "current": lambda c, a, x: write_width_m(c, x),
    "potential": lambda c, a, x: channel_potential_V(c, "P", x),
    "supplies": lambda c, a, x: path_currents_A(write_path(c), follower=True, supply_V=x),
    "follower": lambda c, a, x: path_width_m(write_path(c), 1e-4, follower=x),
    "written state": lambda c, a, x: column_half_select(c, x),
    "coupling": lambda c, a, x: row_half_select(c, "P", lines="held", coupling=x),
    "lines": lambda c, a, x: row_half_select(c, "P", lines=x),
    "line": lambda c, a, x: line_settling(1e-5, x, wire_F=1e-13).settled_V,
    "reset": lambda c, a, x: reset_time_s(1e3, 1e-13, x, 0.01),
    "level": lambda c, a, x: sensing_window(x, x, 0.1),
    "margins": lambda c, a, x: static_error(x, 0.01),
    "noises": lambda c, a, x: temporal_error(0.05, 0.01, x),
    "any": lambda c, a, x: failure_of_any(x, 3),
    "spares": lambda c, a, x: chip_yield(1e-4, 8, x),
    "margin": lambda c, a, x: margin_failure(x, 1, seed=1),
    "margin that returns": lambda c, a, x: margin_failure(lambda z: x, 1, seed=1),
    "names": lambda c, a, x: margin_failure(lambda z: 4.0 - z[:, 0], 1, seed=1, names=x),
    "margins of a union": lambda c, a, x: union_failure(x, 1, seed=1),
    "gradients": lambda c, a, x: union_failure([lambda z: 4.0 - z[:, 0]], 1, seed=1, gradients=x),
}


def refusal(entry, cell, amplifier, odd):
    """Sentence of a refused call; empty for an answer, which must then be finite."""
    try:
        answer = ENTRIES[entry](cell, amplifier, odd)
    except InputError as told:
        return str(told)
    assert not isinstance(answer, float | np.ndarray) or np.all(np.isfinite(answer))
    return ""


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_odd_argument_gives_a_sentence_or_a_finite_answer(entry, cell, amplifier):
    told = [refusal(entry, cell, amplifier, odd) for odd in ODD]
    assert any(told)
    for sentence in filter(None, told):
        assert sentence.endswith((".", "?", ")"))
        assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "key"), [*CELL_KEYS.items(), *COUNTS.items(), *AMPLIFIER_KEYS.items(), *TECHNOLOGY_KEYS.items()]
)
def test_a_number_that_the_file_would_refuse_is_refused_in_a_script_with_its_key(name, key, cell, amplifier):
    ranges = AMPLIFIER if AMPLIFIER_KEYS.get(name) == key else CELL
    one = amplifier if ranges is AMPLIFIER else cell if not key.startswith("technology") else None
    one = one or (cell if name in CELL_KEYS else cell.read_transistor)
    beyond = 2.0 * ranges[key].high + 1.0
    with pytest.raises(InputError, match=rf"^{name} \({key} of a file\) is .* outside"):
        one.replace(**{name: int(beyond) if name in COUNTS else beyond})


def test_the_ranges_hold_for_nested_values(cell, amplifier, clamp_amplifier):
    for name, key in SIZE_KEYS.items():
        with pytest.raises(InputError, match=rf"^{name} \({key} of a file\)"):
            cell.read_transistor.replace(**{name: 1.0})
    for part, change, words in (
        (amplifier.pairs[0], {"weight": 4.0}, r"weight of input_pair \(input_pair\.weight of a file\) is 4,"),
        (amplifier.devices[0], {"width_m": 1.0}, r"width_m of tail \(tail\.width of a file\) is 1 m"),
        (clamp_amplifier.clamp, {"gate_V": 9.0}, r"gate_V of clamp \(clamp\.gate_voltage of a file\)"),
        (clamp_amplifier.clamp, {"highest_current_A": 1.0}, r"clamp\.highest_current of a file"),
        (SenseAmp.load("latch_45nm").disturbance, {"scale_V": 2.0}, r"line_disturbance\.scale of a file"),
    ):
        with pytest.raises(InputError, match=words):
            type(part)(**{**{slot: getattr(part, slot) for slot in type(part).__slots__}, **change})


def test_plain_numbers_are_kept_of_whatever_kind_was_given(cell, amplifier):
    assert type(cell.replace(supply_V=np.float32(1.0)).supply_V) is float
    assert type(cell.replace(bit_line_cells=np.int64(64)).bit_line_cells) is int
    assert type(amplifier.replace(area_scale=2).area_scale) is float


def test_an_amplifier_decides_at_the_supply_of_its_cell(cell, amplifier):
    low = sense(cell.replace(supply_V=0.9), amplifier)
    middle = 0.5 * (low.levels_V["11"] + low.reference_V)
    assert low.offset_sigma_V["11"] == pytest.approx(amplifier.offset_sigma_V(middle, 300.0, 0.9))
    assert low.energy_split_J["amplifier"] == pytest.approx(amplifier.energy_at_J(0.9))
    slower = amplifier.decision_time_s(amplifier.resolution_V, 300.0, 0.9, middle)
    assert low.delay_split_s["decision"] == pytest.approx(slower)
    assert slower > sense(cell, amplifier).delay_split_s["decision"]


def test_a_sweep_at_another_supply_is_sense(cell, amplifier):
    low = cell.replace(supply_V=0.85)
    swept = sense_sweep(low, amplifier, area_scale=[amplifier.area_scale])
    alone = sense(low, amplifier)
    assert swept.error[0] == pytest.approx(max(alone.error_static.values()), rel=2e-3)


@pytest.mark.parametrize(("cell_V", "amplifier_V"), [(1.3, 1.0), (0.6, 1.0), (1.0, 1.8), (1.0, 0.5)])
def test_supplies_that_do_not_go_together_are_refused(cell, amplifier, cell_V, amplifier_V):
    pair = cell.replace(supply_V=cell_V), amplifier.replace(supply_V=amplifier_V)
    for call in (sense, sense_sweep):
        with pytest.raises(InputError, match=r"supply_V must be from .* to which its laws were fitted"):
            call(*pair)
    with pytest.raises(InputError, match="supply_V must be from"):
        sensing_failure(*pair, pattern="11", seed=1)


def test_a_clamp_has_the_supply_of_its_file(cell, clamp_amplifier):
    with pytest.raises(InputError, match="figures of its clamp hold at 1 V alone"):
        sense(cell.replace(supply_V=0.95), clamp_amplifier)


def test_a_supply_below_the_threshold_is_refused(cell):
    with pytest.raises(InputError, match=r"gate of the reset_transistor is 0\.3 V, not above the threshold"):
        cell.replace(supply_V=0.3)
    with pytest.raises(InputError, match=r"is closed: the gate must be above the threshold"):
        cell.reset_transistor.on_resistance_ohm(-1.0, 0.0, 300.0)


def test_a_law_that_runs_away_is_refused(amplifier):
    wild = amplifier.replace(slowing=1.0, slowing_scale_V=0.01)
    with pytest.raises(InputError, match="would grow by a factor of e"):
        wild.decision_time_s(1e-3, common_mode_V=3.0)
