"""What pydantic found wrong with a file, in sentences: file, key, what is accepted, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from spinpim.params.schema import ParameterFile, Quantity, Section

_MOST_SENTENCES = 5
_MOST_READ = 100
_TYPE_NAMES = {
    "float_type": "a number",
    "string_type": "text in quotes",
    "model_type": "a table",
    "dict_type": "a table",
    "bool_type": "true or false",
}


def sentences(mistakes: ValidationError, model: type[ParameterFile], path: str) -> str:
    """Tell what is wrong with a file, one line per mistake, at most five.

    Parameters
    ----------
    mistakes : ValidationError
        What pydantic raised.
    model : type of ParameterFile
        The kind of file.
    path : str
        The file's path.

    Returns
    -------
    str
        Lines of the form "mine.toml: free_layer.damping ...".
    """
    total = mistakes.error_count()
    found = mistakes.errors(include_url=False, include_input=True)[:_MOST_READ]
    guesses = {
        (*error["loc"][:-1], guess)
        for error in found
        if error["type"] == "extra_forbidden" and (guess := _closest_known_key(model, error["loc"]))
    }
    lines: list[str] = []
    for error in found:
        # A misspelt key is also a missing one; the first sentence already says it.
        if error["type"] == "missing" and error["loc"] in guesses:
            continue
        lines += [f"{path}: {line}" for line in _sentence(error, model).split("\n")]
    if len(lines) > _MOST_SENTENCES:
        rest = len(lines) - _MOST_SENTENCES + total - len(found)
        lines = [*lines[:_MOST_SENTENCES], f"{path}: and {rest} more of this kind."]
    return "\n".join(lines)


def _sentence(error: Any, model: type[ParameterFile]) -> str:
    loc: tuple[str | int, ...] = error["loc"]
    key = ".".join(_shown(str(part)) for part in loc)
    kind: str = error["type"]
    if kind == "value_error":
        text = str(error["ctx"]["error"])
        return f"{key} {text}" if key else text
    if kind == "extra_forbidden":
        return _unknown_key(model, loc, key)
    if kind == "missing":
        return f"{key} is missing; add {_example(model, loc)}."
    if kind == "literal_error":
        return f"{key} is {_described(error['input'])}; accepted are {error['ctx']['expected']}."
    if kind == "finite_number":
        return f"{key} is not a finite number."
    if kind == "string_too_short":
        return f"{key} is empty."
    if kind == "string_too_long":
        return f"{key} has more than {error['ctx']['max_length']} characters."
    if kind == "string_pattern_mismatch":
        return f"{key} is {_described(error['input'])}; letters, digits, and _ . - inside are accepted."
    if kind == "model_type" and _is_number(_model_at(model, loc)):
        return f"{key} is {_described(error['input'])}; write {_example(model, loc)}."
    wanted = _TYPE_NAMES.get(kind)
    if wanted:
        return f"{key} is {_described(error['input'])}; {wanted} is needed."
    return f"{key} is not accepted: {error['msg']}."


def _unknown_key(model: type[ParameterFile], loc: tuple[str | int, ...], key: str) -> str:
    guess = _closest_known_key(model, loc)
    if guess:
        return f"{key} is not a known key; did you mean '{guess}'?"
    known = ", ".join(_known_keys(_model_at(model, loc[:-1])))
    return f"{key} is not a known key; known here are: {known}."


def _closest_known_key(model: type[ParameterFile], loc: tuple[str | int, ...]) -> str:
    close = get_close_matches(str(loc[-1])[:80], _known_keys(_model_at(model, loc[:-1])), n=1, cutoff=0.5)
    return close[0] if close else ""


def _known_keys(model: type[BaseModel] | None) -> tuple[str, ...]:
    return tuple(field.alias or key for key, field in model.model_fields.items()) if model else ()


def _model_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """Return the model that stands at a place, None where a plain value stands."""
    here: type[BaseModel] | None = model
    for part in loc:
        field = here.model_fields.get(str(part)) if here else None
        annotation = field.annotation if field else None
        choices = get_args(annotation) or (annotation,)
        here = next((one for one in choices if isinstance(one, type) and issubclass(one, BaseModel)), None)
    return here


def _example(model: type[ParameterFile], loc: tuple[str | int, ...]) -> str:
    name, here = str(loc[-1]), _model_at(model, loc)
    if here is not None and issubclass(here, Section):
        return f"the section [{name}]"
    parent = _model_at(model, loc[:-1])
    if _is_number(here) and parent is not None and issubclass(parent, Section):
        expected = parent.expectations()[name]
        return (
            f'{name} = {{ value = ..., unit = "{expected.customary_unit}", source = "...", status = "..." }}'
        )
    return f"{name} = ..." if _is_number(parent) else f'{name} = "..."'


def _is_number(model: type[BaseModel] | None) -> bool:
    return model is not None and issubclass(model, Quantity)


def _described(given: object) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return (
            f"the plain number {given!r}"
            if isinstance(given, float) or abs(given) < 10**12
            else "a huge number"
        )
    if isinstance(given, str):
        return f'"{_shown(given)}"'
    if isinstance(given, Mapping):
        return "a table"
    return "a list" if isinstance(given, list) else "a date or time"


def _shown(given: str) -> str:
    # A key or value may hold anything, control characters included; a terminal must not obey them.
    short = given if len(given) <= 60 else given[:60] + "..."
    return short if short.isprintable() else ascii(short)
