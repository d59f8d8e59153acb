"""From a name or a path to a checked parameter file, and the one place where the shipped files are found."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from spinpim.errors import InputError
from spinpim.params.schema import ParameterFile, schema_name_of
from spinpim.params.sentences import sentences
from spinpim.params.toml_text import parse_toml, read_text

File = TypeVar("File", bound=ParameterFile)


def load(model: type[File], name_or_path: str | os.PathLike[str]) -> File:
    """Load a parameter file of a given kind.

    Parameters
    ----------
    model : type of ParameterFile
        The kind of file, for example `DeviceFile`.
    name_or_path : str or path
        Name of a shipped file ("imec_sot_62nm") or path of one's own ("my_wafer.toml"). What ends in
        ``.toml`` or holds a separator is a path.

    Returns
    -------
    ParameterFile
        The checked file, an instance of ``model``.

    Raises
    ------
    InputError
        For every mistake in the name or the file; the message has file, key, and remedy.
    """
    path = _located(model, name_or_path)
    if path.parent == parameter_folder():
        shipped: File = _shipped(model, path, read_text(path))
        return shipped
    return parse(model, read_text(path), path)


@functools.lru_cache(maxsize=256)
def _shipped(model: type[File], path: Path, text: str) -> File:
    """Read a shipped file once: the values are frozen, and studies load the same ones again and again."""
    return parse(model, text, path)


def parse(model: type[File], text: str, path: str | os.PathLike[str]) -> File:
    """Make a parameter file out of its text, for example the text kept beside a result.

    Parameters
    ----------
    model : type of ParameterFile
        The kind of file.
    text : str
        TOML text.
    path : str or path
        Where the text came from; named in errors and kept as ``.path``.

    Returns
    -------
    ParameterFile
        The checked file, an instance of ``model``.

    Raises
    ------
    InputError
        If the text is not a sound file of this kind.
    """
    origin = Path(path)
    data = parse_toml(text, origin)
    _require_schema(model, data.get("schema"), origin)
    file = validated(model, data, str(origin))
    file._path = origin
    file._text = text
    return file


def validated(model: type[File], data: Mapping[str, Any], origin: str) -> File:
    """Make a parameter file out of its tables.

    Parameters
    ----------
    model : type of ParameterFile
        The kind of file.
    data : mapping
        Tables by name, as TOML gives them.
    origin : str
        What errors begin with.

    Raises
    ------
    InputError
        If a number, a word or a key is not what this kind of file holds.
    """
    try:
        return model.model_validate(data)
    except ValidationError as mistakes:
        raise InputError(sentences(mistakes, model, origin)) from None
    except RecursionError:
        raise InputError(f"{origin} is nested too deeply for a parameter file.") from None


def parameter_folder() -> Path:
    """Return the folder of the shipped parameter files: in the wheel, or beside the package in a checkout.

    Returns
    -------
    Path
        The folder ``device_params``.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "device_params"
    return inside if inside.is_dir() else package.parent / "device_params"


def shipped_names(model: type[ParameterFile]) -> tuple[str, ...]:
    """Return the names of the shipped files of a kind.

    Parameters
    ----------
    model : type of ParameterFile
        The kind of file.

    Returns
    -------
    tuple of str
        Sorted names that `load` accepts.
    """
    schema_line = re.compile(rf'^schema\s*=\s*"{re.escape(schema_name_of(model))}"', re.MULTILINE)
    return tuple(
        sorted(path.stem for path in parameter_folder().glob("*.toml") if schema_line.search(read_text(path)))
    )


def _located(model: type[ParameterFile], name_or_path: object) -> Path:
    if not isinstance(name_or_path, str | os.PathLike):
        raise InputError(
            f"A {model.kind} is loaded by name or path; instead received {type(name_or_path).__name__}."
        )
    given = os.fsdecode(name_or_path)
    if isinstance(name_or_path, os.PathLike) or given.endswith(".toml") or set(given) & {"/", os.sep}:
        path = Path(given)
        if path.name == given and not os.path.exists(path) and path.stem in shipped_names(model):
            raise InputError(f'{given} does not exist here; the shipped {model.kind} is named "{path.stem}".')
        return path
    names = shipped_names(model)
    if given in names:
        return parameter_folder() / f"{given}.toml"
    close = get_close_matches(given, names, n=1)
    guess = f' Did you mean "{close[0]}"?' if close else ""
    raise InputError(
        f"No {model.kind} is called {given[:80]!r}.{guess} Shipped are: {', '.join(names) or 'none'}. "
        f"Your own file is named by its path, ending in .toml."
    )


def _require_schema(model: type[ParameterFile], found: object, path: Path) -> None:
    wanted = schema_name_of(model)
    if found == wanted:
        return
    if found is None:
        raise InputError(f'{path}: schema is missing; a {model.kind} file begins with schema = "{wanted}".')
    if not isinstance(found, str):
        raise InputError(f'{path}: schema is not text; a {model.kind} file begins with schema = "{wanted}".')
    other_kind = re.fullmatch(r"spinpim-([a-z]+)/\d+", found)
    if other_kind and other_kind[1] != model.kind:
        raise InputError(f"{path} is a {other_kind[1]} file; a {model.kind} file is needed here.")
    raise InputError(f'{path}: schema is {found[:80]!r}; this version of spinpim reads "{wanted}".')
