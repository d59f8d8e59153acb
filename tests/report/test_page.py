from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from spinpim.device import Warming
from spinpim.estimate import Estimate
from spinpim.report.main_table import error_basis
from spinpim.report.markup import probability
from spinpim.report.page import report_html
from spinpim.report.provenance import used_files

VOID = {"meta", "img", "br", "col"}


class Outline(HTMLParser):
    """Collects tags, attributes and text, and checks that elements are properly nested."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)


@pytest.fixture(scope="module")
def outline(report):
    return Outline(report)


def test_it_is_one_well_nested_document_below_three_megabytes(report, outline):
    assert report.startswith("<!DOCTYPE html>")
    assert outline.open == []
    assert len(report.encode("utf-8")) < 3_000_000


def test_it_needs_nothing_from_outside(outline):
    tags = {tag for tag, _ in outline.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for _, attributes in outline.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:image/svg+xml;base64,"))


def test_its_style_imports_nothing(report):
    style = re.search(r"<style>(.*)</style>", report, re.DOTALL)[1]
    assert "@import" not in style
    assert "url(" not in style


def test_every_picture_has_words_and_every_table_headers(outline):
    pictures = [attributes for tag, attributes in outline.tags if tag == "img"]
    assert len(pictures) == 6
    assert all(len(attributes["alt"]) > 20 for attributes in pictures)
    assert sum(tag == "figcaption" for tag, _ in outline.tags) == 6
    tables = sum(tag == "table" for tag, _ in outline.tags)
    assert tables == sum(tag == "caption" for tag, _ in outline.tags) == 7
    assert all("scope" in attributes for tag, attributes in outline.tags if tag == "th")


def test_links_within_the_page_lead_somewhere(outline):
    targets = {attributes["id"] for _, attributes in outline.tags if "id" in attributes}
    links = {attributes["href"][1:] for _, attributes in outline.tags if "href" in attributes}
    assert links <= targets
    assert links


def test_the_parts_come_in_order(report):
    places = [
        report.index(words)
        for words in (
            "What was run",
            "write error rate",
            "Figure 1.",
            "Figure 6.",
            "Sources of every number",
            "How to get this result again",
            "spinpim run --device",
            "Data set</h2>",
            "doi:10.24432/C50P49",
        )
    ]
    assert places == sorted(places)


def test_every_number_of_every_file_is_listed_with_where_it_is_from(outline, chain_result):
    cells = set(outline.text)
    for used in used_files(chain_result):
        for record in used.records:
            assert {record.key, record.text, record.status} <= cells
            assert not record.where or record.where in cells
            assert not record.source or record.source in cells


def test_the_assumed_numbers_are_counted(report, chain_result):
    files = used_files(chain_result)
    for used in files:
        assert f"{used.assumed_count} of {len(used.records)} numbers are assumed" in report
    total = sum(used.assumed_count for used in files)
    assert f"{total} of {sum(len(used.records) for used in files)} numbers are assumed" in report


def test_no_failed_write_is_told_as_an_upper_bound(uncounted_result):
    text = report_html(uncounted_result)
    assert "below 0.015" in text
    assert "no failure seen: 95\xa0% upper bound, counting over 200 trials" in text
    assert "the upper bound, as no failure was seen" in text


def test_failed_writes_are_told_with_their_interval(chain_result):
    error = Estimate.from_counts(2, 200, confidence=0.9)
    text = report_html(dataclasses.replace(chain_result, write_error=error))
    assert "90 % interval 0.0018 to 0.031, counting over 200 trials" in text
    assert "no failure seen" not in text


def test_a_split_error_rate_is_told_with_its_interval_and_particles(report, chain_result):
    error = chain_result.write_error
    ends = f"{probability(error.low)} to {probability(error.high)}"
    assert f"95 % interval {ends}, splitting over {error.trials:,} particles" in report
    assert "Splitting multiplies the trials" in report


@pytest.mark.parametrize(
    ("value", "words"),
    [(1e-12, "numerical bounds 9.0×10⁻¹³ to 1.1×10⁻¹², Fokker-Planck"), (0.0, "below the range of a double")],
)
def test_an_error_rate_without_draws_is_told_with_its_numerical_bounds(chain_result, value, words):
    error = Estimate(value, 0.9 * value, 1.1 * value, "fokker-planck", 0, "converged", 0, 1.0)
    text = report_html(dataclasses.replace(chain_result, write_error=error))
    assert words in text
    assert "% interval" not in error_basis(error)


def test_a_junction_that_warms_itself_is_told(report, chain_result):
    assert "stays at this temperature" in report
    warm = chain_result.device.replace(warming=Warming(1e6, 1e-9, 1e5, 1e-9), curie_temperature_K=1100.0)
    text = report_html(dataclasses.replace(chain_result, device=warm))
    assert "magnetisation and anisotropy follow the temperature" in text


def test_the_limits_are_stated(report):
    for words in (
        "not of a measured chip",
        "one macrospin",
        "nothing is extrapolated",
        "to first order",
        "not executed",
        "unknown writers",
    ):
        assert words in report, words


def test_hostile_text_from_files_stays_text(hostile_result):
    text = report_html(hostile_result)
    outline = Outline(text)
    assert "script" not in {tag for tag, _ in outline.tags}
    assert "&lt;script&gt;" in text
    assert all(attributes.get("href", "#").startswith("#") for _, attributes in outline.tags)
    assert "\0" not in text
    text.encode("utf-8")


def test_equal_results_give_equal_pages(report, chain_result):
    assert report_html(chain_result) == report
