import pytest

from spinpim.errors import InputError
from spinpim.params import DeviceFile, ParameterRecord, parse

FACTORS = "".join(
    f'demagnetising_factor_{axis} = {{ value = {value}, unit = "1", status = "assumed" }}\n'
    for axis, value in (("x", 0.066), ("y", 0.022), ("z", 0.911))
)


def with_stated(text: str, line: str) -> str:
    return f"{text}\n[stated]\n{line}\n"


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse(DeviceFile, text, "mine.toml")
    return str(caught.value)


def test_records_list_every_number_with_its_source_in_file_order(sound_text):
    records = parse(DeviceFile, sound_text, "mine.toml").records()
    assert len(records) == sound_text.count("value =")
    assert records[0] == ParameterRecord(
        key="free_layer.diameter_x",
        value_si=60e-9,
        unit_si="m",
        sigma_si=1e-9,
        text="60 nm",
        source="wafer 12, die 4",
        where="SEM",
        status="measured",
    )
    assert [record.key.split(".")[0] for record in records] == sorted(
        (record.key.split(".")[0] for record in records),
        key=["free_layer", "junction", "channel", "environment", "write"].index,
    )


def test_the_assumed_numbers_are_counted(sound_text):
    file = parse(DeviceFile, sound_text, "mine.toml")
    assert file.assumed_count == sound_text.count('"assumed"')


def test_a_file_keeps_its_path_and_whole_text(sound_text):
    file = parse(DeviceFile, sound_text, "mine.toml")
    assert (str(file.path), file.text) == ("mine.toml", sound_text)


def test_an_absent_field_component_is_zero(sound_text):
    assert parse(DeviceFile, sound_text, "mine.toml").environment.external_field_T == (0.02, 0.0, 0.0)


def test_demagnetising_factors_within_a_thousandth_of_one_are_accepted(sound_text):
    text = sound_text.replace("[junction]", f"{FACTORS}[junction]")
    assert parse(DeviceFile, text, "mine.toml").free_layer.demagnetising_factor_z is not None


def test_demagnetising_factors_that_do_not_sum_to_one_are_told(sound_text):
    text = sound_text.replace("[junction]", FACTORS.replace("0.911", "0.81") + "[junction]")
    assert refusal(text) == (
        "mine.toml: free_layer has demagnetising factors that sum to 0.898; their sum must be 1 within "
        "0.001. "
        "Correct them, or leave all three out to have them computed."
    )


def test_two_of_three_demagnetising_factors_are_refused(sound_text):
    two = "\n".join(FACTORS.split("\n")[:2])
    assert refusal(sound_text.replace("[junction]", f"{two}\n[junction]")) == (
        "mine.toml: free_layer has 2 of three demagnetising factors; give demagnetising_factor_x, _y and _z, "
        "or none to have them computed from the ellipse."
    )


def test_a_junction_wider_than_its_channel_is_told(sound_text):
    text = sound_text.replace('width = { value = 100, unit = "nm"', 'width = { value = 50, unit = "nm"')
    assert refusal(text) == (
        "mine.toml: channel.width is 50 nm, less than free_layer.diameter_y of 60 nm; the free layer "
        "must lie on "
        "the channel (length along x, width along y)."
    )


def test_a_junction_longer_than_its_channel_is_told(sound_text):
    text = sound_text.replace('length = { value = 200, unit = "nm"', 'length = { value = 50, unit = "nm"')
    assert "channel.length is 50 nm, less than free_layer.diameter_x" in refusal(text)


# R_P = 10 ohm um^2 / (pi/4 (60 nm)^2) = 3.537 kohm, R_AP twice that, channel 2 uohm m / 2 nm = 1 kohm.
@pytest.mark.parametrize(
    ("key", "agreeing", "disagreeing", "derived"),
    [
        ("resistance_parallel", 3.5, 5.0, "3537 ohm"),
        ("resistance_antiparallel", 6.5, 5.0, "7074 ohm"),
        ("channel_resistance", 0.9, 1.4, "1000 ohm"),
    ],
)
def test_a_stated_resistance_is_compared_with_the_derived_one(
    sound_text, key, agreeing, disagreeing, derived
):
    line = f'{key} = {{ value = %s, unit = "kohm", status = "assumed" }}'
    assert parse(DeviceFile, with_stated(sound_text, line % agreeing), "mine.toml").stated is not None
    sentence = refusal(with_stated(sound_text, line % disagreeing))
    assert sentence.startswith(f"mine.toml: stated.{key} is {disagreeing:g} kohm, but ")
    assert f" gives {derived}; " in sentence


def test_the_electrical_diameter_carries_the_current_where_it_is_given(sound_text):
    text = sound_text.replace(
        'easy_axis = "z"',
        'easy_axis = "z"\nelectrical_diameter = { value = 50, unit = "nm", status = "assumed" }',
    )
    line = 'resistance_parallel = { value = 3.5, unit = "kohm", status = "assumed" }'
    assert "gives 5093 ohm" in refusal(with_stated(text, line))


def test_a_wide_spread_of_the_stated_figure_excuses_a_difference(sound_text):
    line = 'channel_resistance = { value = 1.5, sigma = 0.2, unit = "kohm", status = "assumed" }'
    assert parse(DeviceFile, with_stated(sound_text, line), "mine.toml").stated is not None
