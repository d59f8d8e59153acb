import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaincinv

from spinpim.circuit import costs, sense, sense_sweep
from spinpim.circuit.levels import levels
from spinpim.device import escape_rate_per_s
from spinpim.errors import InputError

OPERATIONS = [("READ", 1), ("AND", 2), ("OR", 2), ("AND", 3), ("OR", 3), ("MAJ", 3)]
SAMPLES = 400_000
FALSE_ALARM = 1e-6


@pytest.fixture(scope="module")
def and_two(cell, amplifier):
    return sense(cell, amplifier, operation="AND", rows=2)


@pytest.fixture(scope="module")
def poor_and(cell, small_amplifier):
    """Errors large enough to be counted: the small amplifier at half the read current."""
    return sense(cell.replace(read_current_per_row_A=5e-6), small_amplifier)


def test_the_shipped_design_senses_two_rows(and_two):
    assert max(and_two.error_static.values()) < 1e-9
    assert max(and_two.error_temporal.values()) < 1e-9
    assert and_two.read_disturb_probability < 1e-9
    assert 0.25 < and_two.levels_V["11"] < 0.30
    assert and_two.levels_V["11"] - and_two.levels_V["01"] > 0.06


def test_the_minimum_amplifier_fails_at_the_same_levels(cell, small_amplifier, and_two):
    small = sense(cell, small_amplifier)
    assert small.levels_V["11"] == pytest.approx(and_two.levels_V["11"], rel=0.01)
    assert 1e-3 < small.error_static["11"] < 1e-2


@pytest.mark.parametrize(("operation", "rows"), OPERATIONS)
@pytest.mark.parametrize("name", ["amplifier", "clamp_amplifier"])
def test_levels_rise_with_the_ones_and_the_reference_divides_them(cell, name, operation, rows, request):
    sensing = sense(cell, request.getfixturevalue(name), operation=operation, rows=rows)
    by_ones = sorted(sensing.levels_V.items(), key=lambda item: item[0].count("1"))
    assert [level for _, level in by_ones] == sorted(level for _, level in by_ones)
    assert sensing.margin_V == pytest.approx(min(sensing.margins_V.values()))
    for pattern, level in sensing.levels_V.items():
        assert abs(level - sensing.reference_V) == pytest.approx(sensing.margins_V[pattern])


@pytest.mark.parametrize(("operation", "rows"), OPERATIONS)
def test_spreads_and_importances_by_cause_add_to_the_whole(cell, small_amplifier, operation, rows):
    sensing = sense(cell, small_amplifier, operation=operation, rows=rows)
    for pattern in sensing.patterns:
        outside = (sensing.offset_sigma_V[pattern], sensing.reference_sigma_V, sensing.drive_sigma_V)
        first_order = math.hypot(sensing.level_sigma_V[pattern], *outside)
        assert math.hypot(*sensing.spread_V[pattern].values()) == pytest.approx(first_order)
        assert math.fsum(sensing.importance[pattern].values()) == pytest.approx(1.0)


@pytest.mark.parametrize(("operation", "rows"), OPERATIONS)
def test_without_spread_of_the_cells_the_error_is_the_offset_alone(cell, amplifier, operation, rows):
    threshold_free = cell.read_transistor.replace(matching_V_m=0.0)
    device = cell.device.replace(records=())
    exact = cell.replace(device=device, read_transistor=threshold_free, read_current_sigma=0.0)
    sensing = sense(exact, amplifier.replace(area_scale=1.0), operation=operation, rows=rows)
    for pattern, margin in sensing.margins_V.items():
        tail = 0.5 * math.erfc(margin / sensing.offset_sigma_V[pattern] / math.sqrt(2.0))
        # The strobe is a polynomial within 0.2 uV of the settling.
        assert sensing.error_static[pattern] == pytest.approx(tail, rel=1e-4)
        assert sensing.error_without_offset[pattern] == 0.0
        assert sensing.importance[pattern]["amplifier_offset"] == pytest.approx(1.0)


@pytest.mark.parametrize(("operation", "rows"), OPERATIONS)
def test_both_neighbours_of_the_reference_are_equally_many_sigmas_away(cell, amplifier, operation, rows):
    sensing = sense(cell, amplifier, operation=operation, rows=rows)
    distances = {
        pattern.count("1"): margin / math.hypot(*sensing.spread_V[pattern].values())
        for pattern, margin in sensing.margins_V.items()
    }
    nearest, next_one = sorted(distances.values())[:2]
    assert nearest == pytest.approx(next_one, rel=1e-6)


