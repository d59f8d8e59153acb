from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim.report.markup import amount, element, probability, table


class Recorder(HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


# Line ends are normalised by every reader of HTML; zero characters are replaced by the page.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))


@given(TEXT, TEXT)
def test_any_text_comes_out_of_an_element_as_it_went_in(content, attribute):
    seen = Recorder(element("p", content, title=attribute))
    assert seen.tags == ["p"]
    assert seen.text == content
    assert seen.attributes == [("title", attribute)]


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_any_cell_of_a_table_is_escaped(cells):
    seen = Recorder(table("caption", ["heading"] * len(cells), [cells]))
    assert seen.tags.count("td") == len(cells) - 1
    assert seen.text == "caption" + "heading" * len(cells) + "".join(cells)


def test_elements_inside_elements_are_not_escaped_twice():
    assert element("p", element("b", "<")) == "<p><b>&lt;</b></p>"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (9.996e-10, "J", "1\xa0nJ"),
        (0.0, "V", "0\xa0V"),
        (3e-13, "m²", "0.3\xa0µm²"),
        (4.5e-6, "s", "4.5\xa0µs"),
    ],
)
def test_amounts_have_three_digits_and_a_prefix(value, unit, text):
    assert amount(value, unit) == text


@given(st.floats(1e-300, 1.0))
def test_probabilities_are_written_to_two_digits(value):
    text = probability(value)
    plain = text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")).replace("×10", "e")
    assert float(plain) == pytest.approx(value, rel=0.051)
