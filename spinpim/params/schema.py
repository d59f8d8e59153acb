"""The building blocks of every parameter file: a number with its source, a section, a file.

A kind of file is one module, for example ``device_file.py``. It declares its sections and its file::

    class ReadTransistor(Section):
        width: Annotated[Quantity, quantity("m", 2e-8, 1e-5, description="Drawn channel width")]
        polarity: Literal["n", "p"]
        body_factor: Annotated[Quantity | None, quantity("1", 0, 2, description="...")] = None

    class CellFile(ParameterFile):
        kind: ClassVar[str] = "cell"
        schema_name: Literal["spinpim-cell/1"] = Field(alias="schema")
        read_transistor: ReadTransistor

    def load_cell(name_or_path: str | os.PathLike[str]) -> CellFile:
        return load(CellFile, name_or_path)

Each number is then ``file.read_transistor.width.si``, already converted and checked. A check across several
keys is a pydantic ``model_validator(mode="after")`` that raises ``ValueError``; the text continues a sentence
whose subject is the section ("read_transistor ..."), or stands alone when raised by the file itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from pydantic_core import CoreSchema, core_schema

from spinpim.params.units import ACCEPTED_UNITS, accepted_units, likely_meant, to_si, written

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, populate_by_name=False)


class Quantity(BaseModel):
    """One number of a parameter file, with unit, spread and source.

    Attributes
    ----------
    value : float
        The number as written [unit].
    unit : str
        Laboratory unit as written; "1" for a pure number.
    sigma : float
        One standard deviation from device to device [unit]; 0 if absent.
    source : str
        Key of ``[sources]``; may be absent only where the status is "assumed".
    where : str
        Place in the source, or the reason for an assumption.
    status : str
        "measured", "fitted", "derived" or "assumed".
    """

    model_config = _STRICT

    value: float
    unit: str
    sigma: float = Field(default=0.0, description="One standard deviation from device to device, in unit.")
    source: str = Field(default="", description="A key of [sources]; needed unless assumed.")
    where: str = Field(default="", description="Place in the source, or the reason for an assumption.")
    status: Literal["measured", "fitted", "derived", "assumed"]

    _si: float = PrivateAttr(default=float("nan"))
    _sigma_si: float = PrivateAttr(default=0.0)

    @property
    def si(self) -> float:
        """The number in the SI unit of its key."""
        return self._si

    @property
    def sigma_si(self) -> float:
        """One standard deviation in the SI unit of its key; 0 if the file gives none."""
        return self._sigma_si

    @property
    def relative_sigma(self) -> float:
        """One standard deviation over the magnitude of the value [1]; 0 for a value of zero."""
        return self.sigma / abs(self.value) if self.value else 0.0

    @property
    def text(self) -> str:
        """The number as a person writes it, for example "1.1 MA/m"."""
        return written(self.value, self.unit)

    @model_validator(mode="after")
    def _spread_and_source_are_sound(self) -> Self:
        if self.sigma < 0.0:
            raise ValueError(f"has the negative sigma {self.sigma:g}; a standard deviation is 0 or more.")
        if self.value != 0.0 and self.sigma > abs(self.value):
            raise ValueError(
                f"has sigma {self.sigma:g}, larger than the value {self.value:g} itself; sigma is one "
                f"standard deviation in the unit of the value, not a percentage."
            )
        if self.status != "assumed" and not self.source:
            raise ValueError(
                f'is "{self.status}" but names no source; add source = "..." with a key of [sources], '
                f'or set status = "assumed".'
            )
        return self


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a key expects: unit and plausible range; made by `quantity`, placed in ``Annotated``."""

    unit: str
    low: float
    high: float
    description: str
    hint: str

    def __get_pydantic_core_schema__(
        self, source_type: Any, handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        """Convert and check after pydantic has read the number itself."""
        return core_schema.no_info_after_validator_function(self._converted, handler(source_type))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: Callable[[CoreSchema], dict[str, Any]]
    ) -> dict[str, Any]:
        """Describe unit and range in the published JSON Schema, which editors show while typing."""
        return {**handler(schema), "description": f"{self.description} {self.range_text}"}

    @property
    def customary_unit(self) -> str:
        """The unit people in this field write first."""
        return ACCEPTED_UNITS.get(self.unit, (self.unit,))[0]

    @property
    def range_text(self) -> str:
        """Accepted units and plausible range, as a phrase."""
        return f"[{accepted_units(self.unit)}], {self.low:g}..{self.high:g} {_named(self.unit)}".rstrip()

    def _converted(self, given: Quantity | None) -> Quantity | None:
        if given is None:
            return None
        try:
            value_si = to_si(given.value, given.unit, self.unit)
        except ValueError as mistake:
            raise ValueError(_with_hint(str(mistake), self.hint)) from None
        if not self.low <= value_si <= self.high:
            raise ValueError(self._implausible(given, value_si))
        converted = given.model_copy()
        converted._si = value_si
        converted._sigma_si = to_si(given.sigma, given.unit, self.unit)
        return converted

    def _implausible(self, given: Quantity, value_si: float) -> str:
        in_si = "" if given.unit == self.unit else f" ({written(float(f'{value_si:.4g}'), self.unit)})"
        text = (
            f"is {given.text}{in_si}, outside {self.low:g}..{self.high:g} {_named(self.unit)}".rstrip() + "."
        )
        guesses = likely_meant(given.value, given.unit, self.unit, self.low, self.high)
        if guesses:
            text += f" Did you mean {' or '.join(guesses)}?"
        return _with_hint(text, self.hint)


