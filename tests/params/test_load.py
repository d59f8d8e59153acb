import os
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from pydantic import Field

from spinpim.errors import InputError
from spinpim.params import DeviceFile, ParameterFile, load_device, parse, shipped_names


class OtherFile(ParameterFile):
    kind: ClassVar[str] = "other"
    schema_name: Literal["spinpim-other/1"] = Field(alias="schema")


def refusal(name_or_path: object) -> str:
    with pytest.raises(InputError) as caught:
        load_device(name_or_path)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_shipped_file_is_found_by_name_from_any_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_device("imec_sot_62nm").name == "imec_sot_62nm"


@pytest.mark.parametrize("as_path", [str, Path, lambda path: os.fsencode(path) and Path(path)])
def test_ones_own_file_is_found_by_its_path(tmp_path, sound_text, as_path):
    own = tmp_path / "my_wafer.toml"
    own.write_text(sound_text)
    file = load_device(as_path(str(own)))
    assert (file.name, file.path) == ("sound", own)


def test_a_relative_path_is_told_as_given(tmp_path, monkeypatch, sound_text):
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(sound_text.replace('easy_axis = "z"', ""))
    assert refusal("mine.toml").startswith("mine.toml: junction.easy_axis is missing")


def test_an_unknown_name_is_told_with_the_closest_and_all_shipped_ones():
    sentence = refusal("imec_sot_60nm")
    assert sentence.startswith(
        "No device is called 'imec_sot_60nm'. Did you mean \"imec_sot_62nm\"? Shipped are: "
    )
    assert all(name in sentence for name in shipped_names(DeviceFile))
    assert sentence.endswith("Your own file is named by its path, ending in .toml.")


def test_a_shipped_name_with_an_ending_is_told_apart_from_a_missing_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal("imec_sot_62nm.toml") == (
        'imec_sot_62nm.toml does not exist here; the shipped device is named "imec_sot_62nm".'
    )


@pytest.mark.parametrize("given", [None, 3, ["imec_sot_62nm"], b"imec_sot_62nm"])
def test_what_is_neither_name_nor_path_is_told(given):
    assert refusal(given) == (f"A device is loaded by name or path; instead received {type(given).__name__}.")


def test_a_kind_without_shipped_files_says_so():
    assert shipped_names(OtherFile) == ()


@pytest.mark.parametrize(
    ("schema_line", "sentence"),
    [
        ("", 'mine.toml: schema is missing; a device file begins with schema = "spinpim-device/1".'),
        (
            "schema = 1",
            'mine.toml: schema is not text; a device file begins with schema = "spinpim-device/1".',
        ),
        (
            'schema = "spinpim-device/2"',
            "mine.toml: schema is 'spinpim-device/2'; this version of spinpim reads \"spinpim-device/1\".",
        ),
        ('schema = "spinpim-cell/1"', "mine.toml is a cell file; a device file is needed here."),
        (
            'schema = "other"',
            "mine.toml: schema is 'other'; this version of spinpim reads \"spinpim-device/1\".",
        ),
    ],
)
def test_a_file_of_another_kind_or_version_is_told(spoilt, schema_line, sentence):
    assert spoilt("schema", schema_line) == sentence


def test_the_text_of_a_file_reads_as_the_same_file_again(sound_text):
    first = parse(DeviceFile, sound_text, "mine.toml")
    assert parse(DeviceFile, first.text, "mine.toml").records() == first.records()
