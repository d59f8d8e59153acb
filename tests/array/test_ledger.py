"""The ledger: sums, counts times prices, and what must follow from them."""

import dataclasses
import math

import pytest
from example_networks import random_network, residual_network
from nearly import near

from spinpim.array.geometry import sub_array
from spinpim.array.ledger import network_cost
from spinpim.array.mapping import map_network
from spinpim.array.periphery.bank import repeated
from spinpim.array.periphery.process import process
from spinpim.array.periphery.scaling import Scale
from spinpim.array.periphery.sub_array import CellLoad
from spinpim.array.prices import Prices
from spinpim.errors import InputError
from spinpim.network.digital_work import digital_work, largest_waiting_bits
from spinpim.params import parse
from spinpim.params.array_file import ArrayFile, load_array


@pytest.fixture(scope="module")
def prices():
    technology, cmos = load_array("array_45nm"), process("cmos_45nm")
    return Prices(
        sense_energy_J=10e-15,
        sense_delay_s=0.8e-9,
        reference_energy_J=200e-15,
        write_energy_J=300e-15,
        write_time_s=1.2e-9,
        settle_time_s=2e-9,
        sub_array=sub_array(
            32,
            16,
            cmos=cmos,
            load=CellLoad(4e-7, 3.5e-7, 3e-16, 1e-15, 2e-16, 5e3, 1.0, 1.2, 3e-4, 1.2),
            amplifier_area_m2=4e-12,
        ),
        technology=technology,
        cmos=cmos,
    )


@pytest.fixture(scope="module")
def mappings(small_network):
    return map_network(small_network, rows=32, columns=16)


def changed(prices, old, new):
    """The same prices with one line of the technology file changed."""
    path = prices.technology.path
    text = path.read_text()
    assert text.count(old) == 1
    return dataclasses.replace(prices, technology=parse(ArrayFile, text.replace(old, new), path))


def test_energies_and_areas_sum_exactly(small_network, mappings, prices):
    total = network_cost(small_network, mappings, prices)
    assert total.energy_per_image_J == math.fsum(total.energy_breakdown_J.values())
    assert total.area_m2 == math.fsum(total.area_breakdown_m2.values())
    assert total.energy_per_image_J == near(sum(layer.energy_J for layer in total.layers), rel=1e-14)
    in_layers = sum(layer.area_m2 for layer in total.layers)
    shared = total.area_breakdown_m2["digital unit"] + total.area_breakdown_m2["buffer"]
    assert total.area_m2 == near(in_layers + shared, rel=1e-14)
    assert total.latency_per_image_s == math.fsum(layer.latency_s for layer in total.layers)
    assert total.interval_per_image_s <= total.latency_per_image_s


def test_every_component_is_positive_and_named_once(small_network, mappings, prices):
    total = network_cost(small_network, mappings, prices)
    for layer in total.layers:
        assert layer.energy_breakdown_J.keys() == total.energy_breakdown_J.keys()
        given = dict(layer.energy_breakdown_J)
        assert given.pop("keeping sums") == 0.0
        assert all(value > 0.0 for value in given.values())


@pytest.mark.parametrize(
    ("price", "component", "count"),
    [
        ("sense_energy_J", "sensing", lambda m: m.and_operations + m.correction_operations),
        ("reference_energy_J", "sensing", lambda m: m.row_activations),
        ("write_energy_J", "activation writes", lambda m: m.activation_bits_written),
    ],
)
def test_a_price_is_paid_as_often_as_the_mapping_counts(
    small_network, mappings, prices, price, component, count
):
    base = network_cost(small_network, mappings, prices)
    dearer = dataclasses.replace(prices, **{price: getattr(prices, price) + 1e-15})
    raised = network_cost(small_network, mappings, dearer)
    rise = 1e-15 * sum(count(mapping) for mapping in mappings)
    assert raised.energy_per_image_J - base.energy_per_image_J == near(rise, rel=1e-9)
    assert raised.energy_breakdown_J[component] - base.energy_breakdown_J[component] == near(rise)


def test_the_weight_load_stays_apart(small_network, mappings, prices):
    base = network_cost(small_network, mappings, prices)
    dearer = dataclasses.replace(prices, write_energy_J=prices.write_energy_J + 1e-15)
    raised = network_cost(small_network, mappings, dearer)
    stored = sum(mapping.stored_bits for mapping in mappings)
    assert raised.weight_load_energy_J - base.weight_load_energy_J == near(stored * 1e-15)


def test_time_is_rows_one_after_the_other(small_network, mappings, prices):
    total = network_cost(small_network, mappings, prices)
    for line in total.layers:
        m = line.mapping
        loads = math.ceil(m.windows / m.windows_held)
        sensing = m.serial_row_activations * prices.row_cycle_s
        writing = m.serial_row_writes * prices.row_write_s + loads * prices.settle_time_s
        assert line.latency_s == near(sensing + writing)


def test_the_slower_of_sensing_and_counting_sets_the_cycle(prices):
    slow = dataclasses.replace(prices, sense_delay_s=5e-9)
    assert slow.row_cycle_s > 5e-9
    fast = dataclasses.replace(prices, sense_delay_s=1e-12)
    assert fast.row_cycle_s == prices.sub_array.count_delay_s


