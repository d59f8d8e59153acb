"""The three files of a comparison: plain, complete, the same for the same comparison."""

import csv
import dataclasses
import json
import math
import re
from html.parser import HTMLParser

import pytest
import typer.testing
from nearly import near

from spinpim.cli import app
from spinpim.errors import InputError
from spinpim.report.comparison.page import comparison_html
from spinpim.report.comparison.record import LEDGER_COLUMNS, comparison_record, ledger_rows
from spinpim.report.comparison.tables import (
    band_text,
    groups_table,
    machines_table,
    others,
    ratios_table,
    views_table,
    way_sentence,
)
from spinpim.report.comparison.terminal import compare_with_progress
from spinpim.study.comparison import GROUPS, Claimed, Ratio
from spinpim.study.comparison.claims import Step
from spinpim.study.comparison.start import comparison_of, networks_of
from spinpim.study.comparison_settings import ComparisonSettings

SETTINGS = ComparisonSettings(network="lenet5", bits="1:1,2:2", baselines=("isaac_32nm",))


@pytest.fixture(scope="module")
def found():
    return comparison_of(SETTINGS)


@pytest.fixture(scope="module")
def record(found):
    return json.loads(json.dumps(comparison_record(found, SETTINGS.command()), allow_nan=False))


def test_the_ledger_sums_to_every_energy_of_the_record(found, record):
    sums = {}
    for row in ledger_rows(found):
        entry = dict(zip(LEDGER_COLUMNS, row, strict=True))
        key = tuple(entry[name] for name in ("network", "machine", "precision", "band"))
        sums.setdefault(key, {}).setdefault(entry["component"], []).append(float(entry["energy_J"]))
    expected = {}
    for at in record["at_digits"]:
        for band, side in at["memory"].items():
            expected[at["network"], "array_45nm", "matched", band] = side["energy_per_image_J"]
        for one in at["baselines"]:
            for band, side in one["bands"].items():
                expected[at["network"], one["name"], one["precision"], band] = side["energy_per_image_J"]
    assert sums.keys() == expected.keys()
    for key, components in sums.items():
        # Exactly, summed as the ledger sums: layers of a component first.
        assert math.fsum(map(math.fsum, components.values())) == expected[key]


def test_the_record_tells_digits_bands_levers_and_claims(record):
    assert record["schema"] == "spinpim-comparison/1"
    assert record["command"] == SETTINGS.command()
    assert [(at["weight_bits"], at["activation_bits"]) for at in record["at_digits"]] == [(1, 1), (2, 2)]
    for at in record["at_digits"]:
        assert {one["name"] for one in at["baselines"]} == {
            "isaac_32nm",
            "reram_prime_like_45nm",
            "yodann_65nm",
        }
        assert len(at["claims"]) == len(at["levers"]) == 4
        assert all(one["bands"] or one["refusal"] for one in at["baselines"])
        for side in at["memory"].values():
            groups = side["energy_by_group_J"]
            assert sum(groups.values()) == near(side["energy_per_image_J"])
            assert side["on_equal_area"]["images_per_s"] > 0


def cells(markup, heading):
    """Cells of the row with that heading, as text."""
    (row,) = re.findall(rf'<th scope="row">{re.escape(heading)}</th>(.*?)</tr>', markup)
    return [re.sub(r"<[^>]*>", "", cell).replace("\xa0", " ") for cell in re.findall(r"<td>(.*?)</td>", row)]


def test_tables_say_what_the_machines_say_in_their_units(found):
    at = found.at_digits[0]
    memory = at.memory["nominal"]
    node, energy, rate, area, efficiency, enlarged = cells(machines_table(at), "this memory")
    assert node == "45 nm"
    low, high = (float(f"{1e9 * at.memory[band].energy_J:.3g}") for band in ("low", "high"))
    assert energy == f"{float(f'{1e9 * memory.energy_J:.3g}'):g} nJ ({low:g} nJ to {high:g} nJ)"
    assert rate == f"{1.0 / memory.interval_s:,.0f}"
    assert area.startswith(f"{1e6 * memory.area_m2:.3g} mm²")
    assert float(efficiency) == near(1e-6 / (memory.energy_J * memory.area_m2), rel=5e-3)
    assert enlarged == ""
    (isaac,) = [one for one in at.opponents if (one.name, one.precision) == ("isaac_32nm", "native")]
    row = cells(ratios_table(at), "isaac_32nm, native")
    assert row == [band_text(isaac.ratios[name]) for name in ("energy", "speed", "energy_and_area")]
    groups = cells(groups_table(at), "this memory")
    assert groups[0] == f"{float(f'{1e9 * memory.energy_by_group_J[next(iter(GROUPS))]:.3g}'):g} nJ"
    views = cells(views_table(at), "this memory")
    assert views[0] == f"{at.on_equal_area(memory).images_per_s:,.0f}"
    assert views[2] == f"{at.with_equal_capacity(memory).images_per_s:,.0f}"


def test_baselines_that_reach_a_claim_are_those_at_or_above_it(found):
    claim = dataclasses.replace(
        found.at_digits[0].claims[0], published=2.0, others=(("a", "native", 1.9), ("b", "matched", 2.0))
    )
    assert list(others(claim)) == ["b, matched: 2"]


