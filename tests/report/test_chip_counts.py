"""Counts of faults and protections: in every form of a result where they were asked for, and only there."""

import dataclasses

import numpy as np
import pytest

from spinpim.array import Parity, cost, execute
from spinpim.report.chip_counts import PROTECTION_COUNTS, WORDS, chip_rows, told_counts
from spinpim.report.page import report_html
from spinpim.report.summary import summary
from spinpim.report.terminal import main_figures
from spinpim.study.robustness import cost_of, faults_of, protection_of
from spinpim.study.settings import PROTECTIONS, ChainSettings

IMAGES = 20


def executed(result, **options):
    """The same result with the chips of other settings, on few images."""
    settings = dataclasses.replace(result.settings, images=IMAGES, **options)
    dataset = result.dataset.spread(IMAGES)

    def again(part):
        faults, protection = faults_of(settings, part.array), protection_of(settings)
        run = execute(
            result.network,
            dataset.images,
            dataset.labels,
            part.array,
            seed=3,
            chips=2,
            faults=faults,
            protection=protection,
        )
        return dataclasses.replace(part, run=run)

    chosen = again(result.chosen)
    return dataclasses.replace(
        result,
        settings=settings,
        dataset=dataset,
        chosen=chosen,
        minimum=again(result.minimum),
        cost=cost_of(chosen.array, result.network, chosen.run),
    )


@pytest.fixture(scope="module")
def worn(chain_result):
    """A parity, stuck cells, and so many images before that even tiny disturbs have flipped digits."""
    return executed(
        chain_result, protection="parity", word=16, stuck_at_0=1e-3, stuck_at_1=2e-3, images_before=2**53
    )


def test_a_run_without_faults_or_protection_tells_of_none(chain_result, report, stored):
    assert list(chip_rows(chain_result)) == []
    assert "chips" not in summary(chain_result)
    assert "Faults and protection" not in report
    with stored(chain_result) as file:
        assert not {*file["execution/chosen"]} & {*WORDS, "check_columns"}


def test_everything_that_was_asked_for_is_in_the_summary(worn):
    for part, run in (
        (summary(worn)["chips"], worn.chosen.run),
        (summary(worn)["minimum_amplifier"]["chips"], worn.minimum.run),
    ):
        assert part["protection"] == "parity"
        assert (part["word"], part["check_columns"]) == (16, run.check_columns)
        assert (part["stuck_at_0"], part["stuck_at_1"], part["images_before"]) == (1e-3, 2e-3, 2**53)
        assert part["stuck_cells"] == run.stuck_cells.mean() > 0
        for name in PROTECTION_COUNTS["parity"]:
            assert part[name] == pytest.approx(np.mean(getattr(run, name)))
        assert part["wrong_words"] > 0


def test_everything_that_was_asked_for_is_in_the_data_file_chip_by_chip(worn, stored):
    with stored(worn) as file:
        group = file["execution/minimum"]
        assert group.attrs["protection"] == "Parity(word=16, rereads=1)"
        assert file.attrs["setting_stuck_at_1"] == 2e-3
        for name in told_counts(worn.settings):
            assert np.array_equal(group[name][()], getattr(worn.minimum.run, name))


def test_everything_that_was_asked_for_is_on_the_page_and_in_the_terminal(worn):
    text = report_html(worn)
    terminal = dict(main_figures(worn))
    for label, chosen, *_ in chip_rows(worn):
        assert f'scope="row">{label}</th>' in text
        assert terminal[label] == chosen
    for words in (
        "parity, words of 16 columns",
        "0.001 at 0 and 0.002 at 1",
        "9,007,199,254,740,992 images before",
        "executed on weight cells",
        "spread evenly over the test part",
        "--protection parity --word 16 --stuck-at-0 0.001 --stuck-at-1 0.002",
    ):
        assert words in text, words
    assert "Read disturb and undecided answers are not executed" not in text


@pytest.mark.parametrize("name", PROTECTIONS)
def test_the_cost_has_the_protection(chain_result, name):
    result = executed(chain_result, protection=name)
    run, protection = result.chosen.run, protection_of(result.settings)
    assert run.protection == protection
    rereads = float(run.rereads_per_word.mean()) if isinstance(protection, Parity) else None
    wanted = cost(result.chosen.array, result.network, protection, rereads_per_word=rereads)
    assert result.cost.energy_per_image_J == wanted.energy_per_image_J
    assert (result.cost.energy_per_image_J > chain_result.cost.energy_per_image_J) == (name != "none")
    assert list(told_counts(result.settings)) == list(PROTECTION_COUNTS[name])


def test_every_count_has_words():
    options = {"stuck_at_0": 0.1, "images_before": 0}
    told = {name for one in PROTECTIONS for name in told_counts(ChainSettings(protection=one, **options))}
    assert told == set(WORDS)
