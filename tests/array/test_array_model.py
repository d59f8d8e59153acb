"""The array model on a real cell and amplifier: from circuit figures to chips and costs."""

import dataclasses
import math

import numpy as np
import pytest
from nearly import near

from spinpim.array.executor import execute
from spinpim.array.fault_kinds import Faults
from spinpim.array.faults import draw_layer
from spinpim.array.ledger import cost
from spinpim.array.mapping import map_layer
from spinpim.array.model import ArrayModel
from spinpim.array.organise import Choices
from spinpim.array.periphery.process import process
from spinpim.array.protection import Majority
from spinpim.circuit import Cell, SenseAmp, sense
from spinpim.device import Device
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.params import parse
from spinpim.params.array_file import ArrayFile, load_array
from spinpim.params.changed_numbers import BANDS, at_band, with_numbers


@pytest.fixture(scope="module")
def cell():
    return Cell.load("2t1r_45nm", device=Device.load("in_plane_y_memory"))


@pytest.fixture(scope="module")
def make(cell):
    def build(amplifier="strongarm_minimum_45nm", *, write=(3, 10_000), **changes):
        return ArrayModel(cell, SenseAmp.load(amplifier), write=Estimate.from_counts(*write), **changes)

    return build


@pytest.fixture(scope="module")
def array(make):
    return make()


def test_fixed_faults_are_as_frequent_as_the_circuit_says(array, chosen):
    # 4,000 columns with four rows each; the spread between columns is taken from the draw, 5 standard errors.
    layer = chosen.layer(np.random.default_rng(1), fan=(1, 4000), filters=4, coding=("unsigned", 1))
    mapping = map_layer(layer, 1, rows=256, columns=16)
    drawn = draw_layer(layer, mapping, Faults(array.sensing), seed=3, chip=0, layer_number=0)
    population = np.array([array.sensing.error_static[pattern] for pattern in ("00", "01", "10", "11")])
    expected = np.where(
        layer.weight_codes, population[2] + population[3], population[0] + population[1]
    ).sum()
    normals = np.random.default_rng(2).standard_normal((250, 16, 3))
    normals[:, :, 1] = normals[:, :1, 1]
    by_column = array.sensing.column_errors(normals.reshape(4000, 3))[0] @ [2, 2, 2, 2]
    spread = np.sqrt(250) * np.std(by_column.reshape(250, 16).sum(axis=1)) + np.sqrt(expected)
    assert abs(drawn.stuck_pairs - expected) < 5 * spread
    assert drawn.stuck_pairs > 100


def test_a_vote_of_three_meets_the_same_cells_three_times(array, chosen):
    layer = chosen.layer(np.random.default_rng(1), fan=(1, 400), filters=4)
    mapping = map_layer(layer, 1, rows=256, columns=128)
    place = {"seed": 3, "chip": 0, "layer_number": 0}
    once, voted = (
        draw_layer(layer, mapping, Faults(array.sensing), one, **place).groups[0].flip_rates
        for one in (None, Majority())
    )
    seen = once > 1e-12
    assert np.all(voted[seen] < once[seen])
    assert np.all(voted[seen] > Majority().residual(once[seen]))
    assert seen.sum() > 100


def test_patterns_keep_their_order_from_the_circuit_to_the_chip(array):
    assert array.sensing.patterns == ("00", "01", "10", "11")


def test_a_poor_amplifier_costs_accuracy_and_a_good_one_does_not(make, small_network, small_images):
    poor = execute(small_network, *small_images, make(), seed=1)
    good = execute(small_network, *small_images, make("strongarm_45nm", write=(0, 10**9)), seed=1)
    assert poor.changed[0] > 0.2
    assert good.changed[0] < 0.05
    assert poor.stuck_pairs[0] > 10 * good.stuck_pairs[0]


def test_the_conservative_write_error_is_used(make, small_network, small_images):
    # No failure among 1,000 trials still means up to 3 in 1,000.
    run = execute(small_network, *small_images, make("strongarm_45nm", write=(0, 1000)), seed=1)
    assert run.failed_activation_writes[0] > 0


