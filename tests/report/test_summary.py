from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from spinpim.report.summary import summary

PATTERNS = {"00", "01", "10", "11"}


@pytest.fixture(scope="module")
def figures(chain_result):
    return summary(chain_result)


def test_the_keys_are_exactly_those_documented(figures, chain_result):
    sensing = {"operation", "levels_V", "margin_V", "error_static", "error_temporal", "delay_s", "energy_J"}
    accuracy = {"ideal", "faulty_mean", "faulty_std", "chips", "images"}
    assert set(figures) == {
        *("schema", "seed", "versions", "device", "sensing", "network", "accuracy", "cost"),
        *("minimum_amplifier", "write_error_used", "dataset"),
    }
    assert set(figures["versions"]) == {"python", "spinpim", "numpy", "scipy", "numba", "h5py"}
    assert set(figures["device"]) == {
        *("name", "thermal_stability", "resistance_p_ohm", "resistance_ap_ohm", "write_error_rate"),
        *("write_energy_channel_J", "write_energy_supply_J", "assumed_parameters"),
    }
    assert set(figures["device"]["write_error_rate"]) == {
        *("value", "low", "high", "confidence", "method"),
    }
    assert set(figures["sensing"]) == sensing
    assert set(figures["network"]) == {
        *("name", "weight_bits", "activation_bits", "macs_per_image", "and_operations_per_image"),
    }
    assert figures["dataset"] == {"name": "digits", "split": "test"}
    assert set(figures["accuracy"]) == accuracy
    assert set(figures["cost"]) == {
        *("energy_per_image_J", "latency_per_image_s", "area_m2", "energy_breakdown_J"),
    }
    assert set(figures["minimum_amplifier"]) == {"name", "sensing", "accuracy"}
    assert set(figures["minimum_amplifier"]["sensing"]) == sensing
    assert set(figures["minimum_amplifier"]["accuracy"]) == accuracy
    assert set(figures["cost"]["energy_breakdown_J"]) == set(chain_result.cost.energy_breakdown_J)
    for by_pattern in ("levels_V", "error_static", "error_temporal"):
        assert set(figures["sensing"][by_pattern]) == PATTERNS


def test_it_survives_json_without_any_change(figures):
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_it_holds_plain_python_numbers_only(figures):
    def leaves(value):
        return (
            [leaf for part in value.values() for leaf in leaves(part)] if isinstance(value, dict) else [value]
        )

    assert {type(leaf) for leaf in leaves(figures)} == {str, int, float, bool}


def test_the_accuracies_follow_from_the_predictions(figures, chain_result):
    for part, run in (
        (figures["accuracy"], chain_result.chosen.run),
        (figures["minimum_amplifier"]["accuracy"], chain_result.minimum.run),
    ):
        right = [float(np.mean(chip == run.labels)) for chip in run.predictions]
        assert part["faulty_mean"] == pytest.approx(sum(right) / len(right))
        assert part["faulty_std"] == pytest.approx(abs(right[0] - right[1]) / 2**0.5)
        assert part["chips"] == 2
        assert part["images"] == len(run.labels)


def test_one_chip_has_no_deviation(chain_result):
    run = chain_result.chosen.run
    single = dataclasses.replace(run, predictions=run.predictions[:1])
    part = dataclasses.replace(chain_result.chosen, run=single)
    assert summary(dataclasses.replace(chain_result, chosen=part))["accuracy"]["faulty_std"] == 0.0


def test_the_breakdown_adds_up_to_the_energy(figures):
    assert sum(figures["cost"]["energy_breakdown_J"].values()) == pytest.approx(
        figures["cost"]["energy_per_image_J"], rel=1e-12
    )


def test_a_figure_that_json_cannot_hold_is_refused_by_name(chain_result):
    energy = dataclasses.replace(chain_result.write_energy, supply_J=float("inf"))
    with pytest.raises(ValueError, match=r"device\.write_energy_supply_J is inf"):
        summary(dataclasses.replace(chain_result, write_energy=energy))


def test_it_says_which_write_error_the_chips_had(chain_result, uncounted_result):
    estimate = chain_result.write_error
    assert 0.0 < estimate.low < estimate.value < estimate.high < 1e-5
    assert summary(chain_result)["write_error_used"] == {"value": estimate.value, "is_upper_bound": False}
    bound = uncounted_result.write_error.high
    assert summary(uncounted_result)["write_error_used"] == {"value": bound, "is_upper_bound": True}
