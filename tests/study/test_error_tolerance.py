"""Accuracy against rates of wrong ANDs."""

import dataclasses

import numpy as np
import pytest

import spinpim as sp
from spinpim.array import Faults
from spinpim.array.even_errors import EvenErrors
from spinpim.errors import InputError
from spinpim.study.error_tolerance import Tolerance, tolerance

RATES = [1e-5, 3e-3, 0.3]


@pytest.fixture(scope="module")
def array():
    device = sp.Device.load("perpendicular_memory_60nm")
    cell, amplifier = sp.Cell.load("2t1r_45nm", device=device), sp.SenseAmp.load("strongarm_45nm")
    return sp.ArrayModel(cell, amplifier, write=sp.Estimate.from_counts(0, 1000))


@pytest.fixture(scope="module")
def digits():
    data = sp.load_dataset("digits")
    return data.images[:120], data.labels[:120]


@pytest.fixture(scope="module")
def found(array, digits):
    return tolerance(sp.Network.load("digits_w1a4"), *digits, array, seed=3, rates=RATES, chips=2)


def test_accuracy_falls_from_the_ideal_one_to_guessing(found):
    assert found.ideal_accuracy > 0.97
    for kind in ("static", "temporal"):
        assert found.accuracy(kind)[0] == pytest.approx(found.ideal_accuracy, abs=0.01)
        assert found.accuracy(kind)[-1] < 0.35
        low, high = found.interval(kind)
        assert np.all(low <= found.accuracy(kind))
        assert np.all(high >= found.accuracy(kind))
        assert RATES[0] < found.tolerated_rate(kind) < RATES[-1]


def test_each_point_is_the_run_of_chips_with_that_rate(found, array, digits):
    network = sp.Network.load("digits_w1a4")
    errors = Faults(columns=EvenErrors(static=RATES[1]))
    run = sp.execute(network, *digits, array, seed=3, chips=2, faults=errors)
    assert found.accuracy("static")[1] == run.accuracy.mean()
    errors = Faults(columns=EvenErrors(temporal=RATES[1]))
    run = sp.execute(network, *digits, array, seed=3, faults=errors)
    assert found.accuracy("temporal")[1] == run.accuracy[0]


def test_what_is_tolerated_lies_where_the_line_between_two_rates_loses_that_much():
    one = Tolerance(
        "any", 1, False, 1000, {}, np.array([1e-4, 1e-2]), 990, np.array([[990], [890]]), np.array([0, 0])
    )
    assert one.tolerated_rate("static", 0.05) == pytest.approx(1e-3)
    assert one.tolerated_rate("static", 0.2) == 1e-2
    assert one.tolerated_rate("temporal", 0.05) == 0.0
    assert dataclasses.replace(one, right_static=one.right_static - 60).tolerated_rate("static", 0.05) == 0.0


def test_a_loss_of_exactly_the_allowed_part_is_borne():
    rates = np.array([1e-3, 1e-2])
    for right in range(50, 101):
        one = Tolerance(
            "any",
            1,
            False,
            100,
            {},
            rates,
            right,
            np.array([[right - 1], [right - 1]]),
            np.array([right] * 2),
        )
        assert one.tolerated_rate("static") == 1e-2


def test_a_network_that_is_worse_without_errors_is_measured_against_its_best():
    rates = np.array([1e-3, 1e-2, 1e-1])
    one = Tolerance(
        "any", 1, False, 1000, {}, rates, 100, np.array([[100], [900], [100]]), np.array([0, 0, 0])
    )
    assert one.tolerated_rate("static") == 0.0


def test_lines_set_for_the_errors_bear_more_of_them(array, digits):
    network = sp.Network.load("digits_w1a4")
    plain, set_right = (
        tolerance(network, *digits, array, seed=3, rates=[0.02], chips=2, recentre=recentre)
        for recentre in (False, True)
    )
    assert set_right.ideal_accuracy == plain.ideal_accuracy
    assert set_right.accuracy("temporal")[0] > plain.accuracy("temporal")[0] + 0.2
    assert set_right.label == "digits_w1a4, lines set"


@pytest.mark.parametrize("rates", [[], [0.1, 0.1], [0.2, 0.1], [0.0, 0.1], [0.6], "all", [[0.1]]])
def test_rates_that_do_not_rise_within_their_range_are_refused(array, digits, rates):
    with pytest.raises(InputError, match="rates must"):
        tolerance(sp.Network.load("digits_w1a4"), *digits, array, seed=3, rates=rates)


def test_another_kind_of_error_is_refused(found):
    with pytest.raises(InputError, match="kind"):
        found.accuracy("both")
    with pytest.raises(InputError, match="loss"):
        found.tolerated_rate("static", 2.0)
