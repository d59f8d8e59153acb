"""Other accelerators: sums, counts by hand, laws that must hold, refusals, and no published ratio."""

import dataclasses
import math
import re
from pathlib import Path

import pytest
from example_networks import random_network as example_network
from example_networks import residual_network
from hypothesis import given, settings
from hypothesis import strategies as st
from nearly import near

from spinpim.array.baselines import COMPONENTS, baseline_cost, chip_figures
from spinpim.array.baselines.binary_weight import binary_weight_machine, tree_adders
from spinpim.array.baselines.bitline import bitline_machine
from spinpim.array.baselines.constants import constants_of
from spinpim.array.baselines.crossbar import conversions_per_mac, crossbar_machine, crossbar_work
from spinpim.array.baselines.mac_array import mac_array_machine
from spinpim.array.baselines.node_scaling import ENERGY_POLYNOMIALS, area_factor, energy_factor
from spinpim.array.baselines.serial_counter import serial_counter_machine
from spinpim.array.baselines.workload import layer_works
from spinpim.array.counting import full_adders
from spinpim.errors import InputError
from spinpim.network import Network
from spinpim.network.architectures import random_network
from spinpim.network.digital_work import digital_work
from spinpim.params import BaselineFile, at_band, load_baseline, parse, shipped_names, with_numbers

NAMES = shipped_names(BaselineFile)
CROSSBARS = [name for name in NAMES if load_baseline(name).structure == "crossbar"]
SVHN_MACS = 41_735_424


def changed(name, **numbers):
    """A shipped baseline with other values of some keys, bounds left out."""
    file = load_baseline(name)
    text = file.text
    for key, value in numbers.items():
        text, count = re.subn(
            rf"^{key} = {{ value = [^,]+, (unit = \"[^\"]+\")(, low = [^,]+)?(, high = [^,]+)?",
            lambda found, k=key, v=value: f"{k} = {{ value = {v}, {found[1]}",
            text,
            flags=re.MULTILINE,
        )
        assert count == 1, key
    return parse(BaselineFile, text, "mine.toml")


def works_of(network, file, precision="matched"):
    return layer_works(network, constants_of(file, "nominal"), precision)


