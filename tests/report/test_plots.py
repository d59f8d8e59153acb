from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ElementTree

import matplotlib
import numpy as np
import pytest

from spinpim.report import plots

FIGURES = {
    "write_trajectories": lambda r: plots.write_trajectories(r.device, r.trajectories),
    "switching_probability": lambda r: plots.switching_probability(r.table, r.device, r.write_error),
    "sense_levels": lambda r: plots.sense_levels(r.chosen, r.minimum),
    "sensing_errors": lambda r: plots.sensing_errors(r.chosen, r.minimum),
    "chip_accuracy": lambda r: plots.chip_accuracy(r.chosen, r.minimum),
    "cost_breakdown": lambda r: plots.cost_breakdown(r.cost, r.chosen.sensing),
}


@pytest.fixture(scope="module", params=FIGURES)
def picture(request, chain_result):
    return request.param, FIGURES[request.param](chain_result)


def test_each_figure_is_sound_svg_of_moderate_size(picture):
    _, svg = picture
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert 5_000 < len(svg) < 450_000


def test_each_figure_refers_to_nothing_outside(picture):
    _, svg = picture
    assert all(target.startswith(("#", "data:image/png")) for target in re.findall(r'href="([^"]*)"', svg))
    assert "url(http" not in svg


def test_each_figure_is_the_same_when_drawn_again(picture, chain_result):
    name, svg = picture
    assert FIGURES[name](chain_result) == svg


def test_drawing_changes_no_setting_of_matplotlib_and_follows_none(chain_result):
    first = FIGURES["chip_accuracy"](chain_result)
    with matplotlib.rc_context({"lines.linewidth": 9.0, "font.size": 30.0, "axes.facecolor": "red"}):
        before = dict(matplotlib.rcParams)
        assert FIGURES["chip_accuracy"](chain_result) == first
        assert dict(matplotlib.rcParams) == before


def test_a_failed_trial_is_drawn_apart(chain_result):
    motion = chain_result.trajectories["AP"]
    failed = motion.magnetisation.copy()
    failed[0] = [0.0, 0.0, 1.0]
    result = dataclasses.replace(motion, magnetisation=failed)
    plain, marked = (plots.write_trajectories(chain_result.device, {"AP": one}) for one in (motion, result))
    assert plots.ORANGE not in plain
    assert plots.ORANGE in marked


def test_errors_below_the_floor_are_drawn_and_none_is_lost(chain_result):
    def with_errors(part, value):
        sensing = dataclasses.replace(part.sensing, error_static=dict.fromkeys(part.sensing.patterns, value))
        return dataclasses.replace(part, sensing=sensing)

    marks = {
        value: plots.sensing_errors(with_errors(chain_result.chosen, value), chain_result.minimum).count(
            "<use"
        )
        for value in (0.0, 1e-300, 1e-9, 1.0)
    }
    assert len(set(marks.values())) == 1
    assert plots.ERROR_FLOOR_EXPONENT == -18


def test_thousands_of_chips_stay_small(chain_result):
    run = chain_result.chosen.run
    rng = np.random.default_rng(0)
    many = np.where(rng.random((5000, run.images)) < 0.1, 0, run.ideal_predictions)
    part = dataclasses.replace(chain_result.chosen, run=dataclasses.replace(run, predictions=many))
    assert len(plots.chip_accuracy(part, chain_result.minimum)) < 300_000


def test_names_from_files_are_never_read_as_formulas_or_drawn_without_glyphs(hostile_result):
    ElementTree.fromstring(plots.cost_breakdown(hostile_result.cost, hostile_result.chosen.sensing))


def test_the_nearest_pattern_has_the_smallest_margin(chain_result):
    for sensing in (chain_result.chosen.sensing, chain_result.minimum.sensing):
        assert sensing.margins_V[plots.nearest_pattern(sensing)] == sensing.margin_V