def test_a_digital_unit_too_slow_holds_the_layer_up(small_network, mappings, prices):
    crawling = changed(prices, "clock_period = { value = 2,", "clock_period = { value = 9999,")
    total = network_cost(small_network, mappings, crawling)
    outputs = [mapping.windows * mapping.filters for mapping in mappings]
    expected = [math.ceil(n / 16) * 9.999e-6 for n in outputs]
    assert [line.latency_s for line in total.layers] == near(expected)


def test_a_bit_on_the_bus_charges_its_line_as_often_as_its_activity_says(prices):
    wire = prices.cmos.long
    bare_J = wire.capacitance_F_per_m * 1e-3 * prices.cmos.supply_V**2
    whole = 1e-3 * repeated(prices.cmos, wire).energy_J_per_m
    # The repeaters add to the wire about as much as it has.
    assert 1.3 * bare_J < whole < 2.5 * bare_J
    assert prices.transport_J_per_bit(1e-6) == near(0.25 * whole)
    assert prices.transport_J_per_bit(4e-6) == near(0.5 * whole)
    busy = changed(prices, "bus_activity = { value = 0.25,", "bus_activity = { value = 0.5,")
    assert busy.transport_J_per_bit(1e-6) == near(0.5 * whole)
    given = 'bus_length = { value = 3, unit = "mm", where = "drawn", status = "assumed" }\n\n[periphery]'
    fixed = changed(prices, "[periphery]", given)
    assert fixed.transport_J_per_bit(1e-6) == near(0.25 * 3 * whole)


@pytest.mark.parametrize("make", [random_network, residual_network])
def test_digital_unit_and_buffer_are_paid_for_what_they_do(make, prices):
    network = make(1)
    mappings = map_network(network, rows=32, columns=16)
    total = network_cost(network, mappings, prices)
    unit, buffer = prices.technology.digital_unit, prices.technology.buffer
    image = math.prod(network.input_shape) * network.input_coding.bits
    for line, work in zip(total.layers, digital_work(network), strict=True):
        m = line.mapping
        additions = work.additions + m.windows * m.filters * m.corrected + m.partial_sum_additions
        in_unit = (
            work.multiplications * unit.multiply_energy.si
            + additions * unit.add_energy.si
            + work.comparisons * unit.compare_energy.si
        )
        read = m.windows * m.elements * m.activation_bits * m.channel_groups
        written = work.kept_bits + image
        image = 0
        assert line.energy_breakdown_J["digital unit"] == near(in_unit)
        assert line.energy_breakdown_J["buffer"] == near((read + written) * buffer.access_energy.si)


def test_leakage_is_power_times_time(small_network, mappings, prices):
    total = network_cost(small_network, mappings, prices)
    technology = prices.technology
    shared = (
        technology.digital_unit.lanes.si * technology.digital_unit.lane_leakage.si
        + technology.buffer.capacity.si * technology.buffer.bit_leakage.si
    )
    for line in total.layers:
        power = line.mapping.sub_arrays * prices.sub_array.leakage_W + shared
        assert line.energy_breakdown_J["leakage"] == near(power * line.latency_s)


def test_digital_unit_and_buffer_follow_the_process(small_network, mappings, prices):
    base = network_cost(small_network, mappings, prices)
    scaled = network_cost(
        small_network,
        mappings,
        dataclasses.replace(prices, finished=Scale(energy=0.5, area=0.25, leakage=4.0)),
    )
    for name in ("digital unit", "buffer"):
        assert scaled.energy_breakdown_J[name] == near(0.5 * base.energy_breakdown_J[name])
        assert scaled.area_breakdown_m2[name] == near(0.25 * base.area_breakdown_m2[name])
    assert base.energy_breakdown_J["leakage"] < scaled.energy_breakdown_J["leakage"]
    for name in ("sensing", "counting", "activation writes"):
        assert scaled.energy_breakdown_J[name] == base.energy_breakdown_J[name]


def test_at_most_two_cells_are_disturbed_by_each_access(small_network, mappings, prices):
    total = network_cost(small_network, mappings, prices, 1e-12)
    pairs = sum(mapping.and_operations + mapping.correction_operations for mapping in mappings)
    assert total.sensed_pairs == pairs
    assert total.disturbed_cells_per_image_bound == near(2e-12 * pairs)
    assert total.energy_per_and_J * pairs == near(total.energy_per_image_J)


def test_a_buffer_too_small_is_refused(small_network, mappings, prices):
    tiny = changed(prices, "capacity = { value = 1048576", "capacity = { value = 100")
    with pytest.raises(InputError, match=r"buffer\.capacity is 100 bits"):
        network_cost(small_network, mappings, tiny)


def test_a_buffer_holds_what_waits_at_the_fullest_moment_and_not_a_bit_less(prices):
    network = residual_network(1)
    mappings = map_network(network, rows=32, columns=16)
    needed = largest_waiting_bits(network)
    network_cost(network, mappings, changed(prices, "{ value = 1048576", f"{{ value = {needed}"))
    with pytest.raises(InputError, match=f"needs {needed} for"):
        network_cost(network, mappings, changed(prices, "{ value = 1048576", f"{{ value = {needed - 1}"))