@pytest.fixture(scope="module")
def svhn():
    return random_network("svhn", weight_bits=1, activation_bits=4, seed=1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("precision", ["native", "matched"])
def test_every_line_and_component_sums_exactly(svhn, name, precision):
    found = baseline_cost(svhn, name, precision=precision)
    assert found.energy_per_image_J == math.fsum(found.energy_breakdown_J.values())
    assert found.energy_per_image_J == near(math.fsum(line.energy_J for line in found.layers), rel=1e-14)
    assert found.area_m2 == math.fsum(found.area_breakdown_m2.values())
    assert found.latency_per_image_s == math.fsum(line.latency_s for line in found.layers)
    assert 0.0 < found.interval_per_image_s <= found.latency_per_image_s
    assert [line.name for line in found.layers] == [layer.name for layer in svhn.layers]
    for line in found.layers:
        assert tuple(line.energy_breakdown_J) == COMPONENTS
        assert min(line.energy_breakdown_J.values()) >= 0.0
    assert sum(line.counts["macs"] for line in found.layers) == SVHN_MACS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("precision", ["native", "matched"])
def test_the_band_encloses_the_nominal_cost(svhn, name, precision):
    low, nominal, high = (
        baseline_cost(svhn, name, precision=precision, band=band) for band in ("low", "nominal", "high")
    )
    for figure in ("energy_per_image_J", "latency_per_image_s", "area_m2", "static_power_W"):
        assert getattr(low, figure) <= getattr(nominal, figure) <= getattr(high, figure)
    for component in COMPONENTS:
        energies = [one.energy_breakdown_J[component] for one in (low, nominal, high)]
        assert energies == sorted(energies)


@pytest.mark.parametrize("name", NAMES)
def test_native_precision_costs_no_less_than_a_network_of_fewer_digits(svhn, name):
    if name.startswith("reram_prime"):  # an image of 8 digits asks more than its native 6
        return
    native, matched = (baseline_cost(svhn, name, precision=one) for one in ("native", "matched"))
    assert native.energy_per_image_J >= matched.energy_per_image_J


def test_the_conversion_law_of_isaac_is_one_per_product_of_sixteen_digits():
    assert conversions_per_mac(8, 16, 128) == 1.0
    assert conversions_per_mac(4, 16, 128) == conversions_per_mac(8, 8, 128) == 0.5
    assert conversions_per_mac(8, 16, 256) == 0.5


def test_conversions_are_those_counted_by_hand_layer_by_layer(svhn):
    file = changed("reram_bit_serial_45nm", unit_columns=0)
    constants = constants_of(file, "nominal")
    for layer, windows, work in zip(svhn.layers, svhn.positions, works_of(svhn, file), strict=True):
        counted = 0
        for _ in range(layer.input_coding.bits):
            for first in range(0, layer.fan_in, 128):
                rows = range(first, min(first + 128, layer.fan_in))
                counted += windows * layer.out_channels * (len(rows) > 0)
        assert crossbar_work(work, constants).conversions == counted


def test_seventy_five_rows_of_one_hundred_and_twenty_eight_are_paid_as_a_whole_conversion(svhn):
    file = changed("reram_bit_serial_45nm", unit_columns=0)
    first = works_of(svhn, file)[0]
    assert first.elements == 75
    counted = crossbar_work(first, constants_of(file, "nominal"))
    assert counted.conversions == first.macs * 8 // 75
    assert counted.conversions > first.macs * conversions_per_mac(1, 8, 128)


def test_columns_of_ones_are_converted_once_per_crossbar_and_read(svhn):
    with_ones, without = (
        [crossbar_work(work, constants_of(file, "nominal")) for work in works_of(svhn, file)]
        for file in (
            load_baseline("reram_bit_serial_45nm"),
            changed("reram_bit_serial_45nm", unit_columns=0),
        )
    )
    for plus, plain in zip(with_ones, without, strict=True):
        assert plus.conversions - plain.conversions == plain.reads * plain.crossbars


def test_signs_in_two_crossbars_double_cells_and_drives_and_no_conversion(svhn):
    one, two = (
        [crossbar_work(work, constants_of(file, "nominal")) for work in works_of(svhn, file)]
        for file in (
            changed("reram_bit_serial_45nm", unit_columns=0),
            changed("reram_bit_serial_45nm", unit_columns=0, sign_arrays=2),
        )
    )
    for single, double in zip(one, two, strict=True):
        assert double.conversions == single.conversions
        assert double.cell_reads == 2 * single.cell_reads
        assert double.row_drives == 2 * single.row_drives
        assert double.crossbars == 2 * single.crossbars


@pytest.mark.parametrize(
    ("name", "price", "component", "count"),
    [
        ("isaac_32nm", "conversion_energy", "converters", "conversions"),
        ("isaac_32nm", "row_drive_energy", "row drive", "row drives"),
        ("isaac_32nm", "input_register_energy", "row drive", "row drives"),
        ("isaac_32nm", "cell_energy", "cells", "cell reads"),
        ("isaac_32nm", "shift_add_energy", "shift and add", "conversions"),
        ("sram_bitline_45nm", "and_energy", "cells", "sensed pairs"),
        ("sram_bitline_45nm", "write_energy", "activation writes", "written bits"),
        ("imce_like_45nm", "count_energy", "arithmetic", "sensed pairs"),
    ],
)
def test_a_price_is_paid_as_often_as_the_line_counts(svhn, name, price, component, count):
    file = load_baseline(name)
    once = constants_of(file, "nominal")[file.structure][price]
    dearer = changed(name, **{price: 2 * getattr(getattr(file, file.structure), price).value})
    found, raised = (baseline_cost(svhn, one, precision="native") for one in (file, dearer))
    for line, more in zip(found.layers, raised.layers, strict=True):
        paid = more.energy_breakdown_J[component] - line.energy_breakdown_J[component]
        assert paid == near(line.counts[count] * once, rel=1e-9)


@pytest.mark.parametrize(
    ("precision", "product_share", "digits"),
    [
        ("native", 1.0, (23, 25, 26, 26, 27, 27, 28, 25)),
        ("matched", 4 / 64, (16, 14, 15, 15, 16, 16, 17, 14)),
    ],
)
def test_a_multiply_accumulate_shrinks_with_its_digits(svhn, precision, product_share, digits):
    found = baseline_cost(svhn, "cmos_mac8_45nm", precision=precision)
    for number, (line, places) in enumerate(zip(found.layers, digits, strict=True)):
        share = product_share if number or precision == "native" else 8 / 64
        operands = line.weight_bits + line.activation_bits
        each = 0.2e-12 * share + 0.1e-12 * places / 32 + 9e-15 * (operands + places)
        assert line.energy_breakdown_J["arithmetic"] == near(line.counts["macs"] * each)


def test_the_buffer_is_paid_for_operands_and_for_what_is_handed_on(svhn):
    file = load_baseline("cmos_mac8_45nm")
    found = baseline_cost(svhn, file, precision="native")
    price = file.buffer.access_energy.si
    for line, work in zip(found.layers, works_of(svhn, file, "native"), strict=True):
        fetched = work.macs * (8 + 8) / 16
        assert line.counts["fetched bits"] == fetched
        handed_on = work.image_bits + work.kept_bits
        assert line.energy_breakdown_J["buffer"] == near((fetched + handed_on) * price)


def test_rows_are_driven_once_per_read_for_every_crossbar_across(svhn):
    constants = constants_of(load_baseline("isaac_32nm"), "nominal")
    for work in works_of(svhn, load_baseline("isaac_32nm"), "native"):
        across = math.ceil(work.filters * 8 / 128)
        drives = 0
        for _ in range(16):
            drives += work.windows * work.elements * across
        counted = crossbar_work(work, constants)
        assert counted.row_drives == drives
        assert counted.cell_reads == 16 * work.windows * work.elements * work.filters * 8
        assert counted.cells == work.elements * work.filters * 8
        assert counted.crossbars == across * math.ceil(work.elements / 128)


@pytest.mark.parametrize(
    ("numbers", "cycle_s"),
    [({}, 100e-9), ({"conversion_time": 2}, 256e-9), ({"columns_per_converter": 8, "read_time": 50}, 50e-9)],
)
def test_a_read_lasts_as_long_as_the_slower_of_cells_and_converters(svhn, numbers, cycle_s):
    found = baseline_cost(svhn, changed("isaac_32nm", **numbers), precision="native")
    for line, windows in zip(found.layers, svhn.positions, strict=True):
        assert line.latency_s == near(16 * windows * cycle_s)
    assert found.interval_per_image_s == max(line.latency_s for line in found.layers)


def test_programming_stays_apart_and_pays_every_cell_once(svhn):
    found = baseline_cost(svhn, "isaac_32nm", precision="native")
    assert found.weight_load_energy_J == near(2_080_272 * 8 * 0.6e-12)
    assert found.weight_load_time_s == near(128 * 41.4e-9)


@settings(max_examples=10, deadline=None)
@given(images=st.integers(2, 50), name=st.sampled_from(NAMES))
def test_energy_is_linear_in_images(images, name):
    # Windows of further images are further windows; only activations kept for them grow beside.
    file = load_baseline(name)
    network = example_network(1)
    constants = constants_of(file, "nominal")
    single = layer_works(network, constants, "native")
    many = [dataclasses.replace(work, windows=images * work.windows) for work in single]
    corrected = [layer.weight_coding.constant != 0 for layer in network.layers]
    machine = {
        "crossbar": lambda works: crossbar_machine("", works, constants),
        "mac_array": lambda works: mac_array_machine("", works, constants),
        "binary_weight": lambda works: binary_weight_machine("", works, constants),
        "bitline": lambda works: bitline_machine("", works, corrected, constants),
        "serial_counter": lambda works: serial_counter_machine("", works, corrected, constants),
    }[file.structure]
    for one, all_of_them in zip(machine(single).layers, machine(many).layers, strict=True):
        for component in ("converters", "row drive", "cells", "arithmetic", "shift and add"):
            assert all_of_them.energy_breakdown_J[component] == near(
                images * one.energy_breakdown_J[component], rel=1e-12
            )
        # Idle units of the last clock of an image are the first of the next.
        assert one.latency_s <= all_of_them.latency_s <= images * one.latency_s * (1.0 + 1e-12)


@settings(max_examples=40, deadline=None)
@given(
    elements=st.integers(1, 4),
    filters=st.integers(1, 64),
    weight_bits=st.integers(1, 4),
    activation_bits=st.integers(1, 4),
)
def test_halved_digits_take_half_the_conversions(elements, filters, weight_bits, activation_bits):
    base = conversions_per_mac(weight_bits, activation_bits, 128 * elements)
    assert conversions_per_mac(2 * weight_bits, activation_bits, 128 * elements) == 2 * base
    assert conversions_per_mac(weight_bits, 2 * activation_bits, 128 * elements) == 2 * base
    assert conversions_per_mac(weight_bits, activation_bits, 256 * elements) * 2 == base
    assert base * filters > 0.0


@settings(max_examples=20, deadline=None)
@given(bits=st.integers(1, 8), halves=st.integers(0, 3))
def test_conversions_of_a_layer_are_proportional_to_its_digits(bits, halves):
    weight_bits = 8 >> halves
    network = random_network("lenet5", weight_bits=weight_bits, activation_bits=bits, seed=1)
    file = changed("reram_bit_serial_45nm", unit_columns=0)
    constants = constants_of(file, "nominal")
    for work in works_of(network, file)[1:]:
        unit = work.outputs * -(-work.elements // 128)
        assert crossbar_work(work, constants).conversions == unit * weight_bits * bits


@settings(max_examples=15, deadline=None)
@given(rows=st.sampled_from([32, 64, 128, 256, 512, 1024]))
def test_more_rows_per_conversion_never_take_more_conversions(rows):
    network = example_network(1)
    fewer, more = (
        sum(
            crossbar_work(work, constants_of(file, "nominal")).conversions for work in works_of(network, file)
        )
        for file in (
            changed("reram_bit_serial_45nm", rows=rows),
            changed("reram_bit_serial_45nm", rows=2 * rows),
        )
    )
    assert more <= fewer


@settings(max_examples=60, deadline=None)
@given(
    nodes=st.tuples(st.sampled_from(sorted(ENERGY_POLYNOMIALS)), st.sampled_from(sorted(ENERGY_POLYNOMIALS))),
    low=st.floats(0.7, 1.19),
    step=st.floats(0.005, 0.5),
)
def test_a_larger_node_or_supply_takes_more_energy(nodes, low, step):
    small, large = sorted(nodes)
    high = min(1.2, low + step)
    assert energy_factor(small * 1e-9, low, large * 1e-9, low) >= 1.0
    assert energy_factor(large * 1e-9, low, large * 1e-9, high) > 1.0
    assert area_factor(small * 1e-9, large * 1e-9) >= 1.0
    there_and_back = energy_factor(small * 1e-9, low, large * 1e-9, high) * energy_factor(
        large * 1e-9, high, small * 1e-9, low
    )
    assert there_and_back == near(1.0)


def test_numbers_are_scaled_only_where_the_node_differs_and_the_record_says_so(svhn):
    as_given = baseline_cost(svhn, "isaac_32nm")
    assert as_given.scaling == "Numbers as given, at 32 nm and 1 V."
    carried = baseline_cost(svhn, "reram_bit_serial_45nm")
    assert carried.scaling.startswith("Energies times 1.58 and areas times 1.98, from 32 nm and 1 V to 45 nm")
    at_home = baseline_cost(svhn, changed("reram_bit_serial_45nm", node=32))
    ratio = energy_factor(32e-9, 1.0, 45e-9, 1.0)
    for component in COMPONENTS:
        scale = 1.0 if component in ("cells", "static") else ratio
        assert carried.energy_breakdown_J[component] == near(scale * at_home.energy_breakdown_J[component])
    assert carried.area_m2 == near((45 / 32) ** 2 * at_home.area_m2)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"node": 28}, "between the nodes 32, 45, 65 nm; the baseline has 28 nm"),
        ({"supply": 0.5}, "between supplies of 0.7 and 1.2 V; the baseline has 0.5 V"),
    ],
)
def test_a_node_or_supply_outside_the_scaling_is_told(svhn, numbers, sentence):
    with pytest.raises(InputError, match=sentence):
        baseline_cost(svhn, changed("reram_bit_serial_45nm", **numbers))


