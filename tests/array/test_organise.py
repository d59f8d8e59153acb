"""The search over organisations: what is best is the smallest, what is on the front is beaten by none."""

import dataclasses
import math

import pytest
from nearly import near

from spinpim.array.model import ArrayModel
from spinpim.array.organise import Choices, Organisation, pareto_front
from spinpim.array.periphery.sub_array import Plan
from spinpim.circuit import Cell, SenseAmp, sense
from spinpim.device import Device
from spinpim.errors import InputError
from spinpim.estimate import Estimate

FEW = Choices(rows=(64, 256), columns=(64, 256), mux=(1, 4))


def model(device=None, amplifier="strongarm_45nm", **changes):
    device = device or Device.load("perpendicular_memory_60nm")
    cell = Cell.load("2t1r_45nm", device=device)
    return ArrayModel(
        cell.replace(**changes), SenseAmp.load(amplifier), write=Estimate.from_counts(0, 100_000)
    )


@pytest.fixture(scope="module")
def found():
    return model().optimise(choices=FEW)


def one(energy, delay, area):
    return Organisation(Plan(2, 2), "", "", 1, 1, energy, delay, area, 0.0, 0.0, 0.0, 0.0, None)


def beats(a, b):
    pairs = [(a.energy_J, b.energy_J), (a.delay_s, b.delay_s), (a.area_m2, b.area_m2)]
    return all(x <= y for x, y in pairs) and any(x < y for x, y in pairs)


@pytest.mark.parametrize("objective", ["energy", "delay", "area", "product"])
def test_the_best_is_the_smallest_and_lies_on_the_front(objective):
    result = model().optimise(objective, choices=FEW)
    smallest = min(one.objective(objective) for one in result.organisations)
    assert result.best.objective(objective) == smallest
    assert result.best in result.front


def test_the_front_is_beaten_by_none_and_beats_all_others(found):
    assert len(found.organisations) == 8
    for other in found.organisations:
        beaten = any(beats(kept, other) for kept in found.front)
        assert beaten != (other in found.front)


def test_the_front_of_given_points_is_known():
    a, b, c = one(1.0, 3.0, 2.0), one(2.0, 1.0, 2.0), one(2.0, 2.0, 1.0)
    dominated = [one(2.0, 3.0, 2.0), one(2.0, 2.0, 2.0), one(9.0, 9.0, 9.0)]
    assert pareto_front([dominated[0], c, b, dominated[1], a, dominated[2]]) == (a, b, c)
    assert pareto_front([a, dataclasses.replace(a)]) == (a,)


def test_sensing_and_writing_are_those_of_the_circuit(found):
    array = model()
    for organisation in found.organisations:
        plan = organisation.plan
        if plan.mux > 1:
            continue
        cell = array.cell.replace(bit_line_cells=plan.rows, reference_shared_by=plan.columns)
        column = sense(cell, array.amplifier, operation="AND", rows=2)
        figures = organisation.sub_array
        assert figures.delay_split_s["sensing"] == column.delay_s
        assert figures.energy_split_J["sensing"] == near(plan.columns * column.energy_J)
        assert organisation.write_energy_J > cell.write_energy_supply_J()
        assert organisation.error_static == near(max(column.error_static.values()))


def test_a_clamp_charges_its_references_as_sense_does():
    array = model(amplifier="current_clamp_45nm")
    organisation = array.optimise(choices=Choices(rows=(64,), columns=(32,), mux=(1,))).best
    cell = array.cell.replace(bit_line_cells=64, reference_shared_by=32)
    column = sense(cell, array.amplifier, operation="AND", rows=2)
    assert organisation.sub_array.energy_split_J["sensing"] == near(32 * column.energy_J)


def test_switches_load_the_bit_line(found):
    by_mux = {o.plan.mux: o for o in found.organisations if (o.plan.rows, o.plan.columns) == (256, 256)}
    assert by_mux[4].sub_array.delay_split_s["sensing"] > by_mux[1].sub_array.delay_split_s["sensing"]


def test_every_grid_has_the_capacity_asked_for(found):
    for organisation in found.organisations:
        cells = organisation.plan.rows * organisation.plan.columns
        assert organisation.down * organisation.across * cells >= 1 << 20
        assert organisation.area_m2 == near(
            organisation.down * organisation.across * organisation.sub_array.area_m2
        )
        assert organisation.product == near(
            math.prod((organisation.energy_J, organisation.delay_s, organisation.area_m2))
        )


def test_the_array_responds_to_the_junction():
    alone = Choices(rows=(256,), columns=(128,), mux=(1,))
    device = Device.load("perpendicular_memory_60nm")
    base = model(device).optimise(choices=alone).best
    less = model(device.replace(tunnel_magnetoresistance=0.5 * device.tunnel_magnetoresistance))
    low = device.replace(resistance_area_product_ohm_m2=0.9 * device.resistance_area_product_ohm_m2)
    for changed in (less, model(low), model(device, read_current_per_row_A=7e-6)):
        other = changed.optimise(choices=alone).best
        assert abs(other.energy_J / base.energy_J - 1) > 0.02
        assert other.delay_s != base.delay_s


def test_fast_transistors_trade_leakage_for_delay():
    choices = Choices((256,), (128,), (1,), flavours=("high_performance", "low_standby_power"))
    fast, standby = model().optimise(choices=choices).organisations
    assert fast.delay_s < standby.delay_s
    assert fast.leakage_W > 1e3 * standby.leakage_W


def test_what_cannot_be_sensed_is_told_and_left_out():
    narrow = model()
    device = narrow.cell.device
    tall = device.replace(resistance_area_product_ohm_m2=3 * device.resistance_area_product_ohm_m2)
    array = dataclasses.replace(narrow)
    object.__setattr__(array, "cell", narrow.cell.replace(device=tall))
    with pytest.raises(InputError, match=r"No organisation can be sensed\. 64 rows, 1 columns per amplifier"):
        array.optimise(choices=Choices((64,), (64,), (1,)))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"objective": "speed"}, "objective must be one of energy, delay, area, product"),
        ({"capacity": 0}, "capacity must be a whole number from 1"),
        ({"choices": Choices(rows=(0,))}, "rows must be a whole number from 1"),
        ({"choices": Choices(columns=(8,), mux=(16,))}, "a mux must divide the columns"),
        ({"choices": Choices(rows=())}, "No organisation can be built"),
        ({"choices": Choices(flavours=("fast",))}, "flavour must be one of"),
        ({"choices": Choices(technologies=("cmos_44nm",))}, "No technology is called"),
    ],
)
def test_what_is_not_on_offer_is_refused_in_a_sentence(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        model().optimise(**{"objective": "energy", **arguments})


def test_a_cold_array_leaks_less():
    cold = Device.load("perpendicular_memory_60nm").replace(temperature_K=250.0)
    alone = Choices(rows=(256,), columns=(128,), mux=(1,))
    assert model(cold).optimise(choices=alone).best.leakage_W < model().optimise(choices=alone).best.leakage_W