def test_longer_bit_lines_sense_more_slowly(make):
    short, long = make(rows=64), make(rows=512)
    assert short.sensing.delay_s < long.sensing.delay_s
    assert short.prices().row_cycle_s < long.prices().row_cycle_s


def test_the_cell_is_kept_with_the_bit_line_of_the_sub_array(make, cell):
    short = make(rows=64)
    assert short.cell.bit_line_cells == short.rows == 64
    assert short.cell.bit_line_capacitance_F < cell.bit_line_capacitance_F
    length = next(record for record in short.records if record.key == "bit_line.cells")
    assert (length.value_si, length.status) == (64.0, "assumed")
    assert short.sensing.levels_V == sense(short.cell, short.amplifier).levels_V


def test_all_columns_of_a_sub_array_share_its_reference_however_many_there_are(make):
    narrow, wide = make(columns=32), make(columns=256)
    assert (narrow.cell.reference_shared_by, wide.cell.reference_shared_by) == (32, 256)
    assert narrow.prices().reference_energy_J == near(wide.prices().reference_energy_J)


def test_heat_makes_sensing_worse(make):
    assert make(temperature_K=400.0).sensing.error_static["11"] > make().sensing.error_static["11"]


def test_the_cost_takes_its_prices_from_cell_and_amplifier(array, cell, small_network):
    prices = array.prices()
    whole_row_J = array.columns * prices.sense_energy_J + prices.reference_energy_J
    assert whole_row_J == near(array.columns * array.sensing.energy_J)
    # The gates of a row are charged by its word lines.
    assert 0.9 * cell.write_energy_supply_J() < prices.write_energy_J < cell.write_energy_supply_J()
    settings = cell.device.write
    pulse_s = settings.rise_time_s + settings.width_s + settings.fall_time_s
    assert prices.write_time_s == near(pulse_s + settings.mtj_extra_time_s)
    total = cost(array, small_network)
    assert total.network == "small"
    activations = sum(line.mapping.row_activations for line in total.layers)
    sensing_J = total.sensed_pairs * prices.sense_energy_J + activations * prices.reference_energy_J
    assert total.energy_breakdown_J["sensing"] == near(sensing_J)


def test_every_number_is_on_record(array, cell):
    keys = [record.key for record in array.records]
    assert "free_layer.damping" in keys
    assert "low_standby_power.off_current_n_300K" in keys
    assert "high_performance.supply_voltage" not in keys
    assert len(keys) == sum(
        len(part)
        for part in (
            cell.device.records,
            cell.records,
            array.amplifier.records,
            load_array("array_45nm").records(),
            process("cmos_45nm").records,
        )
    )
    assert 0 < array.assumed_count < len(keys)


@pytest.mark.parametrize("node", ["cmos_65nm", "cmos_32nm", "cmos_28nm", "cmos_22nm"])
def test_the_periphery_follows_node_and_flavour(make, node):
    base = make()
    text = base.technology.text.replace(
        '"cmos_45nm"\nflavour = "low_standby_power"\nwires', f'"{node}"\nflavour = "high_performance"\nwires'
    )
    other = make(technology=parse(ArrayFile, text, base.technology.path))
    ours, theirs = base.prices(), other.prices()
    assert (theirs.cmos.name, theirs.cmos.flavour) == (node, "high_performance")
    assert theirs.sub_array.leakage_W > 100 * ours.sub_array.leakage_W
    assert theirs.sub_array.decode_delay_s < ours.sub_array.decode_delay_s
    assert theirs.finished.area == near((int(node[5:7]) / 45) ** 2)
    assert (theirs.finished.energy < 1) == (node != "cmos_65nm")
    assert ours.finished == (1.0, 1.0, 1.0)
    assert theirs.sense_energy_J == ours.sense_energy_J


