import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.params import DeviceFile, load_device, parse

SOUND = Path(__file__).with_name("sound.toml").read_text(encoding="utf-8")


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_device(path)
    return str(caught.value)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(content)
    return path


def test_a_missing_file_is_told(tmp_path):
    path = tmp_path / "mine.toml"
    assert refusal(path) == f"{path} does not exist; a relative path starts at the current directory."


def test_a_directory_is_told(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path} is not a regular file; name a .toml file."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    path = tmp_path / "mine.toml"
    os.mkfifo(path)
    assert "is not a regular file" in refusal(path)


def test_a_file_without_permission_is_told(tmp_path, monkeypatch):
    path = written(tmp_path, SOUND.encode())

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(path) == f"{path} may not be read by you; check its permissions."


@pytest.mark.parametrize("name", ["mine\0.toml", "x" * 5000 + ".toml"])
def test_an_impossible_path_is_told(name):
    assert "cannot be read: " in refusal(Path(name))


def test_an_empty_file_is_told(tmp_path):
    path = written(tmp_path, b"\n  \n")
    assert refusal(path) == f"{path} is empty; see device_params/README.md for the format."


def test_a_binary_file_is_told(tmp_path):
    path = written(tmp_path, b"\x89HDF\r\n\x1a\n\0\0\0")
    assert refusal(path) == f"{path} is binary, not text; name a .toml file."


def test_a_huge_file_is_told_without_reading_all_of_it(tmp_path):
    path = tmp_path / "mine.toml"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    assert refusal(path) == f"{path} is larger than 1 MiB; this is not a parameter file."


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path):
    path = written(tmp_path, b'schema = "spinpim-device/1"\ntitle = "caf\xe9"\n')
    assert refusal(path) == f"{path} is not UTF-8 text (line 2); save it as UTF-8."


def test_utf_16_text_is_told(tmp_path):
    path = written(tmp_path, SOUND.encode("utf-16"))
    assert refusal(path) == f"{path} is UTF-16 text; save it as UTF-8."


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    path = written(tmp_path, b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode())
    assert load_device(path).name == "sound"


@pytest.mark.parametrize(
    ("line_start", "replacement", "sentence"),
    [
        (
            "title",
            'title = "open',
            "mine.toml is not valid TOML: line 3, column 14: illegal character '\\n'.",
        ),
        (
            "name",
            'name = "a"\nname = "b"',
            "mine.toml is not valid TOML: line 3, column 11: this key or section appears a second time.",
        ),
        (
            "title",
            "title = [" + "[\n" * 20_000,
            "mine.toml is nested too deeply for a parameter file.",
        ),
        (
            "title",
            "a." * 1000 + "b = 1",
            "mine.toml: line 3 is nested too deeply for a parameter file.",
        ),
        (
            "title",
            f'title = "{"x" * 9990}"',
            "mine.toml: line 3 has 10000 characters, more than 4000; this does not look like a parameter "
            "file.",
        ),
    ],
)
def test_what_is_not_sound_toml_is_told_with_its_line(spoilt, line_start, replacement, sentence):
    assert spoilt(line_start, replacement) == sentence


def test_a_duplicate_section_is_told(sound_text):
    with pytest.raises(InputError, match=r"not valid TOML: .*\[?channel"):
        parse(DeviceFile, sound_text + "\n[channel]\n", "mine.toml")


def test_an_integer_beyond_what_python_reads_is_told(spoilt, monkeypatch):
    def refuse(_text):
        raise ValueError("Exceeds the limit (4300 digits) for integer string conversion")

    monkeypatch.setattr(tomllib, "loads", refuse)
    assert spoilt("title", "title = 1") == (
        "mine.toml holds a value that cannot be read: Exceeds the limit (4300 digits) for integer "
        "string conversion."
    )


def accepted_or_told(text: str) -> None:
    try:
        parse(DeviceFile, text, "mine.toml")
    except InputError as mistake:
        told = str(mistake)
    else:
        return
    assert told.startswith("mine.toml")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_never_raise_anything_but_an_input_error(tmp_path_factory, content):
    path = written(tmp_path_factory.getbasetemp(), content)
    with pytest.raises(InputError):
        load_device(path)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SOUND)), st.integers(0, 30), st.text(max_size=30))
def test_a_sound_file_with_a_random_cut_never_raises_anything_but_an_input_error(start, length, inserted):
    accepted_or_told(SOUND[:start] + inserted + SOUND[start + length :])


SCALARS = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(st.characters(codec="ascii"), max_size=10)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "unit", "sigma", "source", "status", "x"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
KEYS = [
    "schema",
    "name",
    "title",
    "sources",
    "free_layer",
    "junction",
    "channel",
    "stated",
    "free_layer.damping",
]


def as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\u{ord(letter):04x}" for letter in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(item)}" for key, item in value.items()) + "}"
    return repr(value)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5))
def test_random_toml_never_raises_anything_but_an_input_error(entries):
    lines = [f"{key} = {as_toml(value)}" for key, value in entries.items() if key != "schema"]
    accepted_or_told('schema = "spinpim-device/1"\n' + "\n".join(lines))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([line.split(" = ")[0] for line in SOUND.split("\n") if "value =" in line]),
    st.sampled_from(["value", "unit", "sigma", "source", "where", "status"]),
    VALUES,
)
def test_a_number_with_a_random_part_never_raises_anything_but_an_input_error(key, part, value):
    parts = {"value": 1, "unit": "1", "status": "assumed", part: value}
    lines = [
        f"{key} = {as_toml(parts)}" if line.startswith(f"{key} ") else line for line in SOUND.split("\n")
    ]
    accepted_or_told("\n".join(lines))