def test_the_chip_figures_of_isaac_follow_from_its_components():
    chip = chip_figures(load_baseline("isaac_32nm"))
    assert chip.power_W == near(65.8, rel=0.01)
    assert chip.area_m2 == near(85.4e-6, rel=0.01)
    assert chip.operations_per_s_m2 == near(478.95e15, rel=0.02)
    assert chip.operations_per_J == near(627.5e9, rel=0.01)
    without = chip_figures(load_baseline("isaac_32nm"), link=False)
    assert without.energy_per_bit_operation_J == near(10.3e-15, rel=0.03)


def test_the_power_of_yodann_follows_from_adders_and_registers():
    core = chip_figures(load_baseline("yodann_65nm"))
    assert core.operations_per_s == near(1510e9, rel=0.01)
    assert core.power_W == near(153e-3, rel=0.05)
    low, high = (chip_figures(load_baseline("yodann_65nm"), band=band) for band in ("low", "high"))
    assert low.power_W < 153e-3 < high.power_W


def test_the_counted_parts_of_yodann_are_less_than_its_whole_area():
    areas = [chip_figures(load_baseline("yodann_65nm"), band=band).area_m2 for band in ("low", "nominal")]
    assert max(areas) < 1.9e-6
    assert areas[1] == near(1.9e-6, rel=0.25)