def test_a_technology_that_is_not_there_is_told(make):
    text = make().technology.text.replace('technology = "cmos_45nm"', 'technology = "cmos_44nm"', 1)
    with pytest.raises(InputError, match="No technology is called 'cmos_44nm'"):
        make(technology=parse(ArrayFile, text, "mine.toml"))


def test_a_changed_copy_senses_anew(array):
    taller = dataclasses.replace(array, rows=512)
    assert taller.sensing.delay_s > array.sensing.delay_s


def test_mistakes_are_told_in_a_sentence(cell, make):
    amplifier, write = SenseAmp.load("strongarm_45nm"), Estimate.from_counts(0, 10)
    with pytest.raises(InputError, match=r"cell must come from Cell\.load"):
        ArrayModel("2t1r_45nm", amplifier, write=write)
    with pytest.raises(InputError, match=r"amplifier must come from SenseAmp\.load"):
        ArrayModel(cell, "strongarm_45nm", write=write)
    with pytest.raises(InputError, match="write must come from write_error_rate"):
        ArrayModel(cell, amplifier, write=1e-6)
    with pytest.raises(InputError, match="technology must come from load_array"):
        make(technology="array_45nm")
    for name in ("rows", "columns"):
        for value in (3, 10**6, 128.0, True):
            with pytest.raises(InputError, match=rf"{name} must be a whole number from 4 to 65536"):
                make(**{name: value})


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("lanes = { value = 16,", "lanes = { value = 2.5,", "digital_unit.lanes"),
        ("capacity = { value = 1048576,", "capacity = { value = 100.5,", "buffer.capacity"),
        ("digit_places = { value = 16,", "digit_places = { value = 15.9,", "counter.digit_places"),
    ],
)
def test_a_count_of_an_array_file_that_is_not_whole_is_refused(old, new, key):
    text = load_array("array_45nm").text
    assert text.count(old) == 1
    with pytest.raises(InputError, match=f"{key} is .*it is a count and must be a whole number"):
        parse(ArrayFile, text.replace(old, new), "mine.toml")


def test_what_belongs_to_other_designs_is_assumed_with_its_source(array):
    own = [record for record in array.technology.records() if record.source]
    assert len(own) > 5
    assert {record.status for record in own} == {"assumed"}


def test_model_and_prices_are_shown_in_a_line_or_two(array):
    assert repr(array).startswith("ArrayModel(device='in_plane_y_memory', cell='2t1r_45nm', amplifier=")
    assert len(repr(array)) < 250
    assert len(repr(array.prices())) < 350


def test_swapped_arguments_of_cost_are_told_in_a_sentence(array, small_network):
    with pytest.raises(InputError, match="array must be of the kind ArrayModel, as in cost"):
        cost(small_network, array)
    with pytest.raises(InputError, match="network must be of the kind Network"):
        cost(array, "digits_w1a4")


def recalibrated(array, **factors):
    numbers = {f"calibration.{key}": value for key, value in factors.items()}
    technology = with_numbers(array.technology, numbers)
    return dataclasses.replace(array, technology=technology)