def test_the_command_line_takes_square_millimetres(monkeypatch):
    given = []
    monkeypatch.setattr(
        "spinpim.report.comparison.terminal.compare_with_progress", lambda *one: given.append(one)
    )
    typer.testing.CliRunner().invoke(app, ["compare", "--area", "20", "--capacity", "1e6", "--out", "x"])
    settings, _ = given[0]
    assert (settings.area_m2, settings.capacity_bits) == (near(2e-5), 1e6)
    words = settings.command().split()
    assert float(words[words.index("--area") + 1]) == near(20.0)


class Balanced(HTMLParser):
    """Counts that every element is closed."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_sound_complete_and_the_same_again(found):
    page = comparison_html(found, "<b>lenet5", SETTINGS.command())
    reader = Balanced()
    reader.feed(page)
    assert reader.open == []
    assert "<b>" not in page
    assert "&lt;b&gt;lenet5" in page
    assert page.count("<figure>") == 3 * len(found.at_digits)
    for heading in ("W:I 1:1", "W:I 2:2", "Sources of every number", "How to get this result again"):
        assert heading in page
    for key in ("calibration.sensing_energy", "crossbar.conversion_energy", "reram.energy_ratio"):
        assert key in page
    assert "nan" not in re.sub(r'src="data:[^"]*"', "", page).lower().split()
    assert page == comparison_html(found, "<b>lenet5", SETTINGS.command())


def test_the_command_makes_the_three_files(tmp_path, capsys):
    target = compare_with_progress(SETTINGS, tmp_path / "made")
    assert {path.name for path in target.iterdir()} == {"comparison.json", "ledger.csv", "report.html"}
    with (target / "ledger.csv").open(newline="") as file:
        assert tuple(next(csv.reader(file))) == LEDGER_COLUMNS
    printed = capsys.readouterr().out
    assert "images per joule over resistive accelerators: published 5.4; over" in printed
    assert "not computed: yodann_65nm, matched: yodann_65nm computes with weights of 1 digit" in printed
    assert printed.splitlines()[-1] == f"report: {target}"
    again = compare_with_progress(SETTINGS, target)
    assert "was replaced" in capsys.readouterr().out
    assert again == target


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--bits", "1:9"], "bits (--bits) are digits"),
        (["--bits", "one"], "bits (--bits) are digits"),
        (["--bits", ""], "bits (--bits) are digits"),
        (["--bits", f"{'1' * 5000}:1"], "bits (--bits) are digits"),
        (["--network", "digits_w1a4", "--bits", "1:1"], "has its own digits"),
        (["--network", "no_such"], "Architectures: lenet5"),
        (["--baseline", "isac_32nm"], 'Did you mean "isaac_32nm"'),
        (["--array", "2t1r_45nm"], "No array is called"),
        (["--claims", "isaac_32nm"], "No claims is called"),
        (["--area", "-1"], "area_m2"),
        (["--area", "0.001"], "does not fit on a chip"),
        (["--capacity", "0"], "capacity_bits"),
        (["--amplifier", "latch_45nm"], "latch_45nm"),
    ],
)
def test_a_mistake_on_the_command_line_is_a_sentence_and_leaves_nothing(
    tmp_path, monkeypatch, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    started = ["compare", "--network", "lenet5", "--out", "made", *arguments]
    outcome = typer.testing.CliRunner().invoke(app, started)
    assert isinstance(outcome.exception, InputError)
    assert sentence in str(outcome.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_brackets_is_printed_as_it_is(found, capsys):
    from spinpim.report.comparison.terminal import _print_digits

    at = found.at_digits[0]
    network = dataclasses.replace(at.network, name="[red]x[/nope]")
    _print_digits(dataclasses.replace(at, network=network))
    assert "[red]x[/nope]" in capsys.readouterr().out


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="which is no part of a result"):
        compare_with_progress(SETTINGS, tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_networks_come_by_architecture_name_or_file():
    assert [one.name for one in networks_of("lenet5", None)] == ["lenet5_w1a4_random"]
    assert [one.name for one in networks_of("digits_w1a4", None)] == ["digits_w1a4"]
    assert [one.weight_bits for one in networks_of("lenet5", "1:1, 8:8")] == [1, 8]


@pytest.mark.parametrize(
    ("steps", "published", "words"),
    [
        ((), 1.0, "nothing more"),
        ((), 5.0, "no lever leads there"),
        ((Step("read time", "number", "200 ns", 6.0),), 5.0, "read time 200 ns (number, 6). Worst error"),
        ((Step("read time", "number", "200 ns", 3.0),), 5.0, "not reached with all of these, 3"),
    ],
)
def test_a_way_is_told_in_words(steps, published, words):
    found = Ratio(1.0, 0.5, 2.0, 0.8, 1.3)
    claim = Claimed("reram", "energy", published, "", "x", "matched", found, (), steps, 1e-9, 1.0)
    assert words in way_sentence(claim)


def test_a_ratio_is_told_with_both_bands():
    assert band_text(Ratio(1.234, 0.5, 2.0, 0.8, 1.3)) == "1.2 (0.8 to 1.3; all bounds 0.5 to 2)"