def test_a_tree_has_one_adder_less_than_operands():
    for operands in (2, 3, 49, 50, 128):
        one_bit_growth = tree_adders(operands, 12) - tree_adders(operands, 11)
        assert one_bit_growth == operands - 1


def test_yodann_takes_two_filters_per_unit_where_the_kernel_is_small():
    network = random_network("svhn", weight_bits=1, activation_bits=4, seed=1)
    found = baseline_cost(network, "yodann_65nm")
    # conv1: 18 x 18 windows, 48 channels, 64 filters of 3 x 3 in one block of 64.
    assert found.layers[1].counts["clocks"] == 18 * 18 * 48
    # Seven by seven would halve it: one filter per unit.
    single = baseline_cost(network, changed("yodann_65nm", shared_kernel=1))
    assert single.layers[1].counts["clocks"] == 2 * 18 * 18 * 48


def test_units_without_a_filter_are_silent():
    file = load_baseline("yodann_65nm")
    constants = constants_of(file, "nominal")
    work = works_of(random_network("svhn", weight_bits=1, activation_bits=4, seed=1), file)[1]
    assert work.filters == 64
    more = dataclasses.replace(work, filters=96)
    one, two = (binary_weight_machine("", [each], constants).layers[0] for each in (work, more))
    assert two.counts["clocks"] == 2 * one.counts["clocks"]
    assert two.energy_breakdown_J["arithmetic"] == near(1.5 * one.energy_breakdown_J["arithmetic"])