@pytest.mark.parametrize(("operation", "base"), [("NAND", "AND"), ("NOR", "OR"), ("XNOR", "XOR")])
def test_the_other_output_has_the_same_errors(cell, amplifier, operation, base):
    inverted, straight = (sense(cell, amplifier, operation=one) for one in (operation, base))
    assert inverted.error_static == straight.error_static
    assert inverted.operation == operation


def test_xor_fails_where_one_but_not_both_of_its_references_do(cell, amplifier):
    both = sense(cell, amplifier, operation="XOR")
    either = [sense(cell, amplifier, operation=one) for one in ("OR", "AND")]
    for pattern in both.patterns:
        first, second = (one.error_static[pattern] for one in either)
        expected = first * (1.0 - second) + second * (1.0 - first)
        assert both.error_static[pattern] == pytest.approx(expected, rel=1e-12)
    assert both.reference_V == either[0].reference_V  # OR errs more
    assert both.energy_split_J["amplifier"] == pytest.approx(
        sum(one.energy_split_J["amplifier"] for one in either)
    )
    assert both.delay_s == max(one.delay_s for one in either)
    with pytest.raises(InputError, match="ask each of its parts"):
        both.column_errors([[0.0, 0.0, 0.0]])
    assert both.parts[1].column_errors([[0.0, 0.0, 0.0]])[0].shape == (1, 4)


def test_an_amplifier_without_offset_errs_many_orders_of_magnitude_less(and_two, poor_and):
    assert and_two.error_without_offset["11"] < 1e-3 * and_two.error_static["11"]
    assert poor_and.error_without_offset["11"] < 1e-3 * poor_and.error_static["11"]


def test_offset_is_taken_at_the_common_mode_of_level_and_reference(and_two, amplifier):
    for pattern, level in and_two.levels_V.items():
        expected = amplifier.offset_sigma_V(0.5 * (level + and_two.reference_V))
        assert and_two.offset_sigma_V[pattern] == pytest.approx(expected)
    assert and_two.offset_sigma_V["00"] > and_two.offset_sigma_V["11"]


def test_settled_levels_with_all_but_no_access_resistance_are_the_closed_form(cell, amplifier):
    access = cell.read_transistor.replace(
        width_m=1e-4, length_m=2e-8, transconductance_A_per_V2=0.1, series_resistance_ohm_m=0.0
    )
    device = cell.device.replace(channel_resistivity_ohm_m=1e-20, half_bias_voltage_V=1e9)
    ideal = cell.replace(
        read_transistor=access,
        read_word_line_V=5.0,
        device=device,
        settling_residual=1e-14,
        wire_resistance_per_cell_ohm=0.0,
    )
    for rows in (2, 3):
        current = rows * ideal.read_current_per_row_A
        for pattern, level in sense(ideal, amplifier, rows=rows).levels_V.items():
            ones = pattern.count("1")
            left = access.on_resistance_ohm(5.0, level, 300.0)
            parallel, antiparallel = (times * device.resistance_p_ohm + left for times in (1.0, 2.5))
            closed = current / ((rows - ones) / parallel + ones / antiparallel)
            assert level == pytest.approx(closed, rel=1e-9)


def test_errors_are_those_of_drawn_columns(poor_and):
    # 4 patterns, two errors each: Clopper-Pearson intervals that miss the truth once in 1e6 trials.
    generator = np.random.default_rng(20)
    for pattern in poor_and.patterns:
        cells, offset, reference, drive, noise = generator.standard_normal((5, SAMPLES))
        static = poor_and.levels_V[pattern] + poor_and.level_sigma_V[pattern] * cells
        static -= poor_and.reference_V + poor_and.reference_sigma_V * reference
        static -= poor_and.offset_sigma_V[pattern] * offset + poor_and.drive_sigma_V * drive
        answer = static > 0.0
        noisy = static + poor_and.noise_sigma_V[pattern] * noise > 0.0
        wrong = int(np.sum(answer != (pattern == "11")))
        turned = int(np.sum(answer != noisy))
        for counted, expected in (
            (wrong, poor_and.error_static[pattern]),
            (turned, poor_and.error_temporal[pattern]),
        ):
            low = betaincinv(counted, SAMPLES - counted + 1, FALSE_ALARM / 2) if counted else 0.0
            high = betaincinv(counted + 1, SAMPLES - counted, 1 - FALSE_ALARM / 2)
            assert low <= expected <= high


