"""What is published about the format: JSON Schemas for editors, and the tables of device_params/README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from spinpim.params.amplifier_file import AmplifierFile
from spinpim.params.array_file import ArrayFile
from spinpim.params.baseline_file import BaselineFile
from spinpim.params.cell_file import CellFile
from spinpim.params.claims_file import ClaimsFile
from spinpim.params.device_file import DeviceFile
from spinpim.params.number import Expectation
from spinpim.params.schema import ParameterFile, Section
from spinpim.params.technology_file import TechnologyFile
from spinpim.params.units import accepted_units

FILE_MODELS: tuple[type[ParameterFile], ...] = (
    DeviceFile,
    CellFile,
    AmplifierFile,
    ArrayFile,
    TechnologyFile,
    BaselineFile,
    ClaimsFile,
)
"""The model of every kind of parameter file."""


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every kind of parameter file.

    Returns
    -------
    dict of str to dict
        Schema by name; ``"spinpim-device"`` is published as ``spinpim-device.schema.json``.

    Examples
    --------
    >>> json_schemas()["spinpim-device"]["properties"]["schema"]["const"]
    'spinpim-device/1'
    """
    return {
        f"spinpim-{model.kind}": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(by_alias=True),
        }
        for model in FILE_MODELS
    }


def published_files(folder: Path) -> dict[Path, str]:
    """Return what the published files must hold, so that one can write or compare them.

    Parameters
    ----------
    folder : Path
        The folder ``device_params``; its README.md holds a marked place for each table.

    Returns
    -------
    dict of Path to str
        Text by path: the JSON Schemas and README.md.
    """
    files = {
        folder / f"{name}.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in json_schemas().items()
    }
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    for model in FILE_MODELS:
        text = _with_table(text, model)
    return {**files, readme: text}


def key_table(model: type[ParameterFile]) -> str:
    """Return the Markdown table of the keys of one kind of file.

    Parameters
    ----------
    model : type of ParameterFile
        The kind of file.

    Returns
    -------
    str
        Columns key, units (the customary one first), plausible range, and meaning.
    """
    lines = ["| key | units | plausible range | meaning |", "|---|---|---|---|"]
    for section, content, always in _sections(model):
        expected = content.expectations()
        for key, field in content.model_fields.items():
            name = f"`{section}.{key}`" + _obligation(always, field.is_required())
            if key in expected:
                lines.append(f"| {name} | {_unit_and_range(expected[key])} | {expected[key].description} |")
            else:
                words = ", ".join(f'"{word}"' for word in get_args(field.annotation)) or "text"
                lines.append(f"| {name} | | {words} | {field.description or ''} |")
    return "\n".join(lines)


def _sections(model: type[ParameterFile]) -> Iterator[tuple[str, type[Section], bool]]:
    for name, field in model.model_fields.items():
        for choice in get_args(field.annotation) or (field.annotation,):
            if isinstance(choice, type) and issubclass(choice, Section):
                yield name, choice, field.is_required()


def _obligation(section_required: bool, key_required: bool) -> str:
    if not key_required:
        return " (optional)"
    return "" if section_required else " (where the section is given)"


def _unit_and_range(expected: Expectation) -> str:
    return f"{accepted_units(expected.unit)} | {expected.customary_range_text}"


def _with_table(text: str, model: type[ParameterFile]) -> str:
    begin, end = f"<!-- keys: {model.kind} -->", f"<!-- end: {model.kind} -->"
    place = re.compile(rf"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return place.sub(lambda _: f"{begin}\n\n{key_table(model)}\n\n{end}", text, count=1)