@pytest.mark.parametrize("name", ["isaac_32nm", "reram_bit_serial_45nm", "reram_prime_like_45nm"])
def test_the_same_accelerator_costs_more_at_a_larger_node(svhn, name):
    costs = [baseline_cost(svhn, changed(name, node=node)) for node in (32, 45, 65)]
    for figure in ("energy_per_image_J", "area_m2"):
        figures = [getattr(cost, figure) for cost in costs]
        assert figures == sorted(figures)
        assert len(set(figures)) == 3


def test_static_memory_leaks_everywhere_and_junctions_only_where_they_work(svhn):
    for name, everywhere in (("sram_bitline_45nm", True), ("imce_like_45nm", False)):
        file = load_baseline(name)
        found = baseline_cost(svhn, file)
        section = constants_of(file, "nominal")[file.structure]
        buffer = constants_of(file, "nominal")["buffer"]
        always = buffer["capacity"] * buffer["bit_leakage"]
        total = sum(line.counts["arrays"] for line in found.layers)
        for line in found.layers:
            leaking = total if everywhere else line.counts["arrays"]
            power = always + leaking * section["leakage"]
            assert line.energy_breakdown_J["static"] == near(power * line.latency_s)


def test_a_serial_counter_waits_for_its_columns(svhn):
    file = load_baseline("imce_like_45nm")
    found = baseline_cost(svhn, file)
    first = found.layers[0]
    section = constants_of(file, "nominal")["serial_counter"]
    rows_per_filter_group = 48 + (svhn.layers[0].weight_coding.constant != 0)
    serial = svhn.positions[0] * 8 * rows_per_filter_group
    writing = svhn.positions[0] * 8 * section["row_write_time"]
    assert first.latency_s == near(serial * 75 * section["count_time"] + writing)


