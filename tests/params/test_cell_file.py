import re

import pytest

from spinpim.errors import InputError
from spinpim.params.cell_file import CellFile, load_cell
from spinpim.params.load import parameter_folder, parse, shipped_names

SOUND = (parameter_folder() / "2t1r_45nm.toml").read_text(encoding="utf-8")


def sentence(line_start, replacement):
    """Replace one line of a sound file, found by its beginning; return the sentence that this earns."""
    text, count = re.subn(rf"^{line_start}.*$", replacement, SOUND, count=1, flags=re.MULTILINE)
    assert count == 1
    with pytest.raises(InputError) as caught:
        parse(CellFile, text, "mine.toml")
    return str(caught.value)


def quantity(key, value, unit):
    return f'{key} = {{ value = {value}, unit = "{unit}", where = "test", status = "assumed" }}'


def test_the_shipped_cells_are_listed():
    assert "2t1r_45nm" in shipped_names(CellFile)


@pytest.mark.parametrize("name", shipped_names(CellFile))
def test_every_number_of_a_shipped_cell_says_where_it_is_from(name):
    file = load_cell(name)
    assert all(record.where for record in file.records())
    assert set(file.sources.values()) <= {record.source for record in file.records()}


@pytest.mark.parametrize("key", ["cells", "column_pairs", "shared_by"])
def test_a_count_that_is_not_whole_is_refused(key):
    assert "it is a count and must be a whole number" in sentence(key, quantity(key, 2.5, "1"))


def test_a_word_line_below_the_threshold_is_refused():
    told = sentence("word_line_voltage", quantity("word_line_voltage", 0.3, "V"))
    assert "read_transistor.word_line_voltage is 0.3 V" in told
    assert "Raise it." in told


def test_a_width_without_its_prefix_is_guessed():
    told = sentence("width", quantity("width", 200, "um"))
    assert "mine.toml" in told
    assert "read_transistor.width" in told
    assert "Did you mean 200 nm" in told


def test_an_unknown_key_is_told_with_its_neighbour():
    told = sentence("access_time", quantity("acess_time", 50, "ps"))
    assert "acess_time" in told
    assert "access_time" in told


def test_a_length_in_volts_is_refused():
    assert "of another kind" in sentence("length", quantity("length", 50, "mV"))