def test_each_factor_of_the_calibration_acts_where_its_name_says(array, small_network):
    as_modelled = cost(array, small_network)
    doubled = {
        key: cost(recalibrated(array, **{key: 2.0}), small_network)
        for key in type(array.technology.calibration).expectations()
    }

    def energy_ratios(key):
        before, after = as_modelled.energy_breakdown_J, doubled[key].energy_breakdown_J
        return {name: after[name] / before[name] for name in before if before[name]}

    around = {"decoding", "word lines", "precharge", "counting", "shifting and adding", "bus"}
    for key, twice in (
        ("sensing_energy", {"sensing"}),
        ("write_energy", {"activation writes"}),
        ("periphery_energy", around),
    ):
        found = energy_ratios(key)
        assert {name for name, ratio in found.items() if ratio > 1.9} == twice
        assert all(ratio == near(2.0 if name in twice else 1.0) for name, ratio in found.items())
        assert doubled[key].latency_per_image_s == as_modelled.latency_per_image_s
    for key in ("sensing_delay", "periphery_delay"):
        assert 1.1 < doubled[key].latency_per_image_s / as_modelled.latency_per_image_s < 2.0
    leaking = energy_ratios("periphery_leakage")
    prices, unit = array.prices(), array.technology.digital_unit
    buffer = array.technology.buffer
    others_W = prices.finished.leakage * (
        unit.lanes.si * unit.lane_leakage.si + buffer.capacity.si * buffer.bit_leakage.si
    )
    once, twice = 0.0, 0.0
    for layer in as_modelled.layers:
        held_W = layer.mapping.sub_arrays * prices.sub_array.leakage_W
        once += layer.latency_s * (held_W + others_W)
        twice += layer.latency_s * (2.0 * held_W + others_W)
    assert leaking["leakage"] == near(twice / once)
    assert all(ratio == 1.0 for name, ratio in leaking.items() if name != "leakage")
    area = doubled["periphery_area"].area_breakdown_m2
    for name in ("row periphery", "counters"):
        assert area[name] == near(2.0 * as_modelled.area_breakdown_m2[name])
    # With the corner between two strips, each twice as deep.
    below = area["column periphery"] / as_modelled.area_breakdown_m2["column periphery"]
    assert 2.0 < below < 4.0
    for name in ("cells", "buffer", "digital unit"):
        assert area[name] == as_modelled.area_breakdown_m2[name]


def test_the_organisations_are_calibrated_as_the_ledger_is(array):
    choices = Choices(rows=(64,), columns=(64,), mux=(1,))
    before = array.optimise(choices=choices).best
    after = recalibrated(array, sensing_energy=2.0, write_energy=3.0).optimise(choices=choices).best
    split = before.sub_array.energy_split_J, after.sub_array.energy_split_J
    assert split[1]["sensing"] == near(2.0 * split[0]["sensing"])
    assert split[1]["counting"] == split[0]["counting"]
    assert 1.0 < after.write_energy_J / before.write_energy_J < 3.0
    wider = recalibrated(array, periphery_area=2.0).optimise(choices=choices).best
    assert wider.area_m2 > 1.2 * before.area_m2


def test_bounds_of_the_array_enclose_its_cost(array, small_network):
    found = [
        cost(dataclasses.replace(array, technology=at_band(array.technology, band)), small_network)
        for band in BANDS
    ]
    for name in ("energy_per_image_J", "latency_per_image_s", "area_m2"):
        low, nominal, high = (getattr(one, name) for one in found)
        assert low < nominal < high


def test_sums_that_outlast_power_cuts_are_written_at_each_addition(array, small_network):
    text = array.technology.text.replace("[counter]", '[counter]\nsums_kept = "each_addition"')
    keeping = dataclasses.replace(array, technology=parse(ArrayFile, text, "mine.toml"))
    kept, lost = cost(keeping, small_network), cost(array, small_network)
    each_J = 2.0 * array.prices().write_energy_J
    for layer in kept.layers:
        mapping = layer.mapping
        counted = math.ceil(math.log2(min(mapping.elements, mapping.columns) + 1))
        places = counted + mapping.weight_bits + mapping.activation_bits
        written_J = mapping.row_activations * places * each_J
        assert layer.energy_breakdown_J["keeping sums"] == near(written_J)
    assert kept.area_breakdown_m2["counters"] > lost.area_breakdown_m2["counters"]
    assert kept.latency_per_image_s >= lost.latency_per_image_s
    fast = dataclasses.replace(keeping.prices(), sense_delay_s=1e-12)
    assert fast.row_cycle_s == near(max(fast.sub_array.count_delay_s, fast.write_time_s))


def test_an_array_file_without_calibration_is_as_modelled(array, small_network):
    text = array.technology.text
    plain = parse(ArrayFile, text[: text.index("[calibration]")], "mine.toml")
    found = cost(dataclasses.replace(array, technology=plain), small_network)
    assert found.energy_per_image_J == cost(array, small_network).energy_per_image_J