def test_weights_that_do_not_fit_come_from_outside_and_those_that_fit_do_not(svhn):
    file = load_baseline("cmos_mac8_45nm")
    native, matched = (baseline_cost(svhn, file, precision=one) for one in ("native", "matched"))
    weights = 2_080_272
    assert sum(line.counts["external bits"] for line in native.layers) == 8 * weights
    assert native.energy_breakdown_J["external memory"] == near(8 * weights * 30e-12)
    assert native.weight_load_energy_J == 0.0
    assert matched.energy_breakdown_J["external memory"] == 0.0
    assert matched.weight_load_energy_J == near(weights * (30e-12 + 156e-15))


@pytest.mark.parametrize("name", NAMES)
def test_networks_with_branches_and_groups_have_a_cost(name):
    network = residual_network(1)
    found = baseline_cost(network, name, precision="native")
    assert found.energy_per_image_J > 0.0
    assert found.assumed_count == load_baseline(name).assumed_count
    assert found.records == load_baseline(name).records()


@pytest.mark.parametrize(
    ("name", "numbers", "sentence"),
    [
        ("isaac_32nm", {"tiles": 2}, r"needs \d+ crossbars and the chip has 192\."),
        ("sram_bitline_45nm", {"sub_arrays": 3}, r"needs \d+ sub-arrays and the chip has 3\."),
        ("imce_like_45nm", {"sub_arrays": 3}, r"needs \d+ sub-arrays and the chip has 3\."),
        ("cmos_mac8_45nm", {"capacity": 1000}, "the buffers hold 1000 bits; network"),
    ],
)
def test_a_network_too_large_is_told(svhn, name, numbers, sentence):
    with pytest.raises(InputError, match=sentence):
        baseline_cost(svhn, changed(name, **numbers), precision="native")


@pytest.mark.parametrize("name", ["cmos_mac8_45nm", "yodann_65nm"])
def test_without_external_memory_the_weights_must_fit(svhn, name):
    text = re.sub(r"\[off_chip\]\n(.+\n)+", "", load_baseline(name).text)
    file = changed_text(text, capacity=400_000)
    with pytest.raises(InputError, match=r"Give the section \[off_chip\] or a larger"):
        baseline_cost(svhn, file)


def changed_text(text, capacity):
    text, count = re.subn(r"capacity = { value = \d+", f"capacity = {{ value = {capacity}", text)
    assert count == 1
    return parse(BaselineFile, text, "mine.toml")


def test_weights_of_more_than_one_digit_are_refused_by_binary_weights():
    network = random_network("lenet5", weight_bits=2, activation_bits=4, seed=1)
    with pytest.raises(InputError, match=r"yodann_65nm computes with weights of 1 digit; layer .* has 2"):
        baseline_cost(network, "yodann_65nm")
    assert baseline_cost(network, "yodann_65nm", precision="native").energy_per_image_J > 0.0


@pytest.mark.parametrize("name", ["sram_bitline_45nm", "imce_like_45nm"])
def test_too_few_rows_are_told(svhn, name):
    with pytest.raises(InputError, match="needs 9 weight rows and 8 activation rows in a sub-array of 8"):
        baseline_cost(svhn, changed(name, rows=8), precision="native")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"baseline": "quantum_45nm"}, "No baseline is called 'quantum_45nm'. Shipped are: cmos_mac8_45nm"),
        ({"network": "digits_w1a4"}, "network must be of the kind Network"),
        ({"precision": "half"}, "precision must be one of native, matched; instead received 'half'"),
        ({"band": "wide"}, "band must be one of low, nominal, high; instead received 'wide'"),
        ({"baseline": "array_45nm"}, "No baseline is called 'array_45nm'"),
        ({"baseline": 7}, "A baseline is loaded by name or path; instead received int"),
    ],
)
def test_a_bad_call_is_told(arguments, sentence):
    given = {"network": Network.load("digits_w1a4"), "baseline": "isaac_32nm"} | arguments
    with pytest.raises(InputError, match=re.escape(sentence)):
        baseline_cost(given.pop("network"), given.pop("baseline"), **given)


def test_zero_rows_are_told():
    with pytest.raises(InputError, match=r"crossbar.rows is 0, outside 1\.\."):
        changed("isaac_32nm", rows=0)
    with pytest.raises(InputError, match="rows must be at least 1; instead received 0"):
        conversions_per_mac(8, 16, 0)


def test_chip_figures_of_another_structure_are_refused():
    with pytest.raises(InputError, match="has the structure 'mac_array'; chip figures exist for"):
        chip_figures(load_baseline("cmos_mac8_45nm"))


