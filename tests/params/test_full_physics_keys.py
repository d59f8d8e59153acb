"""Keys of the full physics in a device file: what they accept, how they refuse, what they become."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nearly import near

from spinpim import Device
from spinpim.device.warming import Warming
from spinpim.errors import InputError
from spinpim.params import DeviceFile, parse

SOUND = Path(__file__).with_name("sound.toml").read_text(encoding="utf-8")


def with_keys(section: str, **numbers: tuple[float, str]) -> str:
    lines = "".join(
        f'{key} = {{ value = {value!r}, unit = "{unit}", status = "assumed" }}\n'
        for key, (value, unit) in numbers.items()
    )
    return SOUND.replace(f"[{section}]\n", f"[{section}]\n{lines}")


def device_of(text: str) -> Device:
    return Device.from_file(parse(DeviceFile, text, "mine.toml"))


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse(DeviceFile, text, "mine.toml")
    return str(caught.value)


@pytest.mark.parametrize("section", ["junction", "channel"])
@pytest.mark.parametrize(("unit", "factor"), [("K/W", 1.0), ("K/mW", 1e3), ("K/uW", 1e6)])
def test_a_thermal_path_reaches_the_device_in_any_unit(section, unit, factor):
    text = with_keys(section, thermal_resistance=(0.5, unit), thermal_time=(2.0, "ns"))
    warming = device_of(text).warming
    assert warming is not None
    assert getattr(warming, f"{section}_resistance_K_per_W") == near(0.5 * factor)
    assert getattr(warming, f"{section}_time_s") == near(2e-9)
    other = {"junction": "channel", "channel": "junction"}[section]
    assert getattr(warming, f"{other}_resistance_K_per_W") == 0.0


@pytest.mark.parametrize("section", ["junction", "channel"])
@pytest.mark.parametrize("half", [{"thermal_resistance": (1.0, "K/mW")}, {"thermal_time": (1.0, "ns")}])
def test_half_a_thermal_path_is_refused(section, half):
    sentence = refusal(with_keys(section, **half))
    assert sentence == f"mine.toml: {section} needs both thermal_resistance and thermal_time, or neither."


@given(x=st.floats(-1, 1), y=st.floats(-1, 1), z=st.floats(-1, 1))
@settings(max_examples=60, deadline=None)
def test_a_unit_vector_of_spins_is_accepted_and_another_refused(x, y, z):
    length = math.sqrt(x * x + y * y + z * z)
    assume(length > 1e-3)
    unit = tuple(part / length for part in (x, y, z))
    names = ("polarisation_x", "polarisation_y", "polarisation_z")
    text = with_keys("channel", **{name: (part, "1") for name, part in zip(names, unit, strict=True)})
    assert device_of(text).sot_polarisation == near(unit)
    assume(abs(length - 1.0) > 1e-5)
    text = with_keys("channel", **{name: (part, "1") for name, part in zip(names, (x, y, z), strict=True)})
    assert f"spin polarisation of length {length:.6g}" in refusal(text)


@given(angle=st.floats(0.0, 6.283))
@settings(max_examples=30, deadline=None)
def test_seven_digits_of_a_unit_vector_are_enough(angle):
    pair = {"polarisation_x": round(math.cos(angle), 7), "polarisation_z": round(math.sin(angle), 7)}
    device = device_of(with_keys("channel", **{name: (part, "1") for name, part in pair.items()}))
    assert device.sot_polarisation == (pair["polarisation_x"], 0.0, pair["polarisation_z"])


PLAIN = [
    ("free_layer", "second_order_anisotropy", "mJ/m^2", 1e-3, "second_order_anisotropy_J_per_m2", -0.05, 0.3),
    ("free_layer", "curie_temperature", "K", 1.0, "curie_temperature_K", 400.0, 1900.0),
    ("free_layer", "magnetisation_exponent", "1", 1.0, "magnetisation_exponent", 0.6, 4.9),
    ("free_layer", "anisotropy_exponent", "1", 1.0, "anisotropy_exponent", 0.6, 4.9),
    ("junction", "stt_asymmetry", "1", 1.0, "stt_asymmetry", -0.98, 0.98),
    ("channel", "oersted_factor", "1", 1.0, "oersted_factor", 0.0, 2.0),
]


@pytest.mark.parametrize(("section", "key", "unit", "factor", "attribute", "low", "high"), PLAIN)
@given(share=st.floats(0.0, 1.0))
@settings(max_examples=15, deadline=None)
def test_a_number_in_its_range_reaches_the_device(section, key, unit, factor, attribute, low, high, share):
    value = low + share * (high - low)
    device = device_of(with_keys(section, **{key: (value, unit)}))
    assert getattr(device, attribute) == pytest.approx(factor * value, abs=1e-12)
    assert next(record for record in device.records if record.key == f"{section}.{key}").status == "assumed"


@pytest.mark.parametrize(
    ("section", "key", "unit", "value"),
    [
        ("free_layer", "second_order_anisotropy", "mJ/m^2", 2.0),
        ("free_layer", "curie_temperature", "K", 250.0),
        ("free_layer", "magnetisation_exponent", "1", 0.0),
        ("free_layer", "demagnetising_factor_xy", "1", 1.5),
        ("junction", "stt_asymmetry", "1", 1.0),
        ("junction", "thermal_resistance", "K/W", -1.0),
        ("junction", "thermal_resistance", "K", 1.0),
        ("junction", "thermal_time", "s", 0.0),
        ("channel", "oersted_factor", "1", -0.1),
        ("channel", "polarisation_x", "1", 1.01),
    ],
)
def test_a_number_outside_its_range_or_unit_is_refused_by_its_key(section, key, unit, value):
    assert f"{section}.{key}" in refusal(with_keys(section, **{key: (value, unit)}))


def test_a_tensor_of_no_body_is_refused_from_a_file_too():
    text = with_keys("free_layer", demagnetising_factor_xy=(0.5, "1"))
    with pytest.raises(InputError, match=r"outside 0\.\.1"):
        device_of(text)


def test_a_curie_temperature_below_the_environment_is_refused():
    text = with_keys("free_layer", curie_temperature=(305.0, "K"))
    with pytest.raises(InputError, match="curie_temperature_K"):
        device_of(text)


def test_changed_thermal_paths_and_spins_lose_their_source():
    text = with_keys("junction", thermal_resistance=(1.0, "K/mW"), thermal_time=(1.0, "ns"))
    device = device_of(
        text.replace(
            "[channel]\n",
            '[channel]\npolarisation_y = { value = 1, unit = "1", source = "lab", status = "measured" }\n',
        )
    )
    changed = device.replace(warming=Warming(2e3, 1e-9, 0.0, 1.0), sot_polarisation=(0.6, 0.8, 0.0))
    records = {record.key: record for record in changed.records}
    assert records["junction.thermal_resistance"].value_si == 2e3
    assert records["junction.thermal_resistance"].where == "changed in a script"
    assert records["junction.thermal_time"].where == ""
    assert (records["channel.polarisation_y"].value_si, records["channel.polarisation_y"].status) == (
        0.8,
        "assumed",
    )


@pytest.mark.parametrize(
    ("section", "numbers", "change"),
    [
        ("junction", {"thermal_resistance": (1.0, "K/mW"), "thermal_time": (1.0, "ns")}, "warming"),
        ("free_layer", {"curie_temperature": (900.0, "K")}, "curie_temperature_K"),
        ("junction", {"electrical_diameter": (50.0, "nm")}, "electrical_diameter_m"),
    ],
)
def test_a_number_that_was_taken_away_is_cited_no_more(section, numbers, change):
    device = device_of(with_keys(section, **numbers))
    without = device.replace(**{change: None})
    gone = {record.key for record in device.records} - {record.key for record in without.records}
    assert gone == {f"{section}.{key}" for key in numbers}


def test_an_absent_key_is_the_physics_that_was_there_before():
    device = device_of(SOUND)
    assert (device.sot_polarisation, device.oersted_factor, device.stt_asymmetry) == (
        (0.0, 1.0, 0.0),
        1.0,
        0.0,
    )
    assert (device.warming, device.curie_temperature_K) == (None, None)
    assert device.demagnetising_off_diagonal == (0.0, 0.0, 0.0)