def quantity(unit: str, low: float, high: float, *, description: str, hint: str = "") -> Expectation:
    """Declare what a key expects, for use as ``Annotated[Quantity, quantity(...)]``.

    Parameters
    ----------
    unit : str
        Coherent SI unit of the key, a key of `spinpim.params.units.ACCEPTED_UNITS` where possible.
    low, high : float
        Plausible range [unit], both ends included. Wide enough for every honest device, narrow enough that
        a forgotten prefix falls outside.
    description : str
        What the number is, without unit and full stop; it goes to the JSON Schema and to the table in
        ``device_params/README.md``.
    hint : str
        A sentence added to errors about this key.

    Returns
    -------
    Expectation
        The marker for ``Annotated``. Optional keys are ``Annotated[Quantity | None, quantity(...)] = None``.

    Examples
    --------
    >>> quantity("K", 1, 700, description="Temperature").range_text
    '[K], 1..700 K'
    """
    return Expectation(unit, float(low), float(high), description, hint)


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """One number of a parameter file as reports list it.

    Attributes
    ----------
    key : str
        Section and key, for example "free_layer.damping".
    value_si, sigma_si : float
        Value and standard deviation [unit_si].
    unit_si : str
        SI unit.
    text : str
        The number as written in the file, for example "1.1 MA/m".
    source, where : str
        Citation text out of ``[sources]`` (empty where none is named) and the place in it.
    status : str
        "measured", "fitted", "derived" or "assumed".
    """

    key: str
    value_si: float
    unit_si: str
    sigma_si: float
    text: str
    source: str
    where: str
    status: str


class Section(BaseModel):
    """A table of a parameter file: quantities and, where needed, plain words; unknown keys are refused."""

    model_config = _STRICT

    @classmethod
    def expectations(cls) -> dict[str, Expectation]:
        """Return what each quantity of the section expects, in file order."""
        return {
            key: marker
            for key, field in cls.model_fields.items()
            for marker in field.metadata
            if isinstance(marker, Expectation)
        }

    def quantities(self) -> Iterator[tuple[str, Quantity, str]]:
        """Yield key, quantity and SI unit of every number that the file gives."""
        for key, expected in type(self).expectations().items():
            given = getattr(self, key)
            if given is not None:
                yield key, given, expected.unit


class ParameterFile(BaseModel):
    """A whole parameter file: name, title, sources, and the sections that a subclass declares.

    Attributes
    ----------
    name, title : str
        Short name (the file's stem) and one line for people.
    sources : dict of str to str
        Citation text by key.
    """

    model_config = _STRICT
    kind: ClassVar[str]

    schema_name: str = Field(alias="schema")
    name: str = Field(min_length=1, max_length=80)
    title: str = Field(min_length=1, max_length=200)
    sources: dict[str, str] = Field(default_factory=dict)

    _path: Path = PrivateAttr(default=Path())
    _text: str = PrivateAttr(default="")

    @property
    def path(self) -> Path:
        """The file this was read from."""
        return self._path

    @property
    def text(self) -> str:
        """The file's whole text, kept beside results so that they stay self-describing."""
        return self._text

    @property
    def assumed_count(self) -> int:
        """How many of the numbers have the status "assumed"."""
        return sum(record.status == "assumed" for record in self.records())

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Yield name and content of every section that the file gives."""
        for key in type(self).model_fields:
            content = getattr(self, key)
            if isinstance(content, Section):
                yield key, content

    def records(self) -> tuple[ParameterRecord, ...]:
        """Return every number of the file with its source, in file order.

        Returns
        -------
        tuple of ParameterRecord
            One record per number given; absent optional keys have none.
        """
        return tuple(
            ParameterRecord(
                key=f"{section}.{key}",
                value_si=given.si,
                unit_si=unit,
                sigma_si=given.sigma_si,
                text=given.text,
                source=self.sources.get(given.source, ""),
                where=given.where,
                status=given.status,
            )
            for section, content in self.sections()
            for key, given, unit in content.quantities()
        )

    @model_validator(mode="after")
    def _every_source_is_listed(self) -> Self:
        unlisted = [
            f'{section}.{key} names the source "{given.source}", which is not a key of [sources]; '
            f"listed are: {', '.join(self.sources) or 'none'}."
            for section, content in self.sections()
            for key, given, _ in content.quantities()
            if given.source and given.source not in self.sources
        ]
        if unlisted:
            raise ValueError("\n".join(unlisted))
        return self


def schema_name_of(model: type[ParameterFile]) -> str:
    """Return the schema line of a kind of file.

    Parameters
    ----------
    model : type of ParameterFile
        The kind of file.

    Returns
    -------
    str
        For example "spinpim-device/1".
    """
    accepted = get_args(model.model_fields["schema_name"].annotation)
    return str(accepted[0]) if accepted else ""


def _named(unit: str) -> str:
    return "" if unit == "1" else unit


def _with_hint(text: str, hint: str) -> str:
    return f"{text} ({hint})" if hint else text
