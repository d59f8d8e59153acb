import pytest

from spinpim.errors import InputError
from spinpim.params import DeviceFile, json_schemas, parse
from spinpim.params.load import parameter_folder
from spinpim.params.publish import file_models, key_table, published_files

PUBLISHED = published_files(parameter_folder())


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.name)
def test_a_published_file_is_current(path):
    assert path.read_text(encoding="utf-8") == PUBLISHED[path], "run python -m spinpim.params"


@pytest.mark.parametrize("model", file_models(), ids=lambda model: model.kind)
def test_the_readme_has_the_table_of_every_kind(model):
    assert key_table(model) in PUBLISHED[parameter_folder() / "README.md"]


@pytest.mark.parametrize("name", json_schemas())
def test_a_json_schema_describes_every_key_of_every_section(name):
    schema = json_schemas()[name]
    for section in schema["$defs"].values():
        assert section["additionalProperties"] is False
        assert all("description" in described for described in section["properties"].values())


def test_a_json_schema_accepts_the_keys_that_the_models_accept():
    schema = json_schemas()["spinpim-device"]
    assert schema["required"][:3] == ["schema", "name", "title"]
    assert "schema_name" not in schema["properties"]
    assert set(schema["$defs"]["Quantity"]["required"]) == {"value", "unit", "status"}


def test_the_example_error_of_the_readme_is_the_error_given(sound_text):
    readme = " ".join((parameter_folder() / "README.md").read_text(encoding="utf-8").split())
    text = sound_text.replace('value = 1.1, unit = "MA/m", sigma = 0.02', 'value = 1.1, unit = "A/m"')
    with pytest.raises(InputError) as caught:
        parse(DeviceFile, text, "my_wafer.toml")
    assert str(caught.value) in readme