def test_no_published_ratio_is_stored():
    models = Path(baseline_cost.__code__.co_filename).parent.glob("*.py")
    files = [load_baseline(name).path for name in NAMES]
    for path in [*models, *files]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\d.])(5\.4|9\.7|13\.5)(?![\d])", text), path


def test_sums_that_join_column_groups_are_paid_as_in_the_ledger_of_the_array(svhn):
    file = load_baseline("sram_bitline_45nm")
    constants = constants_of(file, "nominal")
    found = baseline_cost(svhn, file)
    last_conv = found.layers[6]
    # conv6: one window of 3200 elements in 13 groups of 256 columns, 512 filters and a row of ones.
    assert last_conv.name == svhn.layers[6].name
    groups = 13
    sums = 512 + 1
    additions = 512 + sums * (groups - 1) + digital_work(svhn)[6].additions
    work = digital_work(svhn)[6]
    unit = constants["digital_unit"]
    expected = (
        additions * unit["add_energy"]
        + work.multiplications * unit["multiply_energy"]
        + work.comparisons * unit["compare_energy"]
    )
    assert last_conv.energy_breakdown_J["digital unit"] == near(expected)
    moved = 3200 * 4 + sums * groups * (9 + 1 + 4)
    assert last_conv.energy_breakdown_J["bus"] == near(
        moved * constants["bus"]["bit_energy"] * math.sqrt(found.area_m2) / 1e-3
    )


def test_a_line_grows_with_the_chip_unless_the_file_says_no_length(svhn):
    file = load_baseline("yodann_65nm")
    large = with_numbers(file, {"buffer.capacity": 4 * file.buffer.capacity.si})
    small, wide = (baseline_cost(svhn, one) for one in (file, large))
    ratio = wide.energy_breakdown_J["bus"] / small.energy_breakdown_J["bus"]
    assert ratio == near(math.sqrt(wide.area_m2 / small.area_m2))
    tiled = load_baseline("isaac_32nm")
    assert tiled.bus.length is None
    more = with_numbers(tiled, {"crossbar.cell_area": 1e-12})
    before, after = (baseline_cost(svhn, one).energy_breakdown_J["bus"] for one in (tiled, more))
    assert before == after


def test_crossbars_pay_for_their_share_of_a_tile_that_leaks(svhn):
    file = at_band(load_baseline("isaac_32nm"), "high", {"crossbar.tile_leakage"})
    found = baseline_cost(svhn, file)
    for layer in found.layers:
        share_W = layer.counts["arrays"] / 96 * file.crossbar.tile_leakage.si
        assert layer.energy_breakdown_J["static"] == near(share_W * layer.latency_s)


def test_what_crosses_the_wires_of_crossbars_is_read_once_and_handed_on_once(svhn):
    file = load_baseline("isaac_32nm")
    bus, section = file.bus, file.crossbar
    found = baseline_cost(svhn, file, precision="native")
    # conv1: 18 x 18 windows of 432 elements, 64 filters, 16 digits in and out.
    read, handed_on = 18 * 18 * 432 * 16, 18 * 18 * 64 * 16
    line = found.layers[1]
    assert line.energy_breakdown_J["bus"] == near(
        read * bus.bit_energy.si + handed_on * bus.network_bit_energy.si
    )
    assert line.energy_breakdown_J["buffer"] == near((read + handed_on) * file.buffer.access_energy.si)
    # Its dot products lie in four crossbars each.
    assert line.energy_breakdown_J["shift and add"] == near(
        line.counts["conversions"] * section.shift_add_energy.si + 18 * 18 * 64 * 4 * section.result_energy.si
    )


def test_what_is_handed_on_has_the_digits_of_the_layer_that_takes_it(svhn):
    file = load_baseline("isaac_32nm")
    native, matched = (works_of(svhn, file, precision)[0] for precision in ("native", "matched"))
    assert (native.kept_bits, matched.kept_bits) == (18 * 18 * 48 * 16, 18 * 18 * 48 * 4)
    assert (native.image_bits, matched.image_bits) == (40 * 40 * 3 * 16, 40 * 40 * 3 * 8)


