import json
from typing import Any

import pytest

from spinpim.errors import InputError
from spinpim.params import DeviceFile, json_schemas, parse
from spinpim.params.load import parameter_folder
from spinpim.params.publish import FILE_MODELS, key_table, published_files

README = parameter_folder() / "README.md"
PUBLISHED = published_files(parameter_folder())


def told_by(schema: dict[str, Any]) -> dict[str, Any]:
    """What a JSON Schema tells about keys, apart from how the version of pydantic arranges it."""
    tables = {**schema["$defs"], "": schema}
    return {
        name: (
            sorted(table["required"]) if "required" in table else [],
            {key: described.get("description") for key, described in table["properties"].items()},
        )
        for name, table in tables.items()
    }


def test_the_readme_is_current():
    assert README.read_text(encoding="utf-8") == PUBLISHED[README], "run python -m spinpim.params"


@pytest.mark.parametrize("name", json_schemas())
def test_a_published_json_schema_is_current(name):
    published = json.loads((parameter_folder() / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert told_by(published) == told_by(json_schemas()[name]), "run python -m spinpim.params"


@pytest.mark.parametrize("model", FILE_MODELS, ids=lambda model: model.kind)
def test_the_readme_has_the_table_of_every_kind(model):
    assert key_table(model) in PUBLISHED[README]


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
    readme = " ".join(README.read_text(encoding="utf-8").split())
    text = sound_text.replace('value = 1.1, unit = "MA/m", sigma = 0.02', 'value = 1.1, unit = "A/m"')
    with pytest.raises(InputError) as caught:
        parse(DeviceFile, text, "my_wafer.toml")
    assert str(caught.value) in readme