@settings(max_examples=10, deadline=None)
@given(scale=st.floats(1.0, 30.0), factor=st.floats(1.1, 3.0))
def test_a_larger_amplifier_errs_less(cell, small_amplifier, scale, factor):
    small, large = (
        sense(cell, small_amplifier.replace(area_scale=one, unit_input_capacitance_F=0.0))
        for one in (scale, scale * factor)
    )
    assert large.error_static["11"] < small.error_static["11"]
    assert large.offset_sigma_V["11"] < small.offset_sigma_V["11"]
    assert large.energy_J > small.energy_J


@settings(max_examples=10, deadline=None)
@given(noise_mV=st.floats(0.1, 5.0), factor=st.floats(1.1, 3.0))
def test_amplifier_noise_adds_to_the_temporal_error_alone(cell, small_amplifier, noise_mV, factor):
    quiet, loud = (
        sense(cell, small_amplifier.replace(input_noise_V=1e-3 * one))
        for one in (noise_mV, factor * noise_mV)
    )
    assert loud.error_temporal["11"] > quiet.error_temporal["11"]
    assert loud.error_static == quiet.error_static


@settings(max_examples=10, deadline=None)
@given(relative=st.floats(0.2, 1.0), factor=st.floats(1.05, 1.5))
def test_error_falls_with_the_magnetoresistance(cell, small_amplifier, relative, factor):
    weak, strong = (
        sense(cell.replace(device=cell.device.replace(tunnel_magnetoresistance=1.2 * one)), small_amplifier)
        for one in (relative, relative * factor)
    )
    assert strong.margin_V > weak.margin_V
    assert strong.error_static["11"] < weak.error_static["11"]


def test_heat_costs_margin_and_offset(cell, amplifier):
    cold, hot = (sense(cell, amplifier, temperature_K=temperature) for temperature in (300.0, 370.0))
    assert hot.margin_V < cold.margin_V
    assert hot.error_static["11"] > cold.error_static["11"]
    assert hot.error_temporal["11"] > cold.error_temporal["11"]
    assert hot.read_disturb_probability > cold.read_disturb_probability


@pytest.mark.parametrize("name", ["amplifier", "small_amplifier", "clamp_amplifier"])
@pytest.mark.parametrize(("operation", "rows"), OPERATIONS)
def test_parts_of_delay_and_energy_are_positive_and_add_up(cell, name, operation, rows, request):
    sensing = sense(cell, request.getfixturevalue(name), operation=operation, rows=rows)
    assert min(sensing.delay_split_s.values()) > 0.0
    assert min(sensing.energy_split_J.values()) > 0.0
    assert sensing.delay_s == pytest.approx(sum(sensing.delay_split_s.values()), rel=1e-12)
    assert sensing.energy_J == pytest.approx(sum(sensing.energy_split_J.values()), rel=1e-12)


def test_line_and_cells_together_draw_the_read_current(cell, amplifier, and_two):
    on_time = and_two.delay_split_s["settling"] + and_two.delay_split_s["decision"]
    drawn = cell.supply_V * 2 * cell.read_current_per_row_A * on_time
    split = and_two.energy_split_J
    assert split["cells"] + split["bit_line"] == pytest.approx(drawn, rel=1e-12)
    assert split["amplifier"] == amplifier.energy_J


def test_a_later_strobe_costs_time_and_gains_margin(cell, amplifier, and_two):
    late = sense(cell.replace(settling_residual=0.01), amplifier)
    assert late.delay_s > and_two.delay_s
    assert late.margin_V > and_two.margin_V


def test_disturb_is_that_of_the_parallel_cell_beside_an_antiparallel_one(cell, amplifier, and_two):
    # The read current holds the antiparallel state; in "01" the line over a parallel cell is highest.
    voltage = levels(cell, amplifier, 2, 300.0)[1].junction_V[1]
    on_time = and_two.delay_split_s["settling"] + and_two.delay_split_s["decision"]
    rate = escape_rate_per_s(cell.device, "P", -voltage)
    assert rate > escape_rate_per_s(cell.device, "AP", -voltage)
    assert and_two.read_disturb_probability == pytest.approx(rate * on_time, rel=1e-6)


def test_the_barrier_is_found_once_for_each_state(cell, amplifier, monkeypatch):
    asked = []
    rate = costs.escape_rate_per_s

    def counted(device, state, voltage_V):
        asked.append(state)
        return rate(device, state, voltage_V)

    monkeypatch.setattr(costs, "escape_rate_per_s", counted)
    sense(cell, amplifier, rows=3)
    assert sorted(asked) == ["AP", "P"]


