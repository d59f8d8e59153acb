"""Baseline files: bounds of their numbers, one structure each, what the shipped ones say of themselves."""

import pytest

from spinpim.errors import InputError
from spinpim.params import BaselineFile, load_baseline, parse, shipped_names
from spinpim.params.any_file import load_any
from spinpim.params.load import parameter_folder

NAMES = shipped_names(BaselineFile)
SOUND = load_baseline("isaac_32nm").text
CONVERSION = 'conversion_energy = { value = 1.5625, unit = "pJ", low = 1.172, high = 1.953'


def refused(text):
    with pytest.raises(InputError) as caught:
        parse(BaselineFile, text, "mine.toml")
    return str(caught.value)


def with_conversion(number):
    assert SOUND.count(CONVERSION) == 1
    return SOUND.replace(CONVERSION, f"conversion_energy = {{ {number}")


def test_the_baselines_that_the_documentation_speaks_of_are_shipped():
    assert set(NAMES) == {
        "cmos_mac8_45nm",
        "imce_like_45nm",
        "isaac_32nm",
        "paper_like_cmos_45nm",
        "paper_like_reram_45nm",
        "reram_bit_serial_45nm",
        "reram_prime_like_45nm",
        "sram_bitline_45nm",
        "yodann_65nm",
        "yodann_65nm_0v6",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_number_says_where_it_is_from_and_the_readme_says_what_the_file_is(name):
    file = load_any(name)
    assert isinstance(file, BaselineFile)
    assert all(record.where for record in file.records())
    assert set(file.sources.values()) <= {record.source for record in file.records()}
    assert f"`{name}`" in (parameter_folder() / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_bounds_enclose_the_value(name):
    bounded = [record for record in load_baseline(name).records() if record.low_si is not None]
    assert bounded
    for record in bounded:
        assert record.high_si is not None
        assert record.low_si <= record.value_si <= record.high_si


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("paper_like")])
def test_a_paper_like_set_is_assumed_throughout_and_says_so(name):
    records = load_baseline(name).records()
    assert {record.status for record in records} == {"assumed"}
    assert all(record.where.startswith("would have to be assumed: ") for record in records)


def test_a_bound_left_out_is_the_value_itself():
    number = load_baseline("isaac_32nm").crossbar.read_time
    assert (number.low_si, number.si, number.high_si) == (100e-9, 100e-9, 200e-9)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (
            'value = 1.5, unit = "pJ", low = 1.6',
            "crossbar.conversion_energy has the lower bound 1.6, above its value 1.5.",
        ),
        (
            'value = 1.5, unit = "pJ", high = 1.4',
            "crossbar.conversion_energy has the upper bound 1.4, below its value 1.5.",
        ),
        (
            'value = 1.5, unit = "pJ", high = 1e9',
            "crossbar.conversion_energy has a bound that is 1000000000 pJ (0.001 J), outside 0..1e-8 J.",
        ),
        (
            'value = 1.5, unit = "pJ", hgih = 2',
            "crossbar.conversion_energy.hgih is not a known key; did you mean 'high'?",
        ),
    ],
)
def test_a_bound_that_cannot_be_is_told(number, sentence):
    assert f"mine.toml: {sentence}" in refused(with_conversion(number))


def test_a_plain_number_is_told_how_to_be_written():
    text = "\n".join("rows = 128" if line.startswith("rows = ") else line for line in SOUND.split("\n"))
    assert refused(text) == (
        "mine.toml: crossbar.rows is the plain number 128; write rows = "
        '{ value = ..., unit = "1", source = "...", status = "..." }.'
    )


def test_bounds_are_refused_in_files_that_have_no_band():
    text = load_any("2t1r_45nm").text
    old = "column_pairs = { value = 4,"
    assert text.count(old) == 1
    with pytest.raises(InputError, match=r"column_pairs\.low is not a known key"):
        parse(type(load_any("2t1r_45nm")), text.replace(old, f"{old} low = 1,"), "mine.toml")


def test_the_section_is_that_of_the_structure():
    assert refused(SOUND.replace('structure = "crossbar"', 'structure = "mac_array"')) == (
        'mine.toml: structure "mac_array" lacks [mac_array] and has no [crossbar]; of crossbar, mac_array, '
        "binary_weight, bitline, serial_counter exactly the section named by structure is given."
    )


def test_an_unknown_structure_is_told():
    assert "mine.toml: structure is" in refused(SOUND.replace('"crossbar"', '"quantum"'))


@pytest.mark.parametrize("key", ["rows", "tiles", "weight_bits"])
def test_a_count_is_a_whole_number_of_at_least_one(key):
    start = f"{key} = {{ value = "
    line = next(line for line in SOUND.split("\n") if line.startswith(start))
    half = start + "1.5," + line.split(",", 1)[1]
    assert f"{key} is 1.5; it is a count and must be a whole number" in refused(SOUND.replace(line, half))
    zero = start + "0," + line.split(",", 1)[1]
    assert f"{key} is 0, outside 1.." in refused(SOUND.replace(line, zero))


def test_an_unknown_baseline_is_told_with_the_nearest():
    with pytest.raises(InputError, match=r'No baseline is called .issac_32nm.\. Did you mean "isaac_32nm"'):
        load_baseline("issac_32nm")
