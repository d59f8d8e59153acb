from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

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
    assert tables == sum(tag == "caption" for tag, _ in outline.tags) == 6
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


def test_no_failed_write_is_told_as_an_upper_bound(report, chain_result):
    assert chain_result.write_error.value == 0.0
    assert "below 0.015" in report
    assert "no failure seen: 95\xa0% upper bound" in report


def test_failed_writes_are_told_with_their_interval(chain_result):
    error = dataclasses.replace(chain_result.write_error, value=0.01, low=0.0012, high=0.036)
    text = report_html(dataclasses.replace(chain_result, write_error=error))
    assert "95 % interval 0.0012 to 0.036" in text
    assert "no failure seen" not in text


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