def test_an_undecided_amplifier_counts_as_its_sign_says(cell, small_amplifier):
    # A resolution far above all spread makes every access undecided, and changes no error.
    cell = cell.replace(device=cell.device.replace(tunnel_magnetoresistance=0.2))
    sensing = sense(cell, small_amplifier.replace(resolution_V=0.1, output_swing_V=1.0))
    assert min(sensing.undecided.values()) == pytest.approx(1.0, abs=1e-3)
    decided = sense(cell, small_amplifier)
    for pattern in sensing.patterns:
        assert sensing.error_static[pattern] == pytest.approx(decided.error_static[pattern], rel=1e-3)


def test_more_read_current_disturbs_more(cell, amplifier, and_two):
    stronger = sense(cell.replace(read_current_per_row_A=16e-6), amplifier)
    assert stronger.read_disturb_probability > and_two.read_disturb_probability


def test_equal_answers_for_equal_questions(cell, amplifier, and_two):
    assert sense(cell, amplifier).figures() == and_two.figures()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rows": 4}, "rows must be a whole number from 1 to 3"),
        ({"operation": "AMD"}, "Did you mean 'AND'"),
        ({"operation": "READ"}, "READ senses one row"),
        ({"temperature_K": -5.0}, "temperature_K must be a number in 200..500 K"),
        ({"temperature_K": math.nan}, "temperature_K must be a number in 200..500 K"),
        ({"temperature_K": 27.0}, "27 degC is 300 K"),
        ({"temperature_K": "hot"}, "temperature_K must be a number"),
        ({"cell": "2t1r_45nm"}, r"cell must come from Cell.load\(...\); instead received the str"),
        ({"amplifier": None}, r"amplifier must come from SenseAmp.load\(...\)"),
    ],
)
def test_a_mistaken_argument_is_told_in_a_sentence(cell, amplifier, changes, sentence):
    arguments = {"cell": cell, "amplifier": amplifier, **changes}
    with pytest.raises(InputError, match=sentence):
        sense(arguments.pop("cell"), arguments.pop("amplifier"), **arguments)


def test_a_level_outside_the_amplifiers_range_is_told_in_a_sentence(cell, amplifier):
    with pytest.raises(InputError, match=r"outside 0\.\.0\.2 V where it works"):
        sense(cell, amplifier.replace(common_mode_maximum_V=0.2))


@pytest.mark.parametrize(
    "normals", [[0.0, 0.0, 0.0], [[0.0, 0.0]], [[0.0, 0.0, math.nan]], [[math.inf, 0.0, 0.0]]]
)
def test_column_deviates_of_another_shape_are_refused(and_two, normals):
    with pytest.raises(InputError, match=r"shape \(columns, 3\)|must be one or more numbers"):
        and_two.column_errors(normals)


def test_a_wider_reset_transistor_is_sooner_done_and_its_gate_costs_more(cell, amplifier, and_two):
    wide = sense(cell.replace(reset_transistor=cell.reset_transistor.replace(width_m=2e-6)), amplifier)
    assert wide.delay_split_s["reset"] < and_two.delay_split_s["reset"]
    assert wide.energy_split_J["reset"] == pytest.approx(2.0 * and_two.energy_split_J["reset"])
    assert wide.error_static == and_two.error_static


def test_a_junction_without_magnetoresistance_is_refused(cell, amplifier):
    flat = cell.replace(device=cell.device.replace(tunnel_magnetoresistance=0.0))
    with pytest.raises(InputError, match="nothing to"):
        sense(flat, amplifier)


def test_normals_that_are_no_numbers_are_told(and_two):
    with pytest.raises(InputError, match="standard_normals must be one or more numbers"):
        and_two.column_errors("x")


def test_a_failure_beyond_saturation_next_to_the_reference_is_refused(cell, amplifier):
    # Thresholds that spread by 60 mV shut one transistor in some before the level of the other falls.
    wild = cell.read_transistor.replace(matching_V_m=8.5e-9)
    with pytest.raises(InputError, match="too strongly curved for `sense`"):
        sense(cell.replace(read_transistor=wild), amplifier)
    swept = sense_sweep(cell, amplifier, threshold_sigma_V=[0.014, 0.06, 0.3])
    assert swept.refused.tolist() == [False, True, True]
