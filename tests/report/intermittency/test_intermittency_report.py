"""The files of machines on harvested power: plain, complete, the same for the same result."""

import json
from html.parser import HTMLParser

import h5py
import numpy as np
import pytest
import typer.testing

from spinpim.cli import app
from spinpim.report.intermittency.page import survey_html
from spinpim.report.intermittency.record import PLAIN, SHARES, survey_record, write_survey
from spinpim.report.intermittency.terminal import print_tables, survey_with_progress
from spinpim.study.intermittency import break_even, policy_map
from spinpim.study.intermittency import start as start_module
from spinpim.study.intermittency.start import survey_of
from spinpim.study.intermittency_settings import IntermittentSettings

SETTINGS = IntermittentSettings(
    network="digits_w1a4",
    traces=("square:power_W=1e-4,period_s=0.1,duty=0.5", "square:power_W=1e-3,period_s=0.01,duty=0.5"),
    policies=("volatile", "windows:1", "additions", "flip_flops"),
    baselines=("yodann_65nm",),
    capacitances_F=(1e-8, 1e-6),
    duration_s=0.5,
    write_error=1e-6,
    map=True,
)


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start_module, "PERIODS_J", np.logspace(-8.0, -6.0, 3))
        patch.setattr(start_module, "WRITE_FACTORS", np.array([1e-3, 1.0]))
        patch.setattr(start_module, "MAP_POWERS_W", np.array([1e-4]))
        patch.setattr(start_module, "MAP_RATES_HZ", np.array([1.0, 100.0]))
        patch.setattr(start_module, "MAP_CAPACITORS_F", np.array([1e-10, 1e-6]))
        return survey_of(SETTINGS)


@pytest.fixture(scope="module")
def record(found):
    return json.loads(json.dumps(survey_record(found), allow_nan=False))


def test_the_record_has_every_run_with_every_figure(found, record):
    assert len(record["outcomes"]) == 2 * 2 * 5
    for entry, one in zip(record["outcomes"], found.survey.outcomes, strict=True):
        if one.result is None:
            assert "the store holds" in entry["refusal"]
            continue
        for name in (*PLAIN, *SHARES):
            assert entry[name] == getattr(one.result, name)
    assert any(entry["refusal"] for entry in record["outcomes"])
    assert record["machines"][1]["wake_J"] > 0.0
    assert record["break_even"]["policies"][-1] == "flip_flops"
    assert np.array(record["map"]["kept"]).shape == (4, 1, 2, 2)
    assert {"device", "array", "baseline yodann_65nm"} <= record["parameters"].keys()


def test_the_hdf5_file_holds_the_same(found, record, tmp_path):
    with h5py.File(tmp_path / "results.h5", "w") as file:
        write_survey(found, file)
        assert file.attrs["schema"] == record["schema"]
        policies = [one.decode() for one in file["outcomes/policy"][:]]
        assert policies == [entry["policy"] for entry in record["outcomes"]]
        images = file["outcomes/images"][:]
        for value, entry in zip(images, record["outcomes"], strict=True):
            assert (value == -1.0 and entry["refusal"]) or value == entry["images"]
        units = {name: dataset.attrs["units"] for name, dataset in file["outcomes"].items()}
        assert units["save_J"] == "J"
        assert units["capacitance_F"] == "F"
        assert units["images"] == "1"
        assert units["policy"] == "none"
        for place, one in enumerate(found.survey.outcomes):
            if one.result is not None:
                assert np.array_equal(file[f"events/{place}"][:], one.result.events)
        assert np.array_equal(file["map/kept"][:], found.map.kept)
        assert np.array_equal(file["break_even/progress"][:], found.curves.progress)
        assert file["traces/0"].attrs["name"] == SETTINGS.traces[0]


class Sound(HTMLParser):
    """Counts figures and tables, and refuses what the page must not have."""

    def __init__(self):
        super().__init__()
        self.tags = {}

    def handle_starttag(self, tag, attrs):
        assert tag != "script"
        self.tags[tag] = self.tags.get(tag, 0) + 1


def test_the_page_has_its_figures_and_tables_and_is_the_same_each_time(found):
    page = survey_html(found)
    parser = Sound()
    parser.feed(page)
    # By capacitor for each supply, timelines, curves, map.
    assert parser.tags["figure"] == 5
    assert parser.tags["table"] >= 2 + 4 + 2
    assert page == survey_html(found)
    for words in ("When keeping each sum pays", "Which policy is best where", "nothing works"):
        assert words in page


def test_the_command_writes_the_folder_and_says_who_cannot_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = "--network digits_w1a4 --duration 0.2 --write-error 1e-6 --capacitor 5e-7 --policy windows"
    law = "square:power_W=1e-4,period_s=0.1,duty=0.5"
    result = typer.testing.CliRunner().invoke(
        app,
        ["intermittent", *options.split(), "--trace", law, "--baseline", "yodann_65nm", "--out", "found"],
    )
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "found").iterdir()} == {
        "summary.json",
        "results.h5",
        "report.html",
    }
    assert "cannot work: yodann_65nm" in result.output
    assert result.output.rstrip().endswith("found")
    content = json.loads((tmp_path / "found" / "summary.json").read_text())
    assert content["command"].startswith("spinpim intermittent --network digits_w1a4 --trace square:")


def test_an_earlier_result_is_replaced_and_told(tmp_path, capsys):
    settings = IntermittentSettings(
        network="digits_w1a4",
        traces=SETTINGS.traces[:1],
        policies=("volatile",),
        capacitances_F=(1e-6,),
        duration_s=0.1,
        write_error=1e-6,
    )
    for _ in range(2):
        survey_with_progress(settings, tmp_path / "out")
    assert "was replaced" in capsys.readouterr().out


def test_what_the_page_draws_can_be_asked_for_alone(found):
    """Curves and map are those of the library calls."""
    memory = found.survey.memory
    curves = break_even(memory, found.curves.period_J, [1e-3, 1.0], policies=found.curves.policies)
    assert np.array_equal(curves.progress, found.curves.progress)
    chart = policy_map(
        memory,
        found.map.policies,
        mean_power_W=found.map.mean_power_W,
        failure_rate_Hz=found.map.failure_rate_Hz,
        capacitance_F=found.map.capacitance_F,
        storage=found.survey.storages[0],
        seed=SETTINGS.seed,
    )
    assert np.array_equal(chart.kept, found.map.kept)


def test_no_figure_is_cut_off_on_a_narrow_terminal(found, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    print_tables(found.survey)
    printed = capsys.readouterr().out
    assert "yodann_65nm" in printed
    assert "progress" in printed
    assert "…" not in printed
    assert "give a larger --capacitor or a larger --on." in printed