def test_operands_are_fetched_at_their_own_digits(svhn):
    found = baseline_cost(svhn, "cmos_mac8_45nm", precision="matched")
    for line in found.layers:
        operands = line.weight_bits + line.activation_bits
        assert line.counts["fetched bits"] == line.counts["macs"] * operands / 16


def test_binary_weights_that_the_filter_bank_cannot_hold_are_read_for_every_image(svhn):
    file = load_baseline("yodann_65nm")
    price = constants_of(file, "nominal")["buffer"]["access_energy"]
    found = baseline_cost(svhn, file)
    assert found.energy_breakdown_J["weight reload"] == near(2_080_272 * price)
    small = example_network(1)
    weights = sum(layer.weight_codes.size for layer in small.layers)
    assert weights < 32 * 32 * 49
    kept = baseline_cost(small, file)
    assert kept.energy_breakdown_J["weight reload"] == 0.0
    assert kept.weight_load_energy_J == near(weights * price)


def test_large_kernels_are_split_and_activations_read_once_per_block_of_filters():
    network = random_network("alexnet", weight_bits=1, activation_bits=4, seed=1)
    file = load_baseline("yodann_65nm")
    constants = constants_of(file, "nominal")
    found = baseline_cost(network, file)
    # conv1: 55 x 55 windows, 3 channels, 11 x 11 in four parts of 6 x 6, 96 filters in three blocks of 32.
    assert found.layers[0].counts["clocks"] == 55 * 55 * 3 * 4 * 3
    work = works_of(network, file)[0]
    bits = 227 * 227 * 3 * 8 * (3 + 1) + work.kept_bits  # three reads of the image, and its arrival
    assert found.layers[0].energy_breakdown_J["buffer"] == near(bits * constants["buffer"]["access_energy"])
    # conv2: two groups of 48 channels and 128 filters, 5 x 5, two filters per unit.
    assert found.layers[1].counts["clocks"] == 27 * 27 * 48 * 2 * 2


def test_adder_trees_count_every_row_of_static_memory(svhn):
    file = load_baseline("sram_bitline_45nm")
    section = file.bitline
    line = baseline_cost(svhn, file).layers[1]
    # conv1: 432 elements in groups of 256 and 176 columns; 64 filters and a row of ones, 18 x 18 windows.
    rows = 18 * 18 * 4 * (64 + 1)
    trees = full_adders(256) + full_adders(176)
    assert line.energy_breakdown_J["arithmetic"] == near(rows * trees * section.adder_energy.si)
    places = 9 + 1 + 4
    assert line.counts["row operations"] == 2 * rows
    assert line.energy_breakdown_J["shift and add"] == near(
        2 * rows * places * (section.adder_energy.si + section.register_energy.si)
    )


@pytest.mark.parametrize("name", ["cmos_mac8_45nm", "yodann_65nm"])
def test_a_batch_shares_what_is_read_of_weights_and_nothing_else(name):
    network = random_network("vgg8", weight_bits=1, activation_bits=4, seed=1)
    file = with_numbers(load_baseline(name), {"buffer.capacity": 1.2e7})
    single, shared = (baseline_cost(network, file, precision="native", batch=batch) for batch in (1, 4))
    before, after = single.energy_breakdown_J, shared.energy_breakdown_J
    for component in COMPONENTS:
        if component in ("external memory", "weight reload"):
            assert after[component] == near(before[component] / 4)
        else:
            assert after[component] == before[component]
    assert (shared.batch, single.batch) == (4, 1)
    assert shared.latency_per_image_s == single.latency_per_image_s


def test_a_batch_takes_a_larger_buffer():
    network = random_network("svhn", weight_bits=1, activation_bits=4, seed=1)
    with pytest.raises(InputError, match="buffer"):
        baseline_cost(network, "yodann_65nm", batch=4000)


def test_machines_that_keep_their_weights_gain_nothing_from_a_batch():
    network = random_network("lenet5", weight_bits=1, activation_bits=4, seed=1)
    single, shared = (baseline_cost(network, "isaac_32nm", batch=batch) for batch in (1, 8))
    assert single.energy_per_image_J == shared.energy_per_image_J


@pytest.mark.parametrize("batch", [0, 1.5, 5000, True])
def test_a_batch_is_a_whole_number(batch):
    network = random_network("lenet5", weight_bits=1, activation_bits=4, seed=1)
    with pytest.raises(InputError, match="batch"):
        baseline_cost(network, "isaac_32nm", batch=batch)
