from __future__ import annotations

import dataclasses
import io
import json
import re

import h5py
import numpy as np
import pytest

from spinpim.params import load_cell, load_device
from spinpim.params.load import parameter_folder
from spinpim.report.results import write_results
from spinpim.report.summary import summary


@pytest.fixture(scope="module")
def file(chain_result, stored):
    with stored(chain_result) as opened:
        yield opened


def _datasets(file):
    found = []
    file.visititems(lambda name, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return found


def test_it_has_the_documented_groups_and_a_schema(file):
    assert file.attrs["schema"] == "spinpim-results/1"
    assert set(file) == {
        *("device", "trajectories", "switching", "sensing", "network", "execution", "cost", "parameters"),
    }
    assert set(file["sensing"]) == set(file["execution"]) == {"chosen", "minimum"}
    assert set(file["parameters"]) == {
        "device",
        "cell",
        "amplifier",
        "minimum_amplifier",
        "array",
        "technology",
    }


def test_every_dataset_tells_its_unit(file):
    datasets = _datasets(file)
    assert len(datasets) > 150
    for dataset in datasets:
        assert isinstance(dataset.attrs["units"], str), dataset.name
        assert dataset.attrs["units"], dataset.name


def test_the_unit_in_a_name_is_that_of_the_attribute(file):
    for dataset in _datasets(file):
        _, _, unit = dataset.name.rpartition("_")
        if unit in {"A", "V", "s", "J", "ohm", "T", "K"}:
            assert dataset.attrs["units"] == unit, dataset.name


def test_every_dimension_has_a_scale_of_its_length(file):
    for dataset in _datasets(file):
        if not dataset.is_scale:
            for dimension, length in zip(dataset.dims, dataset.shape, strict=True):
                assert len(dimension) == 1, dataset.name
                assert dimension[0].shape == (length,), dataset.name


def test_nothing_but_numbers_and_text_is_stored(file):
    for dataset in _datasets(file):
        plain = dataset.dtype.kind in "iuf"
        words = h5py.check_string_dtype(dataset.dtype)
        assert plain or (words is not None and words.encoding == "utf-8"), dataset.name


def test_the_attributes_say_how_it_was_made(file, chain_result):
    assert file.attrs["seed"] == 3
    assert file.attrs["setting_trials"] == 200
    assert file.attrs["setting_dataset"] == "digits"
    assert file.attrs["stop_reason_write_error"] == chain_result.write_error.stop_reason
    assert "--seed 3" in file.attrs["command"]
    assert {f"version_{name}" for name in summary(chain_result)["versions"]} <= set(file.attrs)


def test_the_write_error_keeps_its_method_and_coverage(file, chain_result, stored):
    estimate = chain_result.write_error
    assert estimate.method == "splitting"
    bounds = dataclasses.replace(estimate, method="fokker-planck", confidence=1.0, trials=0)
    with stored(dataclasses.replace(chain_result, write_error=bounds)) as other:
        for opened, wanted in ((file, estimate), (other, bounds)):
            group = opened["switching/write_error"]
            assert group.attrs["method"] == wanted.method
            assert group.attrs["confidence"] == wanted.confidence
            assert [group[name][()] for name in ("value", "low", "high", "trials")] == [
                *(wanted.value, wanted.low, wanted.high, wanted.trials),
            ]


def test_the_accuracy_can_be_computed_again_from_the_predictions(file, chain_result):
    figures = summary(chain_result)
    for group, wanted in (
        (file["execution/chosen"], figures["accuracy"]),
        (file["execution/minimum"], figures["minimum_amplifier"]["accuracy"]),
    ):
        right = group["predictions"][()] == group["labels"][()]
        assert right.mean() == pytest.approx(wanted["faulty_mean"])
        assert (group["ideal_predictions"][()] == group["labels"][()]).mean() == pytest.approx(
            wanted["ideal"]
        )


def test_the_costs_of_the_layers_add_up(file):
    cost = file["cost"]
    assert cost["layer_energy_J"][()].sum() == pytest.approx(cost["energy_per_image_J"][()])
    assert cost["layer_latency_s"][()].sum() == pytest.approx(cost["latency_per_image_s"][()])


def test_the_parameter_files_are_in_it_whole(file):
    for group, name in (
        ("device", "perpendicular_memory_60nm"),
        ("array", "array_45nm"),
        ("technology", "cmos_45nm"),
    ):
        text = (parameter_folder() / f"{name}.toml").read_text(encoding="utf-8")
        assert file[f"parameters/{group}/text"].asstr()[()] == text
    records = load_cell("2t1r_45nm").records()
    cell = file["parameters/cell"]
    assert cell["key"].asstr()[()].tolist() == [record.key for record in records]
    assert cell["value_si"][()].tolist() == [record.value_si for record in records]
    assert cell["status"].asstr()[()].tolist() == [record.status for record in records]


def test_a_parameter_file_edited_meanwhile_is_not_passed_off_as_what_was_used(chain_result, stored, tmp_path):
    original = load_device("perpendicular_memory_60nm").text
    edited = tmp_path / "perpendicular_memory_60nm.toml"
    edited.write_text(re.sub(r"(damping\s*=\s*\{ value = 0\.\d+)", r"\g<1>1", original))
    assert load_device(edited).records() != load_device("perpendicular_memory_60nm").records()
    settings = dataclasses.replace(chain_result.settings, device=str(edited))
    with stored(dataclasses.replace(chain_result, settings=settings)) as file:
        assert file["parameters/device/text"].asstr()[()] == ""
        assert len(file["parameters/device/key"]) == len(chain_result.device.records)


def test_text_that_hdf5_cannot_hold_is_made_storable(hostile_result, stored):
    with stored(hostile_result) as file:
        assert file["network"].attrs["title"].startswith("<script>")
        assert json.loads(file["network/training"].asstr()[()])["method"].startswith("<script>")


def test_equal_results_give_equal_bytes(chain_result):
    written = []
    for _ in range(2):
        buffer = io.BytesIO()
        with h5py.File(buffer, "w") as file:
            write_results(chain_result, file)
        written.append(np.frombuffer(buffer.getvalue(), np.uint8))
    assert np.array_equal(*written)
