import re

import pytest

from spinpim.errors import InputError
from spinpim.params import DeviceFile, parse


def test_a_misspelt_key_is_told_with_the_closest_one_and_nothing_else(spoilt):
    assert spoilt("damping", 'gilbert_dampng = { value = 0.02, unit = "1", status = "assumed" }') == (
        "mine.toml: free_layer.gilbert_dampng is not a known key; did you mean 'damping'?"
    )


def test_a_misspelt_section_is_told_with_the_closest_one(spoilt):
    assert spoilt("[channel]", "[chanel]") == "mine.toml: chanel is not a known key; did you mean 'channel'?"


def test_an_unknown_key_like_no_other_is_told_with_the_known_ones(spoilt):
    assert spoilt("easy_axis", 'easy_axis = "z"\nqqq = 1') == (
        "mine.toml: junction.qqq is not a known key; known here are: easy_axis, resistance_area_product, "
        "tunnel_magnetoresistance, half_bias_voltage, barrier_thickness, stt_efficiency, "
        "stt_field_like_ratio, "
        "electrical_diameter, tmr_temperature_coefficient, stt_asymmetry, thermal_resistance, thermal_time."
    )


def test_the_models_own_field_name_is_no_key(spoilt):
    assert "schema_name is not a known key" in spoilt("name", 'name = "a"\nschema_name = "spinpim-device/1"')


def test_a_missing_number_is_told_with_the_line_to_add(spoilt):
    assert spoilt("damping", "") == (
        'mine.toml: free_layer.damping is missing; add damping = { value = ..., unit = "1", source = "...", '
        'status = "..." }.'
    )


def test_a_missing_word_is_told_with_the_line_to_add(spoilt):
    assert spoilt("easy_axis", "") == 'mine.toml: junction.easy_axis is missing; add easy_axis = "...".'


def test_a_missing_section_is_told(sound_text):
    text = sound_text[: sound_text.index("[write]")]
    with pytest.raises(InputError, match=r"^mine.toml: write is missing; add the section \[write\]\.$"):
        parse(DeviceFile, text, "mine.toml")


def test_a_missing_part_of_a_number_is_told(spoilt):
    assert spoilt("damping", 'damping = { value = 0.02, status = "assumed" }') == (
        "mine.toml: free_layer.damping.unit is missing; add unit = ...."
    )


def test_a_plain_number_in_place_of_a_table_is_told_with_the_form_to_write(spoilt):
    assert spoilt("diameter_x", "diameter_x = 60") == (
        "mine.toml: free_layer.diameter_x is the plain number 60; write diameter_x = { value = ..., "
        'unit = "nm", source = "...", status = "..." }.'
    )


@pytest.mark.parametrize(
    ("written", "described"),
    [
        ('"0.02"', '"0.02"'),
        ("true", "true"),
        ("[1, 2]", "a list"),
        ("{}", "a table"),
        ("2026-05-01", "a date or time"),
        ("1" + "0" * 400, "a huge number"),
        ("1" + "0" * 3800, "a huge number"),
    ],
)
def test_a_value_of_the_wrong_type_is_told(spoilt, written, described):
    assert spoilt("damping", f'damping = {{ value = {written}, unit = "1", status = "assumed" }}') == (
        f"mine.toml: free_layer.damping.value is {described}; a number is needed."
    )


@pytest.mark.parametrize("written", ["nan", "inf", "-inf", "1e999"])
def test_a_value_that_is_not_finite_is_told(spoilt, written):
    assert spoilt("damping", f'damping = {{ value = {written}, unit = "1", status = "assumed" }}') == (
        "mine.toml: free_layer.damping.value is not a finite number."
    )


def test_a_sigma_that_is_not_finite_is_told(spoilt):
    assert spoilt("damping", 'damping = { value = 0.02, unit = "1", sigma = inf, status = "assumed" }') == (
        "mine.toml: free_layer.damping.sigma is not a finite number."
    )


def test_an_unknown_status_is_told_with_the_accepted_ones(spoilt):
    assert spoilt("damping", 'damping = { value = 0.02, unit = "1", status = "guessed" }') == (
        "mine.toml: free_layer.damping.status is \"guessed\"; accepted are 'measured', 'fitted', "
        "'derived' or "
        "'assumed'."
    )


def test_an_unknown_easy_axis_is_told_with_the_accepted_ones(spoilt):
    assert spoilt("easy_axis", 'easy_axis = "w"') == (
        "mine.toml: junction.easy_axis is \"w\"; accepted are 'x', 'y' or 'z'."
    )


def test_sources_that_are_no_table_are_told(spoilt):
    assert spoilt("[sources]", "[[sources]]").startswith("mine.toml: sources is a list; a table is needed.")


def test_a_source_that_is_no_text_is_told(spoilt):
    assert spoilt("lab", "lab = 3").startswith(
        "mine.toml: sources.lab is the plain number 3; text in quotes is needed."
    )


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('title = ""', "mine.toml: title is empty."),
        (f'title = "{"x" * 300}"', "mine.toml: title has more than 200 characters."),
    ],
)
def test_an_empty_or_endless_title_is_told(spoilt, written, sentence):
    assert spoilt("title", written) == sentence


def test_a_name_that_could_not_name_a_file_is_told(spoilt):
    assert spoilt("name", 'name = "../etc"') == (
        'mine.toml: name is "../etc"; letters, digits, and _ . - inside are accepted.'
    )


def test_several_mistakes_are_told_one_per_line(spoilt):
    lines = spoilt("damping", 'damping = { value = "a", unit = 1, status = "b" }').split("\n")
    assert len(lines) == 3
    assert all(line.startswith("mine.toml: free_layer.damping.") for line in lines)


def test_of_many_mistakes_five_are_told_and_the_rest_counted(sound_text):
    text = re.sub(r'unit = "[^"]*"', "unit = 1", sound_text)
    with pytest.raises(InputError) as caught:
        parse(DeviceFile, text, "mine.toml")
    lines = str(caught.value).split("\n")
    assert len(lines) == 6
    assert lines[-1] == "mine.toml: and 23 more of this kind."


def test_control_characters_of_a_file_do_not_reach_the_terminal(spoilt):
    sentence = spoilt("damping", '"\\u001b[2Jdamp" = 1\neasy = "\\u0007"')
    assert sentence.replace("\n", "").isprintable()
